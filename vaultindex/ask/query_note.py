"""The note that a query stands in, for its placeholders and TQ_ properties."""

from __future__ import annotations

import json
import sqlite3

from vaultindex.ask import names
from vaultindex.base.errors import UnknownName
from vaultindex.query.language.lines import QueryNote


def place(conn: sqlite3.Connection, note: str) -> tuple[QueryNote, str]:
    """(the note, its text) for a name or path; a path of a note that is not written yet will do. Raises UnknownName."""
    try:
        identity, path = names.note(conn, note)
    except UnknownName:
        if not note.endswith(".md"):
            raise
        return QueryNote(note), ""
    sql = "SELECT plain(b.body), n.properties FROM bodies b JOIN notes n ON n.id = b.id WHERE n.id = ?"
    body, properties = conn.execute(sql, (identity,)).fetchone()
    links = conn.execute("SELECT linkpath FROM links WHERE note = ? ORDER BY line, col", (identity,))
    return QueryNote(path, json.loads(properties), tuple(row[0] for row in links)), body
