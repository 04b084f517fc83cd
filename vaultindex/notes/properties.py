"""Frontmatter: where it ends, and what its YAML says, read as Obsidian reads it (YAML 1.2 core: dates stay text).

Most notes hold only plain `key: value` lines and short lists: a strict reader takes those and gives up at the first
thing it is not sure of. Everything else goes through python-frontmatter's YAML handler, behind a guard, because the C
parser dies on deep nesting.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vaultindex.base.errors import Problem
from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.notes.model import Link
from vaultindex.notes.quick_inline import TAG_CHARACTER, shown, split_wikilink
from vaultindex.notes.quick_properties import BOOL, FLOAT, INT, MOST_CHARACTERS, NULL, number_of, read_simple

if TYPE_CHECKING:
    from collections.abc import Iterator

UNGUARDED = 2_000  # so short a text cannot nest deep enough to harm the parser
DEEPEST_YAML = 64  # deepest nesting that we hand to the C parser (it dies at 30,000)
# What one note's properties may unfold to, aliases followed: nodes, levels, characters.
MOST_NODES = 2_000
DEEPEST = 16
MOST_TEXT = 100_000
_LINK = lazy_pattern(r"\[\[((?:[^\[\]\n]++|\[(?!\[)|\](?!\]))++)\]\]\Z")
_TAG = re.compile(rf"#?({TAG_CHARACTER}+)\Z")


class Properties(NamedTuple):
    """What the frontmatter of a note says."""

    values: dict[str, Any]  # JSON-safe: text, finite numbers, booleans, None, lists, and mappings of them
    lines: dict[str, int]  # top-level key -> its line
    tags: list[str] | None  # with '#'; None when there is no tags property
    links: list[tuple[str, Link]]  # (dotted key, link)
    problems: list[Problem]


NOTHING = Properties({}, {}, None, [], [])


def frontmatter_end(lines: list[str]) -> int:
    """The index of the closing `---`, or 0 when the note has no frontmatter."""
    if not lines[0].startswith("---") or lines[0].rstrip(" \t") != "---":
        return 0
    for number in range(1, len(lines)):
        if lines[number].startswith("---") and lines[number].rstrip(" \t") == "---":
            return number
    return 0


_FIRST_PROPERTY = lazy_pattern(r"[^\W\d][\w /-]{0,100}:(?: |\Z)")


def properties_never_end(lines: list[str]) -> bool:
    """Whether a note that has no frontmatter was meant to: `---`, then a line of properties, and no `---` that closes it."""
    if lines[0].rstrip(" \t") != "---" or len(lines) < 2:
        return False
    return _FIRST_PROPERTY.match(next((line for line in lines[1:6] if line.strip()), "").rstrip()) is not None


def read_properties(path: str, lines: list[str]) -> Properties:
    """What the lines between the delimiters say; lines[0] is line 2 of the file. Never raises.

    Invalid YAML, two equal keys, or anything but a mapping: no properties at all, and a Problem with the line.
    """
    text = "\n".join(lines)
    problems: list[Problem] = []
    simple = read_simple(lines, text)
    if simple is not None:
        values, places = simple
    else:
        values, places = read_yaml(path, text, problems)
    if not values:
        return Properties({}, {}, None, [], problems)
    return Properties(values, places, _tags(values), list(_links(values, places, text)), problems)


def read_yaml(path: str, text: str, problems: list[Problem]) -> tuple[dict[str, Any], dict[str, int]]:
    """Values and lines by the YAML parser; ({}, {}) and a Problem when it cannot be read."""
    from yaml import YAMLError

    def refuse(line: int, what: str) -> tuple[dict[str, Any], dict[str, int]]:
        problems.append(Problem(path, line, "yaml", what))
        return {}, {}

    if len(text) > MOST_CHARACTERS:
        return refuse(1, f"the properties are longer than {MOST_CHARACTERS} characters: shorten them, none is read")
    from frontmatter.default_handlers import YAMLHandler

    loader = _loader()
    try:
        if len(text) > UNGUARDED and _too_deep(text):
            return refuse(1, f"the properties nest deeper than {DEEPEST_YAML} levels: flatten them, none is read")
        loaded = YAMLHandler().load(text + "\n", Loader=loader)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = min(mark.line, text.count("\n")) + 2 if mark is not None else 1
        what = getattr(error, "problem", None) or str(error).split("\n")[0]
        return refuse(
            line, f"the properties are not valid YAML ({what}): mend this line, often by quotes around the value"
        )
    except (ValueError, RecursionError, OverflowError) as error:
        return refuse(1, f"the properties cannot be read ({error}): simplify them")
    if loaded is None:
        return {}, {}
    data, places, odd = loaded
    if not isinstance(data, dict):
        return refuse(2, "the properties are not `key: value` lines: none of them is read")
    for line in odd:
        problems.append(Problem(path, line, "yaml", "brackets or braces make a key here: put quotes around the value"))
    values: dict[str, Any] = {}
    budget = _Budget()
    for name, value in data.items():
        try:
            values[name] = budget.plain(value, 1)
        except OverflowError:
            what = f"the property {name!r} unfolds to too much: shorten it, it is not read"
            problems.append(Problem(path, places.get(name, 1), "yaml", what))
    return values, {name: line for name, line in places.items() if name in values}


def _too_deep(text: str) -> bool:
    """Whether the YAML nests so deep that the C parser may die of it; this walk does not."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST_YAML:
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


