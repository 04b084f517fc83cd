"""The calendar feed: read again and again by programs that others wrote, and by nobody who does not have its address."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.web.served import PATIENCE, Answer, Served

NOTE = """---
account: Contoso
---
- [ ] Send the sheet @Myself 📅 2025-10-10
- [ ] Call Ann 📅 2025-10-11
- [ ] No day at all
- [?] An idea 📅 2025-10-12 #proposed
- [x] Done lately 📅 2025-10-01 ✅ 2025-10-02
- [x] Done long ago 📅 2025-05-01 ✅ 2025-05-02
- [-] Dropped 📅 2025-10-03 ❌ 2025-10-02
"""


class Fed(NamedTuple):
    """A server that a calendar asks, which has no cookie, and the cookie of somebody who looks at the page."""

    server: Served
    cookie: str

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        return self.server.ask(path, method, body, headers)

    def page(self, path: str) -> str:
        answer = self.server.ask(path, headers={"Cookie": self.cookie})
        assert answer.status == 200, answer
        return answer.text

    def feed(self, page: str = "/tasks") -> str:
        """The address that the page shows, without the part that names the server."""
        found = re.search(r'id="feed"[^>]* value="([^"]*)"', self.page(page))
        assert found is not None
        address, base = unescape(found[1]), self.server.base
        assert address.startswith(base + "/tasks.ics?secret=")
        return address.removeprefix(base)


def opened(one: Served) -> Fed:
    cookie, one.cookie = one.enter(), ""
    return Fed(one, cookie)


@pytest.fixture
def fed(serve: Callable[..., Served], small: Path) -> Fed:
    (small / "Note.md").write_text(NOTE)
    return opened(serve(small, "--read-only"))


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    """The same for tests that change nothing."""
    folder = tmp_path_factory.mktemp("feed")
    (folder / "vault" / ".obsidian").mkdir(parents=True)
    (folder / "vault" / "Note.md").write_text(NOTE)
    one = Served(folder / "vault", folder, "--read-only")
    try:
        yield opened(one)
    finally:
        one.close()


def summaries(body: bytes) -> set[str]:
    return {
        line.split(":", 1)[1] for line in body.decode().replace("\r\n ", "").split("\r\n") if line.startswith("SUMMARY")
    }


def test_a_calendar_needs_the_address_and_nothing_else(same: Fed) -> None:
    path = same.feed()
    answer = same.ask(path)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/calendar")
    assert summaries(answer.body) == {"Send the sheet", "Call Ann", "✓ Done lately"}
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in answer.body and "set-cookie" not in answer.headers
    assert summaries(same.ask(path + "&mine=1").body) == {"Send the sheet"}
    assert summaries(same.ask(path + "&account=Contoso&proposed=1&due=2025-10-12").body) == {"? An idea"}
    assert "No day at all" in summaries(same.ask(path + "&as=todos").body)


def test_the_page_shows_the_address_with_the_filters_of_its_list(same: Fed) -> None:
    plain = same.feed()
    assert (
        same.feed("/tasks?account=Contoso&not-mine=1&open=1&sort=note&page=1") == plain + "&account=Contoso&not-mine=1"
    )
    assert same.feed("/agenda?when=next+week&mine=1") == plain + "&mine=1"


def test_nothing_is_told_to_whoever_does_not_have_the_secret(fed: Fed, small: Path) -> None:
    # Before anybody looked at the page there is no secret, and nobody has it.
    assert [fed.ask("/tasks.ics" + given).status for given in ("", "?secret=", "?secret=None")] == [404, 404, 404]
    path = fed.feed()
    right = path.split("secret=", 1)[1]
    (small / ".vaultindex.toml").write_text("what = is this\n")  # trouble of the vault is nobody's business either
    for wrong in ("", "?secret=", f"?secret={right[:-1]}", f"?secret={right}x", "?secret=%C3%A9%00", f"?mine=perhaps&secret={right.swapcase()}",
                  f"?secret=x&secret={right[1:]}"):  # fmt: skip
        answer = fed.ask("/tasks.ics" + wrong)
        assert (answer.status, answer.text) == (404, "there is nothing at this address\n"), wrong
        assert "etag" not in answer.headers
    assert fed.ask(path, headers={"Host": "evil.example"}).status == 421
    assert fed.ask(path, "POST", b"").status == 403
    for other in ("/tasks", "/api/tasks", "/tasks.ics/", "/tasks.ics/../tasks"):
        assert fed.ask(f"{other}?secret={right}").status == 403, other


def test_a_new_address_ends_the_old_one_while_the_server_runs(fed: Fed) -> None:
    old = fed.feed()
    printed = fed.server.vi("serve", "--new-feed-address", "--port", str(fed.server.port)).strip()
    assert printed.startswith(f"http://127.0.0.1:{fed.server.port}/tasks.ics?secret=")
    new = printed.removeprefix(fed.server.base)
    assert new != old and fed.ask(old).status == 404 and fed.ask(new).status == 200 and fed.feed() == new
    (kept,) = (fed.server.folder / "state").rglob("feed-secret")
    assert kept.stat().st_mode & 0o077 == 0


def test_equal_notes_give_equal_bytes_and_what_a_calendar_has_is_not_sent_again(fed: Fed, small: Path) -> None:
    path = fed.feed()
    first, second = fed.ask(path), fed.ask(path)
    assert first.body == second.body and first.headers["etag"] == second.headers["etag"]
    tag = first.headers["etag"]
    for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = fed.ask(path, headers={"If-None-Match": given})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag), given
    assert fed.ask(path + "&mine=1", headers={"If-None-Match": tag}).status == 200
    (small / "Another.md").write_text("no task at all\n")
    assert fed.ask(path, headers={"If-None-Match": tag}).status == 304
    (small / "Another.md").write_text("- [ ] A task 📅 2025-10-20\n")
    changed = fed.ask(path, headers={"If-None-Match": tag})
    assert changed.status == 200 and changed.headers["etag"] != tag and "A task" in summaries(changed.body)


def test_what_cannot_be_asked_of_a_feed_is_said_to_who_has_the_secret(same: Fed) -> None:
    path = same.feed()
    for wrong, said in (
        ("&acount=x", "account"),
        ("&as=lists", "events or todos"),
        ("&due=nonsense", "nonsense"),
        ("&done=1", "'done' cannot be asked here"),
    ):
        answer = same.ask(path + wrong)
        assert answer.status == 400 and said in answer.text, wrong
    assert same.ask(path + "&account=Nobody").status == 404


def test_a_feed_whose_secret_cannot_be_kept_does_not_break_the_page(fed: Fed) -> None:
    fed.feed()
    (kept,) = (fed.server.folder / "state").rglob("feed-secret")
    kept.unlink()
    kept.mkdir()
    text = fed.page("/tasks")
    assert "--new-feed-address" in text and 'id="feed"' not in text
    assert fed.ask("/tasks.ics?secret=x").status == 404


def test_vdirsyncer_mirrors_the_feed_and_sees_the_task_that_was_done(fed: Fed, small: Path, tmp_path: Path) -> None:
    pytest.importorskip("vdirsyncer", reason="vdirsyncer is not installed")
    mirror, settings = tmp_path / "mirror", tmp_path / "vdirsyncer.conf"
    mirror.mkdir()
    settings.write_text(f"""[general]
