"""Patterns that are compiled when they are first needed: an ordinary note, read by itself, needs few of those there are."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """Stands for a pattern. What is asked of it is asked of the pattern once, and then stays here."""

    def __init__(self, *given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._given), name)  # (`re` remembers what it has compiled)
        setattr(self, name, found)
        return found


def late(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile(text, flags)`, later: for what only some notes need. What is wrong with a text shows when it is used."""
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
