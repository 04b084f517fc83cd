"""Decisions that a later one says it supersedes: `supersedes [[2025-09-01 Call]]` in its words, or as a record's property."""

from __future__ import annotations

import json
import sqlite3

from vaultindex.ask.tasks.similar import likeness, words
from vaultindex.ask.where import LEFT_OUT


def replaced(conn: sqlite3.Connection, as_of: str | None = None) -> dict[int, str]:
    """Rowid of a decision -> the id of the one that says it supersedes it, by `as_of` (a date) when that is given.

    The link names a note: its one decision is meant; of several the one at the link's `^block` or heading, else the one with
    nearly the same words. When that leaves several or none, none is meant.
    """
    sql = f"""SELECT d.id, d.note, d.text, d.supersedes FROM decisions d WHERE d.supersedes IS NOT NULL
 AND +d.note NOT IN {LEFT_OUT} AND (?1 IS NULL OR +d.date <= ?1) ORDER BY +d.date, d.id"""  # ("+": few decisions say so)
    found: dict[int, str] = {}
    for identity, note, text, links in conn.execute(sql, (as_of,)).fetchall():
        for path, subpath in json.loads(links):
            target = conn.execute(
                "SELECT target FROM links WHERE note = ? AND linkpath = ? AND target IS NOT NULL LIMIT 1", (note, path)
            ).fetchone()
            if target is not None:
                found.update(dict.fromkeys(_meant(conn, target[0], subpath, text, identity), identity))
    return found


def _meant(conn: sqlite3.Connection, note: int, subpath: str, text: str, by: str) -> list[int]:
    sql = "SELECT rowid, line, text, heading FROM decisions WHERE note = ? AND id <> ?"
    some = conn.execute(sql, (note, by)).fetchall()
    if subpath.startswith("#^"):
        from vaultindex.base.packed_text import unpack

        lines = unpack(conn.execute("SELECT body FROM bodies WHERE id = ?", (note,)).fetchone()[0]).split("\n")
        some = [row for row in some if lines[row[1] - 1].rstrip().endswith(f" {subpath[1:]}")]
    elif subpath:
        some = [row for row in some if row[3] == subpath.rpartition("#")[2]]
    if len(some) > 1:
        some = [row for row in some if likeness(words(text), words(row[2]), True)]
    return [row[0] for row in some] if len(some) == 1 else []
