"""The command line on a vault of a few notes, each command a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import warm


class Vi:
    """`vi(...)` runs a command, `vi.json(...)` gives its answer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.vault = folder, folder / "v"
        (self.vault / ".obsidian").mkdir(parents=True)
        self.env = {**os.environ, "HOME": str(folder), "VAULTINDEX_TODAY": "2025-10-08"}

    def __call__(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        place = ("--vault", str(self.vault), "--index", str(self.folder / "i.db"))
        command = [sys.executable, "-m", "vaultindex", *args, *place]
        return warm.run(command, capture_output=True, text=True, encoding="utf-8", env={**self.env, **env})

    def json(self, *args: str) -> Any:
        done = self(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def write(self, path: str, text: str) -> None:
        file = self.vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.vault / path).read_text(encoding="utf-8")
