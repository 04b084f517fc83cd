"""One task line <-> Task: the fields of the Tasks plugin (emoji and Dataview formats), owner, text and stray fields.

White space, `.` and digits are JavaScript's, not Python's.
"""

import re
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.dates.days import ordinal
from vaultindex.tasks.plugin_settings import DATAVIEW, DONE_TYPES, TaskSettings
from vaultindex.tasks.trailing_fields import (
    DATES,
    NO_TAG,
    PRIORITIES,
    SIGNS,
    TAG,
    Place,
    fields_of,
    last_tag,
    peel,
    places_dataview,
    places_emoji,
    plain_tail,
    tags_of,
)
from vaultindex.tasks.urgency import urgency

__all__ = [
    "Stray",
    "Task",
    "TaskSettings",
    "format_task",
    "mend_line",
    "owner_and_text",
    "parse_task",
    "sloppy_dates_mended",
]

DEFAULTS = TaskSettings()
_new = tuple.__new__

TASK_LINE = re.compile(
    rf"([{JS_SPACE}>]*)([-*+]|[0-9]+[.)]) +\[([^\n\r\u2028\u2029])\] *([^\n\r\u2028\u2029]*)",
)
BLOCK_LINK = re.compile(r" \^[A-Za-z0-9-]+")

# How each format writes the fields, in the order of writing.
WRITTEN = (
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
EMOJI_OF = {name: sign for sign, name in PRIORITIES.items()}


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
        return TAG.sub("", self.description).strip(JS_SPACE)

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
            urgency=None if today is None else urgency(self.due, self.scheduled, self.start, self.priority, today),
        )
        return shown


# -- reading -----------------------------------------------------------------------------------------------------------


def parse_task(line: str, settings: TaskSettings | None = None, path: str | None = None) -> Task | None:
    """The task on a line, or None when the plugin's pattern or the global filter rejects it.

    Whether Obsidian sees a list item there is not asked. `path` serves the setting "file name as scheduled date".
    """
    match = TASK_LINE.match(line)
    if match is None:
        return None
    if settings is None:
        settings = DEFAULTS
    indentation, marker, symbol, body = match.groups()
    body = body.strip(JS_SPACE)
    block_link = ""
    if "^" in body and (cut := body.rfind(" ^")) >= 0 and BLOCK_LINK.fullmatch(body, cut):
        block_link = body[cut:]
        body = body[:cut].strip(JS_SPACE)
    filter_text = settings.global_filter
    if filter_text and filter_text not in body:
        return None

    unwritten: tuple[str, ...] = ()
    stray: tuple[Stray, ...] = ()
    dataview = settings.task_format == DATAVIEW
    found = None if dataview else plain_tail(body)
    if found is not None:
        # From the first field on there are only fields and tags; the owner and the text are in front of it.
        at, (fields, tags, shown) = found
        before = body[:at].rstrip(JS_SPACE)
        description = f"{before} {shown}" if tags and before else before or shown
        owner, text = owner_and_text(before) if "@" in before else (None, before)
    else:
        places = places_dataview(body) if dataview else places_emoji(body)
        values: dict[str, str] = {}
        description, left = peel(body, places, values)
        if left:
            stray = _stray(body, places[:left], line.index(body, match.start(4)))
            if stray and settings.stray_fields:
                unwritten = _adopt(stray, values)
        fields, tags = fields_of(values), tags_of(description)
        owner, text = owner_and_text(description)
    if filter_text and tags:
        tags = tuple([tag for tag in tags if tag != filter_text])
    priority, created, start, scheduled, due, done, cancelled, rule, on_completion, task_id, depends_on, invalid = (
        fields
    )
    recurrence = _recurrence(rule, start, scheduled, due, settings) if rule else None
    if settings.use_filename_as_scheduled and path is not None and not (start or scheduled or due):
        from vaultindex.dates.filename_format import filename_date

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


def _recurrence(
    rule: str, start: str | None, scheduled: str | None, due: str | None, settings: TaskSettings
) -> str | None:
    """The rule in the plugin's words; None when it counts from a date that does not exist."""
    from vaultindex.tasks.recurrence_text import normalise

    words = normalise(rule)
    if words is None or words.endswith(" when done"):
        return words
    reference = reference_date(start, scheduled, due, settings)
    return None if reference and ordinal(reference) is None else words


def reference_date(start: str | None, scheduled: str | None, due: str | None, settings: TaskSettings) -> str | None:
    """The date from which a rule counts."""
    return due or (start or scheduled if settings.remove_scheduled_on_recurrence else scheduled or start)


# -- beyond the plugin -------------------------------------------------------------------------------------------------

