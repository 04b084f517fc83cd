"""Tasks as the JSON contract shows them: selected by the query engine's filters, made only as they are asked for."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vaultindex.ask.tasks.contract import FIELDS as FIELDS
from vaultindex.ask.tasks.contract import texts, values
from vaultindex.ask.where import LEFT_OUT
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.query.terms import urgency_term
from vaultindex.tasks.plugin_settings import DATES

if TYPE_CHECKING:
    from vaultindex.query.nodes.tree import Node
    from vaultindex.tasks.plugin_settings import TaskSettings

Row = dict[str, Any]

_SORTS = {
    "due": "t.deadline IS NULL, t.deadline",
    "scheduled": "t.scheduled IS NULL, t.scheduled",
    "start": "t.start IS NULL, t.start",
    "created": "t.created IS NULL, t.created",
    "done": "t.done IS NULL, t.done DESC",
    "happens": "t.comes IS NULL, t.comes",
    "priority": "t.priority",
    "urgency": "",
    "account": "n.account_key IS NULL, n.account_key",
    "owner": "t.person_key IS NULL, t.person_key",
    "note": "n.date IS NULL, n.date DESC, n.path, t.line",
    "path": "n.path, t.line",
}
DEFAULT_SORT = ("due", "priority")


def order_by(sort: Sequence[str], today: str) -> tuple[str, list[object]]:
    """The ORDER BY clause for these field names ('-due' turns one round), with its parameters. Raises UsageError."""
    parts: list[str] = []
    values: list[object] = []
    for name in sort:
        key = name.strip().lower()
        turned = key.startswith("-")
        key = key.lstrip("-+")
        if key not in _SORTS:
            from vaultindex.base.text import did_you_mean

            hint = did_you_mean(key, list(_SORTS))
            raise UsageError(f"cannot sort by {name!r}.{hint} Fields: {', '.join(_SORTS)}")
        if key == "urgency":
            term = urgency_term(today, "t.deadline")
            values += term.params
            parts.append(term.sql + ("" if turned else " DESC"))
            continue
        for part in _SORTS[key].split(", "):
            if turned and not part.endswith("IS NULL"):
                part = part.removesuffix(" DESC") if part.endswith(" DESC") else part + " DESC"
            parts.append(part)
    return ", ".join([*parts, "n.path", "t.line"]), values


class Found:
    """Matching tasks in order. Their rowids are known at once; their fields are read when they are asked for.

    As dictionaries they have all fields, or those of `only`.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        keys: Sequence[int],
        today: str,
        me: Sequence[str],
        *,
        only: Sequence[str] | None = None,
        moment: sqlite3.Cursor | None = None,
    ) -> None:
        self.keys = keys  # rowids
        self._only = only
        self._conn, self._today, self._me = conn, today, me
        self._moment = moment  # an open cursor, so that the index stays as it was when the keys were found

    def __len__(self) -> int:
        return len(self.keys)

    def whole(self) -> Found:
        """The same tasks with all their fields."""
        return Found(self._conn, self.keys, self._today, self._me, moment=self._moment)

    def due_days(self) -> int:
        """How many different due dates they have, none being one."""
        sql = (
            "SELECT count(DISTINCT ifnull(t.deadline, '')) FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value"
        )
        return int(self._conn.execute(sql, (json.dumps(self.keys),)).fetchone()[0])

    def texts(self, only: Sequence[str] | None = None) -> Iterator[bytes]:
        """Each task as a JSON object; `only` limits and orders the fields."""
        return texts(self._conn, self.keys, self._today, self._me, only)

    def __iter__(self) -> Iterator[Row]:
        return values(self._conn, self.keys, self._today, self._me, self._only)


def select(
    conn: sqlite3.Connection,
    filters: Iterable[Node],
    *,
    today: str,
    me: Sequence[str],
    sort: Sequence[str] = DEFAULT_SORT,
    limit: int | None = None,
    only: Sequence[str] | None = None,
) -> Found:
    """The tasks that pass all filters, in order, from one consistent snapshot of the index."""
    clauses, values = where(conn, filters, today)
    order, more = order_by(sort, today)
    moment = conn.execute("SELECT 1 FROM tasks")
    if limit is not None and sort and sort[0].strip().lower() == "due":
        edge = _due_until(conn, clauses, values, limit)
        if edge is not None:
            clauses, values = f"{clauses} AND t.deadline <= ?", [*values, edge]
    sql = f"SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note{clauses} ORDER BY {order}"
    if limit is not None:
        sql += f" LIMIT {int(limit)}"
    return Found(conn, [row[0] for row in conn.execute(sql, [*values, *more])], today, me, only=only, moment=moment)


