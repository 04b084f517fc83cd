"""The library: the same reading and the same questions as the command line, for scripts."""

from __future__ import annotations

import datetime
import functools
import os
import sqlite3
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from vaultindex.base import settings
from vaultindex.base.errors import Problem, VaultError
from vaultindex.base.mojibake import repair
from vaultindex.extract import registry
from vaultindex.extract.source import Rules
from vaultindex.index import sync
from vaultindex.notes.model import Heading, Item, Link
from vaultindex.notes.parse import parse_note as _parse
from vaultindex.query.engine import run as _run
from vaultindex.query.nodes.errors import QueryError
from vaultindex.tasks.completion import complete_task
from vaultindex.tasks.line import Task, TaskSettings, format_task, parse_task
from vaultindex.tasks.plugin_settings import STATES

__all__ = [
    "Group", "Heading", "Item", "Link", "Note", "NoteTask", "Problem", "QueryError", "QueryResult", "Record", "Tag", "Task",
    "TaskSettings", "Vault", "VaultError", "complete_task", "format_task", "open_vault", "parse_note", "parse_task",
]  # fmt: skip


class Tag(str):
    """A tag as written, with '#', that also knows its place: `line` is 1-based, `col` 0-based."""

    line: int
    col: int

    @classmethod
    def at(cls, tag: str, line: int, col: int) -> Tag:
        """The tag at a place."""
        made = cls(tag)
        made.line, made.col = line, col
        return made

    @property
    def tag(self) -> str:
        """The tag as written, with '#'."""
        return str(self)

    @property
    def name(self) -> str:
        """The tag without '#'."""
        return self[1:]


class NoteTask(Task):
    """A task in its note: also `line` (1-based), `state` and `heading`."""

    line: int
    state: str
    heading: str | None


