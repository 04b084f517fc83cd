"""Put each bug of the list into a copy of the program and run the tests that fit; a bug that no test notices is printed.

`python -m tests.mutants [WORD]`: only bugs whose file or sentence holds the word. Exit code 1 when one lives, 2 when the
list does not fit the program any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = (
    "vaultindex",
    "tests",
    "fixtures",
    "docs",
    "benchmarks",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "Makefile",
)
SECONDS = 300  # for the tests of one bug: whoever hangs is noticed


def wrong_entries(mutants: Iterable[Mutant]) -> list[str]:
    """What is wrong with the list: text that does not stand in its file, or more than once."""
    found = []
    for one in mutants:
        count = (ROOT / one.file).read_text(encoding="utf-8").count(one.old)
        if count != 1:
            found.append(f"{one.file}: {one.breaks}: its text stands there {count} times, not once")
        found += [
            f"{one.file}: {one.breaks}: no test file {test}"
            for test in one.tests
            if not (ROOT / test.split("::")[0]).exists()
        ]
    return found


def copy_to(folder: Path) -> None:
    """The program and its tests, without what they left behind, and a Python whose `vaultindex` and `vi` are this copy."""
    venv.create(folder / ".venv", with_pip=False, symlinks=True)
    packages = next((folder / ".venv").glob("lib/python*/site-packages"))
    (packages / "copy.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    for name in ("vi", "vaultindex"):
        script = folder / ".venv" / "bin" / name
        script.write_text(
            f"#!{folder}/.venv/bin/python\nimport sys\nfrom vaultindex.launcher import main\nsys.exit(main())\n"
        )
        script.chmod(0o755)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        elif source.exists():
            shutil.copy2(source, folder / name)


def passes(folder: Path, tests: Iterable[str], words: str = "") -> bool:
    """Whether these tests pass on the program in this folder. Raises RuntimeError when they cannot be run."""
    only = ["-k", words] if words else []
    command = [
        str(folder / ".venv" / "bin" / "python"),
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        *only,
        *tests,
    ]
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1, 2):  # 2: a test file that cannot even be imported any more
        raise RuntimeError(
            f"{' '.join(tests)} -k {words!r}: pytest ended with {done.returncode}\n{done.stdout[-2000:]}"
        )
    return done.returncode == 0


def lives(folder: Path, one: Mutant) -> bool:
    """Whether no test notices this bug."""
    path = folder / one.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(one.old, one.new, 1), encoding="utf-8")
    try:
        return passes(folder, one.tests, one.words)
    finally:
        path.write_text(text, encoding="utf-8")


def main(word: str = "") -> int:
    """Try them all, two at a time; the survivors on stdout."""
    chosen = [one for one in MUTANTS if word in f"{one.file} {one.breaks}"]
    wrong = wrong_entries(chosen)
    if wrong:
        print("\n".join(wrong))
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        free: Queue[Path] = Queue()
        for number in range(2):
            folder = Path(place) / str(number)
            folder.mkdir()
            copy_to(folder)
            free.put(folder)

        def tried(one: Mutant) -> tuple[Mutant, bool]:
            folder = free.get()
            try:
                return one, lives(folder, one)
            finally:
                free.put(folder)

        survivors = []
        with ThreadPoolExecutor(2) as pool:
            for one, alive in pool.map(tried, chosen):
                if alive:
                    survivors.append(one)
                    print(f"{one.file}: {one.breaks}\n  - {one.old}\n  + {one.new}", flush=True)
    print(f"{len(chosen)} bugs, {len(survivors)} live, {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
