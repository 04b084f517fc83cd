"""What an agent may write: one proposed task in a note. Nothing here accepts, ticks, changes or deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaultindex.base.errors import UnknownName, UsageError, VaultError
from vaultindex.base.ids import note_sources, text_key
from vaultindex.base.text import is_line
from vaultindex.change.desk import follow
from vaultindex.cli.change import add
from vaultindex.cli.change.apply import Desk, desk
from vaultindex.doors.answers import shown
from vaultindex.index import store
from vaultindex.state import edits
from vaultindex.tasks.line import parse_task
from vaultindex.vault import note_lines

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from vaultindex.cli.app import App
    from vaultindex.doors.agent import Proposed, Wish
    from vaultindex.doors.fence import Fence

    Opened = Callable[[], AbstractContextManager[tuple[sqlite3.Connection, str]]]

MOST = 100  # proposals of one session
_TEXT, _REASON = 500, 500  # characters


def propose(app: App, fence: Fence, opened: Opened, wish: Wish) -> Proposed:
    """Put the wish below the action items of its note, once. Raises VaultError that says why not.

    The same text in the same note is one line, however often and by however many agents it is proposed.
    """
    text, reason = _checked("text", wish.text, _TEXT), _checked("reason", wish.reason, _REASON)
    with desk(app) as at, opened() as (conn, _):
        inside = Desk(app, at.journal, conn)  # names are looked up on this side of the fence
        line, path, made = _meant(inside, wish, text)
        known = conn.execute("SELECT title, date, source_ref FROM notes WHERE path = ?", (path,)).fetchone()
        if not fence.lets(path) or (known is None and _is_note(at, path)):
            raise UnknownName("there is no such note here: name one that you can read")
        settings = inside.settings
        task = parse_task(line, settings)
        assert task is not None
        if known is not None:
            verdict = at.journal.verdict(note_sources(path, *known), task.text)
            if verdict is not None and verdict.verdict == "rejected":
                why = f": {shown(verdict.reason)}" if verdict.reason else ""
                raise UsageError(
                    f"this was proposed before and rejected on {verdict.day}{why}. Do not propose it again"
                )
        told = f"by agent {wish.agent}: {reason}"
        with store.writer_lock(app.index):  # two agents at once: the second one sees the line of the first
            data = made if made is not None else edits.read(app.root, path)
            there = _standing(data, task.text, settings)
            if there is not None:
                return _answer(False, True, None, path, there, "it stands there already: nothing was written")
            if wish.dry_run:
                return _answer(False, False, None, path, line, "dry run: nothing was written")
            if made is not None:
                edits.create(app.root, at.journal, path, add.put(made, path, line), task.text, "propose", told)
            else:
                number, texts = add.place(data, path, line)
                edits.insert(app.root, at.journal, path, number, texts, task.text, "propose", told)
        follow(at, {path})
        identity = add.written_id(at, path, line)
        return _answer(True, False, identity, path, line, "proposed: the person decides in vi triage")


def _is_note(at: Desk, path: str) -> bool:
    """Whether the vault itself has this note, on whichever side of the fence."""
    return at.conn.execute("SELECT 1 FROM notes WHERE path = ?", (path,)).fetchone() is not None


def _checked(name: str, text: str, most: int) -> str:
    """One line without anything hidden. Raises UsageError."""
    said = " ".join(text.split(" ")).strip()
    if not said:
        raise UsageError(
            f"{name} is required" + (": what in the notes shows that this is to be done?" if name == "reason" else "")
        )
    if len(said) > most:
        raise UsageError(f"{name} is longer than {most} characters")
    if not is_line(said) or shown(said) != said:
        raise UsageError(f"{name} must be one line of visible characters")
    return said


def _meant(at: Desk, wish: Wish, text: str) -> tuple[str, str, bytes | None]:
    """(the line to write, the note's path, its bytes when it is to be made). Raises VaultError."""
    bare = parse_task(f"- [?] {text}", at.settings)
    plain = parse_task("- [?] x", at.settings)
    if bare is None or plain is None or not bare.text:
        raise UsageError("a task needs a text")
    if _fields(bare) != _fields(plain):
        raise UsageError(
            "text holds a field of a task (a date, priority, id): give due, owner and priority as arguments"
        )
    line = add.task_line(at, f"{text} #proposed", wish.due, wish.owner, wish.priority)
    line = "- [?] " + line.removeprefix("- [ ] ")
    path, made = add.target(at, wish.note, None)
    return line, path, made


def _fields(task: Any) -> tuple[Any, ...]:
    return (
        task.due,
        task.scheduled,
        task.start,
        task.created,
        task.done,
        task.cancelled,
        task.priority,
        task.recurrence,
    )


def _standing(data: bytes, text: str, settings: Any) -> str | None:
    """The line of the note that holds a task of this text, whatever became of it."""
    key = text_key(text)
    try:
        lines = note_lines.Lines(data).read()
    except VaultError:
        return None  # writing it says why
    for line in lines:
        task = parse_task(line, settings) if "]" in line else None
        if task is not None and text_key(task.text) == key:
            return line.strip()
    return None


def _answer(written: bool, already: bool, identity: str | None, path: str, line: str, told: str) -> Proposed:
    return {
        "written": written, "already": already, "id": identity, "path": path, "line": shown(line)[:1_000], "told": told,
    }  # fmt: skip
