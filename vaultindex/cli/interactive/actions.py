"""What can be done with picked rows, as the commands that do it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import click

from vaultindex.cli.interactive import fzf, picker
from vaultindex.cli.interactive.keyboard import read_key
from vaultindex.render import table

Row = dict[str, Any]


class Action(NamedTuple):
    """A key, what it is called, for which rows it is, the words of the command, and what is asked first."""

    key: str
    label: str
    fits: Callable[[Row], bool]
    words: tuple[str, ...]
    asks: str = ""
    each: bool = False  # one command a row


def _is_task(row: Row) -> bool:
    return "raw" in row and "state" in row


def _is_proposal(row: Row) -> bool:
    return _is_task(row) and row["state"] == "proposed"


def _is_placed(row: Row) -> bool:
    return bool(row.get("path"))


ACTIONS = (
    Action("d", "[d]one", _is_task, ("done",)),
    Action("t", "da[t]e", _is_task, ("due",), "due (fri, +3d, none)"),
    Action("w", "o[w]ner", _is_task, ("assign",), "owner"),
    Action("p", "[p]riority", _is_task, ("priority",), "priority (high, low, none)"),
    Action("a", "[a]ccept", _is_proposal, ("accept",)),
    Action("r", "[r]eject", _is_proposal, ("reject",)),
    Action("c", "[c]ancel", _is_task, ("cancel",)),
    Action("o", "[o]pen", _is_placed, ("open",), each=True),
)
_PAGES = {"people": "person", "accounts": "account"}  # lists of names -> the page of each


def run(
    env: Mapping[str, str], say: Callable[[list[str]], None], rows: Sequence[Row], columns: Sequence[table.Column]
) -> list[list[str]]:
    """Let a person pick rows and say what to do with them: the command lines to run, [] for none."""
    to = table.screen()._replace(links=False)
    narrow = to._replace(width=max(to.width - 4, 20))
    one_line = [column._replace(lines=1) for column in columns]
    lines = [found[-1] for found in table.row_lines(rows, one_line, narrow)]
    plain = [found[-1] for found in table.row_lines(rows, one_line, narrow._replace(colour=False))]
    program = fzf.program(env)
    picked = fzf.pick(program, lines) if program else picker.pick(lines, plain)
    chosen = [rows[n] for n in picked]
    if not chosen:
        return []
    page = _PAGES.get(click.get_current_context().info_name or "")
    if page is not None:
        return [[page, str(row["name"])] for row in chosen]
    fitting = [action for action in ACTIONS if any(map(action.fits, chosen))]
    if not fitting:
        return []
    say([plain[n] for n in picked[:10]])
    if len(chosen) > 10:
        say([f"and {len(chosen) - 10:,} more"])
    action = fitting[0] if len(fitting) == 1 else _asked(fitting, len(chosen))
    if action is None:
        return []
    words = [*action.words]
    if action.asks:
        try:
            said = str(click.prompt(action.asks, default="", show_default=False)).strip()
        except click.Abort:
            return []
        if not said:
            return []
    own = [row for row in chosen if action.fits(row)]
    targets = [str(row["id"]) if _is_task(row) else f"{row['path']}:{row['line']}" if row.get("line") else str(row["path"]) for row in own]  # fmt: skip
    value = [said] if action.asks else []
    if action.each:
        return [[*words, target] for target in targets]
    return [[*words, *targets, *value]]


def _asked(fitting: Sequence[Action], number: int) -> Action | None:
    """The action whose key is pressed; None for any other key."""
    labels = " ".join(action.label for action in fitting)
    sys.stdout.write(table.paint(f"{number:,} picked: {labels} [q]uit ", "dim", table.screen().colour))
    sys.stdout.flush()
    key = read_key().lower()
    sys.stdout.write("\n")
    return next((action for action in fitting if action.key == key), None)
