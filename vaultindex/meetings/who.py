"""Who: the names in a list of attendees, and the owner of an item in the ways that people write one.

A word is a person only when the note or the vault says so: an attendee of the note, a person's note; a full name where
the form leaves no other reading (`owner: Dana Leigh`, an owner's column). "Deadline:", "Pricing:", "Risk:" are nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.nobody import NOBODY
from vaultindex.base.text import fold
from vaultindex.meetings.name_forms import PARTICLES, name_of_mail
from vaultindex.meetings.words import LABELS, SECTIONS, nothing, word_set, words_of

WIKILINK = lazy_pattern(r"!?\[\[([^\[\]|]*?)(?:\|([^\[\]]*))?\]\]")
MARKDOWN_LINK = lazy_pattern(r"\[([^\[\]]*)\]\([^()]*\)")
_MAIL = lazy_pattern(r"[<(\[]?(?:mailto:)?[\w.+-]+@[\w-]+\.[\w.-]+[>)\]]?")
_BRACKET = lazy_pattern(r"\s*[(（\[{【<][^()（）\[\]{}【】<>]*[)）\]}】>]")
_COMMA = lazy_pattern(
    r"\s*[,;、，；\n•·]\s*|\s+(?:and|und|et|og|och|ja|en|oraz|и|ve)\s+|\s*&\s*|\s+\|\s+|\s+/\s+|\s+(?:y|e|i|a)\s+(?=[^\W\d_a-z])"
)
_ROLE_AFTER = lazy_pattern(
    r"\s+[-–—|:]\s*|\s*[:：–—|]\s+|\s*[-–—]{1,3}\s+|\s*：|\s+(?:from|of|at|von|de|aus)\s+(?=[A-Z])"
)
_ABSENT = lazy_pattern(
    r"\b(?:absent|apolog|regrets|excused|not present|unable|declined|ooo|entschuldigt|abwesend|excus|ausente|assente|afwezig)|欠席|缺席|불참|[❌✗✘🚫]",
    re.I,
)
_HONORIFIC = lazy_pattern(r"(?:さん|氏|様|君|先生|님|씨)$")
_TITLE = lazy_pattern(r"^(?:mr|mrs|ms|dr|prof|herr|frau|hr|fr|mme|sr|sra|dipl)\.?\s+(?=\w)", re.I)

# Words that are no part of a person's name: roles, things, and what minutes talk about.
_NO_NAME = word_set("""manager director lead leader engineer head officer president vp ceo cfo cto coo cio cmo founder owner partner analyst architect
    designer developer consultant coordinator specialist assistant associate product sales marketing engineering finance
    legal support data backend frontend design research operations infra infrastructure security platform team project
    program programme department dept group account customer client company meeting call review sync kick-off kickoff agenda notes
    deadline pricing price budget risk risks issue issues status update updates note next step steps action actions item items
    decision decisions question questions topic topics discussion summary goal goals timeline date time location owner due
    priority phase sprint release launch plan plans scope cost costs option options proposal background context problem solution
    result results outcome outcomes impact benefit reminder warning important info example todo fyi link links source
    scrum master qa hr it pm po ux ui dev ops gmbh inc ltd llc corp ag co plant region contract demo pilot test testing
    follow-up monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december week month quarter year today tomorrow high medium low none all everyone everybody
    anyone others various guest guests several some the a an this that these those our we i it he she they you
    yes no ok done open closed blocked pending new old first second third q1 q2 q3 q4 eod eow version v1 v2
    leitung leiter entwicklung vertrieb alle alles offen thema ziel frage termin preis kosten risiko tous toutes todos todas tutti
    equipe equipo client projet prix risque proyecto precio riesgo allen iedereen""")


@cache
def _other_words() -> frozenset[str]:
    """The names of sections and labels, which are nobody's."""
    return frozenset(words_of(SECTIONS)) | frozenset(words_of(LABELS))


def plain(text: str) -> str:
    """The text with links as a reader sees them, without emphasis."""
    if "[" in text:
        text = WIKILINK.sub(lambda m: linked_name(m[1], m[2]), text)
        text = MARKDOWN_LINK.sub(r"\1", text)
    return text.replace("**", "").replace("__", "").replace("`", "").replace("==", "").strip(" \t*_")


