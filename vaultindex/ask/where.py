"""Conditions on notes that several questions share, and rows as dictionaries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from vaultindex.ask import names
from vaultindex.base.text import fold
from vaultindex.dates.ranges import Range

Row = dict[str, Any]
LEFT_OUT = "(SELECT n.id FROM notes n WHERE n.excluded IS NOT NULL)"  # notes that no list shows by default


class Where:
    """Conditions joined by AND, with their parameters."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, clause: str, *values: Any) -> None:
        """One more condition."""
        self.parts.append(clause)
        self.values += values

    def keys(self, column: str, keys: frozenset[str]) -> None:
        """The column is one of these folded names."""
        self.add(f"{column} IN ({','.join('?' * len(keys))})", *sorted(keys))

    def range(self, column: str, when: Range | None) -> None:
        """The column's date lies in the range; an open end is no limit."""
        if when is None:
            return
        if when.start is not None:
            self.add(f"{column} >= ?", str(when.start))
        if when.end is not None:
            self.add(f"{column} <= ?", str(when.end))

    def account(self, conn: sqlite3.Connection, name: str | names.Entity | None) -> None:
        """The note belongs to this account. Raises UnknownName."""
        if name:
            self.keys("n.account_key", names.account(conn, name).keys)

    def person(self, conn: sqlite3.Connection, name: str | names.Entity | None) -> None:
        """The person took part. Raises UnknownName."""
        if name:
            keys = names.person(conn, name).keys
            marks = ",".join("?" * len(keys))
            self.add(f"n.id IN (SELECT note FROM people WHERE key IN ({marks}))", *sorted(keys))

    def words(self, columns: tuple[str, ...], words: tuple[str, ...]) -> None:
        """Each word stands in one of the columns, as plain text, case ignored."""
        for word in words:
            like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            self.add("(" + " OR ".join(f"{c} LIKE ? ESCAPE '\\'" for c in columns) + ")", *[like] * len(columns))

    def __str__(self) -> str:
        return " WHERE " + " AND ".join(self.parts) if self.parts else ""


def shown_account(known: dict[str, tuple[str, str]], name: str | None) -> str | None:
    """The name to show for an account as a note gives it; `known` is `names.shown_accounts`."""
    return known.get(fold(name), (name, ""))[0] if name else None


def dictionaries(cursor: sqlite3.Cursor) -> Iterator[Row]:
    """The rows of a query, their columns by name."""
    fields = [c[0] for c in cursor.description]
    for row in cursor:
        yield dict(zip(fields, row))


def unpack(row: Row, fields: tuple[str, ...]) -> None:
    """Turn these JSON lists of a row into lists."""
    for field in fields:
        row[field] = json.loads(row[field]) if row[field] != "[]" else []
