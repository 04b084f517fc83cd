"""A damaged note is repaired only when a person has seen the diff and said yes; every other byte stays."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from pathlib import Path

import pytest

from tests.shell import BIN, Shell

SEED = "Meetings/2025/2025-10-06 Dana update on Northwind-Fabrikam.md"


def repair(shell: Shell, answer: str) -> str:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [str(BIN / "vi"), "doctor", "--repair", "Dana update"],
        cwd=shell.vault,
        env=shell.env,
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    seen, told = "", False
    while True:
        ready, _, _ = select.select([parent], [], [], 30)
        assert ready, seen
        try:
            data = os.read(parent, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data.decode()
        if "[y/N]" in seen and not told:
            os.write(parent, answer.encode() + b"\n")
            told = True
    os.close(parent)
    assert process.wait(30) == 0
    return seen


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_yes_writes_the_damaged_lines_as_meant_and_nothing_else(shell: Shell) -> None:
    note = shell.vault / SEED
    before = note.read_bytes()
    seen = repair(shell, "y")
    after = note.read_bytes().decode()
    assert "+- [?] Inform Dana of final decision/status. @Myself 📅 2025-10-08" in seen
    assert "Northwind’s" in after and "📅 2025-10-07 🔺" in after and "\uf8ff" not in after
    old, new = before.decode().split("\n"), after.split("\n")
    changed = [n for n, (a, b) in enumerate(zip(old, new), 1) if a != b]
    assert len(old) == len(new) and changed == [11, 26, 28, 29, 30, 44]
    assert "mojibake" not in shell.run("vi doctor --format plain", terminal=False)[0]


def test_no_writes_nothing(shell: Shell) -> None:
    note = shell.vault / SEED
    before = note.read_bytes()
    assert "nothing was written" in repair(shell, "n")
    assert note.read_bytes() == before


def test_where_nobody_can_answer_nothing_is_written(shell: Shell) -> None:
    note = shell.vault / SEED
    before = note.read_bytes()
    assert shell.run("vi doctor --repair 'Dana update'", terminal=False)[1] == 2
    assert note.read_bytes() == before
    assert "nothing to repair" in shell.run("vi doctor --repair 'Weekly sync'", terminal=False)[0]
