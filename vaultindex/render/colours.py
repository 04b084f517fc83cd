"""What is coloured and how: the sixteen colours of a terminal, which its theme decides, and the parts of a list that have one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vaultindex.base.errors import UsageError
from vaultindex.base.text import nearest

_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
# name -> the number that a terminal knows it by
NAMES: dict[str, str] = {
    "plain": "", "bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7",
    **{name: str(30 + n) for n, name in enumerate(_COLOURS)},
    **{f"bright-{name}": str(90 + n) for n, name in enumerate(_COLOURS)},
}  # fmt: skip


class Part(NamedTuple):
    """A part of what is shown: its colour by default, and what it is."""

    colour: str
    what: str


PARTS: dict[str, Part] = {
    "overdue": Part("red", "what is overdue, missed or wrong"),
    "today": Part("yellow", "what is due today or wants a look"),
    "proposed": Part("magenta", "the sign of a proposal"),
    "key": Part("cyan", "ids and dates"),
    "good": Part("green", "what was settled or would be written"),
    "aside": Part("dim", "names of notes, settled tasks, lines below an answer"),
    "heading": Part("bold", "titles and headings"),
    "match": Part("underline", "the words that a search found"),
}


def codes(text: str) -> str:
    """'31;1' for 'red bold'. Raises UsageError that names the word that is no colour."""
    found = []
    for word in text.lower().split():
        if word not in NAMES:
            close = nearest(word, list(NAMES), 1)
            raise UsageError(
                f"{word} is no colour" + (f": did you mean {close[0]}?" if close else "") + " See vi help colours"
            )
        found.append(NAMES[word])
    return ";".join(filter(None, found))


def chosen(values: Mapping[str, str], source: str) -> dict[str, str]:
    """The codes of the default colours, once the parts are shown as a person chose. Raises UsageError that names the file."""
    for name in values:
        if name not in PARTS:
            close = nearest(name, list(PARTS), 1)
            hint = f": did you mean {close[0]}?" if close else f". Parts: {', '.join(PARTS)}."
            raise UsageError(f"{source}: colours has no part {name!r}{hint}")
    try:
        return {part.colour: codes(values.get(name, part.colour)) for name, part in PARTS.items()}
    except UsageError as error:
        raise UsageError(f"{source}: colours: {error}") from error
