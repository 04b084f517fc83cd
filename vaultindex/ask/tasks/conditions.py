"""The filters of the command line as nodes of the query tree: `--due`, `--owner`, `--priority high+`, words.

Names are resolved before they come here: people and accounts arrive as folded keys (`vaultindex.base.text.fold`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaultindex.base.errors import UsageError
from vaultindex.base.nobody import is_nobody, nobody_sql
from vaultindex.base.text import beyond_ascii, fold
from vaultindex.dates.ranges import Range
from vaultindex.index.schema import not_as_written
from vaultindex.query.nodes.errors import nearest
from vaultindex.query.nodes.row import TaskRow
from vaultindex.query.nodes.tree import And, Blocked, Context, DateIn, Done, Has, Node, Not, Or, Priority, like
from vaultindex.query.terms import Clause
from vaultindex.tasks.urgency import PRIORITIES

# What our own lists ask for: a due date may also be one that only the words of an item say.
_OURS = {"due": "deadline", "happens": "comes"}
DATE_FIELDS = ("due", "scheduled", "start", "created", "done", "cancelled", "happens")


def all_of(nodes: Iterable[Node]) -> Node:
    """A task that every node accepts; no nodes accept every task."""
    return And(tuple(nodes))


def any_of(nodes: Iterable[Node]) -> Node:
    return Or(tuple(nodes))


class _Keys(Node):
    """One of the task's columns holds one of some folded names."""

    __slots__ = ("keys",)

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(sorted(set(keys)))

    def _in(self, column: str) -> str:
        return f"{column} IN ({', '.join('?' * len(self.keys))})"


class Owner(_Keys):
    """The task's owner means one of these people, however it is written there."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause(self._in("t.person_key"), self.keys)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.person_key in self.keys


class Written(_Keys):
    """The task's owner is written as one of these names, or means one of them: `@Ann`, or the user's own names."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        # Both are in an index; the owner's key is the one of these that is there first.
        return Clause(f"({self._in('t.person_key')} OR {self._in('t.written_key')})", self.keys * 2)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.owner_key in self.keys or task.person_key in self.keys


class Theirs(_Keys):
    """The task has an owner who is a person, and is none of these (my) names."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        me = Owner(self.keys).sql(ctx)
        owned = f"t.person_key > '' AND NOT {nobody_sql('t.person_key')}"
        return Clause(f"({owned} AND NOT ifnull({me.sql}, 0))", me.params)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return bool(task.person_key) and not is_nobody(task.person_key or "") and not Owner(self.keys).match(task, ctx)


class Nobodys(Node):
    """The task has no owner, or one that is no person: `@TBD`, a team."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause(f"(t.person_key IS NULL OR {nobody_sql('t.person_key')})")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return is_nobody(task.person_key or "")


class Person(_Keys):
    """The task is owned by one of these people, or stands in a note that lists them as there."""

    __slots__ = ("_notes",)

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__(keys)
        self._notes: frozenset[int] | None = None

    def sql(self, ctx: Context) -> Clause:
        owned = Owner(self.keys).sql(ctx)
        there = f"t.note IN (SELECT p.note FROM people p WHERE {self._in('p.key')})"
        return Clause(f"({owned.sql} OR {there})", owned.params + self.keys)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        if self._notes is None:
            assert ctx.conn is not None
            rows = ctx.conn.execute(f"SELECT p.note FROM people p WHERE {self._in('p.key')}", self.keys)
            self._notes = frozenset(row[0] for row in rows)
        return Owner(self.keys).match(task, ctx) or task.note in self._notes


class With(Node):
    """The task is one of these people's, stands in a note that lists them as there, or names them."""

    __slots__ = ("_named", "_people")

    def __init__(self, keys: Iterable[str]) -> None:
        self._people = Person(keys)
        self._named = [Naming(key) for key in sorted(self._people.keys)]

    def sql(self, ctx: Context) -> Clause:
        # As one list of rows: SQLite begins with these few, whatever else is asked.
        people = self._people
        owned = f"SELECT x.rowid FROM tasks x WHERE {people._in('x.person_key')}"
        there = f"SELECT x.rowid FROM people p CROSS JOIN tasks x ON x.note = p.note WHERE {people._in('p.key')}"
        parts = [Clause(owned, people.keys), Clause(there, people.keys), *(one.rows(ctx) for one in self._named)]
        params = tuple(param for part in parts for param in part.params)
        return Clause(f"t.rowid IN ({' UNION '.join(part.sql for part in parts)})", params)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return any(node.match(task, ctx) for node in (self._people, *self._named))


