"""The folder of a note, held open: every write goes through it, and no link on the way is followed.

A path names a folder only for the moment in which it is looked up: a moment later a link out of the vault may stand in its
place. So a folder is reached from the vault's own, name by name, and what is then done in it is done by its descriptor.
Windows has no such descriptors; there the names are joined to paths.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat as st
from collections.abc import Iterator

from vaultindex.base.errors import ChangedError, VaultError

_DESCRIPTORS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_ALWAYS = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip


class Folder:
    """An open folder of the vault. Its methods take names, never paths, and follow no link."""

    def __init__(self, root: str, parts: list[str], fd: int | None) -> None:
        self.root, self.parts, self.fd = root, parts, fd

    def at(self, name: str) -> str:
        """The name as system calls want it beside `self.fd`."""
        return name if self.fd is not None else os.path.join(self.root, *self.parts, name)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """A descriptor of a file in this folder; a pipe does not block."""
        return os.open(self.at(name), flags | _ALWAYS, mode, dir_fd=self.fd)

    def look(self, name: str) -> os.stat_result:
        """What stands under this name."""
        return os.stat(self.at(name), dir_fd=self.fd, follow_symlinks=False)

    def holds(self, name: str, info: os.stat_result) -> bool:
        """Whether this very file stands under this name."""
        try:
            return os.path.samestat(self.look(name), info)
        except FileNotFoundError:
            return False

    def replace(self, old: str, new: str) -> None:
        """Let one file take the place of another."""
        os.replace(self.at(old), self.at(new), src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self.at(name), dir_fd=self.fd)

    def sync(self) -> None:
        """Bring the names in this folder to the disk; a disk that cannot do that is no failure of what was done."""
        if self.fd is not None:
            with contextlib.suppress(OSError):
                os.fsync(self.fd)

    def still_there(self) -> bool:
        """Whether this folder still stands where it was found."""
        if self.fd is None:
            return True
        try:
            with inside(self.root, self.parts) as again:
                return again.fd is not None and os.path.samestat(os.fstat(again.fd), os.fstat(self.fd))
        except (OSError, VaultError):
            return False


@contextlib.contextmanager
def inside(root: str, parts: list[str], make: bool = False) -> Iterator[Folder]:
    """The folder `parts` of the vault at the real path `root`; missing ones are made if `make`.

    Raises ChangedError when something else stands in the place of one of them, OSError as the system says it.
    """
    if any(part in ("", ".", "..") or "/" in part for part in parts):
        raise VaultError(f"{'/'.join(parts)} leads out of the vault")
    if not _DESCRIPTORS:
        if make:
            os.makedirs(os.path.join(root, *parts), exist_ok=True)
        yield Folder(root, parts, None)
        return
    fd = os.open(root, _FOLDER)
    try:
        for part in parts:
            try:
                inner = _inner(fd, part, make)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
                    raise ChangedError(f"the folder {part} has become a link or a file: nothing was changed") from error
                raise
            os.close(fd)
            fd = inner
        yield Folder(root, parts, fd)
    finally:
        os.close(fd)


def _inner(fd: int, part: str, make: bool) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=fd)
    except FileNotFoundError:
        if not make:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, 0o777, dir_fd=fd)
    return os.open(part, _FOLDER, dir_fd=fd)


def is_file(info: os.stat_result) -> bool:
    """Whether it is a regular file."""
    return st.S_ISREG(info.st_mode)
