"""One look at the vault for all questions that come at once, in a process that answers many, where no watcher runs.

An agent asks several things in one breath, and each question would look at every note again (40 ms for 10,000 of them).
What a shared look did not see is said: the answer bears how long ago the look began.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import NamedTuple

from vaultindex.index.sync import Report

SHARED = 1.0  # seconds after its beginning for which a look serves further questions
Open = Callable[[bool], tuple[sqlite3.Connection, Report]]  # given whether to look


class Looked(NamedTuple):
    """An open index: what the look at the vault found, and how many seconds ago it began (0: it was this question's own)."""

    conn: sqlite3.Connection
    report: Report
    ago: float


class SharedLook:
    """Opens the index for one question after the other. Not for several threads."""

    def __init__(self, open_: Open, clock: Callable[[], float] = time.monotonic) -> None:
        self._open, self._clock = open_, clock
        self._last: tuple[float, Report] | None = None

    def __call__(self, own: bool = False) -> Looked:
        """The index, as new as the rule says; `own`: by a look of this question's own. Raises VaultError."""
        begun = self._clock()
        if self._last is not None and not own and begun - self._last[0] < SHARED:
            conn, _ = self._open(False)
            return Looked(conn, self._last[1], begun - self._last[0])
        self._last = None
        conn, report = self._open(True)
        # The word of a watcher costs nothing, so each question asks it; an answer from an old index helps no other.
        if report.watched is None and report.stale is None:
            self._last = begun, report
        return Looked(conn, report, 0.0)
