"""The kernel's file watches: how many folders there are, which are watched, and the limits."""

from __future__ import annotations

import os


def folders(root: str) -> set[int]:
    """The inodes of the vault's folder and of all folders below it, hidden ones too; links are not followed."""
    found = {os.stat(root).st_ino}
    stack = [root]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        found.add(entry.inode())
                        stack.append(entry.path)
        except OSError:
            continue  # it cannot be watched either; the sweep reports it
    return found


def watched() -> list[int] | None:
    """The inodes that this process watches, as the kernel counts them; None where there is no such count."""
    place = "/proc/self/fdinfo"
    if not os.path.isdir(place):
        return None
    found = []
    for fd in os.listdir(place):
        try:
            with open(f"{place}/{fd}", encoding="ascii") as file:
                lines = [line for line in file if line.startswith("inotify wd:")]
        except OSError:
            continue  # closed in the meantime
        found += [int(line.split("ino:", 1)[1].split()[0], 16) for line in lines]
    return found


def limits() -> dict[str, int]:
    """The kernel's limits on watching: max_user_watches and others; {} where there are none."""
    found = {}
    place = "/proc/sys/fs/inotify"
    for name in ("max_user_watches", "max_user_instances", "max_queued_events"):
        try:
            with open(f"{place}/{name}", encoding="ascii") as file:
                found[name] = int(file.read())
        except (OSError, ValueError):
            continue
    return found


def raise_limit(folders: int) -> str:
    """The command that allows that many watches, and leaves some for other programs."""
    wanted = max(524_288, 1 << (folders * 2).bit_length(), 2 * limits().get("max_user_watches", 0))
    return f"sudo sysctl fs.inotify.max_user_watches={wanted}"
