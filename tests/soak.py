"""Minutes of trouble for one watcher: many notes, several writers, readers that ask all the while.

At the end the index equals a fresh one, nothing is lost, and no reader ever saw an error or an empty index. Prints how
long a saved note took to be found, and what the watcher used. `python -m tests.soak --help`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults import rivals
from tests.faults.daemon import Daemon, wait_for
from tests.index.test_sync import fresh, rows
from vaultindex.base import settings
from vaultindex.index import heartbeat, store, sync

WORDS = [
    "pricing",
    "pilot",
    "report",
    "invoice",
    "review",
    "meeting",
    "migration",
    "budget",
    "contract",
    "call",
    "draft",
    "launch",
    "risk",
    "scope",
    "team",
]


def note(dice: random.Random, count: int) -> str:
    """A note of about a kilobyte: properties, prose with links, tasks, sometimes decisions."""
    prose = " ".join(dice.choice(WORDS) for _ in range(80))
    tasks = "".join(
        f"- [{dice.choice(' x')}] {dice.choice(WORDS)} {dice.choice(WORDS)} 📅 2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02} @Dana\n"
        for _ in range(5)
    )
    decisions = "\n## Decisions\n\n- " + dice.choice(WORDS) + "\n" if dice.random() < 0.2 else ""
    return f"---\naccount: Acc{dice.randint(0, 50)}\n---\n# {dice.choice(WORDS)}\n\n{prose} [[n{dice.randrange(count)}]]\n\n{tasks}{decisions}"


def write(root: str, seed: int, changes: int, count: int, pace: float) -> None:
    """One writer: edits, replaces, renames, removes and makes notes in its own folders, now and then a folder at once."""
    dice = random.Random(seed)
    place = os.path.join(root, f"w{seed}")
    for number in range(changes):
        folder = os.path.join(place, str(dice.randrange(20)))
        path = os.path.join(folder, f"n{dice.randrange(count)}.md")
        kind = dice.random()
        os.makedirs(folder, exist_ok=True)
        if kind < 0.5:
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"- [ ] added {number} 📅 2025-10-07\n")
        elif kind < 0.75:
            temp = os.path.join(folder, f".{number}.tmp")
            with open(temp, "w", encoding="utf-8") as file:
                file.write(note(dice, count))
            os.replace(temp, path)
        elif kind < 0.85:
            if os.path.exists(path):
                os.replace(path, os.path.join(folder, f"n{dice.randrange(count)}.md"))
        elif kind < 0.95:
            if os.path.exists(path):
                os.unlink(path)
        elif kind < 0.96:
            target = os.path.join(place, f"moved{dice.randrange(9)}")
            if not os.path.exists(target):
                os.rename(folder, target)
        else:
            for extra in range(10):
                with open(os.path.join(folder, f"burst{extra}.md"), "w", encoding="utf-8") as file:
                    file.write(note(dice, count))
        time.sleep(pace * dice.random() * 2)


def ask(root: str, index: str, done: Any, told: Any, least: int) -> None:
    """One reader: asks as the commands do, and puts down what it should never see."""
    given = settings.load({}, root)
    times, watched, wrong = [], 0, []
    while not done.is_set():
        started = time.perf_counter()
        try:
            conn, report = sync.open_fresh(root, index, given)
            with closing(conn):
                notes = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
                conn.execute("SELECT text, path FROM v_tasks WHERE state = 'open' ORDER BY due LIMIT 50").fetchall()
            watched += report.watched is not None
            if notes < least or report.messages or report.paused:
                wrong.append(f"{notes} notes, {report}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the soak is looking for
            wrong.append(f"{type(error).__name__}: {error}")
        times.append(time.perf_counter() - started)
        time.sleep(0.2)
    told.put((times, watched, wrong[:5]))


def probe(root: str, index: str, number: int) -> float:
    """Seconds from a saved note to an index that has it."""
    word = f"probe{number}x{random.randrange(10**9)}"
    path = os.path.join(root, "probes", f"p{number % 50}.md")
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"- [ ] {word}\n")

    def found() -> bool:
        with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as conn:
            return bool(conn.execute("SELECT count(*) FROM search WHERE search MATCH ?", (word,)).fetchone()[0])

    return wait_for(found)


def used(pid: int) -> tuple[float, float]:
    """CPU seconds and megabytes of a process (Linux); zeros elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        size = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]
    except OSError:
        return 0.0, 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(size) / 1024


