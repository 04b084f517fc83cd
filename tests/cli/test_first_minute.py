"""The first minute: no vault yet, init, first answers; the demo; and a shell that completes our words."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.shell import BIN, ROOT, Shell


@pytest.fixture
def home(tmp_path: Path) -> Shell:
    """A home folder with a vault in a usual place, and nothing else; commands run in the home folder."""
    shell = Shell(tmp_path)
    (shell.home / "Documents").mkdir()
    shutil.move(str(shell.vault), shell.home / "Documents" / "My Vault")
    shell.vault = shell.home
    return shell


def test_without_a_vault_the_first_command_leads_to_init(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shutil.rmtree(shell.vault)
    shell.vault = shell.home
    text, code = shell.run("vi tasks")
    assert code == 5 and "vi init" in text
    text, code = shell.run("vi init --yes")
    assert code == 5 and "vi init PATH" in text


def test_init_finds_the_vault_and_the_next_question_needs_no_words(home: Shell) -> None:
    text, code = home.run("vi init --yes")
    assert code == 0 and "38 notes, 7 meetings" in text and "13 proposals" in text
    found = tomllib.loads((home.home / ".config/vaultindex/config.toml").read_text(encoding="utf-8"))
    assert found == {
        "vault": "my-vault",
        "vaults": {"my-vault": str(home.home / "Documents/My Vault")},
        "me": ["Myself", "Me"],
    }
    text, code = home.run("vi")
    assert code == 0 and "5 due" in text
    assert "Accounts/Contoso" in home.run("vi config path && vi notes contoso --format paths", terminal=False)[0]


def test_init_says_who_i_am_and_asks_nothing_in_a_script(home: Shell) -> None:
    text, code = home.run("vi init 'Documents/My Vault' --me 'Dana Leigh' --name work", terminal=False)
    assert code == 0 and 'me = ["Dana Leigh"]' in text and "vaults.work" in text


def test_init_asks_on_a_terminal_and_takes_a_number(home: Shell) -> None:
    import os
    import pty
    import select

    parent, child = pty.openpty()
    env = {**home.env, "PATH": f"{BIN}{os.pathsep}{home.env['PATH']}"}
    process = subprocess.Popen(
        [str(BIN / "vi"), "init"], cwd=home.home, env=env, stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    seen, answered = b"", False
    while True:
        if not select.select([parent], [], [], 30)[0]:
            process.kill()
            pytest.fail(seen.decode())
        try:
            data = os.read(parent, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
        if not answered and b"as notes write it" in seen:
            os.write(parent, b"1\n")
            answered = True
    os.close(parent)
    assert process.wait(30) == 0 and answered, seen.decode()
    found = tomllib.loads((home.home / ".config/vaultindex/config.toml").read_text(encoding="utf-8"))
    assert found["me"][:2] == ["Myself", "Me"] and len(found["me"]) == 3


def test_the_demo_answers_and_writes_nothing_to_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    env = {"HOME": str(home), "PATH": f"{BIN}:/usr/bin:/bin", "COLUMNS": "90"}
    done = subprocess.run([str(BIN / "vi"), "demo"], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.count("\n$ vi ") == 6 and "5 due" in done.stdout
    assert list(home.iterdir()) == []


COMPLETED = {
    "vi ag": "agenda", "vi tasks --ow": "--owner", "vi tasks --owner Da": "Dana Leigh", "vi tasks --due tom": "tomorrow",
    "vi account tail": "Tailspin", "vi note 2025-09": "2025-09-30 Pricing call", "vi done zs": "zsn",
    "vi tasks --tag roll": "rollout/phase-1",
}  # fmt: skip
# How each shell is asked without a person at its keys: bash by its own variables, zsh by what its script runs, fish by itself.
ASK = {
    "bash": 'source <(vaultindex completion bash); COMP_WORDS=({line}); COMP_CWORD={at}; _vi_completion vi; printf "%s\\n" "${{COMPREPLY[@]}}"',
    "zsh": 'env COMP_WORDS="{line}" COMP_CWORD={at} _VAULTINDEX_COMPLETE=zsh_complete vaultindex; vaultindex completion zsh > ~/f && zsh -n ~/f',
    "fish": 'vaultindex completion fish | source; complete -C "{line}" | cut -f1',
}


def test_saved_questions_are_completed_as_commands_and_by_name(tmp_path: Path) -> None:
    place = Shell(tmp_path)
    place.run("vi query --save overdue-mine 'not done; due before today'")
    for line, at in (
        ("vi over", 1),
        ("vi query --show ov", 3),
        ("vi query --delete ov", 3),
        ("vi query --saved ov", 3),
    ):
        asked = f"COMP_WORDS='{line}' COMP_CWORD={at} _VAULTINDEX_COMPLETE=bash_complete vaultindex"
        assert "plain,overdue-mine" in place.run(asked, terminal=False)[0].splitlines(), line


@pytest.mark.parametrize("shell", list(ASK))
def test_a_shell_completes_commands_options_dates_people_accounts_and_ids(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    place = Shell(tmp_path)
    place.run("vi index")
    for line, wanted in COMPLETED.items():
        said = ASK[shell].format(line=line, at=len(line.split()) - 1)
        done = subprocess.run(
            [shell, "-c", said], cwd=place.vault, env=place.env, capture_output=True, text=True, timeout=60
        )
        assert wanted in done.stdout.splitlines(), (line, done)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_s_own_vi_sends_our_words_to_us_and_files_to_the_editor(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    place = Shell(tmp_path)
    (tmp_path / "bin").mkdir()
    editor = tmp_path / "bin" / "vi"
    editor.write_text('#!/bin/sh\necho "editor: $*"\n')
    editor.chmod(0o755)
    (tmp_path / "bin" / "vaultindex").symlink_to(BIN / "vaultindex")
    env = {**place.env, "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    load = "vaultindex shell-init fish | source" if shell == "fish" else f'eval "$(vaultindex shell-init {shell})"'
    compdef = "compdef() { :; }; " if shell == "zsh" else ""
    said = f"{compdef}{load}; vi +12 notes.txt; vi tasks --due today --format ids"
    done = subprocess.run([shell, "-c", said], cwd=place.vault, env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("editor: +12 notes.txt\n") and "zsn" in done.stdout, done


def test_powershell_gets_values_with_what_they_are(tmp_path: Path) -> None:
    place = Shell(tmp_path)
    place.run("vi index")
    asked = {"_VAULTINDEX_COMPLETE": "powershell_complete", "COMP_WORDS": "vi tasks --owner Da", "COMP_CWORD": "Da"}
    done = subprocess.run(
        [str(BIN / "vaultindex")],
        cwd=place.vault,
        env={**place.env, **asked},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "Dana Leigh\t5 notes\n"
    script = subprocess.run(
        [sys.executable, "-m", "vaultindex", "completion", "powershell"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Register-ArgumentCompleter" in script.stdout
