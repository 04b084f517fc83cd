"""The tasks of the notes, as the Tasks plugin reads them, with owner and state: `- [?] Call Dana. @Myself 📅 2025-10-07`."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from vaultindex.base.ids import make_id
from vaultindex.base.text import fold, json_list
from vaultindex.extract.source import named
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TYPES
from vaultindex.tasks.urgency import PRIORITIES

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = (
    "id",
    "due",
    # Lists of unsettled tasks and the start screen are found and put in order in it alone.
    "state, due, priority, note, line, invalid, scheduled, start",
    "person_key, state, note WHERE person_key IS NOT NULL",  # who owes how much
    "written_key, person_key, state, note WHERE written_key IS NOT NULL",
    "task_id WHERE task_id <> ''",
    "depends_on WHERE depends_on <> ''",
    "note, state WHERE stray IS NOT NULL",
    "note, standing",  # how many of a state stand in a note
)

STATES = ("proposed", "open", "done", "cancelled", "other")
DERIVED = {
    # What the Tasks plugin calls the description: the text, then mostly owner and tags.
    "description": ("str", "CASE WHEN substr(more, 1, 1) = char(10) THEN substr(more, 2) ELSE text || more END"),
    "raw": (
        "str",
        "CASE WHEN substr(rest, 1, 1) = char(10) THEN substr(rest, 2)"
        " ELSE indentation || marker || ' [' || status || '] ' || text || rest END",
    ),
    "status_type": ("str", named("type", TYPES)),
    "state": ("str", named("standing", STATES)),
    "happens": ("str | None", "ifnull(earlier, CASE WHEN instr(ifnull(invalid, ''), ',due,') THEN NULL ELSE due END)"),
    "owner": ("str | None", "ifnull(written, owner_person)"),
    "owner_key": ("str | None", "ifnull(written_key, person_key)"),
}

_PRIORITY = {name: i for i, name in enumerate(PRIORITIES)}
_TYPE = {name: i for i, name in enumerate(TYPES)}


class Row:
    note: int
    line: int
    id: str  # from the note's path and the normalised text: holds still when lines move, dates or status change
    rest: str  # what the line has behind box and text; behind a line break: all of the line
    text: str  # description without owner, fields and filter tags
    more: str  # what the description has behind the text; behind a line break: all of it
    indentation: str
    marker: str
    status: str
    status_name: str
    type: int  # of statuses.TYPES
    standing: int  # of STATES
    priority: int  # 0 highest, 1 high, 2 medium, 3 none, 4 low, 5 lowest
    due: str | None  # dates as written, also those that do not exist
    scheduled: str | None
    start: str | None
    created: str | None
    done: str | None
    cancelled: str | None
    earlier: str | None  # the earliest of start, scheduled and due that exists, where that is not the due date
    invalid: str | None  # ',due,start,': date fields whose date does not exist
    recurrence: str | None
    on_completion: str
    task_id: str
    depends_on: str  # ids joined by commas
    block_id: str
    tags: str  # JSON list, with '#'
    written: str | None  # the owner as written, without '@', where that is not the person's name
    written_key: str | None  # that, folded
    owner_person: str | None  # the participant a first name means, else as written
    person_key: str | None  # that, folded
    links: str  # JSON list of targets in the line
    heading: str | None
    section: str | None  # JSON list of the headings above, outermost first; None: the note's title and `heading`
    parent: int | None  # line of the parent item
    date_doubt: str | None  # note-date, before-note, shared: why the due date may be the generator's
    stray: str | None  # fields the plugin does not see because text follows them, as JSON [[name, value], ...]


def extract(source: Source) -> list[Values]:
    """One row a task: a list item with a status character whose line the plugin's rules accept."""
    note, identity = source.note, source.id
    settings, path, lines = source.rules.tasks, note.path, note.lines
    found = []
    # Two boxes on one line (`- [ ] - [ ] text`) are two items, and the plugin reads the whole line for each.
    for line, _, _, status, parent, *_ in note.items:
        if status is not None:
            task = parse_task(lines[line - 1], settings, path)
            if task is not None:
                found.append((line, parent, task))
    if not found:
        return []
    links: dict[int, list[str]] = {}
    for link in (*note.links, *note.embeds):
        links.setdefault(link.line, []).append(link.link)
    first_names = _first_names(source)
    doubted = _shared_date([task.due for _, _, task in found])
    seen: dict[str, int] = {}
    headings = note.headings
    title, note_date = source.about.title, source.about.date
    rows: list[Values] = []
    at, trail = 0, list[tuple[int, str]]()
    heading: str | None = None
    section: str | None = "[]"
    for line, parent, task in found:
        moved = False
        while at < len(headings) and headings[at].line < line:
            _, level, heading = headings[at]
            while trail and trail[-1][0] >= level:
                trail.pop()
            trail.append((level, heading))
            at, moved = at + 1, True
        if moved:
            names = tuple([text for _, text in trail])
            section = json_list(names) if names != (title, heading) else None
        # Taken apart at once: a vault has a hundred thousand tasks, and each field asked by its name takes its time.
        (
            raw, indentation, marker, status, status_name, status_type, _, description, tags, priority, created, start,
            scheduled, due, done, cancelled, _, recurrence, on_completion, task_id, depends_on, block_link, owner, text,
            stray, invalid, _,
        ) = task  # fmt: skip
        key = " ".join(text.casefold().split())
        nth = seen[key] = seen.get(key, 0) + 1
        state = state_of(status, status_type, tags)
        owner_key = fold(owner) if owner else None
        person = first_names.get(owner_key, owner) if owner_key else None
        person_key = fold(person) if person else None
        happens = task.happens if start or scheduled or invalid else due
        targets = links.get(line)
        front = f"{indentation}{marker} [{status}] {text}"
        rest = raw[len(front) :] if raw.startswith(front) else "\n" + raw
        more = description[len(text) :] if description.startswith(text) else "\n" + description
        rows.append(
            (
                identity, line, make_id(path, key, nth), rest, text, more, indentation, marker, status, status_name,
                _TYPE[status_type], STATES.index(state), _PRIORITY[priority], due, scheduled, start, created, done, cancelled,
                None if happens == due else happens, f",{','.join(invalid)}," if invalid else None,
                recurrence, on_completion, task_id, ",".join(depends_on) if depends_on else "",
                block_link.strip().lstrip("^") if block_link else "", json_list(tags), None if owner == person else owner,
                None if owner_key == person_key else owner_key, person, person_key, json_list(tuple(targets)) if targets else "[]", heading, section, parent,
                _doubt(due, state, note_date, doubted) if due is not None and "due" not in invalid else None,
                json.dumps([s[:2] for s in stray], ensure_ascii=False) if stray else None,
            )
        )  # fmt: skip
    return rows


