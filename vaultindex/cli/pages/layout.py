"""A page in its clothes: sections on a terminal, Markdown, one JSON object, or its tasks as rows for other programs."""

import sqlite3
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.text import one_line
from vaultindex.cli.app import App
from vaultindex.cli.task_columns import PLAIN, due, mark, owner, remember
from vaultindex.render import phrases, table
from vaultindex.render.table import Column, paint, width_of

Row = dict[str, Any]


# The fields of a task that a page looks at when it is laid out for a person.
LOOKED_AT = (
    "id", "path", "line", "text", "raw", "status", "state", "priority", "due", "created", "owner", "owner_person", "mine",
    "account", "note_date", "overdue", "date_doubt", "problems", "scheduled", "start", "done", "recurrence",
)  # fmt: skip


def asker(app: App, conn: sqlite3.Connection) -> Asker:
    """Who asks, with the fields that the wanted format shows."""
    laid_out = app.format in ("table", "md") or (app.format == "plain" and not app.given.get("format"))
    return Asker(
        conn, app.today, app.config.get("me"), LOOKED_AT if laid_out else None, app.config.get("keep_in_touch")
    )


class Section(NamedTuple):
    """One part of a page. `rows` are tasks unless `columns` says how others are shown; `lines` stand as they are."""

    title: str
    rows: Sequence[Row] = ()
    total: int | None = None  # of which `rows` are the first; None: they are all
    more: str = ""  # the command that lists all of them, and whatever else stands behind the title
    when: Callable[[Row], str] | None = None  # the column between sign and text; by default the due date
    columns: Sequence[Column] | None = None
    lines: Sequence[str] = ()
    account: bool = True  # whether rows say their account
    owner: bool = True  # their owner
    note: bool = True  # and their note
    bare: bool = False  # one dim line without rows


class Page(NamedTuple):
    """What a page shows: its title, a few facts, its sections, and lines below."""

    title: str
    aside: str = ""  # to the right of the title
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    below: Sequence[str] = ()


def show(
    app: App,
    conn: sqlite3.Connection,
    document: Row,
    make: Callable[[], Page],
    markdown: Callable[[], list[str]] | None = None,
) -> None:
    """Print a page in the wanted format; `document` is its JSON, `make` lays it out, `markdown` writes it when it differs."""
    kind = app.format
    if kind in ("json", "jsonl"):
        app.document(document)
        return
    page = make()
    rows = [{**row, "section": s.title} for s in page.sections if s.columns is None for row in s.rows]
    if app.picks:
        section = Column("section", lambda row: row["section"], most=18, style=lambda row: "dim")
        app.offer(rows, [*_columns(app, ask.ShortIds(conn), Section(""), table.screen()), section])
        return
    if kind == "md":
        app.lines(markdown() if markdown else _markdown(conn, page))
    elif kind == "table" or (kind == "plain" and not app.given.get("format")):
        app.lines(_terminal(app, conn, page))
        remember(app, conn, rows)
    else:
        columns = [Column("section", lambda row: row["section"]), *PLAIN]
        app.show(rows, columns, ("section", *ask.FIELDS), "nothing on this page")


def _terminal(app: App, conn: sqlite3.Connection, page: Page) -> list[str]:
    to = table.screen()
    if not sys.stdout.isatty() and app.format == "plain":
        to = to._replace(width=max(to.width, 100))
    lines = _sides(paint(one_line(page.title), "bold", to.colour), width_of(page.title), page.aside, to)
    for name, text in page.facts:
        first, *rest = table.wrap(one_line(text), to.width - 13, 9)
        lines += [f"{paint(f'{name:<12}', 'dim', to.colour)} {first}", *(" " * 13 + part for part in rest)]
    short = ask.ShortIds(conn)
    for section in page.sections:
        if section.bare:
            lines.append(paint(one_line(section.title), "dim", to.colour))
            continue
        if not section.rows and not section.lines:
            continue
        if page.facts or section is not page.sections[0] or len(lines) > 1:
            lines.append("")
        lines += _heading(section._replace(more=app.command(section.more)), to)
        columns = section.columns or _columns(app, short, section, to)
        lines += [
            "  " + line for line in table.aligned(section.rows, columns, to._replace(width=to.width - 2), header=False)
        ]
        lines += ["  " + part for text in section.lines for part in table.wrap(one_line(text), to.width - 2, 9)]
    if page.below:
        lines += ["", *(paint(part, "dim", to.colour) for text in page.below for part in table.wrap(text, to.width, 9))]
    return lines


