"""How lists show tasks: their columns, the fields that these look at, and the numbers of the rows."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from vaultindex.ask.tasks import lists as ask
from vaultindex.base.text import one_line
from vaultindex.cli.app import App
from vaultindex.render import phrases, table
from vaultindex.render.phrases import name_of, place

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


def remember(app: App, conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> None:
    """On a terminal, `vi done 2` means the second row of the last list."""
    if app.format == "table" and sys.stdout.isatty() and app.own:
        from vaultindex.cli.change import pick

        pick.remember(app, conn, rows)


def checkboxes(app: App, conn: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The tasks as Markdown that can be pasted into a note: the line as the vault has it, then a link to its note."""
    for row in rows:
        line = row["raw"].strip()
        if row["origin"] != "box":
            line = f"- [?] {one_line(row['text'])}"
        yield one_line(f"{line} {phrases.wikilink(conn, row['path'])}")
