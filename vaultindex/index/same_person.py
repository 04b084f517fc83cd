"""Whom a name means, where the name alone does not say it: `Dana`, `D. Leigh`, `dana@contoso.com`.

In this order: the title or an alias of a person's note (then nothing is to be done here); the one participant of the same
note whose full name fits; the one person whom it fits among those who meet the account; what the user answered
(`vi people --same`). Whoever has a note counts there under every name of it, whichever the meeting used. Who was told apart
(`--different`) is never meant. What stays unsure keeps the name as it is written: nobody is merged on a guess.
"""

from __future__ import annotations

import json
import os
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from sys import intern
from typing import NamedTuple

from vaultindex.meetings.name_forms import fits, forms, is_short, spelled

# A participant as (name, folded name, account of the note): what a meeting says about who meets whom.
Met = tuple[str, str, str | None]

_IN_FULL = "(p.rule IS NULL OR p.rule = 'spelling')"
# What short names are explained by: no guess on a guess.
_CERTAIN = "(p.rule IS NULL OR p.rule IN ('spelling', 'said'))"
_FEW = 100  # changed notes
# Where the index has names: table and column, of each as it is understood and as it is written.
_NAMED = (("people", "key"), ("people", "written_key"), ("tasks", "person_key"), ("tasks", "written_key"))
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
    # A name that its note explains may be one that somebody's own note has, which is stronger.
    sql = f"""SELECT p.name, p.key, {_ACCOUNT} FROM people p JOIN notes n ON n.id = p.note WHERE p.note = ?1 AND {_CERTAIN}
 UNION SELECT p.name, p.written_key, {_ACCOUNT} FROM people p JOIN notes n ON n.id = p.note WHERE p.note = ?1 AND p.rule = 'note'"""
    return {row for note in notes for row in conn.execute(sql, (note,))}


def differing(conn: sqlite3.Connection, before: set[Met], after: set[Met], notes: Sequence[int]) -> set[str]:
    """The folded full names of which something is new: that they are met at all, or by this account, or written so."""
    if len(notes) > _FEW:  # it would cost more to find out
        return _with_names(conn, {key for _, key, _ in before ^ after})
    # (A full name leads to the others of its note by `settle`.)
    found = _with_names(conn, {key for _, key, _ in before ^ after if not forms(key).exact})
    elsewhere = f"p.note NOT IN ({','.join(map(str, notes))}) AND {_IN_FULL} LIMIT 1"
    written = f"SELECT 1 FROM people p WHERE p.key = ? AND p.name = ? AND {elsewhere}"
    meets = f"SELECT 1 FROM people p JOIN notes n ON n.id = p.note WHERE p.key = ? AND {_ACCOUNT} = ? AND {elsewhere}"
    for name, key, account in before ^ after:
        if key in found or not forms(key).exact:
            continue
        known = conn.execute(written, (key, name)).fetchone() is not None
        if not known or (account is not None and conn.execute(meets, (key, account)).fetchone() is None):
            found.add(key)
    return found


def _with_names(conn: sqlite3.Connection, keys: set[str]) -> set[str]:
    """The full ones of these folded names, and of all other names in the notes of people that have one of them."""
    sql = """SELECT DISTINCT x.key FROM json_each(?) j CROSS JOIN names o ON o.key = j.value AND o.kind = 'person'
 CROSS JOIN names x ON x.note = o.note AND x.kind = 'person'"""
    others = {key for (key,) in conn.execute(sql, (json.dumps(sorted(keys)),))}
    return {key for key in others | keys if forms(key).exact}


def settle(conn: sqlite3.Connection, notes: Iterable[int] | None, people: Iterable[str] = ()) -> None:
    """Say anew whom the names mean in these notes (None: in all), and wherever one stands that may mean one of `people`."""
    choice = _Choice(conn, everywhere=notes is None)
    if notes is None:
        _settle_all(choice)
        return
    for note in notes:
        _settle(choice, [row for row in _rows_in(conn, note) if choice.can_change(row.name)])
    names: set[str] = set()
    people = {*people, *_with_names(conn, set(people))}
    if people and choice.told.same:  # what is said of a person holds for every name of their note, which may be another
        people |= choice.told.same.keys() | _said_of(conn)
    for person in people:
        names |= {person, *forms(person).exact}
        names.update(name for local in forms(person).mails for name in _addresses(conn, local))
        names.update(name for name in choice.told.same if choice.told.person(name) == person)
    # Also names of which nothing is to be decided now, since that may have been otherwise.
    _settle(choice, _rows_of(conn, names))


