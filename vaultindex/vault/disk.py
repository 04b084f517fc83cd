"""The disk: find the vault, list its files, read a note. The only module that opens a note.

Nothing outside the vault is read, nothing but regular files is opened, and a folder that could not be listed is
reported as unknown, so that nobody mistakes it for empty.
"""

import os
import re
import stat as st
import time
from collections.abc import Iterable
from typing import NamedTuple

from vaultindex.base import files, paths
from vaultindex.base.errors import NoVaultError, Problem, VaultError
from vaultindex.base.paths import vault_around
from vaultindex.base.text import is_text, nfc
from vaultindex.vault import listing_snapshot

UNSETTLED_NS = 2_000_000_000  # the coarsest clock tick of a disk
MAX_INT = 0x7FFFFFFFFFFFFFFF  # of SQLite: inodes are cut to it
MAX_NOTE = 5_000_000  # bytes; a larger note is listed by name only
# What Obsidian lists beside notes ("Accepted file formats"); .md is a note.
ATTACHMENTS = frozenset(
    [
        "canvas",
        "base",
        "avif",
        "bmp",
        "gif",
        "jpeg",
        "jpg",
        "png",
        "svg",
        "webp",
        "flac",
        "m4a",
        "mp3",
        "ogg",
        "wav",
        "webm",
        "3gp",
        "mkv",
        "mov",
        "mp4",
        "ogv",
        "pdf",
    ]
)
IN_CLOUD = "lies in iCloud only and is not read: download it (kept as last seen)"
# Copies that sync tools leave beside the real note: `Note (…).md`, where … may hold brackets of its own (a device's name),
# in the languages of Dropbox and Obsidian Sync; then Syncthing, Nextcloud and Seafile; then OneDrive's, the computer's name.
_ANY = r"(?:[^()/]|\([^()/]*\))*"
_PHRASES = (
    r"conflict(?:ed)? copy|conflict(?:ed)? \d{4}-\d\d-\d\d|case conflict|sfconflict|in konflikt stehende kopie|konfliktkopie"
    r"|copie en conflit|copia en conflicto|copia in conflitto|c[oó]pia (?:em|de) conflito|conflicterende kopie|konfliktkopia?"
    r"|kopia powodująca konflikt|kopia konfliktu|конфликтующая копия|конфліктна копія"
)
_OWNED = rf"{_ANY}(?:['’]s? |s )(?:conflicted copy|konflikt\w*|conflicterende kopie)|{_ANY}(?:冲突副本|衝突複本|競合コピー|競合したコピー|충돌된 복사본|충돌 사본)"
# A device may be called `Ann :)`: brackets that do not pair are let through where the copy has its date.
_OPEN = r"[^/]*(?:['’]s? |s )(?:conflicted copy|konflikt\w*|conflicterende kopie)"
_DATED = r"[^/]*\d{4}-?\d\d-?\d\d[^/]{0,12}"
_CONFLICT = (
    rf"(?: \((?:{_PHRASES}|{_OWNED}){_ANY}\)| \((?:{_PHRASES}|{_OPEN}){_DATED}\)|（(?:{_OWNED})[^（）/]*）| ?\[conflict(?:ed)?\]"
    r"|\.sync-conflict-\d{8}-\d{6}(?:-\w+)?|_conflict-\d{8}-\d{6}|-(?:DESKTOP|LAPTOP)-[A-Z0-9]{6,8}(?:-\d+)?)(?: \d+)?\.md\Z"
)
_HINT = ("onfli", "TOP-")  # what an ASCII name of such a copy holds


