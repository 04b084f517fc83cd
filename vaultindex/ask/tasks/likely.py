"""How likely it is that a proposal is accepted, by what was decided about others of its kind before."""

from __future__ import annotations

import datetime
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from vaultindex.ask.tasks import lists
from vaultindex.state.journal import Verdict

Row = Mapping[str, Any]
# What is taken to have been decided before anything was: (accepted, rejected) of each kind.
_BEFORE: dict[tuple[str, Any], tuple[float, float]] = {
    ("side", "mine"): (3, 1), ("side", "nobody"): (1, 1.5), ("side", "other"): (1, 2),
    ("date", "stated"): (2, 1), ("date", "doubted"): (1, 1.5), ("date", "none"): (1, 1.2),
    ("age", 0): (3, 1), ("age", 1): (1.5, 1), ("age", 2): (1, 1.5), ("age", 3): (1, 4),
    ("urgent", True): (2, 1),
}  # fmt: skip
_NOTHING = (1.0, 1.0)
_MOST = 2_000  # verdicts that are looked at
_AGES = (7, 30, 90)  # days; where one kind of age ends and the next begins


def _kinds(row: Row, today: datetime.date) -> Iterator[tuple[str, Any]]:
    """What is looked at in a proposal."""
    yield "side", "mine" if row["mine"] else "other" if row["owner_person"] else "nobody"
    yield "date", "none" if not row["due"] else "doubted" if row["date_doubt"] else "stated"
    yield "urgent", row["priority"] in ("highest", "high")
    try:
        days = (today - datetime.date.fromisoformat(row["note_date"] or "")).days
    except ValueError:  # no date, or one that no calendar has
        pass
    else:
        yield "age", sum(days > age for age in _AGES)
    for name in ("account", "owner_person"):
        if row[name]:
            yield name, row[name]


class Likely:
    """What was decided, counted by kind; then asked for each proposal."""

    def __init__(self, decided: Iterable[tuple[Row, bool, str]]) -> None:
        """`decided`: (the proposal, whether it was accepted, the day)."""
        self._counts: dict[tuple[str, Any], list[int]] = {}
        for row, accepted, day in decided:
            for kind in _kinds(row, datetime.date.fromisoformat(day)):
                self._counts.setdefault(kind, [0, 0])[not accepted] += 1

    def score(self, row: Row, today: str) -> float:
        """The logarithm of the odds that it is accepted; only its order means something."""
        total = 0.0
        for kind in _kinds(row, datetime.date.fromisoformat(today)):
            yes, no = self._counts.get(kind, (0, 0))
            first, second = _BEFORE.get(kind, _NOTHING)
            total += math.log((yes + first) / (no + second))
        return total


def decided_before(
    conn: sqlite3.Connection, verdicts: Iterable[Verdict], today: str, me: Sequence[str]
) -> list[tuple[Row, bool, str]]:
    """The tasks that verdicts speak of, newest first and as far as the index still has them: (task, accepted, day)."""
    newest = {(v.path, v.text): v for v in sorted(verdicts, key=lambda v: v.day) if v.verdict != "later"}
    found: dict[int, Verdict] = {}
    sql = "SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ? AND t.text = ?"
    for path, text in list(newest)[: -_MOST - 1 : -1]:
        for (key,) in conn.execute(sql, (path, text)):
            found[key] = newest[path, text]
    rows = lists.of_rowids(conn, list(found), today, me)
    return [(row, v.verdict == "accepted", v.day) for row, v in zip(rows, found.values())]
