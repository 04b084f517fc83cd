"""Where a task came from: the best-matching lines of the note's source when it lies in the vault, else the note itself."""

from __future__ import annotations

import sqlite3
from typing import Any

from vaultindex.ask.tasks.similar import words
from vaultindex.extract.rows import read_text
from vaultindex.vault import disk

_MOST = 3


def quote(root: str, conn: sqlite3.Connection, row: dict[str, Any]) -> list[str]:
    """Lines to show for a task: source lines with their numbers, or the lines around the task. Never outside the vault."""
    found = conn.execute("SELECT source_ref FROM notes WHERE path = ?", (row["path"],)).fetchone()
    ref = found[0] if found else None
    path = _source(conn, ref) if ref else None
    if path is not None:
        lines = _lines(root, conn, path)
        wanted = words(row["text"])
        ranked = sorted(range(len(lines)), key=lambda i: (-len(words(lines[i]) & wanted), i))
        best = sorted(i for i in ranked[:_MOST] if len(words(lines[i]) & wanted) > 1)
        if best:
            return [f"  source {path}", *(f"  {i + 1:>5}  {lines[i].strip()}" for i in best)]
        return [f"  not found in the source {path}"]
    lines = _lines(root, conn, row["path"])
    at = row["line"] - 1
    shown = range(max(at - 3, 0), min(at + 4, len(lines)))
    head = (
        f"  the source {ref} is not in the vault; the note itself:" if ref else "  no source is named; the note itself:"
    )
    return [head, *(f"  {i + 1:>5}{'>' if i == at else ' '} {lines[i].rstrip()}" for i in shown)]


def _source(conn: sqlite3.Connection, ref: str) -> str | None:
    """The note that a reference names, by path or by name alone."""
    name = ref.strip().removeprefix("[[").removesuffix("]]").split("|")[0].replace("\\", "/")
    tail = name.rsplit("/", 1)[-1]
    sql = "SELECT path FROM notes WHERE path IN (?1, ?1 || '.md') OR filename IN (?2, ?2 || '.md') ORDER BY path NOT IN (?1, ?1 || '.md')"
    row = conn.execute(sql, (name, tail)).fetchone()
    return str(row[0]) if row else None


def _lines(root: str, conn: sqlite3.Connection, path: str) -> list[str]:
    try:
        data, _ = disk.read(root, path)
    except (OSError, disk.Unsettled):
        data = None
    return read_text(data or b"", path)[0].split("\n")
