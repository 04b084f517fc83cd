"""The people of the notes: participants and attendees, by the name the note gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from vaultindex.text import fold

if TYPE_CHECKING:
    from vaultindex.extract import Source

INDEX = ("key",)


class Row(NamedTuple):
    line: int
    name: str  # as written
    key: str  # folded: case, accents and spaces ignored
    first: str  # folded first name: what an owner is often called
    linked: int  # 1 when the name is a link there


def extract(source: Source) -> Iterable[Row]:
    """One row a name and line."""
    rows: dict[tuple[int, str], Row] = {}
    for person in source.about.participants:
        key = fold(person.name)
        rows.setdefault(
            (person.line, key), Row(person.line, person.name, key, key.split(" ", 1)[0], int(person.linked))
        )
    return rows.values()
