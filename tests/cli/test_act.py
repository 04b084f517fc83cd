"""Commands that change tasks, as a person types them."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path

import pytest

from tests.shell import Shell

CALL = "Meetings/2025/2025-09-30 Pricing call.md"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def own(shell: Shell) -> Shell:
    """A shell whose vault is one note."""
    import shutil

    shutil.rmtree(shell.vault)
    (shell.vault / ".obsidian").mkdir(parents=True)
    return shell


def files(vault: Path) -> dict[str, bytes]:
    return {str(p.relative_to(vault)): p.read_bytes() for p in vault.rglob("*") if p.is_file()}


def ids(shell: Shell, question: str) -> list[str]:
    out, code = shell.run(f"vi tasks {question} --format ids", terminal=False)
    assert code == 0
    return out.split()


ACTS = (
    "done {}", "cancel {}", "reopen {}", "start {}", "accept {} --due fri --owner Sam --priority high", "reject {} --reason no",
    "due {} next mon", "due {} none", "due {} +3d --scheduled", "assign {} 'Mei Tanaka'", "assign {} none", "priority {} lowest",
    "tag {} waiting", "tag {} task --remove",
)  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_a_command_changes_one_line_and_undo_restores_the_vault(shell: Shell, act: str) -> None:
    before = files(shell.vault)
    question = {"reopen": "--done", "accept": "--proposed", "reject": "--proposed"}.get(act.split()[0], "--open")
    task = ids(shell, f"{question} --note 'Pricing call'")[0]
    out, code = shell.run(f"vi {act.format(task)}")
    assert code == 0, out
    after = files(shell.vault)
    assert [name for name in after if after[name] != before.get(name)] == [CALL]
    old, new = before[CALL].split(b"\n"), after[CALL].split(b"\n")
    assert len(old) == len(new) and sum(a != b for a, b in zip(old, new)) == 1
    assert f"vi {act.split()[0]}"[3:] in out and "undo: vi undo" in out
    # The index has followed: asking without looking at the vault gives the new line.
    raw, _ = shell.run("vi tasks --all --note 'Pricing call' --no-refresh --json --fields raw", terminal=False)
    assert {r["raw"] for r in json.loads(raw)} <= {line.decode() for line in new}
    assert shell.run("vi undo")[1] == 0
    assert files(shell.vault) == before
    assert "undone" in shell.run("vi log")[0]


def test_several_ids_and_a_dry_run(shell: Shell) -> None:
    before = files(shell.vault)
    some = ids(shell, "--open")[:3]
    out, code = shell.run(f"vi done {' '.join(some)} --dry-run")
    assert code == 0 and len(re.findall(r"^\+[^+].*\[x\]", out, re.M)) == 3 and "would complete 3 tasks" in out
    assert files(shell.vault) == before
    out, _ = shell.run(f"vi done {' '.join(some)} --json", terminal=False)
    assert [c["command"] for c in json.loads(out)] == ["done"] * 3
    assert shell.run("vi undo")[1] == 0, "one command, one undo"
    assert files(shell.vault) == before


def test_filters_stand_in_for_ids_and_many_are_not_changed_unasked(shell: Shell) -> None:
    before = files(shell.vault)
    out, code = shell.run("vi done --open", terminal=False)
    assert code == 2 and files(shell.vault) == before
    out, code = shell.run("vi reject --proposed --not-mine", terminal=False)
    assert code == 0 and out.count("reject ") == len([1 for line in out.split("\n") if line.startswith("reject ")]) > 1
    assert not ids(shell, "--proposed --not-mine")
    shell.run("vi done --open --account contoso --yes")
    assert not ids(shell, "--open --account contoso")
    shell.run("vi undo 2")
    assert files(shell.vault) == before


@pytest.mark.parametrize(
    ("command", "code", "word"),
    [
        ("vi done", 2, "which tasks"),
        ("vi done zzzz", 3, "no task has the id"),
        ("vi done b --overdue", 2, "not both"),
        ("vi due zsn someday", 2, "someday"),
        ("vi due zsn next week", 2, "one day"),
        ("vi assign zsn Nobodyatall", 3, "no person"),
        ("vi priority zsn urgent", 2, "no priority"),
        ("vi accept zsn", 1, "not a proposal"),
        ("vi done 2", 3, "There is none in this terminal yet"),
        ("vi undo", 0, "nothing to undo"),
        ("vi add --note 'Pricing call' --daily X", 2, "one of"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(shell: Shell, command: str, code: int, word: str) -> None:
    before = files(shell.vault)
    out, got = shell.run(command)
    assert (got, word in out) == (code, True), out
    assert files(shell.vault) == before


def test_a_line_that_changed_since_is_not_undone(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] Call Dana\n")
    assert own.run("vi done a.md:1")[1] == 0
    note.write_text("- [x] Call Dana and Lars ✅ 2025-10-07\n")
    out, code = own.run("vi undo")
    assert code == 4 and "changed since" in out
    assert note.read_text() == "- [x] Call Dana and Lars ✅ 2025-10-07\n"


def test_an_edit_that_a_crash_cut_off_after_the_journal_is_undone_without_a_write(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] Call Dana\n")
    own.run("vi done a.md:1")
    note.write_text("- [ ] Call Dana\n")
    assert own.run("vi undo")[1] == 0
    assert note.read_text() == "- [ ] Call Dana\n"


def test_without_a_journal_nothing_is_written(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] Call Dana\n")
    own.env["XDG_STATE_HOME"] = "/dev/null/here"
    out, code = own.run("vi done a.md:1")
    assert code == 1 and "nothing was changed" in out
    assert note.read_text() == "- [ ] Call Dana\n"
    assert own.run("vi tasks")[1] == 0, "a list needs no journal"


def test_a_place_means_the_line_that_stands_there_now(own: Shell) -> None:
    (own.vault / "a.md").write_text("- [ ] Call Dana\n")
    own.run("vi index")
    (own.vault / "a.md").write_text("- [ ] Call Lars\n")
    out, code = own.run("vi done a.md:1")
    assert code == 0, out
    assert (own.vault / "a.md").read_text() == "- [x] Call Lars ✅ 2025-10-07\n"


def test_the_vaults_settings_are_those_of_now(own: Shell) -> None:
    (own.vault / "a.md").write_text("- [ ] Call Dana\n")
    own.run("vi index")
    folder = own.vault / ".obsidian" / "plugins" / "obsidian-tasks-plugin"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text(json.dumps({"setDoneDate": False}))
    assert own.run("vi done a.md:1")[1] == 0
    assert (own.vault / "a.md").read_text() == "- [x] Call Dana\n"


def test_a_repeating_task_and_one_to_be_deleted(own: Shell) -> None:
    note = own.vault / "a.md"
    text = "- [ ] water 🔁 every day 📅 2025-10-07\r\n- [ ] burn 🏁 delete\r\n- [ ] stay"
    note.write_bytes(text.encode())
    out, _ = own.run("vi done a.md:1 a.md:2")
    assert note.read_bytes().decode() == (
        "- [ ] water 🔁 every day 📅 2025-10-08\r\n- [x] water 🔁 every day 📅 2025-10-07 ✅ 2025-10-07\r\n- [ ] stay"
    )
    assert "next 2025-10-08" in out and "deleted" in out
    own.run("vi undo")
    assert note.read_bytes() == text.encode()


def test_the_editor_gets_the_line_and_its_answer_is_checked(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] Call Dana\n- [ ] other\n")
    editor = own.home / "ed.sh"
    for script, code, first in (
        ('sed -i s/Dana/Lars/ "$1"', 0, "- [ ] Call Lars"),
        ('echo text > "$1"', 2, "- [ ] Call Lars"),
        ("echo '- [ ] more' >> \"$1\"", 2, "- [ ] Call Lars"),
        ("exit 3", 1, "- [ ] Call Lars"),
    ):
        editor.write_text(f"#!/bin/sh\n{script}\n")
        editor.chmod(0o755)
        own.env["EDITOR"] = str(editor)
        assert own.run("vi edit a.md:1")[1] == code, script
        assert note.read_text() == f"{first}\n- [ ] other\n"


def test_our_own_name_as_editor_becomes_the_real_one(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] Call Dana\n")
    real = own.home / "real"
    real.write_text('#!/bin/sh\nsed -i s/Dana/Lars/ "$1"\n')
    real.chmod(0o755)
    own.env |= {"EDITOR": "vi", "VAULTINDEX_REAL_VI": str(real)}
    assert own.run("vi edit a.md:1")[1] == 0
    assert note.read_text() == "- [ ] Call Lars\n"


# -- ids ---------------------------------------------------------------------------------------------------------------


class Here:
    """One terminal in which several commands are typed."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def run(self, *commands: str) -> tuple[str, int]:
        return self.shell.run("; ".join(commands))


