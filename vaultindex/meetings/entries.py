"""What lists of action items and of decisions have in common: an entry, the details below it, and what says that it is done."""

import re
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.meetings.lines import children, whole_text
from vaultindex.meetings.sections import Table, Vocabulary
from vaultindex.meetings.who import plain
from vaultindex.meetings.words import DUE, NONE, OWNER, STATUS
from vaultindex.notes.model import Item, Note

BULLET, TABLE, LINE, HEADING = "bullet", "table", "line", "heading"
QUESTION = ("?", "？")
# An item whose date cannot be told yet is looked at as if its note were of this day: only whether it says one matters.
ANY_DAY = "2000-01-01"


class Entry(NamedTuple):
    """One entry of a list of action items or decisions."""

    line: int
    text: str
    origin: str  # BULLET, TABLE, LINE or HEADING
    owner: str = ""  # as a column, a detail or the name above says it
    due: str = ""
    done: bool = False


_STRUCK = lazy_pattern(r"\s*~~.+~~\s*\.?\s*")
_DONE_MARK = lazy_pattern(
    r"^\s*(?:✅|☑️?|✔️?|\[x\]|\(done\)|done\s*[:–-])|(?:✅|☑️?|✔️?|\((?:done|erledigt|completed|fait|hecho|完了)\)"
    r"|[-–—]\s*(?:done|erledigt|completed)\.?)\s*(?:\d{4}-\d\d-\d\d)?\s*$",
    re.I,
)
_DONE_STATUS = lazy_pattern(
    r"(?:done|completed?|closed|erledigt|abgeschlossen|fertig|termin[ée]e?|fait|hecho|completad[oa]|conclu[ií]d[oa]|feito|fatto"
    r"|klaar|gereed|klart|ferdig|完了|済|已完成|완료|✅|☑️?|✔️?|x|yes|100 ?%)",
    re.I,
)
# A name in front of a value: 'Owner: Dana', '**Due:** Friday'; and a name that stands alone: 'Marketing:', '**Dana**'.
_DETAIL = lazy_pattern(
    r"(?:\*\*|__|_|\*)?\s*([^\W\d_][^:：*_]{0,30}?)\s*(?:[:：]\s*(?:\*\*|__|_|\*)?|(?:\*\*|__)\s*[:：])\s*(.+)"
)
LABEL_ONLY = lazy_pattern(r"\s*(?:\*\*|__)?(.{1,80}?)(?:[:：]\s*(?:\*\*|__)?|(?:\*\*|__)\s*[:：]?)\s*$")
_LABEL_ENDS = (":", "：", "**", "__")
_PIECES = lazy_pattern(r"\s+[|·•]\s+|;\s+|,\s+(?=[^\W\d_]+\s*:)")


def label_alone(text: str) -> re.Match[str] | None:
    """The match of a text that is only a name: 'Marketing:', '**Dana**'."""
    return LABEL_ONLY.fullmatch(text) if text.rstrip().endswith(_LABEL_ENDS) else None


def is_done(text: str) -> bool:
    """Whether the text says by itself that the item is done: struck out, or ticked."""
    return bool(_STRUCK.fullmatch(text) or _DONE_MARK.search(text))


def says_done(cell: str) -> bool:
    """Whether a status in words is one of being done."""
    return bool(_DONE_STATUS.fullmatch(plain(cell).strip(" .")))


def details(note: Note, item: Item, words: Vocabulary) -> tuple[str, str, bool]:
    """(owner, due, done) that the items below an item say: `Owner: Dana`, `Due: Friday`, `Status: done`."""
    owner = due = ""
    done = False
    for child in children(note, item) if item.end > item.line else ():
        if ":" not in child.text and "：" not in child.text:
            continue
        for piece in _PIECES.split(child.text):
            match = _DETAIL.match(piece.strip())
            kinds = words.columns[match[1]] if match else ()
            if match is None:
                continue
            if OWNER in kinds:
                owner = owner or match[2].strip()
            elif DUE in kinds:
                due = due or match[2].strip()
            elif STATUS in kinds and says_done(match[2]):
                done = True
    return owner, due, done


def is_detail(text: str, words: Vocabulary) -> bool:
    """Whether a line below an item only says who, by when, how far or how urgent."""
    match = _DETAIL.match(text.strip()) if ":" in text or "：" in text else None
    return match is not None and bool({OWNER, DUE, STATUS, NONE} & set(words.columns[match[1]]))


def texts_below(note: Note, item: Item, starts: frozenset[int]) -> str:
    """What stands in the items right below an item."""
    return " ".join(whole_text(note, child, starts) for child in children(note, item))


def without_label(text: str, value: str) -> str:
    """A whole item behind its label; `value` is what stands behind the label on its first line."""
    at = text.find(value[:20])
    return text[at:] if at > 0 else value


def column(table: Table, kind: str, without: set[int]) -> int | None:
    """The column of a kind; one that could be of several kinds only when no other is."""
    fitting = [i for i, kinds in enumerate(table.columns) if kind in kinds and i not in without]
    return min(fitting, key=lambda i: (table.columns[i].index(kind), i), default=None)
