"""Conformance: the Tasks plugin's answers to date phrases, text orders and queries, compared with ours."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from vaultindex.base.icu_order import sort_key
from vaultindex.dates.ranges import query_range
from vaultindex.query.engine import Result, run
from vaultindex.query.language.lines import QueryNote
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.row import TaskRow
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import CORE_STATUSES, TaskSettings
from vaultindex.tasks.urgency import PRIORITIES

Outcome = tuple[int, int, list[str]]
_DUE = re.compile(r"due (((?:on|in) or before|before|(?:on|in) or after|after|on|in)? ?(.*))\Z", re.IGNORECASE)
_NOTE_COLUMNS = ("path", "folder", "root", "filename", "account_key", "excluded", "date")
_TASK_COLUMNS = [name for name in TaskRow._fields if name not in ("key", "note_date", *_NOTE_COLUMNS)]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        yield json.loads(line)


def dates(shared: Path) -> Outcome:
    """Phrases after `due`, for seven different todays."""
    cases, wrong = 0, []
    for case in lines(shared / "oracle" / "dates.jsonl.gz"):
        cases += 1
        match = _DUE.match(case["query"])
        found = match and query_range(match[3], date.fromisoformat(case["today"]), match[1])
        days = None
        if match and found:
            how = (match[2] or "").lower()
            first, last = how == "before" or how.endswith("or after"), how == "after" or how.endswith("or before")
            days = [found.start] if first else [found.end] if last else sorted({found.start, found.end})
        if days != case.get("dates"):
            wrong.append(f"{case['today']} {case['query']!r}: {days} instead of {case.get('dates')}")
    return cases, cases - len(wrong), wrong


def collation(shared: Path) -> Outcome:
    """Each class of ties after the one before it."""
    cases, wrong, before = 0, [], b""
    for ties in json.loads((shared / "oracle" / "collation.json").read_text(encoding="utf-8"))["classes"]:
        keys = {sort_key(text) for text in ties}
        cases += 1
        if len(keys) > 1 or (cases > 1 and min(keys) <= before):
            wrong.append(f"{ties!r}")
        before = max(keys)
    return cases, cases - len(wrong), wrong


def plugin_settings(case: dict[str, Any]) -> TaskSettings:
    """The settings of a case: keys of data.json; `statuses` stands for the custom statuses."""
    data = dict(case.get("settings") or {})
    if "statuses" in data:
        data["statusSettings"] = {
            "coreStatuses": [
                {"symbol": s.symbol, "name": s.name, "nextStatusSymbol": s.next, "type": s.type} for s in CORE_STATUSES
            ],
            "customStatuses": data.pop("statuses"),
        }
    return TaskSettings.from_plugin(data)


def create_tables(conn: sqlite3.Connection) -> None:
    """The columns of an index that queries look at."""
    conn.execute(f"CREATE TABLE tasks ({', '.join(_TASK_COLUMNS)}, written_key AS (owner_key))")
    conn.execute(f"CREATE TABLE notes (id INTEGER PRIMARY KEY, {', '.join(_NOTE_COLUMNS)})")


def put_note(
    conn: sqlite3.Connection, note: int, path: str, account_key: str | None = None, day: str | None = None
) -> None:
    folder, root = path[: path.rfind("/") + 1] or "/", path[: path.find("/") + 1] or "/"
    row = (note, path, folder, root, path[path.rfind("/") + 1 :], account_key, None, day)
    conn.execute("INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def put_task(
    conn: sqlite3.Connection,
    key: int,
    where: tuple[int, int, str],
    raw: str,
    heading: str | None,
    settings: TaskSettings,
) -> bool:
    """Store one line, at (note, line, path), when it is a task."""
    note, line, path = where
    task = parse_task(raw, settings, path)
    if task is None:
        return False
    states = {"DONE": "done", "CANCELLED": "cancelled", "NON_TASK": "other"}
    values = {
        **task._asdict(),
        "note": note,
        "line": line,
        "heading": heading,
        "state": "proposed" if task.status == "?" else states.get(task.status_type, "open"),
        "tags": json.dumps(list(task.tags), ensure_ascii=False) if task.tags else "[]",
        "priority": PRIORITIES.index(task.priority),
        "happens": task.happens,
        "deadline": task.due,
        "comes": task.happens,
        "date_doubt": None,
        "way": 0,
        "invalid": f",{','.join(task.invalid)}," if task.invalid else None,
        "depends_on": ",".join(task.depends_on),
        "owner_key": task.owner.casefold() if task.owner else None,
        "person_key": None,
    }
    row = (key, *(values[name] for name in _TASK_COLUMNS))
    conn.execute(f"INSERT INTO tasks (rowid, {', '.join(_TASK_COLUMNS)}) VALUES ({', '.join('?' * len(row))})", row)
    return True


class Corpus:
    """The vault of the query cases; an index of it per settings that change how lines are read."""

    def __init__(self, path: Path) -> None:
        self.data = json.loads(path.read_text(encoding="utf-8"))
        self.today = date.fromisoformat(self.data["today"])
        self.files = {file["path"]: file["content"] for file in self.data["files"]}
        self._indexes: dict[str, sqlite3.Connection] = {}

    def index(self, settings: TaskSettings) -> sqlite3.Connection:
        reading = settings._replace(presets={}, global_query="", remove_global_filter=False)
        key = repr(reading)
        if key not in self._indexes:
            conn = sqlite3.connect(":memory:")
            create_tables(conn)
            ids = {path: number for number, path in enumerate(self.files, start=1)}
            for path, number in ids.items():
                put_note(conn, number, path)
            for task in self.data["tasks"]:
                where = (ids[task["path"]], task["line"] + 1, task["path"])
                put_task(conn, task["i"], where, task["raw"], task["heading"], settings)
            self._indexes[key] = conn
        return self._indexes[key]

    def note(self, path: str) -> QueryNote:
        """The note that holds a query, its properties read as YAML."""
        import yaml

        match = re.match(r"---\n(.*?)\n---\n", self.files.get(path, ""), re.DOTALL)
        properties = yaml.safe_load(match[1]) if match else {}
        return QueryNote(path, properties or {})

    def answer(self, case: dict[str, Any]) -> Result | QueryError:
        settings = plugin_settings(case)
        try:
            return run(
                self.index(settings),
                case["query"],
                today=self.today,
                settings=settings,
                query_note=self.note(case["queryFile"]),
            )
        except QueryError as error:
            return error


def difference(case: dict[str, Any], found: Result | QueryError, with_explain: bool = True) -> str | None:
    """What differs between the plugin's answer and ours, None when nothing does."""
    expected = case["expected"]
    if isinstance(found, QueryError):
        if expected["error"] and found.kind == expected["errorKind"]:
            return None
        return f"error {found.kind} ({found.reason[:60]}) instead of {expected.get('errorKind')}"
    if expected["error"]:
        return f"no error instead of {expected['errorKind']}"
    if (found.total, found.total_before_limit) != (expected["total"], expected["totalBeforeLimit"]):
        return f"{found.total}/{found.total_before_limit} tasks instead of {expected['total']}/{expected['totalBeforeLimit']}"
    if found.count_text != expected["countText"]:
        return f"{found.count_text!r} instead of {expected['countText']!r}"
    names = [list(group.names) for group in found.groups]
    if names != [group["names"] for group in expected["groups"]]:
        return f"groups {names[:5]} instead of {[group['names'] for group in expected['groups']][:5]}"
    headings = [[heading._asdict() for heading in group.headings] for group in found.groups]
    if headings != [group["headings"] for group in expected["groups"]]:
        return "headings differ"
    tasks = [[task.key for task in group.tasks] for group in found.groups]
    if tasks != [group["tasks"] for group in expected["groups"]]:
        at = next(i for i, group in enumerate(expected["groups"]) if tasks[i] != group["tasks"])
        return f"order: {tasks[at][:12]} instead of {expected['groups'][at]['tasks'][:12]}"
    layout = found.layout
    shape = {
        "shortMode": layout.short_mode, "explain": layout.explain, "hiddenFields": list(layout.hidden_fields),
        "tagsShown": layout.tags_shown, "hiddenElements": list(layout.hidden_elements), "view": layout.view,
    }  # fmt: skip
    if shape != expected["layout"]:
        return f"layout {shape} instead of {expected['layout']}"
    if with_explain and found.explain != expected["explain"]:
        return f"explain {found.explain!r} instead of {expected['explain']!r}"
    return None


def queries(shared: Path) -> Outcome:
    """Every query but those that need JavaScript: tasks, order, groups, headings, totals, layout, explain, errors."""
    corpus = Corpus(shared / "oracle" / "query_corpus.json")
    cases, wrong = 0, []
    for case in lines(shared / "oracle" / "queries.jsonl.gz"):
        if case["cat"] == "js_enabled":
            continue
        cases += 1
        found = difference(case, corpus.answer(case))
        if found:
            wrong.append(f"{case['id']} {case['cat']} {case['query']!r}: {found}")
    return cases, cases - len(wrong), wrong


SETS = [("dates", dates), ("collation", collation), ("queries (without JavaScript)", queries)]
