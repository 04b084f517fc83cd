"""`make bench`: whole processes, warm, alternating with peers and with bare reading; medians, ratios, goals.

`--quick` measures 1,000 notes; `--notes N` may be given several times. The table goes to the screen and, with `--write`,
to RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from benchmarks.vaults import AS_OF, make

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
PEERS = ("headless-vault-kit",)
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
# The queries of the plugin's documentation that people start from.
QUERIES = (
    "not done\ndue today",
    "not done\ndue before today",
    "not done\ndue after today\ndue before in two weeks",
    "not done\nhappens before tomorrow\nsort by priority",
    "not done\nno due date\nlimit 100",
    "not done\nis recurring\nlimit 100",
    "done this week",
    "done last month\nlimit 100",
    "not done\npriority is above medium\nlimit 100",
    "not done\ndescription includes budget\nlimit 100",
    "not done\ntags include #proposed\nlimit 100",
    "not done\npath includes Projects\nlimit 100",
    "not done\nheading includes Action\nlimit 100",
    "(due this week) OR (scheduled this week)",
    "not done\nis blocking",
    "not done\nis blocked",
    "not done\nsort by urgency\nlimit 50",
    "not done\ngroup by filename\nlimit 200",
    "not done\ndescription regex matches /review.*budget/i\nlimit 100",
    "created this month\nsort by created reverse\nlimit 100",
)


class Measure(NamedTuple):
    seconds: float  # median
    megabytes: float  # most of any run


def run(command: list[str], env: dict[str, str], before: Callable[[], None] | None = None) -> Measure:
    """One whole process: wall time and peak memory."""
    if before is not None:
        before()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return Measure(seconds, usage.ru_maxrss / 1024)


def alternate(
    works: dict[str, tuple[list[str], Callable[[], None] | None]], env: dict[str, str], times: int
) -> dict[str, Measure]:
    """Each work `times` times, A B A B, so that a slow minute of the machine hits all alike; medians."""
    found: dict[str, list[Measure]] = {name: [] for name in works}
    for turn in range(times + 1):
        for name, (command, before) in works.items():
            measured = run(command, env, before)
            if turn:  # the first round only warms
                found[name].append(measured)
    return {
        name: Measure(statistics.median(m.seconds for m in all_), max(m.megabytes for m in all_))
        for name, all_ in found.items()
    }


class Row(NamedTuple):
    work: str
    ours: Measure
    against: str
    other: Measure | None
    goal: float  # ours / other must be at most this

    def line(self) -> str:
        """One line of the table."""
        if self.other is None:
            return f"| {self.work} | {self.ours.seconds * 1000:,.0f} ms | {self.against} | - | - | - | absent |"
        ratio = self.ours.seconds / self.other.seconds
        met = "yes" if ratio <= self.goal else "NO"
        return (
            f"| {self.work} | {self.ours.seconds * 1000:,.0f} ms, {self.ours.megabytes:.0f} MB | {self.against} "
            f"| {self.other.seconds * 1000:,.0f} ms, {self.other.megabytes:.0f} MB | {ratio:.3f} | {self.goal:.3f} | {met} |"
        )


def peers_folder() -> Path | None:
    """An environment of their own for the peers; None when they cannot be installed."""
    folder = Path(os.environ.get("VAULTINDEX_PEERS") or Path(tempfile.gettempdir()) / "vaultindex-peers")
    if not (folder / "bin" / "hvk").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *PEERS], capture_output=True)
        if done.returncode:
            print("peers cannot be installed: ratios to them are left out", file=sys.stderr)
            return None
    return folder / "bin"


def measure(notes: int, times: int, folder: Path, peers: Path | None) -> list[str]:
    """The table of one size."""
    vault, index = folder / f"vault{notes}", folder / f"index{notes}" / "index.db"
    truth = make(str(vault), notes)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "VAULTINDEX_TODAY": AS_OF}
    vi = [str(BIN / "vi"), "--vault", str(vault), "--index", str(index)]
    hvk = [str(peers / "hvk"), "--vault", str(vault), "--index", str(folder / f"hvk{notes}")] if peers else None
    some = sorted((vault / "Meetings").rglob("*.md"))[0]
    person = next(iter(truth["notes linking to"]))

    def forget() -> None:
        shutil.rmtree(index.parent, ignore_errors=True)

    def forget_theirs() -> None:
        shutil.rmtree(folder / f"hvk{notes}", ignore_errors=True)

    def touch() -> None:
        with open(some, "a", encoding="utf-8") as file:
            file.write("x")

    read_all = [sys.executable, "-c", READ_ALL, str(vault)]
    bare = [sys.executable, "-c", "import click, sqlite3"]
    rows: list[Row] = []

    def compare(
        work: str,
        ours: list[str],
        before: Callable[[], None] | None,
        others: list[tuple[str, list[str] | None, Callable[[], None] | None, float]],
        turns: int = times,
    ) -> None:
        works = {"ours": (ours, before)}
        works |= {name: (command, their) for name, command, their, _ in others if command is not None}
        found = alternate(works, env, turns)
        rows.extend(Row(work, found["ours"], name, found.get(name), goal) for name, _, _, goal in others)

    slow = max(2, times // 2)
    compare("full index", [*vi, "index"], forget, [("read all", read_all, None, 20.0), ("hvk scan", hvk and [*hvk, "scan"], forget_theirs, 1 / 6)], slow)  # fmt: skip
    compare(
        "nothing changed",
        [*vi, "index"],
        None,
        [("read all", read_all, None, 1.0), ("hvk scan", hvk and [*hvk, "scan"], None, 1 / 12)],
    )
    compare(
        "one note changed",
        [*vi, "index"],
        touch,
        [("read all", read_all, None, 1.0), ("hvk scan", hvk and [*hvk, "scan"], touch, 1 / 10)],
    )
    time.sleep(
        2.5
    )  # a note just written is read once more, until its time stamp is older than the coarsest clock's tick
    run([*vi, "index"], env)
    compare("tasks --due today, swept", [*vi, "tasks", "--due", "today"], None, [("bare click + sqlite3", bare, None, 2.5), ("hvk tasks, unswept", hvk and [*hvk, "--json", "tasks", "--pending", "--due-before", AS_OF], None, 1 / 7)])  # fmt: skip
    compare(
        "tasks --due today, as it stands",
        [*vi, "--no-refresh", "tasks", "--due", "today"],
        None,
        [("bare click + sqlite3", bare, None, 1.4)],
    )
    compare("all overdue, JSON, swept", [*vi, "tasks", "--overdue", "--json"], None, [("hvk tasks, JSON", hvk and [*hvk, "--json", "tasks", "--pending", "--due-before", AS_OF], None, 1 / 3)])  # fmt: skip
    compare("backlinks, swept", [*vi, "backlinks", person, "--json"], None, [("hvk backlinks", hvk and [*hvk, "--json", "backlinks", person], None, 1.0)])  # fmt: skip
    size = sum(f.stat().st_size for f in index.parent.iterdir() if f.suffix == ".db")
    data = sum(f.stat().st_size for f in vault.rglob("*.md"))
    lines = [
        f"## {notes:,} notes, {data / 1e6:.0f} MB, {truth['tasks']:,} tasks; index {size / 1e6:.0f} MB ({size / data:.2f} x, goal 2.5 x)",
        "",
    ]
    lines += ["| work | ours | against | theirs | ratio | goal | met |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [row.line() for row in rows]
    queries = [
        alternate({"q": ([*vi, "--no-refresh", "--format", "plain", "query", q], None)}, env, 3)["q"].seconds
        for q in QUERIES
    ]
    slowest = max(range(len(queries)), key=queries.__getitem__)
    lines += [
        "",
        f"Twenty queries of the Tasks plugin's documentation, whole processes: median {statistics.median(queries) * 1000:.0f} ms, "
        f"slowest {max(queries) * 1000:.0f} ms (`{QUERIES[slowest].replace(chr(10), '; ')}`); goal 250 ms at 100,000 tasks.",
        "",
    ]
    return lines


def main() -> None:
    """Measure, print, and write RESULTS.md when asked."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 notes, few rounds")
    parser.add_argument("--notes", type=int, action="append", help="how many notes; may be repeated")
    parser.add_argument("--times", type=int, default=5, help="rounds a work (5)")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    given = parser.parse_args()
    sizes = given.notes or ([1000] if given.quick else [10_000, 50_000])
    peers = peers_folder()
    lines = [
        "# Results",
        "",
        f"Written by `make bench` on {date.today().isoformat()}: {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. Whole processes, warm, medians; compare within one run only.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for notes in sizes:
            lines += measure(notes, 3 if given.quick else given.times, Path(folder), peers)
    text = "\n".join(lines)
    print(text)
    if given.write:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(
        f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
