"""Statistics: tasks made and settled, the age of what is open, how much of what was proposed is accepted."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from vaultindex.ask import names, people
from vaultindex.ask.pages.past import decided
from vaultindex.ask.where import Row
from vaultindex.base.errors import UsageError
from vaultindex.base.ids import text_key
from vaultindex.base.text import fold
from vaultindex.state.history import History
from vaultindex.tasks.plugin_settings import STATES
from vaultindex.tasks.urgency import PRIORITIES

BY = ("month", "account", "owner", "source", "priority")


class _Task(NamedTuple):
    rowid: int
    id: str
    state: str
    made: str | None  # day: ➕, else the note's
    settled: str | None  # day: ✅ or ❌, else the day on which the sync saw it
    group: str | None  # of what is asked, but for months
    verdict: str | None  # accepted, rejected


class Group:
    """The tasks under one name, by what the numbers of its row count."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.rows: dict[str, list[int]] = {
            "made": [], "settled": [], "open": [], "proposed": [], "accepted": [], "rejected": [],
        }  # fmt: skip
        self.ages: list[int] = []


def stats(
    conn: sqlite3.Connection, history: History, today: str, me: Sequence[str], by: str = "month"
) -> dict[str, Any]:
    """`by`, `rows`, `total` (a row of everything), `commands` (what shows the tasks behind a number; NAME is a row's).

    A row: `name` (None: without one), `made` (open, done and cancelled tasks, but no rejected proposals), `settled` (done
    and cancelled), `open`, `proposed`, `age` and `age_90` (days since the open ones were made: median and 90th percentile),
    `accepted`, `rejected`, `acceptance` (accepted of both, None without any). By month a task counts as made in one month
    and settled in another, and `undated` says how many have no day for that; its `open` and `proposed` are of those made
    then. Raises UsageError for another `by`.
    """
    groups, total, undated = _grouped(conn, history, today, me, by)
    rows = [_row(group) for group in groups]
    if by == "month":
        rows.sort(key=lambda row: str(row["name"]))
    elif by == "priority":
        rows.sort(key=lambda row: PRIORITIES.index(row["name"]))
    else:
        rows.sort(key=lambda row: (row["name"] is None, -row["made"] - row["proposed"], fold(row["name"] or "")))
    one = f"vi stats --by {by} --list NAME"
    return {
        "by": by, "today": today, "rows": rows, "total": _row(total), "undated": undated,
        "commands": dict.fromkeys(("made", "settled", "open", "proposed", "accepted", "rejected"), one),
    }  # fmt: skip


def tasks_behind(
    conn: sqlite3.Connection, history: History, today: str, me: Sequence[str], by: str, name: str
) -> dict[str, list[int]]:
    """The rowids behind each number of one row; a task may stand behind several. Raises UsageError for a name that has
    no row."""
    groups, _, _ = _grouped(conn, history, today, me, by)
    wanted = fold(name)
    for group in groups:
        if fold(group.name or "none") == wanted:
            return group.rows
    from vaultindex.base.text import did_you_mean

    shown = [group.name or "none" for group in groups]
    raise UsageError(f"there is no row {name!r} by {by}.{did_you_mean(name, shown)}")


def _grouped(
    conn: sqlite3.Connection, history: History, today: str, me: Sequence[str], by: str
) -> tuple[list[Group], Group, dict[str, int]]:
    if by not in BY:
        raise UsageError(f"there are no statistics by {by!r}: {', '.join(BY)}")
    found: dict[str | None, Group] = {}
    total, undated = Group("all"), {"made": 0, "settled": 0}
    for task in _tasks(conn, history, me, by):
        numbers = _numbers(task)
        for group, some in _places(task, by, found, numbers, undated):
            for number in some:
                group.rows[number].append(task.rowid)
        for number in numbers:
            total.rows[number].append(task.rowid)
        if "open" in numbers and task.made is not None:
            age = max(_days(task.made, today), 0)
            total.ages.append(age)
            where = found.get(task.made[:7] if by == "month" else task.group)
            if where is not None:
                where.ages.append(age)
    return list(found.values()), total, undated


