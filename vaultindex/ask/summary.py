"""The first sentence of what a note says about itself: its `summary` property, its Summary section, else its first paragraph."""

from __future__ import annotations

import re
import sqlite3

from vaultindex.base.lazy_pattern import lazy_pattern

_HEADING = lazy_pattern(r"^#{1,6}[ \t]+(.*)$|^\*\*([^*\n]{2,40}?):?\*\*:?[ \t]*$", re.M)
_SUMMARY = lazy_pattern(
    r"\W*(?:\d+[.)]\s*)?(?:executive |short |quick |meeting |ai )?(?:summary|tl;?dr|overview|abstract|recap|zusammenfassung|"
    r"kurzfassung|résumé|resume|resumen|resumo|riassunto|samenvatting|sammanfattning|概要|要約|摘要|요약)\W*\Z",
    re.I,
)
_SENTENCE = lazy_pattern(r".+?(?:[.!?](?=\s|\Z)|[。！？]|\Z)", re.S)
_LINK = lazy_pattern(r"\[\[([^\]|]*\|)?([^\]]*)\]\]|\[([^\]]*)\]\([^)]*\)")
_LEAD = lazy_pattern(r"^[ \t]*(?:[-*+>]|\d+[.)])[ \t]+")


def first_sentence(conn: sqlite3.Connection, note: int) -> str | None:
    """The sentence in plain words, None when the note says nothing of the kind."""
    from vaultindex.base.packed_text import unpack

    said = conn.execute("SELECT json_extract(properties, '$.summary') FROM notes WHERE id = ?", (note,)).fetchone()
    if said and isinstance(said[0], str) and said[0].strip():
        return _plain(said[0])
    row = conn.execute("SELECT body FROM bodies WHERE id = ?", (note,)).fetchone()
    if row is None:
        return None
    text = unpack(row[0])
    headings = list(_HEADING.finditer(text))
    for at, heading in enumerate(headings):
        if _SUMMARY.match(heading[1] or heading[2] or ""):
            end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
            found = _paragraph(text[heading.end() : end])
            if found:
                return _plain(found)
    return None


def _paragraph(text: str) -> str | None:
    """The first paragraph that is a sentence, or the first item of a list."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.strip().split("\n") if line.strip()]
        if not lines or lines[0].lstrip().startswith(("#", "```", "|", "---", "<!--", "%%")):
            continue
        if _LEAD.match(lines[0]):
            return lines[0]
        return " ".join(lines)
    return None


def _plain(text: str) -> str:
    text = _LINK.sub(lambda m: m[2] if m[2] is not None else m[3], _LEAD.sub("", text))
    text = " ".join(text.replace("**", "").replace("==", "").replace("`", "").split())
    found = _SENTENCE.match(text)
    return (found[0] if found else text).strip()
