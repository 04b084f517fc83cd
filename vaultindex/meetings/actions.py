"""Action items without a box: the bullets, rows and lines of a section of action items, and lines with a label of their own."""

from __future__ import annotations

from functools import cache, cached_property

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.nobody import NOBODY
from vaultindex.base.text import fold
from vaultindex.meetings.entries import (
    ANY_DAY,
    BULLET,
    LINE,
    QUESTION,
    TABLE,
    Entry,
    column,
    details,
    is_detail,
    is_done,
    label_alone,
    says_done,
    without_label,
)
from vaultindex.meetings.item import take_apart
from vaultindex.meetings.lines import children, whole_text
from vaultindex.meetings.sections import Inline, Layout, Part, Table, Vocabulary, aimed_at, bold_keys, sort_of
from vaultindex.meetings.who import Known, is_full_name, named_owner, plain
from vaultindex.meetings.words import (
    ACTIONS,
    DECISIONS,
    DONE,
    DUE,
    NONE,
    OWNER,
    SECTIONS,
    STATUS,
    TASK,
    nothing,
    words_of,
)
from vaultindex.notes.model import Item, Note

_WHOLE_LINK = lazy_pattern(r"\[([^\[\]]+)\]\(https?://[^()\s]*\)[.:]?")
_LOGSEQ = lazy_pattern(r"(TODO|DOING|NOW|LATER|WAITING|DONE)\s+(?=\S)")  # the state in front of an outline's item
_OTHER_BULLETS = "•·‣▪○◦–—→・☐□▢☑✓✔"


def action_entries(note: Note, found: Layout, words: Vocabulary, known: Known, meets: bool) -> list[Entry]:
    """The action items that have no box, in the order of the lines. `meets`: the note is of a meeting, since it names
    attendees or a day; in any other note a list needs a name that leaves no doubt, or an item its owner or date."""
    reading = _Reading(note, found, words, known, meets)
    for part in found.parts:
        reading.part(part)
    for table in found.tables:
        if table.line not in reading.tables and (_is_of_actions(table) or table.sorts is not None):
            reading.table(table, "", False, False)
    for inline in found.inline:
        reading.labelled(inline)
    return [reading.entries[line] for line in sorted(reading.entries)]


def only_boxes(note: Note, found: Layout) -> bool:
    """Whether `action_entries` finds nothing, since all items of all sections of action items have boxes: quickly."""
    if found.tables or found.inline:
        return False
    for part in found.parts:
        kinds = part[0]
        if ACTIONS in kinds or kinds[0] == DONE:
            first, last = part[1], part[2]
            statuses = [item[3] for item in note.items if first <= item[0] <= last]
            if not statuses or None in statuses:
                return False
    return True


