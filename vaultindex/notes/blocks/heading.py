"""ATX headings: one to six `#` and a space. Only those at the root of the note are listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.text import JS_SPACE
from vaultindex.notes.blocks.reading import Text
from vaultindex.notes.model import Heading

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_OPEN = re.compile(r"[ \t]*(#{1,6})(?:[ \t]+|\Z)")
_CONTENT = re.compile(r".*[^ \t#]#*", re.S)


def heading_parts(line: str) -> tuple[int, str, str, int] | None:
    """Level, text as shown in an outline, inline content and its column; None when the line is no heading."""
    opened = _OPEN.match(line)
    if opened is None:
        return None
    rest = line[opened.end() :]
    if "#" not in rest:
        content = rest.rstrip(" \t")
        return len(opened[1]), content.strip(JS_SPACE), content, opened.end()
    inner = _CONTENT.match(rest)
    text = rest.rstrip(" \t")
    unclosed = text.rstrip("#")
    if unclosed[-1:] in (" ", "\t"):
        text = unclosed.rstrip(" \t")
    return len(opened[1]), text.strip(JS_SPACE), inner[0] if inner else "", opened.end()


def heading(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    parts = heading_parts(state.lines[start])
    if parts is None:
        return False
    if silent:
        return True
    level, text, content, col = parts
    number = state.numbers[start]
    if state.level == 0:
        state.reading.headings.append(Heading(number, level, text))
    if content:
        state.reading.texts.append(Text(content, number, state.cols[start] + col, None))
    state.found("heading", start, start + 1)
    return True
