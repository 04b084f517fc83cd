"""Command serve: the same pages in your browser, on this machine alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import click

from vaultindex.base import settings
from vaultindex.base.errors import NoVaultError, VaultError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared

PORT = 8750
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@command(epilog="Examples:  vi serve   vi serve --open   vi serve --port 9000 --read-only")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="The port; 0 takes a free one.",
)
@click.option("--open", "show", is_flag=True, help="Open the page in your browser.")
@click.option("--read-only", is_flag=True, help="Show only: no button and no key changes a note.")
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Listen elsewhere than on this machine alone; your notes leave it then, unencrypted.",
)
@shared
@in_app
def serve(app: App, port: int, show: bool, read_only: bool, host: str) -> None:
    """The same pages in your browser, live, for this machine alone. Ctrl-C ends it.

    Several vaults of your settings (vi vaults) are served together, each at /vault/NAME/; --vault NAME serves one.
    """
    import gc

    gc.enable()  # a command ends before cycles of objects could matter, a server does not
    try:
        from vaultindex.web.server import serve as run
        from vaultindex.web.site import Hall, Site, hall_of
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vaultindex"):
            raise
        raise VaultError(f"the page needs {error.name}: pip install 'obsidian-vaultindex[web]'") from error
    if host not in _LOOPBACK:
        print(
            f"warning: on {safe(host)} everybody who can reach this machine can reach the page, and whoever sees the address"
            " below or listens on the network can read your notes and change your tasks",
            file=sys.stderr,
        )
    today = app.today if app.given.get("today") or app.env.get("VAULTINDEX_TODAY") else None

    def make(root: str, name: str) -> Site:
        index = app.index if one else settings.index_file(app.env, root, first)
        return Site(root, index, app.env, today=today, read_only=read_only, name=name)

    first = settings.load(app.env)
    named = {name: os.path.realpath(os.path.expanduser(path)) for name, path in first.get("vaults").items()}
    one = _alone(app, named, first)
    hall = Hall(make(app.root, ""), {}) if one else hall_of(named, app.root, make)
    for name, root in named.items():
        if not one and not os.path.isdir(root):
            print(f"warning: vault {safe(name)} is not there now: {safe(root)}", file=sys.stderr)
    app.connect().close()  # what is wrong with the vault or the index is said here, not in the browser

    def ready(address: str) -> None:
        app.lines([address])
        sys.stdout.flush()
        if show:
            import webbrowser

            webbrowser.open(address)

    app.given["quiet"] = True  # there is no answer of which to say how fresh it is
    run(hall, host, port, ready)


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
