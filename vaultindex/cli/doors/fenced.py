"""The vault behind the fence of one server: what an agent may ask is asked of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from vaultindex.cli.app import App
from vaultindex.doors.fence import Copies, Fence
from vaultindex.index import sync
from vaultindex.state.history import History
from vaultindex.state.journal import state_file
from vaultindex.watch.shared_look import SharedLook


class Vault:
    """The vault of this run behind its fence; the index is opened by the first question."""

    def __init__(self, app: App, fence: Fence) -> None:
        self.app, self.fence = app, fence
        self._copies: Copies | None = None
        self._look = SharedLook(self._connect)
        app.given["quiet"] = True  # standard output belongs to the protocol, and no line is needed beside it

    @property
    def today(self) -> str:
        """The day, asked anew: a server runs over midnight."""
        self.app.forget_today()
        return self.app.today

    @property
    def me(self) -> list[str]:
        """The owner's names."""
        found: list[str] = self.app.config.get("me")
        return found

    @property
    def keep(self) -> dict[str, str]:
        """How often people and accounts with a tag are to be met."""
        found: dict[str, str] = self.app.config.get("keep_in_touch")
        return found

    @property
    def history(self) -> History:
        """What became of tasks, also of those behind the fence."""
        return History(state_file(self.app.env, self.app.root, self.app.config))

    def _connect(self, look: bool) -> tuple[sqlite3.Connection, sync.Report]:
        app = self.app
        if not look:
            return sync.open_fresh(app.root, app.index, app.config, refresh=False)
        conn = app.connect()
        assert app.report is not None
        return conn, app.report

    @contextmanager
    def opened(self, own: bool = False) -> Iterator[tuple[sqlite3.Connection, str]]:
        """(a connection that holds nothing from behind the fence, how fresh it is); `own`: as fresh as can be.

        Behind a fence each question looks by itself: a note that was made private a moment ago is private. So it is with --strict.
        """
        conn, report, ago = self._look(own or bool(self.fence) or "strict" in self.app.given)
        try:
            fresh = f"as the vault was {ago:.1f} s ago" if ago else "as the vault is now"
            if report.stale is not None or report.paused or report.unknown:
                fresh = "; ".join([*self.app.freshness(report), *([fresh] if ago else [])])
            if not self.fence:
                yield conn, fresh
                return
            if self._copies is None:
                self._copies = Copies(self.fence, self.app.index)
            yield self._copies.of(conn), fresh
        finally:
            conn.close()
