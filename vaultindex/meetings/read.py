"""What is listed under the names: attendees, action items without a box, decisions; however the list is written."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultindex.meetings.sections import (
    EMPTY,
    Inline,
    Layout,
    Mark,
    Part,
    Table,
    Vocabulary,
    aimed_at,
    children,
    items_in,
    layout,
    paragraphs,
    tables,
    whole_text,
)
from vaultindex.meetings.when import read_day
from vaultindex.meetings.who import Known, attendees_in, is_full_name, named_owner, plain
from vaultindex.meetings.words import ACTIONS, ATTENDEES, DECISIONS, DONE, DUE, NONE, OWNER, STATUS, TASK, nothing
from vaultindex.notes.model import Item, Note

BULLET, TABLE, LINE = "bullet", "table", "line"


class Attendee(NamedTuple):
    line: int
    name: str
    linked: bool


class Entry(NamedTuple):
    """One entry of a list of action items or decisions."""

    line: int
    text: str
    origin: str  # bullet, table, line; of a decision: heading, callout, field
    owner: str = ""  # as a column, a detail or the heading above says it
    due: str = ""
    done: bool = False
    label: bool = False  # it is marked as an item by a label of its own


class Meeting(NamedTuple):
    """What a note says of a meeting."""

    layout: Layout
    attendees: tuple[Attendee, ...]
    keys: dict[str, tuple[int, str]]


NOTHING_SAID = Meeting(EMPTY, (), {})

_STRUCK = re.compile(r"\s*~~.+~~\s*\.?\s*")
_DONE_MARK = re.compile(
    r"^\s*(?:✅|☑️?|✔️?|\[x\]|\(done\)|done\s*[:–-])|(?:✅|☑️?|✔️?|\((?:done|erledigt|completed|fait|hecho|完了)\)|[-–—]\s*(?:done|erledigt|completed)\.?)\s*(?:\d{4}-\d\d-\d\d)?\s*$",
    re.I,
)
_DONE_STATUS = re.compile(
    r"(?:done|complete[d]?|closed|erledigt|abgeschlossen|fertig|termine|fait|hecho|completado|concluido|feito|fatto|klaar|gereed|klart|ferdig|完了|済|已完成|완료|✅|☑️?|✔️?|x|yes|100 ?%)",
    re.I,
)
_DETAIL = re.compile(
    r"(?:\*\*|__|_|\*)?\s*([^\W\d_][^:：*_]{0,30}?)\s*(?:[:：]\s*(?:\*\*|__|_|\*)?|(?:\*\*|__)\s*[:：])\s*(.+)"
)
_LABEL_ONLY = re.compile(r"\s*(?:\*\*|__)?(.{1,80}?)(?:[:：]\s*(?:\*\*|__)?|(?:\*\*|__)\s*[:：]?)\s*$")
_QUESTION = ("?", "？")
_WHOLE_LINK = re.compile(r"\[([^\[\]]+)\]\(https?://[^()\s]*\)[.:]?")
_DATE_ONLY = re.compile(
    r"[\[\s]*\d{4}-\d\d-\d\d[\]\s]*|.{0,12}\d{1,2}[./]\d{1,2}[./]\d{2,4}|[^\W\d]{3,9} \d{1,2}(?:, \d{4})?"
)


def read_meeting(note: Note, words: Vocabulary) -> Meeting:
    """Where things stand in a note, and who its body says was there."""
    found = layout(note, words)
    people: dict[tuple[int, str], Attendee] = {}

    def add(line: int, text: str, whole_line: bool) -> None:
        for name, linked in attendees_in(text, whole_line):
            people.setdefault((line, name), Attendee(line, name, linked))

    if ATTENDEES in found.keys:
        add(*found.keys[ATTENDEES], True)
    for mark in found.marks:
        if mark.value and ATTENDEES in mark.kinds:
            add(mark.line, mark.value, True)
    for part in found.parts:
        if part.kinds[0] == ATTENDEES:
            _attendees(note, part, words, add)
    if "\n|" in note.text or note.text.startswith("|"):
        for table in tables(note, words):
            if not people and _is_of_people(table):
                at = next(i for i, kinds in enumerate(table.columns) if ATTENDEES in kinds)
                for number, row in table.rows:
                    add(number, row[at], False)
    return Meeting(found, tuple(people.values()), found.keys)


def _attendees(note: Note, part: Part, words: Vocabulary, add: object) -> None:
    """The names in a section of attendees: its lists, its tables, else its paragraphs."""
    assert callable(add)
    some = [t for t in tables(note, words) if part.first <= t.line <= part.last]
    for table in some:
        at = next((i for i, kinds in enumerate(table.columns) if ATTENDEES in kinds), None)
        at = (
            at
            if at is not None
            else (1 if table.columns and "title" in table.columns[0] and len(table.columns) > 1 else 0)
        )
        for number, row in table.rows:
            add(number, row[at], False)
    items = [i for i in note.items if part.first <= i.line <= part.last]
    for item in items:
        below = children(note, item)
        text = item.text.strip()
        if below and (_LABEL_ONLY.fullmatch(text) or not is_full_name(plain(text))):
            continue  # a company or a role, its people below it
        parent = next((i for i in items if i.line == item.parent), None)
        if parent is not None and is_full_name(plain(parent.text)) and not _LABEL_ONLY.fullmatch(parent.text.strip()):
            continue  # what is said of a person
        add(item.line, text, len(items) == 1)
    if not items and not some:
        for number in range(part.first, part.last + 1):
            line = note.lines[number - 1].strip().lstrip("> \t")
            if line and not line.startswith(("#", "|", "---", "***", "![")):
                add(number, line, True)


def _is_of_people(table: Table) -> bool:
    """Whether a table without a section's name lists attendees: its first columns say so."""
    first = [kinds for kinds in table.columns if "title" not in kinds][:1]
    name = [text for text, kinds in zip(table.names, table.columns) if "title" not in kinds][:1]
    strict = {
        "attendee",
        "attendees",
        "participant",
        "participants",
        "teilnehmer",
        "asistente",
        "asistentes",
        "participante",
        "参加者",
        "出席者",
    }
    return bool(first) and ATTENDEES in first[0] and plain(name[0]).casefold() in strict


