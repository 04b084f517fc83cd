"""What every folder listed when the index last equalled the vault, in one file beside the index, and what differs now.

It only ever saves time: it counts when it was kept for the very state that the index is in, else the table is read. A
folder that lists what it listed, fingerprint by fingerprint, costs one comparison. No import here takes time, so that a
scout (see there) is on its way at once.
"""

from __future__ import annotations

import marshal
import os
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Print = tuple[
        Any, ...
    ]  # mode, mtime_ns, ctime_ns, size, inode of an entry itself; 0 and why it cannot be looked at
    Listing = tuple[list[str], list[Print]]  # names on disk, in the order of the disk, and their prints
    Changed = dict[
        str, tuple[Listing | None, Listing | None]
    ]  # folder -> before and now; None: there is no such folder
    Look = tuple[Changed, list[str]]  # what was seen of some folders: which changed, which could not be listed

FORMAT = 4
LOTS = 256  # parts into which the folders are divided, so that two processes may look at them
_name = attrgetter("name")
_print = attrgetter("st_mode", "st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_MEANT = (".md.icloud", ".vi-tmp")  # hidden files that say something: a note in the cloud, an edit that goes on


class Snapshot:
    """The state of an index: `stamp` tells it from every other one of this index."""

    __slots__ = ("file", "folders", "notes", "stamp", "young")

    def __init__(self, stamp: str, notes: int, young: dict[str, str], folders: dict[str, bytes]) -> None:
        self.stamp = stamp
        self.notes = notes  # how many
        self.young = young  # files to be read again however they look -> their folders
        self.folders = folders  # folder on disk ('a/b/', '' for the root) -> its packed listing
        self.file = (0, 0)  # inode and length of the file it was read from: another process read the same


class Sweep:
    """What was seen of the whole vault, as differences from a snapshot."""

    __slots__ = ("changed", "notes", "stamp", "young")

    def __init__(
        self,
        stamp: str,
        notes: int,
        young: dict[str, tuple[str, Listing]],
        changed: Changed,
    ) -> None:
        self.stamp = stamp  # of the snapshot
        self.notes = notes  # of the snapshot
        self.young = young  # of the snapshot, with what their folders listed
        self.changed = changed


def path(index: str) -> str:
    """Where the snapshot of an index lies."""
    return index + ".seen"


def listing(root: str, place: str) -> Listing:
    """Every entry of the folder `place` ('a/b/', '' for the root) but hidden ones that mean nothing here.

    Raises OSError when it cannot be listed.
    """
    full = root + "/" + place[:-1] if place else root
    if not _BY_HANDLE:
        return _listed(full, full)
    folder = os.open(full, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return _listed(folder, full)
    finally:
        os.close(folder)


_BY_HANDLE = os.scandir in os.supports_fd  # whatever is asked of an open folder needs no path to be walked: a tenth


def _listed(folder: int | str, full: str) -> Listing:
    with os.scandir(folder) as entries:
        found = list(entries)
    names = list(map(_name, found))
    if "." in [name[0] for name in names]:
        found = [entry for entry in found if entry.name[0] != "." or entry.name.endswith(_MEANT)]
        names = list(map(_name, found))
    try:
        return names, [_print(entry.stat(follow_symlinks=False)) for entry in found]
    except OSError:
        return names, [_look(f"{full}/{name}") for name in names]


def printed(info: os.stat_result) -> Print:
    """The print of a file that was looked at."""
    prints: Print = _print(info)
    return prints


def _look(path: str) -> Print:
    try:
        return printed(os.lstat(path))
    except OSError as error:
        return 0, error.strerror


def folders_of(place: str, listed: Listing) -> list[str]:
    """The folders in a folder."""
    return [f"{place}{name}/" for name, found in zip(*listed) if found[0] & 0o170000 == 0o040000]


def sweep(root: str, known: Snapshot) -> Sweep:
    """Look at everything below the root. Raises OSError when a folder cannot be listed."""
    return together(known, look(root, known, range(LOTS)))


def look(root: str, known: Snapshot, lots: Iterable[int], noticed: Callable[[], object] = bool) -> Look:
    """Look at the folders of these lots, and at new ones in them; `noticed` is called at the first difference."""
    folders = known.folders
    places = list(folders)
    changed: Changed = {}
    failed: list[str] = []
    for lot in lots:
        stack = places[lot::LOTS]
        while stack:
            place = stack.pop()
            packed = folders.get(place)
            before: Listing | None = marshal.loads(packed) if packed is not None else None
            try:
                now = listing(root, place)
            except OSError:
                failed.append(place)
                continue
            if now == before:
                continue
            if not changed:
                noticed()
            changed[place] = before, now
            stack += [inner for inner in folders_of(place, now) if inner not in folders]
    return changed, failed


def together(known: Snapshot, *looks: Look) -> Sweep:
    """The sweep that these looks at all lots come to.

    A folder is gone when the folder around it does not list it any more, whatever was seen in it before that. Raises
    OSError when another one could not be listed.
    """
    folders = known.folders
    changed: Changed = {}
    for some, _ in looks:
        changed |= some
    gone: list[str] = []
    for place, (before, now) in changed.items():
        if before is not None and now is not None:
            gone += {*folders_of(place, before)}.difference(folders_of(place, now))
    lost = tuple(gone)
    for _, failed in looks:
        for place in failed:
            if not place.startswith(lost):
                raise OSError(f"{place} cannot be listed")
    if lost:
        changed = {place: both for place, both in changed.items() if not place.startswith(lost)}
        changed |= {place: (marshal.loads(folders[place]), None) for place in folders if place.startswith(lost)}
    around = {place: marshal.loads(folders[place]) for place in {*known.young.values()}}  # each once: many share one
    young = {path: (place, around[place]) for path, place in known.young.items()}
    # In an order that does not depend on who saw what.
    return Sweep(known.stamp, known.notes, young, dict(sorted(changed.items())))


def load(index: str) -> Snapshot | None:
    """The snapshot of an index; None when there is none that can be understood."""
    try:
        with open(path(index), "rb") as file:
            data = memoryview(file.read())
            inode = os.fstat(file.fileno()).st_ino
        kind, *rest = marshal.loads(_part(data, 0))
        if kind != FORMAT:
            return None
        found = Snapshot(*rest)
    except (OSError, EOFError, ValueError, TypeError):
        return None  # none, or torn: the table knows
    at = _HEAD + len(_part(data, 0))
    while at < len(data):
        try:
            part = _part(data, at)
            before, stamp, notes, young, changed = marshal.loads(part)
        except (EOFError, ValueError, TypeError):
            break  # torn: what came before it holds
        at += _HEAD + len(part)
        if before == found.stamp:
            found = Snapshot(stamp, notes, young, found.folders)
            found.folders.update(changed)
    found.folders = {place: packed for place, packed in found.folders.items() if packed}
    found.file = inode, len(data)
    return found if "" in found.folders else None


def keep(index: str, stamp: str, notes: int, young: dict[str, str], folders: dict[str, Listing]) -> None:
    """Put down what every folder lists: the index, so stamped, equals it."""
    packed = {place: marshal.dumps(listed) for place, listed in folders.items()}
    _save(index, Snapshot(stamp, notes, young, packed))


def keep_changes(index: str, seen: Sweep, stamp: str, notes: int, young: dict[str, str]) -> None:
    """Add what a sweep saw to the snapshot from which it told the differences; a failure costs only time."""
    changed = {place: marshal.dumps(now) if now else None for place, (_, now) in seen.changed.items()}
    part = _framed((seen.stamp, stamp, notes, young, changed))
    try:
        file = os.open(path(index), os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            first = int.from_bytes(os.read(file, _HEAD), "little")
            full = os.fstat(file).st_size > 2 * first + 65_536
            os.write(file, part)
        finally:
            os.close(file)
    except OSError:
        return
    whole = load(index) if full else None
    if whole is not None:
        _save(index, whole)


_HEAD = 8  # bytes before each part of the file: how long it is. The first is a snapshot, the others are changes of it.


def _framed(values: Any) -> bytes:
    data = marshal.dumps(values)
    return len(data).to_bytes(_HEAD, "little") + data


def _part(data: memoryview, at: int) -> memoryview:
    """The part of the file that begins here. Raises EOFError when it is not whole."""
    end = at + _HEAD + int.from_bytes(data[at : at + _HEAD], "little")
    if end > len(data) or end == at + _HEAD:
        raise EOFError
    return data[at + _HEAD : end]


def _save(index: str, state: Snapshot) -> None:
    """A failure to write costs only time."""
    fresh = f"{path(index)}.{os.getpid()}"
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_framed((FORMAT, state.stamp, state.notes, state.young, state.folders)))
        os.replace(fresh, path(index))
    except OSError:
        if os.path.exists(fresh):
            os.unlink(fresh)
