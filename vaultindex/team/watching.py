"""Publishing by itself: a thread beside the watcher, so that an outage of the store never holds up the index.

The watcher tells which notes it has read; what stands in other notes and changed with them (a name that means somebody now)
follows with the next look at everything. While the store is away it waits, longer each time, and then looks at everything.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from contextlib import closing

from vaultindex.base.errors import VaultError
from vaultindex.base.settings import Config
from vaultindex.index import store
from vaultindex.index.sync import Report
from vaultindex.team import rules
from vaultindex.team.address import Busy, Unreachable, address
from vaultindex.team.send import Absent, Publisher, Seen

log = logging.getLogger("vaultindex.watch")
WAIT, LONGEST = 1.0, 300.0  # seconds after which a store that is away is tried again: at first, at last
SETTLED = 2.0  # seconds without a change after which everything is looked at
EVERY = 600.0  # seconds after which the store hears that the rows are still as the vault is


def wanted(config: Config, root: str) -> bool:
    """Whether the settings say that the watcher publishes this vault."""
    given = config.get("publish")
    return bool(given) and bool(given.get(rules.named(config, root), {}).get("watch"))


class Shadow:
    """Publishes what the watcher of one vault tells. `close` ends its thread."""

    def __init__(self, root: str, index: str) -> None:
        self.root, self.index = root, index
        self._told = threading.Condition()
        self._config: Config | None = None
        self._paths: set[str] = set()
        self._proved = True
        self._all = True  # everything is to be looked at
        self._moved = time.monotonic()  # when something was told last
        self._ending = False
        self._publisher: Publisher | None = None
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="publish", daemon=True)
        self._thread.start()

    def tell(self, config: Config, read: Iterable[str], paths: Iterable[str] | None, report: Report) -> None:
        """A sync was done: these notes were read; `paths` is where it looked, None for everywhere."""
        changed = {*read, *(() if paths is None else paths)}
        with self._told:
            rules_changed = self._config is not None and self._config.get("publish") != config.get("publish")
            self._config = config
            self._proved = not report.paused and not report.unknown
            if report.touched or report.full or rules_changed:
                self._paths |= changed if report.touched else set()
                self._moved = time.monotonic()
                self._all = True
                self._told.notify()

    def close(self) -> None:
        """End soon; what was not published is by the next start."""
        with self._told:
            self._ending = True
            self._told.notify()
        self._thread.join(5)

    def _run(self) -> None:
        wait, not_before, at = WAIT, 0.0, 0.0
        while True:
            with self._told:
                while not self._ending:
                    now = time.monotonic()
                    due = at + EVERY
                    if self._config is None:
                        due = float("inf")
                    elif self._paths:
                        due = now
                    elif self._all:
                        due = self._moved + SETTLED
                    due = max(due, not_before)
                    if due <= now:
                        break
                    self._told.wait(min(due - now, 3600.0))
                if self._ending:
                    break
                config, proved = self._config, self._proved
                some = sorted(self._paths) if self._paths else None
                self._paths = set()
                self._all = some is not None  # after a few, everything
            assert config is not None
            try:
                self._publish(config, some, proved)
                wait, at = WAIT, time.monotonic()
                self._say("")
            except (Unreachable, Busy) as error:
                self._say(str(error))
                with self._told:
                    self._all = True
                not_before = time.monotonic() + wait
                wait = min(wait * 2, LONGEST)
            except (VaultError, OSError) as error:
                self._say(str(error))
                not_before = time.monotonic() + LONGEST
            except Exception as error:  # noqa: BLE001 - the index is kept whatever becomes of the store
                self._say(f"{type(error).__name__} in vaultindex itself")
                not_before = time.monotonic() + LONGEST
        if self._publisher is not None:
            self._publisher.close()

    def _publish(self, config: Config, paths: list[str] | None, proved: bool) -> None:
        given = rules.of(config, self.root)
        env = dict(os.environ)
        where = address(env, config)
        if self._publisher is None or (self._publisher.rules, self._publisher.where) != (given, where):
            if self._publisher is not None:
                self._publisher.close()
            self._publisher = Publisher(where, env, given)
            self._publisher.patience = 2
            paths = None
        with closing(store.open_read(self.index)) as conn:
            try:
                done = self._publisher.publish(conn, Seen(proved), paths=paths, begin=False)
            except Absent as error:
                raise Absent(f"{error}. The watcher goes on with it from then on") from None
        if done.sent or done.withdrawn:
            log.info("%s: published %d notes, withdrew %d", self.root, done.sent, done.withdrawn)

    def _say(self, what: str) -> None:
        """Into the log, once as long as it is the same."""
        if what and what != self._said:
            log.warning("%s: not published: %s", self.root, what)
        elif self._said and not what:
            log.info("%s: published again", self.root)
        self._said = what