class Account(_Keys):
    """The task's note belongs to one of these accounts."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause(f"t.note IN (SELECT n.id FROM notes n WHERE {self._in('n.account_key')})", self.keys)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.account_key in self.keys


class InNote(Node):
    """The task stands in this note (its id)."""

    __slots__ = ("note",)

    def __init__(self, note: int) -> None:
        self.note = note

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.note = ?", (self.note,))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.note == self.note


class Listed(Node):
    """The task's note is not left out of lists (as conflict copies and folders of the user's choice are)."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.note NOT IN (SELECT n.id FROM notes n WHERE n.excluded IS NOT NULL)")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.excluded is None


class State(Node):
    """The task is in one of these states."""

    __slots__ = ("states",)

    def __init__(self, *states: str) -> None:
        self.states = states

    def sql(self, ctx: Context) -> Clause:
        return Clause(f"t.state IN ({', '.join('?' * len(self.states))})", self.states)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.state in self.states


class Status(Node):
    """The task's status character is this one."""

    __slots__ = ("symbol",)

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.status = ?", (self.symbol,))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.status == self.symbol


class Owned(Node):
    """The task names an owner."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.owner_key IS NOT NULL")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.owner_key is not None


class Boxed(Node):
    """The task has a box: it is the Tasks plugin's, too."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.way = 0")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.way == 0


class Word(Node):
    """The task's text holds a word or phrase, case and accents ignored."""

    __slots__ = ("key",)

    def __init__(self, word: str) -> None:
        self.key = fold(word)

    def sql(self, ctx: Context) -> Clause:
        holds = ctx.function(self._holds)
        if not self.key.isascii() or len(self.key) > 1_000:
            return Clause(f"{holds}(t.text)")
        # Only a text with characters beyond ASCII can hold the words in another form than LIKE finds.
        words = self.key.split(" ")
        found = " AND ".join("t.text LIKE ? ESCAPE '\\'" for _ in words)
        if len(words) > 1:  # there may be more than one blank between them
            found = f"({found} AND {holds}(t.text))"
        return Clause(f"({found} OR ({beyond_ascii('t.text')} AND {holds}(t.text)))", tuple(map(like, words)))

    def _holds(self, text: str) -> bool:
        return self.key in fold(text)

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return self._holds(task.text)


class Naming(Node):
    """The task's text holds a folded name as whole words."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def sql(self, ctx: Context) -> Clause:
        rows = self.rows(ctx)
        return Clause(f"t.rowid IN ({rows.sql})", rows.params)

    def rows(self, ctx: Context) -> Clause:
        """The tasks as a list of their rowids: those of the notes in which the search finds the name, and those whose texts may
        hold it in a form that it does not find (`not_as_written`)."""
        named = ctx.function(self._named)
        words = [word for word in self.key.split() if any(char.isalnum() for char in word)]
        if not (words and self.key.isascii()):
            return Clause(f"SELECT x.rowid FROM tasks x WHERE {named}(x.text)")
        near = " AND ".join("x.text LIKE ? ESCAPE '\\'" for _ in words)
        likes = tuple(map(like, words))
        there = "SELECT rowid FROM search WHERE search MATCH ?"
        return Clause(
            f"SELECT x.rowid FROM tasks x WHERE x.note IN ({there}) AND {near} AND {named}(x.text) UNION SELECT x.rowid FROM tasks x"
            f" WHERE {not_as_written('x.')} AND ({beyond_ascii('x.text')} OR ({near})) AND {named}(x.text)",
            ('"' + self.key.replace('"', '""') + '"', *likes, *likes),
        )

    def _named(self, text: str) -> bool:
        folded, at = fold(text), -1
        while (at := folded.find(self.key, at + 1)) >= 0:
            around = folded[at - 1 : at] + folded[at + len(self.key) : at + len(self.key) + 1]
            if not any(char.isalnum() for char in around):
                return True
        return False

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return self._named(task.text)


class Doubted(Node):
    """The due date may be the generator's, or is said in words only (`date_doubt`)."""

    __slots__ = ()

    def sql(self, ctx: Context) -> Clause:
        return Clause("t.date_doubt IS NOT NULL")

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return task.date_doubt is not None


