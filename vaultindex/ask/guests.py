"""A list of guests (a CSV file of an invitation): whom of them the notes know, and what is open between you and them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from vaultindex.ask import names
from vaultindex.ask.names import Candidate
from vaultindex.ask.pages.contact import MEETING
from vaultindex.ask.tasks.sides import Asker
from vaultindex.ask.where import Row
from vaultindex.base.errors import UsageError
from vaultindex.base.text import decode, fold
from vaultindex.meetings.name_forms import fits, is_short, spelled

# The headings by which columns are found, folded; of several the first that is there.
_NAME = ("name", "full name", "display name", "guest", "guest name", "attendee", "attendee name", "participant",
         "participant name", "invitee", "invitee name", "contact", "person", "teilnehmer", "nom", "nombre")  # fmt: skip
_FIRST, _LAST = (
    ("first name", "first", "given name", "vorname"),
    ("last name", "last", "surname", "family name", "nachname"),
)
_MAIL = ("email", "e-mail", "mail", "email address", "e-mail address", "attendee email", "guest email", "user email")


def read(data: bytes) -> list[tuple[str, str]]:
    """(name, mail address) of each guest in a CSV file, '' where there is none. Raises UsageError when no column fits."""
    import csv

    text = decode(data)[0]
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    titles = [fold(cell.replace("_", " ")) for cell in rows[0]] if rows else []

    def column(wanted: Iterable[str]) -> int | None:
        return next((titles.index(title) for title in wanted if title in titles), None)

    name, first, last, mail = column(_NAME), column(_FIRST), column(_LAST), column(_MAIL)
    if name is None and first is None and mail is None:
        said = ", ".join(rows[0]) if rows else "nothing"
        raise UsageError(f"no column of names or addresses: the first line must name one (name, email), it has: {said}")

    def cell(row: Sequence[str], at: int | None) -> str:
        return row[at].strip() if at is not None and at < len(row) else ""

    found = []
    for row in rows[1:]:
        called = cell(row, name) or f"{cell(row, first)} {cell(row, last)}".strip()
        address = cell(row, mail)
        if not address and "@" in called and " " not in called:
            called, address = "", called
        if called or address:
            found.append((called, address))
    return found


def guests(conn: sqlite3.Connection, listed: Iterable[tuple[str, str]], today: str, me: Sequence[str]) -> list[Row]:
    """One row a guest, in their order: `guest`, `email`, `person` (None: nobody known for sure), `note`, `meetings`, `last`
    (up to today), `owes`, `i_owe` (open tasks), `perhaps` (who it could be).

    `owes` is the length of `vi tasks --owner PERSON --open`, `i_owe` that of `vi tasks --mine --person PERSON --open`.
    """
    every, asker = _Known(conn), Asker(conn, today, me)
    found: list[Row] = []
    for name, mail in listed:
        who, perhaps = every.find(name, mail)
        row: Row = {"guest": name or mail, "email": mail or None, "person": who.name if who else None,
                    "note": who.path if who else None, "meetings": 0, "last": None, "owes": 0, "i_owe": 0,
                    "perhaps": [c.name for c in perhaps]}  # fmt: skip
        if who is not None:
            person = who.path or who.name
            row["meetings"], row["last"] = _contact(conn, names.person(conn, person).keys, today)
            row["owes"] = asker.count(owner=person, open=True)
            if not asker.my_keys.intersection((who.key, *who.aliases)):
                row["i_owe"] = asker.count(mine=True, person=person, open=True)
        found.append(row)
    return found


class _Known:
    """Everybody, found by what is sure, and by what may be."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.people = names.candidates(conn, "person", written=True)
        self.named: dict[str, list[Candidate]] = {}
        self.written: dict[str, list[Candidate]] = {}
        for c in self.people:
            for key in {c.key, *c.aliases}:
                self.named.setdefault(key, []).append(c)
            for key in c.written:
                self.written.setdefault(key, []).append(c)

    def find(self, name: str, mail: str) -> tuple[Candidate | None, list[Candidate]]:
        """(the person, nobody else) when it is sure, (None, everybody it may be) when not."""
        sure: list[Candidate] = []
        for given in filter(None, (mail, name)):
            for one in self._exactly(given):
                if one not in sure:
                    sure.append(one)
        if len(sure) == 1:
            return sure[0], []
        if sure:
            return None, sure
        keys = [spelled(given) for given in (name, mail) if given]
        return None, [c for c in self.people if any(is_short(key) and fits(key, c.key) for key in keys)]

    def _exactly(self, given: str) -> list[Candidate]:
        """The people with this very name or alias, or whom this very address means in the notes."""
        key = fold(given)
        if "@" in key and key in self.written:
            return self.written[key]
        found = self.named.get(key) or self.named.get(spelled(given)) or []
        # A first name alone is nobody for sure, unless a note is called so.
        return [c for c in found if c.note is not None or not is_short(c.key)]


def _contact(conn: sqlite3.Connection, keys: Iterable[str], today: str) -> tuple[int, str | None]:
    """(meetings up to today in which one of these took part, the day of the last)."""
    some = sorted(keys)
    sql = f"""SELECT count(*), max(n.date) FROM notes n WHERE n.id IN (SELECT note FROM people
 WHERE key IN ({",".join("?" * len(some))})) AND n.date <= ? AND {MEETING}"""
    number, last = conn.execute(sql, (*some, today)).fetchone()
    return number, last
