"""One key from the terminal."""

from __future__ import annotations

import sys

import click

UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = "up", "down", "page up", "page down", "home", "end"
# What terminals and the Windows console send for keys that are no characters.
_NAMES = {
    "\x1b[A": UP, "\x1bOA": UP, "\xe0H": UP, "\x00H": UP, "\x1b[B": DOWN, "\x1bOB": DOWN, "\xe0P": DOWN, "\x00P": DOWN,
    "\x1b[5~": PAGE_UP, "\xe0I": PAGE_UP, "\x1b[6~": PAGE_DOWN, "\xe0Q": PAGE_DOWN, "\x1b[H": HOME, "\x1b[1~": HOME,
    "\x1bOH": HOME, "\xe0G": HOME, "\x1b[F": END, "\x1b[4~": END, "\x1bOF": END, "\xe0O": END,
}  # fmt: skip


def read_key() -> str:
    """One key, '' at the end or for Control-C. What was typed ahead counts: people learn the keys and do not wait."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        return _NAMES.get(key := click.getchar(), key)
    import os
    import select

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        tty.setcbreak(fd, termios.TCSANOW)
        data = os.read(fd, 1)
        if data == b"\x1b" and select.select([fd], [], [], 0.05)[0]:
            data += _sequence(fd)  # an arrow or function key, not Escape
        elif data and data[0] >= 0xC0:  # a letter of several bytes
            data += os.read(fd, 1 + (data[0] >= 0xE0) + (data[0] >= 0xF0))
        key = data.decode("utf-8", "replace")
        return _NAMES.get(key, key)
    except (KeyboardInterrupt, OSError):
        return ""
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)


def _sequence(fd: int) -> bytes:
    """The rest of one escape sequence, and nothing of what was typed behind it."""
    import os

    data = os.read(fd, 1)
    if data in (b"[", b"O"):
        while len(data) < 31 and not (len(data) > 1 and 0x40 <= data[-1] <= 0x7E):
            more = os.read(fd, 1)
            if not more:
                break
            data += more
    return data
