"""ATX headings: one to six `#` and a space. Only those at the root of the note are listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.blocks.reading import Text
from vaultindex.note import Heading

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.blocks.state import Lines

_OPEN = re.compile(r"[ \t]*(#{1,6})(?:[ \t]+|\Z)")
_CLOSE = re.compile(r"[ \t]+#*[ \t]*\Z")
_CONTENT = re.compile(r".*[^ \t#]#*", re.S)


def heading(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    line = state.lines[start]
    opened = _OPEN.match(line)
    if opened is None:
        return False
    if silent:
        return True
    number = state.numbers[start]
    rest = line[opened.end() :]
    if state.level == 0:
        state.reading.headings.append(Heading(number, len(opened[1]), _CLOSE.sub("", rest, count=1).strip()))
    content = _CONTENT.match(rest)
    if content is not None:
        state.reading.texts.append(Text(content[0], number, state.cols[start] + opened.end(), None))
    state.found("heading", start, start + 1)
    return True
