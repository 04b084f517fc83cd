"""`group by ...`: the names of the groups that a task belongs to, in the Tasks plugin's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

from vaultindex.query.language.explain import weekday
from vaultindex.query.nodes.row import Rows, TaskRow
from vaultindex.query.nodes.sorts import TYPE_ORDER, urgency_of
from vaultindex.query.nodes.tree import Context

_PRIORITIES = ("Highest", "High", "Medium", "Normal", "Low", "Lowest")


class Grouper(NamedTuple):
    text: str
    field: str
    reverse: bool


class Heading(NamedTuple):
    """A name that changed from the group before: its level (0-based), the field, the name."""

    level: int
    property: str
    text: str


class Group(NamedTuple):
    """Tasks under one name a level; without grouping there is one group without names."""

    names: tuple[str, ...]
    headings: tuple[Heading, ...]
    tasks: Rows | list[TaskRow]

    @property
    def keys(self) -> list[int]:
        """The rowids of the tasks."""
        return self.tasks.keys if isinstance(self.tasks, Rows) else [task.key for task in self.tasks]


def parse(line: str) -> Grouper | None:
    """The grouping that a line asks for, None when it asks for none that exists."""
    match = _GROUP.fullmatch(line)
    return Grouper(line, match[1].lower(), bool(match[2])) if match else None


def grouped(tasks: Rows, groupers: list[Grouper], ctx: Context) -> list[Group]:
    """The groups, ordered level by level; tasks keep their order in each. A task with two tags stands in two groups."""
    if not groupers:
        return [Group((), (), tasks)]
    namers = [_NAMES[grouper.field] for grouper in groupers]
    found: dict[tuple[str, ...], list[TaskRow]] = {}
    for task in tasks:
        for names in product(*(namer(task, ctx) for namer in namers)):
            found.setdefault(names, []).append(task)
    if not found:
        return [Group((), (), [])]
    ordered = list(found)
    for level in reversed(range(len(groupers))):
        ordered = _ordered(ordered, level, groupers[level])
    groups, last = [], [""] * len(groupers)
    for names in ordered:
        groups.append(Group(names, tuple(_headings(names, last, groupers)), found[names]))
    return groups


def _ordered(groups: list[tuple[str, ...]], level: int, grouper: Grouper) -> list[tuple[str, ...]]:
    from vaultindex.base.icu_order import sort_key

    # High urgency comes first unless that is reversed; everything else in the order of the alphabet.
    reverse = grouper.reverse != (grouper.field == "urgency")
    keys = {name: sort_key(name) for name in {names[level] for names in groups}}
    return sorted(groups, key=lambda names: keys[names[level]], reverse=reverse)


def _headings(names: tuple[str, ...], last: list[str], groupers: list[Grouper]) -> Iterable[Heading]:
    """The names that changed; below a change all begin anew. `last` keeps the name now shown at each level."""
    for level, name in enumerate(names):
        if name != last[level]:
            last[level:] = [name] + [""] * (len(names) - level - 1)
            yield Heading(level, groupers[level].field, name)


def _escaped(text: str) -> str:
    """Text of a path that Markdown must not take for emphasis."""
    return text.replace("\\", "\\\\").replace("_", "\\_")


def _date(field: str) -> Callable[[TaskRow, Context], list[str]]:
    def names(task: TaskRow, ctx: Context) -> list[str]:
        day: str | None = getattr(task, field)
        if day is None:
            return [f"No {field} date"]
        if field != "happens" and task.date(field) is None:
            return [f"%%0%% Invalid {field} date"]
        return [f"{day} {weekday(day)}"]

    return names


def _backlink(task: TaskRow, ctx: Context) -> list[str]:
    name = task.filename.removesuffix(".md")
    if not task.heading or task.heading == name:  # not 'c > c'
        return [f"[[{name}]]"]
    return [f"[[{name}#{task.heading}|{name} > {task.heading}]]"]


def _number(names: tuple[str, ...], at: int, text: str) -> str:
    return f"%%{at}%%{names[at]}{text}"


_NAMES: dict[str, Callable[[TaskRow, Context], list[str]]] = {
    "status.name": lambda task, ctx: [task.status_name],
    "status.type": lambda task, ctx: [f"%%{TYPE_ORDER.index(task.status_type) + 1}%%{task.status_type}"],
    "status": lambda task, ctx: ["Done" if task.is_done else "Todo"],
    "recurring": lambda task, ctx: ["Recurring" if task.recurrence else "Not Recurring"],
    "priority": lambda task, ctx: [_number(_PRIORITIES, task.priority, " priority")],
    **{field: _date(field) for field in ("happens", "cancelled", "created", "start", "scheduled", "due", "done")},
    "path": lambda task, ctx: [_escaped(task.path.replace(".md", "", 1))],
    "folder": lambda task, ctx: [_escaped(task.folder)],
    "root": lambda task, ctx: [_escaped(task.root)],
    "backlink": _backlink,
    "tags": lambda task, ctx: task.tag_list() or ["(No tags)"],
    "heading": lambda task, ctx: [task.heading or "(No heading)"],
    "filename": lambda task, ctx: [f"[[{task.filename.removesuffix('.md')}]]"],
    "urgency": lambda task, ctx: [f"{urgency_of(task, ctx.today):.2f}"],
    "recurrence": lambda task, ctx: [task.recurrence or "None"],
    "id": lambda task, ctx: [task.task_id],
}
_GROUP = re.compile(rf"group by ({'|'.join(re.escape(name) for name in _NAMES)})( reverse)?", re.IGNORECASE)
