"""The full-text search over all notes."""

from __future__ import annotations

import re
import sqlite3

from vaultindex.ask import names
from vaultindex.ask.where import Row, Where, dictionaries, shown_account
from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold


def search(
    conn: sqlite3.Connection, query: str, *, account: str | None = None, title: bool = False, limit: int = 20
) -> list[Row]:
    """Notes that hold all the words (a phrase in quotes holds together), best first, with the line that fits best."""
    terms = search_terms(query)
    if not terms:
        raise UsageError('nothing to search for: give words, or a "phrase in quotes"')
    match = " ".join('"' + t.replace('"', '""') + '"' + ("*" if star else "") for t, star in terms)
    where = Where()
    where.add("search MATCH ?", f"{{title}} : ({match})" if title else match)
    where.add("n.excluded IS NULL")
    where.account(conn, account)
    sql = f"""SELECT n.path, n.title AS note_title, n.date AS note_date, n.account, plain(b.body) AS body FROM search
 JOIN notes n ON n.id = search.rowid JOIN bodies b ON b.id = n.id{where} ORDER BY bm25(search, 5.0, 1.0) LIMIT ?"""
    known = names.shown_accounts(conn)
    found = []
    for row in dictionaries(conn.execute(sql, (*where.values, limit))):
        line, text = _best_line(row.pop("body"), [fold(t) for t, _ in terms])
        row["account"] = shown_account(known, row["account"])
        found.append({"path": row["path"], "line": line, "text": text, **{k: v for k, v in row.items() if k != "path"}})
    return found


def search_terms(query: str) -> list[tuple[str, bool]]:
    """(text, is a prefix) of each word or quoted phrase; only letters and digits carry meaning."""
    found = []
    for phrase, word in re.findall(r'"([^"]*)"?|(\S+)', query):
        text = phrase or word.rstrip("*")
        if any(c.isalnum() for c in text):
            found.append((text, bool(word) and word.endswith("*")))
    return found


def _best_line(body: str, terms: list[str]) -> tuple[int, str]:
    best = (0, 1, "")
    for number, line in enumerate(body.split("\n"), 1):
        folded = fold(line)
        hits = sum(t in folded for t in terms)
        if hits > best[0]:
            best = (hits, number, line.strip())
            if hits == len(terms):
                break
    return best[1], best[2]
