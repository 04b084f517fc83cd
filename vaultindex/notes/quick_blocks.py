"""Only for speed: one pass over the lines of an ordinary note. Stands for the block rules in `blocks/`.

It says what the rules say, or nothing: at the first line of which it is not certain it gives up, and the
rules read the note from the start; tests/notes/test_parse.py holds the two equal over generated notes. A note is read in
190 us in place of 690 (median of 1,500 generated notes), and markdown-it is not imported.

What it is certain of: paragraphs of lines that begin with text, `#` headings, lists of one-line items indented by
spaces or by tabs, fences, rules, quotes of these, tables, display math, `%%` and `<!-- -->` comments at the margin.
"""

from __future__ import annotations

import re

from vaultindex.base.text import JS_SPACE
from vaultindex.notes.blocks.code import code_end
from vaultindex.notes.blocks.fence import CLOSE as FENCE_CLOSE
from vaultindex.notes.blocks.fence import OPEN as FENCE_OPEN
from vaultindex.notes.blocks.heading import heading_parts
from vaultindex.notes.blocks.lists import NO_STATUS
from vaultindex.notes.blocks.quote import CALLOUT
from vaultindex.notes.blocks.reading import Reading, Text, text_of
from vaultindex.notes.blocks.rule import BREAK
from vaultindex.notes.blocks.table import cells, table_end
from vaultindex.notes.model import Block, Heading, Item

# First characters that begin nothing but text. Others of ASCII may begin a block; beyond ASCII only spaces matter.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"&'(),./:;?@\\]^{}")

# A list item that holds one line: indentation of one kind, marker, one space, perhaps a status, and text.
_ITEM = re.compile(rf"( *|\t+)([-*+]|[0-9]{{1,9}}[.)]) (?=\S)(?:\[([^\\\[\]{NO_STATUS}])\](?=[ \t]))?")

# What, at the margin, may be more than text. Anything else there is a paragraph, or goes on with one.
_BLOCK = re.compile(
    r"[\x00-\x20>|]|#{1,6}(?:[ \t]|\Z)|(?:[-*+]|[0-9]+[.)])(?:[ \t]|\Z)|([*_-])(?: *\1){2,} *\Z|(?:=+|-+)\Z"
    r"|```|~~~|<[A-Za-z/!?]|\$\$(?!.*\$\$)|%%(?!.*%%)|\[(?:.*\]:|[^\]]*(?:\\|\Z))"
)
_NUMBER = re.compile(r"[0-9]+[.)]")
_UNDERLINE = re.compile(r"(?:=+|-+)\Z")
_DELIMITER = re.compile(r"[-:| \t]+\Z")

_new = tuple.__new__


def read_lines_quickly(reading: Reading, lines: list[str], first: int) -> bool:
    """Fill `reading` from the lines of a note's body, `first` being their first line's number; False when unsure."""
    return _read(reading, lines, first, None)


