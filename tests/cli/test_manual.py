"""Manual pages are made of the commands as they are, and manual readers take them without a complaint."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from tests.shell import Shell
from vaultindex.cli import manual
from vaultindex.cli.commands import COMMANDS, cli
from vaultindex.cli.topics import TOPICS, WHAT, text_of

PAGES = manual.pages()


def test_each_command_and_topic_has_a_page_that_says_all_its_options() -> None:
    assert set(PAGES) == {
        "vaultindex.1",
        *(f"vaultindex-{c}.1" for c in COMMANDS),
        *(f"vaultindex-{t}.7" for t in TOPICS),
    }
    assert set(WHAT) == set(TOPICS)
    shared = {"--help", "--vault", "--index", "--today", "--json", "--format", "--no-refresh", "--strict", "--no-pager", "--interactive", "--quiet"}  # fmt: skip
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden and not shared.intersection(param.opts):
                assert max(param.opts, key=len).replace("-", "\\-") in PAGES[f"vaultindex-{name}.1"], (name, param.opts)


def test_lines_that_a_reader_would_obey_are_text() -> None:
    for name, page in PAGES.items():
        for line in page.splitlines():
            known = (".TH ", ".SH ", ".SS ", ".TP", ".B ", ".BR ", ".I ", ".PP", ".br", ".nf", ".fi")
            assert not line.startswith((".", "'")) or line.startswith(known), (name, line)


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_has_nothing_to_say_about_them(tmp_path: Path) -> None:
    paths = manual.write(str(tmp_path))
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *paths], capture_output=True, text=True, timeout=60)
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_them(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    text, code = shell.run("vi help --man ~/pages", terminal=False)
    assert code == 0 and f"{len(PAGES)} pages in" in text
    shown, code = shell.run("MANWIDTH=80 man -l ~/pages/man1/vaultindex-triage.1 | cat", terminal=False)
    if code or not shown:
        pytest.skip("this man shows no files (a system without manual pages)")
    assert "vaultindex-triage - decide on proposals, one key each" in shown and "--likely" in shown


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (shell.vault / "file").write_text("")
    text, code = shell.run("vi help --man file/man")
    assert code == 1 and "file" in text and "Traceback" not in text
    assert shell.run("vi help dates --man x")[1] == 2


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_fits_a_terminal_and_is_named_by_help(topic: str) -> None:
    from vaultindex.render.table import width_of

    assert max(width_of(line) for line in text_of(topic).splitlines()) <= 80
    command = cli.get_command(click.Context(cli), "help")
    assert command is not None and topic in (command.help or "")
