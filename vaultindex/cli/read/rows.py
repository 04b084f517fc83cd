"""Commands decisions, facts and rows: what notes list below certain headings, in callouts, in fields."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import and_all, dated, note_column, period, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option
from vaultindex.render import table
from vaultindex.render.phrases import name_of, place

_GROUPS = ("account", "month", "date", "note", "heading")


def _filters(function: Any) -> Any:
    for option in reversed(
        (
            click.argument("words", nargs=-1),
            click.option("--account", metavar="NAME", help="From notes of this account."),
            click.option("--person", metavar="NAME", help="Of meetings with this person."),
            click.option("--note", metavar="NAME", help="Of this note."),
            click.option("--since", metavar="WHEN", help="From this date on: 2025-Q3, 'last month', -4w."),
            click.option("--until", metavar="WHEN", help="Up to this date."),
            click.option("--group", type=click.Choice(_GROUPS), help="A heading for each."),
            click.option("--excluded", is_flag=True, help="Templates, conflict copies and excluded folders too."),
            click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows."),
            fields_option,
            click.option("--exit-code", is_flag=True, help="Exit 1 when there are rows."),
        )
    ):
        function = option(function)
    return function


@command(epilog="Examples:  vi decisions --account contoso --since 2025-Q3   vi decisions pricing --format md")
@_filters
@click.option("--as-of", metavar="DATE", help="What stood on that day: decided by then, not superseded or rejected.")
@shared
@in_app
def decisions(app: App, **given: Any) -> None:
    """Decisions: bullets under a Decisions heading, [!decision] callouts, decision:: fields. Newest first."""
    _list(app, "decisions", "decision", **given)


@command(epilog="Examples:  vi facts --account contoso   vi facts renewal --since 2025-Q3")
@_filters
@shared
@in_app
def facts(app: App, **given: Any) -> None:
    """Facts: bullets under Key facts, Key information, Key points, and [!fact] callouts. Newest first."""
    _list(app, "facts", "fact", **given)


@command(
    epilog="Examples:  vi rows   vi rows risks --account contoso   vi rows decisions pricing --group account"
    '\n\nA kind of your own is a few lines of the settings:  [rows.risks]  headings = ["Risks"]  callouts = ["risk"]'
)
@click.argument("kind", required=False)
@_filters
@shared
@in_app
def rows(app: App, kind: str | None, **given: Any) -> None:
    """Rows of one KIND, newest first; without it, which kinds there are."""
    if kind is not None:
        _list(app, kind, "text", **given)
        return
    from vaultindex.ask import rows as ask

    columns = [text("kind", style="cyan"), text("rows", right=True), text("help", grow=1)]
    app.show(ask.kinds(app.connect()), columns, ("kind", "rows", "help"), "no kinds of rows", header=True)


def _list(
    app: App,
    kind: str,
    title: str,
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    group: str | None,
    fields: str | None,
    exit_code: bool,
    as_of: str | None = None,
    **options: Any,
) -> None:
    from vaultindex.ask import rows as ask

    if as_of is not None:
        options["as_of"] = ask.last_day(as_of, app.today)
    conn, when = app.connect(), period(app, since, until)
    found = ask.rows(conn, kind, words=words, when=when, **options)
    if len(found) == options["limit"]:
        conditions = {name: value for name, value in options.items() if name != "limit"}
        app.cut(len(found), ask.count(conn, kind, words=words, when=when, **conditions))
    columns = [
        *([_short_id(conn)] if kind == "decisions" else []),
        dated(app), text("account", most=16), text("text", title, grow=6, lines=4), note_column(app),
    ]  # fmt: skip
    if group is not None and app.format == "table":
        _grouped(app, found, [c for c in columns if c.title != group], group)
    else:
        if app.format in ("plain", "tsv"):
            columns = [text("date"), text("account"), text("text"), table.Column("place", place)]
        app.show(found, columns, ask.FIELDS, f"no {kind} found" + and_all(words, options), only=fields)
    app.finish_with(exit_code and bool(found))


def _grouped(app: App, found: list[dict[str, Any]], columns: list[table.Column], group: str) -> None:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        key = name_of(row) if group == "note" else (row["date"] or "")[:7] if group == "month" else row[group]
        groups.setdefault(key or f"no {group}", []).append(row)
    app.lines(table.grouped([([(0, name)], some) for name, some in groups.items()], columns, table.screen()))


def _short_id(conn: sqlite3.Connection) -> table.Column:
    from vaultindex.ask.tasks.lists import ShortIds

    short = ShortIds(conn, "decisions")
    return table.Column("id", lambda row: short[row["id"]], style=lambda row: "cyan")
