"""The `help` command: help on a command, the dates that options take, and what the exit codes mean."""

from __future__ import annotations

import click

from vaultindex.base.errors import UnknownName
from vaultindex.cli.commands import cli, command

EXIT_CODES = """\
0  ok (an empty list too)
1  failed, or there are rows and --exit-code was given
2  the question is malformed: an unknown option, a bad date, a query that cannot be read
3  no such name or id, or more than one it could be
4  the note changed since it was read: nothing was written
5  no vault, or it is not there
6  the index is locked or cannot be read; or --strict and nobody vouches for it"""

DATES = """\
today tomorrow yesterday     mon..sun            the next such day, today included
'next mon' 'last fri'        +3d -1w 2w +1m      from today
eow eom eoq eoy              the end of this week, month, quarter, year
2025-10-07 2025-10 2025      2025-W41 2025-Q4    a day, month, year, week, quarter
'this week' 'next month'     7 oct               week month quarter year; a day of the nearest year
A..B  A..  ..B               from A to B; open at an end
none                         without such a date"""

TOPICS = {"exit-codes": EXIT_CODES, "dates": DATES}


@command("help", epilog="Examples:  vi help tasks   vi help exit-codes   vi help dates")
@click.argument("topic", required=False)
@click.pass_context
def help_(ctx: click.Context, topic: str | None) -> None:
    """Help on a command, on exit-codes, or on dates."""
    root = ctx.find_root()
    if topic in TOPICS:
        click.echo(TOPICS[topic])
        return
    if topic is None:
        click.echo(root.get_help())
        return
    command = cli.get_command(root, topic)
    if command is None:
        from vaultindex.base.text import nearest

        close = nearest(topic, [*cli.list_commands(root), *TOPICS], 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnknownName(f"no command or topic is called {topic!r}.{hint} Topics: {', '.join(TOPICS)}.")
    with click.Context(command, info_name=topic, parent=root) as inner:
        click.echo(command.get_help(inner))
