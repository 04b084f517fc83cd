"""The recording in the README is what the commands print today."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.skipif(sys.platform == "win32", reason="drawn from a terminal of Unix")
def test_the_recording_is_made_of_a_real_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import recording

    kept = (ROOT / "docs" / "recording.svg").read_text(encoding="utf-8")
    assert recording.picture() == kept, "make recording"
    assert "docs/recording.svg" in (ROOT / "README.md").read_text(encoding="utf-8")
