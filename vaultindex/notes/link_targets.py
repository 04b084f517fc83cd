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
        self._crowds: dict[str, _Crowd] = {}  # of names that many files have
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """A file has come."""
        folded = _folded(path)
        name = folded[folded.rfind("/") + 1 :]
        self._named.setdefault(name, []).append((folded, path))
        self._crowds.pop(name, None)

    def remove(self, path: str) -> None:
        """A file has gone."""
        folded = _folded(path)
        name = folded[folded.rfind("/") + 1 :]
        self._named[name].remove((folded, path))
        self._crowds.pop(name, None)

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
        name = path[path.rfind("/") + 1 :]
        named = self._named.get(name)
        if not named:
            return []
        if len(named) > _MANY:
            crowd = self._crowds.get(name)
            if crowd is None:
                crowd = self._crowds[name] = _Crowd(named)
            return crowd.best(typed, path, folder)
        exact = _anchored(path, folder)
        found = [file for folded, file in named if folded == (path if exact is None else exact)]
        if not found and exact is None:
            ending = "/" + path
            fits = [
                (not folded.startswith(folder), len(file), file) for folded, file in named if folded.endswith(ending)
            ]
            best = min(fits)[:2] if fits else None
            found = [file for *rank, file in fits if (rank[0], rank[1]) == best]
        return _as_typed(found, typed)


_MANY = 32  # files of one name, from which on they are not gone through for each link


class _Crowd:
    """Only for speed: many files of one name, so that a link finds its own by look-ups. Stands for `Resolver._best`.

    4,000 notes called README with two links each take a second in place of fifteen. Test: tests/notes/test_link_targets.py.
    """

    def __init__(self, named: list[tuple[str, str]]) -> None:
        self._named = named
        self._exact: dict[str, list[str]] = {}
        for folded, file in named:
            self._exact.setdefault(folded, []).append(file)
        self._below: dict[str, dict[str, list[str]]] = {}  # link path -> folder -> the shortest paths below it that fit
        self._answers: dict[tuple[str, str], list[str]] = {}

    def best(self, typed: str, path: str, folder: str) -> list[str]:
        """As `Resolver._best` says."""
        exact = _anchored(path, folder)
        found = self._exact.get(path if exact is None else exact)
        if found or exact is not None:
            return _as_typed(list(found or ()), typed)
        below = self._below.get(path)
        if below is None:
            below = self._below[path] = self._fitting("/" + path)
        at = folder if folder in below else ""
        if (typed, at) not in self._answers:
            self._answers[typed, at] = _as_typed(list(below.get(at, ())), typed)
        return self._answers[typed, at]

    def _fitting(self, ending: str) -> dict[str, list[str]]:
        """Of the files whose path ends so: for each folder above one, the shortest paths below that folder."""
        found: dict[str, list[str]] = {}
        for folded, file in self._named:
            if folded.endswith(ending):
                end = len(folded)
                while end >= 0:
                    end = folded.rfind("/", 0, end)
                    some = found.setdefault(folded[: end + 1], [])
                    if some and len(some[0]) > len(file):
                        some.clear()
                    if not some or len(some[0]) == len(file):
                        some.append(file)
        return found


def _as_typed(found: list[str], typed: str) -> list[str]:
    """Of names that differ only in case or accents, the one that was typed comes first."""
    if len(found) > 1:
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
