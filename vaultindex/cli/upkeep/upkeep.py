"""Commands about the index itself: index, status, doctor, lint, sql, config."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from typing import Any

import click

from vaultindex import __version__
from vaultindex.base.errors import VaultError
from vaultindex.base.text import one_line, safe
from vaultindex.cli.app import App, age, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.index import heartbeat, store, sync
from vaultindex.render import output


@command(epilog="Examples:  vi index   vi index --full   vi index --verify")
@click.option("--full", is_flag=True, help="Read every note again.")
@click.option("--verify", is_flag=True, help="Compare the index with a fresh one, row by row; exit 1 when they differ.")
@click.option("--accept-removals", is_flag=True, help="Believe that most notes are really gone.")
@shared
@in_app
def index(app: App, full: bool, verify: bool, accept_removals: bool) -> None:
    """Make the index equal the vault. Queries do this by themselves; use it to warm up, rebuild or verify."""
    report = sync.sync(
        app.root, app.index, app.config, full=full, accept_removals=accept_removals, progress=app.progress()
    )
    for line in report.messages:
        app.notes.append(line)
    differences: list[str] = []
    if verify:
        differences = sync.verify(app.root, app.index, app.config, progress=app.progress())
    if app.format in ("json", "jsonl"):
        document = {
            "notes": report.notes, "added": report.added, "changed": report.changed, "removed": report.removed,
            "full": report.full, "seconds": round(report.seconds, 3), "paused": report.paused, "unreadable": report.unknown,
            "index": app.index, "differences": differences if verify else None,
        }  # fmt: skip
        app.lines([output.json_text(document)])
    else:
        changes = [
            f"{n:,} {word}"
            for n, word in ((report.added, "added"), (report.changed, "changed"), (report.removed, "removed"))
            if n
        ]
        what = ", ".join(changes) or "nothing changed"
        app.lines([f"{output.count(report.notes, 'note')}: {what} · {report.seconds:.2f} s"])
        if verify:
            app.lines(differences or ["verified: the index equals a fresh one"])
    if report.paused:
        app.notes.append(report.paused)
    if report.unknown:
        app.notes.append(
            f"{output.count(report.unknown, 'folder or file', 'folders or files')} could not be read: vi doctor"
        )
    app.finish_with(bool(report.paused or report.unknown or differences))


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
        "version": __version__,
    }


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


def _watcher_line(found: dict[str, Any]) -> str:
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
        app.lines([output.json_text(found)])
        return
    size = sum(os.path.getsize(app.index + s) for s in ("", "-wal") if os.path.exists(app.index + s))
    stamp = int(store.meta(conn, "indexed_at") or 0)
    excluded = conn.execute(
        "SELECT excluded, count(*) FROM notes WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
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
        ("decisions", f"{found['decisions']:,}"),
        (
            "links",
            f"{found['links']:,}, {conn.execute('SELECT count(*) FROM links WHERE target IS NULL').fetchone()[0]:,} broken",
        ),
        ("problems", f"{found['problems']:,}" + (" (vi doctor)" if found["problems"] else "")),
        ("last change", f"indexed {age(max(time.time() - stamp / 1e9, 0))} ago"),
        ("watcher", _watcher_line(found["watcher"])),
        ("version", __version__),
    ]
    to = output.screen()
    app.lines(f"{output.paint(f'{k:<12}', 'dim', to.colour)} {safe(v)}" for k, v in lines)


_WHY = {
    "conflict": "conflict copies",
    "template": "templates",
    "setting": "setting exclude",
    "app": "excluded in Obsidian",
}
_KINDS = {
    "yaml": "frontmatter that is not valid YAML", "encoding": "not plain UTF-8", "mojibake": "damaged characters",
    "size": "too large", "nesting": "nested too deep", "unreadable": "could not be read", "not-a-file": "not regular files",
    "link": "symbolic links not followed", "name": "file names", "settings": "settings files", "canvas": "canvases",
    "internal": "trouble of ours",
}  # fmt: skip


@command(epilog="Examples:  vi doctor   vi doctor --kind mojibake   vi doctor --repair 'Dana update'")
@click.option("--kind", metavar="KIND", help="Only problems of this kind.")
@click.option(
    "--fix",
    is_flag=True,
    help="Mend what cannot hurt: permissions of our own files, a damaged index. No note is touched.",
)
@click.option(
    "--repair", metavar="NOTE", help="Write a damaged note's characters as they were meant: diff first, then asks."
)
@shared
@in_app
def doctor(app: App, kind: str | None, fix: bool, repair: str | None) -> None:
    """What was left out, doubted or repaired for reading, with file and line; and which `vi` a shell would run."""
    if repair is not None:
        from vaultindex.cli.change.repair import repair_note

        repair_note(app, repair)
        return
    if fix:
        _fix(app)
    conn = app.connect()
    sql = (
        "SELECT path, line, kind, what FROM problems"
        + (" WHERE kind = ?" if kind else "")
        + " ORDER BY kind, path, line"
    )
    rows = [dict(zip(("path", "line", "kind", "what"), r)) for r in conn.execute(sql, (kind,) if kind else ())]
    rows += [
        {"path": path, "line": 0, "kind": "conflict", "what": "is a copy left by a sync conflict: left out of lists"}
        for (path,) in conn.execute("SELECT path FROM notes WHERE excluded = 'conflict' ORDER BY path")
        if kind in (None, "conflict")
    ]
    health = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    checks = _checks(app, str(health))
    if app.format in ("json", "jsonl"):
        app.lines(
            [output.json_text({"checks": [{"check": n, "ok": ok, "what": w} for n, ok, w in checks], "problems": rows})]
        )
        return
    if app.format in ("plain", "tsv", "csv", "paths"):
        columns = [
            output.Column("place", lambda r: f"{r['path']}:{r['line']}"),
            output.Column("kind", lambda r: r["kind"]),
            output.Column("what", lambda r: r["what"]),
        ]
        app.show(rows, columns, ("path", "line", "kind", "what"), "no problems found")
        return
    to = output.screen()
    lines = [
        f"{output.paint('ok ' if ok else '!! ', 'green' if ok else 'red', to.colour)} {n}: {safe(w)}"
        for n, ok, w in checks
    ]
    for name in dict.fromkeys(r["kind"] for r in rows):
        some = [r for r in rows if r["kind"] == name]
        lines += ["", output.paint(f"{_KINDS.get(name, name)} ({len(some)})", "bold", to.colour)]
        shown = some if kind else some[:10]
        lines += [
            f"  {one_line(r['path'])}{':' + str(r['line']) if r['line'] else ''} {one_line(r['what'])}" for r in shown
        ]
        if len(some) > len(shown):
            lines.append(f"  and {len(some) - len(shown)} more: vi doctor --kind {name}")
    app.lines(lines or ["no problems found"])


def _own_files(index: str) -> list[str]:
    """The folder of the index and our files in it."""
    folder, name = os.path.split(index)
    ours = [f for f in os.listdir(folder) if f.startswith((name, "watch.log"))]
    return (
        [folder, *(os.path.join(folder, f) for f in sorted(ours))]
        if name == "index.db"
        else [os.path.join(folder, f) for f in sorted(ours)]
    )


def _fix(app: App) -> None:
    """Rebuild a damaged index; take other people's rights on our files away."""
    if not os.path.exists(app.index):
        return
    for path in _own_files(app.index):
        mode = os.stat(path).st_mode & 0o777
        if os.name == "posix" and mode & 0o077:
            os.chmod(path, mode & 0o700)
            app.notes.append(f"fixed: {path} is yours alone now")
    try:
        conn = store.open_read(app.index)
        health = str(conn.execute("PRAGMA integrity_check(1)").fetchone()[0])
        conn.close()
    except store.Outdated:
        return  # the next look refills it
    except (VaultError, sqlite3.DatabaseError) as error:
        health = str(error)
    if health != "ok":
        report = sync.replace_damaged(app.root, app.index, app.config, health)
        app.notes += [f"fixed: {message}" for message in report.messages]


