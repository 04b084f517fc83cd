"""What became of tasks is kept when a note changes: once, for the right task, and never at an index's expense."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from vaultindex.base import settings
from vaultindex.index import sync
from vaultindex.state.history import Event, History
from vaultindex.state.journal import Journal, note_sources
from vaultindex.vault import journal_place

NOTE = "---\ndate: 2025-10-01\n---\n- [ ] send the sheet 📅 2025-10-03\n- [?] book a room\n- [ ] call Dana about the pilot\n- [ ] pay\n"


class Vault:
    """One note, its index and its history."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(folder))
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name, raising=False)
        self.root, self.index = folder / "vault", str(folder / "index.db")
        (self.root / ".obsidian").mkdir(parents=True)
        self.note = self.root / "a.md"
        self.note.write_text(NOTE)
        self.config = settings.load({}, str(self.root))
        self.state = Path(journal_place.state_file({"HOME": str(folder)}, str(self.root), self.config))
        self.history = History(str(self.state))

    def sync(self, day: str = "2025-10-07", index: str | None = None, full: bool = False) -> sync.Report:
        return sync.sync(str(self.root), index or self.index, self.config, today=day, full=full)

    def change(self, *pairs: tuple[str, str]) -> None:
        text = self.note.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.note.write_text(text)

    def seen(self) -> list[tuple[str, str, str | None, str | None]]:
        return [(e.text, e.what, e.was, e.became) for e in self.history.events()]


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    made = Vault(tmp_path, monkeypatch)
    made.sync()
    return made


def test_a_first_index_and_a_full_one_keep_nothing(vault: Vault) -> None:
    vault.change(("10-03", "10-09"))
    vault.sync(full=True)
    assert not vault.state.exists()


def test_a_due_date_and_a_state_that_changed_are_kept_with_their_day(vault: Vault) -> None:
    vault.change(("10-03", "10-09"), ("[?]", "[ ]"))
    vault.sync("2025-10-07")
    vault.change((" 📅 2025-10-09", ""), ("- [ ] pay", "- [x] pay"))
    vault.sync("2025-10-08")
    events = vault.history.events()
    assert [event[:1] + event[2:] for event in events] == [
        ("2025-10-07", "due", "2025-10-03", "2025-10-09", "a.md", "send the sheet"),
        ("2025-10-07", "state", "proposed", "open", "a.md", "book a room"),
        ("2025-10-08", "due", "2025-10-09", None, "a.md", "send the sheet"),
        ("2025-10-08", "state", "open", "done", "a.md", "pay"),
    ]
    assert vault.history.events("2025-10-08", "2025-10-08") == events[2:]
    assert vault.state.stat().st_mode & 0o777 == 0o600


def test_a_change_of_anything_else_keeps_nothing(vault: Vault) -> None:
    vault.change(("- [ ] pay", "- [ ] pay ⏫ #soon"), ("---\n- [ ] send", "---\n# A heading\n\n- [ ] send"))
    vault.note.write_text(vault.note.read_text() + "- [ ] a new one 📅 2025-10-20\n")
    vault.sync()
    assert not vault.state.exists()


def test_a_task_whose_words_were_edited_is_the_same_task(vault: Vault) -> None:
    vault.change(("call Dana about the pilot", "call Dana Leigh about the pilot 📅 2025-10-10"))
    vault.sync()
    events = vault.history.events()
    assert [(e.what, e.became) for e in events][1:] == [("due", "2025-10-10")]
    assert events[0].what == "id" and events[0].became == events[0].task != events[0].was


def test_other_words_in_its_place_are_another_task(vault: Vault) -> None:
    vault.change(("- [ ] call Dana about the pilot", "- [x] write the minutes 📅 2025-10-10"))
    vault.sync()
    assert vault.seen() == []


