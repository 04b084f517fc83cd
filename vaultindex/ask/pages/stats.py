"""Statistics: tasks made and settled, the age of what is open, how much of what was proposed is accepted."""

import datetime
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from vaultindex.ask import names, people
from vaultindex.ask.pages.past import decided
from vaultindex.ask.where import Row
from vaultindex.base.errors import UsageError
from vaultindex.base.ids import text_key
from vaultindex.base.text import fold
from vaultindex.index.schema import ENDED, MADE, PROPOSAL
from vaultindex.state.history import History
from vaultindex.tasks.plugin_settings import STATES
from vaultindex.tasks.urgency import PRIORITIES

BY = ("month", "account", "owner", "source", "priority")


class _Alike(NamedTuple):
    """Tasks that no number tells apart; one task where their rowids are asked for."""

    rowid: int  # 0 for several
    state: str
    made: str | None  # day: ➕, else the note's; only a month for what is settled
    settled: str | None  # month: ✅ or ❌, else when the sync saw it
    verdict: str | None  # accepted, rejected
    groups: tuple[str | None, ...]  # of each thing that is asked


class Group:
    """The tasks under one name, by what the numbers of its row count."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.counts = dict.fromkeys(("made", "settled", "open", "proposed", "accepted", "rejected"), 0)
        self.rows: dict[str, list[int]] = {number: [] for number in self.counts}  # where rowids are asked for
        self.ages: dict[int, int] = {}  # days -> how many open tasks are so old

    def add(self, some: _Alike, many: int, numbers: Sequence[str]) -> None:
        """So many more tasks, which count as these."""
        for number in numbers:
            self.counts[number] += many
            if some.rowid:
                self.rows[number].append(some.rowid)


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
    return several(conn, history, today, me, (by,))[by]


def several(
    conn: sqlite3.Connection, history: History, today: str, me: Sequence[str], by: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The same by each of these, from one look at the tasks."""
    found = _alike(conn, history, me, by)
    return {one: _shown(found, today, one, at) for at, one in enumerate(by)}


def _shown(found: Mapping[_Alike, int], today: str, by: str, at: int) -> dict[str, Any]:
    groups, total, undated = _grouped(found, today, by, at)
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
    groups, _, _ = _grouped(_alike(conn, history, me, (by,), rowids=True), today, by, 0)
    wanted = fold(name)
    for group in groups:
        if fold(group.name or "none") == wanted:
            return group.rows
    from vaultindex.base.text import did_you_mean

    shown = [group.name or "none" for group in groups]
    raise UsageError(f"there is no row {name!r} by {by}.{did_you_mean(name, shown)}")


def _grouped(alike: Mapping[_Alike, int], today: str, by: str, at: int) -> tuple[list[Group], Group, dict[str, int]]:
    """(the groups, one of everything, how many have no day); `at` is the place of `by` among the groups of a task."""
    found: dict[str | None, Group] = {}
    total, undated = Group("all"), {"made": 0, "settled": 0}
    ages: dict[str, int] = {}  # by the day on which it was made
    for some, many in alike.items():
        name = some.groups[at]
        numbers = _numbers(some)
        if by == "month":
            for month, part in _months(some, many, numbers, undated):
                _group(found, month).add(some, many, part)
        elif numbers:
            _group(found, name).add(some, many, numbers)
        total.add(some, many, numbers)
        if "open" in numbers and some.made is not None:
            if some.made not in ages:
                ages[some.made] = max(_days(some.made, today), 0)
            age = ages[some.made]
            for group in (total, found.get(some.made[:7] if by == "month" else name)):
                if group is not None:
                    group.ages[age] = group.ages.get(age, 0) + many
    return list(found.values()), total, undated


def _group(found: dict[str | None, Group], name: str | None) -> Group:
    """The group of this name, which is new when there is none."""
    if name not in found:
        found[name] = Group(name)
    return found[name]


