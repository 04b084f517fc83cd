"""Setext headings: one line of text over a line of `=` or `-` alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.text import JS_SPACE
from vaultindex.notes.model import Heading

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_UNDERLINE = re.compile(r"(?:=+|-+)\Z")


def setext(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    if start + 1 >= end or _UNDERLINE.match(state.lines[start + 1]) is None:
        return False
    if silent:
        return True
    if state.level == 0:
        level = 1 if state.lines[start + 1][0] == "=" else 2
        state.reading.headings.append(Heading(state.numbers[start], level, state.lines[start].strip(JS_SPACE)))
    state.text(start, start + 1)
    state.found("heading", start, start + 2)
    return True
