"""Each question of the page as one document: the dictionaries of the JSON contract, under the names of the commands.

The templates and `/api` get the same documents. What may be asked of each is written beside it, so that the description
at `/api` and the check of what was asked cannot differ.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import OPTIONS, build
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.text import did_you_mean
from vaultindex.dates.ranges import Range, between
from vaultindex.web.site import Visit

Given = dict[str, Any]
MOST_ROWS = 1 << 31
FLAGS = {
    "1": True,
    "0": False,
    "yes": True,
    "no": False,
    "true": True,
    "false": False,
    "on": True,
    "off": False,
    "": True,
}
_FLAGS = {name for name, empty in OPTIONS.items() if empty is False}


class Asked(NamedTuple):
    """One document: who makes it, and the words that may be asked with their kind (text, flag, number)."""

    make: Callable[[Visit, Given], Any]
    words: dict[str, str]
    says: str
    place: str = ""  # the word that stands in the address itself
    rows: bool = False  # a list of rows; else one object


def given(asked: Asked, params: Mapping[str, str]) -> Given:
    """What was asked, read by the kinds of its words. Raises UsageError for a word that is not known."""
    found: Given = {}
    for name, value in params.items():
        key = name.replace("-", "_")
        key = "with_" if key == "with" and "with_" in asked.words else key
        kind = asked.words.get(key)
        if kind is None:
            hint = did_you_mean(key, list(asked.words))
            raise UsageError(f"{name!r} cannot be asked here.{hint} Known: {', '.join(asked.words) or 'nothing'}")
        if kind == "flag":
            if value not in FLAGS:
                raise UsageError(f"{name} is asked with 1 or 0, not {value!r}")
            found[key] = FLAGS[value]
        elif kind == "number":
            if not (value.isascii() and value.isdigit() and 0 < int(value[:12]) <= MOST_ROWS):
                raise UsageError(f"{name} takes a number from 1 on, not {value!r}")
            found[key] = int(value[:12])
        elif value.strip():
            found[key] = value.strip()
    return found


def period(visit: Visit, asked: Given) -> Range | None:
    """`since` and `until` as a range; both are taken out of what was asked."""
    since, until = asked.pop("since", None), asked.pop("until", None)
    return between(since, until, datetime.date.fromisoformat(visit.today))


def task_filters(visit: Visit, asked: Given) -> tuple[list[Any], list[str]]:
    """(conditions, what they say in words) of a list of tasks."""
    options = {name: value for name, value in asked.items() if name in OPTIONS}
    if "tag" in options:
        options["tag"] = options["tag"].replace(",", " ").split()
    return build(visit.conn, options, visit.today, visit.me)


def found_tasks(visit: Visit, asked: Given, only: Sequence[str] | None = None) -> lists.Found:
    """The tasks that `vi tasks` lists for the same words; with `only` these fields of them."""
    nodes, _ = task_filters(visit, asked)
    return selected(visit, nodes, asked, only)


def selected(visit: Visit, nodes: list[Any], asked: Given, only: Sequence[str] | None = None) -> lists.Found:
    """The tasks that fit these conditions, in the order and number that was asked for."""
    sort = asked["sort"].split(",") if "sort" in asked else lists.DEFAULT_SORT
    limit = asked.get("limit")
    return lists.select(visit.conn, nodes, today=visit.today, me=visit.me, sort=sort, limit=limit, only=only)


def _today(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import day

    return day.day(visit.asker, visit.triaged(), asked.get("limit"))


def agenda(visit: Visit, asked: Given, most: int | None = None, each: Callable[[bool], int] | None = None) -> Any:
    """The agenda; on a page `most` rows are overdue, and a day has at most `each` (given whether it is the only one)."""
    from vaultindex.ask.pages import agenda as page

    first, last = page.span(asked.get("when", ""), min(asked.get("days") or 0, 366), visit.today)
    limit = each(first == last) if each else None
    options: dict[str, Any] = {name: asked[name] for name in ("mine", "owner", "account", "person") if asked.get(name)}
    return page.agenda(visit.asker, first, last, proposed=bool(asked.get("proposed")), most=most, each=limit, **options)


def waiting(visit: Visit, asked: Given, most: int | None = None) -> Any:
    """What others owe; with `most` only those who hold the first so many tasks."""
    from vaultindex.ask.pages import waiting as page

    return page.waiting(visit.asker, **asked, most=most)


def _tasks(visit: Visit, asked: Given) -> Any:
    return list(found_tasks(visit, asked))


def run_query(visit: Visit, text: str, most: int | None = None) -> Any:
    """The answer of the query language, with no more than `most` rows where nothing groups. Raises QueryError, which knows
    its line."""
    from vaultindex.query.engine import run
    from vaultindex.query.language.typed import as_lines

    today = datetime.date.fromisoformat(visit.today)
    settings = lists.plugin_settings(visit.conn)
    return run(visit.conn, as_lines(text), today=today, settings=settings, query_note=None, most=most)


def _query(visit: Visit, asked: Given) -> Any:
    if "q" not in asked:
        raise UsageError("no query: q=not done; due before tomorrow")
    result = run_query(visit, asked["q"])
    groups = [
        {
            "names": list(group.names),
            "headings": [heading._asdict() for heading in group.headings],
            "tasks": lists.of_rowids(visit.conn, group.keys, visit.today, visit.me),
        }
        for group in result.groups
    ]
    return {
        "query": asked["q"], "total": result.total, "total_before_limit": result.total_before_limit,
        "count_text": result.count_text, "groups": groups, "explain": result.explain,
    }  # fmt: skip


def _listed(kind: str) -> Callable[[Visit, Given], Any]:
    def make(visit: Visit, asked: Given) -> Any:
        from vaultindex.ask import rows

        return rows.rows(visit.conn, kind, limit=asked.get("limit"), **_row_options(visit, asked))

    return make


def listed_count(visit: Visit, kind: str, params: Mapping[str, str]) -> int:
    """How many rows of this kind there are in all for what was asked."""
    from vaultindex.ask import rows

    return rows.count(visit.conn, kind, **_row_options(visit, given(DOCUMENTS[kind], params)))


def _row_options(visit: Visit, asked: Given) -> Given:
    from vaultindex.ask import rows

    options = {name: value for name, value in asked.items() if name != "limit"}
    when = period(visit, options)
    words = tuple(str(options.pop("words", "")).split())
    if "as_of" in options:
        options["as_of"] = rows.last_day(options["as_of"], visit.today)
    return {**options, "when": when, "words": words}


def _decision(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import decision

    return decision.decision(visit.asker, asked["id"])


def _accounts(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask import people

    return people.accounts(visit.conn, period(visit, asked))[: asked.get("limit")]


def _account(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import account

    return account.account(visit.asker, asked["name"])


def _people(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask import people

    return people.people(visit.conn, period(visit, asked), visit.me)[: asked.get("limit")]


def _person(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import person

    name, mentions = asked["name"], asked.get("mentions", True)
    try:
        return person.person(visit.asker, name, mentions=mentions)
    except UnknownName:
        if name.startswith("@"):
            raise
        # An owner who is nobody's note has the name that stands in the task, which may be the beginning of others' names.
        return person.person(visit.asker, f"@{name}", mentions=mentions)


def _notes(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask import notes

    options = dict(asked)
    when = period(visit, options)
    words = tuple(str(options.pop("words", "")).split())
    return notes.notes(visit.conn, words=words, when=when, **options)


def _note(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask import names, notes

    _, path = names.note(visit.conn, asked["path"])
    return notes.whole(visit.conn, path, visit.today, visit.me)


def _search(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask import search

    options = {name: asked[name] for name in ("account", "title") if asked.get(name)}
    return search.search(visit.conn, asked.get("q", ""), limit=asked.get("limit", 20), **options)


def review(visit: Visit, asked: Given, most: int | None = None) -> Any:
    """The review; with `most`, the lists that an old vault makes long have no more rows than a page shows."""
    from vaultindex.ask.pages import review as page

    days = page.days_of(asked.get("when", ""), visit.today)
    return page.review(visit.conn, visit.history, visit.today, visit.me, days, visit.config.get("keep_in_touch"), most)


def _stats(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import stats

    return stats.stats(visit.conn, visit.history, visit.today, visit.me, asked.get("by") or "month")


def _status(visit: Visit, asked: Given) -> Any:
    from vaultindex.ask.pages import status

    return status.facts(visit.conn, visit.root, visit.index, visit.config)


def doctor(visit: Visit, asked: Given, texts: bool = True) -> Any:
    """What was left out or doubted; without `texts` only what the index knows by itself."""
    from vaultindex.ask.pages import status

    return {"problems": status.problems(visit.conn, visit.config, asked.get("kind"), texts)}


_TASK_WORDS = {
    **{name: "flag" if name in _FLAGS else "text" for name in OPTIONS}, "sort": "text", "limit": "number",
}  # fmt: skip
_TIME = {"since": "text", "until": "text", "limit": "number"}
_ROWS = {"words": "text", "account": "text", "person": "text", "note": "text", "excluded": "flag", **_TIME}

DOCUMENTS: dict[str, Asked] = {
    "today": Asked(_today, {"limit": "number"}, "The day: due, overdue, planned, proposed, waiting, meetings."),
    "agenda": Asked(agenda, {"when": "text", "days": "number", "mine": "flag", "owner": "text", "account": "text", "person": "text", "proposed": "flag"}, "Days ahead or behind."),
    "waiting": Asked(waiting, {"owner": "text", "account": "text", "person": "text", "older": "text", "unfold": "flag"}, "What others owe, longest waiting first."),
    "tasks": Asked(_tasks, _TASK_WORDS, "Tasks by due date, owner, account, state, words.", rows=True),
    "query": Asked(_query, {"q": "text"}, "A query in the Tasks plugin's language; `;` between instructions."),
    "decisions": Asked(_listed("decisions"), {**_ROWS, "as_of": "text"}, "What was decided.", rows=True),
    "facts": Asked(_listed("facts"), _ROWS, "What is known.", rows=True),
    "decision": Asked(_decision, {}, "One decision with its thread.", "id"),
    "accounts": Asked(_accounts, _TIME, "Every account with its open work.", rows=True),
    "account": Asked(_account, {}, "An account: open work on each side, people, decisions.", "name"),
    "people": Asked(_people, _TIME, "Everybody the notes name.", rows=True),
    "person": Asked(_person, {"mentions": "flag"}, "A person: who owes whom, meetings, decisions.", "name"),
    "notes": Asked(_notes, {"words": "text", "type": "text", "account": "text", "person": "text", "tag": "text", "meetings": "flag", "no_actions": "flag", "excluded": "flag", **_TIME}, "Notes, newest first.", rows=True),
    "note": Asked(_note, {}, "One note: its tasks, decisions, people, links.", "path"),
    "search": Asked(_search, {"q": "text", "account": "text", "title": "flag", "limit": "number"}, "Full-text search.", rows=True),
    "review": Asked(review, {"when": "text"}, "A week or month: done, decided, slipped, missed, silent."),
    "stats": Asked(_stats, {"by": "text"}, "Tasks made and settled, their age, what is accepted."),
    "status": Asked(_status, {}, "The vault, the index and how fresh it is."),
    "doctor": Asked(doctor, {"kind": "text"}, "What was left out or doubted."),
}  # fmt: skip


def document(visit: Visit, name: str, params: Mapping[str, str], place: str = "") -> Any:
    """The document of this name. Raises VaultError."""
    asked = DOCUMENTS[name]
    words = given(asked, params)
    if asked.place:
        words[asked.place] = place
    return asked.make(visit, words)
