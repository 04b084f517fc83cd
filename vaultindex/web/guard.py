"""Who may ask: every request passes here first, and every answer leaves with the headers that keep others out.

The order matters: the Host is looked at before anything else, on reads too, since a rebound page satisfies every check of
the Origin against the Host. Then sizes and rates, then the cookie, and for writes where the request came from.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_QUERY = 8_000  # bytes of an address
MOST_BODY = 64_000  # bytes of a form
FEED = "/tasks.ics"
RATE, BURST = 200.0, 600.0  # requests a second, and at once

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # a form's Origin is sent; an address of a note goes nowhere else
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]


def cookie_name(port: int) -> str:
    """The cookie of the page at this port: browsers send a cookie to every port of a machine."""
    return f"vaultindex-{port}"


class Guard:
    """The gate in front of the page."""

    def __init__(
        self, app: App, port: int, hosts: Iterable[str] = (), read_only: bool = False,
        take_key: Callable[[str], str | None] = lambda key: None, feeds: Iterable[str] = (FEED,),
    ) -> None:  # fmt: skip
        """`hosts` are names beside those of this machine, `feeds` the addresses that have a secret of their own. `take_key` says to which address of the page a key leads that was made
        later (`state/served.py`), None when it is none; like `key`, it opens the door once, in the address /enter/KEY.
        """
        self.app, self.read_only, self._take_key, self._feeds = app, read_only, take_key, frozenset(feeds)
        names = ["127.0.0.1", "localhost", "[::1]", *hosts]
        self.hosts = {f"{name}:{port}".lower() for name in names}
        if port == 80:
            self.hosts |= {name.lower() for name in names}
        self.cookie = cookie_name(port)
        self.key: str | None = secrets.token_urlsafe(24)
        self._ticket = secrets.token_urlsafe(32)  # what the cookie holds: another one than what stood in an address
        self._left, self._at = BURST, time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets here

        path = scope["path"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                given = {name for name, _ in own}
                headers = [*own, *(one for one in HEADERS if one[0] not in given)]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-cache" if path.startswith("/static/") else b"no-store"))
                message["headers"] = headers
            await send(message)

        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        refused = self._refusal(scope, headers)
        if refused is not None:
            await _say(guarded, *refused)
            return
        if path.startswith("/enter/"):
            await self._enter(path.removeprefix("/enter/"), headers, guarded)
            return
        await self.app(scope, _bounded(receive), guarded)

    def _refusal(self, scope: Scope, headers: dict[str, list[str]]) -> tuple[int, str] | None:
        """(status, sentence) of a request that may not pass."""
        host = headers.get("host", [])
        if len(host) != 1 or host[0].lower() not in self.hosts:
            return 421, "this page answers only under its own address on this machine"
        if not self._may_ask():
            return 429, "too many requests: wait a second"
        if len(scope.get("query_string", b"")) > MOST_QUERY or len(scope.get("raw_path") or b"") > MOST_QUERY:
            return 414, "the address is too long"
        length = headers.get("content-length", ["0"])[0]
        if not length.isascii() or not length.isdigit() or int(length[:12]) > MOST_BODY:
            return 413, "that is too much"
        method, path = scope["method"], scope["path"]
        if method not in ("GET", "HEAD", "POST"):
            return 405, "only GET, HEAD and POST are answered"
        if path.startswith("/enter/") and method == "GET":
            return None
        if path.startswith("/static/") and method != "POST":
            return None  # our own style and script: nothing of a vault
        if path in self._feeds and method != "POST":
            return None  # it has a secret of its own, as a calendar has no cookie
        if not self._has_ticket(headers):
            return 403, f"`vi serve` prints an address that lets this browser in ({self.cookie})"
        if method == "POST":
            if self.read_only:
                return 403, "this page was started with --read-only: nothing is changed"
            if not self._from_here(headers, host[0]):
                return 403, "a change must come from this page itself"
        return None

    def _may_ask(self) -> bool:
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * RATE, BURST)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def _has_ticket(self, headers: dict[str, list[str]]) -> bool:
        for line in headers.get("cookie", []):
            try:
                jar = SimpleCookie(line)
            except CookieError:
                continue
            if self.cookie in jar and secrets.compare_digest(jar[self.cookie].value.encode(), self._ticket.encode()):
                return True
        return False

    @staticmethod
    def _from_here(headers: dict[str, list[str]], host: str) -> bool:
        """Whether a write comes from our own page: as the browser says, or by the full Origin where it does not say."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == ["same-origin"]
        return [o.lower() for o in headers.get("origin", [])] == [f"http://{host.lower()}"]

    async def _enter(self, given: str, headers: dict[str, list[str]], send: Send) -> None:
        """Exchange the key for the cookie, once."""
        to = self._take(given)
        if self._has_ticket(headers):
            await _say(send, 303, "", [(b"location", (to or "/").encode())])
        elif to is not None:
            cookie = f"{self.cookie}={self._ticket}; HttpOnly; SameSite=Strict; Path=/"
            # No redirect: a strict cookie is not sent on one that another site's link began. From our own page it is.
            page = f'<!doctype html><html lang="en"><title>vaultindex</title><link rel="icon" href="/static/icon.svg"><meta http-equiv="refresh" content="0;url={escape(to)}"><a href="{escape(to)}">Open</a>'
            await _say(
                send,
                200,
                page,
                [(b"set-cookie", cookie.encode()), (b"referrer-policy", b"no-referrer")],
                b"text/html; charset=utf-8",
            )
        else:
            await _say(send, 403, "this address was used already, or is another run's: `vi serve` gives a fresh one")

    def _take(self, given: str) -> str | None:
        """Where this key leads; it is used up."""
        if self.key is not None and secrets.compare_digest(given.encode(), self.key.encode()):
            self.key = None
            return "/"
        return self._take_key(given)

    def ticket(self) -> str:
        """What the cookie must hold."""
        return self._ticket


def _bounded(receive: Receive) -> Receive:
    """A body that says no length is cut off as well."""
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > MOST_BODY else message

    return read


async def _say(
    send: Send,
    status: int,
    text: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    kind: bytes = b"text/plain; charset=utf-8",
) -> None:
    body = (text + "\n").encode() if text else b""
    start = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
