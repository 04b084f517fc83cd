"""How wide texts are on a terminal, and how they are broken to fit."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from vaultindex.render import table


def test_the_characters_that_need_no_tables_are_as_wide_as_the_tables_say() -> None:
    # Of the planes in which nothing is assigned, or only for private use, some: nothing differs there.
    some = [*range(0x40000), *range(0x40000, 0xE0000, 97), *range(0xE0000, 0xF0000), *range(0xF0000, 0x110000, 97)]
    known = [chr(n) for n in some if (chr(n).isascii() and chr(n).isprintable()) or table._width_of_one(chr(n))]
    assert len(known) > 33_000
    assert [c for c in known if table.width_of(c) != wcswidth(c)] == []


@given(st.text())
def test_a_text_is_as_wide_as_wcwidth_says(text: str) -> None:
    assert table.width_of(text) == (len(text) if text.isascii() else max(wcswidth(text), 0))


@given(st.text(alphabet="ab é日🔺 ", max_size=60), st.integers(2, 30), st.integers(1, 5))
def test_a_broken_text_fits_and_loses_nothing_before_it_is_cut(text: str, width: int, most: int) -> None:
    lines = table.wrap(text, width, most)
    assert 1 <= len(lines) <= most and all(table.width_of(line) <= width for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join(" ".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Send the price sheet", ["Send the", "price", "sheet"]),
        ("Unbreakablewordoftwenty", ["Unbreaka…"]),
        ("one two three four five six seven", ["one two", "three", "four…"]),
    ],
)
def test_words_are_never_broken_inside_while_there_are_lines_left(text: str, lines: list[str]) -> None:
    assert table.wrap(text, 9, 3) == lines


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text(alphabet="ab é日🔺 -", max_size=80), st.integers(6, 30))
def test_a_folded_sentence_loses_no_letter_and_breaks_no_word(text: str, width: int) -> None:
    to = table.Screen(_Terminal(), width, False, False)
    lines = table.folded(text, to)
    assert " ".join(lines).split() == text.split()
    assert all(table.width_of(line) <= width or len(line.split()) == 1 for line in lines)
    assert table.folded(text, to._replace(file=io.StringIO())) == [text], "as it is in a pipe"


@pytest.mark.parametrize(
    ("text", "words", "spans"),
    [
        ("Preis für Zoë", ["preis", "zoe"], [(0, 5), (10, 13)]), ("ßa STRASSE Straße", ["strasse"], [(3, 10), (11, 17)]),
        ("aaa", ["aa", "a"], [(0, 3)]), ("nothing", ["x", ""], []), ("見積もり", ["積も"], [(1, 3)]),
    ],
)  # fmt: skip
def test_the_words_of_a_search_are_found_whatever_their_case_and_accents(
    text: str, words: list[str], spans: list[tuple[int, int]]
) -> None:
    joined: list[tuple[int, int]] = []
    for start, end in table.found_words(text, words):
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    assert joined == spans
