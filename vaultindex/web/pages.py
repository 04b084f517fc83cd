"""The pages: each takes a document of `documents.py` and says which template shows it, in which sections.

The addresses here are those of one vault alone; the templates put the beginning in front that says which vault it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from vaultindex.ask.tasks import lists
from vaultindex.base.errors import ChangedError, UnknownName
from vaultindex.base.packed_text import unpack
from vaultindex.change.desk import TOLD_APART, decided, in_order, set_aside
from vaultindex.dates.ranges import Range, echo_day
from vaultindex.query.nodes.errors import QueryError
from vaultindex.render.phrases import count
from vaultindex.web import documents as docs
from vaultindex.web.feed import address
from vaultindex.web.pictures import pictures
from vaultindex.web.site import Visit

Row = dict[str, Any]
Page = tuple[str, Row]  # template, what it shows
PER_PAGE = 100
FEW = 30  # rows of a section of a page; the list behind its heading has all of them
FEWER = 5  # the same where a page has a section a person or a day
_MOST_LINES = 5_000


def section(
    title: str, rows: list[Row], total: int | None = None, more: str = "", kind: str = "tasks", **also: Any
) -> Row:
    """One part of a page: `total` is how many there are in all, `more` the address of all of them."""
    return {
        "title": title,
        "rows": rows,
        "total": len(rows) if total is None else total,
        "more": more,
        "kind": kind,
        **also,
    }


def tasks_url(**options: Any) -> str:
    """The address of a list of tasks."""
    return "/tasks?" + urlencode({name.rstrip("_"): "1" if value is True else value for name, value in options.items()})


def today(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    page = docs.document(visit, "today", {"limit": str(FEW), **params})
    counts = page["counts"]
    parts = [
        ("Due today", "due", counts["due"], tasks_url(due="today", open=True)),
        ("Overdue, mine or nobody's", "overdue", counts["overdue"] - counts["overdue_theirs"], tasks_url(overdue=True, open=True, sure=True)),
        ("Planned for today", "planned", counts["planned"], tasks_url(planned=True, open=True)),
        ("Proposed", "proposed", counts["proposed"], "/triage"),
        ("Waiting on others", "waiting", counts["waiting"], "/waiting"),
        ("Open without a date", "undated", counts["undated"], tasks_url(undated=True, open=True)),
        ("Past a date that may be the generator's", "past_doubted", counts["past_doubted"], tasks_url(overdue=True, open=True, doubted=True)),
    ]  # fmt: skip
    sections = [section(title, page[name], total, more) for title, name, total, more in parts if page[name] or total]
    if page["meetings"]:
        sections.insert(1, section("Meetings today", page["meetings"], kind="meetings"))
    new = f" ({counts['new']:,} new)" if counts["new"] else ""
    aside = (
        f"{counts['due']:,} due · {counts['overdue']:,} overdue · {counts['proposed']:,} proposed{new} · "
        f"{counts['waiting']:,} waiting"
    )
    return "page.html", {"title": echo_day(page["date"]), "aside": aside, "sections": sections,
                         "nothing": "Nothing is open, proposed or owed to you: enjoy the day."}  # fmt: skip


def triage(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    words = docs.given(docs.DOCUMENTS["tasks"], params)
    found = docs.found_tasks(visit, {**words, "proposed": True}, only=TOLD_APART)
    rows = [{**row, "key": key} for key, row in zip(found.keys, found)]
    in_order(rows)
    with visit.bench() as at:
        shown, back, late = set_aside(rows, decided(at, rows), visit.today)
        if not visit.site.read_only:
            known = at.journal.seen()
            at.journal.mark_seen([row["id"] for row in shown[:PER_PAGE] if row["id"] not in known], visit.today)

    def whole(some: list[Row]) -> list[Row]:
        return lists.of_rowids(visit.conn, [row["key"] for row in some], visit.today, visit.me)

    sections = [section("Proposals, newest note first", whole(shown[:PER_PAGE]), len(shown), tasks_url(proposed=True))]
    if back:
        sections.append(section("Came back after they were rejected", whole(back[:FEW]), len(back)))
    if late:
        sections.append(section("Put off today", whole(late[:FEW]), len(late)))
    return "page.html", {"title": "Triage", "aside": f"{len(shown):,} to decide on", "sections": [s for s in sections if s["rows"]],
                         "nothing": "No proposals to decide on.", "triage": True}  # fmt: skip


def tasks(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    if params.get("q", "").strip():
        return _query(visit, params["q"])
    params = {name: value for name, value in params.items() if name != "q"}
    at = params.pop("page", "1")
    number = int(at) if at.isascii() and at.isdigit() and 0 < len(at) < 7 else 1
    words = docs.given(docs.DOCUMENTS["tasks"], params)
    nodes, said = docs.task_filters(visit, words)
    counts = lists.count(visit.conn, nodes, visit.today)
    total = min(sum(counts.values()), words.get("limit", docs.MOST_ROWS))
    first = (max(number, 1) - 1) * PER_PAGE
    last = min(first + PER_PAGE, total)
    keys = docs.selected(visit, nodes, {**words, "limit": last}).keys[first:] if last > first else []
    rows = lists.of_rowids(visit.conn, keys, visit.today, visit.me)
    what = ", ".join(said)
    parts = [f"{counts[s]:,} {s}" for s in ("open", "proposed", "done", "cancelled", "other") if counts.get(s)]

    def turned(to: int) -> str:
        return "/tasks?" + urlencode({**params, "page": to})

    return "tasks.html", {
        "title": what[:1].upper() + what[1:] if what else "Tasks", "aside": ", ".join(parts) or "no tasks",
        "sections": [section("", rows, total)] if rows else [], "asked": params, "query": "", "total": total,
        "first": first + 1, "last": first + len(rows), "nothing": "No tasks fit.",
        "feed": address(visit, params), "before": turned(number - 1) if number > 1 else "", "after": turned(number + 1) if last < total else "",
    }  # fmt: skip


def _query(visit: Visit, text: str) -> Page:
    shown: Row = {"title": "Query", "query": text, "asked": {}, "sections": [], "aside": "", "total": 0, "nothing": ""}
    try:
        result = docs.run_query(visit, text, PER_PAGE)
    except QueryError as error:
        return "tasks.html", {**shown, "error": str(error), "error_line": error.line, "status": 400}
    left = PER_PAGE
    for group in result.groups:
        rows = lists.of_rowids(visit.conn, group.keys[:left], visit.today, visit.me)
        left -= len(rows)
        if rows:
            total = len(group.keys) if group.names else result.total
            shown["sections"].append(section(" · ".join(group.names), rows, total))
    return "tasks.html", {**shown, "aside": result.count_text, "total": result.total, "nothing": "No tasks fit."}


def agenda(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    asked = docs.given(docs.DOCUMENTS["agenda"], params)
    page = docs.agenda(visit, asked, FEW, lambda alone: PER_PAGE if alone else FEWER)
    sections = []
    if page["overdue"]:
        sections.append(
            section(
                "Overdue", page["overdue"], page["counts"]["overdue"], tasks_url(overdue=True, open=True, sure=True)
            )
        )
    for day in page["days"]:
        title = echo_day(day["date"]) + {0: " · today", 1: " · tomorrow"}.get(day["in_days"], "")
        tasks, alone = day["tasks"], len(page["days"]) == 1
        more = (
            tasks_url(due=day["date"]) if alone else "/agenda?" + urlencode({**params, "when": day["date"], "days": 1})
        )
        sections.append(
            section(
                title,
                tasks,
                day["count"],
                more if day["count"] > len(tasks) else "",
                meetings=day["meetings"],
                day=True,
            )
        )
    first, last = page["from"], page["until"]
    length = (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days + 1

    def moved(by: int) -> list[str]:
        try:
            start = datetime.date.fromisoformat(first) + datetime.timedelta(by)
        except OverflowError:
            return []  # where the calendar ends
        return ["/agenda?" + urlencode({**params, "when": start.isoformat(), "days": length})]

    return "page.html", {
        "title": f"Agenda: {Range(first, last).echo()}", "aside": f"{page['undated']:,} open without a date", "sections": sections,
        "turn": [(word, to) for word, by in (("Earlier", -length), ("Later", length)) for to in moved(by)],
        "feed": address(visit, params),
    }  # fmt: skip


def waiting(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    page = docs.waiting(visit, docs.given(docs.DOCUMENTS["waiting"], params), PER_PAGE)
    counts, people = page["counts"], page["people"][: PER_PAGE // FEWER]
    most = PER_PAGE if counts["people"] == 1 else FEWER
    sections = [
        section(
            one["person"],
            one["asks"][:most],
            one["tasks"],
            tasks_url(open=True, owner=one["person"]),
            person=one["person"],
        )
        for one in people
    ]
    aside = f"{counts['tasks']:,} tasks of {counts['people']:,} people"
    if counts["people"] > len(people):
        aside += f", here the {len(people)} who keep you waiting longest"
    return "page.html", {"title": "Waiting on others", "aside": aside, "sections": sections, "nothing": "Nobody owes you anything."}  # fmt: skip


def accounts(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    rows = docs.document(visit, "accounts", params)
    columns = [
        ("last", "last"),
        ("notes", "notes"),
        ("open_tasks", "open"),
        ("proposed", "proposed"),
        ("decisions", "decisions"),
    ]
    return "table.html", {
        "title": "Accounts",
        "aside": f"{len(rows):,}",
        "rows": rows,
        "columns": columns,
        "link": "account",
    }


def people(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    rows = docs.document(visit, "people", params)
    columns = [("last", "last"), ("meetings", "meetings"), ("open_tasks", "open tasks")]
    return "table.html", {
        "title": "People",
        "aside": f"{len(rows):,}",
        "rows": rows,
        "columns": columns,
        "link": "person",
    }


def _about(page: Row) -> list[Row]:
    """What the page of a person or account says above its lists."""
    silence = None
    if page["silence"] is not None:
        usual = f", usually every {count(page['rhythm'], 'day')}" if page["rhythm"] else ""
        silence = f"{count(page['silence'], 'day')}{usual}"
    facts = [
        {"name": "also", "text": ", ".join(page["aliases"])}, {"name": "last met", "text": page["last"]},
        {"name": "next", "text": page["next"]}, {"name": "silent for", "text": silence}, {"name": "first met", "text": page["first"]},
        {"name": "accounts", "kind": "account", "rows": page.get("accounts")}, {"name": "people", "kind": "person", "rows": page.get("people")},
        {"name": "usually with", "kind": "person", "rows": page.get("usually_with")}, {"name": "note", "note": page["note"]},
    ]  # fmt: skip
    return [fact for fact in facts if fact.get("text") or fact.get("rows") or fact.get("note")]


def account(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    page = docs.document(visit, "account", params, place)
    name, counts = page["name"], page["counts"]
    url = "/decisions?" + urlencode({"account": name})
    sections = [
        section("Mine", page["mine"][:PER_PAGE], counts["mine"], tasks_url(open=True, mine=True, account=name)),
        section("Theirs", page["theirs"][:PER_PAGE], counts["theirs"], tasks_url(open=True, theirs=True, account=name)),
        section("Nobody's", page["nobodys"][:PER_PAGE], counts["nobodys"], tasks_url(open=True, nobodys=True, account=name)),
        section("Proposed", page["proposed"][:FEW], counts["proposed"], tasks_url(proposed=True, account=name)),
        section("Decisions", page["decisions"][:FEW], counts["decisions"], url, "decisions"),
        section("Meetings", page["meetings"][:FEW], counts["meetings"], "", "meetings"),
    ]  # fmt: skip
    return "page.html", {"title": name, "aside": f"{counts['open']:,} open", "facts": _about(page), "sections": [s for s in sections if s["total"]]}  # fmt: skip


def person(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    page = docs.DOCUMENTS["person"].make(visit, {"name": place, "mentions": None})
    name, counts = page["name"], page["counts"]
    url = "/decisions?" + urlencode({"person": name})
    sections = [
        section("They owe", page["owes"][:PER_PAGE], counts["owes"], tasks_url(open=True, owner=name)),
        section("I owe", page["i_owe"][:PER_PAGE], counts["i_owe"], tasks_url(open=True, mine=True, with_=name)),
        section("Proposed in their meetings", page["proposed"][:FEW], counts["proposed"], tasks_url(proposed=True, person=name)),
        section("Decisions", page["decisions"][:FEW], counts["decisions"], url, "decisions"),
        section("Meetings", page["meetings"][:FEW], counts["meetings"], "", "meetings"),
        section("Mentioned without a link", page["mentions"][:FEW], counts["mentions"] or 0, "", "places"),
    ]  # fmt: skip
    return "page.html", {"title": name, "aside": f"{counts['meetings']:,} meetings", "facts": _about(page), "sections": [s for s in sections if s["total"]]}  # fmt: skip


def decisions(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    shown = docs.document(visit, "decisions", {"limit": str(PER_PAGE), **params})
    total = docs.listed_count(visit, "decisions", params) if len(shown) == PER_PAGE else len(shown)
    asked = ", ".join(f"{name} {value}" for name, value in params.items() if value)
    return "page.html", {"title": "Decisions" + (f": {asked}" if asked else ""), "aside": f"{total:,}",
                         "sections": [section("", shown, total, "", "decisions")] if shown else [], "nothing": "No decisions fit.",
                         "ask": ("/decisions", ("words", "account", "person", "since", "until", "as_of"), params)}  # fmt: skip


def decision(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    page = docs.document(visit, "decision", params, place)
    facts = [
        {"name": "date", "text": page["date"]}, {"name": "account", "kind": "account", "rows": [{"name": page["account"]}] if page["account"] else None},
        {"name": "status", "text": page["status"]}, {"name": "there", "kind": "person", "rows": [{"name": who} for who in page["participants"]]},
        {"name": "note", "note": page["path"], "line": page["line"]},
    ]  # fmt: skip
    sections = [
        section("Earlier on this subject", page["earlier"], kind="decisions"),
        section("Later: may replace it", page["later"], kind="decisions"),
        section("Tasks of the same note", page["tasks"]),
    ]
    return "page.html", {"title": page["text"], "aside": "", "facts": [f for f in facts if f.get("text") or f.get("rows") or f.get("note")],
                         "sections": [s for s in sections if s["rows"]], "marked_title": True}  # fmt: skip


class Moved(Exception):
    """The note is known under another address."""

    def __init__(self, path: str) -> None:
        self.path = path


def note(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    from vaultindex.ask import names

    conn = visit.conn
    _, path = names.note(conn, place)
    if path != place:
        raise Moved(path)
    page = docs.document(visit, "note", {}, path)
    body = conn.execute("SELECT b.body FROM notes n JOIN bodies b ON b.id = n.id WHERE n.path = ?", (path,)).fetchone()
    text = unpack(body[0]) if body else ""
    targets = {
        row["linkpath"]: row["target"] for row in page["link_rows"] if row["target"] and row["target"].endswith(".md")
    }
    facts = [
        {"name": "type", "text": page["type"]}, {"name": "date", "text": page["date"]},
        {"name": "account", "kind": "account", "rows": [{"name": page["account"]}] if page["account"] else None},
        {"name": "project", "text": page["project"]}, {"name": "there", "kind": "person", "rows": [{"name": who} for who in page["participants"]]},
        {"name": "tags", "text": " ".join(page["tags"])}, {"name": "problems", "text": "; ".join(page["problems"])},
    ]  # fmt: skip
    sections = [
        section("Tasks", page["task_rows"], in_note=True),
        section("Decisions", page["decision_rows"], kind="decisions", in_note=True),
        section("Linked from", page["backlinks"][:PER_PAGE], len(page["backlinks"]), "", "places"),
    ]
    return "note.html", {
        "title": page["title"], "aside": "", "path": path, "facts": [f for f in facts if f.get("text") or f.get("rows")],
        "sections": [s for s in sections if s["rows"]], "body": text, "targets": targets, "most": _MOST_LINES,
        "cut": text.count("\n") + 1 > _MOST_LINES, "rows_at": {row["line"] for row in (*page["task_rows"], *page["decision_rows"])},
    }  # fmt: skip


def search(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    query = params.get("q", "").strip()
    hits: Any = docs.document(visit, "search", {"limit": "50", **params}) if query else []
    total = hits.total if query else 0
    return "page.html", {"title": f"Search: {query}" if query else "Search", "aside": f"{total:,} notes" if query else "",
                         "sections": [section("", hits, total, "", "places")] if hits else [],
                         "nothing": f"Nothing found for {query!r}." if query else "Words, or a \"phrase in quotes\".",
                         "ask": ("/search", ("q", "account"), params)}  # fmt: skip


def review(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    from vaultindex.ask.pages.review import SECTIONS

    page = docs.review(visit, docs.given(docs.DOCUMENTS["review"], params), PER_PAGE)
    kinds = {"decided": "decisions", "new_people": "person", "silent_people": "person", "silent_accounts": "account"}
    sections = [
        section(title, page[name][:PER_PAGE], page["counts"][name], "", kinds.get(name, "plain_tasks"))
        for name, title in SECTIONS.items()
        if page[name]
    ]
    return "review.html", {"title": f"Review: {Range(page['start'], page['end']).echo()}", "aside": f"up to {page['as_of']}", "sections": sections,
                           "pictures": pictures(visit, page), "nothing": "Nothing happened in this time, as far as the notes say.",
                           "turn": [(w, f"/review?when={w.replace(' ', '+')}") for w in ("week", "last week", "month", "last month")]}  # fmt: skip


def status(visit: Visit, params: Mapping[str, str], place: str) -> Page:
    from vaultindex.ask.pages.status import watcher_line

    found = docs.document(visit, "status", {})
    asked = docs.given(docs.DOCUMENTS["doctor"], params)
    problems = docs.doctor(visit, asked, texts=False)["problems"]
    facts = [{"name": name, "text": f"{found[name]:,}" if isinstance(found[name], int) else found[name]}
             for name in ("vault", "index", "notes", "tasks", "decisions", "links", "problems", "indexed_at", "version")]  # fmt: skip
    facts.insert(-1, {"name": "watcher", "text": watcher_line(found["watcher"])})
    if "kind" not in asked:  # it takes the text of every meeting, so it is looked for when somebody asks
        look = "look through the text of all meetings"
        facts.append({"name": "sections under names we do not know", "text": look, "address": "/status?kind=section"})
    kinds: dict[str, list[Row]] = {}
    for row in problems:
        kinds.setdefault(row["kind"], []).append({**row, "text": row["what"]})
    sections = [section(kind, rows[:FEW], len(rows), f"/status?kind={kind}", "places") for kind, rows in kinds.items()]
    return "page.html", {
        "title": "Status",
        "aside": "",
        "facts": facts,
        "sections": sections,
        "nothing": "No problems found." if "kind" in asked else "The index knows of no problems.",
    }


PAGES: dict[str, Callable[[Visit, Mapping[str, str], str], Page]] = {
    "/": today, "/triage": triage, "/tasks": tasks, "/agenda": agenda, "/waiting": waiting, "/accounts": accounts,
    "/account/{place:path}": account, "/people": people, "/person/{place:path}": person, "/decisions": decisions,
    "/decision/{place:path}": decision, "/note/{place:path}": note, "/search": search, "/review": review, "/status": status,
}  # fmt: skip
MISSING = (UnknownName, ChangedError)
