"""Ticking a box as the Tasks plugin does: next status, done and cancelled dates, the next occurrence, on completion."""

from __future__ import annotations

import re
from datetime import date

from vaultindex.base.text import JS_SPACE
from vaultindex.dates.days import day_text, ordinal
from vaultindex.tasks.line import DEFAULTS, Task, format_task, parse_task, reference_date
from vaultindex.tasks.plugin_settings import Status, TaskSettings
from vaultindex.tasks.recurrence import next_day
from vaultindex.tasks.recurrence_rule import Rule, read_rule

INVALID = "Invalid date"

_ITEM = re.compile(rf"[{JS_SPACE}>]*(?:[-*+]|[0-9]+[.)])")
_CHECKBOX = re.compile(rf"([{JS_SPACE}>]*(?:[-*+]|[0-9]+[.)])) +\[([^\n\r\u2028\u2029])\] *")
_INDENTATION = re.compile(rf"[{JS_SPACE}>]*")


def complete_task(
    line: str, *, today: str | date, settings: TaskSettings | None = None, status: str | None = None
) -> list[str] | None:
    """The lines that replace a task line when its box is ticked, or set to the character `status`.

    [] = the line is deleted (on completion: delete), None = not a task. A repeating task gives two lines, in the order
    that the settings say. Written is what the plugin writes, so an impossible date becomes 'Invalid date'.
    """
    settings = (settings or DEFAULTS)._replace(stray_fields=False, use_filename_as_scheduled=False)
    task = parse_task(line, settings)
    if task is None:
        return None
    old = settings.status(task.status)
    new = settings.status(old.next if status is None else status)
    if new == old:
        return [format_task(task, settings)]
    now = today if isinstance(today, str) else today.isoformat()
    finished = new.type == "DONE" and old.type != "DONE"
    changed = task._replace(
        status=new.symbol,
        done=_date(new, old, "DONE", task.done, settings.set_done_date, now),
        cancelled=_date(new, old, "CANCELLED", task.cancelled, settings.set_cancelled_date, now),
    )
    # A date set today exists, one that is kept stays as it was.
    changed = changed._replace(invalid=tuple(n for n in task.invalid if getattr(changed, n) == getattr(task, n)))
    lines = [] if finished and task.on_completion == "delete" else [format_task(changed, settings)]
    rule = read_rule(task.rule) if finished and task.recurrence else None
    if rule:
        following = format_task(_next_occurrence(task, rule, new, now, settings), settings)
        lines.insert(len(lines) if settings.recurrence_on_next_line else 0, following)
    return lines


def toggle_command(line: str, *, today: str | date, settings: TaskSettings | None = None) -> list[str]:
    """The lines that the editor command "Toggle task done" puts in place of any line, never fewer than one.

    A line that is not a task becomes one step by step: text gets a marker and a box, a list item gets a box, and the box of an item
    that the global filter rejects goes from empty to `x`, from anything else to empty.
    """
    lines = complete_task(line, today=today, settings=settings)
    if lines is not None:
        return lines or [""]
    if box := _CHECKBOX.match(line):
        return [f"{box[1]} [{'x' if box[2] == ' ' else ' '}] {line[box.end() :]}"]
    if item := _ITEM.match(line):
        return [f"{item[0]} [ ]{line[item.end() :]}"]
    indentation = _INDENTATION.match(line)
    end = indentation.end() if indentation else 0
    return [f"{line[:end]}- [ ] {line[end:]}"]


def _date(new: Status, old: Status, kind: str, value: str | None, wanted: bool, now: str) -> str | None:
    """The done or cancelled date: set when its kind of status is entered, kept within it, dropped outside it."""
    if new.type != kind:
        return None
    if old.type == kind:
        return value
    return now if wanted else None


def _next_occurrence(task: Task, rule: Rule, new: Status, now: str, settings: TaskSettings) -> Task:
    reference = reference_date(task.start, task.scheduled, task.due, settings)
    start = scheduled = due = None
    if reference is not None:
        base = ordinal(reference)
        # A rule without a date that exists is only kept when it counts from the day of completion.
        begin = ordinal(now) if rule.when_done or base is None else base
        if begin is None:
            raise ValueError(f"today is no date: {now}")
        found = next_day(rule, begin)

        def moved(value: str | None) -> str | None:
            """The date moved by as many days as the reference date moved; None when either does not exist."""
            day = ordinal(value) if value is not None else None
            if value is None or found is None:
                return value and INVALID
            return day_text(found + (0 if day is None or base is None else day - base))

        start, scheduled, due = moved(task.start), moved(task.scheduled), moved(task.due)
        if settings.remove_scheduled_on_recurrence and (task.start or task.due):
            scheduled = None
    return task._replace(
        status=_repeated_status(new, settings).symbol,
        created=now if settings.set_created_date else None,
        start=start,
        scheduled=scheduled,
        due=due,
        done=None,
        cancelled=None,
        task_id="",
        depends_on=(),
        block_link="",
        # An impossible date is written as these very words.
        invalid=(),
    )


def _repeated_status(done: Status, settings: TaskSettings) -> Status:
    """The status of a new occurrence: follow the chain of next statuses to the first TODO, else to the first in progress."""
    seen: dict[str, Status] = {}
    status = settings.status(done.next)
    while status.symbol not in seen:
        seen[status.symbol] = status
        status = settings.status(status.next)
    for kind in ("TODO", "IN_PROGRESS"):
        for status in seen.values():
            if status.type == kind:
                return status
    return settings.status(" ")
