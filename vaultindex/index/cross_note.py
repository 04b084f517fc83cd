"""What depends on more than one note: targets of links, accounts that folders give, and how the vault writes 04/05/2026."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from vaultindex.base.text import fold
from vaultindex.notes.link_targets import Resolver
from vaultindex.notes.link_targets import fold as link_key

# (key if unresolved else None, file id or None, 1 if several files fit equally well)
Aim = tuple[str | None, int | None, int]


def file_key(path: str) -> str:
    """What a link must end in to mean this file: the folded name, without .md for notes."""
    return link_key.__wrapped__(path)  # of each file once: the names in links are what is worth remembering


class Targets:
    """Resolves links to files. Only files with the same last name as the link can match, so those are looked up once per name."""

    def __init__(self, conn: sqlite3.Connection, files: dict[str, int] | None = None) -> None:
        """`files` are all files of the vault with their ids, when they are at hand; else the index is asked."""
        self._conn, self._files = conn, files
        self._all: dict[str, tuple[str, ...]] | None = None
        if files is not None:
            self._all = {}
            for path in files:
                key = file_key(path)
                self._all[key] = (*self._all.get(key, ()), path)
        self._by_key: dict[str, tuple[Resolver, dict[str, int]]] = {}
        self.anywhere: dict[str, Aim] = {}
        self._in_folder: dict[tuple[str, str], Aim] = {}

    def of(self, linkpath: str, source: str) -> Aim:
        """Where a link in `source` leads."""
        answer = self.anywhere.get(linkpath)
        if answer is not None:
            return answer
        if not linkpath:
            return None, self._id(source), 0
        place = (linkpath, source[: source.rfind("/") + 1])
        answer = self._in_folder.get(place)
        if answer is not None:
            return answer
        key = link_key(linkpath)
        resolver, paths = self._named(key)
        best = resolver.resolve(linkpath, source) if paths else None
        several = best is not None and len(paths) > 1 and len(resolver.candidates(linkpath, source)) > 1
        answer = (None, paths[best], int(several)) if best is not None else (key, None, 0)
        if len(paths) < 2 and "/" not in linkpath:
            self.anywhere[linkpath] = answer  # wherever it stands: there is nothing to choose from
        else:
            self._in_folder[place] = answer
        return answer

    def _id(self, path: str) -> int:
        if self._files is not None:
            return self._files[path]
        found: int = self._conn.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()[0]
        return found

    def _named(self, key: str) -> tuple[Resolver, dict[str, int]]:
        found = self._by_key.get(key)
        if found is None:
            if self._all is not None and self._files is not None:
                paths = {path: self._files[path] for path in self._all.get(key, ())}
            else:
                paths = dict(self._conn.execute("SELECT path, id FROM files WHERE key = ?", (key,)).fetchall())
            found = Resolver(list(paths)), paths
            if len(paths) > 1:
                self._by_key[key] = found
        return found


def resolve_links(conn: sqlite3.Connection, ids: list[int], keys: set[str], gone: list[int]) -> None:
    """Set the targets of links: those in these notes, those to files that are gone, and every link that may mean
    a different file because a name appeared or vanished."""
    sql = "SELECT l.rowid, l.linkpath, l.key, l.target, l.ambiguous, s.path FROM links l JOIN files s ON s.id = l.note"
    targets = Targets(conn)
    updates = {}
    for where, values in (
        ("l.note = ?", ids),
        ("l.target = ?", gone),
        ("l.key = ?", keys),
        ("l.target IN (SELECT id FROM files WHERE key = ?)", keys),
    ):
        for value in values:
            for rowid, linkpath, *before, source in conn.execute(f"{sql} WHERE {where}", (value,)).fetchall():
                answer = targets.of(linkpath, source)
                if answer != tuple(before):
                    updates[rowid] = (*answer, rowid)
    # In the order of the table, so that each of its pages is touched once.
    ordered = [updates[rowid] for rowid in sorted(updates)]
    conn.executemany("UPDATE links SET key = ?, target = ?, ambiguous = ? WHERE rowid = ?", ordered)


def inherit_accounts(conn: sqlite3.Connection, folders: frozenset[str], ids: list[int] | None) -> list[int]:
    """Give notes that name no account the account whose note or folder they lie under. None: all notes. Returns those
    whose account is another one now."""
    from vaultindex.meetings.about import folder_after

    sql = "SELECT id, path, account FROM notes WHERE account_own = 0"
    accounts = "SELECT path, account FROM notes WHERE entity = 'account'"
    if ids is None:
        rows = conn.execute(sql).fetchall()
        notes = conn.execute(accounts).fetchall()
    else:
        rows = [row for i in ids for row in conn.execute(sql + " AND id = ?", (i,))]
        above = {path for row in rows for path in _account_notes_above(row[1])}
        notes = [row for path in above for row in conn.execute(accounts + " AND path = ?", (path,))]
    covered: dict[str, str] = {}
    for path, name in sorted(notes):  # of Con.md and Con/Con.md the inner one is the account
        folder, _, stem = path[:-3].rpartition("/")
        covered[path[:-3] + "/"] = name
        if folder.rpartition("/")[2] == stem:
            covered[folder + "/"] = name
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
    return [identity for _, _, identity in updates]


def _account_notes_above(path: str) -> Iterator[str]:
    """The paths of notes that would make a folder above `path` an account: beside the folder, or inside it with its name."""
    while "/" in path:
        path = path[: path.rindex("/")]
        yield path + ".md"
        yield f"{path}/{path.rpartition('/')[2]}.md"


WAYS = {"": None, "month": True, "day": False}  # how `meta` says how the vault writes 04/05/2026


def month_comes_first(conn: sqlite3.Connection) -> bool | None:
    """How the vault writes 04/05/2026, as the notes whose dates tell do; None when none tells, or too many differ."""
    count = "SELECT count(*) FROM day_order WHERE month_first = ?"
    day, month = (conn.execute(count, (way,)).fetchone()[0] for way in (0, 1))
    return None if day == month or min(day, month) * 4 > max(day, month) else month > day


def notes_that_ask(conn: sqlite3.Connection) -> list[str]:
    """The paths of notes with dates that only other notes tell how to read."""
    sql = "SELECT f.path FROM day_order d JOIN files f ON f.id = d.note WHERE d.month_first IS NULL ORDER BY f.path"
    return [path for (path,) in conn.execute(sql)]


def read_again(conn: sqlite3.Connection, paths: list[str]) -> None:
    """Have these notes read by the next sync, though their files have not changed."""
    conn.executemany("UPDATE files SET unsettled = 1, digest = x'' WHERE path = ?", [(path,) for path in paths])
