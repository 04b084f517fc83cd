"""The day: what is due, overdue and planned, new proposals, what others owe, what has no date or a doubted one, the meetings.

No task stands in two sections: what is due today is only there, what others owe is only among the waiting. The counts are
those of the lists of `vi tasks` that LISTS names beside them, so that no page says what a list would deny.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from vaultindex.ask.pages.contact import meetings
from vaultindex.ask.tasks.lists import LEFT_OUT
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.nobody import is_nobody

Row = dict[str, Any]

# count -> the list that has as many rows
LISTS = {
    "due": "vi tasks --due today --open",
    "overdue": "vi tasks --overdue --open --sure",
    "planned": "vi tasks --planned --open",
    "proposed": "vi tasks --proposed",
    "waiting": "vi tasks --theirs --open",
    "undated": "vi tasks --undated --open",
    "past_doubted": "vi tasks --overdue --open --doubted",
    "doubted": "vi tasks --doubted",
}


class Triaged(NamedTuple):
    """What triage has shown so far: ids of proposals, and the last day of it."""

    ids: Collection[str]
    last: str | None


def day(asker: Asker, triaged: Triaged | None = None, most: int | None = None) -> dict[str, Any]:
    """The page of the day. `most` limits each section but the first to so many rows, for a screen.

    {date, due, overdue, planned, proposed, waiting, undated, past_doubted: lists of tasks; meetings: [{path, title, date,
    account, participants}]; counts: {due, overdue, overdue_theirs, planned, proposed, new, waiting, undated, past_doubted,
    doubted}, each but `new` (null before the first triage) and `overdue_theirs` the length of a list in LISTS}.
    `past_doubted` is what would be overdue if its date were sure: it may be the generator's, so it is not counted so.
    """
    open_ = _Open(asker)
    due = _due(asker)
    counts = {**open_.counts(), "due": len(due), **_proposals(asker), "new": None}
    counts["doubted"] = counts["doubted"] + counts.pop("doubted_proposals")
    new: list[int] = []
    if triaged is not None and triaged.last is not None:
        counts["new"] = counts["proposed"] - _seen(asker, triaged.ids)
        new = _proposed(asker, most, triaged.ids) if counts["new"] else []
    return {
        "date": asker.today,
        "due": sorted(asker.of(due), key=lambda row: not row["mine"]),
        "overdue": asker.of(open_.first(_LATE, "t.deadline DESC", most)),
        "planned": asker.of(open_.first(_PLANNED, "t.scheduled IS NULL, t.scheduled", most)),
        "proposed": asker.of(list(dict.fromkeys([*new, *_proposed(asker, most)]))[:most]),
        "waiting": asker.of([key for key in open_.waiting(most) if key not in due]),
        "undated": asker.of(open_.undated(most)),
        "past_doubted": asker.of(open_.first(_LATE_DOUBTED, "t.deadline DESC", most)),
        "meetings": [met.row() for met in meetings(asker.conn, since=asker.today, until=asker.today)],
        "counts": {name: counts[name] for name in COUNTS},
    }


COUNTS = (
    "due",
    "overdue",
    "overdue_theirs",
    "planned",
    "proposed",
    "new",
    "waiting",
    "undated",
    "past_doubted",
    "doubted",
)


def _real(field: str) -> str:
    """The field's date exists in the calendar."""
    return f"(t.invalid IS NULL OR instr(t.invalid, ',{field},') = 0)"


# Conditions on an open task; :day is today. What they look at stands in one index.
_LATE = f"(t.deadline < :day AND t.date_doubt IS NULL AND {_real('due')})"
_LATE_DOUBTED = f"(t.deadline < :day AND t.date_doubt IS NOT NULL AND {_real('due')})"
_PLANNED = f"""(((t.scheduled <= :day AND {_real("scheduled")}) OR (t.start = :day AND {_real("start")}))
 AND NOT ifnull(t.deadline <= :day AND {_real("due")}, 0))"""
_UNDATED = "(t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL)"
_LISTED = f"+t.note NOT IN {LEFT_OUT}"


