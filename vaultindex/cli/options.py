"""Options that several commands take: those that choose tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from vaultindex.cli.commands import keep

Decorator = Callable[[Any], Any]


class _Rows(click.IntRange):
    """How many rows at most: a number that SQLite cannot hold means all of them."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return min(int(super().convert(value, param, ctx)), 1 << 31)


ROWS = _Rows(1)

_CHOICES: tuple[Decorator, ...] = (
    click.argument("words", nargs=-1),
    click.option("--due", metavar="WHEN", help="Due exactly then: today, fri, +3d, 2025-W41, A..B."),
    click.option("--by", metavar="WHEN", help="Due on or before."),
    click.option("--scheduled", metavar="WHEN", help="Scheduled then."),
    click.option("--start", metavar="WHEN", help="Starting then."),
    click.option("--happens", metavar="WHEN", help="Due, scheduled or starting then."),
    click.option("--created", metavar="WHEN", help="Created then."),
    click.option("--done-on", metavar="WHEN", help="Done then (with --done or --all)."),
    click.option("--overdue", is_flag=True, help="Due before today."),
    click.option("--no-due", is_flag=True, help="Without a due date."),
    click.option("--undated", is_flag=True, help="Without any date: not due, scheduled or starting."),
    click.option("--planned", is_flag=True, help="Scheduled by today or starting today, and not due by today."),
    click.option("--sure", is_flag=True, help="Leave out due dates that may be the generator's."),
    click.option("--doubted", is_flag=True, help="Only those: the note's own date, a date that all share, words."),
    click.option("--open", "open", is_flag=True, help="Leave proposals out."),
    click.option("--proposed", is_flag=True, help="Only proposals: [?] or #proposed."),
    click.option("--done", "done", is_flag=True, help="Done ones too."),
    click.option("--cancelled", is_flag=True, help="Cancelled ones too."),
    click.option("--all", "all", is_flag=True, help="Every state."),
    click.option("--mine", is_flag=True, help="Mine (setting me)."),
    click.option("--not-mine", is_flag=True, help="Everybody else's."),
    click.option("--theirs", is_flag=True, help="Another person's: neither mine nor nobody's."),
    click.option("--nobodys", is_flag=True, help="Without an owner, or of a team or @TBD."),
    click.option("--owner", metavar="NAME", help="Owned by this person."),
    click.option("--account", metavar="NAME", help="From notes of this account."),
    click.option("--person", metavar="NAME", help="From notes in which this person took part."),
    click.option("--with", "with_", metavar="NAME", help="That, owned by this person, or naming them."),
    click.option("--note", metavar="NAME", help="In this note."),
    click.option("--priority", metavar="P", help="high, high+ (or above), low- (or below)."),
    click.option("--tag", metavar="TAG", multiple=True, help="With this tag or one below it."),
    click.option("--status", metavar="C", help="With this status character."),
    click.option("--stale", metavar="AGE", help="From notes at least this old: 30d, 8w."),
    click.option("--blocked", is_flag=True, help="Waiting for another task (⛔)."),
    click.option("--recurring", is_flag=True, help="With a recurrence rule."),
    click.option("--boxes", is_flag=True, help="Only tasks with a box, as the Tasks plugin lists them."),
    click.option("--excluded", is_flag=True, help="Templates, conflict copies and excluded folders too."),
)


def fields_option(function: Any) -> Any:
    """Which fields of the rows are shown, or a line in one's own words (read by `App.show`)."""
    for option in (
        click.option(
            "--template",
            metavar="TEXT",
            expose_value=False,
            callback=keep,
            help="A line of your own a row: '{due} {text}'; vi help template.",
        ),
        click.option("--fields", metavar="A,B", help="Only these fields."),
    ):
        function = option(function)
    return function


def task_filters(*without: str) -> Decorator:
    """The words and options that choose tasks, but for those named `without` and those that the command has itself."""

    def decorate(function: Any) -> Any:
        own = list(getattr(function, "__click_params__", ()))
        for option in reversed(_CHOICES):
            function = option(function)
        taken = {*without, *(param.name for param in own)}
        function.__click_params__ = [p for p in function.__click_params__ if p in own or p.name not in taken]
        return function

    return decorate


def ids_or_filters(*without: str) -> Decorator:
    """Ids of tasks, or options that choose them."""

    def decorate(function: Any) -> Any:
        return click.argument("ids", nargs=-1, metavar="[ID]...")(task_filters("words", *without)(function))

    return decorate
