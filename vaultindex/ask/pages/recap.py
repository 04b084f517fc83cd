"""After a meeting: who took on what, and what was decided, from one note."""

from __future__ import annotations

import json
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.summary import first_sentence
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold

Row = dict[str, Any]


def recap(asker: Asker, note: str, *, person: str | None = None, anyway: bool = False) -> dict[str, Any]:
    """What a meeting's note left to do, by owner. Raises UnknownName; UsageError while proposals of the note are undecided
    and `anyway` does not say that this is meant.

    {path, title, date, account, participants, summary, mine: tasks, people: [{name, tasks}], nobodys: tasks, decisions: rows,
    counts: {proposed, tasks, decisions}}; `person` leaves only this one's and my tasks. Cancelled tasks are left out.
    """
    from vaultindex.ask import rows as listed

    number, path = names.note(asker.conn, note)
    rows = asker.tasks(("path",), open=True, done=True, note=path, excluded=True)
    undecided = asker.count(proposed=True, note=path, excluded=True)
    if undecided and not anyway:
        one = f"1 proposal of {path} is" if undecided == 1 else f"{undecided} proposals of {path} are"
        raise UsageError(f"{one} not decided on: vi triage --note {path!r} first, or --anyway for a recap without")
    title, date, account, participants = asker.conn.execute(
        "SELECT title, date, account, participants FROM notes WHERE id = ?", (number,)
    ).fetchone()
    who = names.person(asker.conn, person) if person else None
    people: dict[str, list[Row]] = {}
    mine, nobodys = [], []
    for row in rows:
        side = asker.side(row)
        if side == "mine":
            mine.append(row)
        elif side == "nobodys":
            nobodys.append(row)
        elif who is None or fold(row["owner_person"]) in who.keys:
            people.setdefault(row["owner_person"], []).append(row)
    decided = listed.rows(asker.conn, "decisions", note=path, excluded=True)
    return {
        "path": path,
        "title": title,
        "date": date,
        "account": account,
        "participants": json.loads(participants),
        "summary": first_sentence(asker.conn, number),
        "mine": mine,
        "people": [{"name": name, "tasks": some} for name, some in people.items()],
        "nobodys": [] if who else nobodys,
        "decisions": decided,
        "counts": {"proposed": undecided, "tasks": len(rows), "decisions": len(decided)},
    }
