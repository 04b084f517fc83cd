"""Faults 39-40: an index that is not ours, is in the vault, or is another vault's is left untouched and never answers."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.faults.daemon import vi
from tests.index.test_sync import make
from vaultindex.base import settings
from vaultindex.index import store, sync

Tell = Callable[[int, str, str], None]


def _note(path: Path) -> None:
    path.write_text("- [ ] somebody's note\n")


def _empty(path: Path) -> None:
    path.touch()


def _database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("CREATE TABLE theirs(x)")


def _named_database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("PRAGMA application_id = 252006674")
        conn.execute("CREATE TABLE theirs(x)")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    _note(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def _only_beside(path: Path) -> None:
    _note(path.with_name(path.name + ".new"))


def _content(folder: Path) -> dict[str, bytes | None]:
    return {p.name: p.read_bytes() if p.is_file() else None for p in folder.iterdir()}


@pytest.mark.parametrize("what", [_note, _empty, _database, _named_database, _pipe, _link, _only_beside])
def test_a_file_that_is_not_our_index_is_refused_untouched(
    small: Path, tmp_path: Path, what: Callable[[Path], None], tell: Tell
) -> None:
    make(small, 2)
    (tmp_path / "place").mkdir()
    path = tmp_path / "place" / "file"
    what(path)
    before = _content(tmp_path / "place")
    for command in (["tasks"], ["index", "--full"], ["doctor", "--fix"], ["tasks", "--no-refresh"]):
        done = vi(small, str(path), *command)
        assert done.returncode == 2 and "is not an index of vaultindex" in done.stderr, (command, done)
        assert _content(tmp_path / "place") == before
    tell(39, "--index names a note, an empty file, other programs' databases, a pipe, a link; FILE.new is somebody's",
         "exit 2, named, nothing made or changed")  # fmt: skip


def test_an_index_in_the_vault_is_refused(small: Path, tmp_path: Path, tell: Tell) -> None:
    make(small, 2)
    (tmp_path / "way").symlink_to(small)
    for path in (small / "n0.md", small / "index.db", tmp_path / "way" / "deep" / "index.db"):
        before = _content(small)
        for command in ("tasks", "index"):
            done = vi(small, str(path), command)
            assert done.returncode == 2 and "inside the vault" in done.stderr, done
            assert _content(small) == before
    tell(
        39,
        "--index names a place in the vault, a note of it, a way there through a link",
        "exit 2, nothing made or changed",
    )


def test_the_index_of_one_vault_never_answers_for_another(small: Path, tmp_path: Path, tell: Tell) -> None:
    index = str(tmp_path / "index" / "index.db")
    other = tmp_path / "other"
    (other / ".obsidian").mkdir(parents=True)
    make(small, 3, "- [ ] of the first {i}\n")
    (other / "b.md").write_text("- [ ] of the second\n")
    assert vi(small, index, "tasks").returncode == 0
    before = Path(index).read_bytes()
    for command in (["tasks", "--json", "--quiet"], ["tasks", "--no-refresh"], ["index"], ["index", "--full"]):
        done = vi(other, index, *command)
        assert done.returncode == 2 and "of the vault" in done.stderr and "of the first" not in done.stdout, done
    assert Path(index).read_bytes() == before
    shutil.move(small, tmp_path / "moved")  # its index serves the moved vault, or whoever comes after it
    moved = vi(tmp_path / "moved", index, "tasks")
    assert moved.returncode == 0 and moved.stdout.count("of the first") == 3
    shutil.rmtree(tmp_path / "moved")
    later = vi(other, index, "tasks", "--no-refresh")
    assert (later.returncode, later.stdout.count("of the second"), later.stdout.count("of the first")) == (0, 1, 0)
    tell(40, "the index of vault A used for vault B, with and without --no-refresh; A moved; A gone",
         "exit 2 and nothing listed; made anew for the moved one")  # fmt: skip


def test_doctor_fix_makes_every_file_with_text_of_notes_its_users_alone(vault: Path, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")} | {"HOME": str(tmp_path)}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vaultindex", *args, "--vault", str(vault)]
        return warm.run(command, env=env, capture_output=True, text=True, check=False)

    assert run("tasks").returncode == run("query", "not done", "--save", "mine").returncode == 0
    task = run("tasks", "--format", "ids").stdout.split()[0]
    assert run("done", task).returncode == 0
    ours = [
        p for p in tmp_path.rglob("*") if "vaultindex" in p.parts and p.name != "vaultindex" and "vault" not in p.parts
    ]
    names = {p.name for p in ours}
    assert {"index.db", "state.db", "mine.txt"} <= names
    for path in ours:
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert run("doctor", "--fix").returncode == 0
    kept = [p for p in ours if p.name in ("index.db", "state.db", "mine.txt")]
    assert [oct(p.stat().st_mode & 0o077) for p in (*kept, *(p.parent for p in kept))] == ["0o0"] * 6


def test_another_program_that_reads_the_index_does_not_cut_a_watcher_off(small: Path, tmp_path: Path) -> None:
    """SQLite's locks are POSIX locks: closing any other descriptor of the file in the same process would drop them."""
    make(small, 2)
    index = str(tmp_path / "i" / "index.db")
    given = settings.load({}, str(small))
    read = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('select count(*) from notes').fetchone()[0])"
    with contextlib.closing(sync.Keeper(str(small), index)) as keeper:
        for number in range(3):
            (small / f"new{number}.md").write_text("- [ ] new\n")
            keeper.sync(given)
            store.check_ours(str(small), index)
            told = subprocess.run([sys.executable, "-c", read, index], capture_output=True, text=True, check=True)
            assert told.stdout.strip() == str(number + 3)
