"""Faults 48 and 49: what a watcher could believe to be fresh and is not: notes without rights, with other links, behind a rename."""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.daemon import Daemon, status, vi, wait_for
from tests.index.test_sync import fresh, make, rows
from vaultindex.index import heartbeat
from vaultindex.watch import hard_links

Tell = Callable[[int, str, str], None]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify, and its events for rights")

# These tests may run as root, whom no mode keeps out: what 000 means to everybody else.
RIGHTS = """
import os
from vaultindex.vault import disk, listing_snapshot
def held(real, name):
    def call(root, path, *more):
        if not os.lstat(os.path.join(root, path)).st_mode & 0o777:
            raise PermissionError(13, "Permission denied")
        return real(root, path, *more)
    return call
disk.read = held(disk.read, "read")
listing_snapshot.listing = held(listing_snapshot.listing, "listing")
"""


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index" / "index.db")


def ask(vault: Path, index: str, *words: str) -> tuple[str, str, int]:
    done = vi(vault, index, "tasks", *words, shim=RIGHTS)
    return done.stdout, done.stderr, done.returncode


def save_by_rename(note: Path, text: str, mode: int) -> None:
    temp = note.with_name(".saving")
    temp.write_text(text)
    temp.chmod(mode)
    temp.rename(note)


def test_a_note_saved_without_rights_is_read_as_soon_as_they_are_given_back(
    small: Path, index: str, tell: Tell
) -> None:
    make(small, 3)
    with Daemon(small, index, RIGHTS):
        wait_for(lambda: heartbeat.trusted(index, str(small)))
        save_by_rename(small / "n0.md", "- [ ] given back\n", 0)
        time.sleep(0.3)
        text, said, code = ask(small, index)
        assert "given back" not in text and code == 0
        assert "fresh:" not in said.replace("not all fresh:", "") and "1 folder or file could not be read" in said
        assert ask(small, index, "--strict")[2] == 6
        assert "n0.md cannot be read" in status(small, index)["watcher"]["what"]
        (small / "n0.md").chmod(0o644)
        took = wait_for(lambda: heartbeat.trusted(index, str(small)))
        text, said, _ = ask(small, index)
        assert "given back" in text and "fresh: 3 notes, watched" in said and "could not" not in said
        assert ask(small, index, "--strict")[2] == 0
    tell(48, "a note saved by rename with mode 000, then given back, beside a watcher", f"until then no answer says fresh, --strict exits 6; read {took:.1f} s after it was given back")  # fmt: skip


def test_rights_given_back_are_a_hint_by_themselves(small: Path, index: str) -> None:
    """No retry is near when it happens."""
    make(small, 1)
    with Daemon(small, index, RIGHTS + "\nfrom vaultindex.watch import watcher\nwatcher.Timing.__new__.__defaults__ = (0.1, 1.0, 60.0, 60.0, 1.0, 60.0, 2.2)"):  # fmt: skip
        time.sleep(2.5)  # from then on no file is read once more because it is young
        save_by_rename(small / "n0.md", "- [ ] given back\n", 0)
        beat = heartbeat.read
        wait_for(lambda: "cannot be read" in beat(index).what)  # type: ignore[union-attr]
        time.sleep(0.5)
        (small / "n0.md").chmod(0o644)
        assert wait_for(lambda: heartbeat.trusted(index, str(small))) < 30
        assert "given back" in ask(small, index)[0]


def test_what_no_event_announces_is_tried_again_soon(small: Path, index: str) -> None:
    """A network disk, a container: the rights are given back where nobody sees it."""
    make(small, 2)
    deaf = RIGHTS + "\nfrom vaultindex.watch.watcher import Watcher\nreal = Watcher.hint\n"
    deaf += "Watcher.hint = lambda self, event: None if 'Attrib' in type(event).__name__ else real(self, event)\n"
    with Daemon(small, index, deaf + "from vaultindex.watch import watcher\nwatcher.Timing.__new__.__defaults__ = (0.1, 1.0, 60.0, 60.0, 1.0, 0.25, 2.2)"):  # fmt: skip
        time.sleep(2.5)  # from then on no file is read once more because it is young
        save_by_rename(small / "n0.md", "- [ ] given back\n", 0)
        wait_for(lambda: "cannot be read" in heartbeat.read(index).what)  # type: ignore[union-attr]
        time.sleep(1)
        (small / "n0.md").chmod(0o644)
        assert wait_for(lambda: heartbeat.trusted(index, str(small))) < 30
        assert "given back" in ask(small, index)[0]


def test_a_folder_without_rights_is_listed_as_soon_as_they_are_given_back(small: Path, index: str) -> None:
    (small / "sub").mkdir()
    make(small / "sub", 2)
    with Daemon(small, index, RIGHTS):
        (small / "sub").chmod(0)
        (small / "sub" / "n0.md").write_text("- [ ] behind it\n")
        wait_for(lambda: "cannot be read" in heartbeat.read(index).what)  # type: ignore[union-attr]
        _, said, code = ask(small, index)
        assert code == 0 and "not all fresh" in said and ask(small, index, "--strict")[2] == 6
        (small / "sub").chmod(0o755)
        assert wait_for(lambda: heartbeat.trusted(index, str(small))) < 5
        assert "behind it" in ask(small, index)[0]
        assert rows(index) == fresh(small, small.parent)


