"""Put rows of everybody's vaults into a private index, so that they are asked as one's own are: same words, dates and JSON.

A note's path there begins with its vault: `dana/work/Meetings/Call.md`. What a vault itself found out about its names holds;
across vaults they meet by the same rules as within one (`index/same_person.py`), and nothing unsure is merged.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from vaultindex.base.icu_order import sort_key
from vaultindex.base.packed_text import pack
from vaultindex.base.text import apart, fold
from vaultindex.extract import registry
from vaultindex.index import same_person, schema, store
from vaultindex.index.cross_note import file_key
from vaultindex.meetings.name_forms import is_short
from vaultindex.team.fetch import Found
from vaultindex.team.rows import NAMES, Values

Row = dict[str, Any]
_STUB = "~ "  # how the paths of notes begin that stand for what is only known by name


def gather(found: Found, state_file: str | None = None) -> sqlite3.Connection:
    """A private index of these rows. `state_file`: what the reader said about names (`vi people --same`) holds here, too."""
    conn = store.private()
    tables = {
        name: _Filler(conn, name)
        for name in ("files", "notes", "tasks", "decisions", "people", "names", "bodies", "told")
    }
    rows = {kind: [dict(zip(("vault", *NAMES[kind]), values)) for values in some] for kind, some in found.rows.items()}
    same = _same(rows["names"])
    accounts = _accounts(rows["names"], same)
    ids = _notes(rows, tables, conn, accounts)
    shown = _shown(rows)
    _tasks(rows["tasks"], ids, tables["tasks"], shown)
    _decisions(rows["decisions"], ids, tables["decisions"])
    meetings = {where(row) for row in rows["notes"] if json.loads(row["more"]).get("meeting")}
    _people(rows["people"], ids, tables["people"], shown, meetings)
    _names(rows["names"], ids, tables["names"], same)
    _stubs(found.accounts, ids, tables, accounts)
    for table in tables.values():
        table.write()
    schema.index(conn)
    for key, value in (("kinds", json.dumps(registry.kinds(()))), ("plugin", "{}"), ("vault", ""), ("indexed_at", "0")):
        store.set_meta(conn, key, value)
    if state_file is not None:
        same_person.remember(conn, state_file)
    same_person.settle(conn, None)
    schema.count_all(conn)
    return conn


class _Filler:
    """Rows of one table of the index, from dictionaries: what a publisher of another version did not give is empty."""

    def __init__(self, conn: sqlite3.Connection, table: str) -> None:
        self.conn, self.table = conn, table
        self.rows: list[Values] = []
        info = conn.execute(f"PRAGMA table_info({table})").fetchall()
        self._empty = {
            name: None if not needed and not key else 0 if kind == "INTEGER" else b"" if kind == "BLOB" else ""
            for _, name, kind, needed, _, key in info
        }

    def add(self, row: Row) -> None:
        """One row; what is no column is left."""
        self.rows.append(
            tuple(row[name] if row.get(name) is not None else empty for name, empty in self._empty.items())
        )

    def write(self) -> None:
        """Put the rows in."""
        store.put(self.conn, self.table, len(self._empty), self.rows)


def where(row: Row) -> str:
    """The path of a row's note in a private index."""
    return f"{row['vault']}/{row['path']}"


