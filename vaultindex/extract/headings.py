"""The headings of the notes, with their level: `## Decisions`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vaultindex.extract import Source


class Row(NamedTuple):
    line: int
    level: int
    text: str


def extract(source: Source) -> Iterable[Row]:
    """One row a root-level heading (headings in quotes and items are not in Obsidian's list either)."""
    return [Row(h.line, h.level, h.text) for h in source.note.headings]
