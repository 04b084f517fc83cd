"""Triage: one proposal at a time, one key each, with what is needed to decide; over any terminal, or line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import click

from vaultindex.ask import same_person
from vaultindex.ask.tasks import lists as ask
from vaultindex.ask.tasks.similar import Alike, Twin
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import fold, one_line, safe
from vaultindex.change import names as answers
from vaultindex.change.desk import VERDICTS, decide, decided, follow, follow_names, in_order, set_aside, sources
from vaultindex.change.fields import day, owner_name
from vaultindex.cli.app import App, in_app
from vaultindex.cli.change.act import edited
from vaultindex.cli.change.apply import Desk, desk
from vaultindex.cli.change.pick import Row
from vaultindex.cli.commands import command, shared
from vaultindex.cli.interactive.keyboard import read_key
from vaultindex.cli.options import task_filters
from vaultindex.cli.triage import card, keys, many, names, narrow
from vaultindex.render import table
from vaultindex.render.phrases import name_of
from vaultindex.state import edits as edit
from vaultindex.state.journal import Edit, Verdict
from vaultindex.tasks import change_field
from vaultindex.tasks.line import parse_task


@command(
    epilog="Examples:  vi triage   vi triage --account contoso --oldest   vi triage --plain < answers.txt"
    "   vi triage --likely"
    "\n\nKeys:  " + ", ".join(f"{key} {name}" for key, name in keys.KEYS.items())
)
@task_filters("open", "proposed", "done", "cancelled", "all", "done_on")
@click.option("--new", is_flag=True, help="Only proposals that triage has not shown yet.")
@click.option("--oldest", is_flag=True, help="Oldest notes first.")
@click.option("--likely", is_flag=True, help="Those first that are most like what you accepted before.")
@click.option("--again", is_flag=True, help="Also what was rejected or put off before.")
@click.option("--plain", is_flag=True, help="No keys and no screens: one answer a line, such as `d fri`.")
@shared
@in_app
def triage(app: App, new: bool, oldest: bool, likely: bool, again: bool, plain: bool, **given: Any) -> None:
    """Decide on proposals, one after the other."""
    with desk(app) as at:
        rows = at.choose((), {**given, "proposed": True})
        rows = [row for row in rows if row["state"] == "proposed"]
        in_order(rows, oldest=oldest)
        before = decided(at, rows)
        if likely:
            from vaultindex.ask.tasks.likely import Likely, decided_before

            by = Likely(decided_before(at.conn, at.journal.verdicts().values(), app.today, app.config.get("me")))
            rows.sort(key=lambda r: -by.score(r, app.today))
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

    left, back, late = set_aside(rows, before, app.today)
    if back:
        days = sorted({was.day for row in back if (was := before[row["id"]]) is not None})
        when = echo_day(days[-1]) if len(days) == 1 else f"between {echo_day(days[0])} and {echo_day(days[-1])}"
        app.notes.append(f"{len(back)} came back, rejected on {when}: vi triage --again")
    if late:
        app.notes.append(f"{len(late)} put off today: vi triage --again")
    return left


class Step(NamedTuple):
    """What was done last, so that it can be taken back."""

    at: str  # the proposal that was on the screen
    counts: dict[str, int]  # what became of how many
    rows: list[Row]  # as they were
    edits: list[Edit]
    decided: bool  # whether it settled them
    named: Row | None = None  # the name of which it said whom it means


class Session:
    """One sitting: the proposals, where we are, and what was done."""

    def __init__(self, at: Desk, rows: list[Row], before: dict[str, Verdict | None], plain: bool) -> None:
        self.at, self.before, self.plain = at, before, plain
        self.all = self.rows = rows  # `rows` are those that a filter leaves
        self.here = 0
        self.filter = ""
        self.settled: set[str] = set()  # ids of what was decided or put off in this sitting
        self.steps: list[Step] = []
        self.touched: set[str] = set()
        self.loose = any(row["origin"] != "box" for row in rows)
        self.said = self.told = ""
        self.alike: Alike | None = None
        self.names: names.Names | None = None  # what is unsure, once the first proposal is shown
        self.now: dict[str, tuple[str, str]] = {}  # id -> text and state of what was changed in this sitting

    def run(self) -> None:
        """Until the last proposal is decided, or the person leaves."""
        do: dict[str, Callable[[Row, str], None]] = {
            "a": self._accept, "r": self._reject, "e": self._edit, "d": self._due, "o": self._owner, "l": self._later,
            "m": self._merge, "s": self._source, "u": self._undo, "t": partial(self._dated, "tomorrow"),
            "w": partial(self._dated, "next mon"), "x": partial(self._dated, "none"), "A": partial(self._note, "A"),
            "R": partial(self._note, "R"), "M": partial(self._note, "M"), "*": self._many, "f": self._narrow,
            "n": self._forward, "b": self._back, "?": self._keys,
        }  # fmt: skip
        show = True
        while len(self.settled) < len(self.all):
            row = self.rows[self.here]
            if show:
                if not self.plain and not self._ask_who(row):
                    return
                self._show(row)
            key, rest = self._answer()
            if key == "q":
                return
            self.said = ""
            try:
                if key in do:
                    do[key](row, rest)
                else:
                    self.said = f"no key {key!r}: ? shows them" if key else "? shows the keys"
            except VaultError as error:
                self.said = str(error)
            # What was just said, the keys and the source stay on the screen until the next key.
            show = not self.said and key not in ("s", "?")
            if self.said:
                self._print([safe(self.said)])

    def summary(self) -> str:
        """What was decided, and what is left."""
        left = len(self.all) - len(self.settled)
        edits = sum(1 for step in self.steps if step.edits)
        back = f" · undo: vi undo{f' {edits}' if edits > 1 else ''}" if edits else ""
        return f"{self._counted() or 'nothing decided'} · {left:,} left{back}"

    def _counted(self) -> str:
        counts: dict[str, int] = {}
        for step in self.steps:
            for what, count in step.counts.items():
                counts[what] = counts.get(what, 0) + count
        return ", ".join(f"{count:,} {what}" for what, count in counts.items())

    # --- showing ---

    def _print(self, lines: list[str]) -> None:
        self.at.app.lines(lines)
        sys.stdout.flush()

    def _show(self, row: Row) -> None:
        self.at.journal.mark_seen([row["id"]], self.at.app.today)
        self._clear()
        if not self.plain:
            self._print([self.told])
            self.told = ""
        twins = self._alike(row)
        beside = len(self._left_of(row)) - (row["id"] not in self.settled)
        number = f"{self.here + 1:,}/{len(self.rows):,}"
        lines = card.lines(self.at, row, number, self.before.get(row["id"]), twins, 0 if self.plain else beside)
        if row["id"] in self.settled:
            lines += card.wrap("decided in this sitting: n goes on", "yellow")
        if not self.plain:
            aside = [self._counted(), f"filter: {self.filter} ({len(self.rows):,})" if self.filter else ""]
            lines += ["", card.progress(len(self.settled), len(self.all), " · ".join(filter(None, aside)))]
            offer = next(iter(many.offers(self._left(), self.at.app.today)), None)
            if offer is not None and len(offer.rows) >= _WORTH_SAYING:
                lines.append(table.paint(f"* many at once: {offer}, ...", "yellow", table.screen().colour))
        menu = keys.MENU_WITH_MERGE if twins else keys.MENU
        self._print(["", *lines, *([] if self.plain else [""]), table.paint(menu, "dim", table.screen().colour)])

    def _clear(self) -> None:
        if not self.plain:
            click.clear()

    def _left(self) -> list[Row]:
        return [row for row in self.rows if row["id"] not in self.settled]

    def _left_of(self, row: Row) -> list[Row]:
        return [one for one in self._left() if one["path"] == row["path"]]

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
            return keys.meant(word[:1]), word[1:].strip()
        key = read_key()
        return ("q", "") if key in ("", "\x03", "\x04", "\x1b") else (keys.meant(key), "")

    def _ask(self, question: str, given: str) -> str:
        if given or self.plain:
            return given
        try:
            return str(click.prompt(question, default="", show_default=False)).strip()
        except click.Abort:
            return ""

    # --- whom a name means ---

    def _ask_who(self, row: Row) -> bool:
        """Ask about the unsure names of this proposal, each once; False when the person leaves instead."""
        if self.names is None:
            self.names = names.Names(same_person.answerable(self.at.conn, self.at.app.config.get("me")))
        while (found := self.names.of(row)) is not None:
            self._clear()
            self._print([self.told, "", *card.lines(self.at, row, "", None, (), 0), ""])
            self.told = ""
            answer = names.ask(found, self._print)
            if answer is None:
                return False
            if answer.people:
                self._say_who(found, answer)
        return True

    def _say_who(self, found: Row, answer: names.Answer) -> None:
        try:
            said = answers.tell(self.at, found["name"], answer.people, answer.same)
        except VaultError as error:
            self.told = safe(str(error))
            return
        self.steps.append(Step(self._id(), {"named": 1}, [], self.at.journal.undoable(1), False, found))
        self._renamed(found["name"])
        self.told = safe(f"{said} · u takes it back")

    def _renamed(self, name: str | None = None) -> None:
        """The index has other names now: whom the tasks mean that have this owner (None: any) is read anew."""
        self.alike = None
        ids = [one["id"] for one in self.all if one["owner"] and (name is None or fold(one["owner"]) == fold(name))]
        known = same_person.owners(self.at.conn, ids)
        for one in self.all:
            if one["id"] in known:
                one["owner_person"] = known[one["id"]]

    # --- what the keys do ---

    def _write(
        self,
        rows: list[Row],
        what: str,
        make: Callable[[Row], str],
        reason: str | None = None,
        settles: bool = False,
        command: int | None = None,
    ) -> many.Written:
        """Change the line of each row to what `make` gives, as one step. Raises VaultError when none could be changed."""
        before = {row["id"]: dict(row) for row in rows}
        written = many.write(self.at, what, rows, make, reason, settles, command)
        if written.wrong and not written.rows:
            raise written.wrong[0]
        done = {row["id"] for row in written.rows}
        changed = {change.id: change for change in written.changes}
        for row in rows:
            change = changed.get(row["id"])
            if change is not None:
                self.touched.add(row["path"])
                if change.new != [change.old]:
                    self._reread(row, change.new[-1], change.line + len(change.new) - 1)
                self.now[row["id"]] = row["text"], _STATE.get(what, str(row["state"]))
        if changed or settles:
            as_they_were = [before[key] for key in before if key in done]
            counts = {_PAST.get(what, what): len(as_they_were)}
            self.steps.append(Step(self._id(), counts, as_they_were, written.edits, settles))
        if settles:
            self.settled |= done
        return written

    def _id(self) -> str:
        return str(self.rows[self.here]["id"])

    def _reread(self, row: Row, line: str, number: int) -> None:
        task = parse_task(line, self.at.settings)
        row.update(raw=line, line=number, origin="box")
        if task is not None:
            row.update(text=task.text, due=task.due, priority=task.priority, owner=task.owner)

    def _next(self, said: str) -> None:
        """Go on to the next proposal that is left: behind this one, else from the first."""
        order = [*range(self.here + 1, len(self.rows)), *range(self.here)]
        left = next((n for n in order if self.rows[n]["id"] not in self.settled), None)
        if left is None and self.filter and len(self.settled) < len(self.all):
            said = f"{said} · that was the last one of {self.filter}: the others again"
            self.rows, self.filter = self.all, ""
            left = next(n for n, row in enumerate(self.rows) if row["id"] not in self.settled)
        self.here = self.here if left is None else left
        self._tell(said)

    def _tell(self, said: str) -> None:
        """Said now, or on a terminal above the next proposal, since its screen begins empty."""
        if self.plain:
            self._print([safe(said)] if said else [])
        else:
            self.told = safe(said)

    def _accepted(self, given: Row) -> str:
        return edit.accept(given["raw"], self.at.settings)

    def _rejected(self, given: Row) -> str:
        return edit.reject(given["raw"], self.at.app.today, self.at.settings)

    def _accept(self, row: Row, rest: str) -> None:
        text = row["text"]
        self._write([row], "accept", self._accepted, settles=True)
        self._next(f"accepted: {one_line(text)}")

    def _reject(self, row: Row, rest: str, said: str | None = None) -> None:
        text = row["text"]
        self._write([row], "reject", self._rejected, rest or None, settles=True)
        self._next(said or f"rejected: {one_line(text)}")

    def _edit(self, row: Row, rest: str) -> None:
        self._write([row], "edit", lambda given: edited(self.at.app, given["raw"], self.at.settings))

    def _due(self, row: Row, rest: str) -> None:
        text = self._ask("due", rest)
        if text:
            self._dated(text, row, "")

    def _dated(self, text: str, row: Row, rest: str) -> None:
        value = day(self.at.app, text)
        self._write([row], "due", lambda given: change_field.set_field(given["raw"], "due", value, self.at.settings))
        row["date_doubt"] = None

    def _owner(self, row: Row, rest: str) -> None:
        text = self._ask("owner", rest)
        if text:
            name = owner_name(self.at, text)
            self._write([row], "assign", lambda given: change_field.set_owner(given["raw"], name, self.at.settings))
            me: list[str] = self.at.app.config.get("me")
            row.update(owner_person=name, mine=name in [m.lstrip("@") for m in me])

    def _later(self, row: Row, rest: str) -> None:
        decide(self.at, row, "later", None)
        self.steps.append(Step(row["id"], {"put off": 1}, [dict(row)], [], True))
        self.settled.add(row["id"])
        self._next("later")

    def _merge(self, row: Row, rest: str) -> None:
        twins = self._alike(row)
        if not twins:
            self.said = "nothing asks the same in another note"
            return
        kept = next((t for t in twins if t.state == "open"), twins[0])
        short = ask.short_ids(self.at.conn, [kept.id])[kept.id]
        into = f"merged into {short} {one_line(card.named(kept))}: {one_line(row['text'])}"
        self._reject(row, f"same as {short}: {kept.text}", into)
        self.steps[-1] = self.steps[-1]._replace(counts={"merged": 1})

    def _source(self, row: Row, rest: str) -> None:
        from vaultindex.cli.change.triage_source import quote

        head, *lines = quote(self.at.app.root, self.at.conn, row)
        self._print([*card.wrap(head.strip()), *(table.cut(safe(line), card.width()) for line in lines)])

    def _keys(self, row: Row, rest: str) -> None:
        self._clear()
        self._print([*keys.HELP.splitlines(), "", *([] if self.plain else [keys.MENU])])

    # --- many at once ---

    def _note(self, key: str, row: Row, rest: str) -> None:
        """All that is left of the note: accepted, rejected, or only mine accepted."""
        rows = self._left_of(row)
        if not rows:
            self.said = "nothing is left of this note: n goes on"
            return
        yes = [one for one in rows if key == "A" or (key == "M" and one["mine"])]
        no = [one for one in rows if one not in yes]
        if key == "M" and not yes:
            self.said = "none of this note is mine: R rejects all of it"
            return
        self._decide_both(yes, no, one_line(name_of(row)))

    def _many(self, row: Row, rest: str) -> None:
        """Offers for all that are left, or a verb and a filter as they are typed; asked once more on a terminal."""
        left = self._left()
        found = many.offers(left, self.at.app.today)
        if not rest:
            self._clear()
            self._print(["", *(f"  {n}  {offer}" for n, offer in enumerate(found, 1))])
            self._print(["  or what you like: reject --stale 90d --account contoso"])
            rest = self._ask("which (nothing: none of them)", rest)
            if not rest:
                return
        verb, _, line = rest.partition(" ")
        if rest.isdecimal() and 1 <= int(rest) <= len(found):
            offer = found[int(rest) - 1]
        elif verb in VERDICTS:
            fitting = self._fitting(line)
            offer = many.Offer(verb, f"all of {line}" if line else "all that are left", fitting)
        else:
            raise UsageError(f"a number from the list, or `accept` or `reject` and a filter: not {rest!r}")
        if not offer.rows:
            self.said = f"no proposal that is left fits: {line}"
        elif self.plain or click.confirm(f"{offer}?"):
            rows = offer.rows
            self._decide_both(rows if offer.verb == "accept" else [], rows if offer.verb == "reject" else [], "")

    def _decide_both(self, yes: list[Row], no: list[Row], where: str) -> None:
        """Accept these and reject those, as one step."""
        said, wrong, first = [], [], len(self.steps)
        command = self.at.journal.next_command()
        for rows, what, make in ((yes, "accept", self._accepted), (no, "reject", self._rejected)):
            if rows:
                written = self._write(rows, what, make, settles=True, command=command)
                wrong += written.wrong
                said.append(f"{_PAST[what]} {many.numbers(written.rows) if not where else len(written.rows)}")
        if len(self.steps) > first + 1:
            one, two = self.steps[first:]
            both = one._replace(counts=one.counts | two.counts, rows=one.rows + two.rows, edits=two.edits)
            self.steps[first:] = [both]
        if wrong:
            said.append(f"{len(wrong):,} could not be changed ({wrong[0]})")
        self._next(", ".join(said) + (f" of {where}" if where else "") + " · u takes it back")

    def _fitting(self, line: str) -> list[Row]:
        """What is left and fits a filter."""
        given = narrow.given(line)
        if not given:
            return self._left()
        ids = {row["id"] for row in self.at.choose((), {**given, "proposed": True})}
        return [row for row in self.all if row["id"] in ids and row["id"] not in self.settled]

    def _narrow(self, row: Row, rest: str) -> None:
        line = self._ask("filter: words or options of vi tasks (nothing: all)", rest)
        rows = self._fitting(line) if line else self.all
        if not rows:
            self.said = f"no proposal that is left fits: {line}"
            return
        self.rows, self.filter = rows, line
        self.here = next((n for n, one in enumerate(rows) if one["id"] == row["id"]), 0)
        if self.rows[self.here]["id"] in self.settled:
            self._next("")
        self._tell(f"{len(rows):,} of {len(self.all):,}: {line}" if line else f"all {len(rows):,} again")

    # --- going about ---

    def _forward(self, row: Row, rest: str) -> None:
        left = [one for one in self._left() if one is not row]
        if not left:
            self.said = "that is the last one that is left"
            return
        self._next("")

    def _back(self, row: Row, rest: str) -> None:
        if not self.here:
            self.said = "that is the first one"
            return
        self.here -= 1

    def _undo(self, row: Row, rest: str) -> None:
        if not self.steps:
            self.said = "nothing to undo here: vi undo"
            return
        step = self.steps[-1]
        _, refused = edit.undo(self.at.app.root, self.at.journal, step.edits)
        if refused:
            raise refused[0][1]
        self.steps.pop()
        if step.named and self.names:
            follow_names(self.at, ())
            self.names.again(step.named)
            self._renamed()
        before = {one["id"]: one for one in step.rows}
        for one in self.all:
            if one["id"] in before:
                if not step.edits:
                    self.at.journal.forget_verdict(sources(self.at.conn, one), one["text"])
                one.update(before[one["id"]])
                self.now.pop(one["id"], None)
        if step.decided:
            self.settled -= set(before)
        if step.at not in {one["id"] for one in self.rows}:
            self.rows, self.filter = self.all, ""
        self.here = next(n for n, one in enumerate(self.rows) if one["id"] == step.at)
        some = [f"{what} {n:,}" if len(step.rows) > 1 else what for what, n in step.counts.items()]
        self._tell(f"undone: {', '.join(some)}")


_WORTH_SAYING = 50  # so many proposals at once are worth a line on each card
_STATE = {"accept": "open", "reject": "cancelled"}
_PAST = {"accept": "accepted", "reject": "rejected", "edit": "edited", "due": "rescheduled", "assign": "assigned"}
