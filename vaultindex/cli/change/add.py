"""Command add: a new task below the action items of a note, the daily note by default."""

from __future__ import annotations

import datetime
import re
import sqlite3
import sys
import time

import click

from vaultindex.ask import names
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import fold, safe
from vaultindex.change import typed
from vaultindex.change.desk import follow
from vaultindex.change.fields import day, owner_name
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.apply import Desk, desk
from vaultindex.cli.commands import command, shared
from vaultindex.dates.filename_format import written_date
from vaultindex.notes.parse import parse_note
from vaultindex.state import edits
from vaultindex.tasks import change_field
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.vault import app_settings, note_lines

HEADINGS = ("action items", "actions", "action points", "next steps", "tasks", "to do", "todo", "to-do")


@command(
    epilog="Examples:  vi add call Dana friday !high for contoso   vi add Send the sheet by 7 oct   vi add 'Send the sheet'"
    " --account contoso --due fri --owner Dana"
)
@click.argument("words", nargs=-1, metavar="TEXT...")
@click.option("--note", metavar="NAME", help="Into this note.")
@click.option("--daily", is_flag=True, help="Into today's daily note (the default); made when it is not there.")
@click.option(
    "--account", metavar="NAME", help="Into the note of this account; also `for NAME` at the end of the text."
)
@click.option("--due", metavar="WHEN", help="Due date; also at the end of the text: friday, 'next mon', +3d.")
@click.option("--owner", metavar="NAME", help="Owner; also @Name at the end of the text.")
@click.option("--priority", metavar="P", help="Priority; also !high in the text.")
@click.option("--as-is", is_flag=True, help="The text as it stands: no dates or names are looked for in it.")
@click.option("--dry-run", is_flag=True, help="Show what would change, as a diff; write nothing.")
@shared
@in_app
def add(
    app: App,
    words: tuple[str, ...],
    note: str | None,
    daily: bool,
    account: str | None,
    due: str | None,
    owner: str | None,
    priority: str | None,
    as_is: bool,
    dry_run: bool,
) -> None:
    """Write a new task below the action items of a note. The date, priority, account and people in the text are understood.

    With -i the text is typed after the command, and what is understood of it stands below.
    """
    if sum(map(bool, (note, daily, account))) > 1:
        raise UsageError("one of --note, --daily and --account")
    with desk(app) as at:
        said = " ".join(" ".join(words).split())
        if "interactive" in app.given:
            said = _typed(at, said, due=not due, priority=not priority, account=not (note or daily or account))
        if not said:
            raise UsageError("what is to be done? vi add call Dana friday, or vi add -i")
        of: str | names.Entity | None = account
        if not as_is:
            free = not (note or daily or account)
            read = typed.understand(at.conn, said, app.today, due=not due, priority=not priority, account=free)
            said, due, priority = read.text, due or read.due, priority or read.priority
            if read.account is not None and read.account.path is not None:
                of = read.account
            if read.told:
                app.notes.append("understood: " + " · ".join(read.told))
        line = task_line(at, said, due, owner, priority)
        path, made = target(at, note, of)
        if dry_run:
            app.lines(safe(text) for text in _preview(app.root, path, made, line))
            return
        task = parse_task(line, at.settings)
        text = task.text if task is not None else line
        if made is not None:
            edits.create(app.root, at.journal, path, put(made, path, line), text)
        else:
            number, texts = place(edits.read(app.root, path), path, line)
            edits.insert(app.root, at.journal, path, number, texts, text)
        follow(at, {path})
        found = {"command": "add", "path": path, "after": [line]}
        if app.format in ("json", "jsonl"):
            from vaultindex.render import json_text

            app.lines(json_text.as_json([found], None, app.format == "jsonl"))
        else:
            short = _short_id(at, path, line)
            app.lines([safe(f"added {short} to {path} · undo: vi undo"), safe(f"  → {line}")])


def _typed(at: Desk, begun: str, **looks: bool) -> str:
    """The text as a person types it, with what is understood of it below. Raises UsageError where nobody types, Abort."""
    from vaultindex.cli.interactive.typing import type_line

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("-i needs a terminal: give the text, vi add call Dana friday")

    def about(text: str) -> str:
        read = typed.understand(at.conn, text, at.app.today, **looks)
        return " · ".join(read.told) if read.told else "friday, !high, for ACCOUNT, names: all are understood"

    with at.app.waiting():
        said = type_line(begun, about)
    if said is None:
        raise click.Abort
    return " ".join(said.split())


def written_id(at: Desk, path: str, line: str) -> str | None:
    """The id of the task just written; None when the index could not be brought up to date."""
    sql = "SELECT t.id FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ? AND t.raw = ? ORDER BY t.line DESC"
    row = at.conn.execute(sql, (path, line)).fetchone()
    return row[0] if row else None


