"""The documents name files that exist, in the order in which they build on each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_floors import IMPORTS, MODULES

ROOT = Path(__file__).resolve().parent.parent
WALKS = ("One task line, from the disk to the screen", "And back: `vi done`")


def named(text: str) -> list[str]:
    return re.findall(r"`((?:vaultindex|tests)/[\w/.-]+\.py)`", text)


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    assert [path for path in named((ROOT / document).read_text(encoding="utf-8")) if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("walk", WALKS)
def test_each_file_of_a_walk_is_named_once_and_builds_only_on_those_before_it(walk: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split(f"## {walk}\n")[1].split("\n## ")[0]
    steps = [path.removeprefix("vaultindex/").removesuffix(".py").replace("/", ".") for path in named(section)]
    assert len(steps) == len(set(steps)) > 5
    assert set(steps) <= set(MODULES)
    later = {(i.who, i.whom): i.where for i in IMPORTS}
    for n, module in enumerate(steps):
        wrong = [later[module, other] for other in steps[n + 1 :] if (module, other) in later]
        assert wrong == [], f"{module} builds on a file that the walk names later"


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# Pages without a recorded session -> the test that holds what they say.
HELD = {
    "architecture.md": "tests/test_docs.py::test_each_file_of_a_walk_is_named_once_and_builds_only_on_those_before_it",
    "json.md": "tests/test_docs.py::test_the_json_contract_is_written_from_real_answers",
    "meeting-notes.md": "tests/meetings/test_meetings.py::",
    "python.md": "tests/cli/test_commands.py::test_the_examples_for_python_run",
    "reference.md": "tests/test_docs.py::test_the_reference_is_written_from_the_code",
    "reliability.md": "tests/faults/test_crashes.py::",
    "serve.md": "tests/web/test_serve.py::test_it_prints_one_line_and_ctrl_c_ends_it_at_once_also_while_pages_listen",
    "team.md": "tests/team/test_asking.py::test_the_examples_of_the_guide_run",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_no_page_is_without_an_example_that_a_test_runs(page: Path) -> None:
    from tests.shell import DOCUMENTS

    assert (page in DOCUMENTS) != (page.name in HELD)
    if page.name in HELD:
        file, _, name = HELD[page.name].partition("::")
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda p: p.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text):
        if "://" in target:
            continue
        other = (page.parent / target).resolve() if target else page
        assert other.exists(), f"{page.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", t).strip().lower().replace(" ", "-") for t in titles}, anchor


def test_the_site_has_every_page_once() -> None:
    nav = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M)
    assert sorted(nav) == sorted(page.name for page in PAGES[1:])


def test_the_reference_is_written_from_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import reference

    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference.text(), "make docs"


def test_sentences_are_read_without_their_code_and_keep_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import words

    text = "One `very` two\n```sh\nvery\n```\n| very |\nthree\n"
    assert words.sentences(text) == "One it two\n\n\n\n\nthree\n"
    assert all(
        words.sentences(p.read_text(encoding="utf-8")).count("\n") == p.read_text(encoding="utf-8").count("\n")
        for p in words.PAGES
    )


def test_the_json_contract_is_written_from_real_answers() -> None:
    from tests import json_docs

    assert json_docs.FILE.read_text(encoding="utf-8") == json_docs.text(), "make docs"
