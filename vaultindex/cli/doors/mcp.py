"""Command mcp: the answers for agents, over standard input and output."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.doors.fence import Copies, Fence

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
        raise VaultError(f"vi mcp needs the extra `mcp` ({error}): pip install 'vaultindex[mcp]'") from error
    server(Vault(app, Fence.of(only, without)), propose).run("stdio")
    sys.exit(0)


class Vault:
    """The vault of this run behind its fence; the index is opened by the first question."""

    def __init__(self, app: App, fence: Fence) -> None:
        self.app, self.fence = app, fence
        self._copies: Copies | None = None
        self._proposed = 0
        app.given["quiet"] = True  # standard output belongs to the protocol, and no line is needed beside it

    @property
    def today(self) -> str:
        """The day, asked anew: a server runs over midnight."""
        self.app.forget_today()
        return self.app.today

    @property
    def me(self) -> list[str]:
        """The owner's names."""
        found: list[str] = self.app.config.get("me")
        return found

    @contextmanager
    def opened(self) -> Iterator[tuple[sqlite3.Connection, str]]:
        """(a connection that holds nothing from behind the fence, how fresh it is)."""
        conn = self.app.connect()
        try:
            report = self.app.report
            fresh = "as the vault is now"
            if report is not None and (report.stale is not None or report.paused):
                fresh = "; ".join(self.app.freshness(report))
            if not self.fence:
                yield conn, fresh
                return
            if self._copies is None:
                self._copies = Copies(self.fence, self.app.index)
            yield self._copies.of(conn), fresh
        finally:
            conn.close()

    def propose(self, wish: Wish) -> Proposed:
        """Write a proposal. Raises VaultError that says why not."""
        from vaultindex.cli.doors import proposal

        if self._proposed >= proposal.MOST:
            raise UsageError(
                f"{proposal.MOST} proposals in one session are enough: wait until the person has decided on them"
            )
        done = proposal.propose(self.app, self.fence, self.opened, wish)
        self._proposed += done["written"]
        return done
