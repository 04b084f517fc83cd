"""Every command: help with an example, JSON that is whole, sense in an empty answer, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.shell import BIN, Shell
from vaultindex.ask.rows import FIELDS as DECISION
from vaultindex.ask.tasks.lists import FIELDS as TASK
from vaultindex.cli.commands import cli
from vaultindex.cli.read.links import BACKLINK, LINK, TAG
from vaultindex.cli.read.notes import NOTE
from vaultindex.cli.read.people import ACCOUNT, PERSON
from vaultindex.cli.read.search import HIT
from vaultindex.cli.table import COMMANDS

LISTS: dict[str, tuple[str, ...]] = {
    "tasks": TASK,
    "tasks --all --excluded": TASK,
    "decisions": DECISION,
    "backlinks Contoso": BACKLINK,
    "backlinks 'Sam Okoro' --unlinked": BACKLINK,
    "notes": NOTE,
    "people": PERSON,
    "accounts": ACCOUNT,
    "search pricing": HIT,
    "links --broken": LINK,
    "tags": TAG,
    "orphans": ("path", "title", "type", "date"),
    "deadends": ("path", "title", "type", "date"),
    "lint": ("path", "line", "kind", "what", "fix", "raw"),
    "config": ("name", "value", "source", "help"),
}
EMPTY = [
    "tasks zzzz",
    "tasks --due 1999-01-01",
    "decisions zzzz",
    "decisions --since 2099",
    "notes zzzz",
    "notes --type customer zzzz",
    "search zzzz",
    "links --ambiguous",
    "tags zzzz",
    "people --since 2099",
    "sql 'select 1 where 0'",
]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    made = Shell(tmp_path_factory.mktemp("cli"))
    assert made.run("vi index")[1] == 0
    return made


def answer(shell: Shell, command: str) -> Any:
    text, code = shell.run(f"vi {command}", terminal=False)
    assert code == 0, text
    return json.loads(text)


def stderr(shell: Shell, command: str, **env: str) -> tuple[int, str]:
    done = warm.run(
        ["sh", "-c", command],
        cwd=shell.vault,
        env={**shell.env, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    import click

    command = cli.get_command(click.Context(cli), name)
    assert command is not None and command.help
    assert "Example" in (command.epilog or ""), f"{name} shows no example"
    assert f"vi {name}" in (command.epilog or "")


@pytest.mark.parametrize(("command", "fields"), LISTS.items(), ids=list(LISTS))
def test_json_is_an_array_of_objects_with_every_field(shell: Shell, command: str, fields: tuple[str, ...]) -> None:
    found = answer(shell, f"{command} --json")
    assert isinstance(found, list) and found
    assert all(tuple(row) == fields for row in found)


@pytest.mark.parametrize(("command", "fields"), LISTS.items(), ids=list(LISTS))
def test_json_lines_are_the_same_objects(shell: Shell, command: str, fields: tuple[str, ...]) -> None:
    text, _ = shell.run(f"vi {command} --format jsonl", terminal=False)
    assert [json.loads(line) for line in text.splitlines()] == answer(shell, f"{command} --json")


@pytest.mark.parametrize("command", EMPTY)
def test_an_empty_answer_is_no_error_and_says_so(shell: Shell, command: str) -> None:
    if not command.startswith("sql"):
        assert answer(shell, f"{command} --json") == []
    code, said = stderr(shell, f"vi {command}")
    assert code == 0
    assert said.splitlines()[0].startswith(("no ", "nothing "))


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("vi tasks --owner 'Dana Leihg'", 3, "Did you mean Dana Leigh"),
        ("vi tasks --account contosso", 3, "Did you mean Contoso"),
        ("vi tasks --note 'Dana updaet'", 3, "Did you mean"),
        ("vi decisions --account zzz", 3, "no account is called 'zzz'"),
        ("vi backlinks Danna", 3, "no note is called 'Danna'"),
        ("vi note zzz", 3, "no note is called 'zzz'"),
        ("vi notes --type zzzz", 3, "no note has the type 'zzzz'"),
        ("vi notes --person zzz", 3, "no person is called 'zzz'"),
        ("vi tasks --owner m", 3, "could be Me"),
        ("vi tasks --due soonish", 2, "Accepted: today"),
        ("vi decisions --since someday", 2, "Accepted: today"),
        ("vi tasks --today yesterday", 2, "YYYY-MM-DD"),
        ("vi tasks --priority urgent", 2, "is no priority"),
        ("vi tasks --sort zzz", 2, "cannot sort by 'zzz'"),
        ("vi tasks --fields zzz", 2, "no field 'zzz'"),
        ("vi tasks --format xml", 2, "xml"),
        ("vi tasks --nonsense", 2, "--nonsense"),
        ("vaultindex taks", 2, "Did you mean `vaultindex tasks`"),
        ("vaultindex decsions", 2, "Did you mean `vaultindex decisions`"),
        ("vi config zzz", 2, "no setting 'zzz'"),
        ("vi sql 'delete from notes'", 2, "only SELECT is allowed"),
        ("vi sql \"attach '/tmp/x' as y\"", 2, "only SELECT is allowed"),
        ("vi query 'due before'", 2, "line 1"),
        ("vi query --saved zzz", 3, "no query is saved"),
        ("vi tasks --vault /nonexistent", 5, "no vault at /nonexistent"),
    ],
)
def test_an_error_says_what_to_do_and_has_its_exit_code(shell: Shell, command: str, code: int, said: str) -> None:
    got, text = stderr(shell, command)
    assert (got, said in text) == (code, True), text
    assert "Traceback" not in text


def test_without_a_vault_the_exit_code_is_5(shell: Shell, tmp_path: Path) -> None:
    done = warm.run([str(BIN / "vi"), "tasks"], cwd=tmp_path, env=shell.env, capture_output=True, text=True)
    assert done.returncode == 5
    assert "--vault PATH" in done.stderr


def test_a_closed_pipe_ends_quietly(shell: Shell) -> None:
    assert shell.run("vi tasks --all --excluded | head -1", terminal=False)[1] == 0
    code, said = stderr(shell, "vi tasks --all --quiet | true")
    assert (code, said) == (0, "")


def test_global_options_stand_before_or_behind_the_command(shell: Shell) -> None:
    assert answer(shell, "--json tasks --due today") == answer(shell, "tasks --due today --json")
    assert shell.run("vi --today 2025-10-08 tasks --due today --format ids", terminal=False) == shell.run(
        "vi tasks --due today --format ids --today 2025-10-08", terminal=False
    )


def test_exit_code_tells_whether_there_are_rows(shell: Shell) -> None:
    assert shell.run("vi tasks --due today --exit-code", terminal=False)[1] == 1
    assert shell.run("vi tasks zzzz --exit-code", terminal=False)[1] == 0


def test_due_today_with_the_seed_note_lists_two_a_day_later(shell: Shell) -> None:
    seed = "2025-10-06 Dana update on Northwind-Fabrikam"
    found = [t for t in answer(shell, "tasks --due today --today 2025-10-08 --json") if seed in t["path"]]
    assert [t["priority"] for t in found] == ["high", "none"]


def test_data_goes_to_stdout_and_the_rest_to_stderr(shell: Shell) -> None:
    text, _ = shell.run("vi tasks --due today", terminal=False)
    assert "fresh:" not in text and all(line.count("\t") == 7 for line in text.splitlines())
    assert stderr(shell, "vi tasks --due today") == (0, ""), "nothing below a list in a pipe"
    code, said = stderr(shell, "VAULTINDEX_NOTICE=true vi tasks --due today")
    assert code == 0 and said.splitlines()[-1].startswith("fresh: "), "unless it is asked for"
    assert stderr(shell, "vi tasks --due today --quiet")[1] == ""


def test_a_search_marks_its_hits_and_begins_long_lines_near_the_first(shell: Shell) -> None:
    del shell.env["NO_COLOR"]
    long = "word " * 40
    (shell.vault / "Long.md").write_text(f"{long}then the Zoölogist comes\n")
    text, _ = shell.run("vi search zoologist")
    assert "\x1b[4mZoölogist\x1b[0m" in text and "… " in text and text.count("word") < 9
    shell.env["NO_COLOR"] = "1"
    assert "\x1b[" not in shell.run("vi search zoologist")[0]
    assert "\x1b[" not in shell.run("CLICOLOR_FORCE=0 vi search zoologist", terminal=False)[0]


def test_what_stands_below_a_list_is_one_line_about_this_list(shell: Shell) -> None:
    below = shell.run("vi tasks --due today")[0].splitlines()[-1]
    assert below.startswith("1 hidden: --excluded · ") and "unseen" not in below and "fresh: " in below
    below = shell.run("vi tasks --no-due")[0].splitlines()[-1]
    assert "2 unseen dates: vi lint" in below and "fresh: " in below
    assert shell.run("vi tasks --note 'Pricing call'")[0].splitlines()[-1].startswith("fresh: ")


def test_an_answer_is_fresh_although_nobody_watches(shell: Shell) -> None:
    note = shell.vault / "just now.md"
    note.write_text("- [ ] written a moment ago 📅 2025-10-07\n")
    assert "written a moment ago" in shell.run("vi tasks --due today", terminal=False)[0]
    assert "written a moment ago" in shell.run("vi tasks --due today --no-refresh", terminal=False)[0]
    note.unlink()
    assert "written a moment ago" in shell.run("vi tasks --due today --no-refresh", terminal=False)[0]
    assert "written a moment ago" not in shell.run("vi tasks --due today", terminal=False)[0]


HOSTILE = "\x1b]52;c;aGk=\x07 \x1b[31m \x9b31m \u202egnp \x7f [red] %s ' \" ; rm -rf \r\x00"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A vault whose every text is hostile to a terminal."""
    made = Shell(tmp_path_factory.mktemp("hostile"))
    evil = HOSTILE.replace("\x00", "")
    folder = made.vault / "Fol\x1b[2Jder"
    folder.mkdir()
    (folder / "Evil\x1b]0;x\x07 name.md").write_bytes(
        f'---\ntitle: "x\\x1b[31m"\naccount: "A\\x1b[31m"\nparticipants: ["P\\x9b31m"]\n---\n# H{evil}\n\n'
        f"- [ ] Task {evil} @Ev{chr(27)}il 📅 2025-10-07 #t{chr(0x9B)}\n- [ ] st {evil} 📅 2025-10-07 x\n\n"
        f"## Decisions\n\n- Decision {evil}\n\n[[Link{evil.splitlines()[0]}]] [[Contoso]]\n".encode()
    )
    return made


