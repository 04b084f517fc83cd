"""Before a meeting: what happened last time, what was decided, what each side owes, what has gone quiet, and who they are."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vaultindex.ask import names
from vaultindex.ask.pages.contact import Met, meetings, silence
from vaultindex.ask.summary import first_sentence
from vaultindex.ask.tasks.same_ask import Ask, fold_asks
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.errors import UnknownName
from vaultindex.base.text import did_you_mean, fold

Row = dict[str, Any]
_STANDING = 5  # decisions


class Subject(NamedTuple):
    """What a brief is about: people and accounts, by the names that were typed."""

    title: str
    people: list[names.Entity]
    accounts: list[names.Entity]


def subject(asker: Asker, said: Sequence[str]) -> Subject:
    """The people and accounts that the names mean; a note means its participants and its account. Raises UnknownName."""
    people: dict[str, names.Entity] = {}
    accounts: dict[str, names.Entity] = {}
    titles: list[str] = []
    for name in said:
        found = _resolve(asker, name)
        if isinstance(found, names.Entity):
            titles.append(found.name)
            (people if found.kind == "person" else accounts)[found.path or found.name] = found
            continue
        note, path = found
        titles.append(path.rsplit("/", 1)[-1].removesuffix(".md"))
        (account,) = asker.conn.execute("SELECT account FROM notes WHERE id = ?", (note,)).fetchone()
        # As the index understands the names there, which elsewhere may mean others.
        sql = "SELECT key FROM people WHERE note = ? ORDER BY line, rowid"
        keys = [key for (key,) in asker.conn.execute(sql, (note,))]
        known = names.of_keys(asker.conn, keys)
        for one in dict.fromkeys(known[key] for key in keys):
            if one.keys.isdisjoint(asker.my_keys):
                people[one.path or one.name] = one
        if account:
            one = names.account(asker.conn, account)
            accounts[one.path or one.name] = one
    return Subject(", ".join(titles), list(people.values()), list(accounts.values()))


def _resolve(asker: Asker, name: str) -> names.Entity | tuple[int, str]:
    """The person, account or note of a name: never a guess between a person and an account. Raises UnknownName."""
    exactly = [one for kind in ("account", "person") if (one := names.with_exactly(asker.conn, kind, name))]
    if len(exactly) == 1:
        return exactly[0]
    found: list[names.Entity] = []
    wrong: list[UnknownName] = []
    for kind in (names.account, names.person):
        try:
            found.append(kind(asker.conn, name))
        except UnknownName as error:
            wrong.append(error)
    exact = [one for one in found if fold(name.lstrip("@")) in one.keys]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if len(found) > 1:
        raise UnknownName(f"{name!r} could be the account {found[0].name} or {found[1].name}: say more of the name")
    several = [error for error in wrong if "could be" in str(error)]
    if several:
        raise several[0]
    try:
        return names.note(asker.conn, name)
    except UnknownName:
        every = [one.name for kind in ("account", "person") for one in names.candidates(asker.conn, kind)]
        hint = did_you_mean(name, every, most=3)
        raise UnknownName(f"no person, account or note is called {name!r}.{hint}") from None


def brief(asker: Asker, said: Sequence[str], *, since: str | None = None, proposed: bool = False) -> dict[str, Any]:
    """The page before a meeting with these people or accounts. Raises UnknownName.

    {title, date, since (a date or null), people: [{name, note, account, last, silence, rhythm}], accounts: [names],
    last_time: {path, title, date, participants, summary} or null, left_open: tasks of that meeting that are open, decided
    (since then) and standing (before): rows, i_owe, they_owe, nobodys: asks, silent: asks older than the last two meetings,
    proposed: tasks (only when asked for), counts}. An ask is a task with `asked`, `times` and `notes`.
    """
    of = subject(asker, said)
    met = _met(asker, of)
    behind = [one for one in met if one.date < asker.today]
    last = behind[0] if behind else None
    begin = since or (last.date if last else None)
    i_owe, theirs, nobodys, proposals = _tasks(asker, of)
    decided, standing = _decisions(asker, of, begin)
    threads = _fold([*i_owe, *theirs, *nobodys], asker)
    before = behind[1].date if len(behind) > 1 else None
    silent = [row for row in threads if before and row["asked"] and row["asked"] < before]
    known = {row["id"] for row in silent}
    return {
        "title": of.title,
        "date": asker.today,
        "since": begin,
        "people": [_who(asker, person) for person in of.people],
        "accounts": [one.name for one in of.accounts],
        "last_time": None if last is None else {**last.row(), "summary": first_sentence(asker.conn, last.id)},
        "left_open": [] if last is None else asker.tasks(("path",), open=True, note=last.path),
        "decided": decided,
        "standing": standing[:_STANDING],
        "i_owe": _fold(i_owe, asker),
        "they_owe": _fold(theirs, asker),
        "nobodys": _fold(nobodys, asker),
        "silent": [row for row in threads if row["id"] in known],
        "proposed": asker.of(proposals) if proposed else [],
        "counts": {
            "meetings": len(met),
            "i_owe": len(i_owe),
            "they_owe": len(theirs),
            "nobodys": len(nobodys),
            "proposed": len(proposals),
            "decided": len(decided),
            "standing": len(standing),
        },
    }


def _met(asker: Asker, of: Subject) -> list[Met]:
    """The meetings with any of them up to today, newest first."""
    found: dict[int, Met] = {}
    for person in of.people if not of.accounts else ():
        found.update((one.id, one) for one in meetings(asker.conn, keys=person.keys, until=asker.today))
    for account in of.accounts:
        found.update((one.id, one) for one in meetings(asker.conn, account=account.keys, until=asker.today))
    return sorted(found.values(), key=lambda one: (one.date, one.path), reverse=True)


def _tasks(asker: Asker, of: Subject) -> tuple[list[Row], list[Row], list[Row], list[int]]:
    """(mine, theirs, nobody's, rowids of proposals) that concern any of them, each task once."""
    mine: dict[str, Row] = {}
    theirs: dict[str, Row] = {}
    nobodys: dict[str, Row] = {}
    proposals: dict[int, None] = {}
    for account in of.accounts:
        mine.update((row["id"], row) for row in asker.tasks(open=True, mine=True, account=account))
        theirs.update((row["id"], row) for row in asker.tasks(open=True, theirs=True, account=account))
        nobodys.update((row["id"], row) for row in asker.tasks(open=True, nobodys=True, account=account))
        proposals.update((key, None) for key in asker.found(proposed=True, account=account).keys)
    for person in of.people:
        theirs.update((row["id"], row) for row in asker.tasks(open=True, theirs=True, owner=person))
        if not of.accounts:
            mine.update((row["id"], row) for row in asker.tasks(open=True, mine=True, with_=person))
            nobodys.update((row["id"], row) for row in asker.tasks(open=True, nobodys=True, person=person))
            proposals.update((key, None) for key in asker.found(proposed=True, person=person).keys)
    return list(mine.values()), list(theirs.values()), list(nobodys.values()), list(proposals)


def _fold(rows: list[Row], asker: Asker) -> list[Row]:
    """The tasks as asks, longest first."""
    asks: list[Ask] = sorted(fold_asks(rows), key=lambda ask: (ask.asked or "9999", ask.row["path"], ask.row["line"]))
    return [
        {**ask.row, "asked": ask.asked, "times": ask.times, "notes": [row["path"] for row in ask.rows]} for ask in asks
    ]


def _decisions(asker: Asker, of: Subject, begin: str | None) -> tuple[list[Row], list[Row]]:
    """(decided since a day, decided before and standing), newest first."""
    from vaultindex.ask import rows as listed

    found: dict[tuple[str, int, str], Row] = {}
    for account in of.accounts:
        for row in listed.rows(asker.conn, "decisions", account=account):
            found[row["path"], row["line"], row["text"]] = row
    for person in of.people if not of.accounts else ():
        for row in listed.rows(asker.conn, "decisions", person=person):
            found[row["path"], row["line"], row["text"]] = row
    rows = sorted(found.values(), key=lambda row: row["date"] or "", reverse=True)
    stands = [row for row in rows if row["status"] not in listed.FALLEN]
    since = [row for row in stands if begin and row["date"] and row["date"] >= begin]
    return since, [row for row in stands if row not in since]


def _who(asker: Asker, person: names.Entity) -> Row:
    met = meetings(asker.conn, keys=person.keys, until=asker.today)
    quiet = silence([one.date for one in met], asker.today)
    return {
        "name": person.name,
        "note": person.path,
        "account": next((one.account for one in met if one.account), None),
        "last": quiet.last,
        "silence": quiet.days,
        "rhythm": quiet.rhythm,
    }
