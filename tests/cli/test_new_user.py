"""The first minute of a new user, from the built wheel and an empty home folder, typed into a terminal (tmux)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell import ROOT

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
_LIMIT = 60  # seconds; nothing takes a tenth of it


class Screen:
    """A shell in a terminal of 80 columns, in an empty home folder, with what is installed in one environment."""

    def __init__(self, home: Path, bins: Path) -> None:
        self.socket = home.parent / "tmux"
        self.number = 0  # of the command
        env = {
            "HOME": str(home), "PATH": f"{bins}:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "PS1": "> ",
            "SHELL": "/bin/sh", "VAULTINDEX_TODAY": "2025-10-07", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1",
        }  # fmt: skip
        command = [
            "tmux",
            "-f",
            os.devnull,
            "-S",
            str(self.socket),
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "200",
            "-c",
            str(home),
            "sh",
        ]
        subprocess.run(command, env=env, check=True, timeout=_LIMIT)

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", str(self.socket), *words], capture_output=True, timeout=_LIMIT)
        return done.stdout.decode()

    def shows(self, *wanted: str) -> str:
        """The screen, once it shows all of these."""
        end = time.monotonic() + _LIMIT
        while True:
            text = self.tmux("capture-pane", "-p")
            if all(words in text for words in wanted):
                return text.rstrip()
            assert time.monotonic() < end, f"not all of {wanted} in\n{text}"
            time.sleep(0.05)

    def run(self, command: str, *wanted: str) -> str:
        """The screen after a command: it begins empty, and the prompt is back."""
        self.type(command)
        return self.shows(f"end{self.number}=", *wanted)

    def type(self, command: str) -> None:
        """The command, and behind it a mark with its exit code that is not in what is typed."""
        self.number += 1
        self.tmux("send-keys", "-l", f"clear; {command}; echo e''nd{self.number}=$?")
        self.tmux("send-keys", "Enter")

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture(scope="module")
def bins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of the built wheel, in an environment of their own; what it needs comes from this one."""
    place = tmp_path_factory.mktemp("wheel")
    python = [sys.executable, "-m"]
    told = subprocess.run(
        [*python, "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if told.returncode and "hatchling" in told.stdout + told.stderr:
        told = subprocess.run(
            [*python, "build", "--wheel", "--outdir", str(place), str(ROOT)],
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert told.returncode == 0, told.stdout + told.stderr
    subprocess.run([*python, "venv", "--without-pip", str(place / "env")], check=True, timeout=120)
    into = [
        *python,
        "pip",
        "--python",
        str(place / "env" / "bin" / "python"),
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
    ]
    subprocess.run([*into, *map(str, place.glob("*.whl"))], check=True, timeout=120)
    site = next((place / "env" / "lib").glob("python*/site-packages"))
    others = [p for p in sys.path if p.endswith("site-packages")]
    (site / "needed.pth").write_text("\n".join(others) + "\n", encoding="utf-8")
    return place / "env" / "bin"


@pytest.fixture
def screen(bins: Path, tmp_path: Path) -> Iterator[Screen]:
    (tmp_path / "home").mkdir()
    made = Screen(tmp_path / "home", bins)
    yield made
    made.close()


def test_from_an_empty_home_to_the_first_answers_one_accept_and_its_undo(
    screen: Screen, bins: Path, tmp_path: Path
) -> None:
    pages = bins.parent / "share" / "man"
    assert (pages / "man1" / "vaultindex.1").is_file() and (pages / "man7" / "vaultindex-dates.7").is_file()
    home = tmp_path / "home"
    assert "5 due" in screen.run("vi demo | head -n 4", "Due today")
    assert list(home.iterdir()) == [], "the demo leaves nothing behind"
    assert "end2=5" in screen.run("vi", "vi init"), "a first command without a vault leads to init"
    shutil.copytree(ROOT / "fixtures" / "vault", home / "Notes")
    screen.type("vi init")
    screen.shows("38 notes", "13 proposals", "as notes write it")
    screen.tmux("send-keys", "Enter")
    assert "config.toml" in screen.shows("Settings", "Next", "end3=0")
    shown = screen.run("vi --no-pager", "5 due", "Proposed, newest first", "vi help signs")
    assert max(len(line) for line in shown.splitlines()) <= 80
    note = home / "Notes" / "Meetings" / "2025" / "2025-10-06 Design review.md"
    before = note.read_bytes()
    assert "undo: vi undo" in screen.run("vi accept dpz")
    assert b"- [ ] Book the architecture review." in note.read_bytes()
    assert "undone accept" in screen.run("vi undo") and note.read_bytes() == before
    screen.run("vi tasks --due today --mine", "Send the revised price sheet.")
