"""The next day of a recurrence rule.

The rules are those of rrule.js, which the Tasks plugin uses. Tests hold `first_after` equal to python-dateutil's rrule,
which is not used here: a rule that never falls (on the 32nd) keeps it busy until the year 9999.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from math import gcd

from vaultindex.dates.days import CYCLE, LAST, civil
from vaultindex.tasks.recurrence_rule import DAY, Rule
from vaultindex.tasks.recurrence_text import rule_text


def next_day(rule: Rule, reference: int) -> int | None:
    """The day after `reference` on which a rule that starts there falls next; None when there is none.

    When a monthly or yearly rule would skip months (the 31st in a short month), its
    start moves back day by day until it does not.
    """
    if reference < 800:  # room to step back, in a part of the calendar that has dates
        found = next_day(rule, reference + 2 * CYCLE)
        return None if found is None else found - 2 * CYCLE
    found = first_after(rule, reference, reference)
    text = rule_text(rule)
    for unit, size in (("month", 1), ("year", 12)):
        named = re.search(rf"every( [0-9]+)? {unit}", text)
        if not named or (unit == "month" and " on " in text):
            continue
        most = int(named[1] or 1)
        start = reference
        # 400 years of steps: more than any rule needs, and an end for rules that would search for ever.
        while found is not None and _index(found, size) - _index(start, size) > most and reference - start < CYCLE:
            start -= 1
            found = first_after(rule, start, start)
        reference = start
    return found


def _index(day: int, months: int) -> int:
    year, month, _ = civil(day)
    return (year * 12 + month - 1) // months


def first_after(rule: Rule, start: int, after: int) -> int | None:
    """The first day later than `after` that has a moment of the rule which starts at midnight of `start`."""
    matches = _filter(rule, start)
    count = rule.times
    for day, minutes in _candidates(rule, start):
        if day < start or not matches(day):
            continue
        for minute in minutes:
            if rule.until is not None and (day - rule.until) * DAY + minute > 0:
                return None
            if day + minute // DAY > after:
                return day + minute // DAY
            count -= 1
            if count == 0:
                return None
    return None


def _candidates(rule: Rule, start: int) -> Iterator[tuple[int, tuple[int, ...] | range]]:
    """The days that the interval allows, period by period, each with the minutes of the day at which the rule falls.

    Ends with the year 9999, or once every position in the 400-year calendar cycle that the interval can reach was tried.
    """
    minutes: tuple[int, ...] = tuple(hour * 60 for hour in rule.hours) or (0,)
    first = date.fromordinal(start)
    step = rule.interval
    if rule.unit in ("minute", "hour"):
        step *= 60 if rule.unit == "hour" else 1
        moment, end = 0, min((LAST + 1 - start) * DAY, _places(CYCLE * DAY, step) * step)
        while moment < end:
            day, minute = divmod(moment, DAY)
            yield start + day, range(minute, DAY, step)
            moment = max(moment + step, -(-(day + 1) * DAY // step) * step)
    elif rule.unit == "day":
        for day in range(start, min(LAST, start + _places(CYCLE, step) * step) + 1, step):
            yield day, minutes
    elif rule.unit == "week":
        monday = start - first.weekday()
        for week in range(monday, min(LAST, monday + _places(CYCLE // 7, step) * step * 7) + 1, step * 7):
            for day in range(week, min(week + 7, LAST + 1)):
                yield day, minutes
    else:
        size = 12 if rule.unit == "year" else 1
        step *= size
        begin = (first.year * 12 + first.month - 1) // size * size
        for period in range(begin, min(120_000, begin + _places(4800, step) * step + 1), step):
            for month in range(period, period + size):
                year, number = month // 12, month % 12 + 1
                if not rule.months or number in rule.months:
                    one = date(year, number, 1).toordinal()
                    for day in range(one, one + _days_in(year, number)):
                        yield day, minutes


def _places(cycle: int, step: int) -> int:
    """After how many steps of this size around a cycle of this length the first position comes again."""
    return cycle // gcd(cycle, step)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _filter(rule: Rule, start: int) -> Callable[[int], bool]:
    """A test of one day against the rule; what the rule does not say is taken from its start day."""
    first = date.fromordinal(start)
    months, month_days = set(rule.months), set(rule.month_days)
    # The position of a weekday counts in months and years only.
    counted = rule.unit in ("month", "year")
    each = {day for day, nth in rule.weekdays if not nth or not counted}
    some = {(day, nth) for day, nth in rule.weekdays if nth and counted}
    if not (rule.weekdays or month_days or rule.weeks):
        if rule.unit == "week":
            each = {first.weekday()}
        elif rule.unit in ("month", "year"):
            month_days = {first.day}
            months = months or ({first.month} if rule.unit == "year" else set())
    in_year = rule.unit == "year" and not rule.months
    weeks = set(rule.weeks)

    def matches(day: int) -> bool:
        weekday = (day - 1) % 7
        if each and weekday not in each:
            return False
        when = date.fromordinal(day)
        if months and when.month not in months:
            return False
        if month_days or some:
            size = _days_in(when.year, when.month)
            if month_days and when.day not in month_days and when.day - size - 1 not in month_days:
                return False
            if some:
                place = day - date(when.year, 1, 1).toordinal() if in_year else when.day - 1
                last = (365 + (_days_in(when.year, 2) == 29) if in_year else size) - 1
                if (weekday, place // 7 + 1) not in some and (weekday, -((last - place) // 7) - 1) not in some:
                    return False
        return not weeks or when.isocalendar().week in weeks

    return matches
