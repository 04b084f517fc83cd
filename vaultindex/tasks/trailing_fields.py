"""Read the fields and tags at the end of a task line, as the Tasks plugin does.

The plugin takes fields off the END of a line, one of each kind in a fixed order per pass, for at most 21 passes. The
same is done here in one walk: the places that look like fields are found from the left once, then taken from the right,
and a kind's place in the plugin's order decides where a text could be a tag or a field, and where the passes run out.
White space, `.` and digits are JavaScript's, not Python's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from vaultindex.base.text import JS_SPACE
from vaultindex.dates.days import ordinal

DATES = ("created", "start", "scheduled", "due", "done", "cancelled")
_new = tuple.__new__

NO_TAG = ' !@#$%^&*(),.?":{}|<>'
TAG = re.compile(rf"(?:\A|[{JS_SPACE}])#[^{re.escape(NO_TAG)}]+")
_TAG_BODY = re.compile(rf"[^{re.escape(NO_TAG)}]+")

# The order in which the plugin tries the kinds in each pass. It decides between `#tag🆔abc` as a tag and as an id.
_KINDS = (
    *("priority", "done", "cancelled", "due", "scheduled", "start", "created"),
    *("rule", "on_completion", "tag", "task_id", "depends_on"),
)
_TAG_KIND = _KINDS.index("tag")
_MOST_PASSES = 21

PRIORITIES = {"🔺": "highest", "⏫": "high", "🔼": "medium", "🔽": "low", "⏬": "lowest"}
SIGNS = {
    **dict.fromkeys(PRIORITIES, "priority"),
    **dict.fromkeys("📅📆🗓", "due"),
    **dict.fromkeys("⏳⌛", "scheduled"),
    "✅": "done",
    "❌": "cancelled",
    "🛫": "start",
    "➕": "created",
    "🔁": "rule",
    "🏁": "on_completion",
    "🆔": "task_id",
    "⛔": "depends_on",
}
_KEYS = {
    **{name: name for name in ("priority", "start", "created", "scheduled", "due", "cancelled")},
    "completion": "done",
    "repeat": "rule",
    "onCompletion": "on_completion",
    "id": "task_id",
    "dependsOn": "depends_on",
}
# A sign with all that any value may consist of; each kind's own test then looks at what of it is left.
_SIGN = re.compile("([" + "".join(SIGNS) + r"])\uFE0F? *([A-Za-z0-9_, !-]*)")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_VALUES = {
    **dict.fromkeys(DATES, _DATE),
    "rule": re.compile("[A-Za-z0-9, !]+").fullmatch,
    "on_completion": re.compile("[A-Za-z]+").fullmatch,
    "task_id": re.compile("[A-Za-z0-9_-]+").fullmatch,
    "depends_on": re.compile("[A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+ *)*").fullmatch,
}
_NOTHING = re.compile("").fullmatch
_EMOJI_TESTS = {
    sign: (kind, _KINDS.index(kind), _VALUES.get(kind, _NOTHING), PRIORITIES.get(sign, ""))
    for sign, kind in SIGNS.items()
}
_PRIORITY_WORDS = frozenset(PRIORITIES.values())


# Priority, created, start, scheduled, due, done, cancelled, rule, on_completion, task_id, depends_on, invalid.
Fields = tuple[
    str, str | None, str | None, str | None, str | None, str | None, str | None, str, str, str, tuple[str, ...], tuple[str, ...]
]  # fmt: skip


def fields_of(values: dict[str, str]) -> Fields:
    """The fields of a task from the texts that were taken off its line."""
    take = values.get
    on_completion = take("on_completion", "").lower()
    ids = take("depends_on")
    return (
        take("priority", "none"),
        take("created"),
        take("start"),
        take("scheduled"),
        take("due"),
        take("done"),
        take("cancelled"),
        take("rule", ""),
        on_completion if on_completion in ("keep", "delete") else "",
        take("task_id", ""),
        tuple([one for one in ids.replace(" ", "").split(",") if one]) if ids else (),
        tuple([name for name in DATES if name in values and ordinal(values[name]) is None]),
    )


def tags_of(description: str) -> tuple[str, ...]:
    """The tags of a description, with '#', repeats kept."""
    return tuple([tag.strip(JS_SPACE) for tag in TAG.findall(description)]) if "#" in description else ()


class Tail(NamedTuple):
    """The end of a line that holds nothing but fields and tags."""

    fields: Fields
    tags: tuple[str, ...]
    shown: str  # the tags as they stand in the description


_LONG = 200  # of an end: not worth the memory
_NOTHING_THERE = Tail(fields_of({}), (), "")
_BEGIN = re.compile(rf"[{''.join(SIGNS)}]|#(?<![^{JS_SPACE}]#)")
_ANY_DATE = re.compile("(?<![0-9A-Za-z_-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9A-Za-z_-])")


def plain_tail(body: str) -> tuple[int, Tail] | None:
    """Only for speed: where the fields and tags at the end of an ordinary line begin, and their values; None when unsure (then `peel` decides).

    Many lines end alike except for their dates, so each kind of ending is worked out once and cached.
    """
    begin = _BEGIN.search(body)
    if begin is None:
        return len(body), _NOTHING_THERE
    at = begin.start()
    if len(body) - at > _LONG:
        return None
    parts = _ANY_DATE.split(body[at:])
    found = _around(tuple(parts[::2]))
    if found is None:
        return None
    tail, names = found
    if not names:
        return at, tail
    given = list(tail.fields)
    for place, date in zip(names, parts[1::2]):
        if ordinal(date) is None:
            return None
        given[place] = date
    return at, _new(Tail, (tuple(given), tail.tags, tail.shown))


@lru_cache(maxsize=1_024)
def _around(parts: tuple[str, ...]) -> tuple[Tail, list[int]] | None:
    """The fields of a line's end with its dates left open, and which field each date fills; None when unsure."""
    dates = [f"{number:04d}-01-01" for number in range(1, len(parts))]
    text = parts[0] + "".join([date + part for date, part in zip(dates, parts[1:])])
    values: dict[str, str] = {}
    description, left = peel(text, places_emoji(text), values)
    fields, tags = fields_of(values), tags_of(description)
    if left or " ".join(tags) != description or any(fields.count(date) != 1 for date in dates):
        return None
    return Tail(fields, tags, description), [fields.index(date) for date in dates]


