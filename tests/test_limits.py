"""Every limit and guard, just below and just above: what is still done, and what is not done any more."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.field.shell import Vi
from vaultindex.ask.tasks.lists import by_id
from vaultindex.base import files, settings
from vaultindex.base.errors import UnknownName, UsageError, VaultError
from vaultindex.base.text import safe
from vaultindex.cli.upkeep import sql as sql_command
from vaultindex.dates.chrono_words import two_digits
from vaultindex.extract.tasks import _doubt, _shared_date
from vaultindex.index import heartbeat, plan, store, sync
from vaultindex.notes.parse import LONGEST_LINE, parse_note
from vaultindex.notes.properties import DEEPEST_YAML, read_yaml
from vaultindex.query.language import regexes
from vaultindex.query.language.lines import MOST_INSTRUCTIONS, instructions
from vaultindex.query.nodes.errors import QueryError
from vaultindex.render.delimited import _is_formula
from vaultindex.state.journal import APPLICATION_ID, REMEMBERED, Journal, Shown
from vaultindex.tasks.line import holds
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.vault import atomic_write, disk, note_lines
from vaultindex.watch.watcher import Timing, Watched, Watcher


@pytest.fixture
def vi(tmp_path: Path) -> Vi:
    return Vi(tmp_path)


# --- asking -----------------------------------------------------------------------------------------------------------


def test_vi_sql_is_stopped_reads_only_and_holds_no_huge_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_command, "_SECONDS", 0.3)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"
    for what in ("count(*)", "i"):  # one row that never comes, and rows that never end
        conn = sqlite3.connect(":memory:")
        started = time.monotonic()
        sql_command._read_only(conn, started + 0.3)
        if what == "i":
            conn.set_progress_handler(None, 0)  # the rows themselves look at the time too
        with pytest.raises(sql_command.SqlError, match="stopped"), sql_command._told():
            for _ in sql_command._rows(conn.execute(endless.format(what)), ["i"], started + 0.3):
                assert time.monotonic() - started < 20
        assert time.monotonic() - started < 20
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE t(a)")
    sql_command._read_only(conn, time.monotonic() + 60)
    for refused in (
        "INSERT INTO t VALUES (1)",
        f"ATTACH '{tmp_path / 'x.db'}' AS x",
        "PRAGMA user_version = 3",
        "DELETE FROM t",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            conn.execute(refused)
    most = sql_command._LONGEST
    assert most == 10_000_000
    assert conn.execute(f"SELECT length(zeroblob({most - 100}))").fetchone()[0] == most - 100
    with pytest.raises(sqlite3.DataError):
        conn.execute(f"SELECT hex(zeroblob({most + 1}))").fetchone()


@pytest.mark.parametrize("name", [s.name for s in settings.SETTINGS])
def test_a_vault_file_sets_what_it_may_and_nothing_else(name: str, tmp_path: Path) -> None:
    setting = settings.TABLE[name]
    value = {
        "text": '"/tmp/other"',
        "list": '["x"]',
        "times": '["08:30"]',
        "flag": "false",
        "port": "9000",
        "table": '{ a = "/b" }',
        "kinds": '{ risks = { headings = ["R"] } }',
        "colours": '{ overdue = "red" }',
        "address": '"service=team"',
        "publish": "{ work = { all = true } }",
    }[setting.kind]
    (tmp_path / ".vaultindex.toml").write_text(f"{name} = {value}\n")
    if name in ("vault", "vaults", "index", "follow_links", "notice", "remind", "serve", "serve_port", "team", "publish", "colours"):  # fmt: skip
        with pytest.raises(UsageError, match="cannot be set by a vault"):
            settings.load({"HOME": str(tmp_path / "home")}, str(tmp_path))
    else:
        assert (
            settings.load({"HOME": str(tmp_path / "home")}, str(tmp_path))
            .values[name]
            .source.endswith(".vaultindex.toml")
        )


def test_excluded_notes_are_in_no_list_and_in_no_count(vi: Vi) -> None:
    note = "---\ndate: 2025-10-0{}\naccount: Acme\nparticipants: [Dana Lee]\n---\n- [ ] needle @[[Dana Lee]]\n"
    vi.write("Dana Lee.md", "---\ntype: person\n---\n")
    vi.write("Meeting.md", note.format(1))
    vi.write("Templates/Meeting.md", note.format(2))
    vi.write("Meeting (Conflicted copy Mac 202510081200).md", note.format(3))
    for period in ((), ("--since", "2025-09-01")):
        (person,) = [row for row in vi.json("people", *period) if row["name"] == "Dana Lee"]
        (account,) = vi.json("accounts", *period)
        assert (person["meetings"], person["last"], person["open_tasks"]) == (1, "2025-10-01", 1)
        assert (account["notes"], account["last"], account["open_tasks"]) == (1, "2025-10-01", 1)
    for words in (("needle",), ("needle", "--account", "acme")):
        assert [row["path"] for row in vi.json("search", *words)] == ["Meeting.md"]
    assert [row["path"] for row in vi.json("tasks")] == ["Meeting.md"]
    assert len(vi.json("tasks", "--excluded")) == 3


def test_doctor_shows_only_the_kind_that_was_asked_for(vi: Vi) -> None:
    vi.write("bad.md", "---\na: [\n---\n")
    vi.write(".obsidian/app.json", "{")
    (vi.vault / ".vaultindex.toml").mkdir()
    for kind in ("yaml", "settings"):
        assert {row["kind"] for row in vi.json("doctor", "--kind", kind)["problems"]} == {kind}


def test_short_ids_differ_from_the_neighbours_above_and_below_and_have_three_characters() -> None:
    from vaultindex.ask.tasks.lists import ShortIds

    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE tasks(id TEXT)")
    conn.executemany(
        "INSERT INTO tasks VALUES (?)", [("bcdf222222",), ("bcdg222222",), ("bcdgh22222",), ("xyz2222222",)]
    )
    short = ShortIds(conn)
    assert [short[one] for one in ("bcdf222222", "bcdg222222", "bcdgh22222", "xyz2222222")] == [
        "bcdf",
        "bcdg2",
        "bcdgh",
        "xyz",
    ]


def test_the_beginning_of_several_ids_means_none_of_them() -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE tasks(id TEXT, note INTEGER, line INTEGER, text TEXT, task_id TEXT, block_id TEXT)")
    conn.execute("CREATE TABLE notes(id INTEGER, path TEXT)")
    conn.execute("INSERT INTO notes VALUES (1, 'n.md')")
    conn.executemany("INSERT INTO tasks VALUES (?, 1, ?, 'x', '', '')", [("bcdf222222", 1), ("bcdg222222", 2)])
    assert by_id(conn, "bcdg") == ("n.md", 2)
    with pytest.raises(UnknownName, match=r"n\.md:1; n\.md:2"):
        by_id(conn, "bcd")


def test_a_section_of_the_day_has_as_many_rows_as_fit_and_counts_the_notes_of_a_text(vi: Vi) -> None:
    for count, told in ((28, False), (29, True)):
        vi.write("n.md", "".join(f"- [ ] late {i} 📅 2025-09-0{i % 9 + 1}\n" for i in range(count)))
        done = vi("today")
        assert done.stdout.count("late ") == 28 and ("28 of 29" in done.stdout) == told
    vi.write("n.md", "- [ ] again 📅 2025-09-01\n- [ ] again 📅 2025-09-02\n")
    vi.write("m.md", "- [ ] again 📅 2025-09-03\n")
    assert vi("today").stdout.count("again (in ") == vi("today").stdout.count("again (in 2 notes") == 1


def test_a_huge_number_of_rows_means_all_and_none_is_refused(vi: Vi) -> None:
    vi.write("n.md", "- [ ] x\n" * 3)
    assert len(vi.json("tasks", "-n", str(10**30))) == 3
    assert vi("tasks", "-n", "0").returncode == 2 and len(vi.json("tasks", "-n", "1")) == 1


def test_a_query_has_at_most_two_thousand_instructions() -> None:
    assert MOST_INSTRUCTIONS == 2_000
    assert len(list(instructions("done\n" * 1_999 + "done", TaskSettings(), None))) == 2_000
    with pytest.raises(QueryError, match="2,000 lines"):
        list(instructions("done\n" * 2_000 + "done", TaskSettings(), None))


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "shared"),
    [
        (["a", "a"], None), (["a", "a", "a"], "a"), (["a", "a", "b"], None), (["a", "a", "a", "b", "b"], "a"),
        (["a", "a", "a", "b", "b", "b"], None), (["a", "a", "a", "b", "c", "d"], None), (["a", "a", "a", None, None, None, None], "a"),
    ],
)  # fmt: skip
def test_a_shared_date_is_that_of_three_tasks_and_of_more_than_half(due: list[str | None], shared: str | None) -> None:
    assert _shared_date(due) == shared
    assert _doubt("2025-10-01", "open", "2025-10-02", None) == "before-note"
    assert _doubt("2025-10-02", "open", "2025-10-02", None) == "note-date"
    assert _doubt("2025-10-03", "open", "2025-10-02", None) is None
    assert _doubt("2025-10-01", "done", "2025-10-02", None) is None


def test_two_digits_of_a_year_turn_between_50_and_51() -> None:
    assert [two_digits(year) for year in (0, 49, 50, 51, 70, 99, 100)] == [2000, 2049, 2050, 1951, 1970, 1999, 100]


def test_yaml_may_nest_64_deep_and_no_deeper() -> None:
    assert DEEPEST_YAML == 64
    for deep, kinds in ((DEEPEST_YAML, set()), (DEEPEST_YAML + 1, {"yaml", "nesting"})):
        problems: list[Any] = []
        read_yaml("x.md", "# " + "x" * 2_000 + "\na: " + "[" * (deep - 1) + "]" * (deep - 1), problems)
        assert bool({p.kind for p in problems if "deep" in p.what}) == bool(kinds), deep


def test_the_longest_line_that_is_read_has_200000_characters() -> None:
    assert LONGEST_LINE == 200_000
    for length, read in ((LONGEST_LINE, True), (LONGEST_LINE + 1, False)):
        line = "- [ ] " + "x" * (length - 6)
        note = parse_note(f"{line}\n- [ ] other\n", "x.md")
        assert (note.items[0].status == " ") == read and bool(note.problems) == (not read)
        assert note.items[-1].status == " ", "only that line is hidden"


def test_a_note_of_five_megabytes_is_read_and_a_larger_one_is_listed(tmp_path: Path) -> None:
    assert disk.MAX_NOTE == 5_000_000
    for size, read in ((disk.MAX_NOTE, True), (disk.MAX_NOTE + 1, False)):
        (tmp_path / "n.md").write_bytes(b"x" * size)
        data, stat = disk.read(str(tmp_path), "n.md")
        assert (data is not None, stat.size) == (read, size)


def test_a_link_is_not_followed_when_a_note_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "n.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(OSError, match=r"symbolic|link|loop"):
        disk.read(str(tmp_path / "v"), "n.md")


def test_a_small_file_may_have_its_size_and_not_one_byte_more(tmp_path: Path) -> None:
    for size in (100, 101):
        (tmp_path / "f").write_bytes(b"x" * size)
        if size == 100:
            assert files.read_small(str(tmp_path / "f"), most=100) == b"x" * 100
        else:
            with pytest.raises(files.Refused, match="larger"):
                files.read_small(str(tmp_path / "f"), most=100)


def test_items_without_a_box_are_proposals_for_sixty_days(vi: Vi) -> None:
    for day, proposed in (("2025-08-09", 1), ("2025-08-08", 0)):  # 60 and 61 days before the first index
        vi.write("n.md", f"---\ndate: {day}\n---\n## Action items\n- Send the sheet\n")
        (vi.folder / "i.db").unlink(missing_ok=True)
        assert len(vi.json("tasks", "--proposed")) == proposed, day


# --- printing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0x00, 0x07, 0x1B, 0x0D, 0x7F, 0x80, 0x9B, 0x9F, 0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF])  # fmt: skip
def test_no_control_and_no_isolate_is_safe(code: int) -> None:
    assert chr(code) not in safe(f"a{chr(code)}b")


@pytest.mark.parametrize("code", [0x09, 0x0A, 0x20, 0x7E, 0xA0, 0x061B, 0x200D, 0x2027, 0x202F, 0x2065, 0x206A, 0xFE0F])
def test_the_neighbours_of_what_is_not_safe_are(code: int) -> None:
    assert safe(f"a{chr(code)}b") == f"a{chr(code)}b"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@x", "\t=1", "\tx", "\rx", "\nx", "  =1", "\u200b=1", "\u2060\u00a0+1", "＝1", "＠x", "﹣1"],
)
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert _is_formula(text)


@pytest.mark.parametrize("text", ["", "- call", "+ call", "-", "a=1", "1+1", "#x", "'=1", "\u200bx", " x"])
def test_a_cell_that_no_spreadsheet_would_run_is_left_as_it_is(text: str) -> None:
    assert not _is_formula(text)


# --- the index and the watcher ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "gone", "believed"),
    [(20, 11, True), (21, 11, False), (21, 10, True), (22, 11, True), (22, 12, False), (20, 19, True)],
)
def test_more_than_half_of_more_than_twenty_notes_gone_at_once_is_not_believed(notes: int, gone: int, believed: bool, tmp_path: Path) -> None:  # fmt: skip
    vault, index = tmp_path / "v", str(tmp_path / "i.db")
    vault.mkdir()
    for i in range(notes):
        (vault / f"{i}.md").write_text(f"{i}")
    config = settings.load({}, str(vault))
    sync.sync(str(vault), index, config)
    for i in range(gone):
        (vault / f"{i}.md").unlink()
    report = sync.sync(str(vault), index, config)
    assert (report.removed, bool(report.paused)) == ((gone, False) if believed else (0, True))


def test_a_heartbeat_counts_for_three_and_a_half_seconds_and_only_of_one_that_is_not_suspended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert heartbeat.TRUSTED == 3.5
    index, root = str(tmp_path / "i.db"), str(tmp_path)
    monkeypatch.setattr(heartbeat, "held", lambda index: True)
    for age, suspended, trusted in ((3.4, False, True), (3.6, False, False), (0.0, True, False)):
        monkeypatch.setattr(heartbeat.holder, "suspended", lambda pid, now=suspended: now)
        beat = heartbeat.Beat(
            os.getpid(), time.monotonic() - age, heartbeat.WATCHING, root, store.index_version(), False, 0.0, 0.0
        )
        heartbeat.write(index, beat)
        assert (heartbeat.trusted(index, root) is not None) == trusted, (age, suspended)
        heartbeat.write(index, beat._replace(pending=True))
        assert heartbeat.trusted(index, root) is None


def test_what_cannot_be_read_is_tried_again_ever_more_seldom_up_to_five_seconds(tmp_path: Path) -> None:
    watcher = Watcher(Watched(str(tmp_path), str(tmp_path / "i.db"), lambda: settings.load({})), Timing())
    waits = []
    for _ in range(8):
        watcher.keeper.unread = {"n.md"}
        watcher._try_again(["n.md"])
        waits.append(watcher._unread["n.md"][1])
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
    watcher._try_again(["other.md"])
    assert "n.md" in watcher._unread, "nobody looked at it"
    watcher.keeper.unread = set()
    watcher._try_again(["n.md"])
    assert watcher._unread == {}


# --- edits ------------------------------------------------------------------------------------------------------------


def test_an_edit_may_let_a_note_grow_to_five_megabytes_and_not_beyond(tmp_path: Path) -> None:
    note = tmp_path / "n.md"
    note.write_bytes(b"x")
    atomic_write.rewrite(str(tmp_path), "n.md", lambda data: b"y" * disk.MAX_NOTE)
    assert note.stat().st_size == disk.MAX_NOTE
    with pytest.raises(VaultError, match="grow beyond"):
        atomic_write.rewrite(str(tmp_path), "n.md", lambda data: b"z" * (disk.MAX_NOTE + 1))
    assert note.read_bytes()[:1] == b"y"
    with pytest.raises(VaultError, match="grow beyond"):
        atomic_write.create(str(tmp_path), "new.md", b"z" * (disk.MAX_NOTE + 1))


def test_fsync_comes_before_a_note_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "n.md").write_bytes(b"x")
    steps: list[str] = []
    fsync, put = os.fsync, atomic_write._put
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append("fsync"), fsync(fd))[1])
    monkeypatch.setattr(atomic_write, "_put", lambda *given: (steps.append("put"), put(*given))[1])
    atomic_write.rewrite(str(tmp_path), "n.md", lambda data: b"y")
    assert steps[:2] == ["fsync", "put"]


def test_a_line_with_nul_is_not_edited() -> None:
    assert note_lines.replaced(b"- [ ] a\n", "- [ ] a", ["- [x] a"], 1)[0] == b"- [x] a\n"
    data = b"- [ ] a\0b\n"
    with pytest.raises(VaultError, match="NUL"):
        note_lines.replaced(data, note_lines.Lines(data).read()[0], ["- [x] a"], 1)


def test_another_program_keeps_its_database(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    for owner, refused in ((0, True), (7, True), (APPLICATION_ID, False)):
        file.unlink(missing_ok=True)
        with sqlite3.connect(file) as conn:
            conn.execute("CREATE TABLE theirs(a)")
            conn.execute(f"PRAGMA application_id = {owner}")
        conn.close()
        if refused:
            with pytest.raises(VaultError, match="another program's"):
                Journal(str(file))
        else:
            Journal(str(file)).conn.close()


def test_the_rows_of_a_list_are_remembered_for_a_day(tmp_path: Path) -> None:
    assert REMEMBERED == 24 * 3600.0
    with Journal(str(tmp_path / "s" / "state.db")) as journal:
        journal.remember([Shown("a", "n.md", 1, "x", 1)], "tty")
        for age, known in ((REMEMBERED - 60, True), (REMEMBERED + 60, False)):
            journal.conn.execute("UPDATE lists SET at = ?", (time.time() - age,))
            assert bool(journal.last_list("tty")) == known


def test_what_was_only_intended_is_not_undone(tmp_path: Path) -> None:
    with Journal(str(tmp_path / "s" / "state.db")) as journal:
        rows = [(1, b"a", b"b", "a", None), (2, b"c", b"d", "c", None)]
        first, second = journal.write(journal.next_command(), "done", "n.md", rows, None)
        assert journal.undoable() == []
        journal.made([first])
        assert [one.id for one in journal.undoable()] == [first], "the other one of the same command was not made"
        journal.made([second])
        assert [one.id for one in journal.undoable()] == [second, first]


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        # Of two lines with the same neighbours ours was deleted with them; or its surroundings were copied.
        ("a\n{}\nb\na\n{}\nb\n", 2, "a\n{}\nb\n"),
        ("a\nb\nc\n{}\nd\ne\nf\n", 4, "a\nb\nc\n{}\nd\ne\nf\na\nb\nc\n{}\nd\ne\nf\n"),
    ],
)
def test_undo_refuses_where_two_lines_could_be_meant_or_ours_is_gone(before: str, line: int, after: str) -> None:
    done = "- [x] x"
    changed, span = note_lines.replaced(before.format("- [ ] x", done).encode(), "- [ ] x", [done], line)
    place = note_lines.place_of(changed, span)
    assert note_lines.put_back(changed, span, place) == before.format("- [ ] x", done).encode()
    with pytest.raises(VaultError):
        note_lines.put_back(after.format(done, done).encode(), span, place)


@pytest.mark.parametrize("part", range(4))
def test_a_file_is_known_only_when_mtime_ctime_size_and_inode_are_the_same(part: int) -> None:
    known, stat = [7, 1, 2, 3, 4, 0], [1, 2, 3, 4]
    assert plan._is_known(tuple(known), disk.Stat(*stat))
    stat[part] += 1
    assert not plan._is_known(tuple(known), disk.Stat(*stat))


def test_what_a_dead_child_had_taken_is_done_all_the_same(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from vaultindex.index import forked_work\n"
        "me = os.getpid()\n"
        "def do(batch):\n"
        "    if os.getpid() != me: os._exit(9)\n"
        "    if batch == ['0']: time.sleep(0.5)\n"
        "    return list(batch)\n"
        "batches = [[str(i)] for i in range(forked_work.LEAST * 2)]\n"
        "print(len({b[0] for b in forked_work.work(batches, do, sys.argv[1], processes=2)}) == len(batches))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(
    "name", [".obsidian/app.json", ".vaultindex.toml", ".obsidian/plugins/obsidian-tasks-plugin/data.json"]
)
def test_changed_settings_are_a_hint_to_look_at_everything_and_other_hidden_files_are_none(name: str, tmp_path: Path) -> None:  # fmt: skip
    from types import SimpleNamespace

    watcher = Watcher(Watched(str(tmp_path), str(tmp_path / "i.db"), lambda: settings.load({})), Timing())
    watcher._all = None
    for path, why in ((".git/index", None), (".obsidian/workspace.json", None), (name, "settings changed")):
        watcher.hint(SimpleNamespace(src_path=str(tmp_path / path), dest_path="", is_directory=False))
        assert watcher._all == why and not watcher._paths


def test_a_preset_that_leads_back_to_itself_and_a_pattern_that_never_ends_are_given_up(vi: Vi) -> None:
    presets = TaskSettings()._replace(presets={"a": "preset b", "b": "preset a"})
    with pytest.raises(QueryError, match="leads back to itself"):
        list(instructions("preset a", presets, None))
    assert regexes.TIME_LIMIT == 0.7
    vi.write("n.md", f"- [ ] {'a' * 60}!\n")
    started = time.monotonic()
    assert vi("query", "description regex matches /(a+)+$/").returncode in (0, 2)
    assert time.monotonic() - started < 15


def test_lint_advice_that_says_other_words_or_another_field_is_none(vi: Vi) -> None:
    plain = TaskSettings()
    line, due = "- [ ] a 📅 2025-10-01 b", {"due": "2025-10-01"}
    assert holds("- [ ] a b 📅 2025-10-01", line, due, plain)
    for worse in (
        "- [ ] a 📅 2025-10-01",
        "- [ ] a b c 📅 2025-10-01",
        "- [ ] a b 📅 2025-10-02",
        "- [ ] a b",
        "a b 📅 2025-10-01",
    ):
        assert not holds(worse, line, due, plain), worse
    vi.write("n.md", "- [ ] see `x ⏫` by 2025-10-10 `\n- [ ] Ring Bob by 2025-10-10 🆔 abc. then\n")
    for row in vi.json("lint"):
        if row["fix"]:
            vi.write("m.md", row["fix"] + "\n")
            assert [task["due"] for task in vi.json("tasks", "--note", "m")] == ["2025-10-10"]


def test_the_bugs_of_the_list_still_fit_the_program() -> None:
    """`make mutants` takes minutes; that its list fits is asked each time."""
    code = "import sys; from tests.mutants.__main__ import wrong_entries, MUTANTS; print('\\n'.join(wrong_entries(MUTANTS))); sys.exit(len(MUTANTS) < 100)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
    assert json.dumps(done.stderr) == '""'