def _read(reading: Reading, lines: list[str], first: int, cols: list[int] | None) -> bool:
    """Read the lines of the note, or of a quote in it: then `cols` has each line's column in the file."""
    blocks, texts = reading.blocks, reading.texts
    end = len(lines)
    at = 0
    while at < end:
        line = lines[at]
        if not line:
            at += 1
            continue
        head = line[0]
        start = at
        kind = "paragraph"
        if head not in _PLAIN and (_BLOCK.match(line) if head < "\x7f" else head in JS_SPACE or head.isspace()):
            if head in " \t" and not line.strip(" \t"):
                at += 1
                continue
            if head in " \t" and line.startswith(("    ", "\t")):
                kind = "code"
                at = code_end(lines, at, end)
            elif head in "-*+ 0123456789" and (item := _ITEM.match(line)) is not None:
                at = _list(reading, lines, first, cols, at, item)
                if at < 0:
                    return False
                continue
            elif head == "#":
                level, text, content, shift = heading_parts(line) or (0, "", "", 0)
                if cols is None:
                    reading.headings.append(_new(Heading, (first + at, level, text)))
                if "[" in content or "#" in content:
                    texts.append(_new(Text, (content, first + at, shift + (cols[at] if cols else 0), None)))
                kind = "heading"
                at += 1
            elif head in "`~":
                at = _fence_end(lines, at, end)
                kind = "code"
            elif head in "-*_" and BREAK.match(line):
                kind = "thematicBreak"
                at += 1
            elif head == ">":
                at = _quote(reading, lines, first, cols, at)
                if at < 0:
                    return False
                continue
            elif at + 1 < end and lines[at + 1][:1] in ("=", "-") and _UNDERLINE.match(lines[at + 1]):
                return False
            elif head == "<" and line.startswith("<!--"):
                kind = "html"
                while at < end and "-->" not in lines[at]:
                    at += 1
                at += 1
            elif head == "$" and line.startswith("$$"):
                kind = "math"
                at += 1
                while at < end and lines[at].strip(JS_SPACE) != "$$":
                    at += 1
                at += 1
            elif head == "%" and line.startswith("%%"):
                kind = "comment"
                at += 1
                while at < end and "%%" not in lines[at]:
                    at += 1
                at = min(at + 1, end)
                run = _text(lines, first, cols, start, at)
                if "[" in run.text or "#" in run.text:
                    texts.append(run)
            elif head == "|":
                kind = "table"
                at = table_end(lines, at, end)
                if not at:
                    return False
                _table(texts, lines, first, cols, start, at)
            else:
                return False
            if at < 0:
                return False
            at = min(at, end)
        else:
            if "|" in line and at + 1 < end and _DELIMITER.match(lines[at + 1]):
                return False
            at = _paragraph_end(lines, at, end)
            if at < 0:
                return False
            if at == start + 1:
                if "[" in line or "#" in line:
                    texts.append(_new(Text, (line, first + start, cols[start] if cols else 0, None)))
            else:
                texts.append(_text(lines, first, cols, start, at))
            if "^" in lines[at - 1]:
                reading.block_id(lines[at - 1], first + start, alone=cols is None and at == start + 1)
        if cols is None:
            blocks.append(_new(Block, (kind, first + start, first + at - 1)))
    return True


def _text(lines: list[str], first: int, cols: list[int] | None, start: int, end: int) -> Text:
    numbers = list(range(first + start, first + end))
    return text_of(lines[start:end], numbers, cols[start:end] if cols else [0] * (end - start))


def _paragraph_end(lines: list[str], start: int, end: int) -> int:
    """Where the paragraph that begins at `start` ends; -1 when unsure."""
    at = start + 1
    while at < end:
        line = lines[at]
        if not line:
            break
        head = line[0]
        if head in _PLAIN:
            at += 1
            continue
        if head >= "\x7f":
            if head in JS_SPACE or head.isspace():
                return -1
            at += 1
            continue
        if _BLOCK.match(line) is None or head == "|" or head == "[":
            at += 1
            continue
        if head in "#>`~%":
            break
        if head in "-=" and _UNDERLINE.match(line):
            if at == start + 1 or line == "-":
                return -1
            if head == "-" and len(line) > 2:
                break
            at += 1
            continue
        if head in "-*+ 0123456789" and (item := _ITEM.match(line)) is not None:
            if len(item[1]) < 4 and (item[2][0] in "-*+" or item[2] in ("1.", "1)")):
                break
            if len(item[1]) < 4 and head == " ":
                return -1
            at += 1
            continue
        if head in "-*_" and BREAK.match(line):
            break
        if head == "<" and line.startswith("<!--"):
            break
        if head == "$" and not any("$$" in lines[before] for before in range(start, at)):
            break
        if head not in " \t":
            return -1
        text = line.lstrip(" \t")
        if text[:1] not in _PLAIN or not text:
            return -1
        at += 1
    return at


def _fence_end(lines: list[str], start: int, end: int) -> int:
    """Behind the fence that opens at `start`; a line that only looks like one is text, and -1."""
    opened = FENCE_OPEN.match(lines[start])
    if opened is None:
        return -1
    mark = opened[1] or opened[2]
    at = start + 1
    while at < end:
        line = lines[at]
        at += 1
        if mark in line and (closed := FENCE_CLOSE.match(line)) is not None and closed[1].startswith(mark):
            break
    return at


