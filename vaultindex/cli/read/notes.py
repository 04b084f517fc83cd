"""Commands that remember: decisions, notes, people, accounts, search."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.dates.ranges import Range
from vaultindex.render import json_text, phrases, table
from vaultindex.render.phrases import name_of, place

DECISION = ("id", "path", "line", "text", "date", "account", "project", "participants", "note_title", "note_type", "links", "tags", "heading")  # fmt: skip
NOTE = (
    "path", "title", "type", "date", "account", "project", "person", "participants", "source", "source_ref", "tags",
    "aliases", "words", "tasks", "open_tasks", "proposed", "decisions", "links", "mtime", "problems",
)  # fmt: skip
PERSON = ("name", "note", "aliases", "meetings", "last", "open_tasks")
ACCOUNT = ("name", "note", "aliases", "notes", "last", "open_tasks", "proposed", "decisions")
HIT = ("path", "line", "text", "note_title", "note_date", "account")


def period(app: App, since: str | None, until: str | None) -> Range | None:
    """The range that --since and --until mean. Raises UsageError."""
    if since is None and until is None:
        return None
    import datetime

    from vaultindex.dates.ranges import option_range

    today = datetime.date.fromisoformat(app.today)
    start = option_range(since, today).start if since else None
    end = option_range(until, today).end if until else None
    return Range(start, end)


def note_column(app: App, title: str = "note") -> table.Column:
    """The note's name, linked into Obsidian on terminals that can."""
    root = app.root
    return table.Column(
        title, name_of, grow=2, style=lambda r: "dim", link=lambda r: phrases.obsidian_link(root, r["path"])
    )


def text(
    field: str, title: str | None = None, style: str = "", grow: int = 0, right: bool = False, most: int = 0
) -> table.Column:
    """A column that shows one field."""
    return table.Column(
        title or field,
        lambda r: "" if r[field] is None else str(r[field]),
        grow,
        (lambda r: style) if style else None,
        right=right,
        most=most,
    )


