"""The `help` command: help on a command, the dates that options take, and what the exit codes mean."""

from __future__ import annotations

from collections.abc import Iterable

import click

from vaultindex.base.errors import UnknownName
from vaultindex.cli.commands import cli, command, shared_options

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

SIGNS = """\
?    proposed ([?] or #proposed), not accepted yet         x -  done, cancelled
/ h  in progress, on hold: the character in the box        ·    a status that is no task's
🔺 ⏫ 🔼 🔽 ⏬  highest, high, medium, low, lowest priority
~    behind a date: it may be the generator's, not a promise (the note's own date, earlier, or shared by most items)
!    behind a date: no calendar has such a day
↻    falls again by its rule       ✅  done on that day
red  overdue       yellow  due today       dim  settled"""

JSON = """\
--json gives one document, --format jsonl one object a line. Lists are arrays, pages are one object.
Fields are only ever added; what is absent is null or []. Dates are YYYY-MM-DD.
Every field of every answer, with its type and an example: docs/json.md"""

TOPICS = ("dates", "signs", "fields", "options", "exit-codes", "json")


def _text(topic: str) -> str:
    if topic == "fields":
        from vaultindex.ask.tasks.lists import FIELDS

        return "Fields of a task, for --fields and --json:\n  " + "\n  ".join(_broken(FIELDS))
    if topic == "options":
        formatter = click.HelpFormatter(width=80)
        records = [record for param in shared_options() if (record := param.get_help_record(click.Context(cli)))]
        formatter.write_dl(records)
        return f"Options of every command, before or after its name:\n{formatter.getvalue().rstrip()}"
    return {"exit-codes": EXIT_CODES, "dates": DATES, "signs": SIGNS, "json": JSON}[topic]


def _broken(words: Iterable[str]) -> list[str]:
    """Words in lines of 76 columns."""
    import textwrap

    return textwrap.wrap(", ".join(words), 76)


@command("help", epilog="Examples:  vi help tasks   vi help dates   vi help signs   vi help exit-codes")
@click.argument("topic", required=False)
@click.pass_context
def help_(ctx: click.Context, topic: str | None) -> None:
    """Help on a command, or on dates, signs, fields, options, exit-codes, json."""
    root = ctx.find_root()
    if topic in TOPICS:
        click.echo(_text(topic))
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