def _quote(reading: Reading, lines: list[str], first: int, cols: list[int] | None, start: int) -> int:
    """Read the quote that begins at `start`; where it ends, or -1 when unsure."""
    inner: list[str] = []
    places: list[int] = []
    at = start
    end = len(lines)
    while at < end and lines[at].startswith(">"):
        taken = 2 if lines[at].startswith("> ") else 1
        inner.append(lines[at][taken:])
        places.append((cols[at] if cols else 0) + taken)
        at += 1
    if at < end and lines[at] and not (lines[at][0] == "#" and _BLOCK.match(lines[at])):
        return -1
    if cols is None:
        kind = "callout" if CALLOUT.match(inner[0].lstrip(" \t")) else "blockquote"
        reading.blocks.append(Block(kind, first + start, first + at - 1))
    # Many levels of quotes are left to the rules, which know where to stop.
    return at if places[0] < 10 and _read(reading, inner, first + start, places) else -1


def _table(texts: list[Text], lines: list[str], first: int, cols: list[int] | None, start: int, end: int) -> None:
    """Leave the cells of a table to the inline pass."""
    for row in range(start, end):
        if row != start + 1 and ("[" in lines[row] or "#" in lines[row]):
            shift = cols[row] if cols else 0
            texts += [Text(body, first + row, col + shift, None) for col, body in cells(lines[row])]


class _Level:
    """One open list: its last item, and what that item asks of the lines below it."""

    __slots__ = ("index", "kind", "left", "line", "most", "needs", "takes", "top")

    def __init__(self, kind: str, top: int) -> None:
        self.kind = kind  # the marker's last character
        self.top = top  # first line of the list
        self.left = 0  # columns in front of the item, inside its list's container
        self.needs = 0  # columns a line needs to lie inside the item
        self.takes = 0  # columns taken off a line that does; 0 until one does
        self.most = 0  # the most that may be taken
        self.line = 0
        self.index = 0  # of the item in the reading's list


def _depth_of(levels: list[_Level], indent: str) -> tuple[int, int]:
    """How many open items a line with this indentation lies in, and what is left of it there; (-1, 0) when unsure.

    `indent` is all spaces or all tabs, and so is what is left.
    """
    tabs = indent.startswith("\t")
    left = len(indent)
    depth = 0
    for level in levels:
        columns = 4 * left if tabs else left
        if columns < level.needs:
            break
        if not level.takes:
            level.takes = min(level.most, columns)
        if level.takes > columns or (tabs and level.takes > 4):
            return -1, 0
        left -= 1 if tabs else level.takes
        depth += 1
    return depth, left


