"""Make the index equal the vault: the only writer of the index.

Only changed notes are parsed; rows vanish only when a folder was fully listed and the file was not there; everything
happens in one transaction, so that a reader sees the old index or the new one and a crash leaves one of the two.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex import store, vault
from vaultindex.config import Config
from vaultindex.note import Problem
from vaultindex.text import fold

if TYPE_CHECKING:
    from vaultindex.rows import Maker, Rows

UNSETTLED_NS = 2_000_000_000  # a file younger than the coarsest clock tick may change again without showing it
_BATCH = 300
Progress = Callable[[int, int], None]


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

    @property
    def touched(self) -> int:
        """How many notes are different from before."""
        return self.added + self.changed + self.removed


Known = dict[str, tuple[int, int, int, int, int, int]]  # path -> id, mtime, ctime, size, inode, unsettled


class Plan(NamedTuple):
    """What a sweep saw: which files to read again, which to forget."""

    scan: vault.Scan
    known: Known
    read: list[str]  # notes and canvases that are new or look changed
    plain: list[str]  # attachments that are new or look changed: only their name and fingerprint matter
    gone: list[str]
    paused: str | None
    app: str  # fingerprint of the app's settings files
    refill: bool  # settings or version differ: read everything

    @property
    def empty(self) -> bool:
        """True when the index equals the vault already."""
        return not (self.read or self.plain or self.gone or self.refill)


def plan(conn: sqlite3.Connection, root: str, config: Config, accept_removals: bool = False) -> Plan:
    """Compare the vault with the index by fingerprints only; no note is opened. Raises NoVaultError."""
    facts = dict(conn.execute("SELECT key, value FROM meta"))
    app = vault.app_fingerprint(root)
    scan = vault.scan(root, config.get("follow_links"), facts.get("all_files") == "1")
    known: Known = {
        row[0]: row[1:]  # type: ignore[misc]
        for row in conn.execute("SELECT path, id, mtime_ns, ctime_ns, size, inode, unsettled FROM files")
    }
    read, plain = [], []
    for found, is_note in ((scan.notes, True), (scan.others, False)):
        for path, s in found.items():
            k = known.get(path)
            if k is None or k[1] != s[0] or k[2] != s[1] or k[3] != s[2] or k[4] != s[3] & _INT or k[5]:
                (read if is_note or path.endswith(".canvas") else plain).append(path)
    gone: list[str] = []
    if len(known) != len(scan.notes) + len(scan.others) - (len(read) + len(plain)) or scan.unknown:
        gone = [p for p in known if p not in scan.notes and p not in scan.others]
    paused = None
    if gone and scan.unknown:
        exact = {u for u in scan.unknown if u and not u.endswith("/")}
        folders = tuple(u for u in scan.unknown if not u or u.endswith("/"))
        gone = [p for p in gone if p not in exact and not (folders and p.startswith(folders))]
    if gone and not accept_removals:
        paused = _too_many(gone, read, scan, known)
        if paused:
            gone = []
    refill = app != facts.get("app") or repr(config.reading()) != facts.get("reading")
    return Plan(scan, known, read, plain, gone, paused, app, refill)


_INT = 0x7FFFFFFFFFFFFFFF  # SQLite's integers


def _too_many(gone: list[str], added: list[str], scan: vault.Scan, known: Known) -> str | None:
    """Why so many removals are not believed: an unmounted disk looks like an empty folder."""
    notes = sum(1 for p in known if p.endswith(".md"))
    moved = {scan.notes[p][3] & _INT for p in added if p in scan.notes and p not in known}
    lost = sum(1 for p in gone if p.endswith(".md") and known[p][4] not in moved)
    if notes > 20 and lost * 2 > notes:
        return _lost(lost, notes)
    return None


def sync(
    root: str,
    index: str,
    config: Config,
    *,
    full: bool = False,
    accept_removals: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Make the index equal the vault and say what was done.

    A missing index is built, an outdated one refilled, a damaged one moved aside and rebuilt. Raises NoVaultError when
    the vault is not there, IndexError_ when the index cannot be written; the index is then as it was.
    """
    started = time.perf_counter()
    with store.writer_lock(index):
        messages: list[str] = []
        if not os.path.exists(index):
            report = _build(root, index, config, progress)
            return report._replace(seconds=time.perf_counter() - started)
        conn = _open(index, messages)
        try:
            try:
                report = _update(conn, root, config, full, accept_removals, progress)
            except sqlite3.DatabaseError as error:
                if not store.is_damage(error):
                    raise
                conn.close()
                messages.append(f"the index was damaged ({error}): rebuilt; the old one is {store.quarantine(index)}")
                report = _build(root, index, config, progress)
        except sqlite3.OperationalError as error:
            raise store.IndexError_(f"the index could not be written ({error}): it is as it was") from error
        finally:
            conn.close()
    return report._replace(seconds=time.perf_counter() - started, messages=tuple(messages))


