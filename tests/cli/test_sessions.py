"""The recorded terminal sessions are the documentation: what they show is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import DOCUMENTS, ROOT, SESSIONS, Shell, replay, shell_of


@pytest.mark.parametrize("path", [*SESSIONS, *DOCUMENTS], ids=lambda p: p.stem)
def test_a_recorded_session_shows_what_the_commands_print(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replay(text, shell_of(text, tmp_path)) == text


def test_every_command_is_shown_in_a_session() -> None:
    from vaultindex.cli.table import COMMANDS

    shown = "\n".join(p.read_text(encoding="utf-8") for p in SESSIONS)
    missing = [c for c in COMMANDS if f"\n$ vi {c}" not in "\n" + shown]
    assert not missing


def test_the_day_in_ten_commands_runs_as_it_stands_in_the_readme(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("## A day in ten commands")[1].split("```sh\n")[1].split("```")[0]
    commands = [line.split("  #")[0].strip() for line in block.splitlines()]
    shell = Shell(tmp_path)
    assert len(commands) == 10
    for command in commands:
        _, code = shell.run(command, terminal=False)
        # The recap waits for a proposal that nobody has decided on: that is what it says.
        assert code == (2 if "recap" in command else 0), command
