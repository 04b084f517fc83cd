"""Commands about links: backlinks, links, orphans, deadends, tags."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import note_column, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option
from vaultindex.render import phrases, table
from vaultindex.render.phrases import name_of, place

BACKLINK = (
    "target",
    "target_name",
    "path",
    "line",
    "kind",
    "text",
    "display",
    "subpath",
    "note_title",
    "note_date",
    "account",
)
LINK = ("path", "line", "kind", "link", "linkpath", "subpath", "display", "property", "target", "ambiguous")
PLAIN_NOTE = ("path", "title", "type", "date")
TAG = ("tag", "count", "notes")


@command(
    epilog="Examples:  vi backlinks 'Dana Leigh'   vi backlinks contoso --unlinked   vi backlinks 'Design review' --count"
)
@click.argument("name", nargs=-1, required=True)
@click.option("--unlinked", is_flag=True, help="Places that only mention the name too.")
@click.option("--count", "count_only", is_flag=True, help="Only how many.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
@shared
@in_app
def backlinks(
    app: App, name: tuple[str, ...], unlinked: bool, count_only: bool, limit: int | None, fields: str | None
) -> None:
    """Every place that leads to a note or person: links, embeds, properties, participants, owners. Newest first."""
    from vaultindex.ask import links as ask

    conn = app.connect()
    goal, rows = ask.backlinks(conn, " ".join(name), unlinked=unlinked, limit=limit)
    if len(rows) == limit:
        app.cut(len(rows), len(ask.backlinks(conn, " ".join(name), unlinked=unlinked)[1]))
    if count_only:
        app.lines([str(len(rows))])
        return
    columns = [
        table.Column(
            "note", name_of, grow=3, style=lambda r: "cyan", link=lambda r: phrases.obsidian_link(app.root, r["path"])
        ),
        text("line", right=True, style="dim"),
        table.Column("kind", lambda r: "" if r["kind"] == "wikilink" else r["kind"], style=lambda r: "magenta"),
        text("text", grow=6),
    ]
    if app.format in ("plain", "tsv"):
        columns = [table.Column("place", place), text("kind"), text("text")]
    found = {r["path"] for r in rows}
    missing = "" if goal.path else " (no note of this name)"
    heading = f"{goal.name}{missing}: {phrases.count(len(rows), 'place')} in {phrases.count(len(found), 'note')}"
    hint = "" if unlinked else f"; also as plain text: vi backlinks {goal.name!r} --unlinked"
    app.show(rows, columns, BACKLINK, f"nothing leads to {goal.name}{hint}", only=fields, heading=safe(heading))


@command(epilog="Examples:  vi links 'Dana update'   vi links --broken   vi links --ambiguous --json")
@click.argument("name", nargs=-1)
@click.option("--broken", is_flag=True, help="Only links to nothing.")
@click.option("--ambiguous", is_flag=True, help="Only links that several files fit equally well.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
@shared
@in_app
def links(
    app: App, name: tuple[str, ...], broken: bool, ambiguous: bool, limit: int | None, fields: str | None
) -> None:
    """Outgoing links of a note (or of all, with --broken or --ambiguous), resolved as Obsidian resolves them."""
    from vaultindex.ask import links as ask

    if not name and not broken and not ambiguous:
        raise click.UsageError("name a note, or ask for all --broken or --ambiguous links")
    rows = ask.links(app.connect(), " ".join(name) or None, broken=broken, ambiguous=ambiguous)
    total, rows = len(rows), rows[:limit]
    app.cut(len(rows), total)
    columns = [
        note_column(app, "from"),
        text("line", right=True, style="dim"),
        table.Column("kind", lambda r: "" if r["kind"] == "wikilink" else r["kind"], style=lambda r: "magenta"),
        text("link", grow=3),
        table.Column(
            "leads to", lambda r: r["target"] or "nothing", grow=3, style=lambda r: "" if r["target"] else "red"
        ),
    ]
    if app.format in ("plain", "tsv"):
        columns = [table.Column("place", place), text("kind"), text("link"), text("target")]
    app.show(rows, columns, LINK, "no links found", only=fields, header=True)


def _simple(app: App, rows: list[dict[str, Any]], empty: str, fields: str | None) -> None:
    columns = [text("date", style="cyan"), text("type", style="dim"), text("path", "note", grow=1)]
    app.show(rows, columns, PLAIN_NOTE, empty, only=fields)


@command(epilog="Example:  vi orphans --format paths")
@fields_option
@shared
@in_app
def orphans(app: App, fields: str | None) -> None:
    """Notes that no other file links to; a link to itself does not count."""
    from vaultindex.ask import links as ask

    _simple(app, ask.orphans(app.connect()), "every note is linked to", fields)


@command(epilog="Example:  vi deadends --format paths")
@fields_option
@shared
@in_app
def deadends(app: App, fields: str | None) -> None:
    """Notes that link to no other file; a link to itself does not count."""
    from vaultindex.ask import links as ask

    _simple(app, ask.deadends(app.connect()), "every note links somewhere", fields)


@command(epilog="Examples:  vi tags   vi tags account --json")
@click.argument("under", required=False)
@fields_option
@shared
@in_app
def tags(app: App, under: str | None, fields: str | None) -> None:
    """Tags and how often they stand; a parent counts its children, as Obsidian shows them."""
    from vaultindex.ask import links as ask

    rows = ask.tags(app.connect(), under)
    columns = [text("tag", grow=1), text("count", right=True), text("notes", right=True, style="dim")]
    app.show(rows, columns, TAG, "no tags found", only=fields, header=True)
