"""The index equals the vault: after any sequence of changes, and after anything that goes wrong."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.times import times
from vaultindex.base import settings as config
from vaultindex.index import plan, store, sync
from vaultindex.vault import app_settings, disk, listing_snapshot

TEXTS = (
    "- [ ] one 📅 2025-10-07 @Dana\n- [x] two\n",
    "---\ntype: account\naliases: [Con]\n---\n# A\n\n## Decisions\n\n- yes\n",
    "---\naccount: Contoso\nparticipants: [Dana Leigh]\n---\n[[a]] [[b|B]] ![[x/c]] #tag\n",
    "[[b]] [[x/a]] [[c#h]] [[b.md]] [md](a.md)\n",
    "",
    "- [?] three #proposed\n\t- [ ] four 🆔 q ⛔ p\n",
    "[[Note]] text \xff",
    # How the vault writes 04/05/2026: a note that asks, one that says month first, one that says day first.
    "Date: 04/05/2026\nPresent: Dana Leigh, Sam Okoro\n\n## Action items\n- Call by 4/7/2026\n",
    "Seen on 3/25/2026\n",
    "Seen on 25/3/2026\n",
)
NAMES = ("a", "b", "c", "Note", "Accounts/Con/Con", "Accounts/Con/x", "x/a", "x/c", "X/Note", "y/b")


def rows(index: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of an index, and what its full-text search finds."""
    conn = sqlite3.connect(index)
    found = store.dump(conn)
    paths = dict(conn.execute("SELECT id, path FROM files"))
    found["search"] = sorted(
        (w, paths[i])
        for w in ("one", "contoso", "yes", "note")
        for (i,) in conn.execute("SELECT rowid FROM search WHERE search MATCH ?", (w,))
    )
    conn.close()
    return found