def test_a_number_is_a_row_of_the_last_list_of_this_terminal(own: Shell) -> None:
    note = own.vault / "a.md"
    note.write_text("- [ ] one 📅 2025-10-09\n- [ ] two 📅 2025-10-08\n- [ ] three 📅 2025-10-07\n")
    out, code = Here(own).run("vi tasks", "vi done 2", "vi tasks --all >/dev/null", "vi done 3")
    assert code == 0, out
    assert note.read_text() == (
        "- [x] one 📅 2025-10-09 ✅ 2025-10-07\n- [x] two 📅 2025-10-08 ✅ 2025-10-07\n- [ ] three 📅 2025-10-07\n"
    )
    assert Here(own).run("vi tasks", "vi done 9")[1] == 3


LISTED = "- [ ] Send it 📅 2025-10-08\n- [ ] Call\n- [ ] Review 📅 2025-10-09\n- [ ] Review 📅 2025-10-10\n"


@pytest.mark.parametrize(
    ("then", "row", "code", "done"),
    [
        ("- [ ] New\n" + LISTED, 1, 0, "Send it"),  # lines move
        (LISTED.replace("Send it 📅 2025-10-08", "Send it ⏫ 📅 2025-12-01"), 1, 0, "Send it"),  # fields change
        (LISTED.replace("Send it", "Send them"), 1, 4, None),  # another task
        (LISTED.replace("- [ ] Review 📅 2025-10-09\n", ""), 2, 4, None),  # its twin takes its id
        (LISTED.replace("- [ ] Review 📅 2025-10-09\n", ""), 3, 4, None),
        ("- [ ] Review 📅 2025-10-11\n" + LISTED, 2, 4, None),  # a third one in front moves the ids
        (LISTED.replace("2025-10-09", "X").replace("2025-10-10", "2025-10-09").replace("X", "2025-10-10"), 2, 0, "2025-10-09"),
        (LISTED.replace("2025-10-09", "2025-11-09"), 2, 4, None),
        (LISTED.replace("2025-10-09", "2025-11-09"), 3, 0, "2025-10-10"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by", ["number", "id"])
def test_a_list_that_is_older_than_the_index_never_means_another_task(
    own: Shell, then: str, row: int, code: int, done: str | None, by: str
) -> None:
    note = own.vault / "a.md"
    note.write_text(LISTED)
    task = str(row) if by == "number" else ids(own, "")[row - 1]
    (own.home / "then").write_text(then)
    out, got = Here(own).run("vi tasks", f"cp {own.home / 'then'} a.md", "vi index >/dev/null 2>&1", f"vi done {task}")
    assert got == code, out
    changed = [b for a, b in zip(then.split("\n"), note.read_text().split("\n")) if a != b]
    assert len(changed) == (done is not None)
    assert done is None or done in changed[0]


def test_a_prefix_that_was_listed_does_not_pass_to_a_new_task(own: Shell) -> None:
    from vaultindex.base.ids import make_id

    note = own.vault / "a.md"
    note.write_text("- [ ] first task\n")
    mine = make_id("a.md", "first task", 1)
    twin = next(t for t in (f"other {n}" for n in range(100_000)) if make_id("a.md", t, 1)[:3] == mine[:3])
    out, code = Here(own).run("vi tasks", f"echo '- [ ] {twin}' > a.md", f"vi done {mine[:3]}")
    assert code == 4, out
    assert note.read_text() == f"- [ ] {twin}\n"


def test_an_id_typed_elsewhere_works_without_any_list(own: Shell) -> None:
    (own.vault / "a.md").write_text("- [ ] Call 🆔 abc123\n- [ ] Write ^blk\n")
    assert own.run("vi done abc123", terminal=False)[1] == 0
    assert own.run("vi done ^blk", terminal=False)[1] == 0
    assert (own.vault / "a.md").read_text().count("[x]") == 2


# -- add ---------------------------------------------------------------------------------------------------------------


def test_a_task_is_added_below_the_action_items(own: Shell) -> None:
    note = own.vault / "Call.md"
    body = "# Call\n\n## Action Items\n\n- [ ] one\n  - [ ] child\n\n## Decisions\n\n- this\n"
    note.write_text(body)
    out, code = own.run("vi add Send sheet +3d '@Dana Leigh' '!high' --note Call")
    assert code == 0, out
    assert note.read_text() == body.replace("child\n", "child\n- [ ] Send sheet @Dana Leigh 📅 2025-10-10 ⏫\n")
    own.run("vi undo")
    assert note.read_text() == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "- [ ] new\n"),
        ("text", "text\n\n- [ ] new"),
        ("- [ ] a\r\n", "- [ ] a\r\n- [ ] new\r\n"),
        ("## Actions\n", "## Actions\n\n- [ ] new\n"),
        ("## Actions\n\n- [ ] a\n\n\n- [ ] b\n\n\n## More\n", "## Actions\n\n- [ ] a\n\n\n- [ ] b\n\n- [ ] new\n\n\n## More\n"),
        ("## Actions\n\n## More\n", "## Actions\n\n- [ ] new\n\n## More\n"),
    ],
)  # fmt: skip
def test_an_added_task_is_spaced_as_its_neighbours_and_undone_exactly(own: Shell, body: str, expected: str) -> None:
    note = own.vault / "Call.md"
    note.write_bytes(body.encode())
    assert own.run("vi add new --note Call")[1] == 0
    assert note.read_bytes().decode() == expected
    assert own.run("vi undo")[1] == 0
    assert note.read_bytes().decode() == body


