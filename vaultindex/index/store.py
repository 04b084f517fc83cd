"""The index: opening it for reading or writing, putting rows in, dropping them. The only module with a connection.

Readers see one consistent snapshot; there is one writer at a time (a lock freed by death, then BEGIN IMMEDIATE); the
file is readable by its user alone and never lies in the vault.
"""

from __future__ import annotations

import os
import sqlite3
import stat as st
import time
from _thread import allocate_lock  # all that is needed of `threading`, which a question does not import
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from vaultindex.base.errors import IndexUnavailable, VaultError
from vaultindex.base.files import keep_newest, try_lock
from vaultindex.base.text import apart
from vaultindex.index import holder, schema

BUSY_MS = 5_000
_KEPT_DAMAGED = 2  # copies of damaged indexes
WAIT = 5.0  # seconds for which a writer waits for another, working or suspended
READERS_WAIT = 2.0  # for which a reader waits for a writer that works; for a suspended one it does not


class Damaged(IndexUnavailable):
    """The file is not a whole index: quarantine it and rebuild."""


class Busy(IndexUnavailable):
    """Another process holds the writer's lock."""


class Outdated(Exception):
    """The index was made by another version: refill it."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite's error says that the file is broken, rather than busy, full or unreadable."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    return isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error)


@lru_cache(maxsize=1)
def index_version() -> int:
    """The version of the index that this process makes and understands: of the code as it was when it started."""
    return schema.version()


def is_full(error: sqlite3.Error) -> bool:
    """Whether SQLite's error says that there was no room to write."""
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)


def unwritable(error: sqlite3.Error) -> VaultError:
    """What to tell a person when SQLite could not write."""
    if is_full(error):
        return VaultError(f"no space left for the index ({error}): it is as it was")
    return IndexUnavailable(f"the index could not be written ({error}): it is as it was")


def open_read(path: str) -> sqlite3.Connection:
    """A read-only connection. Raises FileNotFoundError, Outdated, Damaged or IndexUnavailable."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise FileNotFoundError(path) from error  # whoever makes it says why that cannot be done
    if st.S_ISDIR(mode):
        raise IndexUnavailable(f"{path} is a folder: --index names the file of the index")
    if not st.S_ISREG(mode):
        raise NotOurs(f"{path} is not an index of vaultindex: it is left as it is; say --index FILE with another name")
    conn = _connect(f"file:{_quote(path)}?mode=ro")
    try:
        conn.execute("PRAGMA cache_size = -32000")  # kB, taken only as needed: a long list comes back to its pages
        _check(conn, path)
    except BaseException:
        conn.close()
        raise
    return conn


def _connect(uri: str) -> sqlite3.Connection:
    try:
        conn = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=64)
    except sqlite3.Error as error:
        raise IndexUnavailable(f"the index cannot be opened: {error}") from error
    conn.create_function("plain", 1, _plain, deterministic=True)
    conn.create_function("apart", 1, apart, deterministic=True)
    return conn


def _plain(packed: bytes | None) -> str | None:
    """SQL's `plain(bodies.body)`: the text of a note as it was read."""
    from vaultindex.base.packed_text import unpack

    return None if packed is None else unpack(packed)


