"""Action items without a box at the command line: proposals that are accepted, rejected, taken back; real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import warm

NOTE = """---
attendees: [Dana Leigh, Sam Okoro]
---
## Action Items
- Dana: send the sheet by 2025-09-20

| Action | Owner | Due |
|---|---|---|
| Book the room | Sam | 2025-09-21 |

After the table.
"""


class Vault:
    def __init__(self, root: Path) -> None:
        self.root, self.home = root / "vault", root / "home"
        self.home.mkdir(parents=True)
        self.put("M/2025-09-01 Call.md", NOTE)

    def put(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    @property
    def text(self) -> str:
        return (self.root / "M/2025-09-01 Call.md").read_text(encoding="utf-8")

    def vi(self, *args: str) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "HOME": str(self.home),
            "VAULTINDEX_VAULT": str(self.root),
            "VAULTINDEX_TODAY": "2025-09-10",
        }
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "VAULTINDEX_INDEX"):
            env.pop(name, None)
        return warm.run([sys.executable, "-m", "vaultindex", *args], capture_output=True, text=True, env=env)

    def tasks(self, *args: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.vi("tasks", *args, "--json").stdout)
        return found

    def id(self, text: str) -> str:
        return str(next(t["id"] for t in self.tasks("--all") if t["text"] == text))


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


def test_they_are_proposals_beside_the_boxes_but_never_the_plugins(vault: Vault) -> None:
    found = vault.tasks("--proposed")
    assert [(t["text"], t["owner_person"], t["due"], t["origin"]) for t in found] == [
        ("send the sheet", "Dana Leigh", "2025-09-20", "bullet"),
        ("Book the room", "Sam Okoro", "2025-09-21", "table"),
    ]
    assert vault.tasks("--boxes") == []
    assert vault.vi("query", "not done").stdout == ""
    vault.put(".vaultindex.toml", "loose_items = false\n")
    assert vault.tasks("--all") == []


def test_accepting_makes_a_task_in_place_or_below_the_table_and_undo_takes_it_back(vault: Vault) -> None:
    ids = [vault.id("send the sheet"), vault.id("Book the room")]
    done = vault.vi("accept", *ids)
    assert "the task stands below it" in done.stderr
    assert "- [ ] send the sheet @Dana Leigh 📅 2025-09-20\n" in vault.text
    assert "| Book the room | Sam | 2025-09-21 |\n\n- [ ] Book the room @Sam Okoro 📅 2025-09-21\n\nAfter" in vault.text
    assert [(t["id"], t["origin"], t["state"]) for t in vault.tasks()] == [(i, "box", "open") for i in ids]
    vault.vi("undo")
    assert vault.text == NOTE


def test_rejecting_leaves_the_note_alone_and_is_remembered_without_the_index(vault: Vault) -> None:
    vault.vi("reject", vault.id("Book the room"))
    assert vault.text == NOTE
    assert [t["text"] for t in vault.tasks("--proposed")] == ["send the sheet"]
    assert "verified" in vault.vi("index", "--verify").stdout
    for file in (vault.home / ".cache").rglob("index.db*"):
        file.unlink()
    assert [t["text"] for t in vault.tasks("--proposed")] == ["send the sheet"]
    vault.vi("undo")
    assert [t["text"] for t in vault.tasks("--proposed")] == ["send the sheet", "Book the room"]


def test_triage_accepts_and_rejects_them(vault: Vault) -> None:
    env_answers = "a\nr\nu\nq\n"
    env = {**os.environ, "HOME": str(vault.home), "VAULTINDEX_VAULT": str(vault.root), "VAULTINDEX_TODAY": "2025-09-10"}
    command = [sys.executable, "-m", "vaultindex", "triage", "--plain"]
    warm.run(command, input=env_answers, capture_output=True, text=True, env=env, check=True)
    assert "- [ ] send the sheet @Dana Leigh 📅 2025-09-20\n" in vault.text
    assert [t["text"] for t in vault.tasks("--proposed")] in (["Book the room"], [])


def test_an_old_note_makes_no_proposals(vault: Vault) -> None:
    vault.put("M/2025-01-01 Old.md", NOTE.replace("the sheet", "the old sheet"))
    assert all("old" not in t["text"] for t in vault.tasks())
    assert any(t["text"] == "send the old sheet" and t["state"] == "other" for t in vault.tasks("--all"))


def test_a_section_without_a_known_name_is_told_by_doctor_until_a_setting_claims_it(vault: Vault) -> None:
    head = "---\nparticipants: [Dana Leigh, Sam Okoro]\n---\n"
    vault.put(
        "M/2025-10-06 A.md", head + "## Homework pile\n- Dana: call the bank\n- Sam to book the room\n- soon\n- text\n"
    )
    vault.put(
        "M/2025-10-06 B.md",
        head + "## Homework pile\n- Dana: call the baker\n- one\n## Agenda\n- Dana: sums\n- Sam: dates\n",
    )
    told = vault.vi("doctor", "--kind", "section").stdout
    assert (
        "A.md:4" in told
        and "2 lines below 'Homework pile' say who" in told
        and 'action_headings = ["Homework pile"]' in told
    )
    assert "B.md" not in told, "one line is no section, and an agenda has a name"
    vault.put(".vaultindex.toml", 'action_headings = ["Homework pile"]\n')
    assert "Homework pile" not in vault.vi("doctor", "--kind", "section").stdout
    assert {"call the bank", "book the room"} <= {t["text"] for t in vault.tasks("--all")}


def test_a_person_whom_only_the_vault_knows_owns_the_item_whichever_note_came_first(vault: Vault) -> None:
    vault.put("M/2025-09-02 Other.md", "## Action items\n- Maren Albers: call the bank\n")

    def item() -> tuple[str, str | None]:
        [found] = [t for t in vault.tasks("--all") if "call the bank" in t["text"]]
        return found["text"], found["owner_person"]

    assert item() == ("Maren Albers: call the bank", None)
    assert "Maren Albers may be the owner" in vault.vi("doctor").stdout
    person = vault.put("People/Maren Albers.md", "# Maren Albers\n")
    assert item() == ("call the bank", "Maren Albers")
    assert "verified" in vault.vi("index", "--verify").stdout
    person.unlink()
    assert item() == ("Maren Albers: call the bank", None)


def test_a_capital_x_is_done_where_the_vault_has_no_tasks_plugin(vault: Vault) -> None:
    vault.put("A.md", "- [X] Done in the other way\n")
    assert [t["state"] for t in vault.tasks("--all", "other way")] == ["done"]
    vault.put(".obsidian/plugins/obsidian-tasks-plugin/data.json", "{}")
    assert [t["state"] for t in vault.tasks("--all", "other way")] == ["open"]


def test_lint_shows_the_line_as_the_plugin_reads_it_and_why_says_what_was_read(vault: Vault) -> None:
    vault.put("M/2025-09-03 Box.md", "Present: Dana Leigh\n\n- [ ] Dana: call by Friday\n- [ ] Pay 📅 2025-9-5\n")
    out = vault.vi("lint").stdout
    assert "- [ ] call @Dana Leigh 📅 2025-09-05" in out and "- [ ] Pay 📅 2025-09-05" in out
    why = vault.vi("why", vault.id("call")).stdout
    assert "a person's name in front" in why and "said in words" in why
    assert "a row of a table of action items" in vault.vi("why", vault.id("Book the room")).stdout


def test_a_folder_of_templates_and_a_note_with_placeholders_are_templates(vault: Vault) -> None:
    vault.put("Vorlagen/Meeting.md", "---\ndate: {{date}}\n---\n- [ ] Replace me\n")
    vault.put("Notes/New.md", "# <% tp.file.title %>\n- [ ] Replace me too\n")
    assert vault.tasks("Replace") == []
    assert "Meeting.md" not in vault.vi("doctor").stdout
