"""Commands about tasks: tasks, and today's page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.options import build
from vaultindex.base.text import one_line, safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, fields_option, task_filters
from vaultindex.dates.days import WEEKDAYS
from vaultindex.render import phrases, table
from vaultindex.render.phrases import name_of, place

if TYPE_CHECKING:
    from vaultindex.query.nodes.tree import Node

_MARKS = {"highest": "🔺", "high": "⏫", "medium": "🔼", "none": "", "low": "🔽", "lowest": "⏬"}
_STATES = {"done": "x", "cancelled": "-", "other": "·"}


def mark(row: dict[str, Any]) -> str:
    """'?' for a proposal, 'x' done, '-' cancelled, else the status character; then the priority's sign."""
    state = "?" if row["state"] == "proposed" else _STATES.get(row["state"], row["status"])
    return f"{state}{_MARKS[row['priority']]}".rstrip()


def owner(row: dict[str, Any]) -> str:
    """'me', the person's name, or nothing."""
    return "me" if row["mine"] else row["owner_person"] or ""


def due(row: dict[str, Any], today: str | None = None) -> str:
    """The due date, short when today is given; '~' behind it when it may be the generator's, '!' when the calendar has no such day."""
    if row["due"] is None:
        return ""
    impossible = any(p.startswith("due ") and "calendar" in p for p in row["problems"])
    day = phrases.short_day(row["due"], today) if today else str(row["due"])
    return day + ("!" if impossible else "~" if row["date_doubt"] else "")


def columns(app: App, conn: sqlite3.Connection, in_note: bool = False) -> list[table.Column]:
    """The columns of a list of tasks; ids cut to what is unambiguous today."""
    short = ask.ShortIds(conn)
    root, today = app.root, app.today
    width = table.screen().width if app.format == "table" else 200
    narrow, tight = width < 120, width < 100

    def urgent(row: dict[str, Any]) -> str:
        if row["state"] in _STATES:
            return "dim"
        if row["overdue"]:
            return "red"
        return "yellow" if row["due"] == app.today else ""

    found = [
        table.Column("id", lambda r: short[r["id"]], style=lambda r: "cyan"),
        table.Column("", mark, style=lambda r: "magenta" if r["state"] == "proposed" else ""),
        table.Column("due", (lambda r: due(r, today)) if narrow else due, style=urgent),
        table.Column(
            "task", lambda r: r["text"], grow=6, style=lambda r: "dim" if r["state"] in _STATES else "", lines=3
        ),
        table.Column("owner", owner, most=11 if tight else 14),
    ]
    if not in_note and not tight:
        found.append(table.Column("account", lambda r: r["account"] or "", most=14))
    if not in_note:
        name = (lambda r: phrases.short_name(r, today)) if narrow else name_of
        link = lambda r: phrases.obsidian_link(root, r["path"])  # noqa: E731
        found.append(table.Column("note", name, grow=4 if tight else 3, style=lambda r: "dim", link=link, lines=2))
    return found


PLAIN = [
    table.Column("id", lambda r: r["id"]),
    table.Column("state", lambda r: r["state"]),
    table.Column("priority", lambda r: r["priority"]),
    table.Column("due", lambda r: r["due"] or ""),
    table.Column("owner", owner),
    table.Column("account", lambda r: r["account"] or ""),
    table.Column("text", lambda r: r["text"]),
    table.Column("place", place),
]


# The fields that the columns above look at, and `remember`; the first ones are enough for those of PLAIN.
_IN_PLAIN = ("id", "path", "line", "text", "state", "priority", "due", "owner_person", "mine", "account")
_LOOKED_AT = (*_IN_PLAIN, "raw", "status", "overdue", "date_doubt", "problems")


def looked_at(app: App, fields: str | None) -> tuple[str, ...] | None:
    """The fields that the wanted format shows, None for all of them."""
    if app.format == "table":
        return None if fields else _LOOKED_AT
    if app.format == "md" and not fields:
        return (*_LOOKED_AT, "origin")
    if app.format == "template":
        from vaultindex.render.template import Template

        return tuple(Template(app.given["template"], ask.FIELDS).fields) or ("id",)
    if app.format in ("paths", "ids") or not fields:
        return None if app.format in ("csv", "tsv") else _IN_PLAIN
    named = {name.strip() for name in fields.split(",")}
    return tuple(field for field in ask.FIELDS if field in named)


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


def remember(app: App, conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """On a terminal, `vi done 2` means the second row of the last list."""
    import sys

    if app.format == "table" and sys.stdout.isatty() and app.own:
        from vaultindex.cli.change import pick

        pick.remember(app, conn, rows)


def empty(said: list[str]) -> str:
    """What to say when nothing fits."""
    return "no tasks" + (f": {', '.join(said)}" if said else "")


def checkboxes(app: App, conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The tasks as Markdown that can be pasted into a note: the line as the vault has it, then a link to its note."""
    for row in rows:
        line = row["raw"].strip()
        if row["origin"] != "box":
            line = f"- [?] {one_line(row['text'])}"
        yield one_line(f"{line} {phrases.wikilink(conn, row['path'])}")


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
