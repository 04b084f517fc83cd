"""The rooms of the house: their order is the order of the floors, no circle of imports, and none grows too large."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent / "vaultindex"

# The rooms, lowest first: a module imports from its own room and from those before it.
ROOMS = (
    "base", "dates", "tasks", "notes", "meetings", "extract", "vault", "state", "index", "query", "ask", "render", "doors", "team", "watch", "change", "web", "cli",
)  # fmt: skip
DOORS = ("__init__", "__main__", "api", "launcher")  # they stand beside the rooms, and nothing imports them
PURE = ("dates", "tasks", "notes", "meetings", "extract")  # no disk, no clock
LARGEST = 12
# One file here is one rule of Obsidian's block reader, one kind of row, or one page, so that a list of them is what is wanted.
MAY_GROW = ("notes/blocks", "extract", "ask/pages")


class Import(NamedTuple):
    """One module imports another: dotted names below `vaultindex`, and where that is written."""

    who: str
    whom: str
    where: str


def modules() -> dict[str, Path]:
    """Dotted name below `vaultindex` -> file; a package by its `__init__`."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts)] = path
    return found


MODULES = modules()


def imports() -> Iterator[Import]:
    """Every import of one module of ours by another, also those inside functions and those that only types need."""
    for who, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "vaultindex":
                below = (node.module or "").removeprefix("vaultindex").lstrip(".")
                for alias in node.names:
                    module = f"{below}.{alias.name}".lstrip(".")
                    names.append(module if module in MODULES else below or "__init__")
            elif isinstance(node, ast.Import):
                names = [a.name.removeprefix("vaultindex.") for a in node.names if a.name.startswith("vaultindex.")]
            for whom in names:
                where = f"{path.relative_to(ROOT.parent)}:{getattr(node, 'lineno', 0)}"
                yield Import(who, whom if whom in MODULES else f"{whom}.__init__", where)


IMPORTS = list(imports())


def room(module: str) -> str:
    return module.split(".")[0]


def test_every_module_stands_in_a_room_or_is_a_door() -> None:
    assert {room(module) for module in MODULES} == {*ROOMS, *DOORS}


def test_a_module_imports_only_from_its_own_room_and_from_rooms_below() -> None:
    upwards = [
        f"{i.where}: {i.who} imports {i.whom}"
        for i in IMPORTS
        if room(i.who) in ROOMS and (room(i.whom) not in ROOMS or ROOMS.index(room(i.whom)) > ROOMS.index(room(i.who)))
        if i.whom != "__init__"  # the version of the package
    ]
    assert upwards == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph: dict[str, dict[str, str]] = {}
    for i in IMPORTS:
        if i.who != i.whom:
            graph.setdefault(i.who, {})[i.whom] = i.where
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            circle = [*way[way.index(module) :], module]
            pytest.fail("\n".join(f"{graph[a][b]}: {a} imports {b}" for a, b in itertools.pairwise(circle)))
        if module not in done:
            for other in graph.get(module, {}):
                walk(other, [*way, module])
            done.add(module)

    for module in graph:
        walk(module, [])


def test_a_room_holds_about_a_dozen_modules_and_the_house_about_a_dozen_rooms() -> None:
    sizes: dict[str, int] = {}
    for path in MODULES.values():
        if path.name != "__init__.py":
            name = path.parent.relative_to(ROOT).as_posix()
            sizes[name] = sizes.get(name, 0) + 1
    assert {name: size for name, size in sizes.items() if size > LARGEST and name not in MAY_GROW} == {}
    assert len(ROOMS) <= 18


@pytest.mark.parametrize("package", [name for name in MODULES if name.endswith(".__init__")])
def test_a_room_says_what_comes_in_and_what_goes_out_and_holds_nothing_else(package: str) -> None:
    tree = ast.parse(MODULES[package].read_text(encoding="utf-8"))
    assert len(ast.get_docstring(tree) or "") > 60
    assert len(tree.body) == 1, "a docstring and nothing else: importing a room costs nothing"


@pytest.mark.parametrize("path", MODULES.values(), ids=list(MODULES))
def test_every_file_says_what_it_holds_in_its_first_line(path: Path) -> None:
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    assert first.endswith((".", ":", "?")) or "." in first, first


def test_the_architecture_shows_every_room() -> None:
    text = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("| room | what it holds |") :].split("\n\n", 1)[0]
    assert [name for name in ROOMS if f"`{name}/`" not in table] == []


def test_pure_rooms_do_no_input_or_output_and_ask_no_clock() -> None:
    asked = {"open", "print", "date.today", "datetime.now", "datetime.date.today", "time.time"}
    for name, path in MODULES.items():
        if room(name) in PURE:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)} & asked, name


HEAVY = (
    "markdown_it",
    "yaml",
    "frontmatter",
    "watchdog",
    "sqlite_utils",
    "dateutil",
    "regex",
    "rich",
    "asyncio",
    "dataclasses",
    "pathlib",
    "hypothesis",
)


@pytest.mark.parametrize(
    "command", ["tasks --due today", "tasks --proposed", "decisions", "backlinks Contoso", "notes", "search pricing"]
)
def test_a_question_imports_nothing_heavy(command: str, vault: Path, tmp_path: Path) -> None:
    args = [*command.split(), "--vault", str(vault), "--index", str(tmp_path / "i.db"), "--today", "2025-10-07"]
    code = (
        "import sys; from vaultindex.cli.commands import run; a = sys.argv[1:]; run(a, 'vi'); "
        f"before = set(sys.modules); sys.stderr.write('HEAVY ' + ' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    subprocess.run([sys.executable, "-m", "vaultindex", *args], capture_output=True, check=True)  # builds the index
    done = subprocess.run([sys.executable, "-I", "-c", code, *args], capture_output=True, text=True, check=True)
    heavy = done.stderr.rsplit("HEAVY ", 1)[1].split()
    # The standard library itself may bring some in with newer versions of Python: measure what bare Click and sqlite3 bring.
    bare = subprocess.run(
        [sys.executable, "-I", "-c", "import click, sqlite3, json, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(heavy) <= set(bare.stdout.split())
