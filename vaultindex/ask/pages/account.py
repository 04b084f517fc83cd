"""An account: its people, the last meeting, what is open on which side, what is proposed, what was decided."""

from __future__ import annotations

import json
from typing import Any

from vaultindex.ask import names
from vaultindex.ask.pages.contact import meetings, silence, together, wish
from vaultindex.ask.tasks.sides import Asker, sides

Row = dict[str, Any]
_PEOPLE = 8


def lists(name: str) -> dict[str, str]:
    """count -> the list that has as many rows."""
    from shlex import quote

    account = quote(name)
    return {
        "meetings": f"vi notes --meetings --until today --account {account}",
        "open": f"vi tasks --open --account {account}",
        "mine": f"vi tasks --open --mine --account {account}",
        "theirs": f"vi tasks --open --theirs --account {account}",
        "nobodys": f"vi tasks --open --nobodys --account {account}",
        "proposed": f"vi tasks --proposed --account {account}",
        "decisions": f"vi decisions --account {account}",
    }


def account(asker: Asker, name: str, *, since: str | None = None, most: int | None = None) -> dict[str, Any]:
    """The page of an account. Raises UnknownName (none, or several).

    {name, note, aliases, people: [{name, meetings}], first, last, next, silence, rhythm (days or null), mine, theirs,
    nobodys, proposed: tasks, decisions: rows, meetings: [{path, title, date, account, participants}], counts}. `since` (a
    date) limits meetings and decisions; `most` the rows of meetings, decisions and proposals, never the counts.
    """
    from vaultindex.ask import rows as listed
    from vaultindex.dates.ranges import Range

    conn = asker.conn
    of = names.account(conn, name)
    met = meetings(conn, account=of.keys, since=since, until=asker.today)
    every = met if since is None else meetings(conn, account=of.keys, until=asker.today)
    ahead = meetings(conn, account=of.keys, since=asker.today)
    quiet = silence([one.date for one in every], asker.today, wish(conn, of.note, asker.keep))
    open_ = asker.tasks(open=True, account=of)
    split = sides(open_, asker)
    proposed = asker.found(("note",), proposed=True, account=of)
    decided = listed.rows(conn, "decisions", account=of, when=Range(since, None) if since else None)
    people = together(conn, every, asker.my_keys)
    aliases = conn.execute("SELECT aliases FROM notes WHERE id = ?", (of.note,)).fetchone() if of.note else None
    return {
        "name": of.name,
        "note": of.path,
        "aliases": [alias for alias in json.loads(aliases[0]) if isinstance(alias, str)] if aliases else [],
        "people": people[:_PEOPLE],
        "first": every[-1].date if every else None,
        "last": quiet.last,
        "next": min((one.date for one in ahead if one.date > asker.today), default=None),
        "silence": quiet.days,
        "rhythm": quiet.rhythm,
        **split,
        "proposed": asker.of(proposed.keys[:most]),
        "decisions": decided[:most],
        "meetings": [one.row() for one in met[:most]],
        "counts": {
            "meetings": len(met),
            "people": len(people),
            "open": len(open_),
            **{side: len(rows) for side, rows in split.items()},
            "proposed": len(proposed),
            "decisions": len(decided),
        },
    }
