"""Lines of a note as bytes: one replaced, some inserted, an edit put back, and where a line stands after others changed. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.base.mojibake import damaged_again, repair
from vaultindex.base.text import decode

_BOM = b"\xef\xbb\xbf"
_ENDS = re.compile(rb"\r\n|\r|\n")


class Span(NamedTuple):
    """What one edit did to a note's bytes: `before` stood at line `line` and `after` stands there now.

    Both are whole lines without the last line's end; where lines were taken away, the neighbours are part of both, so that
    the place can be found again.
    """

    line: int  # 1-based
    before: bytes
    after: bytes


class Lines:
    """A note's bytes as lines, in the same count as it is read: LF, CRLF or CR end one, nothing else does."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.first = len(_BOM) if data.startswith(_BOM) else 0
        self.spans: list[tuple[int, int]] = []  # where each line's bytes begin and end, its line end left out
        self.ends: list[bytes] = []
        at = self.first
        for end in _ENDS.finditer(data):
            self.spans.append((at, end.start()))
            self.ends.append(end[0])
            at = end.end()
        self.spans.append((at, len(data)))
        self.ends.append(b"")

    def read(self) -> list[str]:
        """The lines as they are read: decoded, damage repaired. Raises VaultError for a note that is not UTF-8."""
        text, what = decode(self.data)
        if what is not None and "NUL" not in what:
            raise VaultError(what)
        text, _ = repair(text)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.split("\n")

    def end_at(self, index: int) -> bytes:
        """The line end to use around this line: its own, else the one before it, else LF."""
        return self.ends[index] or (self.ends[index - 1] if index else b"") or b"\n"


def replaced(data: bytes, old_line: str, new_lines: list[str], line: int, *, mend: bool = False) -> tuple[bytes, Span]:
    """(the note's bytes with one line replaced, what was done).

    `old_line` is the line as the caller read it. It is edited at `line` when it is there, else where it is if there is
    one such line only. [] deletes the line. Every other byte stays; characters of the line that stay keep their bytes,
    damaged ones too (unless `mend`). Raises ChangedError when the line is not there or could be several.
    """
    for text in new_lines:
        if "\n" in text or "\r" in text:
            raise VaultError("a task is one line: it cannot hold a line break")
    lines = Lines(data)
    index = _find(lines.read(), old_line, line)
    start, end = lines.spans[index]
    raw = data[start:end]
    try:
        raw_text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VaultError(f"line {index + 1} is not UTF-8") from error
    if "\0" in raw_text:
        raise VaultError(f"line {index + 1} holds a NUL character: remove it first")
    written = [text if mend else damaged_again(raw_text, old_line, text) for text in new_lines]
    new = lines.end_at(index).join(text.encode("utf-8") for text in written)
    if not new_lines:
        return _without(lines, index)
    return data[:start] + new + data[end:], Span(index + 1, raw, new)


def _find(texts: list[str], old: str, line: int) -> int:
    """The index of the line that the caller saw."""
    if 1 <= line <= len(texts) and texts[line - 1] == old:
        return line - 1
    found = [i for i, text in enumerate(texts) if text == old]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(str(i + 1) for i in found[:8])
        raise ChangedError(f"line {line} changed on disk, and the line now stands {len(found)} times (lines {shown})")
    raise ChangedError(f"line {line} changed on disk since it was read")


def _without(lines: Lines, index: int) -> tuple[bytes, Span]:
    """The bytes without a line; a note that ended without a line end still does."""
    data, last = lines.data, len(lines.spans) - 1
    start, end = lines.spans[index]
    if index < last:
        cut = (start, lines.spans[index + 1][0])
    else:
        cut = (lines.spans[index - 1][1] if index else start, end)
    above, below = max(index - 1, 0), min(index + 1, last)
    first, stop = lines.spans[above][0], lines.spans[below][1]
    return (
        data[: cut[0]] + data[cut[1] :],
        Span(above + 1, data[first:stop], data[first : cut[0]] + data[cut[1] : stop]),
    )


