"""Undo mojibake: text in UTF-8 that was once read as Mac Roman, Windows-1252 or Latin-1 and saved again.

Only sequences that are whole UTF-8 characters when turned back are touched, and only kinds that real text does not
contain by chance: three and four bytes anywhere (emoji, curly quotes, dashes); two bytes (accented letters) where the
whole line turns back, or behind the Mac Roman signs for 0xC2 and 0xC3, which never stand before an accented letter in
real text. The note on disk is never changed by this.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from vaultindex.base.text import cp1252_char


def _maps() -> tuple[dict[str, int], dict[str, int]]:
    mac = {bytes((b,)).decode("mac_roman"): b for b in range(0x80, 0x100)}
    win: dict[str, int] = {chr(b): b for b in range(0x80, 0x100)}  # Latin-1, C1 controls included
    for b in range(0x80, 0xA0):
        c = cp1252_char(b)
        if c != "\ufffd":
            win[c] = b
    return mac, win


def _class(table: dict[str, int], low: int, high: int) -> str:
    return "[" + "".join(re.escape(c) for c, b in table.items() if low <= b <= high) + "]"


def _pattern(table: dict[str, int], two: bool) -> re.Pattern[str]:
    tail = _class(table, 0x80, 0xBF)
    parts = [_class(table, 0xF0, 0xF4) + tail + "{3}", _class(table, 0xE1, 0xEF) + tail + "{2}"]
    if two:
        parts.append(_class(table, 0xC2, 0xC3) + tail)
    return re.compile("|".join(parts))


_MAC, _WIN = _maps()
_ASCII = bytes(range(0x80))
_BLANK = b" " * 0x80 + bytes(range(0x80, 0x100))


# What a damaged line must contain: a leading byte's character right before a continuation byte's.
_SUSPECT = re.compile("|".join(_class(t, 0xC2, 0xF4) + _class(t, 0x80, 0xBF) for t in (_MAC, _WIN)))


@cache
def _codecs() -> tuple[tuple[dict[str, int], re.Pattern[str]], ...]:
    return (_MAC, _pattern(_MAC, True)), (_WIN, _pattern(_WIN, False))


def repair_line(line: str) -> str:
    """The line with its mojibake turned back into what was meant; the same object when there is none."""
    if line.isascii() or not _SUSPECT.search(line):
        return line
    for table, pattern in _codecs():
        whole = _reverse(line, table)
        if whole is not None:
            return whole
        fixed = pattern.sub(lambda m, t=table: _reverse(m.group(), t) or m.group(), line)  # type: ignore[misc]
        if fixed != line:
            return fixed
    return line


def _reverse(text: str, table: dict[str, int]) -> str | None:
    try:
        data = bytes(b if (b := ord(c)) < 0x80 else table[c] for c in text)
        meant = data.decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
    # Nobody typed a control or a private character: then this was not the way the line was damaged.
    if any("\x7f" <= c < "\xa0" or unicodedata.category(c) in ("Co", "Cn") for c in meant):
        return None
    # One lone pair that gives a letter of another alphabet is chance; Latin letters, or several of a kind, are not.
    odd = [c for c in meant if "\u0180" <= c < "\u0800"]
    if odd and (table is _MAC or len(odd) < 2):
        return None
    return meant


def repair(text: str, data: bytes | None = None) -> tuple[str, list[int]]:
    """The text with damaged lines repaired, and the 1-based numbers of those lines.

    `data` is the text in UTF-8, where it is at hand.
    """
    if text.isascii():
        return text, []
    # Only the characters that are not ASCII need to be searched; an ordinary note has few. Joined without the ASCII between
    # them, unrelated characters can look damaged, so a hit is checked again with the gaps.
    if data is None:
        data = text.encode("utf-8", "replace")
    rest = data.translate(None, _ASCII)
    if not _SUSPECT.search(rest.decode("utf-8")):
        return text, []
    if not _SUSPECT.search(b" ".join(data.translate(_BLANK).split()).decode("utf-8")):
        return text, []
    lines = text.split("\n")
    changed = []
    for i, line in enumerate(lines):
        fixed = repair_line(line)
        if fixed is not line and fixed != line:
            lines[i] = fixed
            changed.append(i + 1)
    return ("\n".join(lines), changed) if changed else (text, [])


def damaged_again(raw: str, read: str, wanted: str) -> str:
    """The characters to write so that the damaged line `raw` (which we read as `read`) is read as `wanted`.

    Characters that stay keep their damage, and new ones are damaged in the same way where the line would be read wrongly
    otherwise: a line with both kinds need not turn back. Always read as `wanted`; the plain line when nothing else is.
    """
    if raw == read:
        return wanted
    for table in (_MAC, _WIN):
        pieces = _pieces(raw, read, table)
        if pieces is None:
            continue
        back = {byte: char for char, byte in table.items()}  # of two characters the one of Windows-1252
        for fresh in (back, {}):
            made = _like(read, pieces, wanted, fresh)
            if repair_line(made) == wanted:
                return made
    return wanted


def _pieces(raw: str, read: str, table: dict[str, int]) -> list[str] | None:
    """What stands in the raw line for each character that is read; None when it was not damaged in this way."""
    found, at = [], 0
    for char in read:
        data = char.encode("utf-8", "surrogatepass")
        piece = raw[at : at + len(data)]
        if len(data) == 1 or bytes(table.get(c, 0) for c in piece) != data:
            piece = char
            if raw[at : at + 1] != char:
                return None
        found.append(piece)
        at += len(piece)
    return found if at == len(raw) else None


def _like(read: str, pieces: list[str], wanted: str, back: dict[int, str]) -> str:
    """The wanted text: what stays of `read` by its pieces, the rest damaged by the table (as it is when that is empty)."""
    import difflib

    out: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, read, wanted, autojunk=False).get_opcodes():
        if kind == "equal":
            out += pieces[a:b]
        elif back:
            out += [back.get(byte, chr(byte)) for byte in wanted[c:d].encode("utf-8", "surrogatepass")]
        else:
            out.append(wanted[c:d])
    return "".join(out)
