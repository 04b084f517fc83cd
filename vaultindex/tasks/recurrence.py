"""Recurrence rules: `every 2 weeks on Monday when done` -> the rule, the plugin's own wording of it, and its next day.

The rules are those of rrule.js, which the Tasks plugin uses. Tests hold `first_after` equal to python-dateutil's rrule,
which is not used here: a rule that never falls (on the 32nd) keeps it busy until the year 9999.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, lru_cache
from math import gcd
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.dates.days import CYCLE, LAST, MONTHS, WEEKDAYS, civil

DAY = 1440  # minutes


class Rule(NamedTuple):
    """A recurrence rule as it was understood. Empty tuples where the rule says nothing."""

    unit: str  # minute, hour, day, week, month, year
    interval: int
    when_done: bool
    hours: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()  # (0 = Monday, n): n 0 = each, 1 = first, -1 = last of the month or year
    month_days: tuple[int, ...] = ()  # -1 = the last day
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()  # ISO weeks
    until: int | None = None
    times: int = 0  # ends after so many, 0 = never


# -- reading -----------------------------------------------------------------------------------------------------------

_UNITS = ("minute", "hour", "day", "weekday", "week", "month", "year")
# Each spelling that the grammar knows -> (kind, value). The longest spelling at a place wins.
_WORDS: dict[str, tuple[str, int]] = {
    **{unit + end: (unit, 0) for unit in _UNITS for end in ("", "s")},
    **{name[:size].lower(): ("month name", n + 1) for n, name in enumerate(MONTHS) for size in (3, len(name))},
    **{name[:size].lower(): ("weekday name", n) for n, name in enumerate(WEEKDAYS) for size in (2, 3, len(name))},
    "sept": ("month name", 9),
    "tues": ("weekday name", 1),
    "wedn": ("weekday name", 2),
    "thur": ("weekday name", 3),
    "first": ("ordinal", 1),
    "second": ("ordinal", 2),
    "third": ("ordinal", 3),
    "in": ("on", 0),
    "til": ("until", 0),
    **{word: (word, 0) for word in ("every", "on", "at", "the", "last", "for", "until")},
    # Words that are read and never expected: they end a rule, or spoil it.
    **{word: (word, 0) for word in ("one", "two", "three", "time", "times")},
}
_RULE = re.compile(r"([A-Za-z0-9, !]+?)( when done)?", re.IGNORECASE)


@cache
def _token() -> re.Pattern[str]:
    """One word of a rule: `2nd`, `2`, a row of joining words, or a spelling. Made when the first rule is read."""
    spellings = "|".join(sorted(_WORDS, key=len, reverse=True))
    joining = r"(?:, *|(?:and|or) *)+"
    return re.compile(rf" *(?:([1-9][0-9]*)(?:th|nd|rd|st)|([1-9][0-9]*)|({joining})|({spellings}))", re.IGNORECASE)


class _NotARuleError(ValueError):
    """The words are no rule."""


class _Words:
    """The words of a rule, one at a time: `kind` is None behind the last one and behind anything unknown."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self.step()

    def step(self) -> bool:
        """Go to the next word; False when there is none."""
        found = _token().match(self.text, self.end)
        self.kind: str | None = None
        self.value = 0
        if not found:
            self.end = len(self.text)
            return False
        self.end = found.end()
        nth, number, _, word = found.groups()
        if nth:
            self.kind, self.value = "nth", _integer(nth)
        elif number:
            self.kind, self.value = "number", _integer(number)
        elif word:
            self.kind, self.value = _WORDS[word.lower()]
        else:
            self.kind = ","
        return True

    def take(self, kind: str) -> bool:
        """Whether the word is of this kind; if so it is passed."""
        if self.kind != kind:
            return False
        self.step()
        return True

    def number(self) -> int:
        value = self.value
        if not self.take("number"):
            raise _NotARuleError
        return value

    def nth(self) -> int:
        """`2nd` -> 2, `2nd last` -> -2, `last` -> -1; 0 when no such word stands here."""
        if self.take("last"):
            return -1
        value = self.value
        if self.take("ordinal"):
            return -value if value > 1 and self.take("last") else value
        if self.kind != "nth":
            return 0
        if value > 366:
            raise _NotARuleError
        self.step()
        return -value if self.take("last") else value


def _integer(digits: str) -> int:
    """The number as JavaScript would write it: 17 digits at most, then zeros. More than 300 digits are refused."""
    if len(digits) < 16:
        return int(digits)
    if len(digits) > 300:
        raise _NotARuleError
    from decimal import Decimal

    return int(Decimal(repr(float(digits))))


@lru_cache(maxsize=4096)
def read_rule(text: str) -> Rule | None:
    """The rule that the words say, None when it is none. Words behind what it understands are ignored."""
    match = _RULE.fullmatch(text)
    if match is None:
        return None
    try:
        return _read(_Words(match[1].strip(" ")), match[2] is not None)
    except _NotARuleError:
        return None


