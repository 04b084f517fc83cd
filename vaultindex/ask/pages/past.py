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
    for one in net(history.events(start, end)).values():
        if one.state == UNCHANGED or one.state[0] != "proposed":
            continue
        place = (one.path, text_key(one.text))
        mine, other = (rejected, accepted) if one.state[1] == "cancelled" else (accepted, rejected)
        if one.state[1] in ("open", "done", "cancelled"):
            mine.setdefault(place, (one.day, one.text, one.task))
            other.pop(place, None)
    return Decided(accepted, rejected)


def _id_of(conn: sqlite3.Connection, path: str, text: str) -> str | None:
    sql = "SELECT t.id FROM notes n JOIN tasks t ON t.note = n.id WHERE n.path = ? AND t.text = ? LIMIT 1"
    row = conn.execute(sql, (path, text)).fetchone()
    return str(row[0]) if row else None
