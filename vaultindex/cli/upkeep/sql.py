"""Command sql: ask the index in SQL, read-only and limited in time."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import click

from vaultindex.base.errors import VaultError
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.render import table

_SQL_SECONDS = 10.0


@command(
    epilog='Example:  vi sql "select account, count(*) from v_decisions group by 1"   Views: v_tasks v_notes v_decisions v_people v_links'
)
@click.argument("statement")
@shared
@in_app
def sql(app: App, statement: str) -> None:
    """Run one SELECT on the index (read-only, ten seconds at most)."""
    conn = app.connect()
    _read_only(conn)
    try:
        cursor = conn.execute(statement)
        names = [c[0] for c in cursor.description or ()]
        rows = [dict(zip(names, row)) for row in cursor]
    except sqlite3.Error as error:
        hint = " (only SELECT is allowed)" if "not authorized" in str(error) or "prohibited" in str(error) else ""
        hint = f" (stopped after {_SQL_SECONDS:.0f} seconds)" if "interrupted" in str(error) else hint
        raise SqlError(f"{error}{hint}") from error
    except sqlite3.Warning as error:
        raise SqlError(f"{error}") from error

    def column(name: str) -> table.Column:
        return table.Column(name, lambda r: "" if r[name] is None else str(r[name]), grow=1)

    if app.format == "table" and rows:
        app.lines(table.aligned(rows, [column(n) for n in names], table.screen()))
        return
    for row in rows:
        for key, value in row.items():
            if isinstance(value, bytes):
                row[key] = value.hex()
    app.show(rows, [column(n) for n in names], names, "no rows")


class SqlError(VaultError):
    """The statement cannot be run."""

    exit_code = 2


def _read_only(conn: sqlite3.Connection) -> None:
    """Nothing but reading: no ATTACH (it would make files), no PRAGMA, and a deadline."""
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def judge(action: int, *rest: Any) -> int:
        if action == sqlite3.SQLITE_FUNCTION and rest[1] == "load_extension":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY

    end = time.monotonic() + _SQL_SECONDS
    conn.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 50_000_000)
    conn.set_authorizer(judge)
