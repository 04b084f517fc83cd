"""Everybody the notes name, and every account with its open work."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.where import LEFT_OUT, Row, Where
from vaultindex.base.text import fold
from vaultindex.dates.ranges import Range
from vaultindex.tasks.plugin_settings import STATES


def people(conn: sqlite3.Connection, when: Range | None = None, me: Sequence[str] = ()) -> list[Row]:
    """Everybody the notes name: meetings together, last one, open tasks they own; most met first."""
    nobody = {"tbd", *(fold(name.lstrip("@")) for name in me)}  # an owner that is no person beside you
    every = [c for c in names.candidates(conn, "person", listed=True) if c.note is not None or c.key not in nobody]
    owner_of = by_name(every)
    met = _met(conn, owner_of, when)
    owned: dict[str, int] = {}
    for key, number in conn.execute("SELECT person_key, open + proposed FROM count_owners WHERE open + proposed > 0"):
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


def _met(conn: sqlite3.Connection, owner_of: dict[str, str], when: Range | None) -> dict[str, tuple[int, str | None]]:
    """Key of a person -> (notes that name them, the last one's date)."""
    within, values = f" AND note NOT IN {LEFT_OUT}", tuple[str, ...]()
    if when is not None:
        within, values = f"{within} AND date >= ? AND date <= ?", (when.start or "", when.end or "9999-12-31")
    found: dict[str, tuple[int, str | None]] = {}
    keys_of: dict[str, list[str]] = {}
    sql = f"SELECT key, count(DISTINCT note), max(date) FROM people WHERE 1{within} GROUP BY key"
    if when is None:
        sql = f"""SELECT c.key, c.notes, (SELECT p.date FROM people p WHERE p.key = c.key AND p.note NOT IN {LEFT_OUT}
 ORDER BY p.date DESC LIMIT 1) FROM count_people c WHERE c.notes > 0"""
    for key, number, last in conn.execute(sql, values):
        who = owner_of.get(key, key)
        keys_of.setdefault(who, []).append(key)
        found[who] = (number, last or None)
    for who, keys in keys_of.items():
        if len(keys) > 1:  # a note may use two of the names
            noted: dict[int, str | None] = {}
            for key in keys:
                noted.update(conn.execute(f"SELECT note, date FROM people WHERE key = ?{within}", (key, *values)))
            found[who] = (len(noted), max((date for date in noted.values() if date), default=None))
    return found


def by_name(every: list[names.Candidate]) -> dict[str, str]:
    """Folded name or alias -> the key of the one candidate that has it."""
    uses: dict[str, set[str]] = {}
    for c in every:
        for key in (c.key, *c.aliases):
            uses.setdefault(key, set()).add(c.key)
    return {key: next(iter(owners)) for key, owners in uses.items() if len(owners) == 1}


def accounts(conn: sqlite3.Connection, when: Range | None = None) -> list[Row]:
    """Every account: notes, last one, open and proposed tasks, decisions; the latest first."""
    every = names.candidates(conn, "account")
    owner_of = by_name(every)
    totals: dict[str, list[Any]] = {}
    for key, number, last, *counted in _of_accounts(conn, when):
        t = totals.setdefault(owner_of.get(key, key), [0, "", 0, 0, 0])
        t[0] += number
        t[1] = max(t[1], last or "")
        t[2:] = map(int.__add__, t[2:], counted)
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


def _of_accounts(conn: sqlite3.Connection, when: Range | None) -> list[tuple[str, int, str | None, int, int, int]]:
    """(folded name, notes, date of the last one, open and proposed tasks, decisions) of each account; of the notes of a time,
    or of all."""
    if when is None:
        sql = """SELECT c.account_key, c.notes, (SELECT n.date FROM notes n WHERE n.account_key = c.account_key
 AND n.excluded IS NULL ORDER BY n.date DESC LIMIT 1), c.open, c.proposed, c.decisions FROM count_accounts c WHERE c.notes > 0"""
        return conn.execute(sql).fetchall()
    where = Where()
    where.add("n.account_key IS NOT NULL")
    where.add("n.excluded IS NULL")
    where.range("n.date", when)
    still_open, proposed = STATES.index("open"), STATES.index("proposed")
    # From the indexes alone, each of which holds a note's rows together.
    sql = f"""SELECT n.account_key, count(*), max(n.date),
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND t.standing = {still_open})),
 sum((SELECT count(*) FROM tasks t WHERE t.note = n.id AND t.standing = {proposed})),
 sum((SELECT count(*) FROM decisions d WHERE d.note = n.id)) FROM notes n{where} GROUP BY n.account_key"""
    return conn.execute(sql, where.values).fetchall()
