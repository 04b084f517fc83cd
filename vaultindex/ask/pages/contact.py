"""Meetings, and how long somebody has been silent: what is a meeting, the last one, the usual rhythm."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vaultindex.ask import names
from vaultindex.ask.where import Where, shown_account
from vaultindex.dates.days import day_text, ordinal

Row = dict[str, Any]

# A dated note that is nobody's page, and says who was there, where it comes from, or that it is a meeting. On alias `n`.
_TYPES = (
    *("meeting", "meetings", "meeting note", "meeting notes", "meeting-notes", "call", "1:1", "one-on-one", "standup"),
    *("stand-up", "sync", "workshop", "interview", "minutes", "besprechung", "reunion", "réunion", "reunión", "会議"),
)
MEETING = (
    "n.date IS NOT NULL AND n.entity IS NULL AND n.excluded IS NULL AND (n.participants <> '[]' OR n.source IS NOT NULL"
    f" OR lower(n.type) IN ({', '.join(repr(name) for name in _TYPES)}))"
)
_RECENT = 10  # meetings that make the rhythm


class Silence(NamedTuple):
    """How long there was no meeting, in days; `usual` is the usual gap, None with fewer than three meetings."""

    last: str | None
    days: int | None
    usual: int | None

    @property
    def too_long(self) -> bool:
        """Over twice the usual gap."""
        return self.days is not None and self.usual is not None and self.days > 2 * max(self.usual, 1)


def days_between(first: str, last: str) -> int:
    """Days from one date to another; 0 when one of them does not exist."""
    a, b = ordinal(first), ordinal(last)
    return 0 if a is None or b is None else b - a


def rhythm(dates: Iterable[str]) -> int | None:
    """The median gap of the last ten meetings in days; None with fewer than three different dates."""
    days = sorted({day for date in dates if (day := ordinal(date)) is not None})[-_RECENT:]
    gaps = sorted(b - a for a, b in itertools.pairwise(days))
    if len(gaps) < 2:
        return None
    middle = len(gaps) // 2
    return gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) // 2


def silence(dates: Sequence[str], today: str, keep: int | None = None) -> Silence:
    """The silence since the last of these dates up to today; `keep` are the days that a note asks for instead of the rhythm."""
    behind = [date for date in dates if date <= today]
    last = max(behind, default=None)
    return Silence(last, None if last is None else days_between(last, today), keep or rhythm(behind))


def keep_in_touch(value: object) -> int | None:
    """The days that `keep_in_touch` in a person's note means: `30d`, `6 weeks`, `2m`, 30; None for anything else."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*(d|days?|w|weeks?|m|mo|months?|q|quarters?|y|years?)?\s*", str(value), re.I)
    if not found or not int(found[1]):
        return None
    return int(found[1]) * {"d": 1, "w": 7, "m": 30, "q": 91, "y": 365}[(found[2] or "d")[0].lower()]


def wish(conn: sqlite3.Connection, note: int | None) -> int | None:
    """The `keep_in_touch` of a person's or account's note, in days."""
    if note is None:
        return None
    row = conn.execute("SELECT json_extract(properties, '$.keep_in_touch') FROM notes WHERE id = ?", (note,)).fetchone()
    return keep_in_touch(row[0]) if row and row[0] is not None else None


class Met(NamedTuple):
    """A meeting: its note's id, path, title and date, the name of its account, and who was there."""

    id: int
    path: str
    title: str
    date: str
    account: str | None
    participants: str  # JSON list

    def row(self) -> Row:
        """As the pages show it."""
        import json

        return {
            "path": self.path,
            "title": self.title,
            "date": self.date,
            "account": self.account,
            "participants": json.loads(self.participants),
        }


def meetings(conn: sqlite3.Connection, *, keys: frozenset[str] | None = None, account: frozenset[str] | None = None,
             note: int | None = None, since: str | None = None, until: str | None = None) -> list[Met]:  # fmt: skip
    """The meetings of a person, of an account, or of all, newest first; `since` and `until` are included."""
    where = Where()
    where.add(MEETING)
    if keys is not None:
        marks = ",".join("?" * len(keys))
        where.add(f"n.id IN (SELECT note FROM people WHERE key IN ({marks}))", *sorted(keys))
    if account is not None:
        where.keys("n.account_key", account)
    if note is not None:
        where.add("n.id = ?", note)
    if since is not None:
        where.add("n.date >= ?", since)
    if until is not None:
        where.add("n.date <= ?", until)
    sql = f"SELECT n.id, n.path, n.title, n.date, n.account, n.participants FROM notes n{where} ORDER BY n.date DESC, n.path"
    known = names.shown_accounts(conn)
    return [
        Met(number, path, title, date, shown_account(known, account), there)
        for number, path, title, date, account, there in conn.execute(sql, where.values)
    ]


def day_after(day: str, days: int) -> str:
    """The date so many days later (or earlier)."""
    number = ordinal(day)
    return day if number is None else day_text(number + days)
