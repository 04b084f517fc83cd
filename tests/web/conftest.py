"""Fixtures of the page: a served vault, and the browser where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")

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
