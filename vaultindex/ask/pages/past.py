"""The past: what became of tasks over a time, by what the state of the vault remembers; and how they were on a day."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from vaultindex.ask.where import LEFT_OUT
from vaultindex.base.ids import text_key
from vaultindex.index.schema import real
from vaultindex.state.history import Event, History
from vaultindex.tasks.plugin_settings import STATES

UNCHANGED = ("",)  # no event says that it was otherwise


class Net(NamedTuple):
    """One task over a time: what it was at its beginning, what at its end. UNCHANGED where nothing was seen to change."""

    task: str  # its last id
    path: str
    text: str
    day: str  # of the last change
    due: tuple[str | None, ...]  # (was, became), or UNCHANGED
    state: tuple[str | None, ...]


def net(events: Iterable[Event]) -> dict[str, Net]:
    """Last id of a task -> what became of it over these events, which are in the order in which they were seen."""
    found: dict[str, Net] = {}
    for day, task, what, was, became, path, text in events:
        if what == "id":
            before = found.pop(was, None) if was else None
            if before is not None:
                found[task] = before._replace(task=task, path=path, text=text)
            continue
        one = found.get(task) or Net(task, path, text, day, UNCHANGED, UNCHANGED)
        old = one.due if what == "due" else one.state
        new = (old[0] if old != UNCHANGED else was, became)
        one = one._replace(due=new) if what == "due" else one._replace(state=new)
        found[task] = one._replace(day=day, path=path, text=text)
    return found


class Decided(NamedTuple):
    """Proposals that were accepted and rejected: (path, key of the text) -> (day, text, id when the index has it)."""

    accepted: dict[tuple[str, str], tuple[str, str, str | None]]
    rejected: dict[tuple[str, str], tuple[str, str, str | None]]


def decided(conn: sqlite3.Connection, history: History, start: str | None = None, end: str | None = None) -> Decided:
    """What was accepted and what rejected in a time: by the verdicts that were given here, and by what the sync saw in the
    notes. A proposal counts once, by how it ended."""
    accepted: dict[tuple[str, str], tuple[str, str, str | None]] = {}
    rejected: dict[tuple[str, str], tuple[str, str, str | None]] = {}
    for verdict, day, text, path, key in history.verdicts(start, end):
        (accepted if verdict == "accepted" else rejected)[path, key] = (day, text, _id_of(conn, path, text))
    for task, event in _last_decisions(history.events(start, end)).items():
        place = (event.path, text_key(event.text))
        mine, other = (rejected, accepted) if event.became == "cancelled" else (accepted, rejected)
        other.pop(place, None)
        day = mine[place][0] if place in mine else event.day
        mine[place] = (day, event.text, task)
    return Decided(accepted, rejected)


def _last_decisions(events: Iterable[Event]) -> dict[str, Event]:
    """Last id of a task -> the event by which it ceased to be a proposal; without those that became one again."""
    found: dict[str, Event] = {}
    for event in events:
        if event.what == "id" and event.was in found:
            found[event.task] = found.pop(event.was)
        elif event.what == "state":
            if event.was == "proposed" and event.became in ("open", "done", "cancelled"):
                found[event.task] = event
            elif event.became == "proposed":
                found.pop(event.task, None)
    return found


def _id_of(conn: sqlite3.Connection, path: str, text: str) -> str | None:
    sql = "SELECT t.id FROM notes n JOIN tasks t ON t.note = n.id WHERE n.path = ? AND t.text = ? LIMIT 1"
    row = conn.execute(sql, (path, text)).fetchone()
    return str(row[0]) if row else None


class Owing(NamedTuple):
    """A task that was open on a day, with the due date that it had then."""

    rowid: int
    id: str
    due: str
    person: str | None  # folded, whom the owner means


class Then:
    """Tasks with a sure due date that were open at the end of a day. Those of which something was seen to change (the ids
    `seen`), or that ended after that day, are `moved`; of all others the notes say it, and they are only read as they are asked for.

    On the present day it is as the notes have it, whatever dates they bear.
    """

    def __init__(
        self, conn: sqlite3.Connection, seen: Iterable[str], later: Mapping[str, Net], day: str, today: str
    ) -> None:
        self.conn, self._seen = conn, json.dumps(list(seen))
        self._now = day >= today
        self._values = {"day": day, "seen": self._seen}
        ended = ""
        if not self._now:
            ended = """ UNION SELECT rowid FROM tasks WHERE done > :day
 UNION SELECT rowid FROM tasks WHERE state = 'cancelled' AND cancelled > :day"""
        sql = f"""WITH some(key) AS (SELECT t.rowid FROM json_each(:seen) j CROSS JOIN tasks t ON t.id = j.value{ended})
 SELECT t.rowid, t.id, t.deadline, t.person_key, t.standing, t.done, t.cancelled FROM some
 CROSS JOIN tasks t ON t.rowid = some.key WHERE {self._sure()}"""
        self.moved: list[Owing] = []
        for rowid, task, due, person, standing, done, cancelled in conn.execute(sql, self._values):
            since = later.get(task)
            state = STATES[standing]
            if since is not None and since.state != UNCHANGED:
                state = since.state[0] or ""
            elif not self._now and ({"done": done, "cancelled": cancelled}.get(state) or "") > day:
                state = "open"
            if since is not None and since.due != UNCHANGED:
                due = since.due[0]
            if state == "open" and due is not None:
                self.moved.append(Owing(rowid, task, due, person))

    def _sure(self) -> str:
        there = "" if self._now else " AND t.note NOT IN (SELECT n.id FROM notes n WHERE n.date > :day)"
        return f"t.date_doubt IS NULL AND {real('due')} AND +t.note NOT IN {LEFT_OUT}{there}"

    def _still(self) -> str:
        """The condition on the others."""
        unseen = "" if self._seen == "[]" else " AND t.id NOT IN (SELECT value FROM json_each(:seen))"
        return f"t.state = 'open' AND {self._sure()}{unseen}"

    def before(self, edge: str, most: int | None) -> tuple[dict[int, str], int]:
        """(rowid -> due date of the others that were due before a day, how many there are); at least `most` of those that were due first."""
        values: dict[str, Any] = {**self._values, "edge": edge, "at": (most or 1) - 1, "until": edge}
        late = f"FROM tasks t WHERE {self._still()} AND t.deadline < :edge"
        if most is not None:
            found = self.conn.execute(
                f"SELECT t.deadline {late} ORDER BY t.deadline LIMIT 1 OFFSET :at", values
            ).fetchone()
            values["until"] = found[0] if found else edge
        dues = dict(self.conn.execute(f"SELECT t.rowid, t.deadline {late} AND t.deadline <= :until", values).fetchall())
        if most is None or len(dues) < most:
            return dues, len(dues)
        if self._now and self._seen == "[]":  # the index keeps it counted
            late = "FROM count_days WHERE state = 'open' AND real AND NOT doubted AND day < :edge AND day <> ''"
            return dues, int(self.conn.execute(f"SELECT total(tasks) {late}", values).fetchone()[0])
        return dues, int(self.conn.execute(f"SELECT count(*) {late}", values).fetchone()[0])

    def between(self, first: str, last: str) -> dict[int, tuple[str, str | None]]:
        """Rowid -> (due date, person) of the others that were due on one of these days."""
        sql = f"SELECT t.rowid, t.deadline, t.person_key FROM tasks t WHERE {self._still()} AND t.deadline BETWEEN :first AND :last"
        return {
            rowid: (due, who)
            for rowid, due, who in self.conn.execute(sql, {**self._values, "first": first, "last": last})
        }
