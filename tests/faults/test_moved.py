"""Fault 47: a vault is moved, renamed, copied, deleted; another one comes to its place. Whose are undo and verdicts then?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.faults.daemon import TIME, environment, program
from vaultindex.base import settings
from vaultindex.state import orphans
from vaultindex.state.journal import Journal
from vaultindex.vault import journal_place

Tell = Callable[[int, str, str], None]
NOTES = {
    "Calls.md": "- [ ] Call Dana\n- [ ] Call Bob\n",
    "2025-10-06 Sync.md": "---\ndate: 2025-10-06\nparticipants: [Dana Lee]\n---\n## Action items\n- Send the sheet @Dana Lee\n- Book the room @Dana Lee\n",
    "Projects/Orion.md": "Orion starts in May.\n",
    "People/Dana Lee.md": "Dana is in sales.\n",
}  # fmt: skip


def build(place: Path, notes: dict[str, str] = NOTES) -> Path:
    """A vault of these notes."""
    (place / ".obsidian").mkdir(parents=True)
    for name, text in notes.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    return place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def vi(home: Path, vault: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with the journal and the index where they are by default."""
    command = [sys.executable, *program(), *words, "--vault", str(vault)]
    return warm.run(command, env=environment(home), cwd=home, capture_output=True, text=True, timeout=TIME, check=False)


def used(home: Path, name: str = "A", notes: dict[str, str] = NOTES) -> Path:
    """A vault in which a task was ticked and an item without a box was rejected."""
    vault = build(home / name, notes)
    assert vi(home, vault, "done", "Calls.md:1").returncode == 0
    done = vi(home, vault, "reject", "2025-10-06 Sync.md:6")
    assert done.returncode == 0, done.stderr
    return vault


def log(home: Path, vault: Path) -> list[str]:
    """What the journal of this vault holds, oldest first."""
    return [one["verb"] for one in reversed(json.loads(vi(home, vault, "log", "--json").stdout))]


def proposed(home: Path, vault: Path) -> str:
    return vi(home, vault, "tasks", "--proposed").stdout


def has_it_all(home: Path, vault: Path) -> None:
    assert "Book the room" in proposed(home, vault) and "Send the sheet" not in proposed(home, vault)
    assert log(home, vault) == ["done", "reject"]
    assert vi(home, vault, "undo", "2").returncode == 0
    assert (vault / "Calls.md").read_text() == NOTES["Calls.md"]
    assert "Send the sheet" in proposed(home, vault)


def has_nothing(home: Path, vault: Path) -> None:
    before = {path: path.read_bytes() for path in vault.rglob("*.md")}
    assert "nothing to undo" in vi(home, vault, "undo").stderr
    assert log(home, vault) == []
    assert {path: path.read_bytes() for path in vault.rglob("*.md")} == before


@pytest.mark.parametrize("where", ["renamed", "deep/er/A"])
def test_a_vault_moved_on_its_disk_keeps_undo_and_verdicts(home: Path, where: str, tell: Tell) -> None:
    vault = used(home)
    (vault / "Calls.md").write_text((vault / "Calls.md").read_text() + "written since\n")
    new = home / where
    new.parent.mkdir(parents=True, exist_ok=True)
    vault.rename(new)
    (new / "Calls.md").write_text((new / "Calls.md").read_text().replace("written since\n", ""))
    has_it_all(home, new)
    assert not list(new.rglob("*vaultindex*")) and not list(new.rglob("state.db*")), "no file of ours in the vault"
    tell(47, "a vault moved, renamed, brought to another disk, all notes edited meanwhile", "undo, log and verdicts go with it")  # fmt: skip


def test_a_moved_vault_is_known_again_though_each_of_its_notes_was_edited_or_put_elsewhere(home: Path) -> None:
    vault = used(home)
    new = home / "B"
    vault.rename(new)
    (new / "old").mkdir()
    for path in [path for path in new.rglob("*.md") if path.name != "Calls.md"]:
        (new / "old" / path.name).write_text(path.read_text() + "\nedited\n")
        path.unlink()
    (new / "Calls.md").write_text("edited\n" + (new / "Calls.md").read_text())
    assert log(home, new) == ["done", "reject"]


def test_a_vault_brought_to_another_disk_keeps_its_journal(home: Path) -> None:
    """`mv` across disks copies and then removes: nothing but the notes says that it is the same vault."""
    vault = used(home)
    new = home / "other disk"
    shutil.copytree(vault, new)
    shutil.rmtree(vault)
    has_it_all(home, new)


def test_a_vault_whose_disk_is_not_connected_does_not_lose_its_journal_to_a_copy(home: Path) -> None:
    vault = used(home / "disk")
    shutil.copytree(vault, home / "copy")
    (home / "disk").rename(home / "elsewhere")
    env = environment(home / "disk")
    shutil.copytree(home / "elsewhere" / ".local", home / ".local")
    assert env["HOME"] and log(home, home / "copy") == []


