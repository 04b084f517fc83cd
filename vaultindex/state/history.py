"""What became of tasks, day by day: due dates that moved, states that changed, ids that a task had before its words changed."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from vaultindex.state.journal import Journal

# (task id, what: due, state or id, was, became, path, text)
Change = tuple[str, str, str | None, str | None, str, str]


class Event(NamedTuple):
    """One change of one task, as it was seen on a day."""

    day: str
    task: str
    what: str  # due, state, id
    was: str | None
    became: str | None
    path: str
    text: str


def keep(journal: Journal, day: str, changes: Sequence[Change], origin: str) -> None:
    """Put down the changes that an index has seen (`origin` tells it from others). What another index of the same vault
    has put down already is left out. Raises sqlite3.Error."""
    conn = journal.conn
    with journal.transaction():
        fresh = []
        for change in changes:
            sql = "SELECT became, origin FROM history WHERE task = ? AND what = ? ORDER BY id DESC LIMIT 1"
            last = conn.execute(sql, change[:2]).fetchone()
            if last is None or last[0] != change[3] or last[1] == origin:
                fresh.append((day, *change, origin))
        conn.executemany(
            "INSERT INTO history(day, task, what, was, became, path, text, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            fresh,
        )


class Names(dict[str, str]):
    """Id of a task -> the id that it had first. Never one name for two tasks: a task that later gets the id which another
    was known by is told apart by a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def move(self, was: str, became: str) -> None:
        """The words of a task changed, and with them its id."""
        name = self.pop(was, None) or self[was]
        self[became] = name
        self._taken.add(name)

    def __missing__(self, task: str) -> str:
        name, number = task, 1
        while name in self._taken:
            number += 1
            name = f"{task}-{number}"
        return name


class History:
    """What the state of a vault remembers for the pages; without a state: nothing. Reads only."""

    def __init__(self, file: str) -> None:
        self.file = file

    def events(self, start: str | None = None, end: str | None = None) -> list[Event]:
        """Every change from a day to a day, in the order in which it was seen."""
        sql = "SELECT day, task, what, was, became, path, text FROM history WHERE day >= ? AND day <= ? ORDER BY id"
        return [Event(*row) for row in self._rows(sql, start or "", end or "9999-12-31")]

    def names(self) -> Names:
        """The name under which other programs know each task, whatever its words have become meanwhile."""
        found = Names()
        for was, became in self._rows("SELECT was, became FROM history WHERE what = 'id' ORDER BY id"):
            found.move(was, became)
        return found

    def verdicts(self, start: str | None = None, end: str | None = None) -> list[tuple[str, str, str, str, str]]:
        """(verdict, day, text, path, key of the text) of what was accepted and rejected, once for each note and text."""
        sql = """SELECT DISTINCT verdict, day, text, path, key FROM verdicts
 WHERE verdict IN ('accepted', 'rejected') AND day >= ? AND day <= ? ORDER BY day, path, text"""
        return [(a, b, c, d, e) for a, b, c, d, e in self._rows(sql, start or "", end or "9999-12-31")]

    def _rows(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        import os

        if not os.path.exists(self.file):
            return []
        try:
            with Journal(self.file) as journal:
                return journal.conn.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []  # it cannot be read now; the page says what the notes say
