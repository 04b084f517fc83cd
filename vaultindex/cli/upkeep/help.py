"""The `help` command: help on a command or a topic, and manual pages made of both."""

from __future__ import annotations

import os

import click

from vaultindex.base.errors import UnknownName, UsageError, VaultError
from vaultindex.cli.commands import cli, command
from vaultindex.cli.topics import TOPICS, text_of


@command(
    "help",
    epilog="Examples:  vi help tasks   vi help dates   vi help signs   vi help exit-codes   vi help --man ~/.local/share/man",
)
@click.argument("topic", required=False)
@click.option("--man", "folder", metavar="DIR", help="Write a manual page for each command and topic into DIR.")
@click.pass_context
def help_(ctx: click.Context, topic: str | None, folder: str | None) -> None:
    """Help on a command, or on dates, signs, fields, options, exit-codes, json, template, colours."""
    root = ctx.find_root()
    if folder is not None:
        if topic is not None:
            raise UsageError("a topic or --man, not both")
        _write(os.path.expanduser(folder))
        return
    if topic in TOPICS:
        click.echo(text_of(topic))
        return
    if topic is None:
        click.echo(root.get_help())
        return
    command = cli.get_command(root, topic)
    if command is None:
        from vaultindex.base.text import did_you_mean

        hint = did_you_mean(topic, [*cli.list_commands(root), *TOPICS])
        raise UnknownName(f"no command or topic is called {topic!r}.{hint} Topics: {', '.join(TOPICS)}.")
    with click.Context(command, info_name=topic, parent=root) as inner:
        click.echo(command.get_help(inner))


def _write(folder: str) -> None:
    from vaultindex.cli import manual

    try:
        paths = manual.write(folder)
    except OSError as error:
        raise VaultError(
            f"{error.filename or folder}: {error.strerror}: the manual pages are not all written"
        ) from error
    click.echo(f"{len(paths)} pages in {folder}: man -M {folder} vaultindex")
