"""Put other bytes in place of a note's, all or none: the only writer of notes.

A note is written beside its place under a hidden name that has the note's owner, rights and attributes, brought to the disk,
and then takes the note's place in one step; whatever happens before that step leaves the note as it was. Other programs
write the same notes. One that has the note open is noticed before that step or a moment after it, and then the old file is
put back, with everything that was written to it. The hidden file is locked as long as its writer lives, so one that nobody
holds was left by a crash and may go.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.base.mojibake import damaged_again, repair
from vaultindex.base.text import decode, nfc
from vaultindex.vault import disk, swap
from vaultindex.vault.folder import Folder, inside, is_file

SUFFIX = ".vi-tmp"
STALE = 3600.0  # seconds after which a hidden file goes even where locks cannot be asked
_WAIT = 5.0  # seconds to wait for another writer of the same note
_LONGEST = 240  # bytes of a name that leaves room for a dot and the suffix
_MOMENT = 0.002  # seconds for which the old note is looked at once more; ten times that where writers cannot be seen
_QUIET = 0.01  # seconds for which a note that was changed just now is left alone first
_BOM = b"\xef\xbb\xbf"
_ENDS = re.compile(rb"\r\n|\r|\n")


class Span(NamedTuple):
    """What one edit did to a note's bytes: `before` stood at line `line` and `after` stands there now.

    Both are whole lines without the last line's end; where lines were taken away, the neighbours are part of both, so that
    the place can be found again.
    """

    line: int  # 1-based
    before: bytes
    after: bytes


# --- what the new bytes are: pure -----------------------------------------------------------------------------------


class Lines:
    """A note's bytes as lines, in the same count as it is read: LF, CRLF or CR end one, nothing else does."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.first = len(_BOM) if data.startswith(_BOM) else 0
        self.spans: list[tuple[int, int]] = []  # where each line's bytes begin and end, its line end left out
        self.ends: list[bytes] = []
        at = self.first
        for end in _ENDS.finditer(data):
            self.spans.append((at, end.start()))
            self.ends.append(end[0])
            at = end.end()
        self.spans.append((at, len(data)))
        self.ends.append(b"")

    def read(self) -> list[str]:
        """The lines as they are read: decoded, damage repaired. Raises VaultError for a note that is not UTF-8."""
        text, what = decode(self.data)
        if what is not None and "NUL" not in what:
            raise VaultError(what)
        text, _ = repair(text)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.split("\n")

    def end_at(self, index: int) -> bytes:
        """The line end to use around this line: its own, else the one before it, else LF."""
        return self.ends[index] or (self.ends[index - 1] if index else b"") or b"\n"


def replaced(data: bytes, old_line: str, new_lines: list[str], line: int, *, mend: bool = False) -> tuple[bytes, Span]:
    """(the note's bytes with one line replaced, what was done).

    `old_line` is the line as the caller read it. It is edited at `line` when it is there, else where it is if there is
    one such line only. [] deletes the line. Every other byte stays; characters of the line that stay keep their bytes,
    damaged ones too (unless `mend`). Raises ChangedError when the line is not there or could be several.
    """
    for text in new_lines:
        if "\n" in text or "\r" in text:
            raise VaultError("a task is one line: it cannot hold a line break")
    lines = Lines(data)
    index = _find(lines.read(), old_line, line)
    start, end = lines.spans[index]
    raw = data[start:end]
    try:
        raw_text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VaultError(f"line {index + 1} is not UTF-8") from error
    if "\0" in raw_text:
        raise VaultError(f"line {index + 1} holds a NUL character: remove it first")
    written = [text if mend else damaged_again(raw_text, old_line, text) for text in new_lines]
    new = lines.end_at(index).join(text.encode("utf-8") for text in written)
    if not new_lines:
        return _without(lines, index)
    return data[:start] + new + data[end:], Span(index + 1, raw, new)


