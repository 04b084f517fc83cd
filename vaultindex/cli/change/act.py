"""Commands that change task lines: done, cancel, reopen, start, accept, reject, due, assign, priority, tag, edit."""

from __future__ import annotations

from typing import Any

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.change.fields import dated, day, owned, ranked
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.apply import carry_out, desk, how, writes
from vaultindex.cli.change.pick import Row
from vaultindex.cli.change.twins import twin_option, with_twins
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ids_or_filters
from vaultindex.state import edits
from vaultindex.tasks import change_field
from vaultindex.tasks.line import parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

_KINDS = {"done": "DONE", "cancel": "CANCELLED", "reopen": "TODO", "start": "IN_PROGRESS"}


def _status_command(verb: str, help_text: str, **default: Any) -> click.Command:
    def on_a_day(function: Any) -> Any:
        """Only what writes a date takes one."""
        option = click.option("--on", "on", metavar="DATE", help="As if today were DATE.")
        return option(function) if verb in ("done", "cancel") else function

    @command(verb, help=help_text, epilog=f"Examples:  vi {verb} k7f   vi {verb} 2   vi {verb} 'Note.md:12'")
    @ids_or_filters()
    @on_a_day
    @(twin_option if verb == "done" else lambda function: function)
    @writes
    @shared
    @in_app
    def change(app: App, ids: tuple[str, ...], on: str | None = None, twins: bool | None = None, **given: Any) -> None:
        way = how(given)
        today = day(app, on) if on else app.today
        if today is None:
            raise UsageError("--on takes a date")
        with desk(app) as at:
            rows = at.choose(ids, given, **default)
            if verb == "done":
                rows = with_twins(at, ids, rows, "open", twins, way.no_input or way.yes, verb)
            carry_out(
                at, verb, rows, lambda row: edits.complete(row["raw"], _KINDS[verb], today, at.settings), way,
                verdict="accepted" if verb == "done" and any(r["state"] == "proposed" for r in rows) else None,
            )  # fmt: skip

    return change


done = _status_command("done", "Tick tasks off as the Tasks plugin does: done date, next occurrence, on completion.")
cancel = _status_command("cancel", "Cancel tasks: [-] and the cancelled date.")
reopen = _status_command("reopen", "Open settled tasks again.", done=True, cancelled=True)
start = _status_command("start", "Mark tasks as in progress.", open=True)


@command(epilog="Examples:  vi accept k7f m2q   vi accept 3 --due fri --owner 'Dana Leigh'")
@ids_or_filters("due", "owner", "priority")
@click.option("--due", metavar="WHEN", help="Give it this due date.")
@click.option("--owner", metavar="NAME", help="Give it to this person.")
@click.option("--priority", metavar="P", help="Give it this priority.")
@twin_option
@writes
@shared
@in_app
def accept(
    app: App,
    ids: tuple[str, ...],
    due: str | None,
    owner: str | None,
    priority: str | None,
    twins: bool | None,
    **given: Any,
) -> None:
    """Accept proposals: [?] becomes [ ] and #proposed goes."""
    way = how(given)
    with desk(app) as at:
        rows = at.choose(ids, given, proposed=True)
        rows = with_twins(at, ids, rows, "proposed", twins, way.no_input or way.yes, "accept")
        setters = [
            *([dated(app, "due", due, at.settings)] if due else []),
            *([owned(at, owner)] if owner else []),
            *([ranked(priority, at.settings)] if priority else []),
        ]

        def make(row: Row) -> list[str]:
            line = edits.accept(row["raw"], at.settings)
            for setter in setters:
                line = setter(line)
            return [line]

        carry_out(at, "accept", rows, make, way, verdict="accepted")


@command(epilog="Examples:  vi reject k7f   vi reject --not-mine --stale 60d --dry-run")
@ids_or_filters()
@click.option("--reason", metavar="TEXT", help="Why; kept in the log, not in the note.")
@twin_option
@writes
@shared
@in_app
def reject(app: App, ids: tuple[str, ...], reason: str | None, twins: bool | None, **given: Any) -> None:
    """Reject proposals: [-] with the cancelled date. What was rejected is not asked again."""
    way = how(given)
    with desk(app) as at:
        rows = at.choose(ids, given, proposed=True)
        rows = with_twins(at, ids, rows, "proposed", twins, way.no_input or way.yes, "reject")
        carry_out(
            at, "reject", rows, lambda row: [edits.reject(row["raw"], app.today, at.settings)], way,
            verdict="rejected", reason=reason,
        )  # fmt: skip


@command(epilog="Examples:  vi due k7f fri   vi due k7f m2q next mon   vi due 2 none   vi due k7f +1w --scheduled")
@ids_or_filters("due", "scheduled", "start", "when")
@click.option("--scheduled", "field", flag_value="scheduled", help="The scheduled date instead.")
@click.option("--start", "field", flag_value="start", help="The start date instead.")
@writes
@shared
@in_app
def due(app: App, ids: tuple[str, ...], field: str | None, **given: Any) -> None:
    """Set the due date: ID... WHEN, where WHEN is a day (fri, +3d, next mon, 2025-10-13) or none."""
    way = how(given)
    if not ids:
        raise UsageError("say which tasks and when: vi due ID... WHEN")
    with desk(app) as at:
        chosen, when = _ids_and_day(app, ids, any(given.values()))
        rows = at.choose(chosen, given)
        setter = dated(app, field or "due", when, at.settings)
        carry_out(at, "due", rows, lambda row: [setter(row["raw"])], way)


