"""Command status: one screen about the vault, the index, and the watcher."""

from __future__ import annotations

import os
import time

from vaultindex import __version__
from vaultindex.ask.pages.status import facts, page_line, watcher_line
from vaultindex.base.text import safe
from vaultindex.cli.app import App, age, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.index import store
from vaultindex.render import json_text, table


@command(epilog="Examples:  vi status   vi status --json")
@shared
@in_app
def status(app: App) -> None:
    """One screen: the vault, the index, how many of what, how fresh."""
    conn = app.connect()
    found = facts(conn, app.root, app.index, app.config)
    if app.format in ("json", "jsonl"):
        app.lines([json_text.dumps(found)])
        return
    size = sum(os.path.getsize(app.index + s) for s in ("", "-wal") if os.path.exists(app.index + s))
    stamp = int(store.meta(conn, "indexed_at") or 0)
    excluded = conn.execute(
        "SELECT excluded, count(*) FROM notes WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    sql = "SELECT count(*), count(DISTINCT text) FROM tasks WHERE state IN ('open', 'proposed')"
    unsettled, different = conn.execute(sql).fetchone()
    lines = [
        ("vault", found["vault"]),
        ("index", f"{found['index']} ({size / 1e6:.1f} MB)"),
        ("notes", f"{found['notes']:,}" + "".join(f", {n:,} left out of lists ({_WHY[why]})" for why, n in excluded)),
        (
            "tasks",
            ", ".join(
                f"{n:,} {state}"
                for state, n in conn.execute("SELECT state, count(*) FROM tasks GROUP BY 1 ORDER BY 2 DESC")
            )
            or "0",
        ),
        *(
            [("", f"{different:,} different texts among the {unsettled:,} that are not settled")]
            if different < unsettled
            else []
        ),
        ("decisions", f"{found['decisions']:,}"),
        (
            "links",
            f"{found['links']:,}, {conn.execute('SELECT count(*) FROM links WHERE target IS NULL').fetchone()[0]:,} broken",
        ),
        ("problems", f"{found['problems']:,}" + (" (vi doctor)" if found["problems"] else "")),
        ("last change", f"indexed {age(max(time.time() - stamp / 1e9, 0))} ago"),
        ("watcher", watcher_line(found["watcher"])),
        *([("page", page_line(found["served"]))] if found["served"] else []),
        *((f"vault {other['name']}"[:12], f"{other['mode']}: {other['what']}") for other in found["others"]),
        ("version", __version__),
    ]
    to = table.screen()
    app.lines(f"{table.paint(f'{k:<12}', 'dim', to.colour)} {safe(v)}" for k, v in lines)


_WHY = {
    "conflict": "conflict copies",
    "template": "templates",
    "setting": "setting exclude",
    "app": "excluded in Obsidian",
}
