"""What the team is asked is answered in the words, the dates and the JSON of one's own vault, with who published it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.conftest import ROOT
from tests.team.conftest import Team
from tests.team.people import Person
from vaultindex.ask.tasks.lists import FIELDS as TASK
from vaultindex.cli.commands import COMMANDS

Make = Callable[[str, str], Person]


def meeting(day: str, account: str, people: str, *lines: str) -> str:
    return (
        f"---\ndate: {day}\ntype: meeting\naccount: {account}\nparticipants: [{people}]\n---\n"
        + "\n".join(lines)
        + "\n"
    )


@pytest.fixture
def two(member: Make) -> tuple[Person, Person]:
    """Two members who meet the same customer; both have published."""
    dana, sam = member("dana", "Kim Berg"), member("sam", "Sam Okoro")
    dana.write("Call.md", meeting("2025-10-01", "Contoso", "Dana Leigh, Myself", "- [ ] send the sheet @Myself 📅 2025-10-06", "- [ ] sign it @[[Dana Leigh]]", "## Decisions", "- plan B"))  # fmt: skip
    dana.write("Accounts/Contoso.md", "---\ntype: account\naliases: [CTS]\n---\n")
    dana.write("People/Dana Leigh.md", "---\ntype: person\naliases: [DL]\n---\n")
    sam.write("Talk.md", meeting("2025-10-03", "Contoso", "dana.leigh@contoso.com, Noor Haddad", "- [ ] answer @Dana", "- [ ] call back @Myself", "## Decisions", "- plan C"))  # fmt: skip
    sam.write("Short.md", meeting("2025-10-04", "CTS", "Dana", "- [ ] a first name @Dana"))
    sam.write("Elsewhere.md", meeting("2025-10-05", "Fabrikam", "Dana", "- [ ] another one @Dana"))
    for one in (dana, sam):
        one.vi("publish")
    return dana, sam


def test_tasks_have_the_fields_of_the_contract_and_their_publisher(two: tuple[Person, Person]) -> None:
    dana, sam = two
    rows = dana.json("team", "tasks")
    assert {(row["publisher"], row["vault"], row["path"], row["text"]) for row in rows} == {
        ("dana", "work", "Call.md", "send the sheet"), ("dana", "work", "Call.md", "sign it"), ("sam", "work", "Talk.md", "answer"),
        ("sam", "work", "Talk.md", "call back"), ("sam", "work", "Short.md", "a first name"), ("sam", "work", "Elsewhere.md", "another one"),
    }  # fmt: skip
    assert all(list(row) == [*TASK, "publisher", "vault"] for row in rows)
    assert [row["text"] for row in rows if row["mine"]] == ["send the sheet"]
    assert [row["text"] for row in sam.json("team", "tasks", "--mine")] == ["call back"]


def test_a_row_says_of_itself_what_it_says_in_its_own_vault(two: tuple[Person, Person]) -> None:
    dana, _ = two
    own = {row["id"]: row for row in dana.json("tasks")}
    for row in dana.json("team", "tasks"):
        if row["publisher"] == "dana":
            mine = own[row["id"]]
            differ = {"owner", "owner_person", "account_note", "participants"}  # Myself has a name there
            assert {k: v for k, v in mine.items() if k not in differ} == {k: row[k] for k in mine if k not in differ}
    decided = {row["text"]: row for row in dana.json("team", "decisions")}
    (mine,) = dana.json("decisions")
    assert {k: v for k, v in mine.items() if k != "participants"} == {
        k: decided["plan B"][k] for k in mine if k != "participants"
    }


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["--overdue"], ["send the sheet"]),
        (["--due", "yesterday"], ["send the sheet"]),
        (["--by", "today"], ["send the sheet"]),
        (["--due", "tomorrow"], []),
        (["--owner", "Dana Leigh"], ["a first name", "answer", "sign it"]),
        (["--owner", "me"], ["send the sheet"]),
        (["--account", "cts", "--owner", "Dana Leigh"], ["a first name", "answer", "sign it"]),
        (["--account", "Fabrikam"], ["another one"]),
        (["--person", "Noor Haddad"], ["answer", "call back"]),
        (["--theirs"], ["a first name", "another one", "answer", "call back", "sign it"]),
        (["sheet"], ["send the sheet"]),
        (["--proposed"], []),
    ],
    ids=lambda value: " ".join(value) if value[:1] and value[0].startswith("-") else "",
)
def test_options_choose_the_tasks_of_all_vaults(two: tuple[Person, Person], words: list[str], texts: list[str]) -> None:
    assert sorted(row["text"] for row in two[0].json("team", "tasks", *words)) == texts


def test_names_meet_across_vaults_by_the_rules_of_one_and_the_unsure_ones_are_listed(
    two: tuple[Person, Person],
) -> None:
    dana, sam = two
    page = dana.json("team", "person", "DL")
    assert page["name"] == "Dana Leigh"
    # an address, an alias, and a first name where only one of that name meets the account
    assert {(row["publisher"], row["text"]) for row in page["owes"]} == {
        ("dana", "sign it"), ("sam", "answer"), ("sam", "a first name"),
    }  # fmt: skip
    assert {row["path"] for row in page["meetings"]} == {"Call.md", "Talk.md", "Short.md"}
    unsure = dana.json("team", "people", "--unsure")
    assert [(row["name"], row["candidates"], row["path"]) for row in unsure] == [
        ("Dana", ["Dana Leigh"], "Elsewhere.md")
    ]
    sam.write("Wolf.md", meeting("2025-10-06", "Contoso", "Dana Wolf"))
    sam.vi("publish")
    page = dana.json("team", "person", "Dana Leigh")
    assert "a first name" not in {row["text"] for row in page["owes"]}, "two of that first name meet the account now"
    assert "answer" in {row["text"] for row in page["owes"]}, "in the note itself only one of them is named"


def test_two_people_of_one_name_in_one_vault_are_never_mixed(two: tuple[Person, Person]) -> None:
    dana, sam = two
    sam.write("People/Dana Leigh.md", "---\ntype: person\n---\n")
    sam.vi("publish")
    assert dana.json("team", "person", "Dana Leigh")["counts"]["owes"] == 3, "one note in each vault: one person"
    sam.write("Other/People/Dana Leigh.md", "---\ntype: person\n---\n")
    sam.vi("publish")
    refused = dana.vi("team", "person", "Dana Leigh", code=3)
    assert "could be" in refused and "dana/work/People/Dana Leigh.md" in refused and "sam/work/Other/People" in refused


def test_what_the_reader_said_about_names_holds_for_the_team(two: tuple[Person, Person]) -> None:
    dana, sam = two
    sam.vi("people", "--same", "Dana", "Dana Leigh")
    assert {row["text"] for row in sam.json("team", "person", "Dana Leigh")["owes"]} >= {"another one", "sign it"}
    assert "another one" not in {row["text"] for row in dana.json("team", "person", "Dana Leigh")["owes"]}


def test_an_account_is_one_under_every_name_that_a_vault_knows(two: tuple[Person, Person]) -> None:
    page = two[0].json("team", "account", "cts")
    assert page["name"] == "Contoso" and page["counts"]["meetings"] == 3
    assert {row["text"] for row in page["decisions"]} == {"plan B", "plan C"}
    assert [(one["publisher"], one["vault"], one["name"]) for one in page["publishers"]] == [
        ("dana", "work", "Kim Berg"), ("sam", "work", "Sam Okoro"),
    ]  # fmt: skip
    assert all(0 <= one["age"] < 600 for one in page["publishers"])


def test_decisions_by_account_person_and_time(two: tuple[Person, Person]) -> None:
    dana, _ = two
    assert {row["text"] for row in dana.json("team", "decisions")} == {"plan B", "plan C"}
    assert [row["text"] for row in dana.json("team", "decisions", "--since", "2025-10-02")] == ["plan C"]
    assert [row["text"] for row in dana.json("team", "decisions", "--until", "2025-10-02")] == ["plan B"]
    assert [row["text"] for row in dana.json("team", "decisions", "--person", "Noor Haddad")] == ["plan C"]
    assert [row["text"] for row in dana.json("team", "decisions", "--account", "Contoso", "--limit", "1")] == ["plan C"]


def test_waiting_says_who_owes_whom_longest_first(two: tuple[Person, Person]) -> None:
    page = two[0].json("team", "waiting")
    owed = {one["person"]: [ask["text"] for ask in one["asks"]] for one in page["people"]}
    assert owed == {
        "Dana Leigh": ["sign it", "answer", "a first name"],
        "Sam Okoro": ["call back"],
        "Dana": ["another one"],
    }
    assert two[0].json("team", "waiting", "--owner", "Sam Okoro")["counts"]["tasks"] == 1


def test_search_finds_words_beginnings_and_parts_of_what_is_published(two: tuple[Person, Person]) -> None:
    dana, sam = two
    assert [(row["path"], row["line"], row["text"]) for row in dana.json("team", "search", "sheet")] == [
        ("Call.md", 7, "send the sheet")
    ]
    assert {row["path"] for row in dana.json("team", "search", "pla*")} == {"Call.md", "Talk.md"}
    assert {row["path"] for row in dana.json("team", "search", "swe")} == {"Talk.md"}
    assert dana.json("team", "search", "one", "--account", "Contoso") == []
    sam.write("Text.md", "A Straße in Zürich, and more.\n")
    sam.settings(all=True, texts=True)
    sam.vi("publish")
    assert [(row["path"], row["line"]) for row in dana.json("team", "search", "zurich more")] == [("Text.md", 1)]


def test_a_page_on_a_terminal_names_the_team_s_commands_and_how_old_the_rows_are(two: tuple[Person, Person]) -> None:
    done = two[0].run("team", "person", "Dana Leigh", "--format", "table")
    assert done.returncode == 0 and "Dana owes" in done.stdout
    assert "vi tasks" not in done.stdout and "vi notes" not in done.stdout
    assert "rows of 2 vaults, the oldest first: dana/work" in done.stderr
    assert "dana/work" in two[0].run("team", "tasks", "--format", "table").stdout


def test_an_unknown_name_is_told_with_the_nearest_of_the_team(two: tuple[Person, Person]) -> None:
    assert "Did you mean Noor Haddad" in two[0].vi("team", "person", "Noor Hadad", code=3)
    assert "Did you mean Fabrikam" in two[0].vi("team", "account", "Fabrkam", code=3)


def test_sql_is_asked_as_the_role_that_one_is_and_changes_nothing(two: tuple[Person, Person], team: Team) -> None:
    dana, _ = two
    assert dana.json("team", "sql", "select vault, count(*) as n from tasks group by 1 order by 1") == [
        {"vault": "dana/work", "n": 2}, {"vault": "sam/work", "n": 4},
    ]  # fmt: skip
    for statement in ("delete from tasks", "drop table tasks", "set transaction read write; delete from tasks", "commit; delete from tasks where vault = 'dana/work'"):  # fmt: skip
        assert dana.run("team", "sql", statement).returncode != 0
    assert team.rows("SELECT count(*) FROM vaultindex.tasks") == [(6,)]


def test_a_kept_answer_is_shown_with_its_age_while_the_store_is_away(
    two: tuple[Person, Person], team: Team, tmp_path: Path
) -> None:
    dana, _ = two
    road = tmp_path / "road"
    road.symlink_to(team.server.folder)
    dana.env["VAULTINDEX_TEAM_URL"] = team.server.url("dana", team.database, str(road))
    fresh = dana.json("team", "tasks", "--overdue", "--keep")
    road.unlink()
    away = dana.run("team", "tasks", "--overdue")
    assert away.returncode == 1 and "cannot be used now" in away.stderr and "--cached shows it" in away.stderr
    done = dana.run("team", "tasks", "--overdue", "--cached", "--json")
    assert json.loads(done.stdout) == fresh and "as it was" in done.stderr and "ago (--cached)" in done.stderr
    missing = dana.run("team", "decisions", "--cached")
    assert missing.returncode == 1 and "--keep" in missing.stderr
    (file,) = (dana.home / ".cache" / "vaultindex" / "team").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert len(dana.json("tasks")) == 2, "one's own vault answers as ever"


def test_a_reader_needs_no_vault(two: tuple[Person, Person], team: Team, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "empty"), "VAULTINDEX_TEAM_URL": team.url("rita"), "VAULTINDEX_TODAY": "2025-10-07"}  # fmt: skip
    (tmp_path / "empty").mkdir()
    for words in (["tasks"], ["person", "Dana Leigh"], ["status"], ["people"]):
        done = warm.run(
            [sys.executable, "-m", "vaultindex", "team", *words, "--json"], env=env, cwd=tmp_path / "empty", capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0 and json.loads(done.stdout), done.stderr


def test_a_reader_of_one_account_sees_nothing_else_by_any_command(two: tuple[Person, Person], team: Team) -> None:
    dana, _ = two
    kim = {"VAULTINDEX_TEAM_URL": team.url("kim")}
    rows = json.loads(dana.run("team", "tasks", "--json", env=kim).stdout)
    assert {row["text"] for row in rows} == {"send the sheet", "sign it", "answer", "call back"}
    everything = ""
    for words in (["decisions"], ["people"], ["person", "Dana"], ["account", "Contoso"], ["waiting"], ["search", "one"], ["account", "Fabrikam"], ["sql", "select * from notes"]):  # fmt: skip
        done = dana.run("team", *words, "--json", env=kim)
        everything += done.stdout + done.stderr
    assert (
        "Fabrikam" not in everything.replace("no account is called 'Fabrikam'", "") and "another one" not in everything
    )


def test_a_publisher_of_another_version_is_understood(two: tuple[Person, Person], team: Team) -> None:
    """What a newer or older publisher has more or less in `more` is left or empty."""
    for kind in ("tasks", "decisions", "people", "notes"):
        team.server.psql(
            f"UPDATE vaultindex.{kind} SET more = ((more::jsonb - 'tags' - 'links' - 'linked' - 'status_name') || '{{\"new\": [1]}}')::text",
            team.database,
        )
    assert len(two[0].json("team", "tasks")) == 6
    assert two[0].json("team", "person", "Dana Leigh")["counts"]["owes"] == 3


def test_nothing_of_the_team_is_imported_by_any_other_command(tmp_path: Path, vault: Path) -> None:
    others = [
        name
        for name in COMMANDS
        if name
        not in ("publish", "team", "watch", "demo", "init", "edit", "mcp", "serve", "service", "triage", "index")
    ]
    words = {"sql": ["select 1"], "open": ["--print", "Contoso"], "completion": ["bash"], "shell-init": ["bash"], "person": ["Dana Leigh"], "account": ["Contoso"], "brief": ["Contoso"], "search": ["x"], "backlinks": ["Contoso"], "note": ["Contoso"], "export": ["todotxt"], "undo": ["--list"]}  # fmt: skip
    # Each command in a fork of a process that has imported what all commands begin with.
    code = """
