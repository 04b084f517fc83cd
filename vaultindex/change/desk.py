"""A change as every door makes it: what becomes of a task's line, the index brought up to date behind it, verdicts kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

from vaultindex.ask.tasks import lists as ask
from vaultindex.base import settings
from vaultindex.base.errors import VaultError
from vaultindex.index import store, sync
from vaultindex.state import edits
from vaultindex.state import journal as state
from vaultindex.state.journal import Journal, Verdict, text_key
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.vault import note_lines

Row = dict[str, Any]


class Place(Protocol):
    """Where a change is made, as the command line's App and the page's Site say it."""

    notes: list[str]  # what there is to tell beside the answer

    @property
    def root(self) -> str:
        """The vault's folder."""

    @property
    def index(self) -> str:
        """The index file."""

    @property
    def config(self) -> settings.Config:
        """The settings that hold for the vault."""

    @property
    def today(self) -> str:
        """YYYY-MM-DD."""

    def connect(self) -> sqlite3.Connection:
        """A read connection to an index that equals the vault."""


class Bench:
    """What a change of tasks works with: the place, the journal, the index and the vault's Tasks settings."""

    def __init__(self, place: Place, journal: Journal, conn: sqlite3.Connection | None = None) -> None:
        """`conn`: the index to ask; by default one is opened by the first question."""
        self.place, self.journal = place, journal
        self._conn = conn
        self._settings: TaskSettings | None = None

    @property
    def conn(self) -> sqlite3.Connection:
        """The index, equal to the vault unless whoever set it found that it need not be."""
        if self._conn is None:
            self._conn = self.place.connect()
        return self._conn

    @property
    def settings(self) -> TaskSettings:
        """The vault's Tasks settings."""
        if self._settings is None:
            self._settings = ask.plugin_settings(self.conn)
        return self._settings

    def close(self) -> None:
        """Close the index."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None


At = TypeVar("At", bound=Bench)


@contextmanager
def at_work(place: Place, file: str, make: Callable[[Journal], At], writes: bool = True) -> Iterator[At]:
    """What `make` gives (a bench, or what a door makes of one) over the journal in this file. First what became of edits over
    which a process died is settled; unless nothing may be written."""
    with Journal(file, place.root if writes else None) as journal:
        at = make(journal)
        try:
            if writes:
                edits.settle(place.root, journal)
            yield at
        finally:
            at.close()
            if journal.message:
                place.notes.append(journal.message)


def _check(line: str, settings: TaskSettings) -> None:
    """Raises VaultError when a line that is about to be written would be no task of this vault."""
    if parse_task(line, settings) is None:
        wanted = f" (it lacks {settings.global_filter})" if settings.global_filter not in line else ""
        raise VaultError(f"the line would not be a task any more{wanted}: {line.strip()}")


def change_of(at: Bench, verb: str, row: Row, make: Callable[[Row], list[str]]) -> edits.Change | None:
    """What is to become of a task's line; None when it is that already.

    An item without a box becomes a task first, unless it is rejected: then its note is left alone. One from a table
    becomes a line below the table.
    """
    path, line, raw = row["path"], row["line"], row["raw"]
    if row["origin"] == "box":
        new = make(row)
        for text in new:
            _check(text, at.settings)
        return None if new == [raw] else edits.Change(path, line, raw, new, row["id"], row["text"])
    if verb == "reject":
        return edits.Change(path, line, raw, [raw], row["id"], row["text"])
    from vaultindex.state.boxing import below_table, boxed

    new = make({**row, "raw": boxed(row, at.settings)})
    if row["origin"] == "table":
        lines = note_lines.Lines(edits.read(at.place.root, path)).read()
        line, beside = below_table(lines, line, raw)
        raw = lines[line - 1]
        new = [raw, *([] if beside else [""]), *new]
        at.place.notes.append(f"the table of {path} is as it was: the task stands below it")
    return edits.Change(path, line, raw, new, row["id"], row["text"])


def follow(at: Bench, paths: set[str], *, loose: bool = False) -> None:
    """Bring the index up to date with the notes just written; `loose`: also with what was decided about items without
    a box, whose notes hold no sign of it."""
    if paths:
        at.close()
        try:
            sync.sync(at.place.root, at.place.index, at.place.config, paths=sorted(paths), today=at.place.today)
            if loose:
                unkept = sync.settle(at.place.root, at.place.index, at.place.config, paths, at.place.today)
                if unkept:
                    at.place.notes.append(unkept)
        except store.Busy as busy:
            # What was asked for is done; were this an error, it would be done again.
            later = "then vi index --full" if loose else "the next question brings it up to date"
            at.place.notes.append(f"the change is made, but not in the index yet: {busy}; {later}")


def follow_names(at: Bench, names: Iterable[str]) -> None:
    """Bring the index up to date with what was said, or is said no more, of these folded names."""
    at.close()
    try:
        sync.settle_names(at.place.root, at.place.index, at.place.config, names)
    except store.Busy as busy:
        at.place.notes.append(f"the answer is kept, but not in the index yet: {busy}; then vi index --full")


def decide(at: Bench, row: Row, verdict: str, command: int | None, reason: str | None = None) -> None:
    """Remember the verdict on a proposal."""
    at.journal.decide(sources(at.conn, row), row["text"], verdict, at.place.today, row["path"], command, reason)


VERDICTS = {"accept": "accepted", "reject": "rejected"}  # what is remembered of a proposal on which this was done


def sources(conn: sqlite3.Connection, row: Row) -> list[str]:
    """The names under which the proposals of this task's note are known."""
    ref = conn.execute("SELECT source_ref FROM notes WHERE path = ?", (row["path"],)).fetchone()
    return state.note_sources(row["path"], row["note_title"], row["note_date"], ref[0] if ref else None)


# What `in_order`, `decided` and `set_aside` read of a task: to tell thousands of proposals apart takes no more.
TOLD_APART = ("id", "path", "line", "text", "note_title", "note_date")


def in_order(rows: list[Row], *, oldest: bool = False) -> None:
    """Put proposals in the order in which they are decided on: the newest note first, within a note from the top."""
    rows.sort(key=lambda row: (row["path"], row["line"]))
    rows.sort(key=lambda row: row["note_date"] or "", reverse=not oldest)


class Aside(NamedTuple):
    """Proposals by what was decided about them before."""

    left: list[Row]
    rejected: list[Row]  # they came back
    later: list[Row]  # put off today


def set_aside(rows: list[Row], before: Mapping[str, Verdict | None], today: str) -> Aside:
    """Tell those that are to be decided on from those that were; `before` is what `decided` says."""
    found = Aside([], [], [])
    for row in rows:
        was = before[row["id"]]
        if was is not None and was.verdict == "rejected":
            found.rejected.append(row)
        elif was is not None and was.verdict == "later" and was.day == today:
            found.later.append(row)
        else:
            found.left.append(row)
    return found


def decided(at: Bench, rows: list[Row]) -> dict[str, Verdict | None]:
    """What was decided about each proposal before."""
    verdicts = at.journal.verdicts()
    keys = {key for _, key in verdicts}
    found: dict[str, Verdict | None] = {row["id"]: None for row in rows}
    for row in rows if verdicts else ():
        key = text_key(row["text"])
        if key in keys:
            some = [v for source in sources(at.conn, row) if (v := verdicts.get((source, key)))]
            found[row["id"]] = max(some, key=lambda v: v.day, default=None)
    return found
