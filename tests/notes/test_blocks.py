"""The block rules, one promise each. `rules` reads by the rules alone, so that the quick reading hides nothing."""

from __future__ import annotations

import pytest

from tests.fuzz.two_ways import disagreements
from vaultindex.notes.blocks.engine import RULES, engine, read_blocks
from vaultindex.notes.blocks.reading import Reading


def rules(text: str) -> Reading:
    assert disagreements(text)[1] == []
    return read_blocks("x.md", text.split("\n"), 1)


def kinds(text: str) -> list[tuple[str, int, int]]:
    return [(block.kind, block.line, block.end) for block in rules(text).blocks]


def items(text: str) -> list[tuple[int, str | None, int | None]]:
    return [(item.line, item.status, item.parent) for item in rules(text).items]


def test_every_rule_is_registered_once_and_in_order() -> None:
    assert engine().block.ruler.get_active_rules() == [name for name, _, _ in RULES]


# ---- lists


def test_two_columns_nest_and_one_does_not() -> None:
    assert items("- a\n  - b\n - c") == [(1, None, None), (2, None, 1), (3, None, None)]


def test_a_tab_counts_four_columns() -> None:
    assert items("- a\n\t- b\n\t\t- c") == [(1, None, None), (2, None, 1), (3, None, 2)]


def test_six_columns_under_an_item_go_on_with_its_text() -> None:
    assert items("- a\n      - b") == [(1, None, None)]


def test_a_wide_bullet_does_not_swallow_four_columns() -> None:
    assert items("10. a\n    - b") == [(1, None, None), (2, None, 1)]


def test_another_marker_begins_another_list() -> None:
    assert [item.top for item in rules("- a\n* b\n1. c\n1) d\n2) e").items] == [1, 2, 3, 4, 4]
    assert kinds("- a\n* b") == [("list", 1, 1), ("list", 2, 2)]


def test_only_one_interrupts_a_paragraph_among_numbers() -> None:
    assert items("a\n2. b") == []
    assert items("a\n1. b") == [(2, None, None)]
    assert items("a\n- b") == [(2, None, None)]


def test_a_blank_line_does_not_end_a_list_but_text_behind_it_does() -> None:
    assert kinds("- a\n\n- b\n\nc\n- d") == [("list", 1, 3), ("paragraph", 5, 5), ("list", 6, 6)]


def test_a_number_and_a_dot_count_as_columns_of_a_line() -> None:
    assert kinds("- a\n\n1.5 b") == [("list", 1, 3)]


def test_unindented_text_under_nested_items_costs_none_of_them() -> None:
    assert items("- [ ] a\n    - [ ] b\ntext") == [(1, " ", None), (2, " ", 1)]


def test_two_items_may_stand_on_one_line() -> None:
    assert items("- [ ] 1. a") == [(1, " ", None), (1, None, 1)]
    assert items("- - [x] a") == [(1, None, None), (1, "x", 1)]


@pytest.mark.parametrize("line", ["- [ ]", "- []", "- [xx] a", "- [x]a", "- [🔥] a", "-[ ] a", "[ ] a", "- [x](u) a"])
def test_no_task_without_one_character_and_a_space(line: str) -> None:
    assert [status for _, status, _ in items(line)] in ([None], [])


def test_the_text_of_an_item_is_what_stands_behind_marker_and_box() -> None:
    assert [item.text for item in rules("- [/] a  \n1. b\n-   [ ] c").items] == ["a  ", "b", "c"]


def test_a_fence_a_rule_and_a_heading_end_a_list_and_a_quote_does_not() -> None:
    assert kinds("- a\n```\n```") == [("list", 1, 1), ("code", 2, 3)]
    assert kinds("- a\n---") == [("list", 1, 1), ("thematicBreak", 2, 2)]
    assert kinds("- a\n# b") == [("list", 1, 1), ("heading", 2, 2)]
    assert kinds("- a\n> b") == [("list", 1, 2)]


def test_a_list_in_a_quote_is_not_at_the_root() -> None:
    assert [(item.line, item.col, item.root) for item in rules("> - a\n>   - b").items] == [
        (1, 2, False),
        (2, 4, False),
    ]


# ---- what hides


