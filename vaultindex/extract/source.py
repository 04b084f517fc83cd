"""What an extractor is given: the note, what it says about itself, and the rules; and what it gives back."""

from typing import Any, NamedTuple

from vaultindex.meetings.about import About
from vaultindex.meetings.read import NOTHING_SAID, Meeting
from vaultindex.meetings.sections import Vocabulary
from vaultindex.notes.model import Note
from vaultindex.tasks.line import TaskSettings

Values = tuple[Any, ...]


class Kind(NamedTuple):
    """A kind of row that is listed below headings, in callouts, or as `name::` fields."""

    name: str
    headings: frozenset[str]  # folded
    callouts: frozenset[str]  # folded types: `> [!decision]`
    fields: frozenset[str]  # folded names: `decision:: text`


class Rules(NamedTuple):
    """The settings on which rows depend."""

    tasks: TaskSettings
    words: Vocabulary  # the names of sections, with those that the settings add
    account_folders: frozenset[str]  # folded
    people_folders: frozenset[str]  # folded
    own: tuple[Kind, ...]  # the kinds of rows that the settings add
    me: frozenset[str] = frozenset()  # folded: owner names that mean the user
    loose_items: bool = True  # whether action items without a box are rows
    capital_x_done: bool = False  # whether `[X]` is done: the vault has no Tasks plugin that says otherwise
    month_first: bool | None = None  # how the vault writes 04/05/2026; None: its dates do not tell


class Source(NamedTuple):
    """What an extractor reads: the note, what it says about itself, and the rules."""

    note: Note
    about: About
    rules: Rules
    id: int = 0  # of the note in the index
    meeting: Meeting = NOTHING_SAID


def named(column: str, names: tuple[str, ...]) -> str:
    """SQL for the name that a column stores as its position in `names`."""
    cases = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(names))
    return f"CASE {column} {cases} END"
