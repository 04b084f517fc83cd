"""Agents, asked by a client that others wrote: the Inspector's command lines (npm), where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")

from tests import warm
from tests.doors.test_agent import ASKED, READS
from tests.shell import BIN

PROGRAMS = Path(__file__).with_name("node_modules") / ".bin"
PATIENCE = 120.0  # seconds that one command may take on a machine that has much else to do

pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "mcp-inspector").exists() or shutil.which("node") is None,
    reason="the Inspector is not there (npm install --prefix tests/doors)",
)


class Inspector:
    """The Inspector over a vault, with a home and a daemon of its own."""

    def __init__(self, vault: Path, tmp_path: Path, short: str) -> None:
        words = ["mcp", "--propose", "--vault", str(vault), "--index", str(tmp_path / "i.db"), "--today", "2025-10-07"]
        self.server = warm.handed_over([str(BIN / "vaultindex"), *words])
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "MCP_STORAGE_DIR": str(tmp_path / "mcp"),
            "MCP_INSPECTOR_SECRET_STORE": "memory", "MCP_INSPECTOR_DAEMON_DIR": short, "MCP_INSPECTOR_DAEMON_TOKEN": "ours",
        }  # fmt: skip

    def run(self, program: str, *words: str) -> Any:
        done = subprocess.run(
            [str(PROGRAMS / program), *words], env=self.env, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def call(self, tool: str, given: dict[str, Any]) -> Any:
        words = ["--format", "json", "--connection", "vault", "tools/call", tool, "--tool-args-json", json.dumps(given)]
        return self.run("mcpdo", *words)["structuredContent"]


@pytest.fixture
def inspector(vault: Path, tmp_path: Path) -> Iterator[Inspector]:
    with tempfile.TemporaryDirectory(prefix="vi-") as short:  # the path of a socket may not be long
        one = Inspector(vault, tmp_path, short)
        yield one
        one.run("mcpdo", "daemon", "stop")


def test_the_inspector_lists_every_tool_and_finds_nothing_wrong_in_any_schema(inspector: Inspector) -> None:
    found = inspector.run("mcp-inspector", "--cli", "--strict", *inspector.server, "--method", "tools/list")
    assert {tool["name"] for tool in found["tools"]} == {*READS, "propose"}


def test_the_inspector_calls_every_tool(inspector: Inspector, vault: Path) -> None:
    inspector.run("mcpdo", "--plain", "connect", "--connection", "vault", "--", *inspector.server)
    first = inspector.call("tasks", {"mine": True, "limit": 1, "fields": ["id", "text"]})
    assert list(first["rows"][0]) == ["id", "text"] and first["next"] == "1"
    asked = {**ASKED, "why": {"id": first["rows"][0]["id"]}}
    assert set(asked) == READS
    for name, given in asked.items():
        assert inspector.call(name, given)["as_of"] == "2025-10-07", name
    made = inspector.call("propose", {"text": "Call Dana", "reason": "Pricing call, line 3", "note": "Pricing call"})
    assert made["written"] and made["line"] in (vault / made["path"]).read_text()
