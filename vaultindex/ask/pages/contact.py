"""Meetings, and how long somebody has been silent: what is a meeting, the last one, the usual rhythm."""

import itertools
import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from vaultindex.ask import names
from vaultindex.ask.where import LEFT_OUT, Where, shown_account
from vaultindex.base.errors import UsageError
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.dates.days import LAST, day_text, ordinal

Row = dict[str, Any]

MEETING = "n.meeting AND n.excluded IS NULL"  # the condition on notes (alias `n`) that are about a meeting
_RECENT = 10  # meetings that make the rhythm


class Silence(NamedTuple):
    """How long there was no meeting, in days; both None without one up to that day."""

    last: str | None
    days: int | None
    rhythm: int | None  # the usual gap; None with fewer than three meetings and nothing said
    said: bool = False  # the gap is what a note asks for

    @property
    def too_long(self) -> bool:
        """Over twice the usual gap, or over the one that was asked for."""
        if self.days is None or self.rhythm is None:
            return False
        return self.days > (self.rhythm if self.said else 2 * max(self.rhythm, 1))


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
    return gaps[middle] if len(gaps) % 2 else round((gaps[middle - 1] + gaps[middle]) / 2)


def silence(dates: Sequence[str], today: str, keep: int | None = None) -> Silence:
    """The silence since the last of these dates up to today; `keep` are the days that a note asks for instead of the rhythm."""
    behind = [date for date in dates if date <= today]
    last = max(behind, default=None)
    days = None if last is None else days_between(last, today)
    return Silence(last, days, keep or rhythm(behind), said=keep is not None)


def keep_in_touch(properties: str) -> int | None:
    """The days of `keep_in_touch: 30d` (or 6 weeks, 2m, 30) in a note's properties, as the index keeps them; None without."""
    if "keep" not in properties:
        return None
    given = {str(key).casefold().replace("-", "_"): value for key, value in json.loads(properties).items()}
    return _days(str(given.get("keep_in_touch") or ""))


def _days(age: str) -> int | None:
    found = _AGE.fullmatch(age.strip())
    if not found or not int(found[1]):
        return None
    return min(int(found[1]) * _DAYS[(found[2] or "d")[0].lower()], 36_500)


_AGE = lazy_pattern(r"(\d{1,4})[ ]?(d|days?|w|weeks?|m|mo|months?|q|quarters?|y|years?)?", re.I)
_DAYS = {"d": 1, "w": 7, "m": 30, "q": 91, "y": 365}


def wish(conn: sqlite3.Connection, note: int | None, by_tag: Mapping[str, str]) -> int | None:
    """The days after which the note of a person or account wants a meeting: see `wishes`."""
    return wishes(conn, by_tag, note).get(note) if note is not None else None


def wishes(conn: sqlite3.Connection, by_tag: Mapping[str, str], note: int | None = None) -> dict[int, int]:
    """Note of a person or account (of all, or only this one) -> the days after which it wants a meeting: as its own
    `keep_in_touch` says, else as the setting of that name says for one of its tags, the shortest. Raises UsageError."""
    only, values = ("", ()) if note is None else (" AND id = ?", (note,))
    found: dict[int, int] = {}
    for tag, age in by_tag.items():
        days = _days(age)
        if days is None:
            raise UsageError(f"keep_in_touch: {tag} = {age!r} is no time: 30d, 6w, 2 months")
        key = tag.strip("#/ ").lower()
        sql = f"""SELECT id FROM notes WHERE entity IS NOT NULL{only} AND id IN
 (SELECT note FROM tags WHERE key = ? OR key >= ? || '/' AND key < ? || '0')"""
        for (one,) in conn.execute(sql, (*values, key, key, key)):
            found[one] = min(days, found.get(one, days))
    sql = f"SELECT id, properties FROM notes WHERE entity IS NOT NULL{only} AND properties LIKE '%keep%'"
    own = {
        one: days for one, properties in conn.execute(sql, values) if (days := keep_in_touch(properties)) is not None
    }
    return {**found, **own}


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
    rows = conn.execute(sql, where.values).fetchall()
    known = names.shown_accounts(conn, [row[4] for row in rows])
    return [
        Met(number, path, title, date, shown_account(known, account), there)
        for number, path, title, date, account, there in rows
    ]