_ID = "(?=[A-Za-z0-9_-]*[0-9_-])[A-Za-z0-9_-]+"
_ENDS = r"(?![A-Za-z0-9_-]|[.,;:!?)/@]+[^\s.,;:!?)])"
_LEADING = {
    **dict.fromkeys(DATES, lazy_pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])")),
    "on_completion": lazy_pattern("(?:keep|delete)(?![A-Za-z0-9_-])", re.IGNORECASE),
    # An id that ends where the word ends. A word without a digit may be one, but these signs are used as pictures too
    # (`⛔ PUSH to main`): text follows here, so it counts as text.
    "task_id": lazy_pattern(rf"{_ID}{_ENDS}"),
    "depends_on": lazy_pattern(rf"{_ID}(?: *, *{_ID})*{_ENDS}"),
}
# What people write for a date and the plugin does not read.
_SLOPPY = lazy_pattern(
    r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9A-Za-z_/-])|[0-9]{1,2}([./])[0-9]{1,2}\5[0-9]{4}(?![0-9])"
)
_CODE = lazy_pattern(r"(?<!`)(`++)(?!`).*?(?<!`)\1(?!`)")


def _stray(body: str, places: list[Place], offset: int) -> tuple[Stray, ...]:
    """The fields among the places that stayed in the description: what would be a field if nothing followed it, and what
    was meant for a date: one that does not exist, or that the plugin does not read (`2025-6-15`)."""
    from vaultindex.tasks.recurrence_text import normalise

    found: list[Stray] = []
    quoted = [span.span() for span in _CODE.finditer(body)] if "`" in body else []
    for at, stop, value_at, name, _, test, given in places:
        if any(first <= at < last for first, last in quoted):
            continue
        value: str | None = given
        end = stop if test is None else value_at
        if name == "rule":
            name = "recurrence"
            written = given or _rule_at(body[value_at:stop])
            value, end = normalise(written), end + (len(written) if test else 0)
        elif test and not given:
            leading = _LEADING[name].match(body, value_at)
            if leading is None and name in DATES:
                leading = _SLOPPY.match(body, value_at)
            value, end = (leading[0], leading.end()) if leading else (None, end)
        if value:
            found.append(Stray(name, value, offset + at, offset + at + len(body[at:end].rstrip(" "))))
    return tuple(found)


def _rule_at(text: str) -> str:
    """The shortest beginning of the text that gives the same rule as all of it, because a sentence may go on after a rule."""
    from vaultindex.tasks.recurrence_text import normalise

    whole = normalise(text.strip(" "))
    words = text.split(" ")[:50]
    for size in range(2, len(words)):
        shorter = " ".join(words[:size])
        if whole and normalise(shorter) == whole:
            return shorter
    return text.rstrip(" ")


def _adopt(stray: tuple[Stray, ...], values: dict[str, str]) -> tuple[str, ...]:
    """Read stray fields as real ones when the line has no field of that kind; returns their names."""
    adopted: list[str] = []
    for name, value, *_ in stray:
        key = "rule" if name == "recurrence" else name
        if key not in values and (name not in DATES or ordinal(value) is not None):
            values[key] = value
            adopted.append(name)
    return tuple(adopted)


# The name: a link, a quoted name or words. Then closing marks, and then nothing but tags up to a field or the end.
# Every run is possessive: without it a long row of dots or blanks would be tried in every split.
_NAME = r"@(?:\[\[([^\[\]\n]++)\]\]|\"([^\"\n]++)\"|([^\W_][\w'’.&-]*+(?: ++[^\W_][\w'’.&-]*+){0,5}+))([.,;:!?)]*+)"
_BOUND = rf"(?:\Z|[{''.join(SIGNS)}]|[\[(] *+\w++::)"
_PARTICLES = frozenset(("van", "von", "der", "den", "de", "del", "da", "di", "du", "la", "le", "of"))


@cache
def owner_pattern() -> re.Pattern[str]:
    """Where an owner may stand: the name in one of the groups 1 (a link), 2 (quoted) and 3, closing marks in group 4."""
    return re.compile(rf"{_NAME}[{JS_SPACE}]*+(?=(?:#[^{re.escape(NO_TAG)}]++[{JS_SPACE}]*+)*+{_BOUND})")


def owner_and_text(description: str) -> tuple[str | None, str]:
    """The owner of a task (without '@', None when there is none) and its text, from its description.

    The owner is the last `@Name` that is followed by closing marks and then by the end, a field, or tags up to one of
    them: one word (`@Myself`, `@TBD`), several words of which all but the first begin with a capital (`@First Last`,
    `@Platform Team`), a link or a quoted name. `@` inside a word (an address) is none. The text is the description
    without the tags at its end and without the owner; tags inside the sentence stay.
    """
    text = without_last_tags(description)
    at = text.find("@")
    if at < 0:
        return None, text
    if (
        text[at + 1 :].isalnum() and text[at + 1].isalpha() and (at == 0 or text[at - 1] in JS_SPACE)
    ):  # one word, and the end: nearly always
        return text[at + 1 :], without_last_tags(text[:at].strip(JS_SPACE))
    owner, last = None, None
    for found in owner_pattern().finditer(description):
        at = found.start()
        if (at == 0 or description[at - 1] in JS_SPACE or description[at - 1] == "(") and (name := _name(found)):
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
    if not words[0].isalpha():
        return None  # a date, a version
    if any(part[0].islower() and part not in _PARTICLES for part in parts[1:]):
        return None
    return str(words).rstrip(".")