def test_a_repeating_task_that_was_done_did_not_slip(vault: Vault) -> None:
    vault.change(("- [ ] pay\n", "- [ ] pay 🔁 every week 📅 2025-10-06\n"))
    vault.sync()
    vault.change(("- [ ] pay 🔁 every week 📅 2025-10-06\n", "- [ ] pay 🔁 every week 📅 2025-10-13\n- [x] pay 🔁 every week 📅 2025-10-06 ✅ 2025-10-07\n"))  # fmt: skip
    vault.sync()
    assert vault.seen()[1:] == [("pay", "id", vault.history.events()[0].task, vault.history.events()[1].task), ("pay", "state", "open", "done")]  # fmt: skip


def test_two_indexes_of_one_vault_keep_a_change_once(vault: Vault) -> None:
    other = vault.index + ".other"
    vault.sync(index=other)
    vault.change(("10-03", "10-09"))
    vault.sync()
    vault.change(("10-09", "10-12"))
    vault.sync()
    vault.sync(index=other)
    assert [(e.was, e.became) for e in vault.history.events()] == [
        ("2025-10-03", "2025-10-09"),
        ("2025-10-09", "2025-10-12"),
    ]


def _folder(state: Path) -> None:
    state.mkdir(parents=True)


def _theirs(state: Path) -> None:
    state.parent.mkdir(parents=True)
    with sqlite3.connect(state) as conn:
        conn.execute("CREATE TABLE theirs(x)")


def _newer(state: Path) -> None:
    state.parent.mkdir(parents=True)
    with sqlite3.connect(state) as conn:
        conn.execute("PRAGMA user_version = 99")


def _no_place(state: Path) -> None:
    state.parent.parent.mkdir(parents=True)
    state.parent.write_text("a file where the folder should be")


@pytest.mark.parametrize("harm", [_folder, _theirs, _newer, _no_place])
def test_an_index_never_fails_because_the_state_cannot_be_written(vault: Vault, harm: Callable[[Path], None]) -> None:
    harm(vault.state)
    vault.change(("10-03", "10-09"))
    report = vault.sync()
    assert report.changed == 1
    assert len(report.messages) == 1 and "not kept for vi review" in report.messages[0]
    assert vault.sync().messages == ()


def test_a_state_that_another_process_holds_costs_a_second_and_the_history(vault: Vault) -> None:
    vault.change(("[?]", "[ ]"))
    vault.sync()
    holder = sqlite3.connect(vault.state, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    vault.change(("10-03", "10-09"))
    report = vault.sync()
    assert report.changed == 1 and "not kept" in report.messages[0] and report.seconds < 4
    holder.close()


def test_a_state_that_is_gone_is_begun_anew(vault: Vault) -> None:
    vault.change(("10-03", "10-09"))
    vault.sync()
    shutil.rmtree(os.path.dirname(vault.state))
    assert vault.history.events() == []
    vault.change(("[?]", "[ ]"))
    vault.sync()
    assert [Event(*e).what for e in vault.history.events()] == ["state"]


def test_a_decision_on_an_item_without_a_box_that_cannot_be_kept_is_said(vault: Vault) -> None:
    vault.note.write_text(
        "---\nattendees: [Dana Leigh]\ndate: 2025-10-01\n---\n## Action Items\n- Dana: send the sheet\n"
    )
    vault.sync()
    with Journal(str(vault.state), str(vault.root)) as journal:
        with closing(sqlite3.connect(vault.index)) as conn:
            title, text = conn.execute("SELECT n.title, t.text FROM tasks t JOIN notes n ON n.id = t.note").fetchone()
        journal.decide(
            note_sources("a.md", title, "2025-10-01", None), text, "rejected", "2025-10-07", "a.md", None, None
        )
        journal.conn.execute("BEGIN IMMEDIATE")
        unkept = sync.settle(str(vault.root), vault.index, vault.config, ["a.md"])
        assert unkept is not None and "not kept for vi review" in unkept
        journal.conn.execute("ROLLBACK")
