"""Days ahead, or behind: what is due, scheduled or starting on each day, what recurs then, and the meetings of that day."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vaultindex.ask.pages.contact import day_after, days_between, meetings
from vaultindex.ask.tasks.open_tasks import LATE, LISTED, dates
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold
from vaultindex.dates.days import civil, day_text, ordinal
from vaultindex.dates.ranges import option_range

if TYPE_CHECKING:
    from vaultindex.tasks.recurrence_rule import Rule

Row = dict[str, Any]
_WORDS = (("due", "due"), ("scheduled", "scheduled"), ("start", "starts"))
_MOST_DAYS = 400


def span(said: str, days: int | None, today: str) -> tuple[str, str]:
    """The first and the last day of an agenda: as they are said, or so many days from the first on; a week from today when
    nothing is said. Raises UsageError."""
    first = last = today
    if said:
        found = option_range(said, datetime.date.fromisoformat(today))
        if found.start is None:
            raise UsageError(f"{said!r} has no first day: say from when on")
        first, last = found.start, found.end or found.start
    return first, day_after(first, (days or 7) - 1) if days or not said else last


def agenda(
    asker: Asker,
    first: str,
    last: str,
    *,
    proposed: bool = False,
    most: int | None = None,
    each: int | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The days from `first` to `last` (YYYY-MM-DD, both included), for the filters of `vi tasks`; `most` rows are overdue, and
    `each` day has at most so many.

    {from, until, overdue: tasks, days: [{date, in_days, tasks, count, meetings}], undated: count, counts: {overdue,
    undated}}. A task of a day has `why`: due, scheduled, starts, done (days behind only), or recurs (projected from its
    rule: no row yet); `count` is how many the day has in all.
    """
    today = asker.today
    states: dict[str, Any] = {"open": True, "proposed": proposed}
    start, end = ordinal(first), ordinal(last)
    assert start is not None and end is not None
    days = [day_text(day) for day in range(start, min(end, start + _MOST_DAYS - 1) + 1)]
    by_day: dict[str, list[tuple[int, str, bool]]] = {day: [] for day in days}  # (rowid, why, mine)
    taken: set[tuple[str, str]] = set()
    few = Asker(
        asker.conn, today, asker.me, ("id", "path", "line", "due", "scheduled", "start", "done", "state", "mine")
    )
    for field, why in _WORDS:
        # Behind today, what was due then is shown whatever became of it.
        wide = {**states, "done": True} if first < today else states
        asked: dict[str, Any] = {field: f"{first}..{last}", **wide, **options}
        found = few.found(("priority",), **asked)
        for key, row in zip(found.keys, found):
            day = row[field]
            settled = row["state"] == "done" and day >= today
            if day in by_day and (day, row["id"]) not in taken and not settled:
                taken.add((day, row["id"]))
                by_day[day].append((key, why, row["mine"]))
    if first < today:
        found = few.found(("priority",), done_on=f"{first}..{last}", done=True, **options)
        for key, row in zip(found.keys, found):
            if row["done"] in by_day and (row["done"], row["id"]) not in taken:
                by_day[row["done"]].append((key, "done", row["mine"]))
    keys = few.found(recurring=True, **states, **options).keys if options or proposed else None
    again = _recurring(asker, keys, today, last)
    rows_again = zip(again, few.of(list(again)))
    for key, row in sorted(rows_again, key=lambda pair: (pair[1]["path"], pair[1]["line"])):
        for day in again[key]:
            if day in by_day:
                by_day[day].append((key, "recurs", row["mine"]))
    shown = {}
    for day, tasks in by_day.items():
        tasks.sort(key=lambda task: (_ORDER[task[1]], not task[2]))
        shown[day] = tasks[:each]
    full = iter(asker.of([key for tasks in shown.values() for key, *_ in tasks]))
    rows = {day: [{**next(full), "why": why} for _, why, _ in tasks] for day, tasks in shown.items()}
    met: dict[str, list[Row]] = {}
    for one in meetings(asker.conn, since=first, until=last, **_of(asker, options)):
        met.setdefault(one.date, []).append(one.row())
    overdue, late, undated = _beside(asker, first <= today <= last, most, states, options)
    return {
        "from": first,
        "until": last,
        "overdue": overdue,
        "days": [
            {
                "date": day,
                "in_days": days_between(today, day),
                "tasks": rows[day],
                "count": len(by_day[day]),
                "meetings": met.get(day, []),
            }
            for day in days
        ],
        "undated": undated,
        "counts": {"overdue": late, "undated": undated},
    }


