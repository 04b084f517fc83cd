"""Link reference definitions: `[label]: target "title"`. They hold no links or tags of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.text import JS_SPACE

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

# A label or title may run over lines, but not without end: more lines than this make no definition.
_MOST_LINES = 64
_LABEL = re.compile(r"[ \t]*\[(?!\^)(?:[^\]\\]++|\\[\s\S])++\]:[ \t\n]*")
_ENCLOSED = re.compile(r"<([^>\[\]]*)>")
_BARE = re.compile(rf"[^\[\]{JS_SPACE}]+")
_GAP = re.compile(r"[ \t\n]*")
_REST = re.compile(r"[ \t]*(?=\n|\Z)")


def definition(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    line = state.lines[start].lstrip(" \t")
    if not line.startswith("[") or line.startswith("[^"):
        return False
    text = "\n".join(state.lines[start : min(end, start + _MOST_LINES)])
    label = _LABEL.match(text)
    if label is None:
        return False
    at = label.end()
    target = None
    if text.startswith("<", at):
        enclosed = _ENCLOSED.match(text, at)
        if enclosed is None:
            return False
        at = enclosed.end()
        target = enclosed[1]
    if not target:
        bare = _BARE.match(text, at)
        if bare is None:
            return False
        at = bare.end()
    after = _title(text, at)
    if after is None:
        return False
    rest = _REST.match(text, after)
    if rest is None:
        return False
    if not silent:
        state.found("definition", start, start + text.count("\n", 0, rest.end()) + 1)
    return True


def _title(text: str, at: int) -> int | None:
    """Where the title behind a target ends (`at` when there is none); None when it makes the definition void."""
    gap = _GAP.match(text, at)
    assert gap is not None
    opened = gap.end()
    closer = {'"': '"', "'": "'", "(": ")"}.get(text[opened : opened + 1])
    if closer is None:
        return at
    if opened == at:
        return None
    index = opened + 1
    while index < len(text) and text[index] != closer:
        if text[index] == "\n":
            index += 1
            if text[index : index + 1] in ("\n", closer):
                return None
        index += 1
    return index + 1 if index < len(text) else None
