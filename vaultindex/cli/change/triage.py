"""Triage: one proposal at a time, one key each, with what is needed to decide; over any terminal, or line by line."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.similar import Alike, Twin
from vaultindex.base.errors import VaultError
from vaultindex.base.text import one_line, safe
from vaultindex.change.desk import change_of, decide, decided, follow, sources
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.act import day, edited, owner_name
from vaultindex.cli.change.apply import Desk, desk
from vaultindex.cli.change.pick import Row
from vaultindex.cli.commands import command, shared
from vaultindex.cli.options import task_filters
from vaultindex.render import table
from vaultindex.render.phrases import name_of
from vaultindex.state import edits as edit
from vaultindex.state.journal import Edit, Verdict
from vaultindex.tasks import change_field
from vaultindex.tasks.line import parse_task

KEYS = {
    "a": "accept", "r": "reject", "e": "edit", "d": "due", "o": "owner", "l": "later", "m": "merge", "s": "source",
    "u": "undo", "q": "quit",
}  # fmt: skip
DOUBT = {
    "note-date": "the note's own date: not stated?",
    "before-note": "before the note was written: not stated?",
    "shared": "the date of most tasks of this note: not stated?",
    "words": "said in words, or not in full",
}
_SIGNS = {"highest": "🔺", "high": "⏫", "medium": "🔼", "none": "", "low": "🔽", "lowest": "⏬"}


@command(
    epilog="Examples:  vi triage   vi triage --account contoso --oldest   vi triage --plain < answers.txt"
    "\n\nKeys:  " + "  ".join(f"{key} {name}" for key, name in KEYS.items())
)
@task_filters("open", "proposed", "done", "cancelled", "all", "done_on")
@click.option("--new", is_flag=True, help="Only proposals that triage has not shown yet.")
@click.option("--oldest", is_flag=True, help="Oldest notes first.")
@click.option("--again", is_flag=True, help="Also what was rejected or put off before.")
@click.option("--plain", is_flag=True, help="No keys and no screens: one answer a line, such as `d fri`.")
@shared
@in_app
def triage(app: App, new: bool, oldest: bool, again: bool, plain: bool, **given: Any) -> None:
    """Decide on proposals, one after the other."""
    with desk(app) as at:
        rows = at.choose((), {**given, "proposed": True})
        rows = [row for row in rows if row["state"] == "proposed"]
        # Newest note first; within a note from the top.
        rows.sort(key=lambda r: (r["path"], r["line"]))
        rows.sort(key=lambda r: r["note_date"] or "", reverse=not oldest)
        before = decided(at, rows)
        if not again:
            rows = _undecided(app, rows, before)
        if new:
            seen = at.journal.seen()
            rows = [row for row in rows if row["id"] not in seen]
        if not rows:
            app.notes.append("no proposals to decide on")
            return
        session = Session(at, rows, before, plain or not (sys.stdin.isatty() and sys.stdout.isatty()))
        try:
            with app.waiting():
                session.run()
        except KeyboardInterrupt:  # a person may leave at any moment
            session.said = ""
        finally:
            follow(at, session.touched, loose=session.loose)
        app.notes.insert(0, session.summary())


def _undecided(app: App, rows: list[Row], before: dict[str, Verdict | None]) -> list[Row]:
    """The rows without those that were rejected before, or put off today; says so."""
    from vaultindex.dates.ranges import echo_day

    back = [v for row in rows if (v := before[row["id"]]) and v.verdict == "rejected"]
    late = [v for row in rows if (v := before[row["id"]]) and v.verdict == "later" and v.day == app.today]
    if back:
        days = sorted({v.day for v in back})
        when = echo_day(days[-1]) if len(days) == 1 else f"between {echo_day(days[0])} and {echo_day(days[-1])}"
        app.notes.append(f"{len(back)} came back, rejected on {when}: vi triage --again")
    if late:
        app.notes.append(f"{len(late)} put off today: vi triage --again")
    hidden = {id(v) for v in (*back, *late)}
    return [row for row in rows if id(before[row["id"]]) not in hidden or before[row["id"]] is None]


class Step(NamedTuple):
    """What was done last, so that it can be taken back."""

    at: int
    what: str
    row: Row  # as it was
    edits: list[Edit]


class Session:
    """One sitting: the proposals, where we are, and what was done."""

    def __init__(self, at: Desk, rows: list[Row], before: dict[str, Verdict | None], plain: bool) -> None:
        self.at, self.rows, self.before, self.plain = at, rows, before, plain
        self.here = 0
        self.steps: list[Step] = []
        self.touched: set[str] = set()
        self.loose = any(row["origin"] != "box" for row in rows)
        self.said = self.told = ""
        self.alike: Alike | None = None
        self.now: dict[str, tuple[str, str]] = {}  # id -> text and state of what was changed in this sitting
        self.width = min(table.screen().width, 100)

    def run(self) -> None:
        """Until the last proposal is decided, or the person leaves."""
        do: dict[str, Callable[[Row, str], None]] = {
            "a": self._accept, "r": self._reject, "e": self._edit, "d": self._due, "o": self._owner, "l": self._later,
            "m": self._merge, "s": self._source, "u": self._undo,
        }  # fmt: skip
        show = True
        while self.here < len(self.rows):
            row = self.rows[self.here]
            if show:
                self._show(row)
            key, rest = self._answer()
            if key == "q":
                return
            self.said = ""
            try:
                if key in do:
                    do[key](row, rest)
                else:
                    self.said = f"one of {' '.join(KEYS)}, please"
            except VaultError as error:
                self.said = str(error)
            # What was just said, and the source, stay on the screen until the next key.
            show = not self.said and key != "s"
            if self.said:
                self._print([safe(self.said)])

    def summary(self) -> str:
        """What was decided, and what is left."""
        counts: dict[str, int] = {}
        for step in self.steps:
            counts[step.what] = counts.get(step.what, 0) + 1
        words = [f"{count} {what}" for what, count in counts.items()]
        left = len(self.rows) - self.here
        edits = sum(1 for step in self.steps if step.edits)
        back = f" · undo: vi undo{f' {edits}' if edits > 1 else ''}" if edits else ""
        return f"{', '.join(words) or 'nothing decided'} · {left} left{back}"

    # --- showing ---

    def _print(self, lines: list[str]) -> None:
        self.at.app.lines(lines)
        sys.stdout.flush()

    def _show(self, row: Row) -> None:
        self.at.journal.mark_seen([row["id"]], self.at.app.today)
        if not self.plain:
            click.clear()
            self._print([self.told])
        to = table.screen()
        who = "for me" if row["mine"] else f"for {row['owner_person']}" if row["owner_person"] else ""
        name = name_of(row)
        where = name if name.startswith(row["note_date"] or "-") else f"{row['note_date'] or ''} {name}".strip()
        head = [row["account"] or "", where, row["heading"] or "", who, _SIGNS[row["priority"]]]
        title = f"{self.here + 1}/{len(self.rows)}  " + " · ".join(one_line(part) for part in head if part)
        lines = [table.paint(table.cut(title, self.width), "bold", to.colour)]
        lines += self._wrap(row["text"])
        if row["due"]:
            doubt = DOUBT.get(row["date_doubt"] or "", "")
            lines += self._wrap(f"due {row['due']}" + (f"  ({doubt})" if doubt else ""))
        lines += self._wrap(f"line {row['line']}  {row['raw'].strip()}", "dim")
        was = self.before.get(row["id"])
        if was is not None:
            lines += self._wrap(f"{was.verdict} on {was.day}" + (f": {was.reason}" if was.reason else ""), "yellow")
        lines += self._twins(row)
        menu = " ".join(f"[{key}]{name[1:]}" for key, name in KEYS.items())
        self._print(["", *lines, *([] if self.plain else [""]), table.paint(menu, "dim", to.colour)])

    def _wrap(self, text: str, style: str = "") -> list[str]:
        colour = table.screen().colour
        lines = textwrap.wrap(one_line(text), self.width - 4, break_on_hyphens=False) or [""]
        return [table.paint("  " + ("  " if i else "") + line, style, colour) for i, line in enumerate(lines)]

    def _twins(self, row: Row) -> list[str]:
        twins = self._alike(row)
        if not twins:
            return []
        from vaultindex.dates.ranges import echo_day

        dates = sorted(filter(None, (row["note_date"], *(t.date for t in twins))))
        times = len({t.path for t in twins}) + 1
        short = ask.short_ids(self.at.conn, [t.id for t in twins[:3]])
        since = f" since {echo_day(dates[0])}" if dates else ""
        lines = self._wrap(f"asked {times} times{since}:", "yellow")
        for twin in twins[:3]:
            lines += self._wrap(f"{short[twin.id]} {_twin(twin)}")
        return lines

    def _alike(self, row: Row) -> list[Twin]:
        if self.alike is None:
            self.alike = Alike(self.at.conn)
        twins = self.alike.twins(row)
        # The index is brought up to date at the end: until then this sitting knows better.
        return [t._replace(text=self.now[t.id][0], state=self.now[t.id][1]) if t.id in self.now else t for t in twins]

    # --- answers ---

    def _answer(self) -> tuple[str, str]:
        """(key, what was typed behind it)."""
        if self.plain:
            line = sys.stdin.readline()
            if not line:
                return "q", ""
            word = line.strip()
            return word[:1].lower(), word[1:].strip()
        key = _key()
        return ("q", "") if key in ("", "\x03", "\x04", "\x1b") else (key.lower(), "")

    def _ask(self, question: str, given: str) -> str:
        if given or self.plain:
            return given
        try:
            return str(click.prompt(question, default="", show_default=False)).strip()
        except click.Abort:
            return ""

    # --- what the keys do ---

    def _write(self, row: Row, what: str, make: Callable[[Row], str], reason: str | None = None) -> int:
        """Change the row's line to what `make` gives; the number of the command. Raises VaultError."""
        at = self.at
        change = change_of(at, what, row, lambda given: [make(given)])
        before = dict(row)
        command = at.journal.next_command()
        if change is not None:
            _, refused = edit.apply(at.app.root, at.journal, what, [change], command=command, reason=reason)
            if refused:
                raise refused[0].error
            self.touched.add(row["path"])
            self.steps.append(Step(self.here, _PAST.get(what, what), before, at.journal.undoable(1)))
            if change.new != [change.old]:
                self._reread(row, change.new[-1], change.line + len(change.new) - 1)
            self.now[row["id"]] = row["text"], _STATE.get(what, str(row["state"]))
        return command

    def _reread(self, row: Row, line: str, number: int) -> None:
        task = parse_task(line, self.at.settings)
        row.update(raw=line, line=number, origin="box")
        if task is not None:
            row.update(text=task.text, due=task.due, priority=task.priority, owner=task.owner)

    def _next(self, said: str) -> None:
        self.here += 1
        self._tell(said)

    def _tell(self, said: str) -> None:
        """Said now, or on a terminal above the next proposal, since its screen begins empty."""
        if self.plain:
            self._print([safe(said)])
        else:
            self.told = safe(said)

    def _accept(self, row: Row, rest: str) -> None:
        text = row["text"]
        command = self._write(row, "accept", lambda given: edit.accept(given["raw"], self.at.settings))
        decide(self.at, {**row, "text": text}, "accepted", command)
        self._next(f"accepted: {one_line(text)}")

    def _reject(self, row: Row, rest: str, said: str | None = None) -> None:
        command = self._write(
            row, "reject", lambda given: edit.reject(given["raw"], self.at.app.today, self.at.settings), rest or None
        )
        decide(self.at, row, "rejected", command, rest or None)
        self._next(said or f"rejected: {one_line(row['text'])}")

    def _edit(self, row: Row, rest: str) -> None:
        self._write(row, "edit", lambda given: edited(self.at.app, given["raw"], self.at.settings))

    def _due(self, row: Row, rest: str) -> None:
        text = self._ask("due", rest)
        if text:
            value = day(self.at.app, text)
            self._write(row, "due", lambda given: change_field.set_field(given["raw"], "due", value, self.at.settings))
            row["date_doubt"] = None

    def _owner(self, row: Row, rest: str) -> None:
        text = self._ask("owner", rest)
        if text:
            name = owner_name(self.at, text)
            self._write(row, "assign", lambda given: change_field.set_owner(given["raw"], name, self.at.settings))
            me: list[str] = self.at.app.config.get("me")
            row.update(owner_person=name, mine=name in [m.lstrip("@") for m in me])

    def _later(self, row: Row, rest: str) -> None:
        decide(self.at, row, "later", None)
        self.steps.append(Step(self.here, "put off", dict(row), []))
        self._next("later")

    def _merge(self, row: Row, rest: str) -> None:
        twins = self._alike(row)
        if not twins:
            self.said = "nothing asks the same in another note"
            return
        kept = next((t for t in twins if t.state == "open"), twins[0])
        short = ask.short_ids(self.at.conn, [kept.id])[kept.id]
        into = f"merged into {short} {one_line(_twin(kept))}: {one_line(row['text'])}"
        self._reject(row, f"same as {short}: {kept.text}", into)
        self.steps[-1] = self.steps[-1]._replace(what="merged")

    def _source(self, row: Row, rest: str) -> None:
        from vaultindex.cli.change.triage_source import quote

        head, *lines = quote(self.at.app.root, self.at.conn, row)
        self._print([*self._wrap(head.strip()), *(table.cut(safe(line), self.width) for line in lines)])

    def _undo(self, row: Row, rest: str) -> None:
        if not self.steps:
            self.said = "nothing to undo here: vi undo"
            return
        step = self.steps[-1]
        _, refused = edit.undo(self.at.app.root, self.at.journal, step.edits)
        if refused:
            raise refused[0][1]
        self.steps.pop()
        self.here = step.at
        back = self.rows[self.here]
        if not step.edits:
            self.at.journal.forget_verdict(sources(self.at.conn, back), back["text"])
        back.update(step.row)
        self.now.pop(back["id"], None)
        self._tell(f"undone: {step.what}")


def _key() -> str:
    """One key from the terminal, '' at its end. What was typed ahead counts: people learn the keys and do not wait."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        return click.getchar()
    import os
    import select

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd, termios.TCSANOW)
        data = os.read(fd, 1)
        if data == b"\x1b" and select.select([fd], [], [], 0.05)[0]:
            data += os.read(fd, 31)  # an arrow or function key, not Escape
        return data.decode("utf-8", "replace")
    except (KeyboardInterrupt, OSError):
        return ""
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)


def _twin(twin: Twin) -> str:
    """'"Send the sheet." (open, Kick-off)'."""
    return f'"{twin.text}" ({twin.state}, {twin.path[twin.path.rfind("/") + 1 : -3]})'


_STATE = {"accept": "open", "reject": "cancelled"}
_PAST = {"accept": "accepted", "reject": "rejected", "edit": "edited", "due": "rescheduled", "assign": "assigned"}
