"""What a note says of a meeting as a whole: where its lists stand, who was there, and of which day and account it is."""

from collections.abc import Callable
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.meetings.entries import LABEL_ONLY
from vaultindex.meetings.lines import children
from vaultindex.meetings.sections import EMPTY, TOP, Layout, Part, Table, Vocabulary, layout
from vaultindex.meetings.who import attendees_in, is_full_name, plain
from vaultindex.meetings.words import ACCOUNT, ATTENDEES, DATE, PROJECT, clean, english
from vaultindex.notes.model import Note


class Attendee(NamedTuple):
    line: int
    name: str
    linked: bool


class Meeting(NamedTuple):
    """What a note says of a meeting."""

    layout: Layout
    attendees: tuple[Attendee, ...]
    keys: dict[str, tuple[int, str]]

    @property
    def is_english(self) -> bool:
        """Whether nothing says that the note is in another language."""
        return all(not mark.kinds or clean(mark.name) in english() for mark in self.layout.marks)


NOTHING_SAID = Meeting(EMPTY, (), {})


def read_meeting(note: Note, words: Vocabulary) -> Meeting:
    """Where things stand in a note, and who its body says was there."""
    found = layout(note, words)
    some = found.tables
    keys = found.keys
    if some and some[0].line < note.body + TOP:
        keys = _keys_in_tables(some, words, note.body + TOP, dict(keys))
    text = note.text
    if " | " in text or " · " in text or " • " in text or "](mailto:" in text or "w/ " in text:
        keys = _keys_in_header(note, words, dict(keys))
    people: dict[tuple[int, str], Attendee] = {}

    def add(line: int, text: str, whole_line: bool) -> None:
        for name, linked in attendees_in(text, whole_line):
            people.setdefault((line, name), Attendee(line, name, linked))

    if ATTENDEES in keys:
        add(*keys[ATTENDEES], True)
    for mark in found.marks:
        if mark.value and ATTENDEES in mark.kinds:
            add(mark.line, mark.value, True)
    for part in found.parts:
        if part.kinds[0] == ATTENDEES:
            _attendees(note, part, found.tables, add)
    for table in some:
        if not people and _is_of_people(table):
            at = next(i for i, kinds in enumerate(table.columns) if ATTENDEES in kinds)
            for number, row in table.rows:
                add(number, row[at], False)
    return Meeting(found, tuple(people.values()), keys)


def _keys_in_tables(
    some: list[Table], words: Vocabulary, top: int, keys: dict[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Facts of the meeting in a table at the top: a name and a value in each row, or names above one row of values."""
    for table in some:
        if table.line >= top:
            break
        pairs: list[tuple[int, str, str]] = []
        if len(table.names) == 2:
            lines = [(table.line, table.names), *table.rows]
            pairs = [(number, row[0], row[1]) for number, row in lines]
        if len(table.rows) == 1:
            number, row = table.rows[0]
            pairs += [(number, name, value) for name, value in zip(table.names, row)]
        for number, name, value in pairs:
            for kind in (*words.labels[name], *words.sections[name]):
                if (
                    kind in (DATE, ACCOUNT, PROJECT, ATTENDEES)
                    and value.strip()
                    and not (words.sections[value] or words.columns[value])
                ):
                    keys.setdefault(kind, (number, value.strip()))
    return keys


_HEADER = 12  # lines at the top of a note's body in which facts of the meeting stand without the form of a label
BETWEEN_FACTS = lazy_pattern(r"\s+[·•|]\s+")
_PEOPLE_LINE = lazy_pattern(
    r"(?:[-*+]\s+)?(?:\*\*|_)?(?:w/|(?P<name>[^\W\d_][^\[\]@:]{1,30}?))(?:\*\*|_)?\s+(?P<value>(?(name)\[[^\[\]]+\]\(mailto:).*)"
)


def _keys_in_header(note: Note, words: Vocabulary, keys: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Facts that share a line ('7 Oct 2025 · Speakers: Dana, Sam'), and attendees behind a word without a colon
    ('Invited [Dana Leigh](mailto:…) [Sam Okoro](mailto:…)', 'w/ Dana Leigh, Sam Okoro')."""
    for number, line in enumerate(note.lines[note.body - 1 : note.body - 1 + _HEADER], note.body):
        if not line or line[0] in "|#`":
            continue
        for piece in BETWEEN_FACTS.split(line) if " | " in line or " · " in line or " • " in line else ():
            name, _, value = piece.partition(":")
            value = value.strip(" *_")
            for kind in (*words.labels[name], *words.sections[name]) if value else ():
                if kind in (DATE, ACCOUNT, PROJECT, ATTENDEES):
                    keys.setdefault(kind, (number, value))
        match = _PEOPLE_LINE.match(line) if line.startswith("w/ ") or "](mailto:" in line else None
        if match is None:
            continue
        name, value = match["name"], match["value"]
        people = attendees_in(value, True)
        if people and (
            ATTENDEES in (*words.labels[name], *words.sections[name]) if name else is_full_name(people[0][0])
        ):
            keys.setdefault(ATTENDEES, (number, value))
    return keys


def _attendees(note: Note, part: Part, tables: list[Table], add: Callable[[int, str, bool], None]) -> None:
    """The names in a section of attendees: its lists, its tables, else its paragraphs."""
    some = [t for t in tables if part.first <= t.line <= part.last]
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
        if below and (LABEL_ONLY.fullmatch(text) or not is_full_name(plain(text))):
            continue  # a company or a role, its people below it
        parent = next((i for i in items if i.line == item.parent), None)
        if parent is not None and is_full_name(plain(parent.text)) and not LABEL_ONLY.fullmatch(parent.text.strip()):
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
