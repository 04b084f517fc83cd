"""Faults 1-4, 7, 8: events are lost, watches are refused, the vault goes away, a watcher dies."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.daemon import Daemon, paths, status, vi, wait_for
from tests.index.test_sync import fresh, make, rows
from vaultindex.index import heartbeat, holder, store
from vaultindex.watch.inotify import limits

Tell = Callable[[int, str, str], None]
linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify")


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index" / "index.db")


@linux
def test_lost_events_are_made_up_for_by_looking_at_everything(small: Path, index: str, tell: Tell) -> None:
    make(small, 5)
    many = limits()["max_queued_events"] // 3 + 500  # create, open, modify, close: more than the queue holds
    if many > 20_000:
        pytest.skip("the queue of events is too long here to overflow it in a test")
    with Daemon(small, index) as daemon:
        daemon.send(signal.SIGSTOP)
        for i in range(many):
            (small / f"flood{i}.md").write_bytes(b"- [ ] x\n")
        daemon.send(signal.SIGCONT)
        took = wait_for(lambda: len(paths(index)) == many + 5)
        daemon.until("watching")
        assert daemon.beat().lost
        assert daemon.log().count("events lost, swept") == 1
    tell(
        1,
        f"watcher stopped, {many:,} notes made, continued: the system's queue overflows",
        f"all indexed {took:.1f} s later, one log line",
    )


REFUSE = """
import ctypes, errno
from watchdog.observers import inotify_c
real, left = inotify_c.inotify_add_watch, [{left}]
def limited(*args):
    left[0] -= 1
    if left[0] < 0:
        ctypes.set_errno(errno.ENOSPC)
        return -1
    return real(*args)
inotify_c.inotify_add_watch = limited
"""


@linux
def test_folders_that_the_system_refuses_to_watch_are_swept_often(small: Path, index: str, tell: Tell) -> None:
    for name in ("a", "b/c", "d"):
        (small / name).mkdir(parents=True)
    with Daemon(small, index, REFUSE.format(left=3), ready="degraded") as daemon:
        what = daemon.beat().what
        assert "watching " in what and " of 6 folders" in what and "sysctl fs.inotify.max_user_watches=" in what
        for name in ("a", "b/c", "d"):
            (small / name / "new.md").write_text("- [ ] x\n")
        took = wait_for(lambda: len(paths(index)) == 3)
        found = status(small, index)["watcher"]
        assert found["mode"] == "degraded" and found["watched"] < found["folders"] == 6
        assert not heartbeat.trusted(index, str(small))
    tell(
        2,
        "inotify_add_watch: ENOSPC after a few folders",
        f"seen {took:.1f} s later; status names the sysctl; queries look themselves",
    )


@linux
def test_without_any_events_the_watcher_still_works(small: Path, index: str, tell: Tell) -> None:
    make(small, 2)
    with Daemon(small, index, REFUSE.format(left=0), ready="degraded") as daemon:
        assert "no events" in daemon.beat().what
        (small / "new.md").write_text("- [ ] x\n")
        took = wait_for(lambda: "new.md" in paths(index))
        daemon.send(signal.SIGTERM)
        assert daemon.process.wait(10) == 0
    tell(
        3,
        "inotify fails at the vault's own folder",
        f"runs by sweeps and says so (change seen after {took:.1f} s), exit 0",
    )


def test_a_vault_that_goes_away_loses_nothing_and_is_taken_up_when_it_returns(
    small: Path, index: str, tell: Tell
) -> None:
    make(small, 5)
    away = small.with_name("away")
    with Daemon(small, index, sweep=1) as daemon:
        os.rename(small, away)
        daemon.until("paused", "not there")
        small.mkdir()  # an unmounted disk: an empty folder
        daemon.until("paused", "gone at once")
        assert len(paths(index)) == 5
        assert status(small, index)["notes"] == 5
        small.rmdir()
        (away / "n0.md").write_text("changed while it was away\n")
        os.rename(away, small)
        daemon.until("watching")
        (small / "n9.md").write_text("new\n")
        took = wait_for(lambda: "n9.md" in paths(index))
        daemon.until("watching")
        assert rows(index) == fresh(small, small.parent)
    tell(
        4,
        "vault renamed away; an empty folder in its place; vault back",
        f"no row removed, status says paused, resumes alone ({took:.1f} s)",
    )


def test_one_watcher_at_a_time_and_a_killed_one_leaves_no_lock(small: Path, index: str, tell: Tell) -> None:
    make(small, 300)
    with Daemon(small, index) as daemon:
        second = vi(small, index, "watch")
        assert second.returncode == 1 and f"pid {daemon.process.pid}" in second.stderr
        for i in range(300):
            (small / f"n{i}.md").write_text(f"- [ ] again {i}\n")
        done = vi(small, index, "index", "--full")
        assert done.returncode == 0, done.stderr
        daemon.until("watching")
        assert rows(index) == fresh(small, small.parent)
        daemon.process.kill()
        daemon.process.wait()
        assert not heartbeat.held(index)
        with store.writer_lock(index, wait=0.0):
            pass  # free at once: Busy would be raised
        with Daemon(small, index):
            pass
    tell(
        7,
        "a second watcher; `vi index --full` while it syncs; kill -9 of the lock's holder",
        "exit 1 naming the pid; waits, never 'locked'; lock free at once",
    )


DIE = """
import os
from watchdog.observers.api import BaseObserver
real = BaseObserver.dispatch_events
def dying(self, *args):
    if os.path.exists({flag!r}):
        os.unlink({flag!r})
        raise SystemExit
    return real(self, *args)
