"""Command doctor: what was left out or doubted, with file and line, and the health of our own files."""

from __future__ import annotations

import os
import sqlite3
import sys

import click

from vaultindex.ask.pages.status import page, page_line, problems, watcher, watcher_line
from vaultindex.base import paths
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import did_you_mean, one_line, safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.upkeep.vaults import orphaned
from vaultindex.index import heartbeat, store, sync
from vaultindex.render import json_text, table
from vaultindex.vault.journal_place import state_file

_KINDS = {
    "yaml": "frontmatter that is not valid YAML", "encoding": "not plain UTF-8", "mojibake": "damaged characters",
    "size": "too large", "nesting": "nested too deep", "unreadable": "could not be read", "not-a-file": "not regular files",
    "link": "symbolic links not followed", "name": "file names", "settings": "settings files", "canvas": "canvases",
    "internal": "trouble of ours", "cloud": "in the cloud only, not read", "open": "properties that never end", "box": "boxes that are no tasks for Obsidian", "owner": "owners that nobody knows",
    "section": "sections with a name that is not known",
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
    if kind is not None and kind not in (*_KINDS, "conflict"):
        hint = did_you_mean(kind, [*_KINDS, "conflict"])
        raise UsageError(f"no kind of problem is called {kind!r}.{hint} Kinds: {', '.join([*_KINDS, 'conflict'])}")
    if fix:
        _fix(app)
    conn = app.connect()
    rows = problems(conn, app.config, kind)
    health = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    checks = _checks(app, str(health))
    if app.format in ("json", "jsonl"):
        app.lines(
            [json_text.dumps({"checks": [{"check": n, "ok": ok, "what": w} for n, ok, w in checks], "problems": rows})]
        )
        return
    if app.format in ("plain", "tsv", "csv", "paths"):
        columns = [
            table.Column("place", lambda r: f"{r['path']}:{r['line']}"),
            table.Column("kind", lambda r: r["kind"]),
            table.Column("what", lambda r: r["what"]),
        ]
        app.show(rows, columns, ("path", "line", "kind", "what"), "no problems found")
        return
    to = table.screen()
    lines = [
        f"{table.paint('ok ' if ok else '!! ', 'green' if ok else 'red', to.colour)} {n}: {safe(w)}"
        for n, ok, w in checks
    ]
    for name in dict.fromkeys(r["kind"] for r in rows):
        some = [r for r in rows if r["kind"] == name]
        lines += ["", table.paint(f"{_KINDS.get(name, name)} ({len(some)})", "bold", to.colour)]
        shown = some if kind else some[:10]
        lines += [
            f"  {one_line(r['path'])}{':' + str(r['line']) if r['line'] else ''} {one_line(r['what'])}" for r in shown
        ]
        if len(some) > len(shown):
            lines.append(f"  and {len(some) - len(shown)} more: vi doctor --kind {name}")
    app.lines(lines)


def _own_files(app: App) -> list[str]:
    """Our files that hold text of notes, and their folders: the index, the journal, saved questions."""
    folder, name = os.path.split(app.index)
    state = state_file(app.env, app.root, app.config)
    questions = os.path.join(os.path.dirname(paths.user_file(app.env)), "queries")
    found = []
    for place, beginning in ((folder, (name, "watch.log")), (os.path.dirname(state), "state.db"), (questions, "")):
        if os.path.isdir(place):
            if place != folder or name == "index.db":  # an index that an option names may lie in anybody's folder
                found.append(place)
            found += [os.path.join(place, f) for f in sorted(os.listdir(place)) if f.startswith(beginning)]
    return [path for path in found if not os.path.islink(path)]


def _fix(app: App) -> None:
    """Rebuild a damaged index; take other people's rights on our files away."""
    if not os.path.exists(app.index):
        return
    for path in _own_files(app):
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
    import shutil

    from vaultindex.base.editor import none_found, real_editor

    mode = 0
    for path in _own_files(app):
        mode |= os.stat(path).st_mode & 0o077
    inside = os.path.commonpath([app.root, os.path.realpath(app.index)]) == app.root
    found = shutil.which("vi")
    ours = found is not None and answers_as_us(found)
    editor = real_editor(app.env)
    return [
        ("index", health == "ok", "whole" if health == "ok" else f"damaged ({health}): vi index --full"),
        (
            "index file",
            not mode,
            "readable by you alone" if not mode else f"others may read it or its folder: vi doctor --fix ({app.index})",
        ),
        *_watching(app),
        *_served(app),
        (
            "index place",
            not inside,
            "outside the vault" if not inside else "inside the vault, where sync tools copy it: set index elsewhere",
        ),
        *kept_out(sys.platform, paths.home(app.env), app.root),
        orphaned(app),
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
            f"vi FILE opens {editor}" if editor else none_found(app.env),
        ),
    ]


