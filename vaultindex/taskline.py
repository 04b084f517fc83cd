"""One task line <-> Task: the fields of the Tasks plugin (emoji and Dataview formats), owner, text and stray fields.

The plugin takes fields off the END of a line, one of each kind in a fixed order per pass, for at most 21 passes. The
same is done here in one walk: the places that look like fields are found from the left once, then taken from the right,
and a kind's place in the plugin's order decides where a text could be a tag or a field, and where the passes run out.
White space, `.` and digits are JavaScript's, not Python's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from vaultindex.days import ordinal, urgency
from vaultindex.statuses import DATAVIEW, DONE_TYPES, TaskSettings

__all__ = ["Stray", "Task", "TaskSettings", "format_task", "mend_line", "owner_and_text", "parse_task", "urgency"]

SPACE = "\t\n\v\f\r \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
DATES = ("created", "start", "scheduled", "due", "done", "cancelled")
DEFAULTS = TaskSettings()
_new = tuple.__new__

_LINE = re.compile(
    rf"([{SPACE}>]*)([-*+]|[0-9]+[.)]) +\[([^\n\r\u2028\u2029])\] *([^\n\r\u2028\u2029]*)",
)
_BLOCK_LINK = re.compile(r" \^[A-Za-z0-9-]+")

_NO_TAG = ' !@#$%^&*(),.?":{}|<>'
_TAG = re.compile(rf"(?:\A|[{SPACE}])#[^{re.escape(_NO_TAG)}]+")
_TAG_BODY = re.compile(rf"[^{re.escape(_NO_TAG)}]+")

# -- fields ------------------------------------------------------------------------------------------------------------

# The order in which the plugin tries the kinds in each pass. It decides between `#tag🆔abc` as a tag and as an id.
_KINDS = (
    *("priority", "done", "cancelled", "due", "scheduled", "start", "created"),
    *("rule", "on_completion", "tag", "task_id", "depends_on"),
)
_TAG_KIND = _KINDS.index("tag")
_MOST_PASSES = 21

_PRIORITIES = {"🔺": "highest", "⏫": "high", "🔼": "medium", "🔽": "low", "⏬": "lowest"}
_SIGNS = {
    **dict.fromkeys(_PRIORITIES, "priority"),
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
_SIGN = re.compile("([" + "".join(_SIGNS) + r"])\uFE0F? *([A-Za-z0-9_, !-]*)")
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
    sign: (kind, _KINDS.index(kind), _VALUES.get(kind, _NOTHING), _PRIORITIES.get(sign, ""))
    for sign, kind in _SIGNS.items()
}
_PRIORITY_WORDS = frozenset(_PRIORITIES.values())

# How each format writes the fields, in the order of writing.
_WRITTEN = (
    ("task_id", " 🆔 {}", "id"),
    ("depends_on", " ⛔ {}", "dependsOn"),
    ("priority", " {}", "priority"),
    ("recurrence", " 🔁 {}", "repeat"),
    ("on_completion", " 🏁 {}", "onCompletion"),
    ("created", " ➕ {}", "created"),
    ("start", " 🛫 {}", "start"),
    ("scheduled", " ⏳ {}", "scheduled"),
    ("due", " 📅 {}", "due"),
    ("cancelled", " ❌ {}", "cancelled"),
    ("done", " ✅ {}", "completion"),
)
_EMOJI_OF = {name: sign for sign, name in _PRIORITIES.items()}


class Stray(NamedTuple):
    """A field that the plugin ignores because something other than a field or a tag follows it."""

    name: str  # due, priority, recurrence, task_id, ...
    value: str
    column: int  # 0-based character of the line
    end: int  # the character behind it


class Task(NamedTuple):
    """One task line. Dates are the text as written, also when there is no such day; `invalid` names those fields."""

    raw: str
    indentation: str
    marker: str
    status: str
    status_name: str
    status_type: str
    next_status: str
    description: str  # the plugin's: without the fields, with the tags
    tags: tuple[str, ...]  # with '#', repeats kept, the global filter left out
    priority: str = "none"  # highest high medium none low lowest
    created: str | None = None
    start: str | None = None
    scheduled: str | None = None
    due: str | None = None
    done: str | None = None
    cancelled: str | None = None
    rule: str = ""  # the recurrence rule as written
    recurrence: str | None = None  # in the plugin's words; None when it is no rule or its date does not exist
    on_completion: str = ""  # '', keep or delete
    task_id: str = ""
    depends_on: tuple[str, ...] = ()
    block_link: str = ""  # '' or ' ^abc', with its space
    owner: str | None = None  # as written, without '@'
    text: str = ""  # the description without its owner and without tags at the end
    stray: tuple[Stray, ...] = ()
    invalid: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()  # fields known from elsewhere (file name, stray): never written to the line

    @property
    def is_done(self) -> bool:
        """Done, cancelled or no task at all: what the plugin's `done` filter finds."""
        return self.status_type in DONE_TYPES

    @property
    def happens(self) -> str | None:
        """The earliest of start, scheduled and due that exists in the calendar."""
        start, scheduled, due = self.start, self.scheduled, self.due
        if not (start or scheduled):
            return due if due and "due" not in self.invalid else None
        dates = (("start", start), ("scheduled", scheduled), ("due", due))
        return min([date for name, date in dates if date and name not in self.invalid], default=None)

    @property
    def description_without_tags(self) -> str:
        return _TAG.sub("", self.description).strip(SPACE)

    def as_dict(self, today: str | date | None = None) -> dict[str, Any]:
        """The fields as the plugin shows them: a date that does not exist is 'Invalid date', urgency needs `today`."""
        shown = self._asdict()
        for name in self.invalid:
            shown[name] = "Invalid date"
        shown.update(
            tags=list(self.tags),
            depends_on=list(self.depends_on),
            stray=[stray._asdict() for stray in self.stray],
            invalid=list(self.invalid),
            is_done=self.is_done,
            happens=self.happens,
            description_without_tags=self.description_without_tags,
            urgency=None if today is None else urgency(self, today),
        )
        return shown


