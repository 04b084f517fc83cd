"""What the notes do not hold: edits (for undo), verdicts on proposals and names, lists that were shown, history (`state.db`).

One file a vault in the user's state folder, readable by its user alone. Unlike the index it cannot be made again, so its
tables migrate and are never dropped.
"""

import contextlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.base.files import keep_newest
from vaultindex.base.ids import note_sources as note_sources
from vaultindex.base.ids import text_key as text_key
from vaultindex.vault import journal_place
from vaultindex.vault.journal_place import state_file as state_file

APPLICATION_ID = 0x76695374  # 'viSt'
REMEMBERED = 24 * 3600.0  # seconds for which a list answers to its row numbers
NO_NOTE = ""  # the path of an edit that changed no note: an answer about names
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
    """
ALTER TABLE edits ADD COLUMN intended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE edits ADD COLUMN around TEXT;
CREATE TABLE commands (last INTEGER NOT NULL);
INSERT INTO commands SELECT ifnull(max(command), 0) FROM edits;
""",
    """
CREATE TABLE told (
 id INTEGER PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, same INTEGER NOT NULL, day TEXT NOT NULL,
 command INTEGER NOT NULL, undone REAL);
CREATE TABLE history (
 id INTEGER PRIMARY KEY, day TEXT NOT NULL, task TEXT NOT NULL, what TEXT NOT NULL, was TEXT, became TEXT,
 path TEXT NOT NULL, text TEXT NOT NULL, origin TEXT NOT NULL);
CREATE INDEX history_task ON history(task, what);
CREATE INDEX history_day ON history(day);
""",
)
_TABLES = {"edits", "verdicts", "seen", "lists", "commands", "told", "history"}
_KEPT_DAMAGED = 3  # copies of damaged journals
_SURELY_OVER = 60.0  # seconds after which an edit is not going on any more


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
    intended: int = 0  # the process that is about to make it; 0 once it is made
    around: str | None = None  # JSON: what tells the place from others with the same words (see note_lines.Place)

    @property
    def abandoned(self) -> bool:
        """Whether the process that was about to make it is gone, so that only the note can tell whether it was made."""
        if not self.intended:
            return False
        if self.intended == os.getpid() or abs(time.time() - self.at) > _SURELY_OVER:
            return True
        return not _alive(self.intended)


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