def test_the_daily_note_is_made_as_the_app_would_and_unmade_by_undo(own: Shell) -> None:
    (own.vault / ".obsidian" / "daily-notes.json").write_text(
        json.dumps({"folder": "Days", "format": "YYYY/MM-[day]-DD ddd", "template": "T"})
    )
    (own.vault / "T.md").write_text("# {{title}} of {{date:Do MMMM}}\n\n## Tasks\n")
    out, code = own.run("vi add Buy milk")
    note = own.vault / "Days" / "2025" / "10-day-07 Tue.md"
    assert code == 0, out
    assert note.read_text() == "# 2025/10-day-07 Tue of 7th October\n\n## Tasks\n\n- [ ] Buy milk\n"
    assert own.run("vi undo")[1] == 0
    assert not note.exists()
    own.run("vi add Buy milk")
    note.write_text(note.read_text() + "mine\n")
    assert own.run("vi undo")[1] == 4, "a note with more in it is not removed"
    assert note.exists()


def test_the_vaults_own_rules_hold_for_a_new_task(own: Shell) -> None:
    folder = own.vault / ".obsidian" / "plugins" / "obsidian-tasks-plugin"
    folder.mkdir(parents=True)
    (folder / "data.json").write_text(
        json.dumps({"globalFilter": "#task", "setCreatedDate": True, "taskFormat": "dataview"})
    )
    (own.vault / "a.md").write_text("")
    own.run("vi add Call --due fri --note a")
    assert (own.vault / "a.md").read_text() == "- [ ] Call #task [created:: 2025-10-07] [due:: 2025-10-10]\n"


