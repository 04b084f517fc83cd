"""The decisions of the notes: what stands under a Decisions heading, `Decision:` lines, callouts, fields, decision records."""

from __future__ import annotations

import functools
import json
import re

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold
from vaultindex.extract import listed
from vaultindex.extract.listed import DERIVED, ORIGINS, Listed, add, add_callouts, add_fields, rows
from vaultindex.extract.source import Source, Values
from vaultindex.meetings.about import is_index
from vaultindex.meetings.decided import decision_entries
from vaultindex.meetings.sections import EMPTY
from vaultindex.meetings.who import Known
from vaultindex.meetings.words import ACTIONS, DECISIONS
from vaultindex.notes.model import Note

__all__ = ["DERIVED", "INDEX", "ORIGINS", "Row", "extract"]

_CALLOUTS = frozenset(("decision", "decisions"))
_FIELDS = frozenset(("decision",))
INDEX = (*listed.INDEX, "supersedes WHERE supersedes IS NOT NULL")


class Row(Listed):
    status: str | None  # accepted, superseded, rejected, ... as the record or the words say; struck out: superseded
    supersedes: str | None  # JSON list of [linkpath, subpath]: where the decisions stand that this one says it replaces


def extract(source: Source) -> list[Values]:
    """One row a decision, in the order of the note."""
    note, layout = source.note, source.meeting.layout
    record = _record(source)
    if record is not None:
        line, title, status = record
        replaced = _supersedes(note, ("supersedes",), 0)
        return [(*row, status, replaced) for row in rows(source, "decision", {line: (title, "record")})]
    if is_index(note.path.rsplit("/", 1)[-1][:-3]):
        return []
    found: dict[int, tuple[str, str]] = {}
    if layout is not EMPTY and layout.mentions(DECISIONS):
        known = Known([name for _, name, _ in source.about.participants])
        for entry in decision_entries(note, layout, source.rules.words, known, bool(known or source.about.date)):
            add(found, entry.line, entry.text, entry.origin)
    if "!" in note.text and "[!" in note.text:
        add_callouts(note, _CALLOUTS, found)
    if layout.fields:
        add_fields(note, _FIELDS, found)
    return [
        (*row, _said_status(row[3]), _supersedes(note, (), row[1]) if _SUPERSEDES in row[3].lower() else None)
        for row in (rows(source, "decision", found) if found else ())
    ]


_SUPERSEDES = "supersedes"


def _supersedes(note: Note, properties: tuple[str, ...], line: int) -> str | None:
    """The links behind the word 'supersedes' on a line (0: on any, and in these properties)."""
    found = [
        [link.linkpath, link.subpath] for key, link in note.property_links if key.split(".")[0].lower() in properties
    ]
    for number, col, _, _, _, path, subpath, *_ in note.links:
        if line in (0, number):
            before = note.lines[number - 1][:col].lower().rpartition(_SUPERSEDES)
            if before[1] and not _ENDS_LIST.search(before[2]):
                found.append([path, subpath])
    return json.dumps(found, ensure_ascii=False) if found else None


_ENDS_LIST = lazy_pattern(r"[.;!?)]\s|\b(?:but|because|since|see|from|as)\b")


def _said_status(text: str) -> str | None:
    """The status that a decision's own words give it: struck out, or `status:: superseded`."""
    if "~~" in text and _STRUCK.fullmatch(text):
        return "superseded"
    found = _STATUS_FIELD.search(text) if "::" in text else None
    return found[1].strip().casefold() if found else None


_STRUCK = lazy_pattern(r"~~[^~]+~~[ .]*")
_STATUS_FIELD = lazy_pattern(r"(?:^|[\[(\s])status::[ \t]*([^\])\n]{2,40}?)[ \t]*(?:[\])]|\Z)", re.I)


_RECORD_TYPES = frozenset(
    ("decision", "adr", "decision record", "decision-record", "architecture decision record", "entscheidung")
)
_RECORD_FOLDERS = frozenset(
    (
        "decisions",
        "decision records",
        "decision log",
        "adr",
        "adrs",
        "architecture decisions",
        "architecture decision records",
        "entscheidungen",
        "decisiones",
    )
)


@functools.lru_cache(maxsize=256)
def _holds_records(folder: str) -> bool:
    """Whether a folder of this name holds a decision a note."""
    return _FOLDER_MARKS.sub(" ", fold(folder)).strip() in _RECORD_FOLDERS


_FOLDER_MARKS = lazy_pattern(r"[-_\d.]+")
_RECORD_NAME = lazy_pattern(r"(?:adr|dr|decision)[-_ ]?\d{2,}\b", re.I)
_STATUS_LINE = lazy_pattern(
    r"^(?:[-*][ \t]+)?(?:\*\*|__)?status(?:\*\*|__)?[ \t]*:(?:\*\*|__)?[ \t]*(.+)$", re.I | re.M
)


def _record(source: Source) -> tuple[int, str, str | None] | None:
    """(line, title, status) of a note that is one decision: by its type, by the folder of such notes, by its name."""
    note, said = source.note, source.about
    *folders, name = note.path.split("/")
    stem = name[:-3]
    by_type = fold(said.type) in _RECORD_TYPES if said.type else False
    if not by_type:
        by_place = bool(folders) and _holds_records(folders[-1])
        if not (by_place or ("d" in name[:9].lower() and _RECORD_NAME.match(stem))):
            return None
        if by_place and (said.participants or source.meeting.layout.mentions(ACTIONS) or said.entity):
            return None  # the notes of a meeting that lie there
    if is_index(stem) or said.template:
        return None
    line = next((h.line for h in note.headings if h.level == 1), note.body if note.body <= len(note.lines) else 1)
    title = _RECORD_NUMBER.sub("", said.title).strip() or said.title
    status = note.properties.get("status") if note.properties else None
    status = _AFTER_STATUS.split(status)[0] if isinstance(status, str) else _record_status(note)
    return line, title, status.strip().casefold() if status and len(status) < 80 else None


_RECORD_NUMBER = lazy_pattern(
    r"^(?:\d{4}-\d\d-\d\d[ _-]*)?(?:(?:adr|dr|decision)[-_ ]?#?\d+|\d{1,5}[.)]|\d{3,5}(?=[ _-]))[ \t]*[:._–—-]*[ \t]*",
    re.I,
)


_AFTER_STATUS = lazy_pattern(r"[.,;(–—]| by | on ")


def _record_status(note: Note) -> str | None:
    """What a record says below its heading 'Status', or on a line of that name."""
    for number, heading in enumerate(note.headings):
        if fold(heading.text).strip(" :") in ("status", "decision status", "state"):
            end = note.headings[number + 1].line - 1 if number + 1 < len(note.headings) else len(note.lines)
            for line in note.lines[heading.line : end]:
                if line.strip(" -*_>"):
                    return _AFTER_STATUS.split(line.strip(" -*_>"))[0].strip(" *_") or None
    match = _STATUS_LINE.search(note.text)
    return match[1].strip(" *_") if match else None
