"""Everybody can use it: axe-core finds nothing on any page, light and dark, also at 360 pixels, where nothing is cut off."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vaultindex.web
from tests.web.browser import Window
from tests.web.served import Served

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
PAGES = (
    "/", "/triage", "/tasks", "/tasks?q=not+done%3B+group+by+priority", "/tasks?q=sort+by+nothing", "/agenda", "/waiting", "/accounts",
    "/account/contoso", "/people", "/person/Dana%20Leigh", "/decisions", "/decision/DECISION", "/note/Meetings/2025/2025-10-06%20Design%20review.md",
    "/search?q=the", "/review?when=2025-09", "/status", "/nowhere",
)  # fmt: skip
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
STYLE = Path(vaultindex.web.__file__ or "").with_name("static") / "page.css"


def test_no_colour_depends_on_the_width_of_the_window() -> None:
    """And all is visible in a narrow one, where nothing waits for a pointer: contrasts are looked at there."""
    style = STYLE.read_text(encoding="utf-8")
    starts = [found.end() for found in re.finditer(r"@media[^{]*width[^{]*\{", style)]
    assert len(starts) == 3
    for start in starts:
        found = re.match(r"(?:[^{}]*\{[^{}]*\})*", style[start:])
        assert found is not None and not re.search(
            r"(?<![-\w])(color|background|opacity|filter|display: none)", found[0]
        )
        if "max-width" in style[:start].rpartition("@media")[2]:
            assert "hidden" not in found[0]


def violations(tab: Any) -> list[str]:
    rules = "" if tab.viewport_size["width"] < 1000 else ", rules: { 'color-contrast': { enabled: false } }"
    found = tab.evaluate(f"() => axe.run(document, {{ resultTypes: ['violations']{rules} }})")
    return [f"{one['id']}: {one['help']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("width, scheme", LOOKS)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    shown: Served, window: Callable[..., Window], width: int, scheme: str
) -> None:
    axe = AXE.read_text(encoding="utf-8") if AXE.exists() else ""
    one = window(shown, viewport={"width": width, "height": 800}, color_scheme=scheme)
    one.allowed = ("400", "404")
    tab = one.tab()
    decision = shown.json("/api/decisions")[0]["id"]
    wrong = []
    for path in PAGES:
        tab.goto(shown.base + path.replace("DECISION", decision))
        wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            wrong.append(f"{path}: {wide} pixels wider than the screen")
        if axe:
            tab.evaluate(axe)
            wrong += [f"{path}: {what}" for what in violations(tab)]
    if axe:
        tab.goto(shown.base + "/triage")
        tab.evaluate(axe)
        tab.keyboard.press("?")
        wrong += [f"keys: {what}" for what in violations(tab)]
        tab.keyboard.press("Escape")
        tab.locator("dialog[open]").wait_for(state="detached")
        tab.keyboard.press("j")
        tab.keyboard.press("d")
        wrong += [f"question: {what}" for what in violations(tab)]
    assert wrong == []
    if not axe:
        pytest.skip("axe-core is not there (npm install --prefix tests/web): only the width of the pages was looked at")
