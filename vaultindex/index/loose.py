"""Which action items without a box are still proposals, and whose: what depends on more than their own note.

They were rejected (as `state.db` remembers), or their note is older than the index by so much that nobody waits for an
answer: neither is proposed. A name that the note itself does not explain is a person when the vault has a note of one.
"""

from __future__ import annotations

import datetime
import json
import os
import sqlite3
from collections.abc import Iterable

from vaultindex.base.ids import note_sources, text_key

OLD = 60  # days by which a note is older than the first index when its items are no proposals any more
_PROPOSED, _CANCELLED, _OTHER = 0, 3, 4  # of STATES

Rejected = frozenset[tuple[str, str]]  # (name of the note, key of the text)


def rejected(state_file: str) -> Rejected:
    """What was rejected, as the state of the vault remembers it; nothing when there is none, or none that can be read."""
    if not os.path.exists(state_file):
        return frozenset()
    try:
        conn = sqlite3.connect(state_file, timeout=5)
        try:
            return frozenset(conn.execute("SELECT source, key FROM verdicts WHERE verdict = 'rejected'"))
        finally:
            conn.close()
    except sqlite3.Error:
        return frozenset()  # the journal itself says what is wrong with it


def settle(conn: sqlite3.Connection, notes: Iterable[int] | None, state_file: str, since: str) -> None:
    """Set the state of the items without a box in these notes (None: all). `since`: the day of the first index."""
    sql = """SELECT t.rowid, t.standing, t.text, n.path, n.title, n.date, n.source_ref, f.mtime_ns FROM tasks t
 JOIN notes n ON n.id = t.note JOIN files f ON f.id = t.note WHERE t.way > 0 AND t.standing IN (0, 3, 4)"""
    if notes is None:
        rows = conn.execute(sql).fetchall()
    else:
        rows = [row for note in notes for row in conn.execute(sql + " AND t.note = ?", (note,))]
    if not rows:
        return
    no = rejected(state_file)
    first = (datetime.date.fromisoformat(since) - datetime.timedelta(OLD)).isoformat()
    changed = []
    for rowid, standing, text, path, title, date, source_ref, mtime in rows:
        key = text_key(text)
        if no and any((source, key) in no for source in note_sources(path, title, date, source_ref)):
            state = _CANCELLED
        else:
            day = date or datetime.datetime.fromtimestamp(mtime / 1e9, datetime.UTC).date().isoformat()
            state = _OTHER if day < first else _PROPOSED
        if state != standing:
            changed.append((state, rowid))
    conn.executemany("UPDATE tasks SET standing = ? WHERE rowid = ?", changed)


def settle_owners(conn: sqlite3.Connection, notes: Iterable[int] | None, keys: Iterable[str]) -> None:
    """Give the items that name somebody whom only the vault knows their owner: in these notes (None: all), and wherever
    one of these folded names stands, since a person of that name has come or gone."""
    sql = """SELECT t.rowid, t.claim_key, t.claim, t.text, t.person_key,
 EXISTS (SELECT 1 FROM names x WHERE x.kind = 'person' AND x.key = t.claim_key) FROM tasks t WHERE t.claim_key IS NOT NULL"""
    if notes is None:
        rows = conn.execute(sql).fetchall()
    else:
        rows = [row for note in notes for row in conn.execute(sql + " AND t.note = ?", (note,))]
        rows += [row for key in keys for row in conn.execute(sql + " AND t.claim_key = ?", (key,))]
    changed = []
    for rowid, key, claim, text, person_key, known in rows:
        name, then, otherwise = json.loads(claim)
        wanted = (then, key) if known else (otherwise, None)
        if wanted != (text, person_key):
            changed.append((wanted[0], name if known else None, wanted[1], rowid))
    conn.executemany(
        "UPDATE tasks SET text = ?, written = NULL, written_key = NULL, owner_person = ?, person_key = ? WHERE rowid = ?",
        changed,
    )
