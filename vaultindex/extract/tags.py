"""The tags of the notes, from the body and from the `tags` property: `#account/contoso`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = ("key",)


class Row:
    note: int
    line: int
    tag: str  # as written, with '#'
    key: str  # lower-cased, without '#' and a closing '/': Obsidian compares tags without case
    property: int  # 1 when it stands in the frontmatter


def extract(source: Source) -> list[Values]:
    """One row for each tag; repeats are kept, because they are counted."""
    note, identity = source.note, source.id
    rows: list[Values] = [(identity, line, tag, _key(tag), 0) for line, _, tag in note.tags]
    if note.property_tags:
        line = next((n for k, n in note.property_lines.items() if k.lower() == "tags"), 1)
        rows += [(identity, line, tag, _key(tag), 1) for tag in note.property_tags]
    return rows


@lru_cache(maxsize=512)  # a vault has few tags
def _key(tag: str) -> str:
    return tag[1:].rstrip("/").lower()