class _Reading:
    """One note as it is gone through."""

    def __init__(self, note: Note, found: Layout, words: Vocabulary, known: Known, meets: bool) -> None:
        self.note, self.words, self.known, self.meets = note, words, known, meets
        self.entries: dict[int, Entry] = {}
        self.found = found
        self.labels = frozenset(entry.line for entry in found.inline)
        self.tables: set[int] = set()

    def part(self, part: Part) -> None:
        """What a section lists."""
        kind = ACTIONS if ACTIONS in part.kinds else part.kinds[0]
        if kind not in (ACTIONS, DONE):
            return
        first, last = part.first, part.last
        every = [item for item in self.note.items if first <= item.line <= last]
        if every and not self.found.tables and all(item.status is not None for item in every):
            return  # boxes only
        group, done = person_of(part.group, self.known), kind == DONE
        items = [item for item in every if item.parent is None or item.parent < first]
        # Beside decisions, beside boxes, or in a note that is of no meeting: only what says who or by when.
        certain = DECISIONS not in part.kinds and not any(item.status is not None for item in items)
        certain = certain and (self.meets or (part.above is not None and _leaves_no_doubt(part.above.name)))
        for item in items:
            self.item(item, group, done, certain or bool(group))
        for table in self.found.tables if DECISIONS not in part.kinds else ():
            if part.first <= table.line <= part.last:
                self.tables.add(table.line)
                self.table(table, group, done, True)
        if not items:
            self.lines(part, group, done)

    @cached_property
    def starts(self) -> frozenset[int]:
        """The lines on which an item begins."""
        return frozenset(item.line for item in self.note.items)

    def item(self, item: Item, group: str, done: bool, certain: bool) -> None:
        """An item of a list: one entry, or the name of a person or topic with entries below it."""
        below = children(self.note, item) if item.end > item.line else []
        text = item.text.strip()
        only = label_alone(text)
        if item.status is not None or item.line in self.labels:
            return
        if below:
            person = person_of(only[1] if only else text, self.known)
            if person or (only is not None and not any(is_detail(child.text, self.words) for child in below)):
                for child in below:
                    self.item(child, person or group, done, certain or bool(person))
                return
        whole = whole_text(self.note, item, self.starts)
        if whole != text and not self._says_who_or_when(whole) and self._says_who_or_when(text):
            whole = text  # what goes on below it explains it
        marker = _LOGSEQ.match(whole)
        if marker:
            whole, done = whole[marker.end() :], done or marker[1] == "DONE"
        link = _WHOLE_LINK.fullmatch(whole.strip())
        if link:
            if len(link[1].split()) < 3:
                return
            whole = link[1]
        if below and only:
            whole = plain(only[1])
        if not _is_text(whole) or is_detail(text, self.words):
            return
        owner, due, finished = details(self.note, item, self.words)
        if (not (certain or owner or due) or self._says_other(text)) and not self._says_who_or_when(whole):
            return
        self.entries[item.line] = Entry(
            item.line, whole, BULLET, owner or group, due, done or finished or is_done(whole)
        )

    def _says_who_or_when(self, text: str) -> bool:
        said = take_apart(text, self.known, ANY_DAY, loose=True)
        return said.owner is not None or said.due is not None

    def _says_other(self, text: str) -> bool:
        """Whether a label in front says that it is no action item: 'Next meeting: 12 March'."""
        name, colon, _ = text.partition(":")
        return bool(colon) and self.words.sections[name] == (NONE,)

    def lines(self, part: Part, group: str, done: bool) -> None:
        """The lines of paragraphs: those that say who or by when are items, and those with a bullet that is no Markdown."""
        for block in self.note.blocks:
            if block.kind not in ("paragraph", "callout") or block.end < part.first or block.line > part.last:
                continue
            for number in range(max(block.line, part.first), min(block.end, part.last) + 1):
                text = self.note.lines[number - 1].strip().lstrip("> \t").strip()
                if number in self.labels or text.startswith("[!") or not _is_text(text):
                    continue
                listed, ticked = text[0] in _OTHER_BULLETS, text[0] in "☑✓✔"
                text = text.lstrip(_OTHER_BULLETS + " \t")
                said = take_apart(text, self.known, ANY_DAY, loose=True)
                if group or said.owner or said.due or (listed and self.meets):
                    self.entries[number] = Entry(number, text, LINE, group, "", done or ticked or is_done(text))

    def table(self, table: Table, group: str, done: bool, in_section: bool) -> None:
        """One entry a row."""
        task = column(table, TASK, set())
        owner = column(table, OWNER, {task} if task is not None else set())
        due = column(table, DUE, {i for i in (task, owner) if i is not None})
        status = column(table, STATUS, {i for i in (task, owner, due) if i is not None})
        if task is None:
            free = [i for i, kinds in enumerate(table.columns) if not kinds and i not in (owner, due, status)]
            if not in_section or not free or owner is None:
                return
            task = free[0]
        for number, row in table.rows:
            if table.sorts is not None and sort_of(row[table.sorts], self.words) != ACTIONS:
                continue
            if _is_text(row[task]):
                self.entries[number] = Entry(
                    number,
                    row[task],
                    TABLE,
                    (row[owner] if owner is not None else "") or group,
                    row[due] if due is not None else "",
                    done or (status is not None and says_done(row[status])) or is_done(row[task]),
                )

    def labelled(self, inline: Inline) -> None:
        """`ACTION: Dana to send it`, wherever it stands."""
        kinds = inline.label.inline or inline.label.kinds
        if ACTIONS not in kinds or DECISIONS in kinds or inline.line in self.entries:
            return
        item = next((item for item in self.note.items if item.line == inline.line), None)
        if item is not None and item.status is not None:
            return
        text, owner, due, done = inline.value, aimed_at(inline.label.name) or "", "", False
        if item is not None:
            text = without_label(whole_text(self.note, item, self.starts), text)
            below, due, done = details(self.note, item, self.words)
            owner = owner or below
        for name, value in bold_keys(self.note.lines[inline.line - 1])[1:]:
            kinds = self.words.columns[name]
            owner, due = owner or (value if OWNER in kinds else ""), due or (value if DUE in kinds else "")
        if _is_text(text):
            origin = LINE if item is None else BULLET
            self.entries[inline.line] = Entry(inline.line, text, origin, owner, due, done or is_done(text))


