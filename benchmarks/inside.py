"""`python -m benchmarks.inside VAULT INDEX TIMES`: what a change costs a process that keeps the index open; JSON, in ms."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from contextlib import closing

from vaultindex.base import settings
from vaultindex.index.sync import Keeper
from vaultindex.watch.watcher import Timing


def main(root: str, index: str, times: int) -> None:
    """Change one note after the other, sync each, print the median."""
    given = settings.load(dict(os.environ), root)
    folder = os.path.join(root, "People")
    notes = sorted(os.listdir(folder))
    found = []
    with closing(Keeper(root, index)) as keeper:
        keeper.sync(given)
        for number in range(times + 3):
            path = f"People/{notes[number % len(notes)]}"
            with open(os.path.join(root, path), "a", encoding="utf-8") as file:
                file.write(f"- [ ] change {number} of [[{notes[0][:-3]}]] 📅 2025-12-01\n")
            started = time.perf_counter()
            report = keeper.sync(given, paths=[path])
            found.append((time.perf_counter() - started) * 1000)
            if report.touched != 1:
                raise SystemExit(f"{path}: {report}")
    measured = found[3:]  # the first find out what holds for all
    json.dump(
        {"median": statistics.median(measured), "times": len(measured), "settle": Timing().settle * 1000}, sys.stdout
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
