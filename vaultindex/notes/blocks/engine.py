"""markdown-it's block engine with our rules: the order in which they are tried, and what may interrupt what."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vaultindex.notes.blocks.code import code
from vaultindex.notes.blocks.comment import comment
from vaultindex.notes.blocks.definition import definition
from vaultindex.notes.blocks.fence import fence
from vaultindex.notes.blocks.footnote import footnote
from vaultindex.notes.blocks.heading import heading
from vaultindex.notes.blocks.html import html
from vaultindex.notes.blocks.lists import list_block
from vaultindex.notes.blocks.math import math
from vaultindex.notes.blocks.paragraph import paragraph
from vaultindex.notes.blocks.quote import quote
from vaultindex.notes.blocks.reading import MOST_LINES, Reading
from vaultindex.notes.blocks.rule import rule
from vaultindex.notes.blocks.setext import setext
from vaultindex.notes.blocks.state import DEEPEST, Lines
from vaultindex.notes.blocks.table import table

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import RuleFuncBlockType

# In the order they are tried: name, rule, and the blocks it may interrupt.
RULES: list[tuple[str, RuleFuncBlockType, list[str]]] = [
    ("code", code, ["quote"]),
    ("fence", fence, ["paragraph", "list", "quote", "footnote"]),
    ("math", math, ["paragraph", "list", "quote"]),
    ("quote", quote, ["paragraph", "footnote"]),
    ("heading", heading, ["paragraph", "list", "quote", "footnote"]),
    ("rule", rule, ["paragraph", "list", "quote", "footnote"]),
    ("list", list_block, ["paragraph", "quote", "footnote"]),
    ("setext", setext, ["quote", "footnote"]),
    ("html", html, ["paragraph", "quote", "footnote"]),
    ("footnote", footnote, ["footnote"]),
    ("definition", definition, ["footnote"]),
    ("table", table, ["footnote"]),
    ("comment", comment, ["paragraph"]),
    ("paragraph", paragraph, []),
]


@cache
def engine() -> MarkdownIt:
    """markdown-it with our block rules and no others."""
    from markdown_it import MarkdownIt
    from markdown_it.parser_block import ParserBlock
    from markdown_it.ruler import Ruler

    md = MarkdownIt("zero", {"maxNesting": DEEPEST})
    md.block = ParserBlock()
    md.block.ruler = Ruler()
    for name, function, interrupts in RULES:
        md.block.ruler.push(name, function, {"alt": interrupts})
    return md


def read_blocks(path: str, lines: list[str], first: int) -> Reading:
    """What the lines of a note's body hold; `first` is the file's line number of lines[0]."""
    reading = Reading(path)
    reading.left -= len(lines)
    if reading.left < 0:
        reading.refuse(first, "size", f"more than {MOST_LINES} lines that are not plain: the body is not read")
        return reading
    md = engine()
    state = Lines(md, reading, list(lines), list(range(first, first + len(lines))), [0] * len(lines))
    md.block.tokenize(state, 0, state.lineMax)
    return reading
