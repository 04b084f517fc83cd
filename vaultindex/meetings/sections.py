"""Where things stand in a note: headings, bold lines, callouts, labels (`Key: value`) and tables, by what they hold.

Found in one pass over the headings and over the lines that could be a label; a note without any costs no more than that.
"""

import re
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.meetings.words import (
    ACCOUNT,
    ACTIONS,
    ATTENDEES,
    COLUMNS,
    DATE,
    DECISIONS,
    FACTS,
    LABELS,
    NONE,
    PERSON,
    PROJECT,
    SECTIONS,
    WORD,
    Kinds,
    Names,
    without_numbers,
    word_set,
)
from vaultindex.notes.model import OWN_BLOCK, Block, Note

TOP = 40  # lines at the top of a note's body in which labels of the whole meeting stand (date, account, attendees)


class Vocabulary:
    """What names mean, with those that settings add; learns as notes are read."""

    def __init__(self, more: dict[str, str] | None = None) -> None:
        """`more`: folded names of sections that settings add, with their kind."""
        self.sections = Names(SECTIONS, more)
        self.labels = Names(LABELS, parts=False)
        self.columns = Names(COLUMNS)
        self.prefixes: dict[str, Label | None] = {}

    @cached_property
    def _some(self) -> frozenset[str]:
        return self.sections.some | self.labels.some

    def may_label(self, text: str) -> bool:
        """False when no word of the text is a word of any section or label."""
        if not text.isascii():
            return True
        words = WORD.findall(text.lower())
        return not self._some.isdisjoint(words) or not self._some.isdisjoint(without_numbers(words))


class Label(NamedTuple):
    """What stands in front of a value: its name as written, and how it is marked."""

    name: str
    kinds: Kinds  # as the name of a section
    inline: Kinds  # as a label in front of a value
    bold: bool
    bullet: bool
    indent: int


class Mark(NamedTuple):
    """A line from which on something else stands: a heading, a bold line, a callout, a label."""

    line: int
    level: int  # 1 to 6 of a heading, CALLOUT, LABEL, or below that a label in a list, by its indentation
    name: str
    kinds: Kinds
    value: str  # what stands behind the label on the same line


class Part(NamedTuple):
    """Lines of a note that hold entries of these kinds."""

    kinds: Kinds
    first: int
    last: int
    mark: Mark | None  # the innermost mark above them
    above: Mark | None  # the mark that gave them their kind
    group: str | None  # the name of a mark between the two, which says no kind: a person, a topic


class Inline(NamedTuple):
    """A label with its value on one line: `ACTION: Dana to send it`."""

    line: int
    label: Label
    value: str


class Table(NamedTuple):
    line: int
    end: int
    columns: list[Kinds]
    names: list[str]
    rows: list[tuple[int, list[str]]]
    sorts: int | None = None  # the column that says of each row whether it is an action item or a decision


class Layout(NamedTuple):
    parts: list[Part]
    inline: list[Inline]
    keys: dict[str, tuple[int, str]]  # date, account, project, person, attendees: (line, value) at the top of the note
    marks: list[Mark]
    tables: list[Table]
    fields: bool = False  # whether a line holds '::', as Dataview's fields do

    def mentions(self, kind: str) -> bool:
        """Whether anything of this kind could stand somewhere."""
        return (
            any(kind in part.kinds for part in self.parts)
            or any(kind in entry.label.inline or kind in entry.label.kinds for entry in self.inline)
            or any(mark.value and kind in mark.kinds for mark in self.marks)
            or any(table.sorts is not None for table in self.tables)
        )


_new = tuple.__new__
CALLOUT, LABEL = 7, 8
EMPTY = Layout([], [], {}, [], [])
ONLY_FIELDS = Layout([], [], {}, [], [], True)