def _due_until(conn: sqlite3.Connection, clauses: str, values: Sequence[Any], limit: int) -> str | None:
    """The day by which the first so many tasks are due; None where that is not known for less than a look at all of them.

    A screen of a long list then puts in order what is due by that day, not thousands of tasks with the paths of their notes.
    """
    from vaultindex.query.nodes.tree import FUNCTION

    if not clauses or limit < 1 or FUNCTION in clauses:  # our own functions cost more than the order
        return None
    sql = f"SELECT t.deadline FROM tasks t{clauses} AND t.deadline IS NOT NULL ORDER BY t.deadline LIMIT 1 OFFSET {int(limit) - 1}"
    row = conn.execute(sql, values).fetchone()
    return row[0] if row else None


def count(conn: sqlite3.Connection, filters: Iterable[Node], today: str) -> dict[str, int]:
    """How many tasks of each state pass the filters."""
    clauses, values = where(conn, filters, today)
    sql = f"SELECT t.state, count(*) FROM tasks t{clauses} GROUP BY t.state"
    return dict(conn.execute(sql, values).fetchall())


def overdue_count(conn: sqlite3.Connection, today: str) -> int:
    """How many unsettled tasks of listed notes are overdue, as `count` says for the filters Listed, OPEN and overdue: from what
    the index keeps counted, since every list that is due some day says so."""
    sql = "SELECT total(tasks) FROM count_days WHERE real AND day < ? AND day <> ''"
    return int(conn.execute(sql, (today,)).fetchone()[0])


def where(conn: sqlite3.Connection, filters: Iterable[Node], today: str) -> tuple[str, list[Any]]:
    """The WHERE clause and its parameters."""
    from vaultindex.query.nodes.tree import Context
    from vaultindex.tasks.plugin_settings import TaskSettings

    context = Context(today, TaskSettings(), conn)
    clauses: list[str] = []
    values: list[Any] = []
    for node in filters:
        clause = node.sql(context)
        clauses.append(f"({clause.sql})")
        values += clause.params
    return (" WHERE " + " AND ".join(clauses) if clauses else ""), values


def of_note(conn: sqlite3.Connection, path: str, today: str, me: Sequence[str]) -> list[Row]:
    """Every task of one note, in the order of its lines."""
    sql = "SELECT t.rowid FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ? ORDER BY t.line"
    return of_rowids(conn, [row[0] for row in conn.execute(sql, (path,))], today, me)


def of_rowids(conn: sqlite3.Connection, keys: Sequence[int], today: str, me: Sequence[str]) -> list[Row]:
    """The tasks with these rowids, in this order."""
    return list(Found(conn, keys, today, me))


