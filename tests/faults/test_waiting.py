"""Fault 28: a writer is suspended, or works for long. Nobody waits for it without a word, and nobody says fresh."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.daemon import _MAIN, TIME, environment, vi, wait_for
from tests.index.test_sync import fresh, make, rows
from vaultindex.base import settings
from vaultindex.index import holder, store, sync

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc whether a process is suspended")
Tell = Callable[[int, str, str], None]

IN_MID_WRITE = """
import os, signal
from vaultindex.index import sync
real = sync.Keeper._apply
def suspended(self, *given):
    os.kill(os.getpid(), signal.SIGSTOP)
    return real(self, *given)
sync.Keeper._apply = suspended
"""


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index" / "index.db")


@contextmanager
def suspended_writer(vault: Path, index: str) -> Iterator[int]:
    """A `vi index --full` that stopped inside its transaction, as Ctrl-Z does it; let go on at the end."""
    words = ["index", "--full", "--vault", str(vault), "--index", index]
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN.format(shim=IN_MID_WRITE), *words],
        env=environment(vault.parent), cwd=vault.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: holder.suspended(process.pid))
        yield process.pid
    finally:
        process.send_signal(signal.SIGCONT)
        assert process.wait(TIME) == 0


def test_a_question_answers_at_once_beside_a_suspended_writer_and_says_so(small: Path, index: str, tell: Tell) -> None:
    make(small, 3)
    assert vi(small, index, "index").returncode == 0
    (small / "n0.md").write_text("- [ ] written since\n")
    with suspended_writer(small, index) as pid:
        started = time.monotonic()
        done = vi(small, index, "tasks")
        took = time.monotonic() - started
        assert done.returncode == 0 and done.stdout and "written since" not in done.stdout
        assert "not refreshed" in done.stderr and "fresh:" not in done.stderr
        assert f"process {pid} is suspended" in done.stderr and f"kill -CONT {pid}" in done.stderr
        assert took < store.WAIT, "a question does not wait for a writer that does nothing"
        strict = vi(small, index, "tasks", "--strict")
        assert strict.returncode == 6 and "not refreshed" in strict.stderr
    assert "written since" in vi(small, index, "tasks").stdout
    assert rows(index) == fresh(small, small.parent)
    tell(28, "a writer suspended in mid-write (Ctrl-Z), then a question", "answered at once from the index, 'not refreshed', pid and way out named; --strict exits 6")  # fmt: skip


def test_a_writer_waits_five_seconds_and_then_names_who_is_in_the_way(small: Path, index: str, tell: Tell) -> None:
    make(small, 3)
    assert vi(small, index, "index").returncode == 0
    with suspended_writer(small, index) as pid:
        started = time.monotonic()
        done = vi(small, index, "index")
        took = time.monotonic() - started
    assert done.returncode == 6 and f"process {pid} is suspended" in done.stderr and "Traceback" not in done.stderr
    assert store.WAIT <= took < 4 * store.WAIT
    tell(28, "the same, then another writer", "exit 6 after 5 s, naming the pid, that it is suspended, and how to let it go on")  # fmt: skip


def test_an_edit_beside_a_suspended_writer_is_made_and_not_called_a_failure(small: Path, index: str) -> None:
    (small / "a.md").write_text("- [ ] ring Ann\n")
    assert vi(small, index, "index").returncode == 0
    with suspended_writer(small, index):
        done = vi(small, index, "done", "a.md:1")
        assert done.returncode == 0, done.stderr
        assert (small / "a.md").read_text().startswith("- [x] ring Ann")
        assert "the change is made, but not in the index yet" in done.stderr
    assert "ring Ann" not in vi(small, index, "tasks").stdout
    assert rows(index) == fresh(small, small.parent)


def test_a_first_question_without_an_index_does_not_wait_for_ever(small: Path, index: str) -> None:
    make(small, 2)
    with suspended_writer(small, index) as pid:
        started = time.monotonic()
        done = vi(small, index, "tasks")
        assert done.returncode == 6 and f"process {pid} is suspended" in done.stderr
        assert time.monotonic() - started < 4 * store.WAIT


def test_a_writer_that_works_is_waited_for_and_the_answer_is_fresh(small: Path, index: str) -> None:
    make(small, 2)
    given = settings.load({}, str(small))
    sync.sync(str(small), index, given)
    (small / "n0.md").write_text("- [ ] written since\n")
    hold = (
        "import sys, time\nfrom vaultindex.index import store\n"
        "with store.writer_lock(sys.argv[1]):\n print(flush=True)\n time.sleep(0.5)"
    )
    with subprocess.Popen([sys.executable, "-c", hold, index], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        conn, report = sync.open_fresh(str(small), index, given)
        with conn:
            assert (report.stale, report.changed) == (None, 1)
        conn.close()


def test_a_lock_file_names_its_holder_only_while_it_is_held(index: str) -> None:
    with store.writer_lock(index):
        assert holder.pid(index + ".lock") == os.getpid()
        with pytest.raises(store.Busy, match=f"process {os.getpid()} is running"), store.writer_lock(index, wait=0.0):
            pass
    assert holder.pid(index + ".lock") is None
