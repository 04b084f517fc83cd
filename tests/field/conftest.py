"""A fresh vault with the command line on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.field.shell import Vi


@pytest.fixture
def vi(tmp_path: Path) -> Vi:
    """An empty vault."""
    return Vi(tmp_path)
