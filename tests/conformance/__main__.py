"""`make conformance`: one table of sets, cases and agreement; each disagreement that stays is listed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def main() -> int:
    """Print the table; 1 when a set disagrees anywhere."""
    here = Path(__file__).parent
    bad: list[tuple[str, list[str]]] = []
    print(f"{'set':<34}{'cases':>8}{'agreeing':>10}{'%':>8}")
    for path in sorted(here.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        module = importlib.import_module(f"tests.conformance.{path.stem}")
        for name, check in module.SETS:
            try:
                cases, agreeing, differences = check(SHARED)
            except FileNotFoundError:
                print(f"{name:<34}{'absent, skipped':>26}")
                continue
            print(f"{name:<34}{cases:>8}{agreeing:>10}{100 * agreeing / max(cases, 1):>8.2f}", flush=True)
            if differences:
                bad.append((name, differences))
    for name, differences in bad:
        print(f"\n{name}: {len(differences)} disagree")
        for text in differences[:20]:
            print(f"  {text}")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