@cache
def _loader() -> Any:
    """A YAML loader for the 1.2 core schema: it gives (data, line of each top-level key), or None for nothing."""
    import yaml
    from yaml.constructor import ConstructorError

    class Core(yaml.CSafeLoader):
        yaml_constructors: ClassVar[dict[str | None, Any]] = {}

        def __init__(self, stream: str) -> None:
            super().__init__(stream)
            self.lines = stream.split("\n")

        def get_single_data(self) -> Any:
            node = self.get_single_node()
            if node is None:
                return None
            _refuse_unclosed(node, self.lines)
            self.odd: list[int] = []
            data = self.construct_document(node)
            places = {}
            if isinstance(node, yaml.MappingNode):
                for key, _ in node.value:
                    places[_key(self.construct_object(key, deep=True))] = key.start_mark.line + 2
            return data, places, self.odd

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            mapping = {}
            seen = set()
            for key_node, value_node in node.value:
                key = self.construct_object(key_node, deep=True)
                name = _key(key)
                if isinstance(key, (dict, list)):
                    self.odd.append(key_node.start_mark.line + 2)
                if (type(key), name) in seen:
                    raise ConstructorError(None, None, f"the key {name!r} stands here twice", key_node.start_mark)
                seen.add((type(key), name))
                mapping[name] = self.construct_object(value_node, deep=deep)
            return mapping

        def construct_undefined(self, node: Any) -> Any:
            if isinstance(node, yaml.SequenceNode):
                return self.construct_yaml_seq(node)
            if isinstance(node, yaml.MappingNode):
                return self.construct_yaml_map(node)
            return self.construct_scalar(node)

    def scalar(loader: Any, node: Any) -> Any:
        return loader.construct_scalar(node)

    core: Any = Core
    core.yaml_implicit_resolvers = {}
    prefix = "tag:yaml.org,2002:"
    core.add_implicit_resolver(prefix + "null", NULL, ["~", "n", "N", ""])
    core.add_implicit_resolver(prefix + "bool", BOOL, list("tTfF"))
    core.add_implicit_resolver(prefix + "int", INT, list("-+0123456789"))
    core.add_implicit_resolver(prefix + "float", FLOAT, list("-+.0123456789"))
    core.add_constructor(prefix + "null", lambda loader, node: None)
    core.add_constructor(prefix + "bool", lambda loader, node: scalar(loader, node)[:1] in ("t", "T"))
    core.add_constructor(prefix + "int", lambda loader, node: number_of(scalar(loader, node)))
    core.add_constructor(prefix + "float", lambda loader, node: number_of(scalar(loader, node)))
    core.add_constructor(prefix + "str", scalar)
    core.add_constructor(prefix + "seq", core.construct_yaml_seq)
    core.add_constructor(prefix + "map", core.construct_yaml_map)
    core.add_constructor(None, core.construct_undefined)
    return core


