"""Facts of the notes: bullets under Key facts, Key information, Key points; `> [!fact]` callouts; `fact::` fields.

## Key facts
- **Contract**: 36 months, ends 2027-03-31.
"""

from __future__ import annotations

from vaultindex.base.text import fold
from vaultindex.extract.listed import DERIVED, INDEX, Listed, listed
from vaultindex.extract.source import Kind, Source, Values

__all__ = ["DERIVED", "INDEX", "Row", "extract"]

# Headings of a list of facts, in the languages of the notes we know.
HEADINGS = (
    "Key facts", "Key information", "Key points", "Facts", "Key details", "Key data", "Key insights", "Facts and figures",
    "Key facts and figures", "Background facts", "Good to know",
    "Wichtige Fakten", "Fakten", "Eckdaten", "Kernpunkte", "Wichtige Informationen", "Faits clés", "Points clés",
    "Informations clés", "Datos clave", "Puntos clave", "Información clave", "Pontos-chave", "Dados principais",
    "Punti chiave", "Fatti chiave", "Belangrijkste punten", "Kerngegevens", "Nøglepunkter", "Nyckelfakta", "Kluczowe fakty",
    "Ключевые факты", "要点", "重要事項", "关键信息", "关键要点", "핵심 사항", "주요 정보",
)  # fmt: skip
KIND = Kind("fact", frozenset(map(fold, HEADINGS)), frozenset(("fact", "facts")), frozenset(("fact",)))
Row = Listed


def extract(source: Source) -> list[Values]:
    """One row a fact, in the order of the note."""
    return listed(source, KIND)
