"""Indented code: four spaces or a tab in front, never inside a paragraph. Hides everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.blocks.state import Lines



def code(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    lines = state.lines
    if not lines[start].startswith(("    ", "\t")):
        return False
    if silent:
        return True
    last = start
    for number in range(start + 1, end):
        if lines[number].startswith(("    ", "\t")):
            last = number
        elif lines[number].strip(" \t"):
            break
    if last == end - 1 and lines[last] in ("    ", "\t"):
        last -= 1  # an indentation with nothing behind it, not even a line end
    state.found("code", start, last + 1)
    return True
