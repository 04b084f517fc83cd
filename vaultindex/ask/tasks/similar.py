"""Near-duplicate tasks in different notes. Shown together, never merged."""

import re
import sqlite3
from typing import Any, NamedTuple

from vaultindex.ask import names
from vaultindex.base.text import fold

_WORD = re.compile(r"\w{3,}")
_EMPTY = frozenset((
    "the", "and", "for", "with", "from", "that", "this", "about", "into", "before", "after", "until", "all", "our", "your", "their", "will", "und", "der", "die", "das",
))  # fmt: skip
_LIKE = 0.6  # of all words of both shared, for any two tasks
_WITHIN = 0.8  # of the shorter one's words in the longer, for two tasks of one account


class Twin(NamedTuple):
    """A task that asks nearly the same."""

    id: str
    text: str
    state: str
    path: str
    line: int
    title: str
    date: str | None
    alike: float


def words(text: str) -> frozenset[str]:
    """The words of a text that carry its meaning, without case and plural."""
    found = (
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in _WORD.findall(text.casefold())
    )
    return frozenset(w for w in found if w not in _EMPTY)


def likeness(one: frozenset[str], other: frozenset[str], same_account: bool) -> float:
    """How similar two tasks are, from 0 (not at all) to 1."""
    shared = len(one & other)
    if not shared or (shared < 2 and one != other):
        return 0.0
    part = shared / len(one | other)
    inside = shared / min(len(one), len(other))
    return part if part >= _LIKE or (same_account and inside >= _WITHIN) else 0.0


class Alike:
    """All tasks by their words: built once, then asked for each task."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        sql = """SELECT t.id, t.text, t.state, n.path, t.line, n.title, n.date, n.account_key FROM tasks t
 JOIN notes n ON n.id = t.note WHERE n.excluded IS NULL AND t.state <> 'other' ORDER BY n.date, n.path, t.line"""
        self.tasks = conn.execute(sql).fetchall()
        self.folded = [task[1].casefold() for task in self.tasks]
        self.shown = names.shown_accounts(conn)  # an account has several names

    def twins(self, row: dict[str, Any]) -> list[Twin]:
        """Tasks of other notes that ask nearly the same, most alike first, then the oldest."""
        mine = words(row["text"])
        least = min(2, len(mine))
        found = []
        # First a look for the bare letters: few tasks hold two of the words, and only those are taken apart.
        for at, text in enumerate(self.folded) if mine else ():
            held = 0
            for word in mine:
                if word in text:
                    held += 1
            if held < least:
                continue
            id_, text, state, path, line, title, date, key = self.tasks[at]
            if path == row["path"]:
                continue
            account = self.shown[key][0] if key in self.shown else key
            same = account is not None and fold(account) == fold(row["account"] or "")
            alike = likeness(mine, words(text), same)
            if alike:
                found.append(Twin(id_, text, state, path, line, title, date, alike))
        return sorted(found, key=lambda t: -t.alike)