def _checks(app: App, health: str) -> list[tuple[str, bool, str]]:
    from vaultindex.base.editor import real_editor

    mode = 0
    for path in _own_files(app.index):
        mode |= os.stat(path).st_mode & 0o077
    inside = os.path.commonpath([app.root, os.path.realpath(app.index)]) == app.root
    found = _which("vi")
    mine = os.path.realpath(sys.argv[0])
    ours = found is not None and ("vaultindex" in mine or _holds_us(found))
    editor = real_editor(app.env)
    return [
        ("index", health == "ok", "whole" if health == "ok" else f"damaged ({health}): vi index --full"),
        (
            "index file",
            not mode,
            "readable by you alone" if not mode else f"others may read it or its folder: vi doctor --fix ({app.index})",
        ),
        *_watching(app),
        (
            "index place",
            not inside,
            "outside the vault" if not inside else "inside the vault, where sync tools copy it: set index elsewhere",
        ),
        (
            "vi",
            ours,
            f"{found} is vaultindex"
            if ours
            else f"{found or 'nothing'} answers to vi here: say vaultindex, or put its folder first on PATH",
        ),
        (
            "editor",
            editor is not None,
            f"vi FILE opens {editor}" if editor else "no editor found for vi FILE: set VAULTINDEX_REAL_VI",
        ),
    ]


