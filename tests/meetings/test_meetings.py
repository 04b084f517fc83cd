"""Meeting notes as everybody writes them: what is read, and what only looks like it."""

from __future__ import annotations

import pytest

from tests.meetings import dialects, examples
from tests.meetings.reading import TABLES, Item, read


def counts(some: tuple[dialects.Dialect, ...], notes: int) -> dialects.Counts:
    found: dialects.Counts = {}
    for seed in range(1, 6):
        for name, path, text, truth in dialects.written(some, notes, seed):
            note = read(text, path)
            tasks = [{"text": i.text, "owner_person": i.owner, "owner": None, "due": i.due} for i in note.items]
            said = {"participants": note.attendees, "date": note.date}
            dialects.add(found, name, truth, said, tasks, note.decisions)
    return found


def test_common_ways_to_write_a_meeting_are_read_nearly_without_a_mistake() -> None:
    found = counts(dialects.USUAL, 50)
    recall, precision = dialects.share(found, "all")
    assert recall >= 0.97 and precision >= 0.99
    for dialect in dialects.USUAL:
        for kind in dialects.KINDS:
            assert min(dialects.share(found, dialect.__name__, kind)) >= 0.9, (dialect.__name__, kind)


def test_ways_that_no_rule_was_made_for_are_mostly_read() -> None:
    recall, precision = dialects.share(counts(dialects.APART, 72), "all")
    assert recall >= 0.85 and precision >= 0.95


@pytest.mark.parametrize("text", examples.ATTENDEES)
def test_attendees_are_read(text: str) -> None:
    assert read(text).attendees == ["Dana Leigh", "Sam Okoro"]


@pytest.mark.parametrize(("file", "text", "day"), examples.DAYS)
def test_the_day_of_a_note_is_read(file: str, text: str, day: str) -> None:
    assert read(text, file).date == day


@pytest.mark.parametrize("text", [
    "The contract of 2 March 2026 was signed.", "# Prices from 2 March 2026 to 3 March 2026", "- 2026-03-02 call them", "## 2026-03-02\nlog\n## 2026-03-03",
])  # fmt: skip
def test_a_date_that_a_note_only_mentions_is_not_its_day(text: str) -> None:
    assert read(text, "Prices.md").date is None


@pytest.mark.parametrize("text", [
    "w/ Contoso", "See [Dana Leigh](mailto:dana@contoso.com)", "People\nare late", "Actions\nspeak louder than words", "a | b | c",
    "Invited by [Dana Leigh](https://example.com)", "**Contact:** info@contoso.com",
])  # fmt: skip
def test_what_only_looks_like_a_list_of_attendees_names_nobody(text: str) -> None:
    found = read(text)
    assert (found.attendees, found.items, found.decisions) == ([], [], [])


@pytest.mark.parametrize(("text", "wanted"), examples.ITEMS)
def test_an_action_item_is_read(text: str, wanted: tuple[str, str | None, str | None, str]) -> None:
    [item] = read(examples.HERE + text).items
    assert (item.text, item.owner, item.due, item.origin) == wanted
    assert item.state == ("open" if item.origin == "box" else "proposed")


@pytest.mark.parametrize(("text", "wanted"), examples.DECISIONS)
def test_decisions_are_read(text: str, wanted: list[str]) -> None:
    assert read(examples.HERE + text).decisions == wanted


def test_the_document_shows_the_examples_as_they_are() -> None:
    assert examples.DOCUMENT.read_text(encoding="utf-8") == examples.written(), "python -m tests.meetings.examples"


# --- what only looks like it ------------------------------------------------------------------------------------------

NO_ITEMS = [
    f"{head}\n- {line}"
    for head in ("## Agenda", "## Discussion", "## Open questions", "## Takeaways", "## Next meeting", "## Previous action items")
    for line in ("Send the price sheet", "Dana: send the sheet")
] + [
    "## Action Items\n- None", "## Action Items\nN/A", "## Action Items\n- No action items", "## Action items\n- Who pays?",
    "## Next steps\n- TBD", "## Aufgaben\n- Keine", "## アクションアイテム\n- 特になし", "## Action Items\n- Next meeting: 12 March",
    "## Action Items\n-", "## Action Items\n- ...", "| Item | Price |\n|---|---|\n| Desk | 200 |",
    "| Name | Role |\n|---|---|\n| Dana Leigh | PM |", "Action movies are fun.", "The action: a long one\n", "> [!todo] Call the bank",
    "```\nTODO: not this\n```", "## Review of action items\n- Dana sent the sheet", "## Risks\n- Risk: the lease ends",
    "## Action Items\n- [link](https://example.com)", "## Decisions needed\n- Which supplier?",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_ITEMS)
def test_what_only_looks_like_an_item_is_none(text: str) -> None:
    assert read(examples.HERE + text).items == []


