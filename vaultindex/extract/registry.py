"""Which tables there are: each module of this room with a class `Row` is one kind of row and one table.

Such a module holds a docstring (its first line is the help text), `class Row` whose annotated names are the columns and whose
annotations are the SQL types (the first two are `note`, the note's id in the index, and `line`), optionally `INDEX` (what
to index: `column`, `a, b`, `column WHERE condition`) and `DERIVED` (more columns that SQLite works out from these when
they are asked for: name -> (annotation, expression)), and `extract(source) -> list[Values]`: plain tuples with Row's
fields, because a vault has a million of them, which pass between processes and into the index as they are. Extractors
are pure: same source, same rows.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from vaultindex.base.text import fold
from vaultindex.extract.source import Kind, Rules, Source, Values
from vaultindex.meetings.about import about
from vaultindex.meetings.read import read_meeting
from vaultindex.meetings.sections import Vocabulary
from vaultindex.meetings.words import ACTIONS, ATTENDEES, DECISIONS
from vaultindex.notes.model import Note
from vaultindex.tasks.line import TaskSettings


class Table(NamedTuple):
    name: str
    help: str
    columns: tuple[tuple[str, str], ...]  # (column, annotation)
    indexed: tuple[str, ...]
    extract: Callable[[Source], list[Values]]
    derived: dict[str, tuple[str, str]]

    def rows(self, source: Source) -> list[Any]:
        """The rows of a note, their columns by name."""
        from types import SimpleNamespace

        names = [name for name, _ in self.columns]
        return [SimpleNamespace(**dict(zip(names, values))) for values in self.extract(source)]


# Which setting adds names of which kind of section.
_NAMES = (("decision_headings", DECISIONS), ("action_headings", ACTIONS), ("attendee_headings", ATTENDEES))


def rules(tasks: TaskSettings, reading: dict[str, Any], capital_x_done: bool = False) -> Rules:
    """The rules, from the vault's own Tasks settings and our settings that affect reading."""
    return Rules(
        tasks,
        vocabulary(reading),
        frozenset(fold(f) for f in reading["account_folders"]),
        frozenset(fold(f) for f in reading["people_folders"]),
        tuple(_own_kind(name, given) for name, given in sorted(reading["rows"].items())),
        frozenset(fold(name.lstrip("@")) for name in reading["me"]),
        reading["loose_items"],
        capital_x_done,
    )


def vocabulary(reading: dict[str, Any]) -> Vocabulary:
    """What names of sections mean, with those that our settings add."""
    return Vocabulary({fold(name): kind for setting, kind in _NAMES for name in reading[setting]})


def _own_kind(name: str, given: dict[str, list[str]]) -> Kind:
    headings, callouts, fields = (
        frozenset(map(fold, given.get(key, ()))) for key in ("headings", "callouts", "fields")
    )
    return Kind(name, headings, callouts, fields)


def source(note: Note, given: Rules, identity: int = 0) -> Source:
    """The source of a note: the note, what it says about itself, and the rules."""
    meeting = read_meeting(note, given.words)
    said = about(note, meeting, given.account_folders, given.people_folders, given.words, given.month_first)
    return Source(note, said, given, identity, meeting)


def tables() -> list[Table]:
    """Every table of rows, by name: each module of this package that has a class `Row`."""
    names = sorted(f[:-3] for f in os.listdir(os.path.dirname(__file__)) if f.endswith(".py") and f[0] != "_")
    modules = [(name, importlib.import_module(f"vaultindex.extract.{name}")) for name in names]
    return [_table(module, name) for name, module in modules if hasattr(module, "Row")]


def _table(module: ModuleType, name: str) -> Table:
    classes = [c for c in reversed(module.Row.__mro__) if "__annotations__" in vars(c)]
    columns = tuple((name, _annotation(v)) for c in classes for name, v in c.__annotations__.items())
    first = (module.__doc__ or "").strip().split("\n", 1)[0]
    indexed, derived = getattr(module, "INDEX", ()), getattr(module, "DERIVED", {})
    return Table(name, first, columns, indexed, module.extract, derived)


def kinds(own: tuple[Kind, ...]) -> list[dict[str, Any]]:
    """Every kind of row that can be listed, as plain values: its name, table, help text and columns; `own` are the user's."""
    found: list[dict[str, Any]] = []
    for table in tables():
        columns = [name for name, _ in table.columns]
        if "text" in columns:
            given: dict[str, Any] = {"table": table.name, "columns": columns}
            if "kind" in columns:
                found += [{**given, "name": kind.name, "help": _own_help(kind)} for kind in own]
            else:
                found.append({**given, "name": table.name, "help": table.help})
    return sorted(found, key=lambda kind: str(kind["name"]))


def _own_help(kind: Kind) -> str:
    ways = ((kind.headings, "below {}"), (kind.callouts, "[!{}] callouts"), (kind.fields, "{}:: fields"))
    return "Your own kind: " + ", ".join(text.format(", ".join(sorted(names))) for names, text in ways if names)


def _annotation(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__forward_arg__", None) or value.__name__
