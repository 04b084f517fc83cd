"""Put other bytes in place of a note's, all or none: the only writer of notes.

A note is written beside its place under a hidden name, brought to the disk, given the mode, owner and attributes of the
note, and then takes its place in one step; whatever happens before that step leaves the note as it was. The hidden file
is locked as long as its writer lives, so one that nobody holds was left by a crash and may go.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat as st
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.base.mojibake import damaged_again, repair
from vaultindex.base.text import decode, nfc
from vaultindex.vault import disk

SUFFIX = ".vi-tmp"
STALE = 3600.0  # seconds after which a hidden file goes even where locks cannot be asked
_WAIT = 5.0  # seconds to wait for another writer of the same note
_LONGEST = 240  # bytes of a name that leaves room for a dot and the suffix
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


def put_back(data: bytes, span: Span) -> bytes:
    """The note's bytes with `span.after` replaced by `span.before`, at its line or where it is the only one.

    Raises ChangedError when those lines are not there any more, or stand there several times.
    """
    lines = Lines(data)
    if not span.after:
        if data[lines.first :].strip(b"\r\n"):
            raise ChangedError("the note is not empty any more")
        return data[: lines.first] + span.before + data[lines.first :]

    def fits(index: int) -> bool:
        start = lines.spans[index][0]
        end = start + len(span.after)
        whole = end == len(data) or data[end : end + 1] in (b"\r", b"\n") or span.after.endswith(b"\n")
        return whole and data.startswith(span.after, start)

    count = len(lines.spans)
    places = [span.line - 1] if span.line <= count and fits(span.line - 1) else [i for i in range(count) if fits(i)]
    if len(places) != 1:
        why = "changed since" if not places else "stands in the note several times now"
        raise ChangedError(f"line {span.line} {why}")
    start = lines.spans[places[0]][0]
    return data[:start] + span.before + data[start + len(span.after) :]


# --- the disk ---------------------------------------------------------------------------------------------------------


def real_file(root: str, path: str) -> str:
    """Where the note's bytes are: the path with links resolved. Raises VaultError unless it is a regular file of the
    vault that may be written and has no second name."""
    root = os.path.realpath(root)
    full = os.path.realpath(on_disk(root, path))
    if os.path.commonpath([full, root]) != root:
        raise VaultError(f"{path} leads out of the vault: edit it where it is")
    try:
        info = os.lstat(full)
    except OSError as error:
        raise ChangedError(f"{path} is not there any more ({error.strerror})") from error
    if not st.S_ISREG(info.st_mode):
        raise VaultError(f"{path} is not a regular file")
    if info.st_nlink > 1:
        raise VaultError(f"{path} has a second name (hard link), and an edit would part the two: edit it in the app")
    if not info.st_mode & 0o222:
        raise VaultError(f"{path} is read-only")
    return full


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


def rewrite(root: str, path: str, change: Callable[[bytes], bytes]) -> None:
    """Replace the note's bytes by what `change` makes of them. Raises VaultError (also what `change` raises), and
    ChangedError when the note is written by another while this happens; the note is then as it was."""
    full = real_file(root, path)
    folder, name = os.path.split(full)
    try:
        with _hidden(full) as (temp, fd):
            data, stat = disk.read(folder, name)
            if data is None:
                raise VaultError(f"{path} is larger than 5 MB: it is not edited")
            new = change(data)
            if new == data:
                return
            _write(fd, new)
            os.fsync(fd)
            _dress(full, temp, path)
            now = os.lstat(full)
            if disk.Stat(now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino) != stat or now.st_nlink > 1:
                raise ChangedError(f"{path} is being changed by another program")
            os.replace(temp, full)
        _sync_folder(folder)
    except disk.Unsettled as error:
        raise ChangedError(str(error)) from error
    except OSError as error:
        raise VaultError(f"{path} could not be written ({error.strerror or error}): it is as it was") from error


def create(root: str, path: str, data: bytes) -> None:
    """Make a note that is not there yet, whole or not at all. Raises VaultError, ChangedError when it is there."""
    root = os.path.realpath(root)
    full = os.path.join(root, *path.split("/"))
    folder = os.path.dirname(full)
    if os.path.commonpath([os.path.realpath(folder), root]) != root or ".." in path.split("/"):
        raise VaultError(f"{path} leads out of the vault")
    if os.path.lexists(full):
        raise ChangedError(f"{path} is there already")
    try:
        os.makedirs(folder, exist_ok=True)
        with _hidden(full) as (temp, fd):
            _write(fd, data)
            os.fchmod(fd, 0o666 & ~_umask())
            os.fsync(fd)
            if os.path.lexists(full):
                raise ChangedError(f"{path} is there already")
            os.replace(temp, full)
        _sync_folder(folder)
    except OSError as error:
        raise VaultError(f"{path} could not be written ({error.strerror or error})") from error


def remove(root: str, path: str, data: bytes) -> None:
    """Remove a note that holds exactly these bytes. Raises ChangedError when it holds others."""
    full = real_file(root, path)
    folder, name = os.path.split(full)
    if disk.read(folder, name)[0] != data:
        raise ChangedError(f"{path} holds more than was written there")
    os.unlink(full)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _dress(full: str, temp: str, path: str) -> None:
    """Give the new file owner, mode and attributes of the old; its time is now, for an edit must look like one."""
    import shutil

    old, new = os.lstat(full), os.lstat(temp)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.chown(temp, old.st_uid, old.st_gid)
        except OSError as error:
            raise VaultError(f"{path} belongs to another user or group, and would not any more: not edited") from error
    shutil.copystat(full, temp, follow_symlinks=False)
    os.utime(temp)


def _sync_folder(folder: str) -> None:
    # The note is in its place already: a disk that cannot sync a folder must not make that look like a failure.
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


# --- the hidden file --------------------------------------------------------------------------------------------------

_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)  # fmt: skip


def temp_of(full: str) -> str:
    """The hidden name under which a note is written."""
    folder, name = os.path.split(full)
    if len(os.fsencode(name)) > _LONGEST:
        import hashlib

        name = hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()
    return os.path.join(folder, f".{name}{SUFFIX}")


@contextlib.contextmanager
def _hidden(full: str) -> Iterator[tuple[str, int]]:
    """An empty hidden file beside the note, locked; gone at the end, unless it has become the note."""
    temp = temp_of(full)
    fd = _claim(temp)
    try:
        mine = os.fstat(fd)
        try:
            os.ftruncate(fd, 0)
            yield temp, fd
        finally:
            # Not the next writer's, who may have made one since ours took the note's place.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.lstat(temp), mine):
                    os.unlink(temp)
    finally:
        os.close(fd)


def _claim(temp: str) -> int:
    """The hidden file, opened and locked; one left by a crash is taken over."""
    until = time.monotonic() + _WAIT
    while True:
        fd = os.open(temp, _FLAGS | os.O_CREAT, 0o600)
        try:
            info = os.fstat(fd)
            if (
                not st.S_ISREG(info.st_mode)
                or info.st_nlink > 1
                or (hasattr(os, "getuid") and info.st_uid != os.getuid())
            ):
                raise VaultError(f"{temp} is in the way: remove it")
            # The lock may be won on a file that has meanwhile become the note, or is gone: then it is not ours.
            if _lock(fd) is not False and _is_at(temp, info):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        if time.monotonic() > until:
            raise VaultError("another edit of the same note is going on: try again in a moment")
        time.sleep(0.01)


def _is_at(path: str, info: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.lstat(path), info)
    except FileNotFoundError:
        return False


def _lock(fd: int) -> bool | None:
    """Whether the open file could be locked; None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return None
    return True


def discard(temp: str) -> bool:
    """Remove a hidden file (a path that ends in SUFFIX) that a crash left behind; False when its writer may be alive."""
    try:
        fd = os.open(temp, _FLAGS)
    except OSError:
        return False
    try:
        info = os.fstat(fd)
        # A file that nobody holds is dead: a writer that was about to lock it makes another when it is gone.
        locked = _lock(fd)
        old = locked or (locked is None and time.time() - info.st_mtime > STALE)
        if not st.S_ISREG(info.st_mode) or not old or not _is_at(temp, info):
            return False
        os.unlink(temp)
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