def test_a_copy_does_not_take_the_journal_whichever_is_asked_first(home: Path, tell: Tell) -> None:
    vault = used(home)
    copy = home / "copy"
    shutil.copytree(vault, copy)
    has_nothing(home, copy)
    has_it_all(home, vault)
    has_nothing(home, copy)
    tell(47, "a copy of a vault, asked before and after the original", "nothing to undo in the copy; the original has it all")  # fmt: skip


def test_a_copy_with_a_journal_of_its_own_does_not_keep_it_from_the_original_that_takes_its_place(home: Path) -> None:
    vault = used(home)
    copy = home / "copy"
    shutil.copytree(vault, copy)
    assert vi(home, copy, "done", "Calls.md:2").returncode == 0
    shutil.rmtree(copy)
    vault.rename(copy)
    has_it_all(home, copy)


@pytest.mark.parametrize("first", ["old place", "new place"])
def test_another_vault_at_an_old_path_never_gets_the_first_ones_journal(home: Path, first: str, tell: Tell) -> None:
    vault = used(home)
    moved = home / "B"
    vault.rename(moved)
    other = build(vault, {"Calls.md": "- [x] Call Dana ✅ 2025-10-07\n- [ ] Call Eve\n", "x.md": "another vault\n"})
    if first == "old place":
        has_nothing(home, other)
        has_it_all(home, moved)
    else:
        assert log(home, moved) == ["done", "reject"]
        has_nothing(home, other)
    has_nothing(home, other)
    assert "nothing" in vi(home, moved, "undo", "9").stderr or log(home, moved)
    tell(47, "another vault in the place of one that moved or was deleted", "starts its own journal, each time")  # fmt: skip


