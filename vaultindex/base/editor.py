"""Find the real editor: the next `vi` on the PATH that is not this program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_EDITORS = ("vim", "nvim", "nano")


def real_editor(env: Mapping[str, str]) -> str | None:
    """Path of the next `vi` on the PATH that is not this program, else vim, nvim or nano; None when there is none."""
    named = env.get("VAULTINDEX_REAL_VI")
    if named:
        return named
    folders = [f for f in env.get("PATH", os.defpath).split(os.pathsep) if f]
    mine = _identities()
    for name in ("vi", *_EDITORS):
        for folder in folders:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK) and not _is_us(path, mine):
                return path
    return None


def chosen_editor(env: Mapping[str, str]) -> list[str] | None:
    """The command to edit a file with: VISUAL, EDITOR, else the real vi; one that is this program becomes the real vi."""
    import shlex
    import shutil

    for name in ("VISUAL", "EDITOR"):
        words = shlex.split(env.get(name, ""))
        path = shutil.which(words[0], path=env.get("PATH", os.defpath)) if words else None
        if path is not None and not _is_us(path, _identities()):
            return [path, *words[1:]]
        if words and path is None:
            return words  # starting it says what is wrong
    editor = real_editor(env)
    return [editor] if editor else None


def _identities() -> set[tuple[int, int]]:
    found = set()
    for path in (sys.argv[0], os.path.realpath(sys.argv[0])):
        try:
            info = os.stat(path)
        except OSError:
            continue
        found.add((info.st_dev, info.st_ino))
    return found


def _is_us(path: str, mine: set[tuple[int, int]]) -> bool:
    """The same file as this program, or another environment's start script of it."""
    try:
        info = os.stat(path)
        if (info.st_dev, info.st_ino) in mine:
            return True
        if info.st_size > 20_000:
            return False
        with open(path, "rb") as file:
            return b"vaultindex" in file.read(4096)
    except OSError:
        return True
