"""Command sql: ask the index in SQL, read-only, limited in time and in the size of a value."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from vaultindex.base.errors import VaultError
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.render import table

_SECONDS = 10.0
_LONGEST = 10_000_000  # bytes of a value or a row: the largest note has half of it


@command(
    epilog='Example:  vi sql "select account, count(*) from v_decisions group by 1"   Views: v_tasks v_notes v_decisions v_people v_links v_rows'
)
@click.argument("statement")
@shared
@in_app
def sql(app: App, statement: str) -> None:
    """Run one SELECT on the index (read-only, ten seconds at most)."""
    with _ended_at_last():
        _answer(app, app.connect(), statement)


def _answer(app: App, conn: sqlite3.Connection, statement: str) -> None:
    end = time.monotonic() + _SECONDS
    _read_only(conn, end)
    with _told():
        cursor = conn.execute(statement)
    names = [c[0] for c in cursor.description or ()]

    def column(name: str) -> table.Column:
        return table.Column(name, lambda r: "" if r[name] is None else str(r[name]), grow=1)

    # Rows are printed as they come: a join of everything with everything must not be held first.
    rows = _rows(cursor, names, end)
    app.show(rows, [column(n) for n in names], names, "no rows")


@contextmanager
def _ended_at_last() -> Iterator[None]:
    """One call of a function of SQLite's (`printf('%.900000000c', 'x')`) asks nobody whether it may go on: end the process."""
    from threading import Timer

    def end() -> None:
        os.write(2, f"vi: the statement was stopped after {_SECONDS:.0f} seconds\n".encode())
        os._exit(SqlError.exit_code)

    timer = Timer(_SECONDS + 1, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class SqlError(VaultError):
    """The statement cannot be run."""

    exit_code = 2


class _told:
    """Turns SQLite's errors into sentences."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, MemoryError):
            raise SqlError("the answer needs too much memory") from error
        if isinstance(error, (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)):
            said = str(error)
            hint = " (only SELECT is allowed)" if "not authorized" in said or "prohibited" in said else ""
            hint = f" (stopped after {_SECONDS:.0f} seconds)" if "interrupted" in said else hint
            hint = f" (a value may have {_LONGEST:,} bytes)" if "too big" in said else hint
            raise SqlError(f"{said}{hint}") from error


def _rows(cursor: sqlite3.Cursor, names: list[str], end: float) -> Iterator[dict[str, Any]]:
    """The rows, blobs as hexadecimal digits. Raises SqlError, also when the time is over."""
    while True:
        with _told():
            some = cursor.fetchmany(200)
        if not some:
            return
        for row in some:
            if time.monotonic() > end:
                raise SqlError(f"interrupted (stopped after {_SECONDS:.0f} seconds)")
            yield {k: v.hex() if isinstance(v, bytes) else v for k, v in zip(names, row)}


def _read_only(conn: sqlite3.Connection, end: float) -> None:
    """Nothing but reading: no ATTACH (it would make files), no PRAGMA, and a deadline."""
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def judge(action: int, *rest: Any) -> int:
        if action == sqlite3.SQLITE_FUNCTION and rest[1] == "load_extension":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY

    conn.execute("PRAGMA temp_store = FILE")  # what a sort or a join must keep lies on the disk, not in memory
    conn.execute("PRAGMA cache_size = -32000")
    conn.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000)
    conn.set_authorizer(judge)