def _ids_and_day(app: App, words: tuple[str, ...], filtered: bool) -> tuple[tuple[str, ...], str]:
    """The ids, and the day in the last words: as many of them as make a day."""
    for at in range(0 if filtered else 1, len(words)):
        try:
            day(app, " ".join(words[at:]))
        except UsageError:
            continue
        return words[:at], " ".join(words[at:])
    if len(words) == 1 and not filtered:
        try:
            day(app, words[0])
        except UsageError:
            raise UsageError(f"say when, a day or none: vi due {words[0]} WHEN") from None
        raise UsageError(f"say which tasks: vi due ID... {words[0]}")
    day(app, words[-1])  # raises what is wrong with it
    raise AssertionError


def _last(verb: str, ids: tuple[str, ...], what: str, filtered: bool) -> tuple[tuple[str, ...], str]:
    """The ids, and the word behind them. Raises UsageError, which names what is missing."""
    word = what.split()[-1].upper()
    if not ids:
        raise UsageError(f"say which tasks and {what}: vi {verb} ID... {word}")
    if len(ids) == 1 and not filtered:
        raise UsageError(f"say {what}: vi {verb} {ids[0]} {word}")
    return ids[:-1], ids[-1]


@command(
    epilog="Examples:  vi assign k7f 'Dana Leigh'   vi assign 2 me   vi assign k7f none   vi assign k7f '@New Person'"
)
@ids_or_filters()
@writes
@shared
@in_app
def assign(app: App, ids: tuple[str, ...], **given: Any) -> None:
    """Set the owner: ID... NAME (or me, or none). '@Name' is written as it stands."""
    way = how(given)
    chosen, name = _last("assign", ids, "to whom, a name", any(given.values()))
    with desk(app) as at:
        rows = at.choose(chosen, given)
        setter = owned(at, name)
        carry_out(at, "assign", rows, lambda row: [setter(row["raw"])], way)


@command(epilog="Examples:  vi priority k7f high   vi priority 2 none")
@ids_or_filters()
@writes
@shared
@in_app
def priority(app: App, ids: tuple[str, ...], **given: Any) -> None:
    """Set the priority: ID... highest|high|medium|none|low|lowest."""
    way = how(given)
    chosen, value = _last("priority", ids, "which priority", any(given.values()))
    with desk(app) as at:
        rows = at.choose(chosen, given)
        setter = ranked(value, at.settings)
        carry_out(at, "priority", rows, lambda row: [setter(row["raw"])], way)


@command(epilog="Examples:  vi tag k7f waiting   vi tag k7f waiting --remove")
@ids_or_filters()
@click.option("--remove", is_flag=True, help="Take the tag away.")
@writes
@shared
@in_app
def tag(app: App, ids: tuple[str, ...], remove: bool, **given: Any) -> None:
    """Add a tag, or take it away: ID... TAG."""
    way = how(given)
    chosen, word = _last("tag", ids, "which tag", any(given.values()))
    name = "#" + word.lstrip("#")
    change = change_field.drop_tag if remove else change_field.add_tag
    with desk(app) as at:
        rows = at.choose(chosen, given)
        carry_out(at, "tag", rows, lambda row: [change(row["raw"], name, at.settings)], way)


@command("edit", epilog="Example:  vi edit k7f")
@ids_or_filters()
@writes
@shared
@in_app
def edit_command(app: App, ids: tuple[str, ...], **given: Any) -> None:
    """Open the task's line in your editor ($VISUAL, $EDITOR); it must be a task when you come back."""
    way = how(given)
    with desk(app) as at:
        rows = at.choose(ids, given)
        carry_out(at, "edit", rows, lambda row: [edited(app, row["raw"], at.settings)], way)


def edited(app: App, line: str, settings: TaskSettings) -> str:
    """The line as it comes back from the editor. Raises VaultError when it is not one task line any more."""
    import os
    import subprocess
    import tempfile

    from vaultindex.base.editor import chosen_editor

    command = chosen_editor(app.env)
    if command is None:
        raise VaultError("there is no editor: set VISUAL or EDITOR")
    with tempfile.TemporaryDirectory(prefix="vaultindex-") as folder:
        file = os.path.join(folder, "task.md")
        with open(file, "w", encoding="utf-8", newline="") as out:
            out.write(line + "\n")
        try:
            with app.waiting():
                code = subprocess.call([*command, file])
        except OSError as error:
            raise VaultError(f"{command[0]} cannot be started: {error.strerror}") from error
        if code:
            raise VaultError(f"{command[0]} ended with {code}: the line is as it was")
        with open(file, encoding="utf-8", newline="") as back:
            text = back.read()
    new = text.replace("\r\n", "\n").rstrip("\n")
    if "\n" in new or "\r" in new:
        raise UsageError("one line, please: a task cannot hold a line break. The note is as it was")
    if parse_task(new, settings) is None:
        raise UsageError(f"that is not a task line (`- [ ] text`): {new!r}. The note is as it was")
    return new
