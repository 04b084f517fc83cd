"""Make the store hold of one vault what the rules choose: changed notes in batches, each in one transaction with a watermark.

Whatever breaks, the store has a note as it was or as it is, and the next attempt goes on from there: what it has is asked of
it, by the digest of each note. What vanished from the vault is withdrawn only when it was seen to be gone.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from vaultindex.base.errors import VaultError
from vaultindex.team import migrate
from vaultindex.team.address import Busy, StoreError, Unreachable, at_most, connect, told
from vaultindex.team.rows import COLUMNS, NAMES, Maker, Note, Values
from vaultindex.team.rules import Rules, chosen

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]
Made = TypeVar("Made")

MANY_ROWS = 2_000  # from which on a batch is copied
_BATCH_ROWS = 20_000  # of one transaction
_BATCH_NOTES = 5_000
_TRIES = 6  # when another transaction was in the way, or the store went away
_WAIT, _LONGEST = 0.1, 5.0  # seconds between two tries: the first, the longest
_SECONDS = 300.0  # after which a transaction of which nothing is heard is given up


class Moved(VaultError):
    """Another process has published the same vault meanwhile: what the store has is to be asked anew."""


class Absent(VaultError):
    """The vault is not in the store (any more)."""


class Report(NamedTuple):
    """What a publication did."""

    vault: str
    notes: int = 0  # given by the rules
    sent: int = 0  # of them new or changed
    rows: int = 0  # of those
    withdrawn: int = 0  # notes that the store does not have any more
    kept: int = 0  # notes that are gone from the index, and stay in the store since that is not proved
    watermark: int = 0


class Seen(NamedTuple):
    """How the index came by what it holds: whether a note that it lacks is gone from the vault for sure."""

    proved: bool = True
    why: str = ""  # it is not
    accepted: bool = False  # the person said that many notes may vanish


class Publisher:
    """Publishes one vault. The connection and what the store has are kept between two calls; not for several threads."""

    def __init__(self, where: str, env: Mapping[str, str], rules: Rules) -> None:
        self.where, self.env, self.rules = where, env, rules
        self.patience, self.longest = _TRIES, _SECONDS
        self._conn: Connection | None = None
        self._role = ""
        self._have: dict[str, str] | None = None  # path -> digest, as of `_watermark`
        self._signs: dict[
            str, int
        ] = {}  # path -> what its rows are made of, when the store was last equal to all; {} unknown
        self._watermark = 0

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
        self._conn = None

    def publish(
        self,
        index: sqlite3.Connection,
        seen: Seen = Seen(),  # noqa: B008 - an immutable tuple
        *,
        paths: Iterable[str] | None = None,
        begin: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> Report:
        """Make the store equal what the rules choose; `paths`: of these notes alone, the others being as they were.

        `begin`: also when the store does not know the vault yet; otherwise Absent is raised. Raises Unreachable, Busy and
        StoreError when it could not be done, after several tries: what was committed by then stays, and is not sent again.
        """
        some = None if paths is None else sorted(set(paths))
        return self._tried(lambda: self._publish(index, seen, some, begin, progress))

    def withdraw(self) -> tuple[str, dict[str, int], dict[str, int]]:
        """Delete every row of the vault; (its name, rows deleted by kind, rows that the store has afterwards by kind)."""
        return self._tried(self._withdraw)

    def _tried(self, work: Callable[[], Made]) -> Made:
        wait = _WAIT
        for number in range(1, self.patience + 1):
            try:
                with told(self.where):
                    made = work()
                return made
            except (Busy, Unreachable, Moved) as error:
                self._have = None
                if isinstance(error, Unreachable):
                    self.close()
                if number == self.patience:
                    raise
                time.sleep(wait * random.uniform(0.5, 1.0))
                wait = min(wait * 2, _LONGEST)
        raise AssertionError("unreachable")

    def _connected(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._have = None
            self._conn = connect(self.where, self.env)
            # A session whose process is suspended, or whose network is gone, holds up its vault no longer than this.
            self._conn.execute("SET lock_timeout = '10s'")
            self._conn.execute("SET idle_in_transaction_session_timeout = '60s'")
            migrate.check(self._conn)
            row = self._conn.execute("SELECT current_user").fetchone()
            self._role = str(row[0]) if row else ""
        return self._conn

    @property
    def vault(self) -> str:
        """The vault's name in the store: its owner's role and its name in the settings."""
        return f"{self._role}/{self.rules.vault}"

    def _known(self, conn: Connection, begin: bool) -> dict[str, str]:
        """What the store has, and the watermark it has it by. Raises Absent."""
        find = "SELECT watermark FROM vaultindex.vaults WHERE vault = %s"
        row = conn.execute(find, (self.vault,)).fetchone()
        if row is None:
            if not begin:
                raise Absent(f"the store does not have {self.vault}: vi publish puts it there")
            conn.execute(
                "INSERT INTO vaultindex.vaults (vault, publisher, watermark, rules) VALUES (%s, %s, 0, '') ON CONFLICT (vault) DO NOTHING",
                (self.vault, self.rules.name),
            )
            row = conn.execute(find, (self.vault,)).fetchone()
        assert row is not None
        if self._have is None or row[0] != self._watermark:
            # One statement sees one moment: no batch of another process can come between mark and digests.
            found = conn.execute(
                """SELECT v.watermark, n.path, n.digest FROM vaultindex.vaults v LEFT JOIN vaultindex.notes n ON n.vault = v.vault
 WHERE v.vault = %s""",
                (self.vault,),
            ).fetchall()
            if not found:
                raise Moved(f"{self.vault} was withdrawn meanwhile")
            self._watermark = int(found[0][0])
            self._have = {path: digest for _, path, digest in found if path is not None}
            self._signs = {}
        return self._have

    def _publish(
        self,
        index: sqlite3.Connection,
        seen: Seen,
        paths: list[str] | None,
        begin: bool,
        progress: Callable[[int], None] | None,
    ) -> Report:
        conn = self._connected()
        have = self._known(conn, begin)
        index.execute("BEGIN")  # one moment of the index, however long it takes
        try:
            if paths is not None:
                return self._compare(conn, have, index, seen, paths, progress)
            before, now = self._signs, signs(index)
            if before:  # this process has looked at everything before: only what is another since
                differ = [path for path in {*before, *now} if before.get(path) != now.get(path)]
                paths = [*differ, *(have.keys() - now.keys())] if differ or have.keys() - now.keys() else []
            self._signs = {}
            report = self._compare(conn, have, index, seen, paths, progress)
            self._signs = now
            return report
        finally:
            index.execute("ROLLBACK")

    def _compare(
        self, conn: Connection, have: dict[str, str], index: sqlite3.Connection, seen: Seen, paths: list[str] | None,
        progress: Callable[[int], None] | None,
    ) -> Report:  # fmt: skip
        ids = None if paths is None else _ids(index, paths)
        given = chosen(index, self.rules, ids)
        report = Report(self.vault)
        there: set[str] = set()
        batch: list[Note] = []
        size = 0
        for note in Maker(index, self.rules).notes(given):
            there.add(note.path)
            if have.get(note.path) == note.digest:
                continue
            batch.append(note)
            size += sum(map(len, note.rows.values()))
            if size >= _BATCH_ROWS or len(batch) >= _BATCH_NOTES:
                report = self._send(conn, batch, [], report)
                batch, size = [], 0
                if progress is not None:
                    progress(report.sent)
        asked = set(have) if paths is None else set(paths) & set(have)
        gone, kept = self._gone(index, asked - there, seen, len(have))
        report = self._send(conn, batch, gone, report)
        if progress is not None:
            progress(report.sent)
        return report._replace(
            notes=len(there) if paths is None else len(self._have or ()), kept=kept, watermark=self._watermark
        )

    @staticmethod
    def _gone(index: sqlite3.Connection, missing: set[str], seen: Seen, known: int) -> tuple[list[str], int]:
        """(what is to be withdrawn, how many notes are left since nobody saw that they are gone). Raises StoreError."""
        still = set(_paths(index, sorted(missing)))  # the rules do not give them any more
        vanished = missing - still
        if vanished and not seen.proved:
            return sorted(still), len(vanished)
        if len(vanished) > 20 and len(vanished) * 2 > known and not seen.accepted:
            raise StoreError(
                f"{len(vanished):,} of {known:,} published notes are not in the vault any more: if that is right,"
                " vi publish --accept-removals"
            )
        return sorted(missing), 0

    def _send(self, conn: Connection, batch: Sequence[Note], gone: Sequence[str], report: Report) -> Report:
        """One transaction: these notes as they are now, none of those that are gone, the next watermark."""
        assert self._have is not None
        with at_most(conn, self.longest), conn.transaction():
            moved = conn.execute(
                """UPDATE vaultindex.vaults SET watermark = watermark + %s, rules = %s, publisher = %s, published_at = now()
 WHERE vault = %s AND watermark = %s""",
                (int(bool(batch or gone)), self.rules.text, self.rules.name, self.vault, self._watermark),
            )
            if moved.rowcount != 1:
                raise Moved(f"{self.vault} was published by another process meanwhile")
            rows = {kind: [row for note in batch for row in note.rows[kind]] for kind in COLUMNS}
            known = [note.path for note in batch if note.path in self._have]
            if sum(map(len, rows.values())) > MANY_ROWS:
                self._copy(conn, rows, [*known, *gone])
            elif batch or gone:
                self._put(conn, rows, known, gone)
        self._watermark += int(bool(batch or gone))
        self._have.update((note.path, note.digest) for note in batch)
        for path in gone:
            self._have.pop(path, None)
        return report._replace(
            sent=report.sent + len(batch),
            rows=report.rows + sum(map(len, rows.values())),
            withdrawn=report.withdrawn + len(gone),
        )

    def _put(self, conn: Connection, rows: dict[str, list[Values]], known: list[str], gone: Sequence[str]) -> None:
        """A few rows: one statement a kind, and what these notes do not have any more goes."""
        for kind, columns in COLUMNS.items():
            some = rows[kind]
            if known or gone:
                conn.execute(
                    f"""DELETE FROM vaultindex.{kind} WHERE vault = %s AND path = ANY(%s) AND NOT EXISTS
 (SELECT 1 FROM unnest(%s::text[], %s::text[]) AS k(path, id) WHERE k.path = {kind}.path AND k.id = {kind}.id)""",
                    (self.vault, [*known, *gone], [row[0] for row in some], [row[1] for row in some]),
                )
            if some:
                made = ", ".join(f"%s::{sql}[]" for _, sql in columns)
                conn.execute(
                    f"""INSERT INTO vaultindex.{kind} (vault, {", ".join(NAMES[kind])})
 SELECT %s, * FROM unnest({made}) {_ON_CONFLICT[kind]}""",
                    (self.vault, *map(list, zip(*some))),
                )

    def _copy(self, conn: Connection, rows: dict[str, list[Values]], before: Sequence[str]) -> None:
        """Many rows: copied into the publisher's own staging table, and put in their places from there."""
        from psycopg import sql

        staging, batch = sql.Identifier(migrate.STAGING, self._role), self._watermark + 1
        width = max(map(len, COLUMNS.values()))
        fields = sql.SQL(", ".join(f"f{n}" for n in range(1, width + 1)))
        conn.execute(sql.SQL("DELETE FROM {} WHERE vault = %s").format(staging), (self.vault,))
        into = sql.SQL("COPY {} (vault, batch, n, kind, {}) FROM STDIN").format(staging, fields)
        with conn.cursor().copy(into) as copy:
            number = 0
            for kind, some in rows.items():
                empty = (None,) * (width - len(COLUMNS[kind]))
                for row in some:
                    number += 1
                    copy.write_row((self.vault, batch, number, kind, *row, *empty))
        for kind, columns in COLUMNS.items():
            if before:
                conn.execute(
                    f"DELETE FROM vaultindex.{kind} WHERE vault = %s AND path = ANY(%s)", (self.vault, list(before))
                )
            made = ", ".join(f"f{n}::{to}" if to != "text" else f"f{n}" for n, (_, to) in enumerate(columns, 1))
            conn.execute(
                sql.SQL(
                    f"INSERT INTO vaultindex.{kind} (vault, {', '.join(NAMES[kind])}) SELECT vault, {made} FROM {{}}"
                    f" WHERE vault = %s AND batch = %s AND kind = %s {_ON_CONFLICT[kind]}"
                ).format(staging),
                (self.vault, batch, kind),
            )
        conn.execute(sql.SQL("DELETE FROM {} WHERE vault = %s").format(staging), (self.vault,))

    def _withdraw(self) -> tuple[str, dict[str, int], dict[str, int]]:
        conn = self._connected()
        went: dict[str, int] = {}
        with conn.transaction():
            conn.execute("SELECT 1 FROM vaultindex.vaults WHERE vault = %s FOR UPDATE", (self.vault,))
            for kind in (*COLUMNS, "vaults"):
                went[kind] = conn.execute(f"DELETE FROM vaultindex.{kind} WHERE vault = %s", (self.vault,)).rowcount
        self._have = None
        left = {}
        for kind in (*COLUMNS, "vaults"):
            row = conn.execute(f"SELECT count(*) FROM vaultindex.{kind} WHERE vault = %s", (self.vault,)).fetchone()
            left[kind] = int(row[0]) if row else 0
        return self.vault, went, left


