"""The query language over an index: the plugin's answers, errors with their line, limits that hold."""

from __future__ import annotations

import sqlite3
import time
from datetime import date
from pathlib import Path

import pytest

from tests.conformance.queries import Corpus, create_tables, difference, lines, put_note, put_task
from vaultindex.ask.tasks.conditions import Listed, Written
from vaultindex.query.engine import run
from vaultindex.query.language.lines import QueryNote
from vaultindex.query.language.parser import parse
from vaultindex.query.nodes.errors import QueryError
from vaultindex.tasks.plugin_settings import TaskSettings

GOLDEN = Path(__file__).parent.parent / "golden"
TODAY = date(2025, 10, 8)
DEFAULTS = TaskSettings()
LINES = (
    "- [ ] Send the price sheet @Dana 🔺 📅 2025-10-07",
    "- [ ] 50% off_season \\ sale 📅 2025-10-08",
    "- [x] Old thing ✅ 2025-10-01",
    "- [/] Bad day 📅 2025-02-30",
    "- [ ] First ⛔ b",
    "- [ ] Second 🆔 b #Work/deep",
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(GOLDEN / "query_corpus.json")


@pytest.fixture
def index() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:")
    create_tables(conn)
    put_note(conn, 1, "Work/Plan.md")
    for number, raw in enumerate(LINES, start=1):
        put_task(conn, number, (1, number, "Work/Plan.md"), raw, "Tasks", DEFAULTS)
    return conn


def found(conn: sqlite3.Connection, text: str, settings: TaskSettings = DEFAULTS) -> list[int]:
    return sorted(task.key for task in run(conn, text, today=TODAY, settings=settings).tasks)


def refused(conn: sqlite3.Connection, text: str, settings: TaskSettings = DEFAULTS) -> QueryError:
    with pytest.raises(QueryError) as error:
        run(conn, text, today=TODAY, settings=settings)
    return error.value


@pytest.mark.parametrize("part", range(4))
def test_the_plugin_s_answers_are_ours(corpus: Corpus, part: int):
    """A quarter of all cases of each kind; the whole runs in `make conformance`."""
    wrong, seen = [], 0
    for number, case in enumerate(lines(GOLDEN / "queries.jsonl.gz")):
        if case["cat"] == "js_enabled" or number % 16 != part * 4:
            continue
        seen += 1
        differs = difference(case, corpus.answer(case))
        if differs:
            wrong.append((case["id"], case["query"], differs))
    assert wrong == []
    assert seen > 90


def test_a_mistake_names_its_line_and_kind_and_ends_with_2(index):
    error = refused(index, "not done\n\n# a comment\ndue befor sometime")
    assert (error.kind, error.line, error.exit_code) == ("date", 4, 2)
    assert str(error).startswith("line 4: ")
    assert "due befor sometime" in str(error)


def test_a_mistake_in_the_global_query_is_not_blamed_on_a_line_of_the_text(index):
    error = refused(index, "not done", DEFAULTS._replace(global_query="nonsense"))
    assert (error.kind, error.line, error.instruction) == ("unknown_instruction", None, "nonsense")


def test_a_continued_line_is_counted_from_where_it_begins(index):
    assert refused(index, "not done\nnot \\\n  understood").line == 2


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("nto done", "not done"),
        ("has duedate", "has due date"),
        ("hide due dat", "hide due date"),
        ("is blockd", "is blocked"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_instruction(index, typo, meant):
    assert f"Did you mean '{meant}'?" in str(refused(index, typo))


def test_javascript_is_refused_with_the_nearest_plain_filter(index):
    error = refused(index, "filter by function task.due.moment?.isBefore(moment())")
    assert error.kind == "js_disabled"
    assert "due before tomorrow" in str(error)
    assert "sort by" in str(refused(index, "sort by function task.urgency"))


def test_a_comment_behind_an_instruction_is_explained(index):
    assert "A comment stands in a line of its own" in str(refused(index, "has tags # mine"))


@pytest.mark.parametrize(
    ("needle", "keys"),
    [
        ("%", [2]),
        ("_", [2]),
        ("\\ s", [2]),
        ("'; DROP TABLE tasks; --", []),
        ('"', []),
        ("50% OFF", [2]),
    ],
)
def test_text_is_literal_and_never_reaches_sql(index, needle, keys):
    assert found(index, f"description includes {needle}") == keys
    assert found(index, "") == [1, 2, 3, 4, 5, 6]


def test_capitals_beyond_ascii_are_found_as_the_plugin_finds_them():
    conn = sqlite3.connect(":memory:")
    create_tables(conn)
    put_note(conn, 1, "A.md")
    for number, text in enumerate(("İstanbul", "\u212aelvin", "ÉCOLE", "plain"), start=1):
        put_task(conn, number, (1, number, "A.md"), f"- [ ] {text}", None, DEFAULTS)
    assert found(conn, "description includes i") == [1, 2, 4]
    assert found(conn, "description includes kelvin") == [2]
    assert found(conn, "description includes école") == [3]


def test_a_date_that_does_not_exist_is_a_date_but_lies_nowhere(index):
    assert 4 in found(index, "has due date")
    assert found(index, "due date is invalid") == [4]
    for words in ("due before 2030-01-01", "due after 2000-01-01", "NOT (no due date)\ndue 2025"):
        assert 4 not in found(index, words)
    assert 4 in found(index, "NOT (due before 2030-01-01)")


def test_blocked_and_blocking_look_over_the_whole_index(index):
    assert found(index, "is blocked") == [5]
    assert found(index, "is blocking") == [6]


def test_a_further_condition_narrows_any_query(index):
    result = run(index, "not done", today=TODAY, settings=DEFAULTS, also=Written(["dana"]))
    assert [task.key for task in result.tasks] == [1]
    assert run(index, "", today=TODAY, settings=DEFAULTS, also=Listed()).total == 6


def test_a_limit_counts_what_it_left_out(index):
    result = run(index, "not done\nlimit 2", today=TODAY, settings=DEFAULTS)
    assert (result.total, result.total_before_limit, result.count_text) == (2, 5, "2 of 5 tasks")
    assert result.sql.endswith("LIMIT 2")


def test_the_same_order_comes_with_and_without_a_limit(corpus: Corpus):
    conn = corpus.index(DEFAULTS)
    for order in (
        "sort by urgency",
        "sort by description reverse",
        "sort by random",
        "sort by tag 2",
        "sort by due\nsort by path",
    ):
        whole = [task.key for task in run(conn, order, today=TODAY, settings=DEFAULTS).tasks]
        some = [task.key for task in run(conn, f"{order}\nlimit 17", today=TODAY, settings=DEFAULTS).tasks]
        assert some == whole[:17]


def test_a_query_can_be_parsed_without_an_index():
    query = parse("not done\ndue today", TODAY, DEFAULTS)
    assert query.explanation().startswith("not done =>\n  status type is TODO or IN_PROGRESS or ON_HOLD")


HOSTILE = {
    "unbalanced": "((((not done) AND (",
    "brackets": "(" * 90_000,
    "quotes": '"' * 90_000,
    "nested": "(" * 5_000 + "done" + ")" * 5_000,
    "negations": "NOT (" * 3_000 + "done" + ")" * 3_000,
    "many filters": " AND ".join(["(done)"] * 9_000),
    "many lines": "\n".join(["done"] * 50_000),
    "empty lines": "\n" * 99_000 + "x",
    "continued": "\\\n" * 45_000 + "x",
    "long word": "x" * 99_000,
    "long date": "due " + "1 day, " * 14_000,
    "long number": "limit " + "9" * 4_000 + "x\nnonsense",
    "placeholders": "{{" * 45_000,
    "template": "due <% tp.date.now() %>",
    "too long": "done\n" * 100_000,
    "function": "filter by function while(true){}",
    "regex in regex": "description regex matches /(a+)+$/",
    "nested regex": f"description regex matches /{'(' * 240}a{')' * 240}/",
    "huge repeat": "description regex matches /a{1000000000}/",
    "sort": "sort by tag 99999999999999999999999999\nsort by tag 0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_end_with_a_clear_error_in_under_a_second(index, name):
    started = time.process_time()
    error = refused(index, HOSTILE[name])
    assert time.process_time() - started < 1
    assert error.exit_code == 2
    assert 0 < len(str(error)) < 5_000


def test_as_many_filters_as_are_allowed_still_run(index):
    text = "\n".join(f"(due before 2025-10-{day % 28 + 1:02}) OR (has due date)" for day in range(1_000))
    started = time.process_time()
    assert found(index, text) == [1, 2, 4]
    deep = "(" * 20 + "done" + ") OR (not done)" + ")" * 19
    assert found(index, deep) == [1, 2, 3, 4, 5, 6]
    chain = " XOR ".join(["(done)"] * 499)
    assert found(index, chain) == [3]
    assert time.process_time() - started < 3


def test_a_slow_regular_expression_is_stopped():
    conn = sqlite3.connect(":memory:")
    create_tables(conn)
    put_note(conn, 1, "A.md")
    put_task(conn, 1, (1, 1, "A.md"), "- [ ] " + "a" * 60 + "b", None, DEFAULTS)
    started = time.process_time()
    error = refused(conn, "not done\ndescription regex matches /(a|aa)+$/")
    assert time.process_time() - started < 10  # it runs for hours otherwise
    assert (error.kind, error.exit_code) == ("regex", 2)


def test_presets_that_hold_each_other_end(index):
    loop = DEFAULTS._replace(presets={"a": "preset b", "b": "preset a"})
    assert refused(index, "preset a", loop).kind == "preset"
    tree = {f"p{n}": f"preset p{n + 1}\n\npreset p{n + 1}" for n in range(18)} | {"p18": "# nothing"}
    assert refused(index, "preset p0", DEFAULTS._replace(presets=tree)).kind == "too_large"
    bomb = {f"p{n}": f"{{{{preset.p{n + 1}}}}}" * 50 for n in range(9)} | {"p9": "x"}
    assert refused(index, "{{preset.p0}}", DEFAULTS._replace(presets=bomb)).kind == "too_large"


def test_the_note_s_properties_and_the_global_query_come_first(index):
    note = QueryNote("Work/Plan.md", {"TQ_short_mode": True, "TQ_show_tree": True, "TQ_extra_instructions": "limit 3"})
    settings = DEFAULTS._replace(global_query="not done\nlimit 1")
    result = run(index, "", today=TODAY, settings=settings, query_note=note)
    assert (result.total, result.layout.short_mode) == (3, True)
    assert "hideTree" not in result.layout.hidden_elements
    assert run(index, "ignore global query", today=TODAY, settings=settings).total == 6