def _quote(path: str) -> str:
    # Only these mean something in SQLite's file: address (urllib.parse would cost every question 2 ms).
    return os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _check(conn: sqlite3.Connection, path: str) -> None:
    try:
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = conn.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.OperationalError as error:
        if is_damage(error):
            raise Damaged(f"the index {path} is damaged ({error})") from error
        raise IndexUnavailable(f"the index {path} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"the index {path} is damaged ({error})") from error
    if application != schema.APPLICATION_ID:
        raise Damaged(f"{path} is not an index of vaultindex")
    if version != index_version():
        raise Outdated(path)


class NotOurs(VaultError):
    """The file that an option or a setting names as the index is something else: it is left as it is."""

    exit_code = 2


_HEAD = b"SQLite format 3\0"


def check_ours(root: str, path: str) -> None:
    """Before anything is made, replaced or moved at `path`: raise NotOurs unless it is the place of an index of ours.

    A database says by its application id whose it is. A file that says nothing (cut, overwritten, empty) is ours when our
    lock stands beside it: then it is a damaged index.
    """
    if (os.path.realpath(path) + os.sep).startswith(root.rstrip(os.sep) + os.sep):
        raise NotOurs(f"{path} is inside the vault, where an index must not be: say --index FILE with a place outside")
    locked = os.path.isfile(path + ".lock")
    for one in (path, path + ".new"):
        try:
            info = os.lstat(one)
        except OSError:
            continue  # nothing there, or what opening it will say
        if st.S_ISLNK(info.st_mode) and os.path.isfile(one):
            info = os.stat(one)
        head = b""
        if st.S_ISREG(info.st_mode):
            try:
                head = _head(one, info)
            except OSError as error:
                raise IndexUnavailable(f"the index {one} cannot be read ({error.strerror})") from error
        is_database = head.startswith(_HEAD) and len(head) == 108
        whose = int.from_bytes(head[68:72], "big") if is_database else None
        # An index that was being made when its process died has no application id yet; at its final place, no table either.
        no_table = head[100:101] == b"\x0d" and head[103:105] == b"\0\0"  # of the first page's b-tree header
        half_made = locked and whose in (0, None) and (one != path or no_table)
        if (
            whose != schema.APPLICATION_ID
            and not half_made
            and (is_database or not locked or not st.S_ISREG(info.st_mode))
        ):
            raise NotOurs(
                f"{one} is not an index of vaultindex: it is left as it is; say --index FILE with another name"
            )


_looked_at: dict[tuple[int, int], int] = {}  # (device, inode) -> a descriptor that stays open
_looking = allocate_lock()  # `vi watch` has a thread for each vault


def _head(path: str, info: os.stat_result) -> bytes:
    """The first 108 bytes of a file that SQLite may have open in this process.

    On POSIX closing any descriptor of a file drops all locks that the process has on it, SQLite's too: another process
    would then take itself for the last reader and delete the log that a watcher goes on writing. So it stays open until
    the file is gone, whose space it would keep.
    """
    if os.name == "nt":
        with open(path, "rb") as file:
            return file.read(108)
    key = info.st_dev, info.st_ino
    with _looking:
        for gone in [key for key, descriptor in _looked_at.items() if not os.fstat(descriptor).st_nlink]:
            os.close(_looked_at.pop(gone))
        if key not in _looked_at:
            _looked_at[key] = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        return os.pread(_looked_at[key], 108, 0)


def check_vault(conn: sqlite3.Connection, root: str, path: str) -> None:
    """Raise NotOurs when the index was made of another vault that still exists, Outdated when that one is gone."""
    made_of = meta(conn, "vault")
    if made_of is None or made_of == root:
        return
    if os.path.isdir(made_of) and not (os.path.isdir(root) and os.path.samefile(made_of, root)):
        raise NotOurs(f"{path} is the index of the vault {made_of}, not of {root}: say --index FILE with another name")
    raise Outdated(path)  # the vault was moved: its index is made anew


def prepare_folder(path: str) -> None:
    """Make the folder of the index, readable by its user alone. Raises IndexUnavailable."""
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    except OSError as error:
        raise _no_place(path, error) from error


def _open_own(path: str) -> int:
    """Open a file of ours for reading and writing, made when there is none (mode 0600). Raises IndexUnavailable."""
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise _no_place(path, error) from error


def _no_place(path: str, error: OSError) -> IndexUnavailable:
    why = error.strerror or str(error)
    return IndexUnavailable(f"the index cannot be kept at {path} ({why}): say --index FILE, or set XDG_CACHE_HOME")


def open_write(path: str) -> sqlite3.Connection:
    """A writing connection in WAL mode; the file is made (mode 0600) when there is none. Raises Damaged, IndexUnavailable."""
    prepare_folder(path)
    # Made before SQLite opens it: the -wal and -shm beside it take its mode.
    os.close(_open_own(path))
    conn = _connect(f"file:{_quote(path)}?mode=rw")
    try:
        conn.execute("PRAGMA page_size = 8192")  # of a new file: packed notes waste less of such a page
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = NORMAL")
        conn.execute("PRAGMA journal_size_limit = 16777216")
    except sqlite3.DatabaseError as error:
        conn.close()
        if is_damage(error):
            raise Damaged(f"the index {path} is damaged ({error})") from error
        raise unwritable(error) from error
    return conn


def state(conn: sqlite3.Connection) -> str:
    """'ready', 'outdated', 'empty' (a new file) or 'damaged', for a connection just opened."""
    try:
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        rows = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return "damaged"
        raise
    if rows == 0:
        return "empty"
    if application != schema.APPLICATION_ID:
        return "damaged"
    return "ready" if version == index_version() else "outdated"


def quarantine(path: str) -> str:
    """Move a damaged index (with -wal and -shm) aside; the new name. The caller holds the writer lock."""
    target = f"{path}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.replace(path + suffix, target + suffix)
    keep_newest(f"{path}.damaged-", _KEPT_DAMAGED)
    return target


@contextmanager
def writer_lock(path: str, wait: float = WAIT, suspended: float = WAIT) -> Iterator[None]:
    """Hold the one writer's lock of this index. Raises Busy, which names its holder, when that has worked on for `wait`
    seconds, or was suspended and still is after `suspended` seconds.

    The lock dies with its holder, so a lock file left behind means nothing.
    """
    prepare_folder(path)
    file = path + ".lock"
    fd = _open_own(file)
    try:
        started = time.monotonic()
        while not try_lock(fd):
            waited = time.monotonic() - started
            owner = holder.pid(file) if waited >= min(wait, suspended) else None
            if waited >= wait or (owner is not None and waited >= suspended and holder.suspended(owner)):
                raise Busy(holder.described(file))
            time.sleep(0.005 if waited < 0.1 else 0.05)
        holder.sign(fd)
        try:
            yield
        finally:
            holder.unsign(fd)
    finally:
        os.close(fd)


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE ... COMMIT; rolled back on any error (a deferred one could fail half way with BUSY_SNAPSHOT)."""
    try:
        conn.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise IndexUnavailable(f"the index is locked by another program ({error}): try again in a moment") from error
    try:
        if conn.execute("PRAGMA user_version").fetchone()[0] == index_version():
            schema.follow_counts(conn)
        yield
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def reset(conn: sqlite3.Connection) -> None:
    """Empty tables of the present version, in place of whatever was there; the caller holds the transaction."""
    schema.drop(conn)
    schema.create(conn)
    conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version = {index_version()}")


def put(conn: sqlite3.Connection, table: str, width: int, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows of `width` columns."""
    conn.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * width)})", rows)