@command(epilog="Examples:  vi decisions --account contoso --since 2025-Q3   vi decisions pricing --format md")
@click.argument("words", nargs=-1)
@click.option("--account", metavar="NAME", help="Decisions for this account.")
@click.option("--person", metavar="NAME", help="Decisions of meetings with this person.")
@click.option("--note", metavar="NAME", help="Decisions of this note.")
@click.option("--since", metavar="WHEN", help="From this date on: 2025-Q3, 'last month', -4w.")
@click.option("--until", metavar="WHEN", help="Up to this date.")
@click.option("--excluded", is_flag=True, help="Templates, conflict copies and excluded folders too.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@click.option("--exit-code", is_flag=True, help="Exit 1 when there are rows.")
@shared
@in_app
def decisions(
    app: App,
    words: tuple[str, ...],
    since: str | None,
    until: str | None,
    fields: str | None,
    exit_code: bool,
    **options: Any,
) -> None:
    """Decisions: bullets under a Decisions heading, [!decision] callouts, decision:: fields. Newest first."""
    from vaultindex.ask import notes as ask

    conn = app.connect()
    rows = ask.decisions(conn, words=words, when=period(app, since, until), **options)
    columns = [text("date", style="cyan"), text("account", most=16), text("text", "decision", grow=6), note_column(app)]
    if app.format in ("plain", "tsv"):
        columns = [text("date"), text("account"), text("text"), table.Column("place", place)]
    app.show(rows, columns, DECISION, "no decisions found" + _and_all(words, options), only=fields)
    app.finish_with(exit_code and bool(rows))


def _and_all(words: tuple[str, ...], options: dict[str, Any]) -> str:
    asked = [f"{k} {v}" for k, v in options.items() if v and isinstance(v, str)]
    if words:
        asked.insert(0, "the words " + " ".join(words))
    return f" for {', '.join(asked)}" if asked else ""


@command(
    epilog="Examples:  vi notes --account contoso   vi notes pricing --since -4w   vi notes --type customer --no-actions"
)
@click.argument("words", nargs=-1)
@click.option("--type", metavar="TYPE", help="Notes of this type property.")
@click.option("--account", metavar="NAME", help="Notes of this account.")
@click.option("--person", metavar="NAME", help="Notes in which this person took part.")
@click.option("--tag", metavar="TAG", help="Notes with this tag or one below it.")
@click.option("--since", metavar="WHEN", help="From this date on.")
@click.option("--until", metavar="WHEN", help="Up to this date.")
@click.option("--no-actions", is_flag=True, help="Only notes without tasks.")
@click.option("--excluded", is_flag=True, help="Templates, conflict copies and excluded folders too.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def notes(
    app: App, words: tuple[str, ...], since: str | None, until: str | None, fields: str | None, **options: Any
) -> None:
    """Notes, newest first, with what is open in them."""
    from vaultindex.ask import notes as ask

    conn = app.connect()
    rows = ask.notes(conn, words=words, when=period(app, since, until), **options)
    columns = [
        text("date", style="cyan"),
        text("type", style="dim"),
        text("account", most=16),
        table.Column("note", name_of, grow=5, link=lambda r: phrases.obsidian_link(app.root, r["path"])),
        _number("open_tasks", "open"),
        _number("proposed", "proposed"),
        _number("decisions", "decisions"),
    ]
    if app.format in ("plain", "tsv"):
        columns = [text("date"), text("type"), text("account"), text("path")]
    app.show(rows, columns, NOTE, "no notes found" + _and_all(words, options), only=fields, header=True)


def _number(field: str, title: str, style: str = "") -> table.Column:
    return table.Column(
        title, lambda r: str(r[field]) if r[field] else "", right=True, style=(lambda r: style) if style else None
    )


@command(epilog="Examples:  vi people   vi people --since -3m --json")
@click.option("--since", metavar="WHEN", help="Meetings from this date on.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def people(app: App, since: str | None, limit: int | None, fields: str | None) -> None:
    """Everybody the notes name: meetings, the last one, open tasks they own. Most met first."""
    from vaultindex.ask import notes as ask

    rows = ask.people(app.connect(), period(app, since, None), app.config.get("me"))[:limit]
    columns = [
        text("name", "person", grow=2),
        _number("meetings", "meetings"),
        text("last", style="cyan"),
        _number("open_tasks", "open tasks"),
    ]
    app.show(rows, columns, PERSON, "no people found", only=fields, header=True)


@command(epilog="Examples:  vi accounts   vi accounts --since 2025-Q3 --json")
@click.option("--since", metavar="WHEN", help="Count notes from this date on.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="At most N rows.")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def accounts(app: App, since: str | None, limit: int | None, fields: str | None) -> None:
    """Every account: notes, the last one, open and proposed tasks, decisions. The latest first."""
    from vaultindex.ask import notes as ask

    rows = ask.accounts(app.connect(), period(app, since, None))[:limit]
    columns = [
        text("name", "account", grow=2),
        _number("notes", "notes"),
        text("last", style="cyan"),
        _number("open_tasks", "open"),
        _number("proposed", "proposed"),
        _number("decisions", "decisions"),
    ]
    app.show(rows, columns, ACCOUNT, "no accounts found", only=fields, header=True)


@command(epilog="Examples:  vi search 'pricing tiers'   vi search '\"exact phrase\" start*' --account contoso")
@click.argument("query", nargs=-1, required=True)
@click.option("--account", metavar="NAME", help="Only notes of this account.")
@click.option("--title", is_flag=True, help="Look in titles only.")
@click.option("-n", "--limit", type=click.IntRange(1), default=20, metavar="N", help="At most N rows (20).")
@click.option("--fields", metavar="A,B", help="Only these fields.")
@shared
@in_app
def search(app: App, query: tuple[str, ...], account: str | None, title: bool, limit: int, fields: str | None) -> None:
    """Notes that hold all the words, best first; accents and case do not matter, a phrase in quotes holds together."""
    from vaultindex.ask import notes as ask

    wanted = " ".join(query)
    rows = ask.search(app.connect(), wanted, account=account, title=title, limit=limit)
    columns = [note_column(app), text("line", right=True, style="dim"), text("text", grow=5)]
    if app.format in ("plain", "tsv"):
        columns = [table.Column("place", place), text("text")]
    app.show(rows, columns, HIT, f"nothing found for {wanted!r}", only=fields)


@command(epilog="Examples:  vi note 'Dana update'   vi note Contoso --json")
@click.argument("name", nargs=-1, required=True)
@shared
@in_app
def note(app: App, name: tuple[str, ...]) -> None:
    """One note: what it says about itself, its tasks, decisions, and what links to it."""
    from vaultindex.ask import links as ask_links
    from vaultindex.ask import names
    from vaultindex.ask import notes as ask
    from vaultindex.ask.tasks import lists as ask_tasks

    conn = app.connect()
    _, path = names.note(conn, " ".join(name))
    about = ask.notes(conn, path=path)[0]
    found_tasks = ask_tasks.of_note(conn, path, app.today, app.config.get("me"))
    found_decisions = ask.decisions(conn, note=path, excluded=True)
    _, back = ask_links.backlinks(conn, path)
    out = ask_links.links(conn, path)
    if app.format in ("json", "jsonl"):
        document = {
            **about,
            "task_rows": found_tasks,
            "decision_rows": found_decisions,
            "link_rows": out,
            "backlinks": back,
        }
        app.lines(json_text.as_json([document], None, True))
        return
    to = table.screen()
    head = [(k, about[k]) for k in ("type", "date", "account", "project", "person", "source") if about[k]]
    head += [(k, ", ".join(about[k])) for k in ("participants", "aliases", "tags") if about[k]]
    lines = [table.paint(one_line(about["title"]), "bold", to.colour), table.paint(one_line(path), "dim", to.colour)]
    lines += [f"{k:<13}{one_line(str(v))}" for k, v in head]
    lines += [f"{'problem':<13}{one_line(p)}" for p in about["problems"]]
    if found_tasks:
        from vaultindex.cli.read.tasks import columns as task_columns

        lines += ["", table.paint(f"Tasks ({len(found_tasks)})", "bold", to.colour)]
        lines += table.aligned(found_tasks, task_columns(app, conn, in_note=True), to, header=False)
    if found_decisions:
        lines += ["", table.paint(f"Decisions ({len(found_decisions)})", "bold", to.colour)]
        lines += [f"- {one_line(d['text'])}" for d in found_decisions]
    targets = dict.fromkeys(
        one_line(x["linkpath"]) + ("" if x["target"] else " (no such note)") for x in out if x["linkpath"]
    )
    if targets:
        lines += ["", table.paint(f"Links to ({len(targets)})", "bold", to.colour)]
        lines += [f"- {t}" for t in targets]
    sources = dict.fromkeys(name_of(b) for b in back)
    if sources:
        lines += ["", table.paint(f"Linked from ({len(sources)})", "bold", to.colour)]
        lines += [f"- {one_line(s)}" for s in list(sources)[:20]]
        if len(sources) > 20:
            lines.append(f"  and {len(sources) - 20} more: vi backlinks {name_of(about)!r}")
    app.lines(lines)
