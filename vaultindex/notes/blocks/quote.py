"""Quotes and callouts: lines with `>` in front, and the lazy lines that go on without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.notes.blocks.reading import is_blank

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_PREFIX = lazy_pattern(r"[ \t]*> ?")
CALLOUT = re.compile(r"\[![^\]]+\]")


def quote(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    if _PREFIX.match(state.lines[start]) is None:
        return False
    if silent:
        return True
    lines: list[str] = []
    cols: list[int] = []
    number = start
    while number < end:
        line = state.lines[number]
        prefix = _PREFIX.match(line)
        if prefix is None and (is_blank(line) or state.interrupted("quote", number, end)):
            break
        taken = prefix.end() if prefix else 0
        lines.append(line[taken:])
        cols.append(state.cols[number] + taken)
        number += 1
    kind = "callout" if CALLOUT.match(lines[0].lstrip(" \t")) else "blockquote"
    state.found(kind, start, number)
    state.inside(lines, state.numbers[start:number], cols, quoted=True)
    return True
