"""The layout that a query asks for: short mode, hidden fields and elements, the view."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultindex.base.text import JS_SPACE
from vaultindex.query.nodes import groups
from vaultindex.query.nodes.errors import QueryError, nearest

# option -> (name, shown unless a query says otherwise); the plugin's names, in its order.
FIELDS = {
    "id": "id",
    "depends on": "dependsOn",
    "priority": "priority",
    "recurrence rule": "recurrenceRule",
    "on completion": "onCompletion",
    "created date": "createdDate",
    "start date": "startDate",
    "scheduled date": "scheduledDate",
    "due date": "dueDate",
    "cancelled date": "cancelledDate",
    "done date": "doneDate",
}
ELEMENTS = {
    "toolbar": ("hideToolbar", True),
    "postpone button": ("hidePostponeButton", True),
    "task count": ("hideTaskCount", True),
    "group count": ("hideGroupCount", False),
    "backlink": ("hideBacklinks", True),
    "nested backlink": ("hideNestedBacklinks", True),
    "edit button": ("hideEditButton", True),
    "urgency": ("hideUrgency", False),
    "tree": ("hideTree", False),
}
_OPTIONS = (*ELEMENTS, *FIELDS, "tags")
_HIDE = re.compile(rf"(hide|show)[{JS_SPACE}]+(.+)", re.IGNORECASE | re.DOTALL)
_VIEW = re.compile(rf"view[{JS_SPACE}]+(.+)", re.IGNORECASE | re.DOTALL)
_COLUMNS = re.compile(rf"columns(?:[{JS_SPACE}]+by[{JS_SPACE}]+(.+))?", re.IGNORECASE | re.DOTALL)
_HIDDEN = tuple(name for name, shown in ELEMENTS.values() if not shown)


class Layout(NamedTuple):
    """How the result is to look. Hidden things by the plugin's names: `dueDate`, `hideUrgency`."""

    short_mode: bool = False
    explain: bool = False
    hidden_fields: tuple[str, ...] = ()
    tags_shown: bool = True
    hidden_elements: tuple[str, ...] = _HIDDEN
    view: str = "list"

    def with_option(self, line: str) -> Layout | None:
        """The layout after a `hide` or `show` line; None when the line is neither. Raises QueryError (hide_show)."""
        match = _HIDE.match(line)
        if not match:
            return None
        hide, said = match[1].lower() == "hide", match[2].lower()
        option = next((option for option in _OPTIONS if said.startswith(option)), None)
        if option is None:
            near = nearest(said, _OPTIONS, 0.5)
            hint = f" Did you mean '{match[1]} {near}'?" if near else ""
            reason = (
                f"There is nothing named '{match[2]}' to {match[1].lower()}.{hint} There are: {', '.join(_OPTIONS)}."
            )
            raise QueryError("hide_show", reason)
        if option == "tags":
            return self._replace(tags_shown=not hide)
        if option in FIELDS:
            return self._replace(hidden_fields=_put(self.hidden_fields, FIELDS[option], hide, list(FIELDS.values())))
        names = [name for name, _ in ELEMENTS.values()]
        return self._replace(hidden_elements=_put(self.hidden_elements, ELEMENTS[option][0], hide, names))


def _put(hidden: tuple[str, ...], name: str, hide: bool, order: list[str]) -> tuple[str, ...]:
    now = (set(hidden) | {name}) if hide else (set(hidden) - {name})
    return tuple(one for one in order if one in now)


def view(line: str) -> tuple[str, groups.Grouper | None] | None:
    """(view, the grouping of its columns) of a `view` line; None for other lines. Raises QueryError (view)."""
    match = _VIEW.match(line)
    if not match:
        return None
    said = match[1]
    if said.lower() == "list":
        return "list", None
    columns = _COLUMNS.fullmatch(said)
    if not columns:
        raise QueryError(
            "view", f"There is no view '{said}'. There are: list; columns by F, for example 'view columns by due'."
        )
    if not columns[1]:
        raise QueryError("view", "Columns need something to stand for: view columns by priority.")
    grouper = groups.parse(f"group by {columns[1]}")
    if not grouper:
        raise QueryError(
            "view",
            f"Columns cannot be made by '{columns[1]}': they take what 'group by' takes, such as priority, root, due.",
        )
    return "columns", grouper._replace(text=line)