def _short_id(at: Desk, path: str, line: str) -> str:
    from vaultindex.ask.tasks.lists import ShortIds

    full = written_id(at, path, line)
    return ShortIds(at.conn)[full] if full else ""


def task_line(at: Desk, text: str, due: str | None, owner: str | None, priority: str | None) -> str:
    """The task line: the text, and the fields that were given. Raises UsageError."""
    settings: TaskSettings = at.settings
    if settings.global_filter and settings.global_filter not in text:
        text = f"{text} {settings.global_filter}"
    line = f"- [ ] {text}"
    task = parse_task(line, settings)
    if task is None or not task.text:
        raise UsageError("a task needs a text")
    if owner:
        line = change_field.set_owner(line, owner_name(at, owner), settings)
    if settings.set_created_date and task.created is None:
        line = change_field.set_field(line, "created", at.app.today, settings)
    if due:
        line = change_field.set_field(line, "due", day(at.app, due), settings)
    if priority:
        from vaultindex.tasks.urgency import PRIORITIES

        if priority.lower() not in PRIORITIES:
            raise UsageError(f"no priority {priority!r}: {', '.join(PRIORITIES)}")
        line = change_field.set_field(line, "priority", priority.lower(), settings)
    return line


def target(at: Desk, note: str | None, account: str | names.Entity | None) -> tuple[str, bytes | None]:
    """(path of the note, None) or (path of a note to be made, its bytes)."""
    conn: sqlite3.Connection = at.conn
    if note:
        return names.note(conn, note)[1], None
    if account:
        found = names.account(conn, account)
        if found.path is None:
            raise VaultError(f"the account {found.name} has no note of its own: say --note")
        return found.path, None
    settings = app_settings.load(at.app.root).daily
    today = datetime.date.fromisoformat(at.app.today)
    form = settings.get("format")
    name = written_date(today, form if isinstance(form, str) and form else "YYYY-MM-DD")
    folder = settings.get("folder")
    path = f"{folder.strip('/')}/{name}.md".lstrip("/") if isinstance(folder, str) else f"{name}.md"
    row = conn.execute("SELECT path FROM notes WHERE path = ?", (path,)).fetchone()
    return path, None if row else _template(at.app.root, settings.get("template"), name, today)


def _template(root: str, name: object, title: str, today: datetime.date) -> bytes:
    """The bytes of a new daily note: the template with its date, time and title filled in, or nothing."""
    if not isinstance(name, str) or not name.strip("/"):
        return b""
    path = name.strip("/") if name.endswith(".md") else name.strip("/") + ".md"
    text = edits.read(root, path).decode("utf-8-sig")

    def fill(found: re.Match[str]) -> str:
        word, form = found[1].lower(), found[2]
        if word == "title":
            return title
        return written_date(today, form or "YYYY-MM-DD") if word == "date" else time.strftime("%H:%M")

    return re.sub(r"\{\{\s*(date|time|title)(?::([^}]*))?\s*\}\}", fill, text, flags=re.I).encode()


def place(data: bytes, path: str, line: str) -> tuple[int, list[str]]:
    """(the line of the note behind which to write, the lines to write): below the last item under the heading of action
    items, spaced as the items there; at the end of a note without one."""
    lines = note_lines.Lines(data).read()
    note = parse_note("\n".join(lines), path)
    heading = next((h for h in note.headings if fold(h.text).rstrip(":") in HEADINGS), None)
    if heading is None:
        last = len(lines) - (1 if lines[-1] == "" and len(lines) > 1 else 0)
        listed = any(item.end == last or item.line == last for item in note.items)
        blank = [] if listed or not lines[last - 1].strip() else [""]
        return last, [*blank, line]
    after = next((h.line for h in note.headings if h.line > heading.line and h.level <= heading.level), len(lines) + 1)
    items = [item for item in note.items if heading.line < item.line < after and item.depth == 0 and item.root]
    if not items:
        below = lines[heading.line : heading.line + 1]
        return heading.line, ["", line] if below == [""] or not below else ["", line, ""]
    spaced = len(items) > 1 and not lines[items[-1].line - 2].strip()
    return items[-1].end, ["", line] if spaced else [line]


def put(data: bytes, path: str, line: str) -> bytes:
    """The note with the task line where `place` wants it."""
    if not data:
        return (line + "\n").encode()
    number, texts = place(data, path, line)
    return note_lines.inserted(data, number, texts)[0]


def _preview(root: str, path: str, made: bytes | None, line: str) -> list[str]:
    before = b"" if made is not None else edits.read(root, path)
    return edits.diff(path, before, put(made if made is not None else before, path, line))
