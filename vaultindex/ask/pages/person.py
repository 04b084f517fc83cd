"""A person: who they are, how long they have been silent, what they owe, what I owe them, what we decided, where they are named."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.pages.contact import Met, meetings, silence, together, wish
from vaultindex.ask.tasks.sides import Asker

Row = dict[str, Any]
_LATEST = 5  # people, accounts


def lists(name: str) -> dict[str, str]:
    """count -> the list that has as many rows."""
    from shlex import quote

    who = quote(name)
    return {
        "meetings": f"vi notes --meetings --until today --person {who}",
        "owes": f"vi tasks --open --owner {who}",
        "i_owe": f"vi tasks --open --mine --with {who}",
        "proposed": f"vi tasks --proposed --person {who}",
        "decisions": f"vi decisions --person {who}",
        "mentions": f"vi backlinks {who} --unlinked",
    }


def person(
    asker: Asker, name: str, *, since: str | None = None, most: int | None = None, mentions: bool | None = True
) -> dict[str, Any]:
    """The page of a person. Raises UnknownName (nobody, or several).

    {name, note, aliases, accounts: [{name, meetings}], usually_with: [{name, meetings}], meetings: [{path, title, date,
    account, participants}], first, last, silence, rhythm (days or null), owes, i_owe, proposed: tasks, decisions: rows,
    mentions: backlinks, counts}. `since` (a date) limits meetings and decisions; `most` the rows of meetings, decisions and
    proposals, never the counts. `mentions` are looked for in the text of notes, which takes longest; None: only where few notes hold
    the name.
    """
    from vaultindex.ask import rows as listed
    from vaultindex.dates.ranges import Range

    conn = asker.conn
    who = names.person(conn, name)
    met = meetings(conn, keys=who.keys, since=since, until=asker.today)
    ahead = meetings(conn, keys=who.keys, since=asker.today)
    every = met if since is None else meetings(conn, keys=who.keys, until=asker.today)
    quiet = silence([one.date for one in every], asker.today, wish(conn, who.note, asker.keep))
    found_owes = asker.tasks(("-note",), open=True, owner=who)
    i_owe = asker.tasks(open=True, mine=True, with_=who)
    proposed = asker.found(("note",), proposed=True, person=who)
    decided = listed.rows(conn, "decisions", person=who, when=Range(since, None) if since else None)
    found_mentions = _mentions(asker, who) if mentions or (mentions is None and _few(asker, who)) else None
    return {
        "name": who.name,
        "note": who.path,
        "aliases": _aliases(asker, who),
        "accounts": _accounts(every)[:_LATEST],
        "usually_with": together(conn, every, who.keys | asker.my_keys)[:_LATEST],
        "first": every[-1].date if every else None,
        "last": quiet.last,
        "next": min((one.date for one in ahead if one.date > asker.today), default=None),
        "silence": quiet.days,
        "rhythm": quiet.rhythm,
        "owes": found_owes,
        "i_owe": i_owe,
        "proposed": asker.of(proposed.keys[:most]),
        "decisions": decided[:most],
        "meetings": [one.row() for one in met[:most]],
        "mentions": (found_mentions or [])[:most],
        "counts": {
            "meetings": len(met),
            "owes": len(found_owes),
            "i_owe": len(i_owe),
            "proposed": len(proposed),
            "decisions": len(decided),
            "mentions": None if found_mentions is None else len(found_mentions),
        },
    }


def _aliases(asker: Asker, who: names.Entity) -> list[str]:
    if who.note is None:
        return []
    row = asker.conn.execute("SELECT aliases FROM notes WHERE id = ?", (who.note,)).fetchone()
    return [alias for alias in json.loads(row[0]) if isinstance(alias, str)]


def _accounts(met: list[Met]) -> list[Row]:
    counted = Counter(one.account for one in met if one.account)
    return [{"name": name, "meetings": number} for name, number in counted.most_common()]


def _few(asker: Asker, who: names.Entity) -> bool:
    """Whether so few notes hold the name that they can be read while somebody waits."""
    from vaultindex.ask.search import phrase

    sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)"
    match = " OR ".join(phrase(name) for name in (who.name, *_aliases(asker, who)))
    return int(asker.conn.execute(sql, (match, _FEW + 1)).fetchone()[0]) <= _FEW


_FEW = 100  # notes


def _mentions(asker: Asker, who: names.Entity) -> list[Row]:
    from vaultindex.ask import links

    _, found = links.backlinks(asker.conn, who.path or who.name, unlinked=True)
    return [row for row in found if row["kind"] == "mention"]