def _refuse_unclosed(root: Any, lines: list[str]) -> None:
    """Raise when quotes or brackets run on over an unindented line: they were never closed, whatever comes later.

    The C parser lets them swallow the keys between; Obsidian's does not.
    """
    import yaml

    stack = [root]
    seen = set()
    closers: tuple[str, ...]
    while stack:
        node = stack.pop()
        first, last = node.start_mark.line, node.end_mark.line
        if first == last or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            runs_on, closers = node.style in ("'", '"'), ()
        else:
            runs_on, closers = bool(node.flow_style), ("]", "}")
            stack += (
                [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
            )
        for line in lines[first + 1 : last + 1] if runs_on else ():
            if line.strip() and line[0] != " " and not line.startswith(closers):
                raise yaml.MarkedYAMLError(problem="a quote or bracket is never closed", problem_mark=node.start_mark)


class _Budget:
    """Unfolds loaded YAML into plain JSON values: aliases are followed, so the end of it must be enforced."""

    def __init__(self) -> None:
        self.nodes = MOST_NODES
        self.text = MOST_TEXT

    def plain(self, value: Any, depth: int) -> Any:
        """The value without aliases. Raises OverflowError when it unfolds to too much."""
        self.nodes -= 1
        if self.nodes < 0 or depth > DEEPEST:
            self.nodes = max(self.nodes, 0)
            raise OverflowError
        if isinstance(value, str):
            self.text -= len(value)
            if self.text < 0:
                raise OverflowError
            return _clean(value)
        if isinstance(value, list):
            return [self.plain(entry, depth + 1) for entry in value]
        if isinstance(value, dict):
            return {name: self.plain(entry, depth + 1) for name, entry in value.items()}
        return value


def _clean(text: str) -> str:
    """Text without the NUL that an escape can smuggle in: SQLite would end it there."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _key(key: Any) -> str:
    """The name of a property; what YAML does not read as text is written as in YAML's flow style."""
    if isinstance(key, str):
        return _clean(key)
    if key is None:
        return ""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, list):
        return f"[ {', '.join(map(_key, key))} ]" if key else "[]"
    if isinstance(key, dict):
        pairs = (name if value is None else f"{name}: {_key(value)}" for name, value in key.items())
        return f"{{ {', '.join(pairs)} }}" if key else "{}"
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def _tags(values: dict[str, Any]) -> list[str] | None:
    """The tags of the `tags` property: entries that are legal tags, text only. A text with commas is no tag."""
    for key, value in values.items():
        if len(key) == 4 and key.lower() == "tags":
            if value is None:
                return None
            tags = []
            for entry in value if isinstance(value, list) else [value]:
                found = _TAG.match(entry.strip(JS_SPACE)) if isinstance(entry, str) else None
                if found is not None and not (found[1].isascii() and found[1].isdigit()):
                    tags.append("#" + found[1])
            return tags
    return None


def _links(values: dict[str, Any], places: dict[str, int], text: str) -> Iterator[tuple[str, Link]]:
    """The links that are the whole text of a value, at any depth, with the dotted path to it."""
    if "[[" not in text and "\\" not in text:
        return
    for top, value in values.items():
        line = places.get(top, 1)
        stack = [(top, value)]
        while stack:
            key, value = stack.pop()
            if isinstance(value, str):
                found = _LINK.match(value.strip(JS_SPACE))
                if found is not None:
                    link, display = split_wikilink(found[1])
                    linkpath, mark, rest = link.partition("#")
                    if display is None:
                        display = shown(link)
                    yield key, Link(line, 0, "property", False, link, linkpath, mark + rest, display, value)
            elif isinstance(value, list):
                stack += [(f"{key}.{index}", value[index]) for index in range(len(value) - 1, -1, -1)]
            elif isinstance(value, dict):
                stack += [(f"{key}.{name}", entry) for name, entry in reversed(value.items())]
