"""Names that meet: which names are unsure, with whom they could be; and why a name means a person."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vaultindex.ask import names
from vaultindex.ask.where import Row
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.text import fold
from vaultindex.index.same_person import Told, told
from vaultindex.meetings.name_forms import fits, is_short, spelled

# What decided whom a name means -> the sentence for it.
RULES = {
    "spelling": "the same words, written another way",
    "note": "the only participant of that note whom it fits",
    "account": "the only one whom it fits among those who meet the account",
    "said": "you said so (vi people --same)",
    "answer": "you said so (vi people --same)",
    "title": "the title or an alias of a person's note",
}


def why(conn: sqlite3.Connection, name: str) -> list[Row]:
    """Every way in which the notes write this person, and what decided that it is this person.

    Rows: `name` (as written), `rule` (a key of RULES; None: the person's own full name), `why` (its sentence, or None),
    `notes`, `tasks` (how many), `path`, `line` (one place, the newest). Raises UnknownName.
    """
    who = names.person(conn, name)
    marks = ",".join("?" * len(who.keys))
    sql = f"""SELECT written, folded, rule, count(DISTINCT meeting), count(DISTINCT task), path, line, max(ifnull(date, '') || path) FROM (
 SELECT p.name AS written, ifnull(p.written_key, p.key) AS folded, p.rule, p.note AS meeting, NULL AS task, n.path, p.line, n.date
 FROM people p JOIN notes n ON n.id = p.note WHERE p.key IN ({marks}) UNION ALL
 SELECT t.owner, t.owner_key, t.rule, NULL, t.rowid, n.path, t.line, n.date
 FROM tasks t JOIN notes n ON n.id = t.note WHERE t.person_key IN ({marks})) GROUP BY folded, rule"""
    titles = {key for (key,) in conn.execute("SELECT key FROM names WHERE note = ? AND kind = 'person'", (who.note,))}
    found: list[Row] = []
    for written, key, rule, notes, tasks, path, line, _ in conn.execute(sql, (*who.keys, *who.keys)):
        by = rule or ("title" if key in titles else None)
        found.append(
            {"name": written, "rule": by, "why": RULES.get(by or ""), "notes": notes, "tasks": tasks, "path": path, "line": line}
        )  # fmt: skip
    return sorted(found, key=lambda row: (-(row["notes"] + row["tasks"]), fold(row["name"])))


def unsure(conn: sqlite3.Connection, me: Sequence[str] = ()) -> list[Row]:
    """Names that may mean somebody whom the notes also call otherwise, most used first.

    Rows: `name`, `candidates` (names; paths where two notes have this very name), `notes`, `tasks` (where it stands
    unexplained), `path` (one of them), `why`.
    """
    known, said = names.candidates(conn, "person"), told(conn)
    shown = {key: c.name for c in known for key in (*c.aliases, c.key)}
    titles: dict[str, list[str]] = {}
    for key, path in conn.execute(
        "SELECT DISTINCT x.key, f.path FROM names x JOIN files f ON f.id = x.note WHERE x.kind = 'person' ORDER BY f.path"
    ):
        titles.setdefault(key, []).append(path)
    nobody = {"tbd", *(fold(name.lstrip("@")) for name in me)}
    full = _Full(key for key in shown if not is_short(key) and key not in nobody)
    found: list[Row] = []
    for key, name, notes, tasks, path in _unexplained(conn):
        if key in nobody or said.person(key) != key:
            continue
        notes_of = titles.get(key, [])
        if len(notes_of) > 1:
            could, reason = notes_of, "two notes have this name"
        elif notes_of:
            continue
        else:
            keys, reason = _could_be(key, full, said)
            could = sorted({shown[k] for k in keys}, key=fold)
        if could:
            found.append(
                {"name": name, "candidates": could, "notes": notes, "tasks": tasks, "path": path, "why": reason}
            )
    return sorted(found, key=lambda row: (-(row["notes"] + row["tasks"]), fold(row["name"])))


def owners(conn: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Id -> the name to show for whom the owner of this task means."""
    sql = """SELECT t.id, ifnull((SELECT min(x.name) FROM names x WHERE x.key = t.person_key AND x.kind = 'person'), t.owner_person)
 FROM json_each(?) j CROSS JOIN tasks t ON t.id = j.value WHERE t.person_key > ''"""
    return dict(conn.execute(sql, (json.dumps(ids),)))


def answerable(conn: sqlite3.Connection, me: Sequence[str] = ()) -> dict[str, Row]:
    """Folded name -> its row of `unsure`, of those to which an answer can be a person (two notes of one name have paths)."""
    return {fold(row["name"]): row for row in unsure(conn, me) if not row["candidates"][0].endswith(".md")}


class _Full:
    """The full names of a vault, found by their first letter or by first and last word."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_letter: dict[str, list[str]] = {}
        self.by_ends: dict[tuple[str, str], list[str]] = {}
        for key in keys:
            self.by_letter.setdefault(key[:1], []).append(key)
            words = key.split()
            if len(words) > 1:
                self.by_ends.setdefault((words[0], words[-1]), []).append(key)


def _could_be(key: str, full: _Full, said: Told) -> tuple[list[str], str]:
    """(the people whom a name could also mean, why that is not sure)."""
    if is_short(key):
        letters = {key[0], key.partition("@")[0][-1]} if "@" in key else {key[0]}
        fitting = [other for letter in letters for other in full.by_letter.get(letter, ()) if fits(key, other)]
        fitting = [other for other in fitting if not said.are_apart(key, other)]
        return fitting, "several fit" if len(fitting) > 1 else "nothing but the name says so"
    words = key.split()
    if len(words) < 3:
        return [], ""
    alike = [other for other in full.by_ends.get((words[0], words[-1]), ()) if len(other.split()) == 2]
    return [other for other in alike if not said.are_apart(key, other)], "a name between first and last"


def _unexplained(conn: sqlite3.Connection) -> list[tuple[str, str, int, int, str]]:
    """(folded name, name, notes, tasks, path) of every name that stands for nobody but itself."""
    sql = """SELECT folded, min(name), count(DISTINCT meeting), count(DISTINCT task), max(path) FROM (
 SELECT p.key AS folded, p.name, p.note AS meeting, NULL AS task, n.path FROM people p JOIN notes n ON n.id = p.note
 WHERE p.rule IS NULL AND n.excluded IS NULL UNION ALL
 SELECT t.person_key, t.owner, NULL, t.rowid, n.path FROM tasks t JOIN notes n ON n.id = t.note
 WHERE t.person_key > '' AND t.rule IS NULL AND n.excluded IS NULL) GROUP BY folded"""
    return conn.execute(sql).fetchall()


class Pair(NamedTuple):
    """Two names about which the user says something: folded, and as they are to be shown."""

    one: str
    other: str
    shown: str
    shown_other: str


def pair(conn: sqlite3.Connection, one: str, other: str, same: bool) -> Pair:
    """What `--same A B` and `--different A B` mean: A as it is written, B a person. Raises UnknownName, UsageError.

    Of two people with one note between them, the one with the note stays.
    """
    before = told(conn)
    who = names.person(conn, other)
    key, target = fold(one.strip().lstrip("@")), _first_key(conn, who)
    said = key in before.same  # then its rows stand under another name now
    if not said and not is_short(key) and spelled(key) == key and key not in who.keys:
        first = names.person(conn, one)
        key, one = _first_key(conn, first), first.name
        if same and who.note is None and first.note is not None:
            key, target, one, who = target, key, who.name, first
    elif not said and not _is_written(conn, key):
        names.person(conn, one)  # raises the nearest names; a fuller name will do
        raise UnknownName(f"no note writes {one!r}: say it as it is written")
    if key == target:
        raise UsageError(
            f"{one!r} and {other!r} are the very same name: say which of two people it is with a fuller one"
        )
    if same and before.person(target) == key:
        raise UsageError(f"{who.name} is {one} already (vi log): take that back first, with vi undo")
    after = Told({**before.same, key: target}, before.apart - {(min(key, target), max(key, target))})
    for a, b in after.apart if same else ():
        if after.person(a) == after.person(b):
            raise UsageError(f"you said that {a} and {b} are two people: vi people --same {a!r} {b!r} comes first")
    return Pair(key, target, one, who.name)


def _first_key(conn: sqlite3.Connection, who: names.Entity) -> str:
    """The folded name that stands for a person in the index."""
    if who.note is None:
        return min(who.keys)
    sql = "SELECT key FROM names WHERE note = ? AND kind = 'person' ORDER BY rowid LIMIT 1"
    return str(conn.execute(sql, (who.note,)).fetchone()[0])


def _is_written(conn: sqlite3.Connection, key: str) -> bool:
    sql = """SELECT 1 FROM people WHERE key = ?1 OR written_key = ?1 UNION ALL SELECT 1 FROM tasks WHERE person_key = ?1
 UNION ALL SELECT 1 FROM tasks WHERE written_key = ?1 LIMIT 1"""
    return conn.execute(sql, (key,)).fetchone() is not None
