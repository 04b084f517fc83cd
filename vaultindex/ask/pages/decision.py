"""A decision and its thread: the meeting, who was there, what was born there, and earlier and later ones on the same subject."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from vaultindex.ask.replaced import replaced
from vaultindex.ask.tasks.sides import Asker
from vaultindex.ask.tasks.similar import likeness, words
from vaultindex.base.errors import UnknownName

Row = dict[str, Any]


def decision(asker: Asker, identity: str) -> dict[str, Any]:
    """The decision with this id (or the beginning of one), or `path:line`. Raises UnknownName.

    {id, path, line, text, date, account, participants, ..., as `vi decisions` has it; tasks: those of the same note;
    earlier, later: decisions of the account on the same subject, oldest first, each with `why` (supersedes, alike, words,
    link). A later one may replace it: nothing is superseded unless a note says so (`status`).}
    """
    from vaultindex.ask import rows as listed

    path, line, key = _place(asker.conn, identity)
    here = listed.rows(asker.conn, "decisions", note=path, excluded=True)
    one = next(row for row in here if row["line"] == line and row["id"] == key)
    if one["account"]:
        every = listed.rows(asker.conn, "decisions", account=one["account"])
    else:
        every = [row for row in listed.rows(asker.conn, "decisions") if row["account"] is None]
    linked = _by_words(asker.conn, key)
    every += [row for row in listed.rows(asker.conn, "decisions") if row["id"] in linked and row not in every]
    thread = _thread(one, every, linked)
    when = one["date"] or ""
    return {
        **one,
        "tasks": asker.tasks(("path",), all=True, note=path, excluded=True),
        "earlier": [row for row in thread if (row["date"] or "") < when],
        "later": [row for row in thread if (row["date"] or "") > when],
    }


def _place(conn: sqlite3.Connection, identity: str) -> tuple[str, int, str]:
    """(path, line, id) of the one decision that is meant. Raises UnknownName."""
    path, _, line = identity.rpartition(":")
    sql = "SELECT n.path, d.line, d.id, d.text FROM decisions d JOIN notes n ON n.id = d.note WHERE "
    if path and line.isdigit():
        rows = conn.execute(sql + "d.line = ? AND n.path IN (?, ? || '.md')", (int(line), path, path)).fetchall()
    else:
        key = identity.lower()
        rows = conn.execute(sql + "d.id >= ? AND d.id < ? ORDER BY d.id LIMIT 9", (key, key + "~")).fetchall()
    if len(rows) == 1:
        return rows[0][0], rows[0][1], rows[0][2]
    if rows:
        raise UnknownName(
            f"{identity!r} could be {'; '.join(f'{r[2]} ({r[3][:40]})' for r in rows[:8])}: give more of the id"
        )
    raise UnknownName(f"no decision has the id {identity!r}: ids stand in the first column of vi decisions")


def _by_words(conn: sqlite3.Connection, identity: str) -> frozenset[str]:
    """The ids of the decisions that say they supersede this one, and of those that it says it supersedes."""
    pairs = [
        (conn.execute("SELECT id FROM decisions WHERE rowid = ?", (rowid,)).fetchone()[0], by)
        for rowid, by in replaced(conn).items()
    ]
    return frozenset([by for old, by in pairs if old == identity] + [old for old, by in pairs if by == identity])


def _thread(one: Row, every: list[Row], linked: frozenset[str]) -> list[Row]:
    """Decisions on the same subject: one says that it supersedes the other (`linked` are the ids of these), alike words, two
    rare words of the account's decisions, or a link that both have."""
    said = {row["id"]: words(row["text"]) for row in every}
    spread = Counter(word for found in said.values() for word in found)
    rare = {word for word in words(one["text"]) if spread[word] <= max(3, len(every) // 20)}
    links = {link for link in one["links"] if sum(link in row["links"] for row in every) <= max(3, len(every) // 10)}
    found = []
    for row in every:
        if row["path"] == one["path"]:
            continue
        why = (
            "supersedes" if row["id"] in linked
            else "alike" if likeness(words(one["text"]), said[row["id"]], True)
            else "words" if len(rare & said[row["id"]]) >= 2
            else "link" if links.intersection(row["links"])
            else None
        )  # fmt: skip
        if why:
            found.append({**row, "why": why})
    return sorted(found, key=lambda row: (row["date"] or "", row["path"], row["line"]))