# A place where a field may stand: its start, the end of all that its value may be, the start of the value, its kind and
# the kind's number, the test for the value, and the value when it is not what stands there.
Place = tuple[int, int, int, str, int, Callable[[str], object] | None, str]


def places_emoji(body: str) -> list[Place]:
    """The places where a sign stands, from the left."""
    if body.isascii():
        return []
    return [(at.start(), at.end(), at.start(2), *_EMOJI_TESTS[at[1]]) for at in _SIGN.finditer(body)]


@cache
def _key() -> re.Pattern[str]:
    return re.compile(rf"([\[(]) *({'|'.join(_KEYS)})::([A-Za-z0-9_, !-]*)([\])])(?: *,)?")


def places_dataview(body: str) -> list[Place]:
    """The places where a Dataview field stands that has a value of its kind, from the left."""
    places: list[Place] = []
    if "::" in body:
        for at in _key().finditer(body):
            opening, key, value, closing = at.groups()
            if opening + closing not in ("[]", "()"):
                continue
            kind = _KEYS[key]
            # A rule may be blank (it is taken off, and is none), everything else must be there.
            value = value if kind == "rule" else value.strip(" ")
            if value in _PRIORITY_WORDS if kind == "priority" else _VALUES[kind](value):
                places.append((at.start(), at.end(), 0, kind, _KINDS.index(kind), None, value.strip(" ")))
    return places


def peel(body: str, places: list[Place], values: dict[str, str]) -> tuple[str, int]:
    """Take fields and tags off the end: (the description, number of places that stay in it).

    `values` gets kind -> text; of several fields of one kind the leftmost stays, because it is taken last.
    """
    end, left = len(body), len(places)
    tags: list[str] = []
    last, passes = -1, 1
    while end:
        kind, value, at, name = -1, "", 0, ""
        if left:
            at, stop, value_at, name, number, test, given = places[left - 1]
            if stop >= end:
                value = body[value_at:end]
                if test is None or test(value):
                    kind, value = number, given or value if test else given
        # `#tag🆔abc` can be both: the one that the plugin tries sooner after the last find.
        if (
            not last < kind < _TAG_KIND
            and (kind < 0 or (_TAG_KIND - last - 1) % 12 < (kind - last - 1) % 12)
            and (tag_at := last_tag(body, end)) >= 0
        ):
            kind, at = _TAG_KIND, tag_at
        if kind < 0:
            break
        if kind <= last:
            passes += 1
            if passes > _MOST_PASSES:
                break
        last = kind
        if kind == _TAG_KIND:
            tags.append(body[at:end])
            while left and places[left - 1][0] > at:  # signs inside the tag
                left -= 1
        else:
            values[name] = value
            left -= 1
        end = at
        while end and body[end - 1] in JS_SPACE:
            end -= 1
    description = body[:end]
    if tags:
        tags.reverse()
        description = f"{description} {' '.join(tags)}" if end else " ".join(tags)
    return description, left


def last_tag(text: str, end: int) -> int:
    """Where the tag begins that ends at `end`, -1 when there is none."""
    at = text.rfind("#", 0, end)
    if at < 0 or (at > 0 and text[at - 1] not in JS_SPACE):
        return -1
    return at if _TAG_BODY.fullmatch(text, at + 1, end) else -1
