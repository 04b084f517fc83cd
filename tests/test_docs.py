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


def test_the_json_contract_is_written_from_real_answers() -> None:
    from tests import json_docs

    assert json_docs.FILE.read_text(encoding="utf-8") == json_docs.text(), "make docs"
