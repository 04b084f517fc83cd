"""Commands that change task lines: done, cancel, reopen, start, accept, reject, due, assign, priority, tag, edit."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.base.errors import ChangedError, NameError_, UsageError, VaultError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.pick import Row, choose
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import ids_or_filters
from vaultindex.index import sync
from vaultindex.render import output
from vaultindex.state import edits
from vaultindex.state import journal as state
from vaultindex.state.journal import Journal
from vaultindex.tasks import change_field
from vaultindex.tasks.line import Task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

MANY = 10  # more changes than this are confirmed
PAST = {"done": "done", "cancel": "cancelled", "reopen": "reopened", "start": "started"}

WILL = {"done": "complete", "due": "reschedule", "priority": "rank"}


class Desk:
    """What a change needs: the app, the journal, the index and the vault's own rules."""

    def __init__(self, app: App, journal: Journal) -> None:
        self.app, self.journal = app, journal
        self._conn: sqlite3.Connection | None = None
        self._settings: TaskSettings | None = None

    @property
    def conn(self) -> sqlite3.Connection:
        """The index, equal to the vault unless `choose` found that it need not be."""
        if self._conn is None:
            self._conn = self.app.connect()
        return self._conn

    @property
    def settings(self) -> TaskSettings:
        """The vault's Tasks settings."""
        if self._settings is None:
            self._settings = ask.plugin_settings(self.conn)
        return self._settings

    def close(self) -> None:
        """Let go of the index."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def choose(self, ids: Sequence[str], given: dict[str, Any], **default: Any) -> list[Row]:
        """The tasks meant, as `chosen.choose` says, as they are on the disk now.

        A few ids are looked up in the index as it stands: when their notes and the settings are as they were indexed,
        nothing else matters, and the look at the whole vault is saved.
        """
        app = self.app
        if ids and "no_refresh" not in app.given:
            self._conn, _ = sync.open_fresh(app.root, app.index, app.config, refresh=False)
            try:
                rows = choose(app, self.conn, self.journal, ids, given, **default)
                if as_indexed(app.root, self.conn, {row["path"] for row in rows}):
                    return rows
            except (NameError_, ChangedError):
                rows = []  # it may have come since
            self.close()
        return choose(app, self.conn, self.journal, ids, given, **default)


def as_indexed(root: str, conn: sqlite3.Connection, paths: set[str]) -> bool:
    """Whether these notes and the app's settings are on the disk as the index knows them."""
    from vaultindex.vault import disk

    facts = dict(conn.execute("SELECT key, value FROM meta WHERE key = 'app'"))
    if facts.get("app") != disk.app_fingerprint(root):
        return False
    seen = disk.look(root, paths).notes
    for path in paths:
        # A change within the clock's tick may hide here: the line itself is compared before it is written.
        row = conn.execute("SELECT mtime_ns, ctime_ns, size, inode FROM files WHERE path = ?", (path,)).fetchone()
        if row is None or path not in seen or row != seen[path]:
            return False
    return True


@contextmanager
def desk(app: App) -> Iterator[Desk]:
    """The desk of one command."""
    with Journal(state.state_file(app.env, app.root, app.config)) as journal:
        at = Desk(app, journal)
        try:
            yield at
        finally:
            at.close()


def writes(function: Any) -> Any:
    """The options that every change takes."""
    for option in (
        click.option("--mend", is_flag=True, help="Write damaged characters of the line as they were meant."),
        click.option("--no-input", is_flag=True, help="Never ask."),
        click.option("--yes", "-y", is_flag=True, help=f"Do not ask, also for more than {MANY} tasks."),
        click.option("--dry-run", is_flag=True, help="Show what would change, as a diff; write nothing."),
    ):
        function = option(function)
    return function


class How(NamedTuple):
    """How a change is to be made."""

    dry_run: bool
    yes: bool
    no_input: bool
    mend: bool


def how(given: dict[str, Any]) -> How:
    """Takes these options out of all those given."""
    return How(*(bool(given.pop(name)) for name in How._fields))


