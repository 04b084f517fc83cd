"""Commands brief and recap: one page before a meeting, and the text that goes out after it."""

from __future__ import annotations

import re
import sqlite3
import sys
from typing import Any

import click

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.columns import period
from vaultindex.cli.commands import command, shared
from vaultindex.cli.pages.layout import asker, task_line
from vaultindex.cli.task_columns import owner
from vaultindex.render import json_text, table
from vaultindex.render.phrases import count, name_of, short_day, wikilink

Row = dict[str, Any]


@command(
    epilog="Examples:  vi brief dana   vi brief contoso --since 2025-Q3   vi brief '2025-10-06 Design review' --format md | pbcopy"
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--since", metavar="WHEN", help="Decided since then; by default since the last meeting.")
@click.option("--proposed", is_flag=True, help="Proposals too.")
@shared
@in_app
def brief(app: App, names: tuple[str, ...], since: str | None, proposed: bool) -> None:
    """What to know before a meeting with people, an account, or those of a note: Markdown that lands well in the vault."""
    from vaultindex.ask.pages import brief as ask

    conn = app.connect()
    by = asker(app, conn)
    when = period(app, since, None)
    document = ask.brief(by, names, since=when.start if when else None, proposed=proposed)
    if app.format in ("json", "jsonl"):
        app.lines([json_text.dumps(document)])
        return
    lines = _brief(conn, document)
    app.lines(_rendered(lines) if app.format == "table" else lines)
    if document["counts"]["proposed"] and not proposed:
        told = count(document["counts"]["proposed"], "proposal")
        app.notes.append(f"{told} left out: --proposed")


_LINK = lazy_pattern(r"!?\[\[(?:[^\]|]*\|)?([^\]]*)\]\]")


def _rendered(lines: list[str]) -> list[str]:
    """Markdown as a terminal shows it: headings bold, links as names, long lines broken."""
    to = table.screen()
    found = []
    for marked in lines:
        line = _LINK.sub(r"\1", re.sub(r" (\[\[[^\]]*\]\])\Z", r" · \1", marked))
        if line.startswith("#"):
            found.append(table.paint(line.lstrip("# "), "bold", to.colour))
            continue
        first, *rest = table.wrap(line, to.width, 9)
        found += [first, *("      " + part for part in rest)] if line.startswith("- ") else [first, *rest]
    return found


def _brief(conn: sqlite3.Connection, document: Row) -> list[str]:
    day, links = document["date"], dict[str, str]()

    def link(row: Row) -> str:
        path = row["path"]
        if path not in links:
            links[path] = wikilink(conn, path)
        return links[path]

    lines = [f"# Brief: {one_line(document['title'])}", "", f"As of {day}."]

    def part(title: str, some: list[str]) -> None:
        if some:
            lines.extend(["", f"## {title}", "", *some])

    def asks(rows: list[Row]) -> list[str]:
        return [task_line(row, link(row), _asked(row, day)) for row in rows]

    def decided(rows: list[Row]) -> list[str]:
        return [f"- {row['date'] or 'no date'}: {one_line(row['text'])} {link(row)}" for row in rows]

    last = document["last_time"]
    if last:
        said = f": {one_line(last['summary'])}" if last["summary"] else "."
        part(f"Last time, {last['date']}", [f"- {one_line(last['title'])}{said} {link(last)}"])
        left = document["left_open"]
        part("Left open last time", [_mention(row, "", link(row)) for row in left])
    since = f"Decided since {document['since']}" if document["since"] else "Decided"
    part(since, decided(document["decided"]))
    part("Standing decisions", decided(document["standing"]))
    part("I owe", asks(document["i_owe"]))
    part("They owe", asks(document["they_owe"]))
    part("Nobody's", asks(document["nobodys"]))
    part("Silent threads", [_mention(row, _asked(row, day), link(row)) for row in document["silent"]])
    part("Proposed", [task_line(row, link(row)) for row in document["proposed"]])
    part("Who they are", [_who(conn, person) for person in document["people"]])
    if len(lines) == 3:
        lines += ["", "Nothing is known yet: no meeting, no task, no decision."]
    return lines


def _mention(row: Row, more: str, link: str) -> str:
    """A task that stands with its box elsewhere on the page: without one, so that no box stands twice in the vault."""
    said = ", ".join(part for part in (owner(row), more) if part)
    return f"- {one_line(row['text'])}{f' ({said})' if said else ''} {link}"


def _asked(row: Row, day: str) -> str:
    if not row["asked"]:
        return ""
    if row["times"] > 1:
        return f"asked {row['times']} times since {short_day(row['asked'], day)}"
    return f"asked {short_day(row['asked'], day)}"


def _who(conn: sqlite3.Connection, person: Row) -> str:
    name = wikilink(conn, person["note"]) if person["note"] else one_line(person["name"])
    said = [one_line(person["account"])] if person["account"] else []
    if person["last"]:
        said.append(f"last met {person['last']}")
        if person["rhythm"]:
            said.append(f"usually every {count(person['rhythm'], 'day')}")
    else:
        said.append("never met")
    return f"- {name}: {', '.join(said)}"


@command(epilog="Examples:  vi recap 'Pricing call'   vi recap 'Pricing call' --for dana --format md | pbcopy")
@click.argument("note", nargs=-1, required=True)
@click.option("--for", "person", metavar="NAME", help="Only what this person and I took on.")
@click.option("--anyway", is_flag=True, help="Also while proposals of the note are undecided; they are left out.")
@shared
@in_app
def recap(app: App, note: tuple[str, ...], person: str | None, anyway: bool) -> None:
    """A mail after a meeting: who took on what, what was decided; no ids, no signs, no links."""
    from vaultindex.ask.pages import recap as ask

    conn = app.connect()
    by = asker(app, conn)
    document = ask.recap(by, " ".join(note), person=person, anyway=anyway)
    if app.format in ("json", "jsonl"):
        app.lines([json_text.dumps(document)])
        return
    lines = _recap(document, app.format == "md")
    to = table.screen()
    app.lines(part for line in lines for part in (table.wrap(line, to.width, 9) if sys.stdout.isatty() else [line]))


def _recap(document: Row, markdown: bool) -> list[str]:
    from vaultindex.dates.ranges import echo_day

    title = one_line(document["title"])
    when = f", {echo_day(document['date'])}" if document["date"] and document["date"] not in title else ""
    lines = [f"# {title}{when}" if markdown else f"{title}{when}"]
    if document["summary"]:
        lines += ["", one_line(document["summary"])]

    def part(name: str, some: list[str]) -> None:
        if some:
            lines.extend(
                ["", f"## {name}" if markdown else f"{name}:", *([""] if markdown else []), *(f"- {s}" for s in some)]
            )

    part("We decided", [_bare(row["text"]) for row in document["decisions"]])
    for one in document["people"]:
        part(f"{one_line(one['name'])} took on", [_todo(row) for row in one["tasks"]])
    part("I took on", [_todo(row) for row in document["mine"]])
    part("Nobody's yet", [_todo(row) for row in document["nobodys"]])
    if len(lines) == 1:
        lines += ["", f"{name_of(document)} holds no decision and no task."]
    return lines


def _todo(row: Row) -> str:
    from vaultindex.dates.ranges import echo_day

    done = " (done)" if row["state"] == "done" else ""
    due = f", by {echo_day(row['due'])}" if row["due"] and not row["problems"] and not done else ""
    return f"{_bare(row['text']).rstrip('.')}{due}{done}"


def _bare(text: str) -> str:
    """Words without link brackets, for a reader who has no vault."""
    return one_line(_LINK.sub(r"\1", text)).replace("**", "")
