"""The recipes of `packaging/` agree with pyproject.toml, and a release fills in what they leave open."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from vaultindex import __version__

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDS = sorted(re.match(r"[\w-]+", line)[0] for line in PROJECT["dependencies"])  # type: ignore[index]
FORMULA = (ROOT / "packaging" / "homebrew" / "obsidian-vaultindex.rb").read_text(encoding="utf-8")
PKGBUILD = ROOT / "packaging" / "arch" / "PKGBUILD"
OLDEST = PROJECT["requires-python"].removeprefix(">=")

bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def of_pkgbuild(what: str) -> list[str]:
    """A variable of the PKGBUILD as bash has it, the words of a list one by one."""
    script = f'source "{PKGBUILD}"; printf "%s\\n" "${{{what}[@]}}"'
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, timeout=30
    ).stdout.splitlines()


def test_the_formula_has_the_projects_version_name_licence_and_dependencies() -> None:
    assert re.findall(r'^  version "(.+)"$', FORMULA, re.M) == [__version__]
    assert re.findall(r'^  license "(.+)"$', FORMULA, re.M) == [PROJECT["license"]]
    assert re.findall(r"^class (\w+) < Formula$", FORMULA, re.M) == [
        "".join(w.title() for w in PROJECT["name"].split("-"))
    ]
    assert re.findall(r"^  # Needs: (.+)$", FORMULA, re.M) == [" ".join(NEEDS)]
    python = re.findall(r'depends_on "python@(\d+)\.(\d+)"', FORMULA)
    assert [tuple(map(int, version)) >= tuple(map(int, OLDEST.split("."))) for version in python] == [True]


@pytest.mark.skipif(shutil.which("ruby") is None, reason="ruby is not installed")
def test_ruby_reads_the_formula(tmp_path: Path) -> None:
    done = subprocess.run(
        ["ruby", "-c", str(ROOT / "packaging/homebrew/obsidian-vaultindex.rb")],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


@bash
def test_the_pkgbuild_has_the_projects_version_name_licence_and_dependencies() -> None:
    assert of_pkgbuild("pkgver") == [__version__] and of_pkgbuild("pkgname") == [PROJECT["name"]]
    assert of_pkgbuild("license") == [PROJECT["license"]]
    python, *others = of_pkgbuild("depends")
    assert python == f"python>={OLDEST}"
    assert sorted(f"python-{name.removeprefix('python-')}" for name in NEEDS) == sorted(others)
    assert any(line.startswith("python-mcp:") for line in of_pkgbuild("optdepends")) == (
        "mcp" in PROJECT["optional-dependencies"]
    )


def test_the_changelog_begins_with_the_version() -> None:
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert first is not None and first[1] == __version__


def test_no_recipe_names_a_host() -> None:
    for path in (ROOT / "packaging").rglob("*"):
        if path.is_file() and path.name != "README.md":
            assert "://" not in path.read_text(encoding="utf-8"), path


def test_a_release_fills_in_addresses_and_checksums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import recipes

    block = '  resource "click" do\n    url "u"\n    sha256 "s"\n  end\n'
    done = recipes.fill(FORMULA, {"HOMEPAGE": "h://x", "SOURCE": "h://x/a.tar.gz", "SHA256": "f" * 64}, block)
    assert "@" not in re.sub(r"python@|between @ signs", "", done) and block in done and 'url "h://x/a.tar.gz"' in done
    assert "@SOURCE@" in recipes.fill(FORMULA, {"HOMEPAGE": "", "SOURCE": "", "SHA256": "f"}, "")
    (tmp_path / "dist").mkdir()
    told = subprocess.run(
        [sys.executable, str(ROOT / "tools/recipes.py"), str(tmp_path / "dist")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1 and "must hold one source archive, not 0" in told.stderr