def open_fresh(
    root: str, index: str, config: Config, *, refresh: bool = True, progress: Progress | None = None
) -> tuple[sqlite3.Connection, Report]:
    """A read connection whose answers equal the vault as it is now: sweeps first, syncs only when something changed.

    With `refresh` false the index is taken as it stands (and built when there is none). Raises VaultError.
    """
    messages: tuple[str, ...] = ()
    try:
        conn = store.open_read(index)
        if not refresh:
            stamp = int(store.meta(conn, "indexed_at") or 0)
            notes = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
            return conn, Report(notes=notes, stale=max(time.time_ns() - stamp, 0) / 1e9)
        todo = plan(conn, root, config)
        if todo.empty:
            return conn, Report(len(todo.scan.notes), paused=todo.paused, unknown=len(todo.scan.unknown))
        conn.close()
    except (FileNotFoundError, store.Outdated, store.Damaged):
        pass  # sync builds, refills or replaces it
    except sqlite3.DatabaseError as error:
        if not store.is_damage(error):
            raise store.IndexError_(f"the index cannot be read: {error}") from error
        messages = (f"the index was damaged ({error}): rebuilt",)
        report = sync(root, index, config, full=True, progress=progress)
        return store.open_read(index), report._replace(messages=messages + report.messages)
    report = sync(root, index, config, progress=progress)
    return store.open_read(index), report


def _open(index: str, messages: list[str]) -> sqlite3.Connection:
    try:
        conn = store.open_write(index)
        if store.state(conn) != "damaged":
            return conn
        conn.close()
        raise store.Damaged("it is not an index of vaultindex")
    except store.Damaged as error:
        moved = store.quarantine(index)
        messages.append(f"the index was damaged ({error}): rebuilt; the old one is {moved}")
        return store.open_write(index)


def _build(root: str, index: str, config: Config, progress: Progress | None) -> Report:
    """A first index: written beside its place without a journal, and put there whole. Nobody can be reading yet."""
    fresh = index + ".new"
    for suffix in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(fresh + suffix):
            os.unlink(fresh + suffix)
    conn = store.open_write(fresh)
    try:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("PRAGMA synchronous = OFF")
        report = _update(conn, root, config, True, True, progress)
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        conn.close()
    os.replace(fresh, index)
    return report


def _update(
    conn: sqlite3.Connection, root: str, config: Config, full: bool, accept: bool, progress: Progress | None
) -> Report:
    with store.transaction(conn):
        if full or store.state(conn) != "ready":
            why = None if accept else _shrunk(conn, root, config)
            if why:
                return Report(paused=why)
            store.reset(conn)
            full = True
        todo = plan(conn, root, config, accept)
        if todo.empty and not full:
            return Report(notes=len(todo.scan.notes), paused=todo.paused, unknown=len(todo.scan.unknown))
        report = _apply(conn, root, config, todo, full, progress)
    return report


def _shrunk(conn: sqlite3.Connection, root: str, config: Config) -> str | None:
    """Why the index is not refilled from a vault that has lost most of its notes since."""
    try:
        before = conn.execute("SELECT count(*) FROM files WHERE kind = 'note'").fetchone()[0]
    except sqlite3.OperationalError:
        return None  # another version's tables: nothing to compare with
    now = len(vault.scan(root, config.get("follow_links")).notes)
    if before > 20 and now * 2 < before:
        return _lost(before - now, before)
    return None


def _lost(lost: int, notes: int) -> str:
    return f"{lost} of {notes} notes are gone at once: kept as last seen. If that is right: vaultindex index --accept-removals"