def linked_name(target: str, shown: str | None) -> str:
    """What a link names: the note, else (`[[#Heading|text]]`) the text."""
    name = target.split("#", 1)[0].strip().rsplit("/", 1)[-1]
    return (name[:-3] if name[-3:].lower() == ".md" else name) or (shown or "").strip()


@lru_cache(maxsize=4_096)
def is_name(text: str, most: int = 4) -> bool:
    """Whether a text has the shape of a person's name: few words, each with a capital, none that names a thing."""
    if not text or len(text) > 40 or any(c.isdigit() for c in text) or text[-1] in "?!":
        return False
    words = text.replace("\u00a0", " ").split()
    if not 1 <= len(words) <= most or fold(text) in NOBODY or fold(text) in _other_words():
        return False
    for word in words:
        letters = word.strip(".'’-,()")
        if not letters or not letters[0].isalpha() or any(c in '/\\@#:;"=<>|~^%$&*+' for c in letters):
            return False
        key = fold(letters)
        if key in _NO_NAME or (letters[0].islower() and key not in PARTICLES):
            return False
    return not (words[0][0].islower() or (len(words) == 1 and text.isascii() and text.isupper() and len(text) > 3))


def is_full_name(text: str) -> bool:
    """Whether a text has the shape of a first and a last name, or is a name in letters without case."""
    if not is_name(text):
        return False
    return len(text.split()) > 1 or (not text.isascii() and not any(c.isupper() for c in text) and 2 <= len(text) <= 8)


def attendees_in(text: str, whole_line: bool) -> list[tuple[str, bool]]:
    """(name, is a link) of the people that a line of a list of attendees names.

    `whole_line`: the line is the whole list (`Present: a, b`), so that each part is a name; else it is one entry, in
    which role, company and address may follow the name.
    """
    text = text.strip()
    if text[:2] == "[[" and (only := _only_links(text)) and (whole_line or not _ABSENT.search(text)):
        return only
    text = _NEXT_LABEL.split(text, maxsplit=1)[0]
    if "@" in text or "](" in text:
        if "](mailto:" in text:
            text = MARKDOWN_LINK.sub(r"\1", _SIDE_BY_SIDE.sub(", ", text))
        text = _ONLY_MAIL.sub(lambda m: m[1] + (name_of_mail(m[2]) or m[2]), _SIDE_BY_SIDE.sub(", ", text))
    if nothing(text) or (not whole_line and _ABSENT.search(text)):
        return []
    links = {fold(name): name for m in WIKILINK.finditer(text) if (name := linked_name(m[1], m[2]))}
    shown = plain(_MAIL.sub("", text) if "@" in text else text)
    company = None
    head, colon, tail = shown.partition(":") if ":" in shown else shown.partition("：")
    # 'Contoso: Dana Leigh, Sam Okoro' and 'PM: Dana Leigh' say whose they are; 'Dana Leigh: PM' what she is.
    if colon and is_full_name(_bare(tail.split(",")[0])) and not is_full_name(_bare(head)):
        shown, whole_line, company = tail, True, head
    parts = [part for part in _COMMA.split(_outside_brackets(shown)) if part and part.strip()]
    found: list[tuple[str, bool]] = []
    first_is_full = False
    for number, part in enumerate(parts):
        if _ABSENT.search(part) and not links:
            continue
        name = _bare(part)
        key = fold(name)
        linked = key in links
        if not (linked or is_name(name)) or (company and key == fold(company)):
            continue
        full = linked or is_full_name(name)
        if number == 0:
            first_is_full = full
        elif first_is_full and not full and not (whole_line and _single(name, parts)):
            continue  # 'Dana Leigh, CFO'
        found.append((links.get(key, name), linked))
    return list(dict.fromkeys(found))


_LINK = r"\[\[([^\W\d_][\w'’ -]*)(?:\|[^\W\d_][\w'’ -]*)?\]\]"
_LINKS = lazy_pattern(rf"{_LINK}(?:, {_LINK})*")
_ONE_LINK = lazy_pattern(_LINK)


def _only_links(text: str) -> list[tuple[str, bool]]:
    """The people of a line of nothing but links to their notes, as most such lines are; [] when that is not certain.

    Only for speed: says the same as the steps of `attendees_in`.
    """
    if _LINKS.fullmatch(text) is None or nothing(text):
        return []
    names = _ONE_LINK.findall(text)
    if not all(map(_is_plain_link, names)):
        return []
    links = {fold(name): name for name in names}
    return list(dict.fromkeys([(links[fold(name)], True) for name in names]))