@pytest.mark.parametrize(
    "text",
    [
        "```\n- a\n# b\n```", "~~~ x\n- a\n```\n~~~", "```\n- a", "    - a", "\t- a", "<!--\n- a\n-->", "<div>\n- a\n# b",
        "<pre>\n\n- a\n</pre>", "%%\n- a\n# b\n%%", "$$\n- a\n$$", "<?\n- a\n?>", "<x-y>\n- a",
    ],
)  # fmt: skip
def test_inside_it_there_are_neither_items_nor_headings(text: str) -> None:
    assert (rules(text).items, rules(text).headings) == ([], [])


def test_a_fence_needs_a_closing_one_as_long_with_nothing_behind() -> None:
    assert kinds("````\n```\n```` x\n````\na") == [("code", 1, 4), ("paragraph", 5, 5)]


def test_backticks_behind_backticks_open_no_fence() -> None:
    assert kinds("```a`b\nc") == [("paragraph", 1, 2)]


def test_an_html_block_ends_at_an_empty_line_and_a_lone_tag_interrupts_nothing() -> None:
    assert kinds("<div>\n- a\n\n- b") == [("html", 1, 2), ("list", 4, 4)]
    assert kinds("a\n<x>\nb") == [("paragraph", 1, 3)]
    assert kinds("a\n<div>\nb") == [("paragraph", 1, 1), ("html", 2, 3)]


def test_display_math_does_not_open_while_inline_math_is_open() -> None:
    assert kinds("a $$ b\n$$\nc") == [("paragraph", 1, 3)]
    assert kinds("a\n$$\nc") == [("paragraph", 1, 1), ("math", 2, 3)]


# ---- headings


def test_headings_are_raw_text_of_the_root() -> None:
    found = rules("# a **b** #\n>  # c\n\n- # d\n\nx\n   ## e\n\n    # f\n#g\n####### h").headings
    assert [(heading.line, heading.level, heading.text) for heading in found] == [(1, 1, "a **b**"), (7, 2, "e")]


def test_a_setext_heading_has_one_line_and_an_underline_of_any_length() -> None:
    assert [(h.level, h.text) for h in rules("a\n-\n\nb\n=\n\nc\nd\n---\n\ne\n--- ").headings] == [(2, "a"), (1, "b")]


# ---- tables, quotes, footnotes, definitions, paragraphs


def test_a_table_does_not_interrupt_a_paragraph_and_its_rows_begin_alike() -> None:
    assert kinds("a\n|b|\n|-|") == [("paragraph", 1, 3)]
    assert kinds("|b|\n|-|\n|c|\nd|e") == [("table", 1, 3), ("paragraph", 4, 4)]
    assert kinds("b|c\n-|-\nd|e\n|f|") == [("table", 1, 3), ("paragraph", 4, 4)]


def test_cells_end_at_bars_that_are_neither_escaped_nor_code() -> None:
    assert [(run.text, run.col) for run in rules("|a|b|\n|-|-|\n| x\\|y |`|` z|").texts] == [
        ("a", 1), ("b", 3), ("x\\|y", 2), ("`|` z", 8),
    ]  # fmt: skip


def test_a_quote_takes_lazy_lines_until_a_block_begins() -> None:
    assert kinds("> a\nb\n- c") == [("blockquote", 1, 2), ("list", 3, 3)]
    assert kinds("> [!note] a\n> b") == [("callout", 1, 2)]


def test_a_footnote_holds_its_indented_lines() -> None:
    assert items("[^1]: a\n    - [ ] b\n\nc") == [(2, " ", None)]
    assert kinds("[^1]: a\nb\n\nc") == [("footnoteDefinition", 1, 2), ("paragraph", 4, 4)]


def test_a_definition_holds_no_inline_text() -> None:
    reading = rules('[a #b]: c "d"\n[e]: <f g>\n[h]: i j')
    assert [(block.kind, block.line) for block in reading.blocks] == [
        ("definition", 1),
        ("definition", 2),
        ("paragraph", 3),
    ]
    assert [run.text for run in reading.texts] == ["[h]: i j"]


def test_a_block_id_names_its_paragraph_its_item_or_the_block_above() -> None:
    assert rules("a\nb ^p1\n\n- c ^i1\n  - d\n    e ^i2\n\n> q\n\n^q1\n\n`^no`").block_ids == {
        "p1": 1, "i1": 4, "i2": 5, "q1": 8,
    }  # fmt: skip
