"""How a note writes 04/05/2026: month first, day first, or in a way that only other notes can tell."""

from __future__ import annotations

from vaultindex.extract.source import Source, Values
from vaultindex.meetings.when import order_in

INDEX = ("month_first",)


class Row:
    note: int
    line: int  # 0: it is said of the whole note
    month_first: int | None  # 1, 0; None: its dates can be read both ways


def extract(source: Source) -> list[Values]:
    """One row for a note that has such dates."""
    text = source.note.text
    if "/" not in text:
        return []
    first, both_ways = order_in(text)
    if first is None:
        return [(source.id, 0, None)] if both_ways else []
    return [(source.id, 0, int(first))]
