"""Whole vaults of a generator that knows its truth: counts of notes, tasks, dates, decisions, links are exact."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from vaultindex.base import settings
from vaultindex.index import sync

NOTES = 2000


def check(shared: Path, seed: int) -> tuple[int, int, list[str]]:
    """(facts compared, facts equal, the others) for one seed, hostile notes included."""
    generator = shared / "bench" / "genvault.py"
    if not generator.exists():
        raise FileNotFoundError(generator)
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "vault"
        subprocess.run(
            [sys.executable, str(generator), str(vault), "--notes", str(NOTES), "--seed", str(seed)],
            check=True,
            capture_output=True,
        )
        truth = json.loads(Path(f"{vault}.truth.json").read_text(encoding="utf-8"))
        index = str(Path(folder) / "i" / "index.db")
        sync.sync(str(vault), index, settings.load({}, str(vault)))
        conn = sqlite3.connect(index)
        facts = compare(conn, truth)
        conn.close()
    wrong = [f"seed {seed}: {name}: {ours!r}, truth {theirs!r}" for name, ours, theirs in facts if ours != theirs]
    return len(facts), len(facts) - len(wrong), wrong


def compare(conn: sqlite3.Connection, truth: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(fact, ours, the generator's)."""

    def one(sql: str, *values: Any) -> Any:
        return conn.execute(sql, values).fetchone()[0]

    facts = [
        ("notes", one("SELECT count(*) FROM notes"), truth["notes"]),
        ("tasks", one("SELECT count(*) FROM tasks"), truth["tasks"]),
        (
            "tasks by status",
            dict(conn.execute("SELECT status, count(*) FROM tasks GROUP BY 1")),
            truth["tasks_by_status"],
        ),
        # The generator does not count the fields of damaged lines; we read them as meant.
        (
            "due",
            one("SELECT count(*) FROM tasks WHERE due IS NOT NULL"),
            truth["tasks_with_due"] + truth["mojibake_due"],
        ),
        ("decisions", one("SELECT count(*) FROM decisions"), truth["decisions"]),
        ("embeds", one("SELECT count(*) FROM links WHERE kind = 'embed'"), truth["embeds"]),
        ("Markdown links", one("SELECT count(*) FROM links WHERE kind = 'markdown'"), truth["md_links"]),
        ("property links", one("SELECT count(*) FROM links WHERE kind = 'property'"), truth["links_frontmatter"]),
        ("proposed", one("SELECT count(*) FROM tasks WHERE state = 'proposed'"), truth["open_proposed"]),
        # Obsidian indexes links in %% comments (two in each such decoy), the generator does not.
        (
            "wikilinks",
            one("SELECT count(*) FROM links WHERE kind = 'wikilink'"),
            truth["links"] + 2 * truth["decoys"].get("pct", 0),
        ),
    ]
    damaged = truth["mojibake_priority"]
    ours = dict(conn.execute("SELECT priority, count(*) FROM v_tasks GROUP BY 1"))
    theirs = truth["tasks_by_priority"]
    facts.append(("priorities", sum(ours.values()) - ours["none"], sum(theirs.values()) - theirs["none"] + damaged))
    for account, number in truth["decisions_per_account_top"].items():
        facts.append(
            (f"decisions of {account}", one("SELECT count(*) FROM v_decisions WHERE account = ?", account), number)
        )
    for person, number in truth["backlink_notes_body_top"].items():
        sql = "SELECT count(DISTINCT source) FROM v_links WHERE target = ? AND kind IN ('wikilink', 'embed')"
        facts.append((f"notes linking to {person}", one(sql, f"People/{person}.md"), number))
    return facts


SETS = [(f"ground truth, seed {seed}", lambda shared, seed=seed: check(shared, seed)) for seed in (1, 2, 3)]
