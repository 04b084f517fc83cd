"""The conditions of a query. Each has two forms that agree: `sql` for the index, `match` for one task in Python.

A clause is never NULL where it matters: a negation asks `IS NOT TRUE`, so that a missing value counts as no match, as
it does in Python. Values go in as parameters only; what SQLite cannot say is a function of ours that the clause calls.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from vaultindex.base.text import JS_SPACE
from vaultindex.index.schema import real
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.row import TaskRow
from vaultindex.query.terms import Clause
from vaultindex.tasks.plugin_settings import DONE_TYPES, TaskSettings
from vaultindex.tasks.urgency import PRIORITIES

Params = tuple[Any, ...]


FUNCTION = "vi_"  # how the names of our functions begin in SQL


_numbers = itertools.count(1)


class Context:
    """What a condition needs besides the task: today, the vault's settings, and the index for what involves other tasks."""

    def __init__(self, today: str, settings: TaskSettings, conn: sqlite3.Connection | None = None) -> None:
        self.today, self.settings, self.conn = today, settings, conn
        self.failure: QueryError | None = None  # what one of our functions raised: SQLite forgets it
        self._open_ids: frozenset[str] | None = None
        self._needed_ids: frozenset[str] | None = None

    def function(self, function: Callable[[Any], Any], may_fail: bool = False) -> str:
        """The name under which SQL may call a Python function of ours; what it raises is kept when it `may_fail`."""
        assert self.conn is not None

        def guarded(value: Any) -> Any:
            try:
                return function(value)
            except QueryError as error:
                self.failure = error
                raise

        # A name of its own: SQLite does not give an old one anew while a list is being read.
        name = f"{FUNCTION}{next(_numbers)}"
        self.conn.create_function(name, 1, guarded if may_fail else function, deterministic=True)
        return name

    def has_column(self, table: str, column: str) -> bool:
        """Whether the index keeps this column."""
        return any(row[1] == column for row in self._ask(f"PRAGMA table_info({table})"))

    def most_are_due_by(self, day: str) -> bool:
        """Whether so many tasks are due by this day that reading all of them is quicker than looking these up."""
        if self.conn is None:
            return False
        # A look-up by the index costs six times the step from one task to the next.
        sql = (
            "SELECT 1 FROM tasks WHERE due <= ? LIMIT 1 OFFSET (SELECT max(ifnull(max(rowid), 0) / 6, 2000) FROM tasks)"
        )
        return self.conn.execute(sql, (day,)).fetchone() is not None

    @property
    def open_ids(self) -> frozenset[str]:
        """The ids of all tasks that are not done."""
        if self._open_ids is None:
            self._open_ids = frozenset(
                row[0] for row in self._ask(f"SELECT task_id FROM tasks d WHERE d.task_id <> '' AND {NOT_DONE}")
            )
        return self._open_ids

    @property
    def needed_ids(self) -> frozenset[str]:
        """The ids that tasks which are not done depend on."""
        if self._needed_ids is None:
            rows = self._ask(f"SELECT depends_on FROM tasks d WHERE d.depends_on <> '' AND {NOT_DONE}")
            self._needed_ids = frozenset(one for row in rows for one in row[0].split(","))
        return self._needed_ids

    def _ask(self, sql: str) -> list[Any]:
        assert self.conn is not None
        return self.conn.execute(sql).fetchall()


NOT_DONE = f"d.status_type NOT IN ({', '.join(repr(kind) for kind in sorted(DONE_TYPES))})"


class Node:
    """A condition on a task. Plain classes, because twenty NamedTuples would cost a short command ten milliseconds."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        """The condition in SQL, over `t` (tasks) and, in subqueries, `notes`."""
        raise NotImplementedError

    def match(self, task: TaskRow, ctx: Context) -> bool:
        """The condition for one task in Python; agrees with `sql`."""
        raise NotImplementedError


# ---------------------------------------------------------------- joining questions


def _balanced(parts: Sequence[str], word: str) -> str:
    """a AND b AND c ... as a tree of little depth: SQLite allows an expression 1,000 levels."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_balanced(parts[:half], word)} {word} {_balanced(parts[half:], word)})"


