"""The decisions of a note: the entries of a section of decisions, sub-headings with their text, and labelled lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold
from vaultindex.meetings.entries import (
    ANY_DAY,
    HEADING,
    LINE,
    TABLE,
    Entry,
    column,
    details,
    is_detail,
    label_alone,
    texts_below,
    without_label,
)
from vaultindex.meetings.item import take_apart
from vaultindex.meetings.lines import children, items_in, paragraphs, whole_text
from vaultindex.meetings.sections import Layout, Mark, Part, Table, Vocabulary, sort_of
from vaultindex.meetings.when import read_day
from vaultindex.meetings.who import Known, plain
from vaultindex.meetings.words import ACTIONS, DECISIONS, DUE, NONE, OWNER, TASK, nothing
from vaultindex.notes.model import Item, Note

# Names under which also a sentence is a decision, in a note that is of no meeting.
_NO_DOUBT = lazy_pattern("deci|entscheid|beschl|beslui|beslut|acuerd|rozhodn|paato|reshen|реше|karar|決|决|결정")
# What a ticked box has that is a task and no decision: an owner, the Tasks plugin's fields, tags.
_TASK = lazy_pattern("[@📅⏳🛫✅➕🔺⏫🔼🔽⏬🔁🆔#]")
_SIGNS_IN_FRONT = lazy_pattern(r"^(?:[✅✔☑👍🔑➡→•]\ufe0f?\s*)+")
_DATE_ONLY = lazy_pattern(
    r"[\[\s]*\d{4}-\d\d-\d\d[\]\s]*|.{0,12}\d{1,2}[./]\d{1,2}[./]\d{2,4}|[^\W\d]{3,9} \d{1,2}(?:, \d{4})?"
)


def decision_entries(note: Note, found: Layout, words: Vocabulary, known: Known, meets: bool) -> list[Entry]:
    """The decisions under headings, bold lines and labels, one each: an item, a row, a paragraph, a sub-heading with
    its text, a labelled line."""
    entries: dict[int, Entry] = {}
    starts = frozenset([i[0] for i in note.items])
    inline_lines = {entry.line: entry for entry in found.inline}

    def add(line: int, text: str, origin: str) -> None:
        text = _SIGNS_IN_FRONT.sub("", text.strip())
        if text and line not in entries and not nothing(text) and any(c.isalnum() for c in text):
            entries[line] = Entry(line, text, origin)

    index = _index_heading(found)
    for part in found.parts:
        if DECISIONS not in part.kinds or part.above is index:
            continue
        if (
            part.mark is not part.above
            and part.mark is not None
            and part.above is not None
            and _is_decision(part.mark, part.above, words)
        ):
            add(*_with_its_text(note, part, starts, words), HEADING)
            continue
        certain = meets or (part.above is not None and bool(_NO_DOUBT.search(fold(part.above.name))))
        items = items_in(note, part.first, part.last)
        for one in items:
            if one.line in inline_lines or (
                one.status is not None and (one.status not in "xX" or _TASK.search(one.text))
            ):
                continue
            _add_decision(note, one, starts, words, add, ACTIONS in part.kinds, known)
        some = [t for t in found.tables if part.first <= t.line <= part.last]
        for table in some:
            at = column(table, DECISIONS, set())
            if at is None and not items:
                at = _column_of_sentences(table)
            if at is not None:
                for number, row in table.rows:
                    add(number, row[at], TABLE)
        # A sentence between bullets or below a table explains them.
        for line, text in paragraphs(note, part.first, part.last) if not (items or some) and certain else ():
            if (
                line not in inline_lines
                and not text.endswith((":", "："))
                and not text.startswith(("*Source", "_Source"))
            ):
                for at, own in _paragraph_lines(note, line, text, part):
                    if at not in inline_lines:
                        add(at, own, LINE)
    for mark in found.marks:
        if mark.value and DECISIONS in mark.kinds:
            add(mark.line, mark.value, HEADING)
        elif not mark.kinds and mark.level >= 8 and not mark.value:
            part_above = next(
                (
                    p
                    for p in found.parts
                    if p.first <= mark.line <= p.last + 1 and DECISIONS in p.kinds and p.above is not index
                ),
                None,
            )
            if part_above and mark.line not in entries and not any(p.mark is mark for p in found.parts):
                add(mark.line, mark.name, LINE)
    for table in found.tables:
        at = column(table, TASK, set()) if table.sorts is not None else None
        for number, row in table.rows if at is not None else ():
            if sort_of(row[table.sorts or 0], words) == DECISIONS:
                add(number, row[at or 0], TABLE)
    by_line = {item.line: item for item in note.items} if found.inline else {}
    for inline in found.inline:
        kinds = inline.label.inline or inline.label.kinds
        if DECISIONS in kinds:
            item = by_line.get(inline.line)
            text = inline.value
            if item is not None:
                text = without_label(whole_text(note, item, starts), text)
            else:
                text = _to_the_end(note, inline.line, text, inline_lines)
            add(inline.line, text, LINE)
    return [entries[line] for line in sorted(entries)]


def _index_heading(found: Layout) -> Mark | None:
    """The one H1 of a page that is called Decisions: then the page is an index of them, not a list."""
    first = [mark for mark in found.marks if mark[1] == 1]
    return first[0] if len(first) == 1 and DECISIONS in first[0].kinds else None


def _is_decision(mark: Mark, above: Mark, words: Vocabulary) -> bool:
    """Whether a heading below 'Decisions' is a decision itself: not a date, and not a name for a list of them."""
    name = plain(mark.name)
    return (
        mark.level <= 6
        and above.level <= 6
        and not mark.kinds
        and not (_DATE_ONLY.fullmatch(name) or read_day(name, None))
    )


def _with_its_text(note: Note, part: Part, starts: frozenset[int], words: Vocabulary) -> tuple[int, str]:
    """(line, text) of a heading that is a decision; where it is only a title, with what stands below it."""
    assert part.mark is not None
    title = re.sub(
        r"^(?:\d+[.)]|decision\s*#?\d*\s*[:.–-]|[A-Z]{1,4}-?\d+\s*[:.–-])\s*", "", plain(part.mark.name), flags=re.I
    ).strip(" :：")
    if len(title.split()) > 3:
        return part.mark.line, title
    items = [item for item in items_in(note, part.first, part.last) if not is_detail(item.text, words)]
    if len(items) == 1:  # the title stands in the row's heading
        return items[0].line, whole_text(note, items[0], starts)
    texts = [whole_text(note, item, starts) for item in items]
    texts = texts or [text for _, text in paragraphs(note, part.first, part.last)[:1]]
    below = " ".join(texts)
    return part.mark.line, f"{title}: {below}" if title and below else title or below


def _paragraph_lines(note: Note, line: int, text: str, part: Part) -> list[tuple[int, str]]:
    """A paragraph is one decision, unless each of its lines is one: begun by a bold label, or by a bullet of its own."""
    own = note.lines[line - 1].strip()
    lines = []
    number = line
    while number <= part.last and note.lines[number - 1].strip():
        lines.append((number, note.lines[number - 1].strip().lstrip("> ")))
        number += 1
    marks = ("**", "•", "·", "–", "—", "‣", "▪", "◦", "→", "・", "■")
    if (
        len(lines) > 1
        and all(one.startswith(marks) or re.match(r"[①-⑳(（]?\d*[.)）]?\s", one) for _, one in lines)
        and own
    ):
        return [(n, one.lstrip("•·–—‣▪◦→・■ ")) for n, one in lines]
    return [(line, text.lstrip("•·‣▪◦→・■ "))]


def _add_decision(
    note: Note,
    item: Item,
    starts: frozenset[int],
    words: Vocabulary,
    add: Callable[[int, str, str], None],
    mixed: bool,
    known: Known,
) -> None:
    text = whole_text(note, item, starts)
    only = label_alone(text)
    if only and children(note, item):
        below = texts_below(note, item, starts)
        text = f"{plain(only[1]).rstrip(':')}: {below}"
    if mixed:
        said = take_apart(text, known, ANY_DAY)
        if said.owner or said.due or any(details(note, item, words)[:2]):
            return
    add(item.line, text, HEADING)


def _to_the_end(note: Note, line: int, text: str, labelled: Mapping[int, object]) -> str:
    """A labelled line with the lines of its paragraph that go on with it."""
    block = next((b for b in note.blocks if b.kind == "paragraph" and b.line <= line <= b.end), None)
    parts = [text]
    for number in range(line + 1, block.end + 1 if block else line + 1):
        more = note.lines[number - 1].strip()
        if number in labelled or re.match(r"(?:\*\*)?[^\W\d_][^:：]{0,30}[:：]|\*\*|->|=>|[→⇒•☐□]", more):
            break
        parts.append(more)
    return " ".join(parts)


def _column_of_sentences(table: Table) -> int | None:
    """The column of a table that no name explains in which sentences stand."""
    for at in range(len(table.names)):
        words = [len(row[at].split()) for _, row in table.rows]
        if words and sum(words) > 3 * len(words) and not {OWNER, DUE, NONE} & set(table.columns[at]):
            return at
    return None
