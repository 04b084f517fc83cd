"""The people of the notes: participants and attendees, by the name the note gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultindex.base.text import fold
from vaultindex.meetings.name_forms import fits, is_short, spelled

if TYPE_CHECKING:
    from vaultindex.extract.source import Source, Values

INDEX = (
    "key, date, note, name, written_key, met",
    "written_key WHERE written_key IS NOT NULL",
)  # everybody is counted in the first


class Row:
    note: int
    line: int
    name: str  # as written
    key: str  # the person it means, folded: by the note, or as the whole vault decides (index/same_person.py)
    written_key: str | None  # the name as written, folded, where that is not the person's
    fits: str | None  # the one person of whom the note itself says that the name means them
    rule: str | None  # what decided: spelling, note, said, account; None: nothing had to
    linked: int  # 1 when the name is a link there
    date: str | None  # the note's
    met: int  # 1 when the note is about a meeting


def extract(source: Source) -> list[Values]:
    """One row a name and line."""
    rows: dict[tuple[int, str], Values] = {}
    body, date, met = source.note.body, source.about.date, int(source.about.is_meeting)
    # By part of the note: in one list `Dana` and `Dana Leigh` are two people, but a list may say shorter whom the
    # properties name in full.
    whole: tuple[set[str], set[str]] = (set(), set())
    for line, name, _ in source.about.participants:
        whole[line >= body].add(spelled(name))
    for line, name, linked in source.about.participants:
        written = fold(name)
        if (line, written) in rows:
            continue
        key = spelled(name)
        rule = None if key == written else "spelling"
        if rule is None and len(whole[line < body]) and is_short(key):
            others = [other for other in whole[line < body] if fits(key, other)]
            own = whole[line >= body]
            if len(others) == 1 and not any(fits(key, other) for other in own if other != others[0]):
                key, rule = others[0], "note"
        meant = (None, None) if rule is None else (written, key)
        rows[line, written] = (source.id, line, name, key, *meant, rule, int(linked), date, met)
    return list(rows.values())