def _joined(clauses: Sequence[Clause], word: str) -> Clause:
    return Clause(_balanced([clause.sql for clause in clauses], word), tuple(p for c in clauses for p in c.params))


class And(Node):
    __slots__ = ("nodes",)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    def sql(self, ctx: Context) -> Clause:
        if not self.nodes:
            return Clause("1")
        clauses = [node.sql(ctx) for node in self.nodes]
        # SQLite asks in the order given: what calls our functions comes last, for the fewest rows.
        return _joined(sorted(clauses, key=lambda clause: FUNCTION in clause.sql), "AND")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return all(node.match(task, ctx) for node in self.nodes)


class Or(Node):
    __slots__ = ("nodes",)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    def sql(self, ctx: Context) -> Clause:
        return _joined([node.sql(ctx) for node in self.nodes], "OR") if self.nodes else Clause("0")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return any(node.match(task, ctx) for node in self.nodes)


class Xor(Node):
    """True when an odd number is: what pairwise `exactly one of` comes to."""

    __slots__ = ("nodes",)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes

    def sql(self, ctx: Context) -> Clause:
        clauses = [node.sql(ctx) for node in self.nodes]
        odd = _balanced([f"({clause.sql} IS TRUE)" for clause in clauses], "<>")
        return Clause(odd, tuple(p for c in clauses for p in c.params))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return sum(node.match(task, ctx) for node in self.nodes) % 2 == 1


class Not(Node):
    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def sql(self, ctx: Context) -> Clause:
        clause = self.node.sql(ctx)
        return Clause(f"({clause.sql} IS NOT TRUE)", clause.params)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return not self.node.match(task, ctx)


def negated(node: Node, negate: bool) -> Node:
    return Not(node) if negate else node


# ---------------------------------------------------------------- status, priority, presence


class Done(Node):
    """Done, cancelled or no task at all."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause(f"t.status_type IN ({', '.join('?' * len(DONE_TYPES))})", tuple(sorted(DONE_TYPES)))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.is_done


class StatusType(Node):
    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.status_type = ?", (self.kind,))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.status_type == self.kind


class Priority(Node):
    """`level` of PRIORITIES; how: 'is', 'above' or 'below' it, 'from' it upwards."""

    __slots__ = ("how", "level")

    def __init__(self, how: str, level: str) -> None:
        self.how, self.level = how, level

    def sql(self, ctx: Context) -> Clause:
        sign = {"is": "=", "above": "<", "below": ">", "from": "<="}[self.how]
        return Clause(f"t.priority {sign} ?", (PRIORITIES.index(self.level),))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        level = PRIORITIES.index(self.level)
        return {
            "is": task.priority == level,
            "above": task.priority < level,
            "below": task.priority > level,
            "from": task.priority <= level,
        }[self.how]


_EMPTY = {
    "tags": "t.tags <> '[]'",
    "id": "t.task_id <> ''",
    "depends on": "t.depends_on <> ''",
    "recurrence": "t.recurrence IS NOT NULL",
}
HAPPENS = ("start", "scheduled", "due")


class Has(Node):
    """The task has tags, an id, dependencies, a recurrence rule, or a date (also one that does not exist)."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def sql(self, ctx: Context) -> Clause:
        if self.what == "happens":
            return Clause("(t.start IS NOT NULL OR t.scheduled IS NOT NULL OR t.due IS NOT NULL)")
        return Clause(_EMPTY.get(self.what) or f"t.{self.what} IS NOT NULL")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        if self.what == "happens":
            return bool(task.start or task.scheduled or task.due)
        name = {"id": "task_id", "depends on": "depends_on"}.get(self.what, self.what)
        return getattr(task, name) not in (None, "", "[]")