def test_a_vault_made_in_the_place_of_a_deleted_one_gets_nothing_though_its_folder_has_the_old_inode(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = used(home)
    inode = vault.stat().st_ino
    shutil.rmtree(vault)
    again = build(vault, {"Calls.md": "- [x] Call Dana ✅ 2025-10-07\n- [ ] Call Eve\n", "y.md": "another vault\n"})
    if again.stat().st_ino != inode:  # this disk does not give an inode away at once: say that it did
        file = next((home / ".local/state/vaultindex").rglob("state.db"))
        with Journal(str(file)) as journal:
            journal.conn.execute("UPDATE vault SET inode = ?", (str(again.stat().st_ino),))
    has_nothing(home, again)


@pytest.mark.parametrize("born", [True, False])
def test_an_inode_that_was_given_to_another_folder_is_no_proof(home: Path, born: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    if not born:  # a disk that does not say when a folder was made
        monkeypatch.setattr(journal_place, "born_of", lambda vault, here: None)
    a, b = build(home / "a"), build(home / "b", {"z.md": "another\n", "Calls.md": "other words\n"})
    with Journal(str(home / "state.db"), str(a)) as journal:
        owner = journal_place._read(journal.conn)
    assert owner is not None and len(owner.notes) == 4
    assert journal_place.is_same_folder(owner, str(a), os.stat(a))
    here = os.stat(b)
    claimed = owner._replace(device=here.st_dev, inode=here.st_ino)
    assert not journal_place.is_same_folder(claimed, str(b), here)


def test_a_vault_restored_from_a_backup_at_its_path_keeps_its_journal(home: Path) -> None:
    vault = used(home)
    shutil.copytree(vault, home / "backup")
    shutil.rmtree(vault)
    shutil.copytree(home / "backup", vault)
    has_it_all(home, vault)


def test_a_command_that_only_lists_looks_for_the_moved_journal_too(home: Path) -> None:
    vault = used(home)
    vault.rename(home / "B")
    assert "Send the sheet" not in proposed(home, home / "B")
    assert "Book the room" in proposed(home, home / "B")


def orphaned(home: Path, vault: Path) -> str:
    checks = json.loads(vi(home, vault, "doctor", "--json").stdout)["checks"]
    return str(next(check["what"] for check in checks if check["check"] == "journals"))


def test_doctor_lists_journals_whose_vault_is_nowhere_and_adopt_gives_one_to_this_vault(home: Path, tell: Tell) -> None:
    vault = used(home)
    here = build(home / "here")
    assert "each belongs to a vault" in orphaned(home, here)
    shutil.rmtree(vault)  # and what came back of it has changed much
    (here / "Projects" / "Orion.md").write_text("other\n")
    (here / "People" / "Dana Lee.md").write_text("other\n")
    shutil.copy(here / "Calls.md", here / "kept")
    assert vi(home, here, "done", "Calls.md:2").returncode == 0
    (here / "Calls.md").write_text("- [x] Call Dana ✅ 2025-10-07\n- [x] Call Bob ✅ 2025-10-07\n")
    assert str(vault) in orphaned(home, here) and "1 change" not in orphaned(home, here)
    refused = vi(home, here, "vaults", "adopt", str(vault))
    assert refused.returncode == 2 and "--anyway" in refused.stderr
    assert log(home, here) == ["done"]
    taken = vi(home, here, "vaults", "adopt", str(vault), "--anyway")
    assert taken.returncode == 0, taken.stderr
    assert "2 changes and 1 verdict" in taken.stdout
    assert log(home, here) == ["done", "reject", "done"]
    assert "each belongs to a vault" in orphaned(home, here)
    assert "Send the sheet" not in proposed(home, here), "what was rejected there is rejected here"
    assert "Call Bob" in vi(home, here, "undo").stdout, "this vault's own last change is undone first"
    assert "Send the sheet" in vi(home, here, "undo").stdout
    assert "Call Dana" in vi(home, here, "undo").stdout
    tell(47, "`vi vaults adopt` with a journal that fits, that does not, and of a vault that is there", "taken over before this vault's own; exit 2 unless --anyway; exit 3")  # fmt: skip


def test_adopt_takes_a_journal_that_fits_and_refuses_that_of_a_vault_that_is_there(home: Path) -> None:
    there, gone, second = used(home, "there"), used(home, "gone"), used(home, "second")
    new = home / "new"
    shutil.copytree(gone, new)
    # Two vaults with the same notes are gone from this disk: which of them this one is, nobody can tell.
    shutil.rmtree(gone)
    shutil.rmtree(second)
    assert log(home, new) == []
    refused = vi(home, new, "vaults", "adopt", str(there))
    assert refused.returncode == 3 and "no orphaned journal" in refused.stderr
    assert vi(home, new, "vaults", "adopt", "gone").returncode == 0
    assert log(home, new) == ["done", "reject"]
    assert vi(home, there, "undo").returncode == 0


def test_a_journal_from_before_it_said_whose_it_is_stays_with_its_path(home: Path) -> None:
    vault = used(home)
    file = next((home / ".local/state/vaultindex").rglob("state.db"))
    with Journal(str(file)) as journal:
        journal.conn.execute("DROP TABLE vault")
    assert log(home, vault) == ["done", "reject"]
    vault.rename(home / "B")
    has_it_all(home, home / "B")


def test_knowing_whose_journal_it_is_opens_no_note_when_nothing_has_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = used(home)
    env = {"HOME": str(home)}
    opened: list[str] = []
    monkeypatch.setattr(journal_place.disk, "read", lambda root, path: opened.append(path))
    file = journal_place.state_file(env, str(vault), settings.load(env))
    with Journal(file, str(vault)):
        pass
    assert os.path.exists(file) and opened == []


def test_adopt_takes_answers_about_names_and_what_became_of_tasks_before_this_vaults_own(home: Path) -> None:
    vaults = {name: build(home / name) for name in ("gone", "here")}
    for vault, days in zip(vaults.values(), (("2025-10-07", "2025-10-08"), ("2025-10-09", "2025-10-10")), strict=True):
        (vault / "2025-10-07 Sync.md").write_text("---\nparticipants: [Dana Lee, Dan Lee]\n---\n")
        for day in days:
            calls = vault / "Calls.md"
            calls.write_text(f"- [ ] Call Dana 📅 {day}\n- [ ] Call Bob\n")
            assert vi(home, vault, "tasks").returncode == 0
        assert vi(home, vault, "people", "--different" if vault == vaults["here"] else "--same", "Dana Lee", "Dan Lee").returncode == 0  # fmt: skip
    env = {"HOME": str(home)}
    journals = {name: journal_place.state_file(env, str(vault), settings.load(env)) for name, vault in vaults.items()}
    with Journal(journals["gone"]) as journal:
        journal.conn.execute("UPDATE history SET task = task || 'old'")  # these are tasks of another vault now
        moved = journal.conn.execute("SELECT task, became FROM history ORDER BY id").fetchall()
    with Journal(journals["here"]) as journal:
        own = journal.conn.execute("SELECT task, became FROM history ORDER BY id").fetchall()
        orphans.adopt(orphans.Orphan("gone", journals["gone"], None, 1, 0, None), journal)
        rows = journal.conn.execute
        assert moved and own and rows("SELECT task, became FROM history ORDER BY id").fetchall() == moved + own
        assert rows("SELECT same FROM told ORDER BY id").fetchall() == [(1,), (0,)], "the later answer is this vault's"
        assert rows("SELECT t.same, e.verb FROM told t JOIN edits e USING (command) ORDER BY t.id").fetchall() == [
            (1, "same"), (0, "different"),
        ]  # fmt: skip
