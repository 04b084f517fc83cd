"""`vi doctor --repair NOTE`: write a damaged note's characters as they were meant; shows the diff and asks first."""

from __future__ import annotations

import difflib
import sys

import click

from vaultindex.ask import names
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.mojibake import repair
from vaultindex.base.text import safe
from vaultindex.cli.app import App
from vaultindex.render import phrases, table
from vaultindex.vault import disk


def repair_note(app: App, name: str) -> None:
    """Show what would be written, ask, and write it in one step; every other byte of the note stays.

    Raises UnknownName for a wrong name, ChangedError when the note changed meanwhile, UsageError where nobody can answer.
    """
    from vaultindex.index import store, sync
    from vaultindex.vault import atomic_write, note_lines

    _, path = names.note(app.connect(), name)
    data, _ = disk.read(app.root, path)
    if data is None:
        raise VaultError(f"{path} is too large to be read")
    try:
        before = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VaultError(f"{path} is not UTF-8: save it as UTF-8 first") from error
    after, damaged = repair(before)
    if not damaged:
        app.lines([f"{safe(path)}: nothing to repair"])
        return
    old, new = before.split("\n"), after.split("\n")
    to = table.screen()
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm="", n=0):
        app.lines([table.paint(safe(line.rstrip("\r")), colours.get(line[:1], ""), to.colour)])
    sys.stdout.flush()
    if not sys.stdin.isatty():
        raise UsageError("nothing was written: --repair asks first, so it needs a terminal")
    with app.waiting():
        wanted = click.confirm(f"Write {phrases.count(len(damaged), 'line')} of {safe(path)}?", default=False, err=True)
    if not wanted:
        app.lines(["nothing was written"])
        return
    meant = [new[number - 1].rstrip("\r") for number in damaged]

    def change(current: bytes) -> bytes:
        for number, text in zip(damaged, meant):
            current, _ = note_lines.replaced(current, text, [text], number, mend=True)
        return current

    atomic_write.rewrite(app.root, path, change)
    try:
        sync.sync(app.root, app.index, app.config, paths=[path])
    except store.Busy as busy:
        app.notes.append(f"the note is repaired, but not in the index yet: {busy}")  # the next question looks again
    app.lines([f"repaired {phrases.count(len(damaged), 'line')} of {safe(path)}"])