def _apply(
    conn: sqlite3.Connection, root: str, config: Config, todo: Plan, full: bool, progress: Progress | None
) -> Report:
    from vaultindex import extract, schema
    from vaultindex.rows import Maker
    from vaultindex.taskline import TaskSettings

    app = vault.app_settings(root)
    reading = config.reading()
    tasks = TaskSettings.from_plugin(app.tasks)._replace(stray_fields=reading["stray_fields"])
    digest = repr((tasks, reading, app.ignore, app.templates, app.all_files))
    facts = dict(conn.execute("SELECT key, value FROM meta"))
    if facts and not full and facts.get("digest") != digest and not todo.paused:
        # The rules by which notes are read have changed: every row may be another.
        store.reset(conn)
        full = True
    if full:
        scan = vault.scan(root, config.get("follow_links"), app.all_files)
        others = [p for p in scan.others if not p.endswith(".canvas")]
        read = [*scan.notes, *(p for p in scan.others if p.endswith(".canvas"))]
        todo = Plan(scan, {}, read, others, [], todo.paused, todo.app, False)
    writer = _Writer(conn, root, todo, Maker(extract.rules(tasks, reading)), _Excluded(app, reading["exclude"]))
    counts = writer.run(full, progress)
    if full:
        schema.index(conn)
        conn.execute("INSERT INTO search(search) VALUES ('rebuild')")
    writer.finish(full)
    _remember_problems(conn, todo.scan.problems + app.problems)
    for key, value in (
        ("app", todo.app), ("reading", repr(reading)), ("digest", digest), ("all_files", str(int(app.all_files))),
        ("vault", root), ("indexed_at", str(time.time_ns())), ("plugin", json.dumps(app.tasks)),
    ):  # fmt: skip
        store.set_meta(conn, key, value)
    if full:
        conn.execute("PRAGMA optimize")
    added, changed, removed = counts
    return Report(
        len(todo.scan.notes), added, changed, removed, full=full, paused=todo.paused, unknown=len(todo.scan.unknown)
    )


def _remember_problems(conn: sqlite3.Connection, problems: Iterable[Problem]) -> None:
    conn.execute("DELETE FROM problems WHERE file IS NULL")
    store.put(conn, "problems", 5, [(None, *p) for p in problems])


class _Excluded:
    """Which notes are left out of lists, and why: conflict copies, templates, the app's and the user's excluded paths."""

    def __init__(self, app: vault.AppSettings, exclude: list[str]) -> None:
        self.templates = tuple(app.templates)
        self.folders = tuple(f.strip("/") + "/" for f in exclude if f.strip("/"))
        self.prefixes: list[str] = []
        self.patterns: list[re.Pattern[str]] = []
        for entry in app.ignore:
            if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
                try:
                    self.patterns.append(re.compile(entry[1:-1]))
                except re.error as error:
                    what = f"userIgnoreFilters: {entry} is not a regular expression ({error}): ignored"
                    app.problems.append(Problem(vault.APP_FILES[1], 0, "settings", what))
            else:
                self.prefixes.append(entry.lstrip("/"))

    def why(self, path: str) -> str | None:
        """'conflict', 'template', 'setting' or 'app'; None for a note that is listed."""
        if vault.is_conflict_copy(path):
            return "conflict"
        if self.templates and path.startswith(self.templates):
            return "template"
        if self.folders and path.startswith(self.folders):
            return "setting"
        if any(path.startswith(p) for p in self.prefixes) or any(p.search(path) for p in self.patterns):
            return "app"
        return None


