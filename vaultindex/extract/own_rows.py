"""Rows of the kinds that the settings add: `[rows.risks]` with headings, callouts and fields.

[rows.risks]
headings = ["Risks"]
"""

from __future__ import annotations

from vaultindex.extract.listed import DERIVED, Listed, listed
from vaultindex.extract.source import Source, Values

__all__ = ["DERIVED", "INDEX", "Row", "extract"]

INDEX = ("id", "kind, date")


class Row(Listed):
    kind: str  # the name in the settings


def extract(source: Source) -> list[Values]:
    """One row for each that the note lists, kind by kind in the order of their names."""
    return [(*row, kind.name) for kind in source.rules.own for row in listed(source, kind)]