import json, os, sys
from vaultindex.cli.commands import run
place = sys.argv[2:]
for name, words in json.loads(sys.argv[1]):
    child = os.fork()
    if child == 0:
        try:
            run([name, *words, *place], "vi")
        finally:
            team = ("psycopg", "keyring", "vaultindex.team", "vaultindex.cli.doors.team")
            print("\\nFOUND", name, *[m for m in sys.modules if m.startswith(team)], file=sys.stderr, flush=True)
            os._exit(0)
    os.waitpid(child, 0)
"""
    typed = json.dumps([(name, words.get(name, [])) for name in others])
    done = subprocess.run(
        [sys.executable, "-c", code, typed, "--vault", str(vault), "--index", str(tmp_path / "i.db")],
        env={**os.environ, "HOME": str(tmp_path)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True,
        stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    assert [line.split()[1:] for line in done.stderr.splitlines() if line.startswith("FOUND")] == [
        [name] for name in others
    ]


def test_the_migrations_are_in_the_package() -> None:
    from vaultindex.team import migrate

    assert [number for number, _ in migrate.files()] == list(range(1, len(migrate.files()) + 1))
    assert (ROOT / "vaultindex" / "team" / "schema" / "0001.sql").exists()


def test_the_examples_of_the_guide_run(two: tuple[Person, Person], member: Make, team: Team) -> None:
    import re

    dana, _ = two
    boss = member("admin", "Ada Boss")
    for one, role in ((dana, "dana"), (boss, "admin")):
        (one.home / ".pg_service.conf").write_text(
            f"[team]\nhost={team.server.folder}\ndbname={team.database}\nuser={role}\n\n"
            f"[team-admin]\nhost={team.server.folder}\ndbname={team.database}\nuser=admin\n"
        )
    text = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")
    typed = [
        line.split("  #")[0].strip()
        for block in re.findall(r"```sh\n(.*?)```", text, re.S)
        for line in block.splitlines()
    ]
    typed.sort(key=lambda line: "--withdraw" in line)
    assert len(typed) > 15
    for line in typed:
        who = boss if line.startswith(("vi team init", "vi team add")) else dana
        command = line.replace("vi ", f"'{sys.executable}' -m vaultindex ", 1)
        done = warm.run(["sh", "-c", command], env=who.env, cwd=who.home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
