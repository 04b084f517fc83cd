"""A vault that goes away just after a note was saved: the watcher waits for it, and takes no processor time meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import warm


@pytest.mark.skipif(sys.platform != "linux", reason="the time of another process is read from /proc")
def test_a_watcher_whose_vault_went_away_after_a_save_rests(tmp_path: Path) -> None:
    vault = tmp_path / "v"
    (vault / ".obsidian").mkdir(parents=True)
    (vault / "a.md").write_text("- [ ] a\n")
    index = tmp_path / "i" / "index.db"
    argv = [sys.executable, "-m", "vaultindex", "watch", "--vault", str(vault), "--index", str(index)]
    watcher = warm.Popen(argv, env={**os.environ, "HOME": str(tmp_path)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        for _ in range(200):
            if index.exists():
                break
            time.sleep(0.05)
        (vault / "b.md").write_text("- [ ] b\n")
        time.sleep(0.5)
        shutil.rmtree(vault)
        time.sleep(2.5)
        before = _ticks(watcher.pid)
        time.sleep(1.0)
        assert _ticks(watcher.pid) - before < 30, "of a hundred"
    finally:
        watcher.kill()
        watcher.wait()


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])
