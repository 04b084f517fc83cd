"""`vi` is also an editor's name: what is ours, what is handed over, and what is explained."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaultindex import launcher
from vaultindex.base import editor
from vaultindex.cli.table import ALIASES, COMMANDS
from vaultindex.cli.upkeep import doctor

EDITOR = """#!/bin/sh
printf 'editor'
for a in "$@"; do printf ' <%s>' "$a"; done
echo
exit "${EDITOR_EXIT:-0}"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with our `vi` first on PATH and a recording editor behind it."""
    ours, real, work = tmp_path / "ours", tmp_path / "real", tmp_path / "work"
    for folder in (ours, real, work):
        folder.mkdir()
    (ours / "vi").write_text(
        f"#!{sys.executable}\nimport sys\nfrom vaultindex.launcher import main\nsys.exit(main())\n"
    )
    (real / "vi").write_text(EDITOR)
    (ours / "vi").chmod(0o755)
    (real / "vi").chmod(0o755)
    return tmp_path


def run(place: Path, *args: str, path: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    given = {
        "PATH": path or f"{place}/ours:{place}/real:/usr/bin:/bin",
        "HOME": str(place),
        "LANG": "C.UTF-8",
        **env,
    }
    return subprocess.run(
        [str(place / "ours" / "vi"), *args], cwd=place / "work", env=given, capture_output=True, text=True, timeout=30
    )


@pytest.mark.parametrize("word", [*COMMANDS, *ALIASES])
def test_every_command_and_alias_is_ours(word: str) -> None:
    assert launcher.ours([word]) and launcher.ours(["--vault", "x", word])


def test_only_what_reads_looks_at_the_vault_before_anything_else() -> None:
    looking = {word for word in (*COMMANDS, *ALIASES, None) if launcher.asks([word] if word else [])}
    assert {
        "tasks",
        "today",
        "ls",
        "overdue",
        "find",
        "rows",
        "lint",
        "status",
        "doctor",
        "sql",
        "index",
        None,
    } <= looking
    assert not looking & {
        "done",
        "accept",
        "complete",
        "snooze",
        "add",
        "undo",
        "why",
        "log",
        "triage",
        "inbox",
        "config",
        "watch",
        "reindex",
        "help",
    }
    assert not launcher.asks(["tasks", "--no-refresh"]) and not launcher.asks(["index", "--full"])


@pytest.mark.parametrize(
    "args",
    [
        ("a/b.txt",),
        ("notes.txt",),
        ("+12", "file"),
        ("-R", "file"),
        ("-c", ":q"),
        ("/tmp/x",),
        ("newfile",),
        ("COMMIT_EDITMSG",),
        ("a.md", "b.md"),
        ("--", "--version"),
    ],
)
def test_what_is_not_ours_goes_to_the_editor_unchanged(place: Path, args: tuple[str, ...]) -> None:
    assert run(place, *args).stdout == "editor" + "".join(f" <{a}>" for a in args) + "\n"


def test_an_existing_file_that_is_no_command_goes_to_the_editor(place: Path) -> None:
    (place / "work" / "readme").write_text("x")
    assert run(place, "readme").stdout == "editor <readme>\n"


def test_a_command_that_is_also_a_file_is_ours_and_names_the_other_way(place: Path) -> None:
    (place / "work" / "tasks").write_text("x")
    done = run(place, "tasks", "--help")
    assert "Usage: vi tasks" in done.stdout
    assert "vi ./tasks" in done.stderr
    assert run(place, "./tasks").stdout == "editor <./tasks>\n"


@pytest.mark.parametrize(
    "args",
    [("--help",), ("--version",), ("tasks", "--help"), ("--json", "tasks", "--help"), ("--vault=x", "tasks", "--help")],
)
def test_commands_and_our_own_options_are_ours(place: Path, args: tuple[str, ...]) -> None:
    done = run(place, *args)
    assert "editor" not in done.stdout and done.returncode == 0


def test_the_editors_exit_code_is_ours(place: Path) -> None:
    assert run(place, "x.txt", EDITOR_EXIT="130").returncode == 130
    assert run(place, "x.txt", EDITOR_EXIT="1").returncode == 1


def test_git_commits_with_vi_as_its_editor(place: Path) -> None:
    (place / "real" / "vi").write_text("#!/bin/sh\necho 'from the editor' > \"$1\"\n")
    env = {
        "PATH": f"{place}/ours:{place}/real:/usr/bin:/bin",
        "HOME": str(place),
        "EDITOR": "vi",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b.c",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b.c",
    }
    for command in (["git", "init", "-q"], ["git", "commit", "-q", "--allow-empty"]):
        subprocess.run(command, cwd=place / "work", env=env, check=True, timeout=30, stdin=subprocess.DEVNULL)
    log = subprocess.run(
        ["git", "log", "-1", "--format=%s"], cwd=place / "work", env=env, capture_output=True, text=True
    )
    assert log.stdout == "from the editor\n"


def test_another_install_of_ours_is_not_taken_for_the_editor(place: Path) -> None:
    second = place / "second"
    second.mkdir()
    (second / "vi").write_text("#!/usr/bin/env python3\nfrom vaultindex.launcher import main\nmain()\n")
    (second / "vi").chmod(0o755)
    os.symlink(place / "ours" / "vi", place / "link-vi")
    assert run(place, "x.txt", path=f"{place}/ours:{second}:{place}/real:/usr/bin:/bin").stdout == "editor <x.txt>\n"


def test_without_any_editor_the_sentence_says_what_this_is(place: Path) -> None:
    (place / "real" / "vi").unlink()
    done = run(place, "x.txt", path=f"{place}/ours:{place}/real")
    assert done.returncode == 127
    assert "vaultindex" in done.stderr and "VAULTINDEX_REAL_VI" in done.stderr


def test_a_loop_ends_and_names_both_files(place: Path) -> None:
    loop = place / "real" / "vi"
    loop.write_text(f'#!/bin/sh\nhere="{place}/ours"\nexec "$here/vi" "$@"\n')  # nobody sees through this one
    done = run(place, "x.txt")
    assert done.returncode == 126
    assert str(loop) in done.stderr and str(place / "ours" / "vi") in done.stderr


def test_a_script_that_only_calls_us_is_not_taken_for_the_editor(place: Path) -> None:
    second = place / "second"
    second.mkdir()
    for line in (f'exec "{place}/ours/vi" "$@"', 'exec /opt/tools/bin/vaultindex "$@"', 'python3 -m vaultindex "$@"'):
        (second / "vi").write_text(f"#!/bin/sh\n{line}\n")
        (second / "vi").chmod(0o755)
        assert run(place, "x.txt", path=f"{place}/ours:{second}:{place}/real").stdout == "editor <x.txt>\n", line


def test_an_editor_in_a_folder_of_our_name_or_with_a_comment_about_us_is_an_editor(place: Path) -> None:
    named = place / "vaultindex" / "bin"
    named.mkdir(parents=True)
    (named / "vi").write_text("#!/bin/sh\n# instead of vaultindex here\necho other editor\n")
    (named / "vi").chmod(0o755)
    assert run(place, "x.txt", path=f"{place}/ours:{named}:{place}/real:/bin").stdout == "other editor\n"


@pytest.mark.parametrize("name", ["vim", "vi", "my-editor"])
def test_a_bare_name_of_an_editor_is_looked_up_on_the_path_and_is_never_ourselves(place: Path, name: str) -> None:
    (place / "real" / name).write_text(EDITOR.replace("'editor'", f"'{name}'"))
    (place / "real" / name).chmod(0o755)
    assert run(place, "x.txt", VAULTINDEX_REAL_VI=name).stdout == f"{name} <x.txt>\n"
    (place / "real" / name).unlink()
    done = run(place, "x.txt", path=f"{place}/ours:{place}/real", VAULTINDEX_REAL_VI=name)
    assert done.returncode == 127 and f"VAULTINDEX_REAL_VI names {name}" in done.stderr


@pytest.mark.parametrize("script", ["from vaultindex.launcher import main", None])
def test_on_windows_editors_end_in_exe_and_notepad_is_the_last_resort(tmp_path: Path, script: str | None) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("vi.exe", "notepad.exe", "code.cmd"):
        (folder / name).write_bytes(b"MZ\0\0" + b"x" * 30_000)
        (folder / name).chmod(0o755)
    env = {"PATH": str(folder)}
    assert editor.real_editor(env, "win32") == str(folder / "vi.exe")
    if script is not None:  # pip's start program carries the script at its end
        (folder / "vi.exe").write_bytes(b"MZ\0\0" + b"x" * 30_000 + script.encode())
    else:
        (folder / "vi.exe").unlink()
    assert editor.real_editor(env, "win32") == str(folder / "notepad.exe")
    assert editor.real_editor({**env, "VAULTINDEX_REAL_VI": "code"}, "win32") == str(folder / "code.cmd")
    assert editor.chosen_editor({**env, "EDITOR": "code --wait"}, "win32") == [str(folder / "code.cmd"), "--wait"]
    assert editor.real_editor(env, "linux") is None


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (r"C:\Tools\vim.exe", [r"C:\Tools\vim.exe"]),
        (r'"C:\Program Files\Code\Code.exe" --wait', [r"C:\Program Files\Code\Code.exe", "--wait"]),
        ("notepad", ["notepad"]), ("", []), ('"C:\\un', ['"C:\\un']),
    ],
)  # fmt: skip
def test_a_backslash_in_editor_is_part_of_the_path_on_windows(command: str, words: list[str]) -> None:
    assert editor.words_of(command, "win32") == words


def test_a_path_with_blanks_needs_no_quotes_in_editor(tmp_path: Path) -> None:
    path = tmp_path / "My Editor"
    path.write_text("")
    assert editor.words_of(str(path), "linux") == [str(path)]
    assert editor.words_of("code --wait 'a b'", "linux") == ["code", "--wait", "a b"]


def test_doctor_says_what_answers_to_vi_by_what_it_runs(place: Path) -> None:
    ours, real = str(place / "ours" / "vi"), str(place / "real" / "vi")
    assert doctor.answers_as_us(ours) and not doctor.answers_as_us(real)
    hidden = place / "hidden"
    hidden.write_text(f'#!/bin/sh\nhere="{place}/ours"\nexec "$here/vi" "$@"\n')
    hidden.chmod(0o755)
    assert doctor.answers_as_us(str(hidden)), "its text does not say so: it is asked"
    liar = place / "vaultindex"
    liar.write_text("#!/bin/sh\n# runs vaultindex\nsleep 60\n")
    liar.chmod(0o755)
    assert not doctor.answers_as_us(str(liar)), "neither its name nor its comment counts, and it may wait for ever"


def test_an_editor_named_by_the_user_wins(place: Path) -> None:
    other = place / "other"
    other.write_text('#!/bin/sh\necho other "$1"\n')
    other.chmod(0o755)
    assert run(place, "x.txt", VAULTINDEX_REAL_VI=str(other)).stdout == "other x.txt\n"


def test_a_near_miss_is_explained_on_a_terminal(place: Path) -> None:
    from tests.shell import Shell

    shell = Shell(place / "shell")
    shell.env["PATH"] = f"{place}/ours:{place}/real:/usr/bin:/bin"
    shown, code = shell.run("vi taks")
    assert (shown, code) == ("no command `taks`: did you mean `vi tasks`? To edit a new file: vi ./taks\n", 2)
    assert shell.run("vi something-else")[0] == "editor <something-else>\n"


def test_the_decision_is_taken_before_click_is_imported(place: Path) -> None:
    code = "import sys, vaultindex.launcher as l; l.ours(['a/b']); sys.exit('click' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
