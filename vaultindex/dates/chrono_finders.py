"""Single findings of dates in a text, one finder a form, as chrono-node (the plugin's date library) reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from vaultindex.dates.chrono_words import (
    AM,
    AMOUNTS,
    CLOCK,
    CLOCK_END,
    FULL_MONTHS,
    HALVES,
    MONTHS,
    ORDINAL,
    PM,
    SPACE,
    TIME,
    UNITS,
    WEEKDAYS,
    YEAR,
    Parts,
    amounts_in,
    any_of,
    compiled,
    nearest_year,
    ordinal_in,
    relative,
    two_digits,
    weekday_near,
    year_in,
)

# A finder takes the match and the scene, and returns a finding or the place behind which to look again. `at` is where the
# match begins in the whole text, with its lead (the character before the word).


class Found:
    """One finding: where it stands in the text, and the moment (or span of moments) it names."""

    __slots__ = ("end", "index", "start", "text")

    def __init__(self, index: int, text: str, start: Parts, end: Parts | None = None) -> None:
        self.index, self.text, self.start, self.end = index, text, start, end

    @property
    def stop(self) -> int:
        return self.index + len(self.text)


class Scene(NamedTuple):
    text: str
    now: datetime


_Finder = Callable[[re.Match[str], int, Scene], "Found | int"]


def _made(match: re.Match[str], at: int, start: Parts, end: Parts | None = None) -> Found:
    lead = len(match["lead"])
    return Found(at + lead, match[0][lead:], start, end)


def _after_word(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    sign = -1 if match["way"].lower() in ("last", "past", "-") else 1
    return _made(match, at, relative(scene.now, amounts_in(match["amounts"], sign)))


def _this_next_last(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    way, unit, now = match["way"].lower(), UNITS[match["unit"].lower()], scene.now
    if way == "next" or way.startswith("after"):
        return _made(match, at, relative(now, {unit: 1}))
    if way in ("last", "past"):
        return _made(match, at, relative(now, {unit: -1}))
    parts = Parts(now)
    if unit == "week":
        parts.suppose_day(now - timedelta(days=now.isoweekday() % 7))
    elif match["unit"].lower() in ("y", "yr"):
        pass  # 'this yr' is today for the library, which looks for the whole word
    elif unit == "month":
        parts.suppose(day=1).say(month=now.month, year=now.year)
    elif unit == "year":
        parts.suppose(day=1, month=1).say(year=now.year)
    return _made(match, at, parts)


def _month_alone(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    lead, name = len(match["lead"]), match["month"].lower()
    if len(match[0]) - lead <= 3 and name not in FULL_MONTHS:
        return at + lead
    month = MONTHS[name]
    parts = Parts(scene.now).suppose(day=1).say(month=month)
    if match["year"]:
        parts.say(year=year_in(match["year"]))
    else:
        parts.suppose(year=nearest_year(scene.now, 1, month))
    skip = lead + len(match["prefix"] or "")
    return Found(at + skip, match[0][skip:], parts)


def _time_of_day(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    parts = Parts(scene.now)
    word = match["word"].lower()
    if word == "midnight":
        parts.say_day(scene.now + timedelta(days=1)).suppose(hour=0, minute=0, second=0)
    else:
        half = AM if word in ("morning", "noon") else PM
        hour = {"morning": 6, "noon": 12, "afternoon": 15, "evening": 20, "night": 20}[word]
        parts.suppose(half=half, hour=hour)
    return _made(match, at, parts)


def _day_word(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    parts, now, word = Parts(scene.now), scene.now, match["word"].lower()
    if word == "now":
        parts.say_day(now).say(hour=now.hour, minute=now.minute, second=now.second, ms=0, half=PM, zone=0)
    elif word == "tonight":
        parts.suppose(hour=22, half=PM).say_day(now)
    elif word.startswith("last"):
        parts.say_day(now - timedelta(days=1)).suppose(hour=0)
    else:
        days = {"today": 0, "yesterday": -1}.get(word, 1)
        parts.say_day(now + timedelta(days=days)).suppose_time(now)
    return _made(match, at, parts)


def _iso(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    parts = Parts(scene.now).say(**{p: int(match[p]) for p in ("year", "month", "day")})
    if match["hour"]:
        parts.say(**{p: int(match[p]) for p in TIME if match[p]})
        zone = int(match["zh"] or 0) * 60
        minutes = int(match["zm"] or 0)
        parts.say(zone=zone - minutes if zone < 0 else zone + minutes)
    return _made(match, at, parts)


def _slashes(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    lead, tail = match["lead"], match["tail"]
    if "/" in (lead, tail):
        return at + len(match[0])
    text = match[0][len(lead) : len(match[0]) - len(tail)]
    version = re.match(rf"\d\.\d(?:\Z|\.\d{{1,2}}{SPACE}*\Z)", text, re.ASCII)
    if version or (not match["year"] and "/" not in match[0]):
        return at
    month, day = int(match["first"]), int(match["second"])
    if month > 12:
        if not (1 <= day <= 12 and month <= 31):
            return at
        day, month = month, day
    if not 1 <= day <= 31:
        return at
    parts = Parts(scene.now).say(day=day, month=month)
    if match["year"]:
        parts.say(year=two_digits(int(match["year"])))
    else:
        parts.suppose(year=nearest_year(scene.now, day, month))
    return Found(at + len(lead), text, parts)


def _within(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    return _made(match, at, relative(scene.now, amounts_in(match["amounts"])))


def _ago(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    return _made(match, at, relative(scene.now, amounts_in(match["amounts"], -1)))


def _day_and_month(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    """'5 May', '5th to 7th of May 2025', 'May 5', 'May 5 - 7, 2025'."""
    month, day = MONTHS[match["month"].lower()], ordinal_in(match["day"])
    if day > 31:
        day_first = match.start("day") < match.start("month")
        return at + len(match["lead"]) + (len(match["day"]) if day_first else 0)
    parts = Parts(scene.now).say(month=month, day=day)
    if match["year"]:
        parts.say(year=year_in(match["year"]))
    else:
        parts.suppose(year=nearest_year(scene.now, day, month))
    end = parts.copy().say(day=ordinal_in(match["to"])) if match["to"] else None
    return _made(match, at, parts, end)


def _weekday_name(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    weekday = WEEKDAYS[match["weekday"].lower()]
    when = weekday_near(scene.now, weekday, (match["before"] or match["after"] or "").lower())
    return _made(match, at, Parts(scene.now).say(weekday=weekday).suppose_day(when))


def _year_month_day(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    month = int(match["number"]) if match["number"] else MONTHS[match["name"].lower()]
    if not 1 <= month <= 12:
        return at + len(match["lead"])
    return _made(match, at, Parts(scene.now).say(day=int(match["day"]), month=month, year=int(match["year"])))


def _month_slash_year(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    parts = Parts(scene.now).suppose(day=1).say(month=int(match["month"]), year=int(match["year"]))
    return _made(match, at, parts)


def _clock_parts(match: re.Match[str], scene: Scene) -> Parts | None:
    """The first (or only) time of day that a match names, or None when it is none."""
    hour, minute, half = int(match["hour"]), 0, None
    if hour > 100:
        if match["minute"]:
            return None
        hour, minute = divmod(hour, 100)
    if hour > 24:
        return None
    if match["minute"]:
        if len(match["minute"]) == 1 and not match["half"]:
            return None
        minute = int(match["minute"])
    if minute >= 60:
        return None
    if hour > 12:
        half = PM
    if match["half"]:
        if hour > 12:
            return None
        half = AM if match["half"][0] in "aA" else PM
        hour = hour % 12 + 12 * half
    parts = Parts(scene.now).say(hour=hour, minute=minute)
    if half is None:
        parts.suppose(half=AM if hour < 12 else PM)
    else:
        parts.say(half=half)
    if match["ms"]:
        parts.say(ms=int(match["ms"][:3]))
    if match["second"]:
        if int(match["second"]) >= 60:
            return None
        parts.say(second=int(match["second"]))
    said = match[0]
    if said.endswith("night"):
        if 6 <= hour < 12:
            parts.say(hour=hour + 12, half=PM)
        elif hour < 6:
            parts.say(half=AM)
    elif said.endswith("afternoon"):
        parts.say(half=PM)
        if hour <= 6:
            parts.say(hour=hour + 12)
    elif said.endswith("morning"):
        parts.say(half=AM)
    return parts


def _clock_end(match: re.Match[str], start: Parts, scene: Scene) -> Parts | None:
    """The second time of '3 - 5pm', or None when it is none. May settle which half of the day the first one means."""
    parts = Parts(scene.now)
    if match["ms"]:
        parts.say(ms=int(match["ms"][:3]))
    if match["second"]:
        if int(match["second"]) >= 60:
            return None
        parts.say(second=int(match["second"]))
    hour, minute, half = int(match["hour"]), 0, None
    if match["minute"]:
        minute = int(match["minute"])
    elif hour > 100:
        hour, minute = divmod(hour, 100)
    if minute >= 60 or hour > 24:
        return None
    if hour >= 12:
        half = PM
    if match["half"]:
        if hour > 12:
            return None
        half = AM if match["half"][0] in "aA" else PM
        if half == AM and hour == 12:
            parts.suppose(day=parts.value("day") + 1)
        hour = hour % 12 + 12 * half
        if "half" not in start.sure:
            start.suppose(half=half)
            if half == AM and start.value("hour") == 12:
                start.say(hour=0)
            elif half == PM and start.value("hour") != 12:
                start.say(hour=start.value("hour") + 12)
    parts.say(hour=hour, minute=minute)
    if half is not None:
        parts.say(half=half)
    elif "half" in start.sure and start.value("hour") > 12:
        if start.value("hour") - 12 > hour:
            parts.suppose(half=AM)
        else:
            parts.say(hour=hour + 12, half=PM)
    else:
        parts.suppose(half=AM)
    if parts.moment() < start.moment():
        parts.suppose(day=parts.value("day") + 1)
    return parts


def _bad_ending(text: str, pattern: str) -> bool:
    """Is this number no hour but a sum or a version ('room 205', 'chapter 1.25')?"""
    match = re.search(pattern, text, re.ASCII)
    if not match:
        return False
    last = match[match.re.groups]
    if "." in last and not re.search(r"\d(\.\d{2})+\Z", last, re.ASCII):
        return True
    return any(int(re.match(r"\d+", number)[0]) > 24 for number in match.groups())  # type: ignore[index]


def _clock(match: re.Match[str], at: int, scene: Scene) -> Found | int:
    start, behind = _clock_parts(match, scene), at + len(match[0])
    if start is None:
        return behind
    lead = len(match["lead"])
    text = match[0][lead:]
    following = compiled(rf"^\s*(?:\-|\–|\~|\〜|to|\?)\s*{CLOCK_END}{HALVES}(?=\W|$)").search(scene.text[behind:])
    if following and re.match(r"\d{3,4}", text, re.ASCII) and compiled(r"^\s*[+-]\s*\d{2,4}$").search(following[0]):
        return behind
    if not following or compiled(r"^\s*[+-]\s*\d{3,4}$").search(following[0]):
        plain = compiled(r"^\d$|^\d\d\d+$|\d[ap]$").search(text)
        return behind if plain or _bad_ending(text, r"[^\d:.](\d[\d.]+)\Z") else Found(at + lead, text, start)
    end = _clock_end(following, start, scene)
    if end:
        text += following[0]
    if re.fullmatch(r"\d+-\d+", text, re.ASCII):
        return behind
    if _bad_ending(text, rf"[^\d:.](\d[\d.]+){SPACE}*-{SPACE}*(\d[\d.]+)\Z"):
        return behind
    return Found(at + lead, text, start, end)


_WORD = r"(?P<lead>\W|^)"
_END = r"(?=\W|$)"
# Pattern, finder, and words one of which any match contains (most phrases need few of these patterns compiled).
# In the library's order: of two findings that begin together and are equally long, the first in this list stays.
_AHEAD = "this last past next after"
_MONTH_STEMS = "jan feb mar apr may jun jul aug sep oct nov dec"
_DIGITS = "0 1 2 3 4 5 6 7 8 9"
FINDERS: tuple[tuple[str, _Finder, str], ...] = (
    (rf"{_WORD}(?P<way>this|last|past|next|after|\+|-)\s*(?P<amounts>{AMOUNTS}){_END}", _after_word, _AHEAD + " + -"),
    (rf"{_WORD}(?P<way>this|last|past|next|after\s*this)\s*(?P<unit>{any_of(UNITS)}){_END}", _this_next_last, _AHEAD),
    (
        rf"{_WORD}(?P<prefix>in\s*)?(?P<month>{any_of(MONTHS)})\s*(?:[,-]?\s*(?P<year>{YEAR})?)?"
        r"(?=(?!\s)\W|\s+[^0-9]|\s+$|$)",
        _month_alone,
        _MONTH_STEMS,
    ),
    (
        rf"{_WORD}(?:this)?\s{{0,3}}(?P<word>morning|afternoon|evening|night|midnight|noon){_END}",
        _time_of_day,
        "morn noon even night",
    ),
    (
        rf"{_WORD}(?P<word>now|today|tonight|tomorrow|tmr|tmrw|yesterday|last\s*night){_END}",
        _day_word,
        "now to tm yest night",
    ),
    (
        rf"{_WORD}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{1,2}})-(?P<day>[0-9]{{1,2}})"
        r"(?:T(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:\.(?P<ms>\d{1,4}))?)?"
        rf"(?:Z|(?P<zh>[+-]\d{{2}}):?(?P<zm>\d{{2}})?)?)?{_END}",
        _iso,
        _DIGITS,
    ),
    (
        r"(?P<lead>[^\d]|^)(?P<first>[0-3]?[0-9])[/.-](?P<second>[0-3]?[0-9])(?:[/.-](?P<year>[0-9]{4}|[0-9]{2}))?"
        r"(?P<tail>\W|$)",
        _slashes,
        _DIGITS,
    ),
    (
        rf"{_WORD}(?:within|in|for)\s*(?:(?:about|around|roughly|approximately|just)\s*(?:~\s*)?)?"
        rf"(?P<amounts>{AMOUNTS}){_END}",
        _within,
        "in for",
    ),
    (
        rf"{_WORD}(?:on\s{{0,3}})?(?P<day>{ORDINAL})"
        rf"(?:\s{{0,3}}(?:to|\-|\–|until|through|till)?\s{{0,3}}(?P<to>{ORDINAL}))?(?:-|/|\s{{0,3}}(?:of)?\s{{0,3}})"
        rf"(?P<month>{any_of(MONTHS)})(?:(?:-|/|,?\s{{0,3}})(?P<year>{YEAR}(?!(?!\s).\d)))?{_END}",
        _day_and_month,
        _MONTH_STEMS,
    ),
    (
        rf"{_WORD}(?P<month>{any_of(MONTHS)})(?:-|/|\s*,?\s*)(?P<day>{ORDINAL})(?!\s*(?:am|pm))\s*"
        rf"(?:(?:to|\-)\s*(?P<to>{ORDINAL})\s*)?(?:(?:-|/|\s*,?\s*)(?P<year>{YEAR}))?{_END}(?!\:\d)",
        _day_and_month,
        _MONTH_STEMS,
    ),
    (
        rf"{_WORD}(?:[,(（]\s*)?(?:on\s*?)?(?:(?P<before>this|last|past|next)\s*)?(?P<weekday>{any_of(WEEKDAYS)})"
        rf"(?:\s*[,)）])?(?:\s*(?P<after>this|last|past|next)\s*week)?{_END}",
        _weekday_name,
        "mon tue wed thu fri sat sun",
    ),
    (
        rf"{_WORD}(?P<year>[0-9]{{4}})(?:[./]|\s)(?:(?P<name>{any_of(MONTHS)})|(?P<number>[0-9]{{1,2}}))(?:[./]|\s)"
        rf"(?P<day>[0-9]{{1,2}}){_END}",
        _year_month_day,
        _DIGITS,
    ),
    (rf"{_WORD}(?P<month>[0-9]|0[1-9]|1[012])/(?P<year>[0-9]{{4}})", _month_slash_year, _DIGITS),
    (
        rf"(?P<lead>^|\s|T|\b)(?:(?:at|from)\s*)??{CLOCK}{HALVES}"
        rf"(?:\s*(?:o\W*clock|at\s*night|in\s*the\s*(?:morning|afternoon)))?(?!/){_END}",
        _clock,
        _DIGITS,
    ),
    (rf"{_WORD}(?P<amounts>{AMOUNTS})\s{{0,5}}(?:ago|before|earlier){_END}", _ago, "ago before earlier"),
    (
        rf"{_WORD}(?P<amounts>{AMOUNTS})\s{{0,5}}(?:later|after|from now|henceforth|forward|out){_END}",
        _within,
        "later after from now henceforth forward out",
    ),
)


def find(source: str, finder: _Finder, scene: Scene) -> list[Found]:
    """Every finding of one finder. After each, the search begins anew in the rest, as if the text began there."""
    found: list[Found] = []
    pattern, begin = compiled(source), 0
    while match := pattern.search(scene.text[begin:]):
        at = begin + match.start()
        result = finder(match, at, scene)
        if isinstance(result, Found):
            found.append(result)
            begin = at + len(result.text)
        else:
            begin = result + 1
    return found
