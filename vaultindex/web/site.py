"""The site: which vault the page shows, and one visit to it, from a fresh look at the notes to the answer."""

from __future__ import annotations

import datetime
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vaultindex.ask.pages.day import Triaged, shown_in_triage
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base import settings
from vaultindex.base.errors import VaultError
from vaultindex.change.desk import Bench, at_work
from vaultindex.index import sync
from vaultindex.state.history import History
from vaultindex.state.journal import state_file


class Site:
    """One vault as it is served."""

    def __init__(
        self, root: str, index: str, env: dict[str, str], *, today: str | None = None, read_only: bool = False
    ) -> None:
        self.root, self.index, self.env, self.read_only = root, index, env, read_only
        self._today = today
        self.address = ""  # where the page is, once it listens: http://127.0.0.1:8750
        # One question at a time: the index is read from one disk, and a sweep must not meet another.
        self.lock = threading.Lock()

    @property
    def today(self) -> str:
        """Today as YYYY-MM-DD; it changes at midnight, unless it was given."""
        return self._today or datetime.date.today().isoformat()

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """One visit, with its connection closed at the end."""
        with self.lock:
            one = Visit(self)
            try:
                yield one
            finally:
                one.close()


class Visit:
    """What the answer to one request works with; also the place of a change (see `change.desk.Place`)."""

    def __init__(self, site: Site) -> None:
        self.site, self.notes = site, list[str]()
        self.root, self.index, self.today = site.root, site.index, site.today
        self.config = settings.load(site.env, site.root)
        self.report: sync.Report | None = None
        self._conn: sqlite3.Connection | None = None

    def connect(self) -> sqlite3.Connection:
        """A read connection to an index that equals the vault. Raises VaultError."""
        conn, self.report = sync.open_fresh(self.root, self.index, self.config, today=self.today)
        return conn

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection of this visit."""
        if self._conn is None:
            self._conn = self.connect()
        return self._conn

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    @property
    def me(self) -> list[str]:
        """The setting `me`."""
        found: list[str] = self.config.get("me")
        return found

    @property
    def asker(self) -> Asker:
        """Who asks the pages."""
        return Asker(self.conn, self.today, self.me, keep=self.config.get("keep_in_touch"))

    @property
    def state(self) -> str:
        """The file of the vault's state."""
        return state_file(self.site.env, self.root, self.config)

    @property
    def history(self) -> History:
        """What became of tasks."""
        return History(self.state)

    def triaged(self) -> Triaged | None:
        """What triage has shown, None before there was one."""
        try:
            return shown_in_triage(self.state)
        except (VaultError, sqlite3.Error) as error:
            self.notes.append(f"what triage has shown is not known: {error}")
            return None

    @contextmanager
    def bench(self) -> Iterator[Bench]:
        """The bench at which a change is made; with --read-only, what was decided can be asked there, and nothing is written."""
        with at_work(self, self.state, lambda journal: Bench(self, journal), not self.site.read_only) as at:
            yield at


def word(value: Any) -> str:
    """A value as one word of a page; nothing for None."""
    return "" if value is None else str(value)
