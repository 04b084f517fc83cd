"""Put other bytes in place of a note's, all or none: the only writer of notes.

A note is written beside its place under a hidden name that has the note's owner, rights and attributes, brought to the disk,
and then takes the note's place in one step; whatever happens before that step leaves the note as it was. Other programs
write the same notes. One that has the note open is noticed before that step or a moment after it, and then the old file is
put back, with everything that was written to it. The hidden file is locked as long as its writer lives, so one that nobody
holds was left by a crash and may go.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.base.text import nfc
from vaultindex.vault import disk, swap
from vaultindex.vault.file_rights import give_rights
from vaultindex.vault.folder import Folder, inside, is_file
from vaultindex.vault.hidden_file import discard_in, hidden_beside, lock_open

_MOMENT = 0.002  # seconds for which the old note is looked at once more; ten times that where writers cannot be seen
_PATIENCE = 1.0  # seconds for which a locked note is waited for
_QUIET = 0.01  # seconds for which a note that was changed just now is left alone first


@contextlib.contextmanager
def folder_of(root: str, path: str) -> Iterator[tuple[Folder, str]]:
    """(the folder that holds the note's bytes, the note's name in it); a link is followed to a place in the vault.

    Raises VaultError.
    """
    root = os.path.realpath(root)
    if "\0" in path:
        raise VaultError("a path cannot hold NUL")
    full = os.path.realpath(on_disk(root, path))
    if full == root or os.path.commonpath([full, root]) != root:
        raise VaultError(f"{path} leads out of the vault: edit it where it is")
    *parts, name = os.path.relpath(full, root).split(os.sep)
    try:
        with inside(root, parts) as folder:
            yield folder, name
    except FileNotFoundError as error:
        raise ChangedError(f"{path} is not there any more ({error.strerror})") from error


def on_disk(root: str, path: str) -> str:
    """The file of a vault path: the index composes letters (NFC), a disk need not."""
    full = os.path.join(root, *path.split("/"))
    if path.isascii() or os.path.lexists(full):
        return full
    full = root
    for part in path.split("/"):
        names = os.listdir(full) if os.path.isdir(full) else []
        full = os.path.join(
            full, next((n for n in names if n == part), next((n for n in names if nfc(n) == part), part))
        )
    return full


@contextlib.contextmanager
def _note(folder: Folder, name: str, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """The note open for reading, and what it is. Raises VaultError unless it may be edited."""
    try:
        info = folder.look(name)  # before it is opened: a device may act on being opened
        if not is_file(info):
            raise VaultError(f"{path} is not a regular file")
        fd = folder.open(name, os.O_RDONLY)
    except FileNotFoundError as error:
        raise ChangedError(f"{path} is not there any more ({error.strerror})") from error
    try:
        info = os.fstat(fd)
        if not is_file(info):
            raise VaultError(f"{path} is not a regular file")
        if info.st_nlink > 1:
            raise VaultError(
                f"{path} has a second name (hard link), and an edit would part the two: edit it in the app"
            )
        if not info.st_mode & 0o222:
            raise VaultError(f"{path} is read-only")
        yield fd, info
    finally:
        os.close(fd)


def _content(fd: int, path: str) -> tuple[bytes, disk.Stat]:
    """The bytes of an open note and its fingerprint. Raises VaultError, ChangedError when it changes meanwhile."""
    before = os.fstat(fd)
    if before.st_size > disk.MAX_NOTE:
        raise VaultError(f"{path} is larger than {disk.MAX_NOTE // 1_000_000} MB: it is not edited")
    os.lseek(fd, 0, os.SEEK_SET)
    pieces = []
    left = before.st_size + 1
    while left > 0 and (piece := os.read(fd, left)):
        pieces.append(piece)
        left -= len(piece)
    data, after = b"".join(pieces), os.fstat(fd)
    if _fingerprint(before) != _fingerprint(after) or len(data) != after.st_size:
        raise ChangedError(f"{path} is being changed by another program: try again")
    return data, _fingerprint(after)


def _fingerprint(info: os.stat_result) -> disk.Stat:
    return disk.Stat(info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)


def read(root: str, path: str) -> bytes:
    """The bytes of a note that may be edited. Raises VaultError."""
    with (
        _told(path, "could not be read"),
        folder_of(root, path) as (folder, name),
        _note(folder, name, path) as (fd, _),
    ):
        return _content(fd, path)[0]


@contextlib.contextmanager
def _told(path: str, what: str = "could not be written") -> Iterator[None]:
    """What the system says, as a VaultError."""
    try:
        yield
    except OSError as error:
        raise VaultError(f"{path} {what} ({error.strerror or error}): it is as it was") from error


def rewrite(root: str, path: str, change: Callable[[bytes], bytes]) -> None:
    """Replace the note's bytes by what `change` makes of them. Raises VaultError (also what `change` raises), and
    ChangedError when the note is written by another while this happens; the note is then as it was."""
    with (
        _told(path),
        folder_of(root, path) as (folder, name),
        hidden_beside(folder, name) as (temp, fd),
        _note(folder, name, path) as (old, info),
    ):
        data, stat = _content(old, path)
        new = change(data)
        if new == data:
            return
        _check_size(new, path)
        give_rights(old, info, fd, path)
        _write(fd, new)
        os.fsync(fd)
        _put(folder, temp, fd, name, old, stat, path)


def _check_size(data: bytes, path: str) -> None:
    if len(data) > disk.MAX_NOTE:
        limit = disk.MAX_NOTE // 1_000_000
        raise VaultError(f"{path} would grow beyond {limit} MB, and then not be read any more: not edited")


def _put(folder: Folder, temp: str, fd: int, name: str, old: int, stat: disk.Stat, path: str) -> None:
    """Let the file at `temp` (open as `fd`) take the place of the note (open as `old`, `stat` when it was read).

    Raises ChangedError when another program writes the note: before the step nothing was done; after it, it is undone.
    """
    if abs(time.time_ns() - stat.ctime_ns) < _QUIET * 1e9:
        time.sleep(
            _QUIET
        )  # it was changed just now: whoever writes it again and again shows before the step, not in it
    _lock(old, path)
    seen = swap.watch_writers(old)
    if seen is False:
        raise ChangedError(f"another program is writing {path}; try again")
    # The last look, in the narrowest window there is.
    if not folder.still_there():
        raise ChangedError(f"the folder of {path} was moved away: nothing was changed")
    now = folder.look(name)
    if _fingerprint(now) != stat or now.st_nlink > 1:
        raise ChangedError(f"{path} is being changed by another program: try again")
    both = swap.exchange(folder.fd, temp, name)
    if not both:
        folder.replace(temp, name)
    elif not folder.holds(temp, now):
        # Another program put its own file there since the last look: at once, before it reads ours and goes on from that.
        _take_back(folder, temp, fd, name)
        raise ChangedError(f"another program is writing {path}; try again")
    folder.sync()
    time.sleep(_MOMENT if seen else 10 * _MOMENT)
    info = os.fstat(old)
    same = (info.st_size, info.st_mtime_ns) == (stat.size, stat.mtime_ns) and not (seen and swap.came(old))
    if both:
        if same and folder.holds(temp, info):
            folder.remove(temp)
            return
        _take_back(folder, temp, fd, name)
    elif same:
        return
    else:
        _write_back(folder, fd, name, old, info)
    folder.sync()
    raise ChangedError(f"another program is writing {path}; try again")


def _lock(old: int, path: str) -> None:
    """Lock the note, so that no other edit of ours takes its file for one that a crash left. Raises ChangedError.

    A second's patience: an edit that came just before, and has put its file there, holds that file a moment longer.
    """
    until = time.monotonic() + _PATIENCE
    while lock_open(old, shared=True) is False:
        if time.monotonic() > until:
            raise ChangedError(f"another program has locked {path}; try again")
        time.sleep(_QUIET)


def _take_back(folder: Folder, temp: str, fd: int, name: str) -> None:
    """Undo the exchange: what stood under the note's name stands there again."""
    ours = os.fstat(fd)
    swap.exchange(folder.fd, temp, name)
    if folder.holds(temp, ours):
        return  # it goes with the hidden name
    # Somebody put yet another file in the note's place meanwhile: that one is the newest.
    swap.exchange(folder.fd, temp, name)
    folder.remove(temp)


