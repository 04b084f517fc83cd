"""A line typed on the terminal, with what is understood of it below, key by key."""

from __future__ import annotations

import sys
from collections.abc import Callable

from vaultindex.base.text import one_line
from vaultindex.cli.interactive.keyboard import read_key
from vaultindex.render import table

_PROMPT = "> "


def type_line(text: str, about: Callable[[str], str]) -> str | None:
    """The line as it stands when Enter is pressed, begun with `text`; None when the person leaves. `about` is shown below."""
    out = sys.stdout
    while True:
        to = table.screen()
        shown = text
        while table.width_of(shown) > to.width - len(_PROMPT) - 1:
            shown = shown[1:]  # the end is what is being typed
        below = table.paint(table.cut(one_line(about(text)), to.width - 3), "dim", to.colour)
        column = len(_PROMPT) + table.width_of(shown)
        out.write(f"\r\x1b[J{_PROMPT}{one_line(shown)}\r\n  {below}\x1b[1A\r\x1b[{column}C")
        out.flush()
        try:
            key = read_key()
        except KeyboardInterrupt:
            key = ""
        if key in ("\r", "\n") and text.strip():
            out.write("\r\n\x1b[J")
            return text
        if key in ("", "\x03", "\x04", "\x1b"):
            out.write("\r\x1b[J")
            out.flush()
            return None
        if key in ("\x7f", "\b"):
            text = text[:-1]
        elif key == "\x15":  # Control-U
            text = ""
        elif len(key) == 1 and key.isprintable():
            text += key