class _Writer:
    """Carries one plan out: reads, replaces rows, resolves links."""

    def __init__(self, conn: sqlite3.Connection, root: str, todo: Plan, maker: Maker, excluded: _Excluded) -> None:
        self.conn, self.root, self.todo, self.maker, self.excluded = conn, root, todo, maker, excluded
        self.names = [t.name for t in maker.tables]
        self.widths = [len(t.columns) + 1 for t in maker.tables]
        self.links_at = self.names.index("links")
        self.next_id = (conn.execute("SELECT max(id) FROM files").fetchone()[0] or 0) + 1
        self.changed_ids: list[int] = []
        self.keys: set[str] = set()  # names that appeared or vanished: links to them resolve anew
        self.accounts_changed = False

    def run(self, full: bool, progress: Progress | None) -> tuple[int, int, int]:
        """Read and store; (added, changed, removed) notes."""
        conn, known = self.conn, self.todo.known
        gone = [known[p][0] for p in self.todo.gone]
        if gone:
            self._note_accounts(gone)
            store.forget(conn, gone, self.names)
            conn.executemany("DELETE FROM files WHERE id = ?", [(i,) for i in gone])
            self.keys.update(file_key(p) for p in self.todo.gone)
        for path in self.todo.plain:
            self._file(path, self.todo.scan.others[path], b"", 0)
        added = changed = 0
        total = len(self.todo.read)
        for start in range(0, total, _BATCH):
            batch = []
            for path in self.todo.read[start : start + _BATCH]:
                item = self._read(path)
                if item is not None:
                    batch.append(item)
                    if path not in self.todo.scan.notes:
                        continue
                    added, changed = (added + 1, changed) if path not in known else (added, changed + 1)
            self._store(batch, full)
            if progress is not None:
                progress(min(start + _BATCH, total), total)
        return added, changed, sum(1 for p in self.todo.gone if p.endswith(".md"))

    def _read(self, path: str) -> tuple[int, str, Rows] | None:
        """The new rows of a file, None when its content is what it was (only the fingerprint is renewed then)."""
        import hashlib

        scan, known = self.todo.scan, self.todo.known.get(path)
        try:
            data, stat = vault.read(self.root, scan.disk.get(path, path))
        except (OSError, vault.Unsettled) as error:
            what = f"cannot be read ({getattr(error, 'strerror', None) or error})" + ("" if known is None else ": kept as last seen")
            scan.problems.append(Problem(path, 0, "unreadable", what))
            if known is not None:
                return None
            stat = (scan.notes.get(path) or scan.others[path])._replace(mtime_ns=0)
            identity = self._file(path, stat, b"", 1)
            return (identity, path, self.maker.note(path, b"", self.excluded.why(path))) if path in scan.notes else None
        digest = hashlib.blake2b(data, digest_size=16).digest() if data is not None else b""
        now = time.time_ns()
        young = int(now - stat.mtime_ns < UNSETTLED_NS or now - stat.ctime_ns < UNSETTLED_NS)
        if known is not None and digest:
            old = self.conn.execute("SELECT digest FROM files WHERE id = ?", (known[0],)).fetchone()[0]
            if old == digest:
                self._file(path, stat, digest, young)
                return None
        identity = self._file(path, stat, digest, young)
        if path in scan.notes:
            return identity, path, self.maker.note(path, data, self.excluded.why(path))
        return identity, path, self.maker.canvas(path, data)

    def _file(self, path: str, stat: vault.Stat, digest: bytes, unsettled: int) -> int:
        known = self.todo.known.get(path)
        if known is not None:
            self.conn.execute(
                "UPDATE files SET mtime_ns = ?, ctime_ns = ?, size = ?, inode = ?, unsettled = ?, digest = ? WHERE id = ?",
                (stat[0], stat[1], stat[2], stat[3] & _INT, unsettled, digest, known[0]),
            )
            return known[0]
        identity = self.next_id
        self.next_id += 1
        kind = "note" if path in self.todo.scan.notes else "canvas" if path.endswith(".canvas") else "file"
        key = file_key(path)
        self.keys.add(key)
        store.put(
            self.conn, "files", 10, [(identity, path, kind, key, *stat[:3], stat[3] & _INT, unsettled, digest)]
        )
        return identity

    def _store(self, batch: list[tuple[int, str, Rows]], full: bool) -> None:
        conn = self.conn
        ids = [identity for identity, _, _ in batch]
        old = [] if full else [i for i, path, _ in batch if path in self.todo.known]
        if old:
            self._note_accounts(old)
            store.forget(conn, old, self.names)
        self.changed_ids += ids
        notes = [(i, *rows.note) for i, _, rows in batch if rows.note]
        store.put(conn, "notes", 24, notes)
        if not full and any(rows.note and rows.note[21] == "account" for _, _, rows in batch):
            self.accounts_changed = True
        store.put(conn, "bodies", 3, [(i, *rows.body) for i, _, rows in batch if rows.note])
        store.put(conn, "problems", 5, [(i, *p) for i, _, rows in batch for p in rows.problems])
        for at, name in enumerate(self.names):
            width = self.widths[at]
            store.put(conn, name, width, [(i, *row) for i, _, rows in batch if rows.tables for row in rows.tables[at]])
        if not full:
            conn.executemany(
                "INSERT INTO search(rowid, title, body) VALUES (?, ?, ?)", [(i, *rows.body) for i, _, rows in batch if rows.note]
            )

    def _note_accounts(self, ids: list[int]) -> None:
        if not self.accounts_changed:
            for identity in ids:
                row = self.conn.execute("SELECT entity FROM notes WHERE id = ?", (identity,)).fetchone()
                if row and row[0] == "account":
                    self.accounts_changed = True
                    return

    def finish(self, full: bool) -> None:
        """What depends on more than one note: link targets, and accounts given by the folder."""
        resolve_links(self.conn, None if full else self.changed_ids, self.keys)
        inherit_accounts(self.conn, self.maker.rules.account_folders, None if full or self.accounts_changed else self.changed_ids)


