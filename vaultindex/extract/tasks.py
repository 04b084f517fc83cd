"""The tasks of the notes: boxes as the Tasks plugin reads them, and the action items of meetings that have no box.

What the plugin sees of a box (`raw`, `description`, its dates) is as it says. Beyond that, `text`, `owner` and `due_said`
hold what a person reads in the line: `- [ ] Dana: send the sheet by Friday`.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING

from vaultindex.base.ids import make_id
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold, json_list
from vaultindex.extract.source import named
from vaultindex.meetings.about import is_index, month_comes_first
from vaultindex.meetings.actions import action_entries, box_hints, only_boxes, owner_in_cell
from vaultindex.meetings.item import Claim, Said, take_apart
from vaultindex.meetings.name_forms import fits, forms, spelled
from vaultindex.meetings.sections import EMPTY
from vaultindex.meetings.when import Day, read_day
from vaultindex.meetings.who import Known
from vaultindex.meetings.words import ACTIONS, nothing
from vaultindex.notes.model import Note
from vaultindex.tasks.line import Task, parse_task, without_last_tags
from vaultindex.tasks.plugin_settings import STATES, TYPES
from vaultindex.tasks.urgency import PRIORITIES

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = (
    "id",
    "due",
    "done WHERE done IS NOT NULL",
    # Lists of unsettled tasks and the start screen are found and put in order in it alone.
    "state, deadline, priority, note, line, invalid, scheduled, start, date_doubt, person_key",
    # Whose they are, most urgent first: what the start screen shows of a side comes from here.
    "person_key, standing, priority, deadline, date_doubt, invalid, note, line",
    # What is planned.
    "standing, scheduled, start, deadline, invalid, priority, person_key, note, line WHERE scheduled IS NOT NULL OR start IS NOT NULL",
    "written_key, person_key, state, note WHERE written_key IS NOT NULL",
    "task_id WHERE task_id <> ''",
    "depends_on WHERE depends_on <> ''",
    "note, state WHERE stray IS NOT NULL",
    "note, standing",  # how many of a state stand in a note
    "way WHERE way > 0",
    "standing, note, recurrence, deadline, scheduled, start WHERE recurrence IS NOT NULL",  # when they fall again
    "claim_key WHERE claim_key IS NOT NULL",
)

ORIGINS = ("box", "bullet", "table", "line")
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
    # The due date as our own lists take it: the plugin's, else the one that the words say; and what comes first so.
    "deadline": ("str | None", "ifnull(due, due_said)"),
    "comes": (
        "str | None",
        "ifnull(earlier, CASE WHEN instr(ifnull(invalid, ''), ',due,') THEN NULL ELSE ifnull(due, due_said) END)",
    ),
    "origin": ("str", named("way", ORIGINS)),
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
    date_doubt: str | None  # note-date, before-note, shared, words: why the due date may be the generator's
    stray: str | None  # fields the plugin does not see because text follows them, as JSON [[name, value], ...]
    way: int  # of ORIGINS
    due_said: str | None  # the day that the words say where the plugin sees no due date
    said: str | None  # JSON [[field, characters, why], ...]: what was read beyond the plugin's fields
    claim_key: str | None  # a name that is the owner's if the vault has a person of this name, folded
    claim: str | None  # JSON [the name, the text then, the text else]
    rule: str | None  # what decided whom the owner's name means: spelling, note, said, account; None: nothing had to


def extract(source: Source) -> list[Values]:
    """One row a task: a list item with a status character whose line the plugin's rules accept; then one row an action
    item without a box."""
    note = source.note
    settings, path, lines = source.rules.tasks, note.path, note.lines
    found = []
    # Two boxes on one line (`- [ ] - [ ] text`) are two items, and the plugin reads the whole line for each.
    for line, _, _, status, parent, *_ in note.items:
        if status is not None:
            task = parse_task(lines[line - 1], settings, path)
            if task is not None:
                found.append((line, parent, task))
    layout = source.meeting.layout
    named = layout is not EMPTY and layout.mentions(ACTIONS)
    if not found and not named and not layout.tables:
        return []
    reader = _Reader(source)
    rows = reader.boxes(found, named)
    if source.rules.loose_items and (named or layout.tables) and not only_boxes(note, layout):
        rows += reader.loose()
    return rows


class _Reader:
    """The tasks of one note become rows."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.note, self.day = source.note, source.about.date
        self.known = Known([person[1] for person in source.about.participants])
        self.seen: dict[str, int] = {}
        self._month_first: list[bool | None] = []
        self._links: dict[int, list[str]] | None = None

    def boxes(self, found: list[tuple[int, int | None, Task]], named: bool) -> list[Values]:
        """The rows of lines that the plugin reads."""
        if not found:
            return []
        doubted = _shared_date([task.due for _, _, task in found])
        hints = box_hints(self.note, self.source.meeting.layout, self.source.rules.words, self.known) if named else {}
        trail = _Trail(self.note, self.source.about.title)
        called = _called(self.source)
        rows: list[Values] = []
        capital = self.source.rules.capital_x_done
        headings, count = trail.headings, len(trail.headings)
        for line, parent, task in found:
            if trail.next < count and headings[trail.next].line < line:
                trail.at(line)
            heading, section = trail.heading, trail.section
            key = " ".join(task.text.casefold().split())
            nth = self.seen[key] = self.seen.get(key, 0) + 1
            if capital and task.status == "X":
                task = task._replace(status_name="Done", status_type="DONE", next_status=" ")
            said = None
            if task.owner is not None and task.owner.islower() and self._is_no_name(task.owner):
                said = _claimed(task)
            elif task.owner is None or (task.due is None and _may_say_when(task.text)):
                said = self._beyond(task, hints.get(line))
            rows.append(
                self._row(
                    line,
                    make_id(self.note.path, key, nth),
                    task,
                    said,
                    heading,
                    section,
                    parent,
                    0,
                    called,
                    doubted,
                )
            )
        return rows

    def _is_no_name(self, word: str) -> bool:
        """Whether a word behind '@' that begins small is nobody's name for all this note knows: `@home`, `@latest`."""
        return (
            " " not in word
            and "@" not in word
            and fold(word) not in self.source.rules.me
            and word != "tbd"
            and self.known.get(word) is None
        )

    def _beyond(self, task: Task, hint: tuple[str, str] | None) -> Said | None:
        """What the words of a box say that the plugin does not see; None when that is nothing."""
        owner, text = task.owner, task.text
        rules = []
        if owner is None and hint and hint[0] and (owner := owner_in_cell(hint[0], self.known)):
            rules.append(("owner", hint[0], "the name above or below it"))
        if (task.due is None and _may_say_when(text)) or (
            owner is None and (self.known.named_in(text) or _may_say(text))
        ):
            said = take_apart(text, self.known, self.day, self.month_first(text), owner=owner, due=task.due is None)
        elif hint is None:
            return None
        else:
            said = Said(text, owner, None, None, ())
        due = said.due
        if (
            due is None
            and task.due is None
            and hint
            and hint[1]
            and (due := read_day(hint[1], self.day, self.month_first(hint[1])))
        ):
            rules.append(("due", hint[1], "a detail below it"))
        if not (said.rules or rules or said.claim):
            return None
        return said._replace(due=due, rules=(*said.rules, *rules))

    def month_first(self, text: str) -> bool | None:
        """How this note writes 04/05/2026, where a text has such a date."""
        if not _DAY_AND_MONTH.search(text):
            return None
        if not self._month_first:
            self._month_first.append(month_comes_first(self.note, self.source.meeting, self.source.rules.month_first))
        return self._month_first[0]

    def loose(self) -> list[Values]:
        """The rows of action items without a box."""
        note, source = self.note, self.source
        if is_index(note.path.rsplit("/", 1)[-1][:-3]) or source.about.template:
            return []
        meets = bool(self.day or self.known)
        entries = action_entries(note, source.meeting.layout, source.rules.words, self.known, meets)
        if not entries:
            return []
        trail = _Trail(note, source.about.title)
        rows: list[Values] = []
        settings = source.rules.tasks._replace(global_filter="", use_filename_as_scheduled=False)
        boxed = set(self.seen)
        parents = {item.line: item.parent for item in note.items}
        for entry in entries:
            heading, section = trail.at(entry.line)
            task = parse_task(f"- [ ] {entry.text}", settings)
            if task is None or not task.text:
                continue
            owner = task.owner or (owner_in_cell(entry.owner, self.known) if entry.owner else None)
            rules = (
                [("owner", entry.owner, "the column, name or detail that says who")]
                if entry.owner and owner and not task.owner
                else []
            )
            due = (
                read_day(entry.due, self.day, self.month_first(entry.due))
                if entry.due and not nothing(entry.due)
                else None
            )
            if due:
                rules.append(("due", entry.due, "the column or detail that says by when"))
            text = task.text
            if entry.done:
                text = text.replace("~~", "").strip(" ✅☑✔️")
            said = take_apart(
                text,
                self.known,
                self.day,
                self.month_first(text),
                owner=owner,
                due=task.due is None and due is None,
                loose=True,
            )
            said = said._replace(due=said.due or due, rules=(*said.rules, *rules))
            key = " ".join(said.text.casefold().split())
            if key in boxed or not key:
                continue
            nth = self.seen[key] = self.seen.get(key, 0) + 1
            raw = note.lines[entry.line - 1]
            match = _MARKER.match(raw)
            task = task._replace(
                raw=raw,
                indentation=match[1] if match and entry.origin == "bullet" else "",
                marker=match[2] if match and entry.origin == "bullet" else "",
                status="",
                status_name="Done" if entry.done else "Todo",
                status_type="DONE" if entry.done else "TODO",
                owner=owner,
                stray=(),
            )
            way = ORIGINS.index(entry.origin)
            rows.append(
                self._row(
                    entry.line,
                    make_id(note.path, key, nth),
                    task,
                    said,
                    heading,
                    section,
                    parents.get(entry.line),
                    way,
                    {},
                    None,
                )
            )
        return rows

    def _links_by_line(self) -> dict[int, list[str]]:
        """line -> the targets of its links."""
        found: dict[int, list[str]] = {}
        for some in (self.note.links, self.note.embeds):
            for line, _, _, _, target, *_ in some:
                if line in found:
                    found[line].append(target)
                else:
                    found[line] = [target]
        return found

    def _row(
        self,
        line: int,
        identity: str,
        task: Task,
        beyond: Said | None,
        heading: str | None,
        section: str | None,
        parent: int | None,
        way: int,
        called: dict[str | None, str],
        doubted: str | None,
    ) -> Values:
        # Taken apart at once: a vault has a hundred thousand tasks, and each field asked by its name takes its time.
        (
            raw, indentation, marker, status, status_name, status_type, _, description, tags, priority, created, start,
            scheduled, due, done, cancelled, _, recurrence, on_completion, task_id, depends_on, block_link, owner, text,
            stray, invalid, _,
        ) = task  # fmt: skip
        due_said = said = claim_key = claim = doubt = None
        front = f"{indentation}{marker} [{status}] {text}"
        if beyond is not None:
            owner = beyond.owner or (None if beyond.claim is not None else owner)
            if beyond.due is not None:
                due_said = beyond.due.iso
            if beyond.claim is not None:
                claim_key = fold(beyond.claim.name)
                claim = json.dumps([beyond.claim.name, beyond.claim.text, beyond.text], ensure_ascii=False)
            said = json.dumps(beyond.rules, ensure_ascii=False) if beyond.rules else None
            text = beyond.text
            rest, more = "\n" + raw, "\n" + description
            if way:
                description, more = text, ""
        else:
            rest = raw[len(front) :] if raw.startswith(front) else "\n" + raw
            more = description[len(text) :] if description.startswith(text) else "\n" + description
        state = ("done" if status_type == "DONE" else "proposed") if way else state_of(status, status_type, tags)
        if due is not None and "due" not in invalid:
            doubt = _doubt(due, state, self.day, doubted)
        elif due_said is not None and beyond is not None and beyond.due is not None:
            doubt = _said_doubt(beyond.due, state, self.day)
        owner_key = fold(owner) if owner else None
        person = _person(owner, called) if owner else None
        person_key = spelled(person) if person else None
        rule = None
        if person_key != owner_key and owner is not None:
            rule = "spelling" if spelled(owner) == person_key else "note"
        happens = task.happens if start or scheduled or invalid else due
        targets = None
        if raw.count("[") > 1:  # the box has one
            if self._links is None:
                self._links = self._links_by_line()
            targets = self._links.get(line)
        return (
            self.source.id, line, identity, rest, text, more, indentation, marker, status, status_name,
            _TYPE[status_type], STATES.index(state), _PRIORITY[priority], due, scheduled, start, created, done, cancelled,
            None if happens == due else happens, f",{','.join(invalid)}," if invalid else None,
            recurrence, on_completion, task_id, ",".join(depends_on) if depends_on else "",
            block_link.strip().lstrip("^") if block_link else "", json_list(tags), None if owner == person else owner,
            None if owner_key == person_key else owner_key, person, person_key, json_list(tuple(targets)) if targets else "[]", heading, section, parent,
            doubt, json.dumps([s[:2] for s in stray], ensure_ascii=False) if stray else None,
            way, due_said, said, claim_key, claim, rule,
        )  # fmt: skip


