"""Display math: a line that opens with `$$` (and no second one), to a line that holds only `$$`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.text import JS_SPACE

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_OPEN = re.compile(r" {0,3}\$\$")


def math(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    line = state.lines[start]
    opened = _OPEN.match(line)
    if opened is None or "$$" in line[opened.end() :]:
        return False
    if silent:
        # Inside a paragraph an inline `$$` that is still open takes this one for its end.
        return not (state.dollars or 0) % 2
    number = start + 1
    while number < end:
        number += 1
        if state.lines[number - 1].strip(JS_SPACE) == "$$":
            break
    state.found("math", start, number)
    return True
