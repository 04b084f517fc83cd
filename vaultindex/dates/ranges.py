"""Turn words into days: 'next friday', '2025-W41', '+3d' -> Range. `today` is always given, the clock never asked.

Two readings, on purpose. `query_range` is for query texts and reads a phrase exactly as the Tasks plugin does, oddities
included. `option_range` is for the command line, where a word has one sensible meaning or is an error that helps.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from vaultindex.base.errors import UsageError
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.dates.days import MONTHS, WEEKDAYS


class Range(NamedTuple):
    """Days from `start` to `end`, both included, as YYYY-MM-DD; None is an open end, two of them mean 'no date'."""

    start: str | None
    end: str | None

    @classmethod
    def of(cls, first: date, last: date | None = None) -> "Range":
        return cls(first.isoformat(), (last or first).isoformat())

    @property
    def is_none(self) -> bool:
        return self.start is None and self.end is None

    def holds(self, day: str) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def echo(self) -> str:
        """How a heading says what was understood: 'Tue 7 Oct 2025', 'Mon 6 – Sun 12 Oct 2025', 'from ...'."""
        if self.start is None:
            return "no date" if self.end is None else f"up to {echo_day(self.end)}"
        if self.end is None:
            return f"from {echo_day(self.start)}"
        if self.start == self.end:
            return echo_day(self.start)
        first, last = echo_day(self.start).split(), echo_day(self.end)
        same = next(
            n
            for n, same in ((2, self.start[:7] == self.end[:7]), (3, self.start[:4] == self.end[:4]), (4, True))
            if same
        )
        return f"{' '.join(first[:same])} – {last}"


NO_DATE = Range(None, None)


def echo_day(day: str) -> str:
    """'2025-10-07' -> 'Tue 7 Oct 2025'."""
    d = date.fromisoformat(day)
    return f"{WEEKDAYS[d.weekday()][:3]} {d.day} {MONTHS[d.month - 1][:3]} {d.year}"


# ---------------------------------------------------------------- spans of the calendar


def _span(unit: str, day: date) -> Range:
    """The week (Monday to Sunday), month, quarter or year that holds a day."""
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return Range.of(first, first + timedelta(days=6))
    if unit == "year":
        return Range.of(day.replace(month=1, day=1), day.replace(month=12, day=31))
    months = 3 if unit == "quarter" else 1
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Range.of(first, _plus_months(first, months) - timedelta(days=1))


def _plus_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day."""
    years, month0 = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month0 + 1, 1)
    following = date(first.year + 1, 1, 1) if month0 == 11 else date(first.year, month0 + 2, 1)
    return first.replace(day=min(day.day, (following - timedelta(days=1)).day))


def _plus(day: date, n: int, unit: str) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=n * (7 if unit == "week" else 1))
    return _plus_months(day, n * {"month": 1, "quarter": 3, "year": 12}[unit])


_STEPS = {"last": -1, "this": 0, "next": 1}
_NUMBERED = lazy_pattern(r"([0-9]{4})(?:-(?:Q([1-4])|W([0-9]{2})|([0-9]{2})))?")


def _numbered(text: str) -> Range | None:
    """'2025', '2025-Q4', '2025-W41', '2025-10': capital letters, two digits, or it is none of these."""
    match = _NUMBERED.fullmatch(text)
    if not match:
        return None
    year, quarter, week, month = match.groups()
    try:
        if week:
            return _span("week", date.fromisocalendar(int(year), int(week), 1))
        if quarter:
            return _span("quarter", date(int(year), int(quarter) * 3, 1))
        return _span("month" if month else "year", date(int(year), int(month or 1), 1))
    except ValueError:
        return None


# ---------------------------------------------------------------- query texts

_RELATIVE = lazy_pattern("(last|this|next) (week|month|quarter|year)")
_ISO_DAY = lazy_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 500  # no date phrase of a person is longer, and looking for dates in a book takes its time
_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}