@pytest.mark.parametrize(
    "command",
    ["tasks", "tasks --all", "today", "decisions", "notes", "people", "accounts", "tags", "links --broken", "backlinks Contoso", "search Task", "doctor", "lint", "orphans", "deadends", "status", "note Evil", "query 'not done'", "agenda", "waiting", "waiting --nudge", "account Contoso", "brief Contoso", "recap Evil --anyway", "sql 'select * from v_tasks'", "tasks --account zz\x1b[31m", "tasks --due \x1b[31m"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["table", "plain", "csv", "tsv", "md", "json", "paths"])
def test_nothing_in_a_note_reaches_the_terminal_as_a_command(hostile: Shell, command: str, form: str) -> None:
    done = warm.run(
        [str(BIN / "vi"), *_words(command), "--format", form],
        cwd=hostile.vault,
        env=hostile.env,
        capture_output=True,
        timeout=60,
    )
    for text in (done.stdout.decode(), done.stderr.decode()):
        bad = {c for c in text if c not in "\n\t" and (unicodedata.category(c) == "Cc" or c in "\u202e\u2066\ufeff")}
        assert not bad, (bad, text)


def _words(command: str) -> list[str]:
    import shlex

    return shlex.split(command)


def test_csv_never_runs_in_a_spreadsheet(shell: Shell) -> None:
    note = shell.vault / "formula.md"
    note.write_text("- [ ] =cmd|'/c calc'!A1 📅 2025-10-07\n- [ ] +1 📅 2025-10-07\n- [ ] -1+2 📅 2025-10-07\n")
    text, _ = shell.run("vi tasks --note formula --format csv --fields text", terminal=False)
    note.unlink()
    assert text.splitlines() == ["text", "'=cmd|'/c calc'!A1", "'+1", "'-1+2"]


def test_the_library_and_the_command_line_give_the_same(shell: Shell, tmp_path: Path) -> None:
    code = (
        "import json, vaultindex, sys\n"
        "with vaultindex.open_vault(sys.argv[1], index=sys.argv[2], today='2025-10-07') as v:\n"
        "    print(json.dumps([v.tasks(due='today'), v.decisions(account='contoso'), v.backlinks('Sam Okoro'), v.notes(account='northwind')]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(shell.vault), str(tmp_path / "i.db")],
        env=shell.env,
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [
        answer(shell, f"{c} --json")
        for c in (
            "tasks --due today",
            "decisions --account contoso",
            "backlinks 'Sam Okoro'",
            "notes --account northwind",
        )
    ]
    assert json.loads(done.stdout) == theirs


def test_the_examples_for_python_run(shell: Shell, tmp_path: Path) -> None:
    from tests.shell import ROOT

    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = [part.split("```", 1)[0] for part in text.split("```python\n")[1:]]
    assert blocks
    for block in blocks:
        code = f"index = {str(tmp_path / 'readme.db')!r}\n" + block
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=shell.env, check=True, timeout=60)


@pytest.mark.parametrize("few", [["-n", "1"], ["-n=1"], ["-n1"]], ids=" ".join)
def test_a_short_option_is_found_without_making_up_an_error_for_it(few: list[str], small: Path, tmp_path: Path) -> None:
    script = "import sys; from vaultindex.cli.commands import cli; cli(standalone_mode=False); print('difflib' in sys.modules)"
    (small / "n.md").write_text("- [ ] one\n- [ ] two\n")
    where = ["--vault", str(small), "--index", str(tmp_path / "i.db")]
    done = subprocess.run(
        [sys.executable, "-c", script, *where, "tasks", *few], capture_output=True, text=True, check=True
    )
    row, imported = done.stdout.splitlines()
    assert "\tone\t" in row and imported == str(few == ["-n1"])  # only its value right behind it is looked for in vain


def test_the_groups_of_the_help_hold_each_command_once_and_fit_a_screen() -> None:
    from click.testing import CliRunner

    from vaultindex.cli.table import GROUPS

    named = [name for _, lines in GROUPS for names, _ in lines for name in names]
    assert sorted(named) == sorted(COMMANDS)
    text = CliRunner().invoke(cli, ["--help"], terminal_width=80).output
    assert len(text.splitlines()) <= 52 and max(map(len, text.splitlines())) <= 80
