"""The recording of the README: a few commands run in a real terminal on the small vault, drawn as an SVG that moves.

    python tools/recording.py docs/recording.svg

Each command is one frame. Nothing in it depends on the clock or the machine, so that a test can make it anew and compare.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from xml.sax.saxutils import escape

import pyte

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, LINES = 88, 26
SECONDS = 4  # that each frame stays
COMMANDS = (
    "vi",
    "vi tasks --due today --mine",
    "vi person 'Sam Okoro'",
    "vi accept hvr",
    "vi undo",
    "vi decisions --account contoso",
)
_WIDE, _HIGH, _EDGE = 8.4, 18, 14  # of a character in pixels; of the frame around the text
# What a theme has for the colours that we use.
_THEME = {
    "red": "#f47067",
    "green": "#8ddb8c",
    "brown": "#e0c36f",
    "magenta": "#dcbdfb",
    "cyan": "#76d7e0",
    "default": "#d3dbe3",
}


def frames() -> list[list[list[tuple[str, str, bool, bool]]]]:
    """The screen after each command: lines of runs (text, colour, bold, underlined)."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(ROOT / "fixtures" / "vault", home / "vault")
        env = {
            "HOME": folder, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "PYTHONUTF8": "1", "VAULTINDEX_TODAY": "2025-10-07", "VAULTINDEX_NOTICE": "false", "PAGER": "", "VAULTINDEX_VAULT": str(home / "vault"),
        }  # fmt: skip
        # Beforehand, and not on the terminal: a slow machine would show how far it is with reading.
        subprocess.run(["vi", "index"], cwd=home / "vault", env=env, check=True, capture_output=True)
        return [_frame(command, env, home / "vault") for command in COMMANDS]


def _frame(command: str, env: dict[str, str], where: Path) -> list[list[tuple[str, str, bool, bool]]]:
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", LINES - 2, COLUMNS, 0, 0))
    screen = pyte.Screen(COLUMNS, 200)
    stream = pyte.ByteStream(screen)
    stream.feed(f"\x1b[1m$ {command}\x1b[0m\r\n".encode())
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=where, env=env, stdin=subprocess.DEVNULL, stdout=child, stderr=child
    )
    os.close(child)
    data = b""
    while True:
        try:
            some = os.read(parent, 65536)
        except OSError:  # the terminal is closed: the command has ended
            break
        if not some:
            break
        data += some
    os.close(parent)
    if process.wait():
        sys.exit(f"{command} ended with {process.returncode}")
    stream.feed(re.sub(rb"\x1b\]8;;.*?\x1b\\", b"", data))  # links: a picture has none
    lines = [_runs(screen, row) for row in range(200)]
    while lines and not lines[-1]:
        lines.pop()
    return lines[:LINES]


def _runs(screen: pyte.Screen, row: int) -> list[tuple[str, str, bool, bool]]:
    runs: list[tuple[str, str, bool, bool]] = []
    for column in range(COLUMNS):
        char = screen.buffer[row][column]
        look = (char.fg, char.bold, char.underscore)
        if runs and runs[-1][1:] == look:
            runs[-1] = (runs[-1][0] + char.data, *look)
        else:
            runs.append((char.data, *look))
    while runs and not runs[-1][0].strip():
        runs.pop()
    return runs


def svg(screens: list[list[list[tuple[str, str, bool, bool]]]]) -> str:
    """The frames, one after the other and from the start again; without motion where a reader asks for none."""
    total = SECONDS * len(screens)
    width, height = COLUMNS * _WIDE + 2 * _EDGE, LINES * _HIGH + 2 * _EDGE
    part = 100 / len(screens)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="vi asks a vault: {escape("; ".join(COMMANDS))}">',
        "<style>",
        "text { font: 14px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #d3dbe3 }",
        f".f {{ visibility: hidden; animation: show {total}s step-end infinite }}",
        f"@keyframes show {{ 0% {{ visibility: visible }} {part:.3f}% {{ visibility: hidden }} }}",
        *(f".f{n} {{ animation-delay: {n * SECONDS}s }}" for n in range(len(screens))),
        "@media (prefers-reduced-motion: reduce) { .f { animation: none } .f0 { visibility: visible } }",
        "</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#1f2430"/>',
    ]
    for n, lines in enumerate(screens):
        out.append(f'<g class="f f{n}">')
        for row, runs in enumerate(lines):
            at, parts = 0, []
            for text, colour, bold, underlined in runs:
                style = f' fill="{_THEME.get(colour, _THEME["default"])}"' if colour != "default" else ""
                style += ' font-weight="bold"' if bold else ""
                style += ' text-decoration="underline"' if underlined else ""
                for some in re.finditer(r"\S+(?: \S+)*", text):  # each piece begins in its own column
                    x = _EDGE + (at + _columns(text[: some.start()])) * _WIDE
                    look = f'x="{x:.1f}" textLength="{_columns(some[0]) * _WIDE:.1f}" lengthAdjust="spacingAndGlyphs"'
                    parts.append(f"<tspan {look}{style}>{escape(some[0])}</tspan>")
                at += _columns(text)
            if parts:
                out.append(f'<text y="{_EDGE + (row + 0.8) * _HIGH:.1f}">{"".join(parts)}</text>')
        out.append("</g>")
    return "\n".join([*out, "</svg>"]) + "\n"


def _columns(text: str) -> int:
    """Columns on the screen: pyte keeps a wide character in one cell and an empty one behind it."""
    from wcwidth import wcswidth

    return max(int(wcswidth(text)), 0)


def picture() -> str:
    """The recording as it is made now."""
    return svg(frames())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8", newline="\n")
