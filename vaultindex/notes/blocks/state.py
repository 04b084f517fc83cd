"""The lines of one container, where each came from, and how its blocks are read.

A container (the note, a list item, a quote, a footnote) is a list of lines with its prefix already taken off. Each
line remembers its number in the file and how many characters were taken off in front, so positions stay those of the
file however deep the nesting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.rules_block import StateBlock

from vaultindex.notes.blocks.reading import Reading, text_of
from vaultindex.notes.model import Block, Item

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Deeper nesting than this is read as nothing: no person writes it, and each level costs a pass over its lines.
DEEPEST = 100


class Lines(StateBlock):
    """The lines of one container, in the shape that markdown-it's block engine walks."""

    def __init__(
        self,
        md: MarkdownIt,
        reading: Reading,
        lines: list[str],
        numbers: list[int],
        cols: list[int],
        level: int = 0,
        item: Item | None = None,
        quoted: bool = False,
    ) -> None:
        # The engine's own __init__ looks at every character of a joined text; the marks below say the same.
        self.md = md
        self.env = {}
        self.tokens = []
        self.src = ""
        self.reading = reading
        self.lines = lines
        self.numbers = numbers
        self.cols = cols
        self.item = item  # the list item this container belongs to, if any
        self.quoted = quoted
        self.dollars: int | None = None  # `$$` seen in the paragraph being read, None outside one
        self.bMarks = [0] * (len(lines) + 1)
        self.eMarks = [len(line) for line in lines] + [0]
        self.tShift = [len(line) - len(line.lstrip(" \t")) for line in lines] + [0]
        self.sCount = self.bMarks
        self.bsCount = self.bMarks
        self.blkIndent = 0
        self.line = 0
        self.lineMax = len(lines)
        self.tight = False
        self.ddIndent = -1
        self.listIndent = -1
        self.parentType = "root"
        self.level = level
        self.result = ""

    def inside(
        self, lines: list[str], numbers: list[int], cols: list[int], item: Item | None = None, quoted: bool = False
    ) -> None:
        """Read the content of a container that stands in this one."""
        reading = self.reading
        reading.left -= len(lines)
        if self.level + 1 >= DEEPEST:
            reading.refuse(numbers[0], "nesting", f"nested deeper than {DEEPEST} levels: what lies deeper is not read")
            return
        if reading.left < 0:
            reading.refuse(numbers[0], "nesting", "too many nested lines: the rest of the note is not read")
            return
        state = Lines(self.md, reading, lines, numbers, cols, self.level + 1, item or self.item, self.quoted or quoted)
        self.md.block.tokenize(state, 0, state.lineMax)

    def interrupted(self, chain: str, line: int, end: int) -> bool:
        """Whether a block of another kind begins at `line` and ends the block that `chain` names."""
        return any(rule(self, line, end, True) for rule in self.md.block.ruler.getRules(chain))

    def found(self, kind: str, start: int, end: int) -> None:
        """Record lines [start, end) as one block, if this is the root of the note, and go on behind it."""
        if self.level == 0:
            self.reading.blocks.append(Block(kind, self.numbers[start], self.numbers[end - 1]))
        self.line = end

    def text(self, start: int, end: int) -> None:
        """Leave lines [start, end) to the inline pass."""
        self.reading.texts.append(text_of(self.lines[start:end], self.numbers[start:end], self.cols[start:end]))