def _numbers(some: _Alike) -> tuple[str, ...]:
    """What a task counts as."""
    if some.state == "proposed":
        return ("proposed",)
    verdict = () if some.verdict is None else (some.verdict,)
    if some.verdict == "rejected" or some.state == "other":
        return verdict
    return ("made", "open" if some.state == "open" else "settled", *verdict)


def _months(
    some: _Alike, many: int, numbers: Sequence[str], undated: dict[str, int]
) -> list[tuple[str, Sequence[str]]]:
    """(month, what these tasks count as there)."""
    months: list[tuple[str, Sequence[str]]] = []
    at_end = [number for number in numbers if number in ("settled", "accepted", "rejected")]
    for day, part in ((some.made, [n for n in numbers if n not in at_end]), (some.settled or some.made, at_end)):
        if not part:
            continue
        if day is None or (some.settled is None and "settled" in part):
            undated["settled" if "settled" in part else "made"] += many
            part = [number for number in part if number != "settled"] if day is not None else []
        if part and day is not None:
            months.append((day[:7], part))
    return months


_KEYS = {
    "month": "NULL", "account": "n.account_key", "owner": "coalesce(nullif(t.person_key, ''), t.owner_key)",
    "source": "ifnull(n.source, n.type)", "priority": "t.priority",
}  # fmt: skip


def _alike(
    conn: sqlite3.Connection, history: History, me: Sequence[str], by: Sequence[str], rowids: bool = False
) -> dict[_Alike, int]:
    """How many tasks there are of each kind that some number tells apart; with `rowids` each task by itself.

    All are counted as their lines have it, then those of which more is known (a verdict, the day on which the sync saw them
    settled) are moved. Raises UsageError for what has no statistics.
    """
    for one in by:
        if one not in BY:
            raise UsageError(f"there are no statistics by {one!r}: {', '.join(BY)}")
    # A whole day only where it says an age: the fewer rows differ, the fewer there are.
    made, ended = MADE, ENDED
    if "month" not in by:
        made, ended = f"CASE t.standing WHEN {STATES.index('open')} THEN ifnull(t.created, n.date) END", "NULL"
    columns = f"{'t.rowid' if rowids else '0'}, t.standing, {made}, {ended}, {PROPOSAL}, {', '.join(_KEYS[one] for one in by)}"
    moment = conn.execute("SELECT 1 FROM tasks")  # left open: the index stays as it is until all is counted
    counted = Counter[tuple[Any, ...]]()
    if tuple(by) == ("month",) and not rowids:  # the index keeps them counted
        kept = "SELECT 0, standing, nullif(made, ''), nullif(ended, ''), proposal, NULL, tasks FROM count_made WHERE tasks > 0"
        counted.update({tuple(row): many for *row, many in conn.execute(kept)})
    else:
        sql = f"SELECT {columns} FROM tasks t JOIN notes n ON n.id = t.note WHERE n.excluded IS NULL"
        if rowids:  # a list has an order
            sql += " ORDER BY t.note, t.standing, t.rowid"
        counted.update(conn.execute(sql))  # (less time than a GROUP BY, which sorts)
    named = [_names(conn, one, me) for one in by]
    remembered = [
        (row, _kind(row, named, settled, verdict)) for row, settled, verdict in _remembered(conn, history, columns)
    ]
    found: dict[_Alike, int] = {}
    if rowids:
        better = dict(remembered)
        found = {better.get(row) or _kind(row, named): 1 for row in counted}
    else:
        counted.subtract(row for row, _ in remembered)
        kinds = [
            *((_kind(row, named), many) for row, many in counted.items() if many),
            *((kind, 1) for _, kind in remembered),
        ]
        for kind, many in kinds:
            found[kind] = found.get(kind, 0) + many
    moment.close()
    return found