def _find(texts: list[str], old: str, line: int) -> int:
    """The index of the line that the caller saw."""
    if 1 <= line <= len(texts) and texts[line - 1] == old:
        return line - 1
    found = [i for i, text in enumerate(texts) if text == old]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(str(i + 1) for i in found[:8])
        raise ChangedError(f"line {line} changed on disk, and the line now stands {len(found)} times (lines {shown})")
    raise ChangedError(f"line {line} changed on disk since it was read")


def _without(lines: Lines, index: int) -> tuple[bytes, Span]:
    """The bytes without a line; a note that ended without a line end still does."""
    data, last = lines.data, len(lines.spans) - 1
    start, end = lines.spans[index]
    if index < last:
        cut = (start, lines.spans[index + 1][0])
    else:
        cut = (lines.spans[index - 1][1] if index else start, end)
    above, below = max(index - 1, 0), min(index + 1, last)
    first, stop = lines.spans[above][0], lines.spans[below][1]
    return (
        data[: cut[0]] + data[cut[1] :],
        Span(above + 1, data[first:stop], data[first : cut[0]] + data[cut[1] : stop]),
    )


def inserted(data: bytes, line: int, texts: list[str]) -> tuple[bytes, Span]:
    """(the note's bytes with lines put behind line `line`, what was done); 0 = in front of the first."""
    lines = Lines(data)
    if not data[lines.first :]:
        new = b"\n".join(t.encode("utf-8") for t in texts) + b"\n"
        return data + new, Span(1, b"", new)
    index = max(min(line, len(lines.spans)) - 1, 0)
    start, end = lines.spans[index]
    here = data[start:end]
    eol = lines.end_at(index)
    some = [t.encode("utf-8") for t in texts]
    new = eol.join([*some, here] if line < 1 else [here, *some])
    return data[:start] + new + data[end:], Span(index + 1, here, new)


class Place(NamedTuple):
    """What tells the place of an edit from others with the same words, in the note as the edit left it."""

    above: list[str]  # up to three lines, nearest last; bytes as Latin-1
    below: list[str]  # nearest first
    nth: int  # which of the equal places it is, from 0
    of: int  # how many there are


_NEAR = 3  # lines


def place_of(data: bytes, span: Span) -> Place:
    """The place of an edit that has just been made to these bytes."""
    lines = Lines(data)
    at = span.line - 1
    equal = _fitting(lines, span.after)
    return Place(*_around(lines, at, span.after), equal.index(at) if at in equal else 0, len(equal))


def _fitting(lines: Lines, text: bytes) -> list[int]:
    """The indexes of the lines where these whole lines stand."""
    data, found = lines.data, []
    for index, (start, _) in enumerate(lines.spans):
        end = start + len(text)
        whole = end == len(data) or data[end : end + 1] in (b"\r", b"\n") or text.endswith(b"\n")
        if whole and data.startswith(text, start):
            found.append(index)
    return found


def _around(lines: Lines, at: int, text: bytes) -> tuple[list[str], list[str]]:
    """The lines above and below what stands at a line."""
    end = at + len(_ENDS.findall(text)) + (not text.endswith((b"\n", b"\r")))

    def some(first: int, stop: int) -> list[str]:
        return [lines.data[s:e].decode("latin-1") for s, e in lines.spans[max(first, 0) : max(stop, 0)]]

    return some(at - _NEAR, at), some(end, end + _NEAR)


