"""The quick reading against the rules, over generated notes: where it is sure it must say the same.

So must the rows that the index takes, with every quick way and without any.

python -m tests.fuzz.two_ways [--notes 100000] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

from tests.fuzz import differential, generate
from vaultindex.base import settings
from vaultindex.extract import registry
from vaultindex.extract.rows import File, Maker
from vaultindex.notes.blocks.engine import read_blocks
from vaultindex.notes.blocks.reading import Reading
from vaultindex.notes.inline import Found, Inline
from vaultindex.notes.quick_blocks import read_lines_quickly
from vaultindex.notes.quick_inline import read_text_quickly
from vaultindex.tasks.line import TaskSettings

MAKER = Maker(registry.rules(TaskSettings(), settings.load({}).reading()))


@contextmanager
def by_the_rules() -> Iterator[None]:
    """Every quick way says that it is unsure: of lines, of inline text, of properties, of the end of a task's line."""
    with ExitStack() as stack:
        for name, unsure in (
            ("notes.parse.read_lines_quickly", lambda *_: False),
            ("notes.parse.read_text_quickly", lambda _: None),
            ("notes.properties.read_simple", lambda *_: None),
            ("tasks.line.plain_tail", lambda _: None),
        ):
            stack.enter_context(patch(f"vaultindex.{name}", unsure))
        yield


def different_rows(text: str) -> list[str]:
    """How the rows of a note differ with the quick ways and without."""
    data = text.encode("utf-8", "surrogatepass")
    file = File(1, "Accounts/Contoso/x.md", data, None)
    quick = MAKER.notes([file])
    with by_the_rules():
        exact = MAKER.notes([file])
    if quick == exact:
        return []
    return [
        f"{name} of {text!r}:\n  rules {theirs}\n  quick {ours}"
        for name, ours, theirs in zip(
            ("note", "body", "text", "problems", *(table.name for table in MAKER.tables)),
            (*quick[:4], *quick.tables),
            (*exact[:4], *exact.tables),
        )
        if ours != theirs
    ]


def _everything(reading: Reading) -> dict[str, Any]:
    """What a reading holds, inline text read out in the exact way."""
    inline = Inline()
    found: list[tuple[Any, ...]] = []
    for text, number, col, places in reading.texts:
        for one in inline.read(text):
            start, line, at = (0, number, col) if places is None else max(p for p in places if p[0] <= one.start)
            found.append((line, at + one.start - start, *one[3:]))
    return {
        "headings": reading.headings,
        "items": reading.items,
        "blocks": reading.blocks,
        "block ids": reading.block_ids,
        "found": found,
    }


def disagreements(text: str) -> tuple[bool, list[str]]:
    """Whether the quick reading is sure of a note's lines, and where it then differs from the rules."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    by_rules = read_blocks("x.md", lines, 1)
    wrong = []
    for run in by_rules.texts:
        quick = read_text_quickly(run.text)
        exact: list[Found] = Inline().read(run.text)
        if quick is not None and quick != exact:
            wrong.append(f"text {run.text!r}: rules {exact}, quick {quick}")
    reading = Reading("x.md")
    sure = read_lines_quickly(reading, lines, 1)
    if sure and "<a " not in text.lower():
        quickly, exactly = _everything(reading), _everything(by_rules)
        wrong += [
            f"{name} of {text!r}:\n  rules {exactly[name]}\n  quick {quickly[name]}"
            for name in exactly
            if quickly[name] != exactly[name]
        ]
    return sure, wrong


def compare(notes: int, seed: int) -> tuple[int, list[str]]:
    """How many of that many generated notes the quick reading is sure of, and every disagreement."""
    random = Random(seed)
    seeds = differential.seeds()
    sure_of = 0
    wrong: list[str] = []
    for number in range(notes):
        sure, differing = disagreements(generate.ordinary(random) if number % 2 else generate.note(random, seeds))
        sure_of += sure
        wrong += differing
        wrong += different_rows(generate.meeting(random))
    return sure_of, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sure, wrong = compare(options.notes, options.seed)
    print("\n".join(wrong[:10]))
    print(f"{options.notes} notes, sure of {sure}; disagreements: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
