"""The house has floors: a module imports only from below; the read path imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "vaultindex"

# The floors of the house, lowest first; a package counts as its folder.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "late",
        "note",
        "text",
        "mojibake",
        "datewords",
        "dateparts",
        "dates",
        "statuses",
        "days",
        "moments",
        "lineend",
        "taskline",
        "fields",
        "recur",
        "completion",
        "ids",
        "collation",
        "packed",
    ),
    ("places", "config", "editor"),
    ("blocks", "glance", "inline", "properties", "resolve", "canvas", "scan", "parse"),
    ("extract",),
    (
        "vault",
        "excluded",
        "snapshot",
        "scout",
        "plan",
        "relations",
        "rows",
        "schema",
        "store",
        "pool",
        "heartbeat",
        "inotify",
        "letgo",
        "writer",
        "rewrite",
        "journal",
    ),
    ("sync", "edit", "query", "ask", "why"),
    ("watch", "service", "render"),
    ("cli",),
)
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names}
DOORS = {"__init__", "__main__", "launcher", "api"}


def imports(path: Path) -> set[str]:
    """The rooms of the house that a module imports, also inside its functions; not what only types need."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "vaultindex":
            parts = node.module.split(".")
            found |= (
                {parts[1]} if len(parts) > 1 else {a.name for a in node.names if a.name in FLOOR or a.name in DOORS}
            )
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("vaultindex.")}
    return found


def rooms() -> list[tuple[str, Path]]:
    return [(p.relative_to(ROOT).parts[0].removesuffix(".py"), p) for p in sorted(ROOT.rglob("*.py"))]


def test_every_module_has_its_floor() -> None:
    assert {room for room, _ in rooms()} - DOORS == set(FLOOR)


def test_the_readme_shows_every_room() -> None:
    text = (ROOT.parent / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| floor | rooms |") :].split("\n\n", 1)[0]
    assert [room for room in FLOOR if f"`{room}`" not in table and f"`{room}/`" not in table] == []


@pytest.mark.parametrize(
    ("room", "path"),
    [r for r in rooms() if r[0] not in DOORS],
    ids=lambda v: str(v.relative_to(ROOT)) if isinstance(v, Path) else "",
)
def test_a_module_imports_only_from_its_own_floor_and_below(room: str, path: Path) -> None:
    above = {other for other in imports(path) if FLOOR.get(other, 99) > FLOOR[room]}
    assert not above, f"{room} (floor {FLOOR[room]}) imports {above}"


def test_words_do_no_input_or_output_and_ask_no_clock() -> None:
    for name in FLOORS[0]:
        tree = ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8"))
        called = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        allowed = {"open"} if name == "collation" else set()  # its table is a data file of the package
        assert (
            not (called & {"open", "print", "date.today", "datetime.now", "datetime.date.today", "time.time"}) - allowed
        ), name


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
