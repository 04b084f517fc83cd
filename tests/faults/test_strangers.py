"""A vault, a disk, a machine from a stranger: settings and canvases that are made to hang, fill or break their reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm

Tell = Callable[[int, str, str], None]
DATA = ".obsidian/plugins/obsidian-tasks-plugin/data.json"
DEEP = "[" * 50_000


def vi(vault: Path, tmp_path: Path, *args: str, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "vaultindex",
        *args,
        "--vault",
        str(vault),
        "--index",
        str(tmp_path / "i" / "i.db"),
    ]
    env = {**os.environ, "HOME": str(tmp_path), "VAULTINDEX_TODAY": "2025-10-07"}
    return warm.run(command, capture_output=True, text=True, timeout=timeout, env=env, stdin=subprocess.DEVNULL)


@pytest.fixture
def vault(small: Path) -> Path:
    (small / DATA).parent.mkdir(parents=True)
    (small / "a.md").write_text("- [ ] a task 📅 2025-10-07\n")
    return small


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)


def text(content: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(content)

    return write


UNREADABLE = [
    (pipe, "is not a regular file"),
    (device, "is a link that leads out of the vault"),
    (outside, "is a link that leads out of the vault"),
    (sparse, "is larger than"),
]
UNFIT = [
    (text(DEEP), "nested too deep"),
    (text('{"globalFilter": ' + "9" * 5000 + "}"), "thousands of digits"),
    (text('{"globalFilter": '), "is not valid JSON"),
]


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        *((DATA, make, why) for make, why in [*UNREADABLE, *UNFIT]),
        *(
            (name, *UNREADABLE[0])
            for name in (".obsidian/app.json", ".obsidian/types.json", ".obsidian/templates.json")
        ),
    ],
)
def test_settings_of_the_app_that_cannot_be_read_are_named_and_defaults_hold(
    name: str, make: Callable[[Path], None], why: str, vault: Path, tmp_path: Path, tell: Tell
) -> None:
    make(vault / name)
    done = vi(vault, tmp_path, "doctor", "--json")
    assert done.returncode == 0, done.stderr
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["path"] == name and why in problem["what"] and "defaults are used" in problem["what"]
    listed = vi(vault, tmp_path, "tasks", "--format", "plain")
    assert "a task" in listed.stdout
    tell(41, f"{name} {why}", "named by vi doctor; defaults hold, every task is listed")


@pytest.mark.parametrize(("make", "why"), UNREADABLE)
def test_a_settings_file_of_the_vault_that_cannot_be_read_is_said_and_defaults_hold(
    make: Callable[[Path], None], why: str, vault: Path, tmp_path: Path
) -> None:
    make(vault / ".vaultindex.toml")
    done = vi(vault, tmp_path, "tasks", "--format", "plain")
    assert done.returncode == 0 and "a task" in done.stdout
    assert f".vaultindex.toml {why}" in done.stderr


@pytest.mark.parametrize("content", ["me = " + DEEP, "me = " + "9" * 5000, 'me = ["\\ud800"]', "me = "])
def test_settings_that_are_no_toml_are_an_error_that_names_the_file(content: str, vault: Path, tmp_path: Path) -> None:
    (vault / ".vaultindex.toml").write_text(content)
    done = vi(vault, tmp_path, "tasks")
    assert done.returncode == 2
    assert ".vaultindex.toml: is not valid TOML" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "canvas",
    [
        DEEP,
        '{"nodes": ' + "9" * 5000 + "}",
        r'{"nodes":[{"type":"text","text":"cut \ud83d [[b\ud83d]] #t\ud83d"},{"type":"file","file":"x\ud83d.md"}]}',
        r'{"nodes":[{"type":"file","file":"a\u0000b.md","subpath":"#\udfff"}]}',
        "\0",
        "[1]",
    ],
)
def test_a_canvas_that_is_none_costs_its_own_links_only(canvas: str, vault: Path, tmp_path: Path) -> None:
    (vault / "c.canvas").write_text(canvas)
    done = vi(vault, tmp_path, "tasks", "--format", "plain")
    assert done.returncode == 0 and "a task" in done.stdout, done.stderr
    assert vi(vault, tmp_path, "index", "--verify").returncode == 0


def test_half_a_surrogate_pair_in_the_plugins_settings_costs_nothing_else(vault: Path, tmp_path: Path) -> None:
    states = {"customStatuses": [{"symbol": "\0", "name": "\ud800"}, {"symbol": "\ud83d", "name": "x", "type": "DONE"}]}
    (vault / DATA).write_text(json.dumps({"statusSettings": states, "presets": {"\ud801": "\udfff"}}))
    for command in ("tasks", "status", "config", "doctor", "query"):
        args = (command, "not done") if command == "query" else (command,)
        done = vi(vault, tmp_path, *args)
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr


def test_a_pattern_of_the_vault_that_never_ends_is_named_and_left_out(vault: Path, tmp_path: Path) -> None:
    slow = r"/^(.*)(.*)(.*)(.*)(.*)(.*)\1\2\3x?!$/"
    (vault / ".obsidian" / "app.json").write_text(json.dumps({"userIgnoreFilters": [slow, "/^Old/"]}))
    for n in range(40):
        (vault / f"{'word ' * 12}{n}!.md").write_text("- [ ] one of many\n")
    (vault / "Old.md").write_text("- [ ] an old task\n")
    done = vi(vault, tmp_path, "tasks", "--format", "plain")
    assert done.returncode == 0 and "a task" in done.stdout and "an old task" not in done.stdout
    problems = json.loads(vi(vault, tmp_path, "doctor", "--json").stdout)["problems"]
    assert problems and all(slow.strip("/") in p["what"] for p in problems)
    assert vi(vault, tmp_path, "index", "--verify").returncode == 0
