"""One note's text, read as Obsidian reads it: properties, headings, list items, links, tags, blocks. Pure."""

from __future__ import annotations

from bisect import bisect_right

from vaultindex.blocks.reading import Reading
from vaultindex.inline import Found, Inline, shown
from vaultindex.inline import read_quickly as read_text_quickly
from vaultindex.note import Link, Note, Problem, Tag
from vaultindex.properties import NOTHING, frontmatter_end, read_properties
from vaultindex.scan import read_quickly

MOST_CHARACTERS = 5_000_000

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
    reading = _read_body(path, text, lines[body:], body + 1)
    if end:
        from vaultindex.note import Block

        reading.blocks.insert(0, Block("yaml", 1, end + 1))
    links: list[Link] = []
    embeds: list[Link] = []
    tags: list[Tag] = []
    inline = Inline()
    for text, number, col, places in reading.texts:
        found_here = read_text_quickly(text)
        for found in inline.read(text) if found_here is None else found_here:
            line, at = number, col + found.start
            raw = text[found.start : found.end]
            if places is not None:
                start, line, col = places[bisect_right(places, (found.start, _BEHIND, 0)) - 1]
                at = col + found.start - start
                if "\n" in raw:
                    raw = _source(lines, places, line, at, found.end)
            if found.kind == "tag":
                tags.append(Tag(line, at, found.target))
            else:
                (embeds if found.embed else links).append(_link(found, line, at, raw))
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


def _read_body(path: str, text: str, lines: list[str], first: int) -> Reading:
    """The blocks of a note's body: by the quick reading when that is certain of all of it, else by the rules."""
    # An open <a ...> anywhere changes what is a link from there on.
    if "<a " not in text and "<A " not in text:
        reading = Reading(path)
        if read_quickly(reading, lines, first):
            FAST[0] += 1
            return reading
    FAST[1] += 1
    from vaultindex.blocks.engine import read_blocks

    return read_blocks(path, lines, first)


FAST = [0, 0]


def _link(found: Found, line: int, col: int, raw: str) -> Link:
    linkpath, mark, rest = found.target.partition("#")
    display = found.display
    if display is None and found.kind == "wikilink":
        display = shown(found.target)
    return Link(line, col, found.kind, found.embed, found.target, linkpath, mark + rest, display, raw)


def _source(lines: list[str], places: list[tuple[int, int, int]], line: int, col: int, end: int) -> str:
    """The source of a construct that runs over lines, with what stands in front of each line but the first."""
    start, last, at = places[bisect_right(places, (end, _BEHIND, 0)) - 1]
    parts = [lines[line - 1][col:], *lines[line : last - 1], lines[last - 1][: at + end - start]]
    return "\n".join(parts)