def _read(words: _Words, when_done: bool) -> Rule:
    if not words.take("every"):
        raise _NotARuleError
    interval = words.number() if words.kind == "number" else 1
    kind, value = words.kind, words.value
    words.step()
    parts = _Parts()
    match kind:
        case "day":
            parts.at(words)
        case "weekday":
            kind = "week"
            parts.weekdays = [(day, 0) for day in range(5)]
            parts.at(words)
        case "week":
            parts.on(words)
            parts.at(words)
        case "minute" | "hour" | "month" | "year":
            parts.on(words)
        case "weekday name":
            parts.weekdays = [(day, 0) for day in _names(words, kind, value)]
            kind = "week"
            parts.at(words)
            parts.month_days_only(words)
        case "month name":
            parts.months = _names(words, kind, value)
            kind = "year"
            parts.on(words)
        case _:
            raise _NotARuleError
    parts.ending(words)
    return Rule(
        kind,
        interval,
        when_done,
        tuple(parts.hours),
        tuple(parts.weekdays),
        tuple(parts.month_days),
        tuple(parts.months),
        tuple(parts.weeks),
        parts.until,
        parts.times,
    )


def _names(words: _Words, kind: str, first: int) -> list[int]:
    """`Monday, Friday and Sunday`: the first name has been read."""
    found = [first]
    while words.take(","):
        if words.kind != kind:
            raise _NotARuleError
        found.append(words.value)
        words.step()
    return found


class _Parts:
    """What a rule says beside its unit and interval, collected while it is read."""

    def __init__(self) -> None:
        self.hours: list[int] = []
        self.weekdays: list[tuple[int, int]] = []
        self.month_days: list[int] = []
        self.months: list[int] = []
        self.weeks: list[int] = []
        self.until: int | None = None
        self.times = 0

    def on(self, words: _Words) -> None:
        """`on the 2nd last Friday and the 15th`, `in January`, `on weekdays`, `on week 12`."""
        on, the = words.take("on"), words.take("the")
        going = on or the
        while going:
            nth = words.nth()
            value = words.value
            if words.take("weekday name"):
                self.weekdays.append((value, nth))
            elif nth:
                self.month_days.append(nth)
                words.take("day")
            elif words.take("weekday"):
                self.weekdays = self.weekdays or [(day, 0) for day in range(5)]
            elif words.take("week"):
                self.weeks = [words.number()]
                while words.take(","):
                    self.weeks.append(words.number())
            elif words.take("month name"):
                self.months.append(value)
            else:
                return
            going = words.take(",") or words.take("the") or words.take("on")

    def at(self, words: _Words) -> None:
        """`at 9, 12 and 15`."""
        going = words.take("at")
        while going:
            self.hours = [words.number()]
            while words.take(","):
                self.hours.append(words.number())
            going = words.take("at")

    def month_days_only(self, words: _Words) -> None:
        """`every Friday the 13th`. The library passes over a word behind the day: a list of days ends at its first."""
        words.take("on")
        words.take("the")
        nth = words.nth()
        if nth:
            self.month_days = [nth]
            words.step()
        while nth and words.take(","):
            nth = words.nth()
            if not nth:
                raise _NotARuleError
            self.month_days.append(nth)
            words.step()

    def ending(self, words: _Words) -> None:
        """`until January 1, 2026` or `for 3 times`."""
        if words.kind == "until":
            self.until = _until(words.text[words.end :])
        elif words.take("for"):
            self.times = words.number()