def put_text(conn: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Let the search find these (id, title, text in UTF-8)."""
    conn.executemany("INSERT INTO search(rowid, title, body) VALUES (?, ?, CAST(? AS TEXT))", rows)


def exchange(
    conn: sqlite3.Connection,
    table: str,
    ids: Iterable[int],
    rows: Iterable[tuple[Any, ...]],
    compared: int | None = None,
) -> list[tuple[Any, ...]]:
    """Make `rows` the rows of these notes, whose ids are the first column; returns those that are still to be put in.

    A note's rows are gone through in their order, and only columns (the first `compared`) that differ are written: most
    of an edited note is what it was, and every row that is written costs a page of each index, ten a task.
    """
    columns = [column[1] for column in conn.execute(f"PRAGMA table_info({table})")][:compared]
    sql = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE {columns[0]} = ? ORDER BY rowid"
    there = {i: iter(conn.execute(sql, (i,)).fetchall()) for i in ids}
    fresh = []
    for row in rows:
        before = next(there[row[0]], None) if row[0] in there else None
        if before is None:
            fresh.append(row)
        elif before[1:] != row[:compared]:
            new = {column: now for column, was, now in zip(columns, before[1:], row) if was != now}
            values = ", ".join(f"{column} = ?" for column in new)
            conn.execute(f"UPDATE {table} SET {values} WHERE rowid = ?", (*new.values(), before[0]))
    left = [(row[0],) for rest in there.values() for row in rest]
    conn.executemany(f"DELETE FROM {table} WHERE rowid = ?", left)
    return fresh


def forget_text(conn: sqlite3.Connection, ids: list[int]) -> None:
    """Drop these notes from the search, which keeps no text of its own: it must be told the old words before they go."""
    conn.executemany(
        "INSERT INTO search(search, rowid, title, body) SELECT 'delete', id, apart(title), apart(plain(body)) FROM bodies WHERE id = ?",
        [(i,) for i in ids],
    )


def forget(conn: sqlite3.Connection, ids: list[int], names: Iterable[str]) -> None:
    """Drop every row of these notes from the given extractor tables, and their text from the search."""
    forget_text(conn, ids)
    marks = [(i,) for i in ids]
    conn.executemany("DELETE FROM bodies WHERE id = ?", marks)
    conn.executemany("DELETE FROM notes WHERE id = ?", marks)
    conn.executemany("DELETE FROM problems WHERE file = ?", marks)
    for name in names:
        conn.executemany(f"DELETE FROM {name} WHERE note = ?", marks)


def meta(conn: sqlite3.Connection, key: str) -> str | None:
    """A remembered fact about the index itself."""
    row = conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_meta(conn: sqlite3.Connection, key: str, value: str) -> None:
    """Remember a fact about the index itself."""
    conn.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value))


def dump(conn: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the index by table, ids replaced by paths and in a fixed order, so that two indexes can be compared."""
    paths = dict(conn.execute("SELECT id, path FROM files"))
    counts = {count.table: len(count.keys) for count in schema.COUNTS}
    found: dict[str, list[tuple[object, ...]]] = {}
    names = conn.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"
    )
    for (name,) in names.fetchall():
        if name == "meta":
            continue
        columns = [row[1] for row in conn.execute(f"PRAGMA table_info({name})")]
        if name == "files":  # the same file has another fingerprint on another disk
            columns = ["path", "kind", "key", "digest"]
        as_path = [(c in ("id", "note", "file", "target") and name != "names") or c == "note" for c in columns]
        rows = [
            tuple(paths.get(v, v) if swap and isinstance(v, int) else v for v, swap in zip(row, as_path))
            for row in conn.execute(f"SELECT {', '.join(columns)} FROM {name}")
        ]
        if name in counts:  # a sum of 0 is no difference
            rows = [row for row in rows if any(row[counts[name] :])]
        found[name] = sorted(rows, key=repr)
    return found


