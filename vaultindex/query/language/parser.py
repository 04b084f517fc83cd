"""A query's text -> Query: its filters, orders, groups, limits and layout, or the first mistake in it."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from vaultindex.query.language import explain, filters, layout
from vaultindex.query.language.lines import Instruction, QueryNote, from_properties, instructions
from vaultindex.query.nodes import groups, sorts
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.tree import And, Node
from vaultindex.tasks.plugin_settings import TaskSettings

_LIMIT = re.compile("limit (groups )?(?:to )?([0-9]+)", re.IGNORECASE)
_BY_FUNCTION = re.compile("(sort|group) by function (.*)", re.IGNORECASE | re.DOTALL)


class Said(NamedTuple):
    """An instruction with the words that explain it."""

    instruction: Instruction
    lines: tuple[tuple[int, str], ...] = ()

    def shown(self) -> str:
        """The instruction in its stages, the last one explained."""
        text = " =>\n".join(self.instruction.stages())
        return f"{text} =>\n{explain.rendered(list(self.lines), 1)}" if self.lines else text


class Query(NamedTuple):
    """A query, parsed."""

    filters: tuple[tuple[Said, Node], ...] = ()
    sorters: tuple[tuple[Said, sorts.Sorter], ...] = ()
    groupers: tuple[tuple[Said, groups.Grouper], ...] = ()
    columns: tuple[Said, groups.Grouper] | None = None
    limit: int | None = None
    group_limit: int | None = None
    layout: layout.Layout = layout.Layout()
    layout_lines: tuple[Said, ...] = ()
    ignores_global: bool = False

    @property
    def node(self) -> Node:
        return And(tuple(node for _, node in self.filters))

    def all_groupers(self) -> list[groups.Grouper]:
        columns = [self.columns[1]] if self.columns else []
        return [*columns, *(grouper for _, grouper in self.groupers)]

    def explanation(self) -> str:
        """How the query was understood, in the layout of the Tasks plugin's `explain`."""
        parts = ["ignore global query"] if self.ignores_global else []
        parts += [said.shown() for said, _ in self.filters] or ["No filters supplied. All tasks will match the query."]
        for said in (*(said for said, _ in self.groupers), *(said for said, _ in self.sorters), *self.layout_lines):
            parts.append(said.shown())
        if self.limit is not None:
            parts.append(f"At most {self.limit} task{'s' * (self.limit != 1)}.")
        if self.group_limit is not None:
            count = f"{self.group_limit} task{'s' * (self.group_limit != 1)}"
            parts.append(f'At most {count} per group (if any "group by" options are supplied).')
        return "\n\n".join(part.removesuffix("\n") for part in parts) + "\n"


def parse(text: str, today: date, settings: TaskSettings, note: QueryNote | None = None) -> Query:
    """The query of a text, with what the vault adds: its global query and the TQ_ properties of the query's note.

    Raises QueryError for the first mistake.
    """
    text = text.replace("\r\n", "\n")
    found: list[Instruction] = list(instructions(from_properties(note), settings, note, None))
    found += instructions(text, settings, note)
    ignores = any(_is(one, "ignore global query") for one in found)
    if settings.global_query and not ignores:
        found = [*instructions(settings.global_query.replace("\r\n", "\n"), settings, note, None), *found]
    query = Query()
    reader = filters.Reader(today)
    for one in found:
        try:
            query = _with(query, one, reader)
        except QueryError as error:
            raise error.at(one.written, one.line) from None
    return query


def _is(one: Instruction, words: str) -> bool:
    return one.text[: len(words)].lower() == words


def _with(query: Query, one: Instruction, reader: filters.Reader) -> Query:
    """The query with one more instruction."""
    line, said = one.text, Said(one)
    if _is(one, "short") or _is(one, "full"):
        shape = query.layout._replace(short_mode=_is(one, "short"))
        return query._replace(layout=shape, layout_lines=(*query.layout_lines, said))
    if _is(one, "explain"):
        return query._replace(layout=query.layout._replace(explain=True))
    if _is(one, "ignore global query"):
        return query._replace(ignores_global=True)
    if match := _LIMIT.match(line):
        count = int(match[2][:15])
        return query._replace(group_limit=count) if match[1] else query._replace(limit=count)
    if match := _BY_FUNCTION.match(line):
        raise filters.javascript(match[1].lower(), match[2])
    if sorter := sorts.parse(line):
        return query._replace(sorters=(*query.sorters, (said, sorter)))
    if grouper := groups.parse(line):
        return query._replace(groupers=(*query.groupers, (said, grouper)))
    if view := layout.view(line):
        name, by = view
        shape = query.layout._replace(view=name)
        columns = (said, by) if by else None
        return query._replace(layout=shape, layout_lines=(*query.layout_lines, said), columns=columns)
    if shape_or_none := query.layout.with_option(line):
        return query._replace(layout=shape_or_none, layout_lines=(*query.layout_lines, said))
    if line.startswith("#"):
        return query
    explained = reader.read(line)
    return query._replace(filters=(*query.filters, (Said(one, explained.lines), explained.node)))
