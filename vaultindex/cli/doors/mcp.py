"""Command mcp: the answers for agents, over standard input and output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.cli.doors import proposal
from vaultindex.cli.doors.fenced import Vault
from vaultindex.doors.fence import Fence

if TYPE_CHECKING:
    from vaultindex.doors.agent import Proposed, Wish


@command(
    epilog="Examples:  vi mcp --install claude   vi mcp --install vscode --yes   vi mcp --only Meetings   vi mcp --without Private --without '#private'"
    "\n\nA client starts this command and speaks to it; typed by hand it waits for a client. docs/agents.md says more."
)
@click.option(
    "--propose", is_flag=True, help="Let agents propose tasks, which you accept or reject. They can do no more."
)
@click.option("--only", multiple=True, metavar="FOLDER", help="Nothing but notes of these folders.")
@click.option(
    "--without", multiple=True, metavar="FOLDER|#TAG", help="Nothing of these folders, or of notes with these tags."
)
@click.option(
    "--install",
    type=click.Choice(["claude", "cursor", "vscode", "codex"]),
    help="Show what to write into this client's configuration.",
)
@click.option("--yes", "-y", is_flag=True, help="With --install: write it, and keep the file as it was beside it.")
@shared
@in_app
def mcp(
    app: App, propose: bool, only: tuple[str, ...], without: tuple[str, ...], install: str | None, yes: bool
) -> None:
    """Answer agents (Model Context Protocol): they read, and with --propose may suggest tasks that you decide on."""
    if install:
        from vaultindex.doors import clients

        words = ["mcp", *(["--propose"] if propose else []), *(w for one in only for w in ("--only", one))]
        words += [w for one in without for w in ("--without", one)]
        app.lines(clients.install(install, app.env, [*words, "--vault", app.root], yes))
        return
    try:
        from vaultindex.doors.agent import server
    except ImportError as error:
        raise VaultError(f"vi mcp needs the extra `mcp` ({error}): pip install 'obsidian-vaultindex[mcp]'") from error
    import gc

    gc.enable()  # a command ends before cycles of objects could matter, a server does not
    server(Proposing(app, Fence.of(only, without)), propose).run("stdio")
    sys.exit(0)


class Proposing(Vault):
    """The same, with the one thing that an agent may write."""

    _proposed = 0  # lines that this session has written

    def propose(self, wish: Wish) -> Proposed:
        """Write a proposal. Raises VaultError that says why not."""
        if self._proposed >= proposal.MOST:
            raise UsageError(
                f"{proposal.MOST} proposals in one session are enough: wait until the person has decided on them"
            )
        done = proposal.propose(self.app, self.fence, lambda: self.opened(own=True), wish)
        self._proposed += done["written"]
        return done