def _claimed(task: Task) -> Said:
    """A task whose `@word` is its owner only if the vault has a person of this name."""
    text = without_last_tags(task.description)
    return Said(text, None, None, Claim(str(task.owner), task.text), ())


# A text that says when has one of these.
_MAY_SAY_WHEN = lazy_pattern(
    r"\d|\b(?:by|due|until|till|before|bis|deadline|avant|hasta|antes|para|entro|até|do|до|к)\b|期|まで|前|까지", re.I
)
_WHEN_IN_ASCII = (
    "by", "due", "until", "till", "before", "bis", "deadline", "avant", "hasta", "antes", "para", "entro", "do",
)  # fmt: skip
_WHEN_WORDS = frozenset(_WHEN_IN_ASCII)
_DIGIT = lazy_pattern("[0-9]")
_WORDS = lazy_pattern(r"\w+")


def _may_say_when(text: str) -> bool:
    """Whether it is worth while to look for a date in the text: quickly, for in most it is not."""
    if text.isascii():
        if _DIGIT.search(text):
            return True
        low = text.lower()
        for word in _WHEN_IN_ASCII:
            if word in low:
                return not _WHEN_WORDS.isdisjoint(_WORDS.findall(low))
        return False
    return _MAY_SAY_WHEN.search(text) is not None


