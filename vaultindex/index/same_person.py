"""Whom a name means, where the name alone does not say it: `Dana`, `D. Leigh`, `dana@contoso.com`.

In this order: the title or an alias of a person's note (then nothing is to be done here); the one participant of the same
note whose full name fits; the one person whom it fits among those who meet the account; what the user answered
(`vi people --same`). Who was told apart (`--different`) is never meant. What stays unsure keeps the name as it is written:
nobody is merged on a guess.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from vaultindex.meetings.name_forms import fits, forms, is_short, spelled

# A participant as (name, folded name, account of the note): what a meeting says about who meets whom.
Met = tuple[str, str, str | None]

_IN_FULL = "(p.rule IS NULL OR p.rule = 'spelling')"
_CERTAIN = (
    "(p.rule IS NULL OR p.rule IN ('spelling', 'said'))"  # what short names are explained by: no guess on a guess
)
_ACCOUNT = "CASE WHEN n.excluded IS NULL THEN n.account_key END"


class Told(NamedTuple):
    """What the user said of names: whom one is, and which are two people."""

    same: dict[str, str]
    apart: frozenset[tuple[str, str]]

    def are_apart(self, one: str, other: str) -> bool:
        """Whether these two were told apart."""
        return (min(one, other), max(one, other)) in self.apart

    def person(self, key: str) -> str:
        """The person whom a name is said to be, through all answers; the name itself when nothing was said."""
        seen = {key}
        while (further := self.same.get(key)) is not None and further not in seen:
            seen.add(further)
            key = further
        return key


def remember(conn: sqlite3.Connection, state_file: str) -> None:
    """Take what the user said about names from the state of the vault into the index."""
    conn.execute("DELETE FROM told")
    if not os.path.exists(state_file):
        return
    try:
        state = sqlite3.connect(state_file, timeout=5)
        try:
            rows = state.execute("SELECT one, other, same FROM told WHERE undone IS NULL ORDER BY id").fetchall()
        finally:
            state.close()
    except sqlite3.Error:
        return  # none yet, or none that can be read: the journal itself says what is wrong with it
    latest = {(min(one, other), max(one, other)): (one, other, same) for one, other, same in rows}
    conn.executemany("INSERT INTO told VALUES (?, ?, ?)", sorted(latest.values()))


def told(conn: sqlite3.Connection) -> Told:
    """What the user said, as the index knows it. Every name of a person's note goes the way of the one that was named."""
    rows = conn.execute("SELECT key, other, same FROM told").fetchall()
    if not rows:
        return Told({}, frozenset())
    same: dict[str, str] = {}
    for key, other, is_same in rows:
        if is_same:
            same.update(dict.fromkeys(_names_of(conn, key), other))
    same.update({key: other for key, other, is_same in rows if is_same})
    return Told(same, frozenset((min(a, b), max(a, b)) for a, b, is_same in rows if not is_same))


def _names_of(conn: sqlite3.Connection, key: str) -> list[str]:
    """The names that only the one note of this person has; none when no note or several notes have this name."""
    notes = conn.execute("SELECT DISTINCT note FROM names WHERE key = ? AND kind = 'person'", (key,)).fetchall()
    if len(notes) != 1:
        return []
    sql = """SELECT x.key FROM names x WHERE x.note = ? AND x.kind = 'person' AND (SELECT count(DISTINCT o.note)
 FROM names o WHERE o.key = x.key AND o.kind = 'person') = 1"""
    return [own for (own,) in conn.execute(sql, notes[0])]


def met(conn: sqlite3.Connection, notes: Iterable[int]) -> set[Met]:
    """Who takes part in these notes, and of which account they are."""
    sql = (
        f"SELECT p.name, p.key, {_ACCOUNT} FROM people p JOIN notes n ON n.id = p.note WHERE p.note = ? AND {_CERTAIN}"
    )
    return {row for note in notes for row in conn.execute(sql, (note,))}


