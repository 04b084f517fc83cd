"""-i: rows of a list are picked with keys, by fzf or by our own picker, and then acted on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_triage import Keys
from tests.shell import Shell
from vaultindex.cli.interactive import keyboard
from vaultindex.cli.interactive.picker import Picker


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Three tasks and two proposals in a vault; our own picker."""
    (tmp_path / "home" / "vault" / ".obsidian").mkdir(parents=True)
    made = Shell(tmp_path)
    made.env["VAULTINDEX_PICKER"] = "builtin"
    (made.vault / "Call.md").write_text(
        "---\ndate: 2025-10-06\nparticipants: [Dana Leigh, Sam Okoro]\n---\n- [ ] First thing 📅 2025-10-01\n- [ ] Second thing 📅 2025-10-02\n"
        "- [ ] Third thing 📅 2025-10-03\n- [?] Fourth thing 📅 2025-10-04 #proposed\n"
    )
    return made


def note(shell: Shell) -> str:
    return (shell.vault / "Call.md").read_text()


def test_marked_rows_are_done_by_one_command_that_one_undo_takes_back(shell: Shell) -> None:
    before = note(shell)
    keys = Keys(shell, "vi tasks -i")
    assert "First thing" in keys.type("", "q leave")
    keys.type(" ", "1 marked")
    keys.type("\x1b[B", "q leave")  # the arrow passes over the second
    keys.type(" ", "2 marked")
    assert "[a]ccept" not in keys.type("\r", "[q]uit")
    keys.type("d", "→ - [x] Third thing")
    assert keys.close() == 0
    assert "- [x] First thing" in note(shell) and "- [ ] Second" in note(shell) and "- [x] Third thing" in note(shell)
    shell.run("vi undo")
    assert note(shell) == before


def test_a_row_under_the_cursor_needs_no_mark_and_a_value_is_asked(shell: Shell) -> None:
    keys = Keys(shell, "vi -i")
    keys.type("", "q leave")
    keys.type("/fourth\r", "1 rows")
    assert "[a]ccept" in keys.type("\r", "[q]uit")
    keys.type("t", "due (fri")
    keys.type("fri\r", "Fri 10 Oct 2025")
    assert keys.close() == 0 and "Fourth thing 📅 2025-10-10" in note(shell)


def test_who_leaves_changes_nothing(shell: Shell) -> None:
    before = note(shell)
    for last in ("q", "\x1b", "\x03"):
        keys = Keys(shell, "vi tasks -i")
        keys.type("a", "4 marked")
        keys.type(last, "\x1b[?1049l")
        assert keys.close() == 0
    keys = Keys(shell, "vi tasks -i")
    keys.type("a", "4 marked")
    keys.type("\r", "[q]uit")
    keys.type("z", "\n")
    assert keys.close() == 0 and note(shell) == before


@pytest.mark.parametrize("command", ["vi people -i", "vi query -i 'not done'", "vi notes -i", "vi search thing -i"])
def test_every_list_can_be_picked_from(shell: Shell, command: str) -> None:
    shell.env["EDITOR"] = "echo opened"
    words = command.split("'")
    keys = Keys(shell, "vi query -i not done" if len(words) > 1 else command)
    keys.type("", "q leave")
    shown = keys.type("\r", "[q]uit" if "query" in command else "meetings" if "people" in command else "opened")
    assert ("Dana Leigh" if "people" in command else "First thing" if "query" in command else "Call.md") in shown
    if "query" in command:
        keys.type("o", "opened")
    assert keys.close() == 0


@pytest.mark.skipif(shutil.which("fzf") is None, reason="fzf is not installed")
def test_fzf_picks_where_it_is_installed(shell: Shell) -> None:
    del shell.env["VAULTINDEX_PICKER"]
    keys = Keys(shell, "vi tasks -i")
    keys.type("", "enter goes on")
    keys.type("second", "1/4")
    keys.type("\r", "[q]uit")
    keys.type("d", "→ - [x] Second thing")
    assert keys.close() == 0 and "- [x] Second thing" in note(shell) and "- [ ] First" in note(shell)


def test_an_fzf_that_fails_is_named_and_so_is_a_picker_that_is_none(shell: Shell, tmp_path: Path) -> None:
    fake = tmp_path / "bin" / "fzf"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexit 2\n")
    fake.chmod(0o755)
    shell.env["PATH"] = f"{fake.parent}:{shell.env['PATH']}"
    shell.env["VAULTINDEX_PICKER"] = "fzf"
    keys = Keys(shell, "vi tasks -i")
    keys.type("", "VAULTINDEX_PICKER=builtin")  # (a long path breaks the line)
    assert keys.close() == 1
    shell.env["VAULTINDEX_PICKER"] = "telescope"
    keys = Keys(shell, "vi tasks -i")
    keys.type("", "VAULTINDEX_PICKER is fzf or builtin, not 'telescope'")
    assert keys.close() == 2


@pytest.mark.parametrize("command", ["vi tasks -i | cat", "vi tasks -i --json", "vi tasks -i </dev/null"])
def test_nobody_is_asked_in_a_pipe(shell: Shell, command: str) -> None:
    text, code = shell.run(command)
    assert "-i picks rows on a terminal" in text and code in (0, 2)


def test_what_is_no_list_says_so(shell: Shell) -> None:
    before = note(shell)
    for command in ("vi status -i", "vi done Call.md:5 -i", "vi triage -i"):
        text, code = shell.run(command)
        assert code == 2 and "-i picks rows of a list, and vi" in text
    assert note(shell) == before


def test_the_picker_scrolls_finds_and_marks() -> None:
    lines = [f"row {n}" for n in range(100)]
    picker = Picker(lines, lines)
    assert picker.press(keyboard.PAGE_DOWN, 10) is None and picker.at == 10
    assert "row 10" in picker.screen(80, 5)[3] and "row 11" not in "".join(picker.screen(80, 5))
    picker.press(keyboard.END, 10)
    assert picker.at == 99
    for key in ("/", "9", "\r", "a"):
        assert picker.press(key, 10) is None
    assert len(picker.marked) == 19, "all that hold a 9"
    picker.press("a", 10)
    assert picker.marked == set()
    picker.press(keyboard.HOME, 10)
    assert picker.press("\r", 10) == [9]
    for key in ("/", "x", "y"):
        picker.press(key, 10)
    picker.press("\r", 10)
    assert picker.press("\r", 10) == [], "nothing is shown, nothing is picked"


def test_add_shows_what_it_understands_as_it_is_typed(shell: Shell) -> None:
    (shell.vault / "People").mkdir()
    (shell.vault / "People" / "Dana Leigh.md").write_text("# Dana Leigh\n")
    keys = Keys(shell, "vi add -i --note Call")
    assert "all are understood" in keys.type("", "are understood")
    keys.type("call Dana Leigh fri", "call Dana Leigh fri")
    assert "due" not in keys.seen, "fri alone may be another word"
    keys.type("day", "due Fri 10 Oct 2025")
    keys.type(" !hiph\x7f\x7fgh", "priority high")
    keys.type("\r", "undo: vi undo")
    assert keys.close() == 0
    assert "- [ ] call [[Dana Leigh]] 📅 2025-10-10 ⏫" in note(shell)
    before = note(shell)
    keys = Keys(shell, "vi add -i nothing")
    keys.type("", "> nothing")
    keys.type("\x1b", "\x1b[J")
    assert keys.close() == 130 and note(shell) == before
    assert shell.run("vi add")[1] == 2 and shell.run("vi add -i x", terminal=False)[1] == 2
