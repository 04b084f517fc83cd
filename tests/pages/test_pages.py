"""What each page says of a small vault that is written here: the same ask thrice, two Danas, a doubted date, a silent account."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vaultindex.ask.pages import account, agenda, brief, day, decision, person, recap, waiting
from vaultindex.ask.tasks.same_ask import fold_asks
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base.errors import UnknownName, UsageError

TODAY = "2025-10-07"
NOTES = {
    "People/Dana Leigh.md": "---\ntype: person\naliases: [D. Leigh]\nkeep_in_touch: 2w\n---\n",
    "People/Dana Young.md": "---\ntype: person\n---\n",
    "Accounts/Contoso.md": "---\ntype: account\naliases: [Contoso Ltd]\n---\n- [ ] Refresh the plan for Contoso @Myself\n",
    "Accounts/Tailspin.md": "---\ntype: account\n---\n- [ ] Refresh the plan for Tailspin @Myself\n",
    "Meetings/2025-08-12 Kick-off.md": "---\ndate: 2025-08-12\naccount: Contoso\nparticipants: [Dana Leigh, Sam Okoro]\n---\n"
    "## Action items\n- [ ] Send the signed contract to the plant @Dana Leigh\n## Decisions\n- Start in plant one with two regions\n",
    "Meetings/2025-09-02 Review.md": "---\ndate: 2025-09-02\naccount: Contoso Ltd\nparticipants: [Dana Leigh]\n---\n"
    "## Action items\n- [ ] Send the signed contract to the plant. @Dana Leigh\n## Decisions\n- One price for everybody\n",
    "Meetings/2025-10-01 Check.md": "---\ndate: 2025-10-01\naccount: Contoso\nparticipants: [D. Leigh, Priya Raman]\n---\n"
    "## Summary\n\nThe **contract** is late. More of it follows.\n\n## Action items\n- [ ] Send signed contract to plant @Dana Leigh 📅 2025-10-03\n"
    "- [ ] Send the price sheet @Myself 📅 2025-10-07\n- [?] Book the night window @Myself #proposed\n- [x] Order cake @Myself ✅ 2025-10-02\n"
    "- [-] Never mind @Sam Okoro ❌ 2025-10-02\n- [ ] Find a room @TBD\n- [ ] Clean up 📅 2025-10-01\n"
    "## Decisions\n- Keep the two regions of plant one\n- ~~Old~~ Renew in May\n",
    "Meetings/2025-10-07 Tailspin call.md": "---\ndate: 2025-10-07\naccount: Tailspin\nparticipants: [Dana Young]\n---\nDana Leigh was named.\n",
    "Meetings/2025-10-20 Ahead.md": "---\ndate: 2025-10-20\naccount: Contoso\nparticipants: [Dana Leigh]\n---\n",
    "Daily/2025-10-06.md": "- [ ] Water the plants 🔁 every week 📅 2025-10-08\n- [ ] Plan the week ⏳ 2025-10-06\n- [ ] Begin now 🛫 2025-10-07\n",
    "Daily/2025-10-07.md": "- [ ] Tidy the desk\n",
    "a/Twin.md": "", "b/Twin.md": "- [ ] Ask for the third time @Myself 📅 2025-10-07\n",
}  # fmt: skip


@pytest.fixture
def asker(small: Path, indexed: Callable[[Path], sqlite3.Connection]) -> Asker:
    for path, text in NOTES.items():
        file = small / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Asker(indexed(small), TODAY, ["Myself", "Me"])


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["text"].rstrip(".") for row in rows]


def test_what_is_due_today_is_only_there_and_the_rest_is_shared_out(asker: Asker) -> None:
    page = day.day(asker)
    assert texts(page["due"]) == ["Send the price sheet", "Ask for the third time"]
    assert texts(page["planned"]) == ["Plan the week", "Begin now"]
    assert texts(page["proposed"]) == ["Book the night window"]
    assert texts(page["undated"]) == [
        "Tidy the desk",
        "Find a room",
        "Refresh the plan for Contoso",
        "Refresh the plan for Tailspin",
    ]
    assert len(page["waiting"]) == 3 and [met["title"] for met in page["meetings"]] == ["2025-10-07 Tailspin call"]


def test_a_doubted_date_is_never_counted_as_overdue_and_always_told(asker: Asker) -> None:
    page = day.day(asker)
    assert texts(page["past_doubted"]) == ["Clean up"] and texts(page["overdue"]) == []  # due on the day of its note
    assert page["counts"]["doubted"] == 1 and page["counts"]["overdue"] == 1 == page["counts"]["overdue_theirs"]


def test_proposals_are_new_since_the_last_triage_and_before_the_first_none_is(asker: Asker) -> None:
    identity = asker.tasks(proposed=True)[0]["id"]
    assert day.day(asker)["counts"]["new"] is None
    assert day.day(asker, day.Triaged(set(), "2025-10-01"))["counts"]["new"] == 1
    assert day.day(asker, day.Triaged({identity}, "2025-10-01"))["counts"]["new"] == 0


def test_the_same_ask_of_three_meetings_is_one_row_that_says_since_when(asker: Asker) -> None:
    page = waiting.waiting(asker)
    assert page["counts"] == {"people": 1, "asks": 1, "tasks": 3}
    ask = page["people"][0]["asks"][0]
    assert (ask["asked"], ask["times"], ask["days"]) == ("2025-08-12", 3, 56)
    assert ask["path"] == "Meetings/2025-10-01 Check.md"  # the newest one is shown
    assert waiting.waiting(asker, unfold=True)["counts"]["asks"] == 3


def test_meetings_in_which_an_ask_did_not_come_up_again_are_counted(asker: Asker) -> None:
    asks = waiting.waiting(asker, unfold=True)["people"][0]["asks"]
    assert [(one["asked"], one["quiet"]) for one in asks] == [("2025-08-12", 2), ("2025-09-02", 1), ("2025-10-01", 0)]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"text": "Send the price sheet"}, {"text": "send the  PRICE sheet."}, True),
        ({"text": "Send the price sheet"}, {"text": "Send the price sheet to Dana"}, True),
        ({"text": "Send the price sheet"}, {"text": "Review the risk register"}, False),
        ({"text": "Send the price sheet"}, {"text": "Send the price sheet", "owner_person": "Sam"}, False),
        ({"text": "Send the price sheet"}, {"text": "Send the price sheet", "path": "a.md"}, False),  # of one note
        ({"text": "Send the price sheet", "account": "A"}, {"text": "Send the price sheet", "account": "B"}, False),
        ({"text": "Call"}, {"text": "Call"}, True),
        ({"text": "見積もりを送る"}, {"text": "見積もりを送る"}, True),
    ],
)  # fmt: skip
def test_only_nearly_the_same_words_of_one_owner_in_two_notes_are_the_same_ask(
    one: dict[str, Any], other: dict[str, Any], alike: bool
) -> None:
    base = {"path": "a.md", "line": 1, "owner_person": "Dana", "owner": "Dana", "account": None, "created": None}
    rows = [{**base, "note_date": "2025-01-01", **one}, {**base, "path": "b.md", "note_date": "2025-02-01", **other}]
    assert len(fold_asks(rows)) == (1 if alike else 2)


def test_folding_keeps_every_task_and_finds_what_comparing_all_with_all_finds() -> None:
    from hypothesis import given, settings
    from hypothesis import strategies as st

    words = st.lists(
        st.sampled_from(["send", "price", "sheet", "plan", "dana", "risk", "draft", "europe"]), min_size=1, max_size=6
    )

    @settings(max_examples=200, deadline=None)
    @given(st.lists(words, max_size=12))
    def check(some: list[list[str]]) -> None:
        rows: list[dict[str, Any]] = [
            {"text": " ".join(text), "path": f"{n}.md", "line": 1, "owner_person": "D", "owner": "D", "account": "A",
             "created": None, "note_date": f"2025-01-{n + 1:02}"}
            for n, text in enumerate(some)
        ]  # fmt: skip
        asks = fold_asks(rows)
        assert sorted(row["path"] for ask in asks for row in ask.rows) == sorted(row["path"] for row in rows)
        from vaultindex.ask.tasks.similar import likeness
        from vaultindex.ask.tasks.similar import words as meaning

        heads = [ask.rows[0] for ask in asks]
        for at, head in enumerate(heads):
            for other in heads[:at]:
                assert not likeness(meaning(head["text"]), meaning(other["text"]), True)

    check()


def test_the_page_of_a_person_knows_contact_debts_and_company(asker: Asker) -> None:
    page = person.person(asker, "D. Leigh")
    assert (page["name"], page["first"], page["last"], page["next"]) == (
        "Dana Leigh",
        "2025-08-12",
        "2025-10-01",
        "2025-10-20",
    )
    assert (page["silence"], page["rhythm"]) == (6, 14)  # keep_in_touch is stronger than the rhythm
    assert page["counts"] == {"meetings": 3, "owes": 3, "i_owe": 1, "proposed": 1, "decisions": 4, "mentions": 1}
    assert page["accounts"] == [{"name": "Contoso", "meetings": 3}]
    assert page["usually_with"] == [{"name": "Priya Raman", "meetings": 1}, {"name": "Sam Okoro", "meetings": 1}]


def test_two_people_of_one_first_name_are_never_mixed(asker: Asker) -> None:
    with pytest.raises(UnknownName, match=r"Dana Leigh.*Dana Young"):
        person.person(asker, "dana")
    assert person.person(asker, "Dana Young")["counts"]["meetings"] == 1


def test_the_page_of_an_account_has_three_sides_under_all_its_names(asker: Asker) -> None:
    page = account.account(asker, "contoso ltd")
    assert page["name"] == "Contoso" and page["counts"]["meetings"] == 3
    assert {side: len(page[side]) for side in ("mine", "theirs", "nobodys")} == {"mine": 2, "theirs": 3, "nobodys": 2}
    assert page["people"][0] == {"name": "Dana Leigh", "meetings": 3}  # in one of them she is listed as D. Leigh
    assert person.person(asker, "Dana Leigh")["counts"]["meetings"] == 3


def test_a_brief_says_what_was_last_and_what_each_side_owes(asker: Asker) -> None:
    page = brief.brief(asker, ["contoso"])
    assert page["last_time"]["summary"] == "The contract is late."
    assert page["since"] == "2025-10-01" and len(page["decided"]) == 2 and len(page["standing"]) == 2
    assert texts(page["i_owe"]) == ["Send the price sheet", "Refresh the plan for Contoso"]
    assert [(row["times"], row["asked"]) for row in page["they_owe"]] == [(3, "2025-08-12")]
    assert texts(page["silent"]) == ["Send signed contract to plant"]
    assert page["proposed"] == [] and page["counts"]["proposed"] == 1
    assert len(brief.brief(asker, ["contoso"], proposed=True)["proposed"]) == 1


def test_a_brief_of_a_note_is_about_its_people_and_its_account(asker: Asker) -> None:
    page = brief.brief(asker, ["2025-10-07 Tailspin call"])
    assert page["accounts"] == ["Tailspin"] and [one["name"] for one in page["people"]] == ["Dana Young"]


def test_a_name_that_nobody_has_is_an_error_with_the_nearest(asker: Asker) -> None:
    with pytest.raises(UnknownName, match="Contoso"):
        brief.brief(asker, ["contosso"])


def test_a_recap_waits_for_the_proposals_of_its_note(asker: Asker) -> None:
    with pytest.raises(UsageError, match=r"1 proposal of .* not decided on"):
        recap.recap(asker, "2025-10-01 Check")
    page = recap.recap(asker, "2025-10-01 Check", anyway=True)
    assert texts(page["mine"]) == ["Send the price sheet", "Order cake"]
    assert [(one["name"], len(one["tasks"])) for one in page["people"]] == [("Dana Leigh", 1)]
    assert texts(page["nobodys"]) == ["Find a room", "Clean up"]
    assert recap.recap(asker, "2025-10-01 Check", person="Dana Young", anyway=True)["people"] == []


def test_a_decision_knows_its_meeting_and_the_earlier_ones_on_its_subject(asker: Asker) -> None:
    key = next(
        row[0] for row in asker.conn.execute("SELECT id FROM decisions WHERE text LIKE 'Keep the two%'")
    )  # fmt: skip
    page = decision.decision(asker, key[:6])
    assert texts(page["earlier"]) == ["Start in plant one with two regions"] and page["later"] == []
    assert len(page["tasks"]) == 7 and page["participants"] == ["D. Leigh", "Priya Raman"]
    first = decision.decision(asker, page["earlier"][0]["id"])
    assert texts(first["later"]) == ["Keep the two regions of plant one"]
    with pytest.raises(UnknownName, match="no decision has the id"):
        decision.decision(asker, "zzzz")


def test_an_agenda_projects_what_recurs_and_counts_the_undated(asker: Asker) -> None:
    page = agenda.agenda(asker, "2025-10-07", "2025-10-22")
    by_day = {one["date"]: [(row["why"], row["text"]) for row in one["tasks"]] for one in page["days"]}
    assert by_day["2025-10-08"] == [("due", "Water the plants")]
    assert by_day["2025-10-15"] == by_day["2025-10-22"] == [("recurs", "Water the plants")]
    assert ("starts", "Begin now") in by_day["2025-10-07"]
    assert [met["title"] for one in page["days"] for met in one["meetings"]] == [
        "2025-10-07 Tailspin call",
        "2025-10-20 Ahead",
    ]
    assert page["undated"] == asker.count(undated=True, open=True)


def test_a_decision_is_superseded_from_the_day_on_which_another_note_says_so(
    small: Path, indexed: Callable[[Path], sqlite3.Connection]
) -> None:
    from vaultindex.ask import rows
    from vaultindex.ask.pages.decision import decision

    def note(name: str, day: str, text: str) -> None:
        (small / f"{name}.md").write_text(f"---\ndate: {day}\n---\n## Decisions\n{text}\n")

    note("one", "2025-09-01", "- Pay by month.")
    note("several", "2025-09-02", "- Two regions stay.\n- Blue as colour. ^blue\n- No weekend work.")
    note("new", "2025-10-01", "- Pay by milestone. Supersedes [[one]].\n- One region only, supersedes [[several]]\n- Red, supersedes [[several#^blue]]\n"
         "- No weekend work at all (supersedes [[several]] because of [[one]])\n- See [[one]] for what was superseded")  # fmt: skip
    (small / "ADR-002.md").write_text(
        "---\ntype: decision\ndate: 2025-10-03\nsupersedes: '[[ADR-001]]'\n---\n# Use one database\n"
    )
    (small / "ADR-001.md").write_text(
        "---\ntype: decision\ndate: 2025-09-03\nstatus: accepted\n---\n# Use two databases\n"
    )
    (small / "ADR-000.md").write_text(
        "---\ntype: decision\ndate: 2025-09-03\nstatus: superseded by [[ADR-001]]\n---\n# Files\n"
    )
    conn = indexed(small)

    def texts(**asked: Any) -> set[str]:
        found = rows.rows(conn, "decisions", **asked)
        assert len(found) == rows.count(conn, "decisions", **asked)
        return {row["text"] for row in found}

    fallen = {row["text"] for row in rows.rows(conn, "decisions") if row["status"] == "superseded"}
    assert fallen == {"Pay by month.", "Blue as colour.", "No weekend work.", "Use two databases", "Files"}
    assert {"Pay by month.", "Blue as colour.", "Use two databases"} <= texts(as_of="2025-09-30")
    assert "Files" not in texts(as_of="2025-09-30")
    assert texts(as_of="2025-10-02") >= {"Two regions stay.", "Use two databases"}
    assert not texts(as_of="2025-10-03") & fallen
    [old] = [row for row in rows.rows(conn, "decisions") if row["text"] == "Pay by month."]
    later = decision(Asker(conn, TODAY, frozenset()), old["id"])["later"]
    assert [(row["text"], row["why"]) for row in later] == [("Pay by milestone. Supersedes [[one]].", "supersedes")]


def test_an_agenda_behind_today_shows_what_was_done_then(asker: Asker) -> None:
    page = agenda.agenda(asker, "2025-10-01", "2025-10-05")
    done = [(row["why"], row["text"]) for one in page["days"] for row in one["tasks"] if one["date"] == "2025-10-02"]
    assert done == [("done", "Order cake")] and page["overdue"] == []


def test_a_decision_is_superseded_only_when_its_note_says_so(
    small: Path, indexed: Callable[[Path], sqlite3.Connection]
) -> None:
    from vaultindex.ask import rows

    (small / "a.md").write_text(
        "---\ndate: 2025-10-01\n---\n## Decisions\n- ~~Old way.~~\n- New way [status:: superseded]\n- ~~Part~~ of it\n"
        "- Later (status:: accepted)\n"
    )
    conn = indexed(small)
    every = [(row["text"], row["status"]) for row in rows.rows(conn, "decisions")]
    assert [status for _, status in every] == ["superseded", "superseded", None, "accepted"]
    assert (
        len(rows.rows(conn, "decisions", as_of="2025-10-02")) == 2 == rows.count(conn, "decisions", as_of="2025-10-02")
    )
    assert rows.rows(conn, "decisions", as_of="2025-09-30") == []
