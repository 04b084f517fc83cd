"""A period in review: what was done and decided, what slipped and was missed, who is new, who has fallen silent."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vaultindex.ask import names
from vaultindex.ask import rows as listed
from vaultindex.ask.pages.contact import (
    Contact,
    Silence,
    day_after,
    days_between,
    last_met,
    met_first,
    silence,
    wishes,
)
from vaultindex.ask.pages.past import UNCHANGED, Net, Then, decided, net
from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.ask.where import Row
from vaultindex.base.errors import UsageError
from vaultindex.base.nobody import is_nobody
from vaultindex.base.text import fold
from vaultindex.dates.ranges import NO_DATE, Range, option_range
from vaultindex.state.history import History

# section -> what stands above it
SECTIONS = {
    "done": "Done", "ticked": "Done, without a date", "decided": "Decided", "accepted": "Proposals accepted",
    "rejected": "Proposals rejected", "slipped": "Slipped", "missed": "Promised by others, due and not done",
    "new_people": "New people", "silent_people": "Silent people", "silent_accounts": "Silent accounts",
}  # fmt: skip
LATE = 7  # days overdue from which a task has slipped


def days_of(said: str, today: str) -> Range:
    """The days that a review is of, as they are said; the present week when nothing is. Raises UsageError."""
    days = option_range(said or "week", datetime.date.fromisoformat(today))
    if days == NO_DATE:
        raise UsageError("a review is of a time: week, month, 2025-09, 2025-W40, 2025-09-01..2025-09-12")
    return days


def review(
    conn: sqlite3.Connection,
    history: History,
    today: str,
    me: Sequence[str],
    when: Range,
    keep: Mapping[str, str] | None = None,
    most: int | None = None,
    remembered: bool = True,
) -> dict[str, Any]:
    """The page of a period: `start`, `end`, `as_of` (its last day that is not in the future), a list of rows for each of
    SECTIONS, `counts` (how many rows each has) and `commands` (what shows the same rows).

    `done`: done tasks by their date; `ticked`: done without a date, as the sync saw it; `slipped`: open and due more than
    LATE days before, or due later than at the beginning (`was`); `missed`: due in the period, somebody else's, not done.
    Doubted dates are neither. Rows of tasks have the fields `id, text, path, line, due, owner_person, account`; those that
    left the notes have no line, and are left out unless `remembered`. `keep`: how often people and accounts with a tag are to
    be met, as `keep_in_touch` has it. `most`: so many rows of `done`, `decided`, `slipped` and `missed` are enough (an old vault has
    thousands); the counts are of all.
    """
    first, last = when.start or "0001-01-01", when.end or "9999-12-31"
    as_of = min(last, today)
    span = f"{first}..{last}"
    filters, _ = build(conn, {"done_on": span}, today, me)
    done = lists.select(conn, filters, today=today, me=me, sort=("done", "note"), only=_FIELDS)
    changed, later = net(history.events(first, last)), net(history.events(day_after(as_of, 1)))
    verdicts = decided(conn, history, first, last)
    page: dict[str, Any] = {
        "start": when.start, "end": when.end, "as_of": as_of, "done": _rows(conn, done.keys[:most], today, me),
        "ticked": _ticked(conn, changed.values(), today, me),
        "decided": listed.rows(conn, "decisions", when=when, limit=most),
        "accepted": _verdicts(conn, verdicts.accepted, today, me), "rejected": _verdicts(conn, verdicts.rejected, today, me),
    }  # fmt: skip
    if not remembered:
        for name in ("accepted", "rejected"):
            page[name] = [row for row in page[name] if row["line"] is not None]
    then = Then(conn, {**changed, **later}, later, as_of, today)
    page["slipped"], slipped = _slipped(conn, then, changed, day_after(as_of, -LATE), today, me, most)
    page["missed"], missed = _missed(conn, then, first, min(last, day_after(today, -1)), today, me, most)
    wanted = wishes(conn, keep or {})
    page["new_people"], page["silent_people"] = _people(conn, first, as_of, me, wanted)
    page["silent_accounts"] = _silent(conn, "account", last_met(conn, "account", as_of), as_of, wanted)
    page["counts"] = {
        **{section: len(page[section]) for section in SECTIONS},
        "done": len(done), "decided": listed.count(conn, "decisions", when=when), "slipped": slipped, "missed": missed,
    }  # fmt: skip
    own = {"done": f"vi tasks --done-on {span}", "decided": f"vi decisions --since {first} --until {last}"}
    page["commands"] = {s: own.get(s, f"vi review {span} --only {s.replace('_', '-')}") for s in SECTIONS}
    return page


_FIELDS = ("id", "text", "path", "line", "state", "due", "done", "owner_person", "mine", "account", "note_title")


def _rows(conn: sqlite3.Connection, keys: Iterable[int], today: str, me: Sequence[str]) -> list[Row]:
    """These tasks as rows of the page."""
    return list(lists.Found(conn, list(keys), today, me, only=_FIELDS))


def _by_id(conn: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """Id -> rowid, of the tasks that listed notes hold."""
    sql = """SELECT t.id, t.rowid FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value JOIN notes n ON n.id = t.note
 WHERE n.excluded IS NULL"""
    return dict(conn.execute(sql, (json.dumps(list(ids)),)))


def _ticked(conn: sqlite3.Connection, changed: Iterable[Net], today: str, me: Sequence[str]) -> list[Row]:
    """Tasks that were seen to become done, and that say no day."""
    ids = [one.task for one in changed if one.state != UNCHANGED and one.state[1] == "done" and one.state[0] != "done"]
    rows = _rows(conn, _by_id(conn, ids).values(), today, me)
    return [row for row in rows if row["done"] is None and row["state"] == "done"]


def _verdicts(
    conn: sqlite3.Connection, found: dict[tuple[str, str], tuple[str, str, str | None]], today: str, me: Sequence[str]
) -> list[Row]:
    """Decided proposals by day: as they stand in their note, or what is remembered of those that have left it."""
    ids = _by_id(conn, [task for _, _, task in found.values() if task])
    known = {row["id"]: row for row in _rows(conn, ids.values(), today, me)}
    rows = []
    for (path, _), (day, text, task) in found.items():
        empty = {**dict.fromkeys(_FIELDS), "id": task, "text": text, "path": path, "mine": False}
        rows.append({**known.get(task or "", empty), "day": day})
    return sorted(rows, key=lambda row: (row["day"], row["path"], row["text"]))


def _slipped(
    conn: sqlite3.Connection, then: Then, changed: dict[str, Net], edge: str, today: str, me: Sequence[str], most: int | None
) -> tuple[list[Row], int]:  # fmt: skip
    was: dict[int, str | None] = {}
    dues: dict[int, str | None] = {}
    for one in then.moved:
        before = changed[one.id].due if one.id in changed else UNCHANGED
        if before != UNCHANGED and before[0] is not None and before[0] < one.due:
            was[one.rowid], dues[one.rowid] = before[0], one.due
        elif one.due < edge:
            was[one.rowid], dues[one.rowid] = None, one.due
    # A due date that was taken away has moved, too.
    open_then = {one.id for one in then.moved}
    for task, net_ in changed.items():
        if net_.due != UNCHANGED and net_.due[1] is None and net_.due[0] is not None and task not in open_then:
            sql = "SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE t.id = ? AND t.state = 'open' AND n.excluded IS NULL"
            there = conn.execute(sql, (task,)).fetchone()
            if there is not None:
                was[there[0]], dues[there[0]] = net_.due[0], None
    late, number = then.before(edge, most)
    number += len(dues)
    dues.update(late)
    keys = _first(dues, most)
    rows = _rows(conn, keys, today, me)
    for found, key in zip(rows, keys):
        found["due"], found["was"] = dues[key], was.get(key)
    return sorted(rows, key=lambda row: (row["due"] or "9", row["path"], row["line"]))[:most], number


def _first(dues: Mapping[int, str | None], most: int | None) -> list[int]:
    """The rows that are due first, `most` of them and whatever is due on the same day as the last of these."""
    if most is None or len(dues) <= most:
        return list(dues)
    edge = sorted(due or "9" for due in dues.values())[most - 1]
    return [row for row, due in dues.items() if (due or "9") <= edge]


def _missed(
    conn: sqlite3.Connection, then: Then, first: str, last: str, today: str, me: Sequence[str], most: int | None
) -> tuple[list[Row], int]:
    mine = {fold(name.lstrip("@")) for name in me}
    asked = {one.rowid: (one.due, one.person) for one in then.moved if first <= one.due <= last}
    asked |= then.between(first, last)
    sql = "SELECT t.rowid FROM json_each(?) j CROSS JOIN tasks t ON t.written_key = j.value"
    # (Mine, whomever the name means there.)
    written = {rowid for (rowid,) in conn.execute(sql, (json.dumps(sorted(mine)),))}
    dues: dict[int, str | None] = {
        rowid: due
        for rowid, (due, who) in asked.items()
        if who and who not in mine and rowid not in written and not is_nobody(who)
    }
    keys = _first(dues, most)
    rows = _rows(conn, keys, today, me)
    for row, key in zip(rows, keys):
        row["due"] = dues[key]
    order = sorted(rows, key=lambda row: (row["due"], row["owner_person"], row["path"], row["line"]))
    return order[:most], len(dues)


def _quiet(met: Contact, day: str, wanted: Mapping[int, int]) -> Silence | None:
    """Of somebody who has been silent too long up to a day; None for anybody else."""
    wish = wanted.get(met.note) if met.note is not None else None
    if wish is None and days_between(met.dates[-1], day) <= 2:
        return None  # whatever the rhythm is
    found = silence(met.dates, day, wish)
    return found if found.too_long else None


def _people(
    conn: sqlite3.Connection, first: str, as_of: str, me: Sequence[str], wanted: Mapping[int, int]
) -> tuple[list[Row], list[Row]]:
    """(those whom a meeting of the period names first, those who have been silent too long at its end)."""
    nobody = ["tbd", *(fold(name.lstrip("@")) for name in me)]
    sql = "SELECT x.note FROM json_each(?) j CROSS JOIN names x ON x.key = j.value AND x.kind = 'person'"
    mine = {note for (note,) in conn.execute(sql, (json.dumps(nobody),))}
    every = [one for one in last_met(conn, "person", as_of) if one.note not in mine and one.keys.isdisjoint(nobody)]
    new = [(one, {"first": days[0], "meetings": len(days)}) for one, days in met_first(conn, every, first, as_of)]
    return (
        sorted(_named(conn, "person", new), key=lambda row: (row["first"], fold(row["name"]))),
        _silent(conn, "person", every, as_of, wanted),
    )


def _silent(
    conn: sqlite3.Connection, kind: str, every: Iterable[Contact], as_of: str, wanted: Mapping[int, int]
) -> list[Row]:
    """Those who have been silent too long: most beyond the usual first; of those equally so the one who was met last."""
    some = [(one, found) for one in every if (found := _quiet(one, as_of, wanted)) is not None]
    rows = _named(
        conn, kind, [(one, {"last": found.last, "days": found.days, "rhythm": found.rhythm}) for one, found in some]
    )
    return sorted(rows, key=lambda row: (-row["days"] / row["rhythm"], row["days"], fold(row["name"])))


def _named(conn: sqlite3.Connection, kind: str, some: Sequence[tuple[Contact, Row]]) -> list[Row]:
    """The rows, each with the name and the note of whom it is about."""
    known = names.of_keys(conn, [min(one.keys) for one, _ in some], kind)
    return [{"name": who.name, "note": who.path, **row} for one, row in some for who in [known[min(one.keys)]]]
