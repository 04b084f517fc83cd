"""Notes, newest first, with what is open in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.where import Row, Where, dictionaries, shown_account, unpack
from vaultindex.base.errors import UnknownName
from vaultindex.base.text import did_you_mean
from vaultindex.dates.ranges import Range

# "+" keeps SQLite on the index of the note: there are few tasks in a note, and many of a state.
_NOTE = """SELECT n.path, n.title, n.type, n.date, n.account, n.project, n.person, n.participants, n.source, n.source_ref,
 n.tags, n.aliases, n.words,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id) AS tasks,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'open') AS open_tasks,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'proposed') AS proposed,
 (SELECT count(*) FROM decisions d WHERE d.note = n.id) AS decisions,
 (SELECT count(*) FROM links l WHERE l.note = n.id) AS links,
 f.mtime_ns AS mtime, n.id AS problems FROM notes n JOIN files f ON f.id = n.id"""


def notes(conn: sqlite3.Connection, *, limit: int | None = None, **asked: Any) -> list[Row]:
    """Notes with their counts, newest first; what can be asked for are the keywords of `_where`.

    Raises UnknownName for a wrong account, person or type.
    """
    where = _where(conn, **asked)
    sql = f"{_NOTE}{where} ORDER BY n.date DESC, n.path" + (" LIMIT ?" if limit is not None else "")
    rows = dictionaries(conn.execute(sql, (*where.values, *([limit] if limit is not None else []))))
    if asked.get("type"):
        _known_type(conn, asked["type"])
    found, known = [], names.shown_accounts(conn)
    for row in rows:
        unpack(row, ("participants", "tags", "aliases"))
        row["account"] = shown_account(known, row["account"])
        row["mtime"] = _time(row["mtime"])
        row["problems"] = [
            w for (w,) in conn.execute("SELECT what FROM problems WHERE file = ? ORDER BY line", (row["problems"],))
        ]
        found.append(row)
    return found


def whole(conn: sqlite3.Connection, path: str, today: str, me: Sequence[str]) -> Row:
    """The note at this path with all that stands in it: `task_rows`, `decision_rows`, `link_rows`, `backlinks`."""
    from vaultindex.ask import links, rows
    from vaultindex.ask.tasks import lists

    return {
        **notes(conn, path=path)[0],
        "task_rows": lists.of_note(conn, path, today, me),
        "decision_rows": rows.rows(conn, "decisions", note=path, excluded=True),
        "link_rows": links.links(conn, path),
        "backlinks": links.backlinks(conn, path)[1],
    }


def count(conn: sqlite3.Connection, **asked: Any) -> int:
    """How many notes `notes` gives without a limit."""
    where = _where(conn, **asked)
    return int(conn.execute(f"SELECT count(*) FROM notes n{where}", where.values).fetchone()[0])


def _where(
    conn: sqlite3.Connection,
    *,
    words: tuple[str, ...] = (),
    type: str | None = None,
    account: str | None = None,
    person: str | None = None,
    tag: str | None = None,
    when: Range | None = None,
    no_actions: bool = False,
    meetings: bool = False,
    excluded: bool = False,
    path: str | None = None,
) -> Where:
    """The conditions on notes `n`."""
    where = Where()
    if path is not None:
        where.add("n.path = ?", path)
    elif not excluded:
        where.add("n.excluded IS NULL")
    where.words(("n.title", "n.path"), words)
    if type:
        where.add("lower(n.type) = lower(?)", type)
    where.account(conn, account)
    where.person(conn, person)
    if tag:
        key = names.tag(conn, tag).strip().lstrip("#").rstrip("/").lower()
        where.add("n.id IN (SELECT note FROM tags WHERE key = ? OR key LIKE ? || '/%')", key, key)
    where.range("n.date", when)
    if meetings:
        from vaultindex.ask.pages.contact import MEETING

        where.add(MEETING)
    if no_actions:
        where.add("NOT EXISTS (SELECT 1 FROM tasks t WHERE t.note = n.id)")
    return where


def _known_type(conn: sqlite3.Connection, type: str) -> None:
    """Raises UnknownName when no note of the vault has this type."""
    if conn.execute("SELECT 1 FROM notes WHERE lower(type) = lower(?) LIMIT 1", (type,)).fetchone():
        return
    known = [
        t
        for (t,) in conn.execute(
            "SELECT type FROM notes WHERE type IS NOT NULL GROUP BY lower(type) ORDER BY count(*) DESC"
        )
    ]
    hint = did_you_mean(type, known, f" Types: {', '.join(known[:8])}." if known else "")
    raise UnknownName(f"no note has the type {type!r}.{hint}")


def _time(mtime_ns: int) -> str:
    import datetime

    return datetime.datetime.fromtimestamp(mtime_ns / 1e9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