@lru_cache(maxsize=1_024)
def _is_plain_link(name: str) -> bool:
    """Whether a linked name stays as it is in a list: no word of it joins two names or is a title."""
    return (
        not any(word[0].islower() for word in name.split())
        and "_" not in name
        and name == " ".join(name.split())
        and _bare(name) == name
        and _COMMA.split(name) == [name]
    )


def _single(name: str, parts: list[str]) -> bool:
    """Whether a word among full names is a first name: at the end of a line of names nothing tells it from a role."""
    return len(parts) > 2 and name[0].isupper() and not name.isupper()


def _outside_brackets(text: str) -> str:
    """Commas in brackets separate nothing; an absent one's brackets are kept, to be seen."""
    return _BRACKET.sub(
        lambda m: m[0].replace(",", " ").replace(";", " ").replace(" & ", " ").replace(" / ", " "), text
    )


@lru_cache(maxsize=4_096)
def _bare(part: str) -> str:
    """The name in one entry: without bracketed or dashed role, mark, honorific."""
    name = _BRACKET.sub("", part).strip(' \t*_@.✅✔☑✓•-–—[]"“”')
    name = _ROLE_AFTER.split(name, maxsplit=1)[0].strip(" .*_@")
    while name and not (name[0].isalnum()):
        name = name[1:].strip()
    name = _TITLE.sub("", name)
    return _HONORIFIC.sub("", name).strip(" .,") or name


# Mentions and links that only a space separates: '@Dana Leigh @Sam Okoro', '[Dana Leigh](mailto:…) [Sam Okoro](mailto:…)'.
_SIDE_BY_SIDE = lazy_pattern(r"(?<=[\w)])\s+(?=@[^\W\d_])|(?<=\))\s+(?=\[[^\[\]]+\]\()")
_ONLY_MAIL = lazy_pattern(r"(^|[,;]\s*)[<(]?((?:mailto:)?[\w.+-]+@[\w-]+\.[\w.-]+)[>)]?(?=\s*(?:[,;]|$))")
_NEXT_LABEL = lazy_pattern(r"[.;|]\s+(?=[^\W\d_]+(?: [^\W\d_]+)?\s*[:：])")


