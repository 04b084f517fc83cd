"""Two processes share the work, and nothing is lost when one of them dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vaultindex.index import forked_work

JOBS = [f"job {i}" for i in range(2_277)]
BATCHES = [JOBS[at : at + 48] for at in range(0, len(JOBS), 48)]


def run(do: Callable[[str], tuple[str, int]], processes: int = 2) -> list[tuple[str, int]]:
    batches = forked_work.work(BATCHES, lambda some: [do(job) for job in some], processes=processes)
    return [result for batch in batches for result in batch]


@pytest.mark.parametrize("processes", [1, 2])
def test_every_job_is_done_once(processes: int) -> None:
    found = run(lambda job: (job, os.getpid()), processes)
    assert sorted(job for job, _ in found) == sorted(JOBS)
    assert len({pid for _, pid in found}) <= processes


def test_a_child_takes_its_share() -> None:
    def slow(job: str) -> tuple[str, int]:
        sum(range(3000))
        return job, os.getpid()

    assert len({pid for _, pid in run(slow)}) == 2


def test_the_work_of_a_child_that_dies_is_done_by_the_parent() -> None:
    parent = os.getpid()

    def dying(job: str) -> tuple[str, int]:
        if os.getpid() != parent:
            os._exit(9)
        return job, 0

    assert sorted(job for job, _ in run(dying)) == sorted(JOBS)


def test_an_error_of_the_work_is_raised_here() -> None:
    def failing(job: str) -> tuple[str, int]:
        if job == "job 1234":
            raise ValueError(job)
        return job, 0

    with pytest.raises(ValueError, match="job 1234"):
        run(failing)


def test_little_work_is_done_alone() -> None:
    assert (
        list(forked_work.work(BATCHES[:2], lambda some: (len(some), os.getpid()), processes=2))
        == [(48, os.getpid())] * 2
    )


def test_what_only_some_notes_need_is_imported_before_there_is_a_second_process(tmp_path: Path) -> None:
    script = """
import sys
from vaultindex.base import settings as config; from vaultindex.index import sync
maker = sync._rules(sys.argv[1], config.load({}, sys.argv[1]).reading()).maker
late = {"frontmatter", "vaultindex.notes.inline", "yaml"}
print(*late.intersection(sys.modules))
maker.get_ready()
print(*sorted(late.intersection(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "frontmatter vaultindex.notes.inline yaml"]