def _sides(left: str, width: int, right: str, to: table.Screen) -> list[str]:
    """Two texts at both ends of a line, or below each other."""
    if not right:
        return [left]
    gap = to.width - width - width_of(right)
    return [left + " " * gap + right] if gap > 1 else [left, *table.wrap(right, to.width, 9)]


def _heading(section: Section, to: table.Screen) -> list[str]:
    shown = len(section.rows)
    total = shown if section.total is None else section.total
    said = f"{shown:,} of {total:,}" if total > shown else f"{total:,}" if section.rows else ""
    aside = "  ".join(
        part for part in (said, section.more if total > shown or not section.rows else _kept(section.more)) if part
    )
    parts = _sides(paint(one_line(section.title), "bold", to.colour), width_of(section.title), aside, to)
    return [parts[0], *(paint(part, "dim", to.colour) for part in parts[1:])]


def _kept(more: str) -> str:
    """What stands behind the title of a section that is shown in full: nothing that only says where the rest is."""
    return "" if more.startswith("vi ") else more


def _columns(app: App, short: ask.ShortIds, section: Section, to: table.Screen) -> list[Column]:
    today, root = app.today, app.root
    when = section.when or (lambda row: due(row, today))

    def urgent(row: Row) -> str:
        return "red" if row["overdue"] else "yellow" if row["due"] == today else ""

    tight = to.width < 98
    found = [
        Column("id", lambda row: short[row["id"]], style=lambda row: "cyan"),
        Column("", mark, style=lambda row: "magenta" if row["state"] == "proposed" else ""),
        Column("when", when, style=urgent),
        Column("task", lambda row: row["text"], grow=6, lines=4),
    ]
    if section.owner:
        found.append(Column("owner", owner, most=11 if tight else 14))
    if section.account and not tight:
        found.append(Column("account", lambda row: row["account"] or "", most=14))
    if section.note:
        found.append(note_column(root, today))
    return found


def note_column(root: str, today: str) -> Column:
    """The name of a note with its date shortened, linked into Obsidian."""
    return Column(
        "note",
        lambda row: phrases.short_name(row, today),
        grow=4,
        style=lambda row: "dim",
        link=lambda row: phrases.obsidian_link(root, row["path"]),
        lines=2,
    )


# --- Markdown ---


def task_line(row: Row, link: str = "", more: str = "") -> str:
    """A task as a Markdown checkbox: its sign, its text, whose it is, when it is due, and its note."""
    box = {"open": row["status"] or " ", "done": "x", "cancelled": "-", "proposed": "?"}.get(
        row["state"], row["status"]
    )
    who = f" ({owner(row)})" if owner(row) else ""
    date = f" 📅 {row['due']}" if row["due"] else ""
    behind = f" — {more}" if more else ""
    return f"- [{box}] {one_line(row['text'])}{who}{date}{behind}{' ' + link if link else ''}"


def _markdown(conn: sqlite3.Connection, page: Page) -> list[str]:
    lines = [f"# {one_line(page.title)}", *(["", one_line(page.aside)] if page.aside else [])]
    if page.facts:
        lines += ["", *(f"- **{name}**: {one_line(text)}" for name, text in page.facts)]
    for section in page.sections:
        if section.rows or section.lines:
            lines += ["", f"## {one_line(section.title)}", ""]
            for row in section.rows:
                if section.columns is None:
                    said = section.when(row) if section.when else ""
                    lines.append(task_line(row, phrases.wikilink(conn, row["path"]), said))
                else:
                    link = phrases.wikilink(conn, row["path"]) if row.get("path") else ""
                    shown = [column for column in section.columns if not (link and column.title == "note")]
                    cells = [text for column in shown if (text := one_line(column.text(row)))]
                    lines.append("- " + " · ".join([*cells, link]) if link else "- " + " · ".join(cells))
            lines += [f"- {one_line(text)}" for text in section.lines]
    return lines
