"""Rows become a table, plain lines, JSON, CSV, TSV, Markdown, paths or ids: the only printer of note text.

Nothing a note holds can act: every text goes through `text.safe`, CSV cells that a spreadsheet would run are quoted,
Markdown and OSC-8 links are escaped.
"""

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from vaultindex.base.lazy_pattern import late
from vaultindex.base.text import one_line, safe

FORMATS = ("table", "plain", "json", "jsonl", "csv", "tsv", "md", "paths", "ids")

_MEASURED = 200  # rows that decide how wide the columns of a table are

_STYLES = {
    "dim": "2",
    "bold": "1",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


class Column(NamedTuple):
    """One column of a table: its heading, the text of a row, and how it yields when the terminal is narrow."""

    title: str
    text: Callable[[dict[str, Any]], str]
    grow: int = 0  # 0: as wide as its texts; more: shares what is left, in these parts
    style: Callable[[dict[str, Any]], str] | None = None
    link: Callable[[dict[str, Any]], str] | None = None
    right: bool = False
    most: int = 0  # as wide as its texts, but no wider than this


class Screen(NamedTuple):
    """Where the answer goes: a file, how wide it is, and whether it understands colour and links."""

    file: TextIO
    width: int
    colour: bool
    links: bool


def screen(file: TextIO | None = None) -> Screen:
    """The screen of standard output, honouring NO_COLOR, CLICOLOR_FORCE, COLUMNS and TERM."""
    out = file or sys.stdout
    terminal = out.isatty()
    forced = os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
    colour = (terminal or forced) and not os.environ.get("NO_COLOR") and (forced or os.environ.get("TERM") != "dumb")
    width = 0
    if terminal or os.environ.get("COLUMNS", "").isdigit():
        import shutil

        width = shutil.get_terminal_size().columns
    return Screen(out, width or 100, colour, terminal and colour)


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(int(wcswidth(text)), 0)


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, ended by an ellipsis when something is missing."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    if text.isascii() and text.isprintable():
        return text[: width - 1].rstrip() + "…"
    from wcwidth import wcwidth

    used, out = 0, []
    for char in text:
        w = max(int(wcwidth(char)), 0)
        if used + w > width - 1:
            break
        used += w
        out.append(char)
    return "".join(out).rstrip() + "…"


def paint(text: str, style: str, on: bool) -> str:
    """The text in a colour, when colour is on: styles are words such as 'red bold'."""
    if not on or not style or not text:
        return text
    codes = ";".join(_STYLES[s] for s in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def table(rows: Iterable[dict[str, Any]], columns: Sequence[Column], to: Screen, header: bool = True) -> Iterator[str]:
    """The lines of an aligned table that fits the screen. Empty columns are left out.

    The first rows decide the widths, so that they are shown before the last are read; only a column that has its first
    text further down makes the table anew from there.
    """
    left, widths = iter(rows), dict[int, int]()
    while some := list(itertools.islice(left, _MEASURED)):
        cells = [[one_line(c.text(row)) for c in columns] for row in some]
        used = [i for i in range(len(columns)) if i in widths or any(line[i] for line in cells)]
        if len(used) > len(widths):
            widths = _widths(cells, used, columns, to, header)
            if header:
                titles = [_pad(columns[i].title, widths[i], columns[i].right) for i in used]
                yield paint("  ".join(titles).rstrip(), "dim", to.colour)
        for row, line in zip(some, cells):
            yield _line(row, line, columns, widths, to)


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


def _line(row: dict[str, Any], cells: list[str], columns: Sequence[Column], widths: dict[int, int], to: Screen) -> str:
    parts = []
    for at, (i, width) in enumerate(widths.items(), 1):
        column, text = columns[i], cut(cells[i], width)
        shown = paint(text, column.style(row) if column.style else "", to.colour)
        if to.links and column.link and text:
            shown = f"\x1b]8;;{safe(column.link(row))}\x1b\\{shown}\x1b]8;;\x1b\\"
        gap = " " * (width - width_of(text))
        parts.append(gap + shown if column.right else shown if at == len(widths) else shown + gap)
    return "  ".join(parts).rstrip()


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


def plain(rows: Iterable[dict[str, Any]], columns: Sequence[Column]) -> Iterable[str]:
    """One line a row, tab-separated, nothing cut: for pipes."""
    shown = [c.text for c in columns]
    for row in rows:
        cells = [text(row) for text in shown]
        # What is printable as a whole needs no look at each cell.
        yield "\t".join(cells if "".join(cells).isprintable() else map(one_line, cells))


def markdown(rows: Iterable[dict[str, Any]], columns: Sequence[Column]) -> Iterable[str]:
    """A Markdown table; what would be markup in a cell is escaped."""
    yield "| " + " | ".join(c.title for c in columns) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        yield "| " + " | ".join(_escape_md(one_line(c.text(row))) for c in columns) + " |"


def _escape_md(text: str) -> str:
    for char in "\\|<>[]`":
        text = text.replace(char, "\\" + char)
    return text


def delimited(rows: Iterable[dict[str, Any]], fields: Sequence[str], tabs: bool, raw: bool = False) -> Iterable[str]:
    """CSV or TSV lines with a header. A cell that a spreadsheet would run as a formula gets a leading apostrophe
    (unless `raw`); a list becomes its items joined by '; '."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t" if tabs else ",", lineterminator="\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_cell(row.get(f), raw, tabs) for f in fields])
        yield buffer.getvalue().rstrip("\n")
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().rstrip("\n")


def _cell(value: Any, raw: bool, tabs: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    text = one_line(text) if tabs else safe(text)
    if not raw and isinstance(value, (str, list)) and text.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r") and text:
        return "'" + text
    return text


def as_json(rows: Iterable[dict[str, Any]], fields: Sequence[str] | None, lines: bool) -> Iterable[str]:
    """The lines of a JSON array of objects, or JSON lines (one object each). `fields` limits and orders the keys."""
    import json

    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    if fields is not None:
        rows = ({f: row.get(f) for f in fields} for row in rows)
    if lines:
        for row in rows:
            yield _json_safe(encode(row))
        return
    # Many rows in one call: the encoder's own start costs as much as a row.
    some, lead = iter(rows), "["
    while batch := list(itertools.islice(some, 100)):
        yield lead + _json_safe(encode(batch)[1:-1])
        lead = ","
    yield "[]" if lead == "[" else "]"


def json_pieces(texts: Iterable[bytes], lines: bool) -> Iterator[bytes]:
    """What `as_json` gives for these objects, each of which is JSON already, in pieces of UTF-8."""
    some, lead = iter(texts), b"["
    while batch := list(itertools.islice(some, 100)):
        if lines:
            yield _bytes_safe(b"\n".join(batch)) + b"\n"
        else:
            yield lead + _bytes_safe(b", ".join(batch)) + b"\n"
            lead = b","
    if not lines:
        yield b"[]\n" if lead == b"[" else b"]\n"


def json_list(texts: Iterable[bytes]) -> Iterator[bytes]:
    """A JSON list of these objects, each of which is JSON already, on one line in pieces of UTF-8."""
    some, lead = iter(texts), b"["
    while batch := list(itertools.islice(some, 100)):
        yield lead + _bytes_safe(b", ".join(batch))
        lead = b", "
    yield b"[]" if lead == b"[" else b"]"


def json_text(value: Any) -> str:
    """One JSON document on one line, with every character that a terminal obeys escaped."""
    import json

    return _json_safe(json.dumps(value, ensure_ascii=False))


def _json_safe(text: str) -> str:
    # JSON escapes C0; the rest that a terminal obeys (C1, bidi) is escaped the JSON way too.
    if text.isascii():
        return text
    shown = safe(text)
    if shown == text:
        return text
    return "".join(c if safe(c) == c else f"\\u{ord(c):04x}" for c in text)


# The same characters in UTF-8 (text.safe; JSON has escaped C0), by their first byte: it is found in no time.
_UNSAFE = {
    b"\x7f": late(rb"\x7f"),
    b"\xc2": late(rb"\xc2[\x80-\x9f]"),
    b"\xd8": late(rb"\xd8\x9c"),
    b"\xe2": late(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"),
    b"\xef": late(rb"\xef\xbb\xbf"),
}


def _bytes_safe(text: bytes) -> bytes:
    for first, pattern in _UNSAFE.items():
        if first in text:
            text = pattern.sub(lambda found: b"\\u%04x" % ord(found.group().decode()), text)
    return text


def name_of(row: dict[str, Any]) -> str:
    """A note's name as links write it."""
    path = str(row["path"])
    return path[path.rfind("/") + 1 : -3] if path.endswith(".md") else path


def place(row: dict[str, Any]) -> str:
    """`path:line`, which editors and terminals open."""
    return f"{row['path']}:{row['line']}"


def obsidian_link(vault: str, path: str) -> str:
    """The `obsidian://` address of a note: every reserved character percent-encoded."""
    from urllib.parse import quote

    name = os.path.basename(vault)
    return f"obsidian://open?vault={quote(name, safe='')}&file={quote(path, safe='')}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """'1 task', '2,013 notes'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
