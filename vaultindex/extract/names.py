"""The accounts, people and projects that have a note of their own, by every name: title, file name, aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultindex.base.text import fold

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = ("key",)


class Row:
    note: int
    line: int
    kind: str  # account, person, project
    name: str  # the note's file name: what a link says
    alias: str  # one of its names
    key: str  # that name, folded


def extract(source: Source) -> list[Values]:
    """One row for each name of an account, person or project note."""
    kind = source.about.entity
    if kind is None:
        return []
    stem = source.note.path.rsplit("/", 1)[-1][:-3]
    rows: dict[str, Values] = {}
    for alias in (stem, source.about.title, *source.about.aliases):
        key = fold(alias)
        if key:
            rows.setdefault(key, (source.id, 1, kind, stem, alias, key))
    return list(rows.values())
