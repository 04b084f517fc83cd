"""What `vi person NAME --write` does: a marked block in the person's own note, shown as a diff, written after a yes, undone in one step.

The block holds what the page says, as bullets without boxes, so that no task stands twice in the vault; it names no day but
those of the notes, so that it changes only when they do.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import one_line, safe
from vaultindex.change.desk import follow
from vaultindex.cli.app import App
from vaultindex.cli.change.apply import desk
from vaultindex.notes.model import OWN_BLOCK
from vaultindex.render.phrases import count, wikilink
from vaultindex.state import edits
from vaultindex.state.journal import Journal
from vaultindex.vault.note_lines import Lines

Row = dict[str, Any]
BEGIN = f"{OWN_BLOCK}: kept by `vi person NAME --write`, what you write in here is lost %%"
END = "%% end of vi person %%"
_FEW = 5  # meetings and decisions


def write(app: App, document: Row, yes: bool) -> None:
    """Put the person's page into their note. Raises UsageError where nobody can be asked and `yes` does not say so."""
    path = document["note"]
    if path is None:
        raise UsageError(
            f"{document['name']} has no note: make one in a folder of people, such as People/{document['name']}.md"
        )
    with desk(app) as at:
        block = _block(at.conn, document)
        before = edits.read(app.root, path)
        texts = Lines(before).read()
        first, last = _stands(path, texts)
        if first is not None and texts[first : last + 1] == block:
            app.lines([f"{safe(path)} is up to date"])
            return
        changes = [
            edits.Change(path, number + 1, texts[number], block if number == first else [], "", document["name"])
            for number in (range(first, last + 1) if first is not None else ())
        ]
        gap = [""] if any(text.strip() for text in texts[-1:]) else []
        app.lines(safe(line) for line in edits.preview(app.root, changes) or [f"+{line}" for line in block])
        if not yes:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise UsageError(f"this would change {path}: say --yes")
            if not click.confirm(f"write {count(len(block), 'line')} to {safe(path)}?", err=True):
                return
        if changes:
            _replace(app, at.journal, changes)
        else:
            edits.insert(app.root, at.journal, path, len(texts), [*gap, *block], document["name"], "person")
        follow(at, {path})
    app.lines([f"written to {safe(path)} · undo: vi undo"])


def _replace(app: App, journal: Journal, changes: list[edits.Change]) -> None:
    _, refused = edits.apply(app.root, journal, "person", changes)
    if refused:
        raise refused[0].error


def _stands(path: str, texts: list[str]) -> tuple[int | None, int]:
    """(first, last) index of the block's lines; (None, 0) when there is none. Raises VaultError for half a block."""
    begins = [number for number, text in enumerate(texts) if text == BEGIN]
    ends = [number for number, text in enumerate(texts) if text == END]
    if not begins and not ends:
        return None, 0
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        line = (begins or ends)[0] + 1
        raise VaultError(f"{path}:{line}: the block of vi person has not one beginning and one end: take its marks out")
    return begins[0], ends[0]


def _block(conn: sqlite3.Connection, document: Row) -> list[str]:
    """The lines of the block, its marks included."""

    def plain(text: str) -> str:
        return one_line(text).replace("%%", "% %")

    def part(title: str, some: list[str]) -> list[str]:
        return [f"**{title}**", *some, ""] if some else []

    def task(row: Row) -> str:
        due = f" (due {row['due']})" if row["due"] and not row["date_doubt"] else ""
        return f"- {plain(row['text'])}{due} {wikilink(conn, row['path'])}"

    name = document["name"].split()[0]
    facts = [
        ("last met", document["last"] or ""),
        ("accounts", ", ".join(one["name"] for one in document["accounts"])),
        ("usually with", ", ".join(one["name"] for one in document["usually_with"])),
    ]
    lines = [
        *part("At a glance", [f"- {what}: {plain(value)}" for what, value in facts if value]),
        *part(f"{name} owes", [task(row) for row in document["owes"]]),
        *part(f"I owe {name}", [task(row) for row in document["i_owe"]]),
        *part(
            f"Settled with {name}",
            [f"- {row['date'] or 'no date'}: {plain(row['text'])} {wikilink(conn, row['path'])}" for row in document["decisions"][:_FEW]],
        ),
        *part(f"Latest with {name}", [f"- {met['date']} {wikilink(conn, met['path'])}" for met in document["meetings"][:_FEW]]),
    ]  # fmt: skip
    return [BEGIN, *(lines[:-1] or [f"The notes say nothing of {plain(document['name'])} yet."]), END]