class ExcludeSubItems(Node):
    """Not indented, or at most by one space behind the last '>' of a quote."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause("(t.indentation = '' OR t.indentation LIKE '%>' OR t.indentation LIKE '%> ')")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.indentation == "" or task.indentation.endswith((">", "> "))


# ---------------------------------------------------------------- dates


class DateInvalid(Node):
    __slots__ = ("field",)

    def __init__(self, field: str) -> None:
        self.field = field

    def sql(self, ctx: Context) -> Clause:
        return Clause("instr(t.invalid, ?) > 0", (f",{self.field},",))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return bool(task.invalid and f",{self.field}," in task.invalid)


class DateIn(Node):
    """The field's date exists and lies from `start` to `end` (both included, None is open)."""

    __slots__ = ("end", "field", "start")

    def __init__(self, field: str, start: str | None, end: str | None) -> None:
        self.field, self.start, self.end = field, start, end

    def sql(self, ctx: Context) -> Clause:
        parts, params = [], []
        if self.start is not None:
            parts.append(f"t.{self.field} >= ?")
            params.append(self.start)
        if self.end is not None:
            # The plus keeps SQLite from finding most of the tasks one by one by their due dates.
            plus = "+" * (self.start is None and self.field == "due" and ctx.most_are_due_by(self.end))
            parts.append(f"{plus}t.{self.field} <= ?")
            params.append(self.end)
        if not parts:
            parts.append(f"t.{self.field} IS NOT NULL")
        if self.field not in ("happens", "comes"):
            written = "due" if self.field == "deadline" else self.field
            parts.append(real(written))
        return Clause(f"({' AND '.join(parts)})", tuple(params))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        day = task.date(self.field)
        return day is not None and (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


# ---------------------------------------------------------------- dependencies

# The ids are letters, digits, '_' and '-', so that a list of them becomes JSON by its commas.
_IDS = """json_each('["' || replace({}.depends_on, ',', '","') || '"]')"""


class Blocked(Node):
    """Not done, and depends on a task that is not done."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        needs = f"EXISTS (SELECT 1 FROM {_IDS.format('t')} j JOIN tasks d ON d.task_id = j.value WHERE {NOT_DONE})"
        # The plus keeps SQLite from walking the index of status types: few tasks depend on any.
        return Clause(f"(t.depends_on <> '' AND {NOT_DONE.replace('d.', '+t.')} AND {needs})")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return not task.is_done and any(one in ctx.open_ids for one in task.depends_on.split(",") if one)


class Blocking(Node):
    """Not done, and a task that is not done depends on it."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        needed = f"SELECT j.value FROM tasks d, {_IDS.format('d')} j WHERE d.depends_on <> '' AND {NOT_DONE}"
        return Clause(f"(t.task_id <> '' AND t.task_id IN ({needed}) AND {NOT_DONE.replace('d.', '+t.')})")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return not task.is_done and task.task_id != "" and task.task_id in ctx.needed_ids


# ---------------------------------------------------------------- text

# field -> (SQL, attribute); what is NULL is the empty text.
FIELDS = {
    "description": ("t.description", "description"),
    "heading": ("coalesce(t.heading, '')", "heading"),
    "path": ("n.path", "path"),
    "folder": ("n.folder", "folder"),
    "root": ("n.root", "root"),
    "filename": ("n.filename", "filename"),
    "recurrence": ("coalesce(t.recurrence, '')", "recurrence"),
    "id": ("t.task_id", "task_id"),
    "status.name": ("t.status_name", "status_name"),
    "tags": ("t.tags", "tags"),
}
_OF_NOTE = frozenset(("path", "folder", "root", "filename"))
_STRUCTURE = frozenset('[], "')


def without_filter(description: str, settings: TaskSettings) -> str:
    """A description as filters and sorts see it: without the global filter's first occurrence."""
    word = settings.global_filter
    return description.replace(word, "", 1).strip(JS_SPACE) if word else description


def value_of(task: TaskRow, field: str, settings: TaskSettings) -> str:
    """The text that a field's filter looks at."""
    value: str | None = getattr(task, FIELDS[field][1])
    return without_filter(value or "", settings) if field == "description" else value or ""


def like(text: str) -> str:
    """A LIKE pattern (ESCAPE '\\') for texts that hold this one."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


class Includes(Node):
    """The field's text holds `needle`, whatever the case; of tags, one of them does."""

    __slots__ = ("field", "needle")

    def __init__(self, field: str, needle: str) -> None:
        self.field, self.needle = field, needle

    def sql(self, ctx: Context) -> Clause:
        column = FIELDS[self.field][0]
        needle = self.needle.lower()
        if self.field == "tags":
            # Inside the JSON text nothing but structure can be mistaken for a part of a tag.
            if set(needle) <= _STRUCTURE or not needle.isascii() or set(needle) & {'"', "\\"}:
                return Clause(
                    f"({column} <> '[]' AND {ctx.function(lambda tags: self._in_tags(tags, needle))}({column}))"
                )
            return Clause(f"({column} <> '[]' AND {self._like(column, needle).sql})", self._like(column, needle).params)
        if self.field == "description" and ctx.settings.global_filter:
            return self._called(column, needle, ctx)
        if not needle.isascii() or len(needle) > 1_000:
            return self._called(column, needle, ctx)
        clause = self._like(column, needle)
        if self.field in _OF_NOTE:
            return Clause(f"t.note IN (SELECT n.id FROM notes n WHERE {clause.sql})", clause.params)
        return clause

    @staticmethod
    def _like(column: str, needle: str) -> Clause:
        # LIKE folds ASCII only; beyond it, two capitals have ASCII letters as their small forms.
        exotic = [("i", "\u0130"), ("k", "\u212a")]
        others = [char for small, char in exotic if small in needle]
        if not others:
            return Clause(f"{column} LIKE ? ESCAPE '\\'", (like(needle),))
        lowered = column
        for char in others:
            lowered = f"replace({lowered}, '{char}', '{char.lower()}')"
        return Clause(f"({column} LIKE ? ESCAPE '\\' OR {lowered} LIKE ? ESCAPE '\\')", (like(needle), like(needle)))

    def _called(self, column: str, needle: str, ctx: Context) -> Clause:
        settings, described = ctx.settings, self.field == "description"

        def holds(text: str) -> bool:
            return needle in (without_filter(text, settings) if described else text).lower()

        name = ctx.function(holds)
        if self.field in _OF_NOTE:
            return Clause(f"t.note IN (SELECT n.id FROM notes n WHERE {name}({column}))")
        return Clause(f"{name}({column})")

    @staticmethod
    def _in_tags(tags: str, needle: str) -> bool:
        import json

        return any(needle in tag.lower() for tag in json.loads(tags))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        needle = self.needle.lower()
        if self.field == "tags":
            return any(needle in tag.lower() for tag in task.tag_list())
        return needle in value_of(task, self.field, ctx.settings).lower()


class Matches(Node):
    """The field's text matches a regular expression of JavaScript; of tags, one of them does."""

    __slots__ = ("field", "flags", "pattern")

    def __init__(self, field: str, pattern: str, flags: str) -> None:
        self.field, self.pattern, self.flags = field, pattern, flags

    def sql(self, ctx: Context) -> Clause:
        column = FIELDS[self.field][0]
        search, settings = self._search(ctx), ctx.settings
        if self.field == "tags":
            import json

            function: Callable[[str], bool] = lambda tags: any(map(search, json.loads(tags)))  # noqa: E731
        elif self.field == "description" and settings.global_filter:
            function = lambda text: search(without_filter(text, settings))  # noqa: E731
        else:
            function = search
        call = f"{ctx.function(function, may_fail=True)}({column})"
        if self.field in _OF_NOTE:
            return Clause(f"t.note IN (SELECT n.id FROM notes n WHERE {call})")
        return Clause(call)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        search = self._search(ctx)
        if self.field == "tags":
            return any(map(search, task.tag_list()))
        return search(value_of(task, self.field, ctx.settings))

    def _search(self, ctx: Context) -> Callable[[str], bool]:
        from vaultindex.query.language.regexes import searcher

        return searcher(self.pattern, self.flags)
