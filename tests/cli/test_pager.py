"""Long answers go through a pager on a terminal, short ones and those for programs never do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A terminal of 40 lines whose pager counts what it gets."""
    place = Shell(tmp_path)
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\necho "paged $(wc -l)"\n')
    pager.chmod(0o755)
    place.env["VAULTINDEX_PAGER"] = str(pager)
    place.run("vi index")  # a slow machine would say how far it is with reading
    return place


def test_a_list_that_is_longer_than_the_screen_is_paged_and_what_stands_below_comes_after(shell: Shell) -> None:
    text, code = shell.run("vi tasks")
    first, *rest = text.splitlines()
    assert code == 0 and first.startswith("paged ") and int(first.split()[1]) > 80
    assert "fresh: 38 notes" in rest[-1]


@pytest.mark.parametrize(
    "command", ["vi tasks --due today", "vi tasks --no-pager", "vi --no-pager tasks", "vi tasks --json", "vi tasks | cat", "vi help tasks"]
)  # fmt: skip
def test_what_fits_or_is_not_for_a_reader_is_printed_as_it_is(shell: Shell, command: str) -> None:
    assert "paged" not in shell.run(command)[0]


@pytest.mark.parametrize("pager", ["", "cat", "/no/such/pager"])
def test_without_a_pager_all_is_printed(shell: Shell, pager: str) -> None:
    shell.env["VAULTINDEX_PAGER"] = pager
    text, code = shell.run("vi tasks")
    assert code == 0 and "paged" not in text and len(text.splitlines()) > 80


def test_a_reader_who_leaves_early_ends_the_answer_without_an_error(shell: Shell, tmp_path: Path) -> None:
    shell.env["VAULTINDEX_PAGER"] = "head -n 1"
    (shell.vault / "many.md").write_text(
        "".join(f"- [ ] number {n} of many more words than fit\n" for n in range(20_000))
    )
    text, code = shell.run("vi tasks")
    assert code == 0 and "\nTasks · " in f"\n{text}" and "rror" not in text and "number 19" not in text


def test_an_error_after_half_an_answer_shows_both(shell: Shell) -> None:
    text, code = shell.run("vi tasks --sort nonsense")
    assert code == 2 and "cannot sort by" in text
