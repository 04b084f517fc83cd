"""Lists and their items: bullets `- * +`, numbers `1.` and `1)`, tasks with one character in brackets.

Nesting is by columns, not by CommonMark's rule: an item takes every line indented at least as far as its own text (or
by more than four columns), and a different marker begins a new list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.notes.blocks.reading import indent_of, is_blank, without_columns
from vaultindex.notes.blocks.rule import BREAK
from vaultindex.notes.model import Item

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

    from vaultindex.notes.blocks.state import Lines

_MARKER = lazy_pattern(r"[*+-]|([0-9]+)[.)]")
_BULLET = lazy_pattern(r"([ \t]*)([*+-]|[0-9]+[.)])( {1,4}(?! )| |\t|\Z)")
# A status is one UTF-16 unit: characters of the astral planes are two and make no task, nor do line ends.
NO_STATUS = r"\n\r\u2028\u2029\U00010000-\U0010ffff"
TASK = lazy_pattern(rf"[ \t]*(?:[*+-]|[0-9]+[.)])[ \t]+\[([^{NO_STATUS}])\][ \t]")
_CHECKBOX = lazy_pattern(r"\[[ xX\t]\][ \t]")


def list_block(block: StateBlock, start: int, end: int, silent: bool) -> bool:
    state = cast("Lines", block)
    lines = state.lines
    chars, _ = indent_of(lines[start])
    opened = _MARKER.match(lines[start], chars)
    if opened is None or lines[start][opened.end() : opened.end() + 1] not in ("", " ", "\t"):
        return False
    if silent:
        return opened[1] is None or opened[1] == "1"
    kind = opened[0][-1]
    items: list[list[int]] = []  # for each item, its lines
    indent = 0  # columns a line needs to belong to the last item
    blanks: list[int] = []
    empty = False
    number = start
    while number < end:
        line = lines[number]
        chars, size = indent_of(line)
        indented = bool(items) and size >= indent
        marker = None if indented else _MARKER.match(line, chars)
        if marker is not None:
            size += len(marker[0])
            after = marker.end()
            following = line[after : after + 1]
            if following == "\t":
                size += 4 - size % 4
            elif following == " ":
                spaces = len(line) - after - len(line[after:].lstrip(" "))
                size += spaces if spaces < 5 else 1
            elif following:
                marker = None
        if marker is not None:
            if marker[0][-1] != kind or (kind in "*-" and BREAK.match(line)):
                break
        elif items:
            indented = size >= indent or size > 4
        was_empty = empty
        empty = marker is None and is_blank(line)
        if indented:
            items[-1] += [*blanks, number]
            blanks = []
        elif marker is not None:
            items.append([number])
            indent = size
            blanks = []
        elif empty:
            blanks.append(number)
        else:
            if was_empty or state.interrupted("list", number, number + 1):
                break
            items[-1] += [*blanks, number]
            blanks = []
        number += 1
    state.found("list", start, items[-1][-1] + 1)
    for numbers in items:
        _item(state, start, numbers)
    return True


def _item(state: Lines, start: int, numbers: list[int]) -> None:
    """Record one item and read what it holds, its indentation taken off."""
    first = state.lines[numbers[0]]
    bullet = _BULLET.match(first)
    assert bullet is not None
    before, mark, after = bullet.groups()
    rest = first[bullet.end() :]
    task = TASK.match(first)
    parent = state.item
    item = Item(
        line=state.numbers[numbers[0]],
        col=state.cols[numbers[0]],
        end=state.numbers[numbers[-1]],
        status=task[1] if task else None,
        parent=parent.line if parent else None,
        depth=parent.depth + 1 if parent else 0,
        root=not state.quoted,
        text=first[task.end() :] if task else rest,
        top=state.numbers[start],
    )
    state.reading.items.append(item)
    # `1. ` to `9. ` count one column more, so that three and four columns of indentation do the same.
    width = len(mark)
    if mark[-1] == "." and int(mark[:-1]) < 10 and bullet.end() % 2 == 1:
        width += 1
    columns = indent_of(before + " " * width + after)[1]
    for number in numbers[1:]:
        line = state.lines[number]
        size = indent_of(line)[1]
        if 0 < size < columns and not is_blank(line):
            columns = size
    box = _CHECKBOX.match(rest)
    taken = bullet.end() + (box.end() if box else 0)
    lines = [first[taken:]]
    cols = [state.cols[numbers[0]] + taken]
    for number in numbers[1:]:
        line = state.lines[number]
        content = without_columns(line, columns)
        lines.append(content)
        cols.append(state.cols[number] + len(line) - len(content))
    state.inside(lines, [state.numbers[number] for number in numbers], cols, item)
