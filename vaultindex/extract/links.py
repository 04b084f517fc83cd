"""The links of the notes: wikilinks, Markdown links, embeds and links in properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vaultindex.extract.about import line_of
from vaultindex.resolve import fold

if TYPE_CHECKING:
    from vaultindex.extract import Source, Values
    from vaultindex.note import Link

INDEX = ("key WHERE key IS NOT NULL", "target")


class Row(NamedTuple):
    note: int
    line: int
    col: int
    kind: str  # wikilink, markdown, embed, property
    linkpath: str  # as typed
    subpath: str  # the rest of it: '', '#Heading', '#^block'
    display: str | None
    property: str | None  # dotted key, for links in properties
    key: str | None  # while it resolves to none: what a file must be called to be meant
    target: int | None  # the file it resolves to: set by sync, NULL when unresolved
    ambiguous: int  # 1 when several files fit equally well


def extract(source: Source) -> list[Values]:
    """One row an occurrence, as Obsidian counts them."""
    note, identity = source.note, source.id
    rows: list[Values] = [
        (identity, line, col, kind, path, subpath, display, None, fold(path), None, 0)
        for line, col, kind, _, _, path, subpath, display, _ in note.links
    ]
    rows += [row(identity, link) for link in note.embeds]
    for key, link in note.property_links:
        path, line = link.linkpath, line_of(note, link.line, link.raw)
        rows.append((identity, line, link.col, "property", path, link.subpath, link.display, key, fold(path), None, 0))
    return rows


def row(note: int, link: Link) -> Values:
    """The row of one link of a note or a canvas; what a card of a canvas shows is embedded in it."""
    kind = "embed" if link.embed or link.kind == "card" else link.kind
    path = link.linkpath
    return note, link.line, link.col, kind, path, link.subpath, link.display, None, fold(path), None, 0
