"""The links of the notes: wikilinks, Markdown links, embeds and links in properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultindex.extract.source import named
from vaultindex.meetings.about import line_of
from vaultindex.notes.link_targets import fold

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values
    from vaultindex.notes.model import Link

FORMS = ("wikilink", "markdown", "embed", "property")
DERIVED = {
    "kind": ("str", named("form", FORMS)),
    "display": ("str | None", "CASE WHEN shown IS NULL AND form IN (0, 3) THEN linkpath ELSE shown END"),
}
INDEX = ("key WHERE key IS NOT NULL", "target")


class Row:
    note: int
    line: int
    col: int
    form: int  # which of FORMS
    linkpath: str  # as typed
    subpath: str  # the rest of it: '', '#Heading', '#^block'
    shown: str | None  # what a reader sees; None for a wikilink or property: its linkpath
    property: str | None  # dotted key, for links in properties
    key: str | None  # while it resolves to none: what a file must be called to be meant
    target: int | None  # the file it resolves to: set by sync, NULL when unresolved
    ambiguous: int  # 1 when several files fit equally well


def extract(source: Source) -> list[Values]:
    """One row for each occurrence, as Obsidian counts them."""
    note, identity = source.note, source.id
    rows: list[Values] = [
        (
            identity,
            line,
            col,
            int(kind != "wikilink"),
            path,
            subpath,
            None if shown == path else shown,
            None,
            fold(path),
            None,
            0,
        )
        for line, col, kind, _, _, path, subpath, shown, _ in note.links
    ]
    rows += [row(identity, link) for link in note.embeds]
    for key, link in note.property_links:
        path, line = link.linkpath, line_of(note, link.line, link.raw)
        shown = None if link.display == path else link.display
        rows.append((identity, line, link.col, 3, path, link.subpath, shown, key, fold(path), None, 0))
    return rows


def row(note: int, link: Link) -> Values:
    """The row of one link of a note or a canvas; what a card of a canvas shows is embedded in it."""
    form = 2 if link.embed or link.kind == "card" else FORMS.index(link.kind)
    path = link.linkpath
    return note, link.line, link.col, form, path, link.subpath, link.display, None, fold(path), None, 0
