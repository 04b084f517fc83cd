"""The properties of the notes, flattened: `account: Contoso`, `rel.0: [[Dana]]`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from vaultindex.extract import Source

INDEX = ("key",)
_DEPTH, _NODES = 16, 2000  # reliability.md section 2.6: what a hostile note may cost


class Row(NamedTuple):
    line: int
    key: str  # dotted path, list items by index
    value: str | None
    type: str  # text, number, checkbox, empty


def extract(source: Source) -> Iterable[Row]:
    """One row a scalar value."""
    note = source.note
    rows: list[Row] = []
    for key, value in note.properties.items():
        _flatten(rows, key, value, note.property_lines.get(key, 1), 0)
        if len(rows) >= _NODES:
            break
    return rows


def _flatten(rows: list[Row], key: str, value: Any, line: int, depth: int) -> None:
    if len(rows) >= _NODES or depth > _DEPTH:
        return
    if isinstance(value, str):
        rows.append(Row(line, key, value, "text"))
    elif value is None:
        rows.append(Row(line, key, None, "empty"))
    elif isinstance(value, bool):
        rows.append(Row(line, key, "true" if value else "false", "checkbox"))
    elif isinstance(value, dict):
        for k, v in value.items():
            _flatten(rows, f"{key}.{k}", v, line, depth + 1)
    elif isinstance(value, list):
        for i, v in enumerate(value):
            _flatten(rows, f"{key}.{i}", v, line, depth + 1)
    else:
        rows.append(Row(line, key, str(value), "number"))
