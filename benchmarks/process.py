"""Whole processes: started, timed, weighed, proved. A B A B, so that a slow minute of the machine hits all alike.

This process stays small and imports little: what the system reports as a child's peak memory is never less than what
its parent had when it started it (`own`).
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024  # of ru_maxrss, in a megabyte
LIMIT = 900.0  # seconds after which a process is ended and has failed
LAST = 100_000  # bytes of an output that are looked at
LONG = 100.0  # seconds after which a peer is not asked again for the same work


class Command(NamedTuple):
    """What is measured: a process, whole, or until its first lines are there."""

    argv: list[str]
    before: Callable[[], object] | None = None  # done each time, not measured
    proof: str = ""  # what its output must show: who does nothing is never fast
    lines: int = 0  # 0: until it ends
    weighed: bool = True  # whether its memory says anything


class Measure(NamedTuple):
    """One work, done."""

    seconds: float  # median
    megabytes: float  # most of any run; of a command with several processes, the largest
    times: int = 1


class Failed(Exception):
    """A process that did not do its work, and why."""


def run(command: Command, env: dict[str, str], prove: bool = False) -> Measure:
    """Do it once. Raises Failed; with `prove`, also when its output is not what it should be."""
    if command.before is not None:
        command.before()
    with tempfile.TemporaryFile() as said:
        out = subprocess.PIPE if command.lines else said if prove else subprocess.DEVNULL
        err = said if prove else subprocess.DEVNULL
        started = time.perf_counter()
        process = subprocess.Popen(command.argv, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        try:
            if process.stdout is not None:
                got = sum(1 for _ in zip(range(command.lines), process.stdout))
                seconds = time.perf_counter() - started
                process.stdout.close()
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            limit.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if process.stdout is None:
            seconds = time.perf_counter() - started
        elif got < command.lines:
            raise Failed(f"{got} lines, not {command.lines}")
        said.seek(max(0, said.seek(0, os.SEEK_END) - LAST))
        output = said.read().decode(errors="replace")
    if code and not command.lines:  # who is cut short may complain of it
        raise Failed(f"exit code {code} {output.strip()[-300:]}")
    if prove and not re.search(command.proof, output):
        raise Failed(f"{command.proof!r} not in {output.strip()[:300]!r}")
    return Measure(seconds, usage.ru_maxrss / _UNIT if command.weighed else 0)


def alternate(works: dict[str, Command], env: dict[str, str], times: int, patient: str = "ours") -> dict[str, Measure]:
    """The medians of these works, `times` each after one round that warms and proves; who failed is not in it.

    A slow work is done fewer times (the measure says how many), but not the `patient` one.
    """
    found: dict[str, list[Measure]] = {name: [] for name in works}
    first: dict[str, Measure] = {}
    failed: set[str] = set()
    for turn in range(times + 1):
        for name, command in works.items():
            spent = sum(m.seconds for m in (*found[name], first.get(name, Measure(0, 0))))
            if name in failed or (spent > LONG and name != patient):
                continue
            try:
                measured = run(command, env, prove=turn == 0)
            except (Failed, OSError) as error:
                print(f"{name} failed: {' '.join(command.argv)}: {error}", file=sys.stderr)
                failed.add(name)
                continue
            if turn:
                found[name].append(measured)
            else:
                first[name] = measured
    return {name: middle(found[name] or [first[name]]) for name in works if name not in failed}


def middle(measures: list[Measure]) -> Measure:
    """The median of the times, the most of the memory."""
    return Measure(statistics.median(m.seconds for m in measures), max(m.megabytes for m in measures), len(measures))


def own() -> float:
    """Most megabytes of this process; what takes less is shown as if it took as much."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT


def peak(argv: list[str], env: dict[str, str]) -> float:
    """Most megabytes of a command with all its processes at once: what it holds, and what its children hold alone.

    Linux says so, asked a hundred times a second; elsewhere it is the largest process.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return run(Command(argv), env).megabytes
    most = 0
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    return most / 1024


def _held(pid: int) -> int:
    """Kilobytes; 0 for a process that is gone."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return resident(pid) + sum(_kilobytes(f"/proc/{child}/smaps_rollup", "Private_Clean", "Private_Dirty") for child in children)  # fmt: skip
    except OSError:
        return 0


def resident(pid: int) -> int:
    """Kilobytes of memory that a process has now (Linux)."""
    return _kilobytes(f"/proc/{pid}/status", "VmRSS")


def _kilobytes(path: str, *names: str) -> int:
    text = Path(path).read_text()
    return sum(int(size) for name in names for size in re.findall(rf"^{name}:\s+(\d+)", text, re.M))
