"""What the page can do to a task: done, accept, reject, later, due, owner, priority; and undo. As the commands do it.

The task is named by its id and by the line that the page showed: when the note has another line by now, nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from vaultindex.ask.tasks import lists
from vaultindex.base.errors import ChangedError, UsageError
from vaultindex.change.back import take_back, text_of
from vaultindex.change.desk import VERDICTS, Bench, change_of, decide, follow
from vaultindex.change.fields import dated, owned, ranked
from vaultindex.state import edits
from vaultindex.web.site import Visit

Row = dict[str, Any]
VIA = "via web"  # the reason that the journal keeps
# What a button is called on the journal's line -> what is said of it.
_PAST = {
    "done": "done", "accept": "accepted", "reject": "rejected", "due": "date set", "assign": "owner set",
    "priority": "priority set", "later": "put off for today", "reopen": "open again",
}  # fmt: skip


class Done(NamedTuple):
    """What was done, for the page to say."""

    said: str
    text: str = ""
    path: str = ""
    before: str = ""
    after: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def act(visit: Visit, verb: str, identity: str, raw: str, value: str) -> Done:
    """Do it. Raises VaultError; nothing is changed then."""
    with visit.bench() as at:
        if verb == "undo":
            return _undo(visit, at)
        if verb not in _PAST:
            raise UsageError(f"no such action: {verb!r}")
        row = _row(visit, at, identity, raw)
        if verb == "later":
            decide(at, row, "later", None)
            return Done(_PAST[verb], row["text"], row["path"])
        change = change_of(at, verb, row, _maker(visit, at, verb, value))
        if change is None:
            return Done(f"nothing to change: {_PAST[verb]} already", row["text"], row["path"])
        command = at.journal.next_command()
        made, refused = edits.apply(visit.root, at.journal, verb, [change], command=command, reason=VIA)
        if refused:
            raise refused[0].error
        verdict = VERDICTS.get("accept" if verb == "done" and row["state"] == "proposed" else verb)
        if verdict is not None:
            decide(at, row, verdict, command, VIA)
        follow(at, {one.path for one in made}, loose=row["origin"] != "box")
        return Done(_PAST[verb], row["text"], row["path"], row["raw"], tuple(change.new), tuple(visit.notes))


def _row(visit: Visit, at: Bench, identity: str, raw: str) -> Row:
    """The task as it is now. Raises ChangedError when it is not the one that the page showed."""
    found = at.conn.execute("SELECT rowid FROM tasks WHERE id = ?", (identity,)).fetchone()
    if found is None:
        raise ChangedError("the task changed since this page showed it (its text, or its note's name): look again")
    row = lists.of_rowids(at.conn, [found[0]], visit.today, visit.me)[0]
    if row["raw"] != raw:
        raise ChangedError(f"{row['path']}:{row['line']} changed since this page showed it: nothing was done")
    return row


def _maker(visit: Visit, at: Bench, verb: str, value: str) -> Callable[[Row], list[str]]:
    settings = at.settings
    if verb in ("done", "reopen"):
        kind = "DONE" if verb == "done" else "TODO"
        return lambda row: edits.complete(row["raw"], kind, visit.today, settings)
    if verb == "accept":
        return lambda row: [edits.accept(row["raw"], settings)]
    if verb == "reject":
        return lambda row: [edits.reject(row["raw"], visit.today, settings)]
    if not value.strip():
        raise UsageError("say what it should be; none takes it away")
    value = value.strip()
    if verb == "due":
        setter = dated(visit, "due", value, settings)
    elif verb == "assign":
        setter = owned(at, value)
    else:
        setter = ranked(value, settings)
    return lambda row: [setter(row["raw"])]


def _undo(visit: Visit, at: Bench) -> Done:
    """Take the last change back, whichever door it came through, as `vi undo` does."""
    last = at.journal.undoable(1)
    if not last:
        return Done("nothing to undo")
    back, refused = take_back(at, last)
    if refused:
        raise type(refused[0][1])(f"not undone: {refused[0][0].text}: {refused[0][1]}")
    one = back[0]
    before, after = text_of(one.after).strip(), text_of(one.before).strip()
    return Done(f"undone: {one.verb}", one.text, one.path, before, tuple(after.split("\n")), tuple(visit.notes))