class ShortIds(dict[str, str]):
    """Each id cut to its shortest unambiguous prefix (three characters at least)."""

    def __init__(self, conn: sqlite3.Connection, table: str = "tasks") -> None:
        self._conn, self._table = conn, table
        self._every: list[str] = []
        # From so many on, one pass over all ids beats two look-ups each.
        self._few = max(500, (conn.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0) // 20)

    def __missing__(self, full: str) -> str:
        self[full] = short = full[: max(3, *(_common(full, other) + 1 for other in self._neighbours(full)))]
        return short

    def _neighbours(self, full: str) -> tuple[str, str]:
        if len(self) < self._few:
            one = f"ifnull((SELECT id FROM {self._table} WHERE id {{}} ?1 ORDER BY id {{}} LIMIT 1), '')"
            sql = f"SELECT {one.format('<', 'DESC')}, {one.format('>', '')}"
            before, after = self._conn.execute(sql, (full,)).fetchone()
            return before, after
        if not self._every:
            self._every = ["", *(row[0] for row in self._conn.execute(f"SELECT id FROM {self._table} ORDER BY id")), ""]
        at = bisect_left(self._every, full, 1, len(self._every) - 1)
        return self._every[at - 1], self._every[at + 1]


def short_ids(conn: sqlite3.Connection, ids: Iterable[str]) -> dict[str, str]:
    """These ids, each cut to its shortest unambiguous prefix."""
    short = ShortIds(conn)
    return {full: short[full] for full in ids}


def _common(a: str, b: str) -> int:
    """How many characters two ids begin with alike."""
    same = 0
    while same < len(a) and same < len(b) and a[same] == b[same]:
        same += 1
    return same


def by_id(conn: sqlite3.Connection, text: str) -> tuple[str, int]:
    """(path, line) of the task that an id prefix, `path:line`, 🆔 or ^block id means. Raises UnknownName."""
    path, _, line = text.rpartition(":")
    if path and line.isdigit():
        rows = conn.execute(
            "SELECT DISTINCT n.path, t.line FROM tasks t JOIN notes n ON n.id = t.note WHERE t.line = ? AND (n.path = ? OR n.path = ? || '.md')",
            (int(line), path, path),
        ).fetchall()
    else:
        sql = "SELECT n.path, t.line, t.text FROM tasks t JOIN notes n ON n.id = t.note WHERE "
        key = text.lower()
        rows = (
            conn.execute(sql + "t.id >= ? AND t.id < ? ORDER BY n.path, t.line LIMIT 9", (key, key + "~")).fetchall()
            if key.isalnum()
            else []
        )
        rows = rows or conn.execute(sql + "t.task_id = ? LIMIT 9", (text,)).fetchall()
        rows = rows or conn.execute(sql + "t.block_id <> '' AND t.block_id = ? LIMIT 9", (text.lstrip("^"),)).fetchall()
    if len(rows) == 1:
        return rows[0][0], rows[0][1]
    if rows:
        listed = "; ".join(f"{r[0]}:{r[1]}" for r in rows[:8])
        raise UnknownName(f"{text!r} could be {listed}: give more of the id")
    raise UnknownName(f"no task has the id {text!r}: ids stand in the first column of vi tasks")


def lint(conn: sqlite3.Connection) -> list[Row]:
    """Fields that the plugin does not see and dates that do not exist, with the line as it should be written."""
    from vaultindex.ask.tasks.unseen import in_words
    from vaultindex.dates.days import ordinal
    from vaultindex.tasks.line import mend_line, sloppy_dates_mended

    found: list[Row] = []
    sql = """SELECT n.path, t.line, t.raw, t.invalid, t.stray, t.due, t.scheduled, t.start, t.created, t.done, t.cancelled
 FROM tasks t JOIN notes n ON n.id = t.note WHERE (t.invalid IS NOT NULL OR t.stray IS NOT NULL) AND n.excluded IS NULL
 ORDER BY n.path, t.line"""
    settings = plugin_settings(conn)
    for path, line, raw, invalid, stray, *dates in conn.execute(sql):

        def note(kind: str, what: str, fix: str | None, place: tuple[Any, ...] = (path, line, raw)) -> None:
            found.append({"path": place[0], "line": place[1], "kind": kind, "what": what, "fix": fix, "raw": place[2]})

        for name in invalid.strip(",").split(",") if invalid else ():
            value = dict(zip(DATES, dates))[name]
            note("date", f"{name} {value} is not a date of the calendar: write one that exists", None)
        hidden = json.loads(stray) if stray else []
        dates_meant = [(n, v) for n, v in hidden if n in DATES and ordinal(v) is None]
        for name, value in dates_meant:
            if _AS_WRITTEN.fullmatch(value):
                note("date", f"{name} {value} is not a date of the calendar: write one that exists", None)
            else:
                better = sloppy_dates_mended(raw, settings)
                what = f"{name} {value} is no date for the Tasks plugin: it reads YYYY-MM-DD"
                note("date", what, better.strip() if better != raw else None)
        if len(hidden) > len(dates_meant):
            fields = ", ".join(f"{n} {v}".rstrip() for n, v in hidden if (n, v) not in dates_meant)
            better = mend_line(raw, settings)
            what = f"{fields}: text follows, so the Tasks plugin does not see it"
            note("stray", what, better.strip() if better != raw else None)
    boxes = """SELECT p.path, p.line, p.what FROM problems p JOIN notes n ON n.id = p.file
 WHERE p.kind = 'box' AND n.excluded IS NULL"""
    found += [
        {"path": path, "line": line, "kind": "box", "what": what, "fix": None, "raw": ""}
        for path, line, what in conn.execute(boxes)
    ]
    found += in_words(conn, settings)
    return sorted(found, key=lambda row: (row["path"], row["line"]))


_AS_WRITTEN = lazy_pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def plugin_settings(conn: sqlite3.Connection) -> TaskSettings:
    """The vault's Tasks settings as they were when the index was made equal to the vault."""
    from vaultindex.tasks.plugin_settings import TaskSettings

    row = conn.execute("SELECT value FROM meta WHERE key = 'plugin'").fetchone()
    return TaskSettings.from_plugin(json.loads(row[0]) if row else {})


def stray_count(conn: sqlite3.Connection, keys: Sequence[int]) -> int:
    """How many of the tasks with these rowids have a field that the Tasks plugin does not see."""
    sql = """SELECT count(*) FROM tasks WHERE stray IS NOT NULL AND state IN ('open', 'proposed')
 AND rowid IN (SELECT value FROM json_each(?))"""
    return int(conn.execute(sql, (json.dumps(list(keys)),)).fetchone()[0])


def left_out_count(conn: sqlite3.Connection) -> int:
    """How many unsettled tasks stand in notes that lists leave out."""
    # ("+" keeps SQLite from choosing another index than the one made for the question.)
    sql = f"SELECT count(*) FROM tasks WHERE note IN {LEFT_OUT} AND +state IN ('open', 'proposed')"
    return int(conn.execute(sql).fetchone()[0])
