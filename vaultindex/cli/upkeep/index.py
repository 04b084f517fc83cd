"""Command index: bring the index up to date, rebuild it, or compare it with a fresh one."""

from __future__ import annotations

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.index import sync
from vaultindex.render import json_text, phrases


@command(epilog="Examples:  vi index   vi index --full   vi index --verify")
@click.option("--full", is_flag=True, help="Read every note again.")
@click.option("--verify", is_flag=True, help="Compare the index with a fresh one, row by row; exit 1 when they differ.")
@click.option("--accept-removals", is_flag=True, help="Believe that most notes are really gone.")
@shared
@in_app
def index(app: App, full: bool, verify: bool, accept_removals: bool) -> None:
    """Make the index equal the vault. Queries do this by themselves; use it to warm up, rebuild or verify."""
    report = sync.sync(
        app.root, app.index, app.config,
        full=full, accept_removals=accept_removals, progress=app.progress(), today=app.today,
    )  # fmt: skip
    for line in report.messages:
        app.notes.append(line)
    differences: list[str] = []
    if verify:
        differences = sync.verify(app.root, app.index, app.config, progress=app.progress())
    if app.format in ("json", "jsonl"):
        document = {
            "notes": report.notes, "added": report.added, "changed": report.changed, "removed": report.removed,
            "full": report.full, "seconds": round(report.seconds, 3), "paused": report.paused, "unreadable": report.unknown,
            "index": app.index, "differences": differences if verify else None,
        }  # fmt: skip
        app.lines([json_text.dumps(document)])
    else:
        changes = [
            f"{n:,} {word}"
            for n, word in ((report.added, "added"), (report.changed, "changed"), (report.removed, "removed"))
            if n
        ]
        what = ", ".join(changes) or "nothing changed"
        app.lines([f"{phrases.count(report.notes, 'note')}: {what} · {report.seconds:.2f} s"])
        if verify:
            app.lines(differences or ["verified: the index equals a fresh one"])
    if report.paused:
        app.notes.append(report.paused)
    if report.unknown:
        app.notes.append(
            f"{phrases.count(report.unknown, 'folder or file', 'folders or files')} could not be read: vi doctor"
        )
    app.finish_with(bool(report.paused or report.unknown or differences))
