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
    from collections.abc import Callable
    from typing import Any

    Print = tuple[
        Any, ...
    ]  # mode, mtime_ns, ctime_ns, size, inode of an entry itself; 0 and why it cannot be looked at
    Listing = tuple[list[str], list[Print]]  # names on disk, in the order of the disk, and their prints

FORMAT = 3
_name = attrgetter("name")
_print = attrgetter("st_mode", "st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_MEANT = (".md.icloud", ".vi-tmp")  # hidden files that say something: a note in the cloud, an edit that goes on


class Snapshot:
    """The state of an index: `stamp` tells it from every other one of this index."""

    __slots__ = ("folders", "notes", "stamp", "young")

    def __init__(self, stamp: str, notes: int, young: dict[str, str], folders: dict[str, bytes]) -> None:
        self.stamp = stamp
        self.notes = notes  # how many
        self.young = young  # files to be read again however they look -> their folders
        self.folders = folders  # folder on disk ('a/b/', '' for the root) -> its packed listing


class Sweep:
    """What was seen of the whole vault, as differences from a snapshot."""

    __slots__ = ("changed", "notes", "stamp", "young")

    def __init__(
        self,
        stamp: str,
        notes: int,
        young: dict[str, tuple[str, Listing]],
        changed: dict[str, tuple[Listing | None, Listing | None]],
    ) -> None:
        self.stamp = stamp  # of the snapshot
        self.notes = notes  # of the snapshot
        self.young = young  # of the snapshot, with what their folders listed
        self.changed = changed  # folder -> its listing before and now; None when there is no such folder


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


def sweep(root: str, known: Snapshot, noticed: Callable[[], object] = bool) -> Sweep:
    """Look at everything below the root; `noticed` is called at the first difference.

    Raises OSError when a folder cannot be listed.
    """
    folders = known.folders
    unseen = dict.fromkeys(folders)
    changed: dict[str, tuple[Listing | None, Listing | None]] = {}
    stack = [""]
    while stack:
        place = stack.pop()
        names, prints = listing(root, place)
        packed = folders.get(place)
        before: Listing | None = None
        if packed is not None:
            del unseen[place]
            old_names, old_prints, inner = marshal.loads(packed)
            if names == old_names and prints == old_prints:
                stack += inner
                continue
            before = old_names, old_prints
        if not changed:
            noticed()
        changed[place] = before, (names, prints)
        stack += folders_of(place, (names, prints))
    for place in unseen:
        changed[place] = marshal.loads(folders[place])[:2], None
    young = {path: (place, marshal.loads(folders[place])[:2]) for path, place in known.young.items()}
    return Sweep(known.stamp, known.notes, young, changed)


def load(index: str) -> Snapshot | None:
    """The snapshot of an index; None when there is none that can be understood."""
    try:
        with open(path(index), "rb") as file:
            data = memoryview(file.read())
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
    return found


def keep(index: str, stamp: str, notes: int, young: dict[str, str], folders: dict[str, Listing]) -> None:
    """Put down what every folder lists: the index, so stamped, equals it."""
    packed = {place: _packed(place, listed) for place, listed in folders.items()}
    _save(index, Snapshot(stamp, notes, young, packed))


def keep_changes(index: str, seen: Sweep, stamp: str, notes: int, young: dict[str, str]) -> None:
    """Add what a sweep saw to the snapshot from which it told the differences; a failure costs only time."""
    changed = {place: _packed(place, now) if now else None for place, (_, now) in seen.changed.items()}
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


def _packed(place: str, listed: Listing) -> bytes:
    return marshal.dumps((*listed, folders_of(place, listed)))


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
