"""Footnote definitions: `[^id]: text`, with the indented or lazy lines that belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines


_OPEN = re.compile(r"[ \t]*\[\^[^\]\n\t ]+\]:")


def footnote(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    opened = _OPEN.match(state.lines[start])
    if opened is None:
        return False
    if silent:
        return True
    at = _content(state.lines[start], opened.end())[0]
    if at == len(state.lines[start]):
        at = opened.end()  # white space alone counts as content here, and nowhere else
    lines = [state.lines[start][at:]]
    cols = [state.cols[start] + at]
    number = start + 1
    while number < end:
        line = state.lines[number]
        at, indent = _content(line, 0)
        if at < len(line) and indent < 4 and (not lines[-1] or _begins_block(state, number, at, end)):
            break
        lines.append(line[at:])
        cols.append(state.cols[number] + at)
        number += 1
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
        cols.pop()
    last = start + len(lines)
    state.found("footnoteDefinition", start, last)
    state.inside(lines, state.numbers[start:last], cols, quoted=True)
    return True


def _content(line: str, at: int) -> tuple[int, int]:
    """Where a line's content begins: behind at most four columns of white space; and those columns."""
    indent = 0
    while at < len(line) and line[at] in " \t":
        indent += 1 if line[at] == " " else 4 - indent % 4
        if indent > 4:
            break
        at += 1
    return at, indent


def _begins_block(state: Lines, number: int, at: int, end: int) -> bool:
    """Whether another block begins on this line, seen without its indentation."""
    line = state.lines[number]
    state.lines[number] = line[at:]
    try:
        return state.interrupted("footnote", number, end)
    finally:
        state.lines[number] = line
