"""Commands notes and note: notes, newest first, and one note with all that is in it."""

from __future__ import annotations

import sqlite3
from typing import Any

import click

from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import and_all, dated, is_narrow, note_column, number, period, text
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option
from vaultindex.render import json_text, table
from vaultindex.render.phrases import name_of

NOTE = (
    "path", "title", "type", "date", "account", "project", "person", "participants", "source", "source_ref", "tags",
    "aliases", "words", "tasks", "open_tasks", "proposed", "decisions", "links", "mtime", "problems",
)  # fmt: skip


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
@click.option(
    "--meetings", is_flag=True, help="Only meetings: dated, with somebody there, a source, or of such a type."
)
@click.option("--no-actions", is_flag=True, help="Only notes without tasks.")
@click.option("--excluded", is_flag=True, help="Templates, conflict copies and excluded folders too.")
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
@shared
@in_app
def notes(
    app: App, words: tuple[str, ...], since: str | None, until: str | None, fields: str | None, **options: Any
) -> None:
    """Notes, newest first, with what is open in them."""
    from vaultindex.ask import notes as ask

    conn = app.connect()
    when = period(app, since, until)
    rows = ask.notes(conn, words=words, when=when, **options)
    if len(rows) == options["limit"]:
        conditions = {name: value for name, value in options.items() if name != "limit"}
        app.cut(len(rows), ask.count(conn, words=words, when=when, **conditions))
    columns = [
        dated(app),
        *([] if is_narrow() else [text("type", style="dim")]),
        text("account", most=16),
        note_column(app)._replace(grow=5, style=None),
        number("open_tasks", "open"),
        number("proposed", "proposed"),
        number("decisions", "decisions"),
    ]
    if app.format in ("plain", "tsv"):
        columns = [text("date"), text("type"), text("account"), text("path")]
    app.show(rows, columns, NOTE, "no notes found" + and_all(words, options), only=fields, header=True)


@command(epilog="Examples:  vi note 'Dana update'   vi note Contoso --json")
@click.argument("name", nargs=-1, required=True)
@shared
@in_app
def note(app: App, name: tuple[str, ...]) -> None:
    """One note: what it says about itself, its tasks, decisions, and what links to it."""
    from vaultindex.ask import names
    from vaultindex.ask import notes as ask

    conn = app.connect()
    _, path = names.note(conn, " ".join(name))
    about = ask.whole(conn, path, app.today, app.config.get("me"))
    totals = _totals(app, conn, path)
    if app.format in ("json", "jsonl"):
        app.lines(json_text.as_json([{**about, "page": totals}], None, True))
        return
    found_tasks, found_decisions = about["task_rows"], about["decision_rows"]
    out, back = about["link_rows"], about["backlinks"]
    to = table.screen()
    head = [(k, about[k]) for k in ("type", "date", "account", "project", "person", "source") if about[k]]
    head += [(k, ", ".join(about[k])) for k in ("participants", "aliases", "tags") if about[k]]
    lines = [table.paint(one_line(about["title"]), "bold", to.colour), table.paint(one_line(path), "dim", to.colour)]
    lines += [f"{k:<13}{one_line(str(v))}" for k, v in head]
    lines += [f"{'problem':<13}{one_line(p)}" for p in about["problems"]]
    if totals:
        told = ", ".join(
            f"{number:,} {_COUNTED[name]}" for name, number in totals["counts"].items() if name in _COUNTED and number
        )
        lines += [
            "",
            *table.wrap(f"{totals['of'].capitalize()}: {told or 'nothing yet'} ({totals['command']})", to.width, 9),
        ]
    if found_tasks:
        from vaultindex.cli.task_columns import columns as task_columns

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


# What the page of a person or an account counts, in words.
_COUNTED = {
    "mine": "open and mine", "theirs": "open and theirs", "nobodys": "open and nobody's", "owes": "they owe", "i_owe": "I owe",
    "proposed": "proposed", "decisions": "decided", "meetings": "meetings",
}  # fmt: skip


def _totals(app: App, conn: sqlite3.Connection, path: str) -> dict[str, Any] | None:
    """The totals of the person or account that this note is the page of: those of `vi person`, `vi account`; else None."""
    from shlex import quote

    from vaultindex.ask.pages import account, person
    from vaultindex.ask.tasks.sides import Asker

    kind = conn.execute("SELECT entity FROM notes WHERE path = ?", (path,)).fetchone()[0]
    asker = Asker(conn, app.today, app.config.get("me"))
    if kind == "account":
        page = account.account(asker, path, most=0)
    elif kind == "person":
        page = person.person(asker, path, most=0, mentions=False)
    else:
        return None
    return {"of": kind, "name": page["name"], "counts": page["counts"], "command": f"vi {kind} {quote(page['name'])}"}
