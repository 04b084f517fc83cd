"""What is measured of one vault, work by work, with the goals of each: what must be reached, and what is aimed at."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import daemon, screens, web
from benchmarks.peers import Call, Peers
from benchmarks.place import Place
from benchmarks.process import Command, Failed, Measure, alternate, peak
from benchmarks.table import Line, Value, took

READ_ALL = """
import os, sys
def walk(folder):
    for entry in os.scandir(folder):
        if entry.name[0] == '.': continue
        if entry.is_dir(): walk(entry.path)
        else:
            fd = os.open(entry.path, os.O_RDONLY); os.read(fd, entry.stat().st_size + 1); os.close(fd)
walk(sys.argv[1])
"""
FLOOR = "read all"
BARE = "import click, sqlite3"
AS_MUCH = "path,line,status,done,due,raw,tags"  # of a task as headless-vault-kit tells it
Goals = tuple[float | None, float | None]  # must, aim
NONE: Goals = (None, None)


class Works:
    """The works of one vault; `run` gives the lines of its table.

    `earlier` are the full indexes of other sizes; `long` also looks at the daemon's memory after many changes.
    """

    def __init__(
        self,
        place: Place,
        peers: Peers,
        times: int,
        tell: Callable[[str], None],
        earlier: dict[int, Measure],
        long: bool,
    ) -> None:
        self.place, self.peers, self.times, self.tell = place, peers, times, tell
        self.earlier, self.long = earlier, long
        self.lines: list[Line] = []
        self.full: Measure | None = None  # the time of the full index, for the growth
        self.floors: dict[str, Call] = {
            FLOOR: (FLOOR, Command([sys.executable, "-c", READ_ALL, str(place.vault)], weighed=False)),
            BARE: (f"python -c '{BARE}'", Command([sys.executable, "-c", BARE], weighed=False)),
        }

    def run(self) -> list[Line]:
        """All of them; what fails as a whole is said on stderr."""
        for part in (self.indexing, self.questions, self.changes):
            try:
                part()
            except (Failed, OSError, sqlite3.Error, subprocess.SubprocessError) as error:
                print(f"the rest of this part is left out: {error}", file=sys.stderr)
        return self.lines

    def compare(self, work: str, ours: Command, others: list[tuple[Call, Goals]]) -> dict[str, Measure]:
        """A work beside others, A B A B: a line for each of them."""
        self.tell(work)
        commands = {"ours": ours} | {name: command for (name, command), _ in others if command is not None}
        found = alternate(commands, self.place.env, self.times)
        for (name, command), goals in others:
            missing = "failed" if command else "absent"
            self.lines.append(Line(work, took(found.get("ours")), name, took(found.get(name)), *goals, missing))
        return found

    def beside(self, floor: Goals, first: Goals, calls: list[Call]) -> list[tuple[Call, Goals]]:
        """The floor and the peers with goals: only the first peer has some."""
        return [(self.floors[FLOOR], floor), *((call, NONE if i else first) for i, call in enumerate(calls))]

    # --- the index ---

    def indexing(self) -> None:
        """Made, made again, brought up to date; its memory and size."""
        place, peers = self.place, self.peers
        index = place.vi("index")
        full = self.compare("full index", Command(index, place.forget, "added"), self.beside((20, 13), (1 / 6, 1 / 9), peers.full()))  # fmt: skip
        self.full = full.get("ours")
        for notes, before in self.earlier.items():
            grown = place.notes / notes
            self.lines.append(Line("growth of the full index", took(self.full), f"{notes:,} notes", took(before), grown * 1.2, grown * 1.06))  # fmt: skip
        self.memory(full.get("hvk scan"))
        size = sum(path.stat().st_size for path in place.index_file.parent.iterdir())
        self.lines.append(Line("size of the index", Value(size / 1e6, "MB"), "the vault", Value(place.size() / 1e6, "MB"), 2.5, 1.5))  # fmt: skip
        self.compare("nothing changed", Command(index, None, "nothing changed"), self.beside((1, 0.75), (1 / 12, None), peers.again()))  # fmt: skip
        self.compare("one note changed", Command(index, place.touch, "1 changed"), self.beside((1, 0.75), (1 / 10, None), peers.changed()))  # fmt: skip

    def memory(self, theirs: Measure | None) -> None:
        """The peak of a full index, all its processes together; and what a note adds to that of a vault of one note."""
        self.tell("memory of a full index")
        place = self.place
        place.forget()
        most = peak(place.vi("index"), place.env)
        alone = place.folder / "alone"
        (alone / "vault").mkdir(parents=True)
        (alone / "vault" / "one.md").write_text("---\na: 1\n---\n- [ ] a task 📅 2025-01-01\n", encoding="utf-8")
        least = peak(place._replace(folder=alone).vi("index"), place.env)
        held = theirs and Value(theirs.megabytes, "MB")
        self.lines.append(Line("peak memory of a full index", Value(most, "MB"), "hvk scan", held, 1, 0.75))
        note = Value((most - least) * 1024 / place.notes, "KB")
        self.lines.append(Line("the same, a note, over a vault of one note", note, must=4, aim=3))

    # --- questions ---

    def questions(self) -> None:
        """With a live daemon (which has an index of its own) and without one."""
        self.place.settle()
        watched = self.place.folder / "watched" / "index.db"
        shutil.copytree(self.place.index_file.parent, watched.parent)
        with daemon.watching(self.place, watched) as pid:
            self.today(watched)
            if not daemon.vouches(self.place, watched):
                raise Failed("the daemon does not vouch for its index: what was measured was not with it")
            self.tell("pages")
            self.lines += screens.pages(self.place, watched, self.times, self.floors[BARE])
            self.lines += web.lines(self.place, self.times, self.tell, watched)
            self.lists()
            self.tell("inside the daemon")
            inside, settle = daemon.inside(self.place)
            self.lines.append(Line("one note changed, inside the daemon, after settling", inside, must=5, aim=1.5))
            self.tell("saved file to answer")
            self.lines += daemon.saved(self.place, watched, self.peers, self.times, settle)
            if self.long:
                self.tell("memory of the daemon")
                self.lines += daemon.memory(self.place, watched, pid)

    def today(self, watched: Path) -> None:
        """The tasks of one day: with the daemon's word, and looking at every file first."""
        self.tell("tasks --due today")
        work = "tasks --due today -n 50"
        question = ("tasks", "--due", "today", "-n", "50")
        (theirs,) = self.peers.tasks()
        bare, floor = self.floors[BARE], self.floors[FLOOR]
        calls = {
            "ours": Command(self.place.vi(*question), proof="2025-12-01|no tasks"),
            "watched": Command(self.place.vi(*question, index=watched), proof="2025-12-01|no tasks"),
        } | {name: command for name, command in (bare, floor, theirs) if command is not None}
        found = alternate(calls, self.place.env, self.times)
        swept, live = found.get("ours"), found.get("watched")
        self.lines.append(Line(f"{work}, daemon", took(live), bare[0], took(found.get(bare[0])), 1.4, 1.1))
        alone = f"{work}, no daemon"
        missing = "failed" if theirs[1] else "absent"
        self.lines.append(Line(alone, took(swept), f"{theirs[0]}, unswept", took(found.get(theirs[0])), 1 / 7, None, missing))  # fmt: skip
        if live is not None and floor[0] in found:
            both = Value((live.seconds + found[floor[0]].seconds) * 1000)
            self.lines.append(Line(alone, took(swept), "the line above + read all", both, None, 1))

    def lists(self) -> None:
        """Long ones, and who links to whom."""
        place, peers = self.place, self.peers
        overdue = Command(place.vi("tasks", "--overdue", "--json"), proof='"due"')
        self.compare("all overdue, JSON, swept", overdue, [(call, (1 / 3, 1 / 4)) for call in peers.tasks()])
        alike = Command(place.vi("tasks", "--overdue", "--json", "--fields", AS_MUCH), proof='"due"')
        self.compare("the same, as many fields as the peer", alike, [(call, NONE) for call in peers.tasks()])
        name = next(iter(place.truth["notes linking to"]))
        backlinks = Command(place.vi("backlinks", name, "--json"), proof='"path"')
        self.compare("backlinks, JSON, swept", backlinks, [(call, NONE if i else (1, 0.5)) for i, call in enumerate(peers.backlinks(name))])  # fmt: skip
        whole = ("the whole list", Command(place.vi("tasks")))
        self.compare("first 40 lines of `vi tasks` in a pipe", Command(place.vi("tasks"), lines=40), [(whole, NONE)])

    # --- changes ---

    def changes(self) -> None:
        """A folder renamed; one edit and its undoing."""
        place = self.place
        place.settle()
        self.tell("a folder renamed")
        folder, notes = _folder(place.vault, 1000)
        other = folder.with_name(folder.name + " renamed")

        def rename() -> None:
            here, there = (folder, other) if folder.exists() else (other, folder)
            os.rename(here, there)

        found = alternate({"ours": Command(place.vi("index"), rename, "added|changed")}, place.env, self.times)
        if not folder.exists():
            rename()
        renamed = f"a folder of {notes:,} notes renamed, indexed again"
        self.lines.append(Line(renamed, took(found.get("ours")), must=2000))
        place.settle()
        self.tell("an edit")
        task = _task(place)
        found = alternate(
            {"done": Command(place.vi("done", task), proof="done"), "undo": Command(place.vi("undo"), proof="undone")},
            place.env,
            self.times,
        )
        self.lines += [Line(f"one edit: vi {verb}", took(found.get(verb))) for verb in ("done", "undo")]


def _folder(vault: Path, notes: int) -> tuple[Path, int]:
    """The folder that holds about so many notes."""
    counts = {p: sum(1 for _ in p.rglob("*.md")) for p in vault.rglob("*") if p.is_dir() and p.name[0] != "."}
    best = min(sorted(counts), key=lambda p: abs(counts[p] - notes))
    return best, counts[best]


def _task(place: Place) -> str:
    """The ID of a task that can be ticked off and opened again."""
    done = subprocess.run(place.vi("tasks", "--open", "--json", "-n", "50"), env=place.env, capture_output=True, text=True, check=True)  # fmt: skip
    return next(str(task["id"]) for task in json.loads(done.stdout) if task["recurrence"] is None)
