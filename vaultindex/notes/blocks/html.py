"""HTML blocks, CommonMark's seven kinds: raw elements, comments and the like to their own end, tags to an empty line.

Nothing inside is read: no links, tags, tasks, or headings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from vaultindex.base.text import JS_SPACE
from vaultindex.notes.inline import CLOSE_TAG, OPEN_TAG

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_NAMES = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|head|header|hgroup|hr|html|iframe|legend|"
    "li|link|main|menu|menuitem|meta|nav|noframes|ol|optgroup|option|p|param|pre|section|source|title|summary|table|"
    "tbody|td|tfoot|th|thead|tr|track|ul"
)
# (how the block opens, what its last line holds); None: it goes on to an empty line.
_KINDS: list[tuple[re.Pattern[str], re.Pattern[str] | None]] = [
    (re.compile(rf"<(?:script|pre|style)(?=[{JS_SPACE}>]|\Z)", re.I), re.compile(r"</(?:script|pre|style)>", re.I)),
    (re.compile(r"<!--"), re.compile(r"-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<![A-Za-z]"), re.compile(r">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{_NAMES})(?=[{JS_SPACE}]|/?>|\Z)", re.I), None),
    (re.compile(rf"(?:{OPEN_TAG}|{CLOSE_TAG})[{JS_SPACE}]*\Z"), None),
]
_ANY_TAG = _KINDS[-1][0]


def html(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    line = state.lines[start].lstrip(" \t")
    if not line.startswith("<"):
        return False
    kind = next((kind for kind in _KINDS if kind[0].match(line)), None)
    if kind is None:
        return False
    opens, closes = kind
    if silent:
        return opens is not _ANY_TAG  # any tag alone on a line begins a block, but not inside a paragraph
    number = start + 1
    if closes is None:
        while number < end and state.lines[number]:
            number += 1
    elif not closes.search(line):
        while number < end:
            number += 1
            if closes.search(state.lines[number - 1]):
                break
    state.found("html", start, number)
    return True