# --- entries ------------------------------------------------------------------------------------------------------------


def _texts_below(note: Note, item: Item, starts: frozenset[int]) -> str:
    return " ".join(whole_text(note, child, starts) for child in children(note, item))


def _details(note: Note, item: Item, words: Vocabulary) -> tuple[str, str, bool]:
    """(owner, due, done) that the items below an item say: `Owner: Dana`, `Due: Friday`, `Status: done`."""
    owner = due = ""
    done = False
    for child in children(note, item):
        for piece in re.split(r"\s+[|·•]\s+|;\s+|,\s+(?=[^\W\d_]+\s*:)", child.text):
            match = _DETAIL.match(piece.strip())
            if match is None:
                continue
            kinds = words.columns[match[1]]
            if OWNER in kinds:
                owner = owner or match[2].strip()
            elif DUE in kinds:
                due = due or match[2].strip()
            elif STATUS in kinds and _DONE_STATUS.fullmatch(plain(match[2]).strip(" .")):
                done = True
    return owner, due, done


def _is_detail(text: str, words: Vocabulary) -> bool:
    match = _DETAIL.match(text.strip())
    if match is None:
        return False
    kinds = words.columns[match[1]]
    return bool({OWNER, DUE, STATUS} & set(kinds)) or NONE in kinds


def is_done(text: str) -> bool:
    """Whether the text says by itself that the item is done: struck out, or ticked."""
    return bool(_STRUCK.fullmatch(text) or _DONE_MARK.search(text))


def action_entries(note: Note, found: Layout, words: Vocabulary, known: Known) -> list[Entry]:
    """The action items that have no box, in the order of the lines."""
    entries: dict[int, Entry] = {}
    starts = frozenset(i.line for i in note.items)
    labelled = {entry.line: entry for entry in found.inline}
    in_tables: set[int] = set()
    for part in found.parts:
        kind = part.kinds[0] if len(part.kinds) == 1 else ACTIONS if ACTIONS in part.kinds else part.kinds[0]
        if kind not in (ACTIONS, DONE):
            continue
        mixed = DECISIONS in part.kinds
        group = _person_of(part.group, known)
        done = kind == DONE
        for one in items_in(note, part.first, part.last):
            _add_item(note, one, words, known, starts, labelled, entries, group, done, mixed)
        for table in tables(note, words):
            if part.first <= table.line <= part.last and not mixed:
                in_tables.add(table.line)
                _rows(table, entries, group, done, True)
        if not items_in(note, part.first, part.last):
            _add_lines(note, part, entries, group, done, known, labelled)
    if "|" in note.text:
        for table in tables(note, words):
            if table.line not in in_tables and _is_of_actions(table):
                _rows(table, entries, "", False, False)
    by_line = {item.line: item for item in note.items} if found.inline else {}
    for inline in found.inline:
        kinds = inline.label.inline or inline.label.kinds
        if ACTIONS in kinds and DECISIONS not in kinds and inline.line not in entries:
            item: Item | None = by_line.get(inline.line)
            if item is not None and item.status is not None:
                continue
            text = inline.value
            owner = aimed_at(inline.label.name) or ""
            due, done = "", False
            if item is not None:
                text = _without_label(whole_text(note, item, starts), inline.label.name, text)
                more, due, done = _details(note, item, words)
                owner = owner or more
            if not nothing(text) and not text.endswith(_QUESTION):
                entries[inline.line] = Entry(
                    inline.line, text, BULLET if item else LINE, owner, due, done or is_done(text), True
                )
    return [entries[line] for line in sorted(entries)]


