"""Who holds the lock of an index, and whether that process works or is suspended.

A lock names no process, so its holder writes its number into the lock file, and takes it out when it is done.
"""

from __future__ import annotations

import os
import sys


def sign(fd: int) -> None:
    """Write this process's number into the lock file that it holds."""
    if sys.platform != "win32":  # where a locked byte cannot be read by others
        _put(fd, b"%d\n" % os.getpid())


def unsign(fd: int) -> None:
    """Take the number out again: a number left behind may one day be another process's."""
    if sys.platform != "win32":
        _put(fd, b"")


def _put(fd: int, data: bytes) -> None:
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, data, 0)
    except OSError:
        return  # a full disk: the lock holds without a name, and `pid` says that it is not known


def pid(file: str) -> int | None:
    """The process that holds this lock file, when it has said so."""
    try:
        with open(file, "rb") as lock:
            return int(lock.read(20))
    except (OSError, ValueError):
        return None


def suspended(number: int) -> bool:
    """Whether the process is stopped (Ctrl-Z, SIGSTOP, a debugger): it holds its locks but does nothing."""
    if sys.platform == "linux":
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                return file.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
        except OSError:
            return False  # another machine's or container's process: its state cannot be asked
    if sys.platform == "darwin":
        import subprocess

        done = subprocess.run(["ps", "-o", "state=", "-p", str(number)], capture_output=True, check=False)
        return done.stdout.startswith(b"T")
    return False


def described(file: str) -> str:
    """One sentence for a person who waits for this lock: which process, what it does, what to do about it."""
    number = pid(file)
    if number is None:
        return "another process is writing the index: try again in a moment"
    if suspended(number):
        return (
            f"process {number} is suspended while it writes the index: "
            f"let it go on (fg, or kill -CONT {number}) or end it (kill -KILL {number})"
        )
    return f"process {number} is running and writes the index: try again in a moment, or end it (kill {number})"