# -- why ---------------------------------------------------------------------------------------------------------------


def test_why_names_the_characters_each_field_came_from(own: Shell) -> None:
    line = "- [?] Send it. @Dana Leigh 📅 2025-10-03 ⏫ 🔁 every week #task #proposed"
    (own.vault / "a.md").write_text(f"{line}\n")
    out, code = own.run("vi why a.md:1 --json", terminal=False)
    facts = json.loads(out)
    assert code == 0
    found = {f["name"]: f for f in facts}
    for fact in facts:
        assert fact["start"] is None or line[fact["start"] : fact["end"]] == fact["characters"]
    assert found["due"]["characters"] == "📅 2025-10-03"
    assert found["owner"]["characters"] == "@Dana Leigh"
    assert found["recurrence"]["characters"] == "🔁 every week"
    assert found["proposed"]["why"] == "yes: [?] and #proposed"
    assert found["overdue"]["why"] == "yes: due 2025-10-03 is before 2025-10-07"
    assert found["mine"]["why"].startswith("no: Dana Leigh")
    assert found["hidden"]["why"].startswith("no")


def test_the_index_is_equal_to_the_vault_after_every_command(shell: Shell) -> None:
    for act in ACTS[:8]:
        shell.run("vi " + act.format(ids(shell, "--all")[0]))
    shell.run("vi add X")
    out, code = shell.run("vi index --verify", terminal=False)
    assert code == 0, out


def test_the_journal_does_not_lie_in_the_vault_and_is_private(shell: Shell) -> None:
    shell.run(f"vi done {ids(shell, '--open')[0]}")
    (state,) = (shell.home / ".local" / "state").rglob("state.db")
    assert state.stat().st_mode & 0o777 == 0o600
    assert not list(shell.vault.rglob("*.db")) and not list(shell.vault.rglob(".*vi-tmp"))
    with sqlite3.connect(state) as conn:
        assert conn.execute("SELECT count(*) FROM edits").fetchone() == (1,)
    assert os.path.basename(state.parent).startswith("vault-")


def test_twins_are_done_when_they_are_asked_for_and_told_when_not(own: Shell) -> None:
    for name, day in (("a", "2025-08-12"), ("b", "2025-09-12")):
        (own.vault / f"{name}.md").write_text(
            f"---\ndate: {day}\n---\n- [ ] Send the signed contract @Dana\n- [?] Plan {name} all\n"
        )
    text, _ = own.run("vi done a.md:4 --dry-run")
    assert "1 other task asks the same in other notes: --twins" in text
    assert "--twins" not in own.run("vi done a.md:4 --dry-run --no-twins")[0]
    before = (own.vault / "b.md").read_text()
    assert own.run("vi done a.md:4 --twins")[1] == 0 and "- [x] Send" in (own.vault / "b.md").read_text()
    assert own.run("vi undo")[1] == 0 and (own.vault / "b.md").read_text() == before, "one step takes both back"
