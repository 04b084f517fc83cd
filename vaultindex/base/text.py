"""Bytes to text, and text to a terminal: encodings, folded names, and nothing that a terminal would obey."""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata

from vaultindex.base.lazy_pattern import lazy_pattern

# White space as JavaScript has it (`\s`, `trim()`): what Obsidian and its plugins trim. Python's own differs at FS..US,
# NEL and the BOM.
JS_SPACE = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"


def is_text(text: str) -> bool:
    """Whether the text can be written in UTF-8; a name with other bytes (as Python hands it over) cannot."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def is_line(text: str) -> bool:
    """Whether the text can stand in one line of a file: UTF-8 without control characters."""
    return is_text(text) and not any(c < " " or "\x7f" <= c <= "\x9f" or c in "\u2028\u2029" for c in text)


# --- bytes -> str ---------------------------------------------------------------------------------------------------


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of a note and, when it was not plain UTF-8, one sentence that says so.

    A BOM is dropped, UTF-16 is read by its BOM (or by its NULs), bytes that are not UTF-8 are read as Windows-1252
    and NUL becomes U+FFFD, so that every text can be stored and compared. Never raises.
    """
    what = None
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _nul(data.decode("utf-16", "replace")), "is UTF-16: save it as UTF-8"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "vaultindex.cp1252")
        line = data.count(b"\n", 0, error.start) + 1
        what = f"has bytes that are not UTF-8 (first on line {line}), read as Windows-1252: save it as UTF-8"
    if b"\0" in data:
        guess = _utf16_without_bom(data)
        if guess is not None:
            return guess, "is UTF-16 without a BOM: save it as UTF-8"
        return _nul(text), what or "has NUL characters: remove them"
    return text, what


def _nul(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _utf16_without_bom(data: bytes) -> str | None:
    """Mostly-ASCII text in UTF-16 has a NUL in every other byte: then, and only then, read it so."""
    half = len(data) // 2
    if half < 4 or len(data) % 2:
        return None
    for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        if zeros.count(0) * 10 > half * 8:
            return _nul(data.decode(encoding, "replace"))
    return None


def cp1252_char(byte: int) -> str:
    """The character of a Windows-1252 byte, U+FFFD for the five that have none."""
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return "\ufffd"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(cp1252_char(b) for b in error.object[error.start : error.end]), error.end


codecs.register_error("vaultindex.cp1252", _as_cp1252)

# --- names ----------------------------------------------------------------------------------------------------------


def nfc(text: str) -> str:
    """The text in Unicode's composed form, so that a name typed on any system equals itself."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@functools.lru_cache(maxsize=1_024)  # the same few names stand in thousands of notes
def fold(name: str) -> str:
    """The form in which names are compared: case, accents, the kind of quotes and repeated spaces are ignored."""
    if not name.isascii():
        name = name.replace("\u2019", "'").replace("\u2018", "'").replace("\u2010", "-").replace("\u2011", "-")
        name = _COMMON_MARKS.sub("", unicodedata.normalize("NFKD", name))
        if not name.isascii():
            name = "".join([c for c in name if not unicodedata.combining(c)]).translate(_LETTERS)
    return " ".join(name.casefold().split())


def beyond_ascii(column: str) -> str:
    """SQL: whether a text has characters that are no printable ASCII; without them only `fold`'s spaces and case matter."""
    return f"{column} GLOB '*[^ -~]*'"


# Accents, as Unicode takes letters apart (U+034F is none).
_COMMON_MARKS = lazy_pattern("[\u0300-\u034e\u0350-\u036f]+")

# Thai, Lao, Burmese, Khmer; kana, Chinese, Hangul: words without spaces between them, or with endings that join them.
_NO_SPACES = lazy_pattern(
    "([\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3131-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)


def apart(text: str) -> str:
    """The text with a space around every character of a script that writes no spaces, so that a search finds parts of it."""
    if text.isascii() or not may_need_spaces(text.encode("utf-8", "replace")) or _NO_SPACES.search(text) is None:
        return text
    return _NO_SPACES.sub(r" \1 ", unicodedata.normalize("NFC", text))


# The bytes of UTF-8 that begin no such character. (Those of 4 bytes begin with F0 as emoji do, then with A0 and more.)
_ORDINARY = bytes(byte for byte in range(256) if byte not in (0xE0, 0xE1, *range(0xE3, 0xF0), *range(0xF1, 0x100)))
_BEYOND = lazy_pattern(rb"\xf0[\xa0-\xbf]")


def may_need_spaces(data: bytes) -> bool:
    """False when `apart` leaves a text as it is, which these bytes are in UTF-8: quickly, for so are most texts."""
    return bool(data.translate(None, _ORDINARY)) or _BEYOND.search(data) is not None


@functools.lru_cache(maxsize=512)  # as few different lists of tags and people
def json_list(values: tuple[str, ...]) -> str:
    """The texts as a JSON list, as the index keeps lists."""
    if not values:
        return "[]"
    from json.encoder import encode_basestring

    return f"[{', '.join(map(encode_basestring, values))}]"


# Letters that Unicode does not take apart but that people type plainly.
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)

# --- terminals ------------------------------------------------------------------------------------------------------

# C0 but LF and TAB, DEL, C1, bidirectional controls, line separators, BOM: reliability.md section 2.6.
_UNSAFE = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"


def safe(text: str) -> str:
    """The text with every character that a terminal would obey written visibly (`\\x1b`, `\\u202e`)."""
    if text.isprintable():  # so is nothing that a terminal obeys
        return text
    return re.sub(_UNSAFE, _visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str) -> str:
    """`safe()` for one cell of a table: line breaks and tabs become a space too."""
    return safe(" ".join(text.split("\n")).replace("\t", " ")) if "\n" in text or "\t" in text else safe(text)


def minutes_of_day(text: str) -> int | None:
    """'08:30' as minutes after midnight; None when it is no time of the day."""
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        return None
    return int(hours) * 60 + int(minutes)


def did_you_mean(word: str, words: list[str], otherwise: str = "", most: int = 1) -> str:
    """' Did you mean Contoso?', to stand behind a sentence; `otherwise` when no name is like the word."""
    close = nearest(word, words, most)
    return f" Did you mean {' or '.join(close)}?" if close else otherwise


def nearest(word: str, words: list[str], most: int = 3) -> list[str]:
    """The names most like `word`, best first, of equals the shortest: for 'did you mean'. Each word of it may be mistyped."""
    import difflib

    folded: dict[str, list[str]] = {}  # a name, or one word of names -> the names
    for name in words:
        key = fold(name)
        for part in {key, *key.split()}:
            folded.setdefault(part, []).append(name)
    points: dict[str, float] = {}
    key = fold(word)
    for wanted in dict.fromkeys((key, *key.split())):
        same = "".join(sorted(wanted))  # 'Dnaa' for 'Dana': the same letters in another order
        close = {part: 0.9 for part in folded if len(wanted) > 2 and "".join(sorted(part)) == same}
        for part in difflib.get_close_matches(wanted, list(folded), n=12, cutoff=0.6):
            close[part] = max(close.get(part, 0), difflib.SequenceMatcher(None, wanted, part).ratio())
        close.update({part: 0.8 for part in folded if len(wanted) > 2 and wanted in part and part not in close})
        best: dict[str, float] = {}
        for part, ratio in close.items():
            for name in folded[part]:
                best[name] = max(best.get(name, 0), ratio)
        for name, ratio in best.items():
            points[name] = points.get(name, 0) + ratio
    return sorted(points, key=lambda name: (-points[name], len(name), name))[:most]
