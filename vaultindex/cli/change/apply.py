"""Carry a change out: choose the tasks, ask, write the lines, keep them for undo, and say what was done."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.base.errors import ChangedError, UnknownName, UsageError, VaultError
from vaultindex.base.text import safe
from vaultindex.change.desk import Bench, at_work, change_of, decide, follow
from vaultindex.cli.app import App
from vaultindex.cli.change.differences import detail
from vaultindex.cli.change.pick import Row, choose
from vaultindex.index import sync
from vaultindex.render import json_text, phrases, table
from vaultindex.state import edits
from vaultindex.state import journal as state
from vaultindex.state.journal import Journal

MANY = 10  # more changes than this are confirmed
PAST = {
    "done": "done", "cancel": "cancelled", "reopen": "open", "start": "started", "assign": "theirs", "due": "due then",
    "priority": "of that priority", "tag": "so", "accept": "accepted", "reject": "rejected", "edit": "so",
}  # fmt: skip
_UNDO = "·\u00a0undo:\u00a0vi\u00a0undo"  # in one piece, wherever the line is broken
WILL = {"done": "complete", "due": "reschedule", "priority": "rank"}


class Desk(Bench):
    """The bench of one command, with the app that runs it."""

    def __init__(self, app: App, journal: Journal, conn: sqlite3.Connection | None = None) -> None:
        super().__init__(app, journal, conn)
        self.app = app

    def choose(self, ids: Sequence[str], given: dict[str, Any], **default: Any) -> list[Row]:
        """The tasks meant (see `pick.choose`), as they are on the disk now.

        Ids are first looked up in the index without a sweep: when their notes and the settings are as they were indexed,
        the rest of the vault does not matter.
        """
        app = self.app
        if ids and "no_refresh" not in app.given:
            self._conn, _ = sync.open_fresh(app.root, app.index, app.config, refresh=False)
            try:
                rows = choose(app, self.conn, self.journal, ids, given, **default)
                if as_indexed(app.root, self.conn, {row["path"] for row in rows}):
                    return rows
            except (UnknownName, ChangedError):
                rows = []  # it may have come since
            self.close()
        return choose(app, self.conn, self.journal, ids, given, **default)


def as_indexed(root: str, conn: sqlite3.Connection, paths: set[str]) -> bool:
    """Whether these notes and the app's settings are on the disk as the index knows them."""
    from vaultindex.vault import app_settings, disk

    facts = dict(conn.execute("SELECT key, value FROM meta WHERE key = 'app'"))
    if facts.get("app") != app_settings.fingerprint(root):
        return False
    seen = disk.look(root, paths).notes
    for path in paths:
        # A change within the clock's tick may hide here: the line itself is compared before it is written.
        row = conn.execute("SELECT mtime_ns, ctime_ns, size, inode FROM files WHERE path = ?", (path,)).fetchone()
        if row is None or path not in seen or row != seen[path]:
            return False
    return True


@contextmanager
def desk(app: App) -> Iterator[Desk]:
    """The desk of one command."""
    with at_work(app, state.state_file(app.env, app.root, app.config), lambda journal: Desk(app, journal)) as at:
        yield at


def writes(function: Any) -> Any:
    """The options that every change takes."""
    for option in (
        click.option("--mend", is_flag=True, help="Write damaged characters of the line as they were meant."),
        click.option("--no-input", is_flag=True, help="Never ask."),
        click.option("--yes", "-y", is_flag=True, help=f"Do not ask, also for more than {MANY} tasks."),
        click.option("--dry-run", is_flag=True, help="Show what would change, as a diff; write nothing."),
    ):
        function = option(function)
    return function


class How(NamedTuple):
    """How a change is to be made."""

    dry_run: bool
    yes: bool
    no_input: bool
    mend: bool


def how(given: dict[str, Any]) -> How:
    """Takes these options out of all those given."""
    return How(*(bool(given.pop(name)) for name in How._fields))


def carry_out(
    at: Desk,
    verb: str,
    rows: Sequence[Row],
    make: Callable[[Row], list[str]],
    way: How,
    *,
    verdict: str | None = None,
    reason: str | None = None,
) -> None:
    """Change the lines of these tasks to what `make` gives, print each, and bring the index up to date."""
    app = at.app
    changes: list[edits.Change] = []
    errors: list[VaultError] = []
    for row in rows:
        try:
            change = change_of(at, verb, row, make)
        except VaultError as error:
            errors.append(type(error)(f"{row['path']}:{row['line']}: {error}"))
            continue
        if change is None:
            app.notes.append(f"nothing to change: {PAST.get(verb, verb)} already: {row['text']}")
        else:
            changes.append(change)
    if way.dry_run:
        notes = len({c.path for c in changes})
        app.notes.insert(
            0, f"would {WILL.get(verb, verb)} {phrases.count(len(changes), 'task')} in {phrases.count(notes, 'note')}"
        )
        app.lines(safe(line) for line in edits.preview(app.root, changes, mend=way.mend))
    elif changes:
        with app.waiting():
            _confirm(verb, len(changes), way)
        command = at.journal.next_command()
        made, refused = edits.apply(app.root, at.journal, verb, changes, command=command, reason=reason, mend=way.mend)
        errors += [_named(r) for r in refused]
        by_id = {row["id"]: row for row in rows}
        if verdict is not None:
            for change in made:
                decide(at, by_id[change.id], verdict, command, reason)
        lines = list(_report(at, verb, made, by_id))
        follow(at, {c.path for c in made}, loose=any(row["origin"] != "box" for row in rows))
        app.lines(lines)
    for wrong in errors:
        print(f"not changed: {safe(str(wrong))}", file=sys.stderr)
    if errors:
        app.exit_code = 4 if any(isinstance(e, ChangedError) for e in errors) else errors[0].exit_code


def _named(refused: edits.Refused) -> VaultError:
    return type(refused.error)(f"{refused.change.path}: {refused.error}")


def _confirm(verb: str, count: int, way: How) -> None:
    if count <= MANY or way.yes:
        return
    if way.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"this would {WILL.get(verb, verb)} {count:,} tasks: look with --dry-run, then say --yes")
    if not click.confirm(f"{WILL.get(verb, verb)} {count:,} tasks?", err=True):
        raise click.Abort


def _report(at: Desk, verb: str, made: Sequence[edits.Change], rows: dict[str, Row]) -> Iterator[str]:
    """What is printed about the changes made."""
    form = at.app.format
    if form in ("json", "jsonl"):
        found = [
            {"command": verb, "id": c.id, "path": c.path, "line": c.line, "before": c.old, "after": c.new} for c in made
        ]
        yield from json_text.as_json(found, None, form == "jsonl")
        return
    short = ask.short_ids(at.conn, [c.id for c in made])
    to = table.screen()
    for change in made:
        account = rows[change.id]["account"]
        parts = [
            f"{verb} {short[change.id]}",
            change.text,
            f"({account})" if account else "",
            detail(change, at.settings),
        ]
        *above, last = table.folded(f"{safe('  '.join(filter(None, parts)))} {_UNDO}", to, "    ")
        yield from above
        yield last.removesuffix(_UNDO) + table.paint("· undo: vi undo", "dim", to.colour)
        if change.new == [change.old]:
            yield table.paint(f"    {safe(change.old.strip())} (the note is left as it is)", "dim", to.colour)
        elif len(made) <= MANY:
            new = change.new or ["(deleted)"]
            for line in (f"    {change.old.strip()}", *(f"  → {line.strip()}" for line in new)):
                yield from (table.paint(part, "dim", to.colour) for part in table.folded(safe(line), to, "      "))
