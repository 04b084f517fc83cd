"""A real `vi serve` over a vault, and HTTP asked of it as a browser would."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests import warm
from tests.shell import BIN

DAY = "2025-10-07"
PATIENCE = 30.0  # seconds that a condition may take on a machine that has much else to do


def until(what: Any, limit: float = PATIENCE) -> Any:
    """Wait until `what()` is true, and give it."""
    end = time.monotonic() + limit
    while not (found := what()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return found


def free_port() -> int:
    """A port that nothing has, below those that the system gives away by itself: nobody takes it meanwhile."""
    for number in range(10_000):
        port = 20_000 + (os.getpid() + number) % 10_000
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """`vi serve` as its own process, on a free port; its environment is its own."""

    def __init__(
        self, vault: Path, folder: Path, *options: str, today: str | None = DAY, setup: str = "", config: str = ""
    ) -> None:
        """`setup`: Python that runs in the server's process before it begins; `config`: the user's settings."""
        self.vault, self.folder = vault, folder
        self.index = folder / "cache" / "i.db"
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("VAULTINDEX_", "XDG_"))},
            "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"), "NO_COLOR": "1",
        }  # fmt: skip
        if config:
            own = folder / "config" / "vaultindex" / "config.toml"
            own.parent.mkdir(parents=True)
            own.write_text(config, encoding="utf-8")
        place = [] if "--no-place" in options else ["--vault", str(vault), "--index", str(self.index)]
        day = ["--today", today] if today else []
        words = ["serve", *([] if "--port" in options else ["--port", "0"]), *place, *day]
        words += [one for one in options if one != "--no-place"]
        program = (
            [sys.executable, "-c", f"{setup}\nfrom vaultindex.launcher import main\nmain()"]
            if setup
            else [str(BIN / "vaultindex")]
        )
        self.process = warm.Popen(
            [*program, *words], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().strip()
        assert self.line, self.process.communicate()[1]
        found = re.fullmatch(r"(http://(127\.0\.0\.1|[^/]+):(\d+))/enter/(\S+)", self.line)
        assert found is not None, self.line
        self.base, self.key = found[1], found[4]
        self.port = int(found[3])
        self.cookie = ""
        self.other: subprocess.Popen[str] | None = None

    def enter(self) -> str:
        """Exchange the key for the cookie."""
        answer = self.ask(f"/enter/{self.key}")
        assert answer.status == 200, answer
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        return self.cookie

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own; the cookie is sent when we have it."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            conn.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {
                "Host": f"127.0.0.1:{self.port}",
                **({"Cookie": self.cookie} if self.cookie else {}),
                **(headers or {}),
            }
            if body is not None:
                given.setdefault("Content-Length", str(len(body)))
            for name, value in given.items():
                conn.putheader(name, value)
            conn.endheaders(body)
            found = conn.getresponse()
            return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        finally:
            conn.close()

    def json(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status == 200, (path, answer)
        return answer.json()

    def do(self, **fields: str) -> Answer:
        """A change, as the page's own script asks for it."""
        from urllib.parse import urlencode

        headers = {
            "Sec-Fetch-Site": "same-origin",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask("/do", "POST", urlencode(fields).encode(), headers)

    def vi(self, *words: str, check: bool = True) -> str:
        """What a command prints for the same vault and index."""
        place = ["--vault", str(self.vault), "--index", str(self.index), "--today", DAY]
        done = warm.run(
            [str(BIN / "vaultindex"), *words, *place], env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def watch(self) -> None:
        """Start a watcher, and wait until it is trusted."""
        from vaultindex.index import heartbeat

        words = ["watch", "--vault", str(self.vault), "--index", str(self.index), "--quiet"]
        self.other = warm.Popen([str(BIN / "vaultindex"), *words], env=self.env, stderr=subprocess.PIPE, text=True)
        until(lambda: heartbeat.trusted(str(self.index), str(self.vault)) is not None)

    def interrupt(self) -> float:
        """Ctrl-C: the seconds until it ended."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)
        return time.monotonic() - begun

    def close(self) -> None:
        for one in (self.other, self.process):
            if one is not None and one.poll() is None:
                one.terminate()
        for one in (self.other, self.process):
            if one is not None:
                one.wait(PATIENCE)
                for pipe in (one.stdout, one.stderr):
                    if pipe is not None:
                        pipe.close()
