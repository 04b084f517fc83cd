"""The watcher's process: one for each index, a thread for each vault, its log, and the signals that end it."""

from __future__ import annotations

import logging
import logging.handlers
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from vaultindex.base.errors import VaultError
from vaultindex.base.files import try_lock
from vaultindex.base.text import safe
from vaultindex.index import heartbeat, store
from vaultindex.watch.beside import LOOK, Beside
from vaultindex.watch.watcher import LOST, Timing, Watched, Watcher, log


class AlreadyRunning(VaultError):
    """Another watcher has this index."""


@contextmanager
def only_one(what: Watched) -> Iterator[None]:
    """Hold the watcher's lock of this index. Raises AlreadyRunning, which names the other."""
    store.prepare_folder(what.index_file)
    fd = os.open(heartbeat.lock_file(what.index_file), os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        for _ in range(10):  # a query that asks whether we live holds it for an instant
            if try_lock(fd):
                break
            time.sleep(0.05)
        else:
            beat = heartbeat.read(what.index_file)
            who = f" (pid {beat.pid})" if beat is not None else ""
            raise AlreadyRunning(f"{what.root} is being watched already{who}: vi status")
        yield
    finally:
        os.close(fd)


def log_file(index: str) -> str:
    """The watcher's log, beside the index."""
    return os.path.join(os.path.dirname(index), "watch.log")


class _Log(logging.handlers.RotatingFileHandler):
    """Readable by its user alone, and never large. It holds paths, counts and durations; no note's text."""

    def _open(self) -> Any:
        fd = os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        return open(fd, "a", encoding="utf-8", errors="backslashreplace")


class _Doubts(logging.Handler):
    """What watchdog warns of makes every watcher look at everything."""

    def __init__(self, watchers: list[Watcher]) -> None:
        super().__init__(logging.WARNING)
        self.watchers = watchers

    def emit(self, record: logging.LogRecord) -> None:
        for watcher in self.watchers:
            watcher.doubt(LOST)


def run(
    vaults: list[Watched],
    timing: Timing = Timing(),  # noqa: B008 - immutable
    aloud: bool = False,
    beside: Beside | None = None,
) -> bool:
    """Watch these vaults until SIGTERM or SIGINT; True when the program was replaced on disk and should start anew.

    Raises AlreadyRunning, and VaultError for bad settings, when that leaves nothing to watch. Of several vaults, one with
    bad settings is tried again and again, and one that is watched already is left to its watcher. The log goes beside the
    first vault's index, and to stderr when `aloud`. `beside` is looked after as long as they run.
    """
    if len(vaults) == 1:
        vaults[0].load()
    with ExitStack() as stack:
        vaults = _free(vaults, stack)
        _log_to(log_file(vaults[0].index_file), aloud)
        watchers = [Watcher(what, timing) for what in vaults]
        _listen(watchers)
        done = threading.Event()

        def stop(*_: Any) -> None:
            done.set()

        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), stop)
        threads = [threading.Thread(target=_run, args=(w, done), daemon=True) for w in watchers]
        for thread in threads:
            thread.start()
        for watcher in watchers:
            log.info("watching %s (pid %d)", watcher.root, os.getpid())
        look_at, ended = 0.0, False
        while not ended:
            if beside is not None and time.monotonic() >= look_at:
                look_at = time.monotonic() + LOOK
                beside.look()
            # Windows delivers Ctrl-C only between waits.
            ended = done.wait(0.5 if os.name != "posix" else None if beside is None else LOOK)
        if beside is not None:
            beside.end()
        for watcher in watchers:
            watcher.end()
        for thread in threads:
            thread.join(5)
        log.info("ended")
        return any(w.outdated for w in watchers)


def _free(vaults: list[Watched], stack: ExitStack) -> list[Watched]:
    """The vaults whose indexes are ours alone from now on. Raises the first error when there is none."""
    held: list[Watched] = []
    refused: list[VaultError] = []
    for what in vaults:
        try:
            stack.enter_context(only_one(what))
            held.append(what)
        except VaultError as error:
            refused.append(error)
    if not held:
        raise refused[0]
    for why in refused:
        print(f"vaultindex: {safe(str(why))}: the other vaults are watched", file=sys.stderr)
    return held


def _run(watcher: Watcher, done: threading.Event) -> None:
    watcher.run()
    if watcher.outdated:
        done.set()


def _log_to(path: str, aloud: bool) -> None:
    handlers: list[logging.Handler] = [_Log(path, maxBytes=1_000_000, backupCount=1)]
    if aloud:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.handlers[:] = handlers
    log.setLevel(logging.INFO)
    log.propagate = False


def _listen(watchers: list[Watcher]) -> None:
    theirs = logging.getLogger("watchdog")
    theirs.handlers[:] = [_Doubts(watchers)]
    theirs.propagate = False