def _watching(app: App) -> list[tuple[str, bool, str]]:
    """Is there a watcher, is it well, and would the system let it watch every folder?"""
    found = watcher(app.index)
    well = not found["running"] or (
        found["mode"] == heartbeat.WATCHING and found["heartbeat_age_s"] <= heartbeat.TRUSTED
    )
    checks = [("watcher", well and (found["running"] or not found["pid"]), watcher_line(found))]
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


def _served(app: App) -> list[tuple[str, bool, str]]:
    """Where the page is, when there is one or the settings want one."""
    found = page(app.root)
    if found is not None:
        return [("page", True, page_line(found))]
    if not app.config.get("serve"):
        return []
    from importlib.util import find_spec

    missing = next((name for name in ("starlette", "uvicorn", "jinja2", "h11") if find_spec(name) is None), None)
    if missing is not None:
        return [("page", False, f"serve = true needs {missing}: pip install 'obsidian-vaultindex[web]'")]
    if not watcher(app.index)["running"]:
        return [
            ("page", False, "serve = true, and no watcher runs that could serve it: vi watch, or vi service install")
        ]
    return [("page", False, "serve = true, and the watcher does not serve it: vi service logs says why")]


_GUARDED = {  # below the home, on macOS -> what System Settings calls it
    "Documents": "Documents", "Desktop": "Desktop", "Downloads": "Downloads", "Library/Mobile Documents": "iCloud Drive",
    "Library/CloudStorage": "the cloud folders",
}  # fmt: skip


def kept_out(platform: str, home: str, vault: str) -> list[tuple[str, bool, str]]:
    """On macOS: whether the system lets this program, and the service, read the vault's folder."""
    if platform != "darwin":
        return []
    below = [name for place, name in _GUARDED.items() if (vault + "/").startswith(f"{home}/{place}/")]
    below += ["a removable or network disk"] if vault.startswith("/Volumes/") else []
    try:
        os.listdir(vault)
    except PermissionError:
        what = (
            f"macOS does not let this program read {vault}: allow your terminal, and for the service {os.path.realpath(sys.executable)},"
            " in System Settings > Privacy & Security > Files and Folders (or Full Disk Access), and start it anew"
        )
        return [("folder", False, what)]
    except OSError:
        return []  # the vault itself says what is wrong with it
    if not below:
        return [("folder", True, "macOS asks nobody for permission to read it")]
    service = (
        f"the service needs it too, as {os.path.realpath(sys.executable)} (Files and Folders, or Full Disk Access)"
    )
    return [("folder", True, f"this terminal may read {below[0]}; {service}")]


def answers_as_us(path: str) -> bool:
    """Whether the `vi` at this path is vaultindex: it is asked, where its file does not say so. A program that opens a
    screen finds no terminal, and one that waits is ended."""
    import subprocess

    from vaultindex.base.editor import runs_us

    if runs_us(path):
        return True
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=3, check=False, start_new_session=True
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.startswith(b"vaultindex ")
