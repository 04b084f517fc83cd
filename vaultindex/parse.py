"""One note's text, read as Obsidian reads it: properties, headings, list items, links, tags, blocks. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right

from vaultindex.blocks.reading import Reading
from vaultindex.errors import Problem
from vaultindex.inline import Inline, read_text_quickly, shown
from vaultindex.note import Block, Link, Note, Tag
from vaultindex.properties import NOTHING, frontmatter_end, read_properties
from vaultindex.scan import read_lines_quickly

# Notes beyond these are not read: people do not write them, and the time they cost is everyone's.
MOST_CHARACTERS = 5_000_000
MOST_MARKERS = 50_000
MOST_LINES = 250_000
LONGEST_LINE = 200_000

_SMALL = 100_000  # characters of a note that cannot be beyond any of them
_MARKER = re.compile(r"[ \t>]*+(?:[-*+]|[0-9]++[.)])[ \t]")

_new = tuple.__new__
_BEHIND = 1 << 60  # behind every line: finds the last place at or before an offset


def parse_note(text: str, path: str) -> Note:
    """The note that `text` is. Never raises: what cannot be read is a Problem of the note.

    Lines end at LF, CRLF, or CR. Links, embeds, and tags come in the order of the text.
    """
    whole = text
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    end = frontmatter_end(lines)
    properties = read_properties(path, lines[1:end]) if end else NOTHING
    body = end + 1 if end else 0
    too_much = _too_much(lines, body) if len(text) > _SMALL else None
    if too_much is None:
        reading = _read_body(path, text, lines[body:], body + 1)
    else:
        reading = Reading(path)
        reading.refuse(*too_much)
    if end:
        reading.blocks.insert(0, Block("yaml", 1, end + 1))
    links: list[Link] = []
    embeds: list[Link] = []
    tags: list[Tag] = []
    inline = Inline()
    for run, number, col, places in reading.texts:
        plain = read_text_quickly(run)
        for kind, start, behind, embed, target, display in inline.read(run) if plain is None else plain:
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
    if inline.left < 0 or inline.cut:
        what = "brackets or emphasis without end: some of its links and tags are not read, close or escape them"
        reading.refuse(body + 1, "nesting", what)
    problems: list[Problem] = [*properties.problems, *reading.problems]
    return Note(
        path,
        whole,
        lines,
        properties.values,
        body + 1,
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
        problems,
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
        line = lines[number]
        if len(line) > LONGEST_LINE:
            what = f"a line longer than {LONGEST_LINE:,} characters: break it, the note's body is not read"
            return number + 1, "size", what
        markers += _MARKER.match(line) is not None
    if markers > MOST_MARKERS:
        return first, "size", f"more than {MOST_MARKERS:,} list items: split the note, its body is not read"
    return None


def _read_body(path: str, text: str, lines: list[str], first: int) -> Reading:
    """The blocks of a note's body: by the quick reading when that is certain of all of it, else by the rules."""
    # An open <a ...> anywhere changes what is a link from there on.
    if "<" not in text or ("<a " not in text and "<A " not in text):
        reading = Reading(path)
        if read_lines_quickly(reading, lines, first):
            return reading
    from vaultindex.blocks.engine import read_blocks

    return read_blocks(path, lines, first)


def _source(lines: list[str], places: list[tuple[int, int, int]], line: int, col: int, end: int) -> str:
    """The source of a construct that runs over lines, with what stands in front of each line but the first."""
    start, last, at = places[bisect_right(places, (end, _BEHIND, 0)) - 1]
    parts = [lines[line - 1][col:], *lines[line : last - 1], lines[last - 1][: at + end - start]]
    return "\n".join(parts)