class Record(dict[str, Any]):
    """A row of the JSON contract; its fields are keys and attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@functools.cache
def _default_rules() -> Rules:
    return registry.rules(TaskSettings(), {s.name: s.default for s in settings.SETTINGS})


class Note:
    """One note as Obsidian reads it. Lines are 1-based lines of the file.

    `items` are list items (`line`, `status` or None, `parent` line or None), `links` and `embeds` have `link`, `linkpath`,
    `subpath`, `display`, `line`; `headings` have `level`, `text`, `line`; `properties` is a dict; `block_ids` maps ids to
    lines; `decisions` have `line` and `text`; `problems` say what was refused.
    """

    def __init__(self, text: str, path: str, task_settings: TaskSettings | None = None) -> None:
        rules = _default_rules()
        if task_settings is not None:
            rules = rules._replace(tasks=task_settings)
        source = registry.source(_parse(repair(text)[0], path), rules)
        note = source.note
        self.path: str = note.path
        self.title: str = source.about.title
        self.properties: dict[str, Any] = note.properties
        self.property_tags: list[str] | None = note.property_tags
        self.property_links: list[tuple[str, Link]] = note.property_links
        self.items: list[Item] = note.items
        self.links: list[Link] = note.links
        self.embeds: list[Link] = note.embeds
        self.tags: list[Tag] = [Tag.at(t.tag, t.line, t.col) for t in note.tags]
        self.headings: list[Heading] = note.headings
        self.block_ids: dict[str, int] = note.block_ids
        self.problems: list[Problem] = note.problems
        tables = {t.name: t for t in registry.tables()}
        self.decisions: list[Any] = tables["decisions"].rows(source)
        self.tasks: list[NoteTask] = []
        for row in tables["tasks"].rows(source):
            task = parse_task(note.lines[row.line - 1], rules.tasks, path)
            assert task is not None
            made = NoteTask(*task)
            made.line, made.state, made.heading = row.line, STATES[row.standing], row.heading
            self.tasks.append(made)


def parse_note(text: str, path: str, settings: TaskSettings | None = None) -> Note:
    """The note in a text. `path` is its place in the vault, with '/'. Never raises for what the text holds."""
    return Note(text, path, settings)


class Group:
    """Tasks under one name a level (`names` is empty without grouping)."""

    def __init__(self, names: tuple[str, ...], headings: tuple[Any, ...], tasks: list[Record]) -> None:
        self.names, self.headings, self.tasks = names, headings, tasks


class QueryResult:
    """What a query found: `groups`, `tasks` (all, in order), `total`, `total_before_limit`, `count_text`, `explain`."""

    def __init__(self, result: Any, groups: list[Group]) -> None:
        self.groups = groups
        self.total: int = result.total
        self.total_before_limit: int = result.total_before_limit
        self.count_text: str = result.count_text
        self.explain: str = result.explain
        self.layout = result.layout

    @property
    def tasks(self) -> list[Record]:
        """Every task of every group, in order."""
        return [task for group in self.groups for task in group.tasks]


class Vault:
    """A vault and its index; made by `open_vault`, used as a context manager. Every question is answered fresh."""

    def __init__(
        self, path: str | os.PathLike[str], index: str | os.PathLike[str] | None, today: str | datetime.date | None
    ) -> None:
        self.path = os.path.realpath(os.fspath(path))
        self.config = settings.load(dict(os.environ), self.path)
        self.index = (
            os.path.abspath(os.fspath(index))
            if index is not None
            else settings.index_file(dict(os.environ), self.path, self.config)
        )
        self.today = str(today) if today is not None else datetime.date.today().isoformat()
        datetime.date.fromisoformat(self.today)
        self._conn: sqlite3.Connection | None = None

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the vault may be used again."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def sync(self, *, full: bool = False) -> sync.Report:
        """Make the index equal the vault and say what was done. Raises VaultError."""
        self.close()
        return sync.sync(self.path, self.index, self.config, full=full, today=self.today)

    def connection(self) -> sqlite3.Connection:
        """A read-only connection to the index, equal to the vault at this moment."""
        self.close()
        self._conn, _ = sync.open_fresh(self.path, self.index, self.config, today=self.today)
        return self._conn

    def tasks(
        self, words: str | tuple[str, ...] = (), *, sort: str = "due,priority", limit: int | None = None, **filters: Any
    ) -> list[Record]:
        """Tasks in the JSON contract's shape; `filters` are the options of `vi tasks`: due='today', proposed=True, ..."""
        from vaultindex.ask.tasks import lists as ask
        from vaultindex.ask.tasks.options import OPTIONS, build

        unknown = set(filters) - set(OPTIONS)
        if unknown:
            raise TypeError(f"tasks() has no filter {', '.join(sorted(unknown))}; filters: {', '.join(OPTIONS)}")
        conn = self.connection()
        me = self.config.get("me")
        nodes, _ = build(conn, {"words": words, **filters}, self.today, me)
        return [Record(r) for r in ask.select(conn, nodes, today=self.today, me=me, sort=sort.split(","), limit=limit)]

    def rows(
        self,
        kind: str,
        words: str | tuple[str, ...] = (),
        *,
        since: str | None = None,
        until: str | None = None,
        **filters: Any,
    ) -> list[Record]:
        """Rows of a kind ('decisions', 'facts', one of your settings), newest first; filters: account, person, note,
        excluded, limit. Raises VaultError for a kind or name that is not there."""
        from vaultindex.ask import rows as ask

        conn = self.connection()
        some = tuple(words.split()) if isinstance(words, str) else words
        return [Record(r) for r in ask.rows(conn, kind, words=some, when=self._period(since, until), **filters)]

    def decisions(self, words: str | tuple[str, ...] = (), **filters: Any) -> list[Record]:
        """Decisions, newest first; filters: since, until, account, person, note, excluded, limit."""
        return self.rows("decisions", words, **filters)

    def notes(
        self, words: str | tuple[str, ...] = (), *, since: str | None = None, until: str | None = None, **filters: Any
    ) -> list[Record]:
        """Notes, newest first; filters: type, account, person, tag, no_actions, excluded, limit."""
        from vaultindex.ask import notes as ask

        conn = self.connection()
        some = tuple(words.split()) if isinstance(words, str) else words
        return [Record(r) for r in ask.notes(conn, words=some, when=self._period(since, until), **filters)]

    def backlinks(self, name: str, *, unlinked: bool = False, limit: int | None = None) -> list[Record]:
        """Every place that leads to a note or person; newest note first. Raises VaultError for an unknown name."""
        from vaultindex.ask import links as ask

        return [Record(r) for r in ask.backlinks(self.connection(), name, unlinked=unlinked, limit=limit)[1]]

    def query(self, text: str, note: str | None = None) -> QueryResult:
        """The answer to a query in the Tasks plugin's language; `note` is the note it stands in. Raises QueryError."""
        from vaultindex.ask.query_note import place as place_of
        from vaultindex.ask.tasks import lists as ask

        conn = self.connection()
        place = None
        if note is not None:
            place = place_of(conn, note)[0]
        given: Mapping[str, Any] = {
            "settings": ask.plugin_settings(conn),
            "today": datetime.date.fromisoformat(self.today),
        }
        result = _run(conn, text, query_note=place, **given)
        me = self.config.get("me")
        groups = [
            Group(g.names, g.headings, [Record(r) for r in ask.of_rowids(conn, g.keys, self.today, me)])
            for g in result.groups
        ]
        return QueryResult(result, groups)

    def _period(self, since: str | None, until: str | None) -> Any:
        from vaultindex.dates.ranges import between

        return between(since, until, datetime.date.fromisoformat(self.today))


def open_vault(
    path: str | os.PathLike[str], index: str | os.PathLike[str] | None = None, today: str | datetime.date | None = None
) -> Vault:
    """A vault to ask, as a context manager. `index` defaults to the cache folder's file, `today` to the clock's."""
    if not os.path.isdir(path):
        from vaultindex.base.errors import NoVaultError

        raise NoVaultError(f"no vault at {os.fspath(path)}: there is no such folder")
    return Vault(path, index, today)
