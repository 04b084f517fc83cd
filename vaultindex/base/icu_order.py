"""Sort keys for text in the order that the Tasks plugin shows: ICU's root collation, with numbers compared by value.

`sort_key(text)` is bytes whose plain order is that order, so a stored key lets SQLite sort. Three levels decide, one
after the other: letters (spaces, punctuation, symbols and digits before them), accents, case (lower first). Texts that
agree in all three have equal keys: 'item 1' and 'item 01'. The table is read when the first text needs it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = re.compile(r"\d+")
_ASCII_DIGITS = re.compile(rb"([0-9]+)")
# Each weight of the first level is one character here, so that str.translate makes the level in one pass: below U+D800
# for what the table lists, beyond U+FFFF for ideographs and unknown characters (UTF-16 puts those last).


class _Table:
    """The elements of all characters, looked up one at a time: `first`, `second`, `third` map code point -> weights."""

    def __init__(self) -> None:
        data = _load("collation.dat")
        runs = data["runs"]
        self._runs = sorted(zip(runs[::3], runs[1::3], runs[2::3]))
        self._starts = [run[0] for run in self._runs]
        self._pages: dict[str, str] = data["pages"]
        self.number = chr(data["numeric"])
        self.second: dict[int, str] = {}
        self.third: dict[int, str] = {}
        self.first = _First(self)
        # Two characters that are ordered as one (a Thai vowel with its consonant): each pair gets a private character.
        pairs = dict(line.rsplit(" ", 1) for line in data["contractions"])
        self._private = {pair: chr(0x100000 + i) for i, pair in enumerate(sorted(pairs, key=len, reverse=True))}
        self._entries = {ord(char): pairs[pair] for pair, char in self._private.items()}
        self._seconds = re.compile("[" + "".join({pair[1] for pair in pairs}) + "]")
        self._pairs: re.Pattern[str] | None = None

    def contracted(self, text: str) -> str:
        if not self._seconds.search(text):
            return text
        if self._pairs is None:
            self._pairs = re.compile("|".join(self._private))
        return self._pairs.sub(lambda match: self._private[match[0]], text)

    def ascii(self) -> bytes:
        """What `_Ascii` is made of."""
        weights = [chr(code).translate(self.first) or "\0" for code in range(128)]
        high, low = bytes(ord(weight) >> 8 for weight in weights), bytes(ord(weight) & 255 for weight in weights)
        third = bytes(ord(self.third[code] or "\2") for code in range(128))
        ignored = bytes(code for code in range(128) if weights[code] == "\0")
        return self.number.encode("utf-16-be") + high + low + third + ignored

    def elements(self, code: int) -> Iterable[tuple[int, int, int]]:
        page = self._pages.pop(f"{code >> 8:x}", None)
        if page:
            for line in page.split("\n"):
                low, ces = line.split(" ")
                self._entries[code & ~255 | int(low, 16)] = ces
        if code in self._entries:
            for ce in self._entries[code].split(";") if self._entries[code] else ():
                p, *rest = (int(weight, 16) for weight in ce.split(","))
                s, t = rest or (1, 2)
                yield p if p >= 0 else _ideograph(-p), s, t
            return
        run = bisect_right(self._starts, code) - 1
        if run >= 0 and code < self._starts[run] + self._runs[run][2]:
            yield self._runs[run][1] + code - self._starts[run], 1, 2
        else:
            yield _ideograph(code), 1, 2


class _Ascii:
    """A shortcut for ASCII text: its keys are one bytes.translate away, and most texts never need the whole table."""

    def __init__(self, data: bytes) -> None:
        ones = bytes(range(128, 256))
        self._lead = data[:2].decode("utf-16-be")
        self._high, self._low, self._third = (data[at : at + 128] + ones for at in (2, 130, 258))
        self._ignored = data[386:]

    def key(self, text: bytes) -> bytes:
        """The key of a text in ASCII, where no character has an accent or more than one weight."""
        parts = _ASCII_DIGITS.split(text.translate(None, self._ignored))
        # A number is one element for the third level.
        third = b"" if text.islower() else b"0".join(parts[::2]).translate(self._third).rstrip(b"\2")
        if len(parts) == 1:
            return self._first(parts[0]) + b"\0\0\0" + third
        for i, part in enumerate(parts):
            parts[i] = _ascii_value(part, self._lead) if i % 2 else self._first(part)
        return b"".join(parts) + b"\0\0\0" + third

    def _first(self, text: bytes) -> bytes:
        first = bytearray(2 * len(text))
        first[::2], first[1::2] = text.translate(self._high), text.translate(self._low)
        return bytes(first)


class _First(dict[int, str]):
    """code point -> its weights of the first level; filling it fills the other two levels."""

    def __init__(self, table: _Table) -> None:
        self.table = table

    def __missing__(self, code: int) -> str:
        elements = list(self.table.elements(code))
        self.table.second[code] = "".join(chr(s) for _, s, _ in elements if s)
        self.table.third[code] = "".join(chr(t) for _, _, t in elements if t)
        weights = self[code] = "".join(chr(p) for p, _, _ in elements if p)
        return weights


def _ideograph(code: int) -> int:
    """The weight of a character that the table does not list: ideographs by radical, then everything unknown."""
    if 0x3400 <= code <= 0x9FFF or 0xFA0E <= code <= 0xFA29 or 0x20000 <= code <= 0x3FFFF:
        starts, blocks = _ideographs()
        at = bisect_right(starts, code) - 1
        start, count, rank = blocks[at]
        if code < start + count:
            return 0x10000 + rank + code - start
    return min(0x40000 + code, 0x10FFFF) if code < 0xD0000 else code


@lru_cache(maxsize=1)
def _ideographs() -> tuple[list[int], list[tuple[int, int, int]]]:
    """Blocks of consecutive ideographs: (first, how many, rank of the first)."""
    numbers = _load("ideographs.dat")
    blocks, code, rank = [], 1, 0
    for step, count in zip(numbers[::2], numbers[1::2]):
        code += step - 1
        blocks.append((code, count, rank))
        code, rank = code + count, rank + count
    blocks.sort()
    return [block[0] for block in blocks], blocks


def _load(name: str) -> Any:
    import json
    import zlib

    return json.loads(zlib.decompress(_read(name)))


def _read(name: str) -> bytes:
    from os.path import dirname, join

    with open(join(dirname(__file__), "icu_order_tables", name), "rb") as file:
        return file.read()


@lru_cache(maxsize=1)
def _ascii() -> _Ascii:
    return _Ascii(_read("collation-ascii.dat"))


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


def sort_key(text: str) -> bytes:
    """Bytes that order as the text does; equal bytes are ties. About twice as long as the text."""
    if text.isascii():
        return _ascii().key(text.encode())
    from unicodedata import normalize

    table = _table()
    text = table.contracted(normalize("NFD", text))
    if _DIGITS.search(text):
        weights = [part.translate(table.first) for part in _DIGITS.split(text)]
        for i, digits in enumerate(_DIGITS.findall(text)):
            weights[i] += _value(digits, table.number)
        first = "".join(weights)
        text = _DIGITS.sub("0", text)  # a number is one element for the other levels
        "0".translate(table.first)
    else:
        first = text.translate(table.first)
    # What is ordinary at the end says nothing: every other weight of its level is larger.
    second, third = text.translate(table.second).rstrip("\1"), text.translate(table.third).rstrip("\2")
    return first.encode("utf-16-be", "surrogatepass") + f"\0\0{second}\0{third}".encode("latin-1")


@lru_cache(maxsize=4096)
def _value(digits: str, lead: str) -> str:
    """Weights that order numbers by value: how many digits, then the digits, four to a weight."""
    plain = (digits if digits.isascii() else "".join(str(int(d)) for d in digits)).lstrip("0")
    count = min(len(plain), 0xC000)
    fours = (plain[i : i + 4].ljust(4, "0") for i in range(0, count, 4))
    return lead + chr(0x100 + count) + "".join(chr(0x100 + int(four)) for four in fours)


@lru_cache(maxsize=4096)
def _ascii_value(digits: bytes, lead: str) -> bytes:
    return _value(digits.decode(), lead).encode("utf-16-be")
