"""One task as the query language sees it: the columns of `tasks` and `notes` that filters, sorts and groups ask for."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vaultindex.tasks.plugin_settings import DONE_TYPES


class TaskRow(NamedTuple):
    """A task with what its note says. Dates are as written; `invalid` frames the names of those that do not exist."""

    key: int  # rowid of the task, by which everything else about it can be read
    note: int
    line: int
    path: str
    folder: str  # ends with '/', is '/' in the root
    root: str
    filename: str
    account_key: str | None
    note_date: str | None
    excluded: str | None  # why the note is left out of lists by default (a conflict copy), None when it is not
    heading: str | None
    indentation: str
    status: str
    status_name: str
    status_type: str
    state: str
    description: str
    text: str
    tags: str  # JSON list, with '#'
    priority: int
    due: str | None
    scheduled: str | None
    start: str | None
    created: str | None
    done: str | None
    cancelled: str | None
    happens: str | None
    deadline: str | None  # the due date as our own lists take it: also one that only the words say
    comes: str | None  # `happens` with that
    invalid: str | None
    recurrence: str | None
    task_id: str
    depends_on: str
    owner_key: str | None
    person_key: str | None
    date_doubt: str | None  # why the due date may be the generator's
    way: int  # 0: a box; else an action item without one, which the plugin does not see

    def date(self, field: str) -> str | None:
        """The date of a field when it exists in the calendar, else None."""
        value: str | None = getattr(self, field)
        if value is None or (self.invalid and f",{'due' if field == 'deadline' else field}," in self.invalid):
            return None
        return value

    @property
    def is_done(self) -> bool:
        return self.status_type in DONE_TYPES

    def tag_list(self) -> list[str]:
        if self.tags == "[]":
            return []
        import json

        tags: list[str] = json.loads(self.tags)
        return tags


_OF_NOTE = ("path", "folder", "root", "filename", "account_key", "excluded")
_ELSEWHERE = {"key": "t.rowid", "note_date": "n.date", **{name: f"n.{name}" for name in _OF_NOTE}}
COLUMNS = ", ".join(_ELSEWHERE.get(name, f"t.{name}") for name in TaskRow._fields)


def fetch(conn: sqlite3.Connection, keys: Iterable[int]) -> list[TaskRow]:
    """The tasks with these rowids, in this order."""
    wanted = list(keys)
    # A list of our own integers, as JSON, has no limit on its length as a list of parameters has.
    sql = (
        f"SELECT {COLUMNS} FROM tasks t JOIN notes n ON n.id = t.note WHERE t.rowid IN (SELECT value FROM json_each(?))"
    )
    found = {row[0]: TaskRow._make(row) for row in conn.execute(sql, (f"[{','.join(map(str, wanted))}]",))}
    return [found[key] for key in wanted]


class Rows:
    """The tasks with these rowids, in this order; not read before one of them is looked at."""

    def __init__(self, conn: sqlite3.Connection, keys: list[int]) -> None:
        self.conn, self.keys = conn, keys

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[TaskRow]:
        return iter(fetch(self.conn, self.keys))