def affected(conn: sqlite3.Connection, names: Iterable[str]) -> None:
    """Say anew whom these names mean, wherever they stand: an answer about them was given or taken back."""
    every = {own for name in names for own in (name, *_names_of(conn, name))}
    every |= {own for name in every for own in forms(name).exact}
    every.update(own for name in list(every) for local in forms(name).mails for own in _addresses(conn, local))
    every |= {name for name in _every(conn) if spelled(name) in every}  # other spellings of these
    _settle(_Choice(conn), _rows_of(conn, every))


def _every(conn: sqlite3.Connection) -> set[str]:
    """Every folded name of a participant or an owner, as written and as it is understood."""
    return {
        name
        for table, column in _NAMED
        for (name,) in conn.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
    }


def _said_of(conn: sqlite3.Connection) -> set[str]:
    """The folded names that mean somebody because the user said so."""
    sql = """SELECT written_key FROM people WHERE rule IN ('said', 'answer') AND written_key IS NOT NULL UNION
 SELECT written_key FROM tasks WHERE rule IN ('said', 'answer') AND written_key IS NOT NULL"""
    return {name for (name,) in conn.execute(sql)}


def _addresses(conn: sqlite3.Connection, local: str) -> set[str]:
    """The mail addresses among the names that have this in front of the @."""
    found: set[str] = set()
    for table, column in _NAMED:
        sql = f"SELECT DISTINCT {column} FROM {table} WHERE {column} >= ? AND {column} < ?"
        found.update(key for (key,) in conn.execute(sql, (f"{local}@", f"{local}A")))
    return found


class _Row(NamedTuple):
    """A participant, or the owner of a task, as the index has it."""

    table: str
    row: int
    note: int
    name: str  # as written, folded
    meant: str | None  # the participant whom its own note says that it means
    person: str
    rule: str | None
    shown: str | None  # the name that stands for an owner


_PEOPLE = "SELECT 'people', rowid, note, ifnull(written_key, key), fits, key, rule, NULL FROM people WHERE"
_TASKS = """SELECT 'tasks', rowid, note, ifnull(written_key, person_key), NULL, person_key, rule, owner_person FROM tasks
 WHERE claim_key IS NULL AND"""
_ROWS_OF = f"""{_PEOPLE} written_key = ?1 UNION ALL {_PEOPLE} key = ?1 AND written_key IS NULL UNION ALL
 {_TASKS} written_key = ?1 UNION ALL {_TASKS} person_key = ?1 AND written_key IS NULL"""
_ROWS_IN = f"{_PEOPLE} note = ?1 UNION ALL {_TASKS} note = ?1 AND person_key IS NOT NULL"
_EXPLAINED = ("note", "said", "answer", "account")  # by what an owner is shown under another name than was written
_SET = {
    "people": "UPDATE people SET key = :person, written_key = CASE WHEN :person <> :written OR fits IS NOT NULL THEN :written END,"
    " rule = :rule WHERE rowid = :row",
    "tasks": "UPDATE tasks SET written = CASE WHEN :rule IN ('note', 'said', 'answer', 'account') THEN ifnull(written, owner_person) END,"
    " owner_person = CASE WHEN :rule IN ('note', 'said', 'answer', 'account') THEN :name ELSE ifnull(written, owner_person) END,"
    " written_key = CASE WHEN :person <> :written THEN :written END, person_key = :person, rule = :rule WHERE rowid = :row",
}


def _rows_of(conn: sqlite3.Connection, names: Iterable[str]) -> list[_Row]:
    """Every row that holds one of these names as written."""
    return [_Row(*row) for name in names for row in conn.execute(_ROWS_OF, (name,))]


def _rows_in(conn: sqlite3.Connection, note: int) -> list[_Row]:
    return [_Row(*row) for row in conn.execute(_ROWS_IN, (note,))]


def _settle(choice: _Choice, rows: Sequence[_Row]) -> None:
    """Bring these rows up to date: full names first, since short ones go by them, then those that a note of somebody has, which
    are as sure; and owners go by the participants."""
    ranks = [choice.rank(row.name) for row in rows]
    for rank, table in _ORDER:
        _decide(choice, rank, table, [row for row, own in zip(rows, ranks) if own == rank and row.table == table])


def _settle_all(choice: _Choice) -> None:
    """The same for every row there is. Of so many only the numbers are held, in the order of the notes."""
    conn, of = choice.conn, {group: array("q") for group in _ORDER}
    ranks: dict[str, int | None] = {}
    for table, (where, name) in _WRITTEN.items():
        for row, written in conn.execute(f"SELECT rowid, {name} FROM {table} WHERE {where}"):
            if written not in ranks:
                ranks[written] = choice.rank(written) if choice.can_change(written) else None
            if (rank := ranks[written]) is not None:
                of[rank, table].append(row)
    for (rank, table), rows in of.items():
        sql = f"{_PEOPLE if table == 'people' else _TASKS} rowid = ?"
        _decide(choice, rank, table, (_Row(*conn.execute(sql, (row,)).fetchone()) for row in rows))


