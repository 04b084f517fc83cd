"""Notes with several hard links: who writes through another link sends no event to this folder, so they are looked at.

They are few. The watcher looks at them at every tick, and puts what the index knows of them into its heartbeat, so that
every question can look at them too before it takes the watcher's word.
"""

from __future__ import annotations

import os
from typing import Protocol

from vaultindex.vault import disk

Known = tuple[str, int, int, int, int]  # path on disk, mtime, ctime, size, inode as the index has them
_INODE = disk.MAX_INT
MOST = 500  # notes that each question can look at


class Keeper(Protocol):
    """What is asked of the index's keeper."""

    read: list[str]

    def fingerprints(self, paths: list[str]) -> dict[str, tuple[int, ...]]: ...


class HardLinks:
    """The vault's notes that have several hard links."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.known: tuple[Known, ...] = ()
        self.too_many = False  # a backup of hard links, say: then no question takes the watcher's word
        self._paths: dict[str, str] | None = None  # path as indexed -> on disk; None: not looked for yet

    def follow(self, keeper: Keeper) -> bool:
        """Take in what the last sync has read; True when a note has come to have several links.

        The first time every file is looked at. From then on a new link shows in the file's ctime, so that it is read again.
        """
        before = dict(self._paths or {})
        if self._paths is None:
            self._paths = self._all()
            new = False
        else:
            for path in keeper.read:
                name = self._on_disk(path)
                if self._several(name):
                    self._paths[path] = name
                else:
                    self._paths.pop(path, None)
            new = not self._paths.keys() <= before.keys()
        self.too_many = len(self._paths) > MOST
        if self._paths and not self.too_many:
            found = keeper.fingerprints(list(self._paths))
            self._paths = {path: on_disk for path, on_disk in self._paths.items() if path in found}
            self.known = tuple((self._paths[path], *print_) for path, print_ in found.items())  # type: ignore[misc]
        else:
            self.known = ()
        return new

    def changed(self) -> list[str]:
        """Those that are not as the index knows them."""
        found = []
        for path, *known in self.known:
            try:
                info = os.lstat(os.path.join(self.root, path))
            except OSError:
                found.append(path)
                continue
            if [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino & _INODE] != known:
                found.append(path)
        return found

    def _on_disk(self, path: str) -> str:
        if path.isascii():
            return path
        from vaultindex.vault.atomic_write import on_disk

        return os.path.relpath(on_disk(self.root, path), self.root)

    def _several(self, path: str) -> bool:
        try:
            return os.lstat(os.path.join(self.root, path)).st_nlink > 1
        except OSError:
            return False

    def _all(self) -> dict[str, str]:
        """Every note and canvas with several links."""
        scan = disk.scan(self.root)
        names = {path: scan.disk.get(path, path) for path in (*scan.notes, *scan.others)}
        return {path: on_disk for path, on_disk in names.items() if self._several(on_disk)}
