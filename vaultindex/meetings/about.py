"""What a note says about itself: title, type, date, account, project, person, participants; contradictions are expected.

The account of a note is its `account` property (text or link), else its **Account** line, else its `account/...` tag,
else the account folder it lies under. `type` alone is never trusted: generated notes contradict themselves.
"""

import functools
import re
from typing import Any, NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.nobody import NOBODY
from vaultindex.base.text import fold
from vaultindex.meetings.name_forms import spelled
from vaultindex.meetings.read import BETWEEN_FACTS, Meeting
from vaultindex.meetings.sections import Vocabulary
from vaultindex.meetings.when import day_within, order_in, read_day
from vaultindex.meetings.who import MARKDOWN_LINK, WIKILINK, is_name, linked_name
from vaultindex.meetings.words import nothing
from vaultindex.notes.model import Note

_DATE = lazy_pattern(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_COMPACT = lazy_pattern(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_BETWEEN = lazy_pattern(r"[,;\n]|\s+(?:and|&)\s+")
_BRACKETED = lazy_pattern(r"\s*(?:\([^)]*\)|(?<=\w)\s*<[^<>]*@[^<>]*>)\s*\Z")


# The types of notes about meetings, in the languages of the notes we know.
_MEETINGS = frozenset((
    "meeting", "meetings", "meeting note", "meeting notes", "meeting-notes", "call", "1:1", "one-on-one", "standup", "stand-up",
    "sync", "workshop", "interview", "minutes", "besprechung", "reunion", "réunion", "reunión", "会議",
))  # fmt: skip


class Person(NamedTuple):
    line: int
    name: str
    linked: bool  # the name is a link, so a backlink exists already


class About(NamedTuple):
    title: str
    type: str | None
    date: str | None
    account: str | None
    account_own: bool  # False when the account is only the folder's
    project: str | None
    person: str | None
    participants: tuple[Person, ...]
    source: str | None
    source_ref: str | None
    aliases: tuple[str, ...]
    entity: str | None  # 'account', 'person' or 'project' when this note *is* one
    template: bool = False  # it holds placeholders that are filled in when a note is made from it

    @property
    def is_meeting(self) -> bool:
        """Whether it is a dated note, nobody's page, that says who was there, where it comes from, or that it is a meeting."""
        if self.date is None or self.entity is not None:
            return False
        return bool(self.participants) or self.source is not None or (self.type or "").lower() in _MEETINGS


def plain(value: Any) -> str | None:
    """The text of a property value: a link's shown name or target, None when empty. Lists give their first entry."""
    if isinstance(value, list):
        # an unquoted [[Name]] is a nested list for YAML: what was meant is plain
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, list):
            value = value[0] if value and not isinstance(value[0], (list, dict)) else None
    if value is None or isinstance(value, (bool, dict)):
        return None
    return unlink(str(value)) or None


@functools.lru_cache(maxsize=512)
def unlink(text: str) -> str:
    """The text with its first link replaced by the note it names, without Markdown emphasis; '' for an empty link."""
    match = WIKILINK.search(text)
    if match:
        return linked_name(match[1], match[2])
    match = MARKDOWN_LINK.search(text)
    if match:
        return match.group(1).strip()
    return text.strip().strip("*_").strip()


def names(value: Any) -> list[tuple[str, bool]]:
    """(name, is a link) of every person in a property value or a line: lists, comma or semicolon text, links."""
    found: list[tuple[str, bool]] = []
    parts = value if isinstance(value, list) else [value]
    if len(parts) > 1 and _all_last_first(parts):
        return [(part.strip(), False) for part in dict.fromkeys(parts)]
    for part in parts:
        if isinstance(part, list):
            found += names(part if not (len(part) == 1 and isinstance(part[0], list)) else part[0])
        elif isinstance(part, dict):
            found += _names_in_mapping(part)
        elif isinstance(part, str):
            found += _names_in(part)
    return list(dict.fromkeys(found))


def _names_in_mapping(part: dict[Any, Any]) -> list[tuple[str, bool]]:
    """The person that a mapping describes (`name: Dana Leigh`, `email: ...`), else those listed in it (`internal: [...]`)."""
    given = {str(key).lower(): value for key, value in part.items()}
    for key in _NAME_KEYS:
        if isinstance(given.get(key), str):
            return names(given[key])
    return [one for value in given.values() if isinstance(value, list) for one in names(value)]


_NAME_KEYS = ("name", "full_name", "fullname", "full name", "displayname", "display_name", "person", "email", "mail")


def _all_last_first(parts: list[Any]) -> bool:
    """Whether each of several entries is written 'Leigh, Dana': what separates people stands between them already."""
    return all(isinstance(p, str) and spelled(p) != fold(p) and is_name(p.partition(",")[2].strip()) for p in parts)


@functools.lru_cache(maxsize=1_024)  # the same people meet again and again
def _names_in(text: str) -> tuple[tuple[str, bool], ...]:
    found = []
    if "[[" in text:
        parts = WIKILINK.split(text)
        for target, shown in zip(parts[1::3], parts[2::3]):
            name = linked_name(target, shown)
            if name:
                found.append((name, True))
        text = ",".join(parts[::3])
    if ";" in text and "," in text and _all_last_first(pieces := [p for p in text.split(";") if p.strip()]):
        return tuple((piece.strip(), False) for piece in pieces)
    # Elsewhere 'Leigh, Dana' cannot be told from two people: a comma separates, as these notes write it.
    for piece in _BETWEEN.split(text):
        name = _name_in(piece)
        if name:
            found.append((name, False))
    return tuple(found)


@functools.lru_cache(maxsize=512)
def _name_in(piece: str) -> str:
    """The name that stands between two commas; '' when there is none."""
    name = _BRACKETED.sub("", piece.strip().lstrip("@").strip().strip("*_")).strip(" .")
    return name if any(c.isalpha() for c in name) else ""


def about(
    note: Note,
    meeting: Meeting,
    account_folders: frozenset[str],
    people_folders: frozenset[str],
    words: Vocabulary,
    month_first: bool | None = None,
) -> About:
    """Everything a note says about itself, each fact from the first place that states it. `month_first`: how other notes of
    the vault write 04/05/2026."""
    properties = {k.lower(): v for k, v in note.properties.items()} if note.properties else {}
    keys = meeting.keys
    folders = note.path.split("/")
    stem = folders[-1][:-3]
    aliases = properties.get("aliases", properties.get("alias"))
    alias_list = (
        [a for a in aliases if isinstance(a, str)]
        if isinstance(aliases, list)
        else [aliases]
        if isinstance(aliases, str)
        else []
    )
    type_ = plain(properties.get("type"))
    # Where a person works makes their own note none of the account's.
    about_person = _ENTITY_TYPES.get(fold(type_ or "")) == "person" or (
        len(folders) > 1 and fold(folders[-2]) in people_folders
    )
    own = next(
        (
            name
            for key in (_ACCOUNT_KEYS[:3] if about_person else _ACCOUNT_KEYS)
            if key in properties and (name := account_name(properties[key]))
        ),
        None,
    )
    if own is None and "account" in keys:
        own = account_name(keys["account"][1])
    if own is None and "::" in note.text:
        own = _field_account(note)
    if own is None:
        own = _tag_value(note, "account")
    template = is_template(note)
    speaks = template or is_index(stem)
    entity = None if speaks else _entity(type_, own, folders, stem, account_folders, people_folders, properties)
    account = own
    if entity == "account":
        account = stem
    elif account is None and not speaks:
        account = folder_after(folders, account_folders)
    return About(
        _title(note, properties, stem, words),
        type_,
        _date(note, properties, meeting, stem, month_first),
        account,
        own is not None or entity == "account" or speaks,
        plain(properties.get("project"))
        or (unlink(keys["project"][1]) or None if "project" in keys else None)
        or _tag_value(note, "project"),
        plain(properties.get("person")) or (unlink(keys["person"][1]) or None if "person" in keys else None),
        _participants(note, properties, meeting),
        plain(properties.get("source")),
        plain(properties.get("source_ref")),
        tuple(a.strip() for a in alias_list if a.strip()),
        entity,
        template,
    )


_ACCOUNT_KEYS = (
    "account", "customer", "client", "company", "organisation", "organization", "organisations", "organizations", "org",
    "empresa", "kunde", "firma", "entreprise", "azienda", "cliente",
)  # fmt: skip
_DATE_KEYS = ("date", "meeting date", "meeting_date", "meeting-date", "meetingdate", "datum", "fecha")
_PEOPLE_KEYS = (
    "participants", "attendees", "people", "invitees", "with", "who", "present", "teilnehmer", "asistentes",
    "participantes", "partecipanti", "deelnemers", "participant", "attendee",
)  # fmt: skip
_SENTENCE = lazy_pattern(r"[.!?:;] |[.!?]\Z|\s(?:is|are|was|has|have|ist|sind|est|es|è)\s")


def account_name(value: Any) -> str | None:
    """The account that a value names; None for what is no name: a number, a sentence, nothing."""
    name = plain(value)
    if name is None or len(name) > 60 or not any(c.isalpha() for c in name):
        return None
    if len(name.split()) > 6 or (_SENTENCE.search(name) and len(name.split()) > 3) or nothing(name) or is_index(name):
        return None
    return name


def is_index(stem: str) -> bool:
    """Whether a note of this name says what its folder holds, and is neither a person nor an account."""
    return stem.casefold().strip("_ ") in _INDEX_NAMES


_INDEX_NAMES = frozenset(
    ("readme", "index", "moc", "home", "dashboard", "overview", "template", "untitled", "start here", "todo")
)


_PLACEHOLDER = lazy_pattern(
    r"\{\{\s*(?:date|title|time|value|name|yesterday|tomorrow|vdate|field)[^{}]*\}\}|<%[^\n]*%>", re.I
)


def is_template(note: Note) -> bool:
    """Whether a note holds placeholders that a templates plugin fills in when a note is made from it."""
    text = note.text
    if not ("{" in text and "{{" in text) and not ("<" in text and "<%" in text):
        return False
    match = _PLACEHOLDER.search(text)
    if match is None:
        return False
    line = text.count("\n", 0, match.start()) + 1
    return not any(b.line <= line <= b.end for b in note.blocks if b.kind == "code") and "`" not in note.lines[line - 1]


_MARKUP = lazy_pattern(r"(?:\*\*|__|==|~~|`)")
_EMPHASIS = lazy_pattern(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)")


def _title(note: Note, properties: dict[str, Any], stem: str, words: Vocabulary) -> str:
    """The title as a reader sees it: the property, else the first heading of level 1 unless it only names a section."""
    given = plain(properties.get("title"))
    if given:
        return given
    first = next((h.text for h in note.headings if h.level == 1 and h.text), None)
    if first is None or words.sections[first]:
        return stem
    shown = first
    if "[" in shown:
        shown = MARKDOWN_LINK.sub(r"\1", WIKILINK.sub(lambda m: m[2] or linked_name(m[1], m[2]), shown))
    if "*" in shown or "_" in shown or "`" in shown or "=" in shown or "~" in shown:
        shown = _EMPHASIS.sub(r"\2", _MARKUP.sub("", shown))
    return shown.strip() or stem


def _field_account(note: Note) -> str | None:
    """`account:: [[Contoso]]`, a Dataview field on a line of its own."""
    match = _FIELD_LINE.search(note.text)
    return account_name(match[1]) if match else None


_FIELD_LINE = lazy_pattern(
    r"^[ \t]*(?:[-*+][ \t]+)?(?:account|customer|client|company)[ \t]*::[ \t]*(.+)$", re.I | re.M
)


def _date(note: Note, properties: dict[str, Any], meeting: Meeting, stem: str, vault: bool | None) -> str | None:
    """The day of the note: as a property, a line or the file's name says, else its title, else when it was made."""
    given = [text for key in _DATE_KEYS if key in properties and isinstance(text := properties[key], str)]
    if "date" in meeting.keys:
        given.append(meeting.keys["date"][1])
    for text in (*given, stem):
        match = _DATE.search(text) if text else None
        if match:
            return match.group()
        if not text or not _DIGIT.search(text):
            continue
        day = _first_day(text, month_comes_first(note, meeting, vault) if _DAY_AND_MONTH.search(text) else None)
        if day:
            return day
    match = _COMPACT.search(stem)
    if match:
        return "-".join(match.groups())
    title = note.headings[0].text if note.headings and note.headings[0].level == 1 else ""
    for text in (stem, title):
        day = day_within(text, month_comes_first(note, meeting, vault)) if _DIGIT.search(text) else None
        if day:
            return day
    created = properties.get("created")
    match = _DATE.search(created) if isinstance(created, str) else None
    return _day_at_top(note, meeting, vault) or (match.group() if match else None)


def _day_at_top(note: Note, meeting: Meeting, vault: bool | None) -> str | None:
    """The day with which the first lines of the text begin, or in the brackets in which they end: as bots write them."""
    lines = [line for line in note.lines[note.body - 1 : note.body + 5] if line.strip() and line[0] != "#"]
    for line in lines[:2]:
        if not _DIGIT.search(line) or len(line) > 200:
            continue
        month_first = month_comes_first(note, meeting, vault)
        brackets = _AT_END_IN_BRACKETS.search(line)
        pieces = [piece for piece in BETWEEN_FACTS.split(line.strip(" *_>")) if piece]
        for piece in (*pieces, *([brackets[1]] if brackets else [])):
            day = _first_day(piece, month_first)
            if day:
                return day
        match = _DATE.match(line)
        if match:
            return match.group()
    return None


_AT_END_IN_BRACKETS = lazy_pattern(r"[(（]([^()（）]{6,40})[)）]\s*$")


_DIGIT = lazy_pattern(r"\d")
_DAY_AND_MONTH = lazy_pattern(r"\d[/-]\d")


def month_comes_first(note: Note, meeting: Meeting, vault: bool | None) -> bool | None:
    """How the note writes 04/05/2026: as its other dates show, else as the vault's (`vault`), else as its language does.

    None: nobody knows.
    """
    first, _ = order_in(note.text)
    if first is not None:
        return first
    # The day that the file's name says may stand in the note in the other order.
    named = _DATE.search(note.path.rpartition("/")[2])
    if named:
        year, month, day = (int(part) for part in named.group().split("-"))
        for text, way in ((f"{month}/{day}/{year}", True), (f"{day}/{month}/{year}", False)):
            if month != day and (text in note.text or re.sub(r"\b(\d)/", r"0\1/", text) in note.text):
                return way
    if vault is not None and "/" in note.text:  # (as extract/day_order.py knows which notes ask)
        return vault
    return None if meeting.is_english else False


@functools.lru_cache(maxsize=1_024)
def _first_day(text: str, month_first: bool | None) -> str | None:
    """The day that a date line begins with, in digits of another order or with the name of the month."""
    if text.isascii() and len(_DIGIT.findall(text)) < 4:
        return None  # without its year it is none here
    text = unlink(text)
    for piece in (text, *[cut.split(text, maxsplit=1)[0] for cut in _BEHIND_DAY]):
        day = read_day(piece, None, month_first)
        if day is not None:
            return day.iso
    return None


_BEHIND_DAY = (
    lazy_pattern(r",?\s+\d{1,2}[:.h]\d\d|,?\s+\d{1,2}\s*[ap]m|,?\s*\d\d:\d\d", re.I),
    lazy_pattern(r"\s*[|·•(（]|\s+[-–—@]\s+|,?\s+(?:at|um|à|a las|alle|kl)\s+"),
)


def _tag_value(note: Note, key: str) -> str | None:
    prefix = f"#{key}/"
    for tag in (*(note.property_tags or ()), *[tag for _, _, tag in note.tags]):
        if "/" in tag and tag.lower().startswith(prefix) and len(tag) > len(prefix):
            return tag[len(prefix) :].strip("/").split("/")[0] or None
    return None


def folder_after(folders: list[str], wanted: frozenset[str]) -> str | None:
    """The name below an account folder: 'Accounts/Contoso/2025/x.md' and 'Accounts/Contoso.md' give 'Contoso'."""
    for i, folder in enumerate(folders[:-1]):
        if fold(folder) in wanted:
            below = folders[i + 1]
            return below[:-3] if i + 1 == len(folders) - 1 else below
    return None


_ENTITY_TYPES = {
    "account": "account", "accounts": "account", "customer": "account", "client": "account", "company": "account",
    "organisation": "account", "organization": "account", "person": "person", "people": "person", "contact": "person",
    "project": "project", "projects": "project",
}  # fmt: skip


def _entity(
    type_: str | None,
    own: str | None,
    folders: list[str],
    stem: str,
    account_folders: frozenset[str],
    people_folders: frozenset[str],
    properties: dict[str, Any],
) -> str | None:
    """Whether the note is the page of an account, a person or a project, not a meeting about one.

    A meeting note also says `type: customer`: so a type counts only without a date, participants or another account.
    """
    meeting = any(properties.get(k) for k in ("date", "participants", "attendees", "source", "source_ref"))
    kind = _ENTITY_TYPES.get(fold(type_)) if type_ else None
    if kind and not meeting and (kind != "account" or own is None or fold(own) == fold(stem)):
        return kind
    if meeting or kind:
        return None
    parents = [fold(f) for f in folders[:-1]]
    if parents and parents[-1] in people_folders:
        return "person"
    if parents and parents[-1] in account_folders:
        return "account"
    if len(parents) > 1 and parents[-2] in account_folders and parents[-1] == fold(stem):
        return "account"
    return None


def _participants(note: Note, properties: dict[str, Any], meeting: Meeting) -> tuple[Person, ...]:
    found: list[Person] = []
    for key in _PEOPLE_KEYS if properties else ():
        value = properties.get(key)
        if value is None:
            continue
        first = next((n for k, n in note.property_lines.items() if k.lower() == key), 1)
        for name, linked in names(value):
            if linked or fold(name) not in NOBODY:
                found.append(Person(line_of(note, first, name), name, linked))
    found += [Person(*one) for one in meeting.attendees]
    return tuple(found)


def line_of(note: Note, first: int, name: str) -> int:
    """The line of the frontmatter, from the key's on, that shows the name: a list has one line a name."""
    for number in range(first, note.body):
        if name in note.lines[number - 1]:
            return number
    return first
