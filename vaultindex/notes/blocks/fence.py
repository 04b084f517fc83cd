"""Fenced code: three or more backticks or tildes, to a fence at least as long or the container's end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines


OPEN = lazy_pattern(r"[ \t]*(?:(`{3,})[^`]*|(~{3,}).*)\Z", re.S)
CLOSE = lazy_pattern(r" {0,3}(`{3,}|~{3,})[ \t]*\Z")


def fence(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    opened = OPEN.match(state.lines[start])
    if opened is None:
        return False
    if silent:
        return True
    mark = opened[1] or opened[2]
    number = start + 1
    while number < end:
        closed = CLOSE.match(state.lines[number])
        number += 1
        if closed is not None and closed[1].startswith(mark):
            break
    state.found("code", start, number)
    return True
