"""The decisions of the notes: bullets under a Decisions heading, `> [!decision]` callouts, `decision::` fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vaultindex.base.ids import make_id
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold, json_list
from vaultindex.extract.registry import named
from vaultindex.meetings.about import is_index, is_template
from vaultindex.meetings.decided import decision_entries
from vaultindex.meetings.sections import EMPTY
from vaultindex.meetings.who import Known
from vaultindex.meetings.words import ACTIONS, DECISIONS, nothing
from vaultindex.notes.model import Block, Note

if TYPE_CHECKING:
    from vaultindex.extract.registry import Source, Values

_CALLOUT = lazy_pattern(r"^(?:[ \t]*>)+[ \t]*\[!decisions?(?:\|[^\]]*)?\][+-]?[ \t]*(.*)", re.I)
_QUOTE = lazy_pattern(r"^(?:[ \t]*>)+[ \t]?")
_FIELD_LINE = lazy_pattern(
    r"^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?:\*\*|__)?decision(?:\*\*|__)?[ \t]*::[ \t]*(.+)", re.I
)
_FIELD_INLINE = lazy_pattern(r"[\[(]decision[ \t]*::[ \t]*([^\])]+)[\])]", re.I)
_BLOCK_ID = lazy_pattern(r"[ \t]\^[A-Za-z0-9-]+\Z")

_QUOTES = frozenset(("callout", "blockquote"))
ORIGINS = ("heading", "callout", "field", "table", "line", "record")
DERIVED = {"origin": ("str", named("way", ORIGINS))}
INDEX = ("id", "date")


class Row:
    note: int
    line: int
    id: str  # from the note's path and the words: holds still when lines move
    text: str
    date: str | None  # the note's
    heading: str | None
    tags: str  # JSON list, with '#'
    links: str  # JSON list of targets
    way: int  # how it was found, of ORIGINS
    status: str | None  # of a decision record: accepted, superseded, rejected, ... as it is written there


def extract(source: Source) -> list[Values]:
    """One row a decision, in the order of the note."""
    note = source.note
    layout = source.meeting.layout
    quotes = [block for block in note.blocks if block[0] in _QUOTES]
    fields = "::" in note.text
    record = _record(source)
    if record is not None:
        return list(_rows(source, {record[0]: (record[1], "record")}, record[2]))
    if layout is EMPTY and not quotes and not fields:
        return []
    if is_index(note.path.rsplit("/", 1)[-1][:-3]):
        return []
    found: dict[int, tuple[str, str]] = {}
    if layout is not EMPTY and layout.mentions(DECISIONS):
        known = Known([name for _, name, _ in source.about.participants])
        for entry in decision_entries(note, layout, source.rules.words, known, bool(known or source.about.date)):
            _add(found, entry.line, entry.text, entry.origin)
    _callouts(note, quotes, found)
    if fields:
        _fields(note, found)
    return list(_rows(source, found))


_RECORD_TYPES = frozenset(
    ("decision", "adr", "decision record", "decision-record", "architecture decision record", "entscheidung")
)
_RECORD_FOLDERS = frozenset(
    [
        "decisions",
        "decision records",
        "decision log",
        "adr",
        "adrs",
        "architecture decisions",
        "architecture decision records",
        "entscheidungen",
        "decisiones",
    ]
)
_FOLDER_MARKS = lazy_pattern(r"[-_\d.]+")
_RECORD_NAME = lazy_pattern(r"(?:adr|dr|decision)[-_ ]?\d{2,}\b", re.I)
_STATUS_LINE = lazy_pattern(
    r"^(?:[-*][ \t]+)?(?:\*\*|__)?status(?:\*\*|__)?[ \t]*:(?:\*\*|__)?[ \t]*(.+)$", re.I | re.M
)


def _record(source: Source) -> tuple[int, str, str | None] | None:
    """(line, title, status) of a note that is one decision: by its type, by the folder of such notes, by its name."""
    note, said = source.note, source.about
    *folders, name = note.path.split("/")
    stem = name[:-3]
    by_type = fold(said.type) in _RECORD_TYPES if said.type else False
    if not by_type:
        by_place = bool(folders) and _FOLDER_MARKS.sub(" ", fold(folders[-1])).strip() in _RECORD_FOLDERS
        if not (by_place or ("d" in name[:9].lower() and _RECORD_NAME.match(stem))):
            return None
        if by_place and (said.participants or source.meeting.layout.mentions(ACTIONS) or said.entity):
            return None  # the notes of a meeting that lie there
    if is_index(stem) or is_template(note):
        return None
    line = next((h.line for h in note.headings if h.level == 1), note.body if note.body <= len(note.lines) else 1)
    title = _RECORD_NUMBER.sub("", said.title).strip() or said.title
    status = note.properties.get("status") if note.properties else None
    if not isinstance(status, str):
        status = _record_status(note)
    return line, title, status.strip().casefold() if status and len(status) < 80 else None


_RECORD_NUMBER = lazy_pattern(
    r"^(?:\d{4}-\d\d-\d\d[ _-]*)?(?:(?:adr|dr|decision)[-_ ]?#?\d+|\d{1,5}[.)]|\d{3,5}(?=[ _-]))[ \t]*[:._–—-]*[ \t]*",
    re.I,
)


def _record_status(note: Note) -> str | None:
    """What a record says below its heading 'Status', or on a line of that name."""
    for number, heading in enumerate(note.headings):
        if fold(heading.text).strip(" :") in ("status", "decision status", "state"):
            end = note.headings[number + 1].line - 1 if number + 1 < len(note.headings) else len(note.lines)
            for line in note.lines[heading.line : end]:
                if line.strip(" -*_>"):
                    return re.split(r"[.,;(–—]| by | on ", line.strip(" -*_>"))[0].strip(" *_") or None
    match = _STATUS_LINE.search(note.text)
    return match[1].strip(" *_") if match else None


def _rows(source: Source, found: dict[int, tuple[str, str]], status: str | None = None) -> Iterator[Values]:
    note, date = source.note, source.about.date
    seen: dict[str, int] = {}
    tags: dict[int, list[str]] = {}
    links: dict[int, list[str]] = {}
    for tag_line, _, tag in note.tags:
        if tag_line in found:
            tags.setdefault(tag_line, []).append(tag)
    for link in (*note.links, *note.embeds):
        if link.line in found:
            links.setdefault(link.line, []).append(link.link)
    headings = iter(note.headings)
    above, following = None, next(headings, None)
    for line in sorted(found):
        while following is not None and following.line <= line:
            above, following = following.text, next(headings, None)
        text, how = found[line]
        key = "decision " + " ".join(text.casefold().split())
        nth = seen[key] = seen.get(key, 0) + 1
        here, there = json_list(tuple(tags.get(line, ()))), json_list(tuple(links.get(line, ())))
        yield source.id, line, make_id(note.path, key, nth), text, date, above, here, there, ORIGINS.index(how), status


def _callouts(note: Note, quotes: list[Block], found: dict[int, tuple[str, str]]) -> None:
    """A callout is one decision: its title, else its text; bullets in a callout without a title are one each."""
    for block in quotes:
        number = block.line
        while number <= block.end:
            match = _CALLOUT.match(note.lines[number - 1])
            if match is None:
                number += 1
                continue
            title = match.group(1).strip()
            body: list[tuple[int, str]] = []
            at = number + 1
            while at <= block.end and not _CALLOUT.match(note.lines[at - 1]):
                body.append((at, _QUOTE.sub("", note.lines[at - 1]).strip()))
                at += 1
            items = [i for i in note.items if number < i.line < at and i.parent is None and i.status is None]
            if not title and items:
                for item in items:
                    _add(found, item.line, item.text.strip(), "callout")
            else:
                text = title or " ".join(t for _, t in body if t)
                _add(found, number, text, "callout")
            number = at


def _fields(note: Note, found: dict[int, tuple[str, str]]) -> None:
    code = [(b.line, b.end) for b in note.blocks if b.kind in ("code", "comment", "html", "math")]
    for number in range(note.body, len(note.lines) + 1):
        line = note.lines[number - 1]
        if "::" not in line or any(a <= number <= z for a, z in code):
            continue
        match = _FIELD_LINE.match(line) or _FIELD_INLINE.search(line)
        if match:
            found.pop(number, None)
            _add(found, number, match.group(1).strip(), "field")


def _add(found: dict[int, tuple[str, str]], line: int, text: str, how: str) -> None:
    if "^" in text:
        text = _BLOCK_ID.sub("", text).strip()
    if text and line not in found and not nothing(text):
        found[line] = (text, how)
