"""Tables for a terminal: columns of the right width, colours, links; wide and right-to-left characters stay intact."""

import contextlib
import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold, one_line, safe

_MEASURED = 200  # rows that decide how wide the columns of a table are
# The code of each colour; a person's settings change them (`use_colours`).
_STYLES = {
    "dim": "2", "bold": "1", "underline": "4", "red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36",
}  # fmt: skip


class Column(NamedTuple):
    """One column of a table: its heading, the text of a row, and how it yields when the terminal is narrow."""

    title: str
    text: Callable[[dict[str, Any]], str]
    grow: int = 0  # 0: as wide as its texts; more: shares what is left, in these parts
    style: Callable[[dict[str, Any]], str] | None = None
    link: Callable[[dict[str, Any]], str] | None = None
    right: bool = False
    most: int = 0  # as wide as its texts, but no wider than this
    marked: Sequence[str] = ()  # folded words that are marked where they stand
    lines: int = 1  # in how many lines a text may be broken, between words, before it is cut


class Screen(NamedTuple):
    """The output: a file, its width in columns, and whether it understands colour and links."""

    file: TextIO
    width: int
    colour: bool
    links: bool


def terminal_size() -> os.terminal_size:
    """Columns and lines as COLUMNS and LINES say, else of the terminal, else 80 and 24 (as `shutil`, which imports archives)."""
    given = [int(said) if (said := os.environ.get(name, "")).isdecimal() else 0 for name in ("COLUMNS", "LINES")]
    there = os.terminal_size((80, 24))
    if not all(given) and sys.__stdout__ is not None:
        with contextlib.suppress(OSError, ValueError):  # no terminal
            there = os.get_terminal_size(sys.__stdout__.fileno())
    return os.terminal_size((given[0] or there.columns or 80, given[1] or there.lines or 24))


def screen(file: TextIO | None = None) -> Screen:
    """The screen of standard output, honouring NO_COLOR, CLICOLOR_FORCE, COLUMNS and TERM."""
    out = file or sys.stdout
    terminal = out.isatty()
    forced = os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
    colour = (terminal or forced) and not os.environ.get("NO_COLOR") and (forced or os.environ.get("TERM") != "dumb")
    width = 0
    if terminal or os.environ.get("COLUMNS", "").isdigit():
        width = terminal_size().columns
    return Screen(out, width or 100, colour, terminal and colour)


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    odd = _ODD.findall(text)
    widths = list(map(_width_of_one, odd))
    if None not in widths:
        return len(text) + widths.count(2)
    from wcwidth import wcswidth

    return max(int(wcswidth(text)), 0)


# Characters whose width needs no tables: letters of some scripts, punctuation, lines and blocks, the signs of tasks, most
# pictures. wcwidth knows all others, and takes as long to import as a small answer takes. A test holds these equal to it,
# one by one. (First and last of each range, and no pattern: a class of so many characters takes longer to compile than the
# rest of a short list to print.)
_WIDE_ONES = (
    "\u3001\u3029", "\u3041\u3096", "\u30a1\u30ff", "\u4e00\u9fff", "\uac00\ud7a3", "\uff01\uff5e",
    "🌷🍼", "🍾🎓", "🎠🏊", "🐀🐾", "👂📼", "📿🔽", "🗻🙏", "🚀🛅", "🥇🧿", *"⏫⏬⏳🛫➕✅❌⛔⭐✨❓❗⚡⏰",
)  # fmt: skip
_NARROW_ONES = (
    "\u00a1\u00ac", "\u00ae\u02ff", "\u0370\u0373", "\u0384\u0482", "\u048a\u052f", "\u05d0\u05ea", "\u0620\u064a",
    "\u1e00\u1eff", "\u2010\u2027", "\u2030\u205e", "\u20a0\u20bf", "\u2190\u21ff", "\u2500\u259f",
)  # fmt: skip
_WORD = lazy_pattern(" *[^ ]+")
_ODD = lazy_pattern("[^ -~]")


