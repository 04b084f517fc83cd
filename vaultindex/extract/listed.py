"""Rows that notes list: bullets below certain headings, callouts of a type, and `name::` fields.

`listed` reads one `Kind` of them: decisions, facts, and the kinds that a user's settings add.
"""

from __future__ import annotations

import functools
import re

from vaultindex.base.ids import make_id
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold, json_list
from vaultindex.extract.source import Kind, Source, Values, named
from vaultindex.notes.model import Note

_CALLOUT = lazy_pattern(r"^(?:[ \t]*>)+[ \t]*\[!([^\]|\n]+)(?:\|[^\]]*)?\][+-]?[ \t]*(.*)")
_QUOTE = lazy_pattern(r"^(?:[ \t]*>)+[ \t]?")
_FIELD_LINE = lazy_pattern(
    r"^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?:\*\*|__)?([^\s:*_\[(][^:\n*\[\](]{0,39}?)(?:\*\*|__)?[ \t]*::[ \t]*(.+)"
)
_FIELD_INLINE = lazy_pattern(r"[\[(]([^\[\]():]{1,40}?)[ \t]*::[ \t]*([^\])]+)[\])]")
_NOTHING = lazy_pattern(
    r"(?:(?:\[\[\s*\]\]\s*)+|none|n/?a|nothing|tbd|-+|—"
    r"|no (?:new |key )?[\w-]+(?: (?:were|was))?(?: (?:made|taken|recorded|found))(?: yet)?|no (?:new |key )?decisions?(?: yet)?)\.?\Z",
    re.I,
)
_NOTHING_BEGINS = "[nNtT-—"  # what all that it matches begins with
_COMMENT = lazy_pattern(r"<!--.*?(?:-->|\Z)|%%.*?(?:%%|\Z)", re.S)
_BLOCK_ID = lazy_pattern(r"[ \t]\^[A-Za-z0-9-]+\Z")
_DECORATION = lazy_pattern(r"^[\W\d_]+|[\W_]+\Z")

_QUOTES = frozenset(("callout", "blockquote"))
_OPAQUE = frozenset(("code", "comment", "html", "math"))
ORIGINS = ("heading", "callout", "field", "table", "line", "record")
_WAY = {name: number for number, name in enumerate(ORIGINS)}
DERIVED = {"origin": ("str", named("way", ORIGINS))}
INDEX = ("id", "date")


class Listed:
    """The columns of a table of listed rows."""

    note: int
    line: int
    id: str  # from the note's path and the words: holds still when lines move
    text: str
    date: str | None  # the note's
    heading: str | None
    tags: str  # JSON list, with '#'
    links: str  # JSON list of targets
    way: int  # how it was found, of ORIGINS


@functools.lru_cache(maxsize=512)  # thousands of notes share a few headings
def heading_key(text: str) -> str:
    """A heading as it is compared: no emphasis, emoji, number or colon around it, case and accents folded."""
    return fold(_DECORATION.sub("", text))


def listed(source: Source, kind: Kind) -> list[Values]:
    """One row for each that the note lists, in the order of the note, with the columns of `Listed`."""
    note = source.note
    sections = _sections(note, kind.headings) if kind.headings else []
    callouts = bool(kind.callouts) and "!" in note.text and "[!" in note.text
    fields = bool(kind.fields) and source.meeting.layout.fields
    if not sections and not callouts and not fields:
        return []
    found: dict[int, tuple[str, str]] = {}
    for first, last in sections:
        _bullets(note, first, last, found)
    if callouts:
        add_callouts(note, kind.callouts, found)
    if fields:
        add_fields(note, kind.fields, found)
    return rows(source, kind.name, found) if found else []


