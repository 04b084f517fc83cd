"""The quick reading against the rules, over generated notes: where it is sure it must say the same.

python -m tests.fuzz.two_ways --notes 20000 [--seed 1]
"""

from __future__ import annotations

import argparse
import sys
from random import Random
from typing import Any

from tests.fuzz import differential, generate
from vaultindex.blocks.engine import read_blocks
from vaultindex.blocks.reading import Reading
from vaultindex.inline import Found, Inline, read_text_quickly
from vaultindex.scan import read_lines_quickly


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
    return sure_of, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sure, wrong = compare(options.notes, options.seed)
    print("\n".join(wrong[:10]))
    print(f"{options.notes} notes, sure of {sure}; disagreements: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
