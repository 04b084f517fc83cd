"""Rows that notes list: decisions, facts, and the kinds that the settings add."""

from __future__ import annotations

import datetime
import json
import sqlite3
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.replaced import replaced
from vaultindex.ask.where import LEFT_OUT, Row, Where, dictionaries, shown_account, unpack
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.text import did_you_mean, fold
from vaultindex.dates.ranges import Range, option_range

FIELDS = (
    "id", "path", "line", "text", "date", "account", "project", "participants", "note_title", "note_type", "links", "tags",
    "heading", "status",
)  # fmt: skip

FALLEN = ("superseded", "rejected", "deprecated")  # what a note says of a decision that does not stand any more


def kinds(conn: sqlite3.Connection) -> list[Row]:
    """Every kind of row that can be listed: `kind`, `rows` (how many there are in listed notes), `help`."""
    return [{"kind": kind["name"], "rows": _count(conn, kind), "help": kind["help"]} for kind in _known(conn)]


def last_day(said: str, today: str) -> str:
    """The day that `as_of` means as it is said: of 'last month' its end. Raises UsageError."""
    end = option_range(said, datetime.date.fromisoformat(today)).end
    if end is None:
        raise UsageError(f"--as-of takes a day, not {said!r}")
    return end


def rows(conn: sqlite3.Connection, kind: str, *, limit: int | None = None, **asked: Any) -> list[Row]:
    """The rows of one kind, newest note first, in the order of their note; what can be asked for are the keywords of `_where`.

    Raises UnknownName for a wrong name or kind.
    """
    one = _kind(conn, kind)
    columns = set(one["columns"])
    date = "r.date" if "date" in columns else "n.date"
    where = _where(conn, one, **asked)
    own = ", ".join(
        f"r.{name} AS {name}" if name in columns else f"{empty} AS {name}"
        for name, empty in (
            ("id", "NULL"),
            ("links", "'[]'"),
            ("tags", "'[]'"),
            ("heading", "NULL"),
            ("status", "NULL"),
        )
    )
    sql = f"""SELECT r.rowid AS at, n.path, r.line, r.text, {date} AS date, n.account, n.project, n.participants, n.title AS note_title,
 n.type AS note_type, {own} FROM {one["table"]} r JOIN notes n ON n.id = r.note{where}
 ORDER BY {date} DESC, n.path, r.line""" + (" LIMIT ?" if limit is not None else "")
    known = names.shown_accounts(conn)
    fallen = replaced(conn) if "supersedes" in columns else {}
    found = []
    for row in dictionaries(conn.execute(sql, (*where.values, *([limit] if limit is not None else [])))):
        if row["at"] in fallen:
            row["status"] = "superseded"
        unpack(row, ("participants", "links", "tags"))
        row["account"] = shown_account(known, row["account"])
        found.append({field: row[field] for field in FIELDS})
    return found


def count(conn: sqlite3.Connection, kind: str, **asked: Any) -> int:
    """How many rows `rows` gives without a limit; no row of a note is looked at unless a condition asks for it."""
    one = _kind(conn, kind)
    where = _where(conn, one, **asked)
    of_notes = ("account", "person", "note", *(() if "date" in one["columns"] else ("when", "as_of")))
    join = " JOIN notes n ON n.id = r.note" if any(map(asked.get, of_notes)) else ""
    return int(conn.execute(f"SELECT count(*) FROM {one['table']} r{join}{where}", where.values).fetchone()[0])


def by_month(conn: sqlite3.Connection, kind: str) -> list[tuple[str, int, int]]:
    """(YYYY-MM, rows, different accounts) of each month that has rows, the first month first; rows without a date are left out."""
    one = _kind(conn, kind)
    date = "r.date" if "date" in one["columns"] else "n.date"
    where = _where(conn, one)
    where.add(f"{date} IS NOT NULL")
    sql = f"""SELECT substr({date}, 1, 7), count(*), count(DISTINCT n.account_key) FROM {one["table"]} r JOIN notes n ON n.id = r.note{where}
 GROUP BY 1 ORDER BY 1"""
    return list(conn.execute(sql, where.values))


def _where(
    conn: sqlite3.Connection,
    one: dict[str, Any],
    *,
    words: tuple[str, ...] = (),
    account: str | names.Entity | None = None,
    person: str | names.Entity | None = None,
    note: str | None = None,
    when: Range | None = None,
    as_of: str | None = None,
    excluded: bool = False,
) -> Where:
    """The conditions on rows `r` of this kind and on their notes `n`.

    `as_of` (a date): what stood on that day: not younger, and not superseded or rejected as its note says, or as another
    one says that was there by then.
    """
    columns = set(one["columns"])
    where = Where()
    if "kind" in columns:
        where.add("r.kind = ?", one["name"])
    if not excluded:
        where.add(f"r.note NOT IN {LEFT_OUT}")
    where.words(("r.text",), words)
    where.account(conn, account)
    where.person(conn, person)
    if note:
        where.add("n.id = ?", names.note(conn, note)[0])
    date = "r.date" if "date" in columns else "n.date"
    where.range(date, when)
    if as_of is not None:
        where.add(f"{date} <= ?", as_of)
        if "status" in columns:
            where.add(f"ifnull(r.status, '') NOT IN ({', '.join(map(repr, FALLEN))})")
        if "supersedes" in columns:
            where.add("r.rowid NOT IN (SELECT value FROM json_each(?))", json.dumps([*replaced(conn, as_of)]))
    return where


def _known(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """The kinds as they were when the index was made: name, table, columns, help."""
    found: list[dict[str, Any]] = json.loads(conn.execute("SELECT value FROM meta WHERE key = 'kinds'").fetchone()[0])
    return found


def _kind(conn: sqlite3.Connection, name: str) -> dict[str, Any]:
    known = _known(conn)
    key = fold(name)
    for kind in known:
        if key in (fold(kind["name"]), fold(kind["name"]).removesuffix("s")):
            return kind
    shown = [str(kind["name"]) for kind in known]
    hint = did_you_mean(name, shown, f" Kinds: {', '.join(shown)}.")
    raise UnknownName(f"no kind of row is called {name!r}.{hint} Add one in the settings: [rows.{key or 'risks'}]")


def _count(conn: sqlite3.Connection, kind: dict[str, Any]) -> int:
    where = _where(conn, kind)
    return int(conn.execute(f"SELECT count(*) FROM {kind['table']} r{where}", where.values).fetchone()[0])
