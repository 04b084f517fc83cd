"""Tasks as the JSON contract shows them: selected by the query engine's filters, dressed with owner, account, doubt."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vaultindex.ask import names
from vaultindex.errors import NameError_, UsageError
from vaultindex.schema import SECTION
from vaultindex.text import fold

if TYPE_CHECKING:
    from vaultindex.query.tree import Node
    from vaultindex.statuses import TaskSettings

Row = dict[str, Any]

FIELDS = (
    "id", "path", "line", "text", "raw", "status", "status_type", "state", "priority", "due", "scheduled", "start",
    "created", "done", "cancelled", "happens", "urgency", "recurrence", "on_completion", "task_id", "depends_on",
    "block_id", "tags", "owner", "owner_person", "mine", "links", "heading", "section", "parent", "note_title",
    "note_date", "note_type", "account", "account_note", "project", "participants", "overdue", "date_doubt", "problems",
)  # fmt: skip
PRIORITIES = ("highest", "high", "medium", "none", "low", "lowest")
DATES = ("due", "scheduled", "start", "created", "done", "cancelled")

_COLUMNS = f"""t.id, n.path, t.line, t.text, t.raw, t.status, t.status_type, t.state, t.priority, t.due, t.scheduled,
 t.start, t.created, t.done, t.cancelled, t.happens, t.recurrence, t.on_completion, t.task_id, t.depends_on, t.block_id,
 t.tags, t.owner, t.owner_key, t.owner_person, t.person_key, t.links, t.heading, {SECTION}, t.parent, n.title, n.date,
 n.type, n.account, n.account_key, n.project, n.participants, t.date_doubt, t.invalid, t.stray"""


def urgency_sql(today: str) -> str:
    """The plugin's urgency (spec/tasks.md section 9) as SQL, so that SQLite can order by it; `today` is an ISO date."""
    late = f"(julianday('{today}') - julianday(t.due))"
    return f"""(CASE WHEN t.due IS NULL OR instr(ifnull(t.invalid, ''), ',due,') THEN 0 WHEN {late} >= 7 THEN 12
 WHEN {late} >= -14 THEN 12 * (({late} + 14) * 0.8 / 21 + 0.2) ELSE 2.4 END
 + CASE WHEN t.scheduled <= '{today}' AND NOT instr(ifnull(t.invalid, ''), ',scheduled,') THEN 5 ELSE 0 END
 - CASE WHEN t.start > '{today}' AND NOT instr(ifnull(t.invalid, ''), ',start,') THEN 3 ELSE 0 END
 + CASE t.priority WHEN 0 THEN 9 WHEN 1 THEN 6 WHEN 2 THEN 3.9 WHEN 3 THEN 1.95 WHEN 4 THEN 0 ELSE -1.8 END)"""


_SORTS = {
    "due": "t.due IS NULL, t.due",
    "scheduled": "t.scheduled IS NULL, t.scheduled",
    "start": "t.start IS NULL, t.start",
    "created": "t.created IS NULL, t.created",
    "done": "t.done IS NULL, t.done DESC",
    "happens": "t.happens IS NULL, t.happens",
    "priority": "t.priority",
    "urgency": "",
    "account": "n.account_key IS NULL, n.account_key",
    "owner": "t.person_key IS NULL, t.person_key",
    "note": "n.date IS NULL, n.date DESC, n.path, t.line",
    "path": "n.path, t.line",
}
DEFAULT_SORT = ("due", "priority")


def order_by(sort: Sequence[str], today: str) -> str:
    """The ORDER BY clause for these field names ('-due' turns one round). Raises UsageError."""
    parts = []
    for name in sort:
        key = name.strip().lower()
        turned = key.startswith("-")
        key = key.lstrip("-+")
        if key not in _SORTS:
            from vaultindex.text import nearest

            close = nearest(key, list(_SORTS), 1)
            raise UsageError(
                f"cannot sort by {name!r}."
                + (f" Did you mean {close[0]}?" if close else "")
                + f" Fields: {', '.join(_SORTS)}"
            )
        for part in [urgency_sql(today) + " DESC"] if key == "urgency" else _SORTS[key].split(", "):
            if turned and not part.endswith("IS NULL"):
                part = part.removesuffix(" DESC") if part.endswith(" DESC") else part + " DESC"
            parts.append(part)
    return ", ".join([*parts, "n.path", "t.line"])


def select(
    conn: sqlite3.Connection,
    filters: Iterable[Node],
    *,
    today: str,
    me: Sequence[str],
    sort: Sequence[str] = DEFAULT_SORT,
    limit: int | None = None,
) -> Iterator[Row]:
    """The tasks that pass all filters, in order, dressed as the contract says; made one by one as they are read."""
    clauses, values = where(conn, filters, today)
    sql = f"SELECT {_COLUMNS} FROM tasks t JOIN notes n ON n.id = t.note{clauses} ORDER BY {order_by(sort, today)}"
    if limit is not None:
        sql += f" LIMIT {int(limit)}"
    return dress(conn, conn.execute(sql, values), today, me)


