"""Screenshots of six pages of `vi serve` on the fixture vault, at 1280 and 390 pixels, in light and dark: `make screenshots`.

python -m tools.screenshots FOLDER
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.web.browser import Window, launched, missing
from tests.web.served import Served

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "today": "/", "triage": "/triage", "tasks": "/tasks?open=1&due=..2025-10-10", "account": "/account/contoso",
    "note": "/note/Meetings/2025/2025-10-06%20Design%20review.md", "review": "/review?when=2025-09",
}  # fmt: skip


def main() -> None:
    """Write them into the folder that was named."""
    if missing():
        sys.exit(missing())
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder) / "Vault"
        shutil.copytree(ROOT / "fixtures" / "vault", vault)
        served = Served(vault, Path(folder))
        served.enter()
        try:
            with launched() as browser:
                for width, height in ((1280, 860), (390, 844)):
                    for scheme in ("light", "dark"):
                        window = Window(
                            browser, served, viewport={"width": width, "height": height}, color_scheme=scheme
                        )
                        for name, path in PAGES.items():
                            tab = window.tab(path)
                            if name in ("triage", "tasks"):
                                tab.keyboard.press("j")
                            tab.screenshot(path=str(target / f"{name}-{width}-{scheme}.png"))
                            tab.close()
                        window.close()
        finally:
            served.close()
    print(f"{len(list(target.glob('*.png')))} screenshots in {target}")


if __name__ == "__main__":
    main()
