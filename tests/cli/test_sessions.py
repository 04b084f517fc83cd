"""The recorded terminal sessions are the documentation: what they show is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import ROOT, SESSIONS, Shell, replay


@pytest.mark.parametrize("path", [*SESSIONS, ROOT / "README.md"], ids=lambda p: p.stem)
def test_a_recorded_session_shows_what_the_commands_print(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replay(text, Shell(tmp_path)) == text


def test_every_command_is_shown_in_a_session() -> None:
    from vaultindex.cli.table import COMMANDS

    shown = "\n".join(p.read_text(encoding="utf-8") for p in SESSIONS)
    missing = [c for c in COMMANDS if f"\n$ vi {c}" not in "\n" + shown]
    assert not missing
