"""Commands person and account: the page of somebody, and of whom they work for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import period
from vaultindex.cli.commands import command, shared
from vaultindex.cli.pages.layout import Page, Section, asker, note_column, show
from vaultindex.render.phrases import count, short_day, short_name
from vaultindex.render.table import Column

Row = dict[str, Any]
_LATEST = 5


@command(
    epilog="Examples:  vi person dana   vi person 'Dana Leigh' --since -3m   vi person dana --json   vi person dana --write"
)
@click.argument("name", nargs=-1, required=True)
@click.option("--since", metavar="WHEN", help="Meetings and decisions from this date on.")
@click.option("--proposed", is_flag=True, help="Show the proposals, too, not only how many.")
@click.option("--mentions", is_flag=True, help="Show where the name stands without a link.")
@click.option("--all", "every", is_flag=True, help="Every meeting and decision, not only the latest five.")
@click.option(
    "--why", is_flag=True, help="Each way in which notes write this person, and what decided that it is them."
)
@click.option("--write", is_flag=True, help="Keep the page as a marked block in the person's own note; asks first.")
@click.option("--yes", "-y", is_flag=True, help="With --write: do not ask.")
@shared
@in_app
def person(
    app: App,
    name: tuple[str, ...],
    since: str | None,
    proposed: bool,
    mentions: bool,
    every: bool,
    why: bool,
    write: bool,
    yes: bool,
) -> None:
    """A person: meetings and silence, what they owe, what I owe them, what we decided, where they are mentioned."""
    from vaultindex.ask.pages import person as ask

    conn = app.connect()
    if why:
        from vaultindex.ask import same_person

        app.show(same_person.why(conn, " ".join(name)), _WHY, _WHY_FIELDS, "no note writes them", header=True)
        return
    if write:
        from vaultindex.cli.change import person_block

        document = ask.person(asker(app, conn), " ".join(name), mentions=False)
        conn.close()
        person_block.write(app, document, yes)
        return
    when = period(app, since, None)
    whole = every or app.format in ("json", "jsonl")
    document = ask.person(
        asker(app, conn), " ".join(name),
        since=when.start if when else None, most=None if whole or proposed or mentions else _LATEST,
        mentions=True if mentions or app.format in ("json", "jsonl") else None,
    )  # fmt: skip
    lists = {name: app.command(text) for name, text in ask.lists(document["name"]).items()}
    show(
        app, conn, document, lambda: _person_page(app, document, lists, proposed, mentions, None if every else _LATEST)
    )


_WHY_FIELDS = ("name", "rule", "why", "notes", "tasks", "path", "line")
_WHY = [
    Column("written", lambda row: row["name"], style=lambda row: "cyan"),
    Column("because", lambda row: row["why"] or "the full name", grow=5, lines=3),
    Column("notes", lambda row: str(row["notes"] or ""), right=True),
    Column("tasks", lambda row: str(row["tasks"] or ""), right=True),
    Column("place", lambda row: f"{row['path']}:{row['line']}", grow=4, lines=2, style=lambda row: "dim"),
]


def _person_page(
    app: App, document: Row, lists: dict[str, str], proposed: bool, mentions: bool, most: int | None
) -> Page:
    counts, day = document["counts"], app.today
    facts = [
        ("note", document["note"] or ""),
        ("also", ", ".join(document["aliases"])),
        ("accounts", _counted(document["accounts"])),
        ("meetings", _contact(document, day)),
        ("usually with", _counted(document["usually_with"])),
    ]
    first = document["name"].split()[0]
    sections = [
        Section(f"{first} owes", document["owes"], counts["owes"], lists["owes"], owner=False),
        Section("I owe", document["i_owe"], counts["i_owe"], lists["i_owe"], owner=False),
        _proposals(document, lists, proposed),
        *_memory(app, document, lists, most, "Decided together"),
        _mentions(document, lists, mentions, most),
    ]
    return Page(document["name"], facts=[(k, v) for k, v in facts if v], sections=[s for s in sections if s])


@command(epilog="Examples:  vi account contoso   vi account contoso --since 2025-Q3   vi account contoso --json")
@click.argument("name", nargs=-1, required=True)
@click.option("--since", metavar="WHEN", help="Meetings and decisions from this date on.")
@click.option("--proposed", is_flag=True, help="Show the proposals, too, not only how many.")
@click.option("--all", "every", is_flag=True, help="Every meeting and decision, not only the latest five.")
@shared
@in_app
def account(app: App, name: tuple[str, ...], since: str | None, proposed: bool, every: bool) -> None:
    """An account: its people, meetings and silence, what is open on each side, what was decided."""
    from vaultindex.ask.pages import account as ask

    conn = app.connect()
    when = period(app, since, None)
    whole = every or proposed or app.format in ("json", "jsonl")
    document = ask.account(
        asker(app, conn), " ".join(name),
        since=when.start if when else None, most=None if whole else _LATEST,
    )  # fmt: skip
    lists = {name: app.command(text) for name, text in ask.lists(document["name"]).items()}
    show(app, conn, document, lambda: _account_page(app, document, lists, proposed, None if every else _LATEST))


def _account_page(app: App, document: Row, lists: dict[str, str], proposed: bool, most: int | None) -> Page:
    counts, day = document["counts"], app.today
    facts = [
        ("note", document["note"] or ""),
        ("also", ", ".join(document["aliases"])),
        ("people", _counted(document["people"])),
        ("meetings", _contact(document, day)),
    ]
    sections = [
        Section("Mine", document["mine"], counts["mine"], lists["mine"], account=False, owner=False),
        Section("Theirs", document["theirs"], counts["theirs"], lists["theirs"], account=False),
        Section("Nobody's", document["nobodys"], counts["nobodys"], lists["nobodys"], account=False),
        _proposals(document, lists, proposed, account=False),
        *_memory(app, document, lists, most, "Decided", account=False),
    ]
    return Page(document["name"], facts=[(k, v) for k, v in facts if v], sections=[s for s in sections if s])


def _counted(rows: Sequence[Row]) -> str:
    return ", ".join(f"{one_line(row['name'])} ({row['meetings']})" for row in rows)


def _contact(document: Row, day: str) -> str:
    """'8, the first 1 Jul, the last 6 Oct; silent 1 day, usually every 9'."""
    number = document["counts"]["meetings"]
    if not number and document["last"] is None:
        return "none up to today"
    said = f"{number}, the first {short_day(document['first'], day)}, the last {short_day(document['last'], day)}"
    said += f"; silent {count(document['silence'], 'day')}" if document["silence"] else "; today"
    if document["rhythm"] is not None:
        said += (
            f", usually every {count(document['rhythm'], 'day')}" if document["rhythm"] != 1 else ", usually every day"
        )
    return said + (f"; the next {short_day(document['next'], day)}" if document["next"] else "")


def _proposals(document: Row, lists: dict[str, str], shown: bool, account: bool = True) -> Section | None:
    number = document["counts"]["proposed"]
    if not number:
        return None
    if not shown:
        return Section("Proposed", lines=[f"{number:,}: {lists['proposed']}"])
    return Section("Proposed", document["proposed"], number, lists["proposed"], account=account)


def _memory(
    app: App, document: Row, lists: dict[str, str], most: int | None, title: str, account: bool = True
) -> list[Section]:
    """Decisions and meetings, the latest first."""
    day, counts = app.today, document["counts"]
    when = Column("date", lambda row: short_day(row["date"], day), style=lambda row: "cyan")
    whose = [Column("account", lambda row: row["account"] or "", most=14)] if account else []
    note = note_column(app.root, day)
    decided = [when, *whose, Column("decision", lambda row: row["text"], grow=6, lines=4), note]
    met = [when, *whose, Column("note", lambda row: short_name(row, day), grow=4, lines=2),
           Column("with", lambda row: ", ".join(row["participants"]), grow=4, lines=2, style=lambda row: "dim")]  # fmt: skip
    return [
        Section(title, document["decisions"][:most], counts["decisions"], lists["decisions"], columns=decided),
        Section("Meetings", document["meetings"][:most], counts["meetings"], lists["meetings"], columns=met),
    ]


def _mentions(document: Row, lists: dict[str, str], shown: bool, most: int | None) -> Section | None:
    number = document["counts"]["mentions"]
    if number == 0:
        return None
    if not shown:
        told = "" if number is None else f"{number:,}: "
        return Section("Mentioned without a link", lines=[told + lists["mentions"]])
    columns = [
        Column("place", lambda row: f"{row['path']}:{row['line']}", style=lambda row: "dim", grow=3, lines=2),
        Column("text", lambda row: row["text"].strip(), grow=5, lines=3),
    ]
    return Section("Mentioned without a link", document["mentions"][:most], number, lists["mentions"], columns=columns)
