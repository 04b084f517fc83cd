"""Indented code: four spaces or a tab in front, never inside a paragraph. Hides everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines


def code(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    if not state.lines[start].startswith(("    ", "\t")):
        return False
    if not silent:
        state.found("code", start, code_end(state.lines, start, end))
    return True


def code_end(lines: list[str], start: int, end: int) -> int:
    """The line behind the indented code that begins at `start`; blank lines at its end are not part of it."""
    last = start
    for number in range(start + 1, end):
        line = lines[number]
        if line.startswith(("    ", "\t")):
            if number < end - 1 or line not in ("    ", "\t"):
                last = number
        elif line.strip(" \t"):
            break
    return last + 1
