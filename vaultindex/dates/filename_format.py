"""Dates in names, read strictly by a moment.js format (`YYYY-MM-DD`, `GGGG-[W]WW`) as a vault's settings hold it.

Also the day that a note's name gives to its undated tasks.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from vaultindex.dates.days import MONTHS, WEEKDAYS, ordinal

_MONTHS = tuple(map(str.lower, MONTHS))
_DAYS = ("sunday", *map(str.lower, WEEKDAYS[:6]))  # moment.js counts from Sunday


def _names(names: tuple[str, ...], size: int | None) -> str:
    return "|".join(name[:size] for name in names)


# Token -> its pattern. Times of day are accepted and not used.
_TOKENS = {
    "YYYY": "[0-9]{4}",
    "YY": "[0-9]{2}",
    "Q": "[1-4]",
    "MMMM": _names(_MONTHS, None),
    "MMM": _names(_MONTHS, 3),
    "MM": "[0-9]{2}",
    "M": "[0-9]{1,2}",
    "DDDD": "[0-9]{3}",
    "DDD": "[0-9]{1,3}",
    "DD": "[0-9]{2}",
    "Do": "[0-9]{1,2}(?:st|nd|rd|th)",
    "D": "[0-9]{1,2}",
    "dddd": _names(_DAYS, None),
    "ddd": _names(_DAYS, 3),
    "dd": _names(_DAYS, 2),
    "GGGG": "[0-9]{4}",
    "WW": "[0-9]{2}",
    "W": "[0-9]{1,2}",
    "E": "[1-7]",
    "gggg": "[0-9]{4}",
    "ww": "[0-9]{2}",
    "w": "[0-9]{1,2}",
    **dict.fromkeys(("HH", "hh", "mm", "ss"), "[0-9]{2}"),
    **dict.fromkeys(("H", "h", "m", "s"), "[0-9]{1,2}"),
    **dict.fromkeys(("A", "a"), "am|pm"),
}
_FORMAT = re.compile(r"\[([^\]]*)\]|(" + "|".join(_TOKENS) + r")|(.)", re.DOTALL)


_WITH_HYPHENS = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WITHOUT = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})")


def filename_date(path: str, form: str = "", folders: tuple[str, ...] = ()) -> str | None:
    """The day, 'YYYY-MM-DD', in the name of a note: by the format, else the first YYYY-MM-DD, else the first YYYYMMDD.

    None when the name holds none, or when folders are given and the note is below none of them.
    """
    if folders and not any(path.startswith(folder + "/") for folder in folders):
        return None
    name = path.rpartition("/")[2].removesuffix(".md")
    if form and (found := read_date(name, form)):
        return found.isoformat()
    digits = _WITH_HYPHENS.search(name) or _WITHOUT.search(name)
    text = "-".join(digits.groups()) if digits else ""
    return text if ordinal(text) is not None else None


@lru_cache(maxsize=64)
def _compiled(form: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    pattern, tokens = "", []
    for literal, token, other in _FORMAT.findall(form):
        if token:
            pattern += f"({_TOKENS[token]})"
            tokens.append(token)
        else:
            pattern += re.escape(literal or other)
    return re.compile(pattern, re.IGNORECASE), tuple(tokens)


def read_date(text: str, form: str) -> date | None:
    """The day that the whole text names in the format, None when it does not fit or there is no such day.

    What the format leaves out is the first of its kind (`YYYY-MM` is the first of the month, a week its first day).
    A format without a year is not read: the answer would depend on the day of asking.
    """
    pattern, tokens = _compiled(form)
    match = pattern.fullmatch(text)
    if match is None:
        return None
    parts = dict(zip(tokens, (value.lower() for value in match.groups()), strict=True))
    try:
        found = _day(parts)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    said = [name for token in ("dddd", "ddd", "dd") if (name := parts.get(token))]
    return found if all(_DAYS[found.isoweekday() % 7].startswith(name) for name in said) else None


def _day(parts: dict[str, str]) -> date | None:
    number = {token: int(value) for token, value in parts.items() if value.isdigit()}

    def one(*tokens: str, default: int = 1) -> int:
        return next((number[token] for token in tokens if token in number), default)

    if "GGGG" in number:
        return date.fromisocalendar(number["GGGG"], one("WW", "W"), one("E"))
    if "gggg" in number:  # weeks from Sunday, the first holds 1 January
        first = date(number["gggg"], 1, 1)
        return first + timedelta(days=(one("ww", "w") - 1) * 7 - first.isoweekday() % 7)
    if "YYYY" in number:
        year = number["YYYY"]
    elif "YY" in number:
        year = number["YY"] + (1900 if number["YY"] > 68 else 2000)
    else:
        return None
    if "DDDD" in number or "DDD" in number:
        found = date(year, 1, 1) + timedelta(days=one("DDDD", "DDD") - 1)
        return found if found.year == year else None
    name = parts.get("MMMM") or parts.get("MMM")
    if name:
        month = next(n for n, full in enumerate(_MONTHS, 1) if full.startswith(name))
    else:
        month = one("MM", "M", default=one("Q") * 3 - 2)
    day = int(parts["Do"][:-2]) if "Do" in parts else one("DD", "D")
    return date(year, month, day)


_PLACEHOLDER = re.compile(r"\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DDDD|DD|Do|D|dddd|ddd|GGGG|gggg|WW|W|ww|w|E|Q")


def written_date(day: date, form: str) -> str:
    """A date in a moment.js format, in English."""
    year, week, weekday = day.isocalendar()
    nth = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    values = {
        "YYYY": f"{day.year:04}", "YY": f"{day.year % 100:02}", "MMMM": MONTHS[day.month - 1], "MMM": MONTHS[day.month - 1][:3],
        "MM": f"{day.month:02}", "M": str(day.month), "DDDD": f"{day.timetuple().tm_yday:03}", "DD": f"{day.day:02}",
        "Do": f"{day.day}{nth}", "D": str(day.day), "dddd": WEEKDAYS[weekday - 1], "ddd": WEEKDAYS[weekday - 1][:3],
        "GGGG": f"{year:04}", "gggg": f"{year:04}", "WW": f"{week:02}", "W": str(week), "ww": f"{week:02}", "w": str(week),
        "E": str(weekday), "Q": str((day.month + 2) // 3),
    }  # fmt: skip
    return _PLACEHOLDER.sub(lambda found: found[1] if found[1] is not None else values[found[0]], form)
