"""`%%` comments over lines: list items and headings inside do not exist, links and tags inside do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines


_OPEN = re.compile(r" {0,3}%%")


def comment(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    line = state.lines[start]
    opened = _OPEN.match(line)
    if opened is None or "%%" in line[opened.end() :]:
        return False  # closed on its own line it is part of a paragraph
    if silent:
        return True
    number = start + 1
    while number < end:
        number += 1
        if "%%" in state.lines[number - 1]:
            break
    state.text(start, number)
    state.found("comment", start, number)
    return True