_ORDER = [(rank, table) for rank in range(3) for table in ("people", "tasks")]
# Table -> which rows hold a name, and the name as written.
_WRITTEN = {
    "people": ("1", "ifnull(written_key, key)"),
    "tasks": ("claim_key IS NULL AND person_key IS NOT NULL", "ifnull(written_key, person_key)"),
}


def _decide(choice: _Choice, rank: int, table: str, rows: Iterable[_Row]) -> None:
    """Say whom these rows mean, of one rank and table; none of them changes before all have been decided on."""
    changes: list[tuple[str, str | None, str, str | None, int]] = []
    for row in rows:
        person, rule = found = choice.of(row)
        # (The note itself may have explained an owner by an address, where others write the name.)
        shown = choice.shown(person) if table == "tasks" and rule in _EXPLAINED else row.shown
        if (*found, shown) != (row.person, row.rule, row.shown):
            changes.append((intern(person), rule, intern(row.name), shown, row.row))
    if changes:
        choice.conn.executemany(
            _SET[table], (dict(zip(("person", "rule", "written", "name", "row"), one)) for one in changes)
        )
        choice.forget(rank == 2)


_HELD = 2_000  # notes whose participants are remembered


class _Called(NamedTuple):
    """A person under one full name: who that is in the index, and how the meeting lists them."""

    full: str
    person: str
    listed: str


