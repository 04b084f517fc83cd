"""The rows of the store: what each kind has for columns, and how the index's rows become those that are published.

A note's rows go and stay together: its digest says whether the store has them as they are now.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from vaultindex.base.packed_text import unpack
from vaultindex.base.text import apart, fold
from vaultindex.index import schema
from vaultindex.meetings.name_forms import spelled
from vaultindex.team.rules import Chosen, Rules

Values = tuple[Any, ...]

# kind -> its columns behind `vault`, with their types in SQL, as the schema has them.
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "notes": (
        ("path", "text"), ("id", "text"), ("account_key", "text"), ("title", "text"), ("type", "text"), ("date", "text"),
        ("account", "text"), ("project", "text"), ("participants", "text"), ("words", "text"), ("digest", "text"), ("more", "text"),
    ),
    "tasks": (
        ("path", "text"), ("id", "text"), ("account_key", "text"), ("line", "int"), ("text", "text"), ("state", "text"),
        ("priority", "int"), ("due", "text"), ("scheduled", "text"), ("done", "text"), ("owner", "text"), ("person_key", "text"),
        ("handle", "text"), ("more", "text"),
    ),
    "decisions": (
        ("path", "text"), ("id", "text"), ("account_key", "text"), ("line", "int"), ("text", "text"), ("date", "text"),
        ("status", "text"), ("more", "text"),
    ),
    "people": (
        ("path", "text"), ("id", "text"), ("account_key", "text"), ("line", "int"), ("name", "text"), ("key", "text"),
        ("handle", "text"), ("date", "text"), ("more", "text"),
    ),
    "names": (
        ("path", "text"), ("id", "text"), ("account_key", "text"), ("kind", "text"), ("name", "text"), ("alias", "text"), ("key", "text"),
    ),
    "texts": (("path", "text"), ("id", "text"), ("account_key", "text"), ("body", "text")),
}  # fmt: skip
NAMES = {kind: tuple(name for name, _ in columns) for kind, columns in COLUMNS.items()}
_DIGEST = NAMES["notes"].index("digest")
_FORMAT = "1"  # another one when the same index gives other rows
_MOST_WORDS = 20_000  # of a note, for the search
_SOME = 400  # notes read at once


class Note(NamedTuple):
    """What is given of one note: its rows by kind, as the store has them, and the rule of each row."""

    path: str
    digest: str
    rows: dict[str, list[Values]]
    rules: dict[str, list[str]]  # kind -> the rule of each row


class Left(NamedTuple):
    """What the rules leave out of notes that they give."""

    proposals: int = 0
    tasks: int = 0


class Maker:
    """Makes the rows of notes of one index. `left` counts what stays here of the notes that were asked for."""

    def __init__(self, conn: sqlite3.Connection, rules: Rules) -> None:
        self.conn, self.rules = conn, rules
        self.left = Left()
        self._my_key = spelled(rules.name)
        self._tasks = schema.tables()["tasks"]
        self._decisions = schema.tables()["decisions"]
        self._accounts = _accounts(conn)

    def notes(self, chosen: Chosen) -> Iterator[Note]:
        """The given notes, in the order of their paths."""
        every = sorted([*chosen.notes, *chosen.others])
        found = self.conn.execute(
            "SELECT id, path FROM notes WHERE id IN (SELECT value FROM json_each(?)) ORDER BY path",
            (json.dumps(every),),
        ).fetchall()
        for at in range(0, len(found), _SOME):
            yield from self._some([number for number, _ in found[at : at + _SOME]], chosen)

    def _some(self, ids: Sequence[int], chosen: Chosen) -> Iterator[Note]:
        tasks = self._read("t.*, t.state, t.deadline, t.owner, t.owner_key", "tasks t", "t.note", ids)
        decisions = self._read("t.*", "decisions t", "t.note", ids)
        people = self._read("t.note, t.line, t.name, t.key, t.written_key, t.fits, t.rule, t.linked, t.date", "people t", "t.note", ids) if self.rules.people else {}  # fmt: skip
        names = self._read("t.note, t.kind, t.name, t.alias, t.key", "names t", "t.note", ids)
        texts = self._read("t.id, t.body", "bodies t", "t.id", ids) if self.rules.texts else {}
        sql = """SELECT id, path, title, type, date, account, account_key, project, participants, source, aliases, tags, entity, person,
 meeting FROM notes WHERE id IN (SELECT value FROM json_each(?)) ORDER BY path"""
        for row in self.conn.execute(sql, (json.dumps(list(ids)),)).fetchall():
            number = row[0]
            rule = chosen.notes.get(number)
            made = self._note(
                row, rule, tasks.get(number, []), decisions.get(number, []), people.get(number, []) if rule else [],
                names.get(number, []) if rule else [], texts.get(number, []) if rule else [],
            )  # fmt: skip
            if made is not None:
                yield made

    def _read(self, columns: str, table: str, by: str, ids: Sequence[int]) -> dict[int, list[Values]]:
        sql = f"SELECT {columns} FROM {table} WHERE {by} IN (SELECT value FROM json_each(?)) ORDER BY {by}, t.rowid"
        found: dict[int, list[Values]] = {}
        for row in self.conn.execute(sql, (json.dumps(list(ids)),)):
            found.setdefault(row[0], []).append(row)
        return found

    def _note(
        self, row: Values, rule: str | None, tasks: list[Values], decisions: list[Values], people: list[Values],
        names: list[Values], texts: list[Values],
    ) -> Note | None:  # fmt: skip
        (
            _,
            path,
            title,
            kind,
            date,
            account,
            account_key,
            project,
            participants,
            source,
            aliases,
            tags,
            entity,
            person,
            meeting,
        ) = row
        account_key, account = self._accounts.get(account_key, (account_key, account))
        rows: dict[str, list[Values]] = {name: [] for name in COLUMNS}
        by: dict[str, list[str]] = {name: [] for name in COLUMNS}
        place = (path, account_key)

        def add(to: str, why: str, values: Values) -> None:
            rows[to].append(values)
            by[to].append(why)

        seen: dict[str, int] = {}
        for task in tasks:
            why = rule or self._by_tag(task[self._tasks.index("tags")])
            made = self._task(task, place, seen) if why else None
            if made is not None and why:
                add("tasks", why, made)
        if self.rules.decisions:
            seen = {}
            for decision in decisions:
                given = dict(zip(self._decisions, decision))
                why = rule or self._by_tag(given["tags"])
                if why:
                    add("decisions", why, self._decision(given, place, seen))
        if rule is None and not (rows["tasks"] or rows["decisions"]):
            return None
        seen = {}
        for _, line, name, key, written, fits, decided, linked, day in people:
            if (written or key) in self.rules.me:
                name, key, written, fits, decided = self.rules.name, self._my_key, None, None, None
            more = _more({"written_key": written, "fits": fits, "rule": decided, "linked": linked})
            identity = _once(f"{written or key}", seen)
            add("people", rule or "", (path, identity, account_key, line, name, key, handle(key), day, more))
        seen = {}
        for _, of, name, alias, key in names:
            if of == "account" or (of == "person" and self.rules.people):
                add("names", rule or "", (path, _once(f"{of} {key}", seen), account_key, of, name, alias, key))
        for _, body in texts:
            add("texts", rule or "", (path, "", account_key, unpack(body)))
        known = self.rules.people and rule is not None
        more = _more(
            {"source": source, "aliases": aliases if rule else "[]", "tags": tags if rule else "[]", "entity": entity, "person": person if known else None,
             "meeting": meeting or None}
        )  # fmt: skip
        there = self._participants(participants) if known else "[]"
        by_tag = (*by["tasks"], *by["decisions"])
        note = [path, "", account_key, title, kind, date, account, project, there, self._words(title, rows), "", more]
        add("notes", rule or by_tag[0], tuple(note))
        digest = blake2b(json.dumps([_FORMAT, rows], ensure_ascii=False).encode("utf-8", "replace"), digest_size=16)
        note[_DIGEST] = digest.hexdigest()
        rows["notes"] = [tuple(note)]
        return Note(path, digest.hexdigest(), rows, by)

    def _by_tag(self, tags: str) -> str | None:
        if tags == "[]" or not self.rules.tags:
            return None
        return next((rule for tag in json.loads(tags) if (rule := self.rules.tagged(tag)) is not None), None)

    def _task(self, task: Values, place: tuple[str, str | None], seen: dict[str, int]) -> Values | None:
        """The row of a task, None when the rules keep it."""
        *values, state, due, owner, owner_key = task
        given = dict(zip(self._tasks, values))
        mine = owner_key in self.rules.me or given["person_key"] in {*self.rules.me, self._my_key}
        if state == "proposed" and not self.rules.proposals:
            self.left = self.left._replace(proposals=self.left.proposals + 1)
            return None
        if self.rules.tasks == "none" or (self.rules.tasks == "mine" and not mine):
            self.left = self.left._replace(tasks=self.left.tasks + 1)
            return None
        if mine:
            given |= {"written": None, "written_key": None, "rule": None}
            given |= {"owner_person": self.rules.name, "person_key": self._my_key}
            owner = self.rules.name
        given |= {"claim_key": None, "claim": None}  # who is meant is settled here
        path, account_key = place
        person = given["person_key"]
        return (
            path, _once(given["id"], seen), account_key, given["line"], given["text"], state, given["priority"], due,
            given["scheduled"], given["done"], owner, person, handle(person) if person else None,
            _more({k: v for k, v in given.items() if k not in ("note", "line", "id", "text", "priority", "scheduled", "done", "person_key")}),
        )  # fmt: skip

    @staticmethod
    def _decision(given: dict[str, Any], place: tuple[str, str | None], seen: dict[str, int]) -> Values:
        rest = _more({k: v for k, v in given.items() if k not in ("note", "line", "id", "text", "date", "status")})
        return (
            place[0], _once(given["id"], seen), place[1], given["line"], given["text"], given["date"], given["status"], rest,
        )  # fmt: skip

    def _participants(self, participants: str) -> str:
        if participants == "[]":
            return participants
        names = [self.rules.name if fold(name) in self.rules.me else name for name in json.loads(participants)]
        return json.dumps(list(dict.fromkeys(names)), ensure_ascii=False)

    def _words(self, title: str, rows: dict[str, list[Values]]) -> str:
        """The words under which the search finds the note: of what is published of it, each once."""
        texts = [
            title,
            *(row[4] for kind in ("tasks", "decisions") for row in rows[kind]),
            *(row[3] for row in rows["texts"]),
        ]
        return " ".join(sorted(dict.fromkeys(words(" ".join(texts))[:_MOST_WORDS])))


def words(text: str) -> list[str]:
    """The words of a text as the search compares them: folded, letters and digits alone."""
    return [word[:200] for word in re.findall(r"[^\W_]+", fold(apart(text)))]


def handle(key: str) -> str:
    """By which a folded name is found: itself, or what an address has before the @."""
    return key.partition("@")[0] if "@" in key else key


def _once(identity: str, seen: dict[str, int]) -> str:
    """The id, with a number behind it when the note has it already."""
    seen[identity] = number = seen.get(identity, 0) + 1
    return identity if number == 1 else f"{identity}.{number}"


def _more(values: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in values.items() if value is not None}, ensure_ascii=False)


def _accounts(conn: sqlite3.Connection) -> dict[str | None, tuple[str, str]]:
    """Each folded name of an account with a note -> (the first of its names, folded; the name to show)."""
    found: dict[str | None, tuple[str, str]] = {}
    first: dict[int, tuple[str, str]] = {}
    sql = "SELECT note, key, name FROM names WHERE kind = 'account' ORDER BY rowid"
    for note, key, name in conn.execute(sql):
        found.setdefault(key, first.setdefault(note, (key, name)))
    return found