def carry_out(
    at: Desk,
    verb: str,
    rows: Sequence[Row],
    make: Callable[[Row], list[str]],
    way: How,
    *,
    verdict: str | None = None,
    reason: str | None = None,
) -> None:
    """Change the lines of these tasks to what `make` gives, print each, and bring the index up to date."""
    app = at.app
    changes: list[edits.Change] = []
    errors: list[VaultError] = []
    for row in rows:
        try:
            new = make(row)
        except VaultError as error:
            errors.append(type(error)(f"{row['path']}:{row['line']}: {error}"))
            continue
        if new == [row["raw"]]:
            app.notes.append(f"nothing to change: {PAST.get(verb, verb)} already: {row['text']}")
        else:
            changes.append(edits.Change(row["path"], row["line"], row["raw"], new, row["id"], row["text"]))
    if way.dry_run:
        notes = len({c.path for c in changes})
        app.notes.insert(
            0, f"would {WILL.get(verb, verb)} {output.count(len(changes), 'task')} in {output.count(notes, 'note')}"
        )
        app.lines(safe(line) for line in edits.preview(app.root, changes, mend=way.mend))
    elif changes:
        _confirm(verb, len(changes), way)
        command = at.journal.next_command()
        made, refused = edits.apply(app.root, at.journal, verb, changes, command=command, reason=reason, mend=way.mend)
        errors += [_named(r) for r in refused]
        by_id = {row["id"]: row for row in rows}
        if verdict is not None:
            for change in made:
                decide(at, by_id[change.id], verdict, command, reason)
        lines = list(_report(at, verb, made, by_id))
        follow(at, {c.path for c in made})
        app.lines(lines)
    for wrong in errors:
        print(f"not changed: {safe(str(wrong))}", file=sys.stderr)
    if errors:
        app.exit_code = 4 if any(isinstance(e, ChangedError) for e in errors) else errors[0].exit_code


def _named(refused: edits.Refused) -> VaultError:
    return type(refused.error)(f"{refused.change.path}: {refused.error}")


def follow(at: Desk, paths: set[str]) -> None:
    """Bring the index up to date with the notes just written."""
    if paths:
        at.close()
        sync.sync(at.app.root, at.app.index, at.app.config, paths=sorted(paths))


def decide(at: Desk, row: Row, verdict: str, command: int | None, reason: str | None = None) -> None:
    """Remember the verdict on a proposal."""
    at.journal.decide(sources(at.conn, row), row["text"], verdict, at.app.today, row["path"], command, reason)


def sources(conn: sqlite3.Connection, row: Row) -> list[str]:
    """The names under which the proposals of this task's note are known."""
    ref = conn.execute("SELECT source_ref FROM notes WHERE path = ?", (row["path"],)).fetchone()
    return state.note_sources(row["path"], row["note_title"], row["note_date"], ref[0] if ref else None)


def _confirm(verb: str, count: int, way: How) -> None:
    if count <= MANY or way.yes:
        return
    if way.no_input or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"this would {WILL.get(verb, verb)} {count:,} tasks: look with --dry-run, then say --yes")
    if not click.confirm(f"{WILL.get(verb, verb)} {count:,} tasks?", err=True):
        raise click.Abort


def _report(at: Desk, verb: str, made: Sequence[edits.Change], rows: dict[str, Row]) -> Iterator[str]:
    """What is printed about the changes made."""
    form = at.app.format
    if form in ("json", "jsonl"):
        found = [
            {"command": verb, "id": c.id, "path": c.path, "line": c.line, "before": c.old, "after": c.new} for c in made
        ]
        yield from output.as_json(found, None, form == "jsonl")
        return
    short = ask.short_ids(at.conn, [c.id for c in made])
    to = output.screen()
    for change in made:
        account = rows[change.id]["account"]
        parts = [f"{verb} {short[change.id]}", change.text, f"({account})" if account else "", detail(at, change)]
        yield safe("  ".join(filter(None, parts))) + output.paint(" · undo: vi undo", "dim", to.colour)
        if len(made) <= MANY:
            new = change.new or ["(deleted)"]
            for line in (f"    {change.old.strip()}", *(f"  → {line.strip()}" for line in new)):
                yield output.paint(safe(line), "dim", to.colour)


