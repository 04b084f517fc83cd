"""Everybody the notes name, and every account with its open work."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.tasks.lists import LEFT_OUT
from vaultindex.ask.where import Row, Where
from vaultindex.base.text import fold
from vaultindex.dates.ranges import Range
from vaultindex.extract.tasks import STATES


def people(conn: sqlite3.Connection, when: Range | None = None, me: Sequence[str] = ()) -> list[Row]:
    """Everybody the notes name: meetings together, last one, open tasks they own; most met first."""
    nobody = {"tbd", *(fold(name.lstrip("@")) for name in me)}  # an owner that is no person beside you
    every = [c for c in names.candidates(conn, "person") if c.note is not None or c.key not in nobody]
    owner_of = _who(every)
    met = _met(conn, every, owner_of, when)
    owned: dict[str, int] = {}
    sql = f"""SELECT person_key, count(*) FROM tasks WHERE person_key > '' AND +state IN ('open', 'proposed')
 AND +note NOT IN {LEFT_OUT} GROUP BY person_key"""
    for key, number in conn.execute(sql):
        who = owner_of.get(key, key)
        owned[who] = owned.get(who, 0) + number
    rows: list[Row] = []
    for c in every:
        meetings, last = met.get(c.key, (0, None))
        if meetings or (when is None and (owned.get(c.key) or c.note is not None)):
            rows.append(
                {
                    "name": c.name,
                    "note": c.path,
                    "aliases": list(c.aliases),
                    "meetings": meetings,
                    "last": last,
                    "open_tasks": owned.get(c.key, 0),
                }
            )
    rows.sort(key=lambda r: (-r["meetings"], -r["open_tasks"], fold(r["name"])))
    return rows


def _met(
    conn: sqlite3.Connection, every: list[names.Candidate], owner_of: dict[str, str], when: Range | None
) -> dict[str, tuple[int, str | None]]:
    """Key of a person -> (notes that name them, the last one's date)."""
    dates: dict[int, str | None] = dict(conn.execute("SELECT id, date FROM notes WHERE excluded IS NULL"))
    if when is not None:
        start, end = when.start or "", when.end or "9999-12-31"
        dates = {note: date for note, date in dates.items() if date and start <= date <= end}
    found: dict[str, tuple[int, str | None]] = {}
    several: dict[str, set[int]] = {}  # of those with more names than one: a note may use two
    shared = {c.key for c in every if c.aliases}
    number, last, before, seen = 0, "", None, -1
    for key, note in conn.execute("SELECT key, note FROM people ORDER BY key, name, note"):
        if key != before:
            if before is not None:
                found[before] = (number, last or None)
            before, number, last, who = key, 0, "", owner_of.get(key, key)
            seen, notes = -1, several.setdefault(who, set()) if who in shared or who != key else None
            ours: set[int] = set()
        if note == seen or note not in dates:
            continue
        seen = note
        if notes is not None:
            notes.add(note)
        elif note not in ours:  # under another spelling of the same key
            ours.add(note)
            number += 1
            date = dates[note]
            if date is not None and date > last:
                last = date
    if before is not None:
        found[before] = (number, last or None)
    for who, noted in several.items():
        found[who] = (len(noted), max((d for d in map(dates.get, noted) if d), default=None))
    return found


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
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND t.standing = {STATES.index("open")})),
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND t.standing = {STATES.index("proposed")})),
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
