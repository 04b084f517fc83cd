"""Commands people and accounts: everybody the notes name, every account with its open work."""

from __future__ import annotations

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import number, period, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS

PERSON = ("name", "note", "aliases", "meetings", "last", "open_tasks")
ACCOUNT = ("name", "note", "aliases", "notes", "last", "open_tasks", "proposed", "decisions")


@command(epilog="Examples:  vi people   vi people --since -3m --json")
@click.option("--since", metavar="WHEN", help="Meetings from this date on.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def people(app: App, since: str | None, limit: int | None, fields: str | None) -> None:
    """Everybody the notes name: meetings, the last one, open tasks they own. Most met first."""
    from vaultindex.ask import people as ask

    rows = ask.people(app.connect(), period(app, since, None), app.config.get("me"))
    total, rows = len(rows), rows[:limit]
    columns = [
        text("name", "person", grow=2),
        number("meetings", "meetings"),
        text("last", style="cyan"),
        number("open_tasks", "open tasks"),
    ]
    app.show(rows, columns, PERSON, "no people found", only=fields, header=True)
    app.cut(len(rows), total)


@command(epilog="Examples:  vi accounts   vi accounts --since 2025-Q3 --json")
@click.option("--since", metavar="WHEN", help="Count notes from this date on.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def accounts(app: App, since: str | None, limit: int | None, fields: str | None) -> None:
    """Every account: notes, the last one, open and proposed tasks, decisions. The latest first."""
    from vaultindex.ask import people as ask

    rows = ask.accounts(app.connect(), period(app, since, None))
    total, rows = len(rows), rows[:limit]
    columns = [
        text("name", "account", grow=2),
        number("notes", "notes"),
        text("last", style="cyan"),
        number("open_tasks", "open"),
        number("proposed", "proposed"),
        number("decisions", "decisions"),
    ]
    app.show(rows, columns, ACCOUNT, "no accounts found", only=fields, header=True)
    app.cut(len(rows), total)
