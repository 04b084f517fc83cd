"""Who may ask the page, and what a note may do there: each attack is refused or harmless."""

from __future__ import annotations

import copy
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.web.browser import Window
from tests.web.served import PATIENCE, Served, until

HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def served(shown: Served) -> Served:
    """One server for all that is refused; what a test does to the cookie is its own."""
    return copy.copy(shown)


@pytest.fixture
def alone(serve: Callable[..., Served], vault: Path) -> Served:
    """A server of the test's own."""
    one = serve(vault)
    one.enter()
    return one


def own(one: Served) -> str:
    return f"http://127.0.0.1:{one.port}"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.:PORT", "127.0.0.1.evil.example:PORT", "", "127.0.0.1:PORT@evil", "[::1", "0.0.0.0:PORT", "2130706433:PORT"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/tasks", "/static/page.js", "/events", "/enter/KEY", "/tasks.ics"])
def test_another_host_is_refused_also_for_reading(served: Served, host: str, path: str) -> None:
    answer = served.ask(path.replace("KEY", served.key), headers={"Host": host.replace("PORT", str(served.port))})
    assert answer.status == 421 or (host == "" and answer.status == 400)
    assert "set-cookie" not in answer.headers


def test_two_hosts_or_none_are_refused(served: Served) -> None:
    for head in ("", f"Host: 127.0.0.1:{served.port}\r\nHost: evil.example\r\n"):
        assert b" 200 " not in raw(
            served, f"GET / HTTP/1.1\r\n{head}Cookie: {served.cookie}\r\nConnection: close\r\n\r\n".encode()
        )