_OWNER_WORDS = ("owner", "assigne", "responsib", "verantwort", "zuständig", "responsable", "担当", "负责", "담당")
_NAME_IN_FRONT = lazy_pattern(r"\W*[A-ZÀ-Ý][^\W\d_]+ [A-ZÀ-Ý][^\W\d_]+(?:\W|$)")
_NAME_AT_END = lazy_pattern(r"[—–-] [A-ZÀ-Ý][^\W\d_]+ [A-ZÀ-Ý][^\W\d_]+$")


def _may_say(text: str) -> bool:
    """Whether it is worth while to look for an owner in a note that names nobody of whom the text speaks."""
    if "@" in text or "[[" in text or text[-1:] in ")]" or _NAME_IN_FRONT.match(text):
        return True
    if ("—" in text or "–" in text or "- " in text) and _NAME_AT_END.search(text):
        return True
    low = text.lower()
    for word in _OWNER_WORDS:  # noqa: SIM110 - any() with a generator takes twice the time
        if word in low:
            return True
    return False


_DAY_AND_MONTH = lazy_pattern(r"(?<!\d)\d{1,2}(?:/\d{1,2}(?!\d)|-\d{1,2}-\d)")
_MARKER = lazy_pattern(r"([ \t>]*)([-*+]|\d+[.)])[ \t]")


