"""Shared fixtures: a copy of the fixture vault, and an index of any folder."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaultindex import config, store, sync

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A copy of the fixture vault."""
    target = tmp_path / "vault"
    shutil.copytree(ROOT / "fixtures" / "vault", target)
    return target


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An empty vault."""
    target = tmp_path / "small"
    (target / ".obsidian").mkdir(parents=True)
    return target


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[Callable[[Path], sqlite3.Connection]]:
    """Sync a vault and read its index."""
    opened: list[sqlite3.Connection] = []

    def index(vault: Path) -> sqlite3.Connection:
        path = str(tmp_path / "index" / "index.db")
        sync.sync(str(vault), path, config.load({}, str(vault)))
        opened.append(store.open_read(path))
        return opened[-1]

    yield index
    for conn in opened:
        conn.close()