def find_place(data: bytes, text: bytes, line: int, place: Place | None) -> int:
    """The index of the line where `text` stands that was at `line` when `place` was put down.

    Never an equal line that was there besides it: as many of them must be there as there were, and the neighbours or the
    line number say that this is the one; or all six neighbours are as they were. Raises ChangedError.
    """
    lines = Lines(data)
    equal = _fitting(lines, text)
    if not equal:
        raise ChangedError(f"line {line} changed since")
    if place is None:  # put down by an older version
        if line - 1 in equal or len(equal) == 1:
            return line - 1 if line - 1 in equal else equal[0]
        raise ChangedError(f"line {line} stands in the note several times now")
    words = text.decode("latin-1")
    nearest = (next((t for t in side if t.strip()), None) for side in (place.above[::-1], place.below))
    twins_near = words in nearest

    def agree(one: list[str], other: list[str]) -> bool:
        """Whether the nearest line that says something is the same; blank lines and equal ones say nothing."""
        first, second = (next((t for t in side if t.strip() and t != words), None) for side in (one, other))
        return first is not None and first == second

    def is_ours(at: int) -> bool:
        above, below = _around(lines, at, text)
        if (above, below) == (place.above, place.below):
            return len(equal) == place.of or not twins_near
        if len(equal) != place.of or (place.of > 1 and twins_near):
            return False
        sides = agree(above[::-1], place.above[::-1]) + agree(below, place.below)
        return sides + (at == line - 1) > (place.of > 1)

    some = equal[place.nth : place.nth + 1] if len(equal) == place.of else equal
    found = [at for at in some if is_ours(at)]
    if len(found) == 1:
        return found[0]
    why = "changed since" if len(equal) < place.of else "is not where it was: an equal line may be another one"
    raise ChangedError(f"line {line} {why}")


def put_back(data: bytes, span: Span, place: Place | None = None) -> bytes:
    """The note's bytes with `span.after` replaced by `span.before`, where the edit was made (see `find_place`).

    Raises ChangedError when those lines are not there any more, or cannot be told from others.
    """
    lines = Lines(data)
    if not span.after:
        if data[lines.first :].strip(b"\r\n"):
            raise ChangedError("the note is not empty any more")
        return data[: lines.first] + span.before + data[lines.first :]
    start = lines.spans[find_place(data, span.after, span.line, place)][0]
    return data[:start] + span.before + data[start + len(span.after) :]


# --- the disk ---------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def folder_of(root: str, path: str) -> Iterator[tuple[Folder, str]]:
    """(the folder that holds the note's bytes, the note's name in it); a link is followed to a place in the vault.

    Raises VaultError.
    """
    root = os.path.realpath(root)
    if "\0" in path:
        raise VaultError("a path cannot hold NUL")
    full = os.path.realpath(on_disk(root, path))
    if full == root or os.path.commonpath([full, root]) != root:
        raise VaultError(f"{path} leads out of the vault: edit it where it is")
    *parts, name = os.path.relpath(full, root).split(os.sep)
    try:
        with inside(root, parts) as folder:
            yield folder, name
    except FileNotFoundError as error:
        raise ChangedError(f"{path} is not there any more ({error.strerror})") from error


def on_disk(root: str, path: str) -> str:
    """The file of a vault path: the index composes letters (NFC), a disk need not."""
    full = os.path.join(root, *path.split("/"))
    if path.isascii() or os.path.lexists(full):
        return full
    full = root
    for part in path.split("/"):
        names = os.listdir(full) if os.path.isdir(full) else []
        full = os.path.join(
            full, next((n for n in names if n == part), next((n for n in names if nfc(n) == part), part))
        )
    return full


@contextlib.contextmanager
def _note(folder: Folder, name: str, path: str) -> Iterator[tuple[int, os.stat_result]]:
    """The note open for reading, and what it is. Raises VaultError unless it may be edited."""
    try:
        info = folder.look(name)  # before it is opened: a device may act on being opened
        if not is_file(info):
            raise VaultError(f"{path} is not a regular file")
        fd = folder.open(name, os.O_RDONLY)
    except FileNotFoundError as error:
        raise ChangedError(f"{path} is not there any more ({error.strerror})") from error
    try:
        info = os.fstat(fd)
        if not is_file(info):
            raise VaultError(f"{path} is not a regular file")
        if info.st_nlink > 1:
            raise VaultError(
                f"{path} has a second name (hard link), and an edit would part the two: edit it in the app"
            )
        if not info.st_mode & 0o222:
            raise VaultError(f"{path} is read-only")
        yield fd, info
    finally:
        os.close(fd)


