"""A review of days that are over says how it was then: what was open, late and new, whatever the notes say today."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from vaultindex.ask.pages.review import SECTIONS, review
from vaultindex.base import settings
from vaultindex.dates.ranges import Range
from vaultindex.index import store, sync
from vaultindex.state.history import History
from vaultindex.state.journal import state_file

TODAY = "2025-10-07"


class Vault:
    """A vault of a few notes, each synced as it is written, with a past of its own."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        self.root, self.index = folder / "v", str(folder / "i.db")
        (self.root / ".obsidian").mkdir(parents=True)
        self.config = settings.load({}, str(self.root))

    def write(self, path: str, text: str, day: str = TODAY) -> None:
        (self.root / path).write_text(text)
        sync.sync(str(self.root), self.index, self.config, today=day)

    def review(self, first: str, last: str, most: int | None = None) -> dict[str, Any]:
        history = History(state_file({"HOME": str(self.root.parent)}, str(self.root), self.config))
        with closing(store.open_read(self.index)) as conn:
            return review(conn, history, TODAY, ["Myself"], Range(first, last), most=most)


def test_what_was_open_then_has_slipped_and_what_came_later_has_not(tmp_path: Path, monkeypatch: Any) -> None:
    vault = Vault(tmp_path, monkeypatch)
    vault.write("a.md", "---\ndate: 2025-07-01\n---\n- [x] Send the sheet @Dana 📅 2025-08-01 ✅ 2025-09-20\n")
    vault.write("b.md", "---\ndate: 2025-09-12\n---\n- [ ] Book the room @Dana 📅 2025-09-20\n")
    vault.write("c.md", "---\ndate: 2025-07-02\n---\n- [-] Call the bank @Dana 📅 2025-08-03 ❌ 2025-09-21\n")
    vault.write("d.md", "---\ndate: 2025-07-03\n---\n- [x] Sign the paper @Dana 📅 2025-08-04 ✅ 2025-09-02\n")
    then, now = vault.review("2025-09-01", "2025-09-10"), vault.review("2025-10-06", "2025-10-12")
    assert [row["text"] for row in then["slipped"]] == ["Send the sheet", "Call the bank"]
    assert [row["text"] for row in now["slipped"]] == ["Book the room"]
    august = vault.review("2025-08-01", "2025-08-31")
    assert [row["text"] for row in august["missed"]] == ["Send the sheet", "Call the bank", "Sign the paper"]


def test_a_task_that_moved_is_counted_once_on_a_screen(tmp_path: Path, monkeypatch: Any) -> None:
    vault = Vault(tmp_path, monkeypatch)
    lines = [f"- [ ] Do {n} @Dana 📅 2025-08-0{n}" for n in range(1, 6)]
    vault.write("a.md", "\n".join(["---", "date: 2025-07-01", "---", *lines, ""]), "2025-10-06")
    lines[1] = lines[1].replace("2025-08-02", "2025-08-20")
    vault.write("a.md", "\n".join(["---", "date: 2025-07-01", "---", *lines, ""]))
    whole = vault.review("2025-10-06", "2025-10-12")
    assert [(row["text"], row["was"]) for row in whole["slipped"]][-1] == ("Do 2", "2025-08-02")
    for most in (1, 2, 4):
        screen = vault.review("2025-10-06", "2025-10-12", most)
        assert screen["counts"] == whole["counts"] == {name: len(whole[name]) for name in SECTIONS}
        assert screen["slipped"] == whole["slipped"][:most]


def test_what_was_ticked_without_a_day_was_open_until_it_was_seen(tmp_path: Path, monkeypatch: Any) -> None:
    vault = Vault(tmp_path, monkeypatch)
    vault.write("a.md", "---\ndate: 2025-07-01\n---\n- [ ] Send the sheet @Dana 📅 2025-08-01\n", "2025-09-01")
    vault.write("a.md", "---\ndate: 2025-07-01\n---\n- [x] Send the sheet @Dana 📅 2025-08-01\n", "2025-09-15")
    assert [row["text"] for row in vault.review("2025-09-01", "2025-09-07")["slipped"]] == ["Send the sheet"]
    september = vault.review("2025-09-01", "2025-09-30")
    assert (september["slipped"], [row["text"] for row in september["ticked"]]) == ([], ["Send the sheet"])


def test_who_was_named_before_but_not_met_is_new(tmp_path: Path, monkeypatch: Any) -> None:
    vault = Vault(tmp_path, monkeypatch)
    vault.write("Lars Holm.md", "---\ntype: person\ncreated: 2025-01-01\n---\n**Attendees**: Mei Tanaka\n")
    vault.write("a.md", "---\ndate: 2025-08-01\nparticipants: [Sam Okoro]\n---\n")
    vault.write("b.md", "---\ndate: 2025-10-06\nparticipants: [Mei Tanaka, Sam Okoro]\n---\n")
    new = vault.review("2025-10-06", "2025-10-12")["new_people"]
    assert [(row["name"], row["first"]) for row in new] == [("Mei Tanaka", "2025-10-06")]
