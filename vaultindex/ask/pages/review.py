"""A period in review: what was done and decided, what slipped and was missed, who is new, who has fallen silent."""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vaultindex.ask import names, people
from vaultindex.ask import rows as listed
from vaultindex.ask.pages.contact import MEETING, day_after, silence, wishes
from vaultindex.ask.pages.past import UNCHANGED, Net, decided, net
from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.ask.where import Row
from vaultindex.base.errors import UsageError
from vaultindex.base.nobody import is_nobody
from vaultindex.base.text import fold
from vaultindex.dates.ranges import NO_DATE, Range, option_range
from vaultindex.index.schema import real
from vaultindex.state.history import History
from vaultindex.tasks.plugin_settings import STATES

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
    be met, as `keep_in_touch` has it. `most`: so many rows of `slipped` and `missed` are enough (an old vault has thousands);
    the counts are of all.
    """
    first, last = when.start or "0001-01-01", when.end or "9999-12-31"
    as_of = min(last, today)
    span = f"{first}..{last}"
    filters, _ = build(conn, {"done_on": span}, today, me)
    done = list(lists.select(conn, filters, today=today, me=me, sort=("done", "note"), only=_FIELDS))
    changed, later = net(history.events(first, last)), net(history.events(day_after(as_of, 1)))
    verdicts = decided(conn, history, first, last)
    page: dict[str, Any] = {
        "start": when.start, "end": when.end, "as_of": as_of, "done": done,
        "ticked": _ticked(conn, changed.values(), today, me),
        "decided": listed.rows(conn, "decisions", when=when),
        "accepted": _verdicts(conn, verdicts.accepted, today, me), "rejected": _verdicts(conn, verdicts.rejected, today, me),
    }  # fmt: skip
    if not remembered:
        for name in ("accepted", "rejected"):
            page[name] = [row for row in page[name] if row["line"] is not None]
    edge = day_after(as_of, -LATE)
    open_then = _Then(conn, {**changed, **later}, later, as_of, max(edge, day_after(last, 1)))
    page["slipped"], slipped = _slipped(conn, open_then, changed, edge, today, me, most)
    page["missed"], missed = _missed(conn, open_then, first, last, today, me, most)
    page["new_people"], page["silent_people"] = _people(conn, first, as_of, me, keep or {})
    page["silent_accounts"] = _accounts(conn, as_of, keep or {})
    page["counts"] = {**{section: len(page[section]) for section in SECTIONS}, "slipped": slipped, "missed": missed}
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


class _Then:
    """Tasks that were open at the end of a day, with the due date that they had then; those due from `until` on, of which
    nothing was seen to change (`moved`), are left out."""

    def __init__(
        self, conn: sqlite3.Connection, moved: Iterable[str], later: dict[str, Net], day: str, until: str
    ) -> None:
        sql = f"""WITH some(key) AS (SELECT rowid FROM tasks WHERE state = 'open' AND deadline < :until
 UNION SELECT rowid FROM tasks WHERE done > :day UNION SELECT rowid FROM tasks WHERE state = 'cancelled' AND cancelled > :day
 UNION SELECT t.rowid FROM json_each(:moved) j CROSS JOIN tasks t ON t.id = j.value)
 SELECT t.id, t.rowid, t.deadline, t.standing, t.done, t.cancelled, t.person_key, t.owner_key FROM some
 CROSS JOIN tasks t ON t.rowid = some.key CROSS JOIN notes n ON n.id = t.note WHERE n.excluded IS NULL AND t.date_doubt IS NULL
 AND {real("due")} AND ifnull(n.date, '') <= :day"""
        self.rows: list[tuple[str, int, str, str | None, str | None]] = []
        values = {"day": day, "until": until, "moved": json.dumps(list(moved))}
        for task, row, due, standing, done, cancelled, person, written in conn.execute(sql, values):
            since = later.get(task)
            state = STATES[standing]
            if since is not None and since.state != UNCHANGED:
                state = since.state[0] or ""
            elif (state == "done" and (done or "") > day) or (state == "cancelled" and (cancelled or "") > day):
                state = "open"
            if since is not None and since.due != UNCHANGED:
                due = since.due[0]
            if state == "open" and due is not None:
                self.rows.append((task, row, due, person, written))


def _slipped(
    conn: sqlite3.Connection,
    then: _Then,
    changed: dict[str, Net],
    edge: str,
    today: str,
    me: Sequence[str],
    most: int | None,
) -> tuple[list[Row], int]:
    was: dict[int, str | None] = {}
    dues: dict[int, str | None] = {}
    open_ids = set()
    for task, row, due, *_ in then.rows:
        open_ids.add(task)
        moved = changed.get(task)
        if moved is not None and moved.due != UNCHANGED and moved.due[0] is not None and moved.due[0] < due:
            was[row], dues[row] = moved.due[0], due
        elif due < edge:
            was[row], dues[row] = None, due
    # A due date that was taken away has moved, too.
    away = [one for one in changed.values() if one.due != UNCHANGED and one.due[1] is None and one.due[0] is not None]
    for one in away:
        sql = "SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE t.id = ? AND t.state = 'open' AND n.excluded IS NULL"
        there = conn.execute(sql, (one.task,)).fetchone()
        if there is not None and one.task not in open_ids:
            was[there[0]], dues[there[0]] = one.due[0], None
    keys = _first(dues, most)
    rows = _rows(conn, keys, today, me)
    for found, key in zip(rows, keys):
        found["due"], found["was"] = dues[key], was[key]
    return sorted(rows, key=lambda row: (row["due"] or "9", row["path"], row["line"]))[:most], len(was)


def _first(dues: Mapping[int, str | None], most: int | None) -> list[int]:
    """The rows that are due first, `most` of them and whatever is due on the same day as the last of these."""
    if most is None or len(dues) <= most:
        return list(dues)
    edge = sorted(due or "9" for due in dues.values())[most - 1]
    return [row for row, due in dues.items() if (due or "9") <= edge]


def _missed(
    conn: sqlite3.Connection, then: _Then, first: str, last: str, today: str, me: Sequence[str], most: int | None
) -> tuple[list[Row], int]:
    mine = {fold(name.lstrip("@")) for name in me}
    dues = {
        row: due
        for _, row, due, person, written in then.rows
        if first <= due <= last
        and due < today
        and person
        and not mine.intersection((person, written))
        and not is_nobody(person)
    }
    keys = _first(dues, most)
    rows = _rows(conn, keys, today, me)
    for row, key in zip(rows, keys):
        row["due"] = dues[key]
    order = sorted(rows, key=lambda row: (row["due"], row["owner_person"], row["path"], row["line"]))
    return order[:most], len(dues)


def _quiet(c: names.Candidate, dates: Sequence[str], day: str, wanted: dict[int, int]) -> Row | None:
    """Somebody who has been silent too long up to a day; None for anybody else."""
    found = silence(dates, day, wanted.get(c.note) if c.note is not None else None)
    if not found.too_long:
        return None
    return {"name": c.name, "note": c.path, "last": found.last, "days": found.days, "rhythm": found.rhythm}


def _people(
    conn: sqlite3.Connection, first: str, as_of: str, me: Sequence[str], keep: Mapping[str, str]
) -> tuple[list[Row], list[Row]]:
    """(those whom a meeting of the period names first, those who have been silent too long at its end)."""
    nobody = {"tbd", *(fold(name.lstrip("@")) for name in me)}
    every = [c for c in names.candidates(conn, "person") if not nobody.intersection((c.key, *c.aliases))]
    owner_of = people.by_name(every)
    dates: dict[str, set[str]] = {}
    sql = f"SELECT DISTINCT p.key, n.date FROM people p JOIN notes n ON n.id = p.note WHERE n.date <= ? AND {MEETING}"
    for key, day in conn.execute(sql, (as_of,)):
        dates.setdefault(owner_of.get(key, key), set()).add(day)
    wanted = wishes(conn, keep)
    new, quiet = [], []
    for c in every:
        days = dates.get(c.key)
        if not days:
            continue
        if min(days) >= first:
            new.append({"name": c.name, "note": c.path, "first": min(days), "meetings": len(days)})
        if row := _quiet(c, sorted(days), as_of, wanted):
            quiet.append(row)
    new.sort(key=lambda row: (row["first"], fold(row["name"])))
    return new, _longest(quiet)


def _accounts(conn: sqlite3.Connection, as_of: str, keep: Mapping[str, str]) -> list[Row]:
    every = names.candidates(conn, "account")
    owner_of = people.by_name(every)
    dates: dict[str, set[str]] = {}
    sql = f"SELECT DISTINCT n.account_key, n.date FROM notes n WHERE n.account_key IS NOT NULL AND n.date <= ? AND {MEETING}"
    for key, day in conn.execute(sql, (as_of,)):
        dates.setdefault(owner_of.get(key, key), set()).add(day)
    wanted = wishes(conn, keep)
    quiet = []
    for c in every:
        if row := _quiet(c, sorted(dates.get(c.key, ())), as_of, wanted):
            quiet.append(row)
    return _longest(quiet)


def _longest(quiet: list[Row]) -> list[Row]:
    """Most beyond the usual first; of those equally so the one who was met last."""
    return sorted(quiet, key=lambda row: (-row["days"] / row["rhythm"], row["days"], fold(row["name"])))
