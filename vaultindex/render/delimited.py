"""Rows as tab-separated lines, CSV, TSV and Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any

from vaultindex.base.text import one_line, safe
from vaultindex.render.table import Column


def plain(rows: Iterable[dict[str, Any]], columns: Sequence[Column]) -> Iterable[str]:
    """One line a row, tab-separated, nothing cut: for pipes."""
    shown = [c.text for c in columns]
    for row in rows:
        cells = [text(row) for text in shown]
        # When the whole row is printable, its cells need no check one by one.
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
    """CSV or TSV lines with a header. A cell that a spreadsheet would run gets a leading apostrophe (unless `raw`); a list
    becomes its items joined by '; '."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t" if tabs else ",", lineterminator="\n")
    writer.writerow([_cell(f, raw, tabs) for f in fields])
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
    return "'" + text if not raw and isinstance(value, (str, list, tuple)) and _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet would run this cell: a sign first, whatever blanks and invisible characters stand before it.

    Full-width signs count: some take them for the plain ones. A list item ('- call', '+ call') is text: a formula has no
    blank behind its sign.
    """
    first = text[:1]
    if first in ("\t", "\r", "\n"):
        return True
    rest = text.lstrip().lstrip(_INVISIBLE)
    sign = _FULL_WIDTH.get(rest[:1], rest[:1])
    return sign in ("=", "@") or (sign in ("+", "-") and rest[1:2] not in ("", " "))


_FULL_WIDTH = dict(zip("＝＋－＠﹢﹣﹦﹫", "=+-@+-=@"))
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u3164 \t\u00a0"
