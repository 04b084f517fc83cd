"""Command serve: the same pages in your browser, on this machine alone; and the page that the watcher carries."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from vaultindex.base import settings
from vaultindex.base.errors import NoVaultError, UsageError, VaultError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.state.journal import state_file

if TYPE_CHECKING:
    from vaultindex.state.served import Served
    from vaultindex.watch.beside import Page
    from vaultindex.watch.watcher import Watched

HOST = "127.0.0.1"
BY_WATCHER = "the watcher"  # who carries a page, beside a command


@command(
    epilog="Examples:  vi serve   vi serve --open   vi serve --port 9000 --read-only   vi serve --new-feed-address"
    "\n\nThe page of the tasks says the address at which a calendar of this machine can subscribe to them."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="N",
    help="The port; 0 takes a free one; default 8750, or the setting serve_port.",
)
@click.option("--open", "show", is_flag=True, help="Open the page in your browser.")
@click.option("--read-only", is_flag=True, help="Show only: no button and no key changes a note.")
@click.option(
    "--host",
    default=HOST,
    metavar="ADDRESS",
    help="Listen elsewhere than on this machine alone; your notes leave it then, unencrypted.",
)
@click.option(
    "--new-feed-address",
    is_flag=True,
    help="Give the calendar feed another address, print it and end; nobody can read the old one any more.",
)
@shared
@in_app
def serve(app: App, port: int | None, show: bool, read_only: bool, host: str, new_feed_address: bool) -> None:
    """The same pages in your browser, live, for this machine alone. Ctrl-C ends it.

    Several vaults of your settings (vi vaults) are served together, each at /vault/NAME/; --vault NAME serves one. A page that
    is served already gives a fresh address for one more browser.
    """
    import gc

    from vaultindex.state import served

    gc.enable()  # a command ends before cycles of objects could matter, a server does not
    today = app.today if app.given.get("today") or app.env.get("VAULTINDEX_TODAY") else None
    first = settings.load(app.env)
    named = real_paths(first)
    one = _alone(app, named, first)
    if port is None:
        port = int(first.get("serve_port"))

    def ready(address: str) -> None:
        app.lines([address])
        sys.stdout.flush()
        if show:
            import webbrowser

            webbrowser.open(address)

    running = served.at_port(app.env, port) if port else None
    if new_feed_address:
        _import_web()
        from vaultindex.web import feed, site

        name = next((name for name, root in named.items() if root == app.root), "") if not one else ""
        base = site.PREFIX + name if name else ""
        at = f"http://{served.in_address(host)}:{port}"
        if running is not None:
            at, base = running.url, running.vaults.get(app.root, (base,))[0]
        key = feed.secret(state_file(app.env, app.root, app.config), new=True)
        app.lines([feed.url(at + quote(base), key)])
        return
    if running is not None:
        _refuse_another(app, running, host, read_only, today)
        base, _ = running.vaults[app.root]
        ready(f"{running.url}/enter/{served.new_key(app.env, port, base + '/')}")
        app.notes.append(f"served already by {running.by} (pid {running.pid}): this address lets one more browser in")
        return
    _import_web()
    from vaultindex.web.server import serve as run
    from vaultindex.web.site import Hall, Site, hall_of

    if host not in served.LOOPBACK:
        print(
            f"warning: on {safe(host)} everybody who can reach this machine can reach the page, and whoever sees the address"
            " below or listens on the network can read your notes and change your tasks",
            file=sys.stderr,
        )

    def make(root: str, name: str) -> Site:
        index = app.index if root == app.root else settings.index_file(app.env, root, first)
        return Site(root, index, app.env, today=today, read_only=read_only, name=name)

    hall = Hall(make(app.root, ""), {}) if one else hall_of(named, app.root, make)
    for name, root in named.items():
        if not one and not os.path.isdir(root):
            print(f"warning: vault {safe(name)} is not there now: {safe(root)}", file=sys.stderr)
    app.connect().close()  # what is wrong with the vault or the index is said here, not in the browser
    app.given["quiet"] = True  # there is no answer of which to say how fresh it is
    run(hall, host, port, ready)


def carried(vaults: Sequence[Watched], env: dict[str, str], config: settings.Config) -> Page:
    """The page of these vaults, served by a thread of this process, as `serve = true` asks. Raises VaultError."""
    _import_web()
    from vaultindex.web.server import Running
    from vaultindex.web.site import Site, hall_of

    indexes = {what.root: what.index_file for what in vaults}
    named = {name: root for name, root in real_paths(config).items() if root in indexes}
    meant = str(config.get("vault"))
    first = named.get(meant, os.path.realpath(os.path.expanduser(meant)))
    hall = hall_of(
        named,
        first if first in indexes else vaults[0].root,
        lambda root, name: Site(root, indexes[root], env, name=name),
    )
    return Running(hall, HOST, int(config.get("serve_port")), BY_WATCHER)


def real_paths(config: settings.Config) -> dict[str, str]:
    """Name -> real path of each vault of the settings."""
    return {name: os.path.realpath(os.path.expanduser(path)) for name, path in config.get("vaults").items()}


def _import_web() -> None:
    """Raises VaultError, which says what to install, when the extra is missing."""
    try:
        import vaultindex.web.server  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vaultindex"):
            raise
        raise VaultError(f"the page needs {error.name}: pip install 'obsidian-vaultindex[web]'") from error


def _refuse_another(app: App, running: Served, host: str, read_only: bool, today: str | None) -> None:
    """Raises UsageError when what runs at this port is not the page that is asked for."""
    from vaultindex.state.served import in_address

    who = f"port {running.port} is taken by {running.by} (pid {running.pid})"
    found = running.vaults.get(app.root)
    if found is None or found[1] != app.index:
        what = f"which serves {', '.join(map(safe, running.vaults))}" + (" from another index" if found else "")
    elif read_only != running.read_only:
        what = "which was started " + ("with" if running.read_only else "without") + " --read-only"
    elif in_address(host) != running.host:
        what = f"which listens at {running.host}"
    elif today != running.today:
        what = f"which shows {running.today or 'the day that it is'}"
    else:
        return
    raise UsageError(f"{who}, {what}: end that one, or vi serve --port {running.port + 1}, or --port 0 for a free one")


def _alone(app: App, named: Mapping[str, str], first: settings.Config) -> bool:
    """Whether one vault is served: it was named, or has no name and one stands in it, or there is one index file for all.

    Else all vaults of the settings are, also where no single one is meant: then the first that is there comes first.
    """
    if len(set(named.values())) < 2 or {"vault", "index"} & set(app.given) or first.get("index"):
        return True
    try:
        return app.root not in named.values()
    except NoVaultError:
        there = next((root for root in named.values() if os.path.isdir(root)), None)
        if there is None or first.get("vault"):
            raise
        app.given["vault"] = there
        return False
