"""The first rows of a list are those of the whole list, whichever way is the shorter one to find them."""

from __future__ import annotations

import datetime
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.query.engine import run
from vaultindex.tasks.plugin_settings import TaskSettings

TODAY = "2025-10-07"
Index = Callable[[Path], sqlite3.Connection]


def _vault(root: Path, tasks: int) -> None:
    """Many tasks due on few days, in notes whose order is not that of their names; some without a date, some settled."""
    draw = random.Random(5)
    notes: dict[str, list[str]] = {}
    for number in range(tasks):
        due = draw.choice([*(f" 📅 2025-{month:02}-1{month % 3}" for month in range(1, 13)), " 📅 2025-02-30", ""])
        line = f"- [{draw.choice('    x-?')}] ask {number}{draw.choice([' 🔺', ' 🔽', ''])}{due}\n"
        notes.setdefault(f"{draw.choice('cab')}{draw.randrange(9)}.md", []).append(line)
    for name, lines in notes.items():
        (root / name).write_text("".join(lines), encoding="utf-8")


def test_a_screen_of_a_list_is_the_beginning_of_the_list(small: Path, indexed: Index) -> None:
    _vault(small, 400)
    conn = indexed(small)
    for options in ({}, {"open": True}, {"overdue": True}, {"undated": True}, {"due": "october"}, {"words": "ask 1"}):
        nodes, _ = build(conn, dict(options), TODAY, ["me"])
        for sort in (("due", "priority"), ("due",), ("-due", "note"), ("Due ", "-priority"), ("urgency", "due")):
            whole = lists.select(conn, nodes, today=TODAY, me=["me"], sort=sort).keys
            assert len(whole) > 10, options
            for limit in (*range(80), len(whole), 1000):  # the first of a day is among them, and the last
                found = lists.select(conn, nodes, today=TODAY, me=["me"], sort=sort, limit=limit).keys
                assert list(found) == list(whole)[:limit], (options, sort, limit)


def test_a_query_of_nearly_all_tasks_finds_what_the_index_of_dates_finds(small: Path, indexed: Index) -> None:
    _vault(small, 3000)
    conn = indexed(small)

    def found(query: str, most: int | None = None) -> tuple[list[int], int, str]:
        day = datetime.date.fromisoformat(TODAY)
        result = run(conn, query, today=day, settings=TaskSettings(), most=most)
        plan = " ".join(row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {result.sql}", result.params))
        return result.groups[0].keys, result.total, plan

    wide, total, plan = found("due before 2026-01-01")
    assert "SCAN t" in plan, "so many are not looked up one by one"
    both, _, plan = found("(due before 2026-01-01) AND (due after 2024-01-01)")
    assert wide == both and len(wide) == total > 2000
    few, _, plan = found("due before 2025-01-15")
    assert "due<?" in plan and few == [key for key in wide if key in set(few)] and 100 < len(few) < 500
    assert found("due before 2026-01-01", most=40)[:2] == (wide[:40], total)
