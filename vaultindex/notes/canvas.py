"""A canvas's links: its file cards, and the links in the text of its text cards."""

from __future__ import annotations

from vaultindex.base.files import json_of
from vaultindex.notes.model import Link
from vaultindex.notes.parse import parse_note


def parse_canvas(text: str, path: str) -> list[Link]:
    """The links of a canvas in the order of its cards; an empty file is an empty canvas.

    A file card's link has kind `card`. Lines count inside a text card; a file card stands on line 1. Raises ValueError
    when the text is not a JSON object (or one that is nested too deep).
    """
    if not text.strip():
        return []
    canvas = json_of(text.encode("utf-8", "replace"))
    if not isinstance(canvas, dict):
        raise ValueError("not a JSON object")
    nodes = canvas.get("nodes")
    found: list[Link] = []
    for node in nodes if isinstance(nodes, list) else []:
        if not isinstance(node, dict):
            continue
        file, subpath, words = node.get("file"), node.get("subpath"), node.get("text")
        if node.get("type") == "file" and isinstance(file, str) and file:
            sub = subpath if isinstance(subpath, str) else ""
            found.append(Link(1, 0, "card", False, file + sub, file, sub, None, file + sub))
        elif node.get("type") == "text" and isinstance(words, str):
            note = parse_note(words, path)
            found += note.links
            found += note.embeds
    return found