_SETTLED = {"DONE": "done", "CANCELLED": "cancelled", "NON_TASK": "other"}


def state_of(status: str, status_type: str, tags: tuple[str, ...]) -> str:
    """proposed = not done and (`[?]` or `#proposed`); else open, done, cancelled, or other (a non-task status)."""
    return _SETTLED.get(status_type) or ("proposed" if status == "?" or _proposes(tags) else "open")


@functools.lru_cache(maxsize=512)  # thousands of tasks share a few sets of tags
def _proposes(tags: tuple[str, ...]) -> bool:
    return any(tag.lower() == "#proposed" for tag in tags)


def _first_names(source: Source) -> dict[str | None, str]:
    """Folded first name -> the one participant it can mean in this note."""
    found: dict[str | None, str] = {}
    twice: set[str] = set()
    names = {fold(name): name for _, name, _ in source.about.participants}
    for key, name in names.items():
        first = key.split(" ", 1)[0]
        if first != key and first in found:
            twice.add(first)
        found.setdefault(first, name)
        found[key] = name
    for first in twice:
        if first not in names:
            del found[first]
    return found


def _shared_date(due: list[str | None]) -> str | None:
    """The due date that most of the note's dated tasks share (three at least): a generator's habit, not a plan."""
    dates = [date for date in due if date]
    if len(dates) < 3:
        return None
    date = sorted(dates)[len(dates) // 2]  # what more than half of them are stands in the middle
    count = dates.count(date)
    return date if count >= 3 and count * 2 > len(dates) else None


def _doubt(due: str, state: str, note_date: str | None, shared: str | None) -> str | None:
    """Why a due date may be the generator's and not a person's: note-date, before-note, shared; None when it is not."""
    if state not in ("proposed", "open"):
        return None
    if note_date is not None:
        if due == note_date:
            return "note-date"
        if due < note_date:
            return "before-note"
    return "shared" if due == shared else None
