"""Names that triage asks about: who is meant by a name that may mean several people, or somebody of whom nothing says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from vaultindex.base.text import fold, one_line
from vaultindex.cli.interactive.keyboard import read_key
from vaultindex.cli.triage import card

_MOST = 9  # candidates, one digit each
_LATER = (" ", "\r", "\n", "l")
_LEAVE = ("q", "", "\x03", "\x04", "\x1b")


class Names:
    """The names that are unsure, each of which is asked about once in a sitting."""

    def __init__(self, unsure: Mapping[str, dict[str, Any]]) -> None:
        """`unsure`: folded name -> its row of `same_person.answerable`."""
        self._left = dict(unsure)

    def of(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """An unsure name of this proposal that was not asked about yet: its owner's first, then those of who was there."""
        for name in (row["owner"], *row["participants"]):
            found = self._left.pop(fold(name.lstrip("@")), None) if name else None
            if found is not None:
                return found
        return None

    def again(self, found: dict[str, Any]) -> None:
        """The answer was taken back: it may be asked once more."""
        self._left[fold(found["name"])] = found


class Answer(NamedTuple):
    """What a person said of a name: that it means the one of these people, or none of them. Without people: not now."""

    people: list[str]
    same: bool = False


def ask(found: dict[str, Any], show: Callable[[list[str]], None]) -> Answer | None:
    """Ask by one key whom a name means; None when the person leaves instead."""
    could = found["candidates"][:_MOST]
    show(card.wrap(question(found), "bold"))
    show(card.wrap(menu(found), "dim"))
    while (key := read_key()) not in _LEAVE:
        if key in _LATER:
            return Answer([])
        if key == "d":
            return Answer(could)
        if key.isascii() and key.isdecimal() and 1 <= int(key) <= len(could):
            return Answer([could[int(key) - 1]], True)
        show([f"no key {key!r} here", *card.wrap(menu(found), "dim")])
    return None


def question(found: dict[str, Any]) -> str:
    """'Is 'Dana' Dana Leigh or Dana Cruz?'."""
    could = [one_line(name) for name in found["candidates"][:_MOST]]
    said = " or ".join([", ".join(could[:-1]), could[-1]] if len(could) > 1 else could)
    return f"Is {one_line(found['name'])!r} {said}?  ({found['why']})"


def menu(found: dict[str, Any]) -> str:
    """The keys that answer it."""
    could: Sequence[str] = found["candidates"][:_MOST]
    numbers = "  ".join(f"[{n}] {one_line(name)}" for n, name in enumerate(could, 1))
    return f"{numbers}  [d]ifferent: {'not that one' if len(could) == 1 else 'none of these'}  [space] later  [q]uit"
