"""The tags of the notes, from the body and from the `tags` property: `#account/contoso`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vaultindex.extract import Source

INDEX = ("key",)


class Row(NamedTuple):
    line: int
    tag: str  # as written, with '#'
    key: str  # lower-cased, without '#' and a closing '/': Obsidian compares tags without case
    property: int  # 1 when it stands in the frontmatter


def extract(source: Source) -> Iterable[Row]:
    """One row a tag; repeats stay, they are counted."""
    note = source.note
    rows = [Row(t.line, t.tag, t.tag[1:].rstrip("/").lower(), 0) for t in note.tags]
    if note.property_tags:
        line = next((n for k, n in note.property_lines.items() if k.lower() == "tags"), 1)
        rows += [Row(line, t, t[1:].rstrip("/").lower(), 1) for t in note.property_tags]
    return rows
