"""Which file a link means: Obsidian's rules for link paths, over any list of the vault's files. Pure.

Names compare lower-cased, in NFC, with no-break spaces as spaces. A path that fits from the vault's root wins;
`./`, `../` and `/` in front allow nothing else; otherwise whole folder names must fit at the end, and among several the
ones below the source's own folder come first, then the shortest path.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize


@lru_cache(maxsize=1_024)  # the same names stand in thousands of links
def fold(linkpath: str) -> str:
    """The folded last part of a link path or file path, without `.md`: equal for a link and every file it can mean."""
    name = _folded(linkpath[linkpath.rfind("/") + 1 :])
    while name.endswith(".md"):
        name = name[:-3]
    return name


def _folded(path: str) -> str:
    if path.isascii():
        return path.lower()
    return normalize("NFC", path.replace("\xa0", " ").replace("\u202f", " ")).lower()


class Resolver:
    """The files a link may mean, by name. Any subset will do that holds every file with the link's `fold`."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._named: dict[str, list[tuple[str, str]]] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """A file has come."""
        folded = _folded(path)
        self._named.setdefault(folded[folded.rfind("/") + 1 :], []).append((folded, path))

    def remove(self, path: str) -> None:
        """A file has gone."""
        folded = _folded(path)
        self._named[folded[folded.rfind("/") + 1 :]].remove((folded, path))

    def resolve(self, linkpath: str, source: str) -> str | None:
        """The file a link path (no subpath) in `source` means, or None. An empty one is the source itself."""
        found = self.candidates(linkpath, source)
        return found[0] if found else None

    def candidates(self, linkpath: str, source: str) -> list[str]:
        """The files that fit equally well, the chosen one first (as typed, then by code points); [] when unresolved."""
        if not linkpath:
            return [source]
        folder = _folded(source[: source.rfind("/") + 1])
        return self._best(linkpath, folder) or self._best(linkpath + ".md", folder)

    def _best(self, typed: str, folder: str) -> list[str]:
        path = _folded(typed)
        named = self._named.get(path[path.rfind("/") + 1 :])
        if not named:
            return []
        exact = _anchored(path, folder)
        found = [file for folded, file in named if folded == (path if exact is None else exact)]
        if not found and exact is None:
            ending = "/" + path
            fits = [
                (not folded.startswith(folder), len(file), file) for folded, file in named if folded.endswith(ending)
            ]
            best = min(fits)[:2] if fits else None
            found = [file for *rank, file in fits if (rank[0], rank[1]) == best]
        if len(found) > 1:  # of names that differ only in case or accents, the one that was typed comes first
            name = typed[typed.rfind("/") + 1 :]
            found.sort(key=lambda file: (not file.endswith(name), file))
        return found


def _anchored(path: str, folder: str) -> str | None:
    """The one path from the vault's root that `./`, `../` or `/` in front leaves; None without any of them."""
    if path.startswith("/"):
        return path[1:]
    if not path.startswith(("./", "../")):
        return None
    while True:
        if path.startswith("./"):
            path = path[2:]
        elif path.startswith("../"):
            path = path[3:]
            folder = folder[: folder.rstrip("/").rfind("/") + 1]
        else:
            return folder + path
