"""The vault behind the fence of one server: what an agent may ask is asked of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from vaultindex.cli.app import App
from vaultindex.doors.fence import Copies, Fence


class Vault:
    """The vault of this run behind its fence; the index is opened by the first question."""

    def __init__(self, app: App, fence: Fence) -> None:
        self.app, self.fence = app, fence
        self._copies: Copies | None = None
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

    @contextmanager
    def opened(self) -> Iterator[tuple[sqlite3.Connection, str]]:
        """(a connection that holds nothing from behind the fence, how fresh it is)."""
        conn = self.app.connect()
        try:
            report = self.app.report
            fresh = "as the vault is now"
            if report is not None and (report.stale is not None or report.paused):
                fresh = "; ".join(self.app.freshness(report))
            if not self.fence:
                yield conn, fresh
                return
            if self._copies is None:
                self._copies = Copies(self.fence, self.app.index)
            yield self._copies.of(conn), fresh
        finally:
            conn.close()
