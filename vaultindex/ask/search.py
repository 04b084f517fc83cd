"""The full-text search over all notes."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable

from vaultindex.ask import names
from vaultindex.ask.where import LEFT_OUT, Row, Where, dictionaries, shown_account
from vaultindex.base.errors import UsageError
from vaultindex.base.packed_text import unpack
from vaultindex.base.text import apart, fold


def search(
    conn: sqlite3.Connection, query: str, *, account: str | None = None, title: bool = False, limit: int | None = 20
) -> Hits:
    """Notes that hold all the words (a phrase in quotes holds together), best first, with the line that fits best.

    When no note holds them as whole words, parts of words do. Raises UsageError, UnknownName for a wrong account.
    """
    terms = search_terms(query)
    if not terms:
        raise UsageError('nothing to search for: give words, or a "phrase in quotes"')
    where = Where()
    where.add("n.excluded IS NULL")
    where.account(conn, account)
    wanted = [fold(text) for text, _ in terms]
    hits = _hits(conn, [phrase(text) + "*" * star for text, star in terms], where, title, limit, wanted)
    if not hits.total:
        words = _words_with(conn, [text for text, _ in terms])
        if all(words.values()):
            hits = _hits(conn, [f"({' OR '.join(words[text])})" for text, _ in terms], where, title, limit, wanted)
    return hits


class Hits(list[Row]):
    """The rows of a search, and how many there are in all."""

    total = 0


def phrase(text: str) -> str:
    """A text as the search looks for it: its words one behind the other."""
    return '"' + apart(text).replace('"', '""') + '"'


def _hits(
    conn: sqlite3.Connection, parts: list[str], where: Where, title: bool, limit: int | None, wanted: list[str]
) -> Hits:
    match = " AND ".join(parts)
    # No row of a note is looked at before it is known to be shown: a word may stand in most notes.
    chosen = f"IN (SELECT n.id FROM notes n{where})" if len(where.parts) > 1 else f"NOT IN {LEFT_OUT}"
    condition = f" WHERE search MATCH ? AND search.rowid {chosen}"
    values = (f"{{title}} : ({match})" if title else match, *where.values)
    ranked = f"SELECT search.rowid AS id, bm25(search, 5.0, 1.0) AS rank FROM search{condition} ORDER BY rank"
    some = -1 if limit is None else int(limit)
    best = conn.execute(f"{ranked} LIMIT ?", (*values, some + 1 if some >= 0 else some)).fetchall()
    if 0 < some < len(best) and best[some][1] == best[some - 1][1]:  # the path decides which of them are shown
        best = conn.execute(ranked, values).fetchall()
    sql = f"""SELECT n.path, n.title AS note_title, n.date AS note_date, n.account, b.body FROM json_each(?) j
 JOIN notes n ON n.id = json_extract(j.value, '$[0]') JOIN bodies b ON b.id = n.id ORDER BY json_extract(j.value, '$[1]'), n.path LIMIT {some}"""
    known = names.shown_accounts(conn)
    found = Hits()
    for row in dictionaries(conn.execute(sql, (json.dumps(best),))):
        line, text = _best_line(unpack(row.pop("body")), wanted)
        row["account"] = shown_account(known, row["account"])
        found.append({"path": row["path"], "line": line, "text": text, **{k: v for k, v in row.items() if k != "path"}})
    found.total = len(found)
    if limit is not None and len(found) == limit:
        sql = f"SELECT count(*) FROM search{condition}"
        found.total = int(conn.execute(sql, values).fetchone()[0])
    return found


_MOST_WORDS = 500  # with one part: more would be no search


def get_ready(conn: sqlite3.Connection) -> None:
    """Make the list of words that a search for parts of words asks, unless the connection has it.

    Before a connection is forbidden to write, since then it cannot be made (`PRAGMA query_only` also means temporary tables).
    """
    conn.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, search, row)")


def _words_with(conn: sqlite3.Connection, texts: Iterable[str]) -> dict[str, list[str]]:
    """Text -> the words of the vault that hold it, as terms of a search. All words are looked at once: it takes a second for
    200,000 notes."""
    get_ready(conn)
    found: dict[str, list[str]] = {}
    held: dict[str, list[str]] = {}  # the same of folded texts that are a part of a word
    for text in texts:
        first, *others = apart(text).split()
        if others:
            # Also in scripts without spaces, where each character is a word: the first and the last may be parts.
            sql = "SELECT term FROM temp.vocabulary WHERE term LIKE '%' || ? LIMIT ?"
            begins = [term for (term,) in conn.execute(sql, (fold(first), _MOST_WORDS))]
            found[text] = [phrase(" ".join([begin, *others])) + "*" for begin in begins]
        elif len(key := fold(text)) < 2:
            found[text] = [phrase(text)]
        else:
            found[text] = held.setdefault(key, [])
    where = " OR ".join(["instr(term, ?)"] * len(held))
    for (term,) in conn.execute(f"SELECT term FROM temp.vocabulary WHERE {where}", list(held)) if held else ():
        for key in [key for key in held if key in term]:
            held[key].append(f'"{term}"')
            if len(held[key]) == _MOST_WORDS:
                del held[key]
        if not held:
            break
    return found


def search_terms(query: str) -> list[tuple[str, bool]]:
    """(text, is a prefix) of each word or quoted phrase; only letters and digits carry meaning."""
    found = []
    # A NUL would end the whole search inside SQLite; no note holds one.
    for phrase, word in re.findall(r'"([^"]*)"?|(\S+)', query.replace("\0", " ")):
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