# -- reading -----------------------------------------------------------------------------------------------------------


def parse_task(line: str, settings: TaskSettings | None = None, path: str | None = None) -> Task | None:
    """The task on a line, or None when the plugin's pattern or the global filter rejects it.

    Whether Obsidian sees a list item there is not asked. `path` serves the setting "file name as scheduled date".
    """
    match = _LINE.match(line)
    if match is None:
        return None
    if settings is None:
        settings = DEFAULTS
    indentation, marker, symbol, body = match.groups()
    body = body.strip(SPACE)
    block_link = ""
    if "^" in body and (cut := body.rfind(" ^")) >= 0 and _BLOCK_LINK.fullmatch(body, cut):
        block_link = body[cut:]
        body = body[:cut].strip(SPACE)
    filter_text = settings.global_filter
    if filter_text and filter_text not in body:
        return None

    unwritten: tuple[str, ...] = ()
    stray: tuple[Stray, ...] = ()
    dataview = settings.task_format == DATAVIEW
    tail = None
    if not dataview:
        begin = _TAIL.search(body)
        if begin is None:
            tail = _NO_TAIL
        elif len(body) - begin.start() < _LONG_TAIL:
            tail = _tail(body[begin.start() :])
    if tail is not None:
        # Nothing but fields and tags from the first of them on: what stands in front is the owner and the text.
        before = body[: begin.start()].rstrip(SPACE) if begin is not None else body
        fields, tags = tail.fields, tail.tags
        description = f"{before} {tail.shown}" if tags and before else before or tail.shown
        owner, text = owner_and_text(before) if "@" in before else (None, before)
    else:
        places = _places_dataview(body) if dataview else _places_emoji(body)
        values: dict[str, str] = {}
        description, left = _peel(body, places, values)
        if left:
            stray = _stray(body, places[:left], line.index(body, match.start(4)))
            if stray and settings.stray_fields:
                unwritten = _adopt(stray, values)
        fields, tags = _fields(values), _tags(description)
        owner, text = owner_and_text(description)
    if filter_text and tags:
        tags = tuple([tag for tag in tags if tag != filter_text])
    priority, created, start, scheduled, due, done, cancelled, rule, on_completion, task_id, depends_on, invalid = (
        fields
    )
    recurrence = _recurrence(rule, start, scheduled, due, settings) if rule else None
    if settings.use_filename_as_scheduled and path is not None and not (start or scheduled or due):
        from vaultindex.moments import filename_date

        scheduled = filename_date(path, settings.filename_date_format, settings.filename_date_folders)
        unwritten += ("scheduled",) if scheduled else ()
    _, name, following, kind = settings.status(symbol)
    return _new(
        Task,
        (
            line, indentation, marker, symbol, name, kind, following, description, tags, priority, created, start,
            scheduled, due, done, cancelled, rule, recurrence, on_completion, task_id, depends_on, block_link, owner, text,
            stray, invalid, unwritten,
        ),
    )  # fmt: skip


