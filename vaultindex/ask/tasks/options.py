"""Turn the options that choose tasks (command line and library) into nodes of the query tree."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vaultindex.base.errors import UsageError
from vaultindex.base.text import fold
from vaultindex.dates.ranges import NO_DATE, Range, option_age, option_range

if TYPE_CHECKING:
    import datetime

    from vaultindex.query.nodes.tree import Node

# option -> the task's date field
DATES = {
    "due": "due",
    "scheduled": "scheduled",
    "start": "start",
    "created": "created",
    "done_on": "done",
    "happens": "happens",
}
# Every option, with the value that means 'not asked'.
OPTIONS: dict[str, Any] = {
    "words": (), **dict.fromkeys(DATES), "by": None, "overdue": False, "no_due": False, "open": False, "proposed": False,
    "done": False, "cancelled": False, "all": False, "mine": False, "not_mine": False, "theirs": False, "nobodys": False, "sure": False, "doubted": False, "undated": False,
    "planned": False, "with_": None, "owner": None, "account": None,
    "person": None, "note": None, "priority": None, "tag": (), "status": None, "stale": None, "blocked": False,
    "recurring": False, "excluded": False, "boxes": False,
}  # fmt: skip


def states(given: Mapping[str, Any]) -> frozenset[str]:
    """Which states the options ask for; without any: what is not settled."""
    if given["all"]:
        return frozenset(("open", "proposed", "done", "cancelled", "other"))
    found = {state for state in ("open", "proposed", "done", "cancelled") if given[state]}
    if given["done_on"]:
        found.add("done")
    return frozenset(found or ("open", "proposed"))


def build(
    conn: sqlite3.Connection, options: Mapping[str, Any], today: str, me: Sequence[str]
) -> tuple[list[Node], list[str]]:
    """(nodes to be joined by AND, what they say in words) for the options above; what is left out is not asked.

    Raises UsageError for a bad date or priority, UnknownName for a wrong name.
    """
    import datetime

    from vaultindex.ask.tasks import conditions as b
    from vaultindex.query.nodes.tree import Not

    given = {**OPTIONS, **options}
    day = datetime.date.fromisoformat(today)
    nodes: list[Node] = [b.State(*sorted(states(given)))]
    said: list[str] = []

    def add(node: Node, words: str) -> None:
        nodes.append(node)
        said.append(words)

    if not given["excluded"]:
        nodes.append(b.Listed())
    for option, field in DATES.items():
        if given[option]:
            days = option_range(given[option], day)
            add(b.when(field, days), f"no {field} date" if days.is_none else f"{field} {days.echo()}")
    if given["by"]:
        days = option_range(given["by"], day)
        add(b.by(days), f"due by {Range(days.end, days.end).echo()}")
    if given["overdue"]:
        add(b.overdue(today), "overdue")
    if given["no_due"]:
        add(b.when("due", NO_DATE), "no due date")
    mine = b.Written(fold(m.lstrip("@")) for m in me)
    if given["mine"]:
        add(mine, "mine")
    if given["not_mine"]:
        add(Not(mine), "not mine")
    if given["theirs"]:
        add(b.Theirs(mine.keys), "owned by others")
    if given["nobodys"]:
        add(b.Nobodys(), "nobody's")
    if given["sure"]:
        add(Not(b.DOUBTED), "date not doubted")
    if given["doubted"]:
        add(b.DOUBTED, "date doubted")
    if given["undated"]:
        add(b.UNDATED, "without a date")
    if given["planned"]:
        add(b.planned(today), "planned for today")
    if any(given[name] for name in ("owner", "account", "person", "with_", "note")):
        from vaultindex.ask import names

        if given["owner"]:
            if isinstance(given["owner"], str) and fold(given["owner"]) in ("me", "@me") and me:
                add(mine, "mine")
            else:
                who = names.person(conn, given["owner"])
                as_written = isinstance(given["owner"], str) and given["owner"].startswith(
                    "@"
                )  # `@Ann`: whoever is written so
                of = b.Written({*who.keys, fold(given["owner"][1:])}) if as_written else b.Owner(who.keys)
                add(of, f"owner {who.name}")
        if given["account"]:
            account = names.account(conn, given["account"])
            add(b.Account(account.keys), f"account {account.name}")
        if given["person"]:
            who = names.person(conn, given["person"])
            add(b.Person(who.keys), f"with {who.name}")
        if given["with_"]:
            who = names.person(conn, given["with_"])
            add(b.With(who.keys), f"with or about {who.name}")
        if given["note"]:
            note, path = names.note(conn, given["note"])
            add(b.InNote(note), f"in {path}")
    if given["priority"]:
        add(b.priority(given["priority"]), f"priority {given['priority']}")
    for tag in [given["tag"]] if isinstance(given["tag"], str) else given["tag"]:
        from vaultindex.ask import names

        add(b.Tag(names.tag(conn, tag)), "#" + tag.lstrip("#"))
    if given["status"] is not None:
        add(b.Status(given["status"]), f"status [{given['status']}]")
    if given["stale"]:
        add(b.Stale(day_ago(given["stale"], day, "--stale")), f"at least {given['stale']} old")
    if given["boxes"]:
        add(b.Boxed(), "with a box")
    if given["blocked"]:
        add(b.BLOCKED, "blocked")
    if given["recurring"]:
        add(b.RECURRING, "recurring")
    words = given["words"].split() if isinstance(given["words"], str) else given["words"]
    if words:
        add(b.words(words), " ".join(words))
    return nodes, said


def day_ago(age: str, today: datetime.date, option: str) -> str:
    """The day an age before today: '30d', '8w', '3m'. Raises UsageError, which names the option that was given."""
    try:
        return option_age(age.strip().lstrip("-+"), today)
    except UsageError as error:
        raise UsageError(f"{option} takes an age such as 30d, 8w or 3m, not {age!r}") from error
