"""What a note says about itself: title, type, date, account, project, person, participants; contradictions are expected.

The account of a note is its `account` property (text or link), else its **Account** line, else its `account/...` tag,
else the account folder it lies under. `type` alone is never trusted: generated notes contradict themselves.
"""

import functools
import re
from typing import Any, NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold
from vaultindex.notes.model import Note

_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_COMPACT = lazy_pattern(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_WIKI = re.compile(r"!?\[\[([^\[\]|]*?)(?:\|([^\[\]]*))?\]\]")
_MDLINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
# '**Date**: x', '**Date:** x', several on one line
_BOLD_KEY = re.compile(r"\*\*\s*([^*:\n]{2,24}?)\s*(?::\s*\*\*|\*\*\s*:)[ \t]*")
_KEYS = {
    "date": "date", "account": "account", "customer": "account", "client": "account", "attendees": "participants",
    "attendee": "participants", "participants": "participants", "with": "participants", "present": "participants",
    "project": "project", "person": "person",
}  # fmt: skip
_BETWEEN = re.compile(r"[,;\n]|\s+(?:and|&)\s+")
_BRACKETED = re.compile(r"\s*\([^)]*\)\s*\Z")
_HEAD_LINES = 40  # the block of **Key**: lines stands at the top of a note


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
    match = _WIKI.search(text)
    if match:
        return _named(match[1], match[2])
    match = _MDLINK.search(text)
    if match:
        return match.group(1).strip()
    return text.strip().strip("*_").strip()


def _named(target: str, shown: str | None) -> str:
    """What a link to `target` names: the note, else (`[[#Heading|text]]`) the text."""
    name = target.split("#", 1)[0].strip().rsplit("/", 1)[-1]
    return (name[:-3] if name[-3:].lower() == ".md" else name) or (shown or "").strip()


def names(value: Any) -> list[tuple[str, bool]]:
    """(name, is a link) of every person in a property value or a line: lists, comma or semicolon text, links."""
    found: list[tuple[str, bool]] = []
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, list):
            found += names(part if not (len(part) == 1 and isinstance(part[0], list)) else part[0])
        elif isinstance(part, str):
            found += _names_in(part)
    return list(dict.fromkeys(found))


@functools.lru_cache(maxsize=1_024)  # the same people meet again and again
def _names_in(text: str) -> tuple[tuple[str, bool], ...]:
    found = []
    if "[[" in text:
        parts = _WIKI.split(text)
        for target, shown in zip(parts[1::3], parts[2::3]):
            name = _named(target, shown)
            if name:
                found.append((name, True))
        text = ",".join(parts[::3])
    # 'Leigh, Dana' cannot be told from two people: a comma separates, as these notes write it
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


def about(note: Note, account_folders: frozenset[str], people_folders: frozenset[str]) -> About:
    """Everything a note says about itself, each fact from the first place that states it."""
    properties = {k.lower(): v for k, v in note.properties.items()} if note.properties else {}
    lines = _key_lines(note)
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
    own = plain(properties.get("account")) or plain(properties.get("customer")) or plain(properties.get("client"))
    if own is None and "account" in lines:
        own = unlink(lines["account"][1]) or None
    if own is None:
        own = _tag_value(note, "account")
    entity = _entity(type_, own, folders, stem, account_folders, people_folders, properties)
    account = own
    if entity == "account":
        account = stem
    elif account is None:
        account = folder_after(folders, account_folders)
    title = (
        plain(properties.get("title")) or next((h.text for h in note.headings if h.level == 1 and h.text), None) or stem
    )
    return About(
        title,
        type_,
        _date(properties.get("date"), lines, stem),
        account,
        own is not None or entity == "account",
        plain(properties.get("project"))
        or (unlink(lines["project"][1]) or None if "project" in lines else None)
        or _tag_value(note, "project"),
        plain(properties.get("person")) or (unlink(lines["person"][1]) or None if "person" in lines else None),
        _participants(note, properties, lines),
        plain(properties.get("source")),
        plain(properties.get("source_ref")),
        tuple(a.strip() for a in alias_list if a.strip()),
        entity,
    )


def _key_lines(note: Note) -> dict[str, tuple[int, str]]:
    """The **Key**: value pairs at the top of the body: key -> (line, value)."""
    found: dict[str, tuple[int, str]] = {}
    start = note.body - 1
    top = note.lines[start : start + _HEAD_LINES]
    for number, line in [(n, line) for n, line in enumerate(top, note.body) if "**" in line and ":" in line]:
        matches = list(_BOLD_KEY.finditer(line))
        for i, match in enumerate(matches):
            key = _KEYS.get(match.group(1).lower())
            if key and key not in found:
                end = matches[i + 1].start() if i + 1 < len(matches) else len(line)
                value = line[match.end() : end].strip()
                if value:
                    found[key] = (number, value)
    return found


def _date(value: Any, lines: dict[str, tuple[int, str]], stem: str) -> str | None:
    for text in (value if isinstance(value, str) else None, lines["date"][1] if "date" in lines else None, stem):
        match = _DATE.search(text) if text else None
        if match:
            return match.group()
    match = _COMPACT.search(stem)
    return "-".join(match.groups()) if match else None


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


def _participants(note: Note, properties: dict[str, Any], lines: dict[str, tuple[int, str]]) -> tuple[Person, ...]:
    found: list[Person] = []
    for key in ("participants", "attendees"):
        value = properties.get(key)
        if value is None:
            continue
        first = next((n for k, n in note.property_lines.items() if k.lower() == key), 1)
        for name, linked in names(value):
            found.append(Person(line_of(note, first, name), name, linked))
    if "participants" in lines:
        number, value = lines["participants"]
        found += [Person(number, name, linked) for name, linked in names(value)]
    return tuple(found)


def line_of(note: Note, first: int, name: str) -> int:
    """The line of the frontmatter, from the key's on, that shows the name: a list has one line a name."""
    for number in range(first, note.body):
        if name in note.lines[number - 1]:
            return number
    return first
