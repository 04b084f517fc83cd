"""Journals whose vault is nowhere to be found, and how a vault takes one over.

A vault that moved finds its journal by itself (see `vault/journal_place.py`). What is left: it came to another disk and
changed a lot, its disk is not connected, or it was deleted. Nothing of a journal is ever removed here.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vaultindex.base import paths
from vaultindex.base.errors import UnknownName, UsageError, VaultError
from vaultindex.base.files import keep_newest
from vaultindex.state.journal import Journal
from vaultindex.vault import journal_place
from vaultindex.vault.journal_place import Owner

_KEPT = 3  # copies of journals that were taken over


class Orphan(NamedTuple):
    """A journal that holds something, and whose vault is not where it was."""

    name: str  # of its folder
    file: str
    owner: Owner | None  # None: from before journals said whose they are
    edits: int
    verdicts: int
    last: float | None  # time.time() of its last edit

    @property
    def root(self) -> str:
        """Where its vault was."""
        return self.owner.root if self.owner is not None else "a vault whose path it does not say"


def orphans(env: Mapping[str, str], present: Iterable[str]) -> list[Orphan]:
    """The journals whose vault cannot be found; `present` are real paths of vaults that are known to be there."""
    known = {paths.state_of(env, root) for root in present if os.path.isdir(root)}
    found = []
    for file in journal_place.journals(env):
        owner = journal_place.owner_of(file)
        if journal_place.is_there(owner) if owner is not None else file in known:
            continue
        one = _counted(file, owner)
        if one is not None and (one.edits or one.verdicts):
            found.append(one)
    return found


def _counted(file: str, owner: Owner | None) -> Orphan | None:
    try:
        conn = sqlite3.connect(file, timeout=5)
        try:
            edits, last = conn.execute("SELECT count(*), max(at) FROM edits").fetchone()
            verdicts = conn.execute("SELECT count(*) FROM verdicts").fetchone()[0]
        finally:
            conn.close()
    except sqlite3.Error:
        return None  # damaged, or another program's
    return Orphan(os.path.basename(os.path.dirname(file)), file, owner, edits, verdicts, last)


def meant(some: list[Orphan], old: str) -> Orphan:
    """The orphan that a person names: by the path or the name of its vault, or by its folder. Raises UnknownName."""
    path = os.path.abspath(os.path.expanduser(old))
    fits = [one for one in some if old == one.name or (one.owner is not None and one.owner.root == path)]
    fits = fits or [one for one in some if one.owner is not None and os.path.basename(one.owner.root) == old]
    if len(fits) == 1:
        return fits[0]
    names = ", ".join(one.name for one in fits or some)
    if fits:
        raise UnknownName(f"{old!r} could be several journals: {names}")
    there = f" Orphaned are: {names}." if names else " No journal is orphaned."
    raise UnknownName(f"no orphaned journal is called {old!r}.{there}")


def fits(one: Orphan, vault: str) -> bool:
    """Whether this vault looks like the one that the journal belongs to: half of what it knows of is here."""
    if one.owner is not None and one.owner.notes:
        return journal_place.share(one.owner, vault) >= 0.5
    conn = sqlite3.connect(one.file, timeout=5)
    try:
        noted = [row[0] for row in conn.execute("SELECT DISTINCT path FROM edits UNION SELECT path FROM verdicts")]
    finally:
        conn.close()
    there = sum(os.path.isfile(os.path.join(vault, path)) for path in noted)
    return bool(noted) and there * 2 >= len(noted)


def adopt(one: Orphan, journal: Journal) -> None:
    """Put all that the orphan holds before what the open journal of the present vault holds. Raises VaultError.

    What the present vault decided stays; the old file is kept beside the journal under another name.
    """
    with Journal(one.file):
        pass  # brought up to this version
    folder = os.path.dirname(journal.file)
    kept = os.path.join(folder, f"state.db.adopted-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        journal.conn.execute("ATTACH ? AS old", (one.file,))
        with journal.transaction():
            _merge(journal.conn)
        journal.conn.execute("DETACH old")
    except sqlite3.Error as error:
        raise VaultError(f"the journal of {one.root} cannot be taken over ({error}): both are as they were") from error
    os.replace(one.file, kept)
    with contextlib.suppress(OSError):  # something else of ours may lie in it
        os.rmdir(os.path.dirname(one.file))
    keep_newest(os.path.join(folder, "state.db.adopted-"), _KEPT)


def _merge(conn: sqlite3.Connection) -> None:
    """What is older gets lower numbers: undo goes by them, and of two answers about a name the later one counts."""
    for table in ("edits", "told", "history"):
        (last,) = conn.execute(f"SELECT ifnull(max(id), 0) FROM old.{table}").fetchone()
        conn.execute(f"UPDATE main.{table} SET id = -id")
        conn.execute(f"UPDATE main.{table} SET id = ? - id", (last,))
    (last,) = conn.execute("SELECT ifnull(max(last), 0) FROM old.commands").fetchone()
    for table, column in (("edits", "command"), ("verdicts", "command"), ("told", "command"), ("commands", "last")):
        conn.execute(f"UPDATE main.{table} SET {column} = {column} + ?", (last,))
    for table in ("edits", "verdicts", "seen", "told", "history"):
        columns = ", ".join(row[1] for row in conn.execute(f"PRAGMA old.table_info({table})"))
        conn.execute(f"INSERT OR IGNORE INTO main.{table}({columns}) SELECT {columns} FROM old.{table}")


def refuse_misfit(one: Orphan, vault: str) -> None:
    """Raises UsageError when the orphan does not look like this vault's."""
    if not fits(one, vault):
        known = len(one.owner.notes) if one.owner is not None else 0
        why = f"of {known} notes that it knows, most are not here" if known else "most notes that it names are not here"
        raise UsageError(f"the journal of {one.root} does not fit {vault}: {why}. If it is right: --anyway")
