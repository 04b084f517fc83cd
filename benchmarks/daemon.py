"""The watcher, ours and the peer's, as it runs: how soon a saved note can be asked for, and what it holds in memory."""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.peers import Peers
from benchmarks.place import ROOT, Place
from benchmarks.process import Failed, resident
from benchmarks.table import Line, Value
from vaultindex.index import heartbeat

WAIT = 300.0  # seconds until something that does not come has failed
BURST = 1000  # changes at once
CHANGES = 10_000
INSIDE = 40  # changes of one note, in one process


def until(what: Callable[[], object], step: float = 0.002) -> float:
    """Seconds until it is true. Raises Failed."""
    started = time.perf_counter()
    while not what():
        if time.perf_counter() - started > WAIT:
            raise Failed(f"not within {WAIT:.0f} s")
        time.sleep(step)
    return time.perf_counter() - started


@contextmanager
def running(argv: list[str], env: dict[str, str]) -> Iterator[int]:
    """A process that runs until the block ends, whatever happens in it; its number."""
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def vouches(place: Place, index: Path) -> bool:
    """Whether our watcher says that the index is the vault."""
    return heartbeat.trusted(str(index), str(place.vault)) is not None


@contextmanager
def watching(place: Place, index: Path) -> Iterator[int]:
    """`vi watch` with an index of its own, ready; its process."""
    with running(place.vi("watch", index=index), place.env) as pid:
        until(lambda: vouches(place, index))
        yield pid


def seen(index: Path, sql: str, word: str) -> bool:
    """Whether a query finds a word; an index that is not there yet has none."""
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=1)) as conn:
        return conn.execute(sql, (word,)).fetchone() is not None


def saved_to_seen(place: Place, index: Path, sql: str, times: int) -> Value:
    """From the save of a note to its new task's being in the index, after one round that warms."""
    path = place.vault / "Inbox" / "saved.md"
    found = []
    for number in range(times + 1):
        word = f"saved{number}at{time.time_ns()}"
        # Not in step with a watcher that looks at intervals; and one that was just started may still be starting.
        time.sleep(1.5 + number * 0.618 % 1 / 2 if number else 4)
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"- [ ] {word} #task\n")
        took = until(lambda word=word: seen(index, sql, word))  # type: ignore[misc]
        if number:
            found.append(took)
    return Value(statistics.median(found) * 1000, "ms", len(found))


OURS = "SELECT 1 FROM search WHERE search MATCH ?"
HVK = "SELECT 1 FROM tasks JOIN files ON files.id = file_id WHERE path = 'Inbox/saved.md' AND instr(text, ?)"


def saved(place: Place, index: Path, peers: Peers, times: int, settle: float) -> list[Line]:
    """The lines on a saved note; our watcher is running, the peer's is started and ended here."""
    work = "saved file to answer, daemon"
    ours = saved_to_seen(place, index, OURS, times)
    lines = [Line(f"{work} (settles for {settle:.0f} ms)", ours, must=settle + 100, aim=settle + 20)]
    ((name, theirs),) = peers.hvk("watch", proof="")
    value, missing = None, "absent"
    if theirs is not None:
        try:
            with running(theirs.argv, place.env):
                value = saved_to_seen(place, peers.hvk_index / "index.sqlite", HVK, times)
        except (Failed, sqlite3.Error) as error:
            print(f"{name} failed: {error}", file=sys.stderr)
            missing = "failed"
    return [*lines, Line(work, ours, name, value, 1 / 4, missing=missing)]


def inside(place: Place) -> tuple[Value, float]:
    """One change in a process that keeps the index open, as the daemon does, and the time a change settles before; ms."""
    command = [sys.executable, "-m", "benchmarks.inside", str(place.vault), str(place.index_file), str(INSIDE)]
    done = subprocess.run(command, cwd=ROOT, env=place.env, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return Value(found["median"], "ms", found["times"]), found["settle"]


def memory(place: Place, index: Path, pid: int) -> list[Line]:
    """What our watcher holds now, and when many changes in bursts have settled."""
    if not os.path.exists("/proc/self/status"):
        return []
    first = resident(pid) / 1024
    notes = sorted(place.vault.rglob("Meetings/**/*.md"))
    for burst in range(CHANGES // BURST):
        for number in range(BURST):
            with open(notes[(burst * BURST + number) % len(notes)], "a", encoding="utf-8") as file:
                file.write(f"- [ ] change {burst} {number}\n")
        time.sleep(0.5)
        until(lambda: vouches(place, index), 0.1)
    time.sleep(5)  # what was too fresh to be believed is read once more
    until(lambda: vouches(place, index), 0.1)
    after = Value(resident(pid) / 1024, "MB")
    return [Line(f"memory of the daemon after {CHANGES:,} changes", after, "at its start", Value(first, "MB"))]
