"""Fixtures of the page: a served vault, and the browser where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")

from tests.web.browser import Window, launched, missing
from tests.web.served import Served


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start `vi serve` over a vault; all that was started ends with the test."""
    started: list[Served] = []

    def start(vault: Path, *options: str, **given: str | None) -> Served:
        folder = tmp_path / f"served-{len(started)}"
        folder.mkdir()
        started.append(Served(vault, folder, *options, **given))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def served(serve: Callable[..., Served], vault: Path) -> Served:
    """The fixture vault, served, with the door open."""
    one = serve(vault)
    one.enter()
    return one


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The fixture vault, served once for a module whose tests change nothing."""
    folder = tmp_path_factory.mktemp("shown")
    vault = folder / "vault"
    shutil.copytree(Path(__file__).resolve().parents[2] / "fixtures" / "vault", vault)
    one = Served(vault, folder)
    try:
        one.enter()
        yield one
    finally:
        one.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The browser of a module. No longer: while it runs, no other test of the process could have a loop of its own."""
    why = missing()
    if why and os.environ.get("VAULTINDEX_BROWSER_NEEDED"):
        pytest.fail(why)
    if why:
        pytest.skip(why)
    with launched() as one:
        yield one


@pytest.fixture
def window(browser: Any) -> Iterator[Callable[..., Window]]:
    """A window on a served vault. At the end: no request left this machine, nothing was refused or broken in it."""
    opened: list[Window] = []

    def open_one(served: Served, **context: Any) -> Window:
        opened.append(Window(browser, served, **context))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