status_path = "{tmp_path}/status"
[pair vault]
a = "here"
b = "feed"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "{mirror}"
fileext = ".ics"
[storage feed]
type = "http"
url = "{fed.server.base}{fed.feed()}"
""")

    def mirrored(*verbs: str) -> dict[str, str]:
        """UID -> summary, after one more run."""
        for verb in verbs:
            words = [sys.executable, "-m", "vdirsyncer", "-c", str(settings), verb]
            done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
            assert done.returncode == 0, done.stderr
        texts = [file.read_text() for file in mirror.glob("*.ics")]
        return {found(text, "UID"): found(text, "SUMMARY") for text in texts}

    def found(text: str, name: str) -> str:
        line: Any = re.search(rf"^{name}:(.*)$", text, re.M)
        return str(line[1]).strip()

    first = mirrored("discover", "sync")
    assert set(first.values()) == {"Send the sheet", "Call Ann", "✓ Done lately"}
    assert mirrored("sync") == first
    (small / "Note.md").write_text(
        NOTE.replace("- [ ] Call Ann 📅 2025-10-11", "- [x] Call Ann 📅 2025-10-11 ✅ 2025-10-07")
    )
    second = mirrored("sync")
    # (vdirsyncer gives each entry of a feed a UID of its own, by its content: so what did not change is the same file.)
    gone, come = first.items() - second.items(), second.items() - first.items()
    assert [what for _, what in gone] == ["Call Ann"] and [what for _, what in come] == ["✓ Call Ann"]
