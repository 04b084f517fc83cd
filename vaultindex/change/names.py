"""Answers about names: from now on a name means a person, or never does; kept in the journal, and followed by the index."""

from __future__ import annotations

from collections.abc import Sequence

from vaultindex.ask import same_person
from vaultindex.change.desk import Bench, follow_names


def tell(at: Bench, name: str, people: Sequence[str], same: bool) -> str:
    """Remember that a name, as notes write it, means this person (`same`), or none of these; undone as one step. Returns what
    was said, as a sentence. Raises UnknownName, UsageError, VaultError."""
    pairs = [same_person.pair(at.conn, name, other, same) for other in people]
    said = f"{pairs[0].shown} is {_one_of(same, [pair.shown_other for pair in pairs])}"
    at.journal.tell(pairs[0].one, [pair.other for pair in pairs], same, at.place.today, said)
    follow_names(at, {key for pair in pairs for key in (pair.one, pair.other)})
    return said


def _one_of(same: bool, shown: Sequence[str]) -> str:
    if same:
        return shown[0]
    if len(shown) == 1:
        return f"not {shown[0]}"
    return f"neither {', '.join(shown[:-1])} nor {shown[-1]}"
