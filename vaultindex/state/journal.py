"""What the notes do not hold: every edit (for undo), verdicts on proposals, the last list of each terminal (`state.db`).

One file a vault in the user's state folder, readable by its user alone. Unlike the index it cannot be made again, so its
tables migrate and are never dropped.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from vaultindex.base import paths, settings
from vaultindex.base.errors import VaultError
from vaultindex.base.text import fold

APPLICATION_ID = 0x76695374  # 'viSt'
REMEMBERED = 24 * 3600.0  # seconds for which a list answers to its row numbers
_ROWS = 1000  # rows of a list that are kept

# Each step takes the tables from one version to the next; a step that has been released is never changed.
_MIGRATIONS = (
    """
CREATE TABLE edits (
 id INTEGER PRIMARY KEY, command INTEGER NOT NULL, at REAL NOT NULL, verb TEXT NOT NULL, path TEXT NOT NULL,
 line INTEGER NOT NULL, before BLOB, after BLOB NOT NULL, text TEXT NOT NULL, reason TEXT, undone REAL);
CREATE INDEX edits_command ON edits(command);
CREATE TABLE verdicts (
 source TEXT NOT NULL, key TEXT NOT NULL, verdict TEXT NOT NULL, day TEXT NOT NULL, reason TEXT, text TEXT NOT NULL,
 path TEXT NOT NULL, command INTEGER, PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE seen (id TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE lists (terminal TEXT PRIMARY KEY, at REAL NOT NULL, rows TEXT NOT NULL) WITHOUT ROWID;
""",
)


class Edit(NamedTuple):
    """One line of one note as an edit changed it. `before` is None where the note itself was made."""

    id: int
    command: int  # edits of one command share it
    at: float  # time.time()
    verb: str
    path: str
    line: int
    before: bytes | None
    after: bytes
    text: str
    reason: str | None
    undone: float | None


class Verdict(NamedTuple):
    """What was decided about a proposal, wherever it stands now."""

    verdict: str  # accepted, rejected, later
    day: str
    reason: str | None
    text: str
    path: str


class Shown(NamedTuple):
    """A row of a list as it was printed."""

    id: str  # '' for a row that is no task; then `path` is the command that listed it
    path: str
    line: int
    raw: str
    twins: int  # how many tasks of the note had this text then


def state_file(env: dict[str, str], vault: str, config: settings.Config) -> str:
    """Where the state of this vault is kept: a folder named as that of its index, in the user's state folder."""
    plain = settings.Config({**config.values, "index": settings.Value("", "default")})
    folder = os.path.basename(os.path.dirname(settings.index_file(env, vault, plain)))
    return os.path.join(paths.state_folder(env), folder, "state.db")


def terminal() -> str | None:
    """A name for the terminal this process runs in, the same for all commands typed there; None without one."""
    if sys.platform == "win32":
        return f"console {os.getppid()}" if os.isatty(1) or os.isatty(0) else None
    for fd in (1, 2, 0):
        if os.isatty(fd):
            # A device is used again by the next window: the session tells them apart.
            return f"{os.ttyname(fd)} {os.getsid(0)}"
    return None


def note_sources(path: str, title: str, date: str | None, source_ref: str | None) -> list[str]:
    """Names under which a note's proposals are known: what it was made from, and its own title and date. Its folder is
    none, so that a moved note is the same."""
    found = [f"note:{fold(title)}|{date or ''}"]
    if source_ref and source_ref.strip():
        ref = fold(source_ref.strip().removeprefix("[[").removesuffix("]]").replace("\\", "/"))
        found.insert(0, f"source:{'/'.join(ref.split('/')[-2:])}")
    return found


def text_key(text: str) -> str:
    """The text of a proposal without case, accents and punctuation."""
    return " ".join(re.findall(r"\w+", fold(text)))


class Journal:
    """The open state of one vault; a context manager. Raises VaultError when it cannot be opened."""

    def __init__(self, file: str) -> None:
        self.file = file
        folder = os.path.dirname(file)
        try:
            os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
            os.makedirs(folder, mode=0o700, exist_ok=True)
            # Made before SQLite opens it: the -wal and -shm beside it take its mode.
            os.close(os.open(file, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600))
            self.conn = sqlite3.connect(file, isolation_level=None, timeout=5)
        except (OSError, sqlite3.Error) as error:
            raise VaultError(f"the journal {file} cannot be opened ({error}): nothing was changed") from error
        try:
            self._migrate()
        except BaseException as error:
            self.conn.close()
            if isinstance(error, sqlite3.Error):
                raise VaultError(f"the journal {file} cannot be used ({error}): nothing was changed") from error
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.conn.close()

    def _migrate(self) -> None:
        version = self.conn.execute("PRAGMA user_version").fetchone()[0]
        if version == len(_MIGRATIONS):
            return
        if version == 0:
            self.conn.execute("PRAGMA journal_mode = WAL")
        with self._transaction():
            # Asked again under the lock: another process may have been first.
            version = self.conn.execute("PRAGMA user_version").fetchone()[0]
            if version > len(_MIGRATIONS):
                raise VaultError(f"the journal {self.file} was made by a newer version of vaultindex: update this one")
            for step in _MIGRATIONS[version:]:
                for statement in step.split(";"):
                    self.conn.execute(statement)
            self.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self.conn.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            raise
        self.conn.execute("COMMIT")

    # --- edits ---

    def next_command(self) -> int:
        """A number for the edits of one command."""
        return int(self.conn.execute("SELECT ifnull(max(command), 0) + 1 FROM edits").fetchone()[0])

    def write(
        self,
        command: int,
        verb: str,
        path: str,
        rows: Iterable[tuple[int, bytes | None, bytes, str]],
        reason: str | None,
    ) -> list[int]:
        """Put down edits (line, before, after, text) that are about to be made: their numbers. Raises VaultError."""
        now = time.time()
        try:
            with self._transaction():
                return [
                    int(
                        self.conn.execute(
                            "INSERT INTO edits(command, at, verb, path, line, before, after, text, reason) VALUES (?,?,?,?,?,?,?,?,?)",
                            (command, now, verb, path, line, before, after, text, reason),
                        ).lastrowid
                        or 0
                    )
                    for line, before, after, text in rows
                ]
        except sqlite3.Error as error:
            raise VaultError(f"the journal cannot be written ({error}), so the note is left as it is") from error

    def drop(self, ids: Iterable[int]) -> None:
        """Forget edits that were not made after all."""
        self.conn.executemany("DELETE FROM edits WHERE id = ?", [(i,) for i in ids])

    def edits(self, limit: int | None = None) -> list[Edit]:
        """Every edit, newest first."""
        sql = "SELECT * FROM edits ORDER BY id DESC" + ("" if limit is None else f" LIMIT {int(limit)}")
        return [Edit(*row) for row in self.conn.execute(sql)]

    def undoable(self, commands: int = 1) -> list[Edit]:
        """The edits of the last commands that are not undone, newest first."""
        sql = """SELECT * FROM edits WHERE undone IS NULL AND command IN
 (SELECT DISTINCT command FROM edits WHERE undone IS NULL ORDER BY command DESC LIMIT ?) ORDER BY id DESC"""
        return [Edit(*row) for row in self.conn.execute(sql, (commands,))]

    def undone(self, edit: Edit) -> None:
        """An edit was taken back, and with its command's last one what it had decided."""
        with self._transaction():
            self.conn.execute("UPDATE edits SET undone = ? WHERE id = ?", (time.time(), edit.id))
            self.conn.execute(
                "DELETE FROM verdicts WHERE command = ?1 AND key = ?2",
                (edit.command, text_key(edit.text)),
            )

    # --- verdicts ---

    def decide(
        self,
        sources: Sequence[str],
        text: str,
        verdict: str,
        day: str,
        path: str,
        command: int | None,
        reason: str | None,
    ) -> None:
        """Remember a verdict under each name of the note."""
        with self._transaction():
            self.conn.executemany(
                "INSERT OR REPLACE INTO verdicts VALUES (?,?,?,?,?,?,?,?)",
                [(source, text_key(text), verdict, day, reason, text, path, command) for source in sources],
            )

    def verdict(self, sources: Sequence[str], text: str) -> Verdict | None:
        """What was decided about this text in this note before."""
        marks = ",".join("?" * len(sources))
        row = self.conn.execute(
            f"SELECT verdict, day, reason, text, path FROM verdicts WHERE key = ? AND source IN ({marks}) ORDER BY day DESC",
            (text_key(text), *sources),
        ).fetchone()
        return Verdict(*row) if row else None

    def verdicts(self) -> dict[tuple[str, str], Verdict]:
        """Every verdict, by (name of the note, key of the text)."""
        sql = "SELECT source, key, verdict, day, reason, text, path FROM verdicts"
        return {(row[0], row[1]): Verdict(*row[2:]) for row in self.conn.execute(sql)}

    def forget_verdict(self, sources: Sequence[str], text: str) -> None:
        """The question is open again."""
        self.conn.executemany(
            "DELETE FROM verdicts WHERE source = ? AND key = ?", [(s, text_key(text)) for s in sources]
        )

    def mark_seen(self, ids: Iterable[str], day: str) -> None:
        """These proposals were shown."""
        self.conn.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", [(i, day) for i in ids])

    def seen(self) -> set[str]:
        """Ids of the proposals that were shown once."""
        return {row[0] for row in self.conn.execute("SELECT id FROM seen")}

    # --- lists ---

    def remember(self, rows: Iterable[Shown], where: str) -> None:
        """These rows were printed in this terminal, in this order."""
        kept = [row for row, _ in zip(rows, range(_ROWS))]
        self.conn.execute("PRAGMA synchronous = OFF")  # a list may be lost with the power
        self.conn.execute(
            "INSERT OR REPLACE INTO lists VALUES (?, ?, ?)", (where, time.time(), json.dumps(kept, ensure_ascii=False))
        )
        self.conn.execute("DELETE FROM lists WHERE at < ?", (time.time() - REMEMBERED,))

    def last_list(self, where: str | None) -> list[Shown]:
        """The rows of the last list printed in this terminal; [] when there is none of today."""
        if where is None:
            return []
        sql = "SELECT rows FROM lists WHERE terminal = ? AND at >= ?"
        row = self.conn.execute(sql, (where, time.time() - REMEMBERED)).fetchone()
        return _rows(row[0]) if row else []

    def lists(self, where: str | None) -> list[list[Shown]]:
        """The lists that a person may be reading now: this terminal's first, then the others', newest first."""
        sql = "SELECT rows FROM lists WHERE at >= ? ORDER BY terminal = ? DESC, at DESC"
        return [_rows(row[0]) for row in self.conn.execute(sql, (time.time() - REMEMBERED, where or ""))]


def _rows(text: str) -> list[Shown]:
    found: list[Any] = json.loads(text)
    return [Shown(*row) for row in found]
