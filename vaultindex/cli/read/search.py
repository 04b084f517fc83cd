"""Command search: full-text search over all notes."""

from __future__ import annotations

import click

from vaultindex.base.text import fold
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import note_column, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option
from vaultindex.render import table
from vaultindex.render.phrases import place

HIT = ("path", "line", "text", "note_title", "note_date", "account")


@command(epilog="Examples:  vi search 'pricing tiers'   vi search '\"exact phrase\" start*' --account contoso")
@click.argument("query", nargs=-1, required=True)
@click.option("--account", metavar="NAME", help="Only notes of this account.")
@click.option("--title", is_flag=True, help="Look in titles only.")
@click.option("-n", "--limit", type=ROWS, default=20, metavar="N", help="At most N rows (20).")
@fields_option
@shared
@in_app
def search(app: App, query: tuple[str, ...], account: str | None, title: bool, limit: int, fields: str | None) -> None:
    """Notes that hold all the words, best first; accents and case do not matter, a phrase in quotes holds together."""
    from vaultindex.ask import search as ask

    wanted = " ".join(query)
    rows = ask.search(app.connect(), wanted, account=account, title=title, limit=limit)
    words = [fold(word) for word, _ in ask.search_terms(wanted)]
    shown = table.Column("text", lambda row: _from_hit(row["text"], words), grow=5, marked=words, lines=2)
    columns = [note_column(app), text("line", right=True, style="dim"), shown]
    if app.format in ("plain", "tsv"):
        columns = [table.Column("place", place), text("text")]
    app.show(rows, columns, HIT, f"nothing found for {wanted!r}", only=fields)
    app.cut(len(rows), rows.total)


_BEFORE = 30  # characters that may stand in front of the first hit of a long line


def _from_hit(text: str, words: list[str]) -> str:
    """The text from a word in front of the first hit on, when that would not be seen otherwise."""
    spans = table.found_words(text, words)
    if not spans or spans[0][0] <= 2 * _BEFORE:
        return text
    at = text.find(" ", spans[0][0] - _BEFORE)
    return f"… {text[at + 1 :]}" if 0 <= at < spans[0][0] else text
