"""The watcher of one vault. Events from the file system are only hints to look; looking is the same sync that a question does.

A hint settles for a moment, then its paths are synced. Whatever makes hints doubtful (lost events, a folder that is not
watched, a disk that sends none) makes it sweep everything instead, and the heartbeat says so. Nothing is believed
because an event said it, and nothing is missed for long because none came: every minute it looks at everything anyway.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sqlite3
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

from vaultindex.base.errors import NoVaultError, VaultError
from vaultindex.base.settings import Config
from vaultindex.index import heartbeat, store, sync
from vaultindex.index.heartbeat import Beat
from vaultindex.vault import app_settings
from vaultindex.watch import inotify
from vaultindex.watch.hard_links import HardLinks

log = logging.getLogger("vaultindex.watch")
MANY = 200  # changed files from which on one look at everything is cheaper
REMIND = 20.0  # seconds between two looks at the clock
LOST = "events lost"
LARGE_WAL = 4_000_000  # bytes
MANY_READ = 200  # notes read before memory is given back
OWN_FILES = frozenset((*app_settings.APP_FILES, ".vaultindex.toml"))  # hidden files on which the rows depend


class Timing(NamedTuple):
    """Seconds."""

    settle: float = 0.1  # quiet after the last hint before it is followed
    cap: float = 1.0  # a hint is followed after this long, quiet or not
    sweep: float = 60.0  # between two looks at everything
    degraded: float = 5.0  # the same, when events cannot be trusted
    tick: float = heartbeat.EVERY
    unread: float = 0.25  # after which a note that could not be read is tried again; then twice as long, and so on
    young: float = 2.2  # after which a file that was just written is read once more (plan.UNSETTLED_NS, and a bit)


class Watched(NamedTuple):
    """One vault to watch."""

    root: str
    index_file: str
    load: Callable[[], Config]


class Watcher:
    """Watches one vault; `run` returns when `end` was called from elsewhere."""

    _folders_of: dict[int, int] = {}  # all watchers of this process share the system's watches
    _observing = threading.Lock()

    def __init__(self, what: Watched, timing: Timing = Timing()) -> None:  # noqa: B008 - an immutable tuple
        self.root, self.index, self.load = what
        self.timing = timing
        self.keeper = sync.Keeper(self.root, self.index)
        self.trouble: dict[str, str] = {}  # kind -> why: root, paused, failing, events, limit
        self.outdated = False  # the program on disk is another one: start anew
        self._changed = threading.Condition()
        self._ending = False
        self._paths: set[str] = set()
        self._all: str | None = "start"  # why everything is to be looked at
        self._first = self._last = time.monotonic()  # of the hints that wait
        self._busy = False
        self._again: dict[str, float] = {}  # young files -> when to read them once more
        self._unread: dict[str, tuple[float, float]] = {}  # what could not be read -> when to try again, how long after
        self._linked = HardLinks(self.root)
        self._observer: Any = None
        self._threads: list[threading.Thread] = []
        self._identity: tuple[int, int] | None = None  # of the vault's folder when it was last watched
        self._retry = 0.0  # not before this
        self._backoff = 1.0
        self._sweep_at = self._observe_at = self._tick_at = self._remind_at = 0.0
        self._recount = False
        self._touched = 0  # notes read since memory was last given back
        self._suspect: float | None = None  # when a sweep found what no event had told
        self._silent = 0
        self._silent_at = 0.0
        self._code = _code_stamp()
        self._shadow: Any = None  # publishes to a team's store what the index has, where the settings say so
        self._beating = threading.Lock()
        self._beat = Beat(os.getpid(), 0.0, "starting", self.root, store.index_version(), True, 0.0, time.time())

    # --- hints ---

    def hint(self, event: Any) -> None:
        """Take an event of watchdog's as a hint. Called in its thread."""
        for name in (event.src_path, event.dest_path):
            if not name:
                continue
            path = os.fsdecode(name)[len(self.root) + 1 :].replace(os.sep, "/")
            hidden = path.startswith(".") or "/." in path
            if not hidden:
                self._note(None if event.is_directory else path, "a folder came or went")
            elif path in OWN_FILES:
                self._note(None, "settings changed")
            elif path.endswith(".md.icloud"):
                self._note(None, "a note went to the cloud")

    def doubt(self, why: str) -> None:
        """Events were lost: look at everything."""
        with self._beating:
            self._beat = self._beat._replace(lost=self._beat.lost + 1)
        self._recount = True
        self._note(None, why)

    def end(self) -> None:
        """Make `run` return soon."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def _note(self, path: str | None, why: str) -> None:
        with self._changed:
            now = self._last = time.monotonic()
            clean = not self._paths and self._all in (None, "timer")
            if clean:
                self._first = now
            if path is None or len(self._paths) >= MANY:
                self._all = self._all if self._all == LOST else why if path is None else "many changes"
            else:
                self._paths.add(path)
            self._changed.notify()
        if clean:
            self.beat(pending=True)  # at once: from now on queries look themselves

    def _due(self) -> float:
        if (not self._paths and self._all is None) or "root" in self.trouble:
            return float("inf")
        return max(min(self._last + self.timing.settle, self._first + self.timing.cap), self._retry)

    # --- the loop ---

    def run(self) -> None:
        """Watch until the end."""
        self.beat(pending=True)
        self._first = self._last = 0.0
        try:
            while not self._ending:
                try:
                    self._turn()
                except Exception as error:  # noqa: BLE001 - a daemon that is installed once outlives its own mistakes
                    what = f"{type(error).__name__} in vaultindex itself (see the log)"
                    if self.trouble.get("failing") != what:
                        log.error("%s", "".join(traceback.format_tb(error.__traceback__)))
                    self._fail(what)
        finally:
            self._unobserve()
            self.keeper.close()
            heartbeat.clear(self.index)
            if self._shadow is not None:
                self._shadow.close()

    def _turn(self) -> None:
        self._wait()
        if self._ending:
            return
        now = time.monotonic()
        if now >= self._tick_at:
            self._tick_at = now + self.timing.tick
            self._look_after(now)
        if now >= self._due():
            self._follow()
        again = [path for path, at in self._again.items() if at <= now]
        if again and self._due() > now and not self.trouble:
            for path in again:
                del self._again[path]
            self._sync(again if len(again) <= MANY else None)
        tries = [path.rstrip("/") for path, (at, _) in self._unread.items() if at <= now]
        if tries and self._due() > now and not self.trouble:
            self._sync(tries if len(tries) <= MANY and "" not in tries else None)
        self.beat()

    def _wait(self) -> None:
        with self._changed:
            while not self._ending:
                # In trouble nothing is looked at again: what is due then must not wake it, turn by turn.
                unread = (at for at, _ in self._unread.values()) if not self.trouble else ()
                again = self._again.values() if not self.trouble else ()
                left = min(self._due(), self._tick_at, *again, *unread) - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def _follow(self) -> None:
        """Sync the paths that the hints name."""
        with self._changed:
            paths, why = self._paths, self._all
            self._paths, self._all = set(), None
            self._busy = True
        quiet = why == "timer" and time.monotonic() - self._last > self.timing.settle + 1
        try:
            if why is not None:
                self._sweep_at = time.monotonic() + self.timing.sweep  # sooner when there is trouble: see _look_after
            report = self._sync(None if why is not None else paths)
        finally:
            self._busy = False
        if report is None:
            with self._changed:
                self._all = self._all or why or "again"
            return
        if why in (LOST, "a folder came or went"):
            self._recount = True
        if quiet and report.touched:
            self._suspect = time.monotonic()
        if why is not None and (report.touched or why not in ("timer",)):
            log.info("%s: %s, swept: %s", self.root, why, _counts(report))
        elif report.touched:
            log.info("%s: %s", self.root, _counts(report))

    def _sync(self, paths: Any) -> sync.Report | None:
        looked = time.time()
        try:
            report = self.keeper.sync(self.load(), paths=paths, progress=lambda done, total: self.beat(pending=True))
        except NoVaultError as error:
            self._set("root", str(error))
            self._unobserve()
            return None
        except (VaultError, sqlite3.Error, OSError) as error:
            self._fail(str(error))
            return None
        self._touched += report.touched
        self._backoff = 1.0
        self._set("failing", None)
        for message in report.messages:
            log.warning("%s: %s", self.root, message)
        if paths is None or report.paused:
            self._set("paused", report.paused)
        soon = time.monotonic() + self.timing.young
        self._again.update(dict.fromkeys(self.keeper.young, soon))
        swept = paths is None
        before = len(self._unread)
        self._try_again(paths)
        unknown = report.unknown if swept else max(self._beat.unknown + len(self._unread) - before, 0)
        if self._linked.follow(self.keeper):
            self._note(None, "a note has several hard links")  # the others tell of nothing
        many = "many notes have several hard links: changes through another link come without events"
        self._set("links", many if self._linked.too_many else None)
        with self._beating:
            beat = self._beat._replace(notes=report.notes, swept=self._beat.swept + swept, linked=self._linked.known)
            self._beat = beat._replace(synced=beat.synced if self.trouble else looked, unknown=unknown)
        self._publish(paths, report._replace(unknown=unknown))
        return report

    def _publish(self, paths: Any, report: sync.Report) -> None:
        """Tell the thread that publishes, when the settings want one; what that needs is imported by those who want it."""
        config = self.load()
        if not config.get("publish"):
            return
        from vaultindex.team import watching

        wanted = watching.wanted(config, self.root)
        if wanted and self._shadow is None:
            self._shadow = watching.Shadow(self.root, self.index)
        if self._shadow is not None and not wanted:
            self._shadow.close()
            self._shadow = None
        if self._shadow is not None:
            self._shadow.tell(config, self.keeper.read, paths, report)

    def _try_again(self, paths: Any) -> None:
        """Put down what could not be read, to be tried again: soon at first, for a tool may be about to give it back."""
        before, now = self._unread, time.monotonic()
        looked = None if paths is None else set(paths)
        # What was not looked at now stays.
        self._unread = {p: w for p, w in before.items() if looked is not None and not _below(p, looked)}
        for path in self.keeper.unread:
            wait = min(before[path][1] * 2, self.timing.degraded) if path in before else self.timing.unread
            self._unread[path] = now + wait, wait

    def _fail(self, why: str) -> None:
        self._set("failing", why)
        self._retry = time.monotonic() + self._backoff
        self._backoff = min(self._backoff * 2, 60.0)
        with self._changed:
            self._all = self._all or "again"

    def _set(self, kind: str, why: str | None) -> None:
        if why is not None and self.trouble.get(kind) != why:
            log.warning("%s: %s", self.root, why)
        if why is None and self.trouble.pop(kind, None) is not None:
            log.info("%s: over: %s", self.root, _OVER[kind])
        elif why is not None:
            self.trouble[kind] = why

    # --- looking after itself ---

    def _look_after(self, now: float) -> None:
        """Once a tick: is the vault there, do events come, is it time for a sweep?"""
        try:
            found = os.stat(self.root)
            identity = (found.st_dev, found.st_ino)
        except OSError:
            self._unobserve()
            self._set("root", f"the vault is not there: {self.root}")
            return
        if "root" in self.trouble or identity != self._identity:
            self._set("root", None)
            self._observe(identity)
            self._note(None, "the vault is there" if self._beat.swept else "start")
        elif self._dead() and now >= self._observe_at:
            self._observe_at = now + self.timing.degraded
            log.warning("%s: the thread that takes events has died: started anew", self.root)
            self._observe(identity)
            self.doubt(LOST)
        if self._suspect is not None and now > self._suspect + 1:
            self._judge(identity)
        if self._recount and not self._paths and self._all is None:
            self._recount = False
            self._count(identity)
        interval = self.timing.degraded if self.trouble or self._beat.unknown else self.timing.sweep
        self._sweep_at = min(self._sweep_at, now + interval)
        if now >= self._sweep_at:
            self._sweep_at = now + interval
            self._recount = True
            with self._changed:
                self._all = self._all or "timer"  # not a hint: it marks nothing as pending
        for path in self._linked.changed():
            self._note(path, "a note changed through another hard link")
        self._tidy()
        self._remind(now)
        if _code_stamp() != self._code:
            from vaultindex.index import schema

            self._code = _code_stamp()
            if schema.version() != store.index_version():
                log.info("%s: vaultindex itself has changed: starting anew", self.root)
                self.outdated = True
                self.end()

    def _remind(self, now: float) -> None:
        """Notify at the times of setting `remind`; what that needs is imported by those who want it."""
        if now >= self._remind_at and "root" not in self.trouble:
            self._remind_at = now + REMIND
            config = self.load()
            if config.get("remind"):
                from vaultindex.doors import reminder

                reminder.send_due(self.root, self.index, config)

    def _dead(self) -> bool:
        if self._observer is None:
            return True
        emitters = list(self._observer.emitters)
        return not emitters or not all(t.is_alive() for t in (self._observer, *emitters, *self._threads))

    def _judge(self, identity: tuple[int, int]) -> None:
        """A sweep found changes that no event had announced within a second: stop trusting events."""
        suspected, self._suspect = self._suspect, None
        if suspected is None or self._last > suspected - 1:
            return
        now = time.monotonic()
        self._silent = self._silent + 1 if now - self._silent_at < 3600 else 1
        self._silent_at = now
        if self._silent > 1:
            self._set("events", "changes come without events (a network disk?)")
        else:
            log.warning("%s: a change came without an event: watching anew", self.root)
            self._observe(identity)
            self._note(None, "watching anew")

    def _observe(self, identity: tuple[int, int]) -> None:
        """Start (or restart) receiving events. Without them the watcher is degraded and sweeps often."""
        import warnings

        from watchdog import events
        from watchdog.observers import Observer

        self._unobserve()
        self._identity = identity
        watcher = self

        class Handler(events.FileSystemEventHandler):
            def dispatch(self, event: events.FileSystemEvent) -> None:
                watcher.hint(event)

        wanted: list[type[events.FileSystemEvent]] = [  # our own reading makes events too: not those
            events.FileCreatedEvent, events.FileModifiedEvent, events.FileMovedEvent, events.FileDeletedEvent,
            events.FileClosedEvent, events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent,
        ]  # fmt: skip
        # Rights that were taken or given back. Older versions of watchdog call these modified.
        wanted += [getattr(events, name) for name in ("FileAttribEvent", "DirAttribEvent") if hasattr(events, name)]
        _pair_quickly()
        observer = Observer()
        # A folder that is made and found at once is announced twice: no news.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.")
        with Watcher._observing:
            before = set(threading.enumerate())
            try:
                observer.schedule(Handler(), self.root, recursive=True, event_filter=wanted)
                observer.start()
            except OSError as error:
                self._set(
                    "events",
                    f"no events from the system ({error.strerror or error}): looking every {self.timing.degraded:g} s",
                )
                return
            self._threads = [t for t in threading.enumerate() if t not in before]
        self._observer = observer
        if self._silent < 2:
            self._set("events", None)
        self._count(identity, anew=False)

    def _unobserve(self) -> None:
        observer, self._observer, self._threads = self._observer, None, []
        Watcher._folders_of.pop(id(self), None)
        if observer is not None:
            observer.stop()
            observer.join(2)

    def _count(self, identity: tuple[int, int], anew: bool = True) -> None:
        """Is every folder watched? The limit on watches swallows folders without a word; new ones can slip through."""
        if self._observer is None:
            return
        folders = inotify.folders(self.root)  # first: a folder made meanwhile must not look unwatched
        watches = inotify.watched()
        if watches is None:
            return
        Watcher._folders_of[id(self)] = len(folders)
        others = sum(Watcher._folders_of.values()) - len(folders)
        # By inode; by number where a stacked file system shows other inodes than it has.
        watched = max(len(folders & set(watches)), min(len(folders), len(watches) - others))
        now = time.monotonic()
        if watched < len(folders) and anew and ("limit" not in self.trouble or now > self._observe_at):
            self._observe_at = now + self.timing.sweep
            self._observe(identity)
            self._note(None, "watching anew")
            return
        with self._beating:
            self._beat = self._beat._replace(watched=watched, folders=len(folders))
        what = f"watching {watched:,} of {len(folders):,} folders: {inotify.raise_limit(len(folders))}"
        self._set("limit", what if watched < len(folders) else None)

    def _tidy(self) -> None:
        """Shrink the write-ahead log after a long reader, and give memory back after a burst of changes."""
        if self._all is not None or self._paths:
            return
        if self._touched > MANY_READ:
            from vaultindex.watch.memory import give_back

            give_back()
            self._touched = 0
        try:
            large = os.stat(self.index + "-wal").st_size > LARGE_WAL
        except OSError:
            return
        if large:
            self.keeper.shrink()

    # --- the heartbeat ---

    @property
    def mode(self) -> str:
        """watching, or why not."""
        for kind, mode in (
            ("root", "paused"),
            ("paused", "paused"),
            ("failing", "failing"),
            ("events", "degraded"),
            ("limit", "degraded"),
            ("links", "degraded"),
        ):
            if kind in self.trouble:
                return mode
        return heartbeat.WATCHING if self._beat.swept else "starting"

    def beat(self, pending: bool = False) -> None:
        """Write the heartbeat."""
        with self._beating:
            mode = self.mode
            pending = (
                pending or self._busy or bool(self._paths) or self._all not in (None, "timer") or bool(self._unread)
            )
            synced = time.time() if mode == heartbeat.WATCHING and not pending else self._beat.synced
            some = [f"{next(iter(self._unread))} cannot be read: tried again"] if self._unread else []
            what = "; ".join([*self.trouble.values(), *some])
            self._beat = self._beat._replace(
                clock=time.monotonic(), mode=mode, pending=pending, synced=synced, what=what
            )
            try:
                heartbeat.write(self.index, self._beat)
            except OSError as error:
                log.warning("%s: no heartbeat: %s", self.root, error.strerror)


_OVER = {"root": "the vault is there again", "paused": "removals were refused", "failing": "the index could not be written",
         "events": "no events from the system", "limit": "not every folder was watched",
         "links": "many notes had several hard links"}  # fmt: skip


PAIRING = 0.01  # seconds


def _pair_quickly() -> None:
    """Let watchdog wait a moment, not half a second, for the second half of a rename.

    A file that leaves the vault has none, and all later events wait behind it. Both halves come in one reading; a pair that
    is torn all the same is a file that went and one that came, which is looked at just as well.
    """
    import importlib

    for module, name in (
        ("inotify_move_event_grouper", "InotifyMoveEventGrouper"),
        ("inotify_buffer", "InotifyBuffer"),
    ):
        try:
            found = importlib.import_module(f"watchdog.observers.{module}")
        except ImportError:
            continue  # another system, or another version
        getattr(found, name).delay = PAIRING


def _below(path: str, places: set[str]) -> bool:
    """Whether a path is one of these, or in one of these folders."""
    return any(path.rstrip("/") == place or path.startswith(place + "/") for place in places)


def _counts(report: sync.Report) -> str:
    found = ((report.added, "added"), (report.changed, "changed"), (report.removed, "removed"))
    text = ", ".join(f"{n:,} {word}" for n, word in found if n) or "nothing changed"
    return f"{text}, {report.notes:,} notes, {report.seconds * 1000:.0f} ms"


def _code_stamp() -> int:
    """Changes when the program on disk is replaced."""
    try:
        return os.stat(store.__file__).st_mtime_ns
    except OSError:
        return 0