def _content(fd: int, path: str) -> tuple[bytes, disk.Stat]:
    """The bytes of an open note and its fingerprint. Raises VaultError, ChangedError when it changes meanwhile."""
    before = os.fstat(fd)
    if before.st_size > disk.MAX_NOTE:
        raise VaultError(f"{path} is larger than {disk.MAX_NOTE // 1_000_000} MB: it is not edited")
    os.lseek(fd, 0, os.SEEK_SET)
    pieces = []
    left = before.st_size + 1
    while left > 0 and (piece := os.read(fd, left)):
        pieces.append(piece)
        left -= len(piece)
    data, after = b"".join(pieces), os.fstat(fd)
    if _fingerprint(before) != _fingerprint(after) or len(data) != after.st_size:
        raise ChangedError(f"{path} is being changed by another program: try again")
    return data, _fingerprint(after)


def _fingerprint(info: os.stat_result) -> disk.Stat:
    return disk.Stat(info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino)


def read(root: str, path: str) -> bytes:
    """The bytes of a note that may be edited. Raises VaultError."""
    with (
        _told(path, "could not be read"),
        folder_of(root, path) as (folder, name),
        _note(folder, name, path) as (fd, _),
    ):
        return _content(fd, path)[0]


@contextlib.contextmanager
def _told(path: str, what: str = "could not be written") -> Iterator[None]:
    """What the system says, as a VaultError."""
    try:
        yield
    except OSError as error:
        raise VaultError(f"{path} {what} ({error.strerror or error}): it is as it was") from error


def rewrite(root: str, path: str, change: Callable[[bytes], bytes]) -> None:
    """Replace the note's bytes by what `change` makes of them. Raises VaultError (also what `change` raises), and
    ChangedError when the note is written by another while this happens; the note is then as it was."""
    with (
        _told(path),
        folder_of(root, path) as (folder, name),
        _hidden(folder, name) as (temp, fd),
        _note(folder, name, path) as (old, info),
    ):
        data, stat = _content(old, path)
        new = change(data)
        if new == data:
            return
        _check_size(new, path)
        _dress(old, info, fd, path)
        _write(fd, new)
        os.fsync(fd)
        _put(folder, temp, fd, name, old, stat, path)


def _check_size(data: bytes, path: str) -> None:
    if len(data) > disk.MAX_NOTE:
        limit = disk.MAX_NOTE // 1_000_000
        raise VaultError(f"{path} would grow beyond {limit} MB, and then not be read any more: not edited")


def _put(folder: Folder, temp: str, fd: int, name: str, old: int, stat: disk.Stat, path: str) -> None:
    """Let the file at `temp` (open as `fd`) take the place of the note (open as `old`, `stat` when it was read).

    Raises ChangedError when another program writes the note: before the step nothing was done; after it, it is undone.
    """
    if abs(time.time_ns() - stat.ctime_ns) < _QUIET * 1e9:
        time.sleep(
            _QUIET
        )  # it was changed just now: whoever writes it again and again shows before the step, not in it
    if _lock(old, shared=True) is False:
        raise ChangedError(f"another program has locked {path}; try again")
    seen = swap.watch_writers(old)
    if seen is False:
        raise ChangedError(f"another program is writing {path}; try again")
    # The last look, in the narrowest window there is.
    if not folder.still_there():
        raise ChangedError(f"the folder of {path} was moved away: nothing was changed")
    now = folder.look(name)
    if _fingerprint(now) != stat or now.st_nlink > 1:
        raise ChangedError(f"{path} is being changed by another program: try again")
    both = swap.exchange(folder.fd, temp, name)
    if not both:
        folder.replace(temp, name)
    elif not folder.holds(temp, now):
        # Another program put its own file there since the last look: at once, before it reads ours and goes on from that.
        _take_back(folder, temp, fd, name)
        raise ChangedError(f"another program is writing {path}; try again")
    folder.sync()
    time.sleep(_MOMENT if seen else 10 * _MOMENT)
    info = os.fstat(old)
    same = (info.st_size, info.st_mtime_ns) == (stat.size, stat.mtime_ns) and not (seen and swap.came(old))
    if both:
        if same and folder.holds(temp, info):
            folder.remove(temp)
            return
        _take_back(folder, temp, fd, name)
    elif same:
        return
    else:
        _write_back(folder, fd, name, old, info)
    folder.sync()
    raise ChangedError(f"another program is writing {path}; try again")


