"""Which journal (`state.db`) is this vault's: found by what the vault is, so that it follows a vault that moves.

A journal lies in a folder named after the vault's path, which is only the first guess. The journal itself says whose it is:
the device and inode of the vault's folder, when that folder was made, and a sample of its notes (paths, fingerprints,
digests). So a vault that was moved or renamed keeps its journal, a copy does not take it, and another vault at an old path
starts its own. No file is put into the vault.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from vaultindex.base import paths
from vaultindex.vault import disk

FILE = "state.db"
SAMPLE = 16  # notes by which a vault is known again
_LOOKED_AT = 3_000  # entries of the vault from which the sample is taken
_DAY = 86_400.0  # seconds after which another sample is taken
_TABLE = """CREATE TABLE IF NOT EXISTS vault (
 id TEXT NOT NULL, root TEXT NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL, born TEXT, notes TEXT NOT NULL, at REAL NOT NULL)"""


class Sampled(NamedTuple):
    """One note as it was when the journal last looked."""

    path: str
    inode: int
    mtime_ns: int
    digest: str  # hex


class Owner(NamedTuple):
    """The vault that a journal belongs to, as it was when the journal was last used."""

    id: str  # made when the journal was
    root: str
    device: int
    inode: int
    born: str | None  # when the folder was made; None where the system does not say
    notes: list[Sampled]
    at: float  # time.time() when the sample was taken


def state_file(env: Mapping[str, str], vault: str, config: object = None) -> str:
    """The journal of the vault at this real path, whether or not it exists yet.

    A journal that belongs to this vault but lies under another name is given the name that fits; one that has the name
    and belongs to another vault is put out of the way, for that vault to find.
    """
    own = paths.state_of(env, vault)
    here = _stat(vault)
    if here is None:
        return own
    owner = owner_of(own)
    if owner is None and os.path.exists(own):
        return own  # nobody has said yet whose it is
    if owner is not None and is_same_folder(owner, vault, here):
        return own
    found = _moved_here(env, vault, here, own)
    if found is None and (owner is None or share(owner, vault) >= 0.5):
        return own  # none yet; or the same notes in another folder: brought back from a backup, or cloned
    if owner is not None and not _rename(os.path.dirname(own), _aside(own, owner)):
        return found or own
    if found is not None and not _rename(os.path.dirname(found), os.path.dirname(own)):
        return found  # in use, on Windows: it does where it lies
    return own


def journal_stamp(env: Mapping[str, str], vault: str) -> str:
    """Differs when the vault's folder is another one, or the journal under its name is: two looks at the disk."""
    here, own = _stat(vault), _stat(paths.state_of(env, vault))
    folder = f"{here.st_dev}:{here.st_ino}" if here is not None else ""
    return f"{folder}:{own.st_ino if own is not None else ''}"


def _moved_here(env: Mapping[str, str], vault: str, here: os.stat_result, own: str) -> str | None:
    """The journal of this vault under the name of a place where the vault was before."""
    alike = []
    for file in journals(env):
        owner = owner_of(file) if file != own else None
        if owner is None:
            continue
        if is_same_folder(owner, vault, here):
            return file
        if share(owner, vault) >= 0.75 and has_left(owner):
            alike.append(file)
    return alike[0] if len(alike) == 1 else None


def journals(env: Mapping[str, str]) -> Iterator[str]:
    """Every journal of this user."""
    place = paths.state_folder(env)
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return
    for name in names:
        file = os.path.join(place, name, FILE)
        if os.path.isfile(file):
            yield file


def owner_of(file: str) -> Owner | None:
    """Whose journal this is; None when there is none, it does not say, or it cannot be read (it then says so itself)."""
    if not os.path.exists(file):
        return None
    try:
        conn = sqlite3.connect(file, timeout=5)
        try:
            return _read(conn)
        finally:
            conn.close()
    except sqlite3.Error:
        return None


def _read(conn: sqlite3.Connection) -> Owner | None:
    try:
        row = conn.execute("SELECT id, root, device, inode, born, notes, at FROM vault").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    if row is None:
        return None
    try:
        notes = [Sampled(*note) for note in json.loads(row[5])]
        return Owner(row[0], row[1], int(row[2]), int(row[3]), row[4], notes, row[6])
    except (ValueError, TypeError):
        return None


# --- is it this vault? ------------------------------------------------------------------------------------------------


def is_same_folder(owner: Owner, vault: str, here: os.stat_result) -> bool:
    """Whether the folder at this path is the journal's vault itself, wherever it stood before.

    A device and an inode say so only for a while: a new folder may get the inode of one that was removed. So a note must be
    as it was too; when none is, the time when the folder was made decides, and that something of the vault is still in it.
    """
    if (owner.device, owner.inode) != (here.st_dev, here.st_ino):
        return False
    there = 0
    for note in owner.notes:
        info = _stat(os.path.join(vault, note.path))
        if info is not None:
            there += 1
            if (info.st_ino, info.st_mtime_ns) == (note.inode, note.mtime_ns):
                return True
    if share(owner, vault) >= 0.5:
        return True
    born = born_of(vault, here)
    if owner.born is not None and born is not None:
        return owner.born == born and (not owner.notes or there > 0 or _holds_any(owner, vault))
    return not owner.notes or there * 2 >= len(owner.notes)


def share(owner: Owner, vault: str) -> float:
    """Which part of the sampled notes stands in this vault, at the same path and with the same content: 0.0 to 1.0."""
    if not owner.notes:
        return 0.0
    same = sum(_digest(vault, note.path) == note.digest for note in owner.notes)
    return same / len(owner.notes)


