"""Command review: what was done, decided, slipped and missed in a period, who is new and who is silent."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.ask.pages.review import SECTIONS
from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS
from vaultindex.cli.task_columns import owner
from vaultindex.render import json_text, table
from vaultindex.render.phrases import name_of

_FEW = 7  # rows of a section that a person sees at first


@command(
    epilog="Examples:  vi review   vi review month   vi review 2025-W40 --format md   vi review week --only slipped"
)
@click.argument("when", nargs=-1, metavar="[WHEN]")
@click.option(
    "--only",
    type=click.Choice([name.replace("_", "-") for name in SECTIONS]),
    help="Only this section, with all its rows.",
)
@click.option("-n", "--limit", type=ROWS, metavar="N", help=f"At most N rows of a section (on a screen: {_FEW}).")
@shared
@in_app
def review(app: App, when: tuple[str, ...], only: str | None, limit: int | None) -> None:
    """A week (the present one), a month or another WHEN: what was done, decided, accepted, what slipped, who is silent."""
    from vaultindex.ask.pages import review as page_of
    from vaultindex.state.history import History
    from vaultindex.state.journal import state_file

    days = page_of.days_of(" ".join(when), app.today)
    conn = app.connect()
    history = History(state_file(app.env, app.root, app.config))
    section = only.replace("-", "_") if only else None
    most = (limit or _FEW) if app.format == "table" and section is None else None
    page = page_of.review(conn, history, app.today, app.config.get("me"), days, app.config.get("keep_in_touch"), most)
    if app.format in ("json", "jsonl"):
        if section is not None:
            app.lines(json_text.as_json(page[section], None, app.format == "jsonl"))
        else:
            app.lines([json_text.dumps(page)])
        return
    if app.format in ("csv", "tsv", "paths", "ids"):
        if section is None:
            raise UsageError(f"--format {app.format} is for one list: say which with --only")
        rows = page[section][:limit]
        app.show(rows, _COLUMNS[section], list(rows[0]) if rows else ["id"], "nothing in this time")
        return
    app.lines(_lines(app, page, days.echo(), section, limit))


def _lines(app: App, page: dict[str, Any], title: str, only: str | None, limit: int | None) -> list[str]:
    """The page for a person: on a screen as tables, else as Markdown."""
    screen, counts = table.screen(), page["counts"]
    drawn = app.format == "table"
    late = f", up to {page['as_of']}" if page["end"] and page["as_of"] < page["end"] else ""
    head = safe(f"{title}{late}")
    lines = [table.paint(head, "bold", screen.colour)] if drawn else [f"# {head}"]
    for name in [only] if only else SECTIONS:
        rows = page[name]
        if not rows:
            continue
        most = limit or (_FEW if drawn and not only else len(rows))
        number = f"{counts[name]:,}" if counts[name] <= most else f"{most:,} of {counts[name]:,}"
        if drawn:
            heading = table.paint(f"{SECTIONS[name]}  {number}", "bold", screen.colour)
            more = table.paint(f"  {page['commands'][name]}", "dim", screen.colour) if not only else ""
            lines += ["", heading + more]
            lines += ["  " + line for line in table.aligned(rows[:most], _COLUMNS[name], _inside(screen), header=False)]
        else:
            lines += ["", f"## {SECTIONS[name]} ({number})", ""]
            lines += [_bullet(name, row) for row in rows[:most]]
    quiet = [SECTIONS[name].lower() for name in SECTIONS if not counts[name] and (only is None or name == only)]
    if len(quiet) == (1 if only else len(SECTIONS)):
        app.notes.append("nothing happened in this time, as far as the notes say")
    return lines


def _inside(screen: table.Screen) -> table.Screen:
    return screen._replace(width=screen.width - 2)


def _due(row: dict[str, Any]) -> str:
    if row.get("was"):
        return f"{row['was']} → {row['due'] or 'no date'}"
    return row["due"] or ""


_TEXT = table.Column("task", lambda r: r["text"], grow=5)
_WHO = table.Column("owner", owner, most=14)
_ACCOUNT = table.Column("account", lambda r: r["account"] or "", most=14, style=lambda r: "dim")
_TASK = [_TEXT, _WHO, _ACCOUNT]
_SILENT = [
    table.Column("name", lambda r: r["name"], grow=2),
    table.Column("silence", lambda r: f"silent {r['days']} days, usually every {r['rhythm']}"),
    table.Column("last", lambda r: r["last"], style=lambda r: "cyan"),
]
_COLUMNS: dict[str, list[table.Column]] = {
    "done": [table.Column("done", lambda r: r["done"] or "", style=lambda r: "cyan"), *_TASK],
    "ticked": _TASK,
    "decided": [
        table.Column("date", lambda r: r["date"] or "", style=lambda r: "cyan"),
        table.Column("decision", lambda r: r["text"], grow=5),
        _ACCOUNT,
        table.Column("note", name_of, grow=1, style=lambda r: "dim"),
    ],
    "accepted": [table.Column("day", lambda r: r["day"], style=lambda r: "cyan"), *_TASK],
    "rejected": [table.Column("day", lambda r: r["day"], style=lambda r: "cyan"), *_TASK],
    "slipped": [table.Column("due", _due, style=lambda r: "red"), *_TASK],
    "missed": [table.Column("due", _due, style=lambda r: "red"), *_TASK],
    "new_people": [
        table.Column("name", lambda r: r["name"], grow=2),
        table.Column("first", lambda r: r["first"], style=lambda r: "cyan"),
    ],
    "silent_people": _SILENT,
    "silent_accounts": _SILENT,
}


def _bullet(name: str, row: dict[str, Any]) -> str:
    """One row as a line of a Markdown list, which ends with its note as a link."""
    if name in ("silent_people", "silent_accounts"):
        return safe(f"- {row['name']}: silent {row['days']} days, usually every {row['rhythm']}; last {row['last']}")
    if name == "new_people":
        return safe(f"- {row['name']}, first on {row['first']}")
    day = {"done": row.get("done"), "decided": row.get("date")}.get(name, row.get("day"))
    due = f"due {_due(row)}" if name in ("slipped", "missed") else ""
    said = ", ".join(filter(None, (owner(row) if "mine" in row else "", due, day or "")))
    return safe(f"- {row['text']}" + (f" ({said})" if said else "") + f" [[{name_of(row)}]]")
