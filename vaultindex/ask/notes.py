"""Notes, decisions, people, accounts, and the full-text search."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold
from vaultindex.dates.ranges import Range

Row = dict[str, Any]


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

    def account(self, conn: sqlite3.Connection, name: str | None) -> None:
        """The note belongs to this account. Raises UnknownName."""
        if name:
            self.keys("n.account_key", names.account(conn, name).keys)

    def person(self, conn: sqlite3.Connection, name: str | None) -> None:
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


# "+" keeps SQLite on the index of the note: there are few tasks in a note, and many of a state.
_NOTE = """SELECT n.path, n.title, n.type, n.date, n.account, n.project, n.person, n.participants, n.source, n.source_ref,
 n.tags, n.aliases, n.words,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id) AS tasks,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'open') AS open_tasks,
 (SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'proposed') AS proposed,
 (SELECT count(*) FROM decisions d WHERE d.note = n.id) AS decisions,
 (SELECT count(*) FROM links l WHERE l.note = n.id) AS links,
 f.mtime_ns AS mtime, n.id AS problems FROM notes n JOIN files f ON f.id = n.id"""


def notes(
    conn: sqlite3.Connection,
    *,
    words: tuple[str, ...] = (),
    type: str | None = None,
    account: str | None = None,
    person: str | None = None,
    tag: str | None = None,
    when: Range | None = None,
    no_actions: bool = False,
    excluded: bool = False,
    limit: int | None = None,
    path: str | None = None,
) -> list[Row]:
    """Notes with their counts, newest first. Raises UnknownName for a wrong account or person."""
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
        where.add("n.id IN (SELECT note FROM tags WHERE key = ? OR key LIKE ? || '/%')", *[tag.lstrip("#").lower()] * 2)
    where.range("n.date", when)
    if no_actions:
        where.add("NOT EXISTS (SELECT 1 FROM tasks t WHERE t.note = n.id)")
    sql = f"{_NOTE}{where} ORDER BY n.date IS NULL, n.date DESC, n.path" + (" LIMIT ?" if limit is not None else "")
    rows = _rows(conn.execute(sql, (*where.values, *([limit] if limit is not None else []))))
    found, known = [], names.shown_accounts(conn)
    for row in rows:
        _unpack(row, ("participants", "tags", "aliases"))
        row["account"] = _account(known, row["account"])
        row["mtime"] = _time(row["mtime"])
        row["problems"] = [
            w for (w,) in conn.execute("SELECT what FROM problems WHERE file = ? ORDER BY line", (row["problems"],))
        ]
        found.append(row)
    return found


def _time(mtime_ns: int) -> str:
    import datetime

    return datetime.datetime.fromtimestamp(mtime_ns / 1e9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _account(known: dict[str, tuple[str, str]], name: str | None) -> str | None:
    return known.get(fold(name), (name, ""))[0] if name else None


def _rows(cursor: sqlite3.Cursor) -> Iterator[Row]:
    fields = [c[0] for c in cursor.description]
    for row in cursor:
        yield dict(zip(fields, row))


def _unpack(row: Row, fields: tuple[str, ...]) -> None:
    for field in fields:
        row[field] = json.loads(row[field]) if row[field] != "[]" else []


_DECISION = """SELECT d.id, n.path, d.line, d.text, d.date, n.account, n.project, n.participants,
 n.title AS note_title, n.type AS note_type, d.links, d.tags, d.heading FROM decisions d JOIN notes n ON n.id = d.note"""


def decisions(
    conn: sqlite3.Connection,
    *,
    words: tuple[str, ...] = (),
    account: str | None = None,
    person: str | None = None,
    note: str | None = None,
    when: Range | None = None,
    excluded: bool = False,
    limit: int | None = None,
) -> list[Row]:
    """Decisions, newest first, in the order of their note. Raises UnknownName for a wrong name."""
    where = Where()
    if not excluded:
        where.add("n.excluded IS NULL")
    where.words(("d.text",), words)
    where.account(conn, account)
    where.person(conn, person)
    if note:
        where.add("n.id = ?", names.note(conn, note)[0])
    where.range("d.date", when)
    sql = f"{_DECISION}{where} ORDER BY d.date IS NULL, d.date DESC, n.path, d.line" + (
        " LIMIT ?" if limit is not None else ""
    )
    known = names.shown_accounts(conn)
    found = []
    for row in _rows(conn.execute(sql, (*where.values, *([limit] if limit is not None else [])))):
        _unpack(row, ("participants", "links", "tags"))
        row["account"] = _account(known, row["account"])
        found.append(row)
    return found


def people(conn: sqlite3.Connection, when: Range | None = None, me: Sequence[str] = ()) -> list[Row]:
    """Everybody the notes name: meetings together, last one, open tasks they own; most met first."""
    met: dict[str, list[Any]] = {}
    where = Where()
    where.range("n.date", when)
    nobody = {"tbd", *(fold(name.lstrip("@")) for name in me)}  # an owner that is no person beside you
    every = [c for c in names.candidates(conn, "person") if c.note is not None or c.key not in nobody]
    owner_of = _who(every)
    sql = f"SELECT DISTINCT p.key, p.note, n.date FROM people p JOIN notes n ON n.id = p.note{where}"
    for key, note, date in conn.execute(sql, where.values):
        met.setdefault(owner_of.get(key, key), []).append((note, date))
    owned: dict[str, int] = {}
    for key, number in conn.execute(
        "SELECT person_key, count(*) FROM tasks t JOIN notes n ON n.id = t.note WHERE person_key IS NOT NULL AND n.excluded IS NULL"
        " AND state IN ('open', 'proposed') GROUP BY person_key"
    ):
        who = owner_of.get(key, key)
        owned[who] = owned.get(who, 0) + number
    rows: list[Row] = []
    for c in every:
        notes_met = dict(met.get(c.key, ()))
        dates = [d for d in notes_met.values() if d]
        if notes_met or (when is None and (owned.get(c.key) or c.note is not None)):
            rows.append(
                {
                    "name": c.name,
                    "note": c.path,
                    "aliases": list(c.aliases),
                    "meetings": len(notes_met),
                    "last": max(dates, default=None),
                    "open_tasks": owned.get(c.key, 0),
                }
            )
    rows.sort(key=lambda r: (-r["meetings"], -r["open_tasks"], fold(r["name"])))
    return rows


def _who(every: list[names.Candidate]) -> dict[str, str]:
    """Folded name or alias -> the key of the one candidate that has it."""
    uses: dict[str, set[str]] = {}
    for c in every:
        for key in (c.key, *c.aliases):
            uses.setdefault(key, set()).add(c.key)
    return {key: next(iter(owners)) for key, owners in uses.items() if len(owners) == 1}


def accounts(conn: sqlite3.Connection, when: Range | None = None) -> list[Row]:
    """Every account: notes, last one, open and proposed tasks, decisions; the latest first."""
    every = names.candidates(conn, "account")
    owner_of = _who(every)
    totals: dict[str, list[Any]] = {}
    where = Where()
    where.add("n.account_key IS NOT NULL")
    where.add("n.excluded IS NULL")
    where.range("n.date", when)
    sql = f"""SELECT n.account_key, count(*), max(n.date),
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'open')),
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND +t.state = 'proposed')),
 sum((SELECT count(*) FROM decisions d WHERE d.note = n.id)) FROM notes n{where} GROUP BY n.account_key"""
    for key, number, last, still_open, proposed, decided in conn.execute(sql, where.values):
        t = totals.setdefault(owner_of.get(key, key), [0, "", 0, 0, 0])
        t[0] += number
        t[1] = max(t[1], last or "")
        t[2] += still_open
        t[3] += proposed
        t[4] += decided
    rows = [
        {
            "name": c.name,
            "note": c.path,
            "aliases": list(c.aliases),
            "notes": t[0],
            "last": t[1] or None,
            "open_tasks": t[2],
            "proposed": t[3],
            "decisions": t[4],
        }
        for c, t in ((c, totals[c.key]) for c in every if c.key in totals)
    ]
    rows.sort(key=lambda r: (r["last"] or "", r["notes"]), reverse=True)
    return rows


def search(
    conn: sqlite3.Connection, query: str, *, account: str | None = None, title: bool = False, limit: int = 20
) -> list[Row]:
    """Notes that hold all the words (a phrase in quotes holds together), best first, with the line that fits best."""
    terms = search_terms(query)
    if not terms:
        raise UsageError('nothing to search for: give words, or a "phrase in quotes"')
    match = " ".join('"' + t.replace('"', '""') + '"' + ("*" if star else "") for t, star in terms)
    where = Where()
    where.add("search MATCH ?", f"{{title}} : ({match})" if title else match)
    where.add("n.excluded IS NULL")
    where.account(conn, account)
    sql = f"""SELECT n.path, n.title AS note_title, n.date AS note_date, n.account, plain(b.body) AS body FROM search
 JOIN notes n ON n.id = search.rowid JOIN bodies b ON b.id = n.id{where} ORDER BY bm25(search, 5.0, 1.0) LIMIT ?"""
    known = names.shown_accounts(conn)
    found = []
    for row in _rows(conn.execute(sql, (*where.values, limit))):
        line, text = _best_line(row.pop("body"), [fold(t) for t, _ in terms])
        row["account"] = _account(known, row["account"])
        found.append({"path": row["path"], "line": line, "text": text, **{k: v for k, v in row.items() if k != "path"}})
    return found


def search_terms(query: str) -> list[tuple[str, bool]]:
    """(text, is a prefix) of each word or quoted phrase; only letters and digits carry meaning."""
    found = []
    for phrase, word in re.findall(r'"([^"]*)"?|(\S+)', query):
        text = phrase or word.rstrip("*")
        if any(c.isalnum() for c in text):
            found.append((text, bool(word) and word.endswith("*")))
    return found


def _best_line(body: str, terms: list[str]) -> tuple[int, str]:
    best = (0, 1, "")
    for number, line in enumerate(body.split("\n"), 1):
        folded = fold(line)
        hits = sum(t in folded for t in terms)
        if hits > best[0]:
            best = (hits, number, line.strip())
            if hits == len(terms):
                break
    return best[1], best[2]