class _Open:
    """The open tasks: whose they are, and how many, each question from one index alone."""

    def __init__(self, asker: Asker) -> None:
        self.asker, conn = asker, asker.conn
        # ("+": by the index of people, which holds the state too.)
        sql = f"""SELECT t.person_key, count(*) FROM tasks t WHERE t.person_key > '' AND +t.state = 'open' AND {_LISTED}
 GROUP BY t.person_key"""
        self.owners: dict[str, int] = dict(conn.execute(sql).fetchall())
        self.theirs = [key for key in self.owners if key not in asker.my_keys and not is_nobody(key)]
        self.ours = json.dumps(sorted(set(self.owners).difference(self.theirs)))
        self.mine = json.dumps(sorted(asker.my_keys))
        # A task that bears my name as it is written, though a participant of that name is meant, is mine.
        sql = f"""SELECT t.rowid, {_LATE} FROM tasks t WHERE t.written_key IN (SELECT value FROM json_each(:mine))
 AND t.person_key NOT IN (SELECT value FROM json_each(:ours)) AND +t.state = 'open' AND {_LISTED}"""
        written = conn.execute(sql, {"day": asker.today, "mine": self.mine, "ours": self.ours}).fetchall()
        self.written, self.written_late = [row[0] for row in written], sum(bool(row[1]) for row in written)

    def counts(self) -> dict[str, Any]:
        """How many are ... ; waiting are all that others own."""
        values = {"day": self.asker.today}
        sql = f"""SELECT total({_PLANNED}), total({_UNDATED}), count(t.date_doubt), total({_LATE_DOUBTED}) FROM tasks t
 WHERE t.state = 'open' AND {_LISTED}"""
        planned, undated, doubted, past = map(int, self.asker.conn.execute(sql, values).fetchone())
        sql = f"SELECT t.person_key, count(*) FROM tasks t WHERE t.state = 'open' AND {_LATE} AND {_LISTED} GROUP BY 1"
        late: dict[str | None, int] = dict(self.asker.conn.execute(sql, values).fetchall())
        return {
            "overdue": sum(late.values()),
            "overdue_theirs": sum(late.get(key, 0) for key in self.theirs) - self.written_late,
            "planned": planned,
            "waiting": sum(self.owners[key] for key in self.theirs) - len(self.written),
            "undated": undated,
            "past_doubted": past,
            "doubted": doubted,
        }

    def _values(self, most: int | None) -> dict[str, Any]:
        return {
            "day": self.asker.today, "mine": self.mine, "ours": self.ours, "written": json.dumps(self.written),
            "theirs": json.dumps(self.theirs), "most": -1 if most is None else most,
        }  # fmt: skip

    def _keys(self, sql: str, most: int | None) -> list[int]:
        return [row[0] for row in self.asker.conn.execute(sql, self._values(most))]

    def first(self, condition: str, order: str, most: int | None) -> list[int]:
        """Mine, then nobody's, by priority and then in this order."""
        sql = f"""SELECT t.rowid FROM tasks t WHERE t.state = 'open' AND {condition} AND {_LISTED} AND {_OURS}
 ORDER BY {_MINE} DESC, t.priority, {order}, t.note, t.line LIMIT :most"""
        return self._keys(sql, most)

    def undated(self, most: int | None) -> list[int]:
        """Those without any date, mine or nobody's, of the newest notes first."""
        sql = f"""SELECT t.rowid FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 1
 AND {_UNDATED} AND {_OURS} ORDER BY n.date DESC, n.path, t.line LIMIT :most"""
        return self._keys(sql, most)

    def waiting(self, most: int | None) -> list[int]:
        """Those of others, of the oldest notes first; notes without a date last."""
        sql = """SELECT t.rowid FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 1
 AND t.person_key IN (SELECT value FROM json_each(:theirs)) AND t.rowid NOT IN (SELECT value FROM json_each(:written))
 AND n.date IS {} NULL ORDER BY n.date, n.path, t.line LIMIT :most"""
        dated = self._keys(sql.format("NOT"), most)
        left = None if most is None else most - len(dated)
        return [*dated, *(self._keys(sql.format(""), left) if left != 0 else [])]


_OURS = """(t.person_key IS NULL OR t.person_key IN (SELECT value FROM json_each(:ours))
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""
_MINE = """(ifnull(t.person_key IN (SELECT value FROM json_each(:mine)), 0)
 OR t.rowid IN (SELECT value FROM json_each(:written)))"""


def _due(asker: Asker) -> list[int]:
    """Open tasks due today, by priority."""
    sql = f"""SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE t.state = 'open' AND t.deadline = ?
 AND {_real("due")} AND n.excluded IS NULL ORDER BY t.priority, n.path, t.line"""
    return [row[0] for row in asker.conn.execute(sql, (asker.today,))]


def _proposals(asker: Asker) -> dict[str, int]:
    sql = f"SELECT count(*), count(t.date_doubt) FROM tasks t WHERE t.state = 'proposed' AND {_LISTED}"
    proposed, doubted = asker.conn.execute(sql).fetchone()
    return {"proposed": proposed, "doubted_proposals": doubted}


def _proposed(asker: Asker, most: int | None, seen: Collection[str] = ()) -> list[int]:
    """Proposals, those of the newest notes first; what triage has seen is left out."""
    sql = """SELECT t.rowid, t.id FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 0
 ORDER BY n.date DESC, n.path, t.line"""
    found: list[int] = []
    for rowid, identity in asker.conn.execute(sql):
        if identity not in seen:
            found.append(rowid)
            if most is not None and len(found) >= most:
                break
    return found


def _seen(asker: Asker, ids: Iterable[str]) -> int:
    """How many of these ids are proposals still."""
    sql = f"""SELECT count(*) FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value
 WHERE t.standing = 0 AND t.note NOT IN {LEFT_OUT}"""
    return int(asker.conn.execute(sql, (json.dumps(sorted(ids)),)).fetchone()[0])
