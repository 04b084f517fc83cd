"""Rows of any kind: decisions, facts, kinds from the settings, and a kind that is one new file."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import warm

ROOT = Path(__file__).resolve().parents[2]
NOTE = """---
date: 2025-10-06
account: Contoso
participants: [Dana Leigh]
---
# Sync
## Key facts
- **Contract**: 36 months. #legal
- See [[Northwind]]

## Risks
- The plant is closed in May.
- none

> [!risk] Two suppliers only

Budget risk:: the quote ends on Friday
> [!tip] A tip is no risk

## Entscheidungen
- Start in May
"""


def vi(vault: Path, tmp_path: Path, *args: str, code: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(tmp_path), "VAULTINDEX_TODAY": "2025-10-07"}
    if code is not None:
        env["PYTHONPATH"] = str(code)
    command = [sys.executable, "-m", "vaultindex", *args, "--vault", str(vault), "--index", str(tmp_path / "i.db")]
    return warm.run(command, capture_output=True, text=True, env=env, cwd=tmp_path)


def found(vault: Path, tmp_path: Path, *args: str, code: Path | None = None) -> list[dict[str, Any]]:
    done = vi(vault, tmp_path, *args, "--json", code=code)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.fixture
def vault(small: Path) -> Path:
    (small / "2025-10-06 Sync.md").write_text(NOTE)
    (small / "2024-01-02 Old.md").write_text(
        "---\naccount: Fabrikam\ndate: 2024-01-02\n---\n## Key information\n1. Old fact\n"
    )
    return small


def test_facts_are_the_bullets_below_their_headings_newest_first(vault: Path, tmp_path: Path) -> None:
    rows = found(vault, tmp_path, "facts")
    assert [(r["date"], r["account"], r["line"], r["text"]) for r in rows] == [
        ("2025-10-06", "Contoso", 8, "**Contract**: 36 months. #legal"),
        ("2025-10-06", "Contoso", 9, "See [[Northwind]]"),
        ("2024-01-02", "Fabrikam", 6, "Old fact"),
    ]
    assert rows[0]["tags"] == ["#legal"] and rows[1]["links"] == ["Northwind"]
    assert len({r["id"] for r in rows}) == 3


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        (("old",), ["Old fact"]),
        (("--account", "fabrikam"), ["Old fact"]),
        (("--person", "dana"), ["**Contract**: 36 months. #legal", "See [[Northwind]]"]),
        (("--note", "2024-01-02 Old"), ["Old fact"]),
        (("--since", "2025"), ["**Contract**: 36 months. #legal", "See [[Northwind]]"]),
        (("--until", "2024"), ["Old fact"]),
        (("-n", "1"), ["**Contract**: 36 months. #legal"]),
    ],
)
def test_facts_can_be_narrowed_by(options: tuple[str, ...], texts: list[str], vault: Path, tmp_path: Path) -> None:
    assert [r["text"] for r in found(vault, tmp_path, "rows", "facts", *options)] == texts


def test_three_lines_of_settings_are_a_new_kind_with_list_json_sql_and_help(vault: Path, tmp_path: Path) -> None:
    assert vi(vault, tmp_path, "rows", "risks").returncode == 3
    (vault / ".vaultindex.toml").write_text(
        '[rows.risks]\nheadings = ["Risks"]\ncallouts = ["risk"]\nfields = ["Budget risk"]\n'
    )
    texts = ["The plant is closed in May.", "Two suppliers only", "the quote ends on Friday"]
    assert [r["text"] for r in found(vault, tmp_path, "rows", "risks")] == texts
    assert [r["text"] for r in found(vault, tmp_path, "rows", "risk", "--account", "contoso")] == texts
    kinds = {r["kind"]: r for r in found(vault, tmp_path, "rows")}
    assert kinds["risks"]["rows"] == 3 and "risks" in kinds["risks"]["help"]
    assert kinds["facts"]["rows"] == 3 and kinds["decisions"]["rows"] == 1
    counted = vi(
        vault, tmp_path, "sql", "select kind, count(*) from v_rows where kind in ('risks', 'facts') group by 1"
    )
    assert counted.stdout.split() == ["facts", "3", "risks", "3"]
    (vault / ".vaultindex.toml").unlink()
    gone = vi(vault, tmp_path, "rows", "risks")
    assert gone.returncode == 3 and "[rows.risks]" in gone.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        'rows = "x"',
        "[rows.risks]",
        '[rows.risks]\nheadings = "Risks"',
        "[rows.risks]\nheading = ['R']",
        '[rows."a b"]\nheadings = ["R"]',
    ],
)
def test_a_kind_that_is_written_wrongly_says_how_it_is_written(wrong: str, vault: Path, tmp_path: Path) -> None:
    (vault / ".vaultindex.toml").write_text(wrong + "\n")
    done = vi(vault, tmp_path, "rows")
    assert done.returncode == 2
    assert ".vaultindex.toml" in done.stderr and "headings, callouts, fields" in done.stderr


def test_one_new_file_is_a_new_kind(vault: Path, tmp_path: Path) -> None:
    code = tmp_path / "code"
    shutil.copytree(ROOT / "vaultindex", code / "vaultindex", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "vaultindex" / "extract" / "shouts.py").write_text(
        '"""Lines in capitals: `HELP`."""\n\n'
        "class Row:\n    note: int\n    line: int\n    text: str\n\n"
        "def extract(source):\n"
        "    lines = enumerate(source.note.lines, 1)\n"
        "    return [(source.id, n, line) for n, line in lines if line.isupper()]\n"
    )
    (vault / "Loud.md").write_text("---\ndate: 2025-01-01\n---\nHELP\nhelp\n")
    (row,) = found(vault, tmp_path, "rows", "shouts", code=code)
    assert (row["text"], row["line"], row["date"], row["id"]) == ("HELP", 4, "2025-01-01", None)
    kinds = {r["kind"]: r["help"] for r in found(vault, tmp_path, "rows", code=code)}
    assert kinds["shouts"] == "Lines in capitals: `HELP`."


def test_a_count_is_that_of_the_whole_list(tmp_path: Path, indexed: Callable[[Path], sqlite3.Connection]) -> None:
    from benchmarks.vaults import make
    from vaultindex.ask import notes, rows

    make(str(tmp_path / "counted"), 60)
    conn = indexed(tmp_path / "counted")
    for given in ({}, {"words": ("the",)}, {"excluded": True}):
        assert rows.count(conn, "decisions", **given) == len(rows.rows(conn, "decisions", **given))  # type: ignore[arg-type]
        assert notes.count(conn, **given) == len(notes.notes(conn, **given))  # type: ignore[arg-type]
    assert len(notes.notes(conn, limit=3)) == 3
    assert [row["path"] for row in notes.notes(conn, limit=3)] == [row["path"] for row in notes.notes(conn)[:3]]
