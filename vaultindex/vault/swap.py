"""What the standard library lacks for replacing a file that others use too: leases, and two names exchanged in one step.

`watch_writers` finds out whether a program has the file open for writing, and notices one that opens it from then on
(Linux: a read lease; the program that opens waits until the lease is given back). `exchange` puts a new file in place and
keeps the old one, so that it can be put back as it is, with the programs that hold it open (Linux, macOS). Each says None or
False where the system or the disk cannot do it; Windows does not let an open file be replaced at all.
"""

from __future__ import annotations

import errno
import os
import sys
from functools import lru_cache
from typing import Any

_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
_EXCHANGE = {"linux": 2, "darwin": 2}  # RENAME_EXCHANGE, RENAME_SWAP
_NEW_ONLY = {"linux": 1, "darwin": 4}  # RENAME_NOREPLACE, RENAME_EXCL


def watch_writers(fd: int) -> bool | None:
    """False when some program has this file (open for reading only) open for writing; True when none has, and from now
    on `came` tells whether one does; None where that cannot be known."""
    if sys.platform != "linux":
        return None
    import fcntl
    import signal

    try:
        # The system announces a writer with a signal: one that is ignored unless asked for, not one that kills.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return False if error.errno == errno.EAGAIN else None  # not our file, or a disk without leases
    return True


def came(fd: int) -> bool:
    """Whether a program has opened the watched file for writing, or cut it, since then."""
    if sys.platform != "linux":
        return False
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_GETLEASE) != fcntl.F_RDLCK


def exchange(folder: int | None, one: str, other: str) -> bool:
    """Exchange two names in a folder; False where that cannot be done, and then nothing was."""
    return _rename(folder, one, other, _EXCHANGE.get(sys.platform))


def put_new(folder: int | None, old: str, new: str) -> bool:
    """Rename, unless the new name is taken (FileExistsError); False where that cannot be done in one step."""
    return _rename(folder, old, new, _NEW_ONLY.get(sys.platform))


def _rename(folder: int | None, old: str, new: str, how: int | None) -> bool:
    call = _call() if how is not None and folder is not None else None
    if call is None:
        return False
    import ctypes

    if call(folder, os.fsencode(old), folder, os.fsencode(new), how) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code))


@lru_cache(maxsize=1)
def _call() -> Any:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    call = getattr(libc, "renameat2" if sys.platform == "linux" else "renameatx_np", None)
    if call is not None:
        call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return call


def copy_on_macos(old: int, new: int) -> None:
    """Give an open file the rights, access list, attributes and flags of another (fcopyfile). Raises OSError."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fcopyfile(old, new, None, 0b111) != 0:  # COPYFILE_ACL | COPYFILE_STAT | COPYFILE_XATTR
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