def apart_again(path: str) -> tuple[str, str, str] | None:
    """(publisher, vault, path) of a path in a private index."""
    parts = path.split("/", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and not path.startswith(_STUB) else None


def _notes(
    rows: dict[str, list[Row]], tables: dict[str, _Filler], conn: sqlite3.Connection, accounts: dict[str, str]
) -> dict[str, int]:
    """Files and notes; path -> id. A note of which only rows came (the reader may not see it) has nothing but its place."""
    known = {where(row): row for row in rows["notes"]}
    for kind in ("tasks", "decisions", "people", "names"):
        for row in rows[kind]:
            known.setdefault(
                where(row), {"title": row["path"].rsplit("/", 1)[-1].removesuffix(".md"), **row, "more": "{}"}
            )
    ids: dict[str, int] = {}
    texts: dict[str, list[tuple[int, str]]] = {}
    for kind in ("tasks", "decisions"):
        for row in rows[kind]:
            texts.setdefault(where(row), []).append((row["line"], row["text"]))
    bodies = {where(row): row["body"] for row in rows["texts"]}
    words = []
    for number, path in enumerate(sorted(known), 1):
        row = known[path]
        ids[path] = number
        _file(tables, number, path)
        more = json.loads(row["more"])
        title, filename = row["title"], path.rsplit("/", 1)[-1]
        tables["notes"].add({
            **more, "id": number, "path": path, "title": title, "folder": path[: len(path) - len(filename)], "root": path.split("/")[0] + "/",
            "filename": filename, "name_key": fold(filename.removesuffix(".md")), "title_key": fold(title), "type": row.get("type"),
            "date": row.get("date"), "account": row.get("account"), "account_own": 1,
            "account_key": accounts.get(row.get("account_key") or "", row.get("account_key")), "project": row.get("project"), "participants": row.get("participants") or "[]", "aliases": more.get("aliases", "[]"),
            "tags": more.get("tags", "[]"), "properties": "{}", "path_key": sort_key(path),
        })  # fmt: skip
        body = bodies.get(path)
        if body is None:  # what is known of the note, each line at its place
            body = _lines(texts.get(path, []))
        tables["bodies"].add({"id": number, "title": title, "body": pack(body.encode("utf-8", "replace"))})
        words.append((number, apart(title), apart(body)))
    store.put_text(conn, words)
    return ids


def _file(tables: dict[str, _Filler], number: int, path: str) -> None:
    tables["files"].add({"id": number, "path": path, "kind": "note", "key": file_key(path)})


def _lines(texts: Iterable[tuple[int, str]]) -> str:
    """A text that has these at their lines and nothing else."""
    by_line = dict(sorted(texts))
    last = min(max(by_line, default=0), 50_000)
    return "\n".join(by_line.get(number, "") for number in range(1, last + 1))


def _shown(rows: dict[str, list[Row]]) -> dict[str, str]:
    """Folded name -> as it is mostly written in full."""
    counted: dict[str, Counter[str]] = {}
    for row in rows["people"]:
        if json.loads(row["more"]).get("rule") is None:
            counted.setdefault(row["key"], Counter())[row["name"]] += 1
    for row in rows["names"]:
        if row["kind"] == "person" and fold(row["alias"]) == row["key"]:
            counted.setdefault(row["key"], Counter())[row["alias"]] += 1
    return {key: max(names, key=lambda name: (names[name], name)) for key, names in counted.items()}


def _tasks(rows: list[Row], ids: dict[str, int], table: _Filler, shown: dict[str, str]) -> None:
    for row in rows:
        given = json.loads(row["more"])
        if given.get("rule") is not None:  # the vault knows whom the name means
            given |= {"written": None, "written_key": None, "rule": None}
            given["owner_person"] = shown.get(row["person_key"], given.get("owner_person"))
        table.add({
            **given, "note": ids[where(row)], "line": row["line"], "id": row["id"].partition(".")[0], "text": row["text"],
            "priority": row["priority"], "scheduled": row["scheduled"], "done": row["done"], "person_key": row["person_key"],
            "tags": given.get("tags", "[]"), "links": given.get("links", "[]"),
        })  # fmt: skip


def _decisions(rows: list[Row], ids: dict[str, int], table: _Filler) -> None:
    for row in rows:
        given = json.loads(row["more"])
        table.add({
            **given, "note": ids[where(row)], "line": row["line"], "id": row["id"].partition(".")[0], "text": row["text"],
            "date": row["date"], "status": row["status"], "tags": given.get("tags", "[]"), "links": given.get("links", "[]"),
        })  # fmt: skip


def _people(
    rows: list[Row], ids: dict[str, int], table: _Filler, shown: dict[str, str], meetings: Collection[str]
) -> None:
    for row in rows:
        given, name = json.loads(row["more"]), row["name"]
        if given.get("rule") is not None:
            given |= {"written_key": None, "fits": None, "rule": None}
            name = shown.get(row["key"], row["key"].title())
        table.add(
            {
                **given,
                "met": int(where(row) in meetings),
                "note": ids[where(row)],
                "line": row["line"],
                "name": name,
                "key": row["key"],
                "date": row["date"],
            }
        )


def _same(rows: list[Row]) -> Callable[[str], str]:
    """Which notes of people and accounts are one's: path -> the path of the first of them.

    Notes of several vaults that share a full name are one person's; two notes of one vault never are, nor is any note of
    another vault then taken for one of them.
    """
    of: dict[tuple[str, str], dict[str, set[str]]] = {}  # (kind, key) -> vault -> paths
    for row in rows:
        of.setdefault((row["kind"], row["key"]), {}).setdefault(row["vault"], set()).add(where(row))
    same: dict[str, str] = {}

    def first(path: str) -> str:
        while path in same:
            path = same[path]
        return path

    for (kind, key), vaults in sorted(of.items()):
        if (kind == "person" and is_short(key)) or any(len(paths) > 1 for paths in vaults.values()):
            continue
        one, *others = sorted({first(path) for paths in vaults.values() for path in paths})
        same.update(dict.fromkeys(others, one))
    return first


def _accounts(rows: list[Row], first: Callable[[str], str]) -> dict[str, str]:
    """Each name of an account, folded -> the first of its names; without those that several accounts have."""
    of: dict[str, set[str]] = {}
    keys: dict[str, str] = {}
    for row in rows:
        if row["kind"] == "account":
            note = first(where(row))
            of.setdefault(row["key"], set()).add(note)
            if where(row) == note and fold(row["name"]) == row["key"]:
                keys[note] = row["key"]
    return {key: keys[note] for key, notes in of.items() if len(notes) == 1 for note in notes if note in keys}


def _names(rows: list[Row], ids: dict[str, int], table: _Filler, first: Callable[[str], str]) -> None:
    called: dict[str, str] = {}
    for row in rows:
        if where(row) == first(where(row)):
            called[where(row)] = row["name"]
    done: set[tuple[int, str, str]] = set()
    for row in sorted(rows, key=lambda row: (first(where(row)) != where(row), where(row))):
        note = first(where(row))
        if (ids[note], row["kind"], row["key"]) in done:
            continue
        done.add((ids[note], row["kind"], row["key"]))
        table.add(
            {
                "note": ids[note],
                "line": 1,
                "kind": row["kind"],
                "name": called[note],
                "alias": row["alias"],
                "key": row["key"],
            }
        )


def _stubs(
    met: Iterable[tuple[str, str, str]], ids: dict[str, int], tables: dict[str, _Filler], accounts: dict[str, str]
) -> None:
    """A note without a date for each account, which says who meets it; and one for names that are only to be suggested."""
    number = len(ids)
    by_account: dict[str, list[tuple[str, str]]] = {}
    for account, key, name in met:
        by_account.setdefault(accounts.get(account, account), []).append((key, name))
    for account, people in sorted(by_account.items()):
        number += 1
        path = f"{_STUB}{account}"
        _file(tables, number, path)
        named = next((name for key, name in people if not key), None)
        tables["notes"].add({
            "id": number, "path": path, "title": account, "folder": "/", "root": "/", "filename": path, "name_key": path, "title_key": path,
            "account": named or account or None, "account_key": account or None, "account_own": 1, "participants": "[]", "aliases": "[]", "properties": "{}",
            "tags": "[]", "path_key": b"",
        })  # fmt: skip
        for key, name in people:
            if key:
                tables["people"].add({"note": number, "line": 1, "name": name, "key": key, "linked": 0})
