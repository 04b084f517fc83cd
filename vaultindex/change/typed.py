"""What a person types behind `vi add`: the date, the priority and the account in it, and whom it names.

Never a guess: a name that could be two people stays a word, and that is said.
"""

from __future__ import annotations

import datetime
import re
import sqlite3
from typing import NamedTuple

from vaultindex.ask import names
from vaultindex.base.errors import UsageError
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold
from vaultindex.dates.ranges import echo_day, option_range

_PRIORITY = lazy_pattern(r"(?<!\S)!(highest|high|medium|low|lowest)(?!\S)", re.I)
_OFFSET = lazy_pattern(r"(?<!\S)\+\d+[dwmy](?!\S)", re.I)
_FOR = lazy_pattern(r"(?<!\S)(?:for|at)[ \t]+([^\s].{0,60}?)\Z", re.I)
_BEFORE_A_DATE = ("by", "due", "on", "until")
# Words that are a day in full; 'sun' may be the one in the sky.
_ALONE = lazy_pattern(
    r"(?:today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4}-\d\d-\d\d|eow|eom|eoq|eoy)\Z", re.I
)


class Typed(NamedTuple):
    """What was understood: the text that is left, and what was taken out of it or is to be known about it."""

    text: str
    due: str | None  # a date
    priority: str | None
    account: names.Entity | None
    told: tuple[str, ...]  # what to say: what was understood, and what was not guessed


def understand(conn: sqlite3.Connection, text: str, today: str, *, due: bool, priority: bool, account: bool) -> Typed:
    """The short forms of a text: `!high`, a day at its end, `for ACCOUNT`; each is looked for unless it is given (False)."""
    text = " ".join(text.split())
    rank = when = None
    told: list[str] = []
    if priority and (short := _PRIORITY.search(text)):
        rank, text = short[1].lower(), _without(text, short.start(), short.end())
    of: names.Entity | None = None
    if account:
        of, text = _account_at_end(conn, text, told)
    if due:
        if short := _OFFSET.search(text):
            when, text = _day(short[0], today), _without(text, short.start(), short.end())
        else:
            when, text = _day_at_end(text, today)
        if when:
            told.append(f"due {echo_day(when)}")
    if account and of is None:  # 'for contoso friday'
        of, text = _account_at_end(conn, text, told)
    if rank:
        told.append(f"priority {rank}")
    text, more = linked(conn, text)
    return Typed(text, when, rank, of, (*told, *more))


def _account_at_end(conn: sqlite3.Connection, text: str, told: list[str]) -> tuple[names.Entity | None, str]:
    """(the account that `for ACCOUNT` at the end names, the text without it); says so in `told`."""
    tail = _FOR.search(text)
    name = tail[1].strip(" .") if tail and tail.start() > 0 else ""
    of = names.with_exactly(conn, "account", name) if name else None
    if tail is None or of is None:
        return None, text
    told.append(f"for {of.name}")
    return of, text[: tail.start()].rstrip()


def _without(text: str, start: int, end: int) -> str:
    return " ".join(f"{text[:start]} {text[end:]}".split())


def _day(words: str, today: str) -> str | None:
    """The one day that words mean; None when they mean none, or more than one."""
    try:
        found = option_range(words, datetime.date.fromisoformat(today))
    except UsageError:
        return None
    return found.start if found.start is not None and found.start == found.end else None


def _day_at_end(text: str, today: str) -> tuple[str | None, str]:
    """(the day that the last words say, the text before them); a word that may be another thing needs `by` or `on`."""
    words = text.split()
    for number in (3, 2, 1):
        if len(words) <= number:
            continue
        tail = words[-number:]
        led = words[-number - 1].lower() in _BEFORE_A_DATE and len(words) > number + 1
        day = _day(" ".join(tail), today)
        if day and (led or number > 1 or _ALONE.match(tail[0])):
            return day, " ".join(words[: -number - (1 if led else 0)])
    return None, text


def linked(conn: sqlite3.Connection, text: str) -> tuple[str, tuple[str, ...]]:
    """The text with the people and accounts that have a note as links, each once; and what was not linked, and why."""
    told: list[str] = []
    keys: dict[str, list[tuple[str, str]]] = {}  # folded words -> (kind, name of the note)
    for kind in ("person", "account"):
        for one in names.with_note(conn, kind):
            every = {one.key, *one.aliases}
            if kind == "person" and " " in one.key:
                every.add(one.key.split()[0])
            for key in every:
                if len(key) > 1:
                    keys.setdefault(key, []).append((kind, one.name))
    words = list(re.finditer(r"[^\W_][\w.'’-]*", text))
    taken = [(found.start(), found.end()) for found in re.finditer(r"\[\[.*?\]\]|@\S+|https?://\S+|`[^`]*`|#\S+", text)]
    hits: list[tuple[int, int, str]] = []
    at = 0
    while at < len(words):
        for size in (3, 2, 1):
            some = words[at : at + size]
            if len(some) < size:
                continue
            start, end = some[0].start(), some[-1].end()
            shown = text[start:end].rstrip(".")
            found = list(dict.fromkeys(keys.get(fold(shown), ())))
            if not found or not shown[0].isupper() or any(a < end and start < b for a, b in taken):
                continue
            if len(found) > 1:
                told.append(f"{shown} could be {' or '.join(name for _, name in found)}: not linked")
            elif not any(name == found[0][1] for _, _, name in hits):
                hits.append((start, start + len(shown), found[0][1]))
            at += size - 1
            break
        at += 1
    for start, end, name in reversed(hits):
        shown = text[start:end]
        link = f"[[{name}]]" if shown == name else f"[[{name}|{shown}]]"
        text = text[:start] + link + text[end:]
    return text, tuple(told)
