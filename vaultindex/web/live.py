"""Live: open pages are told when the index changes, and without a watcher the vault is swept while a page is open."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from vaultindex.base.errors import VaultError
from vaultindex.index import heartbeat
from vaultindex.web.site import Site

LOOK = 0.2  # seconds between two looks at the index
SWEEP = 2.0  # seconds between two sweeps of the vault when no watcher runs
BEAT = 15.0  # seconds after which a silent stream says that it lives
MOST = 24  # pages that listen at once


class Live:
    """Tells listeners that something changed. One loop for all of them, and none while nobody listens."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listeners: set[asyncio.Event] = set()
        self._loop: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()
        self.number = 0

    @property
    def full(self) -> bool:
        """Whether no further page may listen."""
        return len(self._listeners) >= MOST

    def tell(self) -> None:
        """Something changed that the index does not hold, such as what was put off: every page asks again."""
        self.number += 1
        for one in self._listeners:
            one.set()

    def close(self) -> None:
        """The server ends: every stream ends, too."""
        self._closed.set()
        for one in self._listeners:
            one.set()

    async def listen(self) -> AsyncIterator[str]:
        """Server-sent events: `hello` at once, then `changed` after each change."""
        mine = asyncio.Event()
        self._listeners.add(mine)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._watch())
        try:
            yield f"retry: 2000\nevent: hello\ndata: {self.number}\n\n"
            while not self._closed.is_set():
                try:
                    await asyncio.wait_for(mine.wait(), BEAT)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                mine.clear()
                if not self._closed.is_set():
                    yield f"event: changed\ndata: {self.number}\n\n"
        finally:
            self._listeners.discard(mine)

    async def _watch(self) -> None:
        seen, since_sweep = signature(self._site.index), SWEEP
        while self._listeners and not self._closed.is_set():
            await asyncio.sleep(LOOK)
            since_sweep += LOOK
            if since_sweep >= SWEEP:
                since_sweep = 0.0
                if heartbeat.trusted(self._site.index, self._site.root) is None:
                    await asyncio.to_thread(self._sweep)
            now = signature(self._site.index)
            if now != seen:
                seen = now
                self.tell()

    def _sweep(self) -> None:
        try:
            with self._site.visit() as visit:
                _ = visit.conn
        except VaultError:
            return  # the page itself says what is wrong when it is asked


def signature(index: str) -> tuple[Any, ...]:
    """Another one whenever the index was written or replaced."""
    found: list[Any] = []
    for suffix in ("", "-wal"):
        try:
            info = os.stat(index + suffix)
            found.append((info.st_ino, info.st_mtime_ns, info.st_size))
        except OSError:
            found.append(None)
    return tuple(found)
