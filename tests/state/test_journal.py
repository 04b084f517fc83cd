"""The journal: private, kept apart from the index, never lost to a new version, and it remembers decisions."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from vaultindex.base import settings as config
from vaultindex.base.errors import VaultError
from vaultindex.state import journal
from vaultindex.state.journal import Journal, Shown, note_sources, text_key


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "vaultindex" / "vault-1" / "state.db")


def test_only_its_user_can_read_it_and_its_folder_is_named_as_the_indexs(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    settings = config.load(env)
    file = journal.state_file(env, "/some/My Vault", settings)
    index = config.index_file(env, "/some/My Vault", settings)
    assert Path(file).parent.name == Path(index).parent.name
    other = config.Config({**settings.values, "index": config.Value("/elsewhere/i.db", "--index")})
    assert journal.state_file(env, "/some/My Vault", other) == file
    with Journal(file) as state:
        state.write(1, "done", "a.md", [(1, b"a", b"b", "a", None)], None)
        for path in Path(file).parent.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(os.stat(os.path.dirname(file)).st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_commands_that_make_it_at_once_wait_for_each_other(file: str) -> None:
    for attempt in range(40):
        path = f"{file}{attempt}"
        wait, go = os.pipe()
        children = []
        for _ in range(8):
            child = os.fork()
            if child == 0:
                failed = 1
                try:
                    os.close(go)
                    os.read(wait, 1)  # until all are there
                    with Journal(path) as state:
                        failed = int(state.conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal")
                finally:
                    os._exit(failed)
            children.append(child)
        os.close(wait)
        os.close(go)
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 8


def test_a_newer_version_is_left_alone(file: str) -> None:
    Journal(file).conn.close()
    with sqlite3.connect(file) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(VaultError, match="newer"):
        Journal(file)


def _garbage(file: str) -> None:
    Path(file).write_bytes(b"not a database" * 100)


def _cut(file: str) -> None:
    os.truncate(file, os.path.getsize(file) // 2)


def _no_tables(file: str) -> None:
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("DROP TABLE edits")


def _pages(file: str) -> None:
    data = bytearray(Path(file).read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    Path(file).write_bytes(data)


@pytest.mark.parametrize("harm", [_garbage, _cut, _no_tables, _pages])
def test_a_damaged_journal_is_kept_and_named_and_a_new_one_begun(file: str, harm: Callable[[str], None]) -> None:
    for _ in range(5):
        with Journal(file) as state:
            state.made(state.write(1, "done", "a.md", [(1, b"a", b"b", "a", None)], None))
        with closing(sqlite3.connect(file)) as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        harm(file)
        try:
            with Journal(file) as state:
                assert state.edits() == []
                said = state.message
        except VaultError as error:  # only reading met the damage
            said = str(error)
            with Journal(file) as state:
                assert state.edits() == []
        assert said and "the journal was damaged" in said and "kept as" in said
        time.sleep(1.01 if _ == 0 and harm is _garbage else 0)
    kept = [p for p in Path(file).parent.iterdir() if "damaged" in p.name and not p.name.endswith(("-wal", "-shm"))]
    assert 1 <= len(kept) <= 3 and all(p.stat().st_size for p in kept)


def test_another_programs_database_under_its_name_is_left_as_it_is(file: str) -> None:
    os.makedirs(os.path.dirname(file))
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("CREATE TABLE theirs(x)")
    before = Path(file).read_bytes()
    with pytest.raises(VaultError, match="another program's database"):
        Journal(file)
    assert Path(file).read_bytes() == before


def test_undo_takes_whole_commands_newest_first(file: str) -> None:
    with Journal(file) as state:
        for command in (1, 2, 3):
            rows = [(n, b"a", b"b", f"{command}.{n}", None) for n in (1, 2)]
            state.made(state.write(command, "done", "a.md", rows, None))
        assert [e.text for e in state.undoable(1)] == ["3.2", "3.1"]
        assert [e.text for e in state.undoable(2)] == ["3.2", "3.1", "2.2", "2.1"]
        for edit in state.undoable(1):
            state.undone(edit)
        assert [e.text for e in state.undoable(1)] == ["2.2", "2.1"]
        assert [bool(e.undone) for e in state.edits()] == [True, True, False, False, False, False]
        assert state.next_command() == 4


def test_a_verdict_follows_a_note_that_moves_or_is_made_again(file: str) -> None:
    here = note_sources("Meetings/Call.md", "Call", "2025-10-01", "calls/2025/x.md")
    moved = note_sources("Archive/Call.md", "Call", "2025-10-01", None)
    again = note_sources("Meetings/Call (new title).md", "New", "2025-10-02", "/home/me/calls/2025/x.md")
    other = note_sources("Meetings/Other.md", "Other", "2025-10-01", "calls/2025/y.md")
    with Journal(file) as state:
        state.decide(here, "Send the Sheet!", "rejected", "2025-10-07", "Meetings/Call.md", 1, "no")
        for sources in (here, moved, again):
            found = state.verdict(sources, "send the  sheet")
            assert found is not None and (found.verdict, found.reason) == ("rejected", "no")
        assert state.verdict(other, "Send the Sheet!") is None
        assert state.verdict(here, "Send the table") is None
        state.forget_verdict(here, "Send the sheet")
        assert state.verdict(moved, "Send the sheet") is None


def test_undoing_an_edit_takes_its_verdict_back(file: str) -> None:
    sources = note_sources("a.md", "a", None, None)
    with Journal(file) as state:
        state.made(state.write(7, "reject", "a.md", [(1, b"a", b"b", "Call Dana", None)], None))
        state.decide(sources, "Call Dana", "rejected", "2025-10-07", "a.md", 7, None)
        state.undone(state.undoable()[0])
        assert state.verdict(sources, "Call Dana") is None


def test_each_terminal_has_its_own_last_list(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = Shown("k7f", "a.md", 1, "- [ ] a", 1), Shown("m2q", "a.md", 2, "- [ ] b", 1)
    with Journal(file) as state:
        state.remember([one], "tty1")
        state.remember([two], "tty2")
        assert state.last_list("tty1") == [one]
        assert state.last_list(None) == state.last_list("tty3") == []
        assert state.lists("tty1") == [[one], [two]]
        assert state.lists("tty2") == [[two], [one]]
        now = journal.time.time()
        monkeypatch.setattr(journal.time, "time", lambda: now + journal.REMEMBERED + 1)
        assert state.last_list("tty1") == []


def test_the_key_of_a_text_has_no_case_accents_or_punctuation() -> None:
    assert text_key("Käse, für: Zoë!") == text_key("kase fur zoe") == "kase fur zoe"
