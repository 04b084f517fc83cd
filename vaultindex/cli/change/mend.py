"""What `vi lint --fix` does: the lines that lint proposes, shown as a diff, written after a yes, one step to undo."""

from __future__ import annotations

import sys

import click

from vaultindex.ask.tasks.lists import lint as find
from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.change.desk import follow
from vaultindex.cli.app import App
from vaultindex.cli.change.apply import Desk, desk
from vaultindex.render.phrases import count
from vaultindex.state import edits
from vaultindex.tasks.line import parse_task


def mend(app: App, limit: int | None, yes: bool) -> None:
    """Write what lint proposes. Raises UsageError where nobody can be asked and `yes` does not say so."""
    with desk(app) as at:
        found: dict[tuple[str, int], edits.Change] = {}
        for row in find(at.conn):
            if row["fix"] and (row["path"], row["line"]) not in found:
                raw: str = row["raw"]
                new = raw[: len(raw) - len(raw.lstrip())] + row["fix"]
                found[row["path"], row["line"]] = edits.Change(row["path"], row["line"], raw, [new], "", _text(new, at))
        changes = list(found.values())[:limit]
        if not changes:
            app.notes.insert(0, "nothing that lint could write")
            return
        app.lines(safe(line) for line in edits.preview(app.root, changes))
        lines = count(len(changes), "line")
        if not yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise UsageError(f"this would change {lines}: say --yes")
            if not click.confirm(f"write {lines}?", err=True):
                return
        made, refused = edits.apply(app.root, at.journal, "lint", changes, command=at.journal.next_command())
        follow(at, {change.path for change in made})
        app.lines(
            [f"mended {count(len(made), 'line')} in {count(len({c.path for c in made}), 'note')} · undo: vi undo"]
        )
        for one in refused:
            print(f"not changed: {safe(f'{one.change.path}: {one.error}')}", file=sys.stderr)
            app.exit_code = 4


def _text(line: str, at: Desk) -> str:
    """The words of a task line, as the log shows them."""
    task = parse_task(line, at.settings)
    return task.text if task is not None else line.strip()
