"""Numbers as pictures: bars and sparklines of block characters for a terminal, a bar chart as an SVG that stands alone."""

from collections.abc import Sequence
from typing import NamedTuple

_EIGHTHS = " ▏▎▍▌▋▊▉█"  # U+258F .. U+2588
_HEIGHTS = "▁▂▃▄▅▆▇█"


def bar(value: float, largest: float, width: int) -> str:
    """A bar of at most `width` characters, in eighths of one; what is more than nothing is at least an eighth."""
    if value <= 0 or largest <= 0 or width < 1:
        return ""
    eighths = max(round(min(value / largest, 1.0) * width * 8), 1)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def sparkline(values: Sequence[float]) -> str:
    """One character a value, from the lowest for 0 to the highest for the largest."""
    largest = max(values, default=0)
    if largest <= 0:
        return _HEIGHTS[0] * len(values)
    return "".join(_HEIGHTS[min(round(value / largest * 7), 7)] if value > 0 else _HEIGHTS[0] for value in values)


class Bar(NamedTuple):
    """One row of a chart: its name, two numbers (the second is drawn paler), and what else its table says."""

    name: str
    value: int
    second: int
    more: tuple[str, ...] = ()


_ROW, _LABEL, _BAR, _CELL, _TOP = 22, 150, 300, 62, 44


def chart(title: str, description: str, heads: Sequence[str], bars: Sequence[Bar]) -> str:
    """A bar chart with its table as an SVG document: no script, no font, no colour of its own (`currentColor`).

    `heads` name the columns: the rows, the two numbers, then each of `Bar.more`. The numbers stand beside the bars as
    text in rows of a table, so that whoever does not see the picture reads the same.
    """
    largest = max((max(one.value, one.second) for one in bars), default=0) or 1
    width = _LABEL + _BAR + _CELL * (len(heads) - 1) + 16
    height = _TOP + 20 + _ROW * len(bars) + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' aria-labelledby="title desc" fill="currentColor" font-family="system-ui, sans-serif" font-size="13">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f'<text x="8" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
        '<g role="table">',
        f'<g role="row" opacity="0.6">{_text(8, _TOP + 8, heads[0], "columnheader")}'
        + "".join(_text(_cell(n), _TOP + 8, head, "columnheader", True) for n, head in enumerate(heads[1:]))
        + "</g>",
    ]
    for number, one in enumerate(bars):
        y = _TOP + 30 + _ROW * number
        out.append(f'<g role="row">{_text(8, y, _short(one.name), "rowheader")}')
        for value, top, opacity in ((one.value, y - 11, "0.85"), (one.second, y - 4, "0.4")):
            if value > 0:
                wide = f"{value / largest * (_BAR - 10):.1f}"
                out.append(f'<rect x="{_LABEL}" y="{top}" width="{wide}" height="6" opacity="{opacity}"/>')
        cells = (str(one.value), str(one.second), *one.more)
        out.append("".join(_text(_cell(n), y, cell, "cell", True) for n, cell in enumerate(cells)) + "</g>")
    return "\n".join([*out, "</g>", "</svg>"])


def _cell(number: int) -> int:
    """Where the right edge of a column of numbers is."""
    return _LABEL + _BAR + _CELL * (number + 1)


def _text(x: int, y: int, text: str, role: str, right: bool = False) -> str:
    anchor = ' text-anchor="end"' if right else ""
    return f'<text x="{x}" y="{y}" role="{role}"{anchor}>{escape(text)}</text>'


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def escape(text: str) -> str:
    """The text as XML takes it: marks escaped, characters that no XML may hold left out."""
    kept = "".join(
        c
        for c in text
        if c in "\t\n"
        or " " <= c < "\x7f"
        or (c > "\x9f" and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
