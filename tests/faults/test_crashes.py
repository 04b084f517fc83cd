"""Faults 5, 6, 9-15: the disk fails, the process is killed, files change while they are read, the index is damaged."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.daemon import _MAIN, Daemon, environment, paths, vi, wait_for
from tests.index.test_sync import fresh, make, rows
from vaultindex.base import settings
from vaultindex.index import store, sync

Tell = Callable[[int, str, str], None]


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index" / "index.db")


FAIL = """
import os
from vaultindex.vault import listing_snapshot
real = listing_snapshot.listing
def failing(root, place):
    if place == "sick/":
        raise OSError({code}, os.strerror({code}))
    return real(root, place)
listing_snapshot.listing = failing
"""


@pytest.mark.parametrize("code", [5, 13, 116])
def test_a_folder_that_cannot_be_listed_keeps_its_notes(code: int, small: Path, index: str, tell: Tell) -> None:
    (small / "sick").mkdir()
    make(small / "sick", 3)
    make(small, 2)
    assert vi(small, index, "index").returncode == 0
    (small / "n0.md").write_text("- [ ] changed\n")
    (small / "sick" / "n1.md").unlink()
    done = vi(small, index, "index", shim=FAIL.format(code=code))
    assert done.returncode == 1 and "1 folder or file could not be read" in done.stderr
    assert len(paths(index)) == 5
    doctor = vi(small, index, "doctor", "--kind", "unreadable", shim=FAIL.format(code=code))
    assert "sick/" in doctor.stdout and "cannot be listed" in doctor.stdout
    assert "changed" in vi(small, index, "tasks", shim=FAIL.format(code=code)).stdout
    assert vi(small, index, "index").returncode == 0
    assert rows(index) == fresh(small, small.parent)
    if code == 5:
        tell(
            5,
            "a folder answers EIO, EACCES, ESTALE in mid-sync",
            "its notes stay, doctor names it, the rest syncs, exit 1; all well when it recovers",
        )


# --- killed anywhere ------------------------------------------------------------------------------------------------


class Doom:
    """Ends the process, as kill -9 would, at the n-th step that touches the disk."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os._exit(9)

    def arm(self) -> None:
        doom = self

        class Doomed(sqlite3.Connection):
            def execute(self, *args: Any) -> Any:
                doom.step()
                return super().execute(*args)

            def executemany(self, sql: str, values: Any) -> Any:
                doom.step()
                return super().executemany(sql, values)

        real = sqlite3.connect
        sqlite3.connect = lambda *a, **k: real(*a, **{"factory": Doomed, **k})  # type: ignore[assignment,misc]
        for name in ("replace", "unlink"):
            self._wrap(name)

    def _wrap(self, name: str) -> None:
        real = getattr(os, name)

        def counted(*args: Any, **named: Any) -> Any:
            self.step()
            return real(*args, **named)

        setattr(os, name, counted)


def change(root: Path) -> None:
    (root / "n0.md").write_text("---\ntype: account\n---\n# Acc\n- [ ] new [[n1]] 📅 2025-10-09\n")
    (root / "n1.md").unlink()
    os.rename(root / "n2.md", root / "moved.md")
    (root / "new.md").write_text("[[n0]] [[moved]] #tag\n")


# Each kind is killed at every fourth step, and each at others (`make faults`: at all of them): most steps are common to all.
EVERY = 1 if os.environ.get("VAULTINDEX_EVERY_STEP") else 4


@pytest.mark.parametrize(("first", "kind"), [(1, "sync"), (2, "first"), (3, "full"), (4, "damaged")])
def test_killed_at_any_step_the_next_sync_ends_in_the_same_rows(
    first: int, kind: str, small: Path, index: str, tell: Tell
) -> None:
    make(small, 4, "- [ ] task {i} 📅 2025-10-07 [[n1]] [[n2|two]]\n\n## Decisions\n\n- yes {i}\n")
    given = settings.load({}, str(small))
    sync.sync(str(small), index, given)
    change(small)
    wanted = fresh(small, small.parent)
    folder, backup = Path(index).parent, small.with_name("backup")
    shutil.copytree(folder, backup)
    killed = 0
    for step in itertools.count(first if EVERY > 1 else 1, EVERY):
        shutil.rmtree(folder)
        if kind != "first":
            shutil.copytree(backup, folder)
        if kind == "damaged":
            Path(index).write_bytes(b"garbage" * 1000)
        pid = os.fork()
        if pid == 0:
            try:
                Doom(step).arm()
                sync.sync(str(small), index, given, full=kind == "full")
                os._exit(0)
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert code in (0, 9)
        if os.path.exists(index) and kind != "damaged":
            with contextlib.closing(sqlite3.connect(index)) as conn:
                assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sync.sync(str(small), index, given)
        assert rows(index) == wanted, f"killed at step {step}"
        if code == 0:
            break
        killed += 1
    assert killed > 15
    name = {
        "sync": "a sync",
        "first": "a first index",
        "full": "a rebuild",
        "damaged": "the repair of a damaged index",
    }[kind]
    tell(
        6,
        f"killed at {killed} of the {step - 1} SQL statements and file operations of {name}",
        "the next sync gives the rows of a fresh index each time",
    )


