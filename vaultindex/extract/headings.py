"""The headings of the notes, with their level: `## Decisions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values


class Row:
    note: int
    line: int
    level: int
    text: str


def extract(source: Source) -> list[Values]:
    """One row for each top-level heading (Obsidian's list has none from quotes and list items either)."""
    note = source.id
    return [(note, *heading) for heading in source.note.headings]