def _is_text(text: str) -> bool:
    """Whether a text can be an item at all: not 'None', no question, no bare sign."""
    text = text.strip()
    return (
        bool(text)
        and not nothing(text)
        and not text.rstrip(" *_").endswith(QUESTION)
        and any(c.isalpha() for c in text)
    )


_NO_DOUBT = lazy_pattern(
    "action|aktion|accion|azion|actie|acao|acoes|atgard|アクション|行动|行動|액션|compromis|encaminh|поручени"
)


def _leaves_no_doubt(name: str) -> bool:
    """Whether a section's name is one of action items in any note: 'Tasks' and 'Next steps' also stand in others."""
    return bool(_NO_DOUBT.search(fold(name)))


@cache
def _names() -> frozenset[str]:
    return frozenset(words_of({ACTIONS: SECTIONS[ACTIONS]}))


def _is_of_actions(table: Table) -> bool:
    """Whether a table that no section names lists action items: a column for what and one for who."""
    task = any(TASK in kinds and fold(plain(name)) in _names() for name, kinds in zip(table.names, table.columns))
    return task and any(OWNER in kinds for kinds in table.columns)


def box_hints(note: Note, found: Layout, words: Vocabulary, known: Known) -> dict[int, tuple[str, str]]:
    """(owner, due) that stand around boxes in sections of action items: a person's heading or item above, details below."""
    hints: dict[int, tuple[str, str]] = {}
    for part in found.parts:
        kinds, first, last, _, _, name = part
        if ACTIONS not in kinds and DONE not in kinds:
            continue
        group = person_of(name, known) if name else ""
        by_line = {item[0]: item for item in note.items if first <= item[0] <= last}
        for item in by_line.values():
            parent = item[4]
            if item[3] is None or (parent is None and item[2] == item[0] and not group):
                continue
            below, due, _ = details(note, item, words)
            owner = below or group
            above = by_line.get(parent) if parent is not None else None
            if not below and above is not None and above.status is None:
                only = label_alone(above.text.strip())
                owner = person_of(only[1] if only else above.text, known) or owner
            if owner or due:
                hints[item.line] = (owner, due)
    return hints


_OF_PERSON = lazy_pattern(r"\s*\(.*\)$|^@|(?:'s|’s)(?: action items| tasks| actions| to-?dos?)?$")


def person_of(group: str | None, known: Known) -> str:
    """The person whose items stand under this name; '' when it is a topic."""
    if not group:
        return ""
    name = _OF_PERSON.sub("", plain(group).strip(" :：*_–—-#")).strip()
    return known.get(name) or known.several(name) or (name if is_full_name(name) and not known else "")


def owner_in_cell(text: str, known: Known) -> str | None:
    """The person that a cell, a detail or a heading says owns the item."""
    name = plain(text)
    return None if nothing(name) or fold(name) in NOBODY else named_owner(name, known)