_SIGNS = {"due": "📅", "scheduled": "⏳", "start": "🛫", "created": "➕", "done": "✅", "cancelled": "❌"}


def detail(at: Desk, change: edits.Change) -> str:
    """What is different in a line, in few words."""
    old = parse_task(change.old, at.settings)
    tasks = [parse_task(line, at.settings) for line in change.new]
    if old is None or not tasks:
        return "deleted" if not tasks else ""
    new = tasks[0 if at.settings.recurrence_on_next_line else -1]
    words = _differences(old, new) if new is not None else []
    if len(tasks) > 1:
        following = tasks[-1 if at.settings.recurrence_on_next_line else 0]
        if following is not None:
            words.append(f"next {following.happens or 'one added'}")
    return " ".join(words)


def _differences(old: Task, new: Task) -> list[str]:
    from vaultindex.dates.ranges import echo_day

    words = []
    for name, sign in _SIGNS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            was = f" (was {before})" if before and name in ("due", "scheduled", "start") else ""
            shown = echo_day(after) if after and was and name not in new.invalid else after
            words.append(f"{sign} {shown or 'none'}{was}")
    if old.priority != new.priority:
        words.append(f"{new.priority} (was {old.priority})")
    if old.owner != new.owner:
        words.append(f"@{new.owner}" if new.owner else f"nobody (was @{old.owner})")
    words += [f"+{tag}" for tag in new.tags if tag not in old.tags]
    words += [f"-{tag}" for tag in old.tags if tag not in new.tags]
    if old.status != new.status and not words:
        words.append(f"[{old.status}] → [{new.status}]")
    return words


def day(app: App, text: str) -> str | None:
    """The one day that a text means; None for 'none'. Raises UsageError."""
    import datetime

    from vaultindex.dates.ranges import NO_DATE, option_range

    found = option_range(text, datetime.date.fromisoformat(app.today))
    if found == NO_DATE:
        return None
    if found.start is None or found.start != found.end:
        # 'next week', 'eom..': a task is due on a day
        raise UsageError(f"{text!r} is {found.echo()}: say one day")
    return found.start


# --- status -----------------------------------------------------------------------------------------------------------

_KINDS = {"done": "DONE", "cancel": "CANCELLED", "reopen": "TODO", "start": "IN_PROGRESS"}


def _status_command(verb: str, help_text: str, **default: Any) -> click.Command:
    @command(verb, help=help_text, epilog=f"Examples:  vi {verb} k7f   vi {verb} 2   vi {verb} 'Note.md:12'")
    @ids_or_filters()
    @click.option("--on", "on", metavar="DATE", help="As if today were DATE.")
    @writes
    @shared
    @in_app
    def change(app: App, ids: tuple[str, ...], on: str | None, **given: Any) -> None:
        way = how(given)
        today = day(app, on) if on else app.today
        if today is None:
            raise UsageError("--on takes a date")
        with desk(app) as at:
            rows = at.choose(ids, given, **default)
            carry_out(
                at, verb, rows, lambda row: edits.complete(row["raw"], _KINDS[verb], today, at.settings), way,
                verdict="accepted" if verb == "done" and any(r["state"] == "proposed" for r in rows) else None,
            )  # fmt: skip

    return change


done = _status_command("done", "Tick tasks off as the Tasks plugin does: done date, next occurrence, on completion.")
cancel = _status_command("cancel", "Cancel tasks: [-] and the cancelled date.")
reopen = _status_command("reopen", "Open settled tasks again.", done=True, cancelled=True)
start = _status_command("start", "Mark tasks as in progress.", open=True)


# --- proposals --------------------------------------------------------------------------------------------------------


