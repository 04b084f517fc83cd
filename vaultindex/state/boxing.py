"""What becomes of an action item without a box that is accepted: a task in the vault's own format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vaultindex.base.errors import ChangedError
from vaultindex.tasks import change_field
from vaultindex.tasks.plugin_settings import TaskSettings

_MARKER = re.compile(r"([ \t>]*)([-*+]|\d+[.)])[ \t]+")
_QUOTE = re.compile(r"[ \t>]*")
_TASK = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[.\]")


def boxed(row: Mapping[str, Any], settings: TaskSettings) -> str:
    """The item's line as a proposal that the Tasks plugin reads: its text, its owner and its due date."""
    raw = row["raw"]
    match = _MARKER.match(raw)
    if row["origin"] == "table":
        front = "- "
    elif match:
        front = match[0]
    else:
        quote = _QUOTE.match(raw)
        front = f"{quote[0] if quote else ''}- "
    text = " ".join(str(row["text"]).split())
    if settings.global_filter and settings.global_filter not in text:
        text = f"{text} {settings.global_filter}"
    line = f"{front}[?] {text}"
    owner = row["owner_person"] or row["owner"]
    if owner:
        line = change_field.set_owner(line, str(owner), settings)
    if row["due"]:
        line = change_field.set_field(line, "due", str(row["due"]), settings)
    if row["priority"] != "none":
        line = change_field.set_field(line, "priority", str(row["priority"]), settings)
    return line


def below_table(lines: list[str], line: int, raw: str) -> tuple[int, bool]:
    """(1-based line, whether tasks stand there already) behind which a task from this row of a table is put.

    Raises ChangedError when the row is not there any more.
    """
    if not 1 <= line <= len(lines) or lines[line - 1] != raw:
        raise ChangedError(f"line {line} changed on disk since it was read")
    end = line
    while end < len(lines) and "|" in lines[end]:
        end += 1
    after = end
    while after < len(lines) and not lines[after].strip():
        after += 1
    if after < len(lines) and _TASK.match(lines[after]):
        while after < len(lines) and _TASK.match(lines[after]):
            after += 1
        return after, True
    return end, False
