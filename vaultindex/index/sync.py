"""Make the index equal the vault: the only writer of the index.

Only changed notes are parsed; rows vanish only when it was seen that the file is not there; everything happens in one
transaction, so that a reader sees the old index or the new one and a crash leaves one of the two. A sync looks at the
whole vault (a sweep) or at the paths that changed; both go the same way after looking.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex.base.errors import IndexUnavailable
from vaultindex.base.settings import Config
from vaultindex.index import heartbeat, store
from vaultindex.index.plan import Plan, everything, lost, plan, settled
from vaultindex.vault import app_settings, listing_snapshot
from vaultindex.vault import disk as vault
from vaultindex.vault.excluded import Excluded
from vaultindex.vault.journal_place import journal_stamp, state_file

if TYPE_CHECKING:
    from vaultindex.extract.rows import Maker

Progress = Callable[[int, int], None]
_MANY = 20  # when one in so many files has changed, everything is counted anew rather than change by change


class Report(NamedTuple):
    """What a sync found and did."""

    notes: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    seconds: float = 0.0
    full: bool = False
    paused: str | None = None  # why removals were refused
    unknown: int = 0  # folders and files that could not be looked at
    messages: tuple[str, ...] = ()  # one line each: what the person should know (rebuilt, quarantined)
    stale: float | None = None  # seconds since the last sync, when the answer was not refreshed
    watched: float | None = None  # seconds since the watcher last looked, when its word was taken

    @property
    def touched(self) -> int:
        """How many notes are different from before."""
        return self.added + self.changed + self.removed


def sync(
    root: str,
    index: str,
    config: Config,
    *,
    paths: Iterable[str] | None = None,
    full: bool = False,
    accept_removals: bool = False,
    progress: Progress | None = None,
    today: str | None = None,
) -> Report:
    """Make the index equal the vault and say what was done; `paths` are all that can have changed, when that is known.
    `today`: the day, where the clock is not to be asked.

    A missing index is built, an outdated one refilled, a damaged one moved aside and rebuilt. Raises NoVaultError when
    the vault is not there, IndexUnavailable when the index cannot be written; the index is then as it was.
    """
    with closing(Keeper(root, index)) as keeper:
        keeper.today = today
        return keeper.sync(config, paths=paths, full=full, accept_removals=accept_removals, progress=progress)


class Keeper:
    """Keeps one index equal to its vault, for a process that goes on (the watcher).

    The connection stays open, and settings and rules are read once.
    """

    def __init__(self, root: str, index: str) -> None:
        self.root, self.index = root, index
        self.young: set[str] = set()  # files so fresh at the last sync that they may change without showing it
        self.unread: set[str] = (
            set()
        )  # notes and folders that could not be read at the last sync, as problems name them
        self.read: list[str] = []  # files that were read at the last sync
        self.seen: Plan | None = None  # what this process saw a moment ago
        self._conn: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None  # the file that the connection has open
        self._rules: tuple[tuple[str, str], _Rules] | None = None
        self.today: str | None = None  # the day, where the clock is not to be asked
        self.since: str | None = None  # the day of another index that this one is to equal
        self._again: list[str] = []  # notes that are to be read by what the last sync found out

    def close(self) -> None:
        """Close the index."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def shrink(self) -> None:
        """Cut the write-ahead log down to nothing, unless a reader still needs it."""
        if self._conn is not None:
            self._conn.execute("PRAGMA busy_timeout = 100")
            self._conn.execute("PRAGMA main.wal_checkpoint(TRUNCATE)").fetchone()
            self._conn.execute(f"PRAGMA busy_timeout = {store.BUSY_MS}")

    def sync(
        self,
        config: Config,
        *,
        paths: Iterable[str] | None = None,
        full: bool = False,
        accept_removals: bool = False,
        progress: Progress | None = None,
        wait: float = store.WAIT,
        suspended: float = store.WAIT,
    ) -> Report:
        """See the function `sync`; how long to wait for another writer: see `store.writer_lock`."""
        started = time.perf_counter()
        self.young = set()
        store.check_ours(self.root, self.index)
        with store.writer_lock(self.index, wait, suspended):
            messages: list[str] = []
            try:
                report = self._sync(messages, config, paths, full, accept_removals, progress)
                if self._again:
                    self._sync(messages, config, self._again, False, False, progress)
            except sqlite3.OperationalError as error:
                self.close()
                raise store.unwritable(error) from error
            except BaseException:
                self.close()  # whatever it was, the next sync begins afresh
                raise
        messages += report.messages
        return report._replace(seconds=time.perf_counter() - started, messages=tuple(messages))

    def _sync(
        self,
        messages: list[str],
        config: Config,
        paths: Iterable[str] | None,
        full: bool,
        accept: bool,
        progress: Progress | None,
    ) -> Report:
        try:
            found = os.stat(self.index)
        except FileNotFoundError:
            self.close()
            return self._build(config, progress)
        if self._conn is None or self._file != (found.st_dev, found.st_ino):
            self.close()
            self._conn = _open(self.index, messages)
            found = os.stat(self.index)
            if store.state(self._conn) == "ready":
                try:
                    store.check_vault(self._conn, self.root, self.index)
                except store.Outdated:
                    full = accept = True
            self._file = (found.st_dev, found.st_ino)
        try:
            return self._update(self._conn, config, full, accept, progress, paths)
        except sqlite3.DatabaseError as error:
            if not store.is_damage(error):
                raise
            self.close()
            messages.append(f"the index was damaged ({error}): rebuilt; the old one is {store.quarantine(self.index)}")
            return self._build(config, progress)

    def _build(self, config: Config, progress: Progress | None) -> Report:
        """A first index: written beside its place without a journal, and put there whole. Nobody can be reading yet."""
        fresh = self.index + ".new"
        _remove(fresh, ("", "-wal", "-shm", "-journal"))
        conn = store.open_write(fresh)
        try:
            conn.execute("PRAGMA journal_mode = OFF")
            conn.execute("PRAGMA synchronous = OFF")
            report = self._update(conn, config, True, True, progress, None)
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
        finally:
            conn.close()
        _remove(self.index, ("-wal", "-shm"))  # left by an index that was deleted: they must not meet the new one
        os.replace(fresh, self.index)
        return report

    def _update(
        self,
        conn: sqlite3.Connection,
        config: Config,
        full: bool,
        accept: bool,
        progress: Progress | None,
        paths: Iterable[str] | None,
    ) -> Report:
        with store.transaction(conn):
            if full or store.state(conn) != "ready":
                full = True
                todo = self._everything(config)
                why = None if accept else _shrunk(conn, todo.notes)
                if why:
                    return Report(paused=why)
            else:
                todo = plan(conn, self.root, config, accept, paths, self.index, self.seen, _get_ready)
            if todo.empty:
                report, stamp = _report(conn, todo), todo.stamp
            else:
                report, todo, stamp = self._apply(conn, config, todo, full, progress)
        if todo.where is None:
            _keep(self.index, todo, stamp, self.young)
        self.unread = {p.path for p in todo.scan.problems if p.kind == "unreadable"}
        self.read = todo.read
        return report

    def fingerprints(self, paths: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """What the index knows of these files: mtime, ctime, size, inode."""
        sql = "SELECT mtime_ns, ctime_ns, size, inode FROM files WHERE path = ?"
        with closing(store.open_read(self.index)) as conn:
            found = {path: conn.execute(sql, (path,)).fetchone() for path in paths}
        return {path: row for path, row in found.items() if row is not None}

    def _rules_for(self, app: str, config: Config) -> "_Rules":
        """The rules for these settings, found out once; `app` tells the app's settings from others."""
        key = (app, repr(config.reading()))
        if self._rules is None or self._rules[0] != key:
            self._rules = (key, _rules(self.root, config.reading()))
        return self._rules[1]

    def _everything(self, config: Config) -> Plan:
        """To read the whole vault, whatever is in the index."""
        app = app_settings.fingerprint(self.root)
        every = self._rules_for(app, config).app.all_files
        return everything(vault.scan(self.root, config.get("follow_links"), every), app)

    def _apply(
        self, conn: sqlite3.Connection, config: Config, todo: Plan, full: bool, progress: Progress | None
    ) -> tuple[Report, Plan, str]:
        from vaultindex.index import cross_note, history, schema
        from vaultindex.index.write import Writer, guessed_day_order

        rules, facts = self._rules_for(todo.app, config), dict[str, str]()
        since = self.since or first_day(conn) or self.today or _today()
        if not full:
            facts = dict(conn.execute("SELECT key, value FROM meta"))
            if facts.get("digest") != rules.digest and not todo.paused:
                # The rules by which notes are read have changed: every row may be another.
                full, todo = True, self._everything(config)
                rules = self._rules_for(todo.app, config)
        way = guessed_day_order(self.root, todo) if full else cross_note.WAYS[facts.get("day_order", "")]
        writer = Writer(conn, self.root, todo, rules.maker.for_vault(way), rules.excluded, full)
        files = 0 if full else conn.execute("SELECT max(id) FROM files").fetchone()[0] or 0
        many = full or (len(todo.read) + len(todo.gone)) * _MANY > files
        if many:
            schema.leave_counts(conn)
        added, changed, removed = writer.run(os.path.dirname(self.index), progress)
        self.young |= writer.young
        if full:
            store.put(conn, "mine", 1, [(key,) for key in sorted(rules.maker.rules.me)])
            schema.index(conn)
        state = state_file(dict(os.environ), self.root, config)
        changes = writer.finish(state, since)
        if many:
            schema.count_all(conn)
            schema.follow_counts(conn)
        found = cross_note.month_comes_first(conn)
        self._again = cross_note.notes_that_ask(conn) if found is not way else []
        cross_note.read_again(conn, self._again)
        self.young.update(self._again)
        _remember(conn, todo, rules.app)
        stamp = str(time.time_ns())
        for name, value in (
            ("app", todo.app), ("reading", repr(config.reading())), ("digest", rules.digest), ("all_files", str(int(rules.app.all_files))),
            ("vault", self.root), ("indexed_at", stamp), ("plugin", rules.plugin), ("kinds", rules.kinds), ("since", since),
            ("day_order", next(name for name, what in cross_note.WAYS.items() if what is found)),
            *((("journal", journal_stamp(os.environ, self.root)),) if full else ()),
        ):  # fmt: skip
            if full or facts.get(name) != value:
                store.set_meta(conn, name, value)
        if full:
            conn.execute("PRAGMA optimize")
        # Before the index is committed: should that fail, the same is seen again, and put down once.
        unkept = history.keep(state, self.root, self.index, self.today or _today(), changes)
        told = (unkept,) if unkept else ()
        report = _report(conn, todo)._replace(added=added, changed=changed, removed=removed, full=full, messages=told)
        return report, todo, stamp


def first_day(conn: sqlite3.Connection) -> str | None:
    """The day on which the vault was first indexed, kept when the index is filled anew; None for a new one."""
    try:
        return store.meta(conn, "since")
    except sqlite3.OperationalError:
        return None  # no tables yet


def _today() -> str:
    return os.environ.get("VAULTINDEX_TODAY") or time.strftime("%Y-%m-%d")


def settle(root: str, index: str, config: Config, paths: Iterable[str], today: str | None = None) -> str | None:
    """Say anew which items without a box in these notes are proposals: what was decided about them has changed. Returns why
    that could not be kept for `vi review`, if so."""
    from vaultindex.index import history, loose

    with store.writer_lock(index), closing(store.open_write(index)) as conn, store.transaction(conn):
        ids = [row[0] for path in paths for row in conn.execute("SELECT id FROM notes WHERE path = ?", (path,))]
        state, before = state_file(dict(os.environ), root, config), history.tasks_of(conn, ids)
        loose.settle(conn, ids, state, first_day(conn) or today or _today())
        return history.keep(state, root, index, today or _today(), history.changes(conn, before))


def settle_names(root: str, index: str, config: Config, names: Iterable[str]) -> None:
    """Say anew whom these folded names mean: what the user told about them has changed."""
    from vaultindex.index import same_person

    with store.writer_lock(index), closing(store.open_write(index)) as conn, store.transaction(conn):
        names = {*names, *(name for row in conn.execute("SELECT key, other FROM told") for name in row)}
        same_person.remember(conn, state_file(dict(os.environ), root, config))
        same_person.affected(conn, names)


def _settle_anew(root: str, index: str, config: Config) -> None:
    """The same for all notes: the vault has another journal than when the index was filled, since it was moved."""
    from vaultindex.index import loose

    try:
        with (
            store.writer_lock(index, store.READERS_WAIT, 0.0),
            closing(store.open_write(index)) as conn,
            store.transaction(conn),
        ):
            loose.settle(conn, None, state_file(dict(os.environ), root, config), first_day(conn) or _today())
            store.set_meta(conn, "journal", journal_stamp(os.environ, root))
    except store.Busy:
        return  # the next question does it


def _remove(path: str, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)


def _report(conn: sqlite3.Connection, todo: Plan) -> Report:
    notes = todo.notes if todo.where is None else conn.execute("SELECT count(*) FROM notes").fetchone()[0]
    return Report(notes=notes, paused=todo.paused, unknown=_unknown(todo))


def _unknown(todo: Plan) -> int:
    """How many files and folders could not be looked at, could not be read, or lie in the cloud: each has its problem."""
    return sum(p.kind in ("unreadable", "cloud") for p in todo.scan.problems)


def _keep(index: str, todo: Plan, stamp: str | None, young: Iterable[str] = ()) -> None:
    """Save the folder listings of this sweep, marked with the index's `stamp`, so that the next sweep reads only what differs."""
    scan = todo.scan
    if stamp is None or todo.paused or not scan.whole or any(p.kind == "unreadable" for p in scan.problems):
        return
    disk = {path: scan.disk.get(path, path) for path in young}
    places = {path: on_disk[: on_disk.rfind("/") + 1] for path, on_disk in disk.items()}
    if todo.sweep is None:
        listing_snapshot.keep(index, stamp, todo.notes, places, scan.folders)
    elif todo.sweep.changed or todo.sweep.young.keys() != places.keys() or stamp != todo.stamp:
        listing_snapshot.keep_changes(index, todo.sweep, stamp, todo.notes, places)


def _get_ready() -> None:
    """Import what writing needs, while the early sweep still looks."""
    import vaultindex.extract.rows
    import vaultindex.index.write  # noqa: F401


def open_fresh(
    root: str,
    index: str,
    config: Config,
    *,
    refresh: bool = True,
    sweep: bool = False,
    progress: Progress | None = None,
    today: str | None = None,
) -> tuple[sqlite3.Connection, Report]:
    """A read connection whose answers equal the vault as it is now: sweeps first, syncs only when something changed.

    A watcher that is alive and has nothing left to do makes the sweep needless (unless `sweep` is true). With `refresh`
    false the index is taken as it stands (and built when there is none). So it is when another process is writing it and
    does not end: a question never waits for a writer that is suspended. Raises VaultError.
    """
    todo: Plan | None = None
    try:
        beat = (
            None if sweep and refresh else heartbeat.trusted(index, root)
        )  # before the snapshot: what it vouches for is in it
        conn = store.open_read(index)
        try:
            store.check_vault(conn, root, index)
        except BaseException:
            conn.close()
            raise
        if refresh and store.meta(conn, "journal") != journal_stamp(os.environ, root):
            conn.close()
            _settle_anew(root, index, config)
            conn = store.open_read(index)
        watched = beat is not None and _same_rules(conn, root, config)
        if watched or not refresh:
            if beat is None or not watched:
                return conn, _as_it_stands(conn, index)
            notes = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
            return conn, Report(notes=notes, unknown=beat.unknown, watched=max(time.time() - beat.synced, 0.0))
        todo, young = settled(conn, root, plan(conn, root, config, index=index, get_ready=_get_ready))
        if todo.empty:
            _keep(index, todo, todo.stamp, young)
            return conn, Report(todo.notes, paused=todo.paused, unknown=_unknown(todo))
        conn.close()
    except (FileNotFoundError, store.Outdated, store.Damaged):
        pass  # sync builds, refills or replaces it
    except sqlite3.DatabaseError as error:
        if not store.is_damage(error):
            raise IndexUnavailable(f"the index cannot be read: {error}") from error
        report = replace_damaged(root, index, config, str(error), progress)
        return store.open_read(index), report
    with closing(Keeper(root, index)) as keeper:
        keeper.seen, keeper.today = todo, today
        if todo is None:  # there is nothing to answer from yet
            report = keeper.sync(config, progress=progress)
        else:
            try:
                report = keeper.sync(config, progress=progress, wait=store.READERS_WAIT, suspended=0.0)
            except store.Busy as busy:
                conn = store.open_read(index)
                return conn, _as_it_stands(conn, index)._replace(messages=(str(busy),))
    return store.open_read(index), report


def _as_it_stands(conn: sqlite3.Connection, index: str) -> Report:
    """The report of an answer that was not refreshed: how old it is."""
    notes = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
    seen = max(heartbeat.last_synced(index), int(store.meta(conn, "indexed_at") or 0) / 1e9)
    return Report(notes=notes, stale=max(time.time() - seen, 0.0))


def _same_rules(conn: sqlite3.Connection, root: str, config: Config) -> bool:
    """Whether the index was made by the settings that hold now."""
    facts = dict(conn.execute("SELECT key, value FROM meta WHERE key IN ('app', 'reading')"))
    return facts.get("reading") == repr(config.reading()) and facts.get("app") == app_settings.fingerprint(root)


def replace_damaged(root: str, index: str, config: Config, why: str, progress: Progress | None = None) -> Report:
    """Move an index that is known to be damaged aside and build a new one; the report says so in one line."""
    store.check_ours(root, index)
    with store.writer_lock(index):
        moved = store.quarantine(index)
    report = sync(root, index, config, progress=progress)
    return report._replace(messages=(f"the index was damaged ({why}): rebuilt; the old one is {moved}",))


def verify(root: str, index: str, config: Config, *, progress: Progress | None = None) -> list[str]:
    """One line a difference between the index and one made anew; [] when they are equal."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="verify-", dir=os.path.dirname(index)) as folder:
        other = os.path.join(folder, "index.db")
        with closing(Keeper(root, other)) as keeper:
            with closing(store.open_read(index)) as conn:
                keeper.since = first_day(conn)
            keeper.sync(config, progress=progress)
        with closing(store.open_read(index)) as ours, closing(store.open_read(other)) as fresh:
            have, want = store.dump(ours), store.dump(fresh)
            for conn in (ours, fresh):
                health = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
                if health != "ok":
                    return [f"the index is damaged ({health}): vaultindex index --full"]
    differences = []
    for table in sorted({*have, *want}):
        extra, missing = (
            set(have.get(table, ())) - set(want.get(table, ())),
            set(want.get(table, ())) - set(have.get(table, ())),
        )
        differences += [f"{table}: only in the index: {row}" for row in sorted(extra, key=repr)[:5]]
        differences += [f"{table}: missing: {row}" for row in sorted(missing, key=repr)[:5]]
        if not extra and not missing and len(have.get(table, ())) != len(want.get(table, ())):
            differences.append(f"{table}: {len(have.get(table, ()))} rows, fresh {len(want.get(table, ()))}")
    return differences


def _open(index: str, messages: list[str]) -> sqlite3.Connection:
    try:
        conn = store.open_write(index)
        if store.state(conn) != "damaged":
            return conn
        conn.close()
        raise store.Damaged(f"{index} is not an index of vaultindex")
    except store.Damaged as error:
        moved = store.quarantine(index)
        messages.append(f"{error}: rebuilt; the old one is {moved}")
        return store.open_write(index)


def _shrunk(conn: sqlite3.Connection, now: int) -> str | None:
    """The reason to refuse a full rebuild (the vault has less than half the notes that are indexed); None when there is none."""
    try:
        before = conn.execute("SELECT count(*) FROM files WHERE kind = 'note'").fetchone()[0]
    except sqlite3.OperationalError:
        return None  # another version's tables: nothing to compare with
    if before > 20 and now * 2 < before:
        return lost(before - now, before)
    return None


class _Rules(NamedTuple):
    """The rules by which notes are read, and a digest that tells whether they have changed."""

    app: app_settings.AppSettings
    maker: "Maker"
    excluded: Excluded
    digest: str
    plugin: str  # the Tasks plugin's settings, as JSON
    kinds: str  # the kinds of rows that can be listed, as JSON


def _rules(root: str, reading: dict[str, Any]) -> _Rules:
    import json

    from vaultindex.extract import registry
    from vaultindex.extract.rows import Maker
    from vaultindex.tasks.line import TaskSettings

    app = app_settings.load(root)
    tasks = TaskSettings.from_plugin(app.tasks)._replace(stray_fields=reading["stray_fields"])
    plugin = app_settings.has_tasks_plugin(root)
    digest = repr((tasks, reading, app.ignore, app.templates, app.all_files, plugin))
    rules = registry.rules(tasks, reading, capital_x_done=not plugin)
    kinds = json.dumps(registry.kinds(rules.own))
    return _Rules(app, Maker(rules), Excluded(app, reading["exclude"]), digest, json.dumps(app.tasks), kinds)


def _remember(conn: sqlite3.Connection, todo: Plan, app: app_settings.AppSettings) -> None:
    """Store the problems of this sweep in place of earlier ones about the same paths."""
    if todo.where is None:
        conn.execute("DELETE FROM problems WHERE file IS NULL")
        store.put(conn, "problems", 5, [(None, *p) for p in app.problems])
    else:
        for path in todo.where:
            conn.execute(
                "DELETE FROM problems WHERE file IS NULL AND (path = ? OR path > ? AND path < ?)",
                (path, path + "/", path + "0"),
            )
    store.put(conn, "problems", 5, [(None, *p) for p in todo.scan.problems])
