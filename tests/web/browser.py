"""The browser that is installed, if one is: what it is called, and a tab that tells of everything it should not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.web.served import Served

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
REPORTS = "addEventListener('securitypolicyviolation', (e) => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"


def program() -> str | None:
    """The browser's program; VAULTINDEX_BROWSER names another one."""
    named = os.environ.get("VAULTINDEX_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str:
    """Why the tests with a browser cannot run, '' when they can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "no browser test: playwright is not installed (pip install -e '.[dev]')"
    if program() is None:
        return f"no browser test: none of {', '.join(NAMES)} is installed (apt install chromium)"
    return ""


@contextmanager
def launched() -> Iterator[Any]:
    """The browser, until the end of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        one = play.chromium.launch(executable_path=program(), args=FLAGS)
        try:
            yield one
        finally:
            one.close()


class Window:
    """A browser of its own (cookies and all) that has entered the page; `wrong` is what none may ever do."""

    def __init__(self, browser: Any, served: Served, **context: Any) -> None:
        self.served, self.wrong = served, list[str]()
        self.allowed: tuple[str, ...] = ()
        self.context = browser.new_context(viewport=context.pop("viewport", {"width": 1280, "height": 800}), **context)
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(REPORTS)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))
        if served.cookie:
            name, _, value = served.cookie.partition("=")
            self.context.add_cookies(
                [{"name": name, "value": value, "url": served.base, "sameSite": "Strict", "httpOnly": True}]
            )

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != f"127.0.0.1:{self.served.port}":
            self.wrong.append(f"asked for {request.url}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(one in message.text for one in self.allowed):
            self.wrong.append(f"console: {message.text}")

    def tab(self, path: str = "/") -> Any:
        """A new tab at this address; the stream of changes is open unless there is no script."""
        tab = self.context.new_page()
        tab.goto(self.served.base + path)
        return tab

    def close(self) -> None:
        self.context.close()
        assert self.wrong == [], self.wrong