def _list(reading: Reading, lines: list[str], first: int, cols: list[int] | None, at: int, item: re.Match[str]) -> int:
    """Read the list that begins at `at`, its first line matched by _ITEM; where it ends, or -1 when unsure."""
    end = len(lines)
    items, texts = reading.items, reading.texts
    root = cols is None
    levels: list[_Level] = []
    start = last = first + at
    before: str | None = None  # indentation of the item before
    left = 0
    gap = False
    while True:
        indent, mark, status = item.groups()
        line = lines[at]
        number = first + at
        kind = mark[-1]
        if indent == before:
            depth = len(levels) - 1
        else:
            depth, left = _depth_of(levels, indent)
            if not 0 <= depth < 60 or left > (0 if indent[:1] == "\t" else 3):
                return -1  # four columns in front would be code, or text of the paragraph above
            before = indent
        parent = levels[depth - 1].line if depth else None
        if depth == len(levels):
            if depth and not gap and kind in ".)" and mark[:-1] != "1":
                return -1  # only 1 interrupts the paragraph above
            level = _Level(kind, number)
            levels.append(level)
        else:
            level = levels[depth]
            if level.line < last:
                _close(items, levels[depth:], last)
                del levels[depth + 1 :]
            if level.kind != kind:
                if root and depth == 0:
                    reading.blocks.append(_new(Block, ("list", start, last)))
                    start = number
                level.kind = kind
                level.top = number
        col = item.end()
        if status is None:
            rest = text = line[col:]
        else:
            rest = line[col + 1 :]
            col += 1 if status in " xX\t" else -3
            text = line[col:]
        head = rest[:1]
        if head not in _PLAIN and (not head or head in JS_SPACE or head.isspace() or _BLOCK.match(rest)):
            return -1
        level.left = left
        level.needs = level.most = left + len(mark) + 1
        if kind == "." and level.needs % 2 and int(mark[:-1]) < 10:
            level.most += 1
        level.takes = 0
        level.line = number
        level.index = len(items)
        shift = 0 if cols is None else cols[at]
        place = len(indent) - left + shift
        items.append(_new(Item, (number, place, number, status, parent, depth, root, rest, level.top)))
        last = number
        gap = False
        found = None
        at += 1
        behind = at  # the text of the item
        while at < end:
            if lines[at]:
                found = _ITEM.match(lines[at])
                if found is not None or gap:
                    break
                if behind == at and _goes_on(levels, lines[at]):
                    behind = at = at + 1
                else:
                    fenced = _fenced(levels, lines, at, end)
                    if not fenced:
                        break
                    at = fenced
                last = first + at - 1
            else:
                gap = True
                at += 1
        if behind == number - first + 1:
            if "[" in text or "#" in text:
                texts.append(_new(Text, (text, number, col + shift, None)))
            if "^" in rest:
                reading.block_id(rest, number, False)
        else:
            more = range(number - first + 1, behind)
            run = [text, *(lines[here] for here in more)]
            places = [col + shift, *(cols[here] if cols else 0 for here in more)]
            texts.append(text_of(run, list(range(number, first + behind)), places))
            reading.block_id(run[-1], number, False)
        if at == end:
            break
        if found is None:
            if not _ends_list(lines[at], gap):
                return -1
            break
        item = found
    _close(items, levels, last)
    if root:
        reading.blocks.append(_new(Block, ("list", start, last)))
    return at


def _goes_on(levels: list[_Level], line: str) -> bool:
    """Whether a line that is no item certainly goes on with the text of the last item above it."""
    text = line.lstrip(" \t")
    if not text or text[0] in JS_SPACE or text[0].isspace():
        return False
    if text[0] not in _PLAIN and text[0] < "\x7f" and text[0] not in "[|" and _BLOCK.match(text):
        return False
    if _NUMBER.match(text) or (text[0] in "-:|" and _DELIMITER.match(text)):
        return False
    indent = line[: len(line) - len(text)]
    if not indent:
        return True
    if indent.strip(indent[0]):
        return False  # tabs and spaces mixed
    depth, left = _depth_of(levels, indent)
    return depth == len(levels) or (depth >= 0 and left == 0)


def _fenced(levels: list[_Level], lines: list[str], at: int, end: int) -> int:
    """The line behind the fence that opens at `at` inside the last item, all of it indented like that; 0 when unsure."""
    text = lines[at].lstrip(" ")
    indent = lines[at][: len(lines[at]) - len(text)]
    opened = FENCE_OPEN.match(text) if indent else None
    if opened is None:
        return 0
    depth, left = _depth_of(levels, indent)
    if depth != len(levels) or left > 3:
        return 0
    mark = opened[1] or opened[2]
    for behind in range(at + 1, end):
        line = lines[behind]
        if not line.startswith(indent):
            if line:
                return 0
        elif mark in line:
            closed = FENCE_CLOSE.match(line, len(indent))
            if closed is not None and closed[1].startswith(mark):
                return behind + 1 if line[len(indent)] != " " else 0
    return 0


def _ends_list(line: str, gap: bool) -> bool:
    """Whether a line that is no item certainly ends the list above; `gap`: a blank line stands between."""
    if line[0] in " \t" or _NUMBER.match(line):
        return False  # a number and a dot count as columns, whatever follows: `1.5 million` may lie inside
    if gap or (line[0] == "#" and _BLOCK.match(line) is not None):
        return True
    if line.startswith(("```", "~~~")):
        return FENCE_OPEN.match(line) is not None
    return BREAK.match(line) is not None or (line.startswith("$$") and "$$" not in line[2:])


def _close(items: list[Item], levels: list[_Level], last: int) -> None:
    """Let the last item of each of these levels end on the line `last`."""
    for level in levels:
        if level.line < last:
            items[level.index] = items[level.index]._replace(end=last)
