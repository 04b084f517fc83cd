"""Ids that a person can type: from a note's path and a normalised text, so that they hold still when lines move."""

from __future__ import annotations

import re

from vaultindex.base.text import fold

try:
    from _blake2 import blake2b as blake2b  # hashlib brings all of OpenSSL with it
except ImportError:
    from hashlib import blake2b as blake2b

# Read aloud and typed: no vowels (no words), nothing that looks like something else; the first is a letter, since a
# bare number means a row of the last list.
_LETTERS = b"bcdfghjkmnpqrstvwxyz"
_ALL = b"23456789bcdfghjkmnpqrstvwxz"
_FIRST = [chr(_LETTERS[i % len(_LETTERS)]) for i in range(256)]
_REST = bytes(_ALL[i % len(_ALL)] for i in range(256))
LENGTH = 10


def make_id(path: str, key: str, nth: int) -> str:
    """The id of the n-th thing with this normalised text in this note: 10 characters, any unambiguous prefix will do."""
    digest = blake2b(f"{path}\0{key}\0{nth}".encode("utf-8", "surrogatepass"), digest_size=LENGTH).digest()
    return _FIRST[digest[0]] + digest.translate(_REST).decode()[1:]


def note_sources(path: str, title: str, date: str | None, source_ref: str | None) -> list[str]:
    """Names under which a note's proposals are known: what it was made from, and its own title and date. Its folder is
    none, so that a moved note is the same."""
    found = [f"note:{fold(title)}|{date or ''}"]
    if source_ref and source_ref.strip():
        ref = fold(source_ref.strip().removeprefix("[[").removesuffix("]]").replace("\\", "/"))
        found.insert(0, f"source:{'/'.join(ref.split('/')[-2:])}")
    return found


def text_key(text: str) -> str:
    """The text of a proposal without case, accents and punctuation."""
    return " ".join(re.findall(r"\w+", fold(text)))
