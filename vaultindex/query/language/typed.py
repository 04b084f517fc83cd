"""A query as it is typed on one line: `;` between instructions is a new line."""

from __future__ import annotations

import re


def as_lines(text: str) -> str:
    """`;` between instructions is a new line, outside quotes, brackets and regular expressions."""
    out: list[str] = []
    closing, before = "", ""
    for char in text:
        if closing:
            if char == closing and before != "\\":
                closing = ""
        elif char in '"/(' and (char != "/" or re.search(r"match(?:es)?\s*$", "".join(out))):
            closing = {"(": ")"}.get(char, char)
        elif char == ";":
            char = "\n"
        out.append(char)
        before = char
    return "".join(out)
