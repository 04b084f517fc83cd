"""Where things lie: the user's settings, the vault around a folder, the index of a vault, its watcher's sign of life.

Nothing is imported here, so that it can be asked before anything else of the program is there.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def user_file(env: Mapping[str, str]) -> str:
    """Path of the user's settings file, whether or not it exists."""
    return os.path.join(env.get("XDG_CONFIG_HOME") or os.path.join(_home(env), ".config"), "vaultindex", "config.toml")


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
    import zlib

    cache = env.get("XDG_CACHE_HOME") or os.path.join(_home(env), ".cache")
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in os.path.basename(vault)) or "vault"
    mark = zlib.crc32(os.fsencode(vault))
    return os.path.join(cache, "vaultindex", f"{name}-{mark:08x}", "index.db")


def index_named(name: str) -> str:
    """The index that an option or a setting names."""
    return os.path.abspath(os.path.expanduser(name))


def beat_file(index: str) -> str:
    """The file of the watcher's heartbeat."""
    return index + ".watch"


def _home(env: Mapping[str, str]) -> str:
    return env.get("HOME") or os.path.expanduser("~")