def count(conn: sqlite3.Connection, filters: Iterable[Node], today: str) -> dict[str, int]:
    """How many tasks of each state pass the filters."""
    clauses, values = where(conn, filters, today)
    sql = f"SELECT t.state, count(*) FROM tasks t{clauses} GROUP BY t.state"
    return dict(conn.execute(sql, values).fetchall())


def where(conn: sqlite3.Connection, filters: Iterable[Node], today: str) -> tuple[str, list[Any]]:
    """The WHERE clause and its parameters."""
    from vaultindex.query.tree import Context
    from vaultindex.statuses import TaskSettings

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
    sql = f"SELECT {_COLUMNS} FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ? ORDER BY t.line"
    return list(dress(conn, conn.execute(sql, (path,)), today, me))


def of_rowids(conn: sqlite3.Connection, keys: Sequence[int], today: str, me: Sequence[str]) -> list[Row]:
    """The tasks with these rowids, in this order."""
    sql = f"""SELECT {_COLUMNS} FROM json_each(?) j JOIN tasks t ON t.rowid = j.value JOIN notes n ON n.id = t.note
 ORDER BY j.key"""
    return list(dress(conn, conn.execute(sql, (json.dumps(list(keys)),)), today, me))


def dress(conn: sqlite3.Connection, rows: Iterable[tuple[Any, ...]], today: str, me: Sequence[str]) -> Iterator[Row]:
    """Rows of the columns above as dictionaries of the contract."""
    import datetime

    from vaultindex.days import urgency

    mine = {fold(name.lstrip("@")) for name in me}
    accounts = names.shown_accounts(conn)
    people = names.ShownPeople(conn)
    day = datetime.date.fromisoformat(today)
    listed = _Lists({"[]": []})
    urgencies: dict[tuple[Any, ...], float] = {}

    for r in rows:
        (
            id_, path, line, text, raw, status, status_type, state, priority, due, scheduled, start, created, done, cancelled,
            happens, recurrence, on_completion, task_id, depends_on, block_id, tags, owner, owner_key, owner_person, person_key,
            links, heading, section, parent, title, date, type_, account, account_key, project, participants, doubt, invalid, stray,
        ) = r  # fmt: skip
        named = accounts.get(account_key) if account_key else None
        valid = invalid is None or ",due," not in invalid
        key = (due, scheduled, start, priority)
        urgent = urgencies.get(key)
        if urgent is None:
            urgent = urgencies[key] = round(urgency(_Dates(due, scheduled, start, PRIORITIES[priority]), day), 6)
        yield {
            "id": id_,
            "path": path,
            "line": line,
            "text": text,
            "raw": raw,
            "status": status,
            "status_type": status_type,
            "state": state,
            "priority": PRIORITIES[priority],
            "due": due,
            "scheduled": scheduled,
            "start": start,
            "created": created,
            "done": done,
            "cancelled": cancelled,
            "happens": happens,
            "urgency": urgent,
            "recurrence": recurrence,
            "on_completion": on_completion or None,
            "task_id": task_id or None,
            "depends_on": depends_on.split(",") if depends_on else [],
            "block_id": block_id or None,
            "tags": listed[tags],
            "owner": owner,
            "owner_person": (people[person_key] or owner_person) if person_key else None,
            "mine": owner_key in mine,
            "links": listed[links],
            "heading": heading,
            "section": listed[section],
            "parent": parent,
            "note_title": title,
            "note_date": date,
            "note_type": type_,
            "account": named[0] if named else account,
            "account_note": named[1] if named else None,
            "project": project,
            "participants": listed[participants],
            "overdue": state in ("open", "proposed") and due is not None and valid and due < today,
            "date_doubt": doubt,
            "problems": [] if invalid is None and stray is None else _problems(r, invalid, stray),
        }


class _Lists(dict[str, list[str]]):
    """The lists behind JSON texts; few are different, so each is read once."""

    def __missing__(self, text: str) -> list[str]:
        found: list[str] = json.loads(text)
        self[text] = found
        return found


class _Dates:
    """What urgency looks at."""

    __slots__ = ("due", "priority", "scheduled", "start")

    def __init__(self, due: str | None, scheduled: str | None, start: str | None, priority: str) -> None:
        self.due, self.scheduled, self.start, self.priority = due, scheduled, start, priority


