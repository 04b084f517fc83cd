"""Only for speed: frontmatter of plain `key: value` lines and short lists. Stands for the YAML parser in `properties.py`.

It says what YAML says, or None at the first thing of which it is not sure; tests/notes/test_properties.py holds the two
equal. A note is read in 190 us in place of 290 (median of 1,500 generated notes), and YAML is not imported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vaultindex.base.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    pass

MOST_CHARACTERS = 65_536  # of YAML in one note
NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
FLOAT = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
# The strict reader's words. Characters that end lines for YAML, or that it refuses, are not for it.
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# (Of lines without spaces at their end.)
_LINE = re.compile(r"([^\W\d][\w -]{0,100}+):(?: +(\S.*))?\Z")
_ENTRY = re.compile(r"( *)- +(\S.*)\Z")
_PLAIN = re.compile(r"(?:[\w./+(]|-(?=[\w.(]))[^#:]*(?:(?:(?<! )#|:(?! |\Z))[^#:]*)*\Z")
_QUOTED = re.compile(r""""([^"\\]*)"\Z|'([^']*)'\Z""")
_FLOW = re.compile(r"\[(.*)\]\Z")
_FLOW_ENTRY = lazy_pattern(r""" *(?:"([^"\\]*)"|'([^']*)'|([\w/+][^,:#\[\]{}"']*?)) *(?:,|\Z)""")
_SPECIAL = frozenset("~nNtTfF0123456789.+-")  # how a plain scalar begins that may be more than text


def read_simple(lines: list[str], text: str) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Values and lines of frontmatter that holds nothing but plain lines and lists; None when unsure."""
    if len(text) > MOST_CHARACTERS or _ODD.search(text) is not None:
        return None
    values: dict[str, Any] = {}
    places: dict[str, int] = {}
    entries: list[Any] | None = None  # the list that `- x` lines go to, once there is one
    key = ""  # the key whose value may still be such a list
    indent = ""
    for number, line in enumerate(lines, 2):
        kind, name, value = _simple_line(line) if len(line) < 200 else _simple_line.__wrapped__(line)
        if kind == "entry":
            if not key:
                return None
            if entries is None:
                values[key] = entries = []
                indent = name
            elif name != indent:
                return None
            entries.append(value)
        elif kind == "unsure":
            return None
        elif kind != "blank":
            if name in values:
                return None
            places[name] = number
            values[name] = list(value) if kind == "list" else value
            entries = None
            key = name if kind == "open" else ""
    return values, places


@lru_cache(maxsize=1_024)  # notes of one kind say the same of themselves, and name the same people
def _simple_line(line: str) -> tuple[str, str, Any]:
    """What one line of frontmatter is, and its key and value: `value`, `list` (in a tuple), `open` (a key whose value
    may follow), `entry` (of a list; its indentation is the key), `blank`, or `unsure`."""
    line = line.rstrip(" ")
    found = _LINE.match(line)
    if found is not None:
        key, value = found.groups()
        key = key.rstrip(" ")
        if key[0] in _SPECIAL and not isinstance(_plain(key), str):
            return "unsure", "", None
        if value is None:
            return "open", key, None
        scalar = _scalar(value)
        if scalar is not None:
            return "value", key, scalar[0]
        flow = _FLOW.match(value)
        entries = _flow_entries(flow[1]) if flow is not None else None
        return ("unsure", "", None) if entries is None else ("list", key, tuple(entries))
    found = _ENTRY.match(line)
    if found is None:
        return "unsure" if line else "blank", "", None
    scalar = _scalar(found[2])
    return ("unsure", "", None) if scalar is None else ("entry", found[1], scalar[0])


def _scalar(text: str) -> tuple[Any] | None:
    """The value of one scalar, in a tuple; None when unsure what it is."""
    if text[0] in "\"'":
        quoted = _QUOTED.match(text)
        return (quoted[quoted.lastindex or 1],) if quoted is not None else None
    if _PLAIN.match(text) is None:
        return None
    return (_plain(text),) if text[0] in _SPECIAL else (text,)


def _plain(text: str) -> Any:
    """What a plain scalar means in YAML's core schema."""
    if NULL.match(text):
        return None
    if BOOL.match(text):
        return text[0] in "tT"
    return number_of(text)


def _flow_entries(inner: str) -> list[Any] | None:
    """The entries of a flow list of simple scalars; None when unsure."""
    if not inner.strip(" "):
        return []
    entries: list[Any] = []
    at = 0
    while at < len(inner):
        found = _FLOW_ENTRY.match(inner, at)
        if found is None:
            return None
        double, single, plain = found.groups()
        entries.append(double if double is not None else single if single is not None else _plain(plain))
        at = found.end()
    return entries if not inner.endswith(",") else None


def number_of(text: str) -> int | float | str:
    """A number of the core schema; the text itself when it is none, or none that is finite and fits 64 bits."""
    if INT.match(text) and len(text) < 300:
        value = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        return value if -(2**63) <= value < 2**63 else float(value)
    if FLOAT.match(text) and text[-1].lower() not in "fn":
        real = float(text)
        return real if real - real == 0 else text
    return text
