"""A generated vault whose truth is known is indexed exactly, damaged notes included."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.vaults import AS_OF, make


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_generated_vault_is_counted_exactly(
    seed: int, tmp_path: Path, indexed: Callable[[Path], sqlite3.Connection]
) -> None:
    truth = make(str(tmp_path / "vault"), 250, seed)
    conn = indexed(tmp_path / "vault")

    def one(sql: str, *values: object) -> object:
        return conn.execute(sql, values).fetchone()[0]

    assert one("SELECT count(*) FROM notes") == truth["notes"]
    assert one("SELECT count(*) FROM tasks") == truth["tasks"]
    assert dict(conn.execute("SELECT status, count(*) FROM tasks GROUP BY 1")) == truth["status"]
    for name in ("due", "scheduled", "start", "created", "done"):
        assert one(f"SELECT count(*) FROM tasks WHERE {name} IS NOT NULL") == truth[name], name
    for name, count in conn.execute("SELECT priority, count(*) FROM v_tasks GROUP BY 1"):
        assert truth[f"priority {name}"] == count
    assert one("SELECT count(*) FROM tasks WHERE state = 'proposed'") == truth["proposed"]
    assert one("SELECT count(*) FROM tasks WHERE state IN ('open', 'proposed') AND due < ?", AS_OF) == truth["overdue"]
    assert one("SELECT count(*) FROM decisions") == truth["decisions"]
    decided = dict(conn.execute("SELECT account, count(*) FROM v_decisions WHERE account IS NOT NULL GROUP BY 1"))
    assert decided == truth["decisions by account"]
    assert one("SELECT count(*) FROM links WHERE kind = 'wikilink'") == truth["links"]
    for name, count in truth["notes linking to"].items():
        sql = "SELECT count(DISTINCT source) FROM v_links WHERE target LIKE '%/' || ? || '.md'"
        assert one(sql, name) == count, name
    assert one("SELECT count(*) FROM problems WHERE kind = 'internal'") == 0
