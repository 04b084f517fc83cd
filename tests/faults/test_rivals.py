"""Faults 31-34: other programs write the note that we edit, folders turn into links, rights would widen, a note would outgrow."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import rivals
from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.vault import atomic_write, disk, swap

Tell = Callable[[int, str, str], None]

_SWAPPING = """
import os, shutil, sys
inside, aside, outside, end = sys.argv[1:]
while not os.path.exists(end):
    try:
        if not os.path.exists(aside):
            os.rename(inside, aside)
        os.symlink(outside, inside)
        os.unlink(inside)
        os.rename(aside, inside)
    except OSError:  # a new note has made the folder anew
        shutil.rmtree(inside, ignore_errors=True)
"""


def test_an_edit_never_leaves_the_vault_through_a_folder_that_turns_into_a_link(tmp_path: Path, tell: Tell) -> None:
    root, outside = tmp_path / "vault", tmp_path / "outside"
    for folder in (root / "a", outside):
        folder.mkdir(parents=True)
        (folder / "note.md").write_text("- [ ] ours\n")
    (outside / ".old.md.vi-tmp").write_text("theirs")
    before = {p.name: (p.read_bytes(), p.stat().st_ctime_ns) for p in outside.iterdir()}
    other = subprocess.Popen(
        [sys.executable, "-c", _SWAPPING, str(root / "a"), str(root / "b"), str(outside), str(tmp_path / "end")]
    )
    tried, begun = 0, time.monotonic()
    while other.poll() is None:
        tried += 1
        if tried > 20 and time.monotonic() - begun > 1.5:
            (tmp_path / "end").touch()
        with contextlib.suppress(VaultError):  # what counts is what was written
            atomic_write.rewrite(str(root), "a/note.md", lambda d: b"- [x] ours\n" if b"[ ]" in d else b"- [ ] ours\n")
        with contextlib.suppress(VaultError):
            atomic_write.create(str(root), f"a/new{tried}.md", b"new\n")
        atomic_write.discard(str(root), "a/.old.md.vi-tmp")
    assert {p.name: (p.read_bytes(), p.stat().st_ctime_ns) for p in outside.iterdir()} == before
    assert other.returncode == 0 and tried > 20
    tell(31, "a folder of the note swapped for a link out of the vault, in a tight loop, while notes are edited, made, cleaned up",
         "nothing outside is written, made or removed; the edit is refused or made inside")  # fmt: skip


def test_a_folder_that_is_a_link_is_not_walked_through_when_it_was_a_folder_before(tmp_path: Path) -> None:
    root, outside = tmp_path / "vault", tmp_path / "outside"
    (root / "a").mkdir(parents=True)
    outside.mkdir()
    for folder in (root / "a", outside):
        (folder / "note.md").write_text("old\n")

    def swapped(data: bytes) -> bytes:
        (root / "a").rename(tmp_path / "taken")
        (root / "a").symlink_to(outside)
        return b"new\n"

    with pytest.raises(ChangedError, match="moved away"):
        atomic_write.rewrite(str(root), "a/note.md", swapped)
    assert (outside / "note.md").read_text() == (tmp_path / "taken" / "note.md").read_text() == "old\n"
    assert len(list(outside.iterdir())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
@pytest.mark.parametrize("program", rivals.PROGRAMS)
def test_what_another_program_writes_to_the_note_meanwhile_is_not_lost(
    program: str, tmp_path: Path, tell: Tell
) -> None:
    outcome = rivals.contest(tmp_path, program, 0.7)
    assert outcome.lost == 0, outcome
    assert outcome.theirs > 20 and outcome.made + outcome.refused > 20
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    tell(32, f"another program {program}, in a tight loop, while we edit the same note",
         f"0 of its {outcome.theirs} lines lost, {outcome.made} edits made, {outcome.refused} refused (exit 4)")  # fmt: skip


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_a_note_that_another_program_has_open_for_writing_is_not_replaced(tmp_path: Path, mode: str) -> None:
    note = tmp_path / "note.md"
    note.write_text("old\n")
    with note.open(mode) as file, pytest.raises(ChangedError, match="another program is writing"):
        atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
    with note.open():  # a reader is in nobody's way
        atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
    assert (note.read_text(), file.closed) == ("new\n", True)


def test_a_note_that_is_locked_for_a_moment_is_waited_for_and_one_that_stays_locked_is_not_replaced(
    tmp_path: Path,
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="Windows has no such locks")
    note = tmp_path / "note.md"
    note.write_text("old\n")
    with note.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ChangedError, match="another program has locked"):
            atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
        assert note.read_text() == "old\n"
        threading.Timer(0.3, fcntl.flock, (file, fcntl.LOCK_UN)).start()
        atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
    assert note.read_text() == "new\n"


@pytest.mark.parametrize("leases", [True, False], ids=["with leases", "without"])
@pytest.mark.parametrize("swaps", [True, False], ids=["with exchange", "without"])
def test_what_is_written_within_the_moment_after_the_replacement_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leases: bool, swaps: bool
) -> None:
    note = tmp_path / "note.md"
    note.write_text("old\n")
    inode = note.stat().st_ino
    late = os.open(note, os.O_WRONLY | os.O_APPEND) if not leases else None
    if not leases:
        monkeypatch.setattr(swap, "watch_writers", lambda _: None)
    real, calls = swap.exchange, list[int]()

    def then(folder: int | None, one: str, other: str) -> bool:
        done = swaps and real(folder, one, other)
        calls.append(1)
        if len(calls) > 1:
            return done
        if late is not None:
            os.write(late, b"theirs\n")
        else:  # it had looked up the name before the exchange
            old = f"{tmp_path}/{one}" if done else str(note)
            with pytest.raises(BlockingIOError):
                os.open(old, os.O_WRONLY | os.O_NONBLOCK)
        return done

    monkeypatch.setattr(swap, "exchange", then)
    with pytest.raises(ChangedError, match="try again"):
        atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
    assert b"new" not in note.read_bytes()
    assert note.read_text().startswith("old\n") and ("theirs" in note.read_text()) is (late is not None)
    if swaps:
        assert note.stat().st_ino == inode, "the very file that the other program has open"
    assert len(list(tmp_path.iterdir())) == 1
    if late is not None:
        os.close(late)


def test_a_note_that_another_program_replaces_in_the_last_instant_stays_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note.md"
    real = swap.exchange
    for times in (1, 2):
        note.write_text("old\n")
        left = [f"theirs {i}\n" for i in range(times)]

        def before(folder: int | None, one: str, other: str, left: list[str] = left) -> bool:
            if left:
                (tmp_path / "theirs").write_text(left.pop(0))
                (tmp_path / "theirs").rename(note)
            return real(folder, one, other)

        monkeypatch.setattr(swap, "exchange", before)
        with pytest.raises(ChangedError):
            atomic_write.rewrite(str(tmp_path), "note.md", lambda _: b"new\n")
        assert note.read_text() == f"theirs {times - 1}\n", "the newest of theirs"
        assert [p.name for p in tmp_path.iterdir()] == ["note.md"]


# --- rights ---------------------------------------------------------------------------------------------------------


def acl(*entries: tuple[int, int, int]) -> bytes:
    """A POSIX access list as the kernel keeps it: (tag, rights, id) each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY, ANY = 65534, 0xFFFFFFFF
