"""Whose a task is: mine, theirs, or nobody's; and lists of tasks for a page, by the same options as `vi tasks`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.base.nobody import is_nobody
from vaultindex.base.text import fold

Row = dict[str, Any]


class Asker:
    """Who asks a page, of which index, on which day: what every page needs.

    `me` are the owner names that mean the person who asks, as the setting has them.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        today: str,
        me: Sequence[str],
        only: Sequence[str] | None = None,
        keep: Mapping[str, str] | None = None,
    ) -> None:
        """`only` are the fields of tasks that a page needs; by default all of the contract. `keep`: tag -> how often people
        and accounts with it are to be met, as the setting `keep_in_touch` has it."""
        self.conn, self.today, self.me, self.only, self.keep = conn, today, tuple(me), only, keep or {}
        self.my_keys = frozenset(fold(name.lstrip("@")) for name in me)

    def found(self, sort: Sequence[str] = lists.DEFAULT_SORT, limit: int | None = None, **options: Any) -> lists.Found:
        """The tasks that `vi tasks` lists for these options, in this order; with all fields once they are looked at."""
        nodes, _ = build(self.conn, options, self.today, self.me)
        return lists.select(self.conn, nodes, today=self.today, me=self.me, sort=sort, limit=limit, only=self.only)

    def tasks(self, sort: Sequence[str] = lists.DEFAULT_SORT, limit: int | None = None, **options: Any) -> list[Row]:
        """The same as dictionaries."""
        return list(self.found(sort, limit, **options))

    def count(self, **options: Any) -> int:
        """How many tasks `vi tasks` lists for these options."""
        nodes, _ = build(self.conn, options, self.today, self.me)
        return sum(lists.count(self.conn, nodes, self.today).values())

    def of(self, rowids: Sequence[int]) -> list[Row]:
        """The tasks with these rowids, in this order."""
        return list(lists.Found(self.conn, rowids, self.today, self.me, only=self.only))

    def side(self, row: Row) -> str:
        """'mine', 'theirs' or 'nobodys'."""
        if row["mine"]:
            return "mine"
        owner = row["owner_person"]
        return "theirs" if owner and not is_nobody(fold(owner)) else "nobodys"


def sides(rows: Sequence[Row], asker: Asker) -> dict[str, list[Row]]:
    """The rows by side, each side in their order."""
    found: dict[str, list[Row]] = {"mine": [], "theirs": [], "nobodys": []}
    for row in rows:
        found[asker.side(row)].append(row)
    return found
