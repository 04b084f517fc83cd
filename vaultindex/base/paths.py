"""Paths: the user's settings file, the vault around a folder, the index of a vault, the watcher's heartbeat file.

Imports nothing of ours, so that the launcher can use it before the rest of the program is loaded.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def user_file(env: Mapping[str, str]) -> str:
    """Path of the user's settings file, whether or not it exists."""
    return os.path.join(_own_folder(env, "XDG_CONFIG_HOME", ".config"), "vaultindex", "config.toml")


def tilde(path: str) -> str:
    """The path as a person reads it: `~` for their own folder."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def vault_around(folder: str) -> str | None:
    """The real path of the nearest folder at or above this one that holds `.obsidian`."""
    folder = os.path.realpath(folder)
    while not os.path.isdir(os.path.join(folder, ".obsidian")):
        up = os.path.dirname(folder)
        if up == folder:
            return None
        folder = up
    return folder


def index_of(env: Mapping[str, str], vault: str) -> str:
    """The index of a vault when no setting names another: one folder a vault, in the user's cache."""
    return os.path.join(cache_folder(env), _folder_name(vault, _digest(vault)), "index.db")


def state_of(env: Mapping[str, str], vault: str) -> str:
    """The journal of a vault: in a folder named as that of its index, in the user's state folder.

    Before 16 digits told vaults apart there were 8: a journal of then takes its new name.
    """
    import zlib

    folder = os.path.join(state_folder(env), _folder_name(vault, _digest(vault)))
    before = os.path.join(state_folder(env), _folder_name(vault, f"{zlib.crc32(os.fsencode(vault)):08x}"))
    if not os.path.exists(folder) and os.path.exists(before):
        try:
            os.rename(before, folder)
        except OSError:
            return os.path.join(before, "state.db")
    return os.path.join(folder, "state.db")


def _digest(vault: str) -> str:
    try:
        from _blake2 import blake2b  # hashlib brings all of OpenSSL with it
    except ImportError:
        from hashlib import blake2b
    return blake2b(os.fsencode(vault), digest_size=8).hexdigest()


def _folder_name(vault: str, mark: str) -> str:
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in os.path.basename(vault)) or "vault"
    return f"{name}-{mark}"


def cache_folder(env: Mapping[str, str]) -> str:
    """The folder of the indexes; everything in it can be rebuilt."""
    return os.path.join(_own_folder(env, "XDG_CACHE_HOME", ".cache"), "vaultindex")


def index_named(name: str) -> str:
    """The index that an option or a setting names."""
    return os.path.abspath(os.path.expanduser(name))


def beat_file(index: str) -> str:
    """The file of the watcher's heartbeat."""
    return index + ".watch"


def state_folder(env: Mapping[str, str]) -> str:
    """The folder for what cannot be rebuilt: edits for undo, verdicts on proposals."""
    return os.path.join(_own_folder(env, "XDG_STATE_HOME", os.path.join(".local", "state")), "vaultindex")


def _own_folder(env: Mapping[str, str], variable: str, below_home: str) -> str:
    """The folder that an XDG variable names, else the default below the home. As the standard says, a relative path is ignored."""
    given = env.get(variable) or ""
    return given if os.path.isabs(given) else os.path.join(home(env), below_home)


def home(env: Mapping[str, str]) -> str:
    """The user's home: HOME when it is absolute (else our files would follow the folder one stands in), else the system's."""
    given = env.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(given) and os.name == "posix":
        import pwd

        try:
            return pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return os.path.abspath(os.sep)
    return given