def private_copy(conn: sqlite3.Connection) -> sqlite3.Connection:
    """A copy of an index for this process alone, in memory or a file that vanishes with it, which may be changed."""
    return private_of(_rollback(conn.serialize()))


def private_of(data: bytes) -> sqlite3.Connection:
    """The same, of the bytes of an index."""
    copy = _connect("")
    copy.deserialize(data)
    return copy


def private() -> sqlite3.Connection:
    """An index for this process alone, with empty tables and without what `schema.index` adds after a load."""
    conn = _connect("")
    reset(conn)
    return conn


def _rollback(data: bytes) -> bytes:
    """The bytes of a database that says that it has no write-ahead log, which a database in memory cannot have."""
    return data[:18] + b"\x01\x01" + data[20:]


def leave_out(conn: sqlite3.Connection, ids: list[int]) -> None:
    """Take files and notes, and every row, name and word of theirs, out of a private copy; what leads to them leads nowhere."""
    gone = [(number,) for number in ids]
    forget_text(conn, ids)
    tables = [
        row[0]
        for row in conn.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"
        )
    ]
    for table in tables:
        columns = {row[1] for row in conn.execute(f"PRAGMA table_info({table})")}
        for column in ("note", "file"):
            if column in columns:
                conn.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)
        if table in ("files", "notes", "bodies"):
            conn.executemany(f"DELETE FROM {table} WHERE id = ?", gone)
        if "target" in columns:
            conn.executemany(f"UPDATE {table} SET target = NULL WHERE target = ?", gone)
    schema.count_all(conn)
