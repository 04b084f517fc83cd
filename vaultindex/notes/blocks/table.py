"""Tables: a header, a line of `:?-+:?` cells, and rows that begin like the header. Each cell is inline text."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.notes.blocks.reading import Text, is_blank

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_DELIMITER = lazy_pattern(rf"[{JS_SPACE}]*:?-+:?[{JS_SPACE}]*\Z")
_TICKS = lazy_pattern(r"`+")


def table(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    behind = table_end(state.lines, start, end)
    if not behind:
        return False
    if silent:
        return True
    for row in range(start, behind):
        if row != start + 1:
            number, shift = state.numbers[row], state.cols[row]
            state.reading.texts += [Text(body, number, shift + col, None) for col, body in cells(state.lines[row])]
    state.found("table", start, behind)
    return True


def table_end(lines: list[str], start: int, end: int) -> int:
    """The line behind the table whose header is at `start`; 0 when there is none."""
    header = lines[start]
    if start + 1 >= end or "|" not in header:
        return 0
    below = lines[start + 1]
    leading = header[0] == "|"
    if header[0] in JS_SPACE or not below or below[0] in JS_SPACE or (below[0] == "|") != leading:
        return 0
    if "|" not in (header[1:] if leading else below):
        return 0
    parts = below.removeprefix("|").rstrip(JS_SPACE).removesuffix("|").split("|")
    if not all(_DELIMITER.match(part) for part in parts):
        return 0
    number = start + 2
    while number < end:
        line = lines[number]
        if is_blank(line) or line[0] in JS_SPACE or (line[0] == "|") != leading or "|" not in line:
            break
        number += 1
    return number


def cells(line: str) -> list[tuple[int, str]]:
    """Column and text of each cell of a row; a bar that is escaped or in a code span does not end a cell."""
    found = []
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
        body = cell.strip(JS_SPACE)
        if body:
            found.append((begin + len(cell) - len(cell.lstrip(JS_SPACE)), body))
        begin = at + 1
    return found


def _behind_code(line: str, at: int) -> int:
    """Where the code span opened at `at` ends, or the end of the backticks when none closes it."""
    opened = _TICKS.match(line, at)
    assert opened is not None
    for closing in _TICKS.finditer(line, opened.end()):
        if len(closing[0]) == len(opened[0]):
            return closing.end()
    return opened.end()
