"""Small files: those that somebody else may have written are read whole or refused; our own are written whole or not.

A vault travels: its settings may be a pipe, a device, a link to somewhere else, a hundred gigabytes of nothing, or
JSON made to break its reader. Every file of a vault that is not a note is read through here.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import Any

from vaultindex.base.text import is_text

MOST_BYTES = 5_000_000
_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip


class Refused(ValueError):
    """A file that is not read, and why: 'is not a regular file'. `line` is where it went wrong, 0 when that is unknown."""

    line = 0


def read_small(path: str, inside: str | None = None, most: int = MOST_BYTES) -> bytes | None:
    """The bytes of a regular file of at most `most` bytes; None when there is none.

    With `inside` (a real path) a link may not lead out of that folder. Raises Refused.
    """
    if "\0" in path:
        raise Refused("has a name that cannot be opened")
    if inside is not None:
        real = os.path.realpath(path)
        if real != inside and not real.startswith(inside.rstrip(os.sep) + os.sep):
            raise Refused("is a link that leads out of the vault")
    try:
        file = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from error
    try:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode):
            raise Refused("is not a regular file")
        if info.st_size > most:
            raise Refused(f"is larger than {most / 1e6:g} MB")
        pieces = []
        while piece := os.read(file, 1 << 20):
            pieces.append(piece)
            if sum(map(len, pieces)) > most:
                raise Refused(f"is larger than {most / 1e6:g} MB")
        return b"".join(pieces)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from error
    finally:
        os.close(file)


def write_own(path: str, data: bytes) -> None:
    """Put a file of ours in place, whole or not at all, readable by its user alone. Raises OSError."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    fresh = f"{path}.{os.getpid()}.tmp"
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError:
        if os.path.exists(fresh):
            os.unlink(fresh)
        raise


def try_lock(fd: int, shared: bool = False) -> bool:
    """Lock an open file until it is closed; False when another holds it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            return True
        except OSError:
            return False
    import fcntl

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # Some network disks have no locks: what else keeps two apart, as SQLite's own transaction, is what is left.
        return error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
    return True


def json_of(data: bytes) -> Any:
    """The value that JSON in UTF-8 holds, its texts clean (see `clean`). Raises Refused."""
    import json

    try:
        return clean(json.loads(data.decode("utf-8-sig")))
    except RecursionError:
        raise Refused("is nested too deep") from None
    except ValueError as error:
        why = "a number has thousands of digits" if "digits" in str(error) else error
        refused = Refused(f"is not valid JSON ({why})")
        refused.line = getattr(error, "lineno", 0)
        raise refused from None


def clean(value: Any) -> Any:
    """The value with U+FFFD in place of NUL and of half a surrogate pair, which no file, name or index can hold.

    JSON and YAML can spell them (`\\ud83d`): a text that was cut inside an emoji does. Raises RecursionError.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


def clean_text(text: str) -> str:
    """The text with U+FFFD in place of NUL and of half a surrogate pair."""
    text = text.replace("\0", "\ufffd")
    if not is_text(text):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def keep_newest(prefix: str, most: int) -> None:
    """Remove the oldest of the files whose paths begin so and end in a time, with what stands beside them."""
    folder, start = os.path.split(prefix)
    names = sorted(name for name in os.listdir(folder) if name.startswith(start))
    mains = [name for name in names if not name.endswith(("-wal", "-shm"))]
    for old in mains[:-most]:
        for name in names:
            if name.startswith(old):
                os.unlink(os.path.join(folder, name))