class Contact(NamedTuple):
    """Somebody whom meetings name, or an account that they are about."""

    keys: frozenset[str]  # the folded names under which they do
    note: int | None
    dates: tuple[str, ...]  # of the last meetings, as many as make the rhythm, in order


def last_met(conn: sqlite3.Connection, kind: str, day: str) -> list[Contact]:
    """Everybody ('person'), or every account, with the meetings up to a day; nobody without one."""
    which, counted, rows = {
        "person": ("c.key", "count_people", f"people r WHERE r.key = c.key AND r.met AND r.note NOT IN {LEFT_OUT}"),
        "account": ("c.account_key", "count_accounts", "notes r WHERE r.account_key = c.account_key AND r.meeting AND r.excluded IS NULL"),
    }[kind]  # fmt: skip
    sql = f"""SELECT {which}, (SELECT group_concat(date) FROM (SELECT DISTINCT r.date AS date FROM {rows} AND r.date <= ?
 ORDER BY r.date DESC LIMIT {_RECENT})) FROM {counted} c"""
    dates = {key: met.split(",") for key, met in conn.execute(sql, (day,)) if met}
    found = []
    for keys, note in names.same(conn, dates, kind):
        every = dates[keys[0]] if len(keys) == 1 else {date for key in keys for date in dates[key]}
        found.append(Contact(frozenset(keys), note, tuple(sorted(every)[-_RECENT:])))
    return found


def met_first(
    conn: sqlite3.Connection, every: Iterable[Contact], first: str, last: str
) -> list[tuple[Contact, list[str]]]:
    """Of these people those whose first meeting was on one of these days; each with the days on which they were met then."""
    of = {key: one for one in every for key in one.keys}
    sql = f"SELECT p.key, n.date FROM notes n CROSS JOIN people p ON p.note = n.id WHERE n.date BETWEEN ? AND ? AND {MEETING}"
    days: dict[Contact, set[str]] = {}
    for key, day in conn.execute(sql, (first, last)):
        if key in of:
            days.setdefault(of[key], set()).add(day)
    sql = f"""SELECT j.value FROM json_each(?) j WHERE EXISTS (SELECT 1 FROM people p WHERE p.key = j.value AND p.met AND p.date < ?
 AND p.note NOT IN {LEFT_OUT})"""
    known = {of[key] for (key,) in conn.execute(sql, (json.dumps([key for one in days for key in one.keys]), first))}
    return [(one, sorted(met)) for one, met in days.items() if one not in known]


def together(conn: sqlite3.Connection, met: Sequence[Met], leave: Collection[str]) -> list[Row]:
    """Who took part in these meetings, [{name, meetings}], most often first; nobody with a folded name of `leave`.

    A person counts once a meeting, under whichever of their names they are listed.
    """
    there: dict[str, set[int]] = {}
    sql = "SELECT p.key, p.note FROM json_each(?) j CROSS JOIN people p ON p.note = j.value"
    for key, note in conn.execute(sql, (json.dumps([one.id for one in met]),)):
        there.setdefault(key, set()).add(note)
    people: dict[names.Entity, set[int]] = {}
    for key, who in names.of_keys(conn, there).items():
        if who.keys.isdisjoint(leave):
            people.setdefault(who, set()).update(there[key])
    rows: list[Row] = [{"name": who.name, "meetings": len(notes)} for who, notes in people.items()]
    return sorted(rows, key=lambda row: (-row["meetings"], row["name"]))


def day_after(day: str, days: int) -> str:
    """The date so many days later (or earlier), as far as the calendar goes; the same text when it is no date."""
    number = ordinal(day)
    return day if number is None else day_text(max(1, min(number + days, LAST)))