def _beside(
    asker: Asker, holds_today: bool, most: int | None, states: dict[str, Any], options: dict[str, Any]
) -> tuple[list[Row], int, int]:
    """(the first overdue tasks, how many there are, how many have no date): of all, from what the index keeps counted."""
    if options or states["proposed"]:
        overdue = asker.found(overdue=True, sure=True, **states, **options).keys if holds_today else []
        return asker.of(overdue[:most]), len(overdue), asker.count(undated=True, **states, **options)
    found = dates(asker)
    late, undated = found.late, found.undated
    if not (late and holds_today):
        return [], 0, undated
    until = {}
    if most is not None and late > most:  # those of the first days are enough
        sql = f"SELECT t.deadline FROM tasks t WHERE t.state = 'open' AND {LATE} AND {LISTED} ORDER BY t.deadline LIMIT 1 OFFSET :at"
        edge = asker.conn.execute(sql, {"day": asker.today, "at": most - 1}).fetchone()[0]
        until = {"due": f"0001-01-01..{edge}"}
    return asker.tasks(limit=most, overdue=True, sure=True, **states, **until), late, undated


_ORDER = {"due": 0, "scheduled": 1, "starts": 2, "recurs": 3, "done": 4}


def _of(asker: Asker, options: dict[str, Any]) -> dict[str, Any]:
    """Of which person or account the meetings are, when the tasks are."""
    from vaultindex.ask import names

    found: dict[str, Any] = {}
    if options.get("account"):
        found["account"] = names.account(asker.conn, options["account"]).keys
    who = options.get("person") or options.get("owner")
    if who and fold(who.lstrip("@")) != "me":
        found["keys"] = names.person(asker.conn, who).keys
    return found


def _recurring(asker: Asker, keys: Sequence[int] | None, today: str, last: str) -> dict[int, list[str]]:
    """Of these tasks (rowids; None: all open ones) those that fall again by the last day, and on which days."""
    columns = "t.rowid, t.recurrence, coalesce(t.deadline, t.scheduled, t.start)"
    if keys is None:
        sql = f"SELECT {columns} FROM tasks t WHERE t.recurrence IS NOT NULL AND t.standing = 1 AND {LISTED}"
        rows = asker.conn.execute(sql)
    else:
        sql = f"SELECT {columns} FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value"
        rows = asker.conn.execute(sql, (json.dumps(list(keys)),))
    now, end = ordinal(today), ordinal(last)
    found: dict[int, list[str]] = {}
    if now is not None and end is not None:
        for key, rule, date in rows:
            if date is not None and date < last and (days := _falls(rule, date, now, end)):
                found[key] = days
    return found


def _falls(text: str, date: str, now: int, end: int) -> list[str]:
    """The days up to a last one on which a task with this rule falls after the date that stands in its note.

    One that is late falls once, after today: when the others come depends on the day on which it will be done.
    """
    rule, day = _rule(text), ordinal(date)
    if rule is None or day is None:
        return []
    late = day < now
    if late:
        day = now if rule.when_done else _nearer(rule, day, now)
    return _from(rule, day, now, end, late or rule.when_done)


@lru_cache(maxsize=4096)  # those that are late come down to a few days before today
def _from(rule: Rule, day: int, now: int, end: int, once: bool) -> list[str]:
    """The days after `now`, up to `end`, on which a rule falls that goes on from a day; `once`: only the first."""
    from vaultindex.tasks.recurrence import next_day

    found: list[str] = []
    while len(found) < _MOST_DAYS:
        after = next_day(rule, day)
        if after is None or after > end or after <= day:
            break
        day = after
        if day > now:
            found.append(day_text(day))
            if once:
                break
    return found


def _nearer(rule: Rule, day: int, now: int) -> int:
    """A day, not after today, from which the rule goes on as from this one: whole periods later."""
    if rule.times:
        return day
    size = {"day": 1, "week": 7}.get(rule.unit, 0) * rule.interval
    if size:
        return day + (now - day) // size * size
    if rule.unit != "month" or rule.months or rule.weeks or rule.weekdays:
        return day
    if rule.month_days:  # it does not matter from which day of the month it goes on, if no month lacks one of these
        return now if rule.interval == 1 and all(1 <= one <= 28 for one in rule.month_days) else day
    year, month, number = civil(day)
    if number > 28:
        return day
    last_year, last_month, last_number = civil(now)
    months = (last_year - year) * 12 + last_month - month - (last_number < number)
    month += months // rule.interval * rule.interval - 1
    return datetime.date(year + month // 12, month % 12 + 1, number).toordinal()


@lru_cache(maxsize=256)  # a vault has few different rules
def _rule(text: str) -> Rule | None:
    from vaultindex.tasks.recurrence_rule import read_rule

    return read_rule(text)
