"""The state of things: the vault, the index, the watcher, other vaults whose watcher is in trouble."""

from __future__ import annotations

import datetime
import os
import sqlite3
from typing import Any

from vaultindex import __version__
from vaultindex.base import settings
from vaultindex.index import heartbeat, store


def facts(conn: sqlite3.Connection, root: str, index: str, config: settings.Config) -> dict[str, Any]:
    """What `vi status --json` gives."""

    def one(sql: str) -> Any:
        return conn.execute(sql).fetchone()[0]

    stamp = store.meta(conn, "indexed_at")
    when = (
        datetime.datetime.fromtimestamp(int(stamp) / 1e9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if stamp
        else None
    )
    return {
        "vault": root,
        "index": index,
        "notes": one("SELECT count(*) FROM notes"),
        "tasks": one("SELECT count(*) FROM tasks"),
        "decisions": one("SELECT count(*) FROM decisions"),
        "links": one("SELECT count(*) FROM links"),
        "problems": one("SELECT count(*) FROM problems"),
        "indexed_at": when,
        "watcher": watcher(index),
        "others": others(root, config),
        "served": page(root),
        "version": __version__,
    }


def others(root: str, config: settings.Config) -> list[dict[str, Any]]:
    """The named vaults beside this one whose watcher is in trouble: `name`, `vault`, `mode`, `what`."""
    found = []
    for name, path in config.get("vaults").items():
        other = os.path.realpath(os.path.expanduser(path))
        if other == root:
            continue
        beat = heartbeat.alive(settings.index_file(dict(os.environ), other, config), other)
        if beat is not None and beat.what:
            found.append({"name": name, "vault": other, "mode": beat.mode, "what": beat.what})
    return found


def page(root: str) -> dict[str, Any] | None:
    """Where this vault is shown in a browser: `url`, `pid`, `by`, `read_only`; None when it is not."""
    from vaultindex.state import served

    found = served.of_vault(dict(os.environ), root)
    if found is None:
        return None
    base, _ = found.vaults[root]
    return {"url": f"{found.url}{base}/", "pid": found.pid, "by": found.by, "read_only": found.read_only}


def page_line(found: dict[str, Any]) -> str:
    """The same for a person."""
    only = ", read-only" if found["read_only"] else ""
    return f"{found['url']} by {found['by']} (pid {found['pid']}{only}); vi serve lets a browser in"


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


def problems(
    conn: sqlite3.Connection, config: settings.Config, kind: str | None = None, texts: bool = True
) -> list[dict[str, Any]]:
    """What was left out, doubted or repaired for reading: `path`, `line`, `kind`, `what`; of one kind, or of all.

    Without `texts` nothing but the index is asked: the kind `section`, which takes the text of every meeting, is left out.
    """
    from vaultindex.ask.tasks.unseen import uncertain, unnamed
    from vaultindex.extract.registry import vocabulary

    where, values = (" WHERE kind = ?", (kind,)) if kind else ("", ())
    sql = f"SELECT path, line, kind, what FROM problems{where} ORDER BY kind, path, line"
    rows = [dict(zip(("path", "line", "kind", "what"), row)) for row in conn.execute(sql, values)]
    rows += [
        {"path": path, "line": 0, "kind": "conflict", "what": "is a copy left by a sync conflict: left out of lists"}
        for (path,) in conn.execute("SELECT path FROM notes WHERE excluded = 'conflict' ORDER BY path")
        if kind in (None, "conflict")
    ]
    rows += [one._asdict() for one in config.problems if kind in (None, one.kind)]
    if kind in (None, "owner"):
        rows += uncertain(conn)
    if kind == "section" or (kind is None and texts):
        rows += unnamed(conn, vocabulary(config.reading()))
    return rows
