"""Commands people and accounts: everybody the notes name, whom names mean, every account with its open work."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import number, period, quoted, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option
from vaultindex.render import table

PERSON = ("name", "note", "aliases", "meetings", "last", "open_tasks")
ACCOUNT = ("name", "note", "aliases", "notes", "last", "open_tasks", "proposed", "decisions")


UNSURE = ("name", "candidates", "notes", "tasks", "path", "why")
GUEST = ("guest", "email", "person", "note", "meetings", "last", "owes", "i_owe", "perhaps")


@command(
    epilog="Examples:  vi people   vi people --since -3m --json   vi people --unsure   vi people --same Dana 'Dana Leigh'"
    "   vi people --guests invitation.csv"
)
@click.option("--since", metavar="WHEN", help="Meetings from this date on.")
@click.option("--unsure", is_flag=True, help="Names that may mean somebody, and whom.")
@click.option(
    "--same", nargs=2, metavar="A B", help="From now on the name A, as notes write it, means the person B (vi undo)."
)
@click.option("--different", nargs=2, metavar="A B", help="The name A never means the person B (vi undo).")
@click.option(
    "--guests",
    metavar="FILE",
    help="Whom of a guest list (CSV with names or addresses) you know, and what is open.",
)
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
@shared
@in_app
def people(
    app: App,
    since: str | None,
    unsure: bool,
    same: tuple[str, str] | None,
    different: tuple[str, str] | None,
    guests: str | None,
    limit: int | None,
    fields: str | None,
) -> None:
    """Everybody the notes name: meetings, the last one, open tasks they own. Most met first."""
    from vaultindex.ask import people as ask

    if sum(map(bool, (since, unsure, same, different, guests))) > 1:
        raise UsageError("--since, --unsure, --same, --different and --guests are questions of their own: ask one")
    if same or different:
        one, other = same or different or ("", "")
        _tell(app, one, other, bool(same))
        return
    if unsure:
        _unsure(app, limit, fields)
        return
    if guests:
        _guests(app, guests, limit, fields)
        return
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


def _tell(app: App, one: str, other: str, same: bool) -> None:
    """Remember what is said about two names, and answer by it from now on."""
    from vaultindex.change import names
    from vaultindex.cli.change.apply import desk

    with desk(app) as at:
        said = names.tell(at, one, [other], same)
    app.lines([safe(f"{said} · undo: vi undo")])


def _unsure(app: App, limit: int | None, fields: str | None) -> None:
    from vaultindex.ask import same_person

    rows = same_person.unsure(app.connect(), app.config.get("me"))
    total, rows = len(rows), rows[:limit]
    columns = [
        text("name", grow=1),
        table.Column("could be", lambda r: ", ".join(r["candidates"]), grow=2),
        number("notes", "notes"),
        number("tasks", "tasks"),
        text("why", style="dim", grow=1),
        text("path", "for example", style="dim", grow=1),
    ]
    app.show(rows, columns, UNSURE, "every name means one person", only=fields, header=True)
    app.cut(len(rows), total)
    if rows and app.format in ("table", "plain"):
        name, could = quoted(rows[0]["name"]), quoted(rows[0]["candidates"][0])
        app.notes.append(f"to answer: vi people --same {name} {could}, or --different")


def _guests(app: App, file: str, limit: int | None, fields: str | None) -> None:
    from vaultindex.ask import guests as ask

    try:
        with open(file, "rb") as opened:
            data = opened.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    rows = ask.guests(app.connect(), ask.read(data), app.today, app.config.get("me"))
    known, total = sum(1 for row in rows if row["person"]), len(rows)
    rows = rows[:limit]

    def person(row: dict[str, Any]) -> str:
        return row["person"] or (
            f"perhaps {' or '.join(row['perhaps'][:3])}" if row["perhaps"] else "not in your notes"
        )

    columns = [
        text("guest", grow=2),
        table.Column("person", person, grow=2, style=lambda r: "" if r["person"] else "dim"),
        number("meetings", "meetings"),
        text("last", style="cyan"),
        number("owes", "owes you"),
        number("i_owe", "you owe"),
    ]
    heading = f"{total:,} on the list, {known:,} in your notes"
    app.show(rows, columns, GUEST, "nobody is on the list", only=fields, heading=safe(heading), header=True)
    app.cut(len(rows), total)
    if app.format in ("table", "plain") and any(row["owes"] or row["i_owe"] for row in rows):
        app.notes.append("what is open: vi tasks --owner NAME --open, vi tasks --mine --person NAME --open")


_MOST_BYTES = 5_000_000


@command(epilog="Examples:  vi accounts   vi accounts --since 2025-Q3 --json")
@click.option("--since", metavar="WHEN", help="Count notes from this date on.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
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
