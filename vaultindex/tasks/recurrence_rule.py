"""A recurrence rule read from its text: `every 2 weeks on Monday when done`, in the grammar that the Tasks plugin uses."""

import re
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.dates.days import MONTHS, WEEKDAYS

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
    """The pattern of one word of a rule: `2nd`, `2`, joining words, or a known spelling. Compiled when the first rule is read."""
    spellings = "|".join(sorted(_WORDS, key=len, reverse=True))
    joining = r"(?:, *|(?:and|or) *)+"
    return re.compile(rf" *(?:([1-9][0-9]*)(?:th|nd|rd|st)|([1-9][0-9]*)|({joining})|({spellings}))", re.IGNORECASE)


class _NotARuleError(ValueError):
    """The words do not make a rule."""


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
