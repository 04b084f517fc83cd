"""Command export: tasks for calendars and other programs, on stdout, in a file kept up to date, or as a folder."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.options import build
from vaultindex.base.errors import UsageError
from vaultindex.base.text import minutes_of_day
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import task_filters
from vaultindex.render import delimited, json_text
from vaultindex.render.phrases import count

if TYPE_CHECKING:
    from vaultindex.doors.calendar import Entries

KINDS = ("ics", "todotxt", "csv", "jsonl", "md", "vdir")
_LOOK = 2.0  # seconds between two looks with --watch


def _minutes(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """HH:MM as minutes after midnight."""
    if value is None:
        return None
    found = minutes_of_day(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no time of the day: write 09:00")
    return found


@command(
    epilog="Examples:  vi export ics --mine > tasks.ics   vi export ics --watch ~/Dropbox/tasks.ics   vi export vdir ~/calendars/vault --as todos"
    "   vi export todotxt --account contoso   vi export csv --all > tasks.csv"
    "\n\nGoogle and Outlook fetch a calendar from their own servers, so they need a file in a synced or served folder: --watch."
)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("words", nargs=-1, metavar="[DIR] [WORDS]...")
@click.option(
    "--as",
    "form",
    type=click.Choice(["events", "todos"]),
    default="events",
    help="ics, vdir: days that every calendar shows (default), or todos.",
)
@click.option("--alarm", metavar="HH:MM", callback=_minutes, help="ics, vdir: ring on the day at this time.")
@click.option("--proposed", is_flag=True, help="Proposals too.")
@click.option("--doubted", is_flag=True, help="Due dates that may be the generator's too.")
@click.option("--watch", metavar="FILE", help="Keep this file up to date until Ctrl-C.")
@task_filters("words", "open", "sure", "proposed", "doubted")
@shared
@in_app
def export(
    app: App, kind: str, words: tuple[str, ...], form: str, alarm: int | None, watch: str | None, **given: Any
) -> None:
    """Tasks for other programs: a calendar, todo.txt, CSV, JSON lines, Markdown, or a folder with one calendar file a task.

    Open tasks whose dates are sure; the filters of `vi tasks` choose among them.
    """
    from vaultindex.doors import folder

    if kind not in ("ics", "vdir") and (form == "todos" or alarm is not None):
        raise UsageError("--as and --alarm are for ics and vdir")
    target = None
    if kind == "vdir":
        if not words:
            raise UsageError("vi export vdir DIR: which folder?")
        if watch:
            raise UsageError("--watch keeps one file up to date; run vi export vdir again for a folder")
        target, words = folder.outside(app.root, words[0]), words[1:]
    given["words"] = words
    what = _Export(app, kind, form == "todos", alarm, given)
    if watch:
        _keep(app, what, folder.outside(app.root, watch))
        return
    conn = app.connect()
    if target is None:
        app.pieces(what.pieces(conn))
    else:
        done = folder.vdir(target, what.items(conn))
        app.lines([f"{count(done.files, 'file')} in {target}: {done.written:,} written, {done.removed:,} removed"])
    what.tell(conn)


class _Export:
    """What is to be exported, asked of an index as often as wanted."""

    def __init__(self, app: App, kind: str, todos: bool, alarm: int | None, given: dict[str, Any]) -> None:
        from vaultindex.doors.calendar import Calendar

        self.app, self.kind = app, kind
        self.calendar = Calendar(app.root, todos, alarm)
        sure = not given.pop("doubted")
        self.given = {**given, "open": True, "sure": sure}
        self.entries: Entries | None = None

    def _found(self, conn: sqlite3.Connection, only: tuple[str, ...] | None) -> ask.Found:
        me = self.app.config.get("me")
        nodes, _ = build(conn, self.given, self.app.today, me)
        return ask.select(conn, nodes, today=self.app.today, me=me, only=only)

    def _dated(self, conn: sqlite3.Connection) -> Entries:
        from vaultindex.doors.calendar import FIELDS, Entries
        from vaultindex.state.history import History
        from vaultindex.state.journal import state_file

        names = History(state_file(self.app.env, self.app.root, self.app.config)).names()
        self.entries = Entries(conn, self._found(conn, FIELDS), self.calendar, names)
        return self.entries

    def items(self, conn: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
        """(id, calendar of this one task)."""
        for row, mtime_ns in self._dated(conn):
            yield row["id"], self.calendar.single(row, mtime_ns)

    def pieces(self, conn: sqlite3.Connection) -> Iterator[bytes]:
        """The whole export, piece by piece."""
        if self.kind == "ics":
            yield from self.calendar.file(self._dated(conn))
        elif self.kind == "jsonl":
            yield from json_text.json_pieces(self._found(conn, None).texts(None), True)
        else:
            for line in self._lines(conn):
                yield line.encode("utf-8", "replace") + b"\n"

    def _lines(self, conn: sqlite3.Connection) -> Iterable[str]:
        if self.kind == "csv":
            return delimited.delimited(self._found(conn, None), ask.FIELDS, False)
        if self.kind == "md":
            from vaultindex.cli.task_columns import checkboxes

            return checkboxes(self.app, conn, self._found(conn, ("path", "raw", "text", "origin")))
        from vaultindex.doors import todotxt

        return map(todotxt.line, self._found(conn, todotxt.FIELDS))

    def tell(self, conn: sqlite3.Connection) -> None:
        """Say what was left out."""
        if self.entries is not None and self.entries.undated:
            self.app.notes.append(f"{count(self.entries.undated, 'task')} without a day left out: --as todos")
        for flag, more, what in (
            ("sure", {"sure": False, "doubted": True}, "date that may be the generator's left out: --doubted"),
            ("proposed", {"proposed": True, "open": False, "done": False, "cancelled": False, "all": False}, "proposal left out: --proposed"),
        ):  # fmt: skip
            if bool(self.given[flag]) == (flag == "sure"):
                nodes, _ = build(conn, {**self.given, **more}, self.app.today, self.app.config.get("me"))
                left = sum(ask.count(conn, nodes, self.app.today).values())
                if left and not (flag == "proposed" and self.given["all"]):
                    noun, rest = what.split(" ", 1)
                    self.app.notes.append(f"{count(left, noun)} {rest}")


def _keep(app: App, what: _Export, path: str) -> None:
    """Write the file now, and again whenever the index or the day is another, until Ctrl-C."""
    import sys

    from vaultindex.doors import folder

    seen: object = None
    try:
        while True:
            app.forget_today()  # midnight may have passed
            conn = app.connect()
            try:
                now = (app.today, os.stat(app.index).st_ino, _generation(conn))
                if now != seen:
                    folder.replace(path, what.pieces(conn))
                    if seen is None and "quiet" not in app.given:
                        print(f"{path} is kept up to date until Ctrl-C", file=sys.stderr)
                    seen = now
            finally:
                conn.close()
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        app.notes.append(f"{path} is not kept up to date any more")


def _generation(conn: sqlite3.Connection) -> tuple[Any, ...]:
    """Another one when what the index says may be another."""
    sql = "SELECT value FROM meta WHERE key IN ('indexed_at', 'digest', 'settled') ORDER BY key"
    loose = conn.execute("SELECT count(*), total(standing) FROM tasks").fetchone()  # verdicts change these alone
    return (*conn.execute(sql).fetchall(), loose)
