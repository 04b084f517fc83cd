"""Pictures of the review: tasks and decisions by month, acceptance by source, silence by account; each with its table."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from markupsafe import Markup

from vaultindex.ask import rows
from vaultindex.ask.pages import stats
from vaultindex.render import bars
from vaultindex.web.site import Visit

_MONTHS = 18
_MOST = 20


class Picture(NamedTuple):
    """A drawing, and the table that says the same."""

    key: str
    title: str
    svg: Markup
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]


def pictures(visit: Visit, review: dict[str, Any]) -> list[Picture]:
    """Those that have anything to show."""
    tables = stats.several(visit.conn, visit.history, visit.today, visit.me, ("month", "source"))
    months, sources = tables["month"]["rows"][-_MONTHS:], tables["source"]["rows"]
    decided = rows.by_month(visit.conn, "decisions")[-_MONTHS:]
    asked = [row for row in sources if row["acceptance"] is not None][:_MOST]
    silent = review["silent_accounts"][:_MOST]
    found = [
        ("tasks", "Tasks by month", ("month", "made", "settled"),
         [bars.Bar(row["name"], row["made"], row["settled"]) for row in months]),
        ("decisions", "Decisions by month", ("month", "decided", "accounts"),
         [bars.Bar(*one) for one in decided]),
        ("acceptance", "Proposals by source", ("source", "accepted", "rejected"),
         [bars.Bar(row["name"] or "none", row["accepted"], row["rejected"]) for row in asked]),
        ("silence", "Silent accounts, in days", ("account", "silent", "usual"),
         [bars.Bar(row["name"], row["days"], row["rhythm"]) for row in silent]),
    ]  # fmt: skip
    return [_picture(key, title, heads, some) for key, title, heads, some in found if some]


def _picture(key: str, title: str, heads: tuple[str, ...], some: list[bars.Bar]) -> Picture:
    rows: list[tuple[str, ...]] = [(one.name, str(one.value), str(one.second)) for one in some]
    said = f"The table below it says the same: {', '.join(heads)}; {len(rows)} rows."
    svg = bars.chart(title, said, heads, some)
    # Several pictures stand on one page: their ids must differ, and the roles inside a picture say nothing there.
    svg = re.sub(r' role="(?:table|row|rowheader|columnheader|cell)"', "", svg)
    svg = svg.replace('id="title"', f'id="{key}-title"').replace('id="desc"', f'id="{key}-desc"')
    svg = svg.replace('aria-labelledby="title desc"', f'aria-labelledby="{key}-title {key}-desc"')
    return Picture(key, title, Markup(svg), heads, rows)
