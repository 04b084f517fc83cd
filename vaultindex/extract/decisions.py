"""The decisions of the notes: bullets under a Decisions heading, `> [!decision]` callouts, `decision::` fields."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vaultindex.base.ids import make_id
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold, json_list
from vaultindex.extract.registry import named
from vaultindex.notes.model import Block, Note

if TYPE_CHECKING:
    from vaultindex.extract.registry import Source, Values

# Headings of a list of decisions, in the languages of the notes we know; more by the setting decision_headings.
HEADINGS = (
    "Decisions", "Decision", "Key decisions", "Decisions made", "Decisions taken", "Decisions and agreements",
    "Decision log", "Agreements", "Agreed",
    "Entscheidungen", "Entscheidung", "Beschlüsse", "Décisions", "Decisiones", "Acuerdos", "Decisões", "Decisioni",
    "Besluiten", "Beslutninger", "Beslut", "Päätökset", "Decyzje", "Rozhodnutí", "Решения", "Рішення", "Kararlar",
    "決定事項", "决定", "決定", "결정 사항", "결정사항", "החלטות", "القرارات",
)  # fmt: skip

_CALLOUT = lazy_pattern(r"^(?:[ \t]*>)+[ \t]*\[!decisions?(?:\|[^\]]*)?\][+-]?[ \t]*(.*)", re.I)
_QUOTE = lazy_pattern(r"^(?:[ \t]*>)+[ \t]?")
_FIELD_LINE = lazy_pattern(
    r"^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?:\*\*|__)?decision(?:\*\*|__)?[ \t]*::[ \t]*(.+)", re.I
)
_FIELD_INLINE = lazy_pattern(r"[\[(]decision[ \t]*::[ \t]*([^\])]+)[\])]", re.I)
_NOTHING = lazy_pattern(
    r"(?:(?:\[\[\s*\]\]\s*)+|none|n/?a|nothing|tbd|-+|—"
    r"|no (?:new |key )?decisions?(?: (?:were|was))?(?: (?:made|taken|recorded))?(?: yet)?)\.?\Z",
    re.I,
)
_BLOCK_ID = lazy_pattern(r"[ \t]\^[A-Za-z0-9-]+\Z")
_DECORATION = re.compile(r"^[\W\d_]+|[\W_]+\Z")

_QUOTES = frozenset(("callout", "blockquote"))
ORIGINS = ("heading", "callout", "field")
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


@functools.cache
def _wanted(more: frozenset[str]) -> frozenset[str]:
    """The folded headings of a list of decisions, with those of the settings."""
    return more.union(map(fold, HEADINGS))


@functools.lru_cache(maxsize=512)  # thousands of notes share a few headings
def heading_key(text: str) -> str:
    """A heading as it is compared: no emphasis, emoji, number or colon around it, case and accents folded."""
    return fold(_DECORATION.sub("", text))


def extract(source: Source) -> list[Values]:
    """One row a decision, in the order of the note."""
    note, wanted = source.note, _wanted(source.rules.decision_headings)
    sections = _sections(note, wanted)
    quotes = [block for block in note.blocks if block[0] in _QUOTES]
    fields = "::" in note.text
    if not sections and not quotes and not fields:
        return []
    found: dict[int, tuple[str, str]] = {}
    for first, last in sections:
        _bullets(note, first, last, found)
    _callouts(note, quotes, found)
    if fields:
        _fields(note, found)
    return list(_rows(source, found))


def _rows(source: Source, found: dict[int, tuple[str, str]]) -> Iterator[Values]:
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
        yield source.id, line, make_id(note.path, key, nth), text, date, above, here, there, ORIGINS.index(how)


def _sections(note: Note, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(first, last line) below each Decisions heading, up to the next heading of its level or above."""
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
            _add(found, line, text.strip(), "heading")


def _whole(note: Note, line: int, end: int, text: str, starts: set[int]) -> str:
    """The text of an item: its first line and the lines that go on with it, up to a blank line or the next item."""
    parts = [text.strip()]
    for number in range(line + 1, min(end, len(note.lines)) + 1):
        more = note.lines[number - 1].strip()
        if not more or number in starts or more.startswith(("```", "~~~", ">", "|")):
            break
        parts.append(more)
    return " ".join(parts)


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
    if text and line not in found and not _NOTHING.match(text.strip("*_ ")):
        found[line] = (text, how)