def differing(conn: sqlite3.Connection, before: set[Met], after: set[Met], notes: Sequence[int]) -> set[str]:
    """The folded full names of which something is new: that they are met at all, or by this account, or written so."""
    found: set[str] = set()
    ours = f"({','.join(map(str, notes))})"
    for name, key, account in before ^ after:
        if key in found or not forms(key).exact:
            continue
        written = (
            f"SELECT 1 FROM people p WHERE p.key = ? AND p.name = ? AND p.note NOT IN {ours} AND {_CERTAIN} LIMIT 1"
        )
        meets = f"""SELECT 1 FROM people p JOIN notes n ON n.id = p.note WHERE p.key = ? AND {_ACCOUNT} = ?
 AND p.note NOT IN {ours} AND {_CERTAIN} LIMIT 1"""
        known = conn.execute(written, (key, name)).fetchone() is not None
        if not known or (account is not None and conn.execute(meets, (key, account)).fetchone() is None):
            found.add(key)
    return found


def settle(conn: sqlite3.Connection, notes: Iterable[int] | None, people: Iterable[str] = ()) -> None:
    """Say anew whom the names mean in these notes (None: in all), and wherever one stands that may mean one of `people`."""
    choice = _Choice(conn)
    if notes is None:
        every = _distinct(conn, "")
        _settle(choice, every, "")
        return
    for note in notes:
        _settle(choice, _distinct(conn, f" AND note = {int(note)}"), f" AND note = {int(note)}")
    names: set[str] = set()
    people = set(people)
    if people and choice.told.same:  # what is said of a person holds for every name of their note, which may be another
        people |= choice.told.same.keys() | _said_of(conn)
    for person in people:
        names |= {person, *forms(person).exact}
        names.update(name for local in forms(person).mails for name in _addresses(conn, local))
        names.update(name for name in choice.told.same if choice.told.person(name) == person)
    _settle(choice, names, "", every=True)


def affected(conn: sqlite3.Connection, names: Iterable[str]) -> None:
    """Say anew whom these names mean, wherever they stand: an answer about them was given or taken back."""
    choice = _Choice(conn)
    every = {own for name in names for own in (name, *_names_of(conn, name))}
    every |= {own for name in every for own in forms(name).exact}
    every.update(own for name in list(every) for local in forms(name).mails for own in _addresses(conn, local))
    same = {name for name in _distinct(conn, "") if spelled(name) in every}  # other spellings of these
    _settle(choice, every | same, "", every=True)


def _distinct(conn: sqlite3.Connection, where: str) -> set[str]:
    """Every folded name of a participant or an owner, as written."""
    found = {key for (key,) in conn.execute(f"SELECT DISTINCT ifnull(written_key, key) FROM people WHERE 1{where}")}
    sql = f"SELECT DISTINCT ifnull(written_key, person_key) FROM tasks WHERE person_key IS NOT NULL AND claim_key IS NULL{where}"
    return found.union(key for (key,) in conn.execute(sql))


def _said_of(conn: sqlite3.Connection) -> set[str]:
    """The folded names that mean somebody because the user said so."""
    sql = """SELECT written_key FROM people WHERE rule IN ('said', 'answer') AND written_key IS NOT NULL UNION
 SELECT written_key FROM tasks WHERE rule IN ('said', 'answer') AND written_key IS NOT NULL"""
    return {name for (name,) in conn.execute(sql)}


def _addresses(conn: sqlite3.Connection, local: str) -> set[str]:
    """The mail addresses among the names that have this in front of the @."""
    found: set[str] = set()
    for table, column in (
        ("people", "key"),
        ("people", "written_key"),
        ("tasks", "person_key"),
        ("tasks", "written_key"),
    ):
        sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} >= ? AND {column} < ?"
        found.update(key for (key,) in conn.execute(sql, (f"{local}@", f"{local}A")))
    return found


