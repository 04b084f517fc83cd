"""Boxes that a person takes for tasks and Obsidian does not: below a fence that never closes, in raw HTML, indented too far.

What is quoted on purpose is no such box: a closed code block, a comment, properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultindex.base.errors import Problem
from vaultindex.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from vaultindex.notes.blocks.reading import Reading
    from vaultindex.notes.model import Block

MOST = 100  # boxes of one note that are named
_BOX = lazy_pattern(r"[\s>\u200b-\u200d\u2060]*(?:[-*+]|[0-9]+[.)])[ \t]+\[[ x?/-]\][ \t]+\S")
_ANY_BOX = lazy_pattern(r"\[[ x?]\] ")
_FENCE = lazy_pattern(r"[\s>]*(?:(?:[-*+]|[0-9]+[.)])\s+)*(`{3,}|~{3,})(.*)")
_QUOTED = frozenset(("comment", "yaml", "math"))


def unseen_boxes(path: str, text: str, lines: list[str], body: int, reading: Reading) -> list[Problem]:
    """One problem for each line that begins with a box and is no item with a box for Obsidian."""
    # Counting is all that an ordinary note pays: it has as many items with a box as it has boxes.
    boxes = len(_ANY_BOX.findall(text))
    if not boxes or boxes <= sum([item[3] is not None for item in reading.items]):
        return []
    seen = {item[0] for item in reading.items if item[3] is not None}
    at = [n for n in range(body + 1, len(lines) + 1) if n not in seen and _BOX.match(lines[n - 1])]
    if not at:
        return []
    fenced = _fenced(lines, body)
    found = []
    for number in at:
        block = next((b for b in reading.blocks if b.line <= number <= b.end), None)
        why = _why(lines, number, block, number in fenced)
        if why is not None:
            found.append(Problem(path, number, "box", f"a box that Obsidian does not take as a task: {why}"))
    return found[:MOST]


def _why(lines: list[str], number: int, block: Block | None, fenced: bool) -> str | None:
    """Why the line is no task; None when it is quoted on purpose."""
    kind = block.kind if block is not None else ""
    if block is not None:
        first, last = lines[block.line - 1], lines[block.end - 1]
        if kind in _QUOTED or (kind == "html" and first.lstrip().startswith("<!--")):
            return None
        if kind == "html":
            return f"it stands in raw HTML (line {block.line}); an empty line ends that"
        opened = _FENCE.match(first)
        if kind == "code" and opened is not None:
            if (
                block.end > block.line
                and last.strip(" \t").startswith(opened[1])
                and not last.strip(f" \t{opened[1][0]}")
            ):
                return None
            return f"the code fence of line {block.line} is never closed"
        if kind == "code":
            return "it is indented like code; take the spaces in front of it away"
    if fenced:
        return None
    return "it is indented as no item above it asks for; indent it like its neighbours"


def _fenced(lines: list[str], body: int) -> set[int]:
    """The lines inside fences, those in lists and quotes too."""
    inside: set[int] = set()
    mark = ""
    for number in range(body + 1, len(lines) + 1):
        fence = _FENCE.match(lines[number - 1]) if "```" in lines[number - 1] or "~~~" in lines[number - 1] else None
        if mark:
            inside.add(number)
            if fence is not None and fence[1].startswith(mark) and not fence[2].strip():
                mark = ""
        elif fence is not None and not (fence[1][0] == "`" and "`" in fence[2]):
            mark = fence[1]
    return inside
