"""Command status: one screen about the vault, the index, and the watcher."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any

from vaultindex import __version__
from vaultindex.base import settings
from vaultindex.base.text import safe
from vaultindex.cli.app import App, age, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.index import heartbeat, store
from vaultindex.render import json_text, table


def facts(app: App, conn: sqlite3.Connection) -> dict[str, Any]:
    """What `vi status --json` gives."""

    def one(sql: str) -> Any:
        return conn.execute(sql).fetchone()[0]

    stamp = store.meta(conn, "indexed_at")
    import datetime

    when = (
        datetime.datetime.fromtimestamp(int(stamp) / 1e9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if stamp
        else None
    )
    return {
        "vault": app.root,
        "index": app.index,
        "notes": one("SELECT count(*) FROM notes"),
        "tasks": one("SELECT count(*) FROM tasks"),
        "decisions": one("SELECT count(*) FROM decisions"),
        "links": one("SELECT count(*) FROM links"),
        "problems": one("SELECT count(*) FROM problems"),
        "indexed_at": when,
        "watcher": watcher(app.index),
        "others": others(app),
        "version": __version__,
    }


def others(app: App) -> list[dict[str, Any]]:
    """The named vaults beside this one whose watcher is in trouble: `name`, `vault`, `mode`, `what`."""
    found = []
    for name, path in app.config.get("vaults").items():
        root = os.path.realpath(os.path.expanduser(path))
        if root == app.root:
            continue
        beat = heartbeat.alive(settings.index_file(app.env, root, app.config), root)
        if beat is not None and beat.what:
            found.append({"name": name, "vault": root, "mode": beat.mode, "what": beat.what})
    return found


def watcher(index: str) -> dict[str, Any]:
    """The watcher as `vi status --json` gives it."""
    beat = heartbeat.read(index)
    running = heartbeat.held(index)
    if beat is None:
        return {
            "running": running,
            "pid": None,
            "heartbeat_age_s": None,
            "mode": None,
            "watched": None,
            "folders": None,
            "what": None,
        }
    return {
        "running": running, "pid": beat.pid, "heartbeat_age_s": round(max(beat.age, 0.0), 1), "mode": beat.mode if running else "dead",
        "watched": beat.watched, "folders": beat.folders, "what": beat.what or None,
    }  # fmt: skip


def watcher_line(found: dict[str, Any]) -> str:
    """The same for a person."""
    if not found["running"]:
        dead = f"died (pid {found['pid']}): " if found["pid"] else ""
        return f"none: {dead}vi watch, or vi service install (queries look at the notes themselves meanwhile)"
    if found["pid"] is None:
        return "starting"
    line = f"{found['mode']}, pid {found['pid']}, heartbeat {found['heartbeat_age_s']:g} s ago"
    if found["heartbeat_age_s"] > heartbeat.TRUSTED:
        line += " (stuck or suspended: queries look themselves)"
    if found["what"]:
        return f"{line}: {found['what']}"
    return f"{line}, watching {found['watched']:,} of {found['folders']:,} folders" if found["folders"] else line


@command(epilog="Examples:  vi status   vi status --json")
@shared
@in_app
def status(app: App) -> None:
    """One screen: the vault, the index, how many of what, how fresh."""
    conn = app.connect()
    found = facts(app, conn)
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