class Tag(Node):
    """The task has this tag or one below it: '#a' finds '#a' and '#a/b', whatever the case."""

    __slots__ = ("tag",)

    def __init__(self, tag: str) -> None:
        self.tag = "#" + tag.strip().lstrip("#").rstrip("/").lower()

    def sql(self, ctx: Context) -> Clause:
        if not self.tag.isascii() or set(self.tag) & {'"', "\\", "i", "k"}:
            return Clause(f"(t.tags <> '[]' AND {ctx.function(self._among)}(t.tags))")
        whole, below = like(f'"{self.tag}"'), like(f'"{self.tag}/')
        return Clause("(t.tags <> '[]' AND (t.tags LIKE ? ESCAPE '\\' OR t.tags LIKE ? ESCAPE '\\'))", (whole, below))

    def _among(self, tags: str) -> bool:
        import json

        return self._fits(json.loads(tags))

    def _fits(self, tags: Iterable[str]) -> bool:
        return any(tag == self.tag or tag.startswith(self.tag + "/") for tag in map(str.lower, tags))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        return self._fits(task.tag_list())


class Stale(Node):
    """Not done, and neither created nor noted down after a day: the task's creation date, else its note's."""

    __slots__ = ("day",)

    def __init__(self, day: str) -> None:
        self.day = day

    def sql(self, ctx: Context) -> Clause:
        created = "CASE WHEN instr(t.invalid, ',created,') THEN NULL ELSE t.created END"
        noted = "(SELECT n.date FROM notes n WHERE n.id = t.note)"
        done = Done().sql(ctx)
        return Clause(f"(NOT {done.sql} AND coalesce({created}, {noted}) <= ?)", (*done.params, self.day))

    def match(self, task: TaskRow, ctx: Context) -> bool:
        since = task.date("created") or task.note_date
        return not task.is_done and since is not None and since <= self.day


def words(found: Sequence[str]) -> Node:
    """The text holds every one of these words."""
    return all_of(Word(word) for word in found)


def when(field: str, days: Range) -> Node:
    """A date field lies in a range; NO_DATE asks for tasks without one."""
    if field not in DATE_FIELDS:
        raise UsageError(f"There is no date '{field}': there are {', '.join(DATE_FIELDS)}.")
    if days.is_none:
        return Not(Has("deadline" if field == "due" else field))
    return DateIn(_OURS.get(field, field), days.start, days.end)


def by(days: Range) -> Node:
    """Due on or before the end of a range."""
    return DateIn("deadline", None, days.end)


def overdue(today: str) -> Node:
    """Due before today and not settled: asked by state, which stands beside the due date in an index."""
    return And((DateIn("deadline", None, today), Not(DateIn("deadline", today, today)), OPEN))


def priority(text: str) -> Node:
    """'high' is that priority, 'high+' that or higher, 'low-' that or lower; several by commas. Raises UsageError."""
    return any_of(_priority(part.strip().lower(), text) for part in text.split(","))


def _priority(part: str, text: str) -> Node:
    level = {"normal": "none"}.get(part.rstrip("+-"), part.rstrip("+-"))
    if level not in PRIORITIES or len(part) - len(part.rstrip("+-")) > 1:
        near = nearest(level, PRIORITIES)
        hint = f" Did you mean '{near}'?" if near else ""
        raise UsageError(f"'{text}' is no priority.{hint} Write one of {', '.join(PRIORITIES)}, or high+, low-.")
    if part.endswith("+"):
        return Priority("from", level)
    if part.endswith("-"):
        return Not(Priority("above", level))
    return Priority("is", level)


def planned(today: str) -> Node:
    """For today, though not due by today: scheduled by today, or starting today."""
    meant = Or((DateIn("scheduled", None, today), DateIn("start", today, today)))
    return And((meant, Not(DateIn("deadline", None, today))))


DOUBTED: Node = Doubted()
UNDATED: Node = Not(Or((Has("deadline"), Has("scheduled"), Has("start"))))
BLOCKED: Node = Blocked()
RECURRING: Node = Has("recurrence")
OPEN: Node = State("proposed", "open")  # what is not settled
