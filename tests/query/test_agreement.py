"""Every node's two faces agree: what SQL finds is what `match` accepts."""

from __future__ import annotations

import random
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from tests.conformance.queries import Corpus, create_tables, lines, put_note, put_task
from vaultindex.ask.tasks import conditions
from vaultindex.base.errors import UsageError
from vaultindex.base.text import apart
from vaultindex.dates.ranges import NO_DATE, Range
from vaultindex.index.schema import FTS
from vaultindex.index.store import put_text
from vaultindex.query.language.filters import Reader
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.row import TaskRow, fetch
from vaultindex.query.nodes.sorts import urgency_of
from vaultindex.query.nodes.tree import And, Context, Node, Not, Or, Xor
from vaultindex.query.terms import urgency_term
from vaultindex.tasks.plugin_settings import TaskSettings

GOLDEN = Path(__file__).parent.parent / "golden"
TODAY = date(2025, 10, 8)
PLAIN = TaskSettings()
FILTERED = TaskSettings(global_filter="#task")


def generated(seed: int, settings: TaskSettings) -> sqlite3.Connection:
    """An index of 400 tasks in 20 notes, odd ones among them."""
    rnd = random.Random(seed)
    conn = sqlite3.connect(":memory:")
    create_tables(conn)
    conn.execute("CREATE TABLE people (note, key)")
    conn.execute("ALTER TABLE tasks ADD COLUMN more")
    conn.execute(FTS)
    notes: dict[int, list[str]] = {}
    words = [
        "fix",
        "FIX",
        "Émail",
        "ISTANBUL",
        "İ",
        "\u212aelvin",
        "50%",
        "a_b",
        "\\",
        "'q'",
        '"',
        "ß",
        "日本",
        "[[x|y]]",
        "#task",
        "Dana",
        "dana.",
        "Leigh",
        "D. Leigh",
        "Ｄana",
    ]
    tags = ["#work", "#Work/deep", "#日本", "#x\\y", "#İ", "#a;b", "#task", "#task/sub"]
    days = [
        "2025-10-07",
        "2025-10-08",
        "2025-10-09",
        "2025-02-30",
        "2025-13-01",
        "2024-02-29",
        "2027-01-01",
        "0001-01-01",
    ]
    for note in range(1, 21):
        folder = rnd.choice(["", "Work/", "work/Deep_er/", "Ünï/"])
        day = rnd.choice([None, "2025-09-01", "2025-10-08"])
        put_note(
            conn, note, f"{folder}Note {note} %_{rnd.choice(words[:8])}.md", rnd.choice([None, "acme", "globex"]), day
        )
        if note % 4 == 0:
            conn.execute("UPDATE notes SET excluded = 'conflict' WHERE id = ?", (note,))
        if note % 3 == 0:
            conn.execute("INSERT INTO people VALUES (?, 'dana')", (note,))
    for key in range(1, 401):
        parts = rnd.sample(words, rnd.randint(1, 3)) + rnd.sample(tags, rnd.randint(0, 2))
        if rnd.random() < 0.3:
            parts.append(f"@{rnd.choice(['Dana', 'Jo', 'TBD', 'Red Team'])}")
        parts += [f"{sign} {rnd.choice(days)}" for sign in "📅⏳🛫➕✅❌" if rnd.random() < 0.3]
        parts += rnd.choice([[], [], ["🔺"], ["⏬"], ["🔁 every week"]])
        parts += rnd.choice([[], [], [f"🆔 t{key % 9}"]]) + rnd.choice(
            [[], [], [f"⛔ t{rnd.randint(0, 12)},t{key % 5}"]]
        )
        indent = rnd.choice(["", "", "  ", "> ", ">  ", "\t", ">"])
        raw = f"{indent}- [{rnd.choice(' x/-?!')}] {'#task ' * bool(settings.global_filter)}{' '.join(parts)}"
        note = rnd.randint(1, 20)
        notes.setdefault(note, []).append(raw)
        put_task(conn, key, (note, key, "N.md"), raw, rnd.choice([None, "Tasks", "Ünï [[x]]"]), settings)
        if key % 5 == 0:
            conn.execute("UPDATE tasks SET date_doubt = 'shared' WHERE rowid = ? AND due IS NOT NULL", (key,))
        conn.execute("UPDATE tasks SET person_key = owner_key WHERE rowid = ?", (key,))
    for key, text, description in conn.execute("SELECT rowid, text, description FROM tasks").fetchall():
        more = description[len(text) :] if description.startswith(text) else f"\n{description}"
        conn.execute("UPDATE tasks SET more = ? WHERE rowid = ?", (more, key))
    put_text(conn, [(note, "", apart("\n".join(some))) for note, some in notes.items()])
    return conn


def disagreement(conn: sqlite3.Connection, node: Node, settings: TaskSettings, rows: list[TaskRow]) -> set[int]:
    """The tasks on which the two faces differ."""
    ctx = Context(TODAY.isoformat(), settings, conn)
    clause = node.sql(ctx)
    found = {row[0] for row in conn.execute(f"SELECT t.rowid FROM tasks t WHERE {clause.sql}", clause.params)}
    return found ^ {row.key for row in rows if node.match(row, ctx)}


def every_row(conn: sqlite3.Connection) -> list[TaskRow]:
    return fetch(conn, [row[0] for row in conn.execute("SELECT rowid FROM tasks ORDER BY rowid")])


