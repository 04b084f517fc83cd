"""One line a row in a person's own words: '{due} {text:<40.40} {account}'.

Fields in braces, as in Python's formatted text but safer: only names of the answer's fields, no attributes, no indexes, no
conversions. Behind a colon: `<`, `>` or `^` and a width, `.N` to cut, or for a date what `strftime` knows (`{due:%d %b}`).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from string import Formatter
from typing import Any

from vaultindex.base.errors import UsageError
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import did_you_mean, one_line
from vaultindex.render.table import cut, width_of

_SHAPE = lazy_pattern(r"([<>^]?)(\d{0,3})(?:\.(\d{1,3}))?\Z")
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\\\": "\\"}
_ESCAPE = lazy_pattern(r"\\[tn\\]")
Row = dict[str, Any]


class Template:
    """A template that was checked: `fields` are those it needs."""

    def __init__(self, text: str, known: Sequence[str]) -> None:
        """Raises UsageError that names the field or the shape that cannot be."""
        self.fields: list[str] = []
        self._parts: list[Callable[[Row], str]] = []
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise UsageError(f"--template: {str(error).lower()}; a brace itself is written {{{{ or }}}}") from error
        for literal, field, shape, conversion in parts:
            if literal:
                shown = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], literal)
                self._parts.append(lambda row, shown=shown: shown)  # type: ignore[misc]
            if field is None:
                continue
            if field not in known:
                hint = did_you_mean(field, list(known))
                raise UsageError(f"--template: no field {field!r}.{hint} Fields: {', '.join(known)}")
            if conversion:
                raise UsageError(
                    f"--template: {{{field}!{conversion}}} has a conversion: only {{{field}:shape}} is known"
                )
            self.fields.append(field)
            self._parts.append(_part(field, shape or ""))

    def lines(self, rows: Iterable[Row]) -> Iterable[str]:
        """The text of each row."""
        for row in rows:
            yield "".join(part(row) for part in self._parts)


def _part(field: str, shape: str) -> Callable[[Row], str]:
    if "%" in shape:
        return lambda row: _day(row.get(field), shape)
    found = _SHAPE.match(shape)
    if found is None:
        raise UsageError(
            f"--template: {{{field}:{shape}}} has an unknown shape: <20, >6, ^9, .30 (cut), <20.20, or %d %b for a date"
        )
    side, width, most = found[1] or "<", int(found[2] or 0), int(found[3] or 0)

    def shown(row: Row) -> str:
        text = one_line(_text(row.get(field)))
        text = cut(text, most) if most else text
        gap = max(width - width_of(text), 0)
        left = gap if side == ">" else gap // 2 if side == "^" else 0
        return " " * left + text + " " * (gap - left)

    return shown


def _text(value: Any) -> str:
    """A value in a line: nothing for null, a list by semicolons, yes or no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return str(value)


def _day(value: Any, shape: str) -> str:
    try:
        return datetime.date.fromisoformat(str(value)[:10]).strftime(shape)
    except ValueError:  # no date, or one that no calendar has: as it stands
        return one_line(_text(value))
