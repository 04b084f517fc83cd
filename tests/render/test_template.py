"""--template: lines in a person's own words, from the fields of the answer and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell import Shell
from vaultindex.base import settings
from vaultindex.base.errors import UsageError
from vaultindex.render import table
from vaultindex.render.colours import NAMES, PARTS, codes
from vaultindex.render.template import Template

ROW = {"text": "Größe 見積もり", "due": "2025-10-07", "mine": True, "tags": ["#a", "#b"], "owner": None, "bad": "2025-02-30", "n": 7}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{due} {text}", "2025-10-07 Größe 見積もり"), ("{owner}|{mine}|{tags}", "|yes|#a; #b"), ("{n:>3}|{n:<3}|{n:^3}|", "  7|7  | 7 |"),
        ("{text:.7}|", "Größe…|"), ("{text:<18}|", "Größe 見積もり    |"), ("{text:<9.9}|", "Größe…   |"), ("{due:%d %b}", "07 Oct"),
        ("{bad:%d}", "2025-02-30"), ("{owner:%d}", ""), ("{{{n}}}", "{7}"), ("a\\tb\\\\{n}", "a\tb\\7"), ("", ""),
    ],
)  # fmt: skip
def test_a_template_is_filled_from_the_row(template: str, line: str) -> None:
    assert list(Template(template, list(ROW)).lines([ROW])) == [line]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{txt}", "no field 'txt'. Did you mean text"), ("{text.__class__}", "no field 'text.__class__'"), ("{text[0]}", "no field"), ("{0}", "no field"),
        ("{}", "no field ''"), ("{text!r}", "has a conversion"), ("{text:>99999}", "unknown shape"), ("{text:{n}}", "unknown shape"), ("{text", "written {{ or }}"),
        ("}", "written {{ or }}"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_is_named(template: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        Template(template, list(ROW))
    assert said in str(error.value)


def test_what_a_note_says_is_never_obeyed_by_the_terminal() -> None:
    line = next(iter(Template("{text}", ["text"]).lines([{"text": "a\x1b[31mb\nc"}])))
    assert line == "a\\x1b[31mb c"


def test_lists_take_a_template_and_only_with_rows(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    out, code = shell.run("vi tasks --due today --mine --open --template '{due:%d.%m.} {text}'", terminal=False)
    assert code == 0 and out == "07.10. Send the revised price sheet.\n07.10. Refresh the account plan for Tailspin.\n"
    assert shell.run("vi tasks --template '{text}' --json")[1] == 2
    text, code = shell.run("vi tasks nothing-has-this --template '{text}'")
    assert code == 0 and "no tasks" in text
    assert shell.run("vi remind --template '{due} due'", terminal=False)[0] == "5 due\n"
    assert shell.run("vi remind --template '{due.real}'")[1] == 2


def test_the_colours_of_parts_are_chosen_in_the_settings(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    del shell.env["NO_COLOR"]
    assert "\x1b[31m15 Jul" in shell.run("vi tasks --overdue")[0]
    assert shell.run("vi config set colours.overdue 'bright-red bold'")[1] == 0
    assert "\x1b[91;1m15 Jul" in shell.run("vi tasks --overdue")[0]
    assert shell.run("vi config set colours.overdue plain")[1] == 0
    assert "\x1b[31m" not in shell.run("vi tasks --overdue")[0]
    text, code = shell.run("vi config set colours.overdu red")
    assert code == 2 and "did you mean overdue?" in text
    text, code = shell.run("vi config set colours.overdue purpel")
    assert code == 2 and "purpel is no colour" in text
    shell.env["NO_COLOR"] = "1"
    assert "\x1b[" not in shell.run("vi tasks --overdue")[0]


def test_each_part_has_a_colour_that_exists_and_one_of_its_own() -> None:
    assert all(codes(part.colour) for part in PARTS.values())
    assert len({part.colour for part in PARTS.values()}) == len(PARTS)
    assert codes("bright-blue underline") == "94;4" and codes("plain") == ""
    table.use_colours({"today": "blue"}, "config.toml")
    try:
        assert table.paint("x", "yellow", True) == "\x1b[34mx\x1b[0m"
    finally:
        table.use_colours({}, "")
    assert table.paint("x", "yellow", True) == "\x1b[33mx\x1b[0m" and len(NAMES) == 22
    with pytest.raises(UsageError, match="must be a table"):
        settings.check('colours = "red"', "config.toml")