def test_without_a_watcher_too_nothing_that_could_not_be_read_is_called_fresh(small: Path, index: str) -> None:
    make(small, 2)
    assert ask(small, index)[2] == 0
    save_by_rename(small / "n0.md", "- [ ] x\n", 0)
    for _ in range(2):
        _, said, code = ask(small, index)
        assert code == 0 and "1 folder or file could not be read" in said and "not all fresh" in said
        assert ask(small, index, "--strict")[2] == 6
    (small / "n0.md").chmod(0o644)
    assert "not all fresh" not in ask(small, index)[1]


def test_a_note_moved_out_of_the_vault_hides_no_change_that_comes_after_it(small: Path, index: str, tell: Tell) -> None:
    make(small, 8)
    with Daemon(small, index):
        longest = 0.0
        for i in range(6):
            wait_for(lambda: heartbeat.trusted(index, str(small)))
            (small / f"n{i}.md").rename(small.parent / f"out{i}.md")
            (small / "n7.md").write_text(f"- [ ] saved right after {i}\n")
            took = wait_for(lambda: heartbeat.trusted(index, str(small)) is None)
            longest = max(longest, took)
        assert longest < 0.2, "half a second is how long watchdog waits for the other half of a rename"
        assert "saved right after 5" in vi(small, index, "tasks").stdout
    tell(48, "another note moved out of the vault just before a save", f"the watcher knows of it {longest * 1000:.0f} ms later at most, six times of six")  # fmt: skip


def test_folders_that_are_renamed_back_and_forth_are_watched_under_their_new_name(small: Path, index: str) -> None:
    """The halves of a rename are waited for a hundredth of a second only."""
    (small / "a" / "b").mkdir(parents=True)
    make(small / "a" / "b", 2)
    with Daemon(small, index):
        for i in range(4):
            old, new = ("a", "z") if i % 2 == 0 else ("z", "a")
            (small / old).rename(small / new)
            (small / new / "b" / "n0.md").write_text(f"- [ ] in {new} {i}\n")
            wait_for(lambda i=i, new=new: f"in {new} {i}" in vi(small, index, "--no-refresh", "tasks").stdout, 10)
        wait_for(lambda: heartbeat.trusted(index, str(small)))
        assert rows(index) == fresh(small, small.parent)


@pytest.mark.parametrize("name", ["n0.md", unicodedata.normalize("NFD", "sub/Café.md")])
def test_a_note_with_another_link_outside_is_fresh_under_the_watcher(small: Path, index: str, name: str, tell: Tell) -> None:  # fmt: skip
    make(small, 3)
    (small / name).parent.mkdir(exist_ok=True)
    (small / name).write_text("- [ ] before\n")
    other = small.parent / "other.md"
    os.link(small / name, other)
    with Daemon(small, index):
        for i in range(5):
            wait_for(lambda: heartbeat.trusted(index, str(small)))
            with other.open("w") as file:
                file.write(f"- [ ] through the other link {i}\n")
            done = vi(small, index, "tasks")
            assert f"other link {i}" in done.stdout, "no event told of it"
        took = wait_for(lambda: heartbeat.trusted(index, str(small)))
        assert "watched" in vi(small, index, "tasks").stderr
        assert rows(index) == fresh(small, small.parent)
    tell(49, "a note with several hard links, written through one outside the vault", f"each answer fresh; the watcher itself knows {took:.1f} s later")  # fmt: skip


def test_a_link_that_is_made_while_the_watcher_runs_is_looked_at_too(small: Path, index: str) -> None:
    make(small, 3)
    with Daemon(small, index):
        wait_for(lambda: heartbeat.trusted(index, str(small)))
        os.link(small / "n0.md", small / "twin.md")
        wait_for(lambda: len((heartbeat.trusted(index, str(small)) or heartbeat.Beat(0, 0, "", "", 0, True, 0, 0)).linked) == 2)  # fmt: skip
        with (small / "twin.md").open("w") as file:
            file.write("- [ ] in both\n")
        done = vi(small, index, "tasks")
        assert done.stdout.count("in both") == 2
        (small / "twin.md").unlink()
        wait_for(lambda: (beat := heartbeat.trusted(index, str(small))) is not None and not beat.linked)


def test_when_every_note_is_linked_no_question_takes_the_watchers_word(small: Path, index: str) -> None:
    make(small, 4)
    (small.parent / "backup").mkdir()
    for path in small.glob("*.md"):
        os.link(path, small.parent / "backup" / path.name)
    few = "from vaultindex.watch import hard_links\nhard_links.MOST = {}"
    with Daemon(small, index, few.format(4)):
        wait_for(lambda: heartbeat.trusted(index, str(small)))
    with Daemon(small, index, few.format(3), ready="degraded"):
        assert "hard links" in status(small, index)["watcher"]["what"]
        (small.parent / "backup" / "n0.md").write_text("- [ ] in the backup\n")
        assert "in the backup" in vi(small, index, "tasks").stdout
    assert hard_links.MOST >= 100
