"""The decisions of the notes: bullets under a Decisions heading, `> [!decision]` callouts, `decision::` fields."""

from __future__ import annotations

import functools

from vaultindex.base.text import fold
from vaultindex.extract.listed import DERIVED, INDEX, ORIGINS, Listed, listed
from vaultindex.extract.source import Kind, Source, Values

__all__ = ["DERIVED", "INDEX", "ORIGINS", "Row", "extract"]

# Headings of a list of decisions, in the languages of the notes we know; more by the setting decision_headings.
HEADINGS = (
    "Decisions", "Decision", "Key decisions", "Decisions made", "Decisions taken", "Decisions and agreements",
    "Decision log", "Agreements", "Agreed",
    "Entscheidungen", "Entscheidung", "Beschlüsse", "Décisions", "Decisiones", "Acuerdos", "Decisões", "Decisioni",
    "Besluiten", "Beslutninger", "Beslut", "Päätökset", "Decyzje", "Rozhodnutí", "Решения", "Рішення", "Kararlar",
    "決定事項", "决定", "決定", "결정 사항", "결정사항", "החלטות", "القرارات",
)  # fmt: skip

Row = Listed


def extract(source: Source) -> list[Values]:
    """One row a decision, in the order of the note."""
    return listed(source, _kind(source.rules.decision_headings))


@functools.cache
def _kind(more: frozenset[str]) -> Kind:
    """How decisions are listed, with the headings that the settings add."""
    return Kind(
        "decision", more.union(map(fold, HEADINGS)), frozenset(("decision", "decisions")), frozenset(("decision",))
    )
