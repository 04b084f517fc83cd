"""A real watcher in a process of its own, and ways to hurt it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import warm
from vaultindex.index import heartbeat, store

ROOT = Path(__file__).resolve().parent.parent.parent
TIME = 30.0  # seconds until a test gives up: a machine may be slow; what is promised is measured


def wait_for(what: Callable[[], Any], timeout: float = TIME) -> float:
    """Seconds until it is true."""
    started = time.monotonic()
    while not what():
        took = time.monotonic() - started
        assert took < timeout, f"not within {timeout} s"
        time.sleep(0.01)
    return time.monotonic() - started


def environment(home: Path) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "SYSTEMROOT", "TMPDIR")}
    return {
        **keep,
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "VAULTINDEX_TODAY": "2025-10-07",
        "VAULTINDEX_NOTICE": "true",
    }


def vi(
    vault: Path, index: str, *args: str, shim: str = "", timeout: float = TIME, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command of ours; `shim` is Python that runs in its process first."""
    command = [sys.executable, *program(shim), *args, "--vault", str(vault), "--index", index]
    return warm.run(
        command,
        env=environment(vault.parent),
        cwd=vault.parent,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **more,
    )


_MAIN = "import sys\n{shim}\nfrom vaultindex.cli.commands import run\nsys.exit(run(sys.argv[1:], 'vaultindex'))"


def program(shim: str = "") -> list[str]:
    """What Python is to run: our command, after the shim where there is one."""
    return ["-c", _MAIN.format(shim=shim)] if shim else ["-m", "vaultindex"]


class Daemon:
    """`vi watch`, running until the block ends."""

    def __init__(
        self, vault: Path, index: str, shim: str = "", sweep: float = 60, ready: str | None = "watching"
    ) -> None:
        self.vault, self.index = vault, index
        command = [
            sys.executable,
            *program(shim),
            "watch",
            "--sweep",
            str(sweep),
            "--vault",
            str(vault),
            "--index",
            index,
        ]
        self.process = warm.Popen(
            command,
            env=environment(vault.parent),
            cwd=vault.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if ready:
            self.until(ready)

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate()

    def beat(self) -> heartbeat.Beat:
        found = heartbeat.read(self.index)
        assert found is not None
        return found

    def until(self, mode: str, what: str = "") -> float:
        """Wait until it is in this mode with nothing left to do, and says so."""

        def there() -> bool:
            assert self.process.poll() is None, self.process.communicate()[1]
            beat = heartbeat.read(self.index)
            return beat is not None and beat.mode == mode and not beat.pending and beat.age < 2 and what in beat.what

        return wait_for(there)

    def until_failing(self, what: str) -> float:
        """Wait until it says that it cannot do its work."""
        return wait_for(lambda: self.beat().mode == "failing" and what in self.beat().what)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def log(self) -> str:
        return (Path(self.index).parent / "watch.log").read_text(encoding="utf-8")


def paths(index: str) -> set[str]:
    """The notes that a question would find now."""
    conn = store.open_read(index)
    try:
        return {path for (path,) in conn.execute("SELECT path FROM notes")}
    finally:
        conn.close()


def status(vault: Path, index: str) -> Any:
    """What `vi status --json` says."""
    done = vi(vault, index, "status", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