# '**Key:** v', '**Key**: v', 'Key: v', '- Key: v', '1. **Key** – v', '**Key**' alone, '【Key】v', '■ Key'.
_LABEL = lazy_pattern(
    r"(?P<lead>[ \t>]*)(?P<bullet>(?:[-*+]|\d+[.)])[ \t]+)?(?:\[[^\]]\][ \t]+)?(?P<sign>[■●◆◇▼▶◎○★☆※□]\s*)?"
    r"(?:[^\w\s*_\[\]【】<>`#|()\"'“‘@$\\~=+-]+[ \t]*)?(?P<bold>\*\*|__)?[_*]?[ \t]*(?:[^\w\s*\[\]【】<>`|()\"'@]+[ \t]*)?"
    r"(?:【(?P<east>[^】]{1,30})】|(?P<name>[^\W_][^\n:：*|]{0,60}?))[ \t]*"
    r"(?P<end>(?:\*\*|__)[ \t]*[:：]|[:：][ \t]*(?:\*\*|__)|[:：]|(?:\*\*|__)(?=[ \t]*(?:\Z|[-–—][ \t]))|\Z)"
)
_BOLD_KEY = lazy_pattern(r"(?:(?<=\s)|(?<=\|)|(?<=^))\*\*\s*([^*:\n]{2,40}?)\s*(?::\s*\*\*|\*\*\s*:)[ \t]*")
_CALLOUT = lazy_pattern(r"[ \t>]*>[ \t]*\[!([^\]|]+)(?:\|[^\]]*)?\][+-]?[ \t]*(.*)")
_CELL = lazy_pattern(r"(?<!\\)\|")
_EAST = "【■●◆◇▼▶◎○★☆※□"
_BEGINS = _EAST + ">"
_UPPER = frozenset(("ai", "ap", "todo"))  # labels only in capitals: AI: x
_OPEN_KINDS = frozenset((ATTENDEES, ACTIONS, DECISIONS, FACTS, NONE, "done"))


def layout(note: Note, words: Vocabulary) -> Layout:
    """Where things stand in the note; EMPTY when it names nothing that we look for."""
    marks, inline, keys, fields = _marks(note, words)
    text = note.text
    # (To look for one character takes a thirtieth of the time that two take.)
    found = tables(note, words) if "|" in text and ("\n|" in text or text.startswith("|")) else []
    wanted = False
    for mark in marks:
        if mark.kinds and mark.kinds != (NONE,):
            wanted = True
            break
    if not wanted and not inline and not keys and not found:
        return ONLY_FIELDS if fields else EMPTY
    return Layout(_parts(note, marks) if wanted else [], inline, keys, marks, found, fields)


def _marks(note: Note, words: Vocabulary) -> tuple[list[Mark], list[Inline], dict[str, tuple[int, str]], bool]:
    sections, prefixes = words.sections, words.prefixes
    marks = [
        _new(Mark, (line, level, text, kinds, ""))
        if (kinds := sections[text]) or ":" not in text
        else _heading(line, level, text, words)
        for line, level, text in note.headings
    ]
    inline: list[Inline] = []
    keys: dict[str, tuple[int, str]] = {}
    hidden: list[Block] | None = None
    top = note.body + TOP
    fields = False
    for number, line in _candidates(note):
        at = line.find(":")
        if at >= 0 and "::" in line:
            fields = True
        if not line.isascii() and (east := line.find("：")) >= 0 and (at < 0 or east < at):
            at = east
        if at < 0 and line and ("**" in line or line[0] in _BEGINS):
            at = _without_colon(line)
        if at < 0:
            if len(line) < _SHORT and (kinds := sections[line]) and _stands_above(note.lines, number):
                marks.append(Mark(number, LABEL, line.strip(), kinds, ""))
            continue
        if at > 70:
            continue
        if line[0] == ">" and "[!" in line:
            callout = _CALLOUT.match(line)
            if callout:
                marks.append(_callout(number, callout[1], callout[2].strip(), sections))
                continue
        end = at + 1
        if line[at + 1 : at + 3] in ("**", "__"):
            end = at + 3
        prefix = line[:end]
        try:
            label = prefixes[prefix]
        except KeyError:
            if len(line) > end + 4 and not words.may_label(prefix):
                continue  # a sentence with a colon in it
            if len(prefixes) > 20_000:
                prefixes.clear()
            label = prefixes[prefix] = _label(prefix, words)
        if label is None:
            continue
        if hidden is None:
            hidden = [b for b in note.blocks if b.kind in _HIDDEN]
        if hidden and any(b.line <= number <= b.end for b in hidden):
            continue
        _take(number, line, label, line[end:].strip(), words, marks, inline, keys, number < top)
    _outline(note, sections, marks)
    if OWN_BLOCK in note.text:
        # What `vi person --write` keeps in a note repeats other notes: nothing that stands above it holds it.
        marks += [Mark(n, 0, "", (NONE,), "") for n, line in enumerate(note.lines, 1) if line.startswith(OWN_BLOCK)]
    if len(marks) > len(note.headings):  # (those of the headings are in order)
        marks.sort(key=itemgetter(0))
    return marks, inline, keys, fields


