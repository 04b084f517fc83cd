"""Commands watch and service: keep the index equal to the vault from now on, by hand or with the session."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from vaultindex.base import paths, settings
from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import Group, command, shared
from vaultindex.cli.options import ROWS


@command(epilog="Examples:  vi watch   vi watch --all   To have it always: vi service install")
@click.option("--all", "every", is_flag=True, help="All vaults of your settings (vi vaults), in one process.")
@click.option(
    "--sweep",
    type=click.FloatRange(1, 86_400),
    metavar="SECONDS",
    help="Look at everything this often, events or not; default 60.",
)
@shared
@in_app
def watch(app: App, every: bool, sweep: float | None) -> None:
    """Keep the index equal to the vault until Ctrl-C: a saved note can be asked for about 0.1 s later.

    With serve = true in your settings it carries the page, too: vi serve gives its address.
    """
    import gc

    from vaultindex.watch.beside import Beside
    from vaultindex.watch.process import run
    from vaultindex.watch.watcher import Timing

    gc.enable()  # a command ends before cycles of objects could matter, a watcher does not
    timing = Timing() if sweep is None else Timing(sweep=sweep, degraded=min(sweep, Timing().degraded))
    vaults = _all(app) if every else [_one(app.root, app.index, app.env)]

    def page(config: settings.Config) -> Any:
        from vaultindex.cli.doors.serve import carried

        return carried(vaults, app.env, config)

    beside = Beside(lambda: settings.load(app.env), page)
    again = run(vaults, timing, "quiet" not in app.given and sys.stderr.isatty(), beside)
    if again:  # the program was replaced while it ran
        os.execv(sys.executable, [sys.executable, "-m", "vaultindex", *sys.argv[1:]])


def _one(root: str, index: str, env: dict[str, str]) -> Any:
    from vaultindex.watch.watcher import Watched

    return Watched(root, index, lambda: settings.load(env, root))


def _all(app: App) -> list[Any]:
    first = settings.load(app.env)
    if first.get("index") or app.given.get("index"):
        raise UsageError("one index file for all vaults is one too few: leave out the setting (or option) index")
    roots = list(dict.fromkeys(os.path.realpath(os.path.expanduser(path)) for path in first.get("vaults").values()))
    if not roots:
        raise UsageError("no vaults are named in your settings: vaultindex vaults add NAME PATH")
    return [_one(root, settings.index_file(app.env, root, first), app.env) for root in roots]


@click.group(cls=Group, epilog="Examples:  vi service install   vi service status   vi service logs -n 50")
@shared
def service() -> None:
    """Let the watcher start with your session: systemd (Linux), LaunchAgent (macOS), Task Scheduler (Windows)."""


def _described(app: App) -> Any:
    from vaultindex.watch.service import describe, program

    named = settings.load(app.env).get("vaults")
    chosen = [] if named and "vault" not in app.given and "index" not in app.given else [app.root]
    arguments = ["--vault", chosen[0]] if chosen else ["--all"]
    if "index" in app.given:
        arguments += ["--index", app.index]
    home = paths.home(app.env)
    uid = os.getuid() if hasattr(os, "getuid") else 0
    return describe(sys.platform, app.env, home, program(sys.platform, sys.executable, arguments), uid)


def _verb(name: str, help_text: str) -> click.Command:
    @command(name=name, help=help_text)
    @shared
    @in_app
    def verb(app: App) -> None:
        from vaultindex.watch.service import carry_out

        app.lines(carry_out(_described(app), name))

    return verb


for _name, _text in (
    ("install", "Write the service's file, show it, and start it."),
    ("start", "Start the installed service."),
    ("stop", "Stop it until the next start of your session."),
    ("status", "What the system says of it (vi status says what the watcher does)."),
    ("uninstall", "Stop it and remove its file."),
):
    service.add_command(_verb(_name, _text))


@service.command(name="logs")
@click.option("-n", "--lines", "count", type=ROWS, default=20, metavar="N", help="The last N lines; default 20.")
@shared
@in_app
def logs(app: App, count: int) -> None:
    """The end of the watcher's log: what was synced, and what went wrong."""
    from collections import deque

    from vaultindex.watch.process import log_file

    named = settings.load(app.env).get("vaults")
    index = _all(app)[0].index_file if named and "vault" not in app.given and "index" not in app.given else app.index
    found = next((log_file(i) for i in (app.index, index) if os.path.exists(log_file(i))), None)
    if found is None:
        app.notes.append("no log: the watcher never ran for this vault")
        return
    with open(found, encoding="utf-8", errors="replace") as file:
        app.lines(safe(line.rstrip("\n")) for line in deque(file, count))
