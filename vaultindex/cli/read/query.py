"""The `query` command: the Tasks plugin's language in the shell, and questions saved under a word."""

from __future__ import annotations

import datetime
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.paths import tilde
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import fields_option
from vaultindex.cli.read import saved as saved_ones
from vaultindex.cli.task_columns import PLAIN, columns, looked_at, remember
from vaultindex.query.language.typed import as_lines
from vaultindex.query.nodes.errors import QueryError
from vaultindex.render import json_text, table

# what the plugin hides by name -> our column
_HIDDEN = {"dueDate": "due", "priority": "", "backlinks": "note"}


@command(
    epilog="Examples:  vi query 'not done; due before tomorrow; sort by priority'   vi query --note Dashboard   "
    "vi query --save overdue-mine 'not done; due before today; description includes @Myself'   vi overdue-mine   vi query --list"
)
@click.argument("text", nargs=-1)
@click.option("--note", metavar="NAME", help="Run every tasks block of this note (or TEXT as if it stood there).")
@click.option(
    "--file", "source", type=click.File(encoding="utf-8"), help="Read the query from a file; - is standard input."
)
@click.option("--explain", is_flag=True, help="Say how the query was understood, with the SQL.")
@click.option("--save", metavar="WORD", help="Save the query; from then on `vi WORD` runs it.")
@click.option("--saved", metavar="WORD", help="Run a saved query.")
@click.option("--list", "listed", is_flag=True, help="Which queries are saved.")
@click.option("--show", metavar="WORD", help="The text of a saved query.")
@click.option("--delete", metavar="WORD", help="Forget a saved query.")
@fields_option
@shared
@in_app
def query(
    app: App,
    text: tuple[str, ...],
    note: str | None,
    source: Any,
    explain: bool,
    save: str | None,
    saved: str | None,
    listed: bool,
    show: str | None,
    delete: str | None,
    fields: str | None,
) -> None:
    """Run a query of the Tasks plugin: filters, sorts, groups, limits, presets; `;` or a new line between instructions."""
    if listed or show is not None or delete is not None:
        _saved_ones(app, show, delete)
        return
    asked = _text(app, text, source, saved, note)
    if save is not None:
        _save(app, save, asked)
    conn = app.connect()
    blocks, place = _blocks(conn, note, asked)
    several = asked is None
    answers = [_answer(app, conn, block, place, line, several) for block, line in blocks]
    for (_, line), result in zip(blocks, answers):
        if isinstance(result, QueryError):
            print(f"vi: {safe(f'{place.path}:{line}: {result}')}", file=sys.stderr)
            app.exit_code = result.exit_code
    if app.format in ("json", "jsonl"):
        documents = (_document(app, conn, result, block) for (block, _), result in zip(blocks, answers))
        app.pieces(chain(*documents, [b"\n"]) if asked is not None else _listed(documents))
        return
    for (_, line), result in zip(blocks, answers):
        if isinstance(result, QueryError):
            continue
        if len(blocks) > 1:
            app.lines([table.paint(f"{place.path if place else ''}:{line}", "dim", table.screen().colour)])
        _show(app, conn, result, explain, fields)


def _saved_ones(app: App, show: str | None, delete: str | None) -> None:
    """Which questions are saved; the text of one; or one is forgotten."""
    if delete is not None:
        text = saved_ones.delete(app.env, delete).strip()
        app.lines([safe(f"deleted: {delete}"), *(safe(f"  {line}") for line in text.splitlines())])
    elif show is not None:
        app.lines(map(safe, saved_ones.text_of(app.env, show).rstrip("\n").split("\n")))
    else:
        rows = [
            {"name": name, "query": saved_ones.text_of(app.env, name).strip()} for name in saved_ones.names(app.env)
        ]
        columns = [
            table.Column("name", lambda r: f"vi {r['name']}", style=lambda r: "cyan"),
            table.Column("query", lambda r: "; ".join(r["query"].splitlines()), grow=1, lines=3),
        ]
        app.show(rows, columns, ("name", "query"), "no query is saved: vi query --save WORD '...'")


def _text(app: App, text: tuple[str, ...], source: Any, saved: str | None, note: str | None) -> str | None:
    if saved is not None:
        return saved_ones.text_of(app.env, saved)
    if source is not None:
        return str(source.read())
    if text:
        return as_lines(" ".join(text))
    if note is None:
        if sys.stdin.isatty():
            raise UsageError(
                "no query: vi query 'not done; due before tomorrow', --note NAME, --file FILE, or standard input"
            )
        return sys.stdin.read()
    return None


def _save(app: App, word: str, text: str | None) -> None:
    from vaultindex.cli.table import ALIASES, COMMANDS

    if not word.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"a saved query's name is letters, digits and '-': not {word!r}")
    if word in COMMANDS or word in ALIASES:
        raise UsageError(f"{word} is a command already: save the query under another word")
    if text is None:
        raise UsageError("nothing to save: give the query's text")
    path = saved_ones.keep(app.env, word, "\n".join(line.strip() for line in text.strip().split("\n")))
    app.notes.append(f"saved: vi {word} · {tilde(path)}")