class Known:
    """The people that this note knows, by every form in which it may name them; worked out when first asked."""

    def __init__(self, names: Iterable[str]) -> None:
        self._given = tuple(dict.fromkeys(names))
        # (Not `cached_property`, which takes a lock for each of them in each note.)
        self._names: dict[str, str] | None = None
        self._short: dict[str, str] | None = None
        self._spellings: list[str] | None = None

    @property
    def names(self) -> dict[str, str]:
        """Folded name -> the name as it stands in the list of attendees."""
        found = self._names
        if found is None:
            found = self._names = {key: name for name in reversed(self._given) if (key := fold(name))}
        return found

    @property
    def short(self) -> dict[str, str]:
        """First names, names with an initial, initials (`=dl`), last names (`~leigh`): those that mean one person."""
        if self._short is None:
            self._short = self._short_forms()
        return self._short

    def _short_forms(self) -> dict[str, str]:
        twice: set[str] = set()
        found: dict[str, str] = {}
        for key, name in self.names.items():
            for form in _forms(key):
                if found.setdefault(form, name) != name:
                    twice.add(form)
        names = self.names
        return {form: name for form, name in found.items() if form not in twice and form not in names}

    @property
    def spellings(self) -> list[str]:
        """Words of which one stands in every text that names one of them."""
        found = self._spellings
        if found is None:
            found = self._spellings = [spelling for name in self._given for spelling in _spellings_of(name)]
        return found

    def named_in(self, text: str) -> bool:
        """False when the text names none of them: quickly, for most texts do not."""
        for word in self.spellings:
            if word in text:
                return True
        return "#" in text or "@" in text

    def __bool__(self) -> bool:
        return bool(self._given)

    def get(self, text: str) -> str | None:
        """The person whom the text names: in full, by the first name, with an initial, or by capital initials."""
        if not text or len(text) > 60:
            return None
        key = fold(text.replace(".", "").strip(" @*_"))
        found = self.names.get(key) or self.short.get(key)
        if found is None and text.isupper() and 1 < len(key) < 5:
            found = self.short.get(f"={key}")
        if found is None and not key.isascii():
            # In letters without case a last name stands in front of the first, mostly without a space.
            last = fold(_HONORIFIC.sub("", text).strip())
            fitting = [name for full, name in self.names.items() if full.startswith(last)] if len(last) > 1 else []
            found = fitting[0] if len(fitting) == 1 and not any(c.isupper() or c.islower() for c in last) else None
        return found

    def surname(self, text: str) -> str | None:
        """The person of this last name."""
        return self.short.get(f"~{fold(text)}") or self.get(text)

    def tagged(self, tag: str) -> str | None:
        """The person whose name a tag is: #Dana, #Leigh, #Leigh_Dana, #dana-leigh, #DanaLeigh, #person/dana-leigh."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[_\-.]", " ", tag.lstrip("#").rsplit("/", 1)[-1])).strip()
        found = self.surname(words)
        if found is None and " " not in words:
            flat = fold(words)
            found = next((name for key, name in self.names.items() if key.replace(" ", "") == flat), None)
        return found

    def several(self, text: str) -> str | None:
        """The first of several people joined by 'and', '&', ',' or '/', when each of them is known."""
        parts = [
            part
            for part in re.split(r"\s*(?:,|&|/|\+|;|、|，)\s*|\s+(?:and|und|et|y|e|og|och|en|with)\s+", text)
            if part
        ]
        if not parts or len(parts) > 5:
            return None
        found = [self.get(part.strip(" []*_@")) for part in parts]
        return found[0] if all(found) else None


@lru_cache(maxsize=1_024)  # the same people meet again and again
def _forms(key: str) -> tuple[str, ...]:
    """The short forms of a folded name of two words or more, as `Known.short` keeps them."""
    words = key.split()
    if len(words) < 2:
        return ()
    first, last = words[0], words[-1]
    forms = {first, f"{first} {last[0]}", f"{first[0]} {last}", f"{last} {first}", f"{last}, {first}"}
    return (*forms, "=" + "".join([word[0] for word in words]), f"~{last}")


@lru_cache(maxsize=1_024)
def _spellings_of(name: str) -> list[str]:
    words = name.split()
    return [*words, "".join([word[0] for word in words])] if " " in name else words


_BARE_ROLE = r"(?:owner|owned by|assignee|assigned to|assigned|responsible|resp\.?|action by|who|lead|dri|poc|verantwortlich(?:e[rn]?)?(?: ist)?|zuständig|wer|responsable|porteur|pilote|assigné à|en charge|encargad[oa]|asignad[oa] a|a cargo de|responsável|atribuído a|responsabile|assegnato a|verantwoordelijk|eigenaar|ansvarig|ansvarlig|vastuuhenkilö|odpowiedzialn[yai]|ответственный|исполнитель|отв\.?|sorumlu|担当者?|責任者|负责人|负责|責任人|담당자?|담당)"
OWNER_LABEL = lazy_pattern(rf"{_BARE_ROLE}\s*(?:[:：=]+|\s(?=\S))\s*", re.I)
STRICT_OWNER = lazy_pattern(
    rf"{_BARE_ROLE}\s*(?:[:：=]+)\s*|(?:assigned to|owned by|assigné à|asignad[oa] a|assegnato a|atribuído a|a cargo de|action by)\s+",
    re.I,
)


def said_owner(text: str, known: Known) -> str | None:
    """The owner that all of a text says by a word for it: 'owner: Dana', 'assigned to Dana Leigh', '担当：田中'."""
    match = STRICT_OWNER.match(text)
    if match is None:
        match = OWNER_LABEL.match(text)
        return known.get(plain(text[match.end() :])) if match else None
    return named_owner(text[match.end() :], known)


def named_owner(value: str, known: Known) -> str | None:
    """The person in a place that is an owner's: who is known, else what has the shape of a name."""
    name = plain(value).strip(" \t.,;@*_")
    name = re.sub(r"^\((.*)\)$", r"\1", name)
    found = known.get(name) or known.several(name)
    if found:
        return found
    bare = _bare(name)
    if fold(bare) in NOBODY:
        return None
    found = known.get(bare)
    if found:
        return found
    first = re.split(r"\s*(?:,|&|/|\+|;|、|，)\s*|\s+(?:and|und|et|y)\s+", name)[0].strip(" @")
    found = known.get(first)
    if found:
        return found
    return bare if is_name(bare) else first if is_name(first) else None
