"""The disk: finding the vault, listing it, reading notes without ever being hurt by one."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest

from vaultindex.base.errors import NoVaultError
from vaultindex.vault import app_settings, disk, listing_snapshot


def names(root: Path, **options: bool) -> list[str]:
    return sorted(disk.scan(str(root), **options).notes)


def test_dot_folders_are_not_part_of_the_vault(small: Path) -> None:
    (small / "a.md").write_text("x")
    for hidden in (".obsidian", ".trash", ".git"):
        (small / hidden).mkdir(exist_ok=True)
        (small / hidden / "b.md").write_text("x")
    (small / ".hidden.md").write_text("x")
    assert names(small) == ["a.md"]


def test_only_files_that_obsidian_lists_are_listed(small: Path) -> None:
    for name in ("a.md", "B.MD", "c.png", "d.canvas", "e.txt", "f"):
        (small / name).write_text("x")
    found = disk.scan(str(small))
    assert sorted(found.notes) == ["B.MD", "a.md"]
    assert sorted(found.others) == ["c.png", "d.canvas"]
    assert sorted(disk.scan(str(small), all_files=True).others) == ["c.png", "d.canvas", "e.txt", "f"]


def test_a_decomposed_name_is_listed_composed_and_still_read(small: Path) -> None:
    (small / "Cafe\u0301").mkdir()
    (small / "Cafe\u0301" / "note\u0308.md").write_text("text")
    found = disk.scan(str(small))
    assert list(found.notes) == ["Café/notë.md"]
    path = next(iter(found.notes))
    assert disk.read(str(small), found.disk[path])[0] == b"text"


def test_what_is_not_a_regular_file_is_never_opened(small: Path) -> None:
    os.mkfifo(small / "pipe.md")
    with socket.socket(socket.AF_UNIX) as sock:
        here = os.getcwd()
        os.chdir(small)
        sock.bind("sock.md")
        os.chdir(here)
        (small / "folder.md").mkdir()
        (small / "folder.md" / "inner.md").write_text("x")
        os.symlink("/dev/zero", small / "zero.md")
        os.symlink("/etc/passwd", small / "passwd.md")
        os.symlink(".", small / "loop")
        started = time.monotonic()
        found = disk.scan(str(small))
        assert sorted(found.notes) == ["folder.md/inner.md"]
        assert sorted(p.path for p in found.problems) == ["loop", "passwd.md", "pipe.md", "sock.md", "zero.md"]
        with pytest.raises(OSError):
            disk.read(str(small), "pipe.md")
        assert time.monotonic() - started < 20  # none of them is waited for


def test_links_are_followed_only_when_asked_and_only_inside_the_vault(small: Path) -> None:
    (small / "real").mkdir()
    (small / "real" / "a.md").write_text("x")
    os.symlink(small / "real" / "a.md", small / "b.md")
    os.symlink("/etc", small / "etc")
    os.symlink(small, small / "self")
    assert names(small) == ["real/a.md"]
    assert names(small, follow_links=True) == ["b.md", "real/a.md"]


def test_a_sparse_giant_is_measured_not_read(small: Path) -> None:
    with open(small / "giant.md", "wb") as file:
        file.truncate(10 * 2**30)
    data, stat = disk.read(str(small), "giant.md")
    assert data is None and stat.size == 10 * 2**30


def test_a_folder_that_cannot_be_listed_is_unknown_not_empty(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small / "a").mkdir()
    (small / "a" / "x.md").write_text("x")
    (small / "y.md").write_text("x")
    real = listing_snapshot.listing

    def failing(root: str, place: str) -> listing_snapshot.Listing:
        if place == "a/":
            raise PermissionError(13, "Permission denied")
        return real(root, place)

    monkeypatch.setattr(listing_snapshot, "listing", failing)
    found = disk.scan(str(small))
    assert list(found.notes) == ["y.md"]
    assert found.unknown == ["a/"]
    assert found.problems[0].kind == "unreadable"


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("Note (conflicted copy 2025-10-05).md", True),
        ("Note (Dana's conflicted copy 2025-10-05).md", True),
        ("Note.sync-conflict-20251005-101010-ABCDEFG.md", True),
        ("Note (Case Conflict 1).md", True),
        ("Conflict resolution.md", False),
        ("Note (copy).md", False),
    ],
)
def test_conflict_copies_are_told_from_notes(name: str, copy: bool) -> None:
    assert disk.is_conflict_copy("Inbox/" + name) is copy


def test_the_vault_is_found_by_walking_up(small: Path) -> None:
    deep = small / "a" / "b"
    deep.mkdir(parents=True)
    assert disk.find_vault(None, str(deep), {"HOME": str(small.parent)}, {}) == str(small)


def test_the_vault_is_found_in_obsidians_own_registry(small: Path, tmp_path: Path) -> None:
    place = tmp_path / ".config" / "obsidian"
    place.mkdir(parents=True)
    (place / "obsidian.json").write_text(json.dumps({"vaults": {"0123456789abcdef": {"path": str(small), "ts": 1}}}))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = {"HOME": str(tmp_path)}
    assert disk.find_vault(None, str(elsewhere), env, {}) == str(small)
    assert disk.find_vault("small", str(elsewhere), env, {}) == str(small)


def test_without_a_vault_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoVaultError, match="--vault PATH") as error:
        disk.find_vault(None, str(tmp_path), {"HOME": str(tmp_path)}, {})
    assert error.value.exit_code == 5


def test_broken_settings_of_a_plugin_are_reported_and_survived(small: Path) -> None:
    folder = small / ".obsidian" / "plugins" / "obsidian-tasks-plugin"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text("{broken")
    found = app_settings.load(str(small))
    assert found.tasks == {}
    assert found.problems[0].kind == "settings"
