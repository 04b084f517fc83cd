"""`serve = true`: the watcher carries the page in its process, and comes to no harm by it."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.shell import BIN
from tests.web.served import PATIENCE, Served, free_port, until
from vaultindex.base import settings
from vaultindex.base.errors import VaultError
from vaultindex.index import heartbeat
from vaultindex.state import served
from vaultindex.watch import beside
from vaultindex.watch.beside import Beside


class Watching:
    """`vi watch` over a vault, with settings of the user's."""

    def __init__(self, vault: Path, folder: Path, config: str, *python: str) -> None:
        self.vault, self.folder = vault, folder
        own = folder / "config" / "vaultindex" / "config.toml"
        own.parent.mkdir(parents=True)
        own.write_text(config, encoding="utf-8")
        self.env = {
            "PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "NO_COLOR": "1",
            "XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache"),
        }  # fmt: skip
        self.index = settings.index_file(self.env, str(vault), settings.load(self.env))
        program = [sys.executable, *python, "-m", "vaultindex", "watch", "--vault", str(vault)]
        self.process = warm.Popen(program, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: heartbeat.trusted(self.index, str(vault)) is not None)

    def vi(self, *words: str) -> subprocess.CompletedProcess[str]:
        return warm.run(
            [str(BIN / "vaultindex"), *words, "--vault", str(self.vault)],
            env=self.env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def doctor(self) -> list[list[Any]]:
        """What it says of the page."""
        checks = json.loads(self.vi("doctor", "--json").stdout)["checks"]
        return [[row["ok"], row["what"]] for row in checks if row["check"] == "page"]

    def log(self) -> str:
        return (Path(self.index).parent / "watch.log").read_text(encoding="utf-8")

    def end(self) -> str:
        """End it as the system does; what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE)
        return said


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def begin(vault: Path, config: str, *python: str) -> Watching:
        started.append(Watching(vault, tmp_path / "home", config, *python))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.end()


def test_one_process_watches_and_serves_and_both_end_together(small: Path, watch: Callable[..., Watching]) -> None:
    port = free_port()
    one = watch(small, f"serve = true\nserve_port = {port}\n")
    until(lambda: served.at_port(one.env, port) is not None)
    page = json.loads(one.vi("status", "--json").stdout)["served"]
    assert (page["pid"], page["by"]) == (one.process.pid, "the watcher")
    done = one.vi("serve")
    found = re.fullmatch(rf"http://127\.0\.0\.1:{port}/enter/(\S+)\n", done.stdout)
    assert done.returncode == 0 and found is not None and f"(pid {one.process.pid})" in done.stderr
    browser = Served.__new__(Served)  # a browser, and no server of its own
    browser.port, browser.key, browser.cookie, browser.vault = port, found[1], "", small
    browser.enter()
    (small / "New.md").write_text("- [ ] written while it is open\n", encoding="utf-8")
    until(lambda: "written while it is open" in browser.ask("/tasks").text)
    row = next(row for row in browser.json("/api/tasks") if row["text"] == "written while it is open")
    assert browser.do(verb="done", id=row["id"], raw=row["raw"]).status == 200
    assert (small / "New.md").read_text(encoding="utf-8").startswith("- [x]")
    assert one.end() == "" and one.process.returncode == 0
    assert served.at_port(one.env, port) is None
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
        pass


def test_a_page_that_cannot_be_served_leaves_the_watcher_alone(small: Path, watch: Callable[..., Watching]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        one = watch(small, f"serve = true\nserve_port = {port}\n")
        until(lambda: f"page: port {port} is taken" in one.log())
        (small / "New.md").write_text("- [ ] seen all the same\n", encoding="utf-8")
        until(lambda: "seen all the same" in one.vi("tasks").stdout)
        assert heartbeat.alive(one.index, str(small)) is not None
        assert one.doctor() == [[False, "serve = true, and the watcher does not serve it: vi service logs says why"]]
    one.end()
    ((well, what),) = one.doctor()
    assert not well and what.startswith("serve = true, and no watcher runs")


@pytest.mark.parametrize("wanted", [True, False])
def test_the_watcher_imports_what_the_page_needs_only_when_it_is_wanted(
    small: Path, watch: Callable[..., Watching], wanted: bool
) -> None:
    port = free_port()
    one = watch(small, f"serve = {str(wanted).lower()}\nserve_port = {port}\n", "-X", "importtime")
    if wanted:
        until(lambda: served.at_port(one.env, port) is not None)
    said = one.end()
    assert "vaultindex.watch.beside" in said
    for name in ("starlette", "uvicorn", "jinja2", "h11", "asyncio", "vaultindex.web", "vaultindex.state.served"):
        assert (re.search(rf"\| +{re.escape(name)}\b", said) is not None) == wanted, name


class Page:
    """What stands for a page; it ends when it is told to."""

    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.why: str | None = None
        self.ended = False

    def end(self) -> None:
        self.ended = True


class Scene:
    """Settings that change, and pages that start or fail."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.given: dict[str, Any] = {"serve": True}
        self.wrong: Exception | None = None
        self.pages: list[Page] = []
        self.caplog = caplog
        caplog.set_level(logging.INFO, logger="vaultindex.watch")
        self.beside = Beside(self.load, self.start)

    def load(self) -> settings.Config:
        if isinstance(self.given.get("serve"), Exception):
            raise self.given["serve"]
        found = settings.load({"HOME": "/nowhere"})
        return found._replace(values={**found.values, **{k: settings.Value(v, "test") for k, v in self.given.items()}})

    def start(self, config: settings.Config) -> Page:
        if self.wrong is not None:
            raise self.wrong
        self.pages.append(Page())
        return self.pages[-1]

    def said(self) -> list[str]:
        found = [record.getMessage() for record in self.caplog.records]
        self.caplog.clear()
        return found


@pytest.fixture
def scene(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Scene:
    log = logging.getLogger("vaultindex.watch")
    monkeypatch.setattr(log, "propagate", True)
    return Scene(caplog)


def test_the_page_follows_the_settings_while_the_watcher_runs(scene: Scene) -> None:
    scene.given["serve"] = False
    scene.beside.look()
    assert scene.pages == []
    scene.given["serve"] = True
    scene.beside.look()
    scene.beside.look()
    assert [page.ended for page in scene.pages] == [False]
    scene.given["serve_port"] = 9000
    scene.beside.look()
    assert [page.ended for page in scene.pages] == [True, False]
    scene.given["serve"] = VaultError("config.toml: is not valid TOML")  # the user is writing it
    scene.beside.look()
    assert [page.ended for page in scene.pages] == [True, False]
    scene.given["serve"] = False
    scene.beside.look()
    assert [page.ended for page in scene.pages] == [True, True]


def test_a_page_that_fails_is_said_once_and_tried_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.wrong = VaultError("port 8750 is taken by another")
    scene.beside.look()
    assert scene.said() == ["page: port 8750 is taken by another: tried again every minute"]
    scene.wrong = None
    scene.beside.look()
    assert scene.pages == [], "not before its time"
    monkeypatch.setattr(beside, "AGAIN", 0.0)
    scene.wrong, scene.given["serve_port"] = RuntimeError("words of a note"), 9000
    scene.beside.look()
    scene.beside.look()
    assert scene.said() == ["page: RuntimeError in vaultindex itself: tried again every minute"]
    scene.wrong = None
    scene.beside.look()
    scene.pages[-1].why = "it ended: OSError"
    scene.beside.look()
    assert len(scene.pages) == 2
    assert "page: it ended: OSError: tried again every minute" in scene.said()
