"""Change task lines in their notes, or refuse; take changes back.

What a command does to a line is pure text here (`complete`, `accept`, `reject`, and the fields). Writing goes note by note:
all lines of a note in one step, each put down in the journal before the note changes, so that each can be undone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import NamedTuple

from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.state.journal import NO_NOTE, Edit, Journal
from vaultindex.tasks import change_field
from vaultindex.tasks.completion import complete_task
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.vault import atomic_write, note_lines

_SEPARATOR = re.compile("[\u2028\u2029]")


class Change(NamedTuple):
    """One task line as the caller saw it, and the lines to put in its place ([] deletes it)."""

    path: str
    line: int
    old: str
    new: list[str]
    id: str
    text: str


class Refused(NamedTuple):
    """A change that was not made, and why."""

    change: Change
    error: VaultError


# --- what becomes of a line -----------------------------------------------------------------------------------------


def complete(line: str, kind: str, today: str, settings: TaskSettings) -> list[str]:
    """The lines that replace a task whose status becomes one of this type ('DONE', 'CANCELLED', 'TODO', 'IN_PROGRESS'),
    as the Tasks plugin writes them; the same line when it has such a status. Raises VaultError."""
    # The plugin reads no further than a line separator; what stands behind it belongs to the note all the same.
    cut = _SEPARATOR.search(line)
    head, tail = (line[: cut.start()], line[cut.start() :]) if cut else (line, "")
    task = parse_task(head, settings)
    if task is None:
        raise VaultError("the line is not a task")
    if task.status_type == kind and not (kind == "TODO" and task.status == "?"):
        return [line]
    ticked = kind == "DONE" and settings.status(task.next_status).type == "DONE"
    lines = complete_task(head, today=today, settings=settings, status=None if ticked else symbol_of(kind, settings))
    if lines is None:
        raise VaultError("the line is not a task")
    if tail and lines:
        own = 0 if settings.recurrence_on_next_line else len(lines) - 1
        lines[own] += tail
    return lines


_USUAL = {"DONE": "x", "CANCELLED": "-", "TODO": " ", "IN_PROGRESS": "/"}


def symbol_of(kind: str, settings: TaskSettings) -> str:
    """The character of a type of status: the usual one, else the first that the vault gives this type."""
    for symbol in (_USUAL[kind], *settings.statuses):
        if settings.status(symbol).type == kind:
            return symbol
    raise VaultError(f"no status of this vault is {kind}: see the statuses in the Tasks plugin's settings")


def is_proposal(line: str, settings: TaskSettings) -> bool:
    """Whether the line is a task that waits for a decision: `[?]` or `#proposed`, and not settled."""
    task = parse_task(line, settings)
    return task is not None and not task.is_done and (task.status == "?" or "#proposed" in map(str.lower, task.tags))


def accept(line: str, settings: TaskSettings) -> str:
    """The proposal as an open task: `[?]` becomes `[ ]`, `#proposed` goes. Raises VaultError when it is none."""
    if not is_proposal(line, settings):
        raise VaultError("is not a proposal")
    if line[change_field.status_at(line)] == "?":
        line = change_field.set_status(line, symbol_of("TODO", settings), settings)
    return change_field.drop_tag(line, "#proposed", settings)


def reject(line: str, today: str, settings: TaskSettings) -> str:
    """The proposal cancelled: `[-]`, with the date unless the vault sets none. Raises VaultError when it is none."""
    if not is_proposal(line, settings):
        raise VaultError("is not a proposal: vi cancel")
    line = change_field.set_status(line, symbol_of("CANCELLED", settings), settings)
    return change_field.set_field(line, "cancelled", today, settings) if settings.set_cancelled_date else line


# --- writing --------------------------------------------------------------------------------------------------------


def apply(
    root: str,
    journal: Journal,
    verb: str,
    changes: Iterable[Change],
    *,
    command: int | None = None,
    reason: str | None = None,
    mend: bool = False,
) -> tuple[list[Change], list[Refused]]:
    """Make the changes, one step a note: (those made, those refused and why). A refused change costs the others nothing."""
    made: list[Change] = []
    refused: list[Refused] = []
    number = command if command is not None else journal.next_command()
    for path, some in by_note(changes):
        written: list[int] = []
        kept: list[Change] = []
        missed: list[Refused] = []

        def change(data: bytes) -> bytes:
            rows: list[tuple[int, bytes | None, bytes, str, str | None]] = []
            for one in some:  # noqa: B023 - called before the loop goes on
                try:
                    data, span = note_lines.replaced(data, one.old, one.new, one.line, mend=mend)
                except VaultError as error:
                    missed.append(Refused(one, error))  # noqa: B023
                    continue
                rows.append((span.line, span.before, span.after, one.text, _around(data, span)))
                kept.append(one)  # noqa: B023
            if rows:
                written.extend(journal.write(number, verb, path, rows, reason))  # noqa: B023
            return data

        try:
            with _put_down(root, journal, written):
                atomic_write.rewrite(root, path, change)
        except VaultError as error:
            refused += [Refused(one, error) for one in some]
        else:
            made += kept
            refused += missed
    return made, refused


def by_note(changes: Iterable[Change]) -> list[tuple[str, list[Change]]]:
    """The changes of each note, from its last line up, so that none moves another."""
    notes: dict[str, list[Change]] = {}
    for one in changes:
        notes.setdefault(one.path, []).append(one)
    return [(path, sorted(some, key=lambda c: -c.line)) for path, some in notes.items()]


def preview(root: str, changes: Iterable[Change], *, mend: bool = False) -> list[str]:
    """A unified diff of what `apply` would do; nothing is written. Raises VaultError."""
    out: list[str] = []
    for path, some in by_note(changes):
        before = read(root, path)
        after = before
        for one in some:
            after, _ = note_lines.replaced(after, one.old, one.new, one.line, mend=mend)
        out += diff(path, before, after)
    return out


def diff(path: str, before: bytes, after: bytes) -> list[str]:
    """The lines of a unified diff between two states of a note."""
    import difflib

    old, new = (_shown(data) for data in (before, after))
    return [line.rstrip("\n") for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=1, lineterm="")]


def _shown(data: bytes) -> list[str]:
    return note_lines.Lines(data).read()


def read(root: str, path: str) -> bytes:
    """The bytes of a note that may be edited. Raises VaultError."""
    return atomic_write.read(root, path)


def insert(
    root: str,
    journal: Journal,
    path: str,
    line: int,
    texts: Sequence[str],
    text: str,
    verb: str = "add",
    reason: str | None = None,
) -> None:
    """Put lines behind a line of a note, as one edit that the journal calls `verb`. Raises VaultError."""
    written: list[int] = []

    def change(data: bytes) -> bytes:
        note_lines.Lines(data).read()  # a note that is not UTF-8 is not edited
        new, span = note_lines.inserted(data, line, list(texts))
        row = (span.line, span.before, span.after, text, _around(new, span))
        written.extend(journal.write(journal.next_command(), verb, path, [row], reason))
        return new

    with _put_down(root, journal, written):
        atomic_write.rewrite(root, path, change)


def create(
    root: str, journal: Journal, path: str, data: bytes, text: str, verb: str = "add", reason: str | None = None
) -> None:
    """Make a note, as one edit. Raises VaultError."""
    written = journal.write(journal.next_command(), verb, path, [(1, None, data, text, None)], reason)
    with _put_down(root, journal, written):
        atomic_write.create(root, path, data)


@contextmanager
def _put_down(root: str, journal: Journal, written: list[int]) -> Iterator[None]:
    """Settle what became of edits in the journal once they were tried."""
    try:
        yield
    except VaultError:
        journal.drop(written)
        raise
    except BaseException:
        settle(root, journal)  # the note may have been replaced already
        raise
    journal.made(written)


def _around(data: bytes, span: note_lines.Span) -> str:
    return json.dumps(note_lines.place_of(data, span))


def _place(edit: Edit) -> note_lines.Place | None:
    return note_lines.Place(*json.loads(edit.around)) if edit.around else None


def settle(root: str, journal: Journal) -> None:
    """Look at the notes of edits that a command died over: those that were made can be undone, the others never were."""
    for edit in journal.abandoned():
        try:
            (journal.made if _was_made(root, edit) else journal.drop)([edit.id])
        except ChangedError:  # the note is gone, so that nothing can be undone
            journal.drop([edit.id])
        except VaultError:
            continue  # it cannot be read now: next time


def _was_made(root: str, edit: Edit) -> bool:
    data = atomic_write.read(root, edit.path)
    if edit.before is None:
        return data == edit.after
    if not edit.after:
        return not data.strip(b"\r\n\xef\xbb\xbf")
    return _stands(data, edit, edit.after)


def _stands(data: bytes, edit: Edit, text: bytes) -> bool:
    """Whether this text stands in the very place of the edit."""
    try:
        note_lines.find_place(data, text, edit.line, _place(edit))
    except ChangedError:
        return False
    return True


def undo(root: str, journal: Journal, edits: Sequence[Edit]) -> tuple[list[Edit], list[tuple[Edit, VaultError]]]:
    """Take edits back, newest first, those of one note in one step: (those taken back, those refused and why)."""
    back: list[Edit] = []
    refused: list[tuple[Edit, VaultError]] = []
    for _, group in groupby(edits, lambda edit: (edit.command, edit.path)):
        some = list(group)
        try:
            wrong = _undo(root, some)
        except VaultError as error:
            refused += [(edit, error) for edit in some]
            continue
        taken = [edit for edit in some if edit.id not in wrong]
        refused += [(edit, wrong[edit.id]) for edit in some if edit.id in wrong]
        journal.undone(*taken)
        back += taken
    return back, refused


def _undo(root: str, some: Sequence[Edit]) -> dict[int, VaultError]:
    """Take back what one command did to one note; the numbers of the edits that could not be, and why. Raises VaultError."""
    wrong: dict[int, VaultError] = {}
    path = some[0].path
    if path == NO_NOTE:
        return wrong  # the journal forgets what was said
    if some[0].before is None:
        atomic_write.remove(root, path, some[0].after)
        return wrong

    def change(data: bytes) -> bytes:
        wrong.clear()
        if len(some) > 1 and _are_back(data, some):
            return data
        for edit in some:
            span, place = note_lines.Span(edit.line, edit.before or b"", edit.after), _place(edit)
            try:
                data = note_lines.put_back(data, span, place)
            except ChangedError as error:
                # A command may have died after it had taken this back and before it could say so.
                if not (span.before and place is not None and _is_back(data, edit, place)):
                    wrong[edit.id] = error
        return data

    atomic_write.rewrite(root, path, change)
    return wrong


def _are_back(data: bytes, some: Sequence[Edit]) -> bool:
    """Whether all edits of one command to a note were taken back already: made once more, they leave what they left then."""
    for edit in reversed(some):
        spans = note_lines.Lines(data).spans
        if not edit.before or edit.line > len(spans):
            return False
        start = spans[edit.line - 1][0]
        if not data.startswith(edit.before, start):
            return False
        data = data[:start] + edit.after + data[start + len(edit.before) :]
        if _place(edit) != note_lines.place_of(data, note_lines.Span(edit.line, edit.before, edit.after)):
            return False
    return True


def _is_back(data: bytes, edit: Edit, place: note_lines.Place) -> bool:
    """Whether the text as it was before stands between the very neighbours of the edit."""
    text = edit.before or b""
    one = note_lines.place_of(data, note_lines.Span(edit.line, b"", text))
    return (one.above, one.below) == (place.above, place.below) and _stands(
        data, edit._replace(around=json.dumps(one)), text
    )
