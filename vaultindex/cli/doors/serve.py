"""Command serve: the same pages in your browser, on this machine alone."""

from __future__ import annotations

import sys

import click

from vaultindex.base.errors import VaultError
from vaultindex.base.text import safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared

PORT = 8750
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@command(
    epilog="Examples:  vi serve   vi serve --open   vi serve --port 9000 --read-only   vi serve --new-feed-address"
    "\n\nThe page of the tasks says the address at which a calendar of this machine can subscribe to them."
)
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
@click.option(
    "--new-feed-address",
    is_flag=True,
    help="Give the calendar feed another address, print it and end; nobody can read the old one any more.",
)
@shared
@in_app
def serve(app: App, port: int, show: bool, read_only: bool, host: str, new_feed_address: bool) -> None:
    """The same pages in your browser, live, for this machine alone. Ctrl-C ends it."""
    import gc

    gc.enable()  # a command ends before cycles of objects could matter, a server does not
    try:
        from vaultindex.web import feed
        from vaultindex.web.server import serve as run
        from vaultindex.web.site import Site
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vaultindex"):
            raise
        raise VaultError(f"the page needs {error.name}: pip install 'obsidian-vaultindex[web]'") from error
    if new_feed_address:
        from vaultindex.state.journal import state_file

        key = feed.secret(state_file(app.env, app.root, app.config), new=True)
        app.lines([feed.url(f"http://{f'[{host}]' if ':' in host else host}:{port or PORT}", key)])
        return
    if host not in _LOOPBACK:
        print(
            f"warning: on {safe(host)} everybody who can reach this machine can reach the page, and whoever sees the address"
            " below or listens on the network can read your notes and change your tasks",
            file=sys.stderr,
        )
    today = app.today if app.given.get("today") or app.env.get("VAULTINDEX_TODAY") else None
    site = Site(app.root, app.index, app.env, today=today, read_only=read_only)
    app.connect().close()  # what is wrong with the vault or the index is said here, not in the browser

    def ready(address: str) -> None:
        app.lines([address])
        sys.stdout.flush()
        if show:
            import webbrowser

            webbrowser.open(address)

    app.given["quiet"] = True  # there is no answer of which to say how fresh it is
    run(site, host, port, ready)
