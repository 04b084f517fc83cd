"""The watcher's heartbeat: a small file beside the index. A question reads it to know whether it has to sweep the vault itself.

The watcher holds a lock as long as it lives, and the lock dies with it; so a file left by a killed watcher, or a reused
process number, misleads nobody.
"""

import os
import time
from typing import NamedTuple

from vaultindex.base.paths import beat_file as beat_file
from vaultindex.index import holder

EVERY = 1.0  # seconds between two beats
TRUSTED = 3.5  # seconds after which a beat says nothing any more
_MAX_INODE = 0x7FFFFFFFFFFFFFFF  # as the index keeps them (vault.disk.MAX_INT)
WATCHING = "watching"  # the one mode in which nothing can change unnoticed


class Beat(NamedTuple):
    """What the watcher says about itself."""

    pid: int
    clock: float  # time.monotonic() when it was written: the same for all processes, and it never steps back
    mode: str  # starting, watching, degraded (events are lost: it looks often), paused (no vault there), failing
    vault: str
    version: int  # of the index it makes
    pending: bool  # something has changed, or may have, and is not in the index yet
    synced: float  # time.time() of the last look that left the index equal to the vault
    started: float  # time.time()
    notes: int = 0
    unknown: int = 0  # files and folders that could not be looked at
    watched: int = 0  # folders that the system tells us about
    folders: int = 0  # folders there are
    swept: int = 0  # times that it looked at everything
    lost: int = 0  # times that the system lost events
    what: str = ""  # why it is degraded, paused or failing
    linked: tuple[tuple[str, int, int, int, int], ...] = ()  # notes with several hard links, as the index knows them

    @property
    def age(self) -> float:
        """Seconds since it was written."""
        return time.monotonic() - self.clock


def lock_file(index: str) -> str:
    """The file that the watcher holds locked for its life."""
    return index + ".watch.lock"


def write(index: str, beat: Beat) -> None:
    """Replace the heartbeat file, atomically, readable by its user alone."""
    import json

    path = beat_file(index)
    temp = f"{path}.{os.getpid()}"
    fd = os.open(temp, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        os.write(fd, json.dumps(beat._asdict()).encode())
    finally:
        os.close(fd)
    os.replace(temp, path)


def read(index: str) -> Beat | None:
    """The last heartbeat, however old; None when there is none, or none that can be understood."""
    try:
        with open(beat_file(index), "rb") as file:
            data = file.read()
    except OSError:
        return None
    import json

    try:
        return Beat(**json.loads(data))
    except (ValueError, TypeError):
        return None


def clear(index: str) -> None:
    """The watcher ends: it leaves no heartbeat."""
    try:
        os.unlink(beat_file(index))
    except FileNotFoundError:
        return


def held(index: str) -> bool:
    """Whether a watcher of this index is alive (its lock is held; it may be stopped or stuck: see the age)."""
    from vaultindex.base.files import try_lock

    try:
        fd = os.open(lock_file(index), os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return False
    try:
        return not try_lock(fd, shared=True)
    finally:
        os.close(fd)


def alive(index: str, root: str) -> Beat | None:
    """The heartbeat of a living watcher of this vault, well or not; None when there is none."""
    beat = read(index)
    return beat if beat is not None and beat.vault == root and held(index) else None


def trusted(index: str, root: str) -> Beat | None:
    """The heartbeat when its watcher vouches for the index (alive, watching every folder, nothing left to do), else None."""
    from vaultindex.index.store import index_version

    beat = read(index)
    if beat is None or beat.pending or beat.mode != WATCHING or beat.vault != root:
        return None
    if not 0 <= beat.age <= TRUSTED or not held(index) or holder.suspended(beat.pid) or beat.version != index_version():
        return None
    return beat if all(_as_known(root, *one) for one in beat.linked) else None


def _as_known(root: str, path: str, *known: int) -> bool:
    """Whether a note is as it was. A change through another of its hard links sends no event, so each question looks."""
    try:
        info = os.lstat(os.path.join(root, path))
    except OSError:
        return False
    return (info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino & _MAX_INODE) == known


def last_synced(index: str) -> float:
    """time.time() of the last moment at which a watcher, alive or dead, knew the index to equal the vault; 0 if none."""
    beat = read(index)
    return beat.synced if beat is not None else 0.0