def _watching(app: App) -> list[tuple[str, bool, str]]:
    """Is there a watcher, is it well, and would the system let it watch every folder?"""
    found = watcher(app.index)
    well = not found["running"] or (
        found["mode"] == heartbeat.WATCHING and found["heartbeat_age_s"] <= heartbeat.TRUSTED
    )
    checks = [("watcher", well and (found["running"] or not found["pid"]), _watcher_line(found))]
    if sys.platform == "linux":
        from vaultindex.watch.inotify import folders as all_folders
        from vaultindex.watch.inotify import limits, raise_limit

        folders, limit = len(all_folders(app.root)), limits().get("max_user_watches")
        if limit is not None:
            enough = folders < limit
            what = f"{folders:,} folders here, {limit:,} may be watched (fs.inotify.max_user_watches)"
            checks.append(
                (
                    "watches",
                    enough,
                    "the system allows one for every folder" if enough else f"{what}: {raise_limit(folders)}",
                )
            )
    return checks


def _which(name: str) -> str | None:
    import shutil

    return shutil.which(name)


def _holds_us(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"vaultindex" in file.read(4096)
    except OSError:
        return False


@command(epilog="Examples:  vi lint   vi lint --json")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="N", help="At most N rows.")
@shared
@in_app
def lint(app: App, limit: int | None) -> None:
    """Fields that the Tasks plugin does not see because text follows them, impossible dates, and how to write them."""
    from vaultindex.ask.tasks.lists import lint as find

    rows = find(app.connect())[:limit]
    if app.format == "table":
        to = output.screen()
        for row in rows:
            app.lines(
                [
                    output.paint(f"{one_line(row['path'])}:{row['line']}", "cyan", to.colour),
                    f"  {one_line(row['what'])}",
                ]
            )
            app.lines([output.paint("  - " + one_line(row["raw"].strip()), "red", to.colour)])
            app.lines([output.paint("  + " + one_line(row["fix"]), "green", to.colour)] if row["fix"] else [])
        if not rows:
            app.notes.insert(0, "nothing to mend: the Tasks plugin sees every field")
        return
    columns = [
        output.Column("place", lambda r: f"{r['path']}:{r['line']}", grow=2, style=lambda r: "cyan"),
        output.Column("what", lambda r: r["what"], grow=3),
        output.Column("fix", lambda r: r["fix"] or "", grow=3),
    ]
    app.show(rows, columns, ("path", "line", "kind", "what", "fix", "raw"), "nothing to mend")


_SQL_SECONDS = 10.0


@command(
    epilog='Example:  vi sql "select account, count(*) from v_decisions group by 1"   Views: v_tasks v_notes v_decisions v_people v_links'
)
@click.argument("statement")
@shared
@in_app
def sql(app: App, statement: str) -> None:
    """Run one SELECT on the index (read-only, ten seconds at most)."""
    conn = app.connect()
    _read_only(conn)
    try:
        cursor = conn.execute(statement)
        names = [c[0] for c in cursor.description or ()]
        rows = [dict(zip(names, row)) for row in cursor]
    except sqlite3.Error as error:
        hint = " (only SELECT is allowed)" if "not authorized" in str(error) or "prohibited" in str(error) else ""
        hint = f" (stopped after {_SQL_SECONDS:.0f} seconds)" if "interrupted" in str(error) else hint
        raise SqlError(f"{error}{hint}") from error
    except sqlite3.Warning as error:
        raise SqlError(f"{error}") from error

    def column(name: str) -> output.Column:
        return output.Column(name, lambda r: "" if r[name] is None else str(r[name]), grow=1)

    if app.format == "table" and rows:
        app.lines(output.table(rows, [column(n) for n in names], output.screen()))
        return
    for row in rows:
        for key, value in row.items():
            if isinstance(value, bytes):
                row[key] = value.hex()
    app.show(rows, [column(n) for n in names], names, "no rows")