def _take_back(folder: Folder, temp: str, fd: int, name: str) -> None:
    """Undo the exchange: what stood under the note's name stands there again."""
    ours = os.fstat(fd)
    swap.exchange(folder.fd, temp, name)
    if folder.holds(temp, ours):
        return  # it goes with the hidden name
    # Somebody put yet another file in the note's place meanwhile: that one is the newest.
    swap.exchange(folder.fd, temp, name)
    folder.remove(temp)


def _write_back(folder: Folder, fd: int, name: str, old: int, info: os.stat_result) -> None:
    """Where names cannot be exchanged: give the new file, if it still is the note, the bytes that the old one got."""
    if not folder.holds(name, os.fstat(fd)):
        return  # replaced by another once more: theirs is the newest
    os.lseek(old, 0, os.SEEK_SET)
    os.lseek(fd, 0, os.SEEK_SET)
    while piece := os.read(old, 1 << 20):
        _write(fd, piece)
    os.ftruncate(fd, os.lseek(fd, 0, os.SEEK_CUR))
    os.fsync(fd)


def create(root: str, path: str, data: bytes) -> None:
    """Make a note that is not there yet, whole or not at all. Raises VaultError, ChangedError when it is there."""
    _check_size(data, path)
    *parts, name = path.split("/")
    if name in ("", ".", "..") or "\0" in path:
        raise VaultError(f"{path} is no name of a note")
    with _told(path), _made(os.path.realpath(root), parts, path) as folder, _hidden(folder, name) as (temp, fd):
        _write(fd, data)
        if hasattr(os, "fchmod"):
            os.fchmod(fd, 0o666 & ~_umask())
        os.fsync(fd)
        there = ChangedError(f"{path} is there already")
        try:
            folder.look(name)
            raise there
        except FileNotFoundError:
            pass
        try:
            if not swap.put_new(folder.fd, folder.at(temp) if folder.fd is None else temp, name):
                folder.replace(temp, name)
        except FileExistsError:
            raise there from None
        folder.sync()


@contextlib.contextmanager
def _made(root: str, parts: list[str], path: str) -> Iterator[Folder]:
    """The folder for a new note, made where it is missing; a link is followed to a place in the vault."""
    if ".." in parts:
        raise VaultError(f"{path} leads out of the vault")
    full = os.path.realpath(os.path.join(root, *parts))
    if os.path.commonpath([full, root]) != root:
        raise VaultError(f"{path} leads out of the vault")
    real = [] if full == root else os.path.relpath(full, root).split(os.sep)
    with inside(root, real, make=True) as folder:
        yield folder


def remove(root: str, path: str, data: bytes) -> None:
    """Remove a note that holds exactly these bytes. Raises ChangedError when it holds others."""
    with _told(path, "could not be removed"), folder_of(root, path) as (folder, name):
        with _hidden(folder, name) as (temp, fd), _note(folder, name, path) as (old, _):
            held, stat = _content(old, path)
            if held != data:
                raise ChangedError(f"{path} holds more than was written there")
            _put(folder, temp, fd, name, old, stat, path)
            # An empty file of ours is the note now; nobody has seen it for longer than that moment.
            if folder.holds(name, os.fstat(fd)):
                folder.remove(name)
        folder.sync()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


_ACL = "system.posix_acl_access"
_OPTIONAL = {errno.EPERM, errno.ENOTSUP, errno.ENODATA, errno.EINVAL, errno.EACCES}


