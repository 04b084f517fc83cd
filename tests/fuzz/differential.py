"""Our reading of generated notes against that of the emulator, which runs Remark's old parser in Node.

    python -m tests.fuzz.differential --notes 20000 [--seed 1] [--show 10]

The emulator is a folder with emu.js and its packages installed: VAULTINDEX_EMULATOR names it, else ../shared/links/oracle
beside the project is tried. Where it or Node is absent nothing is compared, and that is said.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from tests.conformance.reading import raw_parent, utf16
from tests.fuzz import generate
from vaultindex.notes.model import Note
from vaultindex.notes.parse import parse_note

_SERVER = """
const { analyse } = require(process.argv[1] + '/emu.js')
require('readline').createInterface({ input: process.stdin }).on('line', line => {
  let answer
  try { answer = analyse(JSON.parse(line)) } catch (error) { answer = { error: String(error) } }
  process.stdout.write(JSON.stringify(answer) + '\\n')
})
"""
ASPECTS = ("tags", "links", "embeds", "headings", "items", "sections")


def emulator() -> str | None:
    """The folder of a usable emulator, or None."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "links" / "oracle"
    for folder in (os.environ.get("VAULTINDEX_EMULATOR"), str(beside)):
        if folder and shutil.which("node") and Path(folder, "node_modules", "remark-parse").is_dir():
            return folder
    return None


def emulated(folder: str, texts: Iterable[str]) -> list[dict[str, Any]]:
    """What the emulator reads in each text."""
    asked = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(["node", "-e", _SERVER, folder], input=asked, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def theirs(answer: dict[str, Any]) -> dict[str, list[Any]]:
    """The emulator's answer, in the words of `ours`."""

    def links(rows: list[dict[str, Any]]) -> list[Any]:
        return [[row["line"], row["col"], row["link"], row["original"]] for row in rows]

    return {
        "tags": [[row["line"], row["col"], row["tag"]] for row in answer["tags"]],
        "links": links(answer["links"]),
        "embeds": links(answer["embeds"]),
        "headings": [[row["line"], row["level"], row["heading"]] for row in answer["headings"]],
        "items": [[row["line"], row["col"], row.get("task"), row["parent"]] for row in answer["listItems"]],
        "sections": [[row["type"], row["line"], row["endLine"]] for row in answer["sections"]],
    }


def ours(note: Note) -> dict[str, list[Any]]:
    """What we read in a note, with 0-based lines and UTF-16 columns."""
    last = len(note.lines) - 1
    return {
        "tags": [[tag.line - 1, utf16(note, tag.line, tag.col), tag.tag] for tag in note.tags],
        "links": [[x.line - 1, utf16(note, x.line, x.col), x.link, x.raw] for x in note.links],
        "embeds": [[x.line - 1, utf16(note, x.line, x.col), x.link, x.raw] for x in note.embeds],
        "headings": [[heading.line - 1, heading.level, heading.text] for heading in note.headings],
        "items": [[x.line - 1, utf16(note, x.line, x.col), x.status, raw_parent(x)] for x in note.items],
        "sections": [
            ["blockquote" if block.kind == "callout" else block.kind, block.line - 1, min(block.end - 1, last)]
            for block in note.blocks
            if block.kind != "yaml"
        ],
    }


def explained(text: str, aspect: str) -> str | None:
    """Why the emulator is not to be followed here, for the classes where we know."""
    lines = text.split("\n")
    if text.startswith("\ufeff"):
        return "it takes a byte order mark for text"
    if len(lines) > 1 and lines[0].rstrip() == lines[1].rstrip() == "---":
        return "its pattern takes a later --- for the end of empty frontmatter"
    if aspect == "headings" and any(re.match(r"[\s>]*\t\s*#", line) for line in lines):
        return "it loses the text of a heading with a tab in front"
    return None


def differences(folder: str, texts: list[str]) -> list[tuple[str, str, Any, Any]]:
    """(text, aspect, theirs, ours) wherever the two disagree and we cannot say why."""
    found = []
    for text, answer in zip(texts, emulated(folder, texts), strict=True):
        if "error" in answer:
            found.append((text, "error", answer["error"], None))
            continue
        expected, got = theirs(answer), ours(parse_note(text, "x.md"))
        found += [
            (text, aspect, expected[aspect], got[aspect])
            for aspect in ASPECTS
            if expected[aspect] != got[aspect] and not explained(text, aspect)
        ]
    return found


def seeds() -> list[str]:
    """Notes to mutate: the fixture vault's and the mini-cases."""
    root = Path(__file__).resolve().parents[2]
    notes = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(root.glob("fixtures/vault/**/*.md"))]
    with open(root / "tests" / "golden" / "c_minicases.jsonl", encoding="utf-8") as file:
        notes += [row["md"] for row in map(json.loads, file) if "md" in row]
    return notes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    folder = emulator()
    if folder is None:
        print("no emulator here: nothing compared")
        return 0
    random = Random(options.seed)
    notes = seeds()
    counts = dict.fromkeys((*ASPECTS, "error"), 0)
    shown = done = 0
    while done < options.notes:
        texts = [generate.note(random, notes) for _ in range(min(2000, options.notes - done))]
        done += len(texts)
        for text, aspect, expected, got in differences(folder, texts):
            counts[aspect] += 1
            if shown < options.show and (not options.only or aspect in options.only):
                shown += 1
                print(f"{aspect}: {text!r}\n  theirs {expected}\n  ours   {got}")
    print(f"{done} notes; disagreements: {counts}")
    return 1 if any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
