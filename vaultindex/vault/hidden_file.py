"""The hidden file beside a note while it is written: made, locked, taken over when a crash left it, discarded."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from vaultindex.base.errors import VaultError
from vaultindex.vault.folder import Folder, is_file

SUFFIX = ".vi-tmp"
STALE = 3600.0  # seconds after which a hidden file goes even where locks cannot be asked
_WAIT = 5.0  # seconds to wait for another writer of the same note
_LONGEST = 240  # bytes of a name that leaves room for a dot and the suffix


def temp_of(name: str) -> str:
    """The hidden name under which a note of this name is written."""
    if len(os.fsencode(name)) > _LONGEST:
        import hashlib

        name = hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()
    return f".{name}{SUFFIX}"


@contextlib.contextmanager
def hidden_beside(folder: Folder, name: str) -> Iterator[tuple[str, int]]:
    """An empty hidden file beside the note, locked; gone at the end, unless it has become the note."""
    temp = temp_of(name)
    fd = _claim(folder, temp)
    try:
        mine = os.fstat(fd)
        try:
            yield temp, fd
        finally:
            # Not the next writer's, who may have made one since ours took the note's place.
            if folder.holds(temp, mine):
                folder.remove(temp)
    finally:
        os.close(fd)


def _claim(folder: Folder, temp: str) -> int:
    """The hidden file, made new and locked; one left by a crash is removed first."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            fd = folder.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            if not discard_in(folder, temp):
                if time.monotonic() > until:
                    raise VaultError(
                        "another edit of the same note is going on: try again in a moment; if none is, remove "
                        + os.path.join(folder.root, *folder.parts, temp)
                    ) from None
                time.sleep(0.01)
            continue
        # Before it was locked it looked like one that a crash left: it may be gone.
        if lock_open(fd) is not False and folder.holds(temp, os.fstat(fd)):
            return fd
        os.close(fd)


def lock_open(fd: int, shared: bool = False) -> bool | None:
    """Whether the open file could be locked; None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return None
    return True


def discard_in(folder: Folder, temp: str) -> bool:
    try:
        if not is_file(folder.look(temp)):
            return False
        # For reading: whoever opens it for writing would look like a program that writes the note it was.
        fd = folder.open(temp, os.O_RDONLY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        info = os.fstat(fd)
        # A file that nobody holds is dead: a writer that was about to lock it makes another when it is gone.
        locked = lock_open(fd)
        old = locked or (locked is None and time.time() - info.st_mtime > STALE)
        if info.st_nlink > 1 or (hasattr(os, "getuid") and info.st_uid not in (os.getuid(), folder.look(".").st_uid)):
            return False
        if not is_file(info) or not old or not folder.holds(temp, info):
            return False
        folder.remove(temp)
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
