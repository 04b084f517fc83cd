"""Commands about what was changed, and why a task is what it is: undo, log, why."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from vaultindex.base.errors import ChangedError
from vaultindex.base.text import one_line, safe
from vaultindex.change.back import take_back, text_of
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.apply import desk
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.render import delimited, json_text, table
from vaultindex.state.journal import NO_NOTE, Edit

LOG = ("id", "command", "time", "verb", "path", "line", "before", "after", "text", "reason", "undone")


@command(epilog="Examples:  vi undo   vi undo 3   vi undo --list")
@click.argument("count", type=ROWS, default=1, metavar="[N]")
@click.option("--list", "listed", is_flag=True, help="Show what there is to undo, newest first.")
@shared
@in_app
def undo(app: App, count: int, listed: bool) -> None:
    """Take back the last change (or the last N), byte for byte. Refuses where the line has changed since."""
    with desk(app) as at:
        if listed:
            _print(app, at.journal.undoable(1_000_000))
            return
        edits = at.journal.undoable(count)
        if not edits:
            app.notes.append("nothing to undo")
            return
        back, refused = take_back(at, edits)
        if app.format in ("json", "jsonl"):
            app.lines(json_text.as_json(map(as_row, back), LOG, app.format == "jsonl"))
        else:
            for one in back:
                app.lines([safe(f"undone {one.verb}  {one.text}  {_place(one)}".rstrip())])
                if len(back) <= 10 and one.path != NO_NOTE:
                    app.lines(_lines(one.after, one.before))
    for one, error in refused:
        print(f"not undone: {safe(f'{one.verb}  {one.text}  {one.path}: {error}')}", file=sys.stderr)
    if refused:
        app.exit_code = 4 if any(isinstance(error, ChangedError) for _, error in refused) else 1
        left = len({one.command for one, _ in refused})
        app.notes.append(f"to go on to what was done before: vi undo {left + 1}")


def _place(one: Edit) -> str:
    return f"{one.path}:{one.line}" if one.path != NO_NOTE else ""


@command(epilog="Examples:  vi log   vi log -n 50   vi log --json")
@click.option("-n", "--limit", type=ROWS, default=20, metavar="N", help="At most N changes.")
@shared
@in_app
def log(app: App, limit: int) -> None:
    """Every change, newest first: when, what, the note, and the line before and after."""
    with desk(app) as at:
        _print(app, at.journal.edits(limit))


@command(epilog="Examples:  vi why k7f   vi why 2   vi why 'Note.md:12'")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@shared
@in_app
def why(app: App, ids: tuple[str, ...]) -> None:
    """Each field of a task with the characters it came from, and why it is (not) overdue, proposed, mine, hidden."""
    from vaultindex.ask.tasks.why import Fact, facts_of

    with desk(app) as at:
        rows = at.choose(ids, {})
        found: list[dict[str, Any]] = []
        for row in rows:
            facts = facts_of(at.conn, row, at.settings, app.today, app.config.get("me"))
            found += [{"id": row["id"], "path": row["path"], "line": row["line"], **f._asdict()} for f in facts]
            if app.format != "table":
                continue
            app.lines([safe(f"{row['path']}:{row['line']}"), safe(f"  {row['raw'].strip()}")])
            some = [f._asdict() for f in facts]
            app.lines("  " + line for line in table.aligned(some, FACT, table.screen(), header=False))
        if app.format != "table":
            shape = [table.Column("id", lambda r: r["id"]), *FACT]
            app.show(found, shape, ("id", "path", "line", *Fact._fields), "")


def _columns(fact: dict[str, Any]) -> str:
    """'7-36': the columns, counted from 1 as editors do."""
    return f"{fact['start'] + 1}-{fact['end']}" if fact["start"] is not None else ""


FACT = [
    table.Column("field", lambda f: f["name"]),
    table.Column("value", lambda f: f["value"], grow=2),
    table.Column("columns", _columns),
    table.Column("why", lambda f: f["why"], grow=3),
]


def _print(app: App, edits: list[Edit]) -> None:
    if app.format in ("json", "jsonl"):
        app.lines(json_text.as_json(map(as_row, edits), LOG, app.format == "jsonl"))
        return
    if app.format in ("csv", "tsv"):
        app.lines(delimited.delimited(map(as_row, edits), LOG, app.format == "tsv"))
        return
    for one in edits:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.at))
        parts = [when, one.verb, one.text, _place(one), one.reason or "", "undone" if one.undone else ""]
        app.lines([safe("  ".join(filter(None, parts)))])
        if one.path != NO_NOTE:
            app.lines(_lines(one.before, one.after))
    if not edits:
        app.notes.append("nothing was changed yet")


def _lines(before: bytes | None, after: bytes | None) -> list[str]:
    """Both states of the lines, without the neighbours that only mark the place."""
    old, new = text_of(before).split("\n"), text_of(after).split("\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return [
        *(f"    {one_line(line.strip())}" for line in old if line.strip()),
        *(f"  → {one_line(line.strip())}" for line in new or ["(deleted)"] if line.strip()),
    ]


def as_row(one: Edit) -> dict[str, Any]:
    """A change as JSON."""
    times = {"time": iso(one.at), "undone": iso(one.undone) if one.undone else None}
    return {
        **one._asdict(), **times,
        "before": None if one.before is None else text_of(one.before),
        "after": text_of(one.after),
    }  # fmt: skip


def iso(seconds: float) -> str:
    """Local time with its offset, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))
