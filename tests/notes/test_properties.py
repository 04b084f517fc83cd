"""Properties: YAML 1.2's core values, what is refused with which line, and the strict reader held to the YAML path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.times import times
from vaultindex.base.errors import Problem
from vaultindex.notes.parse import parse_note
from vaultindex.notes.properties import read_properties, read_yaml
from vaultindex.notes.quick_properties import read_simple


def read(yaml: str) -> dict[str, Any]:
    return read_properties("x.md", yaml.split("\n")).values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-01-02", "2025-01-02"), ("2025-01-02T10:00:00", "2025-01-02T10:00:00"), ("12:30", "12:30"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"),
        ("true", True), ("False", False), ("", None), ("~", None), ("null", None), ("0777", 777), ("0o17", 15), ("0x1F", 31), ("-4", -4), ("+3", 3), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5),
        ("1_000", "1_000"), ("0b11", "0b11"), ("1:30:00", "1:30:00"), (".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"), ("=", "="), ("a # b", "a"), ("a#b", "a#b"), ("a:b", "a:b"),
        ("'it''s'", "it's"), ('"a\\tb"', "a\tb"), ('"\\U0001f600"', "😀"), ("[a, 1, ~]", ["a", 1, None]), ("[[X]]", [["X"]]), ("{a: 1}", {"a": 1}), ("!!str 5", "5"), ("!t x", "x"), ("!!timestamp 2025-01-02", "2025-01-02"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_yaml_1_2_has_it(text: str, value: Any) -> None:
    got = read(f"k: {text}")["k"]
    assert got == value
    assert type(got) is type(value)
    assert got == read_yaml("x.md", f"k: {text}", [])[0]["k"]


@pytest.mark.parametrize(
    ("yaml", "line"),
    [("a: 1\nb: c: d", 3), ("a: 1\na: 2", 3), ("a: 1\nb:\n\t- c", 4), ("- a\n- b", 2), ("just text", 2), ("a: @me", 2), ("a: [b", 3), ("a: 'b\nc: d", 2), ("a: \"b\nc: \"d\"", 2)],
)  # fmt: skip
def test_what_is_not_valid_gives_no_properties_and_names_the_line(yaml: str, line: int) -> None:
    note = parse_note(f"---\n{yaml}\n---\n# H [[l]]\n", "x.md")
    assert note.properties == {}
    (problem,) = note.problems
    assert (problem.kind, problem.path) == ("yaml", "x.md")
    assert abs(problem.line - line) <= 1  # the C parser names the place where it noticed
    assert [heading.text for heading in note.headings] == ["H [[l]]"]
    assert note.headings[0].line == yaml.count("\n") + 4


def test_a_template_stays_readable_and_is_named() -> None:
    note = parse_note("---\na: {{date}}\nb: 1\n---\n", "x.md")
    assert note.properties == {"a": {"{ date }": None}, "b": 1}
    assert [problem.line for problem in note.problems] == [2]


HOSTILE = {
    "brackets": "a: " + "[" * 30_000,
    "short brackets": "a: " + "[" * 1_900,
    "dashes": "- " * 30_000,
    "braces": "a: " + "{a: " * 500,
    "megabytes": "a: b\n" * 400_000,
    "laughs": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
    "itself": "a: &a [*a]",
    "itself in a map": "a: &a\n  b: *a",
    "digits": "a: " + "9" * 5_000,
    "dates": "a: 2026-02-30\nb: 25:61:00\nc: 0000-00-00",
    "control": "a: \x07",
    "surrogate": "a: \ud800",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_yaml_costs_neither_the_process_nor_the_note(kind: str) -> None:
    note = parse_note(f"---\n{HOSTILE[kind]}\n---\n# H [[l]]\n", "x.md")
    assert json.loads(json.dumps(note.properties, allow_nan=False)) == note.properties
    assert len(json.dumps(note.properties)) < 200_000
    assert [link.link for link in note.links] == ["l"]
    assert kind in ("dates", "digits", "surrogate") or [problem.kind for problem in note.problems][:1] == ["yaml"]


def test_a_property_that_unfolds_to_too_much_costs_only_itself() -> None:
    problems: list[Problem] = []
    values, places = read_yaml("x.md", "ok: 1\nbad: &b [*b]\nalso: 2", problems)
    assert values == {"ok": 1, "also": 2}
    assert places == {"ok": 2, "also": 4}
    assert [problem.line for problem in problems] == [3]


def test_keys_know_their_lines() -> None:
    assert read_properties("x.md", ["a: 1", "", "b:", "  - x", "c: |", "  d: no key", "'e f': 1"]).lines == {
        "a": 2,
        "b": 4,
        "c": 6,
        "e f": 8,
    }


@pytest.mark.parametrize(
    ("yaml", "tags"),
    [
        ("tags: [a, '#b', c/d]", ["#a", "#b", "#c/d"]), ("tags: a", ["#a"]), ("tags: a, b", []), ("tags:", None), ("tags: []", []), ("tag: a", None), ("Tags:\n  - a b\n  - 12\n  - '12'\n  - x", ["#x"]), ("a: 1", None), ("tags:\n  - #a\n  - b", ["#b"]),
    ],
)  # fmt: skip
def test_the_tags_property_gives_legal_tags_only(yaml: str, tags: list[str] | None) -> None:
    assert read_properties("x.md", yaml.split("\n")).tags == tags


def test_a_link_is_the_whole_text_of_a_value_at_any_depth() -> None:
    yaml = 'up: "[[A#h|x]]"\nrel:\n  - "[[B]]"\n  - see [[C]]\ndeep:\n  er:\n    - " [[D]] "\nno: "![[E]]"\nraw: [[F]]'
    links = read_properties("x.md", yaml.split("\n")).links
    assert [(key, link.link, link.line, link.kind) for key, link in links] == [
        ("up", "A#h", 2, "property"), ("rel.0", "B", 3, "property"), ("deep.er.0", "D", 6, "property"),
    ]  # fmt: skip
    assert (links[0][1].linkpath, links[0][1].subpath, links[0][1].display) == ("A", "#h", "x")


_SCALARS = st.one_of(
    st.sampled_from(
        ["a", "a b", "2025-01-02", "12:30", "0777", "-1", "1.5", "~", "null", "true", "no", "'q'", '"d"', "'#t'", '"[[L]]"', "[[L]]", "[a, b]", "['a', \"b\", 1]", "[]", "[a,]", "{a: b}", "# c", "a # c", "a: b", "a:", "|", ">", "&a", "*a", "!t x", "@x", "- a", "-", "a, b", "é", "😀 a", "{{d}}", "https://a.b/c", '"a\\"b"', "'a''b'", "a 'b'", ".", "...", "(a)", "x  y", "-x", "--x", "n", "<<", "=", "%a", "`a`", "?", "? a", "[a b, c]", "[a: b]", "[ a , b ]", "[[a], b]"]
    ),
    st.text(alphabet="ab1-:#'\"[]{}, .&*!|>%@`~nté", max_size=8),
)  # fmt: skip
_KEYS = st.sampled_from(
    ["a", "b c", "Tags", "tags", "é", "x-y", "x_1", "a ", "null", "1", "'q'", "<<", "a:b", "?", "- a", "[a]", " a"]
)
_LINES = st.one_of(
    st.tuples(_KEYS, st.sampled_from([": ", ":  ", ":", " : "]), _SCALARS, st.sampled_from(["", "", " "])).map("".join),
    st.tuples(st.sampled_from(["  - ", "- ", "    - ", "  -  ", " - ", "  -", "\t- "]), _SCALARS).map("".join),
    _KEYS.map(lambda key: key + ":"),
    st.sampled_from(["", "  ", "# c", "  # c", "  a", "a"]),
)


@given(st.lists(_LINES, max_size=6))
@settings(max_examples=times(500), deadline=None)
def test_the_strict_reader_says_what_the_yaml_parser_says_or_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    simple = read_simple(lines, text)
    if simple is None:
        return
    problems: list[Problem] = []
    values, places = read_yaml("x.md", text, problems)
    assert problems == []
    assert json.dumps(simple[0]) == json.dumps(values)
    assert simple[1] == places


def test_the_strict_reader_takes_what_most_notes_hold() -> None:
    lines = [
        "type: meeting",
        'title: "A: b"',
        "date: 2025-01-02",
        "account: Contoso Ltd",
        "tags: [a, b/c]",
        "people:",
        "  - Dana Leigh",
        '  - "[[Sam]]"',
        "done: true",
    ]
    simple = read_simple(lines, "\n".join(lines))
    assert simple is not None
    assert simple[0] == {
        "type": "meeting", "title": "A: b", "date": "2025-01-02", "account": "Contoso Ltd", "tags": ["a", "b/c"], "people": ["Dana Leigh", "[[Sam]]"], "done": True,
    }  # fmt: skip
