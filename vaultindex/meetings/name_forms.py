"""The forms in which one person's name is written: `Leigh, Dana`, `dana.leigh@contoso.com`, `D. Leigh`, `Dana L.`, `Dana`.

`spelled` undoes what is only another way to write the same words. What leaves words out (`is_short`) may be one of
several people: `fits` says whom it can mean, and the vault decides whether that is one person (index/same_person.py).
All names here are folded (`base.text.fold`).
"""

from __future__ import annotations

from functools import lru_cache

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold

_MAIL = lazy_pattern(r"(?:mailto:)?([^\s@<>,;:\"]+)@((?:[\w-]+\.)+[\w-]+)")
_TITLE = lazy_pattern(r"(?:mr|mrs|ms|dr|prof|herr|frau|mme|sra)\.? +(?=\S+ +\S)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that no person is called by: of an address, of a team.
_NO_PERSON = _words("""no not reply noreply donotreply info sales support team office admin hello contact help service
    services billing accounts invoices hr it jobs careers press media marketing mail post webmaster customer success room
    rooms meeting meetings board all staff everyone group list news newsletter notifications alerts bot calendar""")
PARTICLES = _words("van von der den de del da di du la le of bin ibn al el dos das zu ter ten af av y e i van't")


@lru_cache(maxsize=4_096)
def spelled(name: str) -> str:
    """The folded name with the words in the order in which a person is called: of `Leigh, Dana`, `Dr. Dana Leigh` and
    `dana.leigh@contoso.com` this is `dana leigh`. A name that says less, or is no name, is only folded."""
    key = fold(name)
    if "@" in key:
        mail = _MAIL.fullmatch(key)
        if mail is None:
            return key
        words = _local(mail[1]).replace("_", ".").split(".")
        return " ".join(words) if 1 < len(words) < 4 and all(map(_is_whole, words)) else key
    if "," in key:
        last, _, first = (part.strip() for part in key.partition(","))
        *before, _ = last.split() or [""]
        whole = len(before) < 3 and PARTICLES.issuperset(before) and len(first.split()) in (1, 2) and last
        return f"{first} {last}" if whole and all(map(_is_word, f"{first} {last}".split())) else key
    return _TITLE.sub("", key, 1) if "." in key or key[:2] in ("mr", "ms", "dr", "pr", "he", "fr", "mm", "sr") else key


def name_of_mail(mail: str) -> str:
    """The name that an address spells out, `Dana Leigh` of `dana.leigh@contoso.com`; '' when it says less."""
    key = fold(mail)
    name = spelled(mail)
    return (
        " ".join("-".join(part.capitalize() for part in word.split("-")) for word in name.split())
        if name != key
        else ""
    )


def _local(text: str) -> str:
    """What stands in front of the @, without `+tag`."""
    return text.partition("+")[0]


def _is_word(word: str) -> bool:
    return word.replace("-", "").replace("'", "").replace(".", "").isalpha()


def _is_whole(word: str) -> bool:
    """Whether a word of an address is a first or last name, written out."""
    return len(word) > 1 and word.replace("-", "").isalpha() and word not in _NO_PERSON


@lru_cache(maxsize=4_096)
def is_short(key: str) -> bool:
    """Whether a folded name leaves out part of a person's name: `dana`, `d. leigh`, `dana l.`, an address of these."""
    if "@" in key:
        mail = _MAIL.fullmatch(key)
        return mail is not None and all(
            part.isalpha() and part not in _NO_PERSON for part in _local(mail[1]).replace("_", ".").split(".")
        )
    words = key.replace(".", " ").split()
    if len(words) == 1:
        return len(words[0]) > 1 and _is_word(words[0])
    if not words:
        return False
    initial, letters = len(words[0]) == 1, len(words[-1]) == 1
    return initial != letters and len(words) < 5 and all(map(_is_word, words)) and (initial or len(words) == 2)


class Forms:
    """Every way in which a person with this full, folded name is written short."""

    def __init__(self, full: str) -> None:
        words = full.replace(".", " ").split()
        self.exact: frozenset[str] = frozenset()
        self.mails: frozenset[str] = frozenset()  # what stands in front of the @
        if len(words) < 2 or "@" in full or not all(map(_is_word, words)) or not _NO_PERSON.isdisjoint(words):
            return
        if min(len(words[0]), len(words[-1])) < 2:
            return
        first, last = words[0], words[-1]
        f, l_ = first[0], last[0]
        exact = {first, f"{first} {l_}", f"{first} {l_}."}
        for behind in {last, " ".join(words[1:])}:
            exact |= {f"{f} {behind}", f"{f}. {behind}", f"{f}.{behind}"}
        self.exact = frozenset(exact)
        flat_first, flat_last = first.replace("-", "").replace("'", ""), last.replace("-", "").replace("'", "")
        self.mails = frozenset(
            {first, flat_first, f"{f}{flat_last}", f"{f}.{last}", f"{f}_{last}", f"{flat_first}{l_}", f"{first}.{l_}",
             f"{first}_{l_}", f"{flat_first}{flat_last}", f"{flat_last}{f}"}
        )  # fmt: skip


@lru_cache(maxsize=8_192)
def forms(full: str) -> Forms:
    """Every way in which a person with this full, folded name is written short; none for a name of one word."""
    return Forms(full)


def fits(short: str, full: str) -> bool:
    """Whether a short form can mean the person of this full name (both folded)."""
    if short[:1] != full[:1] and "@" not in short:
        return False
    if "@" in short:
        mail = _MAIL.fullmatch(short)
        return mail is not None and _local(mail[1]) in forms(full).mails
    return short in forms(full).exact
