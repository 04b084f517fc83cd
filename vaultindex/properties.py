"""Frontmatter: where it ends, and what its YAML says, read as Obsidian reads it (YAML 1.2 core: dates stay text)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultindex.inline import SPACE, TAG_CHARACTER, split_wikilink
from vaultindex.note import Link, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 65_536
MOST_NODES = 2_000
DEEPEST = 16

_KEY = re.compile(r"""(?:"([^"\\]+)"|'([^']+)'|([^\s#"'\[\]{},&*!|>%@`:?-][^:#]*?|[^\s#"'\[\]{},&*!|>%@`]\S*?))[ \t]*:(?=[ \t]|\Z)""")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_LINK = re.compile(r"\[\[((?:[^\[\]\n]|\[(?!\[)|\](?!\]))+)\]\]\Z")
_TAG = re.compile(rf"#?({TAG_CHARACTER}+)\Z")


class Properties(NamedTuple):
    """What the frontmatter of a note says."""

    values: dict[str, Any]
    lines: dict[str, int]  # top-level key -> its line
    tags: list[str] | None  # with '#'; None when there is no tags property
    links: list[tuple[str, Link]]
    problems: list[Problem]


NOTHING = Properties({}, {}, None, [], [])


def frontmatter_end(lines: list[str]) -> int:
    """The index of the closing `---`, or 0 when the note has no frontmatter."""
    if not lines or lines[0].rstrip(" \t") != "---":
        return 0
    for number in range(1, len(lines)):
        if lines[number].startswith("---") and lines[number].rstrip(" \t") == "---":
            return number
    return 0


def read_properties(path: str, lines: list[str]) -> Properties:
    """What the lines between the delimiters say; lines[0] is line 2 of the file. Never raises."""
    values, problems = _load(path, lines)
    if not values:
        return Properties({}, {}, None, [], problems)
    places = _key_lines(lines, values)
    return Properties(values, places, _tags(values), list(_links(values, places)), problems)


def _load(path: str, lines: list[str]) -> tuple[dict[str, Any], list[Problem]]:
    from yaml import YAMLError

    text = "\n".join(lines)

    def problem(line: int, what: str) -> tuple[dict[str, Any], list[Problem]]:
        return {}, [Problem(path, line, "yaml", what)]

    if len(text) > MOST_CHARACTERS:
        return problem(1, f"the properties are longer than {MOST_CHARACTERS} characters: none of them is read")
    from frontmatter.default_handlers import YAMLHandler

    try:
        values = YAMLHandler().load(text, Loader=_loader())
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return problem(mark.line + 2 if mark else 1, f"invalid YAML: {getattr(error, 'problem', None) or error}")
    except (ValueError, RecursionError, OverflowError) as error:
        return problem(1, f"invalid YAML: {error}")
    if values is None:
        return {}, []
    if not isinstance(values, dict):
        return problem(2, "the properties are not `key: value` lines: none of them is read")
    return {str(key): value for key, value in values.items()}, []


@cache
def _loader() -> Any:
    from yaml import CSafeLoader

    class Core(CSafeLoader):
        """YAML 1.2's core schema: no dates, no yes and no, no sexagesimal numbers."""

    Core.yaml_implicit_resolvers = {}
    add = Core.add_implicit_resolver
    add("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
    add("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF"))
    add("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
    add("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
    Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: number(loader.construct_scalar(node)))
    Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: number(loader.construct_scalar(node)))
    return Core


def number(text: str) -> int | float | str:
    """A number as YAML's core schema reads it; text as written when no finite number of 64 bits can hold it."""
    if text.startswith("0o"):
        value: int | float = int(text[2:], 8)
    elif text.startswith("0x"):
        value = int(text[2:], 16)
    elif _INT.match(text) and len(text) < 20:
        value = int(text)
    else:
        value = float(text.replace(".inf", "inf").replace(".nan", "nan")) if _FLOAT.match(text) else float("nan")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        value = float(value)
    if value != value or value in (float("inf"), float("-inf")):
        return text
    return value


def _key_lines(lines: list[str], values: dict[str, Any]) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, line in enumerate(lines, 2):
        found = _KEY.match(line)
        if found is not None:
            key = found[1] or found[2] or found[3]
            if key in values:
                places.setdefault(key, number)
    return places


def _tags(values: dict[str, Any]) -> list[str] | None:
    for key, value in values.items():
        if key.lower() == "tags":
            if value is None:
                return None
            entries = value if isinstance(value, list) else [value]
            tags = []
            for entry in entries:
                found = _TAG.match(entry.strip()) if isinstance(entry, str) else None
                if found is not None and not (found[1].isascii() and found[1].isdigit()):
                    tags.append("#" + found[1])
            return tags
    return None


def _links(values: dict[str, Any], places: dict[str, int]) -> Iterator[tuple[str, Link]]:
    for top, value in values.items():
        line = places.get(top, 1)
        stack = [(top, value)]
        while stack:
            key, value = stack.pop()
            if isinstance(value, str):
                found = _LINK.match(value.strip())
                if found is not None:
                    link, display = split_wikilink(found[1])
                    linkpath, mark, rest = link.partition("#")
                    yield key, Link(line, 0, "property", False, link, linkpath, mark + rest, display, value)
            elif isinstance(value, list):
                stack += [(f"{key}.{index}", entry) for index, entry in reversed(list(enumerate(value)))]
            elif isinstance(value, dict):
                stack += [(f"{key}.{name}", entry) for name, entry in reversed(list(value.items()))]