def inserted(data: bytes, line: int, texts: list[str]) -> tuple[bytes, Span]:
    """(the note's bytes with lines put behind line `line`, what was done); 0 = in front of the first."""
    lines = Lines(data)
    if not data[lines.first :]:
        new = b"\n".join(t.encode("utf-8") for t in texts) + b"\n"
        return data + new, Span(1, b"", new)
    index = max(min(line, len(lines.spans)) - 1, 0)
    start, end = lines.spans[index]
    here = data[start:end]
    eol = lines.end_at(index)
    some = [t.encode("utf-8") for t in texts]
    new = eol.join([*some, here] if line < 1 else [here, *some])
    return data[:start] + new + data[end:], Span(index + 1, here, new)


class Place(NamedTuple):
    """What tells the place of an edit from others with the same words, in the note as the edit left it."""

    above: list[str]  # up to three lines, nearest last; bytes as Latin-1
    below: list[str]  # nearest first
    nth: int  # which of the equal places it is, from 0
    of: int  # how many there are


_NEAR = 3  # lines


def place_of(data: bytes, span: Span) -> Place:
    """The place of an edit that has just been made to these bytes."""
    lines = Lines(data)
    at = span.line - 1
    equal = _fitting(lines, span.after)
    return Place(*_around(lines, at, span.after), equal.index(at) if at in equal else 0, len(equal))


def _fitting(lines: Lines, text: bytes) -> list[int]:
    """The indexes of the lines where these whole lines stand."""
    data, found = lines.data, []
    for index, (start, _) in enumerate(lines.spans):
        end = start + len(text)
        whole = end == len(data) or data[end : end + 1] in (b"\r", b"\n") or text.endswith(b"\n")
        if whole and data.startswith(text, start):
            found.append(index)
    return found


def _around(lines: Lines, at: int, text: bytes) -> tuple[list[str], list[str]]:
    """The lines above and below what stands at a line."""
    end = at + len(_ENDS.findall(text)) + (not text.endswith((b"\n", b"\r")))

    def some(first: int, stop: int) -> list[str]:
        return [lines.data[s:e].decode("latin-1") for s, e in lines.spans[max(first, 0) : max(stop, 0)]]

    return some(at - _NEAR, at), some(end, end + _NEAR)


def find_place(data: bytes, text: bytes, line: int, place: Place | None) -> int:
    """The index of the line where `text` stands that was at `line` when `place` was put down.

    Never an equal line that was there besides it: as many of them must be there as there were, and the neighbours or the
    line number say that this is the one; or all six neighbours are as they were. Raises ChangedError.
    """
    lines = Lines(data)
    equal = _fitting(lines, text)
    if not equal:
        raise ChangedError(f"line {line} changed since")
    if place is None:  # put down by an older version
        if line - 1 in equal or len(equal) == 1:
            return line - 1 if line - 1 in equal else equal[0]
        raise ChangedError(f"line {line} stands in the note several times now")
    words = text.decode("latin-1")
    nearest = (next((t for t in side if t.strip()), None) for side in (place.above[::-1], place.below))
    twins_near = words in nearest

    def agree(one: list[str], other: list[str]) -> bool:
        """Whether the nearest line that says something is the same; blank lines and equal ones say nothing."""
        first, second = (next((t for t in side if t.strip() and t != words), None) for side in (one, other))
        return first is not None and first == second

    def is_ours(at: int) -> bool:
        above, below = _around(lines, at, text)
        if (above, below) == (place.above, place.below):
            return len(equal) == place.of or not twins_near
        if len(equal) != place.of or (place.of > 1 and twins_near):
            return False
        sides = agree(above[::-1], place.above[::-1]) + agree(below, place.below)
        return sides + (at == line - 1) > (place.of > 1)

    some = equal[place.nth : place.nth + 1] if len(equal) == place.of else equal
    found = [at for at in some if is_ours(at)]
    if len(found) == 1:
        return found[0]
    why = "changed since" if len(equal) < place.of else "is not where it was: an equal line may be another one"
    raise ChangedError(f"line {line} {why}")


def put_back(data: bytes, span: Span, place: Place | None = None) -> bytes:
    """The note's bytes with `span.after` replaced by `span.before`, where the edit was made (see `find_place`).

    Raises ChangedError when those lines are not there any more, or cannot be told from others.
    """
    lines = Lines(data)
    if not span.after:
        if data[lines.first :].strip(b"\r\n"):
            raise ChangedError("the note is not empty any more")
        return data[: lines.first] + span.before + data[lines.first :]
    start = lines.spans[find_place(data, span.after, span.line, place)][0]
    return data[:start] + span.before + data[start + len(span.after) :]
