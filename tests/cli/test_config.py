"""The settings file: changed where it must be, checked before it is written, comments kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultindex.base.errors import UsageError
from vaultindex.cli.upkeep import settings_file

BEFORE = """\
# mine
me = ["Dana Leigh"]  # that is me

[vaults]
work = "/notes"  # the big one

[rows.risks]
headings = ["Risks"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file with comments."""
    path = tmp_path / "config.toml"
    path.write_text(BEFORE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("key", "text", "line"),
    [
        ("me", "Dana, Myself", 'me = ["Dana", "Myself"]'),
        ("me", '["A, B"]', 'me = ["A, B"]'),
        ("loose_items", "off", "loose_items = false"),
        ("vault", "work", 'vault = "work"'),
        ("vaults.home", "/other", 'home = "/other"'),
        ("rows.risks.callouts", "risk, danger", 'callouts = ["risk", "danger"]'),
        ("rows.ideas.headings", "Ideas", 'headings = ["Ideas"]'),
        ("remind", "08:30, 16:00", 'remind = ["08:30", "16:00"]'),
        ("remind", '["8:05"]', 'remind = ["8:05"]'),
    ],
)
def test_a_setting_is_set_and_every_comment_stays(file: Path, key: str, text: str, line: str) -> None:
    settings_file.change(str(file), key, settings_file.read(key, text))
    after = file.read_text(encoding="utf-8")
    assert line in after and after.startswith("# mine\n") and "# the big one" in after
    settings_file.change(str(file), key, None)
    assert line not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("exlude", "x", "Did you mean exclude"),
        ("me.first", "x", "no setting 'me.first'"),
        ("loose_items", "perhaps", "true or false"),
        ("me", '["open', "a list is written as"),
        ("rows.risks.colours", "red", "rows must be a table a kind"),
        ("remind", "8", r"remind must be a list of times of the day \["),
        ("remind", '["08:30", "25:00"]', r"remind must be a list of times of the day \["),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(file: Path, key: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        settings_file.change(str(file), key, settings_file.read(key, text))
    assert file.read_text(encoding="utf-8") == BEFORE


def test_a_file_that_is_no_toml_is_named_and_left(file: Path) -> None:
    file.write_text("me = [\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"config\.toml: is not valid TOML"):
        settings_file.change(str(file), "me", ["x"])
    assert file.read_text(encoding="utf-8") == "me = [\n"


def test_a_first_setting_makes_the_file_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    settings_file.change(str(path), "vaults.work", "/notes")
    assert path.read_text(encoding="utf-8") == '[vaults]\nwork = "/notes"\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_settings_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    settings_file.change(str(link), "me", ["x"])
    assert link.is_symlink() and 'me = ["x"]' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ('[vaults]\na = "b"\n', "vault", 'vault = "v"\n\n[vaults]\na = "b"\n'),
        ('vaults = { a = "b" }\n', "vaults.work", 'vaults = { a = "b", work = "v" }\n'),
        ('[vaults]\nwork = "old" # note\n', "vaults.work", '[vaults]\nwork = "v" # note\n'),
    ],
)
def test_whatever_way_the_file_is_written_it_stays_that_way(file: Path, before: str, key: str, after: str) -> None:
    file.write_text(before, encoding="utf-8")
    settings_file.change(str(file), key, "v")
    import tomllib

    text = file.read_text(encoding="utf-8")
    assert tomllib.loads(text) == tomllib.loads(after) and ("# note" in text) == ("# note" in after)
