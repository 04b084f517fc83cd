"""Editing a note: only the named line's bytes change, or nothing does; whatever happens on the way."""

from __future__ import annotations

import errno
import gzip
import json
import os
import stat
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.times import times
from vaultindex.base.errors import ChangedError, VaultError
from vaultindex.base.mojibake import repair_line
from vaultindex.state import edits
from vaultindex.state.journal import Journal
from vaultindex.tasks import change_field
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.vault import atomic_write, disk, folder, hidden_file, note_lines, swap

RULES = TaskSettings()
GOLDEN = Path(__file__).parent.parent / "golden" / "toggle.jsonl.gz"
OLD, NEW = "- [ ] Call Dana 📅 2025-10-07", "- [x] Call Dana 📅 2025-10-07 ✅ 2025-10-08"


def replace(
    root: str, path: str, old: str, new: list[str], line: int, *, mend: bool = False
) -> tuple[int, bytes, bytes]:
    """Replace one line of a note: the line where it stood, the bytes before and after."""
    spans = []

    def change(data: bytes) -> bytes:
        made, span = note_lines.replaced(data, old, new, line, mend=mend)
        spans.append(span)
        return made

    atomic_write.rewrite(root, path, change)
    return spans[-1]


def note(root: Path, data: bytes, name: str = "note.md") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def quick_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits that wait neither for other writers nor for the disk: a thousand of them are about what becomes of the bytes."""
    monkeypatch.setattr(atomic_write, "_MOMENT", 0)
    monkeypatch.setattr(atomic_write, "_QUIET", 0)
    monkeypatch.setattr(os, "fsync", lambda fd: None)


def hidden(root: Path) -> list[str]:
    return [p.name for p in root.rglob(".*vi-tmp")]


# -- what stays -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        "a\n{}\nb\n",
        "a\r\n{}\r\nb\r\n",
        "a\r{}\rb\r",
        "a\n{}",
        "a\r\n{}",
        "{}",
        "\ufeff{}\nb\n",
        "---\nx: 1\n---\n\n{}\n\n\n",
        "a\u2028b\x0cc\x85d\n{}\nz\u2029\n",
        "a  \n{}\n\tb\t\n",
        "a\r\nb\n{}\rc\n",
    ],
)
@pytest.mark.parametrize("ending", ["", "  ", "\t", " ^abc"])
def test_every_other_byte_stays(tmp_path: Path, frame: str, ending: str) -> None:
    path = note(tmp_path, frame.format(OLD + ending).encode())
    lines = note_lines.Lines(path.read_bytes()).read()
    line, before, after = replace(str(tmp_path), "note.md", OLD + ending, [NEW + ending], lines.index(OLD + ending) + 1)
    assert path.read_bytes() == frame.format(NEW + ending).encode()
    assert (before, after) == ((OLD + ending).encode(), (NEW + ending).encode())
    assert lines[line - 1] == OLD + ending


@pytest.mark.parametrize(
    ("data", "line", "new", "expected"),
    [
        ("a\r\nX\r\nb", 2, ["1", "2"], "a\r\n1\r\n2\r\nb"),
        ("a\r\nX", 2, ["1", "2"], "a\r\n1\r\n2"),
        ("X", 1, ["1", "2"], "1\n2"),
        ("a\nX\r\nb\n", 2, ["1", "2"], "a\n1\r\n2\r\nb\n"),
        ("a\nX\nb\n", 2, [], "a\nb\n"),
        ("a\nX", 2, [], "a"),
        ("X\nb", 1, [], "b"),
        ("X", 1, [], ""),
        ("X\n", 1, [], ""),
        ("\ufeffX\r\nb", 1, [], "\ufeffb"),
    ],
)
def test_lines_added_and_taken_away_keep_the_notes_line_ends_and_come_back(
    data: str, line: int, new: list[str], expected: str
) -> None:
    made, span = note_lines.replaced(data.encode(), "X", new, line)
    assert made == expected.encode()
    assert note_lines.put_back(made, span) == data.encode()


def test_undo_finds_lines_that_moved_and_refuses_where_they_could_be_several() -> None:
    span = note_lines.Span(2, b"old", b"new")
    assert note_lines.put_back(b"x\ny\nnew", span) == b"x\ny\nold"
    assert note_lines.put_back(b"new\r\nnew\r\n", span) == b"new\r\nold\r\n", "at its own line it is the one"
    for data in (b"new\nx\nnew\n", b"x\nnewer\n", b"x\n new\n", b""):
        with pytest.raises(ChangedError):
            note_lines.put_back(data, span)


def test_mode_attributes_and_links_inside_the_vault_are_kept(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    path = note(root, f"{OLD}\n".encode(), "deep/note.md")
    path.chmod(0o640)
    attributes = hasattr(os, "setxattr")
    try:
        os.setxattr(path, "user.colour", b"red")
    except (OSError, AttributeError):
        attributes = False
    os.utime(path, (1, 1))
    (root / "link.md").symlink_to(path)
    replace(str(root), "link.md", OLD, [NEW], 1)
    assert (root / "link.md").is_symlink()
    assert path.read_bytes() == f"{NEW}\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert not attributes or os.getxattr(path, "user.colour") == b"red"
    assert abs(path.stat().st_mtime - time.time()) < 60, "an edit must look like one"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = note(tmp_path, OLD.encode())
    os.chown(path, 1234, 2345)
    replace(str(tmp_path), "note.md", OLD, [NEW], 1)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_a_name_of_255_bytes_and_a_decomposed_name_are_edited(tmp_path: Path) -> None:
    long = "n" * 252 + ".md"
    note(tmp_path, OLD.encode(), long)
    replace(str(tmp_path), long, OLD, [NEW], 1)
    assert (tmp_path / long).read_bytes() == NEW.encode()
    note(tmp_path, OLD.encode(), "Ide\u0301e.md")
    replace(str(tmp_path), "Id\u00e9e.md", OLD, [NEW], 1)
    assert (tmp_path / "Ide\u0301e.md").read_bytes() == NEW.encode()


@pytest.mark.parametrize("codec", ["mac_roman", "latin-1"])
def test_a_damaged_line_keeps_its_damage_and_is_read_as_written(tmp_path: Path, codec: str) -> None:
    meant = "- [?] Käse für Zoë – 📅 2025-10-07 ⏫ #task"
    raw = meant.encode().decode(codec)
    other = "Grüße – auch das bleibt".encode().decode(codec)
    assert repair_line(raw) == meant
    path = note(tmp_path, f"{other}\n{raw}\n{other}\n".encode())
    wanted = meant.replace("[?]", "[x]") + " ✅ 2025-10-08"
    replace(str(tmp_path), "note.md", meant, [wanted], 2)
    lines = path.read_bytes().decode().split("\n")
    assert (lines[0], lines[2]) == (other, other)
    assert repair_line(lines[1]) == wanted
    assert lines[1].startswith(raw.replace("[?]", "[x]")), "characters that stay keep their bytes"
    replace(str(tmp_path), "note.md", wanted, [meant], 2, mend=True)
    assert path.read_bytes().decode().split("\n")[1] == meant


def test_a_line_that_is_damaged_in_part_is_read_as_written_too(tmp_path: Path) -> None:
    meant = "- [ ] Łódź 📅 2025-10-07"
    raw = meant.replace("📅", "📅".encode().decode("latin-1"))
    assert repair_line(raw) == meant != raw
    path = note(tmp_path, raw.encode())
    wanted = meant.replace("Łódź", "Łódź @Zoé")
    replace(str(tmp_path), "note.md", meant, [wanted], 1)
    assert path.read_bytes().decode() == raw.replace("Łódź", "Łódź @Zoé")
    assert repair_line(path.read_bytes().decode()) == wanted


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_line_that_moved_is_edited_where_it_is_now(tmp_path: Path) -> None:
    path = note(tmp_path, f"new\n\n{OLD}\n".encode())
    assert replace(str(tmp_path), "note.md", OLD, [NEW], 1)[0] == 3
    assert path.read_bytes() == f"new\n\n{NEW}\n".encode()


@pytest.mark.parametrize("data", ["- [x] Call Dana\n", f"x\n{OLD}\n{OLD}\n", f"x\n {OLD}\n", ""])
def test_a_line_that_changed_or_could_be_several_is_left(tmp_path: Path, data: str) -> None:
    path = note(tmp_path, data.encode())
    before = path.stat()
    with pytest.raises(ChangedError):
        replace(str(tmp_path), "note.md", OLD, [NEW], 1)
    assert path.read_bytes() == data.encode()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert not hidden(tmp_path)


@pytest.mark.parametrize("data", [OLD.encode("utf-16"), OLD.encode("utf-16-le"), OLD.encode() + b"\nk\xe4se\n"])
def test_a_note_in_another_encoding_is_refused_with_the_reason(tmp_path: Path, data: bytes) -> None:
    path = note(tmp_path, data)
    with pytest.raises(VaultError, match=r"UTF-16|UTF-8"):
        replace(str(tmp_path), "note.md", OLD, [NEW], 1)
    assert path.read_bytes() == data


def test_hard_links_places_outside_and_other_things_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    path = note(root, OLD.encode())
    os.link(path, tmp_path / "second.md")
    outside = note(tmp_path, OLD.encode(), "outside.md")
    (root / "out.md").symlink_to(outside)
    os.mkfifo(root / "pipe.md")
    note(root, OLD.encode(), "locked.md").chmod(0o444)
    for name, reason in (
        ("note.md", "hard link"),
        ("out.md", "out of the vault"),
        ("../outside.md", "out of the vault"),
        ("pipe.md", "regular file"),
        ("locked.md", "read-only"),
    ):
        with pytest.raises(VaultError, match=reason):
            replace(str(root), name, OLD, [NEW], 1)
    with pytest.raises(ChangedError):
        replace(str(root), "gone.md", OLD, [NEW], 1)
    assert path.read_bytes() == outside.read_bytes() == (root / "locked.md").read_bytes() == OLD.encode()
    assert not hidden(tmp_path)


def test_a_line_break_never_gets_into_a_task(tmp_path: Path) -> None:
    path = note(tmp_path, OLD.encode())
    for bad in ("- [ ] a\nb", "- [ ] a\rb"):
        with pytest.raises(VaultError, match="line break"):
            replace(str(tmp_path), "note.md", OLD, [bad], 1)
    assert path.read_bytes() == OLD.encode()


def test_a_note_written_by_another_during_the_edit_is_left_to_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = note(tmp_path, f"{OLD}\n".encode())
    sync = os.fsync

    def meanwhile(fd: int) -> None:
        sync(fd)
        path.write_bytes(b"theirs\n")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(ChangedError, match="changed by another"):
        replace(str(tmp_path), "note.md", OLD, [NEW], 1)
    assert path.read_bytes() == b"theirs\n"
    assert not hidden(tmp_path)


# -- faults ------------------------------------------------------------------------------------------------------------

STEPS = ("open", "fchmod", "write", "fsync", "stat", "fstat", "unlink", "close", "exchange")


def broken(root: Path, step: str, at: int, kind: str) -> int:
    """How a process ends that edits the note while the step fails for the `at`-th time: by a crash, or with an error."""
    swap._call()
    child = os.fork()
    if child == 0:
        try:
            os._exit(_edit_while(root, step, at, kind))
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 3, 7, 9)
    return code


def _edit_while(root: Path, step: str, at: int, kind: str) -> int:
    of: Any = swap if step == "exchange" else os
    real, seen = getattr(of, step), 0

    def breaks(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == at and kind not in ("crash", "after"):
            raise OSError(int(kind), os.strerror(int(kind)))
        if seen == at and kind == "after":
            real(*args, **kwargs)
        if seen == at:
            os._exit(9)
        return real(*args, **kwargs)

    setattr(of, step, breaks)
    try:
        replace(str(root), "note.md", OLD, [NEW], 2)
    except VaultError as error:
        return 3 if "as it was" in str(error) else 4
    return 0 if seen >= at else 7


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["crash", "after"])
def test_a_crash_at_any_step_leaves_the_old_note_or_the_new(tmp_path: Path, step: str, kind: str) -> None:
    old, new = (f"a\n{line}\nb\n".encode() for line in (OLD, NEW))
    crashed = 0
    for at in range(1, 30):
        path = note(tmp_path, old)
        code = broken(tmp_path, step, at, kind)
        assert path.read_bytes() == (new if path.read_bytes() != old else old)
        crashed += code == 9
        for left in disk.scan(str(tmp_path)).passing:  # as the next sync does
            atomic_write.discard(str(tmp_path), left)
        assert not hidden(tmp_path)
        if code == 7:
            break
        if path.read_bytes() == old:  # a crash is in nobody's way
            replace(str(tmp_path), "note.md", OLD, [NEW], 2)
            assert path.read_bytes() == new
    assert crashed


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["write", "fsync", "exchange", "fchmod", "open"])
def test_a_full_or_read_only_disk_leaves_the_note_and_no_hidden_file(tmp_path: Path, step: str, code: int) -> None:
    old = f"a\n{OLD}\nb\n".encode()
    path = note(tmp_path, old)
    assert broken(tmp_path, step, 1, str(code)) == 3
    assert path.read_bytes() == old
    assert not hidden(tmp_path)


def test_two_edits_of_one_note_wait_for_each_other(tmp_path: Path) -> None:
    lines = [f"- [ ] task {i}" for i in range(8)]
    path = note(tmp_path, "\n".join(lines).encode())
    code = (
        "import sys; from tests.state.test_edits import replace; l = sys.argv[2]; "
        "replace(sys.argv[1], 'note.md', l, [l.replace('[ ]', '[x]')], 1)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), line]) for line in lines]
    assert [p.wait(60) for p in running] == [0] * len(lines)
    assert path.read_text() == "\n".join(lines).replace("[ ]", "[x]")
    assert not hidden(tmp_path)


def test_a_hidden_file_in_use_is_not_taken_away(tmp_path: Path) -> None:
    path = note(tmp_path, OLD.encode())
    with folder.inside(str(tmp_path), []) as where, hidden_file.hidden_beside(where, path.name) as (temp, _):
        assert not atomic_write.discard(str(tmp_path), temp)
        assert (tmp_path / temp).exists()
    assert not (tmp_path / temp).exists()


# -- what becomes of a line --------------------------------------------------------------------------------------------


def test_every_recorded_completion_comes_out_of_a_real_file_as_the_plugin_writes_it(
    tmp_path: Path, quick_edits: None
) -> None:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    seen = 0
    for case in cases:
        given = dict(case.get("settings") or {})
        if "statuses" in given:
            given["statusSettings"] = {"customStatuses": given.pop("statuses")}
        rules = TaskSettings.from_plugin(given)
        line = case["line"]
        task = change_field.parse_task(line, rules)
        if case["op"] != "toggle" or "\r" in line or task is None or task.status_type == "DONE":
            continue
        if rules.status(task.next_status).type != "DONE":
            continue
        new = edits.complete(line, "DONE", "2025-10-08", rules)
        path = note(tmp_path, f"a\r\n{line}\r\nb".encode())
        replace(str(tmp_path), "note.md", line, new, 2)
        assert path.read_bytes().decode() == "\r\n".join(["a", *case["expected"], "b"]), case["id"]
        seen += 1
    assert seen > 400


def test_what_stands_behind_a_line_separator_stays() -> None:
    assert edits.complete("- [ ] a\u2028b", "DONE", "2025-10-08", RULES) == ["- [x] a ✅ 2025-10-08\u2028b"]
    assert edits.complete("- [ ] a 🔁 every day 📅 2025-10-08\u2028b", "DONE", "2025-10-08", RULES) == [
        "- [ ] a 🔁 every day 📅 2025-10-09",
        "- [x] a 🔁 every day 📅 2025-10-08 ✅ 2025-10-08\u2028b",
    ]


def test_done_means_done_also_where_a_tick_would_only_start() -> None:
    rules = TaskSettings.from_plugin(
        {"statusSettings": {"coreStatuses": [{"symbol": " ", "name": "Todo", "nextStatusSymbol": "/", "type": "TODO"},
         {"symbol": "x", "name": "Done", "nextStatusSymbol": " ", "type": "DONE"}],
         "customStatuses": [{"symbol": "/", "name": "Doing", "nextStatusSymbol": "x", "type": "IN_PROGRESS"}]}}
    )  # fmt: skip
    assert edits.complete("- [ ] a", "DONE", "2025-10-08", rules) == ["- [x] a ✅ 2025-10-08"]
    assert edits.complete("- [x] a", "DONE", "2025-10-08", rules) == ["- [x] a"]
    with pytest.raises(VaultError, match="CANCELLED"):
        edits.complete("- [ ] a", "CANCELLED", "2025-10-08", rules)


PROPOSAL = "- [?] Send it. @Lars Holm 📅 2025-10-03 🔽 #task #proposed #auto ^b1  "


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (lambda: edits.accept(PROPOSAL, RULES), "- [ ] Send it. @Lars Holm 📅 2025-10-03 🔽 #task #auto ^b1  "),
        (
            lambda: edits.reject(PROPOSAL, "2025-10-08", RULES),
            "- [-] Send it. @Lars Holm 📅 2025-10-03 🔽 ❌ 2025-10-08 #task #proposed #auto ^b1  ",
        ),
        (
            lambda: change_field.set_field(PROPOSAL, "due", "2025-11-01", RULES),
            PROPOSAL.replace("2025-10-03", "2025-11-01"),
        ),
        (lambda: change_field.set_field(PROPOSAL, "due", None, RULES), PROPOSAL.replace(" 📅 2025-10-03", "")),
        (lambda: change_field.set_field(PROPOSAL, "priority", "highest", RULES), PROPOSAL.replace("🔽", "🔺")),
        (lambda: change_field.set_field(PROPOSAL, "priority", "none", RULES), PROPOSAL.replace(" 🔽", "")),
        (lambda: change_field.set_owner(PROPOSAL, "Dana Leigh", RULES), PROPOSAL.replace("Lars Holm", "Dana Leigh")),
        (lambda: change_field.set_owner(PROPOSAL, None, RULES), PROPOSAL.replace(" @Lars Holm", "")),
        (lambda: change_field.add_tag(PROPOSAL, "#now", RULES), PROPOSAL.replace("#auto", "#auto #now")),
        (lambda: change_field.drop_tag(PROPOSAL, "#Auto", RULES), PROPOSAL.replace(" #auto", "")),
        (lambda: change_field.set_owner("- [ ] a #x", "mei von y", RULES), '- [ ] a @"mei von y" #x'),
        (lambda: change_field.set_field("- [ ] a (due:: 2025-01-01)", "due", "2025-01-02", TaskSettings(task_format="dataview")),
         "- [ ] a [due:: 2025-01-02]"),
        (lambda: change_field.set_field("- [ ] a 📅 2025-01-01 📅 2025-01-02", "due", None, RULES), "- [ ] a"),
    ],
)  # fmt: skip
def test_a_field_is_changed_where_it_stands(new, expected: str) -> None:
    assert new() == expected


def test_what_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(VaultError):
        change_field.add_tag("- [ ] a", "#two words", RULES)
    with pytest.raises(VaultError, match="cannot be written"):
        change_field.set_owner("- [ ] a", 'no "]] name', RULES)
    with pytest.raises(VaultError, match="not a proposal"):
        edits.accept("- [ ] a", RULES)
    with pytest.raises(VaultError, match="not a proposal"):
        edits.reject("- [x] a #proposed", "2025-10-08", RULES)
    with pytest.raises(VaultError, match="global filter"):
        change_field.drop_tag("- [ ] a #task", "#task", RULES._replace(global_filter="#task"))


def test_lines_of_one_note_do_not_move_each_other(tmp_path: Path) -> None:
    lines = ["- [ ] water 🔁 every day 📅 2025-10-08", "- [ ] twin", "- [ ] twin"]
    path = note(tmp_path, "\n".join(lines).encode())
    changes = [
        edits.Change("note.md", at + 1, lines[at], edits.complete(lines[at], "DONE", "2025-10-08", RULES), str(at), "")
        for at in (0, 2)
    ]
    with Journal(str(tmp_path / "state" / "state.db")) as journal:
        made, refused = edits.apply(str(tmp_path), journal, "done", changes)
        assert len(made) == 2 and not refused
        assert path.read_text().split("\n")[2:] == ["- [ ] twin", "- [x] twin ✅ 2025-10-08"]
        edits.undo(str(tmp_path), journal, journal.undoable())
    assert path.read_text().split("\n") == lines


def test_an_edit_that_failed_is_not_in_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = note(tmp_path, OLD.encode())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    change = edits.Change("note.md", 1, OLD, [NEW], "id", "Call Dana")
    with Journal(str(tmp_path / "state" / "state.db")) as journal:
        monkeypatch.setattr(swap, "exchange", full)
        made, refused = edits.apply(str(tmp_path), journal, "done", [change])
        assert not made and "No space left" in str(refused[0].error)
        assert journal.edits() == []
        monkeypatch.setattr(swap, "exchange", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            edits.apply(str(tmp_path), journal, "done", [change])
        assert journal.edits() == []
    assert path.read_bytes() == OLD.encode()


# -- any edit on any note ----------------------------------------------------------------------------------------------

WORDS = some.sampled_from(
    ["Call", "Dana.", "@Mei", "@Lars Holm", "📅 2025-10-07", "📅 2025-02-30", "⏫", "🔁 every week", "#task", "#proposed", "🏁 delete",
     "✅ 2025-01-01", "[[Link|x]]", "🆔 ab1", "\u2028", "é", "[due:: 2025-01-01]", "^id", "(x)", "  ", "\t", "Ã©", "ü–"]
)  # fmt: skip
BODIES = some.lists(WORDS, max_size=8).map(" ".join)
TASKS = some.tuples(some.sampled_from(["- [ ] ", "- [?] ", "* [x] ", "  - [-] ", "> - [/] ", "1. [ ] "]), BODIES).map(
    "".join
)
PIECES = some.one_of(
    TASKS, TASKS, some.text(alphabet="ab #\u2028\x0c-é", max_size=6), some.sampled_from(["", "# H", "---", "```"])
)
ENDS = some.sampled_from(["\n", "\r\n", "\r"])
ACTS = {
    "done": lambda line: edits.complete(line, "DONE", "2025-10-08", RULES),
    "cancel": lambda line: edits.complete(line, "CANCELLED", "2025-10-08", RULES),
    "reopen": lambda line: edits.complete(line, "TODO", "2025-10-08", RULES),
    "accept": lambda line: [edits.accept(line, RULES)],
    "reject": lambda line: [edits.reject(line, "2025-10-08", RULES)],
    "due": lambda line: [change_field.set_field(line, "due", "2025-12-01", RULES)],
    "no due": lambda line: [change_field.set_field(line, "due", None, RULES)],
    "assign": lambda line: [change_field.set_owner(line, "Dana Leigh", RULES)],
    "priority": lambda line: [change_field.set_field(line, "priority", "high", RULES)],
    "tag": lambda line: [change_field.add_tag(line, "#now", RULES)],
    "untag": lambda line: [change_field.drop_tag(line, "#task", RULES)],
}


@settings(max_examples=times(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=some.lists(some.tuples(PIECES, ENDS), min_size=1, max_size=8),
    bom=some.booleans(),
    closed=some.booleans(),
    act=some.sampled_from(sorted(ACTS)),
    pick=some.integers(0, 7),
    also=some.integers(0, 7),
)
def test_any_edit_changes_only_the_lines_it_names_and_undo_restores_every_byte(
    tmp_path: Path,
    quick_edits: None,
    pieces: list[tuple[str, str]],
    bom: bool,
    closed: bool,
    act: str,
    pick: int,
    also: int,
) -> None:
    text = "".join(piece + end for piece, end in pieces)
    if not closed:
        text = text[: len(text) - len(pieces[-1][1])]
    data = ("\ufeff" * bom + text).encode()
    path = note(tmp_path, data)
    raw = note_lines.Lines(data)
    lines = raw.read()
    changes = []
    for at in {pick % len(lines), also % len(lines)}:
        try:
            new = ACTS[act](lines[at])
        except VaultError:
            continue
        changes.append(edits.Change("note.md", at + 1, lines[at], new, str(at), "text"))
    with Journal(str(tmp_path / "state" / "state.db")) as journal:
        made, refused = edits.apply(str(tmp_path), journal, act, changes)
        assert not refused
        after = path.read_bytes()
        wanted = {c.line - 1: c.new for c in made}
        got = note_lines.Lines(after)
        expected = [line for at, line in enumerate(lines) for line in wanted.get(at, [line])]
        if not any(new == [] for new in wanted.values()):
            assert got.read() == expected
        kept = [data[slice(*raw.spans[at])] + raw.ends[at] for at in range(len(lines)) if at not in wanted]
        rest = after
        for piece in kept:  # the bytes of every other line, in their order
            found = rest.find(piece.rstrip(b"\r\n"))
            assert found >= 0
            rest = rest[found + len(piece.rstrip(b"\r\n")) :]
        if not wanted:
            assert after == data
        _, wrong = edits.undo(str(tmp_path), journal, journal.undoable(1))
        assert not wrong
        assert path.read_bytes() == data
