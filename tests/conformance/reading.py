"""How notes are read, against what Obsidian's own cache and link maps said of the same notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vaultindex.notes.canvas import parse_canvas
from vaultindex.notes.link_targets import Resolver
from vaultindex.notes.model import Item, Link, Note
from vaultindex.notes.parse import parse_note
from vaultindex.vault.disk import ATTACHMENTS

Result = tuple[int, int, list[str]]


def _rows(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def utf16(note: Note, line: int, col: int) -> int:
    """A column as Obsidian counts it: UTF-16 units."""
    return len(note.lines[line - 1][:col].encode("utf-16-le")) // 2


def by_place(links: list[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (link.line, link.col))


def raw_parent(item: Item) -> int:
    """The parent as the cache has it: a 0-based line, or minus the list's first line (at least 1) at the top."""
    return item.parent - 1 if item.parent is not None else -((item.top - 1) or 1)


def _cache_aspects(note: Note) -> dict[str, Any]:
    def links(found: list[Link]) -> list[list[Any]]:
        return [[link.link, link.line - 1, utf16(note, link.line, link.col), link.raw] for link in found]

    return {
        "frontmatter": note.properties or None,
        "frontmatter_tags": note.property_tags,
        "frontmatter_links": [[key, link.link] for key, link in note.property_links],
        "body_tags": [[tag.tag, tag.line - 1, utf16(note, tag.line, tag.col)] for tag in note.tags],
        "headings": [[heading.text, heading.level, heading.line - 1] for heading in note.headings],
        "list_items": [
            [item.line - 1, utf16(note, item.line, item.col), item.status, raw_parent(item)] for item in note.items
        ],
        "links": links(note.links),
        "embeds": links(note.embeds),
        "block_ids": {name: line - 1 for name, line in note.block_ids.items()},
        "sections": [[block.kind, block.line - 1, block.end - 1] for block in note.blocks],
    }


def _cache_expected(expected: dict[str, Any]) -> dict[str, Any]:
    def links(rows: list[dict[str, Any]]) -> list[list[Any]]:
        return [[row["link"], row["line"], row["col"], row["raw"]] for row in rows]

    return {
        "frontmatter": expected["frontmatter"],
        "frontmatter_tags": expected["frontmatter_tags"],
        "frontmatter_links": [[row["key"], row["link"]] for row in expected["frontmatter_links"]],
        "body_tags": [[row["tag"], row["line"], row["col"]] for row in expected["body_tags"]],
        "headings": [[row["text"], row["level"], row["line"]] for row in expected["headings"]],
        "list_items": [[row["line"], row["col"], row["task"], row["parent_raw"]] for row in expected["list_items"]],
        "links": links(expected["links"]),
        "embeds": links(expected["embeds"]),
        "block_ids": expected["block_ids"],
        "sections": [[row["type"], row["line"], row["end_line"]] for row in expected["sections"]],
    }


def cache(shared: Path) -> Result:
    """Obsidian's metadata cache of 89 real notes, aspect by aspect."""
    cases = agreeing = 0
    wrong = []
    for row in _rows(shared / "links" / "a_tasks_cache.jsonl"):
        got = _cache_aspects(parse_note(row["text"], row["path"]))
        for aspect, expected in _cache_expected(row["expected"]).items():
            cases += 1
            if got[aspect] == expected:
                agreeing += 1
            else:
                wrong.append(f"{row['path']} {aspect}: expected {expected}, got {got[aspect]}")
    return cases, agreeing, wrong


def readback(shared: Path) -> Result:
    """The tags that Obsidian reported for 590 small inputs."""
    wrong = []
    rows = _rows(shared / "links" / "d_tag_readback.jsonl")
    for row in rows:
        got = list(dict.fromkeys(tag.tag[1:] for tag in parse_note(row["md"], "x.md").tags))
        if got != row["tags"]:
            wrong.append(f"{row['id']} {row['label']}: {row['md']!r} expected {row['tags']}, got {got}")
    return len(rows), len(rows) - len(wrong), wrong