def box_hints(note: Note, found: Layout, words: Vocabulary, known: Known) -> dict[int, tuple[str, str]]:
    """(owner, due) that stand around boxes in sections of action items: a person's heading or item above, details below."""
    hints: dict[int, tuple[str, str]] = {}
    for part in found.parts:
        if ACTIONS not in part.kinds and DONE not in part.kinds:
            continue
        group = _person_of(part.group, known)
        by_line = {item.line: item for item in note.items if part.first <= item.line <= part.last}
        for item in by_line.values():
            if item.status is None:
                continue
            owner, due = group, ""
            if item.end > item.line:
                own, due, _ = _details(note, item, words)
                owner = own or owner
            above = by_line.get(item.parent) if item.parent is not None else None
            if above is not None and above.status is None:
                only = _LABEL_ONLY.fullmatch(above.text.strip())
                owner = _person_of(only[1] if only else above.text, known) or owner
            if owner or due:
                hints[item.line] = (owner, due)
    return hints


def _without_label(text: str, name: str, value: str) -> str:
    at = text.find(value[:20])
    return text[at:] if at > 0 else value


def _person_of(group: str | None, known: Known) -> str:
    """The person whose items stand under this name; '' when it is a topic."""
    if not group:
        return ""
    name = plain(group).strip(" :：*_–—-#")
    name = re.sub(r"\s*\(.*\)$|^@|(?:'s|’s)(?: action items| tasks| actions| to-?dos?)?$", "", name).strip()
    return known.get(name) or known.several(name) or (name if is_full_name(name) and (not known) else "")


def _add_item(
    note: Note,
    item: Item,
    words: Vocabulary,
    known: Known,
    starts: frozenset[int],
    labelled: dict[int, Inline],
    entries: dict[int, Entry],
    group: str,
    done: bool,
    mixed: bool,
) -> None:
    """An item of a list of action items: one entry, or the name of a person or topic with entries below it."""
    below = children(note, item)
    text = item.text.strip()
    person = ""
    only = _LABEL_ONLY.fullmatch(text)
    if below and item.status is None:
        person = _person_of(only[1] if only else text, known)
        topic = only is not None and not all(_is_detail(child.text, words) for child in below)
        if person or topic:
            for child in below:
                _add_item(note, child, words, known, starts, labelled, entries, person or group, done, mixed)
            return
    if item.status is not None or item.line in labelled:
        return
    whole = whole_text(note, item, starts)
    link = _WHOLE_LINK.fullmatch(whole.strip())
    if link:
        whole = link[1]
    bold = only is not None and below
    whole = plain(only[1]) if bold and only else whole
    if (
        nothing(whole)
        or whole.rstrip(" *_").endswith(_QUESTION)
        or _is_detail(text, words)
        or not any(c.isalpha() for c in whole)
    ):
        return
    owner, due, finished = _details(note, item, words)
    if mixed and not (owner or due):
        from vaultindex.meetings.item import take_apart

        said = take_apart(whole, known, "2000-01-01")
        if said.owner is None and said.due is None:
            return
    entries[item.line] = Entry(item.line, whole, BULLET, owner or group, due, done or finished or is_done(whole))


def _add_lines(
    note: Note, part: Part, entries: dict[int, Entry], group: str, done: bool, known: Known, labelled: dict[int, Inline]
) -> None:
    """The lines of paragraphs in a section of action items: those that say who or by when are items."""
    from vaultindex.meetings.item import take_apart

    for block in note.blocks:
        if block.kind not in ("paragraph", "callout") or block.end < part.first or block.line > part.last:
            continue
        for number in range(max(block.line, part.first), min(block.end, part.last) + 1):
            text = note.lines[number - 1].strip().lstrip("> \t").strip()
            if not text or number in labelled or text.endswith(_QUESTION) or text.startswith("[!") or nothing(text):
                continue
            text = text.lstrip("•·‣▪○◦–—- \t") if text[0] in "•·‣▪○◦–—" else text
            said = take_apart(text, known, "2000-01-01", loose=True)
            if group or said.owner or said.due:
                entries[number] = Entry(number, text, LINE, group, "", done or is_done(text))


