"""A task's fields are written by SQL: what it writes is the contract, whatever the notes hold."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from vaultindex.ask.tasks import contract, options
from vaultindex.ask.tasks.lists import Found, select
from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold, safe
from vaultindex.dates.days import ordinal
from vaultindex.render import json_text, table
from vaultindex.tasks.plugin_settings import DATES
from vaultindex.tasks.urgency import PRIORITIES, urgency

Index = Callable[[Path], sqlite3.Connection]
TODAY = "2025-10-08"
ME = ("Myself", "@Ünna “O” \\ Neill")

ODD = [
    'say "hi"', "back\\slash", "\x01\x08\x1b[31m", "\x7f", "\x85\x9b", "\u202eabc\u2066", "\u2028", "\ufeff", "\ud7ff",
    "🎯", "👩\u200d💻", "é", "e\u0301", "\\u0041", '\\"', "100%", "%s %d", "{}", "[[Dana Lee|D]]", "[[a\\b]]", "#task",
    "#a/b-ü", "`code`", "\t", "'", "null", "\U0010ffff", "\0",
]  # fmt: skip
DAYS = ["2025-10-07", "2025-10-08", "2025-10-09", "2025-02-30", "2024-02-29", "0001-01-01", "9999-12-31", "2025-10-01"]
STATUSES = [" ", " ", "x", "X", "/", "-", "?", '"', "\\"]
FOLDERS = ["", "In %s/", "Ü/" if sys.platform == "win32" else 'Ü "q"\\/']


def hostile(root: Path, seed: int, notes: int = 90) -> Path:
    """A vault whose names, texts and fields are as odd as notes can be."""
    rnd = random.Random(seed)
    people = ["Dana Lee", "Dana Löw", "Ünna “O” \\ Neill", 'Q"uote', "Zoë", "李雷"]
    accounts = ["Contoso", "Nörth'wind", 'A"B', "C\\D"]

    def note(name: str, head: dict[str, Any], body: Iterable[str]) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            "---",
            *(f"{key}: {json.dumps(value, ensure_ascii=True)}" for key, value in head.items()),
            "---",
            *body,
        ]
        path.write_text("\n".join(lines), encoding="utf-8")

    (root / ".obsidian").mkdir(parents=True)
    for i, person in enumerate(people):
        note(f"People/p{i}.md", {"type": "person", "title": person, "aliases": [person.split()[0], "Two"]}, [])
    for i, account in enumerate(accounts):
        note(f"Accounts/c{i}.md", {"type": "account", "title": account, "aliases": [account, "Twice"]}, [])
    for i in range(notes):
        head = {
            "title": rnd.choice(ODD) + rnd.choice(ODD), "type": rnd.choice(["meeting", rnd.choice(ODD)]),
            "date": rnd.choice(DAYS), "account": rnd.choice([*accounts, "Twice", "nobody", rnd.choice(ODD)]),
            "project": rnd.choice([None, rnd.choice(ODD)]), "participants": rnd.sample([*people, *ODD], 4),
        }  # fmt: skip
        body = []
        for _ in range(12):
            if rnd.random() < 0.2:
                body.append(f"{'#' * rnd.randint(1, 3)} {rnd.choice(ODD)} {rnd.choice(ODD)}")
            parts = rnd.sample(ODD, 3)
            if rnd.random() < 0.6:
                parts.append("@" + rnd.choice(["Myself", "Dana", "Two", "Zoë", '"Ünna “O” \\ Neill"', "[[Dana Lee]]"]))
            parts += [f"{sign} {rnd.choice(DAYS)}" for sign in "📅⏳🛫➕✅❌" if rnd.random() < 0.3]
            parts += rnd.choice([[], ["🔺"], ["⏬"], ["🔼"], ["🔽"], ["⏫"]])
            parts += rnd.choice([[], [], ["🔁 every week"], ["🏁 delete"], ["🆔 a_1-b"], ["⛔ a_1-b,c2"], ["^block-1"]])
            parts += rnd.choice([[], [], ["and more", "words"]])  # what stands before is not seen then
            indent = rnd.choice(["", "", "  "])
            body.append(f"{indent}- [{rnd.choice(STATUSES)}] {' '.join(parts)}")
            if not body[:-1]:  # (at the top, for an odd text may open what swallows all that is below)
                body[:0] = ["## Action items", f"- Look at it by 2025-10-{10 + i % 20}", "## More"]
        note(f"{rnd.choice(FOLDERS)}n {i}.md", head, body)
    return root


def urgency_of(row: dict[str, Any], today: str) -> float:
    return urgency(row["due"], row["scheduled"], row["start"], PRIORITIES[row["priority"]], today)


def told(conn: sqlite3.Connection, me: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The contract in Python, from the columns of the index: by path and line."""

    def one(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return conn.execute(sql, values).fetchall()

    cursor = conn.execute(
        """SELECT n.*, t.*, n.tags AS note_tags, n.title AS note_title, n.date AS note_date, n.type AS note_type
 FROM tasks t JOIN notes n ON n.id = t.note ORDER BY n.path, t.line"""
    )
    names = [column[0] for column in cursor.description]
    for values in cursor.fetchall():
        r = dict(zip(names, values))
        accounts = one(
            "SELECT x.name, f.path FROM names x JOIN files f ON f.id = x.note WHERE x.kind = 'account' AND x.key = ? ORDER BY x.rowid",
            r["account_key"] or None,
        )
        people = {n for (n,) in one("SELECT name FROM names WHERE kind = 'person' AND key = ?", r["person_key"])}
        invalid = [name for name in (r["invalid"] or "").split(",") if name]
        problems = [f"{name} {r[name]} is not a date of the calendar" for name in invalid]
        problems += [
            f"{name} {value}".rstrip() + " is not seen by the Tasks plugin: text follows it"
            for name, value in json.loads(r["stray"] or "[]")
        ]
        assert {name for name in DATES if r[name] and ordinal(r[name]) is None} == set(invalid)
        owner_person = (people.pop() if len(people) == 1 else r["owner_person"]) if r["person_key"] else None
        yield {
            **{f: r[f] for f in ("id", "path", "line", "text", "raw", "status", "status_type", "state")},
            "priority": PRIORITIES[r["priority"]],
            **{f: r[f] for f in (*DATES, "happens")},
            "due": r["due"] or r["due_said"],
            "happens": r["happens"] or r["due_said"],
            "urgency": urgency_of({**r, "due": r["due"] or r["due_said"]}, TODAY),
            "recurrence": r["recurrence"],
            "on_completion": r["on_completion"] or None,
            "task_id": r["task_id"] or None,
            "depends_on": r["depends_on"].split(",") if r["depends_on"] else [],
            "block_id": r["block_id"] or None,
            "tags": json.loads(r["tags"]),
            "owner": r["owner"],
            "owner_person": owner_person,
            "mine": r["owner_key"] in {fold(name.lstrip("@")) for name in me},
            "links": json.loads(r["links"]),
            "heading": r["heading"],
            "section": [r["note_title"], r["heading"]] if r["section"] is None else json.loads(r["section"]),
            "parent": r["parent"],
            **{f: r[f] for f in ("note_title", "note_date", "note_type")},
            "account": accounts[0][0] if accounts else r["account"],
            "account_note": accounts[0][1] if accounts else None,
            "project": r["project"],
            "participants": json.loads(r["participants"]),
            "overdue": r["state"] in ("open", "proposed")
            and bool(r["due"] or r["due_said"])
            and "due" not in invalid
            and (r["due"] or r["due_said"]) < TODAY,
            "date_doubt": r["date_doubt"],
            "problems": problems,
            "due_said": r["due_said"],
            "origin": r["origin"],
        }


def every(conn: sqlite3.Connection) -> Found:
    return select(conn, [], today=TODAY, me=ME, sort=("path",))


def same(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """What SQL writes, after it was found to be what the contract says, for few tasks and for many."""
    wanted = list(told(conn, ME))
    found = [json.loads(text) for text in every(conn).texts()]
    for one, other in zip(found, wanted, strict=True):
        assert [*one.items()] == [*other.items()]
        assert [type(v) for v in one.values()] == [type(v) for v in other.values()]
    assert repr(list(every(conn))) == repr(found), "the same as dictionaries, down to the types"
    keys = every(conn).keys
    apart = [text for key in keys for text in contract.texts(conn, [key], TODAY, ME)]
    assert apart == list(every(conn).texts())
    return found


def test_the_fixture_vault_is_told_as_the_contract_says(vault: Path, indexed: Index) -> None:
    assert {f for row in same(indexed(vault)) for f in row} == set(contract.FIELDS)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_a_note_holds_is_told_as_the_contract_says(seed: int, tmp_path: Path, indexed: Index) -> None:
    rows = same(indexed(hostile(tmp_path / "odd", seed)))
    assert len(rows) > 2 * contract._MANY, "both ways to look up names are taken"
    seen = {f: {json.dumps(row[f]) for row in rows} for f in contract.FIELDS}
    assert [f for f, values in seen.items() if len(values) < 2] == [], "each field is tried"
    assert any(row["owner_person"] != row["owner"] for row in rows) and any(len(row["problems"]) > 1 for row in rows)


@pytest.mark.parametrize("today", ["0001-01-01", "0001-01-07", "2025-10-01", "2025-10-14", "9999-12-20", "9999-12-31"])
def test_urgency_is_the_same_on_any_day(today: str, tmp_path: Path, indexed: Index) -> None:
    rows = list(select(indexed(hostile(tmp_path / "odd", 4)), [], today=today, me=ME))
    assert [row["urgency"] for row in rows] == [
        urgency_of({**row, "priority": PRIORITIES.index(row["priority"])}, today) for row in rows
    ]


def test_some_fields_are_the_same_as_in_the_whole(vault: Path, indexed: Index) -> None:
    found = every(indexed(vault))
    assert {*found.texts([])} == {b"{}"}
    some = ["urgency", "id", "account", "mine", "problems", "id"]
    assert [json.loads(t) for t in found.texts(some)] == [{f: row[f] for f in some} for row in found]


def test_pieces_of_json_are_the_lines_that_dictionaries_give(tmp_path: Path, indexed: Index) -> None:
    found = every(indexed(hostile(tmp_path / "odd", 3)))
    for lines in (False, True):
        pieces = b"".join(json_text.json_pieces(found.texts(), lines)).decode()
        whole = "\n".join(json_text.as_json(found, None, lines)) + "\n"
        assert len(pieces.splitlines()) == len(whole.splitlines())
        read = [json.loads(line) for line in pieces.splitlines()] if lines else json.loads(pieces)
        assert read == list(found)
    assert b"".join(json_text.json_pieces([], False)) == b"[]\n" and b"".join(json_text.json_pieces([], True)) == b""


def test_nothing_that_a_terminal_obeys_is_in_a_piece() -> None:
    every_one = [chr(code) for code in range(0x20, 0x110000) if not 0xD800 <= code < 0xE000]
    for at in range(0, len(every_one), 4096):
        text = "".join(every_one[at : at + 4096])
        written = b"".join(json_text.json_pieces([json.dumps(text, ensure_ascii=False).encode()], True)).decode()
        assert json.loads(written) == text
        assert safe(written) == written


def test_a_list_is_of_one_moment_of_the_index(vault: Path, indexed: Index) -> None:
    conn = indexed(vault)
    found = every(conn)
    before = list(told(conn, ME))
    with sqlite3.connect(conn.execute("PRAGMA database_list").fetchone()[2]) as writer:
        writer.execute("DELETE FROM tasks WHERE rowid % 2")
    writer.close()
    assert list(found) == before
    del found
    assert 0 < len(every(conn)) < len(before)


# --- the first screen ---------------------------------------------------------------------------------------------------


def rows_of(count: int, taken: list[int], **late: str) -> Iterator[dict[str, Any]]:
    """Rows that tell when they are taken; the last one has the texts `late` too."""
    for number in range(count):
        taken.append(number)
        yield {"name": f"row {number:<{number % 7}}", "other": "", **(late if number == count - 1 else {})}


SHAPE = [table.Column("name", lambda r: r["name"]), table.Column("other", lambda r: r["other"])]


@pytest.mark.parametrize("header", [True, False])
def test_a_table_begins_before_its_last_row_is_read(header: bool) -> None:
    taken: list[int] = []
    to = table.Screen(sys.stdout, 80, colour=False, links=False)
    lines = table.aligned(rows_of(5_000, taken), SHAPE, to, header=header)
    next(lines)
    assert len(taken) < 500
    assert len(list(lines)) == 4_999 + header and len(taken) == 5_000


def test_widths_hold_until_a_column_has_its_first_text() -> None:
    to = table.Screen(sys.stdout, 80, colour=False, links=False)
    lines = list(table.aligned(rows_of(999, [], other="here"), SHAPE, to, header=False))
    assert [line for line in lines if "here" in line] == [lines[-1]] and lines[-1].startswith("row 998")
    wide = [*rows_of(300, []), {"name": "much longer than any", "other": ""}]
    assert list(table.aligned(wide, SHAPE, to, header=False))[-1] == "much…"


def test_short_lists_have_the_widths_of_all_their_rows() -> None:
    to = table.Screen(sys.stdout, 80, colour=False, links=False)
    rows = [{"name": "a", "other": "x"}, {"name": "long name", "other": "y"}]
    assert list(table.aligned(rows, SHAPE, to, header=False)) == ["a          x", "long name  y"]


class Pipe(io.RawIOBase):
    """A pipe that tells how much was asked of the index when the first of the list came through."""

    def __init__(self, asked: list[str]) -> None:
        self.asked, self.at_first, self.written = asked, 0, b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.at_first = self.at_first or len(self.asked)
        self.written += bytes(data)
        return len(data)


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl"])
def test_a_list_is_on_the_screen_before_all_of_it_is_read(
    form: str, tmp_path: Path, indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vaultindex.cli import app as door
    from vaultindex.cli.commands import run

    note = "\n".join(f"- [ ] {'task ' * 9}{i}" for i in range(3_000))
    (tmp_path / "long" / ".obsidian").mkdir(parents=True)
    (tmp_path / "long" / "a.md").write_text(note)
    index = tmp_path / "index" / "index.db"
    indexed(tmp_path / "long").close()
    asked: list[str] = []
    open_read = door.sync.store.open_read

    def traced(path: str) -> sqlite3.Connection:
        conn = open_read(path)
        conn.set_trace_callback(lambda sql: asked.append(sql) if "CROSS JOIN tasks t ON" in sql else None)
        return conn

    monkeypatch.setattr(door.sync.store, "open_read", traced)
    pipe = Pipe(asked)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(pipe), encoding="utf-8"))
    assert (
        run(["tasks", "--format", form, "--vault", str(tmp_path / "long"), "--index", str(index), "--quiet"], "vi") == 0
    )
    assert pipe.written.count(b"- [ ] task " if "json" in form else b"task task task") >= 3_000
    assert pipe.at_first == 1 and len(asked) > 1


def test_while_a_list_is_read_another_question_may_be_asked(vault: Path, indexed: Index) -> None:
    from vaultindex.ask.tasks.lists import count
    from vaultindex.ask.tasks.options import build

    conn = indexed(vault)
    nodes, _ = build(conn, {"words": "pricing"}, TODAY, ME)
    found = iter(select(conn, nodes, today=TODAY, me=ME))
    first = next(found)
    assert sum(count(conn, nodes, TODAY).values()) == len(list(select(conn, nodes, today=TODAY, me=ME)))
    assert [first, *found] == list(select(conn, nodes, today=TODAY, me=ME))


@pytest.mark.parametrize("age", ["30d ago", "monday", "9999 years"])
def test_what_is_no_age_is_refused_and_never_taken_for_a_day_ahead(age: str, small: Path, indexed: Index) -> None:
    conn = indexed(small)
    with pytest.raises(UsageError, match="takes an age such as 30d"):
        options.build(conn, {"stale": age}, "2025-10-07", ["Me"])
    assert options.build(conn, {"stale": "2 weeks"}, "2025-10-07", ["Me"])[1] == ["at least 2 weeks old"]
