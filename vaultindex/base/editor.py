"""Find the real editor: the next `vi` on the PATH that is not this program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

_EDITORS = ("vim", "nvim", "nano")
_WINDOWS_EDITORS = (*_EDITORS, "notepad")  # notepad is there on every Windows
_WINDOWS_ENDS = (".exe", ".cmd", ".bat", ".com")
_SCRIPT = 20_000  # bytes; a start script is smaller, an editor is not


def real_editor(env: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Path of the editor behind our `vi`; None when there is none.

    VAULTINDEX_REAL_VI names it, by a path or by a name that is looked up on the PATH; else it is the next `vi` on the PATH,
    else vim, nvim, nano (on Windows notepad at last). It is never this program.
    """
    named = env.get("VAULTINDEX_REAL_VI")
    if named:
        if "/" in named or "\\" in named:
            return os.path.expanduser(named)
        return next(_found((named,), env, platform), None)
    return next(_found(("vi", *(_WINDOWS_EDITORS if platform == "win32" else _EDITORS)), env, platform), None)


def none_found(env: Mapping[str, str]) -> str:
    """What is wrong when there is no real editor, and what to do."""
    named = env.get("VAULTINDEX_REAL_VI")
    if named:
        return f"VAULTINDEX_REAL_VI names {named}, and no such program but vaultindex itself is on the PATH"
    return "there is no editor on the PATH (vi, vim, nvim, nano): name yours in VAULTINDEX_REAL_VI"


def _found(names: tuple[str, ...], env: Mapping[str, str], platform: str) -> Iterator[str]:
    """The programs of these names on the PATH that are not this one, all of a name before the next name."""
    windows = platform == "win32"
    folders = [f for f in env.get("PATH", os.defpath).split(os.pathsep) if f]
    mine = _identities()
    for name in names:
        plain = not windows or name.lower().endswith(_WINDOWS_ENDS)
        for folder in folders:
            for end in ("",) if plain else _WINDOWS_ENDS:
                path = os.path.join(folder, name + end)
                if os.path.isfile(path) and os.access(path, os.X_OK) and not runs_us(path, mine):
                    yield path


def chosen_editor(env: Mapping[str, str], platform: str = sys.platform) -> list[str] | None:
    """The command to edit a file with: VISUAL, EDITOR, else the real vi; one that is this program becomes the real vi."""
    import shutil

    for name in ("VISUAL", "EDITOR"):
        words = words_of(env.get(name, ""), platform)
        if not words:
            continue
        path = shutil.which(words[0], path=env.get("PATH", os.defpath))
        if path is None and platform == "win32":
            path = next(_found((words[0],), env, platform), None) if "\\" not in words[0] else None
        if path is None:
            return words  # starting it says what is wrong
        if not runs_us(path, _identities()):
            return [path, *words[1:]]
    editor = real_editor(env, platform)
    return [editor] if editor else None


def words_of(command: str, platform: str = sys.platform) -> list[str]:
    """The words of VISUAL or EDITOR. A path with blanks needs no quotes; on Windows a backslash is part of the path."""
    import shlex

    if os.path.isfile(command):
        return [command]
    try:
        if platform != "win32":
            return shlex.split(command)
        return [word.strip('"') for word in shlex.split(command, posix=False)]
    except ValueError:  # a quotation mark without its partner
        return command.split()


def kind_of(program: str) -> str:
    """The editor's name as its options go by: 'code' of 'C:\\Program Files\\Code.exe', 'vim' of '/usr/bin/vim.basic'."""
    name = program.replace("\\", "/").rpartition("/")[2].lower()
    return name.split(".")[0]


def _identities() -> set[tuple[int, int]]:
    found = set()
    for path in (sys.argv[0], os.path.realpath(sys.argv[0])):
        try:
            info = os.stat(path)
        except OSError:
            continue
        found.add((info.st_dev, info.st_ino))
    return found


def runs_us(path: str, mine: set[tuple[int, int]] | None = None, deeper: int = 2) -> bool:
    """Whether this file starts vaultindex: it is the file that was started, or a script that imports or calls us.

    What a file or its folder is called says nothing, and neither does a comment or the Python it runs with.
    """
    mine = _identities() if mine is None else mine
    try:
        info = os.stat(path)
        if (info.st_dev, info.st_ino) in mine:
            return True
        with open(path, "rb") as file:
            data = file.read(_SCRIPT)
            if data.startswith(b"MZ"):  # a Windows start program carries its script at its end
                file.seek(max(info.st_size - _SCRIPT, 0))
                return b"vaultindex.launcher" in file.read()
    except OSError:
        return True  # it cannot be started either
    if not data.startswith(b"#!") or info.st_size > _SCRIPT:
        return False
    import re

    code = b"\n".join(line for line in data.splitlines() if not line.lstrip().startswith(b"#"))
    if re.search(rb"\b(?:from|import)\s+vaultindex\b|-m\s+vaultindex\b|(?:^|[\s/;&|'\"])vaultindex(?:['\"]?\s|$)", code, re.M):  # fmt: skip
        return True
    called = re.findall(rb"(/[^\s'\"]*/vi)['\"]?(?:\s|$)", code)
    return deeper > 0 and any(
        runs_us(os.fsdecode(other), mine, deeper - 1) for other in called if os.path.exists(other)
    )
