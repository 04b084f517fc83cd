"""Commands about tasks: tasks, and today's page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.options import build
from vaultindex.base.text import one_line, safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ROWS, task_filters
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


def due(row: dict[str, Any]) -> str:
    """The due date; '~' behind it when it may be the generator's, '!' when the calendar has no such day."""
    if row["due"] is None:
        return ""
    impossible = any(p.startswith("due ") and "calendar" in p for p in row["problems"])
    return str(row["due"]) + ("!" if impossible else "~" if row["date_doubt"] else "")


def columns(app: App, conn: sqlite3.Connection, in_note: bool = False) -> list[table.Column]:
    """The columns of a list of tasks; ids cut to what is unambiguous today."""
    short = ask.ShortIds(conn)
    root = app.root

    def urgent(row: dict[str, Any]) -> str:
        if row["state"] in _STATES:
            return "dim"
        if row["overdue"]:
            return "red"
        return "yellow" if row["due"] == app.today else ""

    found = [
        table.Column("id", lambda r: short[r["id"]], style=lambda r: "cyan"),
        table.Column("", mark, style=lambda r: "magenta" if r["state"] == "proposed" else ""),
        table.Column("due", due, style=urgent),
        table.Column("task", lambda r: r["text"], grow=6, style=lambda r: "dim" if r["state"] in _STATES else ""),
        table.Column("owner", owner, most=14),
    ]
    if not in_note:
        found += [
            table.Column("account", lambda r: r["account"] or "", most=14),
            table.Column(
                "note", name_of, grow=2, style=lambda r: "dim", link=lambda r: phrases.obsidian_link(root, r["path"])
            ),
        ]
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
@click.option("--fields", metavar="A,B", help="Only these fields.")
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
    if app.format in ("table", "md") or group:
        _table(app, conn, rows, filters, said, group, given, limit, fields)
    else:
        app.show(rows, PLAIN, ask.FIELDS, empty(said), only=fields)
    if limit is not None and len(rows) == limit and app.format != "table":  # there the heading says it
        app.cut(len(rows), sum(ask.count(conn, filters, app.today).values()))
    if not rows:
        _hint(app, given)
    _tell(app, conn, given)
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

    if app.format == "table" and sys.stdout.isatty():
        from vaultindex.cli.change import pick

        pick.remember(app, conn, rows)


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
    if given["due"] and rows.due_days() == 1:
        shape = [c for c in shape if c.title != "due"]  # the heading says it
    if group is None or app.format != "table":
        nothing = empty(said) if app.format != "table" else ""  # the heading says it
        app.show(rows, shape if app.format == "table" else PLAIN, ask.FIELDS, nothing, only=fields, heading=heading)
        remember(app, conn, rows)
        return
    to = table.screen()
    app.lines([heading])
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        key = owner(row) if group == "owner" else name_of(row) if group == "note" else row[group]
        blocks.setdefault(key or f"no {group}", []).append(row)
    ordered = [row for some in blocks.values() for row in some]
    remember(app, conn, ordered)
    lines = iter(list(table.aligned(ordered, [c for c in shape if c.title != group], to, header=False)))
    for key, some in blocks.items():
        app.lines(["", table.paint(f"{one_line(key)} ({len(some)})", "bold", to.colour)])
        app.lines(line for _, line in zip(some, lines))


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
        more = sum(ask.count(conn, late, app.today).values())
        more -= sum(ask.count(conn, [*filters, *late], app.today).values())  # those that are listed already
        if more:
            heading += f" · also {more:,} overdue (vi tasks --overdue)"
    return safe(heading)


def _tell(app: App, conn: sqlite3.Connection, given: dict[str, Any]) -> None:
    """What the list did not show: excluded notes, and dates that the plugin does not see."""
    if app.format not in ("table", "plain"):
        return
    if not given["excluded"]:
        hidden = ask.left_out_count(conn)
        if hidden:
            app.notes.append(
                f"{phrases.count(hidden, 'task')} in templates, conflict copies and excluded folders not shown: --excluded"
            )
    stray = ask.stray_count(conn)
    if stray:
        verb = "has a date" if stray == 1 else "have a date"
        app.notes.append(f"{phrases.count(stray, 'task')} {verb} that the Tasks plugin does not see: vi lint")


@command(epilog="Examples:  vi today   vi today --all")
@click.option("--all", "every", is_flag=True, help="Every row, not only the most urgent.")
@shared
@in_app
def today(app: App, every: bool) -> None:
    """What matters today: overdue, due, new proposals, and what others owe; most urgent first."""
    from vaultindex.ask import today as screen
    from vaultindex.base.text import fold
    from vaultindex.dates.ranges import echo_day

    conn = app.connect()
    day, me = app.today, app.config.get("me")
    counts = screen.summary(conn, day, [fold(m.lstrip("@")) for m in me])
    heading = (
        f"{echo_day(day)} · {counts.overdue:,} overdue · {counts.today:,} today · {counts.proposed:,} proposed · "
        f"{counts.waiting:,} waiting on others"
    )
    keys, total = screen.happening(conn, day, None if every else 5_000)
    seen = not every and app.format in ("table", "plain", "md")  # by a person, who wants no text twice
    folds = screen.folded(conn, keys, _SCREEN) if seen else []
    shown = [f.rowid for f in folds] if seen else keys if every else keys[:_SCREEN]
    rows = list(ask.Found(conn, shown, day, me))
    covered = sum(f.rows for f in folds) if seen else len(rows)
    undated: list[dict[str, Any]] = []
    if seen and counts.undated and len(rows) < _SCREEN:
        late = screen.folded(conn, screen.newest_undated(conn), _SCREEN - len(rows))
        folds += late
        undated = list(ask.Found(conn, [f.rowid for f in late], day, me))
    for row, fold_ in zip([*rows, *undated], folds):
        if fold_.notes > 1:
            since = f" since {_short(fold_.since, day)}" if fold_.since else ""
            row["text"] += f" (in {fold_.notes:,} notes{since})"
    shape = columns(app, conn) if app.format == "table" else PLAIN
    nothing = "nothing is due" + ("" if counts.undated else ": enjoy the day")
    app.show(rows, shape, ask.FIELDS, nothing, heading=heading)
    if counts.undated:
        told = f"{counts.undated:,} open without a date (vi tasks --no-due)"
        if app.format == "table" and undated:
            app.lines(["", f"{told}, the newest:"])
        else:
            app.notes.append(told)
    if undated:
        app.show(undated, shape, ask.FIELDS, "")
    remember(app, conn, [*rows, *undated])
    if covered < total:
        app.notes.append(f"{covered:,} of {total:,} shown, most urgent first: vi today --all")


_SCREEN = 15  # rows of the start screen


def _short(day: str, today: str) -> str:
    """'1 Sep', with the year when it is another one."""
    import datetime

    from vaultindex.dates.days import MONTHS

    found = datetime.date.fromisoformat(day)
    year = "" if day[:4] == today[:4] else f" {found.year}"
    return f"{found.day} {MONTHS[found.month - 1][:3]}{year}"
