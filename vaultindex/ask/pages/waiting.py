"""What others owe: open tasks of other people, longest waiting first, by person; the same ask of several meetings is one row."""

from __future__ import annotations

import datetime
import json
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.pages.contact import MEETING, days_between
from vaultindex.ask.tasks.open_tasks import Open
from vaultindex.ask.tasks.options import day_ago
from vaultindex.ask.tasks.same_ask import Ask, fold_asks
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.text import fold

Row = dict[str, Any]


def waiting(
    asker: Asker,
    *,
    owner: str | None = None,
    account: str | None = None,
    person: str | None = None,
    older: str | None = None,
    unfold: bool = False,
    most: int | None = None,
) -> dict[str, Any]:
    """What others owe, of one owner, account or meetings with a person; `older` is an age (14d) that the note has at least.

    `most` stops after the people, longest waiting first, of whom so much is asked together; all of theirs is shown.

    {date, people: [{person, tasks, days, asks: [...]}], counts: {people, asks (null where not all were read), tasks}}, the person who
    keeps waiting longest first. An ask is a task with `asked` (a date or null), `days` since then, `times` (in how many notes it stands), `notes`
    (their paths, oldest first) and `quiet` (later meetings with that person in which it did not come up again). `counts.tasks` is the
    length of `vi tasks --theirs --open` for the same options.
    """
    if older:  # the same as `vi tasks --stale`, but what is wrong with it is wrong with the option that was typed
        day_ago(older, datetime.date.fromisoformat(asker.today), "--older")
    given = {"owner": owner, "account": account, "person": person, "stale": older}
    options: dict[str, Any] = {name: value for name, value in given.items() if value}
    rows, asks, people_in_all, total = _asks(asker, options, most, unfold)
    met = _meetings(asker, {fold(row["owner_person"]) for row in rows})
    groups: dict[str, list[Row]] = {}
    for ask in sorted(asks, key=lambda ask: (ask.asked or "9999", ask.row["path"], ask.row["line"])):
        groups.setdefault(ask.row["owner_person"], []).append(shown(ask, asker.today, met))
    people = [
        {"person": name, "tasks": sum(len(ask["notes"]) for ask in some), "days": some[0]["days"], "asks": some}
        for name, some in groups.items()
    ]
    return {
        "date": asker.today,
        "people": people,
        "counts": {
            "people": people_in_all or len(people),
            "asks": len(asks) if total == len(rows) else None,
            "tasks": total,
        },
    }


def _asks(
    asker: Asker, options: dict[str, Any], most: int | None, unfold: bool
) -> tuple[list[Row], list[Ask], int, int]:
    """(the tasks, what they ask, how many people there are in all or 0 when these are all of them, how many tasks in all)."""

    def asked(rows: list[Row]) -> list[Ask]:
        return [Ask(row, [row]) for row in rows] if unfold else fold_asks(rows)

    if most is None or options:
        rows = asker.tasks(("note",), theirs=True, open=True, **options)
        return rows, asked(rows), 0, len(rows)
    open_ = Open(asker)
    total = open_.waiting_count()
    if total <= most:
        rows = asker.of(open_.waiting(None))
        return rows, asked(rows), 0, total
    first = json.dumps(open_.waiting(most))
    sql = "SELECT t.person_key FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value ORDER BY j.key"
    rows, asks, read = [], list[Ask](), set[str]()
    same = {key: keys for keys, _ in names.same(asker.conn, open_.theirs) for key in keys}
    for (key,) in dict.fromkeys(asker.conn.execute(sql, (first,))):
        if len(asks) >= most:
            break  # what is asked of one is never what is asked of another, so nothing that was read changes any more
        if key not in read:
            more = asker.of(open_.waiting_for(same[key]))
            rows += more
            asks += asked(more)
            read.update(same[key])
    return rows, asks, len({one[0] for one in same.values()}), total


def shown(ask: Ask, today: str, met: dict[str, list[tuple[str, str]]]) -> Row:
    """The ask as a row; `met` are the meetings (date, path) of each owner, by folded name."""
    asked = ask.asked
    stands = {row["path"] for row in ask.rows}
    later = met.get(fold(ask.row["owner_person"] or ""), []) if asked else []
    return {
        **ask.row,
        "asked": asked,
        "days": days_between(asked, today) if asked else None,
        "times": ask.times,
        "notes": [row["path"] for row in ask.rows],
        "quiet": sum(date > (asked or "") and path not in stands for date, path in later),
    }


def _meetings(asker: Asker, owners: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Folded name -> (date, path) of the meetings up to today in which this person took part, under whatever name."""
    known = {key: key for key in owners}
    for person in names.with_note(asker.conn, "person", owners):
        if person.note is not None and fold(person.name) in owners:
            known.update(dict.fromkeys(names.own_keys(asker.conn, "person", person.note), fold(person.name)))
    sql = f"""SELECT DISTINCT p.key, n.date, n.path FROM json_each(?) j CROSS JOIN people p ON p.key = j.value
 JOIN notes n ON n.id = p.note WHERE {MEETING} AND n.date <= ?"""
    found: dict[str, set[tuple[str, str]]] = {}
    for key, date, path in asker.conn.execute(sql, (json.dumps(sorted(known)), asker.today)):
        found.setdefault(known[key], set()).add((date, path))
    return {name: sorted(met) for name, met in found.items()}