BaseObserver.dispatch_events = dying
"""


def test_a_dead_thread_is_replaced(small: Path, index: str, tell: Tell) -> None:
    make(small, 3)
    flag = small.parent / "die"
    with Daemon(small, index, DIE.format(flag=str(flag))) as daemon:
        flag.touch()
        (small / "n0.md").write_text("its event kills the thread\n")
        wait_for(lambda: "has died" in daemon.log())
        daemon.until("watching")
        (small / "n1.md").write_text("- [ ] later\n")
        took = wait_for(lambda: rows(index) == fresh(small, small.parent))
    tell(8, "the thread that takes events dies", f"started anew, everything swept; next change seen after {took:.1f} s")


def test_a_stuck_or_dead_watcher_is_not_believed(small: Path, index: str, tell: Tell) -> None:
    make(small, 3)
    with Daemon(small, index) as daemon:
        wait_for(lambda: heartbeat.trusted(index, str(small)))
        assert "watched" in vi(small, index, "tasks").stderr
        daemon.send(signal.SIGSTOP)
        wait_for(lambda: holder.suspended(daemon.process.pid))  # a signal takes a moment
        (small / "n0.md").write_text("- [ ] written while it was suspended\n")
        done = vi(small, index, "tasks")
        assert "suspended" in done.stdout and "changed just now" in done.stderr
        daemon.send(signal.SIGCONT)
        daemon.until("watching")
        daemon.process.kill()
        daemon.process.wait()
        (small / "n1.md").write_text("- [ ] written after its death\n")
        old = vi(small, index, "--no-refresh", "tasks")
        assert "after its death" not in old.stdout and "old, no watcher" in old.stderr
        strict = vi(small, index, "--no-refresh", "--strict", "tasks")
        assert strict.returncode == 6 and "no watcher" in strict.stderr and not strict.stdout
        done = vi(small, index, "--strict", "tasks")
        assert done.returncode == 0 and "after its death" in done.stdout
        assert status(small, index)["watcher"]["running"] is False
    tell(
        8,
        "the watcher is suspended, then killed",
        "queries look themselves; --no-refresh says how old and 'no watcher'; --strict exits 6",
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_watcher_cleanly(number: signal.Signals, small: Path, index: str) -> None:
    make(small, 3)
    with Daemon(small, index) as daemon:
        daemon.send(number)
        assert daemon.process.wait(10) == 0
        assert not os.path.exists(heartbeat.beat_file(index))
        for path in Path(index).parent.iterdir():
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_change_that_no_event_tells_of_makes_the_watcher_doubt_its_events(small: Path, index: str) -> None:
    make(small, 3)
    deaf = "from watchdog.observers.api import BaseObserver\nBaseObserver.dispatch_events = lambda self, q: q.get(timeout=1)"
    with Daemon(small, index, deaf, sweep=1) as daemon:
        for i in range(2):
            time.sleep(1.2)
            (small / f"silent{i}.md").write_text("- [ ] x\n")
            wait_for(lambda i=i: f"silent{i}.md" in paths(index))
            time.sleep(1.2)
        daemon.until("degraded", "without events")


def test_an_index_that_is_deleted_under_the_watcher_comes_back(small: Path, index: str) -> None:
    make(small, 3)
    with Daemon(small, index, sweep=1) as daemon:
        shutil.rmtree(Path(index).parent)
        (small / "n0.md").write_text("- [ ] new\n")
        wait_for(lambda: os.path.exists(index) and rows(index) == fresh(small, small.parent))
        daemon.until("watching")
