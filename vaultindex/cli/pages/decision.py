"""Command decision: one decision with its meeting and its thread."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.ask.tasks.lists import ShortIds
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.pages.layout import Page, Section, asker, note_column, show
from vaultindex.render.phrases import short_day
from vaultindex.render.table import Column

Row = dict[str, Any]


@command(epilog="Examples:  vi decision bpw   vi decision bpw --json")
@click.argument("id", metavar="ID")
@shared
@in_app
def decision(app: App, id: str) -> None:
    """One decision: its meeting, who was there, the tasks born there, and earlier and later ones on the same subject."""
    from vaultindex.ask.pages import decision as ask

    conn = app.connect()
    document = ask.decision(asker(app, conn), id)
    show(app, conn, document, lambda: _page(app, document, ShortIds(conn, "decisions")))


def _page(app: App, document: Row, short: ShortIds) -> Page:
    day = app.today
    columns = [
        Column("id", lambda row: short[row["id"]], style=lambda row: "cyan"),
        Column("date", lambda row: short_day(row["date"], day)),
        Column("decision", lambda row: row["text"], grow=6, lines=4),
        note_column(app.root, day),
    ]
    facts = [
        ("date", document["date"] or ""),
        ("account", document["account"] or ""),
        ("note", f"{document['path']}:{document['line']}"),
        ("there", ", ".join(document["participants"])),
        ("status", document["status"] or ""),
    ]
    sections = [
        Section("Earlier on this subject", document["earlier"], columns=columns),
        Section("Later: may replace it", document["later"], columns=columns),
        Section("Tasks of the same note", document["tasks"], account=False, note=False),
    ]
    return Page(document["text"], facts=[(name, text) for name, text in facts if text], sections=sections)
