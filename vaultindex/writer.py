"""Carries one plan of a sync out: reads files, replaces their rows, resolves links; the caller holds the transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex import store, vault
from vaultindex.errors import Problem
from vaultindex.ids import blake2b
from vaultindex.plan import MAX_INT, Plan
from vaultindex.relations import Targets, file_key, inherit_accounts, resolve_links

if TYPE_CHECKING:
    from vaultindex.excluded import Excluded
    from vaultindex.rows import Maker, Rows

FEW = 48  # fewer files are read before a second process could be got ready
UNSETTLED_NS = 2_000_000_000  # a file younger than the coarsest clock tick may change again without showing it


class _Read(NamedTuple):
    """One file, read; made in any process, so it holds plain values only (but for `rows`, which are made plain)."""

    path: str
    stat: vault.Stat | None  # None: it could not be read
    digest: bytes
    young: int
    error: str | None
    rows: Rows | None  # None: the content is what it was


class Writer:
    """One plan, one transaction."""

    def __init__(self, conn: sqlite3.Connection, root: str, todo: Plan, maker: Maker, excluded: Excluded) -> None:
        self.conn, self.root, self.todo, self.maker, self.excluded = conn, root, todo, maker, excluded
        self.names = [t.name for t in maker.tables]
        self.widths = [len(t.columns) + 1 for t in maker.tables]
        self.links_at = self.names.index("links")
        self.next_id = (conn.execute("SELECT max(id) FROM files").fetchone()[0] or 0) + 1
        self.changed_ids: list[int] = []
        self.gone: list[int] = []
        self.keys: set[str] = set()  # names that appeared or vanished: links to them resolve anew
        self.accounts: tuple[set[tuple[str, str]], set[tuple[str, str]]] = (set(), set())  # account notes before, after
        self.young: set[str] = set()  # files so fresh that they may change without showing it
        self.ids: dict[str, int] = {}  # of a full load: every file's id, known before the first is read
        self.targets: Targets | None = None  # of a full load: links get their targets as they are stored
        self.digests: dict[str, bytes] = {}  # what changed files held before

    def run(self, full: bool, folder: str, progress: Callable[[int, int], None] | None) -> tuple[int, int, int]:
        """Read and store; (added, changed, removed) notes. `folder` may take a temporary file."""
        conn, known, notes = self.conn, self.todo.known, self.todo.scan.notes
        gone = self.gone = [known[p][0] for p in self.todo.gone]
        if gone:
            self._accounts_before(gone)
            store.forget(conn, gone, self.names)
            conn.executemany("DELETE FROM files WHERE id = ?", [(i,) for i in gone])
            self.keys.update(file_key(p) for p in self.todo.gone)
        if full:
            self.ids = {path: n for n, path in enumerate([*self.todo.read, *self.todo.plain], self.next_id)}
            self.targets = Targets(conn, self.ids)
        else:
            sql = "SELECT digest FROM files WHERE id = ?"
            self.digests = {p: conn.execute(sql, (known[p][0],)).fetchone()[0] for p in self.todo.read if p in known}
        for path in self.todo.plain:
            self._file(path, self.todo.scan.others[path], b"", 0)
        added = changed = done = 0
        for batch in self._batches(folder):
            taken = []
            for read in batch:
                item = self._take(read)
                if item is not None:
                    taken.append(item)
                    if read.path in notes:
                        added, changed = (added + 1, changed) if read.path not in known else (added, changed + 1)
            self._store(taken, full)
            done += len(batch)
            if progress is not None:
                progress(done, len(self.todo.read))
        return added, changed, sum(1 for p in self.todo.gone if p.endswith(".md"))

    def _batches(self, folder: str) -> Iterable[list[_Read]]:
        if len(self.todo.read) < FEW:
            return [[self._read(path) for path in self.todo.read]]
        from vaultindex import pool

        return pool.work(self.todo.read, self._read, _plain, _unplain, folder)

    def _read(self, path: str) -> _Read:
        """Read one file and make its rows; touches nothing but the disk, so that another process may do it."""
        scan = self.todo.scan
        try:
            data, stat = vault.read(self.root, scan.disk.get(path, path))
        except (OSError, vault.Unsettled) as error:
            what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
            missing = path in scan.notes and path not in self.todo.known
            return _Read(
                path, None, b"", 1, what, self.maker.note(path, b"", self.excluded.why(path)) if missing else None
            )
        digest = blake2b(data, digest_size=16).digest() if data is not None else b""
        now = time.time_ns()
        young = int(abs(now - stat.mtime_ns) < UNSETTLED_NS or abs(now - stat.ctime_ns) < UNSETTLED_NS)
        if digest and self.digests.get(path) == digest:
            return _Read(path, stat, digest, young, None, None)
        is_note = path in scan.notes
        rows = self.maker.note(path, data, self.excluded.why(path)) if is_note else self.maker.canvas(path, data)
        return _Read(path, stat, digest, young, None, rows)

    def _take(self, read: _Read) -> tuple[int, str, Rows] | None:
        """Put down the file's fingerprint; its id and new rows, None when the rows stay as they are."""
        scan, known = self.todo.scan, self.todo.known
        if read.stat is None:
            kept = ": kept as last seen" if read.path in known else ""
            scan.problems.append(Problem(read.path, 0, "unreadable", f"{read.error}{kept}"))
            if read.path in known:
                return None
            seen = (scan.notes.get(read.path) or scan.others[read.path])._replace(mtime_ns=0)
            identity = self._file(read.path, seen, b"", 1)
        else:
            identity = self._file(read.path, read.stat, read.digest, read.young)
            if read.stat != (scan.notes.get(read.path) or scan.others[read.path]):
                self.young.add(read.path)  # it changed since it was listed
        return (identity, read.path, read.rows) if read.rows is not None else None

    def _file(self, path: str, stat: vault.Stat, digest: bytes, unsettled: int) -> int:
        known = self.todo.known.get(path)
        if unsettled:
            self.young.add(path)
        if known is not None:
            self.conn.execute(
                "UPDATE files SET mtime_ns = ?, ctime_ns = ?, size = ?, inode = ?, unsettled = ?, digest = ? WHERE id = ?",
                (stat[0], stat[1], stat[2], stat[3] & MAX_INT, unsettled, digest, known[0]),
            )
            return known[0]
        identity = self.ids.get(path)
        if identity is None:
            identity = self.next_id
            self.next_id += 1
        kind = "note" if path in self.todo.scan.notes else "canvas" if path.endswith(".canvas") else "file"
        key = file_key(path)
        self.keys.add(key)
        row = (identity, path, kind, key, *stat[:3], stat[3] & MAX_INT, unsettled, digest)
        store.put(self.conn, "files", len(row), [row])
        return identity

    def _store(self, batch: list[tuple[int, str, Rows]], full: bool) -> None:
        conn = self.conn
        ids = [identity for identity, _, _ in batch]
        old = [] if full else [i for i, path, _ in batch if path in self.todo.known]
        if old:
            self._accounts_before(old)
            store.forget(conn, old, self.names)
        self.changed_ids += ids
        notes = [(i, rows) for i, _, rows in batch if rows.note]
        if notes:
            store.put(conn, "notes", len(notes[0][1].note) + 1, [(i, *rows.note) for i, rows in notes])
        store.put(conn, "bodies", 3, [(i, rows.body[0], rows.packed) for i, rows in notes])
        self.accounts[1].update((rows.note[0], rows.note[9]) for _, rows in notes if rows.note[21] == "account")
        store.put(conn, "problems", 5, [(i, *p) for i, _, rows in batch for p in rows.problems])
        for at, name in enumerate(self.names):
            if at == self.links_at and self.targets is not None:
                aim = self.targets.of
                links = [(i, *row[:-3], *aim(row[3], path)) for i, path, rows in batch for row in rows.tables[at]]
                store.put(conn, name, self.widths[at], links)
                continue
            store.put(conn, name, self.widths[at], [(i, *row) for i, _, rows in batch for row in rows.tables[at]])
        store.put_text(conn, [(i, *rows.body) for i, rows in notes])

    def _accounts_before(self, ids: list[int]) -> None:
        for identity in ids:
            sql = "SELECT path, account FROM notes WHERE id = ? AND entity = 'account'"
            self.accounts[0].update(self.conn.execute(sql, (identity,)))

    def finish(self, full: bool) -> None:
        """What depends on more than one note: link targets, and accounts given by the folder."""
        if not full:
            resolve_links(self.conn, self.changed_ids, self.keys, self.gone)
        whole = full or self.accounts[0] != self.accounts[1]
        inherit_accounts(self.conn, self.maker.rules.account_folders, None if whole else self.changed_ids)


def _plain(read: _Read) -> Any:
    """The reading as tuples and lists, for the way from another process."""
    rows = read.rows
    if rows is None:
        return (read.path, _bare(read.stat), *read[2:])
    tables = [[tuple(row) for row in table] for table in rows.tables]
    return (read.path, _bare(read.stat), *read[2:5], (rows.note, rows.body, rows.packed, rows.problems, tables))


def _bare(stat: vault.Stat | None) -> tuple[int, ...] | None:
    return None if stat is None else tuple(stat)


def _unplain(values: Any) -> _Read:
    from vaultindex.rows import Rows

    path, stat, digest, young, error, rows = values
    seen = None if stat is None else vault.Stat(*stat)
    return _Read(path, seen, digest, young, error, None if rows is None else Rows(*rows))
