"""The texts of `vi help TOPIC`: what options, signs, fields and codes mean, for the terminal and for the manual pages."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

_EXIT_CODES = """\
0  ok (an empty list too)
1  failed, or there are rows and --exit-code was given
2  the question is malformed: an unknown option, a bad date, an unreadable query
3  no such name or id, or more than one it could be
4  the note changed since it was read: nothing was written
5  no vault, or it is not there
6  the index is locked or unreadable; or --strict and nobody vouches for it"""

_DATES = """\
today tomorrow yesterday     mon..sun            the next such day, or today
'next mon' 'last fri'        +3d -1w 2w +1m      from today
eow eom eoq eoy              the end of this week, month, quarter, year
2025-10-07 2025-10 2025      2025-W41 2025-Q4    day, month, year; week, quarter
'this week' 'next month'     week month quarter year
7 oct                        a day of the nearest year
A..B  A..  ..B               from A to B; open at an end
none                         without such a date"""

_SIGNS = """\
?    proposed ([?] or #proposed), not accepted yet
/ h  in progress, on hold: the character in the box
x -  done, cancelled        ·  a status that is no task's
🔺 ⏫ 🔼 🔽 ⏬  highest, high, medium, low, lowest priority
~    behind a date: it may be the generator's, not a promise
     (the note's own date, an earlier one, or one that most items share)
!    behind a date: no calendar has such a day
↻    falls again by its rule       ✅  done on that day
red  overdue       yellow  due today       dim  settled"""

_JSON = """\
--json gives one document, --format jsonl one object a line.
Lists are arrays, pages are one object.
Fields are only ever added; what is absent is null or []. Dates are YYYY-MM-DD.
Every field of every answer, with its type and an example: docs/json.md"""

_TEMPLATE = """\
--template TEXT prints one line a row; in braces stand fields (vi help fields):
  vi tasks --mine --template '{due} {text} ({account})'
{text:<30} {urgency:>6} {owner:^9}   at least so wide: left, right, middle
{text:.30} {text:<30.30}             cut to so many columns; both
{due:%d %b} {note_date:%a}           a date as strftime writes it
\\t \\n {{ }}                          a tab, a new line, a brace
Nothing is printed for null; a list has semicolons; yes and no are words."""

TOPICS = ("dates", "signs", "fields", "options", "exit-codes", "json", "template", "colours")
WHAT = {
    "dates": "the words that stand for dates", "signs": "the signs in lists", "fields": "the fields of each list",
    "options": "the options of every command", "exit-codes": "what the exit codes mean", "json": "how answers look as JSON",
    "template": "lines of your own", "colours": "colours and how to change them",
}  # fmt: skip


def text_of(topic: str) -> str:
    """The text of one of TOPICS, in lines of at most 80 columns."""
    if topic == "fields":
        return "\n".join(_fields())
    if topic == "options":
        import click

        from vaultindex.cli.commands import cli, shared_options

        formatter = click.HelpFormatter(width=80)
        records = [record for param in shared_options() if (record := param.get_help_record(click.Context(cli)))]
        formatter.write_dl(records)
        return f"Options of every command, before or after its name:\n{formatter.getvalue().rstrip()}"
    if topic == "colours":
        return "\n".join(_colours())
    return {
        "exit-codes": _EXIT_CODES, "dates": _DATES, "signs": _SIGNS, "json": _JSON, "template": _TEMPLATE,
    }[topic]  # fmt: skip


def kinds_of_rows() -> Mapping[str, Iterable[str]]:
    """The fields of the rows of each list, by the command that gives it."""
    from vaultindex.ask import rows
    from vaultindex.ask.tasks import lists
    from vaultindex.cli.read import links, notes, people, search

    return {
        "tasks, query": lists.FIELDS, "decisions, facts, rows": rows.FIELDS, "notes": notes.NOTE, "search": search.HIT,
        "backlinks": links.BACKLINK, "links": links.LINK, "orphans, deadends": links.PLAIN_NOTE, "tags": links.TAG,
        "people": people.PERSON, "accounts": people.ACCOUNT,
    }  # fmt: skip


def _fields() -> Iterable[str]:
    yield "Fields for --fields, --template and --json (types and examples: docs/json.md):"
    for commands, fields in kinds_of_rows().items():
        yield commands
        yield from textwrap.wrap(", ".join(fields), 76, initial_indent="  ", subsequent_indent="  ")


def _colours() -> Iterable[str]:
    from vaultindex.render.colours import NAMES, PARTS

    yield "Parts of lists, and their colours by default:"
    yield from (f"  {name:<9} {part.colour:<10} {part.what}" for name, part in PARTS.items())
    yield "Colours are those of your terminal's theme:"
    yield from textwrap.wrap(" ".join(NAMES), 76, initial_indent="  ", subsequent_indent="  ")
    yield "To change one: vi config set colours.overdue 'bright-red bold'. None: NO_COLOR=1"