def query_range(phrase: str, today: date, whole: str = "") -> Range | None:
    """The days that a date phrase of a query means for the Tasks plugin, or None when it understands no date.

    `whole` is the phrase with its keyword ('in two weeks', 'after 7 days'): read, as one day, when the phrase alone
    says nothing. A phrase that names several days is the range of the first two.
    """
    if len(phrase) > _LONGEST:
        return None
    match = _RELATIVE.search(phrase)
    try:
        if match:
            step, unit = match.groups()
            return _span(unit, _plus(today.replace(day=1) if unit != "week" else today, _STEPS[step], unit))
        said = phrase.strip(JS_SPACE)
        if said in _NEAR:
            return Range.of(today + timedelta(days=_NEAR[said]))
        if _ISO_DAY.fullmatch(said):
            return Range.of(date.fromisoformat(said))
    except (ValueError, OverflowError):
        return None  # 2025-02-30, or a span beyond year 9999
    numbered = _numbered(said)
    if numbered:
        return numbered
    from vaultindex.dates.chrono import days_in  # its patterns are large, and most phrases need none of them

    days = sorted(days_in(phrase, today)[:2])
    if days:
        return Range.of(days[0], days[-1])
    days = days_in(whole, today) if whole else []
    return Range.of(days[0]) if days else None


# ---------------------------------------------------------------- command-line options

_UNITS = {"d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
_UNIT_WORDS = {word + s: word for word in _UNITS.values() for s in ("", "s")} | _UNITS | {"mo": "month", "mos": "month"}
_UNIT = "(" + "|".join(sorted(_UNIT_WORDS, key=len, reverse=True)) + ")"
_OFFSET = rf"(?:in )?([+-]?)([0-9]{{1,5}}) ?{_UNIT}( ago| from now)?"
_STEP_SPAN = "(?:(last|this|next) )?(week|month|quarter|year|weekend)"
_EDGE = "(start|end) of (?:the )?(week|month|quarter|year)|([se])o([wmqy])"
_WEEKDAYS = {
    name: n
    for n, day in enumerate(map(str.lower, WEEKDAYS))
    for name in (day, day[:3], *{1: ("tues",), 3: ("thur", "thurs"), 2: ("weds",)}.get(n, ()))
}
_MONTH_NAMES = {name: n for n, month in enumerate(map(str.lower, MONTHS), start=1) for name in (month, month[:3])} | {
    "sept": 9
}
_WEEKDAY = f"(?:(last|this|next) )?({'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})"
_MONTH = f"({'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})"
_DAY_OF_MONTH = (
    rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}|{_MONTH} ([0-9]{{1,2}})(?:st|nd|rd|th)?)(?:,? ([0-9]{{4}}))?"
)
_MONTH_YEAR = rf"{_MONTH}(?: ([0-9]{{4}}))?"
_NUMBERED_NOW = "(w|q)([0-9]{1,2})"
_NONE = ("none", "no date")

ACCEPTED = (
    "today, tomorrow, yesterday, mon..sun, 'next mon', +3d, -1w, 2w, +1m, eow, eom, eoq, eoy, week, 'next month', "
    "7 oct, 2025-10-07, 2025-10, 2025-W41, 2025-Q4, 2025, A..B, A.., ..B, none"
)


def option_range(text: str, today: date) -> Range:
    """The days that an option's value means; NO_DATE for 'none'.

    A weekday is the next such day, today included; `this|next|last` with it means that day of this, the next or the
    last week (Monday to Sunday). A day and month without a year is the nearest one. `A..B` runs from the first day of A
    to the last of B. Raises UsageError, which says what is accepted and names the nearest word.
    """
    said = " ".join(text.lower().split())
    if said in _NONE:
        return NO_DATE
    if ".." in said:
        left, _, right = said.partition("..")
        start = _option(left.strip(), text, today).start if left.strip() else None
        end = _option(right.strip(), text, today).end if right.strip() else None
        if start is None and end is None:
            raise UsageError(f"'{text}' has no day at either end. Write A..B, A.. or ..B, for example 2025-10-01..eom.")
        if start and end and start > end:
            raise UsageError(f"'{text}' ends ({echo_day(end)}) before it begins ({echo_day(start)}).")
        return Range(start, end)
    return _option(said, text, today)


def _option(said: str, text: str, today: date) -> Range:
    try:
        found = _option_or_none(said, today)
    except (ValueError, OverflowError):
        raise UsageError(f"'{text}' is not a day of the calendar.") from None
    if found is None:
        raise UsageError(_not_understood(said, text))
    return found


