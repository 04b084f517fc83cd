"""The page as it is served: how soon it is there, how long each page takes and how large it is, what the server holds.

The time of a page is what the processor works for it in the server (Linux tells), with a watcher and on a connection that stays
open: other programs of the machine do not count. Elsewhere it is the time from the request to the last byte. The size of a page is
that of all that a browser loads the first time.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from benchmarks import daemon
from benchmarks.place import Place, make
from benchmarks.process import Failed, resident
from benchmarks.table import Line, Value, table

MOST_MS, MOST_KB, MOST_MB = 30.0, 60.0, 60.0  # of a page, of all that it loads, of the server
ASKED = 6  # requests of each page in a round


class Served(NamedTuple):
    """A server that runs: its process, a connection that was let in, and how long it took to be there, in ms."""

    pid: int
    conn: http.client.HTTPConnection
    cookie: str
    start: float

    def get(self, path: str) -> tuple[float, bytes]:
        """(ms, the compressed answer). Raises Failed for anything but a page."""
        begun = self._clock()
        self.conn.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"})
        answer = self.conn.getresponse()
        body = answer.read()
        took = self._clock() - begun
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status}")
        return took, body

    def _clock(self) -> float:
        """Milliseconds that the server has worked; of the clock where nobody knows."""
        try:
            return (
                sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{self.pid}/task").glob("*/schedstat")) / 1e6
            )
        except (OSError, ValueError):
            return time.perf_counter() * 1000


@contextmanager
def serving(place: Place, index: Path) -> Iterator[Served]:
    """`vi serve` of a vault on a free port, entered; it ends with the block."""
    begun = time.perf_counter()
    argv = place.vi("serve", "--port", "0", index=index)
    process = subprocess.Popen(
        argv, env=place.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/enter/\S+)\n", process.stdout.readline())
        if found is None:
            raise Failed("vi serve gave no address (is the extra `web` installed?)")
        start = (time.perf_counter() - begun) * 1000
        conn = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=120)
        conn.request("GET", found[2])
        answer = conn.getresponse()
        answer.read()
        cookie = (answer.getheader("set-cookie") or "").split(";")[0]
        yield Served(process.pid, conn, cookie, start)
        conn.close()
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()


def pages(place: Place) -> dict[str, str]:
    """Name -> address of each page."""
    linked: dict[str, int] = place.truth["notes linking to"]
    decided: dict[str, int] = place.truth["decisions by account"]
    account = max(decided, key=lambda name: decided[name])
    note = min(place.vault.rglob("Meetings/**/*.md")).relative_to(place.vault).as_posix()
    return {
        "today": "/", "triage": "/triage", "tasks": "/tasks", "tasks of a day": "/tasks?due=today", "a query": "/tasks?" + urlencode({"q": "not done\ndue before tomorrow"}),
        "agenda": "/agenda", "waiting": "/waiting", "accounts": "/accounts", "account": f"/account/{quote(account, safe='')}", "people": "/people",
        "person": f"/person/{quote(next(iter(linked)), safe='')}", "decisions": "/decisions", "note": f"/note/{quote(note)}", "search": "/search?q=contract+review",
        "review": "/review", "status": "/status",
    }  # fmt: skip


def lines(place: Place, times: int, tell: Callable[[str], None], index: Path) -> list[Line]:
    """A line a page, its size, the start, and the memory; a watcher of this index must run."""
    tell("the page")
    asked = pages(place)
    with serving(place, index) as one:
        found: dict[str, list[float]] = {name: [] for name in asked}
        sizes = {}
        own = sum(len(one.get(path)[1]) for path in ("/static/page.css", "/static/page.js", "/static/icon.svg"))
        for turn in range(times * ASKED + 1):
            for name, path in asked.items():
                took, body = one.get(path)
                sizes[name] = (len(body) + own) / 1000
                if turn:
                    found[name].append(took)
        held = resident(one.pid) / 1024 if os.path.exists("/proc/self/status") else 0.0
        start = one.start
    made = [Line("vi serve: start to address", Value(start, "ms", 1))]
    made += [
        Line(f"page: {name}", Value(statistics.median(ms), "ms", len(ms)), must=MOST_MS) for name, ms in found.items()
    ]
    largest = sorted(sizes, key=lambda name: -sizes[name])[:3]
    made += [Line(f"size of a page: {name}, with everything", Value(sizes[name], "KB"), must=MOST_KB) for name in largest]  # fmt: skip
    return [*made, *([Line("memory of the server", Value(held, "MB"), must=MOST_MB)] if held else [])]


def main() -> None:
    """Only this."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--notes", type=int, action="append")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaultindex-bench-") as folder:
        for notes in given.notes or [10_000]:
            place = make(Path(os.path.realpath(folder)) / str(notes), notes)
            place.settle()
            with daemon.watching(place, place.index_file):
                found = lines(place, given.times, lambda what: print(what, file=sys.stderr), place.index_file)
            title = f"## {place.notes:,} notes, {place.truth['tasks']:,} tasks"
            print("\n".join([title, "", *table(found, given.times * ASKED), ""]), flush=True)


if __name__ == "__main__":
    main()
