"""The past: what became of tasks over a time, by what the state of the vault remembers; and how they were on a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from vaultindex.base.ids import text_key
from vaultindex.state.history import Event, History

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
