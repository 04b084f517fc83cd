"""A filter typed within triage: the words and options of `vi tasks`, as one line."""

from __future__ import annotations

import functools
import shlex
from typing import Any

import click

from vaultindex.base.errors import UsageError
from vaultindex.cli.options import task_filters

_WITHOUT = ("open", "proposed", "done", "cancelled", "all", "done_on")


@functools.cache
def _parser() -> click.Command:
    return click.command("filter", add_help_option=False)(task_filters(*_WITHOUT)(lambda **given: None))


def given(line: str) -> dict[str, Any]:
    """What the options of a line say, by their names; {} when it is empty. Raises UsageError that names what is wrong."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the filter cannot be read: {str(error).lower()}") from error
    if not words:
        return {}
    try:
        found = _parser().make_context("filter", words).params
    except click.UsageError as error:
        raise UsageError(f"the filter: {error.format_message()}") from error
    return {name: value for name, value in found.items() if value}
