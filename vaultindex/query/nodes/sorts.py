"""`sort by ...`: each order is an SQL term, so that a limit needs no more rows in memory than it lets through."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.row import TaskRow
from vaultindex.query.nodes.tree import Context, without_filter
from vaultindex.query.terms import Clause, urgency_term
from vaultindex.tasks.plugin_settings import DONE_TYPES, TaskSettings
from vaultindex.tasks.urgency import PRIORITIES, urgency

TYPE_ORDER = ("IN_PROGRESS", "TODO", "ON_HOLD", "DONE", "CANCELLED", "NON_TASK")

# In the order in which the plugin looks: 'status.name' before 'status'.
SORTABLE = (
    "status.name", "status.type", "status", "recurring", "priority", "happens", "cancelled", "created", "start",
    "scheduled", "due", "done", "path", "description", "tag", "heading", "filename", "urgency", "id", "random",
)  # fmt: skip
_SORT = lazy_pattern(rf"sort by ({'|'.join(re.escape(name) for name in SORTABLE)})( reverse)?", re.IGNORECASE)
_TAG = rf"sort by tag( reverse)?[{JS_SPACE}]*([0-9]+)?"


class Sorter(NamedTuple):
    """One level of order. `nth` is which tag decides (1-based), for tags only."""

    text: str
    field: str
    reverse: bool
    nth: int = 1

    def term(self, ctx: Context) -> Clause:
        """What stands in ORDER BY, the smaller the sooner (reverse not yet applied)."""
        if self.field in _TERMS:
            return Clause(_TERMS[self.field])
        if self.field in _DATES:
            return _date(self.field)
        if self.field == "urgency":
            urgency = urgency_term(ctx.today)
            return Clause(f"-{urgency.sql}", urgency.params)
        if self.field == "random":
            return Clause(f"{ctx.function(lambda text: _hash(f'{ctx.today} {text}'))}(t.description)")
        if self.field == "tag":
            return Clause(f"{ctx.function(lambda tags: _tag_key(tags, self.nth), may_fail=True)}(t.tags)")
        return text_term(self.field, ctx)


_DATES = frozenset(("due", "scheduled", "start", "created", "done", "cancelled", "happens"))
_TERMS = {
    "status": f"t.status_type IN ({', '.join(repr(kind) for kind in sorted(DONE_TYPES))})",
    "status.type": "CASE t.status_type "
    + " ".join(f"WHEN '{kind}' THEN {i}" for i, kind in enumerate(TYPE_ORDER))
    + " END",
    "priority": "t.priority",
    "recurring": "t.recurrence IS NULL",
}
_TEXTS = {
    "path": "n.path",
    "filename": "n.filename",
    "heading": "coalesce(t.heading, '')",
    "id": "t.task_id",
    "status.name": "t.status_name",
    "description": "t.description",
}


def parse(line: str) -> Sorter | None:
    """The order that a line asks for, None when it asks for none that exists. What follows the field is ignored."""
    match = _SORT.match(line)
    if not match:
        return None
    field = match[1].lower()
    if field == "tag" and (tag := re.match(_TAG, line, re.IGNORECASE)):
        return Sorter(line, field, bool(tag[1]), int((tag[2] or "1")[:9]))
    return Sorter(line, field, bool(match[2]))


def order_by(sorters: list[Sorter], ctx: Context) -> Clause:
    """ORDER BY of the user's sorters, then the plugin's own, then file and line."""
    terms: list[str] = []
    params: list[object] = []
    seen: set[str] = set()
    for sorter in (*sorters, *_DEFAULTS):
        if sorter.field in seen and sorter.field != "tag":
            continue  # an order that was settled above can decide nothing more
        seen.add(sorter.field)
        clause = sorter.term(ctx)
        terms.append(f"{clause.sql}{' DESC' * sorter.reverse}")
        params += clause.params
    return Clause(", ".join([*terms, "t.note", "t.line"]), tuple(params))


_DEFAULTS = tuple(Sorter("", field, False) for field in ("status.type", "urgency", "due", "priority", "path"))


def _date(field: str) -> Clause:
    """Dates that do not exist first, then by day, none last."""
    invalid = "" if field == "happens" else f" WHEN instr(t.invalid, ',{field},') THEN ''"
    return Clause(f"CASE WHEN t.{field} IS NULL THEN '~'{invalid} ELSE t.{field} END")


def urgency_of(task: TaskRow, today: str) -> float:
    """The plugin's urgency of one task: the same sum as `urgency_term`."""
    return urgency(task.date("due"), task.date("scheduled"), task.date("start"), PRIORITIES[task.priority], today)


def text_term(field: str, ctx: Context) -> Clause:
    """A text's place in ICU's order."""
    from vaultindex.base.icu_order import sort_key

    # An index that keeps the keys saves making them.
    if field == "path" and ctx.has_column("notes", "path_key"):
        return Clause("n.path_key")
    if field == "description" and ctx.has_column("tasks", "description_key"):
        return Clause("t.description_key")
    known: dict[str, bytes] = {}
    settings = ctx.settings

    def key(text: str) -> bytes:
        # Paths and headings repeat: most tasks share theirs with others.
        found = known.get(text)
        if found is None:
            found = known[text] = sort_key(text)
        return found

    def of_description(text: str) -> bytes:
        return description_key(text, settings)

    return Clause(f"{ctx.function(of_description if field == 'description' else key)}({_TEXTS[field]})")


_MARKS = ("[", "*", "=", "_")  # of a link or emphasis at the beginning


def description_key(description: str, settings: TaskSettings) -> bytes:
    """The place of a task's description in ICU's order, as `sort by description` sees it; an index may keep it."""
    from vaultindex.base.icu_order import sort_key

    return sort_key(plain_description(without_filter(description, settings)))


def plain_description(text: str) -> str:
    """The text by which a description is ordered: a link at its beginning as shown, then emphasis there unwrapped."""
    if text[:1] not in _MARKS:
        return text
    link, *emphasis = _patterns()
    match = link.match(text)
    if match:
        inner = match[1]
        text = inner[inner.find("|") + 1 :] + text[match.end() :]
    for wrapped in emphasis:
        match = wrapped.match(text)
        if match:
            text = match[1] + text[match.end() :]
    return text


@lru_cache(maxsize=1)
def _patterns() -> list[re.Pattern[str]]:
    wrapped = (r"\*\*([^*]+)\*\*", r"\*([^*]+)\*", "==([^=]+)==", "__([^_]+)__", "_([^_]+)_")
    return [re.compile(pattern) for pattern in (r"\[\[?([^\]]+)\]\]?", *wrapped)]


def _tag_key(tags: str, nth: int) -> bytes:
    """The nth tag; tasks with fewer tags behind, those without any last."""
    import json

    from vaultindex.base.icu_order import sort_key

    found = json.loads(tags)
    if not found:
        return b"\2"
    if nth == 0:
        raise QueryError("runtime", "Tags are counted from 1: there is no 'sort by tag 0'.")
    return b"\0" + sort_key(found[nth - 1]) if nth <= len(found) else b"\1"


def _hash(text: str) -> int:
    """A number that looks random but is the same all day for one text: the plugin's own, so that orders agree."""
    data = text.encode("utf-16-le", "surrogatepass")
    value = 9
    for i in range(0, len(data), 2):
        value = ((value ^ (data[i] | data[i + 1] << 8)) * 387420489) & 0xFFFFFFFF
    signed = value - (1 << 32) if value & 0x80000000 else value
    found = signed ^ (value >> 9)
    return found - (1 << 32) if found & 0x80000000 and found > 0 else found
