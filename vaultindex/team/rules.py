"""What a vault gives to the team: the rules of `[publish.VAULT]`, and which notes they choose, by which of them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vaultindex.base.errors import UsageError
from vaultindex.base.settings import Config
from vaultindex.base.text import fold
from vaultindex.doors.fence import Fence

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")
_WHOEVER = frozenset(("myself", "me", "i"))


def is_whoever(name: str) -> bool:
    """Whether an owner's name means whoever wrote the note: in a store of many it would mean everybody."""
    return fold(name.lstrip("@")) in _WHOEVER


class Rules(NamedTuple):
    """The rules of one vault. A note is given when a folder, account, tag or type of these (or `every`) chooses it and
    nothing keeps it here; a row is given when its note is, or when it has one of the tags itself."""

    vault: str  # its name in the settings, and behind the role's in the store
    folders: tuple[tuple[str, str], ...] = ()  # folded with a closing '/', and as they were written
    accounts: tuple[tuple[str, str], ...] = ()  # folded, written
    tags: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    every: bool = False
    fence: Fence = Fence()
    decisions: bool = True
    tasks: str = "mine"  # 'mine', 'all' or 'none'
    people: bool = False
    proposals: bool = False
    texts: bool = False
    name: str = ""  # under which the team knows the owner of this vault
    me: frozenset[str] = frozenset()  # folded names that mean the owner
    watch: bool = False

    @property
    def text(self) -> str:
        """The rules as one text: another one when other rows may be chosen."""
        return json.dumps([sorted(v) if isinstance(v, frozenset) else v for v in self[1:-1]], ensure_ascii=False)

    def place(self, path: str) -> str | None:
        """The rule by which a note at this path is given, None when its folder is none of them."""
        if self.every:
            return "all"
        key = fold(path)
        return next((f"folder {written}" for folder, written in self.folders if key.startswith(folder)), None)

    def tagged(self, tag: str) -> str | None:
        """The rule that gives what has this tag, or one below it."""
        key = fold(tag.lstrip("#").rstrip("/"))
        found = next((w for one, w in self.tags if key == one or key.startswith(one + "/")), None)
        return f"tag #{found}" if found else None


class Chosen(NamedTuple):
    """Which notes are given whole and by which rule; which may give single rows, for a tag of these; and what stays."""

    notes: dict[int, str]  # id -> rule
    others: frozenset[int]  # notes of which single rows may be given
    unshared: int  # notes that say `share: false`
    fenced: int  # notes that `without` keeps here


def of(config: Config, root: str) -> Rules:
    """The rules for this vault. Raises UsageError, with what to write, when there are none or they choose nothing."""
    name = named(config, root)
    given: dict[str, Any] | None = config.get("publish").get(name)
    if given is None:
        known = ", ".join(config.get("publish"))
        more = f" The settings have rules for: {known}." if known else ""
        raise UsageError(
            f"nothing of the vault {name} is published: write [publish.{name}] into your settings (vi config edit), such as"
            f' folders = ["Meetings"], tasks = "mine".{more} docs/team.md says more'
        )
    return read(name, given, config.get("me"))


def named(config: Config, root: str) -> str:
    """The name of a vault in the settings: that of `vaults`, else its folder's, as a name in the store is written."""
    for name, path in config.get("vaults").items():
        if os.path.realpath(os.path.expanduser(path)) == root:
            return str(name)
    name = "-".join(fold(os.path.basename(root)).split())
    return "".join(c if c in _NAME else "-" for c in name).strip("-.") or "vault"