_ROWS = (
    ("people", "SELECT rowid, note, fits, key, rule FROM people WHERE written_key = ? {0} UNION ALL"
               " SELECT rowid, note, fits, key, rule FROM people WHERE key = ? AND written_key IS NULL {0}"),
    ("tasks", "SELECT rowid, note, 1, person_key, rule FROM tasks WHERE written_key = ? AND claim_key IS NULL {0} UNION ALL"
              " SELECT rowid, note, 1, person_key, rule FROM tasks WHERE person_key = ? AND written_key IS NULL AND claim_key IS NULL {0}"),
)  # fmt: skip
_SET = {
    "people": "UPDATE people SET key = :person, written_key = CASE WHEN :person <> :written OR fits IS NOT NULL THEN :written END,"
    " rule = :rule WHERE rowid = :row",
    "tasks": "UPDATE tasks SET written = CASE WHEN :rule IN ('note', 'said', 'answer', 'account') THEN ifnull(written, owner_person) END,"
    " owner_person = CASE WHEN :rule IN ('note', 'said', 'answer', 'account') THEN :name ELSE ifnull(written, owner_person) END,"
    " written_key = CASE WHEN :person <> :written THEN :written END, person_key = :person, rule = :rule WHERE rowid = :row",
}


def _settle(choice: _Choice, names: set[str], where: str, every: bool = False) -> None:
    """Bring the rows that hold these names as written up to date; full names first, since the short ones go by them.

    `every`: also names of which nothing is to be decided now, since that may have been otherwise.
    """
    wanted = [name for name in names if every or choice.can_change(name)]
    for name in sorted(wanted, key=lambda name: (is_short(name) and spelled(name) == name, name)):
        for table, sql in _ROWS:
            changes = []
            for row, note, meant, person, rule in choice.conn.execute(sql.format(where), (name, name)).fetchall():
                found = choice.of(name, note, meant if table == "people" else None, table == "tasks")
                if found != (person, rule):
                    shown = choice.shown(*found) if table == "tasks" else None
                    changes.append({"person": found[0], "rule": found[1], "written": name, "name": shown, "row": row})
            choice.conn.executemany(_SET[table], changes)
        choice.forget()


