"""What may leave through a door: a copy of the index in which the notes that must stay here do not exist.

One place for every question: names, counts, search and backlinks are asked of the copy, so no question can forget the fence.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vaultindex.ask import search
from vaultindex.base.text import fold
from vaultindex.index import store


class Fence(NamedTuple):
    """Folders alone of which notes may leave (() is all), and folders and tags of which none may. Folded."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, only: Iterable[str], without: Iterable[str]) -> Fence:
        """The fence that the options say: folders, and tags written with '#'."""
        given = [one.strip() for one in without if one.strip()]
        return cls(
            tuple(_folder(one) for one in only),
            tuple(_folder(one) for one in given if not one.startswith("#")),
            tuple(fold(one.lstrip("#").rstrip("/")) for one in given if one.startswith("#")),
        )

    def __bool__(self) -> bool:
        return bool(self.only or self.without or self.tags)

    def lets(self, path: str) -> bool:
        """Whether a file at this place of the vault may leave, whatever its tags."""
        key = fold(path)
        inside = any(key.startswith(folder) for folder in self.only) if self.only else True
        return inside and not any(key.startswith(folder) for folder in self.without)

    def tagged(self, tag: str) -> bool:
        """Whether this tag, or one above it, keeps its note here."""
        key = fold(tag.lstrip("#"))
        return any(key == one or key.startswith(one + "/") for one in self.tags)

    def hidden(self, conn: sqlite3.Connection, only: Sequence[int] | None = None) -> set[int]:
        """The ids of the files and notes that stay here: by their place, by a tag of theirs or of a task in them.

        `only`: of these alone, when it is not asked for all.
        """
        some = "" if only is None else "IN (SELECT value FROM json_each(?))"
        values = () if only is None else (json.dumps(list(only)),)

        def of(column: str) -> str:
            return f" WHERE {column} {some}" if some else ""

        files = conn.execute(f"SELECT id, path FROM files{of('id')}", values)
        found = {number for number, path in files if not self.lets(path)}
        if self.tags:
            for sql in (
                f"SELECT note, key FROM tags{of('note')}",
                f"SELECT n.id, j.value FROM notes n, json_each(n.tags) j{of('n.id')}",
                f"SELECT t.note, j.value FROM tasks t, json_each(t.tags) j{of('t.note')}",
            ):
                found |= {note for note, tag in conn.execute(sql, values) if self.tagged(str(tag))}
        return found


def _folder(text: str) -> str:
    return fold(text.strip().strip("/").removesuffix("/**")) + "/"


class Copies:
    """The fenced copy of one index, made anew when the index has changed. Not for several threads."""

    def __init__(self, fence: Fence, index: str) -> None:
        self.fence, self.index = fence, index
        self._copy: sqlite3.Connection | None = None
        self._probe: sqlite3.Connection | None = None  # sees by SQLite's own counter that another process wrote
        self._seen: tuple[int, int] | None = None

    def of(self, conn: sqlite3.Connection) -> sqlite3.Connection:
        """What may leave of this connection's index. The copy stays ours: it is not to be closed."""
        now = self._version()
        if self._copy is None or now != self._seen:
            if self._copy is not None:
                self._copy.close()
            self._copy, self._seen = fenced(conn, self.fence), now
        return self._copy

    def _version(self) -> tuple[int, int]:
        inode = os.stat(self.index).st_ino
        if self._probe is None or self._seen is None or self._seen[0] != inode:
            if self._probe is not None:
                self._probe.close()
            self._probe = store.open_read(self.index)
        return inode, int(self._probe.execute("PRAGMA data_version").fetchone()[0])


def fenced(conn: sqlite3.Connection, fence: Fence) -> sqlite3.Connection:
    """A private copy of an index without the hidden notes: no row, no name, no word of theirs is in it."""
    copy = store.private_copy(conn)
    hidden = sorted(fence.hidden(copy))
    copy.execute("BEGIN")
    store.leave_out(copy, hidden)
    gone = [row[0] for row in copy.execute("SELECT DISTINCT path FROM problems") if not fence.lets(row[0])]
    copy.executemany("DELETE FROM problems WHERE path = ?", [(path,) for path in gone])
    copy.execute("COMMIT")
    search.get_ready(copy)
    copy.execute("PRAGMA query_only = ON")
    return copy
