"""What a note says about itself: accounts, people, decisions, tasks; on notes of the real shape."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vaultindex.ask import links, names
from vaultindex.ask import rows as ask_rows
from vaultindex.base import settings
from vaultindex.base.errors import UnknownName
from vaultindex.extract import registry
from vaultindex.extract.rows import File, Maker
from vaultindex.notes.parse import parse_note
from vaultindex.tasks.line import TaskSettings
from vaultindex.tasks.plugin_settings import STATES

SEED = "Meetings/2025/2025-10-06 Dana update on Northwind-Fabrikam.md"
Index = Callable[[Path], sqlite3.Connection]
RULES = registry.rules(TaskSettings(), settings.load({}).reading())


def source(text: str, path: str = "x.md") -> registry.Source:
    return registry.source(parse_note(text, path), RULES)


def rows(table: str, text: str, path: str = "x.md") -> list[Any]:
    found = next(t for t in registry.tables() if t.name == table)
    return found.rows(source(text, path))


# --- the damaged note of the real shape ---


def test_the_seed_notes_tasks_are_read_through_their_damage(vault: Path, indexed: Index) -> None:
    conn = indexed(vault)
    got = conn.execute(
        "SELECT line, state, status, due, priority, owner, tags, account FROM v_tasks WHERE path = ? ORDER BY line",
        (SEED,),
    ).fetchall()
    tags = '["#task", "#proposed"]'
    assert got == [
        (28, "proposed", "?", "2025-10-07", "highest", "Myself", tags, "Contoso"),
        (29, "proposed", "?", "2025-10-08", "high", "Myself", tags, "Contoso"),
        (30, "proposed", "?", "2025-10-08", "none", "Myself", tags, "Contoso"),
    ]


def test_the_seed_notes_decisions_have_its_account_and_date(vault: Path, indexed: Index) -> None:
    found = ask_rows.rows(indexed(vault), "decisions", note=SEED)
    assert [(d["account"], d["date"], d["line"]) for d in found] == [
        ("Contoso", "2025-10-06", 33),
        ("Contoso", "2025-10-06", 34),
    ]
    assert found[0]["text"].startswith("Do not pursue a Contoso counteroffer")


def test_the_seed_note_is_among_the_backlinks_of_all_it_names(vault: Path, indexed: Index) -> None:
    conn = indexed(vault)
    for name in (
        "Northwind",
        "Fabrikam",
        "Tailspin",
        "Dana Leigh",
        "Lars Holm",
        "Mei Tanaka",
        "Cloud control plane",
        "Contoso",
    ):
        assert SEED in {b["path"] for b in links.backlinks(conn, name)[1]}, name


def test_names_without_a_note_have_backlinks_too(small: Path, indexed: Index) -> None:
    (small / "seed.md").write_bytes((Path(__file__).parent.parent.parent / "fixtures/vault" / SEED).read_bytes())
    conn = indexed(small)
    for name in ("Northwind", "cloud control plane", "Contoso", "Lars Holm"):
        target, found = links.backlinks(conn, name)
        assert target.path is None
        assert {b["path"] for b in found} == {"seed.md"}, name


def test_a_note_counts_a_person_once_per_line_and_another_note_at_each_link(small: Path, indexed: Index) -> None:
    (small / "Dana Leigh.md").write_text("---\ntype: people\n---\n")
    (small / "Plan.md").write_text("")
    (small / "a.md").write_text(
        "[[Dana Leigh]] and [[Dana Leigh|Dana]]\n\n[[Plan]] and [[Plan#x]], [[Nothing]] [[Nothing]]\n"
    )
    conn = indexed(small)
    for name, count in (("Dana Leigh", 1), ("Plan", 2), ("Nothing", 2)):
        assert len(links.backlinks(conn, name)[1]) == count, name


def test_a_participant_nobody_linked_is_found(vault: Path, indexed: Index) -> None:
    found = [b for b in links.backlinks(indexed(vault), "Sam Okoro")[1] if b["path"] == SEED]
    assert {b["kind"] for b in found} == {"participant"}
    assert all("Sam Okoro" in b["text"] for b in found)


# --- accounts ---


@pytest.mark.parametrize(
    ("text", "path", "account"),
    [
        ("---\naccount: Contoso\n---\n**Account**: [[Fabrikam]]\n", "a.md", "Contoso"),
        ('---\naccount: "[[Accounts/Contoso|the one]]"\n---\n', "a.md", "Contoso"),
        ("---\naccount: [[Contoso]]\n---\n", "a.md", "Contoso"),
        ('---\naccount: ""\n---\n# T\n\n**Account**: [[Fabrikam]]\n', "a.md", "Fabrikam"),
        ("**Date**: 2025-01-01 **Account**: [[Fabrikam]] **Attendees**: x\n", "a.md", "Fabrikam"),
        ("**Account:** Fabrikam\n", "a.md", "Fabrikam"),
        ("---\naccount: ''\ntags: [account/tailspin]\n---\n**Account**: [[]]\n", "a.md", "tailspin"),
        ("text #account/tailspin/eu\n", "a.md", "tailspin"),
        ("text\n", "Accounts/Contoso/2025/a.md", "Contoso"),
        ("---\ntype: account\n---\n", "Work/Northwind.md", "Northwind"),
        ("text\n", "a.md", None),
    ],
)
def test_the_account_comes_from_the_first_place_that_states_it(text: str, path: str, account: str | None) -> None:
    assert source(text, path).about.account == account


def test_a_note_lies_under_the_account_whose_folder_holds_it(small: Path, indexed: Index) -> None:
    (small / "Work" / "Contoso").mkdir(parents=True)
    (small / "Work" / "Contoso" / "Contoso.md").write_text("---\ntype: account\n---\n")
    (small / "Work" / "Contoso" / "call.md").write_text("- [ ] x\n")
    assert indexed(small).execute("SELECT account FROM v_tasks").fetchall() == [("Contoso",)]


def test_an_account_is_one_under_all_its_names(small: Path, indexed: Index) -> None:
    (small / "Contoso.md").write_text("---\ntype: account\naliases: [Contoso Ltd]\n---\n")
    for i, name in enumerate(("Contoso", '"[[Contoso]]"', "contoso", "CONTOSO LTD")):
        (small / f"{i}.md").write_text(f"---\naccount: {name}\n---\n## Decisions\n- d{i}\n")
    conn = indexed(small)
    for asked in ("contoso", "Contoso Ltd", "cont"):
        found = ask_rows.rows(conn, "decisions", account=asked)
        assert sorted(d["text"] for d in found) == ["d0", "d1", "d2", "d3"]
        assert {d["account"] for d in found} == {"Contoso"}


def test_type_alone_never_makes_a_note_an_account() -> None:
    assert source("---\ntype: customer\ndate: 2025-10-06\naccount: Contoso\n---\n").about.entity is None
    assert source("---\ntype: customer\n---\n", "Contoso.md").about.entity == "account"


# --- people ---


def test_a_first_name_owner_is_the_participant_of_that_name() -> None:
    text = "---\nparticipants: [Dana Leigh, Sam Okoro]\n---\n- [ ] a. @Dana\n- [ ] b. @Sam Okoro\n- [ ] c. @Platform Team\n- [ ] d. @TBD\n"
    assert [r.owner_person for r in rows("tasks", text)] == ["Dana Leigh", "Sam Okoro", "Platform Team", "TBD"]


def test_a_first_name_that_two_participants_share_stays_as_written() -> None:
    text = "---\nparticipants: [Dana Leigh, Dana Lee]\n---\n- [ ] a. @Dana\n"
    assert [r.owner_person for r in rows("tasks", text)] == ["Dana"]


@pytest.mark.parametrize(
    "participants",
    [
        "\n- Dana Leigh\n- Sam Okoro",
        " [Dana Leigh, Sam Okoro]",
        " Dana Leigh, Sam Okoro",
        ' ["[[Dana Leigh]]", Sam Okoro]',
        " Dana Leigh and Sam Okoro (Contoso)",
    ],
)
def test_participants_are_read_however_they_are_written(participants: str) -> None:
    found = source(f"---\nparticipants:{participants}\n---\n").about.participants
    assert [p.name for p in found] == ["Dana Leigh", "Sam Okoro"]


def test_several_people_are_listed_and_never_guessed_at(small: Path, indexed: Index) -> None:
    (small / "a.md").write_text("---\nparticipants: [Dana Leigh, Dana Lee, José Álvarez]\n---\n")
    conn = indexed(small)
    with pytest.raises(UnknownName, match="Dana Lee, Dana Leigh"):
        names.person(conn, "dana")
    assert names.person(conn, "dana leig").name == "Dana Leigh"
    assert names.person(conn, "jose alvarez").name == "José Álvarez"
    with pytest.raises(UnknownName, match="Did you mean Dana Leigh") as error:
        names.person(conn, "Danna Laigh")
    assert error.value.exit_code == 3


# --- decisions ---


def texts(text: str) -> list[str]:
    return [r.text for r in rows("decisions", text)]


@pytest.mark.parametrize(
    "heading",
    [
        "## Decisions",
        "# Key Decisions",
        "### DECISIONS:",
        "## ✅ Decisions made",
        "## Entscheidungen",
        "## Décisions",
        "## **Decisões**",
        "Decisions\n---",
    ],
)
def test_bullets_below_a_decisions_heading_are_decisions(heading: str) -> None:
    assert texts(
        f"{heading}\n\n- One.\n- Two\n  goes on here.\n\n    - because\n1. Three\n\n# Next\n\n- not one\n"
    ) == ["One.", "Two goes on here.", "Three"]


def test_a_deeper_heading_stays_in_the_section_and_an_equal_one_ends_it() -> None:
    assert texts("## Decisions\n- a\n### Pricing\n- b\n## Other\n- c\n") == ["a", "b"]


def test_nothing_decided_is_not_a_decision() -> None:
    assert (
        texts("## Decisions\n- None.\n- N/A\n- No decisions were made.\n- -\n- [[]]\n- [ ] a task is not one either\n")
        == []
    )


def test_callouts_and_fields_are_decisions() -> None:
    text = "> [!decision] Use two regions\n> because\n\n> [!Decision]\n> - one\n> - two\n\ndecision:: By field\n- x [decision:: in brackets] y\n\n```\ndecision:: not in code\n```\n"
    assert texts(text) == ["Use two regions", "one", "two", "By field", "in brackets"]


def test_further_headings_come_from_the_settings(small: Path, indexed: Index) -> None:
    (small / ".vaultindex.toml").write_text('decision_headings = ["What we settled"]\n')
    (small / "a.md").write_text("## What we settled\n- this\n")
    assert indexed(small).execute("SELECT text FROM v_decisions").fetchall() == [("this",)]


# --- tasks ---


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("- [?] a", "proposed"), ("- [ ] a #proposed", "proposed"), ("- [/] a #proposed", "proposed"), ("- [x] a #proposed", "done"),
        ("- [ ] a", "open"), ("- [-] a #proposed", "cancelled"), ("- [X] a", "open"), ("- [>] a", "open"),
    ],
)  # fmt: skip
def test_proposed_is_either_mark_on_what_is_not_done(line: str, state: str) -> None:
    assert [STATES[r.standing] for r in rows("tasks", line)] == [state]


def test_an_id_holds_when_lines_move_or_dates_owner_and_status_change() -> None:
    before = rows("tasks", "- [?] Send it. @Myself 📅 2025-10-07 #task #proposed\n")[0].id
    after = rows("tasks", "# T\n\ntext\n\n- [x] Send it. @Dana 📅 2025-11-01 🔺 #task ✅ 2025-10-09\n")[0].id
    assert before == after


def test_equal_tasks_of_a_note_have_different_ids() -> None:
    found = [r.id for r in rows("tasks", "- [ ] Water the plants\n- [ ] Water the plants\n")]
    assert len(set(found)) == 2
    assert all(i[0].isalpha() and len(i) == 10 for i in found)


@pytest.mark.parametrize(
    ("tasks", "doubts"),
    [
        ("- [ ] a 📅 2025-10-06\n", ["note-date"]),
        ("- [ ] a 📅 2025-10-05\n", ["before-note"]),
        (
            "- [ ] a 📅 2025-10-07\n- [ ] b 📅 2025-10-07\n- [ ] c 📅 2025-10-07\n- [ ] d 📅 2025-10-09\n",
            ["shared", "shared", "shared", None],
        ),
        ("- [ ] a 📅 2025-10-08\n- [ ] b 📅 2025-10-09\n- [x] c 📅 2025-10-06\n", [None, None, None]),
    ],
)
def test_a_date_that_may_be_the_generators_is_doubted(tasks: str, doubts: list[str | None]) -> None:
    assert [r.date_doubt for r in rows("tasks", "---\ndate: 2025-10-06\n---\n" + tasks)] == doubts


def test_heading_section_and_parent_are_those_above(small: Path, indexed: Index) -> None:
    text = "- [ ] o\n# A\n## B\n- [ ] p\n\t- [ ] c\n### C\n- [ ] r\n# D\n- [ ] q\n"
    (small / "x.md").write_text(text)
    found = indexed(small).execute("SELECT heading, section, parent FROM v_tasks ORDER BY line").fetchall()
    assert [(heading, json.loads(section), parent) for heading, section, parent in found] == [
        (None, [], None),
        ("B", ["A", "B"], None),
        ("B", ["A", "B"], 4),
        ("C", ["A", "B", "C"], None),
        ("D", ["D"], None),
    ]


# --- a new kind of row is one file ---


def test_every_extractor_documents_itself_and_its_columns() -> None:
    for table in registry.tables():
        assert table.help.endswith((".", "`")), table.name
        assert [name for name, _ in table.columns[:2]] == ["note", "line"], table.name
        assert all(
            i.split(" WHERE ")[0].split(", ")[0] in (*(c for c, _ in table.columns), *table.derived)
            for i in table.indexed
        ), table.name


def test_a_note_that_trips_the_parser_costs_only_its_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaultindex.extract import rows as module

    real = module.Parsing

    def tripping(text: str, path: str) -> Any:
        if "trip" in text:
            raise RuntimeError("tripped")
        return real(text, path)

    monkeypatch.setattr(module, "Parsing", tripping)
    maker = Maker(RULES)
    made = maker.notes([File(1, "bad.md", b"trip", None), File(2, "good.md", b"- [ ] x", None)])
    ((identity, path, _, kind, what),) = made.problems
    assert (identity, path, kind) == (1, "bad.md", "internal") and "tripped" in what
    assert [(row[0], row[1]) for row in made.notes] == [(1, "bad.md"), (2, "good.md")]
    tasks = made.tables[[table.name for table in maker.tables].index("tasks")]
    assert [row[0] for row in tasks] == [2]


def test_a_checkbox_before_another_list_marker_is_a_task() -> None:
    found = rows("tasks", "- [ ] 1. a list\n- [ ] 1 task\n- [ ] (1) task\n")
    assert [(r.line, r.text) for r in found] == [(1, "1. a list"), (2, "1 task"), (3, "(1) task")]


def test_a_canvas_leads_to_the_notes_on_its_cards(vault: Path, indexed: Index) -> None:
    conn = indexed(vault)
    board = "Projects/Task board.canvas"
    for name, kind in (("Orion rollout", "embed"), ("Priya Raman", "wikilink")):
        assert [b["kind"] for b in links.backlinks(conn, name)[1] if b["path"] == board] == [kind]


def test_short_ids_are_the_same_for_few_tasks_and_for_many(small: Path, indexed: Index) -> None:
    from vaultindex.ask.tasks.lists import by_id, short_ids

    (small / "many.md").write_text("".join(f"- [ ] task number {i}\n" for i in range(900)))
    conn = indexed(small)
    ids = [row[0] for row in conn.execute("SELECT id FROM tasks ORDER BY line")]
    many = short_ids(conn, ids)
    assert all(short_ids(conn, [i])[i] == many[i] for i in ids[:60])
    assert len(set(many.values())) == len(ids)
    assert all(by_id(conn, many[i])[1] == n for n, i in enumerate(ids, 1))


def test_a_person_is_the_same_whether_all_names_were_looked_at_or_only_those_with_a_note(
    vault: Path, indexed: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = indexed(vault)
    for kind, of in (("person", names.person), ("account", names.account)):
        every = names.candidates(conn, kind)
        asked = [name for c in every for name in (c.name, c.key, *c.aliases, c.path) if name]
        assert len(asked) > len(every) > 3

        def answer(name: str, of: Any = of) -> object:
            try:
                return of(conn, name)
            except UnknownName as error:
                return str(error)

        quick = [answer(name) for name in asked]
        with monkeypatch.context() as patched:
            patched.setattr(names, "with_note", lambda conn, kind, every=every: every)
            assert [answer(name) for name in asked] == quick