def terminal() -> str | None:
    """A name for the terminal this process runs in, the same for all commands typed there; None without one."""
    if sys.platform == "win32":
        return f"console {os.getppid()}" if os.isatty(1) or os.isatty(0) else None
    for fd in (1, 2, 0):
        if os.isatty(fd):
            # A device is used again by the next window: the session tells them apart.
            return f"{os.ttyname(fd)} {os.getsid(0)}"
    return None


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # asking would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class Journal:
    """The open state of one vault; a context manager. Raises VaultError when it cannot be opened.

    A damaged file is kept under another name and a new one begun: `message` then says so. It costs undo, nothing else.
    """

    def __init__(self, file: str, vault: str | None = None, wait: float = 5.0) -> None:
        """`vault`: its real path, to put down whose journal it is; `wait`: seconds for another process that writes it."""
        self.file, self.vault, self._wait = file, vault, wait
        self.message: str | None = None
        self._rows: dict[int, tuple[Any, ...]] = {}  # edits that this process is about to make
        try:
            self._open()
        except sqlite3.Error as error:
            if not self._is_damage(error):
                raise VaultError(f"the journal {file} cannot be used ({error}): nothing was changed") from error
            self.message = self._set_aside(error)
            try:
                self._open()
            except sqlite3.Error as again:
                raise VaultError(f"the journal {file} cannot be used ({again}): nothing was changed") from again
        self._note_owner()

    def _note_owner(self) -> None:
        if self.vault is not None:
            # The next command puts down what this one cannot.
            with contextlib.suppress(sqlite3.Error):
                journal_place.note_owner(self.conn, self.vault)

    def _open(self) -> None:
        folder = os.path.dirname(self.file)
        try:
            for one in (os.path.dirname(folder), folder):
                with _mask():
                    os.makedirs(one, mode=0o700, exist_ok=True)
            # Made before SQLite opens it: the -wal and -shm beside it take its mode.
            with _mask():
                os.close(os.open(self.file, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600))
            self.conn = sqlite3.connect(self.file, isolation_level=None, timeout=self._wait)
        except (OSError, sqlite3.Error) as error:
            raise VaultError(f"the journal {self.file} cannot be opened ({error}): nothing was changed") from error
        try:
            self._migrate()
        except BaseException:
            self.conn.close()
            raise

    @staticmethod
    def _is_damage(error: sqlite3.Error) -> bool:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such" in str(error)

    def _set_aside(self, error: sqlite3.Error) -> str:
        """Keep the damaged file under another name: what to tell about it."""
        kept = f"{self.file}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(self.file + suffix):
                os.replace(self.file + suffix, kept + suffix)
        keep_newest(f"{self.file}.damaged-", _KEPT_DAMAGED)
        return f"the journal was damaged ({error}): it is kept as {kept}, what it held cannot be undone; a new one was begun"

    def _run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Every row of an answer. Raises VaultError: an error is blamed on the file that it comes from."""
        try:
            return self.conn.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            if not self._is_damage(error):
                raise VaultError(f"the journal {self.file} cannot be used ({error})") from error
            self.conn.close()
            raise VaultError(self._set_aside(error)) from error

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._note_owner()  # some of its notes may be different now
        self.conn.close()

    def _migrate(self) -> None:
        version = self.conn.execute("PRAGMA user_version").fetchone()[0]
        if version == len(_MIGRATIONS):
            there = {row[0] for row in self.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not there >= _TABLES:
                raise sqlite3.DatabaseError(f"no such tables: {', '.join(sorted(_TABLES - there))}")
            return
        self._use_wal()
        with self.transaction():
            # Asked again under the lock: another process may have been first.
            version = self.conn.execute("PRAGMA user_version").fetchone()[0]
            owner = self.conn.execute("PRAGMA application_id").fetchone()[0]
            used = self.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if owner not in (0, APPLICATION_ID) or (owner == 0 and used):
                raise VaultError(f"{self.file} is another program's database: it is left as it is")
            if version > len(_MIGRATIONS):
                raise VaultError(f"the journal {self.file} was made by a newer version of vaultindex: update this one")
            for step in _MIGRATIONS[version:]:
                for statement in step.split(";"):
                    self.conn.execute(statement)
            self.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self.conn.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")

    def _use_wal(self) -> None:
        """Let readers and a writer of a new journal not wait for each other. SQLite itself does not wait until it can do so."""
        until = time.monotonic() + self._wait
        while os.path.getsize(self.file) == 0:
            try:
                self.conn.execute("PRAGMA journal_mode = WAL")
                return  # (where there can be none, the file stays as it is)
            except sqlite3.OperationalError:  # another process makes the same journal just now
                if time.monotonic() > until:
                    raise
                time.sleep(0.01)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing. Raises sqlite3.Error."""
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
        """A number for the edits of one command, which no other command gets. Raises VaultError."""
        try:
            with self.transaction():
                self.conn.execute(
                    "UPDATE commands SET last = 1 + max(last, (SELECT ifnull(max(command), 0) FROM edits))"
                )
                return int(self.conn.execute("SELECT last FROM commands").fetchone()[0])
        except sqlite3.Error as error:
            raise VaultError(f"the journal cannot be written ({error}), so nothing was changed") from error

    def write(
        self,
        command: int,
        verb: str,
        path: str,
        rows: Iterable[tuple[int, bytes | None, bytes, str, str | None]],
        reason: str | None,
    ) -> list[int]:
        """Put down edits (line, before, after, text, around) that are about to be made: their numbers. Raises VaultError.

        They count once `made` says that they were made.
        """
        now, me, ids = time.time(), os.getpid(), []
        try:
            with self.transaction():
                for line, before, after, text, around in rows:
                    row = (command, now, verb, path, line, before, after, text, reason, me, around)
                    ids.append(self._insert(None, row))
                    self._rows[ids[-1]] = row
        except sqlite3.Error as error:
            raise VaultError(f"the journal cannot be written ({error}), so the note is left as it is") from error
        return ids

    def _insert(self, number: int | None, row: tuple[Any, ...]) -> int:
        sql = (
            "INSERT INTO edits(id, command, at, verb, path, line, before, after, text, reason, intended, around)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
        )
        return int(self.conn.execute(sql, (number, *row)).lastrowid or 0)

    def made(self, ids: Iterable[int]) -> None:
        """These edits were made. When that cannot be put down, the next command sees it in the note."""
        try:
            with self.transaction():
                for number in ids:
                    row = self._rows.pop(number, None)
                    done = self.conn.execute("UPDATE edits SET intended = 0 WHERE id = ?", (number,)).rowcount
                    if not done and row is not None:  # given up by a command that looked meanwhile
                        self._insert(number, (*row[:-2], 0, row[-1]))
        except sqlite3.Error as error:
            self.message = f"the journal could not be written ({error}): whether this can be undone is seen next time"

    def drop(self, ids: Iterable[int]) -> None:
        """Forget edits that were not made after all. When that cannot be put down, the next command sees it in the note."""
        try:
            self.conn.executemany("DELETE FROM edits WHERE id = ?", [(i,) for i in ids])
        except sqlite3.Error as error:
            self.message = f"the journal could not be written ({error})"

    def abandoned(self) -> list[Edit]:
        """Edits whose process ended before it said whether it made them, newest first."""
        rows = self._run("SELECT * FROM edits WHERE intended <> 0 ORDER BY id DESC")
        return [edit for edit in map(_edit, rows) if edit.abandoned]

    def edits(self, limit: int | None = None) -> list[Edit]:
        """Every edit, newest first."""
        return list(
            map(_edit, self._run("SELECT * FROM edits ORDER BY id DESC LIMIT ?", -1 if limit is None else limit))
        )

    def undoable(self, commands: int = 1) -> list[Edit]:
        """The edits of the last commands that are not undone, newest first."""
        sql = """SELECT * FROM edits WHERE undone IS NULL AND intended = 0 AND command IN
 (SELECT DISTINCT command FROM edits WHERE undone IS NULL AND intended = 0 ORDER BY command DESC LIMIT ?) ORDER BY id DESC"""
        return list(map(_edit, self._run(sql, commands)))

    def undone(self, *edits: Edit) -> None:
        """Edits were taken back, and with them what their commands had decided."""
        try:
            with self.transaction():
                for edit in edits:
                    self.conn.execute("UPDATE edits SET undone = ? WHERE id = ?", (time.time(), edit.id))
                    self.conn.execute(
                        "DELETE FROM verdicts WHERE command = ?1 AND key = ?2",
                        (edit.command, text_key(edit.text)),
                    )
                    self.conn.execute("UPDATE told SET undone = ? WHERE command = ?", (time.time(), edit.command))
        except sqlite3.Error as error:  # the note is as it was: the next undo sees that
            self.message = (
                f"the journal could not be written ({error}): the next undo finds this one taken back already"
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
        self.decide_all([(sources, text, path)], verdict, day, command, reason)

    def decide_all(
        self,
        proposals: Iterable[tuple[Sequence[str], str, str]],
        verdict: str,
        day: str,
        command: int | None,
        reason: str | None,
    ) -> None:
        """Remember one verdict on many proposals (names of the note, text, path), all or none."""
        with self.transaction():
            self.conn.executemany(
                "INSERT OR REPLACE INTO verdicts VALUES (?,?,?,?,?,?,?,?)",
                [
                    (source, text_key(text), verdict, day, reason, text, path, command)
                    for sources, text, path in proposals
                    for source in sources
                ],
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
        return {(row[0], row[1]): Verdict(*row[2:]) for row in self._run(sql)}

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
        return {row[0] for row in self._run("SELECT id FROM seen")}

    def triaged(self) -> tuple[set[str], str | None]:
        """(ids of the proposals that triage has shown, the last day on which it did)."""
        rows = self._run("SELECT id, day FROM seen")
        return {row[0] for row in rows}, max((row[1] for row in rows), default=None)

    # --- names ---

    def tell(self, one: str, others: Sequence[str], same: bool, day: str, text: str) -> None:
        """Remember that two folded names are one person (`one` is the only one of `others`), or that `one` is none of them;
        undone as an edit is, of no note.

        Raises VaultError.
        """
        command = self.next_command()
        try:
            with self.transaction():
                sql = "INSERT INTO told(one, other, same, day, command) VALUES (?, ?, ?, ?, ?)"
                self.conn.executemany(sql, [(one, other, int(same), day, command) for other in others])
                verb = "same" if same else "different"
                self._insert(None, (command, time.time(), verb, NO_NOTE, 0, b"", b"", text, None, 0, None))
        except sqlite3.Error as error:
            raise VaultError(f"the journal cannot be written ({error}), so nothing was remembered") from error

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
        rows = self._run(sql, where, time.time() - REMEMBERED)
        return _rows(rows[0][0]) if rows else []

    def lists(self, where: str | None) -> list[list[Shown]]:
        """The lists that a person may be reading now: this terminal's first, then the others', newest first."""
        sql = "SELECT rows FROM lists WHERE at >= ? ORDER BY terminal = ? DESC, at DESC"
        return [_rows(row[0]) for row in self._run(sql, time.time() - REMEMBERED, where or "")]


def _edit(row: tuple[Any, ...]) -> Edit:
    return Edit(*row)


@contextmanager
def _mask() -> Iterator[None]:
    """Files are made with the rights that are asked for, whatever the umask takes away."""
    if os.name != "posix":
        yield
        return
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _rows(text: str) -> list[Shown]:
    found: list[Any] = json.loads(text)
    return [Shown(*row) for row in found]
