"""Tables: a header, a line of `:?-+:?` cells, and rows that begin like the header. Each cell is inline text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.blocks.reading import SPACE, Text, is_blank

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.blocks.state import Lines

_DELIMITER = re.compile(rf"[{SPACE}]*:?-+:?[{SPACE}]*\Z")
_TICKS = re.compile(r"`+")


def table(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    lines = state.lines
    header = lines[start]
    if start + 1 >= end or "|" not in header:
        return False
    below = lines[start + 1]
    leading = header[0] == "|"
    if header[0] in SPACE or not below or below[0] in SPACE or (below[0] == "|") != leading:
        return False
    if "|" not in (header[1:] if leading else below):
        return False
    cells = below.removeprefix("|").rstrip(SPACE).removesuffix("|").split("|")
    if not all(_DELIMITER.match(cell) for cell in cells):
        return False
    if silent:
        return True
    number = start + 2
    while number < end:
        line = lines[number]
        if is_blank(line) or line[0] in SPACE or (line[0] == "|") != leading or "|" not in line:
            break
        number += 1
    for row in range(start, number):
        if row != start + 1:
            _cells(state, row)
    state.found("table", start, number)
    return True


def _cells(state: Lines, row: int) -> None:
    """Leave each cell of a row to the inline pass; a bar that is escaped or in a code span does not end a cell."""
    line = state.lines[row]
    begin = 1 if line.startswith("|") else 0
    while begin < len(line):
        at = begin
        while at < len(line) and line[at] != "|":
            if line[at] == "\\":
                at += 2
            elif line[at] == "`":
                at = _behind_code(line, at)
            else:
                at += 1
        cell = line[begin:at]
        body = cell.strip(SPACE)
        if body:
            col = state.cols[row] + begin + len(cell) - len(cell.lstrip(SPACE))
            state.reading.texts.append(Text(body, state.numbers[row], col, None))
        begin = at + 1


def _behind_code(line: str, at: int) -> int:
    """Where the code span opened at `at` ends, or the end of the backticks when none closes it."""
    opened = _TICKS.match(line, at)
    assert opened is not None
    for closing in _TICKS.finditer(line, opened.end()):
        if len(closing[0]) == len(opened[0]):
            return closing.end()
    return opened.end()
