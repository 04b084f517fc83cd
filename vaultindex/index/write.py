"""Carry out the plan of a sync: read files, replace their rows, resolve links. The caller holds the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex.base.errors import Problem
from vaultindex.index import history, same_person, store
from vaultindex.index.cross_note import Targets, file_key, inherit_accounts, resolve_links
from vaultindex.index.loose import settle, settle_owners
from vaultindex.index.plan import Plan
from vaultindex.vault import disk

if TYPE_CHECKING:
    from vaultindex.extract.rows import Maker
    from vaultindex.extract.source import Values
    from vaultindex.vault.excluded import Excluded

# Id, path, fingerprint, digest, 1 when it is young; without a fingerprint: why it cannot be read.
Seen = tuple[int, str, tuple[int, ...] | None, bytes, Any]

_MOST_FILES, _MOST_BYTES = 48, 150_000  # of a batch: what is read is held until it is stored
_LOOKED_AT = 200  # notes for a first guess at the order of day and month
_COMPARED = {"links": 8}  # columns; what is behind them says where the link leads, and is found out afterwards


class Batch(NamedTuple):
    """The rows of a batch of files, as plain tuples in column order, so that a forked child can send them back."""

    seen: list[Seen]
    new: list[int]  # ids of the files whose rows are here; those of the others stay as they are
    notes: list[Values]
    bodies: list[Values]
    texts: list[Values]
    problems: list[Values]
    tables: list[list[Values]]  # one per extractor


def guessed_day_order(root: str, todo: Plan) -> bool | None:
    """How a few notes write 04/05/2026, so that most are read once only when the whole vault is."""
    from vaultindex.meetings.when import order_in

    says = []
    for path in todo.read[:: len(todo.read) // _LOOKED_AT + 1]:
        try:
            data = disk.read(root, todo.scan.disk.get(path, path))[0] or b""
        except (OSError, disk.Unsettled):
            continue  # the sync says so
        says.append(order_in(data.decode("utf-8", "replace"))[0] if b"/" in data else None)
    month, day = says.count(True), says.count(False)
    return None if month == day else month > day


class Writer:
    """One plan, one transaction. `full`: everything anew, whatever the index holds."""

    def __init__(
        self, conn: sqlite3.Connection, root: str, todo: Plan, maker: Maker, excluded: Excluded, full: bool
    ) -> None:
        self.full = full
        self.conn, self.root, self.todo, self.maker, self.excluded = conn, root, todo, maker, excluded
        self.names = [t.name for t in maker.tables]
        self.links_at, self.names_at = self.names.index("links"), self.names.index("names")
        self.changed_ids: list[int] = []
        self.gone: list[int] = []
        self.keys: set[str] = set()  # names that appeared or vanished: links to them resolve anew
        self.people: tuple[set[str], set[str]] = (set(), set())  # folded names of people's notes before, after
        self.accounts: tuple[set[tuple[str, str]], set[tuple[str, str]]] = (set(), set())  # account notes before, after
        self.met: set[same_person.Met] = set()  # who took part in the changed notes before
        self.tasks: dict[int, list[history.Seen]] = {}  # of the changed notes before
        self.young: set[str] = set()  # files so fresh that they may change without showing it
        following = 1 if full else (conn.execute("SELECT max(id) FROM files").fetchone()[0] or 0) + 1
        fresh = [path for path in (*todo.read, *todo.plain) if path not in todo.known]
        self.ids = {path: n for n, path in enumerate(fresh, following)}
        self.ids.update((path, todo.known[path][0]) for path in (*todo.read, *todo.plain) if path in todo.known)
        self.targets: Targets | None = None  # of a full load: links get their targets as their rows are made
        self.digests: dict[str, bytes] = {}  # what changed files held before

    def run(self, folder: str, progress: Callable[[int, int], None] | None) -> tuple[int, int, int]:
        """Read and store; (added, changed, removed) notes. `folder` may take a temporary file."""
        conn, known, notes = self.conn, self.todo.known, self.todo.scan.notes
        gone = self.gone = [known[p][0] for p in self.todo.gone]
        if gone:
            self._accounts_before(gone)
            store.forget(conn, gone, self.names)
            conn.executemany("DELETE FROM files WHERE id = ?", [(i,) for i in gone])
            self.keys.update(file_key(p) for p in self.todo.gone)
        if self.full:
            self.targets = Targets(conn, self.ids)
        else:
            sql = "SELECT digest FROM files WHERE id = ?"
            self.digests = {p: conn.execute(sql, (known[p][0],)).fetchone()[0] for p in self.todo.read if p in known}
        added = changed = done = 0
        batches = self._batches(folder)
        if self.full:
            store.reset(conn)  # while another process may read already
        for batch in batches:
            new = set(batch.new)
            for identity, path, *_ in batch.seen:
                if identity in new and path in notes:
                    added, changed = (added + 1, changed) if path not in known else (added, changed + 1)
            self._store(batch)
            done += len(batch.seen)
            if progress is not None:
                progress(done, len(self.todo.read))
        others = self.todo.scan.others
        self._files([(self.ids[path], path, tuple(others[path]), b"", 0) for path in self.todo.plain])
        return added, changed, sum(1 for p in self.todo.gone if p.endswith(".md"))

    def _batches(self, folder: str) -> Iterator[Batch]:
        jobs: list[list[str]] = []
        room = 0
        for path in self.todo.read:
            if room <= 0 or len(jobs[-1]) == _MOST_FILES:
                jobs.append([])
                room = _MOST_BYTES
            jobs[-1].append(path)
            room -= (self.todo.scan.notes.get(path) or self.todo.scan.others[path])[2]
        if len(jobs) < 2:  # a second process could not be got ready in that time
            return map(Batch._make, map(self._read, jobs))
        from vaultindex.index import forked_work

        return map(Batch._make, forked_work.work(jobs, self._read, folder, get_ready=self.maker.get_ready))

    def _read(self, paths: Sequence[str]) -> Values:
        """Read files and make their rows (a Batch). Touches nothing but the disk, so that a forked child can do it."""
        from vaultindex.extract.rows import File

        root, excluded, ids = self.root, self.excluded, self.ids
        scan, known, digests = self.todo.scan, self.todo.known, self.digests
        seen: list[Seen] = []
        notes: list[File] = []
        canvases: list[File] = []
        for path in paths:
            identity = ids[path]
            try:
                data, stat = disk.read(root, scan.disk.get(path, path))
            except (OSError, disk.Unsettled) as error:
                what = f"cannot be read ({getattr(error, 'strerror', None) or error})"
                seen.append((identity, path, None, b"", what))
                if path in scan.notes and path not in known:
                    notes.append(File(identity, path, b"", excluded.why(path)))
                continue
            held = disk.digest_of(data)
            seen.append((identity, path, tuple(stat), held, int(disk.is_young(stat))))
            if not held or digests.get(path) != held:
                of_kind = notes if path in scan.notes else canvases
                of_kind.append(File(identity, path, data, excluded.why(path)))
        rows = self.maker.notes(notes)
        rows.problems.extend((ids[problem.path], *problem) for problem in excluded.slow if problem.path in ids)
        excluded.slow.clear()
        for canvas in canvases:
            more = self.maker.canvas(canvas)
            rows.problems.extend(more.problems)
            for table, others in zip(rows.tables, more.tables):
                table.extend(others)
        if self.targets is not None:
            anywhere, aim = self.targets.anywhere.get, self.targets.of
            at = {file.id: file.path for file in (*notes, *canvases)}
            links = rows.tables[self.links_at]
            links[:] = [(*row[:8], *(anywhere(row[4]) or aim(row[4], at[row[0]]))) for row in links]
        return (seen, [file.id for file in (*notes, *canvases)], *rows)

    def _files(self, seen: list[Seen]) -> None:
        """Put down the files' fingerprints."""
        known, notes, others = self.todo.known, self.todo.scan.notes, self.todo.scan.others
        old, new = [], []
        for identity, path, stat, digest, young in seen:
            listed = notes.get(path) or others[path]
            if stat is None:  # it cannot be read: `young` says why
                kept = ": kept as last seen" if path in known else ""
                self.todo.scan.problems.append(Problem(path, 0, "unreadable", f"{young}{kept}"))
                if path in known:
                    continue
                stat, young = (0, *listed[1:]), 1
            if young or stat != listed:  # it changed a moment ago, or since it was listed
                self.young.add(path)
            mtime, ctime, size, inode = stat
            if path in known:
                old.append((mtime, ctime, size, inode & disk.MAX_INT, young, digest, identity))
                continue
            kind = "note" if path in notes else "canvas" if path.endswith(".canvas") else "file"
            key = file_key(path)
            if self.targets is None:
                self.keys.add(key)
            new.append((identity, path, kind, key, mtime, ctime, size, inode & disk.MAX_INT, young, digest))
        store.put(self.conn, "files", 10, new)
        self.conn.executemany(
            "UPDATE files SET mtime_ns = ?, ctime_ns = ?, size = ?, inode = ?, unsettled = ?, digest = ? WHERE id = ?",
            old,
        )

    def _store(self, batch: Batch) -> None:
        conn = self.conn
        self._files(batch.seen)
        old = [] if self.full else [i for i, path, *_ in batch.seen if path in self.todo.known and i in batch.new]
        if old:
            self._accounts_before(old)
            self.tasks.update(history.tasks_of(conn, old))
            store.forget_text(conn, old)
        self.changed_ids += batch.new
        self.accounts[1].update((note[1], note[10]) for note in batch.notes if note[22] == "account")
        self.people[1].update(row[5] for row in batch.tables[self.names_at] if row[2] == "person")
        fixed = (("notes", batch.notes), ("bodies", batch.bodies), ("problems", batch.problems))
        for name, rows in (*fixed, *zip(self.names, batch.tables)):
            if old:
                rows = store.exchange(conn, name, old, rows, _COMPARED.get(name))
            if rows:
                store.put(conn, name, len(rows[0]), rows)
        store.put_text(conn, batch.texts)

    def _accounts_before(self, ids: list[int]) -> None:
        self.met |= same_person.met(self.conn, ids)
        for identity in ids:
            sql = "SELECT path, account FROM notes WHERE id = ? AND entity = 'account'"
            self.accounts[0].update(self.conn.execute(sql, (identity,)))
            people = "SELECT key FROM names WHERE note = ? AND kind = 'person'"
            self.people[0].update(key for (key,) in self.conn.execute(people, (identity,)))

    def finish(self, state_file: str, since: str) -> list[history.Change]:
        """What depends on more than one note: link targets, accounts given by the folder, owners whom only the vault
        knows, and which items without a box are still proposals. Returns what became of the tasks of changed notes."""
        if not self.full:
            resolve_links(self.conn, self.changed_ids, self.keys, self.gone)
        whole = self.full or self.accounts[0] != self.accounts[1]
        elsewhere = inherit_accounts(self.conn, self.maker.rules.account_folders, None if whole else self.changed_ids)
        notes = None if self.full else self.changed_ids
        settle_owners(self.conn, notes, self.people[0] ^ self.people[1])
        self._settle_names(elsewhere, state_file)
        settle(self.conn, notes, state_file, since)
        return history.changes(self.conn, self.tasks)

    def _settle_names(self, elsewhere: list[int], state_file: str) -> None:
        """Whom short names mean; `elsewhere`: notes whose account has changed."""
        if self.full:
            same_person.remember(self.conn, state_file)
            same_person.settle(self.conn, None)
            return
        notes = list(dict.fromkeys([*self.changed_ids, *elsewhere]))
        after = same_person.met(self.conn, notes)
        people: set[str] = set()
        if self.people[0] != self.people[1]:  # notes of people have come or gone, or have another name
            people = self.people[0] | self.people[1]  # all of them, since who has a note counts under each of its names
        if set(elsewhere) - set(self.changed_ids):
            people |= {key for _, key, _ in after}
        if after != self.met:
            people |= same_person.differing(self.conn, self.met, after, notes)
        same_person.settle(self.conn, notes, people)
