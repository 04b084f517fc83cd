"""The same figures on the page as in the terminal: every page of the fixture vault beside what the commands print with --json."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from tests.web.served import Served

# Address of the document -> the words of the command whose JSON it is.
SAME = {
    "today": "today --all", "tasks": "tasks", "tasks?all=1": "tasks --all", "tasks?due=today&open=1": "tasks --due today --open",
    "tasks?overdue=1": "tasks --overdue", "tasks?account=contoso": "tasks --account contoso", "tasks?owner=dana&no-due=1": "tasks --owner dana --no-due",
    "waiting": "waiting", "decisions": "decisions", "facts": "facts", "accounts": "accounts", "people": "people",
    "account/contoso": "account contoso", "person/Dana%20Leigh": "person 'Dana Leigh' --mentions", "notes": "notes", "review?when=2025-09": "review 2025-09",
    "stats": "stats", "stats?by=account": "stats --by account", "agenda?when=2025-10": "agenda 2025-10",
}  # fmt: skip


def asked(one: Served, words: str) -> Any:
    import shlex

    return json.loads(one.vi(*shlex.split(words), "--json"))


@pytest.mark.parametrize("address", SAME)
def test_a_document_is_what_its_command_prints_as_json(shown: Served, address: str) -> None:
    assert shown.json(f"/api/{address}") == asked(shown, SAME[address])


def sections(page: str) -> dict[str, tuple[int, int]]:
    """Heading -> (rows, how many it says there are)."""
    found = {}
    for part in re.findall(r"<section.*?</section>", page, re.S):
        head = re.search(r"<h2[^>]*>(.*?)</h2>", part, re.S)
        if head is None:
            continue
        count = re.search(r'<span class="count">(?:[\d,]+ of )?([\d,]+)', head[1])
        title = html.unescape(re.sub(r"<[^>]+>", "", head[1].split('<span class="count">')[0])).strip()
        found[title] = (len(re.findall(r'<li class="row', part)), int(count[1].replace(",", "")) if count else -1)
    return found


def rows_of(page: str) -> list[str]:
    """Ids of the tasks that a page lists."""
    return re.findall(r'data-id="([^"]+)"', page)


def test_today_says_what_the_command_says(shown: Served) -> None:
    day = asked(shown, "today --all")
    found = sections(shown.ask("/").text)
    counts = day["counts"]
    for title, name in (
        ("Due today", "due"),
        ("Planned for today", "planned"),
        ("Proposed", "proposed"),
        ("Waiting on others", "waiting"),
        ("Open without a date", "undated"),
    ):
        assert found.get(title, (0, 0))[1] == counts[name], title
    assert found["Overdue, mine or nobody's"][1] == counts["overdue"] - counts["overdue_theirs"]
    assert found["Meetings today"][0] == len(day["meetings"])


@pytest.mark.parametrize(
    "options",
    ["", "open=1", "overdue=1", "account=contoso", "owner=dana", "priority=high", "words=plan", "all=1&tag=task"],
)
def test_a_list_holds_the_tasks_of_the_command_in_its_order(shown: Served, options: str) -> None:
    words = " ".join(
        f"--{name} {'' if value == '1' else value}"
        for name, value in (one.split("=") for one in options.split("&") if one)
    )
    words = words.replace("--words", "")
    wanted = [row["id"] for row in asked(shown, f"tasks {words}")]
    assert list(dict.fromkeys(rows_of(shown.ask(f"/tasks?{options}").text))) == list(dict.fromkeys(wanted))


@pytest.mark.parametrize(
    "query", ["not done", "not done; due before 2025-10-08; sort by priority", "done", "priority is high; limit 3"]
)
def test_a_query_gives_what_the_command_gives(shown: Served, query: str) -> None:
    text = shown.ask(f"/tasks?q={quote_plus(query)}").text
    answer = shown.json(f"/api/query?q={quote_plus(query)}")
    ids = [row["id"] for group in answer["groups"] for row in group["tasks"]]
    assert rows_of(text) == ids and answer["count_text"] in html.unescape(text)
    terminal = asked(shown, f"query '{query}'")
    rows = terminal["groups"] if isinstance(terminal, dict) else [{"tasks": terminal}]
    assert [row["id"] for group in rows for row in group["tasks"]] == ids


def test_every_account_person_and_decision_has_its_page_with_its_figures(shown: Served) -> None:
    for row in asked(shown, "accounts"):
        page = asked(shown, f"account '{row['name']}'")
        found = sections(shown.ask(f"/account/{quote(row['name'], safe='')}").text)
        for title, name in (
            ("Mine", "mine"),
            ("Theirs", "theirs"),
            ("Nobody's", "nobodys"),
            ("Proposed", "proposed"),
            ("Decisions", "decisions"),
            ("Meetings", "meetings"),
        ):
            assert found.get(title, (0, 0))[1] == page["counts"][name], (row["name"], title)
    for row in asked(shown, "people"):
        page = shown.json(f"/api/person/{quote(row['name'], safe='')}")
        found = sections(shown.ask(f"/person/{quote(row['name'], safe='')}").text)
        for title, name in (
            ("They owe", "owes"),
            ("I owe", "i_owe"),
            ("Decisions", "decisions"),
            ("Meetings", "meetings"),
        ):
            assert found.get(title, (0, 0))[1] == page["counts"][name], (row["name"], title)
    decisions = asked(shown, "decisions")
    text = shown.ask("/decisions").text
    assert text.count('<li class="row"') == len(decisions) > 5
    for row in decisions:
        assert shown.ask(f"/decision/{row['id']}").status == 200


def test_the_review_counts_what_the_command_counts(shown: Served) -> None:
    page = asked(shown, "review 2025-09")
    found = sections(shown.ask("/review?when=2025-09").text)
    assert found["Done"][1] == page["counts"]["done"] > 0 and found["Decided"][1] == page["counts"]["decided"] > 0


def test_the_status_page_counts_what_status_and_doctor_count(shown: Served) -> None:
    text = shown.ask("/status").text
    facts = asked(shown, "status")
    for name in ("notes", "tasks", "decisions", "links"):
        assert re.search(rf"<dt>{name}</dt><dd>{facts[name]:,}</dd>", text), name
    problems = asked(shown, "doctor")["problems"]
    assert sum(total for _, total in sections(text).values()) == len(problems)


def test_sections_under_unknown_names_are_one_click_from_the_status_page(
    small: Path, serve: Callable[..., Served]
) -> None:
    """They take the text of every meeting: the page of what the index knows says so, and leads to them."""
    (small / "Call.md").write_text(
        "---\ntype: meeting\nparticipants: [Dana Leigh, Sam Okoro]\ndate: 2025-09-01\n---\n"
        "# Call\n\n## Homework pile\n\n- Dana Leigh: send the sheet\n- Sam Okoro to book the room\n"
    )
    one = serve(small)
    one.enter()
    text = one.ask("/status").text
    assert "section" not in sections(text) and "Homework pile" not in text
    there = re.search(r"<dt>sections under names we do not know</dt><dd><a href=\"([^\"]+)\">", text)
    assert there is not None
    page = one.ask(html.unescape(there[1])).text
    assert sections(page) == {"section": (1, 1)} and "Homework pile" in page
    assert asked(one, "doctor --kind section")["problems"] == one.json("/api/doctor?kind=section")["problems"]
    assert any(row["kind"] == "section" for row in one.json("/api/doctor")["problems"]), (
        "the document leaves nothing out"
    )


def test_a_long_list_shows_a_part_says_how_many_there_are_and_leads_to_the_rest(
    small: Path, serve: Callable[..., Served]
) -> None:
    """250 tasks of somebody else due on one day, 120 proposals, 130 decisions: pages stay small, and nothing is out of reach."""
    tasks = "".join(f"- [ ] owed {n:03} @Kim Roe 📅 2025-10-08\n" for n in range(250))
    proposals = "".join(f"- [?] idea {n:03} #proposed\n" for n in range(120))
    decided = "".join(f"- We keep {n:03}.\n" for n in range(130))
    (small / "Talk.md").write_text(
        f"---\ntype: meeting\ndate: 2025-10-01\n---\n# Talk\n\n## Decisions\n\n{decided}\n## Tasks\n\n{tasks}- [ ] one more @Sam Low\n\n{proposals}",
        encoding="utf-8",
    )
    one = serve(small)
    one.enter()
    ids = [row["id"] for row in one.json("/api/tasks?owner=Kim+Roe")]
    seen = [rows_of(one.ask(f"/tasks?owner=Kim+Roe&page={page}").text) for page in (1, 2, 3, 4)]
    assert [len(some) for some in seen] == [100, 100, 50, 0] and [key for some in seen for key in some] == ids
    assert "201 to 250 of 250" in one.ask("/tasks?owner=Kim+Roe&page=3").text
    assert len(rows_of(one.ask("/tasks?owner=Kim+Roe&limit=120&page=2").text)) == 20
    assert rows_of(one.ask("/tasks?q=not+done").text) and sections(one.ask("/triage").text) == {
        "Proposals, newest note first": (100, 120)
    }
    for query, said in (("not done", "371 tasks"), ("not done\nlimit 120", "120 of 371 tasks"), ("not done\nlimit 7", "7 of 371 tasks")):  # fmt: skip
        whole, text = one.json(f"/api/query?q={quote_plus(query)}"), one.ask(f"/tasks?q={quote_plus(query)}").text
        assert whole["count_text"] == said and f'<p class="aside">{said}</p>' in text
        assert rows_of(text) == [row["id"] for row in whole["groups"][0]["tasks"]][:100]
    waiting = one.ask("/waiting").text
    assert sections(waiting)["Kim Roe"] == (5, 250) and 'href="/tasks?open=1&amp;owner=Kim+Roe"' in waiting
    assert sections(one.ask("/waiting?owner=Kim+Roe").text) == {"Kim Roe": (100, 250)}
    week = one.ask("/agenda").text
    (day,) = (title for title in sections(week) if title.startswith("Wed 8 Oct"))
    assert sections(week)[day] == (5, 250) and "when=2025-10-08&amp;days=1" in week
    assert sections(one.ask("/agenda?when=2025-10-08&days=1").text)[day] == (100, 250)
    page = one.ask("/decisions").text
    assert page.count('<li class="row"') == 100 and '<p class="aside">130</p>' in page
    assert one.ask("/decisions?words=012").text.count('<li class="row"') == 1
