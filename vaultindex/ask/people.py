"""Everybody the notes name, and every account with its open work."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.where import Row, Where
from vaultindex.base.text import fold
from vaultindex.dates.ranges import Range


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
