"""What is looked for first, so that most lines are done with quickly, never changes what is read."""

from __future__ import annotations

import pytest

from vaultindex.base.text import apart, may_need_spaces
from vaultindex.extract.tasks import _MAY_SAY_WHEN, _may_say_when
from vaultindex.meetings import who
from vaultindex.meetings.item import _OWNER_SAID, _may_say_who
from vaultindex.meetings.when import _BY_IN_ASCII, _by_at_end
from vaultindex.meetings.words import _NOTHING, nothing


@pytest.mark.parametrize(
    "line",
    [
        "[[Dana Leigh]], [[Sam Okoro]]",
        "[[Dana Leigh]], [[Dana Leigh]]",
        "[[Zoë Marsh|Zoë]]",
        "[[Dr Leigh]], [[Sam Okoro]]",
        "[[None Known]], [[Sam Okoro]]",
        "[[Dana and Sam]], [[Mei Tanaka]]",
        "[[van Dyke]], [[Mei Tanaka]]",
        "[[Absent]], [[Mei Tanaka]]",
        "[[A_B]], [[mei tanaka]]",
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_line_of_links_alone_is_read_as_any_line(line: str, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly = who.attendees_in(line, whole)
    monkeypatch.setattr(who, "_only_links", lambda text: [])
    assert quickly == who.attendees_in(line, whole)


def test_nothing_is_found_whatever_letters_it_begins_with() -> None:
    said = "none|n/a|nothing yet|no decisions|not any tasks|nobody|tbd|todo|unknown|keine|nichts|entfällt|aucune|néant|rien"
    said += "|ninguno|nada|sin tareas|nenhuma|nessuno|niente|geen|ingen|inga|brak|żadne|yok|to be defined|-|—|なし"
    for text in said.split("|"):
        assert nothing(text), text
        assert nothing(text.upper()), text
    assert not nothing("Send it")
    assert _NOTHING.fullmatch("send it") is None


@pytest.mark.parametrize(
    "text", ["by friday", "window", "due", "do it", "a 5", "", "Until then", "dowry", "bis, morgen", "paradise", "BY"]
)
def test_a_text_may_say_when_if_its_pattern_says_so(text: str) -> None:
    assert _may_say_when(text) == (_MAY_SAY_WHEN.search(text) is not None)


@pytest.mark.parametrize("text", ["owner: Dana", "assigned to Dana", "Lead = Sam", "action by Sam", "a cargo de Ana"])
def test_a_word_for_an_owner_is_looked_for(text: str) -> None:
    assert _may_say_who(text)
    assert _OWNER_SAID.search(text)


@pytest.mark.parametrize(
    "text", ["x by friday", "x due 3 May", "x, until noon", "x (do piatku)", "x bis Montag", "x (to son tarih 3 May)"]
)
def test_every_word_for_a_due_date_is_looked_for(text: str) -> None:
    assert _by_at_end().search(text)
    assert _BY_IN_ASCII.search(f" {text.lower()}")


@pytest.mark.parametrize("text", ["日本", "ไทย", "한국", "a 𠮷 b", "ប្រាក់", "ﾊﾝ", "🛫 é “x”", "⚠️ x"])
def test_a_text_that_needs_spaces_is_not_taken_for_one_that_does_not(text: str) -> None:
    assert may_need_spaces(text.encode()) or apart(text) == text
