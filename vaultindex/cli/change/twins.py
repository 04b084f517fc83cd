"""The same ask in other notes: what is done, accepted or rejected once is offered for the others, never done in silence."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.same_ask import fold_asks
from vaultindex.ask.where import LEFT_OUT
from vaultindex.base.text import safe
from vaultindex.cli.change.apply import Desk
from vaultindex.cli.change.pick import Row
from vaultindex.render.phrases import count, name_of

_MOST = 2_000  # tasks of one owner that are compared


def twin_option(function: Any) -> Any:
    """--twins and --no-twins."""
    return click.option(
        "--twins/--no-twins",
        default=None,
        help="Also the same ask in other notes, or not; asked on a terminal.",
    )(function)


def with_twins(
    at: Desk, ids: Sequence[str], rows: list[Row], state: str, wanted: bool | None, quiet: bool, verb: str
) -> list[Row]:
    """The rows, and the tasks of this state in other notes that ask the same, when the person wants them too.

    Only for tasks that were named one by one. `quiet`: never ask, say how they can be had.
    """
    if not ids or wanted is False or len(rows) > 10:
        return rows
    known = {(row["path"], row["line"]) for row in rows}
    found: dict[tuple[str, int], Row] = {}
    for row in rows:
        for twin in _twins(at, row, state):
            if (twin["path"], twin["line"]) not in known:
                found[twin["path"], twin["line"]] = twin
    if not found:
        return rows
    others = sorted(found.values(), key=lambda row: (row["note_date"] or "", row["path"]))
    one = "task asks" if len(others) == 1 else "tasks ask"
    said = f"{len(others)} other {one} the same"
    if wanted is None:
        if quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
            at.app.notes.append(f"{said} in other notes: --twins")
            return rows
        for row in others:
            click.echo(f"  {safe(row['text'])}  ({safe(name_of(row))})", err=True)
        if not click.confirm(f"{said}: {verb} {'it' if len(others) == 1 else 'them'}, too?", err=True):
            return rows
    at.app.notes.append(f"with {count(len(others), 'twin')} in other notes")
    return [*rows, *others]


def _twins(at: Desk, row: Row, state: str) -> list[Row]:
    """Tasks of the same owner and state in other notes with nearly the same words, from the index of owners."""
    standing = {"proposed": 0, "open": 1}[state]
    conn: sqlite3.Connection = at.conn
    sql = f"""SELECT o.rowid FROM tasks t JOIN tasks o ON o.person_key = t.person_key WHERE t.id = ? AND o.standing = ?
 AND o.note <> t.note AND o.note NOT IN {LEFT_OUT} LIMIT ?"""
    keys = [key for (key,) in conn.execute(sql, (row["id"], standing, _MOST))]
    if row["owner_person"] is None:  # nobody's: only the very same words
        sql = f"""SELECT o.rowid FROM tasks o JOIN notes n ON n.id = o.note WHERE o.text = ? AND o.person_key IS NULL
 AND o.standing = ? AND n.path <> ? AND o.note NOT IN {LEFT_OUT} LIMIT ?"""
        keys = [key for (key,) in conn.execute(sql, (row["text"], standing, row["path"], _MOST))]
    near = _like(conn, row, keys)
    others = ask.of_rowids(conn, near, at.app.today, at.app.config.get("me"))
    group = next(one for one in fold_asks([row, *others]) if any(r is row for r in one.rows))
    return [one for one in group.rows if one is not row]


def _like(conn: sqlite3.Connection, row: Row, keys: list[int]) -> list[int]:
    """Those of these tasks that share words enough with a task to be looked at with all their fields."""
    from vaultindex.ask.tasks.similar import likeness, words

    mine = words(row["text"])
    text = " ".join(row["text"].casefold().split())
    sql = "SELECT t.rowid, t.text FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value"
    return [
        key
        for key, other in conn.execute(sql, (json.dumps(keys),))
        if likeness(mine, words(other), True) or " ".join(other.casefold().split()) == text
    ]
