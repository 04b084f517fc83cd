"""Faults 35-38: undo takes back what it should and nothing else, whatever became of the command that made the change."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaultindex.base.errors import VaultError
from vaultindex.state import edits
from vaultindex.state.journal import Journal
from vaultindex.vault import swap

Tell = Callable[[int, str, str], None]
OLD, NEW = "- [ ] Call Dana", "- [x] Call Dana"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(str(tmp_path / "state" / "state.db")) as opened:
        yield opened


def tick(root: Path, journal: Journal, line: int) -> None:
    made, refused = edits.apply(
        str(root), journal, "done", [edits.Change("note.md", line, OLD, [NEW], "id", "Call Dana")]
    )
    assert made and not refused


def taken_back(root: Path, journal: Journal) -> int:
    back, _ = edits.undo(str(root), journal, journal.undoable())
    return len(back)


def test_two_commands_at_once_never_share_a_number(tmp_path: Path, tell: Tell) -> None:
    code = "import sys; from vaultindex.state.journal import Journal\nfor _ in range(20):\n with Journal(sys.argv[1]) as j: print(j.next_command())"
    file = str(tmp_path / "state" / "state.db")
    started = [
        subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    numbers = [n for p in started for n in p.communicate(timeout=60)[0].split()]
    assert len(set(numbers)) == len(numbers) == 80
    tell(
        35,
        "four processes take numbers for their commands at once",
        "80 numbers, no two alike: one undo takes back one command",
    )


@pytest.mark.parametrize(
    ("then", "wanted"),
    [
        # What somebody does to the note after line 2 was ticked, and whether undo may act.
        (lambda t: t, True),
        (lambda t: "new\n\n" + t, True),  # moved down
        (lambda t: t.replace("b\n", "z\n"), True),  # a neighbour was edited
        (lambda t: t.replace(NEW, NEW + " today", 1), False),  # ours was edited: the twin is another line
        (lambda t: t.replace(NEW + "\n", "", 1), False),  # ours was deleted
        (lambda t: "z\n" + t.replace(NEW, "- [x] other", 1) + NEW + "\n", False),  # and a third one came
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "twins",
    ["{NEW}\nb\n{OURS}\nc\n{NEW}\n", "a\n{OURS}\nb\n{NEW}\nc\n", "{OURS}\n{NEW}\n{NEW}\n", "\n{OURS}\n\n{NEW}\n\n"],
)
def test_undo_never_acts_on_an_equal_line_that_was_there_before(
    tmp_path: Path, journal: Journal, then: Callable[[str], str], wanted: bool, twins: str, tell: Tell
) -> None:
    if not wanted and twins.startswith("{NEW}"):
        twins = "a\n" + twins.removeprefix("{NEW}\n")  # these changes mean the first of the equal lines: let it be ours
    if "b" not in twins and then("") != "":
        wanted = False  # moved among equal and blank lines: nothing says which it is
    note = tmp_path / "note.md"
    before = twins.format(NEW=NEW, OURS=OLD)
    note.write_text(before)
    tick(tmp_path, journal, before.split("\n").index(OLD) + 1)
    changed = then(note.read_text())
    note.write_text(changed)
    done = taken_back(tmp_path, journal)
    assert done == int(wanted)
    assert note.read_text() == (then(before) if wanted else changed)
    tell(36, "the line was edited, deleted or moved since, and equal lines stand elsewhere in the note",
         "taken back on its own line, where its neighbours say so; else refused, never on a twin")  # fmt: skip


_DIES = """
import os, sys
from vaultindex.state import edits
from vaultindex.state.journal import Journal
from vaultindex.vault import swap
real = swap.exchange if sys.argv[3] != "new" else swap.put_new
def dies(*args):
    if sys.argv[4] == "after":
        real(*args)
    if sys.argv[5] == "killed":
        os._exit(9)
    raise KeyboardInterrupt
swap.exchange = swap.put_new = dies
with Journal(sys.argv[2]) as journal:
    if sys.argv[3] == "new":
        edits.create(sys.argv[1], journal, "daily.md", b"- [ ] x\\n", "x")
    else:
        edits.apply(sys.argv[1], journal, "done", [edits.Change("note.md", 2, "- [ ] Call Dana", ["- [x] Call Dana"], "id", "Call Dana")])
"""


@pytest.mark.parametrize("how", ["killed", "interrupted"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["edit", "new"])
def test_a_command_that_died_leaves_what_the_note_shows(
    tmp_path: Path, what: str, when: str, how: str, tell: Tell
) -> None:
    note, file = tmp_path / "note.md", str(tmp_path / "state" / "state.db")
    before = f"{NEW}\n{OLD}\nb\n"  # line 1 has the words that line 2 would get
    note.write_text(before)
    with Journal(file) as journal:  # something to undo that is older
        note.write_text(f"{NEW}\n{OLD}\n- [ ] b\n")
        edits.apply(str(tmp_path), journal, "done", [edits.Change("note.md", 3, "- [ ] b", ["b"], "id", "b")])
    done = subprocess.run(
        [sys.executable, "-c", _DIES, str(tmp_path), file, what, when, how], capture_output=True, check=False
    )
    assert done.returncode != 0
    with Journal(file) as journal:
        edits.settle(str(tmp_path), journal)
        assert len(journal.edits()) == (2 if when == "after" else 1)
        assert not any(e.intended for e in journal.edits())
        if when == "after":
            assert taken_back(tmp_path, journal) == 1
            assert note.read_text() == before and not (tmp_path / "daily.md").exists()
        assert taken_back(tmp_path, journal) == 1, "the dead command blocks nothing"
    assert note.read_text() == f"{NEW}\n{OLD}\n- [ ] b\n"
    tell(37, "kill -9 and Ctrl-C just before and just after the note is replaced (also of a new note), an equal line above",
         "the next command looks at the note: made edits can be undone, others are forgotten and block nothing")  # fmt: skip


def test_a_journal_whose_disk_is_full_loses_no_edit(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    note = tmp_path / "note.md"
    note.write_text(f"a\n{OLD}\n")
    real = swap.exchange

    def then_full(*args: object) -> bool:
        done = real(*args)  # type: ignore[arg-type]
        pages = journal.conn.execute("PRAGMA page_count").fetchone()[0]
        journal.conn.execute("PRAGMA query_only = 1")
        assert pages
        return done

    monkeypatch.setattr(swap, "exchange", then_full)
    tick(tmp_path, journal, 2)
    assert journal.message and journal.undoable() == []
    journal.conn.execute("PRAGMA query_only = 0")
    monkeypatch.undo()
    edits.settle(str(tmp_path), journal)
    assert taken_back(tmp_path, journal) == 1
    assert note.read_text() == f"a\n{OLD}\n"
    journal.conn.execute("PRAGMA query_only = 1")
    with pytest.raises(VaultError, match="cannot be written"):
        tick(tmp_path, journal, 2)
    assert note.read_text() == f"a\n{OLD}\n" and os.listdir(tmp_path) != []
    tell(
        38,
        "the journal cannot be written: before the edit; after it",
        "the note is left as it is; the edit can be undone once there is room",
    )
