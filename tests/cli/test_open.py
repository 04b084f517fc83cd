"""`vi open`: what a name means, and how each editor is told the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shell import Shell
from vaultindex.cli.read.open import at_line

NOTE = """# Talks

## Next steps
- [ ] Call Dana #task ^call
- [ ] Send it #task

## Decisions
- Two regions.
"""


@pytest.fixture
def own(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    (shell.vault / "Talks.md").write_text(NOTE)
    return shell


def opened(shell: Shell, name: str) -> tuple[str, int | None, str]:
    out, code = shell.run(f"vi open {name} --json", terminal=False)
    assert code == 0
    (row,) = json.loads(out)
    assert row["file"] == str(shell.vault / row["path"])
    return row["path"], row["line"], row["address"].partition("&file=")[2]


def test_a_name_an_id_and_a_place_are_understood(own: Shell) -> None:
    tasks = json.loads(own.run("vi tasks --note Talks --json", terminal=False)[0])
    (decision,) = json.loads(own.run("vi decisions --note Talks --json", terminal=False)[0])
    ids = {row["line"]: row["id"] for row in tasks}
    assert opened(own, "talks") == ("Talks.md", None, "Talks.md")
    assert opened(own, "'[[Talks]]'") == ("Talks.md", None, "Talks.md")
    assert opened(own, ids[4]) == ("Talks.md", 4, "Talks.md%23%5Ecall")
    assert opened(own, "^call") == ("Talks.md", 4, "Talks.md%23%5Ecall")
    assert opened(own, ids[5]) == ("Talks.md", 5, "Talks.md%23Next%20steps")
    assert opened(own, decision["id"]) == ("Talks.md", 8, "Talks.md%23Decisions")
    assert opened(own, "Talks.md:3") == ("Talks.md", 3, "Talks.md")


def test_a_row_of_the_last_list_and_what_is_not_there(own: Shell) -> None:
    out, code = own.run("vi tasks --note Talks --quiet >/dev/null; vi tasks --note Talks; vi open 2 --print --quiet")
    assert code == 0 and "Talks.md:5" in out
    for name in ("9999", "Nobody-at-all", "Nobody:3"):
        assert own.run(f"vi open {name} --print")[1] == 3, name
    assert own.run("vi open Talks --obsidian --editor")[1] == 2


def test_the_editor_opens_at_the_line_and_its_failure_is_ours(own: Shell) -> None:
    editor = own.home / "nano"
    editor.write_text('#!/bin/sh\necho "got $1 $2"\nexit $CODE\n')
    editor.chmod(0o755)
    own.env |= {"EDITOR": str(editor), "CODE": "0"}
    out, code = own.run("vi open Talks.md:5 --editor")
    assert code == 0 and out.split() == ["got", "+5", str(own.vault / "Talks.md")]
    own.env["CODE"] = "3"
    assert own.run("vi open Talks.md:5 --editor")[1] == 1
    assert own.run("vi open Talks.md:5", terminal=False)[0] == f"{own.vault / 'Talks.md'}:5\n"


def test_obsidian_gets_an_address(own: Shell) -> None:
    (own.home / "bin").mkdir()
    for name in ("xdg-open", "open"):
        (own.home / "bin" / name).write_text('#!/bin/sh\necho "$1"\n')
        (own.home / "bin" / name).chmod(0o755)
    own.env["PATH"] = f"{own.home / 'bin'}:{own.env['PATH']}"
    assert own.run("vi open ^call --obsidian")[0].strip() == "obsidian://open?vault=vault&file=Talks.md%23%5Ecall"


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("/usr/bin/vim", ["+7", "a.md"]),
        ("vim.tiny", ["+7", "a.md"]),
        ("code", ["--goto", "a.md:7"]),
        ("subl", ["a.md:7"]),
        ("mine", ["a.md"]),
        ("C:\\Program Files\\Microsoft VS Code\\Code.exe", ["--goto", "a.md:7"]),
        ("C:/vim/VIM.EXE", ["+7", "a.md"]),
        ("notepad.exe", ["a.md"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(editor: str, words: list[str]) -> None:
    assert at_line([editor, "-w"], "a.md", 7) == [editor, "-w", *words]
    assert at_line([editor], "a.md", None) == [editor, "a.md"]
