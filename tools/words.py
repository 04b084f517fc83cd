"""Plain English in README and docs: proselint over their sentences, code left out; lines keep their numbers.

python tools/words.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# docs/json.md and docs/reference.md are written from the code.
PAGES = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "packaging" / "README.md",
    *(path for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in ("json.md", "reference.md")),
]  # fmt: skip


def sentences(text: str) -> str:
    """The text with its code and tables as blanks, line by line."""
    text = re.sub(r"^```.*?^```$", lambda found: "\n" * found[0].count("\n"), text, flags=re.S | re.M)
    text = re.sub(r"`[^`]*`", lambda found: "\n" * found[0].count("\n") + "it", text)
    return "\n".join("" if line.startswith("|") else line for line in text.split("\n"))


def main() -> int:
    """What proselint has to say, with the real names of the files; 1 when there is something."""
    with tempfile.TemporaryDirectory() as folder:
        copies = {}
        for page in PAGES:
            copy = Path(folder) / f"{len(copies)}.md"
            copy.write_text(sentences(page.read_text(encoding="utf-8")), encoding="utf-8")
            copies[str(copy)] = str(page.relative_to(ROOT))
        asked = [sys.executable, "-m", "proselint", "--config", str(ROOT / ".proselintrc.json"), "check", *copies]
        done = subprocess.run(asked, capture_output=True, text=True)
    said = done.stdout + done.stderr
    for copy, page in copies.items():
        said = said.replace(copy, page)
    if said.strip():
        print(said.strip())
    return int(bool(said.strip()) or done.returncode not in (0, 1))


if __name__ == "__main__":
    sys.exit(main())
