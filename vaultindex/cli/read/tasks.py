"""Command tasks: a list of tasks, and what this very list did not show."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.options import build
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option, task_filters
from vaultindex.cli.task_columns import PLAIN, checkboxes, columns, looked_at, owner, remember
from vaultindex.dates.days import WEEKDAYS
from vaultindex.render import phrases, table
from vaultindex.render.phrases import name_of

if TYPE_CHECKING:
    from vaultindex.query.nodes.tree import Node


@command(
    epilog="Examples:  vi tasks --due today   vi tasks --by fri --mine   vi tasks pricing --account contoso --priority high+"
    "   vi tasks --proposed --json"
)
@task_filters()
@click.option(
    "--sort", metavar="F,G", help="due, priority, urgency, happens, created, account, owner, note; -due turns round."
)
@click.option(
    "--group", type=click.Choice(["account", "owner", "note", "due", "state", "priority"]), help="A heading for each."
)
@click.option("-n", "--limit", type=ROWS, metavar="N", help="At most N rows.")
@fields_option
@click.option("--exit-code", is_flag=True, help="Exit 1 when there are rows (for prompts and cron).")
@shared
@in_app
def tasks(
    app: App, sort: str | None, group: str | None, limit: int | None, fields: str | None, exit_code: bool, **given: Any
) -> None:
    """Tasks that are not settled: open ones and proposals (marked ?), by due date. WORDS must stand in the text."""
    conn = app.connect()
    filters, said = build(conn, given, app.today, app.config.get("me"))
    order = [
        *([group] if group in ("account", "owner", "note", "due", "priority") else []),
        *(sort.split(",") if sort else ask.DEFAULT_SORT),
    ]
    only = looked_at(app, fields)
    rows = ask.select(conn, filters, today=app.today, me=app.config.get("me"), sort=order, limit=limit, only=only)
    if app.format == "md" and not fields and not group:
        app.lines(checkboxes(app, conn, rows))
        if not rows:
            app.notes.insert(0, empty(said))
    elif app.format in ("table", "md") or group:
        _table(app, conn, rows, filters, said, group, given, limit, fields)
    else:
        app.show(rows, PLAIN, ask.FIELDS, empty(said), only=fields)
    if limit is not None and len(rows) == limit and app.format != "table":  # there the heading says it
        app.cut(len(rows), sum(ask.count(conn, filters, app.today).values()))
    if not rows:
        _hint(app, given)
    _tell(app, conn, filters, rows)
    app.finish_with(exit_code and bool(rows))


def _hint(app: App, given: dict[str, Any]) -> None:
    """An empty answer must not hide a question that was asked in another way than it was meant."""
    words = [word.lower() for word in given["words"]]
    if (given["mine"] or given["not_mine"]) and not app.config.get("me"):
        app.notes.append("nobody is known as me: vi config set me '[\"Your Name\"]'")
    for at, word in enumerate(words):
        rest = " ".join(given["words"][at + 1 :])
        if word in _DATED and rest:
            app.notes.append(f"words are looked for in the text; for a date: vi tasks --{word} {rest}")
        elif word in _FLAGS:
            app.notes.append(f"words are looked for in the text; for the state: vi tasks --{word}")
        elif at == 0 and len(words) == 1 and word in _DAYS:
            app.notes.append(f"words are looked for in the text; for the date: vi tasks --due {word}")


_DATED = frozenset(("due", "by", "scheduled", "start", "happens", "created", "owner", "account", "priority", "tag"))
_FLAGS = frozenset(("overdue", "open", "proposed", "done", "cancelled", "mine", "blocked", "recurring"))
_DAYS = frozenset(("today", "tomorrow", "yesterday", "week", "month", *(d.lower() for d in WEEKDAYS)))


def empty(said: list[str]) -> str:
    """What to say when nothing fits."""
    return "no tasks" + (f": {', '.join(said)}" if said else "")


def _table(
    app: App,
    conn: sqlite3.Connection,
    rows: ask.Found,
    filters: list[Node],
    said: list[str],
    group: str | None,
    given: dict[str, Any],
    limit: int | None,
    fields: str | None,
) -> None:
    heading = _heading(app, conn, filters, said, given, len(rows), limit)
    shape = columns(app, conn)
    if app.picks:
        app.offer(rows, shape)
        if not rows:
            app.notes.insert(0, empty(said))
        return
    if given["due"] and rows.due_days() == 1:
        shape = [c for c in shape if c.title != "due"]  # the heading says it
    if group is None or app.format != "table":
        nothing = empty(said) if app.format != "table" else ""  # the heading says it
        app.show(rows, shape if app.format == "table" else PLAIN, ask.FIELDS, nothing, only=fields, heading=heading)
        remember(app, conn, rows)
        return
    app.lines(table.folded(heading, table.screen()))
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        key = owner(row) if group == "owner" else name_of(row) if group == "note" else row[group]
        blocks.setdefault(key or f"no {group}", []).append(row)
    remember(app, conn, [row for some in blocks.values() for row in some])
    groups = [([(0, key)], some) for key, some in blocks.items()]
    app.lines(["", *table.grouped(groups, [c for c in shape if c.title != group], table.screen())])


def _heading(
    app: App,
    conn: sqlite3.Connection,
    filters: list[Node],
    said: list[str],
    given: dict[str, Any],
    shown: int,
    limit: int | None,
) -> str:
    counts = ask.count(conn, filters, app.today)
    parts = [f"{counts[s]:,} {s}" for s in ("open", "proposed", "done", "cancelled", "other") if counts.get(s)]
    what = ", ".join(said)
    title = what[:1].upper() + what[1:] if what else "Tasks"
    heading = f"{title} · {', '.join(parts) or 'no tasks'}"
    total = sum(counts.values())
    if limit is not None and shown < total:
        heading += f" · first {shown} of {total:,}"
    if given["due"] and not given["overdue"]:
        from vaultindex.ask.tasks import conditions as b

        late = [b.Listed(), b.OPEN, b.overdue(app.today)]
        more = ask.overdue_count(conn, app.today)
        more -= sum(ask.count(conn, [*filters, *late], app.today).values())  # those that are listed already
        if more:
            heading += f" · also {more:,} overdue ({app.command('vi tasks --overdue')})"
    return safe(heading)


def _tell(app: App, conn: sqlite3.Connection, filters: list[Node], rows: ask.Found) -> None:
    """What this very list did not show: tasks of excluded notes, and dates that the plugin does not see."""
    from vaultindex.ask.tasks import conditions as b

    if app.format != "table" or not app.own:
        return
    if ask.left_out_count(conn) and any(isinstance(node, b.Listed) for node in filters):
        every = [node for node in filters if not isinstance(node, b.Listed)]
        hidden = sum(ask.count(conn, every, app.today).values()) - sum(ask.count(conn, filters, app.today).values())
        if hidden:
            app.asides.append(f"{hidden:,} hidden: --excluded")
    stray = ask.stray_count(conn, rows.keys)
    if stray:
        app.asides.append(f"{phrases.count(stray, 'unseen date')}: vi lint")