# --- clocks and torn reads ------------------------------------------------------------------------------------------


def test_a_change_that_the_clock_hides_is_seen(small: Path, index: str, tell: Tell) -> None:
    note = small / "a.md"
    note.write_text("- [ ] one\n")
    given = settings.load({}, str(small))
    sync.sync(str(small), index, given)
    info = note.stat()
    note.write_text("- [ ] two\n")
    os.utime(note, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert sync.sync(str(small), index, given).changed == 1
    tell(9, "same size, same mtime (set back)", "seen: ctime differs, young files are read twice")


def test_two_writes_in_one_tick_of_a_coarse_clock_are_both_seen(small: Path, index: str, tell: Tell) -> None:
    note = small / "a.md"
    note.write_text("- [ ] one\n")
    given = settings.load({}, str(small))
    sync.sync(str(small), index, given)
    note.write_text("- [ ] two\n")
    info = note.stat()
    with (
        contextlib.closing(sqlite3.connect(index)) as conn,
        conn,
    ):  # a disk that stamps whole seconds gives both writes one fingerprint
        conn.execute(
            "UPDATE files SET mtime_ns = ?, ctime_ns = ?, size = ?, inode = ?",
            (info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino),
        )
    assert sync.sync(str(small), index, given).changed == 1
    tell(
        9,
        "two writes in one tick of a coarse clock, same size",
        "both seen: a young file is read again at the next sync",
    )


def test_a_clock_that_steps_back_hides_nothing(
    small: Path, index: str, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    note = small / "a.md"
    given = settings.load({}, str(small))
    day = 86_400 * 10**9
    now = time.time_ns()
    for text, at in (("- [ ] one\n", now), ("- [ ] two\n", now - day), ("- [ ] six\n", now - day + 10**9)):
        monkeypatch.setattr(time, "time_ns", lambda at=at: at)
        note.write_text(text)
        os.utime(note, ns=(at, at))
        assert sync.sync(str(small), index, given).touched == 1
    assert rows(index) == fresh(small, small.parent)
    tell(
        10,
        "the clock steps back a day between two edits",
        "both indexed: fingerprints are compared for equality, not order",
    )


def test_a_note_that_changes_while_it_is_read_is_never_a_mixture(
    small: Path, index: str, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    note = small / "a.md"
    old, new = "- [ ] old\n" * 3000, "- [ ] brand new\n" * 3000
    real, hits = os.read, []

    def torn(fd: int, size: int) -> bytes:
        if size < len(old) or len(hits) >= torn.times:  # type: ignore[attr-defined]
            return real(fd, size)
        hits.append(1)
        half = real(fd, size // 2)
        note.write_text(new if len(hits) % 2 else old)
        return half

    given = settings.load({}, str(small))
    for times in (1, 2):
        torn.times = times  # type: ignore[attr-defined]
        hits.clear()
        note.write_text(old)
        monkeypatch.setattr(os, "read", torn)
        sync.sync(str(small), index, given)
        monkeypatch.undo()
        with contextlib.closing(store.open_read(index)) as conn:
            assert len(conn.execute("SELECT DISTINCT description FROM tasks").fetchall()) <= 1
        sync.sync(str(small), index, given)
        assert rows(index) == fresh(small, small.parent)
        os.unlink(index)
    tell(
        11, "a note replaced while we read it, once and twice", "old or new, never a mixture; settled at the next sync"
    )


# --- damage ---------------------------------------------------------------------------------------------------------


def _half(index: Path) -> None:
    os.truncate(index, index.stat().st_size // 2)


def _garbage(index: Path) -> None:
    index.write_bytes(os.urandom(index.stat().st_size))


def _zero(index: Path) -> None:
    index.write_bytes(b"")


def _zeros(index: Path) -> None:
    index.write_bytes(bytes(index.stat().st_size))


def _page(index: Path) -> None:
    """Every page but the first two and the last."""
    data = bytearray(index.read_bytes())
    data[4096 * 2 : -4096] = os.urandom(len(data) - 4096 * 3)
    index.write_bytes(data)


def _table(index: Path) -> None:
    """The first page of one table: only who reads that table meets the damage."""
    with contextlib.closing(sqlite3.connect(index)) as conn:
        size = conn.execute("PRAGMA page_size").fetchone()[0]
        page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tasks'").fetchone()[0]
    with open(index, "r+b") as file:
        file.seek(size * (page - 1))
        file.write(os.urandom(size))


def _newer(index: Path) -> None:
    with contextlib.closing(sqlite3.connect(index)) as conn:
        conn.execute("PRAGMA user_version = 1999999999")
        conn.execute("ALTER TABLE tasks RENAME TO tasks2")


def _lost(index: Path) -> None:
    index.unlink()
    Path(f"{index}-wal").write_bytes(os.urandom(5000))


@pytest.mark.parametrize(
    "harm",
    [_half, _garbage, _zero, _zeros, _page, _table, _newer, _lost],
    ids=lambda f: f.__name__.strip("_"),
)
def test_a_damaged_index_is_replaced_while_the_question_is_answered(
    harm: Callable[[Path], None], vault: Path, index: str, tell: Tell
) -> None:
    wanted = vi(vault, index, "tasks", "--due", "today")
    assert wanted.returncode == 0 and wanted.stdout
    whole = rows(index)
    harm(Path(index))
    done = vi(vault, index, "tasks", "--due", "today")
    assert (done.returncode, done.stdout) == (0, wanted.stdout), done.stderr
    assert done.stderr.count(": rebuilt") <= 1 and "Traceback" not in done.stderr
    assert vi(vault, index, "doctor", "--fix").returncode == 0
    assert rows(index) == whole
    if harm is _half:
        tell(
            12,
            "index cut in half, garbage, emptied, zeroed, pages overwritten, from another version, -wal left alone",
            "moved aside or refilled; the same command answers; at most one line",
        )


def test_a_lost_wal_leaves_an_index_that_the_next_sync_completes(small: Path, index: str) -> None:
    make(small, 5)
    with Daemon(small, index) as daemon:
        (small / "n0.md").write_text("- [ ] in the log only\n")
        daemon.until("watching")
        wait_for(lambda: os.path.exists(index + "-wal") and os.path.getsize(index + "-wal") > 0)
        daemon.process.kill()
        daemon.process.wait()
    os.unlink(index + "-wal")
    sync.sync(str(small), index, settings.load({}, str(small)))
    assert rows(index) == fresh(small, small.parent)


# --- no room, many readers, many starters ---------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_index_and_the_watcher_tries_again(small: Path, index: str, tell: Tell) -> None:
    make(small, 40)
    with Daemon(small, index) as daemon:
        before = rows(index)
        old = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (20_000, old[1]))
        for i in range(40):
            (small / f"n{i}.md").write_text(f"- [ ] other {i} " + "words " * 200)
        daemon.until_failing("no space")
        assert rows(index) == before
        limited = vi(
            small, index, "index", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        )
        assert limited.returncode == 1 and "no space" in limited.stderr, limited
        assert rows(index) == before
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, old)
        took = daemon.until("watching")
        assert rows(index) == fresh(small, small.parent)
    tell(
        13,
        "no room to write in mid-sync (RLIMIT_FSIZE)",
        f"old index whole, exit 1 'no space', the watcher tries again: whole {took:.1f} s after there was room",
    )


def test_a_reader_sees_the_old_index_through_a_rebuild(small: Path, index: str, tell: Tell) -> None:
    make(small, 300, "- [ ] task {i} " + "words and words " * 1000 + "\n")
    with Daemon(small, index) as daemon:
        reader = store.open_read(index)
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM tasks").fetchone()
        (small / "n0.md").write_text("- [ ] one\n- [ ] two\n")
        rebuild = subprocess.Popen(
            [sys.executable, "-c", _MAIN.format(shim=""), "index", "--full", "--vault", str(small), "--index", index],
            env=environment(small.parent),
            stdout=subprocess.DEVNULL,
        )
        while rebuild.poll() is None:
            with contextlib.closing(store.open_read(index)) as other:
                assert other.execute("SELECT count(*) FROM tasks").fetchone()[0] in (300, 301)
            assert reader.execute("SELECT count(*) FROM tasks").fetchone() == before
        assert rebuild.returncode == 0
        assert reader.execute("SELECT count(*) FROM tasks").fetchone() == before
        grown = os.path.getsize(index + "-wal")
        assert grown > 4_000_000
        reader.close()
        wait_for(lambda: os.path.getsize(index + "-wal") < 4_000_000)
        daemon.until("watching")
    tell(
        14,
        "a reader holds its snapshot through a full rebuild",
        f"sees the old index, never an empty one; -wal cut from {grown / 1e6:.0f} MB when it closes",
    )


def test_four_processes_may_make_the_first_index_at_once(vault: Path, index: str, tell: Tell) -> None:
    command = [sys.executable, "-c", _MAIN.format(shim=""), "tasks", "--vault", str(vault), "--index", index]
    started = [
        subprocess.Popen(command, env=environment(vault.parent), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    answers = [p.communicate(timeout=60) for p in started]
    assert [p.returncode for p in started] == [0] * 4, answers
    assert len({out for out, _ in answers}) == 1
    assert sum(b"indexed just now" in err for _, err in answers) == 1
    tell(15, "four processes ask the first question at once", "all answer the same; the index is made once")


def test_a_closed_pipe_ends_quietly(vault: Path, index: str) -> None:
    command = f"{sys.executable} -m vaultindex tasks --vault '{vault}' --index '{index}' | head -1"
    done = subprocess.run(
        ["sh", "-c", command], env=environment(vault.parent), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "Broken" not in done.stderr and "Traceback" not in done.stderr
