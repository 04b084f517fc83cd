"""A command in a fork of a process that has imported everything is in all that can be seen the command itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.shell import BIN, Shell


@pytest.mark.skipif(not warm._ABLE, reason="all are started as ever here")
@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "vi tasks --open --note 'Pricing call' --format plain"],
        ["sh", "-c", "vi tasks --due nonsense"],
        [str(BIN / "vi"), "nonsense"],
        [str(BIN / "vaultindex"), "sql", "select 1", "--json"],
        [sys.executable, "-m", "vaultindex", "query", "-"],
        [sys.executable, "-m", "vaultindex", "tasks", "--no-refresh", "--strict"],
    ],
)
def test_a_fork_and_a_process_of_its_own_say_the_same_and_end_the_same(tmp_path: Path, words: list[str]) -> None:
    told = []
    for name, run in (("process", subprocess.run), ("fork", warm.run)):
        shell = Shell(tmp_path / name)
        done = run(words, cwd=shell.vault, env=shell.env, input="not done\nlimit 2\n", capture_output=True, text=True)
        told.append((done.returncode, shell.steady(done.stdout), shell.steady(done.stderr)))
    assert warm.words_of(words, shell.env) is not None
    assert told[0] == told[1]


def test_what_takes_a_shell_or_another_python_is_started_as_ever() -> None:
    env = {"PATH": str(BIN)}
    for command in (
        "vi tasks | head -1",
        "vi tasks; vi today",
        "X=1 vi tasks",
        "vi tasks > file",
        "vi open $NAME",
        "ls",
    ):
        assert warm.words_of(["sh", "-c", command], env) is None, command
    assert warm.words_of(["sh", "-c", "vi search '$5; | <b>'"], env) == [str(BIN / "vi"), "search", "$5; | <b>"]
    assert warm.words_of([sys.executable, "-c", "import vaultindex"], env) is None
    assert not warm._as_here({**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert not warm._as_here({**os.environ, "LC_ALL": "de_DE.ISO-8859-1"})


def test_a_fork_is_ended_by_a_signal_and_says_by_which(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    words = [str(BIN / "vaultindex"), "watch"]
    with warm.Popen(words, cwd=shell.vault, env=shell.env, stderr=subprocess.DEVNULL) as watcher:
        assert watcher.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            watcher.wait(0.2)
        watcher.kill()
        assert watcher.wait(30) == -signal.SIGKILL
