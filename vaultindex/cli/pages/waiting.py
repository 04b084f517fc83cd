"""Command waiting: what others owe, by person, and the short text that asks for it."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.pages.layout import Page, Section, asker, show
from vaultindex.render.phrases import count, short_day

Row = dict[str, Any]
_SCREEN = 40  # asks that a terminal shows unasked


@command(
    epilog="Examples:  vi waiting   vi waiting --owner dana --nudge   vi waiting --older 14d   vi waiting --account contoso"
)
@click.option("--owner", metavar="NAME", help="Owed by this person.")
@click.option("--account", metavar="NAME", help="From notes of this account.")
@click.option("--person", metavar="NAME", help="From meetings with this person.")
@click.option("--older", metavar="AGE", help="Waiting at least so long: 14d, 8w.")
@click.option("--nudge", is_flag=True, help="One short text a person, ready to send.")
@click.option("--unfold", is_flag=True, help="Each task by itself, also where the same was asked in several meetings.")
@click.option("--all", "every", is_flag=True, help="Every row on a terminal, not only those that wait longest.")
@shared
@in_app
def waiting(app: App, nudge: bool, unfold: bool, every: bool, **options: Any) -> None:
    """What others owe: open, not proposed, longest waiting first, by person."""
    from vaultindex.ask.pages import waiting as ask

    conn = app.connect()
    most = None if every or nudge or app.format != "table" else _SCREEN
    document = ask.waiting(asker(app, conn), unfold=unfold, most=most, **options)
    if nudge and app.format not in ("json", "jsonl"):
        app.lines(_nudges(document))
    else:
        show(app, conn, document, lambda: _page(app, document, every))
    if not document["people"]:
        app.notes.insert(0, "nobody owes anything")


def _page(app: App, document: Row, every: bool) -> Page:
    counts, day = document["counts"], document["date"]
    left = None if every or app.format != "table" else _SCREEN
    sections, shown = [], 0
    for person in document["people"]:
        asks = person["asks"] if left is None else person["asks"][: max(left - shown, 0)]
        if not asks:
            break
        shown += len(asks)
        rows = [{**ask, "text": ask["text"] + _history(ask, day)} for ask in asks]
        sections.append(
            Section(person["person"], rows, len(person["asks"]), f"vi waiting --owner '{person['person']}'",
                    when=_since, owner=False)
        )  # fmt: skip
    told = f"{count(counts['tasks'], 'task')} of {count(counts['people'], 'person', 'people')}"
    if (counts["asks"] or counts["tasks"]) < counts["tasks"]:
        told += f", {count(counts['asks'], 'ask')} (--unfold shows each)"
    cut = counts["asks"] is None or shown < counts["asks"]
    below = [f"{shown:,} of {counts['asks'] or counts['tasks']:,} shown: vi waiting --all"] if cut else []
    return Page("Waiting on others", told, sections=sections, below=below)


def _since(ask: Row) -> str:
    return count(ask["days"], "day") if ask["days"] is not None else ""


def _history(ask: Row, day: str) -> str:
    """' (asked 3 times since 12 Aug, quiet in 2 meetings since, due 7 Oct)': only what is worth knowing."""
    said = []
    if ask["times"] > 1:
        said.append(f"asked {ask['times']} times since {short_day(ask['asked'], day)}")
    if ask["quiet"]:
        said.append(f"not mentioned in {count(ask['quiet'], 'later meeting')}")
    if ask["due"] and not ask["date_doubt"]:
        said.append(f"due {short_day(ask['due'], day)}")
    return f" ({', '.join(said)})" if said else ""


def _nudges(document: Row) -> list[str]:
    """One text a person: what was asked when, and nothing of ours (ids, signs, links)."""
    lines: list[str] = []
    day = document["date"]
    for person in document["people"]:
        first = person["person"].split()[0]
        lines += [
            *([""] if lines else []),
            f"To {person['person']}",
            "",
            f"Hi {first},",
            "",
            "these are still open:",
            "",
        ]
        for ask in person["asks"]:
            when = [f"asked {short_day(ask['asked'], day)}"] if ask["asked"] else []
            if ask["due"] and not ask["date_doubt"]:
                when.append(f"due {short_day(ask['due'], day)}")
            about = f" ({', '.join(when)})" if when else ""
            lines.append(f"- {ask['text'].rstrip('.')}{about}")
        lines += ["", "How far are they? Thank you!"]
    return lines