def is_there(owner: Owner) -> bool:
    """Whether the journal's vault stands where the journal saw it last."""
    here = _stat(owner.root)
    return here is not None and (is_same_folder(owner, owner.root, here) or share(owner, owner.root) >= 0.5)


def has_left(owner: Owner) -> bool:
    """Whether the vault is surely not at its old place: not there, although the disk on which it was is.

    A disk that is not connected proves nothing: its vault would lose its journal to a copy.
    """
    if is_there(owner):
        return False
    place = _stat(owner.root) or _stat(os.path.dirname(owner.root))
    return place is not None and place.st_dev == owner.device


def _holds_any(owner: Owner, vault: str) -> bool:
    """Whether a sampled note is still in the vault, in another folder or under another name."""
    wanted = {note.inode for note in owner.notes}
    return any(entry.inode() in wanted for _, entry in _entries(vault))


def born_of(vault: str, here: os.stat_result) -> str | None:
    """When a folder was made, to the nanosecond; None where the system does not say."""
    born = getattr(here, "st_birthtime_ns", None) or getattr(here, "st_birthtime", None)
    if born is not None:
        return str(born)
    return _statx(vault) if sys.platform == "linux" else None


def _statx(path: str) -> str | None:
    """Linux keeps it, and Python does not ask for it."""
    import ctypes

    call = getattr(ctypes.CDLL(None), "statx", None)
    if call is None:
        return None
    buffer = ctypes.create_string_buffer(256)
    if call(-100, os.fsencode(path), 0, 0x800, buffer) != 0:  # AT_FDCWD, STATX_BTIME
        return None
    if not int.from_bytes(buffer.raw[:4], sys.byteorder) & 0x800:
        return None
    seconds = int.from_bytes(buffer.raw[80:88], sys.byteorder, signed=True)
    return f"{seconds}.{int.from_bytes(buffer.raw[88:92], sys.byteorder):09d}"


# --- saying whose it is -----------------------------------------------------------------------------------------------


def note_owner(conn: sqlite3.Connection, vault: str) -> None:
    """Put down in an open journal whose it is. Cheap when that is known already. Raises sqlite3.Error."""
    here = _stat(vault)
    if here is None:
        return
    before = _read(conn)
    same = before is not None and (before.root, before.device, before.inode) == (vault, here.st_dev, here.st_ino)
    if before is None or not same or abs(time.time() - before.at) > _DAY:
        name = before.id if before is not None else os.urandom(8).hex()
        sample = [note for path in _choose(vault) if (note := _sampled(vault, path)) is not None]
        now = Owner(name, vault, here.st_dev, here.st_ino, born_of(vault, here), sample, time.time())
    else:
        now = before._replace(notes=[_again(vault, note) for note in before.notes])
        if now == before:
            return
    _write(conn, now)


def _write(conn: sqlite3.Connection, owner: Owner) -> None:
    row = (owner.id, owner.root, str(owner.device), str(owner.inode), owner.born, json.dumps(owner.notes), owner.at)
    conn.execute("BEGIN IMMEDIATE")
    try:
        conn.execute(_TABLE)
        conn.execute("DELETE FROM vault")
        conn.execute("INSERT INTO vault VALUES (?,?,?,?,?,?,?)", row)
    except sqlite3.Error:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def _again(vault: str, note: Sampled) -> Sampled:
    """The note as it is now; as it was when it is not there."""
    info = _stat(os.path.join(vault, note.path))
    if info is None or (info.st_ino, info.st_mtime_ns) == (note.inode, note.mtime_ns):
        return note
    return _sampled(vault, note.path) or note


def _sampled(vault: str, path: str) -> Sampled | None:
    """The note; None for one without content, which tells no vault from another, or that cannot be read."""
    try:
        data, found = disk.read(vault, path)
    except (OSError, disk.Unsettled):
        return None
    return Sampled(path, found.inode, found.mtime_ns, disk.digest_of(data).hex()) if data else None


def _digest(vault: str, path: str) -> str | None:
    found = _sampled(vault, path)
    return found.digest if found is not None else None


def _choose(vault: str) -> list[str]:
    """Paths of a few notes from all over the vault, the same ones as long as its notes have the same names."""
    from vaultindex.base.ids import blake2b

    found = [path for path, entry in _entries(vault) if path.endswith(".md") and entry.is_file(follow_symlinks=False)]
    return sorted(found, key=lambda path: blake2b(os.fsencode(path), digest_size=8).digest())[:SAMPLE]


def _entries(vault: str) -> Iterator[tuple[str, Any]]:
    """Files of the vault (path from the vault's folder, entry), level by level, as many as may be looked at."""
    left, places = _LOOKED_AT, [""]
    while places and left > 0:
        deeper: list[str] = []
        for place in places:
            try:
                with os.scandir(os.path.join(vault, place)) as entries:
                    inside = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                continue  # its notes are in no sample
            for entry in inside:
                if entry.name.startswith("."):
                    continue
                left -= 1
                if entry.is_dir(follow_symlinks=False):
                    deeper.append(place + entry.name + "/")
                else:
                    yield place + entry.name, entry
            if left <= 0:
                return
        places = deeper


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=False)
    except (OSError, ValueError):
        return None


def _aside(own: str, owner: Owner) -> str:
    """The folder for a journal whose vault is not at its path any more."""
    name = os.path.basename(os.path.dirname(own)).rpartition("-")[0]
    return os.path.join(os.path.dirname(os.path.dirname(own)), f"{name}-{owner.id}")


def _rename(old: str, new: str) -> bool:
    try:
        os.rename(old, new)
    except OSError:
        return False  # another process was first, or has it open (Windows)
    return True