def _is_of_actions(table: Table) -> bool:
    """Whether a table that no section names lists action items: a column for what and one for who."""
    from vaultindex.meetings.words import SECTIONS, words_of

    strict = words_of({ACTIONS: SECTIONS[ACTIONS]})
    task = any(TASK in kinds and plain(name).casefold() in strict for name, kinds in zip(table.names, table.columns))
    return task and any(OWNER in kinds for kinds in table.columns)


def _column(table: Table, kind: str, without: set[int]) -> int | None:
    """The column of a kind; one that could be of several kinds only when no other is."""
    fitting = [i for i, kinds in enumerate(table.columns) if kind in kinds and i not in without]
    return min(fitting, key=lambda i: (table.columns[i].index(kind), i), default=None)


def _rows(table: Table, entries: dict[int, Entry], group: str, done: bool, in_section: bool) -> None:
    task = _column(table, TASK, set())
    owner = _column(table, OWNER, {task} if task is not None else set())
    due = _column(table, DUE, {i for i in (task, owner) if i is not None})
    status = _column(table, STATUS, {i for i in (task, owner, due) if i is not None})
    if task is None:
        if not in_section:
            return
        task = next((i for i, kinds in enumerate(table.columns) if not kinds and i not in (owner, due, status)), None)
        if task is None:
            return
    for number, row in table.rows:
        text = row[task].strip()
        if nothing(text) or text.endswith(_QUESTION):
            continue
        finished = status is not None and bool(_DONE_STATUS.fullmatch(plain(row[status]).strip(" .")))
        entries[number] = Entry(
            number,
            text,
            TABLE,
            (row[owner].strip() if owner is not None else "") or group,
            row[due].strip() if due is not None else "",
            done or finished or is_done(text),
            True,
        )


# --- decisions ----------------------------------------------------------------------------------------------------------


def decision_entries(note: Note, found: Layout, words: Vocabulary, known: Known) -> list[Entry]:
    """The decisions under headings, bold lines and labels, one each: an item, a row, a paragraph, a sub-heading with
    its text, a labelled line."""
    entries: dict[int, Entry] = {}
    starts = frozenset(i.line for i in note.items)
    inline_lines = {entry.line: entry for entry in found.inline}

    def add(line: int, text: str, origin: str) -> None:
        text = text.strip()
        if text and line not in entries and not nothing(text) and any(c.isalnum() for c in text):
            entries[line] = Entry(line, text, origin)

    index = _index_heading(found)
    for part in found.parts:
        if DECISIONS not in part.kinds or part.above is index:
            continue
        if (
            part.mark is not part.above
            and part.mark is not None
            and part.above is not None
            and _is_decision(part.mark, part.above, words)
        ):
            add(part.mark.line, _with_its_text(note, part, starts, words), "heading")
            continue
        for one in items_in(note, part.first, part.last):
            if one.line in inline_lines or (one.status is not None and one.status not in "xX"):
                continue
            _add_decision(note, one, starts, words, add, ACTIONS in part.kinds, known)
        some = [t for t in tables(note, words) if part.first <= t.line <= part.last]
        for table in some:
            at = _column(table, DECISIONS, set())
            at = (
                at
                if at is not None
                else next(
                    (i for i, k in enumerate(table.columns) if "title" not in k and not {OWNER, DUE, "date"} & set(k)),
                    None,
                )
            )
            if at is not None:
                for number, row in table.rows:
                    add(number, row[at], TABLE)
        for line, text in paragraphs(note, part.first, part.last):
            if (
                line not in inline_lines
                and not text.endswith((":", "："))
                and not text.startswith(("*Source", "_Source"))
            ):
                for at, own in _paragraph_lines(note, line, text, part):
                    if at not in inline_lines:
                        add(at, own, LINE)
    for mark in found.marks:
        if mark.value and DECISIONS in mark.kinds:
            add(mark.line, mark.value, "heading")
        elif not mark.kinds and mark.level >= 8 and not mark.value:
            part_above = next(
                (
                    p
                    for p in found.parts
                    if p.first <= mark.line <= p.last + 1 and DECISIONS in p.kinds and p.above is not index
                ),
                None,
            )
            if part_above and mark.line not in entries and not any(p.mark is mark for p in found.parts):
                add(mark.line, mark.name, LINE)
    by_line = {item.line: item for item in note.items} if found.inline else {}
    for inline in found.inline:
        kinds = inline.label.inline or inline.label.kinds
        if DECISIONS in kinds:
            item = by_line.get(inline.line)
            text = inline.value
            if item is not None:
                text = _without_label(whole_text(note, item, starts), inline.label.name, text)
            else:
                text = _to_the_end(note, inline.line, text, inline_lines)
            add(inline.line, text, LINE)
    return [entries[line] for line in sorted(entries)]


