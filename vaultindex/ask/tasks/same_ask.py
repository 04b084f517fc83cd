"""The same ask in many meetings: tasks with nearly the same words in different notes become one row. Never merged in exact lists.

Only tasks of one owner meet, and never two of one note. What is compared comes from an index of rare words, so that a list
of a hundred thousand does not compare all with all.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vaultindex.ask.tasks.similar import likeness, words
from vaultindex.base.text import fold

Row = dict[str, Any]


class Ask(NamedTuple):
    """One ask: the newest task that holds it, and every one, oldest first."""

    row: Row
    rows: list[Row]

    @property
    def asked(self) -> str | None:
        """The date of the earliest note that holds it, else the earliest day on which one was created."""
        dates = [row["note_date"] for row in self.rows if row["note_date"]]
        return min(dates or [row["created"] for row in self.rows if row["created"]], default=None)

    @property
    def times(self) -> int:
        """In how many notes it stands."""
        return len({row["path"] for row in self.rows})


def fold_asks(rows: Sequence[Row]) -> list[Ask]:
    """The rows as asks, in the order in which the first row of each came."""
    order = sorted(
        range(len(rows)), key=lambda at: (rows[at]["note_date"] or "9999", rows[at]["path"], rows[at]["line"])
    )
    groups: list[list[int]] = []  # of positions; the first is the oldest, with which the others are compared
    exact: dict[tuple[str, str], list[int]] = {}  # owner and text -> groups
    said = {at: words(rows[at]["text"]) for at in order}
    spread: dict[str, int] = {}  # word -> in how many rows it stands
    for found in said.values():
        for word in found:
            spread[word] = spread.get(word, 0) + 1
    holding: dict[tuple[str, str], list[int]] = {}  # owner and word -> groups whose first row holds the word
    marked: dict[tuple[str, str], list[int]] = {}  # the same, for the rarest words of that row only
    for at in order:
        row, mine = rows[at], said[at]
        owner = fold(row["owner_person"] or row["owner"] or "")
        text = " ".join(row["text"].casefold().split())
        # Two that are alike share six tenths of their words, or of the shorter one's: so one of its rarest few is shared.
        rare = sorted(mine, key=lambda word: (spread[word], word))[: len(mine) - -(-len(mine) * 6 // 10) + 1]
        near = [*exact.get((owner, text), ())]
        near += [group for word in rare for group in holding.get((owner, word), ())[:_MOST]]
        near += [group for word in mine for group in marked.get((owner, word), ())[:_MOST]]
        for group in dict.fromkeys(near):
            first = rows[groups[group][0]]
            if any(rows[other]["path"] == row["path"] for other in groups[group]):
                continue
            if row["account"] and first["account"] and row["account"] != first["account"]:
                continue  # the same words for another account are another ask
            same_account = bool(row["account"]) and row["account"] == first["account"]
            same_text = " ".join(first["text"].casefold().split()) == text
            if same_text or likeness(mine, said[groups[group][0]], same_account):
                groups[group].append(at)
                break
        else:
            group = len(groups)
            groups.append([at])
            exact.setdefault((owner, text), []).append(group)
            for word in mine:
                holding.setdefault((owner, word), []).append(group)
            for word in rare:
                marked.setdefault((owner, word), []).append(group)
    asks = [(min(some), Ask(rows[some[-1]], [rows[at] for at in some])) for some in groups]
    return [ask for _, ask in sorted(asks, key=lambda pair: pair[0])]


_MOST = 200  # groups that are compared for one word: a word that more share says little
