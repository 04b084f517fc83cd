"""Words that many answers share: the name of a note, `path:line`, '3 notes'."""

import os
from typing import Any


def name_of(row: dict[str, Any]) -> str:
    """The name of a note as links write it."""
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
