"""What runs beside the watchers in their process when the settings want it: the page (`serve = true`).

The watchers come first: whatever goes wrong with the page is written to the log and tried again, and never reaches them.
What the page needs is imported when it is wanted, and not before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from vaultindex.base.errors import VaultError
from vaultindex.base.settings import Config
from vaultindex.watch.watcher import log

LOOK = 20.0  # seconds between two looks at the settings
AGAIN = 60.0  # seconds after which a page that failed is tried again


class Page(Protocol):
    """A page that is served by a thread of its own."""

    url: str
    why: str | None  # it ended by itself, and this is why

    def end(self) -> None:
        """End it, and wait until it did."""


class Beside:
    """Starts, restarts and ends the page as the settings say. `start` serves it; both callables may raise anything."""

    def __init__(self, load: Callable[[], Config], start: Callable[[Config], Page]) -> None:
        self._load, self._start = load, start
        self._page: Page | None = None
        self._for: tuple[object, ...] = ()  # the settings it was started with
        self._said = ""
        self._again = 0.0  # not before this

    def look(self) -> None:
        """Make what runs equal to what the settings say."""
        try:
            config = self._load()
        except VaultError:
            return  # the watchers say what is wrong with the settings; what runs goes on
        wanted = (config.get("serve_port"), config.get("vaults"), config.get("vault")) if config.get("serve") else ()
        if self._page is not None and self._page.why is not None:
            self._failed(self._page.why)
            self._page = None
        if wanted != self._for:
            self.end()
            self._for, self._again = wanted, 0.0
        if wanted and self._page is None and time.monotonic() >= self._again:
            try:
                self._page = self._start(config)
            except Exception as error:  # noqa: BLE001 - a page that cannot start must not end the watcher
                known = isinstance(error, VaultError)
                self._failed(str(error) if known else f"{type(error).__name__} in vaultindex itself")
            else:
                self._said = ""
                log.info("page: served at %s", self._page.url)

    def end(self) -> None:
        """End the page, if one runs."""
        page, self._page = self._page, None
        if page is not None:
            page.end()
            log.info("page: ended")

    def _failed(self, why: str) -> None:
        self._again = time.monotonic() + AGAIN
        if why != self._said:
            log.warning("page: %s: tried again every minute", why)
        self._said = why
