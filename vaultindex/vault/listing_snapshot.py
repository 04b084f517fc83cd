"""Only for speed: what every folder listed when the index last equalled the vault, and what differs now.

Stands for a listing of the whole vault compared with the table of files (`disk.scan`, `plan`): an unchanged folder costs
one comparison of bytes, and 10,000 notes 40 ms in place of 90. It counts only when it was kept for the very state that
the index is in. Tests: tests/vault/test_early_sweep.py.

The file lies in the user's cache, where another hand or a dying disk may have been: each part carries its length and a
digest, and every count in it is checked against the bytes that are there. A damaged part costs one full listing. Nothing
slow is imported, so that the early sweep is on its way at once.
"""

from __future__ import annotations

import os
import sys
from array import array
from itertools import chain
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

_MAGIC = b"vaultindex listings 5 " + array("q", [1]).tobytes() + b"\n"  # (byte order included)
LOTS = 256  # parts into which the folders are divided, so that two processes may look at them
_name = attrgetter("name")
_print = attrgetter("st_mode", "st_mtime_ns", "st_ctime_ns", "st_size", "st_ino")
_MEANT = (".md.icloud", ".vi-tmp")  # hidden files that say something: a note in the cloud, an edit that goes on


class Snapshot:
    """What every folder listed in one state of the index; `stamp` identifies the state."""

    __slots__ = ("file", "folders", "notes", "stamp", "young")

    def __init__(self, stamp: str, notes: int, young: dict[str, str], folders: dict[str, bytes]) -> None:
        self.stamp = stamp
        self.notes = notes  # how many
        self.young = young  # files to be read again however they look -> their folders
        self.folders = folders  # folder on disk ('a/b/', '' for the root) -> its packed listing
        self.file = (0, 0)  # inode and length of the file it was read from: another process read the same


class Sweep:
    """The whole vault as differences from a snapshot."""

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
    """The entries of the folder `place` ('a/b/', '' for the root), without hidden ones that mean nothing to us.

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
    """The fingerprint of a file from its stat."""
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
            try:
                now = listing(root, place)
            except OSError:
                failed.append(place)
                continue
            if packed is not None and _pack(now) == packed:
                continue
            if not changed:
                noticed()
            changed[place] = None if packed is None else _unpack(packed), now
            stack += [inner for inner in folders_of(place, now) if inner not in folders]
    return changed, failed


def together(known: Snapshot, *looks: Look) -> Sweep:
    """Combine looks that together cover all folders into one sweep.

    A folder is gone when its parent does not list it any more, whatever was seen in it before. Raises
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
        changed |= {place: (_unpack(folders[place]), None) for place in folders if place.startswith(lost)}
    around = {place: _unpack(folders[place]) for place in {*known.young.values()}}  # each once: many share one
    young = {path: (place, around[place]) for path, place in known.young.items()}
    # In an order that does not depend on who saw what.
    return Sweep(known.stamp, known.notes, young, dict(sorted(changed.items())))


def load(index: str) -> Snapshot | None:
    """The snapshot of an index; None when there is none, or none that is whole."""
    try:
        with open(path(index), "rb") as file:
            data = memoryview(file.read())
            inode = os.fstat(file.fileno()).st_ino
    except OSError:
        return None
    found: Snapshot | None = None
    at = len(_MAGIC)
    try:
        while at < len(data) or found is None:
            part, at = _part(data, at)
            before, more = _read(part)
            if found is None:
                found = more
            elif before == found.stamp:
                more.folders = {**found.folders, **more.folders}
                found = more
    except ValueError:  # torn or damaged: what came before it holds
        if found is None:
            return None
    if data[: len(_MAGIC)] != _MAGIC:
        return None
    found.folders = {place: packed for place, packed in found.folders.items() if packed}
    found.file = inode, len(data)
    known = "" in found.folders and all(place in found.folders for place in found.young.values())
    return found if known else None


def keep(index: str, stamp: str, notes: int, young: dict[str, str], folders: dict[str, Listing]) -> None:
    """Put down what every folder lists: the index, so stamped, equals it."""
    packed = {place: _pack(listed) for place, listed in folders.items()}
    _save(index, Snapshot(stamp, notes, young, packed))


