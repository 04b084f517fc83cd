"""Instructions out of a text: continued lines, placeholders, presets."""

from __future__ import annotations

import pytest

from vaultindex.query.language.lines import QueryNote, fill, from_properties, instructions
from vaultindex.query.nodes.errors import QueryError
from vaultindex.tasks.plugin_settings import TaskSettings

SETTINGS = TaskSettings(presets={"mine": "not done\n# why\ndue today", "one": "done", "outer": "preset one"})
NOTE = QueryNote(
    "Work/Projects/Alpha.md",
    {
        "Target": "Alpha",
        "count": 3,
        "yes": True,
        "list": ["a", None, 2],
        "empty": None,
        "two": "done\nhas id",
        "half": 2.0,
    },
    ("Beta", "Gamma"),
)


def texts(text: str) -> list[tuple[str, int | None]]:
    return [(one.text, one.line) for one in instructions(text, SETTINGS, NOTE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n  b  ", [("a", 1), ("b", 3)]),
        ("not \\\n   done", [("not done", 1)]),
        ("not\\\ndone\nx", [("not done", 1), ("x", 3)]),
        ("a\\\\\nb", [("a\\", 1), ("b", 2)]),
        ("# c \\\nd\ne", [("# c d", 1), ("e", 3)]),
        ("end \\", [("end", 1)]),
        ("preset one", [("done", 1)]),
        ("PRESET  outer", [("done", 1)]),
        ("x\npreset mine", [("x", 1), ("not done", 2), ("# why", 2), ("due today", 2)]),
        ("{{query.file.property('two')}}", [("done", 1), ("has id", 1)]),
        ("# {{nonsense}}", [("# {{nonsense}}", 1)]),
    ],
)
def test_lines_become_instructions(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{query.file.path}}", "Work/Projects/Alpha.md"),
        ("{{ query.file.folder }}", "Work/Projects/"),
        ("{{query.file.root}}", "Work/"),
        ("{{query.file.filename}}", "Alpha.md"),
        ("{{query.file.filenameWithoutExtension}}", "Alpha"),
        ("{{query.file.pathWithoutExtension}}", "Work/Projects/Alpha"),
        ("{{query.file.property('TARGET')}}", "Alpha"),
        ('{{query.file.property("count")}}!', "3!"),
        ("{{query.file.property('half')}}", "2"),
        ("{{query.file.property('yes')}}", "true"),
        ("{{query.file.property('list')}}", "a,,2"),
        ("{{query.file.hasProperty('empty')}}", "false"),
        ("{{query.file.outlinks}}", "Beta,Gamma"),
        ("{{preset.one}} }}", "done }}"),
    ],
)
def test_placeholders_are_filled_in(text, expected):
    assert fill(text, SETTINGS, NOTE) == expected


@pytest.mark.parametrize(
    "text",
    ["{{query.file.property('empty')}}", "{{query.file.property('x')}}", "{{foo}}", "{{}}", "{{! note }}", "{{1+1}}",
     "{{query.file.path", "{{query.file.path.toUpperCase()}}", "{{preset.nosuch}}", "{{query.file.nosuch}}"],
)  # fmt: skip
def test_placeholders_that_mean_nothing_are_mistakes(text):
    with pytest.raises(QueryError) as error:
        fill(text, SETTINGS, NOTE)
    assert error.value.kind == "placeholder"


def test_a_placeholder_without_a_note_says_how_to_name_one():
    with pytest.raises(QueryError, match="--note"):
        fill("path includes {{query.file.path}}", SETTINGS, None)


def test_in_the_root_folder_and_root_are_a_slash():
    note = QueryNote("Inbox.md")
    assert fill("{{query.file.folder}}{{query.file.root}}", SETTINGS, note) == "//"


def test_an_unknown_preset_lists_those_that_exist():
    with pytest.raises(QueryError) as error:
        texts("preset on")
    assert "Did you mean 'one'?" in str(error.value)
    assert "mine" in str(error.value)


def test_properties_stand_for_instructions():
    note = QueryNote(
        "A.md",
        {
            "TQ_short_mode": False,
            "tq_show_due_date": False,
            "TQ_show_tree": True,
            "TQ_show_tags": None,
            "TQ_explain": True,
        },
    )
    assert from_properties(note).split("\n") == ["explain", "full mode", "show tree", "hide due date"]
    assert from_properties(None) == from_properties(QueryNote("A.md")) == ""