# Priority, created, start, scheduled, due, done, cancelled, rule, on_completion, task_id, depends_on, invalid.
_Fields = tuple[
    str, str | None, str | None, str | None, str | None, str | None, str | None, str, str, str, tuple[str, ...], tuple[str, ...]
]  # fmt: skip


def _fields(values: dict[str, str]) -> _Fields:
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


def _tags(description: str) -> tuple[str, ...]:
    return tuple([tag.strip(SPACE) for tag in _TAG.findall(description)]) if "#" in description else ()


class _Tail(NamedTuple):
    """The end of a line that holds nothing but fields and tags."""

    fields: _Fields
    tags: tuple[str, ...]
    shown: str  # the tags as they stand in the description


_LONG_TAIL = 200  # not worth the memory
_NO_TAIL = _Tail(_fields({}), (), "")
_TAIL = re.compile(rf"[{''.join(_SIGNS)}]|#(?<![^{SPACE}]#)")
_ANY_DATE = re.compile("(?<![0-9A-Za-z_-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9A-Za-z_-])")


def _tail(text: str) -> _Tail | None:
    """What a line's end says that begins with a sign or a tag; None when that is not plain to see.

    Lines end alike but for their dates, so what is found out is found out once for all of them.
    """
    parts = _ANY_DATE.split(text)
    found = _tail_around(tuple(parts[::2]))
    if found is None or len(parts) == 1:
        return found and found[0]
    (fields, *rest), names = found
    dates = parts[1::2]
    given = list(fields)
    for place, date_ in zip(names, dates):
        if ordinal(date_) is None:
            return None
        given[place] = date_
    return _new(_Tail, (tuple(given), *rest))


@lru_cache(maxsize=4_096)
def _tail_around(parts: tuple[str, ...]) -> tuple[_Tail, list[int]] | None:
    """What a line's end says around its dates, and which of the fields each of these dates is; None when unsure."""
    dates = [f"{number:04d}-01-01" for number in range(1, len(parts))]
    text = parts[0] + "".join([date_ + part for date_, part in zip(dates, parts[1:])])
    values: dict[str, str] = {}
    description, left = _peel(text, _places_emoji(text), values)
    fields, tags = _fields(values), _tags(description)
    if left or " ".join(tags) != description or any(fields.count(date_) != 1 for date_ in dates):
        return None
    return _Tail(fields, tags, description), [fields.index(date_) for date_ in dates]


# A place where a field may stand: its start, the end of all that its value may be, the start of the value, its kind and
# the kind's number, the test for the value, and the value when it is not what stands there.
_Place = tuple[int, int, int, str, int, Callable[[str], object] | None, str]


def _places_emoji(body: str) -> list[_Place]:
    if body.isascii():
        return []
    return [(at.start(), at.end(), at.start(2), *_EMOJI_TESTS[at[1]]) for at in _SIGN.finditer(body)]


@cache
def _key() -> re.Pattern[str]:
    return re.compile(rf"([\[(]) *({'|'.join(_KEYS)})::([A-Za-z0-9_, !-]*)([\])])(?: *,)?")


def _places_dataview(body: str) -> list[_Place]:
    places: list[_Place] = []
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


def _peel(body: str, places: list[_Place], values: dict[str, str]) -> tuple[str, int]:
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
            and (tag_at := _last_tag(body, end)) >= 0
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
        while end and body[end - 1] in SPACE:
            end -= 1
    description = body[:end]
    if tags:
        tags.reverse()
        description = f"{description} {' '.join(tags)}" if end else " ".join(tags)
    return description, left


