"""`vi` is also an editor's name: what is ours, what is handed over, and what is explained."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaultindex import launcher
from vaultindex.cli.table import ALIASES, COMMANDS

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
    loop.write_text(f'#!/bin/sh\nexec "{place}/ours/vi" "$@"\n')
    done = run(place, "x.txt")
    assert done.returncode == 126
    assert str(loop) in done.stderr and str(place / "ours" / "vi") in done.stderr


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
