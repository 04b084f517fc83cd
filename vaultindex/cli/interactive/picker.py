"""Our own picker: a list on the whole screen, rows marked with keys; for terminals without fzf."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from vaultindex.base.text import fold
from vaultindex.cli.interactive import keyboard
from vaultindex.cli.interactive.keyboard import read_key
from vaultindex.render import table

_HELP = "space mark · a all · / find · enter go on · q leave"


class Picker:
    """The lines of a list: where we are, which are marked, and what is looked for."""

    def __init__(self, lines: Sequence[str], plain: Sequence[str]) -> None:
        """`lines` as they are shown (with colours), `plain` the same without, for the search."""
        self.lines = lines
        self._folded = [fold(text) for text in plain]
        self.shown = list(range(len(lines)))
        self.marked: set[int] = set()
        self.at = 0
        self.top = 0
        self.find = ""
        self.finding = False

    def press(self, key: str, height: int) -> list[int] | None:
        """What a key does; the picked rows when it ends the choice ([]: none), else None."""
        if key in ("", "\x03", "\x04"):
            return []
        steps = {keyboard.UP: -1, keyboard.DOWN: 1, keyboard.PAGE_UP: -height, keyboard.PAGE_DOWN: height}
        if key in steps:
            self._go(self.at + steps[key])
        elif key in (keyboard.HOME, keyboard.END):
            self._go(0 if key == keyboard.HOME else len(self.shown))
        elif self.finding:
            self._type(key)
        elif key in ("\r", "\n"):
            return sorted(self.marked) or self.shown[self.at : self.at + 1]
        elif key in ("q", "\x1b"):
            return []
        elif key in (" ", "\t"):
            self.marked ^= set(self.shown[self.at : self.at + 1])
            self._go(self.at + 1)
        elif key == "a":
            every = set(self.shown)
            self.marked = self.marked - every if every <= self.marked else self.marked | every
        elif key in ("j", "k"):
            self._go(self.at + (1 if key == "j" else -1))
        elif key == "/":
            self.finding = True
        return None

    def _go(self, to: int) -> None:
        self.at = max(min(to, len(self.shown) - 1), 0)

    def _type(self, key: str) -> None:
        """A key while the words to look for are typed."""
        if key in ("\r", "\n"):
            self.finding = False
            return
        if key == "\x1b":
            self.finding, self.find = False, ""
        elif key in ("\x7f", "\b"):
            self.find = self.find[:-1]
        elif key.isprintable():
            self.find += key
        words = fold(self.find).split()
        self.shown = [n for n, text in enumerate(self._folded) if all(word in text for word in words)]
        self._go(0)

    def screen(self, width: int, height: int) -> list[str]:
        """The lines of the screen: rows, then one line that says what is chosen and which keys there are."""
        rows = height - 1
        self.top = max(min(self.top, self.at), self.at - rows + 1, 0)
        colour = table.screen().colour
        found = []
        for n in range(self.top, min(self.top + rows, len(self.shown))):
            number = self.shown[n]
            sign = table.paint("*", "green", colour) if number in self.marked else " "
            pointer = table.paint(">", "bold", colour) if n == self.at else " "
            found.append(f"{pointer}{sign} {self.lines[number]}")
        found += [""] * (rows - len(found))
        said = f"{len(self.marked):,} marked" if self.marked else f"{len(self.shown):,} rows"
        if self.finding or self.find:
            said = f"/{self.find}{'_' if self.finding else ''} · {said}"
        keys = "enter keeps it · esc all" if self.finding else _HELP
        return [*found, table.paint(table.cut(f"{said} · {keys}", width - 1), "dim", colour)]


def pick(lines: Sequence[str], plain: Sequence[str]) -> list[int]:
    """The numbers of the rows that a person picks; [] when none. The screen is as before when it ends."""
    picker = Picker(lines, plain)
    out = sys.stdout
    out.write("\x1b[?1049h\x1b[?25l")  # the other screen, no cursor
    try:
        while True:
            size = shutil.get_terminal_size()
            height = max(size.lines, 3)
            text = "\r\n".join(line + "\x1b[K" for line in picker.screen(size.columns, height))
            out.write(f"\x1b[H{text}")
            out.flush()
            found = picker.press(read_key(), height - 2)
            if found is not None:
                return found
    except KeyboardInterrupt:
        return []
    finally:
        out.write("\x1b[?25h\x1b[?1049l")
        out.flush()