def keep_changes(index: str, seen: Sweep, stamp: str, notes: int, young: dict[str, str]) -> None:
    """Add what a sweep saw to the snapshot from which it told the differences; a failure costs only time."""
    changed = {place: _pack(now) if now else b"" for place, (_, now) in seen.changed.items()}
    part = _framed(seen.stamp, Snapshot(stamp, notes, young, changed))
    try:
        file = os.open(path(index), os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            head = os.read(file, len(_MAGIC) + 8)
            first = int.from_bytes(head[len(_MAGIC) :], "little")
            full = os.fstat(file).st_size > 2 * first + 65_536
            os.write(file, part)
        finally:
            os.close(file)
    except OSError:
        return
    whole = load(index) if full else None
    if whole is not None:
        _save(index, whole)


# --- the file: after a line that names the format, parts of (length, digest, content); the first is a snapshot, the
# others are changes of it. The content is a list of byte strings, some of which are such lists themselves.

_HEAD = 8 + 16  # bytes of length and digest before each part


def _framed(before: str, state: Snapshot) -> bytes:
    """A part: the state, and the stamp of the one that it changes."""
    young = state.young
    content = _many(
        [
            *map(_bytes, (before, state.stamp, str(state.notes))),
            _many(map(_bytes, young)),
            _many(map(_bytes, young.values())),
            _many(map(_bytes, state.folders)),
            _many(state.folders.values()),
        ]
    )
    return len(content).to_bytes(8, "little") + _digest(content) + content


def _part(data: memoryview, at: int) -> tuple[memoryview, int]:
    """The content of the part that begins here, and where the next one does. Raises ValueError when it is not whole."""
    begin = at + _HEAD
    end = begin + int.from_bytes(data[at : at + 8], "little")
    if begin > len(data) or end > len(data):
        raise ValueError("cut")
    content = data[begin:end]
    if _digest(content) != data[at + 8 : begin]:
        raise ValueError("damaged")
    return content, end


def _read(part: memoryview) -> tuple[str, Snapshot]:
    """The stamp of the state before, and this one. Raises ValueError."""
    before, stamp, notes, *more = _each(part)
    files, places, names, packed = map(_each, more)
    if len(files) != len(places) or len(names) != len(packed):
        raise ValueError("counts differ")
    young = dict(zip(map(_text, files), map(_text, places)))
    folders = dict(zip(map(_text, names), map(bytes, packed)))
    return _text(before), Snapshot(_text(stamp), int(bytes(notes)), young, folders)


def _many(values: Iterable[bytes]) -> bytes:
    """Byte strings as one: their number, their lengths, themselves."""
    values = list(values)
    return b"".join((array("q", [len(values), *map(len, values)]).tobytes(), *values))


def _each(data: memoryview) -> list[memoryview]:
    """The byte strings that `_many` put together. Raises ValueError when their lengths do not fit."""
    number = int.from_bytes(data[:8], sys.byteorder)
    at = 8 * (number + 1)
    if at > len(data):
        raise ValueError("cut")
    lengths = array("q")
    lengths.frombytes(data[8:at])
    if any(length < 0 for length in lengths) or at + sum(lengths) != len(data):
        raise ValueError("lengths do not fit")
    found = []
    for length in lengths:
        found.append(data[at : at + length])
        at += length
    return found


def _pack(listed: Listing) -> bytes:
    """A listing as bytes: equal listings give equal bytes."""
    names, prints = listed
    text = "\0".join(names)
    if any(not found[0] for found in prints):  # some could not be looked at: why follows the names
        text += "\0\0" + "\0".join(str(found[1]) for found in prints if not found[0])
        prints = [found if found[0] else (0, 0, 0, 0, 0) for found in prints]
    try:
        numbers = array("q", chain.from_iterable(prints))
    except OverflowError:  # an inode of 64 bits
        numbers = array("q", [n - (1 << 64) if n >> 63 > 0 else n for n in chain.from_iterable(prints)])
    return array("q", [len(names)]).tobytes() + numbers.tobytes() + _bytes(text)


def _unpack(packed: bytes) -> Listing:
    """The listing that `_pack` was given."""
    number = int.from_bytes(packed[:8], sys.byteorder)
    end = 8 + 40 * number
    numbers = array("q")
    numbers.frombytes(packed[8:end])
    text, _, reasons = _text(packed[end:]).partition("\0\0")
    names = text.split("\0") if text else []
    if len(numbers) != 5 * number or len(names) != number:
        raise ValueError("a listing that does not fit")
    why = iter(reasons.split("\0"))
    prints = [tuple(numbers[at : at + 5]) for at in range(0, 5 * number, 5)]
    return names, [found if found[0] else (0, next(why, "")) for found in prints]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes | memoryview) -> str:
    return bytes(data).decode("utf-8", "surrogateescape")


def _digest(data: bytes | memoryview) -> bytes:
    from vaultindex.base.ids import blake2b

    return blake2b(data, digest_size=16).digest()


def _save(index: str, state: Snapshot) -> None:
    """A failure to write costs only time."""
    fresh = f"{path(index)}.{os.getpid()}"
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(_MAGIC + _framed("", state))
        os.replace(fresh, path(index))
    except OSError:
        if os.path.exists(fresh):
            os.unlink(fresh)