def _option_or_none(said: str, today: date) -> Range | None:
    if said in _NEAR or said == "now":
        return Range.of(today + timedelta(days=_NEAR.get(said, 0)))
    if _ISO_DAY.fullmatch(said):
        return Range.of(date.fromisoformat(said))
    numbered = _numbered(said.upper())
    if numbered:
        return numbered
    if _NUMBERED.fullmatch(said.upper()):
        raise ValueError
    if match := re.fullmatch(_OFFSET, said):
        sign, n, unit, way = match.groups()
        back = (sign == "-") != (way == " ago")
        return Range.of(_plus(today, -int(n) if back else int(n), _UNIT_WORDS[unit]))
    if match := re.fullmatch(_WEEKDAY, said):
        which, name = match.groups()
        ahead = _WEEKDAYS[name] - today.weekday()
        return Range.of(today + timedelta(days=ahead + 7 * _STEPS[which] if which else ahead % 7))
    if match := re.fullmatch(_STEP_SPAN, said):
        step, unit = match.groups()
        if unit == "weekend":
            monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_STEPS[step or "this"])
            return Range.of(monday + timedelta(days=5), monday + timedelta(days=6))
        return _span(unit, _plus(today.replace(day=1) if unit != "week" else today, _STEPS[step or "this"], unit))
    if match := re.fullmatch(_EDGE, said):
        edge, word, short_edge, short = match.groups()
        span = _span(word or _UNITS[short], today)
        day = span.start if (edge or short_edge).startswith("s") else span.end
        return Range(day, day)
    if match := re.fullmatch(_NUMBERED_NOW, said):
        year = today.isocalendar()[0] if match[1] == "w" else today.year
        return _numbered(f"{year}-W{int(match[2]):02}" if match[1] == "w" else f"{year}-Q{match[2]}")
    return _named(said, today)


def _named(said: str, today: date) -> Range | None:
    """'7 oct', 'october 7th 2025', 'oct 2025', 'oct'."""
    if match := re.fullmatch(_DAY_OF_MONTH, said):
        day, month = int(match[1] or match[4]), _MONTH_NAMES[match[2] or match[3]]
        if match[5]:
            return Range.of(date(int(match[5]), month, day))
        near = [date(year, month, day) for year in range(today.year - 1, today.year + 2) if _exists(year, month, day)]
        if not near:
            raise ValueError
        return Range.of(min(near, key=lambda d: abs(d - today)))
    if match := re.fullmatch(_MONTH_YEAR, said):
        month = _MONTH_NAMES[match[1]]
        years = [int(match[2])] if match[2] else range(today.year - 1, today.year + 2)
        return _span("month", min((date(y, month, 15) for y in years), key=lambda d: abs(d - today)))
    return None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def between(since: str | None, until: str | None, today: date) -> Range | None:
    """The days from one value of an option to another; None without both. `30d` as the first is thirty days ago, as
    nobody asks for what begins next month. Raises UsageError."""
    if since is None and until is None:
        return None
    if since and re.fullmatch(r"\s*[0-9]+ ?(?:d|w|m|mo|mos|q|y|days?|weeks?|months?|quarters?|years?)\s*", since):
        since = f"-{since.strip()}"
    return Range(option_range(since, today).start if since else None, option_range(until, today).end if until else None)


def option_age(text: str, today: date) -> str:
    """The day that lies the given time back: '30d', '2w', '3 months' -> YYYY-MM-DD. Raises UsageError."""
    match = re.fullmatch(_OFFSET, " ".join(text.lower().split()))
    if not match or match[1] == "-" or match[4]:
        raise UsageError(f"'{text}' is not a length of time. Write for example 30d, 2w, 3m or 1y.")
    try:
        return _plus(today, -int(match[2]), _UNIT_WORDS[match[3]]).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(f"'{text}' is further back than the calendar goes.") from None


def _not_understood(said: str, text: str) -> str:
    from difflib import get_close_matches

    known = [*_NEAR, *_WEEKDAYS, *_MONTH_NAMES, *_UNITS.values(), "none", "weekend", "eow", "eom", "eoq", "eoy"]
    words = said.split()
    nearest = [get_close_matches(word, [*known, "this", "next", "last"], 1, 0.6) for word in words]
    hint = ""
    if said.isdigit():
        hint = f" Did you mean '{said}d'?"
    elif words and all(nearest) and len(words) <= 2:
        hint = f" Did you mean '{' '.join(near[0] for near in nearest)}'?"
    return f"'{text}' is not a date.{hint} Accepted: {ACCEPTED}."