NO_OWNER = [
    "Deadline: end of June", "Pricing: as before", "Risk: the lease ends", "Budget: ask for more", "Note: call back",
    "Q3: plan the offsite", "Answer the mail (@27-11-2024)", "Read the book @2024-09-19", "Install the types @latest",
    "Entry type correct (@inproceedings vs @article)", "Merge base checked, see main@928fe37", "Write to dana@contoso.com",
    "Pay fee 12 @home", "Update: to be done", "Prepare the (draft)", "Review the plan (v2)", "Call the bank — again",
    "Marketing: new page", "Phase 2: start", "Read [[Design Review]]", "See https://x.org/a:b", "Ask for the keys, please",
    "Budget Review: prepare slides", "Fix #bug in the export",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_OWNER)
def test_what_only_looks_like_an_owner_is_none(text: str) -> None:
    [item] = read(f"{examples.HERE}- [ ] {text}").items
    assert item.owner is None


NO_DUE = [
    "Compare the figures of 2026-03-01 with ours", "Meet on Friday to talk about May prices", "Read chapter 3/4",
    "Book room 12.30", "Order by phone", "Stand by", "Step by step", "Ask before noon about it", "Renew the 2026 licence",
    "Build version 1.2.3",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DUE)
def test_what_only_looks_like_a_due_date_is_none(text: str) -> None:
    [item] = read(f"{examples.HERE}- [ ] {text}").items
    assert (item.due, item.text) == (None, text)


NO_DECISIONS = [
    "## Decisions\nNone.", "## Decisions\n- No decisions were made", "## Pending decisions\n- Which supplier?",
    "# Decisions\n- [[One price sheet]]\n- [[Two regions]]", "## Options\n- Stay\n- Go", "## Decision criteria\n- Price",
    "The decision: a hard one to make, we thought, for it took long", "## Decisions\n- [ ] Ask Dana @Sam Okoro",
    "## Decision makers\n- Dana Leigh",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DECISIONS[:6] + NO_DECISIONS[7:])
def test_what_only_looks_like_a_decision_is_none(text: str) -> None:
    assert read(text).decisions == []


@pytest.mark.parametrize(
    "text",
    ["## Attendees\n- None", "Present: all", "with: a grain of salt", "## Absent\n- Dana Leigh", "**Apologies:** Dana Leigh",
     "## Attendees\n- TBD", "With: the usual caveats.", "Who: everyone", "## Participants\n- 12 people"],
)  # fmt: skip
def test_who_only_looks_like_an_attendee_was_not_there(text: str) -> None:
    assert read(text).attendees == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("---\naccount: 123456789012\n---", "Infra/AWS.md"),
        ("**Client**: is not a part of the runtime. It builds the graph and hands it over.", "Study/Flink.md"),
        ("What goes here.", "Clients/README.md"),
        ("---\ntype: organisation\n---\n# {{title}}", "Vorlagen/Organisation.md"),
        ("---\ncompany: Contoso\ntype: person\n---", "People/Dana Leigh.md"),
    ],
)
def test_what_only_looks_like_an_account_is_none(text: str, path: str) -> None:
    assert read(text, path).account is None


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_a_decision_record_is_one_decision_with_its_status() -> None:
    text = "# ADR-012: Use one price sheet\n## Status\nAccepted on 2026-03-02\n## Options\n- Two sheets\n## Decision\nOne sheet."
    assert read(text, "adr/0012-use-one-price-sheet.md").decisions == ["Use one price sheet"]
    source_rows = TABLES["decisions"]
    assert "status" in [name for name, _ in source_rows.columns]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Attendees\n- Dana Leigh\n# Notes", "2026-03-02 Call"),
        ("# [[2026-03-02 Review]]", "2026-03-02 Review"),
        ("# **Board**", "Board"),
        ("# The _real_ `thing`", "The real thing"),
    ],
)
def test_a_title_is_neither_a_section_nor_markup(text: str, title: str) -> None:
    assert read(text).title == title


def test_items_that_are_done_are_no_proposals() -> None:
    found = read("## Action items\n- ~~Send the sheet~~\n- Call the bank ✅\n## Erledigt\n- Book the room\n").items
    assert [item.state for item in found] == ["done", "done", "done"]


def test_bullets_beside_boxes_are_items_only_when_they_say_who_or_when() -> None:
    text = examples.HERE + "## Tasks\n- [ ] Call\n- text between\n- Dana: send the sheet\n"
    assert [item.text for item in read(text).items] == ["Call", "send the sheet"]


def test_day_and_month_are_told_apart_by_another_date_of_the_note_or_its_language() -> None:
    american = "Date: 3/25/2026\n\n## Action items\n- Call by 4/5/2026\n"
    french = "Présents : Dana Leigh\n\n## Actions à mener\n- Appeler avant le 04/05/2026\n"
    assert read(american, "a.md").items[0].due == "2026-04-05"
    iso = american.replace("Date: 3/25/2026", "Date: 3/25/2026\nSeen: 2025-10-07, 25-10-07")
    assert read(iso, "a.md").items[0].due == "2026-04-05", "a date whose year stands in front says nothing"
    assert read(french).items == [Item("Appeler", None, "2026-05-04", "bullet", "proposed")]
