"""The links of the notes: wikilinks, Markdown links, embeds and links in properties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from vaultindex.extract.about import line_of
from vaultindex.resolve import fold

if TYPE_CHECKING:
    from vaultindex.extract import Source
    from vaultindex.note import Link

_new = tuple.__new__

INDEX = ("key WHERE key IS NOT NULL", "target")


class Row(NamedTuple):
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


def extract(source: Source) -> Iterable[Row]:
    """One row an occurrence, as Obsidian counts them."""
    note = source.note
    rows = [row(link) for link in note.links]
    rows += [row(link) for link in note.embeds]
    for key, link in note.property_links:
        rows.append(row(link._replace(line=line_of(note, link.line, link.raw)), key))
    return rows


def row(link: Link, key: str | None = None) -> Row:
    """The row of one link; `key` is the property that holds it."""
    kind = "property" if key is not None else "embed" if link.embed or link.kind == "card" else link.kind
    path = link.linkpath
    return _new(Row, (link.line, link.col, kind, path, link.subpath, link.display, key, fold(path), None, 0))
