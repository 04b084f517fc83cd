"""The full-text search finds scripts without spaces in each form in which they are written."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from vaultindex.ask.search import search


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("words", "text"), [("회의", "오늘 회의록에서 가격"), ("ﾗｲｾ", "新しいﾗｲｾﾝｽ"), ("ガイド", "新ガイドブック")]
)
def test_search_finds_letters_apart_and_half_wide(
    small: Path, indexed: Callable[[Path], sqlite3.Connection], words: str, text: str, form: str
) -> None:
    (small / "n.md").write_text(text + "\n", encoding="utf-8")
    (small / "d.md").write_text(unicodedata.normalize("NFD", text) + "\n", encoding="utf-8")
    found = search(indexed(small), unicodedata.normalize(form, words))
    assert sorted(row["path"] for row in found) == ["d.md", "n.md"]


def test_several_parts_of_words_are_found_together_however_they_are_written(
    small: Path, indexed: Callable[[Path], sqlite3.Connection]
) -> None:
    (small / "both.md").write_text("The prepayments of the subcontractors.\n", encoding="utf-8")
    (small / "one.md").write_text("The prepayments are late.\n", encoding="utf-8")
    conn = indexed(small)
    for words in ("payment contract", "PAYMENT Payment contract", "repay ubcontra"):
        assert [row["path"] for row in search(conn, words)] == ["both.md"], words
    assert search(conn, "payment nonesuch") == search(conn, "nonesuch payment") == []