class _Choice:
    """Decides whom a name means in a note; what it looked up is kept while nothing changes."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.told = told(conn)
        self._whole: dict[str, set[str]] = {}
        self._titled: dict[str, list[int]] = {}
        self._account: dict[int, str | None] = {}
        self._at: dict[tuple[str, str], tuple[str, ...]] = {}

    def forget(self) -> None:
        """Rows have changed."""
        if self.told.same:
            self._whole.clear()
            self._at.clear()

    def can_change(self, name: str) -> bool:
        """Whether anything is to be decided about a name: most are full, written plainly, and nothing was said of them."""
        return is_short(name) or spelled(name) != name or name in self.told.same

    def of(self, name: str, note: int, meant: str | None, owner: bool) -> tuple[str, str | None]:
        """(the person, what decided) for a name as written in a note; (the name, None) when nobody can tell.

        `meant`: the participant whom its own note says that it means. `owner`: of a task, not a participant.
        """
        plain = spelled(name)
        if plain != name:
            if self.told.are_apart(name, plain):
                return name, None
            return self._said(plain, "spelling")
        if not is_short(name):
            return self._said(name, None)
        if len(self._notes_titled(name)) == 1:
            return self._said(name, None)  # its note says so
        here = self._fitting_here(name, note)
        if owner:
            listed = self._listed(name, note)
            if listed:  # whoever that participant is
                return listed[0] if len(listed) == 1 else (name, None)
            if len(here) == 1:
                return self._said(here.pop(), "note")
        if meant is not None and not self.told.are_apart(name, meant):
            return self._said(meant, "note")
        if not here:
            account = self._account_of(note)
            found = self._meeting(name, account) if account is not None else ()
            if len(found) == 1:
                return self._said(found[0], "account")
        answer = self.told.same.get(name)
        if answer is not None and (not here or self.told.person(answer) in here):
            return self.told.person(answer), "answer"
        return name, None

    def _said(self, key: str, rule: str | None) -> tuple[str, str | None]:
        person = self.told.person(key)
        return (key, rule) if person == key else (person, "said" if rule in (None, "spelling") else rule)

    def shown(self, person: str, rule: str | None) -> str:
        """The name to show for a person: as the notes write it in full."""
        sql = """SELECT min(name) FROM people WHERE key = ? AND written_key IS NULL UNION ALL
 SELECT min(name) FROM people WHERE key = ? AND rule = 'spelling' AND name NOT LIKE '%@%' UNION ALL
 SELECT min(alias) FROM names WHERE key = ? AND kind = 'person'"""
        names = [name for (name,) in self.conn.execute(sql, (person,) * 3) if name]
        return names[0] if names else person.title()

    def _notes_titled(self, key: str) -> list[int]:
        """The notes of people that have this name as title or alias."""
        if key not in self._titled:
            sql = "SELECT DISTINCT note FROM names WHERE key = ? AND kind = 'person'"
            self._titled[key] = [note for (note,) in self.conn.execute(sql, (key,))]
        return self._titled[key]

    def _account_of(self, note: int) -> str | None:
        if note not in self._account:
            self._account[note] = self.conn.execute("SELECT account_key FROM notes WHERE id = ?", (note,)).fetchone()[0]
        return self._account[note]

    def _fitting_here(self, name: str, note: int) -> set[str]:
        """The people whom the participants of a note name in full, and whom the short name can mean."""
        found: dict[Any, str] = {}
        sql = f"SELECT key, written_key, rule FROM people p WHERE note = ? AND {_CERTAIN}"
        for key, written, rule in self.conn.execute(sql, (note,)):
            full = spelled(written) if rule == "said" else key
            if fits(name, full) and not self.told.are_apart(name, full) and not self.told.are_apart(name, key):
                self._add(found, key)
        return set(found.values())

    def _listed(self, name: str, note: int) -> list[tuple[str, str | None]]:
        """(the person, what decided) for the participants who are listed under this very name in a note."""
        sql = "SELECT DISTINCT key, rule FROM people WHERE note = ? AND ifnull(written_key, key) = ?"
        return self.conn.execute(sql, (note, name)).fetchall()

    def _add(self, found: dict[Any, str], key: str) -> None:
        """Count a person once, however many names of their own note are used."""
        notes = self._notes_titled(key)
        who: Any = notes[0] if len(notes) == 1 else key
        found[who] = min(found.get(who, key), key)

    def _meeting(self, name: str, account: str) -> tuple[str, ...]:
        """The people who meet an account and whom the short name can mean."""
        if (name, account) not in self._at:
            found: dict[Any, str] = {}
            for full, key, written in self._fitting(name):
                if self.told.are_apart(name, full) or self.told.are_apart(name, key):
                    continue
                row = f"p.key = ? AND {_IN_FULL}"
                if written is not None:
                    row = "p.written_key = ? AND p.rule = 'said'"
                sql = f"SELECT 1 FROM people p JOIN notes n ON n.id = p.note WHERE {row} AND {_ACCOUNT} = ? LIMIT 1"
                if self.conn.execute(sql, (written or key, account)).fetchone() is not None:
                    self._add(found, key)
            self._at[name, account] = tuple(sorted(found.values()))
        return self._at[name, account]

    def _fitting(self, name: str) -> list[tuple[str, str, str | None]]:
        """Every full name among the participants that the short one can mean: (it, the person, as written where the user
        said that it is this person)."""
        if "@" in name:  # `d.leigh@` and `leighd@`
            found = {full for letter in {name[0], name.partition("@")[0][-1]} for full in self._beginning(letter)}
        elif " " in name or "." in name:
            found = self._beginning(name[0])
        else:
            found = self._beginning(name + " ")
        fitting: list[tuple[str, str, str | None]] = [(full, full, None) for full in sorted(found) if fits(name, full)]
        if self.told.same:
            sql = "SELECT DISTINCT written_key, key FROM people WHERE rule = 'said' AND written_key IS NOT NULL"
            for written, key in self.conn.execute(sql):
                if fits(name, spelled(written)):
                    fitting.append((spelled(written), key, written))
        return fitting

    def _beginning(self, text: str) -> set[str]:
        """The people met whose folded name begins so."""
        if text not in self._whole:
            sql = f"SELECT DISTINCT key FROM people p WHERE key >= ? AND key < ? AND {_IN_FULL}"
            self._whole[text] = {key for (key,) in self.conn.execute(sql, (text, text[:-1] + chr(ord(text[-1]) + 1)))}
        return self._whole[text]
