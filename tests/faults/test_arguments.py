"""Arguments, homes, statements and cells from a stranger: an error in words or the right answer, never a traceback."""

from __future__ import annotations

import csv
import io
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import warm
from vaultindex.cli.commands import run
from vaultindex.render.delimited import delimited

ODD = (b"\xff\xfe", b"a\x1b[31mb", b"x\ry", b"\xed\xa0\xbd", "\u202eabc".encode(), b"a\nb")
COMMANDS = (
    "tasks", "tasks --owner", "tasks --note", "query", "query done --save", "decisions --account", "facts", "rows", "backlinks",
    "notes --type", "note", "open", "done", "due", "why", "add --dry-run", "sql", "config", "doctor --kind", "help", "lint",
    "service install --vault", "vaults add w",
)  # fmt: skip


def vi(*args: str | bytes, home: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "HOME": str(home), "VAULTINDEX_TODAY": "2025-10-07", **more}
    command = [os.fsencode(sys.executable), b"-m", b"vaultindex", *map(os.fsencode, args)]
    return warm.run(command, capture_output=True, timeout=30, env=env, stdin=subprocess.DEVNULL, cwd=home)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_word_that_is_no_text_is_an_error_in_words_and_prints_no_raw_byte(
    command: str,
    vault: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VAULTINDEX_TODAY", "2025-10-07")
    place = (
        []
        if "service" in command or "vaults" in command
        else ["--vault", str(vault), "--index", str(tmp_path / "i.db")]
    )
    for odd in ODD:
        code = run([*command.split(), os.fsdecode(odd), *place], "vi")
        printed = b"".join(capfdbinary.readouterr())
        assert code in (0, 2, 3, 5), printed
        assert b"trouble in vaultindex" not in printed and b"Traceback" not in printed, printed
        assert not any(raw in printed for raw in (b"\x1b", b"\r", b"\xff", b"\xed\xa0", "\u202e".encode())), printed


def test_a_vault_whose_path_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path) + b"/v\xff"
    os.makedirs(root + b"/.obsidian")
    done = vi("tasks", "--vault", root, home=tmp_path)
    assert done.returncode == 5 and b"not UTF-8" in done.stderr


@pytest.mark.parametrize("command", ["service install --vault", "vaults add w"])
def test_a_line_break_in_a_path_reaches_no_file_of_ours(command: str, tmp_path: Path) -> None:
    root = tmp_path / "v\rExecStart=evil"
    (root / ".obsidian").mkdir(parents=True)
    done = vi(*command.split(), str(root), home=tmp_path)
    assert done.returncode == 2 and b"control characters" in done.stderr and b"\r" not in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.service")) and not list(tmp_path.rglob("config.toml"))


@pytest.mark.parametrize("home", ["", "rel", "/etc/passwd"])
def test_a_home_that_is_none_puts_nothing_where_one_stands(home: str, vault: Path, tmp_path: Path) -> None:
    stand = tmp_path / "stand"
    stand.mkdir()
    cache = {} if home == "/etc/passwd" else {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("XDG_")}, **cache, "HOME": home}
    command = [sys.executable, "-m", "vaultindex", "tasks", "--vault", str(vault)]
    done = warm.run(command, capture_output=True, text=True, env=env, cwd=stand)
    assert done.returncode == (6 if home == "/etc/passwd" else 0), done.stderr
    assert home != "/etc/passwd" or "cannot be kept at" in done.stderr
    assert list(stand.iterdir()) == []


def test_trouble_of_ours_is_one_sentence_and_the_details_lie_in_a_file_of_the_users_own(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vaultindex.cli.app import App

    def broken(self: App) -> None:
        raise ZeroDivisionError("made\x1b[2J to fail")

    monkeypatch.setattr(App, "connect", broken)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run(["notes", "--vault", str(vault)], "vi") == 1
    said = capsys.readouterr().err
    kept = tmp_path / "vaultindex" / "last-error.txt"
    assert said.count("\n") == 1 and "ZeroDivisionError" in said and str(kept) in said and "\x1b" not in said
    assert "in broken" in kept.read_text() and kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "with recursive n(i) as (select 1 union all select i + 1 from n) select * from n",
        "select a.text || b.text || c.text from tasks a, tasks b, tasks c, tasks d, tasks e",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
        "select zeroblob(900000000)",
        "select printf('%.900000000c', 'x')",
        "select group_concat(a.text) from tasks a, tasks b, tasks c, tasks d",
    ],
)
def test_sql_is_bounded_in_time_and_memory(
    statement: str, vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from vaultindex.cli.upkeep import sql; sql._SECONDS = 0.7\n"
        "from vaultindex.cli.commands import run; sys.exit(run(sys.argv[1:], 'vi'))"
    )
    assert resource.RLIMIT_AS is not None
    args = ["sql", statement, "--vault", str(vault), "--index", str(tmp_path / "i.db")]
    started = time.monotonic()
    command = [sys.executable, "-c", code, *args]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 2, done.stderr
    assert "stopped after" in done.stderr or "too big" in done.stderr
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("number", ["1", "2147483648", "9" * 30])
@pytest.mark.parametrize("command", ["tasks", "decisions", "notes", "people", "search plan", "log"])
def test_any_number_of_rows_can_be_asked_for(
    command: str, number: str, vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run([*command.split(), "-n", number, "--vault", str(vault), "--index", str(tmp_path / "i.db")], "vi") == 0


@pytest.mark.parametrize(
    ("cell", "run"),
    [
        ("=1+1", True), ("+1+1", True), ("-1+1", True), ("@SUM(A1)", True), ("  =1", True), ("\t=1", True), ("\r=1", True),
        ("\u200b=1", True), ("\ufeff=1", True), ("\u00a0=1", True), ("\u2060\u200d=1", True), ("\uff1d1+1", True), ("\uff0b1+1", True),
        ("\uff20SUM(A1)", True), ("\u200e\uff1d1", True), ("--1+1", True), ("\n=1", True),
        ("- [ ] a task", False), ("- call Dana", False), ("+ call", False), ("-5", True), ("-", False), ("", False),
        ("plain", False), ("1=1", False), ("a@b.example", False), ("\u200b", False),
    ],
)  # fmt: skip
def test_only_what_a_spreadsheet_would_run_is_quoted(cell: str, run: bool) -> None:
    for tabs in (False, True):
        lines = "\n".join(delimited([{"a": cell}], ["a"], tabs))
        value = next(csv.reader(io.StringIO(lines.split("\n", 1)[1]), delimiter="\t" if tabs else ","), [""])
        # (What a terminal would obey is written out as \\x0d: then it is text already.)
        assert (value or [""])[0].startswith(("'", "\\")) == run, lines


def test_a_heading_of_a_table_is_a_cell_too() -> None:
    assert next(iter(delimited([{"=1": "x"}], ["=1"], False))).startswith("'=1")


def test_a_saved_question_is_written_whole_or_not_at_all(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    place = ["--vault", str(vault), "--index", str(tmp_path / "i.db")]
    assert run(["query", "--save", "mine", "not done", *place], "vi") == 0
    kept = tmp_path / "vaultindex" / "queries" / "mine.txt"
    assert kept.read_text() == "not done\n" and kept.stat().st_mode & 0o777 == 0o600

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run(["query", "--save", "mine", "done", *place], "vi") == 1
    assert "as it was" in capsys.readouterr().err
    assert kept.read_text() == "not done\n" and [p.name for p in kept.parent.iterdir()] == ["mine.txt"]
