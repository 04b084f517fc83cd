"""Shared fixtures: a copy of the fixture vault, and an index of any folder."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaultindex.base import settings
from vaultindex.index import store, sync

ROOT = Path(__file__).resolve().parent.parent


def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: half as many again as there are cores. Much of this waits for a watcher, a clock or a disk."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


_HOMES = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where every test has a home of its own. Yours is neither read nor written; this one is what a whole module shares."""
    place = tmp_path_factory.mktemp("homes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(place))
        for name in ("STATE", "CACHE", "CONFIG", "DATA"):
            patch.delenv(f"XDG_{name}_HOME", raising=False)
        yield place


@pytest.fixture(autouse=True)
def own_home(homes: Path) -> Iterator[None]:
    """No test finds the journals of another: a vault without one looks through all that there are."""
    place = homes / str(next(_HOMES))
    place.mkdir()
    os.environ["HOME"] = str(place)
    yield
    os.environ["HOME"] = str(homes)


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
        sync.sync(str(vault), path, settings.load({}, str(vault)))
        opened.append(store.open_read(path))
        return opened[-1]

    yield index
    for conn in opened:
        conn.close()


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[int, str, str], None]:
    """Put down what a fault test tried and what happened, for the table that `make faults` prints."""

    def put(number: int, tried: str, happened: str) -> None:
        record_property("fault", (number, tried, happened))

    return put


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of faults, when they were asked for by name."""
    if not any("faults" in str(arg) for arg in config.args):
        return
    reports = terminalreporter.stats.get("passed", [])
    found = sorted(tuple(value) for report in reports for name, value in report.user_properties if name == "fault")
    if found:
        terminalreporter.write_line("\n| # | what was tried | what happened |\n|---|---|---|")
    for number, tried, happened in found:
        terminalreporter.write_line(f"| {number} | {tried} | {happened} |")
