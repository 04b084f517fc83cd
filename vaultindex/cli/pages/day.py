"""Commands today and agenda: the day in sections, and the days ahead."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import Any

import click

from vaultindex.ask.pages.contact import days_between
from vaultindex.ask.tasks.same_ask import fold_asks
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.pages.layout import Page, Section, asker, show
from vaultindex.render import phrases
from vaultindex.render.phrases import count, distance, short_day
from vaultindex.render.table import terminal_size

Row = dict[str, Any]
_LOOKED_AT = 30  # rows of a section that are read for a screen, so that the same ask can be folded


@command(epilog="Examples:  vi today   vi today --all   vi today --json")
@click.option("--all", "every", is_flag=True, help="Every row of every section.")
@shared
@in_app
def today(app: App, every: bool) -> None:
    """The day: what is due, overdue and planned, what is newly proposed, what others owe, and the meetings."""
    from vaultindex.ask.pages import day as ask

    conn = app.connect()
    by = asker(app, conn)
    whole = every or app.format not in ("table", "plain", "md")
    document = ask.day(by, _triaged(app), None if whole else _LOOKED_AT)
    if document["counts"]["doubted"] and app.format in ("json", "jsonl"):
        app.notes.append(f"{count(document['counts']['doubted'], 'date')} may be the generator's: vi tasks --doubted")
    show(app, conn, document, lambda: _page(app, conn, document, every))


def _triaged(app: App) -> Any:
    """What triage has shown, None before there was one."""
    from vaultindex.ask.pages.day import shown_in_triage
    from vaultindex.base.errors import VaultError
    from vaultindex.vault.journal_place import state_file

    try:
        return shown_in_triage(state_file(app.env, app.root, app.config))
    except (VaultError, sqlite3.Error) as error:
        app.notes.append(f"what triage has shown is not known: {error}")
        return None


def _page(app: App, conn: sqlite3.Connection, document: Row, every: bool) -> Page:
    from vaultindex.ask.pages.day import LISTS
    from vaultindex.dates.ranges import echo_day

    day, counts = document["date"], document["counts"]
    new = f" ({counts['new']:,} new)" if counts["new"] else ""
    aside = (
        f"{counts['due']:,} due · {counts['overdue']:,} overdue · {counts['proposed']:,} proposed{new} · "
        f"{counts['waiting']:,} waiting"
    )
    folded = {
        name: _folded(document[name], day) for name in ("overdue", "planned", "waiting", "undated", "past_doubted")
    }
    parts: dict[str, Sequence[Row]] = {**folded, "proposed": document["proposed"]}
    left = _room(every) - len(document["due"]) - 2 * len([p for p in parts.values() if p])
    shown = _share({name: len(rows) for name, rows in parts.items()}, None if every else left)
    theirs = counts["overdue_theirs"]
    others = f"also {theirs:,} others': vi waiting" if theirs else ""
    ours_late = counts["overdue"] - theirs

    def part(title: str, name: str, total: int, more: str, **options: Any) -> Section:
        rows = parts[name][: shown[name]]
        stood = sum(row.get("times", 1) for row in rows)
        return Section(title, rows, total if stood < total else len(rows), more, **options)

    late = "Overdue, mine" if all(row["mine"] for row in document["overdue"]) else "Overdue, mine or nobody's"
    since = " new since the last triage" if counts["new"] else " newest first"
    sections = [
        Section("Due today", document["due"], when=lambda row: ""),
        part(late, "overdue", ours_late, others or LISTS["overdue"], when=lambda row: distance(row["due"], day)),
        part("Planned for today", "planned", counts["planned"], LISTS["planned"]),
        part(f"Proposed,{since}", "proposed", counts["proposed"], "vi triage"),
        part("Waiting on others, longest first", "waiting", counts["waiting"], "vi waiting", when=_since(day)),
        part("Open without a date, newest first", "undated", counts["undated"], LISTS["undated"], when=lambda row: ""),
        part("Past a date that may be the generator's", "past_doubted", counts["past_doubted"], LISTS["past_doubted"]),
    ]  # fmt: skip
    below = []
    if document["meetings"]:
        below.append("Meetings today: " + " · ".join(phrases.name_of(met) for met in document["meetings"]))
    if counts["doubted"] > counts["past_doubted"]:
        below.append(f"{count(counts['doubted'], 'date')} may be the generator's (~): vi tasks --doubted")
    if app.format == "table" and (signs := _legend([row for section in sections for row in section.rows])):
        below.append(f"{signs} · vi help signs")
    if not any(section.rows for section in sections) and not counts["doubted"]:
        below.insert(0, "Nothing is open, proposed or owed to you: enjoy the day.")
    return Page(echo_day(day), aside, sections=sections, below=below)


def _legend(rows: Sequence[Row]) -> str:
    """What the signs on this page mean, of those that stand on it."""
    signs = {
        "? proposed": any(row["state"] == "proposed" for row in rows),
        "🔺 ⏫ 🔼 above normal": any(row["priority"] in ("highest", "high", "medium") for row in rows),
        "🔽 ⏬ below": any(row["priority"] in ("low", "lowest") for row in rows),
        "/ begun": any(row["status"] == "/" for row in rows),
        "~ date in doubt": any(row["date_doubt"] for row in rows),
    }
    return " · ".join(text for text, stands in signs.items() if stands)


def _since(day: str) -> Any:
    def text(row: Row) -> str:
        when = row.get("asked") or row["note_date"] or row["created"]
        return count(days_between(when, day), "day") if when else ""

    return text


def _folded(rows: list[Row], day: str) -> list[Row]:
    """The same ask of several notes as one row, which says so."""
    found = []
    for ask in fold_asks(rows):
        row = {**ask.row, "asked": ask.asked, "times": len(ask.rows)}
        if ask.times > 1:
            since = f" since {short_day(row['asked'], day)}" if row["asked"] else ""
            row["text"] += f" (in {ask.times:,} notes{since})"
        found.append(row)
    return found


def _room(every: bool) -> int:
    """Rows that fit the screen below the title and above the prompt; 30 in a pipe."""
    if every or not sys.stdout.isatty():
        return 30
    return max(terminal_size().lines - 6, 16)


def _share(wanted: dict[str, int], room: int | None) -> dict[str, int]:
    """How many rows each section gets: three at least, the others by turns while there is room."""
    if room is None:
        return wanted
    given = {name: min(number, 3) for name, number in wanted.items()}
    while sum(given.values()) < room and given != wanted:
        name = min((n for n in wanted if given[n] < wanted[n]), key=lambda n: given[n])
        given[name] += 1
    return given


@command(
    epilog="Examples:  vi agenda   vi agenda next week --mine   vi agenda 2025-10-20 --days 3   vi agenda last week"
)
@click.argument("when", nargs=-1)
@click.option("--days", type=click.IntRange(1, 366), metavar="N", help="So many days from then on.")
@click.option("--mine", is_flag=True, help="Mine (setting me).")
@click.option("--owner", metavar="NAME", help="Owned by this person.")
@click.option("--account", metavar="NAME", help="Of this account.")
@click.option("--person", metavar="NAME", help="From meetings with this person.")
@click.option("--proposed", is_flag=True, help="Proposals too.")
@click.option("--all", "every", is_flag=True, help="Every row of a day on a terminal, however many it has.")
@shared
@in_app
def agenda(app: App, when: tuple[str, ...], days: int | None, proposed: bool, every: bool, **options: Any) -> None:
    """Days ahead (or behind): what is due, scheduled, starting or recurring on each, and its meetings. A week by default."""
    from vaultindex.ask.pages import agenda as ask

    first, last = ask.span(" ".join(when), days, app.today)
    conn = app.connect()
    by = asker(app, conn)
    most = None if app.format in ("json", "jsonl") else _LATE
    each = None if every or app.format != "table" else _OF_A_DAY
    document = ask.agenda(
        by, first, last, proposed=proposed, most=most, each=each, **{k: v for k, v in options.items() if v}
    )
    show(app, conn, document, lambda: _agenda_page(app, document))


_LATE = 12  # overdue rows above the days
_OF_A_DAY = 15  # rows of a day on a terminal
_SIGNS = {"due": "due", "scheduled": "scheduled", "starts": "starts", "recurs": "↻", "done": "✅"}


def _agenda_page(app: App, document: Row) -> Page:
    from vaultindex.dates.ranges import Range

    day = app.today
    sections = [
        Section(
            "Overdue",
            document["overdue"],
            document["counts"]["overdue"],
            "vi tasks --overdue --open --sure",
            when=lambda row: distance(row["due"], day),
        )
    ]
    for one in document["days"]:
        near = distance(one["date"], day) + (" ago" if one["date"] < day else "")
        title = f"{phrases.week_day(one['date'])} · {near}"
        lines = [f"meeting: {phrases.name_of(met)}" for met in one["meetings"]]
        if one["tasks"] or lines:
            more = f"vi agenda {one['date']} --days 1 --all" if one["count"] > len(one["tasks"]) else ""
            sections.append(
                Section(title, one["tasks"], one["count"], more, when=lambda row: _SIGNS[row["why"]], lines=lines)
            )
        else:
            sections.append(Section(f"{title} · –", bare=True))
    below = [f"{count(document['undated'], 'task')} without a date: vi tasks --undated"] if document["undated"] else []
    return Page(Range(document["from"], document["until"]).echo(), sections=sections, below=below)
