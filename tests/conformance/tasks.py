"""Task lines and completion, against the recorded answers of the Tasks plugin."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from vaultindex.tasks.completion import complete_task, toggle_command
from vaultindex.tasks.line import format_task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

Result = tuple[int, int, list[str]]

TODAY = "2025-10-08"  # the day on which the answers were recorded
# The plugin's name of a field in the recorded answers -> ours.
NAMES = {
    "statusSymbol": "status",
    "statusType": "status_type",
    "statusName": "status_name",
    "nextStatusSymbol": "next_status",
    "isDone": "is_done",
    "description": "description",
    "descriptionWithoutTags": "description_without_tags",
    "tags": "tags",
    "priority": "priority",
    "created": "created",
    "start": "start",
    "scheduled": "scheduled",
    "due": "due",
    "done": "done",
    "cancelled": "cancelled",
    "happens": "happens",
    "recurrence": "recurrence",
    "onCompletion": "on_completion",
    "id": "task_id",
    "dependsOn": "depends_on",
    "blockLink": "block_link",
    "urgency": "urgency",
    "indentation": "indentation",
    "listMarker": "marker",
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a compressed file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def parse_differences(path: Path) -> Result:
    """Every field of every line, and the line as it is written back."""
    cases, wrong = 0, []
    default = "dataview" if "dataview" in path.name else "tasksPluginEmoji"
    for case in rows(path):
        cases += 1
        settings = TaskSettings.from_plugin({"taskFormat": default, **case})
        task = parse_task(case["line"], settings)
        found: dict[str, Any] = {"isTask": False}
        if task is not None:
            shown = task.as_dict(TODAY)
            found = {"isTask": True, **{theirs: shown[ours] for theirs, ours in NAMES.items()}}
            found["roundTrip"] = format_task(task, settings)
        expected = case["expected"]
        different = {key for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)}
        if different:
            parts = [f"{key} {found.get(key)!r} for {expected.get(key)!r}" for key in sorted(different)]
            wrong.append(f"{case['id']} {case['line']!r}: " + ", ".join(parts))
    return cases, cases - len(wrong), wrong


def toggle_differences(path: Path) -> Result:
    """Ticked boxes, statuses that are set, the editor command, and repeating tasks ticked many times."""
    cases, wrong = 0, []
    for case in rows(path):
        cases += 1
        data = dict(case.get("settings") or {})
        if "statuses" in data:
            data["statusSettings"] = {"customStatuses": data.pop("statuses")}
        found = _answer(case, TaskSettings.from_plugin(data))
        if found != case["expected"]:
            wrong.append(f"{case['id']} {case['op']} {case['line']!r}: {found} for {case['expected']}")
    return cases, cases - len(wrong), wrong


def _answer(case: dict[str, Any], settings: TaskSettings) -> list[str] | None:
    line = case["line"]
    match case["op"]:
        case "toggleCommand":
            return toggle_command(line, today=TODAY, settings=settings)
        case "chain":
            steps: list[str] = []
            while len(steps) < case["n"]:
                lines = complete_task(line, today=TODAY, settings=settings)
                if not lines:
                    break
                line = lines[-1 if settings.recurrence_on_next_line else 0]
                steps.append(line)
                if len(lines) == 1:  # it did not repeat
                    break
            return steps
        case _:
            return complete_task(line, today=TODAY, settings=settings, status=case.get("newStatus"))


def _set(name: str, check: Callable[[Path], Result]) -> tuple[str, Callable[[Path], Result]]:
    return name, lambda shared: check(shared / "oracle" / f"{name}.jsonl.gz")


SETS = [
    _set("parse_emoji", parse_differences),
    _set("parse_dataview", parse_differences),
    _set("parse_global_filter", parse_differences),
    _set("toggle", toggle_differences),
]
