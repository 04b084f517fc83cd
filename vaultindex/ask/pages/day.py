"""The day: what is due, overdue and planned, new proposals, what others owe, what has no date or a doubted one, the meetings.

No task stands in two sections: what is due today is only there, what others owe is only among the waiting. The counts are
those of the lists of `vi tasks` that LISTS names beside them, so that no page says what a list would deny.
"""

import json
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any, NamedTuple

from vaultindex.ask.pages.contact import meetings
from vaultindex.ask.tasks.open_tasks import LATE, PAST_DOUBTED, Open
from vaultindex.ask.tasks.sides import Asker
from vaultindex.ask.where import LEFT_OUT
from vaultindex.index.schema import real

Row = dict[str, Any]

# count -> the list that has as many rows
LISTS = {
    "due": "vi tasks --due today --open",
    "overdue": "vi tasks --overdue --open --sure",
    "planned": "vi tasks --planned --open",
    "proposed": "vi tasks --proposed",
    "waiting": "vi tasks --theirs --open",
    "undated": "vi tasks --undated --open",
    "past_doubted": "vi tasks --overdue --open --doubted",
    "doubted": "vi tasks --doubted",
}


class Triaged(NamedTuple):
    """What triage has shown so far: ids of proposals, and the last day of it."""

    ids: Collection[str]
    last: str | None


def shown_in_triage(file: str) -> Triaged | None:
    """What triage has shown, as the journal of the vault knows; None without a journal. Raises VaultError."""
    import os

    if not os.path.exists(file):
        return None
    from vaultindex.state.journal import Journal

    with Journal(file) as kept:
        return Triaged(*kept.triaged())


def day(asker: Asker, triaged: Triaged | None = None, most: int | None = None) -> dict[str, Any]:
    """The page of the day. `most` limits each section but the first to so many rows, for a screen.

    {date, due, overdue, planned, proposed, waiting, undated, past_doubted: lists of tasks; meetings: [{path, title, date,
    account, participants}]; counts: {due, overdue, overdue_theirs, planned, proposed, new, waiting, undated, past_doubted,
    doubted}, each but `new` (null before the first triage) and `overdue_theirs` the length of a list in LISTS}.
    `past_doubted` is what would be overdue if its date were sure: it may be the generator's, so it is not counted so.
    """
    open_ = Open(asker)
    due = _due(asker)
    counts = {**open_.counts(), "due": len(due), **_proposals(asker), "new": None}
    counts["doubted"] = counts["doubted"] + counts.pop("doubted_proposals")
    new: list[int] = []
    if triaged is not None and triaged.last is not None:
        counts["new"] = counts["proposed"] - _seen(asker, triaged.ids)
        new = _proposed(asker, most, triaged.ids) if counts["new"] else []
    sections = {
        "due": due,
        "overdue": open_.late(LATE, most),
        "planned": open_.planned(most),
        "proposed": list(dict.fromkeys([*new, *_proposed(asker, most)]))[:most],
        "waiting": [key for key in open_.waiting(most) if key not in due],
        "undated": open_.undated(most),
        "past_doubted": open_.late(PAST_DOUBTED, most),
    }
    rows = iter(asker.of([key for keys in sections.values() for key in keys]))
    page: dict[str, Any] = {
        "date": asker.today,
        **{name: list(islice(rows, len(keys))) for name, keys in sections.items()},
    }
    page["due"].sort(key=lambda row: not row["mine"])
    page["meetings"] = [met.row() for met in meetings(asker.conn, since=asker.today, until=asker.today)]
    page["counts"] = {name: counts[name] for name in COUNTS}
    return page


COUNTS = (
    "due",
    "overdue",
    "overdue_theirs",
    "planned",
    "proposed",
    "new",
    "waiting",
    "undated",
    "past_doubted",
    "doubted",
)


def lengths(page: Row, asker: Asker) -> dict[str, int]:
    """How many rows each section of a page that was limited has in all. Those whom others owe today stand in `due` alone."""
    counts = dict(page["counts"])
    counts["waiting"] -= sum(asker.side(row) == "theirs" for row in page["due"])
    return {
        name: counts[name] for name in ("due", "overdue", "planned", "proposed", "waiting", "undated", "past_doubted")
    }


def _due(asker: Asker) -> list[int]:
    """Open tasks due today, by priority."""
    sql = f"""SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE t.state = 'open' AND t.deadline = ?
 AND {real("due")} AND n.excluded IS NULL ORDER BY t.priority, n.path, t.line"""
    return [row[0] for row in asker.conn.execute(sql, (asker.today,))]


def _proposals(asker: Asker) -> dict[str, int]:
    sql = "SELECT total(tasks), total(tasks * doubted) FROM count_days WHERE state = 'proposed'"
    proposed, doubted = map(int, asker.conn.execute(sql).fetchone())
    return {"proposed": proposed, "doubted_proposals": doubted}


def _proposed(asker: Asker, most: int | None, seen: Collection[str] = ()) -> list[int]:
    """Proposals, those of the newest notes first; what triage has seen is left out."""
    sql = """SELECT t.rowid, t.id FROM notes n CROSS JOIN tasks t ON t.note = n.id WHERE n.excluded IS NULL AND t.standing = 0
 ORDER BY n.date DESC, n.path, t.line"""
    found: list[int] = []
    for rowid, identity in asker.conn.execute(sql):
        if identity not in seen:
            found.append(rowid)
            if most is not None and len(found) >= most:
                break
    return found


def _seen(asker: Asker, ids: Iterable[str]) -> int:
    """How many of these ids are proposals still."""
    sql = f"""SELECT count(*) FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value
 WHERE t.standing = 0 AND t.note NOT IN {LEFT_OUT}"""
    return int(asker.conn.execute(sql, (json.dumps(sorted(ids)),)).fetchone()[0])