def mini_aspects(note: Note) -> dict[str, Any]:
    """A note in the words of the mini-cases."""
    tasks = [item for item in note.items if item.status is not None]
    links = by_place(note.links)
    return {
        "tags": [tag.tag[1:] for tag in sorted(note.tags)],
        "tag_count_distinct": len({tag.tag.lower() for tag in note.tags}),
        "fm_tags": None if note.property_tags is None else [tag[1:] for tag in note.property_tags],
        "frontmatter": note.properties or None,
        "fm_links": [[key, link.link] for key, link in note.property_links],
        "links": [link.link for link in links],
        "linkpaths": [link.linkpath for link in links],
        "displays": [link.display for link in links],
        "embeds": [link.link for link in note.embeds],
        "headings": [[heading.level, heading.text] for heading in note.headings],
        "list_items": [item.line - 1 for item in note.items],
        "tasks": [[item.line - 1, item.status, None if item.parent is None else item.parent - 1] for item in tasks],
        "parents_raw": [raw_parent(item) for item in tasks],
        "block_ids": {name: line - 1 for name, line in note.block_ids.items()},
    }


def minicases(shared: Path) -> Result:
    """Small cases, each with its rule."""
    wrong = []
    rows = [row for row in _rows(shared / "links" / "c_minicases.jsonl") if row["area"] != "resolution"]
    for row in rows:
        got = mini_aspects(parse_note(row["md"], "x.md"))
        for aspect, expected in row["expect"].items():
            if got[aspect] != expected:
                wrong.append(f"{row['id']} {row['rule']} ({row['sure']}): expected {expected}, got {got[aspect]}")
                break
    return len(rows), len(rows) - len(wrong), wrong


# The kinds of file that Obsidian lists unless told to list all.
_LISTED = ATTACHMENTS | {"md"}


def resolution_case(row: dict[str, Any]) -> str | None:
    """The file that the link of a resolution mini-case means."""
    files = [
        path
        for path in row["vault"]
        if path.rpartition(".")[2].lower() in _LISTED and not any(part.startswith(".") for part in path.split("/"))
    ]
    return Resolver(files).resolve(row["link"].partition("#")[0], row["source"])


def resolution(shared: Path) -> Result:
    """Small vaults with one link each."""
    rows = [row for row in _rows(shared / "links" / "c_minicases.jsonl") if row["area"] == "resolution"]
    wrong = [
        f"{row['id']} {row['rule']}: expected {row['expect']}, got {resolution_case(row)}"
        for row in rows
        if resolution_case(row) != row["expect"]
    ]
    return len(rows), len(rows) - len(wrong), wrong


def link_maps(shared: Path) -> Result:
    """The resolvedLinks and unresolvedLinks of a whole vault, dumped from a running Obsidian."""
    with open(shared / "links" / "a_tasks_demo_vault.json", encoding="utf-8") as file:
        vault = json.load(file)
    resolver = Resolver(row["path"] for row in vault["files"])
    resolved: dict[str, dict[str, int]] = {}
    unresolved: dict[str, dict[str, int]] = {}
    for row in vault["files"]:
        path, text = row["path"], row["text"]
        if text is None or not path.endswith((".md", ".canvas")):
            continue
        if path.endswith(".canvas"):
            links = parse_canvas(text, path)
        else:
            note = parse_note(text, path)
            links = [*note.links, *note.embeds, *(link for _, link in note.property_links)]
        for link in links:
            target = resolver.resolve(link.linkpath, path)
            counts = (unresolved if target is None else resolved).setdefault(path, {})
            name = link.linkpath if target is None else target
            counts[name] = counts.get(name, 0) + 1
    cases = agreeing = 0
    wrong = []
    for name, got, expected in (
        ("resolved", resolved, vault["resolved"]),
        ("unresolved", unresolved, vault["unresolved"]),
    ):
        for path in sorted({*got, *expected}):
            cases += 1
            if got.get(path, {}) == expected.get(path, {}):
                agreeing += 1
            else:
                wrong.append(f"{path} {name}: expected {expected.get(path)}, got {got.get(path)}")
    return cases, agreeing, wrong


SETS = [
    ("Obsidian's cache", cache),
    ("tag readback", readback),
    ("mini-cases", minicases),
    ("mini-cases: resolution", resolution),
    ("real link maps", link_maps),
]