def fresh(root: Path, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a new index of the vault."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        index = os.path.join(place, "fresh.db")
        sync.sync(str(root), index, config.load({}, str(root)))
        return rows(index)


class Changes(RuleBasedStateMachine):
    """Create, edit, replace, rename, move, delete, touch; then the index equals a fresh one."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.root = self.folder / "vault"
        (self.root / ".obsidian").mkdir(parents=True)
        self.index = str(self.folder / "i" / "index.db")
        self.config = config.load({}, str(self.root))
        self.dirty = True

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def path(self, name: str) -> Path:
        return self.root / f"{name}.md"

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def write(self, name: str, text: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text, encoding="utf-8")

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def replace(self, name: str, text: str) -> None:
        if self.path(name).exists():
            temp = self.root / "temp.txt"
            temp.write_text(text, encoding="utf-8")
            os.replace(temp, self.path(name))

    @rule(name=st.sampled_from(NAMES))
    def same_size_same_mtime(self, name: str) -> None:
        path = self.path(name)
        if path.exists() and path.stat().st_size:
            info = path.stat()
            data = path.read_bytes()
            path.write_bytes(data[:-2].replace(b"o", b"0", 1) + data[-2:])
            os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

    @rule(a=st.sampled_from(NAMES), b=st.sampled_from(NAMES))
    def rename(self, a: str, b: str) -> None:
        if self.path(a).exists():
            self.path(b).parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.path(a), self.path(b))

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if self.path(name).exists():
            self.path(name).unlink()

    @rule(a=st.sampled_from(["x", "Accounts", "X"]), b=st.sampled_from(["z", "Accounts", "x"]))
    def move_folder(self, a: str, b: str) -> None:
        if (self.root / a).exists() and not (self.root / b).exists():
            os.rename(self.root / a, self.root / b)

    @rule(name=st.sampled_from(NAMES))
    def touch(self, name: str) -> None:
        if self.path(name).exists():
            os.utime(self.path(name))

    @rule(there=st.booleans())
    def attachment(self, there: bool) -> None:
        path = self.root / "c.png"
        if there:
            path.write_bytes(b"x")
        elif path.exists():
            path.unlink()

    @rule()
    def sync_now(self) -> None:
        sync.sync(str(self.root), self.index, self.config)

    @rule(text=st.sampled_from(["{}", '{"globalFilter": "#task"}', '{"taskFormat": "dataview"}']))
    def plugin_settings(self, text: str) -> None:
        path = self.root / app_settings.APP_FILES[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @precondition(lambda self: self.dirty)
    @invariant()
    def the_index_equals_a_fresh_one(self) -> None:
        conn, _ = sync.open_fresh(str(self.root), self.index, self.config)
        conn.close()
        assert rows(self.index) == fresh(self.root, self.folder)


Changes.TestCase.settings = settings(
    max_examples=times(6), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
test_the_index_equals_a_fresh_one_after_any_changes = Changes.TestCase


def make(root: Path, count: int, text: str = "- [ ] task {i} 📅 2025-10-07\n") -> None:
    for i in range(count):
        (root / f"n{i}.md").write_text(text.replace("{i}", str(i)))


def test_a_second_sync_changes_nothing(vault: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "i.db")
    given = config.load({}, str(vault))
    first = sync.sync(str(vault), index, given)
    assert first.full and first.added == first.notes
    second = sync.sync(str(vault), index, given, full=False)
    assert second.touched == 0


def test_day_and_month_are_read_as_the_rest_of_the_vault_writes_them_whichever_note_comes_first(
    small: Path, tmp_path: Path
) -> None:
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    (small / "asks.md").write_text("Date: 04/05/2026\nPresent: Dana Leigh\n\n## Action items\n- Call by 4/7/2026\n")
    (small / "one.md").write_text("Seen on 3/25/2026, but 2026-03-28 says nothing\n")

    def read() -> tuple[str, str]:
        sync.sync(str(small), index, given)
        with closing(sqlite3.connect(index)) as conn:
            sql = "SELECT n.date, t.due_said, t.date_doubt FROM v_tasks t JOIN notes n ON n.path = t.path WHERE n.path = 'asks.md'"
            day, due, doubt = conn.execute(sql).fetchone()
        assert sync.verify(str(small), index, given) == []
        return day, due if not doubt else f"{due}?"

    assert read() == ("2026-04-05", "2026-04-07")
    (small / "one.md").write_text("Seen on 25/3/2026\n")
    assert read() == ("2026-05-04", "2026-07-04")
    (small / "two.md").write_text("Seen on 3/25/2026\n")
    assert read()[1] == "2026-04-07?", "the vault's other notes differ"
    (small / "one.md").unlink()
    assert read() == ("2026-04-05", "2026-04-07")


def test_a_failed_listing_removes_nothing(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small / "a").mkdir()
    make(small / "a", 3)
    make(small, 2)
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    real = listing_snapshot.listing

    def failing(root: str, place: str) -> listing_snapshot.Listing:
        if place == "a/":
            raise OSError(5, "Input/output error")
        return real(root, place)

    monkeypatch.setattr(listing_snapshot, "listing", failing)
    (small / "n0.md").unlink()
    report = sync.sync(str(small), index, given)
    assert (report.removed, report.unknown) == (1, 1)
    assert sqlite3.connect(index).execute("SELECT count(*) FROM notes").fetchone() == (4,)


def test_an_emptied_vault_is_not_believed_until_it_is_accepted(small: Path, tmp_path: Path) -> None:
    make(small, 30)
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    for note in small.glob("*.md"):
        note.unlink()
    for full in (False, True):
        report = sync.sync(str(small), index, given, full=full)
        assert report.paused is not None and "30 of 30" in report.paused
        assert sqlite3.connect(index).execute("SELECT count(*) FROM notes").fetchone() == (30,)
    assert sync.sync(str(small), index, given, accept_removals=True).removed == 30


def test_a_renamed_folder_is_not_taken_for_a_loss(small: Path, tmp_path: Path) -> None:
    (small / "a").mkdir()
    make(small / "a", 30)
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    os.rename(small / "a", small / "b")
    report = sync.sync(str(small), index, given)
    assert (report.paused, report.added, report.removed) == (None, 30, 30)


@pytest.mark.parametrize("damage", ["half", "garbage", "empty", "page"])
def test_a_damaged_index_is_moved_aside_and_rebuilt(damage: str, vault: Path, tmp_path: Path) -> None:
    index = tmp_path / "i" / "index.db"
    given = config.load({}, str(vault))
    sync.sync(str(vault), str(index), given)
    wanted = rows(str(index))
    data = bytearray(index.read_bytes())
    if damage == "half":
        data = data[: len(data) // 2]
    elif damage == "garbage":
        data = bytearray(os.urandom(len(data)))
    elif damage == "empty":
        data = bytearray()
    elif damage == "page":
        data[4096 : 4096 * 8] = os.urandom(4096 * 7)
    index.write_bytes(data)
    conn, _ = sync.open_fresh(str(vault), str(index), given)
    try:
        conn.execute("SELECT * FROM tasks").fetchall()
    except sqlite3.DatabaseError:
        sync.sync(str(vault), str(index), given, full=True)
    conn.close()
    assert rows(str(index)) == wanted


def test_an_index_of_another_version_is_refilled_in_place(vault: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "i" / "index.db")
    given = config.load({}, str(vault))
    sync.sync(str(vault), index, given)
    wanted = rows(index)
    with sqlite3.connect(index) as conn:
        conn.execute("PRAGMA user_version = 7")
        conn.execute("DROP TABLE tasks")
    conn = sync.open_fresh(str(vault), index, given)[0]
    conn.close()
    assert rows(index) == wanted


def test_the_index_is_readable_by_its_user_alone(vault: Path, tmp_path: Path) -> None:
    index = tmp_path / "new" / "index.db"
    conn, _ = sync.open_fresh(str(vault), str(index), config.load({}, str(vault)))
    conn.close()
    for path in index.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert index.parent.stat().st_mode & 0o077 == 0


def test_a_reader_sees_the_old_index_until_the_new_one_is_whole(vault: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "i" / "index.db")
    given = config.load({}, str(vault))
    sync.sync(str(vault), index, given)
    reader = store.open_read(index)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM tasks").fetchone()
    (vault / "new.md").write_text("- [ ] new\n")
    sync.sync(str(vault), index, given, full=True)
    assert reader.execute("SELECT count(*) FROM tasks").fetchone() == before
    reader.execute("COMMIT")
    assert reader.execute("SELECT count(*) FROM tasks").fetchone() == (before[0] + 1,)
    reader.close()


def test_changed_plugin_settings_read_every_note_again(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    (small / "tagged.md").write_text("- [ ] tagged #task\n")
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    data = small / app_settings.APP_FILES[0]
    data.parent.mkdir(parents=True)
    data.write_text('{"globalFilter": "#task"}')
    conn, report = sync.open_fresh(str(small), index, given)
    assert report.full
    assert conn.execute("SELECT count(*) FROM tasks").fetchone() == (1,)
    conn.close()


def test_without_refresh_the_index_answers_as_it_stands_and_says_so(small: Path, tmp_path: Path) -> None:
    make(small, 2)
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    make(small, 5)
    conn, report = sync.open_fresh(str(small), index, given, refresh=False)
    assert conn.execute("SELECT count(*) FROM notes").fetchone() == (2,)
    assert report.stale is not None
    conn.close()


@pytest.mark.parametrize("damage", [b"", b"torn", None])
def test_a_snapshot_only_ever_saves_time(damage: bytes | None, small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i.db")
    given = config.load({}, str(small))
    sync.sync(str(small), index, given)
    for path in small.glob("*.md"):
        os.utime(path, (1, 1))  # settled: nothing is young any more once the clock has moved on
    conn, _ = sync.open_fresh(str(small), index, given)
    conn.execute("SELECT 1")
    conn.close()
    seen = Path(index + ".seen")
    if damage is not None:
        seen.write_bytes(damage)
    elif seen.exists():
        seen.unlink()
    (small / "n1.md").write_text("- [ ] changed\n")
    conn, report = sync.open_fresh(str(small), index, given)
    assert report.changed == 1
    assert conn.execute("SELECT text FROM tasks WHERE text = 'changed'").fetchall() == [("changed",)]
    conn.close()


def differences(todo: plan.Plan) -> tuple[object, ...]:
    return sorted(todo.read), sorted(todo.plain), sorted(todo.gone), todo.paused, todo.doubts, todo.notes


def test_a_sweep_sees_with_a_snapshot_what_it_sees_without(small: Path, tmp_path: Path) -> None:
    """Any changes: what differs from the snapshot, looked up, is what a comparison with the whole table says."""
    chance = random.Random(7)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    folders = [*["", "a/", "a/b/", "Büro/", "c d/"] * 3, "Bu\u0308ro/"]
    names = [
        *["n.md", "m.md", "é.md", "x.png", "y.canvas", "z.txt", "link.md"] * 4,
        "e\u0301.md",
        ".n.md.icloud",
        ".m.vi-tmp",
    ]
    few = 0
    for turn in range(60):
        for _ in range(chance.randrange(4)):
            path = small / (chance.choice(folders) + chance.choice(names))
            act = chance.randrange(5)
            if act < 3:
                path.parent.mkdir(parents=True, exist_ok=True)
                if path.name == "link.md":
                    if not path.is_symlink():
                        path.symlink_to("n.md")
                elif path.name != "n.md" or act:
                    path.write_text("{}" if path.suffix == ".canvas" else f"- [ ] {chance.randrange(9)}\n")
            elif act == 3 and path.is_file():
                path.unlink()
            elif path.parent != small and path.parent.exists():
                shutil.rmtree(path.parent)
        if turn % 3 == 0:
            # While there is one of these, every sweep reads the table.
            odd = [p for p in small.rglob("*") if "\u0308" in p.name or (p.name[0] == "." and p.is_file())]
            for path in reversed(odd):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            sync.sync(str(small), index, given, accept_removals=True)
            continue
        with closing(store.open_read(index)) as conn:
            quick = plan.plan(conn, str(small), given, index=index)
            few += quick.sweep is not None
            assert differences(quick) == differences(plan.plan(conn, str(small), given)), turn
    assert few > 10


def test_a_sweep_that_finds_few_changes_reads_only_their_rows(small: Path, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (small / folder).mkdir()
        make(small / folder, 5)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    settle(small, index, given)
    (small / "a" / "n1.md").write_text("- [ ] changed\n")
    (small / "a" / "n2.md").unlink()
    (small / "b" / "new.md").write_text("- [ ] new\n")
    with closing(store.open_read(index)) as conn:
        todo = plan.plan(conn, str(small), given, index=index)
    assert (todo.read, todo.gone, todo.notes) == (["a/n1.md", "b/new.md"], ["a/n2.md"], 10)
    assert set(todo.known) == {"a/n1.md", "a/n2.md"}
    assert sync.sync(str(small), index, given).touched == 3
    with closing(store.open_read(index)) as conn:  # the snapshot went with the index
        again = plan.plan(conn, str(small), given, index=index)
    assert again.sweep is not None and not again.sweep.changed


def settle(root: Path, index: str, given: config.Config) -> None:
    """An index of notes that are too old to change without showing it."""
    before = time.time_ns
    try:
        time.time_ns = lambda: before() + 10**10
        sync.sync(str(root), index, given)
    finally:
        time.time_ns = before


@pytest.mark.parametrize("cut", [1, 5, 8, 30])
def test_a_snapshot_torn_in_its_last_change_is_as_good_as_an_older_one(cut: int, small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    settle(small, index, given)
    first = os.path.getsize(listing_snapshot.path(index))
    (small / "n1.md").write_text("- [ ] changed\n")
    settle(small, index, given)
    data = Path(listing_snapshot.path(index)).read_bytes()
    assert len(data) > first + cut
    for end in (len(data) - cut, first + cut):
        Path(listing_snapshot.path(index)).write_bytes(data[:end])
        (small / "n2.md").write_text(f"- [ ] {end}\n")
        assert sync.sync(str(small), index, given).changed >= 1
        assert rows(index) == fresh(small, tmp_path)


def test_a_snapshot_does_not_grow_for_ever(small: Path, tmp_path: Path) -> None:
    make(small, 300)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    settle(small, index, given)
    first = os.path.getsize(listing_snapshot.path(index))
    for turn in range(12):
        (small / "n1.md").write_text(f"- [ ] {turn}\n")
        settle(small, index, given)
        assert os.path.getsize(listing_snapshot.path(index)) < 3 * first + 70_000
    with closing(store.open_read(index)) as conn:
        assert plan.plan(conn, str(small), given, index=index).sweep is not None


PARTS = (
    "# One", "## Decisions", "- Agreed on [[n0]].", "- [ ] Call [[n1]]. @Dana 📅 2025-10-07 #yes", "- [x] Done ✅ 2025-10-01",
    "- [?] Proposed 🔁 every day 📅 2025-02-30", "text [[Nowhere]] and [a](n1.md) #tag", "![[n0]]", "> quoted", "",
)  # fmt: skip


def test_an_edited_note_has_the_rows_of_a_fresh_index_in_their_order(small: Path, tmp_path: Path) -> None:
    make(small, 2)
    index, given, chance = str(tmp_path / "i.db"), config.load({}, str(small)), random.Random(5)
    sync.sync(str(small), index, given)
    lines = ["---", "type: meeting", "tags: [a]", "---"]

    def in_order(index: str) -> list[list[tuple[object, ...]]]:
        with closing(sqlite3.connect(index)) as conn:
            tables = ("tasks", "links", "headings", "tags", "decisions", "people", "names")
            sql = "SELECT t.line FROM {} t JOIN files f ON f.id = t.note WHERE f.path = 'x.md' ORDER BY t.rowid"
            return [conn.execute(sql.format(table)).fetchall() for table in tables]

    for _ in range(40):
        for _ in range(chance.randrange(1, 3)):
            at = chance.randrange(4, len(lines) + 1)
            lines[at : at + chance.choice((0, 0, 1, 2))] = chance.choices(PARTS, k=chance.randrange(3))
        lines[1] = chance.choice(("type: meeting", "type: account", "owner: '[[n0]]'"))
        (small / "x.md").write_text("\n".join(lines), encoding="utf-8")
        sync.sync(str(small), index, given)
        other = tmp_path / "other" / "i.db"
        shutil.rmtree(other.parent, ignore_errors=True)
        sync.sync(str(small), str(other), given)
        assert rows(index) == rows(str(other))
        assert in_order(index) == in_order(str(other))


def test_an_edit_writes_no_row_that_stays_what_it_was(small: Path, tmp_path: Path) -> None:
    make(small, 3, "# One\n" + "- [ ] task [[n0]] 📅 2025-10-07 #yes\n" * 20)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    sync.sync(str(small), index, given)
    with closing(sync.Keeper(str(small), index)) as keeper:
        with (small / "n1.md").open("a") as note:
            note.write("- [ ] one more\n")
        written: list[str] = []
        keeper.sync(given)
        with (small / "n1.md").open("a") as note:
            note.write("- [x] and another\n")
        assert keeper._conn is not None
        keeper._conn.set_trace_callback(written.append)
        keeper.sync(given)
    touched = [sql.split()[2] for sql in written if sql.startswith(("INSERT INTO tasks", "INSERT INTO links"))]
    touched += [sql.split()[1] for sql in written if sql.startswith("UPDATE")]
    assert set(touched) == {"bodies", "files", "notes", "tasks"} and touched.count("tasks") == 1


def test_a_question_after_an_edit_writes_nothing_and_another_edit_is_seen(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(small, 3)
    read = disk.read
    index, given, note = str(tmp_path / "i.db"), config.load({}, str(small)), small / "n1.md"
    settle(small, index, given)

    def ask() -> tuple[int, str | None]:
        conn, report = sync.open_fresh(str(small), index, given)
        with closing(conn):
            return report.touched, store.meta(conn, "indexed_at")

    note.write_text("- [ ] one\n")
    assert ask()[0] == 1
    kept = listing_snapshot.load(index)
    touched, stamp = ask()
    assert (touched, stamp) == (0, ask()[1]) and kept is not None and stamp == kept.stamp
    assert set(kept.young) == {"n1.md"}
    # Written within one tick of a coarse clock, in place, with as many bytes: only its content is another.
    monkeypatch.setattr(disk, "read", lambda root, path: (b"- [x] one\n", read(root, path)[1]))
    assert ask()[0] == 1
    monkeypatch.undo()
    note.write_text("- [x] one\n")
    assert ask()[0] == 0
    assert rows(index) == fresh(small, tmp_path)


def test_a_note_that_is_old_enough_is_not_read_again(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(small, 3)
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    sync.sync(str(small), index, given)
    opened: list[str] = []
    read = disk.read
    monkeypatch.setattr(disk, "read", lambda root, path: opened.append(path) or read(root, path))
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 10**10)
    for again in (3, 0):
        conn, report = sync.open_fresh(str(small), index, given)
        conn.close()
        assert (report.touched, len(opened)) == (0, again)
        opened.clear()


def test_notes_too_fresh_to_be_believed_cost_their_folder_once_not_once_a_note(small: Path, tmp_path: Path) -> None:
    make(small, 40)
    index = str(tmp_path / "i.db")
    sync.sync(str(small), index, config.load({}, str(small)))
    known = listing_snapshot.load(index)
    assert known is not None and len(known.young) >= 40
    seen = listing_snapshot.sweep(str(small), known)
    assert seen.young.keys() == known.young.keys()
    assert len({id(listed) for _, listed in seen.young.values()}) == len({*known.young.values()}) < 5
