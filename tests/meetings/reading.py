"""What one note's text is read as, without an index: attendees, items, decisions, title, date, account."""

from __future__ import annotations

from typing import Any, NamedTuple

from vaultindex.base import settings
from vaultindex.extract import registry
from vaultindex.notes.parse import parse_note
from vaultindex.tasks.line import TaskSettings

RULES = registry.rules(TaskSettings(), settings.load({}).reading())
TABLES = {table.name: table for table in registry.tables()}
ORIGINS = ("box", "bullet", "table", "line")


class Item(NamedTuple):
    text: str
    owner: str | None
    due: str | None
    origin: str
    state: str


class Read(NamedTuple):
    title: str
    date: str | None
    account: str | None
    attendees: list[str]
    items: list[Item]
    decisions: list[str]


def read(text: str, path: str = "Meetings/2026-03-02 Call.md", rules: registry.Rules = RULES) -> Read:
    source = registry.source(parse_note(text, path), rules, 1)

    def rows(name: str) -> list[Any]:
        return TABLES[name].rows(source)

    states = ("proposed", "open", "done", "cancelled", "other")
    items = [
        Item(r.text, r.owner_person, r.due or r.due_said, ORIGINS[r.way], states[r.standing])
        for r in sorted(rows("tasks"), key=lambda r: r.line)
    ]
    people = list(dict.fromkeys(name for _, name, _ in source.about.participants))
    return Read(
        source.about.title, source.about.date, source.about.account, people, items, [r.text for r in rows("decisions")]
    )