def _outline(note: Note, sections: Names, marks: list[Mark]) -> None:
    """Items of a list that name what is nested below them, as outlines do: '- Decisions', '- Action items'."""
    for item in note.items:
        if item.end > item.line and item.status is None and len(item.text) < _SHORT and (kinds := sections[item.text]):
            line = note.lines[item.line - 1]
            indent = len(line.replace("\t", "    ")) - len(line.replace("\t", "    ").lstrip())
            if all(mark.line != item.line for mark in marks):
                marks.append(Mark(item.line, LABEL + 1 + indent, item.text.strip(), kinds, ""))


def _candidates(note: Note) -> list[tuple[int, str]]:
    """(number, text) of the lines below the properties that may be labels or callouts."""
    below = enumerate(note.lines[note.body - 1 :], note.body)
    if note.text.isascii() and "[!" not in note.text:
        return [
            (number, line)
            for number, line in below
            if line and (":" in line or "**" in line or (len(line) < _SHORT and line[0].isupper()))
        ]
    return [
        (number, line)
        for number, line in below
        if line
        and (
            ":" in line
            or "**" in line
            or line[0] in _BEGINS
            or (len(line) < _SHORT and line[0].isalpha())
            or "：" in line
        )
    ]


_HIDDEN = frozenset(("code", "comment", "html", "math", "yaml"))
_CALLOUT_KINDS = word_set(
    "todo task tasks action actions attendees people participants agenda question questions summary abstract"
)


_SHORT = 32  # characters of a line that may be the name of the list below it, without any sign of being one


def _stands_above(lines: list[str], number: int) -> bool:
    """Whether this line is the name of what follows: it begins a paragraph that goes on, or a list begins behind it."""
    if number < len(lines) and lines[number].strip("-= \t") and (number < 2 or not lines[number - 2].strip()):
        return True
    for line in lines[number : number + 3]:
        if line.strip():
            return bool(_LIST.match(line))
    return False


_LIST = lazy_pattern(r"[ \t>]*(?:[-*+•☐□]|\d+[.)])[ \t]|\|")


def _without_colon(line: str) -> int:
    """Where a label ends in a line without an ASCII colon; -1 when there is none."""
    if "**" in line:
        return line.find("**", line.find("**") + 2) + 1 or -1
    first = line[:1]
    return len(line) - 1 if first and (first in _EAST or first == ">") else -1


def _heading(line: int, level: int, text: str, words: Vocabulary) -> Mark:
    """A heading with a colon in it: 'Attendees: Dana, Sam', 'Decision: use pandoc'."""
    name, _, value = text.partition(":")
    kinds = words.sections[name] or words.labels[name]
    if value.strip() and kinds and kinds[0] in (ATTENDEES, DECISIONS, ACTIONS):
        return Mark(line, level, name, kinds[:1], value.strip())
    return Mark(line, level, text, (), "")


def _callout(line: int, kind: str, title: str, sections: Names) -> Mark:
    kinds = sections[title] if title else ()
    if kind.lower() in ("decision", "decisions"):
        kinds = (NONE,)  # what it says is read as a whole
    elif not kinds and kind.lower() in _CALLOUT_KINDS:
        kinds = sections[kind]
    return Mark(line, CALLOUT, title or kind, kinds, "")


