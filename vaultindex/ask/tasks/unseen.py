"""What a person reads in a task's line and the Tasks plugin does not: dates and owners in words."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vaultindex.tasks import change_field
from vaultindex.tasks.line import Task, format_task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

if TYPE_CHECKING:
    from vaultindex.meetings.sections import Vocabulary
    from vaultindex.meetings.who import Known

Row = dict[str, Any]
_BULLET = re.compile(r"[ \t]{0,3}(?:[-*+]|\d+[.)])[ \t]+(?!\[.\][ \t])(\S.*)")


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


def unnamed(conn: sqlite3.Connection, words: Vocabulary) -> Iterator[Row]:
    """Sections of meeting notes under a name that we do not know (`words`), whose items say who is to do something: at
    least two of them, and half of all. A setting can claim them."""
    from itertools import groupby

    from vaultindex.base.packed_text import unpack
    from vaultindex.meetings.who import Known

    sql = """SELECT n.id, n.path, n.participants, h.line, h.text FROM headings h JOIN notes n ON n.id = h.note
 WHERE n.participants <> '[]' AND n.excluded IS NULL ORDER BY n.path, h.line"""
    for (note, path, people), some in groupby(conn.execute(sql), key=lambda row: row[:3]):
        headings = [(line, text) for *_, line, text in some]
        unknown = {line for line, text in headings if not words.sections[text] and not words.labels[text]}
        if not unknown:
            continue
        known = Known(json.loads(people))
        lines = unpack(conn.execute("SELECT body FROM bodies WHERE id = ?", (note,)).fetchone()[0]).split("\n")
        ends = [line - 1 for line, _ in headings[1:]] + [len(lines)]
        for (line, name), end in zip(headings, ends):
            items = [match[1] for match in map(_BULLET.match, lines[line:end]) if match] if line in unknown else []
            count = sum(_says_who(item, known) for item in items)
            if count > 1 and count * 2 >= len(items):
                what = (
                    f"{count} lines below {name!r} say who is to do something, but the name is none of action items: "
                )
                what += f'if it is, action_headings = ["{name}"] in .vaultindex.toml'
                yield {"path": path, "line": line, "kind": "section", "what": what}


def _says_who(item: str, known: Known) -> bool:
    from vaultindex.meetings.item import take_apart

    return known.named_in(item) and take_apart(item, known, None, loose=True).owner is not None
