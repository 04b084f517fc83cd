"""Who may ask the page: each attack is refused or harmless."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("starlette")
from starlette.testclient import TestClient

from vaultindex.web.app import make_app
from vaultindex.web.guard import Guard
from vaultindex.web.site import Site

BASE = "http://127.0.0.1:8750"


@pytest.fixture
def door(vault: Path, tmp_path: Path) -> TestClient:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "s"), "XDG_CACHE_HOME": str(tmp_path / "c")}
    app, _ = make_app(Site(str(vault), str(tmp_path / "i.db"), env, today="2025-10-07"))
    return TestClient(Guard(app, 8750, key="key"), base_url=BASE)


@pytest.mark.parametrize("host", ["evil.example:8750", "127.0.0.1:1", "localhost.:8750", ""])
def test_another_host_is_refused_also_for_reading(door: TestClient, host: str) -> None:
    door.get("/enter/key")
    assert door.get("/", headers={"host": host}).status_code == 421


def test_without_the_cookie_or_with_that_of_another_port_nothing_is_shown(door: TestClient) -> None:
    assert door.get("/").status_code == 403
    assert door.get("/", headers={"cookie": "vaultindex-8751=x"}).status_code == 403
    assert door.get("/enter/wrong").status_code == 403
    assert door.get("/enter/key").status_code == 200
    assert door.get("/").status_code == 200


def test_the_address_lets_one_browser_in_once(door: TestClient) -> None:
    door.get("/enter/key")
    door.cookies.clear()
    assert door.get("/enter/key").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": BASE},
    ],
)
def test_a_change_from_elsewhere_is_refused(door: TestClient, headers: dict[str, str]) -> None:
    door.get("/enter/key")
    assert door.post("/do", data={"verb": "undo"}, headers=headers).status_code == 403


def test_a_change_from_the_page_itself_is_made_and_undone(door: TestClient, vault: Path) -> None:
    door.get("/enter/key")
    here = {"sec-fetch-site": "same-origin", "accept": "application/json"}
    task = door.get("/api/tasks?due=today&open=1").json()[0]
    note = vault / task["path"]
    before = note.read_bytes()
    stale = door.post("/do", data={"verb": "done", "id": task["id"], "raw": task["raw"] + "x"}, headers=here)
    assert stale.status_code == 409 and note.read_bytes() == before
    assert (
        door.post("/do", data={"verb": "done", "id": task["id"], "raw": task["raw"]}, headers=here).status_code == 200
    )
    assert note.read_bytes() != before
    assert door.post("/do", data={"verb": "undo"}, headers=here).status_code == 200
    assert note.read_bytes() == before


@pytest.mark.parametrize(
    "path", ["/note/../../etc/passwd", "/note/..%2f..%2fetc%2fpasswd", "/static/../app.py", "/static/..%2fapp.py"]
)
def test_no_path_leads_out_of_the_vault(door: TestClient, path: str) -> None:
    door.get("/enter/key")
    assert door.get(path).status_code in (400, 403, 404)


def test_what_is_too_much_is_refused(door: TestClient) -> None:
    door.get("/enter/key")
    assert door.get("/tasks", params={"q": "x" * 60_000}).status_code == 414
    assert door.post("/do", content=b"x" * 5_000_000, headers={"sec-fetch-site": "same-origin"}).status_code == 413


def test_hostile_text_is_shown_as_text(door: TestClient, vault: Path) -> None:
    bad = '<script>alert(1)</script> "><img src=x onerror=alert(1)> [a](javascript:alert(1)) <svg/onload=x>'
    (vault / "Bad.md").write_text(f"# Bad\n- [ ] {bad} 📅 2025-10-07\n", encoding="utf-8")
    door.get("/enter/key")
    for path in ("/", "/tasks", "/note/Bad.md", "/search?q=alert", "/agenda"):
        text = door.get(path).text
        assert (
            "<script>alert" not in text
            and "<img" not in text
            and "<svg/" not in text
            and 'href="javascript' not in text
        )