def _index_heading(found: Layout) -> Mark | None:
    """The one H1 of a page that is called Decisions: then the page is an index of them, not a list."""
    first = [mark for mark in found.marks if mark.level == 1]
    return first[0] if len(first) == 1 and DECISIONS in first[0].kinds else None


def _is_decision(mark: Mark, above: Mark, words: Vocabulary) -> bool:
    """Whether a heading below 'Decisions' is a decision itself: not a date, and not a name for a list of them."""
    name = plain(mark.name)
    return (
        mark.level <= 6
        and above.level <= 6
        and not mark.kinds
        and not (_DATE_ONLY.fullmatch(name) or read_day(name, None))
    )


def _with_its_text(note: Note, part: Part, starts: frozenset[int], words: Vocabulary) -> str:
    """A heading that is a decision; where it is only a title, with what stands below it."""
    assert part.mark is not None
    title = re.sub(
        r"^(?:\d+[.)]|decision\s*#?\d*\s*[:.–-]|[A-Z]{1,4}-?\d+\s*[:.–-])\s*", "", plain(part.mark.name), flags=re.I
    ).strip(" :：")
    if len(title.split()) > 3:
        return title
    texts = [
        whole_text(note, item, starts)
        for item in items_in(note, part.first, part.last)
        if not _is_detail(item.text, words)
    ]
    texts = texts or [text for _, text in paragraphs(note, part.first, part.last)[:1]]
    below = " ".join(texts)
    return f"{title}: {below}" if title and below else title or below


def _paragraph_lines(note: Note, line: int, text: str, part: Part) -> list[tuple[int, str]]:
    """A paragraph is one decision, unless each of its lines is one: begun by a bold label, or by a bullet of its own."""
    own = note.lines[line - 1].strip()
    lines = []
    number = line
    while number <= part.last and note.lines[number - 1].strip():
        lines.append((number, note.lines[number - 1].strip().lstrip("> ")))
        number += 1
    marks = ("**", "•", "·", "–", "—", "‣", "▪", "◦", "→", "・", "■")
    if (
        len(lines) > 1
        and all(one.startswith(marks) or re.match(r"[①-⑳(（]?\d*[.)）]?\s", one) for _, one in lines)
        and own
    ):
        return [(n, one.lstrip("•·–—‣▪◦→・■ ")) for n, one in lines]
    return [(line, text.lstrip("•·‣▪◦→・■ "))]


def _add_decision(
    note: Note, item: Item, starts: frozenset[int], words: Vocabulary, add: object, mixed: bool, known: Known
) -> None:
    assert callable(add)
    text = whole_text(note, item, starts)
    only = _LABEL_ONLY.fullmatch(text)
    if only and children(note, item):
        below = _texts_below(note, item, starts)
        text = f"{plain(only[1]).rstrip(':')}: {below}"
    if mixed:
        from vaultindex.meetings.item import take_apart

        said = take_apart(text, known, "2000-01-01")
        if said.owner or said.due or any(_details(note, item, words)[:2]):
            return
    add(item.line, text, "heading")


def _to_the_end(note: Note, line: int, text: str, labelled: dict[int, Inline]) -> str:
    """A labelled line with the lines of its paragraph that go on with it."""
    block = next((b for b in note.blocks if b.kind == "paragraph" and b.line <= line <= b.end), None)
    parts = [text]
    for number in range(line + 1, block.end + 1 if block else line + 1):
        more = note.lines[number - 1].strip()
        if number in labelled or re.match(r"(?:\*\*)?[^\W\d_][^:：]{0,30}[:：]|\*\*", more):
            break
        parts.append(more)
    return " ".join(parts)


def owner_in_cell(text: str, known: Known) -> str | None:
    """The person that a cell, a detail or a heading says owns the item."""
    from vaultindex.base.text import fold
    from vaultindex.meetings.who import NOBODY

    name = plain(text)
    return None if nothing(name) or fold(name) in NOBODY else named_owner(name, known)
