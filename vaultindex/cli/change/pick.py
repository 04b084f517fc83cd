"""Which tasks a command means: ids, `path:line`, rows of the last list in this terminal, or filters; never a guess.

An id is made of a note's path and a text, so that it holds still. What a person typed may still come from a list that is
older than the index: then the task must be the one that was listed, or the command refuses.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from vaultindex.ask.tasks import lists as ask
from vaultindex.base.errors import ChangedError, UnknownName, UsageError
from vaultindex.base.ids import make_id
from vaultindex.cli.app import App
from vaultindex.state import journal as state
from vaultindex.state.journal import Journal, Shown

Row = dict[str, Any]
_MOST_TWINS = 50


def remember(app: App, conn: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Remember that these rows were printed on this terminal, so that their numbers and ids mean them. Never makes a list fail."""
    where = state.terminal()
    if where is None:
        return
    from vaultindex.base.errors import VaultError

    try:
        with Journal(state.state_file(app.env, app.root, app.config), app.root) as journal:
            journal.remember(
                (Shown(r["id"], r["path"], r["line"], r["raw"], twins(conn, r["path"], r["text"])) for r in rows), where
            )
    except (VaultError, sqlite3.Error) as error:
        app.notes.append(f"row numbers of this list are not kept: {error}")


def twins(conn: sqlite3.Connection, path: str, text: str) -> int:
    """How many tasks of the note have this text: their ids differ by a number only."""
    key = " ".join(text.casefold().split())
    count = 0
    while (
        count < _MOST_TWINS
        and conn.execute("SELECT 1 FROM tasks WHERE id = ?", (make_id(path, key, count + 1),)).fetchone()
    ):
        count += 1
    return count


def choose(
    app: App, conn: sqlite3.Connection, journal: Journal, ids: Sequence[str], given: dict[str, Any], **default: Any
) -> list[Row]:
    """The tasks meant by the ids, or by the filters when there are none; `default` filters hold unless states are given.

    Raises UsageError, UnknownName (no such task, or several), ChangedError (not the one that was listed).
    """
    asked = {name: value for name, value in given.items() if value}
    me = app.config.get("me")
    if ids:
        if asked:
            raise UsageError("give ids, or options that choose tasks; not both")
        places = list(dict.fromkeys(place_of(conn, journal, text) for text in ids))
        keys = [_rowid(conn, path, line) for path, line in places]
        return ask.of_rowids(conn, keys, app.today, me)
    if not asked:
        raise UsageError("which tasks? Give ids (the first column of vi tasks), or options that choose them")
    from vaultindex.ask.tasks.options import build

    if not any(asked.get(name) for name in ("open", "proposed", "done", "cancelled", "all", "done_on")):
        asked = {**asked, **default}
    nodes, _ = build(conn, asked, app.today, me)
    found = ask.select(conn, nodes, today=app.today, me=me, sort=("path",))
    return list(
        {(row["path"], row["line"]): row for row in found}.values()
    )  # two boxes on a line are one line to change


def _rowid(conn: sqlite3.Connection, path: str, line: int) -> int:
    sql = "SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ? AND t.line = ?"
    return int(conn.execute(sql, (path, line)).fetchone()[0])


def place_of(conn: sqlite3.Connection, journal: Journal, text: str) -> tuple[str, int]:
    """(path, line) of the task that a typed word means now."""
    where = state.terminal()
    if text.isdecimal():
        rows = journal.last_list(where)
        if not rows:
            raise UnknownName(f"row {text} of which list? There is none in this terminal yet: vi tasks")
        if not 1 <= int(text) <= len(rows):
            raise UnknownName(f"the last list in this terminal has {len(rows)} rows, not {text}")
        shown = rows[int(text) - 1]
        if not shown.id:
            raise UnknownName(f"row {text} of the last list here is no task: that list came from vi {shown.path}")
        return _still(conn, shown)
    key = text.lower()
    if key.isalnum():
        for rows in journal.lists(where):
            found = {row.id: row for row in rows if row.id and row.id.startswith(key)}
            if len(found) == 1:
                return _still(conn, next(iter(found.values())))
            if found:
                break
    return ask.by_id(conn, text)


def _still(conn: sqlite3.Connection, shown: Shown) -> tuple[str, int]:
    """Where the listed task stands now. Raises ChangedError when it cannot be told for certain."""
    sql = "SELECT n.path, t.line, t.raw, t.text FROM tasks t JOIN notes n ON n.id = t.note WHERE "
    row = conn.execute(sql + "t.id = ?", (shown.id,)).fetchone()
    if row is None:
        raise ChangedError(
            f"{shown.path}:{shown.line} changed since it was listed (its text, or its note's name): list again"
        )
    path, line, raw, text = row
    if twins(conn, path, text) != shown.twins:
        raise ChangedError(
            f"{path} has another number of tasks with the text {text!r} than when it was listed: list again"
        )
    if shown.twins == 1 or raw == shown.raw:
        return path, line
    same = conn.execute(sql + "n.path = ? AND t.raw = ?", (path, shown.raw)).fetchall()
    if len(same) != 1:
        raise ChangedError(f"{path} has several tasks with the text {text!r}, and they changed: list again")
    return same[0][0], same[0][1]
