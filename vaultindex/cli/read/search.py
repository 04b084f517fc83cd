"""Command search: full-text search over all notes."""

from __future__ import annotations

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import note_column, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.render import table
from vaultindex.render.phrases import place

HIT = ("path", "line", "text", "note_title", "note_date", "account")


@command(epilog="Examples:  vi search 'pricing tiers'   vi search '\"exact phrase\" start*' --account contoso")
@click.argument("query", nargs=-1, required=True)
@click.option("--account", metavar="NAME", help="Only notes of this account.")
@click.option("--title", is_flag=True, help="Look in titles only.")
@click.option("-n", "--limit", type=ROWS, default=20, metavar="N", help="At most N rows (20).")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def search(app: App, query: tuple[str, ...], account: str | None, title: bool, limit: int, fields: str | None) -> None:
    """Notes that hold all the words, best first; accents and case do not matter, a phrase in quotes holds together."""
    from vaultindex.ask import search as ask

    wanted = " ".join(query)
    rows = ask.search(app.connect(), wanted, account=account, title=title, limit=limit)
    columns = [note_column(app), text("line", right=True, style="dim"), text("text", grow=5)]
    if app.format in ("plain", "tsv"):
        columns = [table.Column("place", place), text("text")]
    app.show(rows, columns, HIT, f"nothing found for {wanted!r}", only=fields)
    app.cut(len(rows), rows.total)
