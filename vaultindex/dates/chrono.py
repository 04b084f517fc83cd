"""Find the days that English words name ('next fri', '2 weeks ago', 'May 5th'), with the readings of chrono-node 2.3.9.

The Tasks plugin hands the date phrases of a query to that library, so its habits are the rule here, the odd ones
included: text after a date is ignored, 'day after tomorrow' is tomorrow, '5pm' is today. Facts come from its answers
and its grammar; a differential test holds both together. `days_in(phrase, today)` is the only door.

`chrono_finders` looks for one construct each, anywhere in the text. Here their findings, in text order, go through passes
that drop overlaps, take in time zones and join neighbours ('friday' + '5pm'); what is not a real date is dropped at the
end. The reader's clock stands at noon UTC, so hours matter only where they push a day over midnight.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from vaultindex.base.text import JS_SPACE
from vaultindex.dates.chrono_finders import FINDERS, Found, Scene, find
from vaultindex.dates.chrono_words import (
    PM,
    SPACE,
    TIME,
    ZONES,
    Parts,
    amounts_in,
    compiled,
    relative,
)


def _without_overlaps(found: list[Found]) -> list[Found]:
    """Keep the longest of the findings that overlap."""
    kept: list[Found] = []
    for one in found:
        if kept and one.index < kept[-1].stop:
            if len(one.text) > len(kept[-1].text):
                kept[-1] = one
        else:
            kept.append(one)
    return kept


def _take_in_offsets(scene: Scene, found: list[Found]) -> None:
    """'+02:00' after a moment belongs to it."""
    offset = compiled(r"^\s*(?:\(?(?:GMT|UTC)\s?)?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?\)?")
    for one in found:
        match = None if "zone" in one.start.sure else offset.search(scene.text[one.stop :])
        if match:
            zone = int(match["hours"]) * 60 + int(match["minutes"] or 0)
            if zone <= 14 * 60:
                zone = -zone if match["sign"] == "-" else zone
                for parts in (one.start, one.end):
                    if parts:
                        parts.say(zone=zone)
                one.text += match[0]


def _take_in_zones(scene: Scene, found: list[Found]) -> None:
    """'EST' after a moment belongs to it; in lower case only after a time of day."""
    name = compiled(r"^\s*,?\s*\(?(?P<name>[A-Z]{2,4})\)?(?=\W|$)")
    for one in found:
        match = name.search(scene.text[one.stop :])
        zone = ZONES.get(match["name"].upper()) if match else None
        if match is None or zone is None:
            continue
        before, shouted = one.start.get("zone"), match["name"].isupper()
        if before is not None and zone != before and ("zone" in one.start.sure or not shouted):
            continue
        if one.start.only_date and not shouted:
            continue
        one.text += match[0]
        for parts in (one.start, one.end):
            if parts and "zone" not in parts.sure:
                parts.say(zone=zone)


_Join = Callable[[Scene, str, Found, Found], "Found | None"]


def _joined(scene: Scene, found: list[Found], join: _Join) -> list[Found]:
    """Neighbours joined from left to right wherever `join` gives a finding for two."""
    kept = found[:1]
    for one in found[1:]:
        left = kept[-1]
        between = scene.text[min(left.stop, one.index) : max(left.stop, one.index)]
        both = join(scene, between, left, one)
        if both:
            kept[-1] = both
        else:
            kept.append(one)
    return kept


def _weekday_with_date(scene: Scene, between: str, left: Found, right: Found) -> Found | None:
    if not (left.start.only_weekday and "hour" not in left.start.sure and "day" in right.start.sure):
        return None
    if not compiled(r"^,?\s*$").search(between):
        return None
    weekday = left.start.value("weekday")
    end = right.end.copy().say(weekday=weekday) if right.end else None
    text = left.text + between + right.text
    return Found(left.index, text, right.start.copy().say(weekday=weekday), end)


def _amount_from_date(scene: Scene, between: str, left: Found, right: Found) -> Found | None:
    """'2 weeks after' + '2025-10-08'."""
    word = compiled(r"\s+(?P<word>before|from|after|since)$").search(left.text)
    if between.strip(JS_SPACE) or not word:
        return None
    sign = -1 if word["word"].lower() in ("before", "from") else 1
    if not all(right.start.get(part) for part in ("day", "month", "year")):
        return None
    parts = relative(right.start.moment(), amounts_in(left.text, sign))
    return Found(left.index, left.text + between + right.text, parts)


def _with_time(day: Parts, time: Parts) -> Parts:
    both = day.copy()
    if "hour" in time.sure:
        both.say(hour=time.value("hour"), minute=time.value("minute"))
        rest = ("second", "ms") if "second" in time.sure else ()
        for part in ("second", "ms"):
            put = both.say if part in rest and part in time.sure else both.suppose
            put(**{part: time.value(part)})
    else:
        both.suppose(**{part: time.value(part) for part in TIME})
    if "zone" in time.sure:
        both.say(zone=time.sure["zone"])
    half = time.get("half")
    if "half" in time.sure:
        both.say(half=time.sure["half"])
    elif half is not None and both.get("half") is None:
        both.suppose(half=half)
    if both.get("half") == PM and both.value("hour") < 12:
        put = both.say if "hour" in time.sure else both.suppose
        put(hour=both.value("hour") + 12)
    return both


def _date_with_time(scene: Scene, between: str, left: Found, right: Found) -> Found | None:
    one_each = (left.start.only_date and right.start.only_time) or (right.start.only_date and left.start.only_time)
    # The library's pattern here is case-sensitive, all the others are not.
    if not one_each or not re.fullmatch(rf"{SPACE}*(?:T|at|after|before|on|of|,|-)?{SPACE}*", between):
        return None
    day, time = (left, right) if left.start.only_date else (right, left)
    start = _with_time(day.start, time.start)
    end = day.end.copy() if day.end else None
    if day.end or time.end:
        end = _with_time(day.end or day.start, time.end or time.start)
        if not day.end and end.moment() < start.moment():
            put = end.say if "day" in end.sure else end.suppose
            put(day=end.value("day") + 1)
    return Found(left.index, left.text + between + right.text, start, end)


def _first_to_second(scene: Scene, between: str, left: Found, right: Found) -> Found | None:
    """'5 May to 7 May' is one finding; each end borrows what only the other says."""
    if left.end or right.end or not compiled(r"^\s*(?:to|-)\s*$").search(between):
        return None
    start, end = left.start, right.start
    if not start.only_weekday and not end.only_weekday:
        start.say(**{part: value for part, value in end.sure.items() if part not in start.sure})
        end.say(**{part: value for part, value in start.sure.items() if part not in end.sure})
    if start.moment() > end.moment():
        week = timedelta(days=7)
        if start.only_weekday and start.moment() - week < end.moment():
            start.suppose_day(start.moment() - week)
        elif end.only_weekday and end.moment() + week > start.moment():
            end.suppose_day(end.moment() + week)
        else:
            start, end = end, start
    return Found(left.index, left.text + between + right.text, start, end)


def _likely(one: Found) -> bool:
    bare = re.fullmatch(r"\d*(\.\d*)?", one.text.replace(" ", "", 1), re.ASCII)
    return not bare and one.start.real() and (one.end is None or one.end.real())


def days_in(phrase: str, today: date) -> list[date]:
    """The days that a phrase names, in text order; of a span ('5 to 7 May') only its first day.

    Words that name no day are passed over; [] when there is no day at all, or one before year 1 or after 9999.
    """
    scene = Scene(phrase, datetime(today.year, today.month, today.day, 12))
    try:
        lower = phrase.lower()
        found = [
            one
            for source, finder, needs in FINDERS
            if any(word in lower for word in needs.split())
            for one in find(source, finder, scene)
        ]
        found.sort(key=lambda one: one.index)
        found = _without_overlaps(found)
        _take_in_offsets(scene, found)
        _take_in_zones(scene, found)
        for join in (_weekday_with_date, _amount_from_date, _date_with_time, _first_to_second):
            found = _joined(scene, found, join)
        return [one.start.moment().date() for one in _without_overlaps(found) if _likely(one)]
    except (ValueError, OverflowError):
        return []  # a year that no calendar of Python's has: 'in 99999 years'