def _problems(row: tuple[Any, ...], invalid: str | None, stray: str | None) -> list[str]:
    found = []
    if invalid is not None:
        values = dict(zip(DATES, row[9:15]))
        found += [f"{name} {values[name]} is not a date of the calendar" for name in invalid.strip(",").split(",")]
    if stray is not None:
        found += [
            f"{name} {value}".rstrip() + " is not seen by the Tasks plugin: text follows it"
            for name, value in json.loads(stray)
        ]
    return found


def short_ids(conn: sqlite3.Connection, ids: Sequence[str], least: int = 3) -> dict[str, str]:
    """Each id cut to the shortest prefix (three characters at least) that no other task's id begins with."""
    if len(ids) > 500:  # one pass over all ids beats two look-ups each
        every = [row[0] for row in conn.execute("SELECT id FROM tasks ORDER BY id")]
        near = dict(zip(every, zip(["", *every], [*every[1:], ""])))
        return {full: full[: max(least, *(_common(full, other) + 1 for other in near[full]))] for full in ids}
    found = {}
    for full in ids:
        after = conn.execute("SELECT id FROM tasks WHERE id > ? ORDER BY id LIMIT 1", (full,)).fetchone()
        before = conn.execute("SELECT id FROM tasks WHERE id < ? ORDER BY id DESC LIMIT 1", (full,)).fetchone()
        found[full] = full[: max(least, *(_common(full, other[0]) + 1 for other in (after, before) if other), 1)]
    return found


def _common(a: str, b: str) -> int:
    """How many characters two ids begin with alike."""
    same = 0
    while same < len(a) and same < len(b) and a[same] == b[same]:
        same += 1
    return same


def by_id(conn: sqlite3.Connection, text: str) -> tuple[str, int]:
    """(path, line) of the task that an id prefix, `path:line`, 🆔 or ^block id means. Raises NameError_."""
    path, _, line = text.rpartition(":")
    if path and line.isdigit():
        rows = conn.execute(
            "SELECT n.path, t.line FROM tasks t JOIN notes n ON n.id = t.note WHERE t.line = ? AND (n.path = ? OR n.path = ? || '.md')",
            (int(line), path, path),
        ).fetchall()
    else:
        sql = "SELECT n.path, t.line, t.text FROM tasks t JOIN notes n ON n.id = t.note WHERE "
        key = text.lower()
        rows = (
            conn.execute(sql + "t.id >= ? AND t.id < ? LIMIT 9", (key, key + "~")).fetchall() if key.isalnum() else []
        )
        rows = rows or conn.execute(sql + "t.task_id = ? LIMIT 9", (text,)).fetchall()
        rows = rows or conn.execute(sql + "t.block_id <> '' AND t.block_id = ? LIMIT 9", (text.lstrip("^"),)).fetchall()
    if len(rows) == 1:
        return rows[0][0], rows[0][1]
    if rows:
        listed = "; ".join(f"{r[0]}:{r[1]}" for r in rows[:8])
        raise NameError_(f"{text!r} could be {listed}: give more of the id")
    raise NameError_(f"no task has the id {text!r}: ids stand in the first column of vi tasks")


def lint(conn: sqlite3.Connection) -> list[Row]:
    """Fields that the plugin does not see and dates that do not exist, with the line as it should be written."""
    from vaultindex.taskline import mend_line

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
        if stray:
            fields = ", ".join(f"{n} {v}".rstrip() for n, v in json.loads(stray))
            fix = mend_line(raw, settings).strip()
            note("stray", f"{fields}: text follows, so the Tasks plugin does not see it", fix)
    return found


def plugin_settings(conn: sqlite3.Connection) -> TaskSettings:
    """The vault's Tasks settings as they were when the index was made equal to the vault."""
    from vaultindex.statuses import TaskSettings

    row = conn.execute("SELECT value FROM meta WHERE key = 'plugin'").fetchone()
    return TaskSettings.from_plugin(json.loads(row[0]) if row else {})


# '+' keeps SQLite from choosing another index than the one made for the question.
_LEFT_OUT = "(SELECT n.id FROM notes n WHERE n.excluded IS NOT NULL)"


def stray_count(conn: sqlite3.Connection) -> int:
    """How many listed tasks have a field that the Tasks plugin does not see."""
    sql = f"SELECT count(*) FROM tasks WHERE stray IS NOT NULL AND +state IN ('open', 'proposed') AND +note NOT IN {_LEFT_OUT}"
    return int(conn.execute(sql).fetchone()[0])


def left_out_count(conn: sqlite3.Connection) -> int:
    """How many unsettled tasks stand in notes that lists leave out."""
    sql = f"SELECT count(*) FROM tasks WHERE note IN {_LEFT_OUT} AND +state IN ('open', 'proposed')"
    return int(conn.execute(sql).fetchone()[0])