class _Choice:
    """Decides whom a name means in a note; what it looked up is kept while nothing changes."""

    def __init__(self, conn: sqlite3.Connection, everywhere: bool = False) -> None:
        """`everywhere`: all accounts will be asked for, so that one reading of all is cheaper."""
        self.conn, self._everywhere = conn, everywhere
        self.told = told(conn)
        self._titled: dict[str, list[int]] | None = None
        self._names: dict[int, list[str]] = {}  # note of a person -> its names
        self._shown: dict[str, str] = {}
        self._account: dict[int, str | None] = {}
        self._here: dict[int, list[tuple[str, str, str | None]]] = {}
        self._at: dict[str, list[list[_Called]]] = {}
        self._by_form: dict[str, list[tuple[int, list[_Called]]]] | None = None
        self._meets: dict[str, set[int]] = {}

    def rank(self, name: str) -> int:
        """When a name is decided on: 0 a full one; 1 a short one that one person's note has; 2 another, which goes by these."""
        if not is_short(name) or spelled(name) != name:
            return 0
        return 1 if len(self._notes_titled(name)) == 1 else 2

    def forget(self, guesses: bool) -> None:
        """Rows have changed: only those by which no other name goes, or others too."""
        self._here.clear()
        if not guesses:
            self._at.clear()
            self._by_form = None
            self._shown.clear()

    def can_change(self, name: str) -> bool:
        """Whether anything is to be decided about a name: most are full, written plainly, and nothing was said of them."""
        return is_short(name) or spelled(name) != name or name in self.told.same

    def of(self, row: _Row) -> tuple[str, str | None]:
        """(the person, what decided) for a name as written in a note; (the name, None) when nobody can tell."""
        name, note, meant = row.name, row.note, row.meant
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
        if row.table == "tasks":
            listed = self._listed(name, note)
            if listed:  # whoever that participant is
                return listed[0] if len(listed) == 1 else (name, None)
            if len(here) == 1:
                return self._said(here.pop(), "note")
        if meant is not None and len(here) < 2 and not self.told.are_apart(name, meant):
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

    def shown(self, person: str) -> str:
        """The name to show for a person: as the notes write it in full."""
        if person not in self._shown:
            sql = """SELECT min(name) FROM people WHERE key = ? AND written_key IS NULL UNION ALL
 SELECT min(name) FROM people WHERE key = ? AND rule = 'spelling' AND name NOT LIKE '%@%' UNION ALL
 SELECT min(alias) FROM names WHERE key = ? AND kind = 'person'"""
            names = [name for (name,) in self.conn.execute(sql, (person,) * 3) if name]
            self._shown[person] = names[0] if names else person.title()
        return self._shown[person]

    def _notes_titled(self, key: str) -> list[int]:
        """The notes of people that have this name as title or alias."""
        if self._titled is None:
            self._titled = {}
            if self._everywhere:
                for name, note in self.conn.execute("SELECT key, note FROM names WHERE kind = 'person' ORDER BY rowid"):
                    notes = self._titled.setdefault(name, [])
                    if note not in notes:
                        notes.append(note)
                        self._names.setdefault(note, []).append(name)
        if key not in self._titled:
            if self._everywhere:
                return []
            sql = "SELECT DISTINCT note FROM names WHERE key = ? AND kind = 'person'"
            self._titled[key] = [note for (note,) in self.conn.execute(sql, (key,))]
        return self._titled[key]

    def _called(self, full: str, key: str) -> list[_Called]:
        """A person under every name under which they count: as they are listed, and as their note names them."""
        found = [_Called(full, key, key)]
        notes = self._notes_titled(full)
        if len(notes) == 1:
            if notes[0] not in self._names:
                sql = "SELECT DISTINCT key FROM names WHERE note = ? AND kind = 'person' ORDER BY rowid"
                self._names[notes[0]] = [name for (name,) in self.conn.execute(sql, notes)]
            # As the note names them, unless the user said who that is.
            found += [_Called(n, n if key == full else key, key) for n in self._names[notes[0]] if n not in (full, key)]
        return found

    def _account_of(self, note: int) -> str | None:
        if self._everywhere and not self._account:
            self._account = dict(self.conn.execute("SELECT id, account_key FROM notes"))
        if note not in self._account:
            self._account[note] = self.conn.execute("SELECT account_key FROM notes WHERE id = ?", (note,)).fetchone()[0]
        return self._account[note]

    def _listed_in(self, note: int) -> list[tuple[str, str, str | None]]:
        """(name as written, person, what decided) of the participants of a note."""
        if note not in self._here:
            if len(self._here) == _HELD:
                self._here.clear()
            sql = "SELECT ifnull(written_key, key), key, rule FROM people WHERE note = ?"
            self._here[note] = self.conn.execute(sql, (note,)).fetchall()
        return self._here[note]

    def _listed(self, name: str, note: int) -> list[tuple[str, str | None]]:
        """(the person, what decided) for the participants who are listed under this very name in a note."""
        return list({(key, rule) for written, key, rule in self._listed_in(note) if written == name})

    def _fitting_here(self, name: str, note: int) -> set[str]:
        """The people whom the participants of a note name in full, and whom the short name can mean."""
        full = [
            self._called(spelled(written) if rule == "said" else key, key)
            for written, key, rule in self._listed_in(note)
            if rule in (None, "spelling", "said")
        ]
        return self._fitting(name, full) if full else set()

    def _meeting(self, name: str, account: str) -> tuple[str, ...]:
        """The people who meet an account and whom the short name can mean."""
        if self._everywhere and "@" not in name:
            if self._by_form is None:
                self._by_form, self._meets = self._forms_at()
            meets = self._meets.get(account, ())
            people: Iterable[Sequence[_Called]] = [who for at, who in self._by_form.get(name, ()) if at in meets]
        else:
            if account not in self._at:
                some = self.conn.execute(_MEETING.format("n.account_key = ?"), (account,))
                self._at[account] = [self._called(spelled(said) if said else key, key) for _, key, said in some]
            people = self._at[account]
        return tuple(sorted(self._fitting(name, people)))

    def _forms_at(self) -> tuple[dict[str, list[tuple[int, list[_Called]]]], dict[str, set[int]]]:
        """(short form -> everybody who is written so, each with a number; account -> the numbers of those who meet it)."""
        numbers: dict[tuple[str, str | None], int] = {}
        found: dict[str, list[tuple[int, list[_Called]]]] = {}
        meets: dict[str, set[int]] = {}
        for account, key, said in self.conn.execute(_MEETING.format("1")):
            if (key, said) not in numbers:
                numbers[key, said] = number = len(numbers)
                who = self._called(spelled(said) if said else key, key)
                for form in {form for one in who for form in forms(one.full).exact}:
                    found.setdefault(form, []).append((number, who))
            meets.setdefault(account, set()).add(numbers[key, said])
        return found, meets

    def _fitting(self, name: str, people: Iterable[Sequence[_Called]]) -> set[str]:
        """Of people, each under all their names, those whom the short name can mean. Who has a note counts once, however
        many of its names are used."""
        keys = set()
        for who in people:
            one = next((one for one in who if fits(name, one.full)), None)
            if one is not None and not any(self.told.are_apart(name, other) for own in who for other in own):
                keys.add(one.person)
        if len(keys) < 2:
            return keys
        found: dict[int | str, str] = {}
        for key in keys:
            notes = self._notes_titled(key)
            owner = notes[0] if len(notes) == 1 else key
            found[owner] = min(found.get(owner, key), key)
        return set(found.values())


_MEETING = f"""SELECT DISTINCT n.account_key, p.key, CASE WHEN p.rule = 'said' THEN p.written_key END FROM notes n
 CROSS JOIN people p ON p.note = n.id WHERE n.account_key IS NOT NULL AND {{}} AND n.excluded IS NULL AND {_CERTAIN}"""
