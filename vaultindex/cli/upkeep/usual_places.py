"""Vaults that a new user may mean: the one around this folder, those that Obsidian knows, those in the usual places."""

from __future__ import annotations

import os

from vaultindex.base import paths
from vaultindex.vault import disk

# Below the home folder, each looked at with the folders in it.
_PLACES = (
    "", "Documents", "Obsidian", "Notes", "Vaults", "vaults", "Desktop", "Dropbox", "OneDrive", "Sync", "Nextcloud", "notes",
    "Library/Mobile Documents/iCloud~md~obsidian/Documents", "Dokumente", "iCloudDrive/iCloud~md~obsidian",
)  # fmt: skip
_MOST = 400  # folders that are looked at in one place


def vaults(cwd: str, env: dict[str, str]) -> list[str]:
    """Real paths of the vaults that can be found, the most likely first."""
    home = paths.home(env)
    found = [around] if (around := paths.vault_around(cwd)) else []
    found += [os.path.realpath(path) for path in disk.registered_vaults(env)]
    for place in _PLACES:
        folder = os.path.join(home, place) if place else home
        try:
            with os.scandir(folder) as entries:
                inner = sorted(entry.path for entry, _ in zip(entries, range(_MOST)) if entry.is_dir())
        except OSError:
            continue
        for path in (folder, *inner):
            if os.path.isdir(os.path.join(path, ".obsidian")):
                found.append(os.path.realpath(path))
    return list(dict.fromkeys(found))
