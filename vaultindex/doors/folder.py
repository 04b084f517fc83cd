"""Files that other programs read while we write them: one file, or a folder with one file a task (vdir)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from typing import NamedTuple

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.doors.calendar import PRODUCT

_OURS = ".vaultindex.ics"  # how the names of our files end


class Written(NamedTuple):
    """How many files there are, were written because they are new or another, and were removed."""

    files: int
    written: int
    removed: int


def replace(path: str, pieces: Iterable[bytes]) -> None:
    """Put a file in place, whole or not at all; a reader sees the old or the new one. It keeps the rights of the old one.

    Raises VaultError.
    """
    fresh = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.tmp")
    try:
        with open(fresh, "wb") as file:
            if os.path.exists(path):
                shutil.copymode(path, fresh)
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError as error:
        raise VaultError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)


def outside(root: str, path: str) -> str:
    """The full path of what is to be written. Raises UsageError inside the vault, where a file would be read as its own."""
    full = os.path.realpath(os.path.expanduser(path))
    if full == root or full.startswith(root.rstrip(os.sep) + os.sep):
        raise UsageError(f"{path} is inside the vault: an export stands outside of it")
    return full


def vdir(folder: str, items: Iterable[tuple[str, bytes]]) -> Written:
    """Make a folder hold these (id, calendar of one task) and nothing else of ours. Raises VaultError.

    A file with other bytes is put in place anew, an equal one is left alone, so that a reader sees only what changed.
    What vanished is removed only when it has a name of ours and says that we made it.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        there = {name for name in os.listdir(folder) if name.endswith(_OURS)}
    except OSError as error:
        raise VaultError(f"the folder {folder} cannot be used: {error.strerror or error}") from error
    count = written = 0
    for identity, data in items:
        name = identity + _OURS
        there.discard(name)
        count += 1
        path = os.path.join(folder, name)
        if _content(path) != data:
            replace(path, [data])
            written += 1
    removed = 0
    for name in sorted(there):
        path = os.path.join(folder, name)
        if PRODUCT.encode() in (_content(path) or b""):
            os.unlink(path)
            removed += 1
    return Written(count, written, removed)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultError(f"{path} cannot be read: {error.strerror or error}") from error
