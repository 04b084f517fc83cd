"""The result of reading a note's blocks, and what all block rules share. Needs no block engine."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from vaultindex.base.errors import Problem
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.notes.model import Block, Heading, Item

# Line visits one note may cost in all, nested passes included: far above any real note, and well under two seconds.
MOST_LINES = 150_000

_BLOCK_ID = lazy_pattern(rf"(?:^|[{JS_SPACE}])\^([A-Za-z0-9-]+)[{JS_SPACE}]*\Z")


class Text(NamedTuple):
    """One run of inline text, and where in the file it begins."""

    text: str
    number: int  # line
    col: int
    places: list[tuple[int, int, int]] | None  # of several lines: offset in `text`, line, and column of each


def text_of(lines: list[str], numbers: list[int], cols: list[int]) -> Text:
    """One run of these lines."""
    if len(lines) == 1:
        return Text(lines[0], numbers[0], cols[0], None)
    starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
    return Text("\n".join(lines), numbers[0], cols[0], list(zip(starts, numbers, cols)))


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

    def block_id(self, last: str, line: int, alone: bool) -> None:
        """Record the block id that ends a paragraph or item whose last line is `last`, if one does.

        It names what begins on `line`; `alone`, as a paragraph of its own at the root, it names the block above it.
        """
        found = _BLOCK_ID.search(last)
        if found is not None:
            if alone and self.blocks and not last[: found.start()].strip(JS_SPACE):
                line = self.blocks[-1].line
            self.block_ids.setdefault(found[1], line)


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
    return not line.strip(JS_SPACE)
