"""The configuration of the programs that run agents: what to write where, so that they start `vi mcp`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from vaultindex.base.errors import VaultError
from vaultindex.doors.folder import replace


def place(client: str, env: Mapping[str, str]) -> str:
    """The file of a client's configuration on this system."""
    home = os.path.expanduser("~") if "HOME" not in env else env["HOME"]
    if client == "cursor":
        return os.path.join(home, ".cursor", "mcp.json")
    if client == "codex":
        return os.path.join(env.get("CODEX_HOME") or os.path.join(home, ".codex"), "config.toml")
    if client == "claude":
        return os.path.join(home, ".claude.json")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "Code", "User", "mcp.json")
    if sys.platform == "win32":
        return os.path.join(env.get("APPDATA", home), "Code", "User", "mcp.json")
    return os.path.join(env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "Code", "User", "mcp.json")


def program() -> str:
    """The full path of our program: clients start servers with an almost empty PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "vaultindex" + (".exe" if sys.platform == "win32" else ""))
    return beside if os.path.exists(beside) else shutil.which("vaultindex") or os.path.abspath(sys.argv[0])


def install(client: str, env: Mapping[str, str], words: Sequence[str], write: bool) -> list[str]:
    """What is (to be) written, as a diff with its file. Other servers and settings stay. Raises VaultError."""
    import difflib

    path = place(client, env)
    try:
        with open(path, encoding="utf-8") as file:
            before = file.read()
    except FileNotFoundError:
        before = ""
    except (OSError, ValueError) as error:
        raise VaultError(f"{path} cannot be read: {error}") from error
    after = merged(client, before, program(), words, path)
    if after == before:
        return [f"{path}: it is there already"]
    found = [
        line.rstrip("\n")
        for line in difflib.unified_diff(before.splitlines(True), after.splitlines(True), path, path, n=2)
    ]
    if not write:
        return [*found, f"to write it: vi mcp --install {client} --yes"]
    kept = f"{path}.before-vaultindex-{time.strftime('%Y%m%d-%H%M%S')}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if before:
            shutil.copy2(path, kept)
    except OSError as error:
        raise VaultError(f"{path} cannot be written: {error.strerror or error}") from error
    replace(os.path.realpath(path), [after.encode()])
    return [*found, f"written: {path}" + (f"; as it was: {kept}" if before else "")]


def merged(client: str, before: str, command: str, words: Sequence[str], path: str) -> str:
    """The text of the configuration with our server in it. Raises VaultError for a file that cannot be read as what it is."""
    server: dict[str, Any] = {"command": command, "args": list(words)}
    if client == "codex":
        import tomlkit
        from tomlkit.exceptions import ParseError

        try:
            document = tomlkit.parse(before)
        except ParseError as error:
            raise VaultError(f"{path} is not valid TOML ({error}): it is left as it is") from error
        servers = document.setdefault("mcp_servers", tomlkit.table(True))
        servers["vaultindex"] = server
        return tomlkit.dumps(document)
    try:
        found = json.loads(before) if before.strip() else {}
    except ValueError as error:
        raise VaultError(f"{path} is not plain JSON ({error}): it is left as it is") from error
    if client == "vscode":
        server = {"type": "stdio", **server}
    key = "servers" if client == "vscode" else "mcpServers"
    if not isinstance(found, dict) or not isinstance(found.setdefault(key, {}), dict):
        raise VaultError(f"{path} is not a configuration as {client} writes it: it is left as it is")
    found[key]["vaultindex"] = server
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