def _write_back(folder: Folder, fd: int, name: str, old: int, info: os.stat_result) -> None:
    """Where names cannot be exchanged: give the new file, if it still is the note, the bytes that the old one got."""
    if not folder.holds(name, os.fstat(fd)):
        return  # replaced by another once more: theirs is the newest
    os.lseek(old, 0, os.SEEK_SET)
    os.lseek(fd, 0, os.SEEK_SET)
    while piece := os.read(old, 1 << 20):
        _write(fd, piece)
    os.ftruncate(fd, os.lseek(fd, 0, os.SEEK_CUR))
    os.fsync(fd)


def create(root: str, path: str, data: bytes) -> None:
    """Make a note that is not there yet, whole or not at all. Raises VaultError, ChangedError when it is there."""
    _check_size(data, path)
    *parts, name = path.split("/")
    if name in ("", ".", "..") or "\0" in path:
        raise VaultError(f"{path} is no name of a note")
    with _told(path), _made(os.path.realpath(root), parts, path) as folder, hidden_beside(folder, name) as (temp, fd):
        _write(fd, data)
        if hasattr(os, "fchmod"):
            os.fchmod(fd, 0o666 & ~_umask())
        os.fsync(fd)
        there = ChangedError(f"{path} is there already")
        try:
            folder.look(name)
            raise there
        except FileNotFoundError:
            pass
        try:
            if not swap.put_new(folder.fd, folder.at(temp) if folder.fd is None else temp, name):
                folder.replace(temp, name)
        except FileExistsError:
            raise there from None
        folder.sync()


@contextlib.contextmanager
def _made(root: str, parts: list[str], path: str) -> Iterator[Folder]:
    """The folder for a new note, made where it is missing; a link is followed to a place in the vault."""
    if ".." in parts:
        raise VaultError(f"{path} leads out of the vault")
    full = os.path.realpath(os.path.join(root, *parts))
    if os.path.commonpath([full, root]) != root:
        raise VaultError(f"{path} leads out of the vault")
    real = [] if full == root else os.path.relpath(full, root).split(os.sep)
    with inside(root, real, make=True) as folder:
        yield folder


def remove(root: str, path: str, data: bytes) -> None:
    """Remove a note that holds exactly these bytes. Raises ChangedError when it holds others."""
    with _told(path, "could not be removed"), folder_of(root, path) as (folder, name):
        with hidden_beside(folder, name) as (temp, fd), _note(folder, name, path) as (old, _):
            held, stat = _content(old, path)
            if held != data:
                raise ChangedError(f"{path} holds more than was written there")
            _put(folder, temp, fd, name, old, stat, path)
            # An empty file of ours is the note now; nobody has seen it for longer than that moment.
            if folder.holds(name, os.fstat(fd)):
                folder.remove(name)
        folder.sync()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def discard(root: str, hidden: str) -> bool:
    """Remove a hidden file (a path in the vault that ends in SUFFIX) that a crash left; False when its writer may live."""
    *parts, name = hidden.split("/")
    try:
        with inside(os.path.realpath(root), parts) as folder:
            return discard_in(folder, name)
    except (OSError, VaultError):
        return False
