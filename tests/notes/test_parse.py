"""A whole note: what is promised of `parse_note` for any text, and the mini-cases with their rules."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.reading import mini_aspects, resolution_case
from tests.fuzz import differential, two_ways
from tests.times import times
from vaultindex.notes.blocks.reading import Reading
from vaultindex.notes.parse import parse_note
from vaultindex.notes.quick_blocks import read_lines_quickly

HERE = Path(__file__).resolve().parent.parent
with open(HERE / "golden" / "c_minicases.jsonl", encoding="utf-8") as file:
    CASES: list[dict[str, Any]] = [json.loads(line) for line in file]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['rule']}")
def test_a_mini_case_is_read_as_obsidian_reads_it(case: dict[str, Any]) -> None:
    if case["area"] == "resolution":
        assert resolution_case(case) == case["expect"]
        return
    got = mini_aspects(parse_note(case["md"], "x.md"))
    assert {aspect: got[aspect] for aspect in case["expect"]} == case["expect"]


NOTE = "---\na: [x\n---\n# H\n\ntext [[l]]\n- [ ] t #g\n  - u\n\n> [!n] q\n> - [x] v ^id\n"


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_kind_of_line_end_changes_nothing_but_the_text(ending: str) -> None:
    plain, other = parse_note(NOTE, "x.md"), parse_note(NOTE.replace("\n", ending), "x.md")
    assert other.text == NOTE.replace("\n", ending)
    assert other[2:] == plain[2:]


def test_only_real_line_ends_end_lines() -> None:
    note = parse_note("a\u2028b\x0cc\x85d\n- [ ] e", "x.md")
    assert note.lines == ["a\u2028b\x0cc\x85d", "- [ ] e"]
    assert [item.line for item in note.items] == [2]


def test_a_byte_order_mark_hides_no_frontmatter() -> None:
    assert parse_note("\ufeff---\na: 1\n---\n", "x.md").properties == {"a": 1}


def test_lines_and_columns_are_those_of_the_file() -> None:
    note = parse_note("---\na: 1\n---\n- b\n  > - [x] 😀 #t [[l]]\n", "x.md")
    assert note.body == 4
    assert [(tag.line, tag.col) for tag in note.tags] == [(5, 12)]
    assert [(link.line, link.col) for link in note.links] == [(5, 15)]
    assert [(item.line, item.col, item.parent, item.root) for item in note.items] == [
        (4, 0, None, True),
        (5, 4, 4, False),
    ]


def test_a_construct_over_lines_keeps_its_source() -> None:
    (link,) = parse_note("> [a\n> b](c.md)", "x.md").links
    assert (link.line, link.col, link.raw, link.link) == (1, 2, "[a\n> b](c.md)", "c.md")


def test_an_item_ends_with_its_children() -> None:
    items = parse_note("- a\n  - b\n    more\n\n- c\n", "x.md").items
    assert [(item.line, item.end, item.depth, item.parent) for item in items] == [
        (1, 3, 0, None),
        (2, 3, 1, 1),
        (5, 5, 0, None),
    ]


def test_the_blocks_of_the_root_are_listed_in_order() -> None:
    note = parse_note(
        "---\na: 1\n---\n# H\ntext\n- a\n\n> [!n]\n> b\n\n|a|\n|-|\n```\nc\n```\n---\n$$\nd\n$$\n%%\ne\n%%\n<div>\n",
        "x.md",
    )
    assert [(block.kind, block.line, block.end) for block in note.blocks] == [
        ("yaml", 1, 3), ("heading", 4, 4), ("paragraph", 5, 5), ("list", 6, 6), ("callout", 8, 9), ("table", 11, 12),
        ("code", 13, 15), ("thematicBreak", 16, 16), ("math", 17, 19), ("comment", 20, 22), ("html", 23, 23),
    ]  # fmt: skip


@given(
    st.text(
        alphabet=st.sampled_from(list("ab#[]()|!*_`$%<>=~^-+1.: \t\n\r\\\"'{}&@/\u00a0\ufeff\ud800é😀")), max_size=60
    )
)
@settings(max_examples=times(200), deadline=None)
def test_no_text_raises_and_the_same_text_gives_an_equal_note(text: str) -> None:
    assert parse_note(text, "x.md") == parse_note(text, "x.md")
    assert parse_note("---\n" + text + "\n---\n", "x.md").lines


def test_the_quick_reading_says_what_the_rules_say() -> None:
    sure, wrong = two_ways.compare(times(1500), seed=20)
    assert wrong == []
    assert sure > 375


def test_ordinary_notes_need_no_rules() -> None:
    notes = differential.seeds()
    sure = sum(read_lines_quickly(Reading("x.md"), note.split("\n"), 1) for note in notes)
    assert sure > 0.6 * len(notes)  # most of these are made to be odd


def test_an_ordinary_note_loads_neither_the_markdown_engine_nor_yaml() -> None:
    code = (
        "import sys; from vaultindex.notes.parse import parse_note\n"
        "parse_note('---\\ntags: [a]\\nb: 2025-01-01\\n---\\n# H\\n- [ ] [[l]] #t `c`\\n\\n> q\\n', 'x.md')\n"
        "print([name for name in ('markdown_it', 'yaml', 'frontmatter') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "text",
    ["a\n" * 2_600_000, "- a\n" * 50_001, "c\n" * 250_001],
    ids=["characters", "items", "lines"],
)
def test_a_note_beyond_the_limits_keeps_its_properties_and_says_so(text: str) -> None:
    note = parse_note("---\na: 1\n---\n# H\n" + text, "x.md")
    assert note.properties == {"a": 1}
    assert [problem.kind for problem in note.problems] == ["size"]
    assert (note.headings, note.items) == ([], [])


HOSTILE = {
    "quotes in quotes": ("> " * 90 + "a\n") * 2_000,
    "lists in lists": "\n".join(" " * (2 * depth) + "- a" for depth in range(500)),
    "items on a line": "- " * 60_000,
    "open brackets": "[" * 150_000,
    "brackets": "[" * 75_000 + "]" * 75_000,
    "open links": "[[a" * 60_000,
    "open destinations": "[a](<" * 40_000,
    "parentheses": "[a]" + "(" * 150_000,
    "open notes": "^[" * 75_000,
    "emphasis": "*a **b _c __d " * 10_000,
    "snakes": "_a" * 75_000,
    "ticks": "".join("`" * size + "a" for size in range(1, 540)),
    "open tags": "<a b='" * 30_000,
    "addresses": "<a@b" * 40_000,
    "mails": "_" * 150_000 + "@x",
    "dollars": "$a " * 60_000,
    "cells": "|" + "a|" * 70_000 + "\n|" + "-|" * 70_000,
    "definitions": "[a\n" * 60_000,
    "angles": "<" * 150_000 + " #a",
    "spaces": "# a" + " " * 150_000 + "x",
    "footnotes": "[^1]: a\n" * 30_000 + "<div>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_note_costs_less_than_two_seconds(kind: str) -> None:
    start = time.process_time()
    parse_note(HOSTILE[kind], "x.md")
    assert time.process_time() - start < 2


def test_what_is_nested_too_deep_is_named() -> None:
    note = parse_note("\n".join(" " * (2 * depth) + "- a" for depth in range(300)), "x.md")
    assert [problem.kind for problem in note.problems] == ["nesting"]
    assert len(note.items) > 90
