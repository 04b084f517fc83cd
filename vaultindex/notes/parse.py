"""One note's text, read as Obsidian reads it: properties, headings, list items, links, tags, blocks. Pure."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from vaultindex.base.errors import Problem
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.notes.blocks.reading import Reading
from vaultindex.notes.model import Block, Link, Note, Tag
from vaultindex.notes.properties import NOTHING, Properties, frontmatter_end, properties_never_end, read_properties
from vaultindex.notes.quick_blocks import read_lines_quickly
from vaultindex.notes.quick_inline import read_text_quickly, shown
from vaultindex.notes.unseen_boxes import unseen_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultindex.notes.inline import Inline

# Notes beyond these are not read: people do not write them, and the time they cost is everyone's.
MOST_CHARACTERS = 5_000_000
MOST_MARKERS = 50_000
MOST_LINES = 250_000
LONGEST_LINE = 200_000

_SMALL = 100_000  # characters of a note that cannot be beyond any of them
_MARKER = lazy_pattern(r"[ \t>]*+(?:[-*+]|[0-9]++[.)])[ \t]")

_new = tuple.__new__
_BEHIND = 1 << 60  # behind every line: finds the last place at or before an offset


def parse_note(text: str, path: str) -> Note:
    """The note that `text` is. Never raises: what cannot be read is a Problem of the note.

    Lines end at LF, CRLF, or CR. Links, embeds, and tags come in the order of the text.
    """
    parsing = Parsing(text, path)
    parsing.read_properties()
    parsing.read_body()
    return parsing.read_inline()


class Parsing:
    """parse_note in three steps, so that rows.Maker can run each step for a whole batch."""

    __slots__ = ("body", "lines", "path", "properties", "reading", "text", "unclosed")
    properties: Properties
    reading: Reading

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        if text.startswith("\ufeff"):
            text = text[1:]
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.lines = text.split("\n")
        self.body = 0  # index of the first line behind the frontmatter

    def read_properties(self) -> None:
        """The frontmatter."""
        end = frontmatter_end(self.lines)
        self.unclosed = not end and properties_never_end(self.lines)
        self.properties = read_properties(self.path, self.lines[1:end]) if end else NOTHING
        self.body = end + 1 if end else 0

    def read_body(self) -> None:
        """The blocks behind it: by the quick reading when that is certain of all of them, else by the rules."""
        path, text, lines, body = self.path, self.text, self.lines, self.body
        reading = self.reading = Reading(path)
        too_much = _too_much(lines, body) if len(text) > _SMALL else None
        opaque = _make_opaque(lines, body) if len(text) > _SMALL and too_much is None else []
        if too_much is not None:
            reading.refuse(*too_much)
        else:
            below = lines[body:]
            # An open <a ...> anywhere changes what is a link from there on.
            odd = "<" in text and ("<a " in text or "<A " in text)
            if odd or not read_lines_quickly(reading, below, body + 1):
                from vaultindex.notes.blocks.engine import read_blocks

                reading = self.reading = read_blocks(path, below, body + 1)
            for number in opaque:
                what = f"longer than {LONGEST_LINE:,} characters (an embedded picture?): this line is not read"
                reading.problems.append(Problem(path, number, "size", what))
            if self.unclosed:
                what = "the first line opens properties that are never closed: write --- below the last of them"
                reading.problems.append(Problem(path, 1, "open", what))
            reading.problems += unseen_boxes(path, text, lines, body, reading)
        if body:
            reading.blocks.insert(0, Block("yaml", 1, body))

    def read_inline(self) -> Note:
        """Links and tags, and with them the note."""
        lines, reading, properties = self.lines, self.reading, self.properties
        links: list[Link] = []
        embeds: list[Link] = []
        tags: list[Tag] = []
        inline: Inline | None = None
        for run, number, col, places in reading.texts:
            found: Sequence[tuple[str, int, int, bool, str, str | None]] | None = read_text_quickly(run)
            if found is None:
                if inline is None:
                    from vaultindex.notes.inline import Inline

                    inline = Inline()
                found = inline.read(run)
            for kind, start, behind, embed, target, display in found:
                line, at = number, col + start
                if places is not None:
                    begin, line, at = places[bisect_right(places, (start, _BEHIND, 0)) - 1]
                    at += start - begin
                if kind == "tag":
                    tags.append(_new(Tag, (line, at, target)))
                    continue
                raw = run[start:behind]
                if places is not None and "\n" in raw:
                    raw = _source(lines, places, line, at, behind)
                linkpath, subpath = target, ""
                if "#" in target:
                    linkpath = target[: target.index("#")]
                    subpath = target[len(linkpath) :]
                if display is None and kind == "wikilink":
                    display = shown(target)
                link = _new(Link, (line, at, kind, embed, target, linkpath, subpath, display, raw))
                (embeds if embed else links).append(link)
        if inline is not None and (inline.left < 0 or inline.cut):
            what = "brackets or emphasis without end: some of its links and tags are not read, close or escape them"
            reading.refuse(self.body + 1, "nesting", what)
        return Note(
            self.path,
            self.text,
            lines,
            properties.values,
            self.body + 1,
            properties.lines,
            properties.tags,
            properties.links,
            reading.headings,
            reading.items,
            links,
            embeds,
            tags,
            reading.blocks,
            reading.block_ids,
            [*properties.problems, *reading.problems],
        )


def _too_much(lines: list[str], body: int) -> tuple[int, str, str] | None:
    """Line, kind, and text of the problem when a note's body is beyond what is read; None when it is not."""
    first = body + 1
    if sum(map(len, lines)) + len(lines) > MOST_CHARACTERS:
        return first, "size", f"longer than {MOST_CHARACTERS:,} characters: split the note, its body is not read"
    if len(lines) - body > MOST_LINES:
        return first, "size", f"more than {MOST_LINES:,} lines: split the note, its body is not read"
    markers = 0
    for number in range(body, len(lines)):
        markers += _MARKER.match(lines[number]) is not None
    if markers > MOST_MARKERS:
        return first, "size", f"more than {MOST_MARKERS:,} list items: split the note, its body is not read"
    return None


def _make_opaque(lines: list[str], body: int) -> list[int]:
    """Let every line that is too long be its marker and a sign that something stands there: the numbers of those lines."""
    found = []
    for number in range(body, len(lines)):
        line = lines[number]
        if len(line) > LONGEST_LINE:
            marker = _MARKER.match(line)
            lines[number] = (marker[0] if marker is not None and len(marker[0]) < 100 else "") + "\u2026"
            found.append(number + 1)
    return found


def _source(lines: list[str], places: list[tuple[int, int, int]], line: int, col: int, end: int) -> str:
    """The source of a construct that runs over lines, with what stands in front of each line but the first."""
    start, last, at = places[bisect_right(places, (end, _BEHIND, 0)) - 1]
    parts = [lines[line - 1][col:], *lines[line : last - 1], lines[last - 1][: at + end - start]]
    return "\n".join(parts)
