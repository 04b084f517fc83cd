"""Many proposals decided at once: what can be offered for those that are left, and the writing of it as one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from vaultindex.ask.pages.contact import day_after
from vaultindex.base.errors import VaultError
from vaultindex.change.desk import VERDICTS, change_of, sources
from vaultindex.cli.change.apply import Desk
from vaultindex.cli.change.pick import Row
from vaultindex.render.phrases import count
from vaultindex.state import edits as edit
from vaultindex.state.journal import Edit

_OLD = (60, 30)  # days after which an offer calls a proposal old


class Offer(NamedTuple):
    """A decision on many: the verb, for which proposals in words, and these."""

    verb: str  # accept or reject
    which: str
    rows: list[Row]

    def __str__(self) -> str:
        return f"{self.verb} {self.which}: {numbers(self.rows)}"


class Written(NamedTuple):
    """What became of many proposals."""

    changes: list[edit.Change]
    edits: list[Edit]  # as the journal holds them, to be undone
    rows: list[Row]  # those that were decided
    wrong: list[VaultError]  # why others were not


def numbers(rows: Sequence[Row]) -> str:
    """'1,610 in 402 notes'."""
    return f"{len(rows):,} in {count(len({row['path'] for row in rows}), 'note')}"


def offers(rows: Sequence[Row], today: str) -> list[Offer]:
    """What may be decided at once about these proposals; the offers that mean none or the same as another are left out."""
    found: list[Offer] = []
    for age in _OLD:
        before = day_after(today, -age)
        old = [row for row in rows if row["note_date"] and row["note_date"] < before]
        found.append(Offer("reject", f"all older than {age} days", old))
    found.append(Offer("reject", "all that others own", [r for r in rows if r["owner_person"] and not r["mine"]]))
    recent = day_after(today, -7)
    mine = [row for row in rows if row["mine"]]
    week = [row for row in mine if row["note_date"] and recent <= row["note_date"] <= today]
    found.append(Offer("accept", "all of mine of the last 7 days", week))
    found.append(Offer("reject", "all that are not mine", [row for row in rows if not row["mine"]] if mine else []))
    seen: set[tuple[str, frozenset[str]]] = set()
    some = []
    for offer in found:
        means = offer.verb, frozenset(row["id"] for row in offer.rows)
        if offer.rows and means not in seen:
            seen.add(means)
            some.append(offer)
    return some


def write(
    at: Desk,
    what: str,
    rows: Iterable[Row],
    make: Callable[[Row], str],
    reason: str | None = None,
    settles: bool = False,
    command: int | None = None,
) -> Written:
    """Change the line of each row to what `make` gives, as one command of the journal that is called `what`; one that
    settles (of VERDICTS) is remembered as decided. What cannot be changed costs the others nothing."""
    changes: list[edit.Change] = []
    wrong: list[VaultError] = []
    by_id: dict[str, Row] = {}
    for row in rows:
        try:
            change = change_of(at, what, row, lambda given: [make(given)])
        except VaultError as error:
            wrong.append(error)
            continue
        by_id[row["id"]] = dict(row)
        if change is not None:
            changes.append(change)
    command = at.journal.next_command() if command is None else command
    made, refused = edit.apply(at.app.root, at.journal, what, changes, command=command, reason=reason)
    wrong += [one.error for one in refused]
    failed = {one.change.id for one in refused}
    done = [row for key, row in by_id.items() if key not in failed]
    if settles and done:
        proposals = [(sources(at.conn, row), row["text"], row["path"]) for row in done]
        at.journal.decide_all(proposals, VERDICTS[what], at.app.today, command, reason)
    return Written(made, at.journal.undoable(1) if made else [], done, wrong)
