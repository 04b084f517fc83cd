"""The `open` command: a note, or the line of a task or decision, in your editor or in Obsidian."""

from __future__ import annotations

import os
import sqlite3
import sys
from typing import NamedTuple

import click

from vaultindex.ask import names
from vaultindex.base.errors import UnknownName, UsageError, VaultError
from vaultindex.base.text import fold, safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.render import json_text, phrases
from vaultindex.state import journal as state

OPEN = ("path", "line", "file", "address")
# How editors are told the line. One that is not named here gets the file alone: it might take `+12` for a file's name.
_PLUS = frozenset(
    ["vi", "vim", "nvim", "gvim", "view", "nano", "pico", "emacs", "emacsclient", "kak", "joe", "micro", "mg"]
)
_COLON = frozenset(["hx", "helix", "subl", "zed"])
_GOTO = frozenset(["code", "code-insiders", "codium", "cursor", "windsurf"])


class Place(NamedTuple):
    """A note, and the line in it when one was meant."""

    path: str
    line: int | None


@command(
    "open",
    epilog="Examples:  vi open 'Dana Leigh'   vi open k7f   vi open 2 --obsidian   vi open 'Design review:12' --print",
)
@click.argument("name", metavar="NAME|ID")
@click.option("--obsidian", is_flag=True, help="In Obsidian: at the line's block id, else at its heading.")
@click.option("--editor", is_flag=True, help="In $VISUAL or $EDITOR, at the line (the default on a terminal).")
@click.option("--print", "printed", is_flag=True, help="Only print where it is: file:line, or Obsidian's address.")
@shared
@in_app
def open_(app: App, name: str, obsidian: bool, editor: bool, printed: bool) -> None:
    """Open a note, a task or a decision: by name, path:line, id, or row of the last list in this terminal.

    In a pipe, where no editor can run, the place is printed.
    """
    if obsidian and editor:
        raise UsageError("--obsidian or --editor, not both")
    conn = app.connect()
    try:
        place = find(app, conn, name)
        address = phrases.obsidian_link(app.root, place.path + _anchor(conn, place))
    finally:
        conn.close()
    file = os.path.join(app.root, place.path)
    if app.format in ("json", "jsonl"):
        row = {"path": place.path, "line": place.line, "file": file, "address": address}
        app.lines(json_text.as_json([row], OPEN, app.format == "jsonl"))
    elif printed or not (obsidian or editor or (sys.stdin.isatty() and sys.stdout.isatty())):
        app.lines([address if obsidian else safe(file if place.line is None else f"{file}:{place.line}")])
    else:
        app.report = None  # how long the editor was open says nothing about the answer
        _start(_viewer(address) if obsidian else _editor(app, file, place.line))


def find(app: App, conn: sqlite3.Connection, name: str) -> Place:
    """What a typed name means: a row number, a note's exact name, an id, `note:line`, else a name that is close enough.

    Raises UnknownName (none, or several), ChangedError (a listed task that is another one by now).
    """
    from vaultindex.cli.change.pick import place_of

    key = fold(name.strip().removeprefix("[[").removesuffix("]]"))
    exact = "SELECT 1 FROM notes WHERE path IN (?1, ?1 || '.md') OR name_key = ?2 OR title_key = ?2"
    if not name.isdecimal() and conn.execute(exact, (name, key)).fetchone():
        return Place(names.note(conn, name)[1], None)
    head, _, line = name.rpartition(":")
    if head and line.isdecimal():
        return Place(names.note(conn, head)[1], max(int(line), 1))
    decision = _decision(conn, name)
    if decision is not None:
        return decision
    try:
        with state.Journal(state.state_file(app.env, app.root, app.config), app.root) as journal:
            return Place(*place_of(conn, journal, name))
    except UnknownName:
        if name.isdecimal():
            raise
    return Place(names.note(conn, name)[1], None)


def _decision(conn: sqlite3.Connection, name: str) -> Place | None:
    """The place of the decision that an id's beginning means, unless a task's id begins so too."""
    key = name.lower()
    if len(key) < 3 or not key.isalnum():
        return None
    sql = "SELECT n.path, d.line FROM decisions d JOIN notes n ON n.id = d.note WHERE d.id >= ? AND d.id < ? LIMIT 2"
    rows = conn.execute(sql, (key, key + "~")).fetchall()
    task = conn.execute("SELECT 1 FROM tasks WHERE id >= ? AND id < ?", (key, key + "~")).fetchone()
    return Place(*rows[0]) if len(rows) == 1 and task is None else None


def _anchor(conn: sqlite3.Connection, place: Place) -> str:
    """`#^block` or `#Heading` of the line, which Obsidian can jump to; a line number it cannot."""
    if place.line is None:
        return ""
    sql = "SELECT {} FROM {} t JOIN notes n ON n.id = t.note WHERE n.path = ? AND t.line = ?"
    task = conn.execute(sql.format("t.block_id, t.heading", "tasks"), place).fetchone()
    block, heading = task or (None, None)
    if task is None:
        found = conn.execute(sql.format("t.heading", "decisions"), place).fetchone()
        heading = found[0] if found else None
    return f"#^{block}" if block else f"#{heading}" if heading else ""


def _editor(app: App, file: str, line: int | None) -> list[str]:
    from vaultindex.base.editor import chosen_editor

    command = chosen_editor(app.env)
    if command is None:
        raise VaultError("there is no editor: set VISUAL or EDITOR, or add --obsidian")
    return at_line(command, file, line)


def at_line(command: list[str], file: str, line: int | None) -> list[str]:
    """The command that opens the file at the line, as far as the editor is known to take one."""
    from vaultindex.base.editor import kind_of

    kind = kind_of(command[0])
    if line is None:
        return [*command, file]
    if kind in _PLUS:
        return [*command, f"+{line}", file]
    if kind in _GOTO:
        return [*command, "--goto", f"{file}:{line}"]
    return [*command, f"{file}:{line}" if kind in _COLON else file]


def _viewer(address: str) -> list[str]:
    """The system's way to open an address."""
    if sys.platform == "win32":
        return ["rundll32", "url.dll,FileProtocolHandler", address]
    return ["open" if sys.platform == "darwin" else "xdg-open", address]


def _start(command: list[str]) -> None:
    import subprocess

    try:
        code = subprocess.call(command)
    except OSError as error:
        raise VaultError(f"{command[0]} cannot be started: {error.strerror} (--print shows the place)") from error
    if code:
        raise VaultError(f"{command[0]} ended with {code}")
