"""A member of a team as a test has one: a home, a vault, settings, and the commands they type."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests import warm
from vaultindex.base import settings
from vaultindex.index import store, sync
from vaultindex.team import rules
from vaultindex.team.rows import COLUMNS, NAMES, Maker

TODAY = "2025-10-07"


class Person:
    """One member. `url` is their address of the store."""

    def __init__(self, folder: Path, role: str, url: str, name: str) -> None:
        self.home, self.role, self.name = folder / role, role, name
        self.vault = self.home / "vault"
        (self.vault / ".obsidian").mkdir(parents=True)
        self.settings(all=True, tasks="all", people=True)
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")}
        self.env = {
            **keep, "HOME": str(self.home), "PYTHONUTF8": "1", "VAULTINDEX_TODAY": TODAY, "VAULTINDEX_TEAM_URL": url, "COLUMNS": "120",
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def settings(self, **publish: Any) -> None:
        """Write the settings: these rules for the vault."""
        file = self.home / ".config" / "vaultindex" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{key} = {json.dumps(value)}" for key, value in publish.items()]
        file.write_text(
            f'me = ["{self.name}", "Myself"]\nvault = "work"\n[vaults]\nwork = "{self.vault}"\n[publish.work]\n'
            + "\n".join(lines)
            + "\n",
            encoding="utf-8",
        )
        self.publish = publish

    def write(self, path: str, text: str) -> None:
        """Write a note."""
        file = self.vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `vi` with these words."""
        return warm.run(
            [sys.executable, "-m", "vaultindex", *words], env={**self.env, **(env or {})}, cwd=self.home, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip

    def vi(self, *words: str, code: int = 0) -> str:
        """What it prints."""
        done = self.run(*words)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + ("" if code == 0 else done.stderr)

    def json(self, *words: str) -> Any:
        """What it prints as JSON."""
        return json.loads(self.vi(*words, "--json"))

    def index(self) -> sqlite3.Connection:
        """The index as it is after a sweep."""
        file = str(self.home / "own-index" / "index.db")
        sync.sync(str(self.vault), file, settings.load({"HOME": str(self.home)}, str(self.vault)))
        return store.open_read(file)

    def chosen(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows that the rules choose of the vault as it is, by kind, in order."""
        given = rules.read("work", self.publish, [self.name, "Myself"])
        conn = self.index()
        try:
            notes = list(Maker(conn, given).notes(rules.chosen(conn, given)))
        finally:
            conn.close()
        vault = f"{self.role}/work"
        return {kind: sorted((vault, *row) for note in notes for row in note.rows[kind]) for kind in COLUMNS}


def stored(team: Any, vault: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that the store has of a vault, by kind, in order."""
    return {
        kind: sorted(
            team.rows(f"SELECT vault, {', '.join(NAMES[kind])} FROM vaultindex.{kind} WHERE vault = '{vault}'")
        )
        for kind in COLUMNS
    }