def read(name: str, given: Mapping[str, Any], me: Sequence[str]) -> Rules:
    """Rules from a table of the settings. Raises UsageError."""
    if not name or not _NAME.issuperset(name):
        raise UsageError(
            f"[publish.{name}]: a vault in the store is named with a-z, 0-9, '-', '_' and '.': name it so in the setting vaults"
        )

    def pairs(key: str, *strip: str) -> tuple[tuple[str, str], ...]:
        found = []
        for written in given.get(key, ()):
            text = str(written).strip()
            for part in strip:
                text = text.strip(part)
            if text:
                found.append((fold(text), text))
        return tuple(found)

    folders = tuple((key.removesuffix("/**") + "/", written) for key, written in pairs("folders", "/"))
    rules = Rules(
        name, folders, pairs("accounts"), pairs("tags", "#", "/"), pairs("types"), bool(given.get("all")),
        Fence.of((), given.get("without", ())), bool(given.get("decisions", True)), str(given.get("tasks", "mine")),
        bool(given.get("people")), bool(given.get("proposals")), bool(given.get("texts")),
        name=str(given.get("name") or _own_name(me)), me=frozenset(fold(one.lstrip("@")) for one in me), watch=bool(given.get("watch")),
    )  # fmt: skip
    if not (rules.every or rules.folders or rules.accounts or rules.tags or rules.types):
        raise UsageError(f"[publish.{name}] chooses no note: give folders, accounts, tags or types, or all = true")
    if not rules.name:
        raise UsageError(
            f"who are you to the team? vi config set me 'Your Name, Myself', or name = \"Your Name\" in [publish.{name}]"
        )
    return rules


def _own_name(me: Sequence[str]) -> str:
    """The owner's name in full: the longest of the setting `me` that is not `Myself`."""
    names = [name.lstrip("@").strip() for name in me if not is_whoever(name)]
    return max(names, key=lambda name: (name.count(" "), len(name)), default="")


def chosen(conn: sqlite3.Connection, rules: Rules, only: Sequence[int] | None = None) -> Chosen:
    """Which notes of the index the rules give; `only`: of these ids alone."""
    some = "" if only is None else " AND n.id IN (SELECT value FROM json_each(?))"
    values = () if only is None else (json.dumps(list(only)),)
    hidden = rules.fence.hidden(conn, only) if rules.fence else set()
    accounts, types = _accounts(conn, rules), dict(rules.types)
    tagged = _tagged(conn, rules, some, values) if rules.tags else {}
    notes: dict[int, str] = {}
    others, unshared, fenced = set(), 0, 0
    sql = f"SELECT n.id, n.path, n.account_key, n.type, n.properties, n.entity FROM notes n WHERE n.excluded IS NULL{some}"
    for number, path, account, kind, properties, entity in conn.execute(sql, values):
        if number in hidden:
            fenced += 1
            continue
        if "share" in properties and not _shared(properties):
            unshared += 1
            continue
        if entity == "person" and not rules.people:
            continue
        rule = rules.place(path)
        if rule is None and account in accounts:
            rule = f"account {accounts[account]}"
        if rule is None:
            rule = tagged.get(number)
        if rule is None and kind and fold(kind) in types:
            rule = f"type {types[fold(kind)]}"
        if rule is not None:
            notes[number] = rule
        elif rules.tags:
            others.add(number)
    return Chosen(notes, frozenset(others), unshared, fenced)


def _shared(properties: str) -> bool:
    """Whether a note's properties do not say `share: false`, in any of the ways in which YAML and people write it."""
    for key, value in json.loads(properties).items():
        if str(key).casefold() == "share" and (
            value is False or str(value).strip().casefold() in ("false", "no", "off", "0", "never", "private")
        ):
            return False
    return True


def _accounts(conn: sqlite3.Connection, rules: Rules) -> dict[str, str]:
    """Folded account name -> as the rule has it, with every other name that the account's own note gives it."""
    found = dict(rules.accounts)
    for key, written in rules.accounts:
        sql = """SELECT o.key FROM names o WHERE o.kind = 'account'
 AND o.note IN (SELECT x.note FROM names x WHERE x.kind = 'account' AND x.key = ?)"""
        for (other,) in conn.execute(sql, (key,)):
            found.setdefault(other, written)
    return found


def _tagged(conn: sqlite3.Connection, rules: Rules, some: str, values: tuple[str, ...]) -> dict[int, str]:
    """Notes that have a tag of the rules themselves; the tag of a task or decision gives that row alone."""
    sql = f"""SELECT n.note, n.key FROM tags n WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.note = n.note AND t.line = n.line)
 AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.note = n.note AND d.line = n.line){some.replace("n.id", "n.note")}"""
    found: dict[int, str] = {}
    for note, tag in conn.execute(sql, values):
        rule = rules.tagged(tag)
        if rule is not None:
            found.setdefault(note, rule)
    return found