def spread(times: list[float]) -> str:
    """Median, 95 of 100, longest, in milliseconds."""
    ordered = sorted(times) or [0.0]
    return (
        " / ".join(f"{ordered[min(int(len(ordered) * q), len(ordered) - 1)] * 1000:.0f}" for q in (0.5, 0.95, 1.0))
        + " ms"
    )


def main() -> int:
    """Run it; 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--pace", type=float, default=0.02, help="seconds between two changes of a writer, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rivals", type=float, default=20.0, help="seconds for each program that writes the note we edit"
    )
    given = parser.parse_args()
    lost = 0
    for program in rivals.PROGRAMS if given.rivals else ():
        with tempfile.TemporaryDirectory() as place:
            outcome = rivals.contest(Path(place), program, given.rivals)
        lost += outcome.lost
        print(f"another program {program}: {outcome.lost} of its {outcome.theirs} lines lost, "
              f"{outcome.made} edits made, {outcome.refused} refused")  # fmt: skip
    if lost:
        return 1
    with tempfile.TemporaryDirectory() as place:
        return soak(given, Path(os.path.realpath(place)))


def soak(given: argparse.Namespace, place: Path) -> int:
    """The whole of it, in a folder of its own."""
    root, index = place / "vault", str(place / "index" / "index.db")
    dice = random.Random(given.seed)
    (root / ".obsidian").mkdir(parents=True)
    (root / "probes").mkdir()
    for number in range(given.notes):
        folder = root / f"w{number % given.writers}" / str(number % 20)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"n{number}.md").write_text(note(dice, given.notes), encoding="utf-8")
    with Daemon(root, index) as daemon:
        pid = daemon.process.pid
        cpu, memory = used(pid)
        print(f"{given.notes:,} notes indexed; the watcher uses {memory:.0f} MB", flush=True)
        done, told = multiprocessing.Event(), multiprocessing.Queue()  # type: ignore[var-annotated]
        each = given.changes // given.writers
        writers = [
            multiprocessing.Process(target=write, args=(str(root), n, each, given.notes, given.pace))
            for n in range(given.writers)
        ]
        readers = [
            multiprocessing.Process(target=ask, args=(str(root), index, done, told, given.notes // 3))
            for _ in range(given.readers)
        ]
        started = time.monotonic()
        for process in (*writers, *readers):
            process.start()
        busy = []
        while any(w.is_alive() for w in writers):
            busy.append(probe(str(root), index, len(busy)))
            time.sleep(0.1)
        took = time.monotonic() - started
        done.set()
        answers = [told.get(timeout=60) for _ in readers]
        for process in (*writers, *readers):
            process.join()
        cpu_busy, memory_busy = used(pid)
        wait_for(lambda: heartbeat.trusted(index, str(root)), 120)
        with closing(store.open_read(index)) as conn:
            conn.execute("SELECT 1")
        same = rows(index) == fresh(root, place)
        lost = daemon.beat().lost
        time.sleep(3)
        quiet = [probe(str(root), index, 1000 + n) for n in range(40) if time.sleep(0.2) is None]
        time.sleep(3)
        before = used(pid)[0]
        time.sleep(20)
        idle = (used(pid)[0] - before) / 20
        last = used(pid)[1]
    wrong = [w for _, _, found in answers for w in found]
    asked = [t for times, _, _ in answers for t in times]
    trusting = sum(w for _, w, _ in answers)
    lines = {
        "changes": f"{each * given.writers:,} by {given.writers} writers in {took:.0f} s",
        "index equals a fresh one": "yes" if same else "NO",
        "questions": f"{len(asked):,} ({trusting:,} took the watcher's word), {spread(asked)}, wrong: {len(wrong)}",
        "saved to found, quiet": spread(quiet),
        "saved to found, under load": spread(busy),
        "events lost and made up for": str(lost),
        "CPU": f"{(cpu_busy - cpu) / took * 100:.0f} % of a core under load, {idle * 100:.2f} % idle",
        "memory": f"{memory:.0f} MB at first, {memory_busy:.0f} MB after the load, {last:.0f} MB at the end",
    }
    print("(median / 95 of 100 / longest)")
    for name, value in lines.items():
        print(f"{name:<28} {value}")
    for text in wrong:
        print(f"wrong: {text}")
    return int(bool(wrong) or not same)


if __name__ == "__main__":
    sys.exit(main())