def _kind(
    row: tuple[Any, ...], named: Sequence[Mapping[Any, str]], settled: str | None = None, verdict: str | None = None
) -> _Alike:
    """What such a row is; a verdict of our own and the day of its end beside what the line says."""
    rowid, standing, made, ended, proposal, *keys = row
    state = STATES[standing]
    if verdict is None and proposal and state in _LINE_SAYS:
        verdict = _LINE_SAYS[state]
    groups = tuple(names_of.get(key, key) if key is not None else None for key, names_of in zip(keys, named))
    return _Alike(rowid, state, made, ended or settled, verdict, groups)


_LINE_SAYS = {"done": "accepted", "cancelled": "rejected"}  # of what is tagged as a proposal


def _remembered(
    conn: sqlite3.Connection, history: History, columns: str
) -> Iterator[tuple[tuple[Any, ...], str | None, str | None]]:
    """(its row of these columns, month of its end, verdict) of each task of which more is known than its line says."""
    verdicts = decided(conn, history)
    ticked = {event.task: event.day for event in history.events() if event.what == "state"}
    seen = {one[2]: one[0] for one in (*verdicts.accepted.values(), *verdicts.rejected.values()) if one[2]}
    if not (ticked or verdicts.accepted or verdicts.rejected):
        return
    yes, no = ({one[2] for one in side.values() if one[2]} for side in (verdicts.accepted, verdicts.rejected))
    ids = json.dumps([*ticked, *seen])
    paths = json.dumps(list({path for path, _ in (*verdicts.accepted, *verdicts.rejected)}))
    sql = f"""WITH some(key) AS (SELECT t.rowid FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value
 UNION SELECT t.rowid FROM json_each(?) j CROSS JOIN notes n ON n.path = j.value CROSS JOIN tasks t ON t.note = n.id)
 SELECT t.id, n.path, t.text, {columns} FROM some CROSS JOIN tasks t ON t.rowid = some.key
 CROSS JOIN notes n ON n.id = t.note WHERE n.excluded IS NULL"""
    for task, path, text, *row in conn.execute(sql, (ids, paths)):
        state, proposal = STATES[row[1]], row[4]
        if state not in ("open", "done", "cancelled"):
            continue
        verdict = _LINE_SAYS.get(state) if proposal else None
        if verdict is None:
            place = (path, text_key(text))
            if state == "cancelled" and (task in no or place in verdicts.rejected):
                verdict = "rejected"
            elif task in yes or place in verdicts.accepted:
                verdict = "accepted"
        settled = ticked.get(task) if state in ("done", "cancelled") else None
        if verdict is not None and settled is None:
            settled = seen.get(task)
        yield tuple(row), settled and settled[:7], verdict


def _names(conn: sqlite3.Connection, by: str, me: Sequence[str]) -> dict[Any, str]:
    """Key of the index -> the name to show."""
    if by == "priority":
        return dict(enumerate(PRIORITIES))
    if by not in ("account", "owner"):
        return {}
    every = names.candidates(conn, "account" if by == "account" else "person")
    by_key = {c.key: c.name for c in every}
    shown: dict[Any, str] = {key: by_key[owner] for key, owner in people.by_name(every).items()}
    if by == "owner":
        shown.update({fold(name.lstrip("@")): "me" for name in me})
    return shown


def _row(group: Group) -> Row:
    counts, ages = group.counts, sorted(group.ages.items())
    asked = counts["accepted"] + counts["rejected"]
    return {
        "name": group.name, **counts, "age": _percentile(ages, 50), "age_90": _percentile(ages, 90),
        "acceptance": round(counts["accepted"] / asked, 3) if asked else None,
    }  # fmt: skip


def _percentile(ordered: Sequence[tuple[int, int]], percent: int) -> int | None:
    """The smallest number that is at least as large as so many percent of them, of (number, how often); None of nothing."""
    left = max(-(-sum(often for _, often in ordered) * percent // 100), 1)
    for number, often in ordered:
        left -= often
        if left <= 0:
            return number
    return None


def _days(first: str, last: str) -> int:
    try:
        return (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days
    except ValueError:  # a date as written may not exist
        return 0
