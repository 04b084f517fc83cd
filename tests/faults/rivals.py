"""Other programs that write the note which we edit, in a tight loop, and how many of their lines were lost.

Each program puts numbered lines into the note. We tick and untick one line of it all the while. Whatever we do, every line
that a program has written must be in the note afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.vault import atomic_write, note_lines

_HEAD = """
import os, sys, time
note, end = sys.argv[1:]
n = 0
def more():
    return n <= 20 or not os.path.exists(end)
"""
# What each program does until it is told to end; `n` counts the lines that it has put into the note.
PROGRAMS = {
    "appends and closes": """
while more():
    with open(note, "a") as file:
        file.write(f"theirs {n}\\n")
    n += 1
""",
    "holds the note open and appends slowly": """
with open(note, "a", buffering=1) as file:
    while more():
        file.write(f"theirs {n}\\n")
        n += 1
        time.sleep(0.0005)
""",
    "opens, waits, appends, closes": """
while more():
    with open(note, "a", buffering=1) as file:
        time.sleep(0.001)
        file.write(f"theirs {n}\\n")
        n += 1
    time.sleep(0.002)
""",
    "writes another file and renames it (sed -i, editors)": """
while more():
    text = open(note).read() + f"theirs {n}\\n"
    with open(note + ".new", "w") as file:
        file.write(text)
    os.rename(note + ".new", note)
    n += 1
""",
    "cuts the note and writes it anew": """
text = open(note).read()
while more():
    text += f"theirs {n}\\n"
    with open(note, "w") as file:
        file.write(text)
    n += 1
    time.sleep(0.001)
""",
    "writes blocks in place (rsync --inplace)": """
text = open(note).read()
while more():
    text += f"theirs {n}\\n"
    with open(note, "r+") as file:
        for at in range(0, len(text), 4096):
            file.write(text[at:at + 4096])
            file.flush()
    n += 1
    time.sleep(0.001)
""",
}


class Outcome(NamedTuple):
    """What came of one contest."""

    theirs: int  # lines that the other program wrote
    lost: int  # of those, not in the note at the end
    made: int  # our edits
    refused: int


def contest(root: Path, program: str, seconds: float) -> Outcome:
    """Let the program and us write one note at the same time: so long, and until each has done it often enough to tell."""
    note, end = root / "note.md", root / "end"
    note.write_text("- [ ] ours\n")
    code = _HEAD + PROGRAMS[program] + "print(n)"
    other = subprocess.Popen([sys.executable, "-c", code, str(note), str(end)], stdout=subprocess.PIPE, text=True)
    made = refused = 0
    begun = time.monotonic()
    old, new = "- [ ] ours", "- [x] ours"

    def turn(data: bytes) -> bytes:
        return note_lines.replaced(data, old, [new], 1)[0]

    while other.poll() is None:
        try:
            atomic_write.rewrite(str(root), "note.md", turn)
            made += 1
        except VaultError:
            refused += 1
            time.sleep(0.0002)
        if made + refused > 20 and time.monotonic() - begun > seconds:
            end.touch()
        text = note.read_text()
        if text.startswith("- ["):
            old = text[:10]
            new = "- [x] ours" if old[3] == " " else "- [ ] ours"
    out, _ = other.communicate()
    written = int(out)
    there = set(note.read_text().splitlines())
    return Outcome(written, sum(f"theirs {i}" not in there for i in range(written)), made, refused)
