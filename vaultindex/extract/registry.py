"""One file here is one kind of row and one table: registered by being there.

A module holds a docstring (first line: the help text), `class Row` whose annotated names are the columns and whose
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
from vaultindex.meetings.about import About, about
from vaultindex.meetings.read import NOTHING_SAID, Meeting, read_meeting
from vaultindex.meetings.sections import Vocabulary
from vaultindex.meetings.words import ACTIONS, ATTENDEES, DECISIONS
from vaultindex.notes.model import Note
from vaultindex.tasks.line import TaskSettings

Values = tuple[Any, ...]


class Rules(NamedTuple):
    """The settings on which rows depend."""

    tasks: TaskSettings
    words: Vocabulary  # the names of sections, with those that the settings add
    account_folders: frozenset[str]  # folded
    people_folders: frozenset[str]  # folded
    loose_items: bool = True  # whether action items without a box are rows
    capital_x_done: bool = False  # whether `[X]` is done: the vault has no Tasks plugin that says otherwise


class Source(NamedTuple):
    """What an extractor reads: the note, what it says about itself, and the rules."""

    note: Note
    about: About
    rules: Rules
    id: int = 0  # of the note in the index
    meeting: Meeting = NOTHING_SAID


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


def named(column: str, names: tuple[str, ...]) -> str:
    """The SQL that gives the name which a column holds by its place in `names`."""
    cases = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(names))
    return f"CASE {column} {cases} END"


def rules(tasks: TaskSettings, reading: dict[str, Any], capital_x_done: bool = False) -> Rules:
    """The rules made of the vault's own Tasks settings and vaultindex's reading settings."""
    return Rules(
        tasks,
        Vocabulary(
            {
                fold(name): kind
                for setting, kind in (
                    ("decision_headings", DECISIONS),
                    ("action_headings", ACTIONS),
                    ("attendee_headings", ATTENDEES),
                )
                for name in reading[setting]
            }
        ),
        frozenset(fold(f) for f in reading["account_folders"]),
        frozenset(fold(f) for f in reading["people_folders"]),
        reading["loose_items"],
        capital_x_done,
    )


def source(note: Note, given: Rules, identity: int = 0) -> Source:
    """The note with what it says about itself."""
    meeting = read_meeting(note, given.words)
    said = about(note, meeting, given.account_folders, given.people_folders, given.words)
    return Source(note, said, given, identity, meeting)


def tables() -> list[Table]:
    """Every table of rows, by name: each module of this package that has a class `Row`."""
    names = sorted(f[:-3] for f in os.listdir(os.path.dirname(__file__)) if f.endswith(".py") and f[0] != "_")
    modules = [(name, importlib.import_module(f"vaultindex.extract.{name}")) for name in names]
    return [_table(module, name) for name, module in modules if hasattr(module, "Row")]


def _table(module: ModuleType, name: str) -> Table:
    columns = tuple((k, _annotation(v)) for k, v in module.Row.__annotations__.items())
    first = (module.__doc__ or "").strip().split("\n", 1)[0]
    indexed, derived = getattr(module, "INDEX", ()), getattr(module, "DERIVED", {})
    return Table(name, first, columns, indexed, module.extract, derived)


def _annotation(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__forward_arg__", None) or value.__name__
