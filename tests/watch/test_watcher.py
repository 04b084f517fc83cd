"""The watcher in one process: hints, settling, and the index that equals a fresh one whatever happens to the vault."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from tests.index.test_sync import Changes, fresh, make, rows
from tests.times import times
from vaultindex.base import settings as config
from vaultindex.index import heartbeat, store, sync
from vaultindex.watch.process import only_one
from vaultindex.watch.watcher import Timing, Watched, Watcher

QUICK = Timing(settle=0.02, cap=0.1, tick=0.05)


def until(what: Callable[[], Any], timeout: float = 20.0) -> None:
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, "too late"
        time.sleep(0.005)


@contextmanager
def watching(root: Path, index: str, timing: Timing = QUICK) -> Iterator[Watcher]:
    """A watcher in a thread."""
    what = Watched(str(root), index, lambda: config.load({}, str(root)))
    with only_one(what):
        watcher = Watcher(what, timing)
        thread = threading.Thread(target=watcher.run)
        thread.start()
        try:
            until(lambda: heartbeat.trusted(index, str(root)))
            yield watcher
        finally:
            watcher.end()
            thread.join(10)
            assert not thread.is_alive()


class LiveChanges(Changes):
    """The same changes as without a watcher; what a live one vouches for equals a fresh index."""

    def __init__(self) -> None:
        super().__init__()
        self.watching = watching(self.root, self.index)
        self.watching.__enter__()

    def teardown(self) -> None:
        self.watching.__exit__(None, None, None)
        super().teardown()

    @invariant()
    def the_index_equals_a_fresh_one(self) -> None:
        time.sleep(0.03)  # an event takes a moment to reach the watcher: until then it does not know
        until(lambda: heartbeat.trusted(self.index, str(self.root)))
        conn, report = sync.open_fresh(str(self.root), self.index, self.config)
        conn.close()
        assert report.watched is not None or report.touched or not report.full
        assert rows(self.index) == fresh(self.root, self.folder)


LiveChanges.TestCase.settings = settings(
    max_examples=times(3), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
test_what_a_live_watcher_vouches_for_equals_a_fresh_index = LiveChanges.TestCase


def test_a_question_to_a_watched_index_looks_at_no_folder(small: Path, tmp_path: Path, monkeypatch: Any) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    with watching(small, index):

        def refuse(*_: Any) -> None:
            raise AssertionError("the vault was listed")

        monkeypatch.setattr(sync, "plan", refuse)
        conn, report = sync.open_fresh(str(small), index, config.load({}, str(small)))
        conn.close()
        monkeypatch.undo()
        assert report.watched is not None and report.notes == 3


def test_a_hint_is_told_at_once_and_followed_after_it_settled(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    with watching(small, index, Timing(settle=0.4, cap=5)) as watcher:
        (small / "n0.md").write_text("- [ ] soon\n")
        until(lambda: heartbeat.read(index).pending, 0.35)  # type: ignore[union-attr]
        assert heartbeat.trusted(index, str(small)) is None
        conn, report = sync.open_fresh(str(small), index, config.load({}, str(small)))
        assert report.watched is None and conn.execute(
            "SELECT count(*) FROM tasks WHERE description = 'soon'"
        ).fetchone() == (1,)
        conn.close()
        until(lambda: heartbeat.trusted(index, str(small)))
        assert watcher.keeper.young or watcher._again


def test_a_note_that_is_written_without_pause_is_read_all_the_same(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    with watching(small, index, Timing(settle=0.2, cap=0.5)):
        end = time.monotonic() + 15
        seen = False
        with open(small / "log.md", "a", encoding="utf-8") as file:
            while not seen:
                assert time.monotonic() < end
                file.write("- [ ] tick\n")
                file.flush()
                time.sleep(0.02)
                with closing(store.open_read(index)) as conn:
                    seen = conn.execute("SELECT count(*) FROM notes WHERE path = 'log.md'").fetchone()[0] == 1


def test_our_own_reading_is_no_event(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    with watching(small, index) as watcher:
        before = watcher._last
        for note in small.glob("*.md"):
            note.read_text()
        os.listdir(small)
        time.sleep(0.3)
        assert watcher._last == before


def test_settings_of_the_vault_are_followed(small: Path, tmp_path: Path) -> None:
    (small / "a.md").write_text("## Zzyzx\n\n- so be it\n")
    index = str(tmp_path / "i" / "index.db")

    def decisions() -> int:
        with closing(store.open_read(index)) as conn:
            found: int = conn.execute("SELECT count(*) FROM decisions").fetchone()[0]
            return found

    with watching(small, index):
        before = decisions()
        (small / ".vaultindex.toml").write_text('decision_headings = ["Zzyzx"]\n')
        until(lambda: decisions() != before)


def test_a_sync_of_paths_does_what_a_sweep_does(small: Path, tmp_path: Path) -> None:
    (small / "a" / "b").mkdir(parents=True)
    make(small / "a" / "b", 3)
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    (small / "n0.md").write_text("[[n1]] [[new]]\n")
    (small / "n1.md").unlink()
    os.rename(small / "a" / "b", small / "c")
    (small / "new.md").write_text("- [ ] new\n")
    done = sync.sync(str(small), index, given, paths=["n0.md", "n1.md", "a/b", "c", "new.md", "never.md", "no/such.md"])
    assert (done.added, done.changed, done.removed, done.notes) == (4, 1, 4, 6)
    assert rows(index) == fresh(small, tmp_path)


def test_a_path_that_turned_into_a_folder_and_back(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    (small / "n0.md").unlink()
    (small / "n0.md").mkdir()
    (small / "n0.md" / "inner.md").write_text("inner\n")
    for _ in range(2):
        sync.sync(str(small), index, given, paths=["n0.md"])
        assert rows(index) == fresh(small, tmp_path)
        (small / "n0.md" / "inner.md").unlink(missing_ok=True)


def test_paths_of_a_vanished_vault_remove_nothing(small: Path, tmp_path: Path) -> None:
    import pytest

    from vaultindex.base.errors import NoVaultError

    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    before = rows(index)
    os.rename(small, tmp_path / "away")
    with pytest.raises(NoVaultError):
        sync.sync(str(small), index, given, paths=["n0.md"])
    assert rows(index) == before