def _last_tag(text: str, end: int) -> int:
    """Where the tag begins that ends at `end`, -1 when there is none."""
    at = text.rfind("#", 0, end)
    if at < 0 or (at > 0 and text[at - 1] not in SPACE):
        return -1
    return at if _TAG_BODY.fullmatch(text, at + 1, end) else -1


def _recurrence(
    rule: str, start: str | None, scheduled: str | None, due: str | None, settings: TaskSettings
) -> str | None:
    """The rule in the plugin's words. A rule that counts from a date which does not exist is none."""
    from vaultindex.recur import normalise

    words = normalise(rule)
    if words is None or words.endswith(" when done"):
        return words
    reference = reference_date(start, scheduled, due, settings)
    return None if reference and ordinal(reference) is None else words


def reference_date(start: str | None, scheduled: str | None, due: str | None, settings: TaskSettings) -> str | None:
    """The date from which a rule counts."""
    return due or (start or scheduled if settings.remove_scheduled_on_recurrence else scheduled or start)


# -- beyond the plugin -------------------------------------------------------------------------------------------------

_LEADING = {
    **dict.fromkeys(DATES, re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])")),
    "on_completion": re.compile("(?:keep|delete)(?![A-Za-z0-9_-])", re.IGNORECASE),
    "task_id": re.compile("[A-Za-z0-9_-]+"),
    "depends_on": re.compile("[A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+)*"),
}


def _stray(body: str, places: list[_Place], offset: int) -> tuple[Stray, ...]:
    """The fields among the places that stayed in the description: only what would be a field if nothing followed it."""
    from vaultindex.recur import normalise

    found: list[Stray] = []
    for at, stop, value_at, name, _, test, given in places:
        value: str | None = given
        end = stop if test is None else value_at
        if name == "rule":
            name = "recurrence"
            written = given or _rule_at(body[value_at:stop])
            value, end = normalise(written), end + (len(written) if test else 0)
        elif test and not given:
            leading = _LEADING[name].match(body, value_at)
            value, end = (leading[0], leading.end()) if leading else (None, end)
        if value and (name not in DATES or ordinal(value) is not None):
            found.append(Stray(name, value, offset + at, offset + at + len(body[at:end].rstrip(" "))))
    return tuple(found)


def _rule_at(text: str) -> str:
    """The first words of a text that make the rule that all of it makes: a sentence may go on behind a rule."""
    from vaultindex.recur import normalise

    whole = normalise(text.strip(" "))
    words = text.split(" ")[:50]
    for size in range(2, len(words)):
        shorter = " ".join(words[:size])
        if whole and normalise(shorter) == whole:
            return shorter
    return text.rstrip(" ")


def _adopt(stray: tuple[Stray, ...], values: dict[str, str]) -> tuple[str, ...]:
    """Read stray fields as real ones where the line has none of their kind: the names of those read so."""
    adopted: list[str] = []
    for name, value, *_ in stray:
        key = "rule" if name == "recurrence" else name
        if key not in values:
            values[key] = value
            adopted.append(name)
    return tuple(adopted)


# The name: a link, a quoted name or words. Then closing marks, and then nothing but tags up to a field or the end.
# Every run is possessive: without it a long row of dots or blanks would be tried in every split.
_NAME = r"@(?:\[\[([^\[\]\n]++)\]\]|\"([^\"\n]++)\"|([^\W_][\w'’.&-]*+(?: ++[^\W_][\w'’.&-]*+){0,5}+))([.,;:!?)]*+)"
_BOUND = rf"(?:\Z|[{''.join(_SIGNS)}]|[\[(] *+\w++::)"
_PARTICLES = frozenset(("van", "von", "der", "den", "de", "del", "da", "di", "du", "la", "le", "of"))


@cache
def owner_pattern() -> re.Pattern[str]:
    """Where an owner may stand: the name in one of the groups 1 (a link), 2 (quoted) and 3, closing marks in group 4."""
    return re.compile(rf"{_NAME}[{SPACE}]*+(?=(?:#[^{re.escape(_NO_TAG)}]++[{SPACE}]*+)*+{_BOUND})")


