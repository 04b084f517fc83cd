"""One proposal as triage shows it: where it is from, its text and date, what asks the same, how far we are."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.similar import Twin
from vaultindex.base.text import one_line
from vaultindex.cli.change.apply import Desk
from vaultindex.cli.change.pick import Row
from vaultindex.render import table
from vaultindex.render.phrases import name_of
from vaultindex.state.journal import Verdict

DOUBT = {
    "note-date": "the note's own date: not stated?",
    "before-note": "before the note was written: not stated?",
    "shared": "the date of most tasks of this note: not stated?",
    "words": "said in words, or not in full",
}
_SIGNS = {"highest": "🔺", "high": "⏫", "medium": "🔼", "none": "", "low": "🔽", "lowest": "⏬"}
_BAR = 20  # columns of the line that shows how far we are


def width() -> int:
    """Columns of a card: those of the terminal, but no more than can be read."""
    return min(table.screen().width, 100)


def lines(at: Desk, row: Row, number: str, was: Verdict | None, twins: Sequence[Twin], beside: int) -> list[str]:
    """The card; `number` is '3/12', `was` what was decided before, `beside` how many others of its note are left."""
    to = table.screen()
    who = "for me" if row["mine"] else f"for {row['owner_person']}" if row["owner_person"] else ""
    name = name_of(row)
    where = name if name.startswith(row["note_date"] or "-") else f"{row['note_date'] or ''} {name}".strip()
    head = [row["account"] or "", where, row["heading"] or "", who, _SIGNS[row["priority"]]]
    title = f"{number}  " + " · ".join(one_line(part) for part in head if part)
    if table.width_of(title) > width():  # the heading is what is missed least
        title = f"{number}  " + " · ".join(one_line(part) for part in (*head[:2], *head[3:]) if part)
    found = [table.paint(table.cut(title, width()), "bold", to.colour)]
    found += wrap(row["text"])
    if row["due"]:
        doubt = DOUBT.get(row["date_doubt"] or "", "")
        found += wrap(f"due {row['due']}" + (f"  ({doubt})" if doubt else ""))
    found += wrap(f"line {row['line']}  {row['raw'].strip()}", "dim")
    if was is not None:
        found += wrap(f"{was.verdict} on {was.day}" + (f": {was.reason}" if was.reason else ""), "yellow")
    if beside:
        found += wrap(f"{beside} more of this note: A accepts all, R rejects all, M only mine", "dim")
    return found + _asked(at, row, twins)


def wrap(text: str, style: str = "") -> list[str]:
    """Lines of the card, indented."""
    colour = table.screen().colour
    found = textwrap.wrap(one_line(text), width() - 4, break_on_hyphens=False) or [""]
    return [table.paint("  " + ("  " if i else "") + line, style, colour) for i, line in enumerate(found)]


def _asked(at: Desk, row: Row, twins: Sequence[Twin]) -> list[str]:
    if not twins:
        return []
    from vaultindex.dates.ranges import echo_day

    dates = sorted(filter(None, (row["note_date"], *(t.date for t in twins))))
    times = len({t.path for t in twins}) + 1
    short = ask.short_ids(at.conn, [t.id for t in twins[:3]])
    since = f" since {echo_day(dates[0])}" if dates else ""
    found = wrap(f"asked {times} times{since}:", "yellow")
    for twin in twins[:3]:
        found += wrap(f"{short[twin.id]} {named(twin)}")
    return found


def named(twin: Twin) -> str:
    """'"Send the sheet." (open, Kick-off)'."""
    return f'"{twin.text}" ({twin.state}, {twin.path[twin.path.rfind("/") + 1 : -3]})'


def progress(done: int, total: int, said: str) -> str:
    """'━━━━────── 12 of 1,950 · 3 accepted, 9 rejected'."""
    filled = _BAR * done // total if total else 0
    text = f"{'━' * filled}{'─' * (_BAR - filled)} {done:,} of {total:,}" + (f" · {said}" if said else "")
    return table.paint(table.cut(text, width()), "dim", table.screen().colour)