class SqlError(VaultError):
    """The statement cannot be run."""

    exit_code = 2


def _read_only(conn: sqlite3.Connection) -> None:
    """Nothing but reading: no ATTACH (it would make files), no PRAGMA, and a deadline."""
    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def judge(action: int, *rest: Any) -> int:
        if action == sqlite3.SQLITE_FUNCTION and rest[1] == "load_extension":
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY

    end = time.monotonic() + _SQL_SECONDS
    conn.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 50_000_000)
    conn.set_authorizer(judge)


@command(epilog="Examples:  vi config   vi config me   vi config --json")
@click.argument("name", required=False)
@shared
@in_app
def config(app: App, name: str | None) -> None:
    """Each setting, its value, and where it came from: option, environment, vault, your file, Obsidian, default."""
    from vaultindex.base.paths import user_file
    from vaultindex.base.settings import SETTINGS
    from vaultindex.tasks.line import TaskSettings
    from vaultindex.vault import disk

    rows: list[dict[str, Any]] = [
        {"name": s.name, "value": app.config.get(s.name), "source": app.config.values[s.name].source, "help": s.help}
        for s in SETTINGS
    ]
    found = disk.app_settings(app.root)
    given = found.tasks
    effective = TaskSettings.from_plugin(given)
    for field, key in _PLUGIN:
        value = getattr(effective, field)
        if isinstance(value, (set, frozenset)):
            value = sorted(value)
        source = disk.APP_FILES[0] if key in given else "default"
        rows.append({"name": f"tasks.{field}", "value": value, "source": source, "help": f"the Tasks plugin's {key}"})
    symbols = " ".join(f"[{s}] {v.type}" for s, v in effective.statuses.items())
    rows.append(
        {
            "name": "tasks.statuses",
            "value": symbols,
            "source": disk.APP_FILES[0] if "statusSettings" in given else "default",
            "help": "the Tasks plugin's statuses",
        }
    )
    for label, value, file in (
        ("app.userIgnoreFilters", found.ignore, disk.APP_FILES[1]),
        ("app.showUnsupportedFiles", found.all_files, disk.APP_FILES[1]),
        ("templates", found.templates, disk.APP_FILES[3]),
        ("daily", found.daily, disk.APP_FILES[2]),
        ("types", found.types, disk.APP_FILES[5]),
    ):
        rows.append(
            {"name": label, "value": value, "source": file if value else "default", "help": "Obsidian's own setting"}
        )
    if name is not None:
        rows = [r for r in rows if r["name"] == name]
        if not rows:
            from vaultindex.base.errors import UsageError
            from vaultindex.base.text import nearest

            close = nearest(name, [s.name for s in SETTINGS], 1)
            raise UsageError(f"no setting {name!r}." + (f" Did you mean {close[0]}?" if close else ""))
    for problem in found.problems:
        app.notes.append(f"{problem.path}: {problem.what}")
    columns = [
        output.Column("setting", lambda r: r["name"]),
        output.Column(
            "value", lambda r: _shown(r["value"]), grow=3, style=lambda r: "" if r["source"] == "default" else "cyan"
        ),
        output.Column("from", lambda r: _tilde(r["source"]), grow=2, style=lambda r: "dim"),
    ]
    app.show(rows, columns, ("name", "value", "source", "help"), "")
    app.notes.append(
        f"your settings: {_tilde(user_file(app.env))} · the vault's: {_tilde(os.path.join(app.root, '.vaultindex.toml'))}"
    )


_PLUGIN = (
    ("task_format", "taskFormat"), ("global_filter", "globalFilter"), ("global_query", "globalQuery"),
    ("set_created_date", "setCreatedDate"), ("set_done_date", "setDoneDate"), ("set_cancelled_date", "setCancelledDate"),
    ("recurrence_on_next_line", "recurrenceOnNextLine"), ("use_filename_as_scheduled", "useFilenameAsScheduledDate"),
)  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} = {v}" for k, v in value.items())
    return str(value)


def _tilde(path: str) -> str:
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


COMMANDS = {c.name: c for c in (index, status, doctor, lint, sql, config)}
