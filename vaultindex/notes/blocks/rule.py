"""Thematic breaks: three or more `*`, `-` or `_` alone on a line, spaces between them allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vaultindex.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines


BREAK = lazy_pattern(r"[ \t]*([*_-])(?: *+\1){2,}+ *+\Z")


def rule(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    if BREAK.match(state.lines[start]) is None:
        return False
    if not silent:
        state.found("thematicBreak", start, start + 1)
    return True
