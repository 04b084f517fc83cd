"""What is published is what the rules choose, row by row; what is not chosen any more, or gone for sure, is withdrawn."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.team.conftest import Team
from tests.team.people import Person, stored
from vaultindex.base import settings
from vaultindex.base.errors import UsageError
from vaultindex.team import rules
from vaultindex.team.address import StoreError
from vaultindex.team.rows import COLUMNS, Maker
from vaultindex.team.send import MANY_ROWS, Absent, Moved, Publisher, Seen

Make = Callable[[str, str], Person]

CALL = """---
date: 2025-10-01
type: meeting
account: Contoso
participants: [Dana Leigh, Sam Okoro, Myself]
tags: [team]
---
## Decisions
- Go with plan B
## Action Items
- [ ] send the sheet @Myself 📅 2025-10-06
- [ ] read the sheet @[[Sam Okoro]]
- [?] an idea @Myself #proposed
The launch code is HUNTER2.
"""
PRIVATE = "---\ndate: 2025-10-02\nshare: false\naccount: Contoso\n---\n- [ ] secret SWORDFISH @Myself #team\n## Decisions\n- SWORDFISH\n"
FAR = "---\ndate: 2025-10-03\naccount: Fabrikam\n---\n- [ ] far away @Myself\n- [ ] for all #team @Myself\n"


def a_vault(make: Make) -> Person:
    dana = make("dana", "Kim Berg")
    dana.write("Meetings/Call.md", CALL)
    dana.write("Meetings/Private.md", PRIVATE)
    dana.write("Other/Far.md", FAR)
    dana.write("Accounts/Contoso.md", "---\ntype: account\naliases: [Contoso Ltd]\n---\n")
    dana.write("People/Dana Leigh.md", "---\ntype: person\naliases: [Dana]\n---\n")
    return dana


def given(dana: Person, **publish: Any) -> dict[str, list[str]]:
    """Path -> texts of tasks and decisions that these rules choose, and 'kind: n' of the others."""
    dana.publish = publish
    found: dict[str, list[str]] = {}
    for kind, rows in dana.chosen().items():
        for row in rows:
            if kind in ("tasks", "decisions"):
                found.setdefault(row[1], []).append(row[5])
            elif kind != "notes":
                found.setdefault(row[1], []).append(kind)
    return found


@pytest.mark.parametrize(
    ("publish", "paths"),
    [
        ({"folders": ["Meetings"]}, ["Meetings/Call.md"]),
        ({"folders": ["meetings/"]}, ["Meetings/Call.md"]),
        ({"accounts": ["contoso ltd"]}, ["Accounts/Contoso.md", "Meetings/Call.md"]),
        ({"types": ["Meeting"]}, ["Meetings/Call.md"]),
        ({"tags": ["#team"]}, ["Meetings/Call.md", "Other/Far.md"]),
        ({"all": True}, ["Accounts/Contoso.md", "Meetings/Call.md", "Other/Far.md"]),
        (
            {"all": True, "people": True},
            ["Accounts/Contoso.md", "Meetings/Call.md", "Other/Far.md", "People/Dana Leigh.md"],
        ),
        ({"all": True, "without": ["Other", "#team"]}, ["Accounts/Contoso.md"]),
    ],
    ids=str,
)
def test_folders_accounts_tags_and_types_choose_notes_and_share_false_keeps_one(
    member: Make, publish: dict[str, Any], paths: list[str]
) -> None:
    dana = a_vault(member)
    dana.publish = publish
    assert [row[1] for row in dana.chosen()["notes"]] == paths


def test_decisions_tasks_people_proposals_and_texts_are_given_as_the_rules_say(member: Make) -> None:
    dana = a_vault(member)
    call = "Meetings/Call.md"
    assert sorted(given(dana, folders=["Meetings"])[call]) == ["Go with plan B", "send the sheet"]
    assert "read the sheet" in given(dana, folders=["Meetings"], tasks="all")[call]
    assert "an idea" in given(dana, folders=["Meetings"], proposals=True)[call]
    assert given(dana, folders=["Meetings"], decisions=False, tasks="none") == {}
    assert given(dana, folders=["Meetings"], people=True)[call].count("people") == 3
    assert "texts" in given(dana, folders=["Meetings"], texts=True)[call]
    whole = str(dana.chosen())
    assert "HUNTER2" in whole and "SWORDFISH" not in whole


def test_the_tag_of_a_task_gives_that_row_and_no_other_of_its_note(member: Make) -> None:
    dana = a_vault(member)
    assert given(dana, tags=["team"], people=True)["Other/Far.md"] == ["for all"]
    (note,) = [row for row in dana.chosen()["notes"] if row[1] == "Other/Far.md"]
    assert "away" not in note[10].split(), "the words for the search are of what is given, too"


def test_without_people_no_name_of_a_participant_is_given(member: Make) -> None:
    dana = a_vault(member)
    assert given(dana, folders=["Meetings"], tasks="none")
    assert "Okoro" not in str(dana.chosen()) and "Dana" not in str(dana.chosen())


def test_what_is_mine_is_published_under_my_name_since_myself_would_be_everybody(member: Make, team: Team) -> None:
    dana = a_vault(member)
    dana.vi("publish")
    owners = {row[0] for row in team.rows("SELECT owner FROM vaultindex.tasks")}
    assert owners == {"Kim Berg", "Sam Okoro"}
    assert ("Kim Berg", "kim berg") in team.rows("SELECT name, key FROM vaultindex.people")
    assert "Myself" not in str(team.rows("SELECT participants FROM vaultindex.notes"))


def test_a_dry_run_shows_the_very_rows_and_how_many_by_which_rule(member: Make, team: Team) -> None:
    dana = a_vault(member)
    dana.settings(folders=["Meetings"], tags=["team"], people=True)
    rows = dana.json("publish", "--dry-run")
    done = dana.run("publish", "--dry-run", "-n", "1", "--fields", "path,rule")
    assert done.stdout.splitlines() == ["Meetings/Call.md\tfolder Meetings"]
    assert "folder Meetings: 1 note, 1 task, 1 decision, 3 people there" in done.stderr
    assert "tag #team: 1 note, 1 task" in done.stderr
    assert "1 note says share: false" in done.stderr and "1 proposal, 1 task of others" in done.stderr
    assert team.rows("SELECT * FROM vaultindex.vaults") == []
    dana.vi("publish")
    for kind, some in stored(team, "dana/work").items():
        names = [name for name, _ in COLUMNS[kind]]
        assert sorted(tuple(row[n] for n in names) for row in rows if row["table"] == kind) == [row[1:] for row in some]


def test_what_is_published_equals_what_the_rules_choose_and_a_second_time_sends_nothing(
    member: Make, team: Team
) -> None:
    dana = a_vault(member)
    assert dana.json("publish")["sent"] == 4
    assert stored(team, "dana/work") == dana.chosen()
    again = dana.json("publish")
    assert (again["sent"], again["rows"], again["withdrawn"], again["watermark"]) == (0, 0, 0, 1)


def test_changed_rules_withdraw_what_they_do_not_cover_any_more(member: Make, team: Team) -> None:
    dana = a_vault(member)
    dana.vi("publish")
    dana.settings(folders=["Other"])
    assert dana.json("publish")["withdrawn"] == 3
    assert stored(team, "dana/work") == dana.chosen()
    assert {row[0] for row in team.rows("SELECT path FROM vaultindex.people")} == set()


def test_a_note_that_is_told_not_to_be_shared_is_withdrawn(member: Make, team: Team) -> None:
    dana = a_vault(member)
    dana.vi("publish")
    dana.write("Meetings/Call.md", CALL.replace("date:", "share: no\ndate:", 1))
    assert dana.json("publish")["withdrawn"] == 1
    assert stored(team, "dana/work") == dana.chosen()
    assert "plan B" not in team.server.dump(team.database)


def test_a_changed_note_is_sent_alone_and_its_old_rows_go(member: Make, team: Team) -> None:
    dana = a_vault(member)
    dana.vi("publish")
    dana.write("Other/Far.md", FAR.replace("far away", "farther away").replace("- [ ] for all #team @Myself\n", ""))
    assert dana.json("publish")["sent"] == 1
    assert stored(team, "dana/work") == dana.chosen()
    assert [row[0] for row in team.rows("SELECT text FROM vaultindex.tasks WHERE path = 'Other/Far.md'")] == [
        "farther away"
    ]


def test_a_note_that_is_gone_is_withdrawn_but_not_when_nobody_saw_that_it_is_gone(member: Make, team: Team) -> None:
    dana = a_vault(member)
    publisher = Publisher(team.url("dana"), {}, rules.read("work", dana.publish, [dana.name, "Myself"]))
    conn = dana.index()
    publisher.publish(conn)
    os.unlink(dana.vault / "Other" / "Far.md")
    conn = dana.index()
    done = publisher.publish(conn, Seen(False, "a folder could not be read"))
    assert (done.withdrawn, done.kept) == (0, 1)
    assert team.rows("SELECT count(*) FROM vaultindex.notes WHERE path = 'Other/Far.md'") == [(1,)]
    assert publisher.publish(conn).withdrawn == 1
    assert stored(team, "dana/work") == dana.chosen()
    publisher.close()


def test_most_notes_gone_at_once_are_withdrawn_only_when_told(member: Make, team: Team) -> None:
    dana = member("dana", "Kim Berg")
    for number in range(30):
        dana.write(f"Notes/{number}.md", f"- [ ] task {number} @Myself\n")
    dana.vi("publish")
    for number in range(25):
        os.unlink(dana.vault / "Notes" / f"{number}.md")
    dana.vi("index", "--accept-removals")
    refused = dana.vi("publish", code=1)
    assert "25 of 30 published notes are not in the vault any more" in refused and "--accept-removals" in refused
    assert team.rows("SELECT count(*) FROM vaultindex.notes") == [(30,)]
    dana.vi("publish", "--accept-removals")
    assert stored(team, "dana/work") == dana.chosen()


def test_many_rows_are_copied_and_few_are_put_and_both_give_the_same(
    member: Make, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = a_vault(member)
    text = "".join(
        f"- [ ] {n} tab\t back\\slash 'quote' \"two\" NULL \\N {{a,b}} 日本 🔺 @Myself\n" for n in range(200)
    )
    dana.write("Many.md", text)
    conn = dana.index()
    publisher = Publisher(team.url("dana"), {}, rules.read("work", dana.publish, [dana.name, "Myself"]))
    publisher.publish(conn)
    few = stored(team, "dana/work")
    publisher.withdraw()
    monkeypatch.setattr("vaultindex.team.send.MANY_ROWS", 10)
    publisher.publish(conn)
    assert stored(team, "dana/work") == few == dana.chosen()
    assert team.rows('SELECT count(*) FROM vaultindex_staging."dana"') == [(0,)]
    dana.write("Many.md", text.replace("back", "forth") + "- [ ] one more\n")
    publisher.publish(dana.index())
    assert stored(team, "dana/work") == dana.chosen()
    assert MANY_ROWS > 10
    publisher.close()


def test_two_publishers_of_one_vault_do_not_overwrite_each_other(
    member: Make, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = a_vault(member)
    old, publish = dana.index(), rules.read("work", dana.publish, [dana.name, "Myself"])
    one, other = (Publisher(team.url("dana"), {}, publish) for _ in range(2))
    one.publish(old)
    other.publish(old)
    dana.write("Other/Far.md", FAR.replace("far away", "farther away"))
    new = dana.index()
    other.publish(new)
    one.patience = 1
    dana.write("Other/Far.md", FAR.replace("far away", "not far away"))
    newest = dana.index()
    assert one.publish(newest).sent == 1, "its mark was old: it looked again"
    other.patience = 1
    have = dict(other._have or {})
    monkeypatch.setattr(other, "_known", lambda conn, begin: have)
    with pytest.raises(Moved):
        other.publish(newest, paths=["Other/Far.md"])
    assert stored(team, "dana/work") == dana.chosen()
    one.close()
    other.close()


def test_withdraw_deletes_every_row_of_the_vault_and_proves_it(member: Make, team: Team) -> None:
    dana, sam = a_vault(member), member("sam", "Sam Okoro")
    sam.write("Mine.md", "- [ ] mine @Myself\n")
    dana.vi("publish")
    sam.vi("publish")
    before = stored(team, "sam/work")
    told = dana.json("publish", "--withdraw")
    assert told["vault"] == "dana/work" and told["deleted"]["tasks"] == 4
    assert set(told["left"]) == {*COLUMNS, "vaults"} and set(told["left"].values()) == {0}
    assert stored(team, "dana/work") == {kind: [] for kind in COLUMNS}
    assert stored(team, "sam/work") == before
    assert "plan B" not in team.server.dump(team.database)
    with pytest.raises(Absent):  # so a watcher does not publish it again by itself
        Publisher(team.url("dana"), {}, rules.read("work", dana.publish, [dana.name, "Myself"])).publish(
            dana.index(), begin=False
        )


def test_a_note_of_another_version_of_the_rows_is_sent_anew(
    member: Make, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = a_vault(member)
    conn = dana.index()

    def sent() -> int:
        """How many notes a new process sends."""
        publisher = Publisher(team.url("dana"), {}, rules.read("work", dana.publish, [dana.name, "Myself"]))
        try:
            return publisher.publish(conn).sent
        finally:
            publisher.close()

    assert (sent(), sent()) == (4, 0)
    monkeypatch.setattr("vaultindex.team.rows._FORMAT", "next")
    assert sent() == 4


def test_two_tasks_of_one_text_are_two_rows(member: Make, team: Team) -> None:
    dana = member("dana", "Kim Berg")
    dana.write("Twice.md", "- [ ] the same\n- [ ] the same\n")
    dana.vi("publish")
    assert len(team.rows("SELECT id FROM vaultindex.tasks")) == 2
    assert len({row["line"] for row in dana.json("team", "tasks")}) == 2


def test_settings_that_choose_nothing_or_are_wrong_say_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="chooses no note"):
        rules.read("work", {}, ["Kim Berg"])
    with pytest.raises(UsageError, match="who are you"):
        rules.read("work", {"all": True}, ["Myself", "Me"])
    with pytest.raises(UsageError, match="is named with a-z"):
        rules.read("Wörk", {"all": True}, ["Kim Berg"])
    file = tmp_path / ".config" / "vaultindex" / "config.toml"
    file.parent.mkdir(parents=True)
    for wrong in ("folder = ['x']", "tasks = 'some'", "people = 'yes'", "folders = 'x'"):
        file.write_text(f"[publish.work]\n{wrong}\n")
        with pytest.raises(UsageError, match="publish must be a table a vault"):
            settings.load({"HOME": str(tmp_path)})
    file.write_text("")
    with pytest.raises(UsageError, match=r"write \[publish\.my-notes\]"):
        rules.of(settings.load({"HOME": str(tmp_path)}), str(tmp_path / "My Notes"))


def test_every_rule_says_of_how_many_rows_it_is_the_reason(member: Make) -> None:
    dana = a_vault(member)
    given_rules = rules.read(
        "work", {"accounts": ["Contoso"], "tags": ["team"], "proposals": True}, [dana.name, "Myself"]
    )
    conn = dana.index()
    maker = Maker(conn, given_rules)
    found = {
        (note.path, rule)
        for note in maker.notes(rules.chosen(conn, given_rules))
        for some in note.rules.values()
        for rule in some
    }
    assert found == {
        ("Accounts/Contoso.md", "account Contoso"), ("Meetings/Call.md", "account Contoso"), ("Other/Far.md", "tag #team"),
    }  # fmt: skip


def test_a_store_without_our_tables_says_what_to_do(server: Any, member: Make) -> None:
    server.psql("DROP DATABASE IF EXISTS bare", "postgres")
    server.psql("CREATE DATABASE bare OWNER admin", "postgres")
    dana = a_vault(member)
    with pytest.raises(StoreError, match="vi team init"):
        Publisher(server.url("dana", "bare"), {}, rules.read("work", dana.publish, [dana.name, "Myself"])).publish(
            dana.index()
        )