def raw(served: Served, data: bytes) -> bytes:
    """The answer to these bytes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as conn:
        conn.sendall(data)
        found = b""
        while piece := conn.recv(65_536):
            found += piece
        return found


@pytest.mark.parametrize(
    "cookie",
    ["", "vaultindex-PORT=", "vaultindex-PORT=KEY", "vaultindex-OTHER=TICKET", "vaultindex=TICKET", "VAULTINDEX-PORT=TICKET", "vaultindex-PORT=TICKETx", "vaultindex-PORT=\"é\"", "=;;=,\\"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/triage", "/api", "/api/tasks", "/events", "/note/Home.md", "/nowhere"])
def test_without_the_cookie_of_this_run_nothing_is_shown(served: Served, cookie: str, path: str) -> None:
    ticket = served.cookie.split("=")[1]
    served.cookie = ""
    for word, value in (
        ("PORT", str(served.port)),
        ("OTHER", str(served.port + 1)),
        ("KEY", served.key),
        ("TICKET", ticket),
    ):
        cookie = cookie.replace(word, value)
    answer = served.ask(path, headers={"Cookie": cookie.encode("utf-8").decode("latin-1")} if cookie else {})
    assert answer.status == 403 and len(answer.body) < 200


def test_the_cookie_of_another_server_on_this_machine_opens_nothing(
    served: Served, serve: Callable[..., Served], vault: Path
) -> None:
    other = serve(vault)
    stolen = other.enter()
    served.cookie = ""
    assert served.ask("/", headers={"Cookie": stolen}).status == 403
    assert served.ask("/", headers={"Cookie": stolen.replace(str(other.port), str(served.port))}).status == 403


def test_the_address_lets_one_browser_in_once_and_its_cookie_is_for_this_page_alone(
    serve: Callable[..., Served], vault: Path
) -> None:
    one = serve(vault)
    assert one.ask("/enter/wrong").status == 403 and one.ask("/enter/").status == 403
    first = one.ask(f"/enter/{one.key}")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(f"vaultindex-{one.port}=") and {"HttpOnly", "SameSite=Strict"} <= {
        part.strip() for part in cookie.split(";")
    }
    assert one.key not in cookie and one.key not in first.text and first.headers["referrer-policy"] == "no-referrer"
    assert one.ask(f"/enter/{one.key}").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": "https://127.0.0.1:PORT"},
        {"Origin": "http://127.0.0.1:PORT.evil.example"}, {"Referer": "http://127.0.0.1:PORT/"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:PORT"}, {"Sec-Fetch-Site": "none", "Origin": "http://127.0.0.1:PORT"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:PORT"},
    ],
)  # fmt: skip
def test_a_change_from_elsewhere_is_refused(served: Served, headers: dict[str, str]) -> None:
    row = served.json("/api/tasks?due=today&open=1")[0]
    before = (served.vault / row["path"]).read_bytes()
    given = {name: value.replace("PORT", str(served.port)) for name, value in headers.items()}
    body = f"verb=done&id={row['id']}&raw={quote(row['raw'])}".encode()
    assert served.ask("/do", "POST", body, {**FORM, **given}).status == 403
    assert (served.vault / row["path"]).read_bytes() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_a_post_changes_anything_and_no_other_origin_is_told_what_it_may(served: Served, method: str) -> None:
    answer = served.ask("/do?verb=undo", method, headers={"Origin": "http://evil.example", **HERE})
    assert answer.status in (404, 405)
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_change_from_the_page_itself_is_made_and_undone(alone: Served) -> None:
    task = alone.json("/api/tasks?due=today&open=1")[0]
    note = alone.vault / task["path"]
    before = note.read_bytes()
    stale = alone.do(verb="done", id=task["id"], raw=task["raw"] + "x")
    assert stale.status == 409 and note.read_bytes() == before
    assert alone.do(verb="done", id=task["id"], raw=task["raw"]).status == 200
    assert note.read_bytes() != before
    assert "via web" in alone.vi("log", "--json")
    assert alone.do(verb="undo").status == 200
    assert note.read_bytes() == before
    by_origin = {**FORM, "Origin": own(alone)}
    body = f"verb=done&id={task['id']}&raw={quote(task['raw'])}&back=//evil.example".encode()
    page = alone.ask("/do", "POST", body, by_origin)
    assert page.status == 200 and "evil.example" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/note/../../etc/passwd", "/note/..%2f..%2fetc%2fpasswd", "/note//etc/passwd", "/note/%2e%2e/%2e%2e/etc/passwd", "/note/....//etc/passwd",
        "/note/C:%5CWindows%5Cwin.ini", "/note/Home.md%00.png", "/note/.obsidian/app.json", "/note/outside.md", "/api/note/..%2f..%2fetc%2fpasswd",
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/", "/static", "/account/..%2f..", "/person/%ff%fe",
        "/decision/..", "//evil.example/", "/%0d%0aSet-Cookie:%20a=b",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_vault(served: Served, path: str) -> None:
    secret = served.folder / "secret.md"
    secret.write_text("- [ ] root:x:0:0 secret\n", encoding="utf-8")
    (served.vault / "outside.md").unlink(missing_ok=True)
    (served.vault / "outside.md").symlink_to(secret)
    answer = served.ask(path)
    assert answer.status in (307, 400, 403, 404, 405) and b"root:" not in answer.body and b"import" not in answer.body
    assert "set-cookie" not in answer.headers and "evil" not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    "path, method, body, status",
    [
        ("/tasks?q=" + "x" * 5_000_000, "GET", None, (400, 414, 431)), ("/tasks?q=" + "x" * 9_000, "GET", None, (414,)),
        ("/do", "POST", b"x" * 5_000_000, (413,)), ("/do", "POST", b"&".join(b"a=b" for _ in range(1000)), (400, 413)),
        ("/do", "POST", b"\xff\xfe=%ff", (400, 413)), ("/tasks?q=" + quote("(" * 2_000), "GET", None, (400,)),
        ("/tasks?words=" + quote("\x00\x1b]0;x\x07"), "GET", None, (200, 400)), ("/tasks?page=" + "9" * 30, "GET", None, (200,)),
        ("/agenda?when=9999-12-31&days=366", "GET", None, (200, 400)), ("/agenda?when=0001-01-01", "GET", None, (200, 400)),
        ("/search?q=" + quote('"' * 999), "GET", None, (200, 400)), ("/review?when=" + quote("2025-13"), "GET", None, (400,)),
        ("/status?kind=" + quote("';--"), "GET", None, (200, 400)), ("/tasks?due=%00", "GET", None, (200, 400)), ("/api/search?q=the%00plan", "GET", None, (200,)),
        ("/api/tasks?mine=maybe", "GET", None, (400,)), ("/api/tasks?limit=", "GET", None, (400,)), ("/api/tasks?limit=0", "GET", None, (400,)), ("/tasks?nothing=1", "GET", None, (200, 400)),
    ],
)  # fmt: skip
def test_what_is_too_much_or_makes_no_sense_is_refused_in_words(
    served: Served, path: str, method: str, body: bytes | None, status: tuple[int, ...]
) -> None:
    try:
        answer = served.ask(path, method, body, HERE)
        assert answer.status in status, answer.body[:300]
        assert b"Traceback" not in answer.body and b"trouble in vaultindex" not in answer.body
    except (BrokenPipeError, ConnectionResetError):
        assert len(path) + len(body or b"") > 1_000_000, "refused before all of it was sent"
    assert served.ask("/status").status == 200


def test_ten_thousand_requests_are_answered_or_refused_and_the_page_lives(alone: Served) -> None:
    import http.client

    conn = http.client.HTTPConnection("127.0.0.1", alone.port, timeout=PATIENCE)
    seen: dict[int, int] = {}
    for _ in range(10_000):
        conn.request("GET", "/", headers={"Host": f"127.0.0.1:{alone.port}"})
        answer = conn.getresponse()
        answer.read()
        seen[answer.status] = seen.get(answer.status, 0) + 1
    conn.close()
    assert set(seen) <= {403, 429} and seen[403] >= 600 and sum(seen.values()) == 10_000
    until(lambda: alone.ask("/").status == 200)


def test_slow_clients_are_cut_off_and_do_not_keep_others_out(serve: Callable[..., Served], vault: Path) -> None:
    one = serve(vault, setup="import vaultindex.web.server as server; server.PATIENCE = 1.0")
    one.enter()
    begun = time.monotonic()
    slow = [socket.create_connection(("127.0.0.1", one.port), timeout=PATIENCE) for _ in range(120)]
    for number, conn in enumerate(slow):
        conn.sendall(
            (
                b"GET / HTT",
                b"GET / HTTP/1.1\r\nHost: ",
                b"",
                f"POST /do HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\nCookie: {one.cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 50\r\n\r\nverb=".encode(),
            )[number % 4]
        )
    for conn in slow:  # all are cut off, with or without a word
        try:
            while conn.recv(10_000):
                pass
        except ConnectionResetError:
            pass
        conn.close()
    assert one.ask("/").status == 200
    assert time.monotonic() - begun < PATIENCE


def test_every_answer_carries_the_headers_that_keep_others_out(served: Served) -> None:
    for path in ("/", "/api/tasks", "/static/page.js", "/nowhere", "/note/Home.md"):
        headers = served.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
        assert "server" not in headers and not [name for name in headers if name.startswith("access-control")]


# --- what a note may do ---

BAD = {
    "script": "<script>document.title='acted'</script>",
    "handler": "<img src=x onerror=\"document.title='acted'\">",
    "attribute": "\" onmouseover=\"document.title='acted'\" x='",
    "style": "<style>*{display:none}</style>",
    "svg": "<svg/onload=document.title='acted'>",
    "frame": "<iframe src=http://evil.example></iframe>",
    "url": "[a](javascript:document.title='acted')",
    "data": "[a](data:text/html,x)",
    "wiki": "[[javascript:alert(1)|b]]",
    "template": "{{ 7 * 7 }}{% raw %}",
    "remote": "![i](http://evil.example/i.png)",
    "osc": "\x1b]8;;http://evil.example\x07c\x1b]8;;\x07",
    "bidi": "\u202egnp.exe\u202c",
}


@pytest.fixture
def hostile(small: Path, serve: Callable[..., Served]) -> Iterator[Served]:
    """A vault whose every part that is shown is hostile: texts, owners, accounts, people, decisions, tags, titles, file names."""
    for number, (name, bad) in enumerate(BAD.items(), 1):
        safe_name = re.sub(r"[/\x00-\x1f]", "_", bad)[:60]
        yaml = bad.replace("'", "''").replace("\x1b", "").replace("\x07", "")
        (small / f"{name} {safe_name}.md").write_text(
            f"---\ntype: '{yaml}'\ndate: 2025-09-{number:02}\naccount: '{yaml}'\nproject: '{yaml}'\nsource: '{yaml}'\nparticipants: ['{yaml}']\ntags: ['{name}']\naliases: ['{yaml}']\n---\n"
            f"# {bad}\n- [ ] {name} {bad} 📅 2025-10-07\n- [?] idea {bad} #proposed\n- [x] was {bad} ✅ 2025-09-10\n## Decisions\n- decided {bad}\n## Action Items\n- [ ] theirs @{bad}\n{bad}\n```\n{bad}\n```\n",
            encoding="utf-8",
        )
    one = serve(small)
    one.enter()
    yield one


def test_nothing_that_a_note_holds_acts_anywhere(hostile: Served, window: Callable[..., Window]) -> None:
    one = window(hostile)
    one.allowed = ("404",)
    tab = one.tab()
    rows: list[Any] = hostile.json("/api/tasks?all=1")
    paths = [
        "/",
        "/triage",
        "/tasks?all=1",
        "/agenda",
        "/waiting",
        "/accounts",
        "/people",
        "/decisions",
        "/review?when=2025-09",
        "/status",
        "/search?q=idea",
    ]
    paths += [f"/note/{quote(path)}" for path in sorted({row["path"] for row in rows})]
    paths += [f"/account/{quote(row['name'], safe='')}" for row in hostile.json("/api/accounts")]
    paths += [f"/person/{quote(row['name'], safe='')}" for row in hostile.json("/api/people")]
    paths += [f"/search?q={quote(bad)}" for bad in BAD.values()] + [
        f"/tasks?words={quote(bad)}" for bad in BAD.values()
    ]
    paths += [f"/tasks?q={quote(bad)}" for bad in BAD.values()] + [f"/{quote(bad)}" for bad in BAD.values()]
    one.allowed = ("404", "400")
    shown = 0
    for path in paths:
        tab.goto(hostile.base + path)
        assert tab.title() != "acted" and tab.url.startswith(hostile.base + "/")
        assert tab.locator("main").is_visible(), path
        found = tab.evaluate(
            "() => [...document.querySelectorAll('main script, main style, main img, main iframe, main object, main embed, main link')].length"
            " + [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'style')).length"
            " + [...document.links].filter((a) => !/^(http|obsidian|mailto)/.test(a.protocol)).length"
        )
        assert found == 0, path
        text = tab.locator("main").inner_text()
        assert "\x1b" not in text and "\u202e" not in text, path
        shown += "acted" in text
    assert shown > 10, "it is there, as text"


def test_the_log_holds_no_text_of_a_note_and_no_secret(alone: Served) -> None:
    for path in ("/", "/tasks?words=secretword", "/nowhere", "/note/nothing", "/tasks?q=%00"):
        alone.ask(path)
    alone.process.terminate()
    out, err = alone.process.communicate()
    assert (out, err) == ("", "")