def _dress(old: int, info: os.stat_result, new: int, path: str) -> None:
    """Give the new file, still empty, the owner, rights and attributes of the old: nobody who could not read the old may
    read the new, not even for a moment. Raises VaultError when that cannot be done."""
    if sys.platform == "win32":
        return  # rights are the folder's there
    mine = os.fstat(new)
    if (info.st_uid, info.st_gid) != (mine.st_uid, mine.st_gid):
        try:
            os.fchown(new, info.st_uid, info.st_gid)
        except OSError as error:
            raise VaultError(f"{path} belongs to another user or group, and would not any more: not edited") from error
    if sys.platform == "darwin":
        swap.copy_on_macos(old, new)
        os.utime(new)
        return
    if hasattr(os, "listxattr"):
        # The folder may have given the new file an access list that the note never had (a default ACL).
        with contextlib.suppress(OSError):
            os.removexattr(new, _ACL)
        _copy_attributes(old, new, path)
    os.fchmod(new, info.st_mode & 0o7777)
    if (os.fstat(new).st_mode, _acl(new)) != (info.st_mode, _acl(old)):
        raise VaultError(f"{path} would get other rights than it has: not edited")


def _copy_attributes(old: int, new: int, path: str) -> None:
    try:
        names = os.listxattr(old)
    except OSError as error:
        if error.errno in _OPTIONAL:
            return
        raise
    for name in names:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            if error.errno not in _OPTIONAL:
                raise
            if name == _ACL:
                raise VaultError(f"{path} would lose its access list: not edited") from error


def _acl(fd: int) -> bytes:
    try:
        return os.getxattr(fd, _ACL) if hasattr(os, "getxattr") else b""
    except OSError:
        return b""  # none


# --- the hidden file --------------------------------------------------------------------------------------------------


def temp_of(name: str) -> str:
    """The hidden name under which a note of this name is written."""
    if len(os.fsencode(name)) > _LONGEST:
        import hashlib

        name = hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()
    return f".{name}{SUFFIX}"


@contextlib.contextmanager
def _hidden(folder: Folder, name: str) -> Iterator[tuple[str, int]]:
    """An empty hidden file beside the note, locked; gone at the end, unless it has become the note."""
    temp = temp_of(name)
    fd = _claim(folder, temp)
    try:
        mine = os.fstat(fd)
        try:
            yield temp, fd
        finally:
            # Not the next writer's, who may have made one since ours took the note's place.
            if folder.holds(temp, mine):
                folder.remove(temp)
    finally:
        os.close(fd)


def _claim(folder: Folder, temp: str) -> int:
    """The hidden file, made new and locked; one left by a crash is removed first."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            fd = folder.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            if not _discard(folder, temp):
                if time.monotonic() > until:
                    raise VaultError(
                        "another edit of the same note is going on: try again in a moment; if none is, remove "
                        + os.path.join(folder.root, *folder.parts, temp)
                    ) from None
                time.sleep(0.01)
            continue
        # Before it was locked it looked like one that a crash left: it may be gone.
        if _lock(fd) is not False and folder.holds(temp, os.fstat(fd)):
            return fd
        os.close(fd)


def _lock(fd: int, shared: bool = False) -> bool | None:
    """Whether the open file could be locked; None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return None
    return True


def discard(root: str, hidden: str) -> bool:
    """Remove a hidden file (a path in the vault that ends in SUFFIX) that a crash left; False when its writer may live."""
    *parts, name = hidden.split("/")
    try:
        with inside(os.path.realpath(root), parts) as folder:
            return _discard(folder, name)
    except (OSError, VaultError):
        return False


def _discard(folder: Folder, temp: str) -> bool:
    try:
        if not is_file(folder.look(temp)):
            return False
        # For reading: whoever opens it for writing would look like a program that writes the note it was.
        fd = folder.open(temp, os.O_RDONLY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        info = os.fstat(fd)
        # A file that nobody holds is dead: a writer that was about to lock it makes another when it is gone.
        locked = _lock(fd)
        old = locked or (locked is None and time.time() - info.st_mtime > STALE)
        if info.st_nlink > 1 or (hasattr(os, "getuid") and info.st_uid not in (os.getuid(), folder.look(".").st_uid)):
            return False
        if not is_file(info) or not old or not folder.holds(temp, info):
            return False
        folder.remove(temp)
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