def owner_and_text(description: str) -> tuple[str | None, str]:
    """The owner of a task (without '@', None when there is none) and its text, from its description.

    The owner is the last `@Name` that is followed by closing marks and then by the end, a field, or tags up to one of
    them: one word (`@Myself`, `@TBD`), several words of which all but the first begin with a capital (`@First Last`,
    `@Platform Team`), a link or a quoted name. `@` inside a word (an address) is none. The text is the description
    without the tags at its end and without the owner; tags inside the sentence stay.
    """
    text = _without_last_tags(description)
    at = text.find("@")
    if at < 0:
        return None, text
    if text[at + 1 :].isalnum() and (at == 0 or text[at - 1] in SPACE):  # one word, and the end: nearly always
        return text[at + 1 :], _without_last_tags(text[:at].strip(SPACE))
    owner, last = None, None
    for found in owner_pattern().finditer(description):
        at = found.start()
        if (at == 0 or description[at - 1] in SPACE or description[at - 1] == "(") and (name := _name(found)):
            owner, last = name, found
    if last:
        text = _without_owner(description[: last.start()], last[4], description[last.end() :])
    return owner, text


def _name(found: re.Match[str]) -> str | None:
    link, quoted, words = found[1], found[2], found[3]
    if link:
        target = link.partition("|")[0].partition("#")[0].strip()
        return target.rpartition("/")[2].removesuffix(".md").strip() or None
    if quoted:
        return str(quoted).strip() or None
    parts = words.split()
    if any(part[0].islower() and part not in _PARTICLES for part in parts[1:]):
        return None
    return str(words).rstrip(".")


def _without_owner(before: str, closing: str, after: str) -> str:
    """The text around an owner; brackets that held only the owner go with it."""
    if before.endswith("(") and closing.startswith(")"):
        before, closing = before[:-1], closing[1:]
    before, after = before.rstrip(SPACE), after.strip(SPACE)
    return _without_last_tags(f"{before} {after}".strip(SPACE))


def _without_last_tags(text: str) -> str:
    while "#" in text and (at := _last_tag(text, len(text))) >= 0:
        text = text[:at].rstrip(SPACE)
    return text


# -- writing -----------------------------------------------------------------------------------------------------------


def format_task(task: Task, settings: TaskSettings | None = None) -> str:
    """The line that the plugin would write: fields in its own order, alternative signs made one, CR dropped."""
    dataview = settings is not None and settings.task_format == DATAVIEW
    parts = [f"{task.indentation}{task.marker} [{task.status}] {task.description}"]
    for name, sign, key in _WRITTEN:
        value = getattr(task, name)
        if not value or value == "none" or name in task.unwritten:
            continue
        if name in task.invalid:
            value = "Invalid date"
        elif name == "depends_on":
            value = ",".join(value)
        elif name == "priority" and not dataview:
            value = _EMOJI_OF[value]
        parts.append(f"  [{key}:: {value}]" if dataview else sign.format(value))
    parts.append(task.block_link)
    hard_break = task.raw[len(task.raw.rstrip(" ")) :]
    if len(hard_break) > 1:
        parts.append(hard_break)
    return "".join(parts)


def mend_line(line: str, settings: TaskSettings | None = None) -> str:
    """The line with its stray fields taken to its end, where the plugin sees them; the same line when it has none.

    A stray field stays where it is when the line has a real one of its kind, or an earlier stray one.
    """
    settings = settings or DEFAULTS
    task = parse_task(line, settings._replace(stray_fields=True))
    if task is None or not task.stray:
        return line
    moved = {stray.name: stray for stray in reversed(task.stray) if stray.name in task.unwritten}
    kept = line
    for stray in sorted(moved.values(), key=lambda stray: stray.column, reverse=True):
        before, after = kept[: stray.column].rstrip(" "), kept[stray.end :]
        # 'Send it. 📅 2025-10-07. #task': the stop behind the date closed the sentence a second time.
        kept = before + (after[1:] if before.endswith(".") and after.startswith(".") else after)
    rest = parse_task(kept, settings._replace(stray_fields=False))
    if rest is None:
        return line
    return format_task(rest._replace(**{name: getattr(task, name) for name in moved}), settings)
