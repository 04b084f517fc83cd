"""What became of the tasks of changed notes: which have another due date or another state than before.

Only notes that were read anew are compared, and only their tasks; a full index compares nothing. What differs is kept in
the state of the vault (state/history.py), for the notes themselves hold only how things are now.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.base.ids import text_key
from vaultindex.tasks.plugin_settings import STATES

_WAIT = 1.0  # seconds for another writer of the state: no index waits longer for its history


class Seen(NamedTuple):
    """A task as a note had it."""

    id: str
    due: str | None
    standing: int  # of STATES
    text: str


class Change(NamedTuple):
    """One thing that is otherwise. `what`: due, state, or id (the same task under another id, since its words changed)."""

    task: str
    what: str
    was: str | None
    became: str | None
    path: str
    text: str


def tasks_of(conn: sqlite3.Connection, notes: Iterable[int]) -> dict[int, list[Seen]]:
    """The tasks of these notes, in the order of their lines; notes without tasks are left out."""
    sql = "SELECT id, deadline, standing, text FROM tasks WHERE note = ? ORDER BY line, rowid"
    found = {note: list(map(Seen._make, conn.execute(sql, (note,)))) for note in notes}
    return {note: tasks for note, tasks in found.items() if tasks}


def changes(conn: sqlite3.Connection, before: dict[int, list[Seen]]) -> list[Change]:
    """What is otherwise in these notes now."""
    found: list[Change] = []
    after = tasks_of(conn, before)
    for note, old in before.items():
        new = after.get(note, [])
        if old == new:
            continue
        path = conn.execute("SELECT path FROM notes WHERE id = ?", (note,)).fetchone()[0]
        pairs = _pairs(old, new)
        found += [Change(now.id, "id", was.id, now.id, path, now.text) for was, now in _vacated(pairs)]
        for was, now in pairs:
            if was.due != now.due:
                found.append(Change(now.id, "due", was.due, now.due, path, now.text))
            if was.standing != now.standing:
                found.append(Change(now.id, "state", STATES[was.standing], STATES[now.standing], path, now.text))
    return found


def _vacated(pairs: Iterable[tuple[Seen, Seen]]) -> list[tuple[Seen, Seen]]:
    """The pairs with another id, in an order in which no task gets an id that another still has."""
    left = {was.id: (was, now) for was, now in pairs if was.id != now.id}
    found = []
    while left:
        free = next((was for was, (_, now) in left.items() if now.id not in left), next(iter(left)))
        found.append(left.pop(free))
    return found


def _pairs(old: Sequence[Seen], new: Sequence[Seen]) -> list[tuple[Seen, Seen]]:
    """The same tasks before and after: by id; those whose words were edited by their place between others that stayed."""
    by_id = {task.id: task for task in old}
    found = [(by_id[task.id], task) for task in new if task.id in by_id]
    if len(found) == len(old) == len(new):
        return found
    found = _repeated(old, new, found)
    gone, come = ({task.id for task in side} for side in zip(*found)) if found else (set(), set())
    if len(gone) == len(old) or len(come) == len(new):
        return found
    for was, now in zip(_between(old, gone), _between(new, come)):
        # As many as there were, and like them: else nobody can tell which became which.
        if len(was) == len(now) and all(_alike(a.text, b.text) for a, b in zip(was, now)):
            found += zip(was, now)
    return found


def _repeated(old: Sequence[Seen], new: Sequence[Seen], found: list[tuple[Seen, Seen]]) -> list[tuple[Seen, Seen]]:
    """The pairs, but where a text stands more or less often than before (a repeating task was done): its id says only
    which of them it is, and the due date which one it was."""
    groups: dict[str, tuple[list[Seen], list[Seen]]] = {}
    for side, tasks in enumerate((old, new)):
        for task in tasks:
            groups.setdefault(" ".join(task.text.casefold().split()), ([], []))[side].append(task)
    by_id, pairs = {was.id: (was, now) for was, now in found}, []
    for before, after in groups.values():
        if len(before) != len(after) and before and after:
            left = list(after)
            for was in before:
                now = next((task for task in left if task.due == was.due), None)
                if now is not None:
                    left.remove(now)
                    pairs.append((was, now))
        else:
            pairs += [by_id[was.id] for was in before if was.id in by_id]
    return pairs


def _between(tasks: Sequence[Seen], stayed: set[str]) -> list[list[Seen]]:
    """The tasks that did not stay, in groups parted by those that did."""
    groups: list[list[Seen]] = [[]]
    for task in tasks:
        if task.id in stayed:
            groups.append([])
        else:
            groups[-1].append(task)
    return groups


def _alike(a: str, b: str) -> bool:
    """Whether two texts share at least half of their words."""
    one, other = set(text_key(a).split()), set(text_key(b).split())
    return 2 * len(one & other) >= max(len(one), len(other)) > 0


def keep(state_file: str, root: str, index: str, day: str, found: Sequence[Change]) -> str | None:
    """Keep what became otherwise in the vault at `root` on this day. An index never fails for it: returns why it could not be kept."""
    if not found:
        return None
    from vaultindex.state import history
    from vaultindex.state.journal import Journal

    try:
        with Journal(state_file, root, wait=_WAIT) as journal:
            history.keep(journal, day, found, f"{zlib.crc32(os.fsencode(index)):08x}")
    except (VaultError, sqlite3.Error, OSError) as error:
        return f"what became of {len(found)} tasks is not kept for vi review: {error}"
    return None
