"""Rows as JSON and JSON lines, with nothing in them that a terminal would obey."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import safe


def as_json(rows: Iterable[dict[str, Any]], fields: Sequence[str] | None, lines: bool) -> Iterable[str]:
    """The lines of a JSON array of objects, or JSON lines (one object each). `fields` limits and orders the keys."""
    import json

    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    if fields is not None:
        rows = ({f: row.get(f) for f in fields} for row in rows)
    if lines:
        for row in rows:
            yield _json_safe(encode(row))
        return
    # Many rows in one call: the encoder's own start costs as much as a row.
    some, lead = iter(rows), "["
    while batch := list(itertools.islice(some, 100)):
        yield lead + _json_safe(encode(batch)[1:-1])
        lead = ","
    yield "[]" if lead == "[" else "]"


def json_pieces(texts: Iterable[bytes], lines: bool) -> Iterator[bytes]:
    """What `as_json` gives for these objects, each of which is JSON already, in pieces of UTF-8."""
    some, lead = iter(texts), b"["
    while batch := list(itertools.islice(some, 100)):
        if lines:
            yield _bytes_safe(b"\n".join(batch)) + b"\n"
        else:
            yield lead + _bytes_safe(b", ".join(batch)) + b"\n"
            lead = b","
    if not lines:
        yield b"[]\n" if lead == b"[" else b"]\n"


def json_list(texts: Iterable[bytes]) -> Iterator[bytes]:
    """A JSON list of these objects, each of which is JSON already, on one line in pieces of UTF-8."""
    some, lead = iter(texts), b"["
    while batch := list(itertools.islice(some, 100)):
        yield lead + _bytes_safe(b", ".join(batch))
        lead = b", "
    yield b"[]" if lead == b"[" else b"]"


def dumps(value: Any) -> str:
    """One JSON document on one line, with every character that a terminal obeys escaped."""
    import json

    return _json_safe(json.dumps(value, ensure_ascii=False))


def _json_safe(text: str) -> str:
    # JSON escapes C0; the rest that a terminal obeys (C1, bidi) is escaped the JSON way too.
    if text.isascii():
        return text
    shown = safe(text)
    if shown == text:
        return text
    return "".join(c if safe(c) == c else f"\\u{ord(c):04x}" for c in text)


# The same characters in UTF-8 (text.safe; JSON has escaped C0), by their first byte: it is found in no time.
_UNSAFE = {
    b"\x7f": lazy_pattern(rb"\x7f"),
    b"\xc2": lazy_pattern(rb"\xc2[\x80-\x9f]"),
    b"\xd8": lazy_pattern(rb"\xd8\x9c"),
    b"\xe2": lazy_pattern(rb"\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xa9])"),
    b"\xef": lazy_pattern(rb"\xef\xbb\xbf"),
}


def _bytes_safe(text: bytes) -> bytes:
    for first, pattern in _UNSAFE.items():
        if first in text:
            text = pattern.sub(lambda found: b"\\u%04x" % ord(found.group().decode()), text)
    return text