@command(epilog="Examples:  vi accept k7f m2q   vi accept 3 --due fri --owner 'Dana Leigh'")
@ids_or_filters("due", "owner", "priority")
@click.option("--due", metavar="WHEN", help="Give it this due date.")
@click.option("--owner", metavar="NAME", help="Give it to this person.")
@click.option("--priority", metavar="P", help="Give it this priority.")
@writes
@shared
@in_app
def accept(
    app: App, ids: tuple[str, ...], due: str | None, owner: str | None, priority: str | None, **given: Any
) -> None:
    """Accept proposals: [?] becomes [ ] and #proposed goes."""
    way = how(given)
    with desk(app) as at:
        rows = at.choose(ids, given, proposed=True)
        setters = [
            *([_dated(app, "due", due, at.settings)] if due else []),
            *([_owned(at, owner)] if owner else []),
            *([_ranked(priority, at.settings)] if priority else []),
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
@writes
@shared
@in_app
def reject(app: App, ids: tuple[str, ...], reason: str | None, **given: Any) -> None:
    """Reject proposals: [-] with the cancelled date. What was rejected is not asked again."""
    way = how(given)
    with desk(app) as at:
        rows = at.choose(ids, given, proposed=True)
        carry_out(
            at, "reject", rows, lambda row: [edits.reject(row["raw"], app.today, at.settings)], way,
            verdict="rejected", reason=reason,
        )  # fmt: skip


# --- fields -----------------------------------------------------------------------------------------------------------


def _dated(app: App, name: str, text: str, settings: TaskSettings) -> Callable[[str], str]:
    value = day(app, text)
    return lambda line: change_field.set_field(line, name, value, settings)


def _ranked(text: str, settings: TaskSettings) -> Callable[[str], str]:
    if text.lower() not in ask.PRIORITIES:
        raise UsageError(f"no priority {text!r}: {', '.join(ask.PRIORITIES)}")
    return lambda line: change_field.set_field(line, "priority", text.lower(), settings)


def _owned(at: Desk, text: str) -> Callable[[str], str]:
    name = owner_name(at, text)
    return lambda line: change_field.set_owner(line, name, at.settings)


def owner_name(at: Desk, text: str) -> str | None:
    """The owner to write: the person that a name means, 'me' as the settings say, '@Name' as it stands, None for 'none'."""
    from vaultindex.ask import names
    from vaultindex.base.text import fold

    me: list[str] = at.app.config.get("me")
    if text.lower() == "none":
        return None
    if text.startswith("@"):
        return text[1:]
    if me and (fold(text) == "me" or fold(text) in map(fold, me)):
        return me[0].lstrip("@")
    try:
        return names.person(at.conn, text).name
    except NameError_ as error:
        raise NameError_(f"{error} To write it as it stands: '@{text}'") from error


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
        raise UsageError("say when: vi due ID... WHEN")
    with desk(app) as at:
        chosen, when = _ids_and_day(app, ids, any(given.values()))
        rows = at.choose(chosen, given)
        setter = _dated(app, field or "due", when, at.settings)
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
        raise UsageError("say which tasks and when: vi due ID... WHEN")
    day(app, words[-1])  # raises what is wrong with it
    raise AssertionError


def _last(ids: tuple[str, ...], what: str) -> tuple[tuple[str, ...], str]:
    if not ids:
        raise UsageError(f"say {what}: it stands behind the ids")
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
    chosen, name = _last(ids, "to whom")
    with desk(app) as at:
        rows = at.choose(chosen, given)
        setter = _owned(at, name)
        carry_out(at, "assign", rows, lambda row: [setter(row["raw"])], way)


@command(epilog="Examples:  vi priority k7f high   vi priority 2 none")
@ids_or_filters()
@writes
@shared
@in_app
def priority(app: App, ids: tuple[str, ...], **given: Any) -> None:
    """Set the priority: ID... highest|high|medium|none|low|lowest."""
    way = how(given)
    chosen, value = _last(ids, "which priority")
    with desk(app) as at:
        rows = at.choose(chosen, given)
        setter = _ranked(value, at.settings)
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
    chosen, word = _last(ids, "which tag")
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


COMMANDS = {
    "done": done, "cancel": cancel, "reopen": reopen, "start": start, "accept": accept, "reject": reject, "due": due,
    "assign": assign, "priority": priority, "tag": tag, "edit": edit_command,
}  # fmt: skip
