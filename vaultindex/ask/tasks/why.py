"""Explain a task: each field with the characters it came from, and why it is overdue, proposed, mine or hidden."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from vaultindex.base.text import fold
from vaultindex.tasks import change_field
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

EXCLUDED = {
    "conflict": "yes: its note is a copy that a sync tool left",
    "template": "yes: its note is a template",
    "setting": "yes: its note is in a folder of the setting exclude",
    "app": "yes: its note is excluded in Obsidian (Settings, Files and links)",
}
DOUBT = {
    "note-date": "yes: it is the note's own date, so it may not have been stated",
    "before-note": "yes: it lies before the note's date, so it cannot have been the plan",
    "words": "yes: it is said in words, or not in full",
    "shared": "yes: most dated tasks of the note have it, so it may not have been stated",
}


class Fact(NamedTuple):
    """One line of the answer: a field (or a question), its value, where it stands in the line, and why."""

    name: str
    value: str
    start: int | None  # 0-based columns of the line, as characters
    end: int | None
    characters: str
    why: str


def facts_of(
    conn: sqlite3.Connection, row: dict[str, Any], settings: TaskSettings, today: str, me: Sequence[str]
) -> list[Fact]:
    """The facts about a task of the index, from its row (ask.tasks.FIELDS)."""
    from vaultindex.ask.same_person import RULES

    sql = "SELECT n.excluded, t.said, t.rule FROM notes n JOIN tasks t ON t.note = n.id WHERE n.path = ? AND t.id = ?"
    excluded, said, rule = conn.execute(sql, (row["path"], row["id"])).fetchone()
    return explain(row, excluded, settings, today, me, json.loads(said) if said else (), RULES.get(rule))


def explain(
    row: dict[str, Any],
    excluded: str | None,
    settings: TaskSettings,
    today: str,
    me: Sequence[str],
    said: Sequence[Sequence[str]] = (),
    meant: str | None = None,
) -> list[Fact]:
    """The facts about a task, from its row (ask.tasks.FIELDS) and its line. `said`: (field, characters, why) of what
    was read beyond the plugin's fields; `meant`: why the owner's name means that person."""
    line = row["raw"]
    task = parse_task(line, settings) if row["origin"] == "box" else None
    if task is None:
        text = [_found("text", row["text"], line, row["text"], "")]
        return [_without_box(row), *text, *_said(row, line, said), *_answers(row, excluded, "", (), today, me)]
    at = change_field.status_at(line)
    found = [
        Fact("status", f"[{task.status}]", at, at + 1, line[at : at + 1], f"{task.status_name}: {task.status_type}")
    ]
    start = line.find(row["text"], change_field.body_of(line)[0]) if row["text"] else -1
    if start >= 0:
        found.append(_at("text", row["text"], change_field.Place(start, start + len(row["text"]), row["text"]), ""))
    else:
        found.append(Fact("text", row["text"], None, None, "", "the words around owner and fields"))
    owner = change_field.owner_place(line, task)
    if owner is not None:
        person = row["owner_person"]
        other = person and fold(person) != fold(task.owner or "")
        because = f": {meant}" if meant else ""
        found.append(_at("owner", str(task.owner), owner, f"means {person}{because}" if other else ""))
    places = change_field.places(line, settings)
    for name in change_field.FIELDS:
        value = row.get(name) if name != "depends_on" else ", ".join(row["depends_on"])
        if not value or (name == "priority" and value == "none") or (name == "due" and row["due_said"]):
            continue
        why = "no such day" if any(p.startswith(f"{name} ") and "calendar" in p for p in row["problems"]) else ""
        if name in places:
            found.append(_at(name, str(value), places[name], why))
            continue
        stray = next((s for s in task.stray if s.name == name), None)
        if stray is not None:
            place = change_field.Place(stray.column, stray.end, line[stray.column : stray.end])
            found.append(
                _at(name, str(value), place, "the Tasks plugin does not see it: text follows (setting stray_fields)")
            )
        else:
            found.append(Fact(name, str(value), None, None, "", "from the note's name (setting of the Tasks plugin)"))
    for stray in task.stray:
        if not any(f.start == stray.column for f in found):
            place = change_field.Place(stray.column, stray.end, line[stray.column : stray.end])
            found.append(_at(stray.name, stray.value, place, "not read: text follows it (vi lint)"))
    found += _said(row, line, said)
    for tag in dict.fromkeys(task.tags):
        found += [_at("tag", tag, place, "") for place in change_field.tag_places(line, tag)]
    return [*found, *_answers(row, excluded, task.status, task.tags, today, me)]


_ORIGINS = {
    "bullet": "a bullet of a list of action items: vi accept gives it a box",
    "table": "a row of a table of action items: vi accept puts a task below it",
    "line": "a line that says it is an action item: vi accept gives it a box",
}


def _without_box(row: dict[str, Any]) -> Fact:
    where = f" under {row['heading']}" if row["heading"] else ""
    return Fact("status", row["state"], None, None, "", f"no box{where}: {_ORIGINS[row['origin']]}")


def _said(row: dict[str, Any], line: str, said: Sequence[Sequence[str]]) -> list[Fact]:
    """What the words say of owner and due date."""
    values = {"owner": row["owner_person"] or row["owner"] or "", "due": row["due_said"] or ""}
    return [_found(field, values.get(field, ""), line, characters, why) for field, characters, why in said]


def _found(name: str, value: str, line: str, characters: str, why: str) -> Fact:
    start = line.find(characters) if characters else -1
    if start < 0:
        return Fact(name, value, None, None, characters, why)
    return Fact(name, value, start, start + len(characters), characters, why)


def _at(name: str, value: str, place: change_field.Place, why: str) -> Fact:
    return Fact(name, value, place.start, place.end, place.text, why)


def _answers(
    row: dict[str, Any], excluded: str | None, status: str, tags: tuple[str, ...], today: str, me: Sequence[str]
) -> list[Fact]:
    """The questions that lists answer about the task."""

    def answer(name: str, why: str) -> Fact:
        return Fact(name, "", None, None, "", why)

    proposed = [f"[{status}]"] if status == "?" else []
    proposed += [tag for tag in tags if tag.lower() == "#proposed"]
    if row["origin"] != "box":
        proposed.append("an action item without a box")
    mark = " and ".join(proposed)
    settled = row["state"] not in ("open", "proposed")
    found = [
        answer(
            "proposed",
            f"yes: {mark}"
            if row["state"] == "proposed"
            else f"no: it is {row['state']}" + (f", in spite of {mark}" if mark else ""),
        )
    ]
    due = row["due"]
    if settled:
        late = f"no: it is {row['state']}"
    elif due is None:
        late = "no: it has no due date"
    elif row["overdue"]:
        late = f"yes: due {due} is before {today}"
    elif due >= today:
        late = f"no: due {due} is not before {today}"
    else:
        late = f"no: {due} is not a date of the calendar"
    found.append(answer("overdue", late))
    if row["owner"] is None:
        whose = "no: it has no owner"
    elif row["mine"]:
        whose = f"yes: {row['owner']} is in the setting me ({', '.join(me)})"
    else:
        whose = f"no: {row['owner']} is not in the setting me ({', '.join(me)})"
    found.append(answer("mine", whose))
    found.append(answer("hidden", EXCLUDED.get(excluded or "", "no: its note is listed")))
    found.append(answer("due doubted", DOUBT.get(row["date_doubt"] or "", "no")))
    account = row["account"]
    named = row["account_note"]
    found.append(
        answer("account", f"{account}" + (f" ({named})" if named else "") if account else "none: the note names none")
    )
    return found
