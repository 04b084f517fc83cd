"""What is due and what is new in one sentence, and when it is to be told: at times of the day, each thing once a day."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from typing import NamedTuple

from vaultindex.ask.pages.day import Triaged, day, shown_in_triage
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.files import write_own
from vaultindex.base.settings import Config
from vaultindex.base.text import minutes_of_day
from vaultindex.doors import notify
from vaultindex.index import sync
from vaultindex.render.phrases import count
from vaultindex.state import journal

log = logging.getLogger("vaultindex.watch")


class Found(NamedTuple):
    """What there is to tell: (id, text) of open tasks due today and of those overdue, mine or nobody's; ids of proposals
    that triage has not shown."""

    due: tuple[tuple[str, str], ...]
    overdue: tuple[tuple[str, str], ...]
    new: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(self)

    @property
    def ids(self) -> set[str]:
        """Everything that the sentence is about."""
        return {one for one, _ in (*self.due, *self.overdue)} | set(self.new)

    def without(self, told: Collection[str]) -> Found:
        """What was not told yet."""
        return Found(
            tuple(one for one in self.due if one[0] not in told),
            tuple(one for one in self.overdue if one[0] not in told),
            tuple(one for one in self.new if one not in told),
        )

    def sentence(self) -> str:
        """'2 due today (Send the sheet, Call Dana), 1 overdue, 3 new proposals.'"""
        some = ", ".join(text for _, text in self.due[:2]) + (", …" if len(self.due) > 2 else "")
        parts = [f"{len(self.due):,} due today ({some})"] if self.due else []
        parts += [f"{len(self.overdue):,} overdue"] if self.overdue else []
        parts += [count(len(self.new), "new proposal")] if self.new else []
        return ", ".join(parts) + "." if parts else "Nothing is due and nothing is new."


def look(conn: sqlite3.Connection, today: str, me: Sequence[str], triaged: Triaged | None) -> Found:
    """What there is to tell on this day. Before the first triage no proposal is new."""
    page = day(Asker(conn, today, me, ("id", "text", "mine", "owner_person", "state")), triaged)
    new = [row["id"] for row in page["proposed"]] if triaged is not None and triaged.last is not None else []
    seen = triaged.ids if triaged is not None else ()
    return Found(
        tuple((row["id"], row["text"]) for row in page["due"]),
        tuple((row["id"], row["text"]) for row in page["overdue"]),
        tuple(one for one in new if one not in seen),
    )


def minutes(text: str) -> int:
    """'08:30' as minutes after midnight. Raises UsageError."""
    found = minutes_of_day(text.strip())
    if found is None:
        raise UsageError(f"remind takes times of the day such as 08:30, not {text!r}")
    return found


class _Told(NamedTuple):
    """What was told on one day: the minute of the last time that was followed, and ids."""

    day: str = ""
    minute: int = -1
    ids: tuple[str, ...] = ()


def send_due(
    root: str,
    index: str,
    config: Config,
    now: time.struct_time | None = None,
    send: Callable[[str, str], str] = notify.send,
) -> str | None:
    """Tell what is to be told when one of the times of `remind` has come since the last time; the sentence, or None.

    A time that was slept through is made up for at the next call of that day. Never raises for what can go wrong outside:
    that goes to the log, and the next call tries again.
    """
    try:
        moment = now or time.localtime()
        today = os.environ.get("VAULTINDEX_TODAY") or time.strftime("%Y-%m-%d", moment)
        minute = moment.tm_hour * 60 + moment.tm_min
        state = journal.state_file(dict(os.environ), root, config)
        file = os.path.join(os.path.dirname(state), "remind.json")
        told = _read(file)
        if told.day != today:
            told = _Told(today)
        come = [at for at in map(minutes, config.get("remind")) if told.minute < at <= minute]
        if not come:
            return None
        conn, _ = sync.open_fresh(root, index, config)
        with closing(conn):
            found = look(conn, today, config.get("me"), shown_in_triage(state)).without(told.ids)
        if found:
            send(os.path.basename(root), found.sentence())
        write_own(file, json.dumps(told._replace(minute=max(come), ids=(*told.ids, *sorted(found.ids)))).encode())
        return found.sentence() if found else None
    except (VaultError, sqlite3.Error, OSError) as error:
        log.warning("%s: no reminder: %s", root, error)
        return None


def _read(file: str) -> _Told:
    try:
        with open(file, encoding="utf-8") as opened:
            told_on, minute, ids = json.load(opened)
        return _Told(str(told_on), int(minute), tuple(map(str, ids)))
    except (OSError, ValueError, TypeError):
        return _Told()  # none yet, or damaged: at worst something is told twice
