"""Explain a query in words, in the Tasks plugin's layout."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from vaultindex.dates.days import MONTHS, WEEKDAYS
from vaultindex.query.nodes.tree import Node

_TITLES = {"AND": "AND (All of):", "OR": "OR (At least one of):", "XOR": "XOR (Exactly one of):", "NOT": "NOT:"}


class Explained(NamedTuple):
    """A filter, and in `lines`, each (depth, text), what its instruction does not say by itself."""

    text: str  # the instruction; '' for a combination
    node: Node
    lines: tuple[tuple[int, str], ...] = ()
    word: str = ""  # AND, OR, XOR, NOT for a combination

    def shown(self) -> list[tuple[int, str]]:
        """The filter as a part of something larger."""
        if self.word or not self.text:
            return list(self.lines)
        if not self.lines:
            return [(0, self.text)]
        return [(0, f"{self.text} =>"), *((depth + 1, line) for depth, line in self.lines)]


def combined(word: str, left: Explained, right: Explained | None, node: Node) -> Explained:
    """Two explanations joined by an operator (or one negated). A chain grows by plain filters, as in the plugin."""
    if right is not None and left.word == word and not right.word and word != "XOR":
        lines = [*left.lines, *((depth + 1, line) for depth, line in right.shown())]
    else:
        lines = [(0, _TITLES[word])]
        for part in (left, right):
            if part is not None:
                lines += [(depth + 1, line) for depth, line in part.shown()]
    return Explained("", node, tuple(lines), word)


def rendered(lines: list[tuple[int, str]], indent: int = 0) -> str:
    return "\n".join("  " * (depth + indent) + text for depth, text in lines)


def long_day(day: str) -> str:
    """'2025-10-08' -> '2025-10-08 (Wednesday 8th October 2025)'."""
    d = date.fromisoformat(day)
    suffix = "th" if 10 <= d.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
    return f"{day} ({WEEKDAYS[d.weekday()]} {d.day}{suffix} {MONTHS[d.month - 1]} {d.year})"


def weekday(day: str) -> str:
    return WEEKDAYS[date.fromisoformat(day).weekday()]