class _Trail:
    """The heading above a line, and the way to it as the index keeps it; lines are asked for from the top."""

    def __init__(self, note: Note, title: str) -> None:
        self.headings, self.title = note.headings, title
        self.next = 0
        self.above: list[tuple[int, str]] = []
        self.heading: str | None = None
        self.section: str | None = "[]"

    def at(self, line: int) -> tuple[str | None, str | None]:
        headings, moved = self.headings, False
        while self.next < len(headings) and headings[self.next].line < line:
            _, level, self.heading = headings[self.next]
            while self.above and self.above[-1][0] >= level:
                self.above.pop()
            self.above.append((level, self.heading))
            self.next, moved = self.next + 1, True
        if moved:
            names = tuple([text for _, text in self.above])
            self.section = json_list(names) if names != (self.title, self.heading) else None
        return self.heading, self.section


_SETTLED = {"DONE": "done", "CANCELLED": "cancelled", "NON_TASK": "other"}


def state_of(status: str, status_type: str, tags: tuple[str, ...]) -> str:
    """proposed = not done and (`[?]` or `#proposed`); else open, done, cancelled, or other (a non-task status)."""
    return _SETTLED.get(status_type) or ("proposed" if status == "?" or _proposes(tags) else "open")


@functools.lru_cache(maxsize=512)  # thousands of tasks share a few sets of tags
def _proposes(tags: tuple[str, ...]) -> bool:
    return any(tag.lower() == "#proposed" for tag in tags)


def _called(source: Source) -> dict[str | None, str]:
    """Folded name, first name or another short form -> the one participant it can mean in this note."""
    found: dict[str | None, str] = {}
    twice: set[str] = set()
    names = {fold(name): name for _, name, _ in source.about.participants}
    people = {spelled(name): name for name in names.values()}
    for key, name in people.items():
        for form in forms(key).exact or {key.split(" ", 1)[0]}:
            if form != key and form in found:
                twice.add(form)
            found.setdefault(form, name)
        found[key] = name
    for form in twice:
        if form not in people:
            del found[form]
    found.update(names)
    return found


def _person(owner: str, called: dict[str | None, str]) -> str:
    """The participant whom an owner's name means in this note; the name itself when it means none, or several."""
    key = fold(owner)
    found = called.get(key) or called.get(spelled(owner))
    if found is None and "@" in key:
        fitting = {name for full, name in called.items() if full and fits(key, full)}
        found = fitting.pop() if len(fitting) == 1 else None
    return found or owner


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


def _said_doubt(due: Day, state: str, note_date: str | None) -> str | None:
    """Why a day that words say may be another one: words, before-note; None when it is stated in full."""
    if state not in ("proposed", "open"):
        return None
    if not due.certain:
        return "words"
    return "before-note" if note_date is not None and due.iso < note_date else None