def rows(source: Source, kind: str, found: dict[int, tuple[str, str]]) -> list[Values]:
    """The rows of what was found: line -> (text, how), of ORIGINS."""
    note, date, identity = source.note, source.about.date, source.id
    path = note.path
    seen: dict[str, int] = {}
    tags: dict[int, list[str]] = {}
    links: dict[int, list[str]] = {}
    for tag_line, _, tag in note.tags:
        if tag_line in found:
            tags.setdefault(tag_line, []).append(tag)
    for some in (note.links, note.embeds):
        for link_line, _, _, _, link, *_ in some:
            if link_line in found:
                links.setdefault(link_line, []).append(link)
    headings = iter(note.headings)
    above, following = None, next(headings, None)
    listed_rows: list[Values] = []
    for line in sorted(found):
        while following is not None and following[0] <= line:
            above, following = following[2], next(headings, None)
        text, how = found[line]
        key = f"{kind} {' '.join(text.casefold().split())}"
        nth = seen[key] = seen.get(key, 0) + 1
        here = json_list(tuple(tags[line])) if line in tags else "[]"
        there = json_list(tuple(links[line])) if line in links else "[]"
        listed_rows.append((identity, line, make_id(path, key, nth), text, date, above, here, there, _WAY[how]))
    return listed_rows


def _sections(note: Note, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(first, last line) below each of these headings, up to the next heading of its level or above."""
    found = []
    headings = note.headings
    for i, heading in enumerate(headings):
        if heading_key(heading.text) in wanted:
            end = next((h.line - 1 for h in headings[i + 1 :] if h.level <= heading.level), len(note.lines))
            found.append((heading.line + 1, end))
    return found


def _bullets(note: Note, first: int, last: int, found: dict[int, tuple[str, str]]) -> None:
    starts: set[int] | None = None
    for line, _, end, status, parent, _, _, text, _ in note.items:
        if first <= line <= last and parent is None and status is None:
            if end > line:
                starts = {item.line for item in note.items} if starts is None else starts
                text = _whole(note, line, end, text, starts)
            add(found, line, text.strip(), "heading")


def _whole(note: Note, line: int, end: int, text: str, starts: set[int]) -> str:
    """The text of an item: its first line and the lines that go on with it, up to a blank line or the next item."""
    parts = [text.strip()]
    for number in range(line + 1, min(end, len(note.lines)) + 1):
        more = note.lines[number - 1].strip()
        if not more or number in starts or more.startswith(("```", "~~~", ">", "|")):
            break
        parts.append(more)
    return " ".join(parts)


def add_callouts(note: Note, types: frozenset[str], found: dict[int, tuple[str, str]]) -> None:
    """A callout is one row: its title, else its text; bullets in a callout without a title are one each."""
    for block in [block for block in note.blocks if block[0] in _QUOTES]:
        number = block.line
        while number <= block.end:
            match = _CALLOUT.match(note.lines[number - 1])
            if match is None or fold(match[1]) not in types:
                number += 1
                continue
            title = match[2].strip()
            body: list[tuple[int, str]] = []
            at = number + 1
            while at <= block.end and not _CALLOUT.match(note.lines[at - 1]):
                body.append((at, _QUOTE.sub("", note.lines[at - 1]).strip()))
                at += 1
            items = [i for i in note.items if number < i.line < at and i.parent is None and i.status is None]
            if not title and items:
                for item in items:
                    add(found, item.line, item.text.strip(), "callout")
            else:
                text = title or " ".join(t for _, t in body if t)
                add(found, number, text, "callout")
            number = at


def add_fields(note: Note, names: frozenset[str], found: dict[int, tuple[str, str]]) -> None:
    """`name:: text` on a line of its own or in brackets."""
    code = [(b.line, b.end) for b in note.blocks if b.kind in _OPAQUE]
    for number in range(note.body, len(note.lines) + 1):
        line = note.lines[number - 1]
        if "::" not in line or any(a <= number <= z for a, z in code):
            continue
        whole = _FIELD_LINE.match(line)
        matches = [whole] if whole is not None and fold(whole[1]) in names else _FIELD_INLINE.finditer(line)
        match = next((m for m in matches if fold(m[1]) in names), None)
        if match is not None:
            found.pop(number, None)
            add(found, number, match[2].strip(), "field")


def add(found: dict[int, tuple[str, str]], line: int, text: str, how: str) -> None:
    """Put a text down, unless it says that there is none or the line has one."""
    if "<!--" in text or "%%" in text:  # a comment is for whoever writes: Obsidian shows none of it
        text = _COMMENT.sub("", text).strip()
    if "^" in text:
        text = _BLOCK_ID.sub("", text).strip()
    if text and line not in found:
        words = text.strip("*_ ")
        if words[:1] not in _NOTHING_BEGINS or not _NOTHING.match(words):
            found[line] = (text, how)