def _on_conflict(kind: str) -> str:
    values = ", ".join(f"{name} = excluded.{name}" for name in NAMES[kind] if name not in ("path", "id"))
    return f"ON CONFLICT (vault, path, id) DO UPDATE SET {values}"


_ON_CONFLICT = {kind: _on_conflict(kind) for kind in COLUMNS}


def signs(index: sqlite3.Connection) -> dict[str, int]:
    """Path -> a number that is another one when other rows may be made of the note: its bytes, and what the index as a
    whole decides of it (accounts, whom names mean, which items are proposals)."""
    accounts = hash(tuple(index.execute("SELECT key, name, note FROM names WHERE kind = 'account' ORDER BY rowid")))
    of: dict[int, int] = {}
    for sql in (
        "SELECT note, group_concat(ifnull(person_key, '') || char(0) || ifnull(owner_person, '') || char(0) || standing || char(0) || text, char(1)) FROM tasks GROUP BY note",
        "SELECT note, group_concat(key || char(0) || ifnull(rule, ''), char(1)) FROM people GROUP BY note",
    ):
        for note, text in index.execute(sql):
            of[note] = hash((of.get(note), text))
    sql = """SELECT n.path, n.id, f.digest, n.account, n.excluded FROM notes n JOIN files f ON f.id = n.id"""
    return {path: hash((accounts, of.get(number), digest, account, excluded)) for path, number, digest, account, excluded in index.execute(sql)}  # fmt: skip


def _ids(index: sqlite3.Connection, paths: Sequence[str]) -> list[int]:
    import json

    sql = "SELECT id FROM notes WHERE path IN (SELECT value FROM json_each(?))"
    return [number for (number,) in index.execute(sql, (json.dumps(list(paths)),))]


def _paths(index: sqlite3.Connection, paths: Sequence[str]) -> list[str]:
    import json

    sql = "SELECT path FROM notes WHERE path IN (SELECT value FROM json_each(?))"
    return [path for (path,) in index.execute(sql, (json.dumps(list(paths)),))]
