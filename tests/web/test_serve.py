"""The command: one line with the address, an end within a second, a port that is taken, what each option does."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import warm
from tests.shell import BIN
from tests.web.served import PATIENCE, Served, until

Serve = Callable[..., Served]


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_it_prints_one_line_and_ctrl_c_ends_it_at_once_also_while_pages_listen(serve: Serve, vault: Path) -> None:
    one = serve(vault)
    one.enter()
    with socket.create_connection(("127.0.0.1", one.port), timeout=PATIENCE) as listener:
        listener.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\nCookie: {one.cookie}\r\n\r\n".encode())
        until(lambda: b"event: hello" in listener.recv(10_000))
        assert one.interrupt() < 5.0  # a busy machine takes its time; with a listener that is waited for it never ends
    out, err = one.process.communicate()
    assert (one.process.returncode, out, err) == (0, "", "")


def test_a_taken_port_is_said_with_what_holds_it(served: Served, vault: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ["serve", "--port", str(port), "--vault", str(vault), "--index", str(served.folder / "other.db")]
        done = warm.run([str(BIN / "vaultindex"), *words], env=served.env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr and "--port" in done.stderr
    if os.path.exists("/proc/net/tcp"):
        assert f"(pid {os.getpid()})" in done.stderr


def test_read_only_shows_everything_and_changes_nothing(serve: Serve, vault: Path) -> None:
    one = serve(vault, "--read-only")
    one.enter()
    before = files(vault)
    page = one.ask("/triage").text
    assert "read-only" in page and "<button name=" not in page
    row = one.json("/api/tasks?proposed=1")[0]
    assert one.do(verb="accept", id=row["id"], raw=row["raw"]).status == 403
    for path in ("/", "/triage", "/tasks", "/review", "/status"):
        assert one.ask(path).status == 200
    assert files(vault) == before
    (state,) = (one.folder / "state").rglob("state.db")
    with closing(sqlite3.connect(state)) as kept:
        for table in ("seen", "edits", "verdicts", "lists"):
            assert kept.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_triage_marks_what_it_showed_as_seen_unless_it_is_read_only(serve: Serve, vault: Path) -> None:
    one = serve(vault, "--read-only")
    one.enter()
    writing = Served(vault, one.folder)
    try:
        writing.enter()
        assert writing.ask("/triage").status == 200  # from now on it is known what is new
        (vault / "New.md").write_text("- [?] a new idea #proposed\n", encoding="utf-8")
        assert "(1 new)" in one.ask("/").text
        assert one.ask("/triage").status == 200
        assert "(1 new)" in one.ask("/").text, "still new: nothing was put down"
        assert writing.ask("/triage").status == 200
        assert "(1 new)" not in writing.ask("/").text
    finally:
        writing.close()


def test_open_opens_the_address_in_the_browser(
    serve: Serve, vault: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("BROWSER", str(browser))
    one = serve(vault, "--open")
    opened = tmp_path / "opened"
    until(lambda: opened.exists() and opened.read_text().strip() == one.line)


def test_another_address_than_this_machines_own_is_taken_with_a_warning(serve: Serve, vault: Path) -> None:
    one = serve(vault, "--host", "0.0.0.0")
    one.process.terminate()
    _, err = one.process.communicate()
    assert "warning: on 0.0.0.0 everybody who can reach this machine can reach the page" in err


def test_without_host_nothing_listens_beyond_this_machine(served: Served) -> None:
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError):
        socket.create_connection((own, served.port), timeout=5)
