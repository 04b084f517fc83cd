"""The arithmetic of the benchmarks, and that what is measured is real. No peers, no network, no promise about time."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.__main__ import arguments, sizes
from benchmarks.process import Command, Failed, Measure, alternate, middle, run
from benchmarks.table import Line, Value, table
from benchmarks.vaults import AS_OF, make


def python(code: str, **more: object) -> Command:
    return Command([sys.executable, "-c", code], **more)  # type: ignore[arg-type]


def test_a_ratio_is_ours_to_theirs_and_each_goal_is_judged_by_it() -> None:
    line = Line("w", Value(500, "ms", 5, 40), "peer", Value(2000, "ms", 3, 80), 1 / 4, 1 / 5)
    assert line.judged == 0.25
    assert (line.met(line.must), line.met(line.aim), line.met(None)) == ("yes", "NO", "-")
    assert line.cells(5) == ("w", "500 ms", "peer", "2,000 ms (3)", "0.25", "0.25", "0.2", "yes / NO", "40 / 80 MB")


def test_without_another_the_goals_are_amounts() -> None:
    line = Line("w", Value(1.44, "ms", 40), must=5, aim=1.5)
    assert line.cells(5) == ("w", "1.4 ms", "", "-", "-", "5 ms", "1.5 ms", "yes / yes", "")


@pytest.mark.parametrize("missing", ["absent", "failed"])
def test_a_peer_that_is_not_there_meets_no_goal_and_misses_none(missing: str) -> None:
    cells = Line("w", Value(500), "peer", None, 1 / 4, 1 / 5, missing).cells(5)
    assert cells[3:5] == (missing, "-")
    assert cells[7] == "- / -"


def test_a_work_of_ours_that_fails_meets_no_goal() -> None:
    cells = Line("w", None, "peer", Value(1), 1 / 4).cells(5)
    assert cells[1] == "failed"
    assert cells[7] == "NO / -"


def test_a_table_has_one_row_a_line() -> None:
    rows = table([Line("one", Value(1)), Line("two", Value(20_000), "peer", Value(2, "s"))], 5)
    assert len(rows) == 4
    assert len({row.count("|") for row in rows}) == 1
    assert "20.0 s" in rows[-1]


def test_the_middle_is_the_median_time_and_the_most_memory() -> None:
    assert middle([Measure(3, 10), Measure(1, 30), Measure(2, 20)]) == Measure(2, 30, 3)


def test_works_alternate_after_a_round_that_warms(tmp_path: Path) -> None:
    told = tmp_path / "told"
    works = {name: python(f"open({str(told)!r}, 'a').write('{name}')") for name in "ab"}
    assert {name: m.times for name, m in alternate(works, {}, 2).items()} == {"a": 2, "b": 2}
    assert told.read_text() == "ababab"


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('nothing')"])
def test_who_does_not_do_the_work_is_not_fast(code: str, capfd: pytest.CaptureFixture[str]) -> None:
    works = {"ours": python("print(12, 'rows')", proof="[0-9] rows"), "peer": python(code, proof="[0-9] rows")}
    assert set(alternate(works, {}, 1)) == {"ours"}
    assert "peer failed" in capfd.readouterr().err


def test_the_first_lines_do_not_wait_for_the_last() -> None:
    assert run(python("while True: print(1)", lines=40), {}).times == 1  # it never ends by itself
    with pytest.raises(Failed, match="1 lines, not 2"):
        run(python("print(1)", lines=2), {})


def test_the_sizes_are_those_that_were_asked_for() -> None:
    assert sizes(arguments([])) == [10_000, 50_000]
    assert sizes(arguments(["--quick"])) == [1000]
    assert sizes(arguments(["--notes", "7", "--notes", "9"])) == [7, 9]


def test_a_big_vault_is_measured_alone_and_only_when_asked_for() -> None:
    assert sizes(arguments(["--big"])) == [200_000]
    assert sizes(arguments(["--big", "--notes", "300"])) == [300]
    assert not arguments(["--quick"]).big


def test_results_are_not_replaced_by_a_part_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--big", "--write"])
    assert "--big is printed only" in capsys.readouterr().err


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_generated_vault_is_the_same_every_time(tmp_path: Path) -> None:
    truths = [make(str(tmp_path / name), 60, 7) for name in ("one", "two")]
    assert truths[0] == truths[1]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert make(str(tmp_path / "three"), 60, 8) != truths[0]


def test_an_index_of_a_generated_vault_meets_its_truth(
    tmp_path: Path, indexed: Callable[[Path], sqlite3.Connection]
) -> None:
    truth = make(str(tmp_path / "vault"), 60)
    conn = indexed(tmp_path / "vault")
    for name, sql in {
        "notes": "SELECT count(*) FROM notes",
        "tasks": "SELECT count(*) FROM tasks",
        "decisions": "SELECT count(*) FROM decisions",
        "links": "SELECT count(*) FROM links WHERE kind = 'wikilink'",
        "overdue": f"SELECT count(*) FROM tasks WHERE state IN ('open', 'proposed') AND due < '{AS_OF}'",
    }.items():
        assert conn.execute(sql).fetchone()[0] == truth[name], name