@lru_cache(maxsize=4096)
def _width_of_one(odd: str) -> int | None:
    """The columns of a character that is not printable ASCII; None where it takes more to know."""
    for width, ranges in ((1, _NARROW_ONES), (2, _WIDE_ONES)):
        if any(some[0] <= odd <= some[-1] for some in ranges):
            return width
    return None


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, ended by an ellipsis when something is missing."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    if text.isascii() and text.isprintable():
        kept = text[: width - 1]
    else:
        used, at = 0, 0
        for char in text:
            w = width_of(char)
            if used + w > width - 1:
                break
            used += w
            at += 1
        kept = text[:at]
    if not text[len(kept)].isspace() and " " in kept.strip():
        kept = kept[: kept.rindex(" ")]  # no word is broken inside, unless it is the first
    return kept.rstrip() + "…"


def wrap(text: str, width: int, most: int) -> list[str]:
    """The text in at most `most` lines of `width` columns, broken between words; the last one is cut when it is not enough."""
    lines: list[str] = []
    left = text
    while len(lines) < most - 1 and width_of(left) > width:
        at, used = 0, 0
        if left.isascii():
            at = left.rfind(" ", 0, width + 1)
        else:
            for end in [i for i, char in enumerate(left) if char == " "]:
                used += width_of(left[at:end])
                if used > width:
                    break
                at = end
        if at <= 0:
            break  # one long word, or a script without spaces
        lines.append(left[:at].rstrip())
        left = left[at:].lstrip()
    return [*lines, cut(left, width)]


def use_colours(values: Mapping[str, str], source: str) -> None:
    """Show the parts of `colours.PARTS` as they are chosen, the others by default. Raises UsageError."""
    from vaultindex.render.colours import chosen

    _STYLES.update(chosen(values, source))


def folded(text: str, to: Screen, indent: str = "  ") -> list[str]:
    """A sentence in lines that a terminal shows whole, broken between words; as it is where no terminal reads it.

    Nothing is left out: a word that is longer than the line stands in a line of its own.
    """
    if not to.file.isatty() or width_of(text) <= to.width:
        return [text]
    lines, line = [], ""
    for word in _WORD.findall(text):  # with the spaces in front of it
        if line.strip() and width_of(line + word) > to.width:
            lines.append(line)
            word = indent + word.lstrip(" ")
            line = ""
        line += word
    return [*lines, line]


def paint(text: str, style: str, on: bool) -> str:
    """The text in a colour, when colour is on: styles are words such as 'red bold'."""
    if not on or not style or not text:
        return text
    codes = ";".join(filter(None, (_STYLES[s] for s in style.split())))
    if not codes:
        return text
    return f"\x1b[{codes}m{text}\x1b[0m"


def mark(text: str, words: Sequence[str]) -> str:
    """The text with these folded words in the colour of a match, whatever their case and accents are."""
    spans = found_words(text, words)
    for start, end in reversed(spans):
        text = text[:start] + paint(text[start:end], "underline", True) + text[end:]
    return text


