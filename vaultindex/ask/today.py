"""The start screen: how much is overdue, due, proposed and owed by others; what to do first; what has no date at all.

Only for speed in its SQL: it says what the filters of `vi tasks` say, from the indexes alone, so that a vault of 200,000
notes shows its first screen as fast as a small one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vaultindex.ask.tasks.lists import LEFT_OUT
from vaultindex.query.nodes.sorts import urgency_term

_MOST = 5_000  # tasks that are looked at for a screen
_UNSETTLED = "t.state IN ('open', 'proposed')"


class Summary(NamedTuple):
    """How many tasks are ... ."""

    overdue: int
    today: int
    proposed: int
    waiting: int  # open, and somebody else's
    undated: int  # open, without any date


class Fold(NamedTuple):
    """One text that may stand in several notes, as daily notes roll it over: the task to show, and where else it stands."""

    rowid: int
    rows: int
    notes: int
    since: str | None  # date of the first of these notes


def summary(conn: sqlite3.Connection, today: str, me: Iterable[str]) -> Summary:
    """The counts of the heading; `me` are folded names."""

    def one(sql: str, *values: Any) -> int:
        return int(
            conn.execute(f"SELECT count(*) FROM tasks t WHERE {sql} AND +t.note NOT IN {LEFT_OUT}", values).fetchone()[
                0
            ]
        )

    exists = "(t.invalid IS NULL OR instr(t.invalid, ',due,') = 0)"
    mine = json.dumps(sorted(set(me)))
    # ("+": by the index of people, which holds the state too.) An owner is mine under the name that was written or the person it means.
    others = one(
        "t.person_key > '' AND +t.state = 'open' AND t.person_key NOT IN (SELECT value FROM json_each(?))", mine
    )
    others -= one(
        "t.written_key IN (SELECT value FROM json_each(?1)) AND +t.state = 'open' AND t.person_key NOT IN (SELECT value FROM json_each(?1))",
        mine,
    )
    return Summary(
        one(f"t.state = 'open' AND t.deadline < ? AND {exists}", today),
        one(f"t.state = 'open' AND t.deadline = ? AND {exists}", today),
        one("t.state = 'proposed'"),
        others,
        one("t.state = 'open' AND t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL"),
    )


def happening(conn: sqlite3.Connection, today: str, most: int | None) -> tuple[list[int], int]:
    """(rowids of what is due, scheduled or starting by today, most urgent first, ties complete; how many there are)."""
    urgency = urgency_term(today, "t.deadline")
    there = " OR ".join(
        f"(t.{column} <= :day AND (t.invalid IS NULL OR instr(t.invalid, ',{name},') = 0))"
        for name, column in (("due", "deadline"), ("scheduled", "scheduled"), ("start", "start"))
    )
    condition = f"{_UNSETTLED} AND ({there.replace(':day', '?')}) AND +t.note NOT IN {LEFT_OUT}"
    sql = f"SELECT {urgency.sql} AS u, ifnull(t.deadline, '~') AS d, t.rowid FROM tasks t WHERE {condition}"
    values = (*urgency.params, today, today, today)
    # SQLite keeps the first ones apart as it goes: half the time of having all of them here.
    found = conn.execute(f"{sql} ORDER BY u DESC, d LIMIT ?", (*values, -1 if most is None else most + 1)).fetchall()
    if most is None or len(found) <= most:
        return _by_place(conn, found), len(found)
    total = conn.execute(f"SELECT count(*) FROM tasks t WHERE {condition}", (today, today, today)).fetchone()[0]
    edge = found[most - 1][:2]
    if found[most][:2] == edge:  # those that are as urgent, too
        day = None if edge[1] == "~" else edge[1]
        alike = conn.execute(f"{sql} AND t.deadline IS ? AND u = ?", (*values, day, edge[0])).fetchall()
        found = [row for row in found if row[:2] != edge] + alike
    else:
        found.pop()
    return _by_place(conn, found), int(total)


def _by_place(conn: sqlite3.Connection, found: Sequence[tuple[float, str, int]]) -> list[int]:
    """The rowids, those equally urgent by path and line."""
    sql = "SELECT t.rowid, n.path, t.line FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value JOIN notes n ON n.id = t.note"
    places = {row[0]: row[1:] for row in conn.execute(sql, (json.dumps([row[2] for row in found]),))}
    return [row[2] for row in sorted(found, key=lambda row: (-row[0], row[1], *places[row[2]]))]


def newest_undated(conn: sqlite3.Connection) -> list[int]:
    """Rowids of open tasks without any date, those of the newest notes first."""
    sql = """SELECT t.rowid FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 1
 AND t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL ORDER BY n.date DESC, n.path, t.line LIMIT ?"""
    return [row[0] for row in conn.execute(sql, (_MOST,))]


def folded(conn: sqlite3.Connection, keys: Sequence[int], most: int) -> list[Fold]:
    """The first `most` different texts among these tasks, in their order; a text that stands in several notes once, by
    its newest task."""
    sql = """SELECT t.rowid, t.text, t.note, n.date FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value
 JOIN notes n ON n.id = t.note"""
    groups: dict[str, list[tuple[int, int, str | None]]] = {}
    for rowid, text, note, date in conn.execute(sql, (json.dumps(keys[:_MOST]),)):
        groups.setdefault(" ".join(text.casefold().split()) or str(rowid), []).append((rowid, note, date))
    found = []
    for some in list(groups.values())[:most]:
        newest = max(range(len(some)), key=lambda at: (some[at][2] or "", -at))
        dates = [date for _, _, date in some if date]
        found.append(Fold(some[newest][0], len(some), len({note for _, note, _ in some}), min(dates, default=None)))
    return found
