"""Everybody can use it: axe-core finds nothing on any page, light and dark, also at 360 pixels, where nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser import Window
from tests.web.served import Served

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
PAGES = (
    "/", "/triage", "/tasks", "/tasks?q=not+done%3B+group+by+priority", "/tasks?q=sort+by+nothing", "/agenda", "/waiting", "/accounts",
    "/account/contoso", "/people", "/person/Dana%20Leigh", "/decisions", "/decision/DECISION", "/note/Meetings/2025/2025-10-06%20Design%20review.md",
    "/search?q=the", "/review?when=2025-09", "/status", "/nowhere",
)  # fmt: skip
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


def violations(tab: Any) -> list[str]:
    found = tab.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
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
