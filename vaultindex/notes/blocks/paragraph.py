"""Paragraphs: whatever is nothing else, to a blank line or a block that may interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vaultindex.notes.blocks.reading import is_blank

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

# First characters of the blocks that may interrupt a paragraph: other lines need no look at the rules.
_MAY_INTERRUPT = frozenset("#>*+-_1`~$<%")


def paragraph(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    lines = state.lines
    state.dollars = lines[start].count("$$")
    number = start + 1
    while number < end:
        line = lines[number]
        if not line:
            break
        indent = line[: state.tShift[number]]
        # A line indented by four columns goes on, whatever it holds; so does one with only a tab.
        goes_on = "\t" in indent or (len(indent) >= 4 and (len(indent) < len(line) or number == end - 1))
        if not goes_on:
            if line[len(indent) : len(indent) + 1] in _MAY_INTERRUPT and state.interrupted("paragraph", number, end):
                break
            if is_blank(line) and number < end - 1:
                break
        state.dollars += line.count("$$")
        number += 1
    state.dollars = None
    last = number
    while last > start + 1 and not lines[last - 1]:
        last -= 1
    state.text(start, last)
    if "^" in lines[last - 1]:
        named = state.numbers[start] if state.item is None or state.quoted else state.item.line
        state.reading.block_id(lines[last - 1], named, alone=state.level == 0 and last == start + 1)
    state.found("paragraph", start, last)
    return True