def _label(prefix: str, words: Vocabulary) -> Label | None:
    """What the beginning of a line (up to its colon) is as a label; None when it is none that matters."""
    match = _LABEL.match(prefix)
    if match is None or match.end() != len(prefix):
        return None
    name = (match["name"] or match["east"] or "").strip()
    east = bool(match["east"] or match["sign"])
    bold, bullet = bool(match["bold"]) or east, bool(match["bullet"])
    if not (match["end"] or east) or not name:
        return None
    indent = len(match["lead"].replace("\t", "    "))
    kinds, inline = words.sections[name], words.labels[name]
    if name.lower() in _UPPER and not (name.isupper() or bold):
        inline = ()
    if not kinds and not inline:
        aimed = _AIMED.match(name)
        if aimed:
            inline = tuple(k for k in words.labels[aimed[1]] if k in (ACTIONS, DECISIONS))
        # A line of its own ends what stands above it, whatever it is called.
        elif bullet or not (bold or (len(name.split()) < 6 and indent < 4)):
            return None
    return Label(name, kinds, inline, bold, bullet, indent)


_AIMED = lazy_pattern(
    r"(action(?: item)?|todo|ai|ap|task|aufgabe|acción|tâche|decision)(?:\s*[-–(\[#]\s*|\s+)(.{2,40}?)[)\]]?$", re.I
)


def aimed_at(name: str) -> str | None:
    """Whom a label names beside itself: `ACTION (Dana):`, `AI Dana:`."""
    match = _AIMED.match(name)
    return match[2] if match else None


def _take(
    number: int,
    line: str,
    label: Label,
    value: str,
    words: Vocabulary,
    marks: list[Mark],
    inline: list[Inline],
    keys: dict[str, tuple[int, str]],
    at_top: bool,
) -> None:
    """Put a labelled line down as what it is."""
    level = LABEL + (1 + label.indent if label.bullet or label.indent > 3 else 0)
    value = value.lstrip("–—-·| \t") if label.kinds or label.inline else value
    if not value:
        kinds = label.kinds or tuple(k for k in label.inline if k in _OPEN_KINDS)
        marks.append(Mark(number, level, label.name, kinds, ""))
        return
    several = bold_keys(line)
    pairs: list[tuple[Kinds, str]] = []
    if len(several) > 1:
        pairs = [(_key_kinds(name, words), text) for name, text in several]
        value = pairs[0][1]
    else:
        pairs.append((_key_kinds(label.name, words), value))
    for kinds, text in pairs:
        for kind in kinds if text else ():
            if kind in _KEYS and (at_top or (kind == ATTENDEES and label.bold)):
                keys.setdefault(kind, (number, text))
    if {ACTIONS, DECISIONS} & {*label.inline, *label.kinds} and not label.name.lower().startswith(_ARTICLES):
        inline.append(Inline(number, label, value))
    elif label.kinds and not label.bullet:
        # What has its value beside it ends what stands above, and begins nothing.
        marks.append(Mark(number, level, label.name, (NONE,), value))


def bold_keys(line: str) -> list[tuple[str, str]]:
    """(name, value) of each bold label of a line: '**Action:** send it **Owner:** Dana'."""
    if line.count("**") < 3:
        return []  # most lines: quickly
    found = list(_BOLD_KEY.finditer(line))
    ends = [*[match.start() for match in found[1:]], len(line)]
    return [(match[1], line[match.end() : end].strip(" \t|·•")) for match, end in zip(found, ends)]


_ARTICLES = ("the ", "a ", "an ", "this ", "our ", "that ")  # a sentence begins so, and no label
_KEYS = frozenset((DATE, ACCOUNT, PROJECT, PERSON, ATTENDEES))


def _key_kinds(name: str, words: Vocabulary) -> Kinds:
    return (*words.labels[name], *[kind for kind in words.sections[name] if kind == ATTENDEES])


