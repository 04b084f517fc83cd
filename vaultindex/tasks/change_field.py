"""Change one field of a task line and leave every other character as it is.

Each change is checked by reading the new line: it must hold what was asked, and nothing else may differ.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.base.text import JS_SPACE
from vaultindex.tasks.line import BLOCK_LINK, EMOJI_OF, TASK_LINE, WRITTEN, Task, owner_pattern, parse_task
from vaultindex.tasks.plugin_settings import DATAVIEW, DATES, TaskSettings
from vaultindex.tasks.trailing_fields import TAG, peel, places_dataview, places_emoji

FIELDS = (*DATES, "priority", "recurrence", "on_completion", "task_id", "depends_on")
_SIGN_OF = {name: sign for name, sign, _ in WRITTEN}
_KEY_OF = {name: key for name, _, key in WRITTEN}
_VARIANT = "\ufe0f"
_PLAIN_NAME = re.compile(r"[^\W_][\w'’.&-]*(?: [^\W_][\w'’.&-]*){0,5}")


class Place(NamedTuple):
    """Where something stands in a line: 0-based columns, and the characters."""

    start: int
    end: int
    text: str


def body_of(line: str) -> tuple[int, int]:
    """(start, end) columns of what follows the checkbox, without white space and block link at its end."""
    match = TASK_LINE.match(line)
    if match is None:
        raise VaultError("the line is not a task")
    start, end = match.span(4)
    while start < end and line[start] in JS_SPACE:
        start += 1
    end = start + len(line[start:end].rstrip(JS_SPACE))
    cut = line.rfind(" ^", start, end)
    if cut >= 0 and BLOCK_LINK.fullmatch(line, cut, end):
        end = start + len(line[start:cut].rstrip(JS_SPACE))
    return start, end


def status_at(line: str) -> int:
    """The column of the character between the brackets."""
    match = TASK_LINE.match(line)
    if match is None:
        raise VaultError("the line is not a task")
    return match.start(3)


def places(line: str, settings: TaskSettings) -> dict[str, Place]:
    """Field name -> where the characters stand from which it is read: sign or bracket, and value. Only what is read."""
    start, end = body_of(line)
    body = line[start:end]
    dataview = settings.task_format == DATAVIEW
    found = places_dataview(body) if dataview else places_emoji(body)
    values: dict[str, str] = {}
    _, left = peel(body, found, values)
    result: dict[str, Place] = {}
    for at, stop, value_at, kind, _number, test, given in found[left:]:
        name = "recurrence" if kind == "rule" else kind
        value = values.get(kind)
        if value is None or name in result:
            continue
        if test is None:  # a Dataview field ends with its bracket
            if given != value:
                continue
        elif kind == "priority":
            if given != value:
                continue
            stop = at + 1 + (body[at + 1 : at + 2] == _VARIANT)
        elif not body.startswith(value, value_at):
            continue
        else:
            stop = value_at + len(value.rstrip(" "))
        result[name] = Place(start + at, start + stop, body[at:stop])
    return result


def owner_place(line: str, task: Task) -> Place | None:
    """Where the owner stands, '@' included."""
    if task.owner is None:
        return None
    token = None
    for found in owner_pattern().finditer(task.description):
        if task.owner in found[0]:
            token = found[0][: len(found[0].rstrip(JS_SPACE + ".,;:!?)"))]
            token = f"@{task.owner}" if found[3] else token
    at = line.rfind(token) if token else -1
    return Place(at, at + len(token), token) if token and at >= 0 else None


def tag_places(line: str, tag: str) -> list[Place]:
    """Where a tag stands (case does not matter), from the left."""
    start, end = body_of(line)
    wanted = tag.lower()
    found = []
    for match in TAG.finditer(line, start, end):
        text = match[0].strip(JS_SPACE)
        if text.lower() == wanted:
            at = match.end() - len(text)
            found.append(Place(at, match.end(), text))
    # The pattern wants white space or the very beginning in front: a tag may be the body's first word.
    if line[start:end].lower().startswith(wanted) and not any(p.start == start for p in found):
        first = TAG.match(line[start:end])
        if first and first[0].lower() == wanted:
            found.insert(0, Place(start, start + len(first[0]), first[0]))
    return found


# -- changing ----------------------------------------------------------------------------------------------------------


def set_status(line: str, symbol: str, settings: TaskSettings) -> str:
    """The line with another character in its box."""
    at = status_at(line)
    return _checked(line, line[:at] + symbol + line[at + 1 :], settings, "status", symbol)


def set_field(line: str, name: str, value: str | None, settings: TaskSettings) -> str:
    """The line with a field of this value, or without the field; a new one stands behind the last field.

    Raises VaultError when it cannot be written so that it is read.
    """
    dataview = settings.task_format == DATAVIEW
    if name == "priority" and value == "none":
        value = None
    new = line
    if value is None:
        for _ in range(22):  # of several the next one would be read
            place = places(new, settings).get(name)
            if place is None:
                break
            new = _cut(new, place)
        return _checked(line, new, settings, name, None if name != "priority" else "none")
    shown = EMOJI_OF[value] if name == "priority" and not dataview else value
    text = f"[{_KEY_OF[name]}:: {shown}]" if dataview else _SIGN_OF[name].format(shown).strip()
    there = places(line, settings)
    if name in there:
        start, end, _ = there[name]
        new = line[:start] + text + line[end:]
    else:
        at = max((p.end for p in there.values()), default=body_of(line)[1])
        new = line[:at] + (" " if at and line[at - 1] not in JS_SPACE else "") + text + line[at:]
    return _checked(line, new, settings, name, value)


def set_owner(line: str, owner: str | None, settings: TaskSettings) -> str:
    """The line with this owner (without '@'), or without one; a new one stands behind the text."""
    task = _task(line, settings)
    place = owner_place(line, task)
    if owner is None:
        return _checked(line, _cut(line, place) if place else line, settings, "owner", None)
    for name in (f"@{owner}", f'@"{owner}"', f"@[[{owner}]]"):
        if name[1] not in '"[' and not _PLAIN_NAME.fullmatch(owner):
            continue
        if place:
            new = line[: place.start] + name + line[place.end :]
        else:
            at = line.find(task.text, body_of(line)[0]) if task.text else -1
            at = (
                at + len(task.text)
                if at >= 0
                else min((p.start for p in places(line, settings).values()), default=body_of(line)[1])
            )
            gap = " " if at and line[at - 1] not in JS_SPACE else ""
            new = line[:at] + gap + name + ("" if line[at : at + 1] in ("", *JS_SPACE) else " ") + line[at:]
        if _read(new, settings, "owner") == owner and _same(line, new, settings, "owner"):
            return new
    raise VaultError(f"the owner {owner!r} cannot be written so that it is read")


def add_tag(line: str, tag: str, settings: TaskSettings) -> str:
    """The line with this tag ('#' included), behind the last tag or field; the same line when it has it."""
    if not re.fullmatch(TAG.pattern, tag):
        raise VaultError(f"{tag} is not a tag")
    if tag_places(line, tag):
        return line
    at = body_of(line)[1]
    return _checked(line, line[:at] + " " + tag + line[at:], settings, "tags", None)


def drop_tag(line: str, tag: str, settings: TaskSettings) -> str:
    """The line without this tag, wherever and however often it stands."""
    new = line
    for place in reversed(tag_places(line, tag)):
        new = _cut(new, place)
    return _checked(line, new, settings, "tags", None)


def _cut(line: str, place: Place) -> str:
    """The line without these characters and without the blank in front of them (or behind, at the beginning)."""
    start, end = place.start, place.end
    if start and line[start - 1] in JS_SPACE and (end == len(line) or line[end] in JS_SPACE or line[end] in ".,;:!?)"):
        start -= 1
    elif line[end : end + 1] and line[end] in JS_SPACE:
        end += 1
    return line[:start] + line[end:]


def _task(line: str, settings: TaskSettings) -> Task:
    task = parse_task(line, settings._replace(stray_fields=False, use_filename_as_scheduled=False))
    if task is None:
        raise VaultError("the line is not a task")
    return task


def _read(line: str, settings: TaskSettings, name: str) -> object:
    task = parse_task(line, settings._replace(stray_fields=False, use_filename_as_scheduled=False))
    return None if task is None else getattr(task, name)


# What may differ beside the field itself: a description holds tags and owner, a box gives three more fields.
_BESIDE = {
    "status": ("status_name", "status_type", "next_status"),
    "owner": ("description", "text"),
    "tags": ("description", "text"),
    "text": ("description", "tags", "owner"),
    "recurrence": ("rule",),
}
_COUNTED = ("raw", "stray", "invalid", "unwritten")


def _same(old: str, new: str, settings: TaskSettings, name: str) -> bool:
    """True when the two lines differ in this field only (and in the words around it)."""
    before, after = _task(old, settings), _task(new, settings)
    free = {name, *_BESIDE.get(name, ()), *_COUNTED}
    differ = {f for f in Task._fields if getattr(before, f) != getattr(after, f)} - free
    # A rule is read from a date that exists.
    return not differ or (name in ("due", "scheduled", "start") and differ <= {"recurrence"})


def _checked(old: str, new: str, settings: TaskSettings, name: str, value: object) -> str:
    if parse_task(new, settings) is None:
        raise VaultError("the line would not be a task any more (global filter?)")
    read = _read(new, settings, name)
    if (name != "tags" and read != value) or not _same(old, new, settings, name):
        raise VaultError(f"{name} {value or 'none'} cannot be written into this line without changing its other fields")
    return new
