"""A page that is served already: `vi serve` lets one more browser in, and says why not when another page is meant."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests import warm
from tests.shell import BIN
from tests.web.served import DAY, Answer, Served, free_port, until
from tests.web.test_several import PRIVATE, start
from vaultindex.state import served

Serve = Callable[..., Served]


def again(one: Served, *words: str, vault: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A second `vi serve` at the port of the first."""
    place = ["--vault", str(vault or one.vault), "--index", str(one.index), "--today", DAY]
    return warm.run(
        [str(BIN / "vaultindex"), "serve", "--port", str(one.port), *place, *words],
        env=one.env, capture_output=True, text=True, check=False,
    )  # fmt: skip


def come_in(one: Served, address: str) -> Answer:
    """Another browser opens an address."""
    one.cookie = ""
    assert address.startswith(one.base), address
    answer = one.ask(address.removeprefix(one.base))
    one.cookie = answer.headers.get("set-cookie", "").split(";")[0]
    return answer


def test_a_second_vi_serve_lets_one_more_browser_in_and_ends(shown: Served) -> None:
    one = shown
    first = one.cookie
    done = again(one)
    assert done.returncode == 0 and re.fullmatch(r"http://127\.0\.0\.1:\d+/enter/\S{32}\n", done.stdout)
    assert f"served already by vi serve (pid {one.process.pid})" in done.stderr
    address = done.stdout.strip()
    assert come_in(one, address).status == 200 and one.ask("/").status == 200
    assert come_in(one, address).status == 403, "each address lets one browser in, once"
    one.cookie = first
    assert one.ask("/").status == 200, "who was in stays in"
    # A browser that is in already is led to the page; the address is used up all the same.
    address = again(one).stdout.strip()
    assert one.ask(address.removeprefix(one.base)).status == 303
    assert come_in(one, address).status == 403


def test_what_is_told_of_a_page_is_for_its_user_alone_and_goes_with_the_server(serve: Serve, vault: Path) -> None:
    one = serve(vault)
    address = again(one).stdout.strip()
    folder = one.folder / "state" / "vaultindex" / "serve"
    (key,) = (folder / f"{one.port}.keys").iterdir()
    secret = address.rpartition("/")[2]
    for path in (folder, key.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (key, folder / f"{one.port}.json", folder / f"{one.port}.lock"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert secret not in str(path) and secret not in path.read_text(encoding="utf-8")
    page = json.loads(one.vi("status", "--json"))["served"]
    assert page == {"url": one.base + "/", "pid": one.process.pid, "by": "vi serve", "read_only": False}
    line = one.vi("status", "--format", "table")
    assert f"{one.base}/ by vi serve" in line and secret not in line
    assert checked(one) == [True]
    one.interrupt()
    assert sorted(path.name for path in folder.rglob("*")) == [f"{one.port}.keys", f"{one.port}.lock"]
    assert json.loads(one.vi("status", "--json"))["served"] is None and checked(one) == []


def test_no_other_word_opens_the_door_and_no_other_file_is_touched(shown: Served) -> None:
    folder = shown.folder / "state" / "vaultindex" / "serve"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    cookie, shown.cookie = shown.cookie, ""
    for given in ("", ".", "..", "%2e%2e", f"../{shown.port}.json", "x" * 5000, "%00", "%ff", f"{shown.port}.json"):
        assert shown.ask(f"/enter/{given}").status == 403, given
    shown.cookie = cookie
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_key_is_worth_nothing_after_an_hour_or_at_another_port(tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path)}
    key = served.new_key(env, 8750, "/vault/work/")
    assert served.take_key(env, 8751, key) is None
    assert served.take_key(env, 8750, key) == "/vault/work/" and served.take_key(env, 8750, key) is None
    key = served.new_key(env, 8750, "/")
    (file,) = (tmp_path / "vaultindex" / "serve" / "8750.keys").iterdir()
    os.utime(file, (1, file.stat().st_mtime - served.KEY_LIFE - 1))
    assert served.take_key(env, 8750, key) is None
    served.new_key(env, 8750, "/")
    (file,) = file.parent.iterdir()
    os.utime(file, (1, file.stat().st_mtime - served.KEY_LIFE - 1))
    served.new_key(env, 8750, "/")
    assert len(list(file.parent.iterdir())) == 1, "what nobody used goes"


def test_a_server_that_was_killed_misleads_nobody(serve: Serve, vault: Path) -> None:
    one = serve(vault, "--port", str(free_port()))
    old = again(one).stdout.strip()
    one.process.send_signal(signal.SIGKILL)
    one.process.wait()
    assert served.at_port(one.env, one.port) is None
    assert json.loads(one.vi("status", "--json"))["served"] is None
    anew = Served(vault, one.folder, "--port", str(one.port))
    try:
        assert anew.port == one.port and come_in(anew, old).status == 403, "an address of the run before opens nothing"
        anew.enter()
        assert anew.ask("/").status == 200
    finally:
        anew.close()


def checked(one: Served) -> list[bool]:
    """What the doctor says of the page."""
    return [row["ok"] for row in json.loads(one.vi("doctor", "--json"))["checks"] if row["check"] == "page"]


def test_another_page_than_the_one_that_runs_is_refused_with_why(shown: Served, small: Path) -> None:
    one, vault = shown, shown.vault
    for words, given, why in (
        (["--read-only"], vault, "started without --read-only"), (["--host", "localhost"], vault, "listens at 127.0.0.1"),
        ([], small, f"which serves {vault}"),
    ):  # fmt: skip
        done = again(one, *words, vault=given)
        assert (done.returncode, done.stdout) == (2, "")
        assert why in done.stderr and f"(pid {one.process.pid})" in done.stderr and "--port" in done.stderr


def test_of_several_vaults_the_fresh_address_opens_the_one_that_is_meant(tmp_path: Path) -> None:
    one = start(tmp_path)
    try:
        words = ["serve", "--port", str(one.port), "--vault", "private", "--today", DAY]
        done = warm.run([str(BIN / "vaultindex"), *words], env=one.env, capture_output=True, text=True, check=True)
        answer = come_in(one, done.stdout.strip())
        assert f"url={PRIVATE}/" in answer.text and one.ask(f"{PRIVATE}/").status == 200
    finally:
        one.close()


def test_where_the_users_folder_cannot_be_written_the_page_is_served_all_the_same(serve: Serve, vault: Path) -> None:
    one = serve(vault, setup="import vaultindex.state.served as served; served._folder = lambda env: '/dev/null/serve'")
    one.enter()
    assert one.ask("/").status == 200
    done = again(one)
    assert done.returncode == 2 and f"port {one.port} is taken" in done.stderr
    until(lambda: one.ask("/").status == 200)
