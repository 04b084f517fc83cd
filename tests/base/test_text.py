"""Bytes to text, and text that cannot act."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultindex.base import mojibake
from vaultindex.base.text import decode, fold, nearest, safe

EMOJI = ["🔺", "⏫", "🔼", "🔽", "⏬", "📅", "📆", "🗓️", "⏳", "🛫", "➕", "✅", "❌", "🔁", "🆔", "⛔", "🏁"]


def test_a_bom_is_dropped_and_not_a_problem() -> None:
    assert decode(b"\xef\xbb\xbf# A") == ("# A", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_and_without_a_bom(encoding: str) -> None:
    text, what = decode("# Title\n\n- [ ] task".encode(encoding))
    assert text == "# Title\n\n- [ ] task"
    assert what is not None and "UTF-16" in what


def test_bytes_that_are_not_utf_8_are_read_as_windows_1252_and_named_by_line() -> None:
    text, what = decode(b"good \xc3\xa9\nCaf\xe9 \x93quoted\x94")
    assert text == "good é\nCafé “quoted”"
    assert what is not None and "line 2" in what


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_that_can_be_stored(data: bytes) -> None:
    text, _ = decode(data)
    assert "\0" not in text
    text.encode("utf-8")


@pytest.mark.parametrize("codec", ["mac_roman", "cp1252", "latin-1"])
@pytest.mark.parametrize("sign", EMOJI)
def test_a_damaged_task_sign_is_read_as_meant_beside_good_text(codec: str, sign: str) -> None:
    try:
        damaged = sign.encode().decode(codec)
    except UnicodeDecodeError:
        damaged = sign.encode().decode("latin-1")
    assert mojibake.repair_line(f"- [ ] André’s list. {damaged} 2025-10-07") == f"- [ ] André’s list. {sign} 2025-10-07"


@pytest.mark.parametrize(
    "line",
    [
        "“Über” André",
        "naïve café – déjà vu",
        "NÃO é “IRMÔ",
        "„JÄ“ und 5 € für ‚x‘",
        "Ça va? Œuvre",
        "√2 ≈ 1,41 ± ∞",
        "© 2025 ® ™ • …",
        "Ελληνικά и кириллица",
        "日本語 🎉 émoji",
    ],
)
def test_real_text_is_never_taken_for_damage(line: str) -> None:
    assert mojibake.repair_line(line) is line


def test_the_repaired_lines_are_named() -> None:
    text = "good\nNorthwind‚Äôs bid\ngood é"
    assert mojibake.repair(text) == ("good\nNorthwind’s bid\ngood é", [2])


def test_a_whole_line_of_damaged_letters_turns_back() -> None:
    assert mojibake.repair_line("cafÃ© dÃ©jÃ\xa0 vu") == "café déjà vu"


@given(st.text())
def test_repairing_twice_changes_nothing_more_in_text_without_damage(line: str) -> None:
    once = mojibake.repair_line(line)
    if once == line:
        assert mojibake.repair_line(once) == once


@given(st.text())
def test_no_character_that_a_terminal_obeys_survives(text: str) -> None:
    for char in safe(text):
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
        assert char not in "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def test_what_is_hidden_is_shown_as_an_escape() -> None:
    assert safe("a\x1b]52;c;x\x07b\u202e") == r"a\x1b]52;c;x\x07b\u202e"


def test_right_to_left_letters_and_wide_characters_are_left_alone() -> None:
    assert safe("נועה 見積もり نور") == "נועה 見積もり نور"


@pytest.mark.parametrize(
    ("a", "b"), [("José", "jose"), ("ŁUKASZ  Øst", "lukasz ost"), ("O’Neil", "o'neil"), ("Zoe\u0308", "zoë")]
)
def test_names_meet_across_case_accents_and_quotes(a: str, b: str) -> None:
    assert fold(a) == fold(b)


def test_the_nearest_word_is_found() -> None:
    assert nearest("contso", ["Contoso", "Fabrikam"]) == ["Contoso"]
    assert nearest("leigh", ["Dana Leigh", "Sam Okoro"]) == ["Dana Leigh"]
    assert nearest("zzz", ["Contoso"]) == []


def test_a_folded_character_is_folded_for_good() -> None:
    every = (chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000)
    assert [char for char in every if fold(fold(char)) != fold(char)] == []
    assert fold("Œuvre") == fold("œuvre") == "oeuvre"
