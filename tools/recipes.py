"""Fill in the recipes of `packaging/` for a release: the address and checksum of its archive, and of what Homebrew needs.

    python tools/recipes.py dist [--homepage URL] [--source URL]

Writes dist/packaging/. Addresses of other packages come from pip, which is asked what it would install.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ("homebrew/obsidian-vaultindex.rb", "arch/PKGBUILD")


def resources(archive: Path) -> str:
    """A `resource` block for each package that the archive needs, those that they need too: their sources, as pip finds them."""
    blocks = []
    for one in _report(str(archive)):
        name, version = one["metadata"]["name"], one["metadata"]["version"]
        if name.replace("_", "-") == "obsidian-vaultindex":
            continue
        (source,) = _report("--no-deps", f"--no-binary={name}", f"{name}=={version}")
        info = source["download_info"]
        checksum = info["archive_info"]["hashes"]["sha256"]
        blocks.append(f'  resource "{name}" do\n    url "{info["url"]}"\n    sha256 "{checksum}"\n  end\n')
    return "\n".join(sorted(blocks, key=str.lower))


def _report(*what: str) -> list[dict[str, Any]]:
    """What pip would install, from where; nothing is installed."""
    asked = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]
    done = subprocess.run([*asked, "--ignore-installed", "--report", "-", *what], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"pip does not say where {what[-1]} is:\n{done.stderr}")
    return list(json.loads(done.stdout)["install"])


def fill(text: str, values: dict[str, str], blocks: str) -> str:
    """The recipe with what is known; a placeholder whose value is '' stays."""
    lines = []
    for line in text.splitlines():
        if "@RESOURCES@" in line and blocks:
            lines += blocks.splitlines()
            continue
        for name, value in values.items():
            line = line.replace(f"@{name}@", value or f"@{name}@")
        lines.append(line)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write each recipe, and say what is still to be filled in."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dist", type=Path)
    parser.add_argument("--homepage", default="")
    parser.add_argument("--source", default="")
    given = parser.parse_args()
    archives = sorted(given.dist.glob("*.tar.gz"))
    if len(archives) != 1:
        sys.exit(f"{given.dist} must hold one source archive, not {len(archives)}")
    checksum = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    values = {"HOMEPAGE": given.homepage, "SOURCE": given.source, "SHA256": checksum}
    blocks = resources(archives[0])
    (given.dist / "packaging").mkdir(exist_ok=True)
    for recipe in RECIPES:
        text = (ROOT / "packaging" / recipe).read_text(encoding="utf-8")
        (given.dist / "packaging" / Path(recipe).name).write_text(fill(text, values, blocks), encoding="utf-8")
    missing = [name for name, value in values.items() if not value]
    print(f"{given.dist}/packaging: {', '.join(Path(r).name for r in RECIPES)}")
    if missing:
        print(
            f"still to be filled in: {', '.join(f'@{name}@' for name in missing)} (make release HOMEPAGE=... SOURCE=...)"
        )


if __name__ == "__main__":
    main()