def _numbers(task: _Task) -> list[str]:
    """What a task counts as."""
    numbers = [] if task.verdict is None else [task.verdict]
    if task.state == "proposed":
        return ["proposed"]
    if task.verdict == "rejected" or task.state == "other":
        return numbers
    return ["made", "open" if task.state == "open" else "settled", *numbers]


def _places(
    task: _Task, by: str, found: dict[str | None, Group], numbers: list[str], undated: dict[str, int]
) -> list[tuple[Group, list[str]]]:
    """(group, what the task counts as there)."""
    if by != "month":
        return [(found.setdefault(task.group, Group(task.group)), numbers)] if numbers else []
    places = []
    at_end = [number for number in numbers if number in ("settled", "accepted", "rejected")]
    for day, some in ((task.made, [n for n in numbers if n not in at_end]), (task.settled or task.made, at_end)):
        if not some:
            continue
        if day is None or (task.settled is None and "settled" in some):
            undated["settled" if "settled" in some else "made"] += 1
            some = [number for number in some if number != "settled"] if day is not None else []
        if some and day is not None:
            places.append((found.setdefault(day[:7], Group(day[:7])), some))
    return places


def _tasks(conn: sqlite3.Connection, history: History, me: Sequence[str], by: str) -> list[_Task]:
    verdicts = decided(conn, history)
    seen = {one[2]: one[0] for one in (*verdicts.accepted.values(), *verdicts.rejected.values()) if one[2]}
    yes, no = ({one[2] for one in side.values() if one[2]} for side in (verdicts.accepted, verdicts.rejected))
    ticked = {event.task: event.day for event in history.events() if event.what == "state"}
    named = _names(conn, by, me)
    sql = """SELECT t.rowid, t.id, t.standing, t.created, n.date, ifnull(t.done, t.cancelled), t.priority, t.person_key, t.owner_key,
 n.account_key, ifnull(n.source, n.type), t.tags, n.path, t.text FROM tasks t JOIN notes n ON n.id = t.note WHERE n.excluded IS NULL"""
    found = []
    for (
        rowid,
        task,
        standing,
        created,
        dated,
        end,
        priority,
        person,
        owner,
        account,
        source,
        tags,
        path,
        text,
    ) in conn.execute(sql):
        state = STATES[standing]
        place = (path, text_key(text)) if verdicts.accepted or verdicts.rejected else ("", "")
        proposal = "#proposed" in tags.lower()
        verdict = None
        if state == "cancelled" and (task in no or place in verdicts.rejected or proposal):
            verdict = "rejected"
        elif state in ("open", "done", "cancelled") and (
            task in yes or place in verdicts.accepted or (proposal and state == "done")
        ):
            verdict = "accepted"
        settled = end or ticked.get(task) if state in ("done", "cancelled") else None
        if verdict is not None and settled is None:
            settled = seen.get(task)
        key = {"account": account, "owner": person or owner, "source": source, "priority": PRIORITIES[priority]}.get(by)
        group = named.get(key, key) if key is not None else None
        found.append(_Task(rowid, task, state, created or dated, settled, group, verdict))
    return found


def _names(conn: sqlite3.Connection, by: str, me: Sequence[str]) -> dict[str, str]:
    """Folded key -> the name to show."""
    if by not in ("account", "owner"):
        return {}
    every = names.candidates(conn, "account" if by == "account" else "person")
    by_key = {c.key: c.name for c in every}
    shown = {key: by_key[owner] for key, owner in people.by_name(every).items()}
    if by == "owner":
        shown.update({fold(name.lstrip("@")): "me" for name in me})
    return shown


def _row(group: Group) -> Row:
    rows, ages = group.rows, sorted(group.ages)
    asked = len(rows["accepted"]) + len(rows["rejected"])
    return {
        "name": group.name, **{number: len(some) for number, some in rows.items()},
        "age": _percentile(ages, 50), "age_90": _percentile(ages, 90),
        "acceptance": round(len(rows["accepted"]) / asked, 3) if asked else None,
    }  # fmt: skip


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest of these numbers that is at least as large as so many percent of them; None of nothing."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1] if ordered else None


def _days(first: str, last: str) -> int:
    try:
        return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
    except ValueError:  # a date as written may not exist
        return 0
