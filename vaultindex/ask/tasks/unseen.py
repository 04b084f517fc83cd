"""What a person reads in a task's line and the Tasks plugin does not: dates in another form, dates and owners in words."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from vaultindex.dates.days import ordinal
from vaultindex.tasks import change_field
from vaultindex.tasks.line import format_task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

Row = dict[str, Any]

_SIGNS = {"📅": "due", "📆": "due", "🗓": "due", "⏳": "scheduled", "⌛": "scheduled", "🛫": "start", "➕": "created", "✅": "done", "❌": "cancelled"}  # fmt: skip
_DATE = re.compile(f"([{''.join(_SIGNS)}])\ufe0f? *([0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}})(?![0-9-])")
_FULL = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def odd_dates(conn: sqlite3.Connection) -> Iterator[Row]:
    """Dates behind a sign that are none for the plugin: without their zeros, or of no day and with text behind them."""
    sql = """SELECT n.path, t.line, t.raw, t.invalid FROM tasks t JOIN notes n ON n.id = t.note
 WHERE t.way = 0 AND n.excluded IS NULL AND (t.more LIKE '%-%' OR t.text LIKE '%-%' OR t.rest LIKE '%-%') ORDER BY n.path, t.line"""
    for path, line, raw, invalid in conn.execute(sql):
        for found in _DATE.finditer(raw):
            name, value = _SIGNS[found[1]], found[2]
            year, month, day = value.split("-")
            right = f"{year}-{month:0>2}-{day:0>2}"
            if ordinal(right) is None:
                if name not in (invalid or ""):
                    what = f"{name} {value} is not a date of the calendar: write one that exists"
                    yield {"path": path, "line": line, "kind": "date", "what": what, "fix": None, "raw": raw}
            elif not _FULL.fullmatch(value):
                what = f"{name} {value} is not a date for the Tasks plugin: write {right}"
                fix = (raw[: found.start(2)] + right + raw[found.end(2) :]).strip()
                yield {"path": path, "line": line, "kind": "date", "what": what, "fix": fix, "raw": raw}


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
        what = f"due {due} stands in words: the Tasks plugin does not see it"
        yield {"path": path, "line": line, "kind": "words", "what": what, "fix": fix, "raw": raw}


def uncertain(conn: sqlite3.Connection) -> Iterator[Row]:
    """Lines in which somebody nobody knows may be the owner: a person's note, or the list of attendees, would say it."""
    sql = """SELECT n.path, t.line, t.claim FROM tasks t JOIN notes n ON n.id = t.note
 WHERE t.claim_key IS NOT NULL AND t.person_key IS NULL AND n.excluded IS NULL ORDER BY n.path, t.line"""
    for path, line, claim in conn.execute(sql):
        name = json.loads(claim)[0]
        if not name.islower():
            what = f"{name} may be the owner, but is no attendee and has no note"
            yield {"path": path, "line": line, "kind": "owner", "what": what}