def file_key(path: str) -> str:
    """What a link must end in to mean this file: the folded name, without .md for notes."""
    from vaultindex.resolve import fold as link_key

    return link_key(path)


def resolve_links(conn: sqlite3.Connection, ids: list[int] | None, keys: set[str]) -> None:
    """Set the target of the links of these notes, and of every link whose name appeared or vanished (None: all)."""
    from vaultindex.resolve import Resolver

    sql = "SELECT l.rowid, l.linkpath, l.key, l.target, l.ambiguous, s.path FROM links l JOIN files s ON s.id = l.note"
    rows: list[Any] = []
    if ids is None:
        rows = conn.execute(sql).fetchall()
    else:
        for identity in ids:
            rows += conn.execute(sql + " WHERE l.note = ?", (identity,)).fetchall()
        for key in keys:
            rows += conn.execute(sql + " WHERE l.key = ?", (key,)).fetchall()
    by_key: dict[str, tuple[Resolver, dict[str, int]]] = {}
    if ids is None:
        found: dict[str, dict[str, int]] = {}
        for key, path, identity in conn.execute("SELECT key, path, id FROM files"):
            found.setdefault(key, {})[path] = identity
        by_key = {key: (Resolver(list(paths)), paths) for key, paths in found.items()}
    updates = []
    done: dict[tuple[str, str], tuple[int | None, int]] = {}
    self_id = "SELECT id FROM files WHERE path = ?"
    for rowid, linkpath, key, target, ambiguous, source in rows:
        folder = source[: source.rfind("/") + 1]
        if not linkpath:
            answer: tuple[int | None, int] = (conn.execute(self_id, (source,)).fetchone()[0], 0)
        elif (linkpath, folder) in done:
            answer = done[linkpath, folder]
        else:
            if key not in by_key:
                paths = dict(conn.execute("SELECT path, id FROM files WHERE key = ?", (key,)).fetchall()) if ids is not None else {}
                by_key[key] = (Resolver(list(paths)), paths)
            resolver, paths = by_key[key]
            best = resolver.resolve(linkpath, source) if paths else None
            several = best is not None and len(paths) > 1 and len(resolver.candidates(linkpath, source)) > 1
            answer = done[linkpath, folder] = (paths[best] if best is not None else None, int(several))
        if answer != (target, ambiguous):
            updates.append((*answer, rowid))
    conn.executemany("UPDATE links SET target = ?, ambiguous = ? WHERE rowid = ?", updates)


def inherit_accounts(conn: sqlite3.Connection, folders: frozenset[str], ids: list[int] | None) -> None:
    """Give notes that name no account that of the account note, else account folder, they lie under (None: all notes)."""
    from vaultindex.extract.about import folder_after

    covered: dict[str, str] = {}
    for path, name in conn.execute("SELECT path, account FROM notes WHERE entity = 'account'"):
        folder, _, stem = path[:-3].rpartition("/")
        covered[path[:-3] + "/"] = name
        if folder.rpartition("/")[2] == stem:
            covered[folder + "/"] = name
    sql = "SELECT id, path, account FROM notes WHERE account_own = 0"
    if ids is None:
        rows = conn.execute(sql).fetchall()
    else:
        rows = [row for i in ids for row in conn.execute(sql + " AND id = ?", (i,))]
    updates = []
    for identity, path, account in rows:
        folder, found = path, None
        while "/" in folder and found is None:
            folder = folder[: folder.rindex("/")]
            found = covered.get(folder + "/")
        found = found or folder_after(path.split("/"), folders)
        if found != account:
            updates.append((found, fold(found) if found else None, identity))
    conn.executemany("UPDATE notes SET account = ?, account_key = ? WHERE id = ?", updates)
