"""Several vaults in one server: each has its addresses, a page leads to the others, and nothing of one acts on another."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests import warm
from tests.shell import BIN
from tests.web.browser import Window
from tests.web.served import DAY, PATIENCE, Served, until

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "vault"
NOTE = (
    "---\ndate: 2025-10-01\naccount: fabrikam\nparticipants: ['[[Kim Roe]]']\n---\n# Talk\n\n## Decisions\n\n- We keep the old one.\n\n## Tasks\n\n"
    "- [ ] water the plants 📅 2025-10-07\n- [?] buy a lamp #proposed\nSee [[Other]], #garden, [it](Other.md).\n"
)


class Two(Served):
    """`work` (the fixture vault, the default), `private` (a small one) and `gone`; and what commands say of each.

    One server for all tests here: each leaves the notes as it found them.
    """

    def said(self, name: str, *words: str) -> Any:
        done = warm.run(
            [str(BIN / "vaultindex"), *words, "--vault", name, "--today", DAY, "--json"],
            env=self.env, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    def notes(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.folder.rglob("*.md")}

    def to(self, base: str, **fields: str) -> Any:
        """A change at the address of one vault; its answer."""
        form = "&".join(f"{name}={quote(value)}" for name, value in fields.items())
        head = {
            "Sec-Fetch-Site": "same-origin",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask(f"{base}/do", "POST", form.encode(), head)


def start(folder: Path, *options: str, more: str = "") -> Two:
    work, private = folder / "Work", folder / "Private"
    shutil.copytree(FIXTURE, work)
    (private / ".obsidian").mkdir(parents=True)
    (private / "Talk.md").write_text(NOTE, encoding="utf-8")
    (private / "Other.md").write_text("# Other\n", encoding="utf-8")
    config = f'vault = "work"\n[vaults]\nwork = "{work}"\nprivate = "{private}"\n{more}'
    one = Two(work, folder, "--no-place", *options, config=config)
    one.enter()
    return one


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    one = start(tmp_path_factory.mktemp("two"), more='gone = "/nowhere/at/all"\n')
    yield one
    one.close()


PRIVATE = "/vault/private"


def test_each_vault_has_its_addresses_and_the_default_keeps_those_it_had_alone(two: Two) -> None:
    work, private = (two.said(name, "tasks", "--all") for name in ("work", "private"))
    assert [row["text"] for row in private] == ["water the plants", "buy a lamp"] and len(work) > 10
    for base, rows in (("", work), ("/vault/work", work), (PRIVATE, private)):
        assert two.json(f"{base}/api/tasks?all=1") == rows
    assert "water the plants" not in two.ask("/").text
    assert "water the plants" in two.ask(f"{PRIVATE}/").text
    assert two.ask(PRIVATE).headers["location"].endswith(f"{PRIVATE}/")


def test_every_address_on_a_page_stays_in_its_vault(two: Two) -> None:
    decision = two.json(f"{PRIVATE}/api/decisions")[0]["id"]
    paths = ("/", "/triage", "/tasks?all=1", "/tasks?q=not+done", "/agenda", "/waiting", "/accounts", "/account/fabrikam", "/people",
             "/person/Kim%20Roe", "/decisions", f"/decision/{decision}", "/note/Talk.md", "/search?q=plants", "/review?when=2025-10", "/status", "/nowhere")  # fmt: skip
    seen = set()
    for path in paths:
        page = two.ask(PRIVATE + path).text
        chooser = re.search(r'<nav class="vaults".*?</nav>', page, re.S)
        assert chooser is not None, path
        for address in re.findall(r'(?:href|action|data-note)="(/[^"]*)"', page.replace(chooser[0], "")):
            if not address.startswith("/static/"):
                assert address.startswith(PRIVATE + "/"), (path, address)
                seen.add(html.unescape(address).split("#")[0])
    assert {f"{PRIVATE}/note/Other.md", f"{PRIVATE}/tasks?all=1&tag=garden", f"{PRIVATE}/account/fabrikam"} <= seen
    for address in sorted(seen - {f"{PRIVATE}/do"}):
        assert two.ask(address).status == 200, address
    moved = two.ask(f"{PRIVATE}/note/other")
    assert (moved.status, moved.headers["location"]) == (302, f"{PRIVATE}/note/Other.md")


def test_a_page_leads_to_the_same_page_of_the_other_vaults(two: Two) -> None:
    for path, chosen, wanted in (
        ("/agenda", "work", "/agenda"), (f"{PRIVATE}/agenda", "private", "/agenda"), (f"{PRIVATE}/note/Talk.md", "private", "/"),
    ):  # fmt: skip
        chooser = re.search(r'<nav class="vaults".*?</nav>', two.ask(path).text, re.S)
        assert chooser is not None
        links = re.findall(r'<a href="([^"]+)"( aria-current="true")?>([^<]+)</a>', chooser[0])
        assert [(address, name) for address, _, name in links] == [
            (f"/vault/{n}{wanted}", n) for n in ("work", "private", "gone")
        ]
        assert [name for _, current, name in links if current] == [chosen]


def test_the_api_describes_where_each_vault_is(two: Two) -> None:
    def servers(base: str) -> list[tuple[str, str]]:
        return [(one["url"], one["description"]) for one in two.json(f"{base}/api")["servers"]]

    named = [("/vault/work", "work"), (PRIVATE, "private"), ("/vault/gone", "gone")]
    assert servers("") == [("/", "work"), *named]
    assert servers(PRIVATE) == [named[1], named[0], named[2]]


def test_a_vault_that_is_not_there_says_so_and_the_others_answer(two: Two) -> None:
    gone = two.ask("/vault/gone/")
    assert gone.status >= 400 and "/nowhere/at/all" in gone.text
    assert "error" in two.ask("/vault/gone/api/tasks").json()
    assert two.ask("/vault/nobody/").status == 404
    assert two.ask("/").status == two.ask(f"{PRIVATE}/").status == 200


@pytest.mark.parametrize(
    "path", ["..", "../../Work/Only%20here", "..%2f..%2fWork%2fOnly%20here.md", "%2e%2e/work/note/Only%20here.md"]
)
def test_no_path_of_a_note_leads_into_another_vault(two: Two, path: str) -> None:
    only = two.folder / "Work" / "Only here.md"
    only.write_text("- [ ] secret of work\n", encoding="utf-8")
    for address in (f"{PRIVATE}/note/{path}", f"{PRIVATE}/note/Only%20here.md", f"{PRIVATE}/api/note/Only%20here.md"):
        answer = two.ask(address)
        assert answer.status == 404 and "secret of work" not in answer.text
    assert "secret of work" in two.ask("/note/Only%20here.md").text
    only.unlink()


def test_an_id_of_one_vault_changes_nothing_in_another(two: Two) -> None:
    rows = {"": two.json("/api/tasks?open=1")[0], PRIVATE: two.json(f"{PRIVATE}/api/tasks?open=1")[0]}
    before = two.notes()
    for base, other in (("", PRIVATE), (PRIVATE, "")):
        row = rows[other]
        assert two.to(base, verb="done", id=row["id"], raw=row["raw"]).status == 409
        # A page that stayed open while the server was started anew for another vault says which one it showed.
        mark = re.search(r'data-vault="(\w+)"', two.ask(f"{other}/").text)
        assert mark is not None
        for verb in ("undo", "done"):
            answer = two.to(base, verb=verb, id=rows[base]["id"], raw=rows[base]["raw"], vault=mark[1])
            assert answer.status == 409 and "another vault" in answer.json()["error"]
    assert two.notes() == before


def test_undo_takes_back_the_last_change_of_its_own_vault_alone(two: Two) -> None:
    before = two.notes()
    row = two.json(f"{PRIVATE}/api/tasks?open=1")[0]
    assert two.to(PRIVATE, verb="done", id=row["id"], raw=row["raw"]).status == 200
    changed = two.notes()
    assert {path for path in changed if changed[path] != before[path]} == {str(two.folder / "Private" / "Talk.md")}
    assert two.to("", verb="undo").json()["said"] == "nothing to undo"
    assert two.notes() == changed
    assert two.to(PRIVATE, verb="undo").json()["said"] == "undone: done"
    assert two.notes() == before
    assert two.said("work", "log") == []


def test_the_pages_of_one_vault_are_told_of_its_changes_and_those_of_another_are_not(tmp_path: Path) -> None:
    two = start(tmp_path)  # of its own: the changes of the other tests are counted, too

    def listen(base: str) -> socket.socket:
        conn = socket.create_connection(("127.0.0.1", two.port), timeout=PATIENCE)
        conn.sendall(
            f"GET {base}/events HTTP/1.1\r\nHost: 127.0.0.1:{two.port}\r\nCookie: {two.cookie}\r\n\r\n".encode()
        )
        return conn

    found, other = bytearray(), bytearray()
    try:
        with listen(PRIVATE) as mine:
            until(lambda: b"event: hello" in found or found.extend(mine.recv(10_000)))
            (two.folder / "Private" / "Talk.md").write_text(NOTE + "- [ ] one more\n", encoding="utf-8")
            until(lambda: b"event: changed" in found or found.extend(mine.recv(10_000)))
            assert two.to(PRIVATE, verb="undo").status == 200  # every page of this vault asks again
            with listen("") as theirs:
                until(lambda: b"\ndata: " in other or other.extend(theirs.recv(10_000)))
        assert b"event: hello\ndata: 0\n" in other, "no change was counted there"
    finally:
        two.close()


def test_each_vault_has_a_feed_of_its_own_whose_secret_opens_no_other(two: Two) -> None:
    feeds = {}
    for base in ("", "/vault/private"):
        shown = re.search(r'id="feed"[^>]* value="([^"]*)"', two.ask(f"{base}/tasks").text)
        assert shown is not None
        feeds[base] = html.unescape(shown[1]).removeprefix(two.base)
    assert feeds[""].startswith("/vault/work/tasks.ics?"), "the name stays though another vault may come first"
    assert feeds["/vault/private"].startswith("/vault/private/tasks.ics?")
    cookie, two.cookie = two.cookie, ""
    try:
        assert "water the plants" in two.ask(feeds["/vault/private"]).text
        assert "water the plants" not in two.ask(feeds[""]).text
        for base in ("", "/vault/work", "/vault/elsewhere", "/vault"):
            answer = two.ask(feeds["/vault/private"].replace("/vault/private", base))
            assert answer.status in (401, 403, 404) and "private" not in answer.text and "plants" not in answer.text
    finally:
        two.cookie = cookie


def test_with_a_name_only_that_vault_is_served(two: Two) -> None:
    named = Served(two.folder / "Private", two.folder, "--no-place", "--vault", "private")
    try:
        named.enter()
        page = named.ask("/").text
        assert "water the plants" in page and 'class="vaults"' not in page
        assert named.ask("/vault/work/").status == 404 and named.ask("/vault/work/api/tasks").status == 404
    finally:
        named.close()


def test_two_names_that_would_be_one_address_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / ".obsidian").mkdir(parents=True)
    (tmp_path / "vaultindex").mkdir()
    text = f'vault = "{tmp_path}/a"\n[vaults]\n"my notes" = "{tmp_path}/a"\n"my-notes" = "{tmp_path}/b"\n'
    (tmp_path / "vaultindex" / "config.toml").write_text(text, encoding="utf-8")
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = warm.run(
        [str(BIN / "vaultindex"), "serve", "--port", "0"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "/vault/my-notes" in done.stderr and "rename" in done.stderr


def test_keys_act_in_the_vault_that_is_shown_and_a_click_shows_the_other(
    two: Two, window: Callable[..., Window]
) -> None:
    tab = window(two).tab("/triage")
    before = two.notes()
    tab.locator(".vaults a", has_text="private").click()
    tab.locator("main .row", has_text="buy a lamp").wait_for()
    tab.wait_for_load_state()  # no key is heard before the script has run
    assert tab.url == two.base + f"{PRIVATE}/triage"
    tab.keyboard.press("j")
    tab.keyboard.press("a")
    tab.locator("#said", has_text="accepted").wait_for()
    now = two.notes()
    assert {path for path in now if now[path] != before[path]} == {str(two.folder / "Private" / "Talk.md")}
    tab.keyboard.press("u")
    tab.locator("#said", has_text="undone").wait_for()
    assert two.notes() == before
    tab.locator(".vaults a", has_text="work").click()
    tab.wait_for_url("**/vault/work/triage")
