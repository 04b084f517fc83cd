"""Where it is measured: a generated vault, an index outside it, and a home of its own, all in one temporary folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.process import Command, run
from benchmarks.vaults import AS_OF

ROOT = Path(__file__).resolve().parent.parent
VI = str(Path(sys.executable).parent / "vi")
AGED = 2.5  # seconds after which a note just written is not read once more for being too fresh to be sure of


class Place(NamedTuple):
    """One vault and what belongs to it."""

    folder: Path
    notes: int
    truth: dict[str, Any]
    env: dict[str, str]

    @property
    def vault(self) -> Path:
        """Its folder."""
        return self.folder / "vault"

    @property
    def index_file(self) -> Path:
        """Our index."""
        return self.folder / "index" / "index.db"

    def vi(self, *arguments: str, index: Path | None = None) -> list[str]:
        """A command of ours."""
        return [VI, "--vault", str(self.vault), "--index", str(index or self.index_file), *arguments]

    def forget(self) -> None:
        """Take the index away."""
        shutil.rmtree(self.index_file.parent, ignore_errors=True)

    def touch(self) -> None:
        """Change one note."""
        with open(self.vault / "Projects" / "0" / "Project 0.md", "a", encoding="utf-8") as file:
            file.write("x")

    def settle(self) -> None:
        """Have an index of the vault as it is, with every note old enough to be believed."""
        time.sleep(AGED)
        run(Command(self.vi("index")), self.env)

    def size(self) -> int:
        """Bytes of all notes."""
        return sum(path.stat().st_size for path in self.vault.rglob("*.md"))


def make(folder: Path, notes: int) -> Place:
    """Write a vault, in a process of its own: what it takes to make one must not weigh on what is measured."""
    home = folder / "home"
    home.mkdir(parents=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "VAULTINDEX_TODAY": AS_OF}
    command = [sys.executable, "-m", "benchmarks.vaults", str(folder / "vault"), str(notes)]
    truth = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    time.sleep(AGED)
    return Place(folder, truth["notes"], truth, env)
