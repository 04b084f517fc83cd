"""The people of the notes: participants and attendees, by the name the note gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultindex.base.text import fold

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = ("key, name, note, date",)  # everybody is counted in it alone


class Row:
    note: int
    line: int
    name: str  # as written
    key: str  # folded: case, accents and spaces ignored
    first: str  # folded first name: what an owner is often called
    linked: int  # 1 when the name is a link there
    date: str | None  # the note's


def extract(source: Source) -> list[Values]:
    """One row a name and line."""
    rows: dict[tuple[int, str], Values] = {}
    identity, date = source.id, source.about.date
    for line, name, linked in source.about.participants:
        key = fold(name)
        if (line, key) not in rows:
            rows[line, key] = (identity, line, name, key, key.partition(" ")[0], int(linked), date)
    return list(rows.values())
