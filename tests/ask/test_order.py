"""An answer does not depend on the order in which the notes were read: a fresh index and one that grew note by note say the same."""

from __future__ import annotations

import random
import re
import shlex
from pathlib import Path

import pytest

from tests.pages import random_vault
from vaultindex.base import settings
from vaultindex.cli.commands import run
from vaultindex.cli.table import COMMANDS
from vaultindex.index import sync

SESSIONS = Path(__file__).resolve().parent.parent / "cli"
# The reading commands of the recorded sessions, as typed there; and what the sessions have no example of.
READING = sorted(
    {
        line[5:]
        for file in SESSIONS.glob("*.txt")
        for line in file.read_text(encoding="utf-8").split("\n")
        if re.match(r"\$ vi (\w+)", line)
        and COMMANDS.get(line.split()[2], ("",))[0].startswith(("pages.", "read."))
        and line.split()[2] != "open"
        and not re.search(r"[|;&<>$]", line[2:])
    }
    | {f"{command} {name}" for command in ("person", "account", "brief", "note", "backlinks") for name in ("Dana", "Contoso", "Ann")}
    | {"people --unsure", "accounts", "doctor", "review month", "stats --by owner", "export md", "search the", "tags"}
)  # fmt: skip


def grown(root: Path, index: str, draw: random.Random) -> None:
    """An index of the vault to which its notes came a few at a time, in any order."""
    aside = root.parent / "aside"
    notes = sorted(path.relative_to(root) for path in root.rglob("*.md"))
    draw.shuffle(notes)
    for note in notes:
        (aside / note).parent.mkdir(parents=True, exist_ok=True)
        (root / note).rename(aside / note)
    given = settings.load({}, str(root))
    while notes:
        for note in notes[:4]:
            (aside / note).rename(root / note)
        del notes[:4]
        sync.sync(str(root), index, given)


@pytest.mark.parametrize("which", ["fixture", "random"])
def test_every_answer_is_the_same_in_whatever_order_the_notes_were_read(
    which: str, vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    draw = random.Random(7)
    if which == "random":
        vault = tmp_path / "random"
        random_vault.write(vault, 7)
    indexes = [str(tmp_path / name / "index.db") for name in ("a", "b")]
    grown(vault, indexes[1], draw)
    sync.sync(str(vault), indexes[0], settings.load({}, str(vault)))
    answered, other = 0, {}
    for words in READING:
        said = []
        for index in indexes:
            code = run([*shlex.split(words), "--vault", str(vault), "--index", index, "--today", "2025-10-07"], "vi")
            out, err = capsys.readouterr()
            assert "trouble in vaultindex" not in err, words
            said.append((code, out, re.sub(r"\d+ m?s\b", "", err)))
        if said[0] != said[1]:
            other[words] = said
        answered += said[0][0] == 0
    assert other == {}
    assert answered > len(READING) // 2