class Stat(NamedTuple):
    """A fingerprint, compared by equality, never by order: clocks step back."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int


class Scan(NamedTuple):
    """The result of a listing: notes and other files with their fingerprints, and what could not be seen."""

    notes: dict[str, Stat]  # vault-relative path, '/', NFC -> fingerprint
    others: dict[str, Stat]  # canvases and attachments
    disk: dict[str, str]  # path as indexed -> name on disk, only where they differ (NFD names)
    unknown: list[str]  # folders ('a/b/', '' for the root) whose listing failed: absence there proves nothing
    problems: list[Problem]
    folders: "dict[str, listing_snapshot.Listing]"  # of a scan: what each folder ('a/b/', as on disk) lists
    passing: list[str]  # hidden files of edits that are going on, or that a crash left behind
    every: bool  # files of every kind are listed
    seen: set[str] | None  # places that links lead to; None: links are not followed

    @property
    def whole(self) -> bool:
        """True when every folder could be listed, no edit is in progress and no link was followed: only then may the listing be reused."""
        several = len(self.folders) != len({nfc(place) for place in self.folders})  # of one name, composed in two ways
        return not (self.unknown or self.passing or several) and self.seen is None


def empty_scan(every: bool) -> Scan:
    """A scan that has seen nothing yet."""
    return Scan({}, {}, {}, [], [], {}, [], every, None)


class Unsettled(VaultError):
    """The file changed while it was being read, twice: leave it for the next sync."""


def is_conflict_copy(path: str) -> bool:
    """True for the copies that Obsidian Sync, Dropbox, OneDrive, Syncthing and friends leave when two edits meet."""
    if path.isascii() and _HINT[0] not in path and _HINT[1] not in path:
        return False
    return re.search(_CONFLICT, path, re.I) is not None


# --- finding --------------------------------------------------------------------------------------------------------


def find_vault(named: str | None, cwd: str, env: dict[str, str], vaults: dict[str, str]) -> str:
    """The vault to use, as `_find` says. Raises NoVaultError, also for a path that is not UTF-8."""
    found = _find(named, cwd, env, vaults)
    if is_text(found):
        return found
    raise NoVaultError(f"the path of the vault has bytes that are not UTF-8 ({found!r}): rename that folder")


def _find(named: str | None, cwd: str, env: dict[str, str], vaults: dict[str, str]) -> str:
    """The real path of the vault to use. Order: the name or path given, walking up from `cwd` to a folder that holds
    `.obsidian`, the only vault (or the open one) of Obsidian's own registry. `vaults` maps names of the user's
    configuration to paths.

    Raises NoVaultError, which names what to do.
    """
    if named:
        path = os.path.expanduser(vaults.get(named, named))
        if os.path.isdir(path):
            return os.path.realpath(path)
        known = {os.path.basename(p): p for p in registered_vaults(env)}
        if named in known:
            return os.path.realpath(known[named])
        names = sorted({*vaults, *known})
        hint = f" Known vaults: {', '.join(names)}." if names else ""
        raise NoVaultError(f"no vault at {named}: there is no such folder.{hint}")
    around = vault_around(cwd)
    if around is not None:
        return around
    found = registered_vaults(env)
    if len(found) == 1:
        return os.path.realpath(found[0])
    if found:
        several = ", ".join(sorted(os.path.basename(p) for p in found))
        raise NoVaultError(f"which vault? Obsidian knows {several}: say --vault NAME, or set VAULTINDEX_VAULT.")
    raise NoVaultError(
        "no vault found: vi init finds it and remembers it; or say --vault PATH, or run this inside a folder that holds .obsidian."
    )


def registered_vaults(env: dict[str, str]) -> list[str]:
    """Folders of the vaults in Obsidian's own registry (`obsidian.json`), an open one first; [] when there is none.

    The file is read, never written; what it names counts only when the folder exists.
    """
    home = paths.home(env)
    config = env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    places = [
        os.path.join(config, "obsidian"),
        os.path.join(home, "Library", "Application Support", "obsidian"),
        os.path.join(env["APPDATA"], "obsidian") if env.get("APPDATA") else "",
        os.path.join(home, ".var/app/md.obsidian.Obsidian/config/obsidian"),
        os.path.join(home, "snap/obsidian/current/.config/obsidian"),
    ]
    found: list[tuple[int, str]] = []
    for place in filter(None, places):
        try:
            data = files.json_of(files.read_small(os.path.join(place, "obsidian.json")) or b"null")
        except files.Refused:
            continue
        vaults = data.get("vaults") if isinstance(data, dict) else None
        for entry in vaults.values() if isinstance(vaults, dict) else ():
            path = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(path, str) and os.path.isdir(path):
                found.append((0 if entry.get("open") else 1, path))
    found.sort()
    if found and found[0][0] == 0 and (len(found) == 1 or found[1][0] == 1):
        return [found[0][1]]  # exactly one vault is open in the app: that is the one meant
    return list(dict.fromkeys(path for _, path in found))


# --- listing --------------------------------------------------------------------------------------------------------


def scan(root: str, follow_links: bool = False, all_files: bool = False) -> Scan:
    """Every file that Obsidian lists below `root` (spec/obsidian.md section 8), with fingerprints; no file is opened.

    A folder that cannot be listed lands in `unknown` with a Problem. Raises NoVaultError when the root is gone.
    """
    if not os.path.isdir(root):
        raise NoVaultError(f"the vault is not there: {root}")
    result = empty_scan(all_files)._replace(seen={os.path.realpath(root)} if follow_links else None)
    _walk(root, [""], result)
    return result


def look(root: str, paths: Iterable[str], all_files: bool = False) -> Scan:
    """What `scan` (following no links) would say of these paths and of everything below them; no file is opened.

    Raises NoVaultError when the root is gone: then no absence is believed.
    """
    result = empty_scan(all_files)
    for path in paths:
        info = _seen(root, path, result)
        if info is not None:
            at = path.rfind("/") + 1
            _walk(root, sort(root, path[:at], ([path[at:]], [listing_snapshot.printed(info)]), result), result)
    if not os.path.isdir(root):
        raise NoVaultError(f"the vault is not there: {root}")
    return result


def _walk(root: str, places: list[str], result: Scan) -> None:
    """List these folders and all below them."""
    while places:
        place = places.pop()
        try:
            listed = listing_snapshot.listing(root, place)
        except OSError as error:
            prefix = nfc(place)
            result.unknown.append(prefix)
            what = f"cannot be listed ({error.strerror}): its notes are kept as last seen"
            result.problems.append(Problem(prefix or "/", 0, "unreadable", what))
            continue
        result.folders[place] = listed
        places += sort(root, place, listed, result)


def _seen(root: str, path: str, result: Scan) -> os.stat_result | None:
    """The stat of the file at a path; None when a listing of the vault would not reach it."""
    parts = path.split("/")
    full = root
    try:
        for part in parts[:-1]:
            full += os.sep + part
            if part[0] == "." or not st.S_ISDIR(os.lstat(full).st_mode):
                return None
        return os.lstat(full + os.sep + parts[-1])
    except (FileNotFoundError, NotADirectoryError):
        if path.endswith(".md") and os.path.lexists(
            os.path.join(os.path.dirname(root + os.sep + path), f".{parts[-1]}.icloud")
        ):
            result.unknown.append(path)  # the note is in the cloud: it exists
            result.problems.append(Problem(path, 0, "cloud", IN_CLOUD))
        return None
    except OSError as error:
        result.unknown.append(path)
        result.problems.append(
            Problem(path, 0, "unreadable", f"cannot be looked at ({error.strerror}): kept as last seen")
        )
        return None


def sort(root: str, place: str, listed: "listing_snapshot.Listing", result: Scan) -> list[str]:
    """Add the entries of one folder ('a/b/', as on disk) to `result` as notes, other files or problems; returns its subfolders."""
    notes, others, problems = result.notes, result.others, result.problems
    folders: list[str] = []
    prefix = nfc(place)
    new, plain = tuple.__new__, prefix.isascii()
    for name, found in zip(*listed):
        mode = found[0]
        if plain and name[-3:] == ".md" and mode & 0o170000 == 0o100000 and name.isascii() and name[0] != ".":
            # An ordinary note: what nearly every entry is, at the least cost.
            notes[prefix + name] = new(Stat, found[1:])
            continue
        if name[0] == ".":
            if name.endswith(".md.icloud"):  # the note is in the cloud: it exists, so it must not count as removed
                path = nfc(prefix + name[1:-7])
                result.unknown.append(path)
                problems.append(Problem(path, 0, "cloud", IN_CLOUD))
            elif name.endswith(".vi-tmp"):  # an edit that is going on, or that a crash ended
                result.passing.append(prefix + name)
            continue
        path = prefix + nfc(name)
        try:
            if st.S_ISLNK(mode):
                if result.seen is None or not _inside(f"{root}/{place}{name}", root, result.seen):
                    what = "is a symbolic link and was not followed (setting follow_links)"
                    problems.append(Problem(path, 0, "link", what))
                    continue
                found = listing_snapshot.printed(os.stat(f"{root}/{place}{name}"))
                mode = found[0]
            elif len(found) == 2:
                raise OSError(0, found[1])
        except OSError as error:
            result.unknown.append(path)
            problems.append(
                Problem(path, 0, "unreadable", f"cannot be looked at ({error.strerror}): kept as last seen")
            )
            continue
        if not path.isascii() and any("\ud800" <= c <= "\udfff" for c in name):
            shown = os.fsencode(prefix + name).decode("utf-8", "replace")
            problems.append(Problem(shown, 0, "name", "has a file name that is not UTF-8: rename it"))
            continue
        if st.S_ISDIR(mode):
            folders.append(f"{place}{name}/")
            continue
        dot = name.rfind(".")
        extension = name[dot + 1 :].lower() if dot > 0 else ""
        if extension != "md" and not result.every and extension not in ATTACHMENTS:
            continue
        if not st.S_ISREG(mode):
            problems.append(Problem(path, 0, "not-a-file", "is not a regular file and was not opened"))
            continue
        target = notes if extension == "md" else others
        on_disk = place + name
        if path in target:
            problems.append(
                Problem(path, 0, "name", "shares its name with another file (composed and decomposed letters)")
            )
            held = result.disk.get(path, path)
            if (held != path, held) < (
                on_disk != path,
                on_disk,
            ):  # the composed name first: never the order of a listing
                continue
            result.disk.pop(path, None)
        target[path] = new(Stat, found[1:])
        if on_disk != path:
            result.disk[path] = on_disk
    return folders


def _inside(path: str, root: str, seen: set[str]) -> bool:
    """True when a link may be followed: it leads into the vault, to a folder not seen before (no loops)."""
    real = os.path.realpath(path)
    if os.path.commonpath([real, root]) != root or not os.path.exists(real):
        return False
    if os.path.isdir(real):
        if real in seen or any(os.path.commonpath([real, s]) in (real, s) for s in seen if s != root):
            return False
        seen.add(real)
    return True


# --- reading --------------------------------------------------------------------------------------------------------

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read(root: str, path: str, limit: int = MAX_NOTE) -> tuple[bytes | None, Stat]:
    """The bytes of a file of the vault and its fingerprint at that moment; (None, fingerprint) when over `limit`.

    A FIFO or device is refused without blocking (O_NONBLOCK, then fstat). Raises OSError as the system says it, and
    Unsettled when the file changed twice while it was read.
    """
    full = root + os.sep + path
    for _ in range(2):
        fd = os.open(full, _FLAGS)
        try:
            before = os.fstat(fd)
            if not st.S_ISREG(before.st_mode):
                raise OSError(22, "not a regular file")
            if before.st_size > limit:
                return None, _fingerprint(before)
            data = os.read(fd, before.st_size + 1)
            while len(data) < before.st_size:
                more = os.read(fd, before.st_size - len(data) + 1)
                if not more:
                    break
                data += more
            after = os.fstat(fd)
        finally:
            os.close(fd)
        if after.st_mtime_ns == before.st_mtime_ns and after.st_size == before.st_size == len(data):
            return data, _fingerprint(after)
    raise Unsettled(f"{path} changes while it is being read")


def _fingerprint(info: os.stat_result) -> Stat:
    return Stat(info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)


def digest_of(data: bytes | None) -> bytes:
    """A digest of a file's content; b'' for a file that was too large to read."""
    from vaultindex.base.ids import blake2b

    return blake2b(data, digest_size=16).digest() if data is not None else b""


def is_young(stat: Stat) -> bool:
    """True for a file written so recently that it may change again without a new fingerprint."""
    now = time.time_ns()
    return abs(now - stat.mtime_ns) < UNSETTLED_NS or abs(now - stat.ctime_ns) < UNSETTLED_NS
