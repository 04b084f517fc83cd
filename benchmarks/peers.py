"""Others that index a vault, from the package index, in an environment of their own; and how each is asked the same.

What a peer does not do stands in the table with it: nobody is slower for doing more without its being said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.place import Place
from benchmarks.process import Command
from benchmarks.vaults import AS_OF


class Peer(NamedTuple):
    """A package and its command."""

    package: str
    program: str
    does: str


HVK = Peer("headless-vault-kit", "hvk", "tasks, links, tags, properties, full text; questions do not look at the vault")
TODO = Peer(
    "md-todo-hub", "mdtodo", "tasks marked `[ ]`, `[x]` or `[-]` and full text of their titles; no dates, no links"
)
GRAPH = Peer("graphmark", "graphmark", "links only, no index: every question reads all notes")
PEERS = (HVK, TODO, GRAPH)
Call = tuple[str, Command | None]  # how the table names it; None when the peer is absent


def install() -> dict[str, str]:
    """The programs of the peers that are there, by name; they are kept for the next run."""
    folder = Path(os.environ.get("VAULTINDEX_PEERS") or Path(tempfile.gettempdir()) / "vaultindex-peers")
    programs = {}
    for peer in PEERS:
        program = folder / "bin" / peer.program
        if not program.exists():
            print(f"installing {peer.package}", file=sys.stderr)
            python = str(folder / "bin" / "python")
            if not os.path.exists(python):
                subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True)
            if os.path.exists(python):
                subprocess.run([python, "-m", "pip", "install", "-q", peer.package], capture_output=True)
        if program.exists():
            programs[peer.program] = str(program)
        else:
            print(f"{peer.package} cannot be installed: left out", file=sys.stderr)
    return programs


def introduced(programs: dict[str, str]) -> list[str]:
    """A line on each peer that is there: what it is, which version, what it does."""
    lines = []
    for peer in PEERS:
        if peer.program in programs:
            python = Path(programs[peer.program]).parent / "python"
            ask = f"import importlib.metadata; print(importlib.metadata.version({peer.package!r}))"
            version = subprocess.run([str(python), "-c", ask], capture_output=True, text=True).stdout.strip()
            lines.append(f"- `{peer.program}` is {peer.package} {version}: {peer.does}.")
    return lines


class Peers:
    """The peers' commands for the works of one vault, in the order of the table; hvk's first, as the goals name it."""

    def __init__(self, programs: dict[str, str], place: Place) -> None:
        self.programs, self.place = programs, place
        self.hvk_index = place.folder / "hvk"

    def _call(
        self, name: str, program: str, *argv: str, proof: str, before: Callable[[], object] | None = None
    ) -> list[Call]:
        found = self.programs.get(program)
        if found is None and program != HVK.program:
            return []
        return [(name, Command([found, *argv], before, proof) if found else None)]

    def hvk(self, *argv: str, proof: str, before: Callable[[], object] | None = None) -> list[Call]:
        """A command of headless-vault-kit, with its index beside ours."""
        where = ("--vault", str(self.place.vault), "--index", str(self.hvk_index))
        name = f"hvk {next(word for word in argv if word[0] != '-')}"
        return self._call(name, "hvk", *where, *argv, proof=proof, before=before)

    def full(self) -> list[Call]:
        """A first index."""
        vault = str(self.place.vault)

        def forget(folder: Path) -> None:
            shutil.rmtree(folder, ignore_errors=True)

        home = Path(self.place.env["HOME"]) / ".md-todo"
        return [
            *self.hvk("scan", proof=r"added +[1-9]", before=lambda: forget(self.hvk_index)),
            *self._call("mdtodo register (tasks only)", "mdtodo", "register", "--name", "bench", "--docs", vault, vault, proof=r"indexed [1-9]", before=lambda: forget(home)),
            *self._call("graphmark stats (links only, no index)", "graphmark", "--root", vault, "stats", proof=r'"edges": [1-9]'),
        ]  # fmt: skip

    def again(self) -> list[Call]:
        """The same when nothing has changed."""
        return [
            *self.hvk("scan", proof=r"unchanged +[1-9]"),
            *self._call("mdtodo index (tasks only)", "mdtodo", "index", proof="1 projects"),
        ]

    def changed(self) -> list[Call]:
        """The same when one note has changed."""
        return [
            *self.hvk("scan", proof=r"\bchanged +[1-9]", before=self.place.touch),
            *self._call("mdtodo index (tasks only)", "mdtodo", "index", proof="parsed [1-9]", before=self.place.touch),
        ]

    def tasks(self) -> list[Call]:
        """Open tasks that are overdue, as JSON."""
        return self.hvk("--json", "tasks", "--pending", "--due-before", AS_OF, proof='"text"')

    def backlinks(self, name: str) -> list[Call]:
        """Who links to a person's note."""
        return [
            *self.hvk("--json", "backlinks", name, proof='"source"'),
            *self._call("graphmark neighborhood (reads all)", "graphmark", "--root", str(self.place.vault), "neighborhood", "--note", f"People/{name}.md", proof=r'"back": \["'),
        ]  # fmt: skip