WIDE = acl((1, 7, ANY), (2, 7, NOBODY), (4, 7, ANY), (0x10, 7, ANY), (0x20, 5, ANY))  # user nobody: rwx, others: r-x
OWN = acl((1, 6, ANY), (2, 4, NOBODY), (4, 0, ANY), (0x10, 4, ANY), (0x20, 0, ANY))


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="access lists as attributes are Linux's")
@pytest.mark.parametrize("mode", [0o640, 0o600, 0o604, 0o666])
@pytest.mark.parametrize("own", [None, OWN], ids=["no list", "its own list"])
def test_an_edit_gives_a_note_no_rights_that_it_never_had(
    tmp_path: Path, mode: int, own: bytes | None, tell: Tell
) -> None:
    note = tmp_path / "note.md"
    note.write_text("old\n")
    note.chmod(mode)
    if own:
        os.setxattr(note, "system.posix_acl_access", own)
    try:
        os.setxattr(tmp_path, "system.posix_acl_default", WIDE)
    except OSError:
        pytest.skip("this disk keeps no access lists")
    rights = note.stat().st_mode, {n: os.getxattr(note, n) for n in os.listxattr(note)}
    during = []

    def change(_: bytes) -> bytes:
        during.extend(p.stat().st_mode & 0o077 for p in tmp_path.glob(".*vi-tmp"))
        return b"new\n"

    atomic_write.rewrite(str(tmp_path), "note.md", change)
    assert note.read_text() == "new\n"
    assert (note.stat().st_mode, {n: os.getxattr(note, n) for n in os.listxattr(note)}) == rights
    assert during == [0], "the hidden file is nobody else's while it is made"
    tell(33, "a note without access list (and with its own) edited in a folder with a wide default ACL",
         "mode and access list are what they were, from before the first byte is written")  # fmt: skip


def test_an_edit_that_would_carry_a_note_over_the_size_cap_is_refused_before(tmp_path: Path, tell: Tell) -> None:
    note = tmp_path / "note.md"
    full = b"- [ ] ours\n" + b"x" * 99 + b"\n"
    note.write_bytes(full + b"y" * (disk.MAX_NOTE - len(full)))
    before = note.read_bytes(), note.stat().st_ino
    with pytest.raises(VaultError, match="would grow beyond 5 MB"):
        atomic_write.rewrite(str(tmp_path), "note.md", lambda data: data + b"z")
    with pytest.raises(VaultError, match="would grow beyond 5 MB"):
        atomic_write.create(str(tmp_path), "new.md", b"z" * (disk.MAX_NOTE + 1))
    assert (note.read_bytes(), note.stat().st_ino) == before and not (tmp_path / "new.md").exists()
    atomic_write.rewrite(str(tmp_path), "note.md", lambda data: data.replace(b"[ ]", b"[x]"))
    assert note.read_bytes().startswith(b"- [x] ours")
    tell(
        34,
        "an edit that would carry a note over the size cap",
        "refused before, the note as it was; up to the cap it is made",
    )
