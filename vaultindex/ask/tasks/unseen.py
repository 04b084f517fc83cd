"""What a person reads in a task's line and the Tasks plugin does not: dates and owners in words."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from vaultindex.tasks import change_field
from vaultindex.tasks.line import Task, format_task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

Row = dict[str, Any]


def in_words(conn: sqlite3.Connection, settings: TaskSettings) -> Iterator[Row]:
    """Due dates and owners that only the words of a box say, with the line in the plugin's format."""
    sql = """SELECT n.path, t.line, t.raw, t.text, t.due_said, t.said, t.owner_person FROM tasks t JOIN notes n ON n.id = t.note
 WHERE t.way = 0 AND t.due_said IS NOT NULL AND t.state IN ('open', 'proposed') AND n.excluded IS NULL ORDER BY n.path, t.line"""
    for path, line, raw, text, due, said, owner in conn.execute(sql):
        task = parse_task(raw, settings)
        if task is None:
            continue
        fields = {name for name, _, _ in json.loads(said or "[]")}
        tags = [tag for tag in task.tags if tag not in text]
        if settings.global_filter and settings.global_filter not in text:
            tags.append(settings.global_filter)
        fix = format_task(task._replace(description=" ".join([text, *tags])), settings)
        if owner and ("owner" in fields or task.owner):
            fix = change_field.set_owner(fix, owner, settings)
        fix = change_field.set_field(fix, "due", due, settings).strip()
        better = fix if _says(fix, [text, *tags], task, owner, due, settings) else None
        what = f"due {due} stands in words: the Tasks plugin does not see it"
        yield {"path": path, "line": line, "kind": "words", "what": what, "fix": better, "raw": raw}


def _says(fix: str, meant: list[str], before: Task, owner: str | None, due: str, settings: TaskSettings) -> bool:
    """Whether the plugin reads the proposed line as it is meant: this date, these words and no others, all else as before."""
    task = parse_task(fix, settings)
    if (
        task is None
        or task.due != due
        or (owner is not None and before.owner is None and task.owner not in (None, owner))
    ):
        return False
    kept = ("status", "priority", "rule", "task_id", "depends_on", "block_link", "scheduled", "start", "created")
    if any(getattr(task, name) != getattr(before, name) for name in kept):
        return False
    words = re.findall(r"[\w`]+", " ".join(meant))
    said = re.findall(r"[\w`]+", task.description.replace(f"@{task.owner}", " ") if task.owner else task.description)
    return sorted(words) == sorted(said)


def uncertain(conn: sqlite3.Connection) -> Iterator[Row]:
    """Lines in which somebody nobody knows may be the owner: a person's note, or the list of attendees, would say it."""
    sql = """SELECT n.path, t.line, t.claim FROM tasks t JOIN notes n ON n.id = t.note
 WHERE t.claim_key IS NOT NULL AND t.person_key IS NULL AND n.excluded IS NULL ORDER BY n.path, t.line"""
    for path, line, claim in conn.execute(sql):
        name = json.loads(claim)[0]
        if not name.islower():
            what = f"{name} may be the owner, but is no attendee and has no note"
            yield {"path": path, "line": line, "kind": "owner", "what": what}