_UNTIL_TOKEN = lazy_pattern("([0-9]+)|([A-Za-z]+)")
_TIME_ZONES = frozenset(("utc", "gmt", "z", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt"))


def _until(text: str) -> int:
    """The day that JavaScript's Date.parse finds in words and numbers: month day year, in the orders it accepts."""
    numbers: list[int] = []
    month = 0
    for match in _UNTIL_TOKEN.finditer(text):
        digits, word = match[1], (match[2] or "").lower()
        if digits:
            numbers.append(int(digits[:9]))
        elif word[:3] in _MONTH_STARTS:
            month = _MONTH_STARTS[word[:3]]
        elif (numbers and word not in _TIME_ZONES) or text[match.end() : match.end() + 1].isdigit():
            raise _NotARuleError
    if not 1 <= len(numbers) <= 3:
        raise _NotARuleError
    first, second, third = (*numbers, 1, 1)[:3]
    if month:
        day, year = (first, second) if 1 <= first <= 31 else (second, first)
    elif 1 <= first <= 31:
        month, day, year = first, second, third
    else:
        year, month, day = first, second, third
    if year < 50:
        year += 2000
    elif year < 100:
        year += 1900
    if not (1 <= month <= 12 and 1 <= day <= 31 and year <= 9999):
        raise _NotARuleError
    found = date(year, month, 1).toordinal() + day - 1
    if found == _EPOCH:  # its number is 0, which the library takes for "not understood"
        raise _NotARuleError
    return found


_EPOCH = date(1970, 1, 1).toordinal()
_MONTH_STARTS = {name[:3].lower(): n + 1 for n, name in enumerate(MONTHS)}


# -- writing -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def normalise(text: str) -> str | None:
    """The rule in the plugin's own words (`every Sunday` -> `every week on Sunday`), None when it is no rule."""
    rule = read_rule(text)
    return rule_text(rule) if rule else None


def rule_text(rule: Rule) -> str:
    """The plugin's wording of a rule. It is not always complete: parts that it has no words for are left out."""
    number = [str(rule.interval)] if rule.interval != 1 else []
    parts = ["every", *number, _plural(rule.unit, rule.interval)]
    each = [day for day, nth in sorted(rule.weekdays, key=lambda item: item[0]) if not nth]
    days = {day for day, _ in rule.weekdays}
    week_days, every_day = days == {0, 1, 2, 3, 4}, len(days) == 7
    months = [MONTHS[month - 1] for month in rule.months]
    match rule.unit:
        case "day":
            parts += _at(rule)
        case "week" if week_days:
            parts = [*parts, "on weekdays"] if number else ["every weekday"]
        case "week" if every_day:
            parts = [*parts, "day"] if number else ["every day"]
        case "week":
            parts += ["in", _list(months, "and")] if months else []
            parts += _on_month_days(rule, each) or _on_weekdays(rule, each, week_days)
            parts += _at(rule)
        case "month" | "year":
            if months and rule.unit == "month":
                parts = ["every", *number, "months"] if number else ["every"]
                parts += ["in"] if number and rule.interval % 100 != 1 else []
                parts += [_list(months, "and")]
            elif months:
                parts = ["every", *number, *(["years"] if number else []), _list(months, "and")]
            if rule.month_days:
                parts += _on_month_days(rule, each)
            elif week_days and rule.unit == "month":
                parts += ["on weekdays"]
            else:
                parts += _on_weekdays(rule, each, week_days)
            if rule.weeks and rule.unit == "year":
                parts += ["in", _plural("week", len(rule.weeks)), _list(list(map(str, rule.weeks)), "and")]
    if rule.until is not None:
        year, month, day = civil(rule.until)
        parts += [f"until {MONTHS[month - 1]} {day}, {year}"]
    elif rule.times:
        parts += [f"for {rule.times} {_plural('time', rule.times)}"]
    return " ".join(parts) + (" when done" if rule.when_done else "")


def _plural(word: str, number: int) -> str:
    return word + "s" if number % 100 != 1 else word


def _nth(n: int) -> str:
    if n == -1:
        return "last"
    size = abs(n)
    # Beyond a month's length the library writes 32th, 41th.
    end = {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th") if size in (1, 2, 3, 21, 22, 23, 31) else "th"
    return f"{size}{end}" + (" last" if n < 0 else "")


def _list(items: list[str], word: str) -> str:
    return f" {word} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


def _at(rule: Rule) -> list[str]:
    return ["at", _list(list(map(str, rule.hours)), "and")] if rule.hours else []


def _on_month_days(rule: Rule, each: list[int]) -> list[str]:
    ordered = sorted(d for d in rule.month_days if d > 0) + sorted((d for d in rule.month_days if d < 0), reverse=True)
    if not ordered:
        return []
    days = [_nth(day) for day in ordered]
    if each:
        return ["on", _list([WEEKDAYS[day] for day in each], "or"), "the", _list(days, "or")]
    return ["on the", _list(days, "and")]


def _on_weekdays(rule: Rule, each: list[int], week_days: bool) -> list[str]:
    some = [f"{_nth(nth)} {WEEKDAYS[day]}" for day, nth in sorted(rule.weekdays, key=lambda item: item[0]) if nth]
    parts = ["on", ", ".join(WEEKDAYS[day] for day in each)] if each and not week_days else []
    if some:
        parts += [*(["and"] if each else []), "on the", _list(some, "and")]
    return parts


# -- the next day ------------------------------------------------------------------------------------------------------


def next_day(rule: Rule, reference: int) -> int | None:
    """The day after `reference` on which a rule that starts there falls next; None when there is none.

    A rule of months or years that would jump over more of them than it says (the 31st in a short month) falls back: its
    start moves back, day by day, until it does not.
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
        # 400 years of steps: more than any rule needs, and an end to those that would need more.
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
    """Days of the periods that the interval allows, with the minutes of the day at which the rule falls on them.

    Ends with the year 9999, or when the periods have met every place of the 400 years that they can meet.
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
    """How many steps it takes until a walk around `cycle` meets its first place again."""
    return cycle // gcd(cycle, step)


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _filter(rule: Rule, start: int) -> Callable[[int], bool]:
    """A test of a day against the rule; what the rule leaves open is taken from the day on which it starts."""
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
