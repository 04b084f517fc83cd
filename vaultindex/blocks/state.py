"""What the block rules share: the lines of one container, where each came from, and what was found so far.

A container (the note, a list item, a quote, a footnote) is a list of lines with its prefix already taken off. Each
line remembers its number in the file and how many characters were taken off in front, so positions stay those of the
file however deep the nesting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from markdown_it.rules_block import StateBlock

from vaultindex.note import Block, Heading, Item, Problem

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# White space as the format's own reader (JavaScript's \s) has it; Python's differs at FS..US, NEL and BOM.
SPACE = "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

# Deeper nesting than this is read as nothing: no person writes it, and each level costs a pass over its lines.
DEEPEST = 100
# Line visits one note may cost in all, nested passes included: far above any real note, and well under two seconds.
MOST_LINES = 400_000

_BLOCK_ID = re.compile(rf"(?:^|[{SPACE}])\^([A-Za-z0-9-]+)[{SPACE}]*\Z")
_ID_ALONE = re.compile(rf"[{SPACE}]*\^[A-Za-z0-9-]+[{SPACE}]*\Z")


class Text(NamedTuple):
    """One run of inline text: its lines, with the file's line number and column at which each begins."""

    lines: list[str]
    numbers: list[int]
    cols: list[int]


class Reading:
    """Everything the block rules find in one note, in the order of the file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.headings: list[Heading] = []
        self.items: list[Item] = []
        self.blocks: list[Block] = []
        self.texts: list[Text] = []
        self.block_ids: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.left = MOST_LINES

    def refuse(self, line: int, kind: str, what: str) -> None:
        """Record that a part of the note is not read; said once for each kind."""
        if not any(problem.kind == kind for problem in self.problems):
            self.problems.append(Problem(self.path, line, kind, what))


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
        state = Lines(
            self.md, reading, lines, numbers, cols, self.level + 1, item or self.item, self.quoted or quoted
        )
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
        self.reading.texts.append(Text(self.lines[start:end], self.numbers[start:end], self.cols[start:end]))

    def block_id(self, start: int, end: int) -> None:
        """Record the block id that ends the paragraph [start, end), if one does.

        It names the list item it stands in, else its paragraph; alone at the root it names the block above it.
        """
        last = self.lines[end - 1]
        found = _BLOCK_ID.search(last) if "^" in last else None
        if found is None:
            return
        line = self.item.line if self.item is not None and not self.quoted else self.numbers[start]
        blocks = self.reading.blocks
        if self.level == 0 and end - start == 1 and _ID_ALONE.match(last) and blocks:
            line = blocks[-1].line
        self.reading.block_ids.setdefault(found[1], line)


def indent_of(line: str) -> tuple[int, int]:
    """The white space in front of a line: characters, and columns with tabs at every fourth."""
    chars = len(line) - len(line.lstrip(" \t"))
    return chars, len(line[:chars].expandtabs(4))


def without_columns(line: str, columns: int) -> str:
    """The line without the white space that covers its first `columns` columns (a tab goes as a whole)."""
    column = 0
    for index, character in enumerate(line):
        if column >= columns or character not in " \t":
            return line[index:]
        column += 4 - column % 4 if character == "\t" else 1
    return ""


def is_blank(line: str) -> bool:
    """Whether a line holds only white space (any kind, as JavaScript's trim sees it)."""
    return not line.strip(SPACE)
