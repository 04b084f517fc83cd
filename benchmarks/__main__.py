"""Measure vaultindex beside other tools and beside bare reading: whole processes, warm, A B A B; medians, ratios, goals.

The table of each size goes to the screen and, with --write, to RESULTS.md beside this file. What is being done is said
on stderr: two sizes and all peers take about half an hour.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks import team
from benchmarks.peers import Peers, install, introduced
from benchmarks.place import make
from benchmarks.process import Measure, own
from benchmarks.queries import queries
from benchmarks.screens import BIG, one_screen
from benchmarks.table import table
from benchmarks.works import Works

HERE = Path(__file__).resolve().parent
SIZES = (10_000, 50_000)
EXAMPLES = """examples:
  python -m benchmarks --quick                  1,000 notes, three rounds: two minutes
  python -m benchmarks --notes 10000 --times 1  one size, one round
  python -m benchmarks --write                  10,000 and 50,000 notes, into RESULTS.md
  python -m benchmarks --big                    one screen of each question at 200,000 notes: ten minutes
  make bench BENCH="--quick"

VAULTINDEX_PEERS names the folder of the peers' environment; it is made when it is not there, and kept."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for, on the command line unless it is given here."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="1,000 notes and three rounds, unless said otherwise")
    parser.add_argument("--notes", type=int, action="append", metavar="N", help="size of a vault; may be repeated")
    parser.add_argument("--times", type=int, metavar="N", help="rounds a work, after one that warms; default 5")
    parser.add_argument("--no-peers", action="store_true", help="without the other tools; nothing is installed")
    parser.add_argument("--daemon-memory", action="store_true", help="10,000 changes under the daemon, also with sizes of your own")  # fmt: skip
    parser.add_argument("--big", action="store_true", help=f"only one screen of each question, at {BIG:,} notes unless said otherwise")  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write RESULTS.md")
    found = parser.parse_args(given)
    if found.big and found.write:
        parser.error("--big is printed only: RESULTS.md holds whole runs")
    return found


def sizes(given: argparse.Namespace) -> list[int]:
    """Notes of the vaults to make."""
    if given.notes:
        return list(given.notes)
    return [BIG] if given.big else [1000] if given.quick else list(SIZES)


def head(programs: dict[str, str], times: int) -> list[str]:
    """What was measured, where, beside whom, and how to read it."""
    return [
        "# Results",
        "",
        f"Written by `make bench` on {date.today().isoformat()}: {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. Whole processes, warm; medians of {times}, or of as many as",
        "stand in brackets. Compare within one run only.",
        "",
        *introduced(programs),
        "",
    ]


def main() -> None:
    """Measure, print, and write RESULTS.md when asked."""
    given = arguments()
    for number in (signal.SIGTERM, signal.SIGINT):  # daemons end and folders go, whatever ends us
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    times = given.times or (3 if given.quick else 5)
    programs = {} if given.no_peers or given.big else install()
    lines = head(programs, times)
    started = time.monotonic()
    full: dict[int, Measure] = {}
    with tempfile.TemporaryDirectory(prefix="vaultindex-bench-") as folder:
        for notes in sizes(given):

            def tell(what: str, notes: int = notes) -> None:
                print(f"{time.monotonic() - started:5.0f} s  {notes:,} notes: {what}", file=sys.stderr, flush=True)

            tell("a vault")
            place = make(Path(os.path.realpath(folder)) / str(notes), notes)
            title = f"## {place.notes:,} notes, {place.size() / 1e6:.0f} MB, {place.truth['tasks']:,} tasks"
            if given.big:
                lines += [title, "", *table(one_screen(place, times, tell), times), ""]
                continue
            long = given.daemon_memory or not (given.quick or given.notes)
            works = Works(place, Peers(programs, place), times, tell, full, long)
            rows = works.run()
            rows += team.lines(place, times, tell)
            tell("queries")
            lines += [title, "", *table(rows, times), "", queries(place, times), ""]
            if works.full is not None:
                full[place.notes] = works.full
    lines += [f"Memory is that of the largest process of a command; less than {own():.0f} MB cannot be seen.", ""]
    text = "\n".join(lines)
    print(text)
    if given.write:
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