def _parts(note: Note, marks: list[Mark]) -> list[Part]:
    """The lines behind each mark, with the kind that they have there."""
    parts: list[Part] = []
    above: list[Mark] = []
    last_line = len(note.lines)
    for i, mark in enumerate(marks):
        while above and above[-1].level >= mark.level:
            above.pop()
        above.append(mark)
        first, last = mark.line + 1, marks[i + 1].line - 1 if i + 1 < len(marks) else last_line
        if mark.level > LABEL:
            # A label in a list holds what is nested below it; what follows is the list's again.
            end = min(last, _reach(note, mark))
            _part(note, above, first, end, parts)
            above.pop()
            first = end + 1
        if above and first <= last:
            _part(note, above, first, last, parts)
    return parts


def _part(note: Note, above: list[Mark], first: int, last: int, parts: list[Part]) -> None:
    at = len(above) - 1
    while at >= 0 and not above[at].kinds:
        at -= 1
    if at < 0 or above[at].kinds == (NONE,):
        return
    giver = above[at]
    if giver.level == CALLOUT:
        last = min(last, next((b.end for b in note.blocks if b.line <= giver.line <= b.end), last))
    elif giver.level >= LABEL:
        last = min(last, _reach(note, giver))
    if first <= last:
        innermost = above[-1]
        group = innermost.name if innermost is not giver else None
        parts.append(_new(Part, (giver.kinds, first, last, innermost, giver, group)))


def _reach(note: Note, mark: Mark) -> int:
    """The last line that belongs to a label which stands alone: of the paragraph or lists right behind it."""
    here = next((b for b in note.blocks if b.line <= mark.line <= b.end), None)
    if here is None:
        return mark.line
    if mark.level > LABEL:  # in a list: what is nested below it
        item = next((i for i in note.items if i.line == mark.line), None)
        return item.end if item is not None else here.end
    if here.end > mark.line:
        return here.end
    end = mark.line
    for block in note.blocks:
        if block.line <= mark.line:
            continue
        if block.kind in ("list", "table"):
            end = block.end
        elif end == mark.line and block.kind == "paragraph":
            end = block.end
            if not ({ACTIONS} & set(mark.kinds)):
                break
        else:
            break
    return end


# --- what stands in the lines -------------------------------------------------------------------------------------------


def cells(line: str) -> list[str]:
    """The cells of a table's row."""
    text = line.strip().lstrip(">").strip()
    parts = _CELL.split(text)
    if parts and not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return [part.replace("\\|", "|").strip() for part in parts]


def tables(note: Note, words: Vocabulary) -> list[Table]:
    """The tables of the note, with what their columns mean."""
    found = []
    for block in note.blocks:
        if block[0] != "table":
            continue
        names = cells(note.lines[block.line - 1])
        rows = []
        for number in range(block.line + 2, block.end + 1):
            row = cells(note.lines[number - 1])
            rows.append((number, row + [""] * (len(names) - len(row))))
        kinds = [words.columns[name] for name in names]
        found.append(Table(block.line, block.end, kinds, names, rows, _sort_column(names, rows, words)))
    return found


def _sort_column(names: list[str], rows: list[tuple[int, list[str]]], words: Vocabulary) -> int | None:
    for at, name in enumerate(names):
        if name.strip(" *_").lower() in _SORTS and any(sort_of(row[at], words) for _, row in rows):
            return at
    return None


def sort_of(cell: str, words: Vocabulary) -> str:
    """What a row is by the cell that says so: ACTIONS, DECISIONS, else ''."""
    return next((kind for kind in words.labels[cell] if kind in (ACTIONS, DECISIONS)), "")


_SORTS = frozenset(
    (
        "type",
        "kind",
        "category",
        "typ",
        "art",
        "kategorie",
        "tipo",
        "categoria",
        "catégorie",
        "soort",
        "тип",
        "種類",
        "種別",
        "分類",
        "类型",
        "유형",
    )
)