def golden_filters() -> list[Node]:
    """The distinct filter lines of all golden queries."""
    reader, nodes = Reader(TODAY), {}
    for case in lines(GOLDEN / "queries.jsonl.gz"):
        for line in case["query"].split("\n"):
            text = line.strip()
            if text and text not in nodes and "{{" not in text and not text.startswith(("sort", "group", "limit", "#")):
                try:
                    nodes[text] = reader.read(text).node
                except QueryError:
                    continue
    return list(nodes.values())


@pytest.fixture(scope="module")
def nodes() -> list[Node]:
    found = golden_filters()
    assert len(found) > 500
    return found


@pytest.mark.parametrize("settings", [PLAIN, FILTERED], ids=["plain", "global filter"])
def test_both_faces_of_every_golden_filter_agree_on_generated_tasks(nodes: list[Node], settings: TaskSettings):
    conn = generated(1, settings)
    rows = every_row(conn)
    assert len(rows) > 300
    for node in nodes[:: 1 if settings is PLAIN else 3]:
        assert disagreement(conn, node, settings, rows) == set(), node


def test_both_faces_agree_on_the_golden_tasks(nodes: list[Node]):
    conn = Corpus(GOLDEN / "query_corpus.json").index(PLAIN)
    rows = every_row(conn)
    for node in nodes[::4]:
        assert disagreement(conn, node, PLAIN, rows) == set(), node


def test_both_faces_of_every_combination_agree(nodes: list[Node]):
    rnd = random.Random(2)
    conn = generated(3, PLAIN)
    rows = every_row(conn)

    def grow(depth: int) -> Node:
        if depth == 0:
            return rnd.choice(nodes)
        kind = rnd.choice([And, Or, Xor, Not])
        if kind is Not:
            return Not(grow(depth - 1))
        return kind(tuple(grow(depth - 1) for _ in range(rnd.randint(1, 3))))

    for _ in range(150):
        node = grow(rnd.randint(1, 3))
        assert disagreement(conn, node, PLAIN, rows) == set()


BUILT = [
    conditions.Owner(["dana"]), conditions.Owner(["dana", "jo"]), conditions.Owner([]), conditions.Person(["dana"]), conditions.Person(["nobody"]),
    conditions.Account(["acme"]), conditions.Account(["acme", "globex"]), conditions.InNote(3), conditions.Listed(), conditions.State("open"),
    conditions.State("proposed", "done"), conditions.OPEN, conditions.BLOCKED, conditions.RECURRING, conditions.words(["fix"]),
    conditions.words(["email"]), conditions.words(["ÉMAIL", "fix"]), conditions.words(["istanbul"]), conditions.words(["kelvin"]),
    conditions.words(["%"]), conditions.words(["_b"]), conditions.words(["\\"]), conditions.words(["日"]), conditions.words([]),
    conditions.Tag("#work"), conditions.Tag("work/deep"), conditions.Tag("日本"), conditions.Tag("#İ"), conditions.Tag("x\\y"), conditions.Tag("#wor"),
    conditions.Stale("2025-09-30"), conditions.Stale("2025-10-08"), conditions.overdue("2025-10-08"),
    conditions.priority("high+"), conditions.priority("low-"), conditions.priority("none"), conditions.priority("highest,lowest"),
    conditions.when("due", NO_DATE), conditions.when("due", Range("2025-10-08", "2025-10-09")), conditions.when("due", Range(None, None)),
    conditions.when("due", Range("2025-10-08", None)), conditions.when("happens", Range(None, "2025-10-08")),
    conditions.when("happens", NO_DATE), conditions.by(Range("2025-10-08", "2025-10-08")),
    conditions.Theirs(["jo"]), conditions.Theirs([]), conditions.Nobodys(), conditions.With(["dana"]), conditions.With(["dana leigh", "d. leigh"]), conditions.Naming("fix"),
    conditions.Naming("dana leigh"), conditions.Naming("d. leigh"), conditions.Naming("fix dana"), conditions.Naming("%"),
    conditions.Naming("email"), conditions.DOUBTED, conditions.UNDATED, conditions.planned("2025-10-08"),
]  # fmt: skip


@pytest.mark.parametrize("node", BUILT, ids=range(len(BUILT)))
def test_both_faces_of_the_command_line_s_filters_agree(node: Node):
    for seed in (4, 5):
        conn = generated(seed, PLAIN)
        assert disagreement(conn, node, PLAIN, every_row(conn)) == set()
        assert disagreement(conn, Not(node), PLAIN, every_row(conn)) == set()


def test_urgency_is_the_same_in_sql_and_in_python():
    conn = generated(6, PLAIN)
    term = urgency_term(TODAY.isoformat())
    by_sql = dict(conn.execute(f"SELECT t.rowid, {term.sql} FROM tasks t", term.params))
    assert by_sql == {row.key: urgency_of(row, TODAY.isoformat()) for row in every_row(conn)}


def test_a_priority_that_does_not_exist_is_a_mistake_that_helps():
    with pytest.raises(UsageError, match="Did you mean 'high'"):
        conditions.priority("hihg+")
    with pytest.raises(UsageError):
        conditions.priority("high++")
    with pytest.raises(UsageError):
        conditions.when("birthday", NO_DATE)