def found_words(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where these folded words stand in a text: (start, end), in order, none inside another."""
    folded_text, places = "", list[int]()
    for at, char in enumerate(text):
        key = fold(char) or char
        folded_text += key
        places += [at] * len(key)
    places.append(len(text))
    found: list[tuple[int, int]] = []
    for word in words:
        at = folded_text.find(word) if word else -1
        while at >= 0:
            found.append((places[at], places[at + len(word) - 1] + 1))
            at = folded_text.find(word, at + len(word))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def aligned(
    rows: Iterable[dict[str, Any]], columns: Sequence[Column], to: Screen, header: bool = True
) -> Iterator[str]:
    """The lines of an aligned table that fits the screen. Empty columns are left out.

    The first rows decide the widths, so that they are shown before the last are read; only a column that has its first
    text further down makes the table anew from there.
    """
    for lines in row_lines(rows, columns, to, header):
        yield from lines


def row_lines(
    rows: Iterable[dict[str, Any]], columns: Sequence[Column], to: Screen, header: bool = False
) -> Iterator[list[str]]:
    """The same, the lines of each row together (the line of headings with those of the row below it)."""
    left, widths = iter(rows), dict[int, int]()
    while some := list(itertools.islice(left, _MEASURED)):
        cells = [[one_line(c.text(row)) for c in columns] for row in some]
        used = [i for i in range(len(columns)) if i in widths or any(line[i] for line in cells)]
        above: list[str] = []
        if len(used) > len(widths):
            widths = _widths(cells, used, columns, to, header)
            if header:
                titles = [_pad(columns[i].title, widths[i], columns[i].right) for i in used]
                above = [paint("  ".join(titles).rstrip(), "dim", to.colour)]
        for row, line in zip(some, cells):
            yield [*above, *_lines(row, line, columns, widths, to)]
            above = []


def grouped(
    groups: Iterable[tuple[Sequence[tuple[int, str]], Sequence[dict[str, Any]]]], columns: Sequence[Column], to: Screen
) -> Iterator[str]:
    """Rows under headings (level from 0, text), the last of which says how many rows it has; all columns aligned alike."""
    some = list(groups)
    lines = row_lines([row for _, rows in some for row in rows], columns, to)
    for number, (headings, rows) in enumerate(some):
        if number and headings:
            yield ""
        for level, text in headings:
            told = f" ({len(rows):,})" if (level, text) == headings[-1] else ""
            yield "  " * level + paint(f"{one_line(text)}{told}", "bold", to.colour)
        for _, found in zip(rows, lines):
            yield from found


def _widths(
    cells: list[list[str]], used: list[int], columns: Sequence[Column], to: Screen, header: bool
) -> dict[int, int]:
    """How wide each used column is, so that all of them fit the screen."""
    widths = {i: max(width_of(line[i]) for line in cells) for i in used}
    for i in used:
        if header:
            widths[i] = max(widths[i], width_of(columns[i].title))
        if columns[i].most:
            widths[i] = min(widths[i], columns[i].most)
    room = to.width - 2 * (len(used) - 1)
    growing = [i for i in used if columns[i].grow]
    spare = room - sum(widths[i] for i in used if not columns[i].grow)
    _share(widths, growing, [columns[i].grow for i in growing], max(spare, 8 * len(growing)))
    return widths


def _lines(
    row: dict[str, Any], cells: list[str], columns: Sequence[Column], widths: dict[int, int], to: Screen
) -> Iterator[str]:
    """The line of a row, and more below it where a column breaks its text."""
    broken = {i: wrap(cells[i], widths[i], columns[i].lines) if columns[i].lines > 1 else [] for i in widths}
    for number in range(max(1, *(len(lines) for lines in broken.values()))):
        parts = []
        for at, (i, width) in enumerate(widths.items(), 1):
            column = columns[i]
            some = broken[i] or [cut(cells[i], width)]
            text = some[number] if number < len(some) else ""
            shown = paint(text, column.style(row) if column.style else "", to.colour)
            if column.marked and to.colour:
                shown = mark(text, column.marked)
            if to.links and column.link and text:
                shown = f"\x1b]8;;{safe(column.link(row))}\x1b\\{shown}\x1b]8;;\x1b\\"
            gap = " " * (width - width_of(text))
            parts.append(gap + shown if column.right else shown if at == len(widths) else shown + gap)
        yield "  ".join(parts).rstrip()


def _pad(text: str, width: int, right: bool) -> str:
    gap = " " * max(width - width_of(text), 0)
    return gap + text if right else text + gap


def _share(widths: dict[int, int], growing: list[int], parts: list[int], room: int) -> None:
    """Fit the growing columns into the room: each takes what it needs up to its part, the rest goes to the others."""
    left, pending = room, dict(zip(growing, parts))
    while pending:
        total = sum(pending.values())
        small = [i for i, p in pending.items() if widths[i] <= left * p // total]
        if not small:
            for i, p in pending.items():
                widths[i] = max(left * p // total, 1)
            return
        for i in small:
            left -= widths[i]
            del pending[i]