def _without_owner(before: str, closing: str, after: str) -> str:
    """The text around an owner; brackets that held only the owner go with it."""
    if before.endswith("(") and closing.startswith(")"):
        before, closing = before[:-1], closing[1:]
    before, after = before.rstrip(JS_SPACE), after.strip(JS_SPACE)
    return without_last_tags(f"{before} {after}".strip(JS_SPACE))


def without_last_tags(text: str) -> str:
    """The text without the tags at its end."""
    while "#" in text and (at := last_tag(text, len(text))) >= 0:
        text = text[:at].rstrip(JS_SPACE)
    return text


# -- writing -----------------------------------------------------------------------------------------------------------


def format_task(task: Task, settings: TaskSettings | None = None) -> str:
    """The line that the plugin would write: fields in its own order, alternative signs made one, CR dropped."""
    dataview = settings is not None and settings.task_format == DATAVIEW
    parts = [f"{task.indentation}{task.marker} [{task.status}] {task.description}"]
    for name, sign, key in WRITTEN:
        value = getattr(task, name)
        if not value or value == "none" or name in task.unwritten:
            continue
        if name in task.invalid:
            value = "Invalid date"
        elif name == "depends_on":
            value = ",".join(value)
        elif name == "priority" and not dataview:
            value = EMOJI_OF[value]
        parts.append(f"  [{key}:: {value}]" if dataview else sign.format(value))
    parts.append(task.block_link)
    hard_break = task.raw[len(task.raw.rstrip(" ")) :]
    if len(hard_break) > 1:
        parts.append(hard_break)
    return "".join(parts)


def mend_line(line: str, settings: TaskSettings | None = None) -> str:
    """The line with its stray fields moved to the end, where the plugin sees them; the same line when there are none.

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
        if after[:1].isalnum():  # '📅 2025-10-07T14:00': the time is a word of its own
            after = " " + (after[1:] if _TIME.match(after) else after)
        # 'Send it. 📅 2025-10-07. #task': the stop behind the date closed the sentence a second time.
        kept = before + (after[1:] if before.endswith(".") and after.startswith(".") else after)
    rest = parse_task(kept, settings._replace(stray_fields=False))
    if rest is None:
        return line
    mended = format_task(rest._replace(**{name: getattr(task, name) for name in moved}), settings)
    return mended if holds(mended, line, {name: getattr(task, name) for name in moved}, settings) else line


_TIME = lazy_pattern(r"T[0-9]{1,2}:[0-9]{2}")


def holds(mended: str, line: str, fields: dict[str, Any], settings: TaskSettings) -> bool:
    """Whether a mended line says the same words as before, and the plugin sees these fields in it, beside what it saw before."""
    if mended.count("()") > line.count("()"):
        return False  # the field stood in brackets of its own
    plain = settings._replace(stray_fields=False)
    task, before = parse_task(mended, plain), parse_task(line, plain)
    if task is None or any(getattr(task, name) != value for name, value in fields.items()):
        return False
    if before is None or any(
        getattr(task, f) != getattr(before, f)
        for f in _SEEN
        if f not in fields and getattr(before, f) not in (None, "", (), "none")
    ):
        return False
    words = [sorted(re.findall(r"\w+|`", re.sub(r"(?<=[0-9])T(?=[0-9])", " ", text))) for text in (line, mended)]
    return words[0] == words[1]


_SEEN = ("status", *DATES, "priority", "rule", "on_completion", "task_id", "depends_on", "block_link")


def sloppy_dates_mended(line: str, settings: TaskSettings | None = None) -> str:
    """The line with dates like `📅 2025-6-5` written as the plugin reads them; the same line where that is not certain."""
    settings = settings or DEFAULTS
    task = parse_task(line, settings._replace(stray_fields=False))
    fixed, meant = line, dict[str, str]()
    for stray in reversed(task.stray if task is not None else ()):
        parts = _SLOPPY.fullmatch(stray.value)
        if stray.name in DATES and parts is not None and parts[1]:
            value = f"{parts[1]}-{int(parts[3]):02}-{int(parts[4]):02}"
            if ordinal(value) is not None:
                at = fixed.rindex(stray.value, stray.column, stray.end)
                fixed = fixed[:at] + value + fixed[at + len(stray.value) :]
                meant.setdefault(stray.name, value)
    mended = mend_line(fixed, settings)
    # Moved or not: a line that the plugin still does not read is no advice.
    return mended if fixed != line and holds(mended, fixed, meant, settings) else line