def _blocks(conn: sqlite3.Connection, note: str | None, asked: str | None) -> tuple[list[tuple[str, int]], Any]:
    """((query text, its first line), ...) and the note they stand in."""
    from vaultindex.ask.query_note import place as place_of

    place, body = place_of(conn, note) if note is not None else (None, "")
    if asked is not None:
        return [(asked, 1)], place
    found = [
        (
            match.group(2).replace("\n" + match.group(1), "\n").removeprefix(match.group(1)),
            body.count("\n", 0, match.start()) + 1,
        )
        for match in re.finditer(r"^([ \t>]*)(?:```+|~~~+)tasks[ \t]*\r?\n(.*?)^[ \t>]*(?:```|~~~)", body, re.S | re.M)
    ]
    if not found:
        raise UnknownName(f"{place.path if place else note} has no ```tasks block")
    return found, place


def _answer(app: App, conn: sqlite3.Connection, text: str, place: Any, line: int, several: bool) -> Any:
    """The answer of one query; of several in a note, each by itself: the mistake in one of them."""
    from vaultindex.query.engine import run

    today = datetime.date.fromisoformat(app.today)
    try:
        return run(conn, text, today=today, settings=ask.plugin_settings(conn), query_note=place)
    except QueryError as error:
        if not several:
            raise
        return error


def _listed(documents: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    lead = b"["
    for document in documents:
        yield lead
        yield from document
        lead = b", "
    yield b"]\n"


def _document(app: App, conn: sqlite3.Connection, result: Any, text: str) -> Iterator[bytes]:
    """The answer as a JSON object, in pieces."""
    if isinstance(result, QueryError):
        yield json_text.dumps({"query": text, "error": str(result), "kind": result.kind, "line": result.line}).encode()
        return

    def part(**fields: Any) -> bytes:
        return json_text.dumps(fields)[1:-1].encode()

    yield b"{" + part(query=text, total=result.total, total_before_limit=result.total_before_limit)
    yield b", " + part(count_text=result.count_text) + b', "groups": ['
    for number, group in enumerate(result.groups):
        yield b", {" if number else b"{"
        yield part(names=list(group.names), headings=[h._asdict() for h in group.headings]) + b', "tasks": '
        yield from json_text.json_list(_tasks(app, conn, [group]).texts())
        yield b"}"
    layout = result.layout
    shown = {
        "short_mode": layout.short_mode, "hidden_fields": list(layout.hidden_fields),
        "hidden_elements": list(layout.hidden_elements), "view": layout.view,
    }  # fmt: skip
    yield b"], " + part(layout=shown, explain=result.explain) + b"}"


def _tasks(app: App, conn: sqlite3.Connection, groups: Iterable[Any], only: Sequence[str] | None = None) -> ask.Found:
    keys = [key for group in groups for key in group.keys]
    return ask.Found(conn, keys, app.today, app.config.get("me"), only=only)


def _show(app: App, conn: sqlite3.Connection, result: Any, explain: bool, fields: str | None) -> None:
    to = table.screen()
    if explain or result.layout.explain:
        app.lines([safe(result.explain.rstrip("\n"))])
        if explain:
            params = ", ".join(repr(p) for p in result.params)
            app.lines(
                [
                    "",
                    table.paint(
                        "SQL: " + safe(result.sql) + (f"\n     with {params}" if params else ""), "dim", to.colour
                    ),
                ]
            )
        app.lines([""])
    hidden = {_HIDDEN[f] for f in result.layout.hidden_fields if f in _HIDDEN}
    if "hideBacklinks" in result.layout.hidden_elements:
        hidden.add("note")
    rows = _tasks(app, conn, result.groups, looked_at(app, fields))
    if app.format != "table" or fields is not None:
        app.show(rows, PLAIN, ask.FIELDS, "no tasks", only=fields)
        return
    shape = [c for c in columns(app, conn) if c.title not in hidden]
    if result.layout.short_mode:
        shape = [c for c in shape if c.title in ("id", "", "due", "task")]
    if app.picks:
        app.offer(rows, shape)
        return
    remember(app, conn, rows)
    left = iter(rows)
    groups = [
        ([(h.level, _plain_name(h.text)) for h in group.headings if h.text], [row for _, row in zip(group.keys, left)])
        for group in result.groups
    ]
    app.lines(table.grouped(groups, shape, to))
    if "hideTaskCount" not in result.layout.hidden_elements:
        app.lines([result.count_text])


def _plain_name(text: str) -> str:
    """A heading as the app shows it: the `%%0%%` that orders it is a comment."""
    return re.sub(r"%%.*?%%", "", text)
