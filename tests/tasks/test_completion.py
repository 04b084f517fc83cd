"""Ticking boxes as the plugin does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.conformance.tasks import toggle_differences
from vaultindex.tasks.completion import complete_task, toggle_command
from vaultindex.tasks.plugin_settings import TaskSettings

GOLDEN = Path(__file__).parent.parent / "golden" / "toggle.jsonl.gz"
WED = "2025-10-08"


def test_every_recorded_completion_gives_the_plugins_lines():
    cases, _, wrong = toggle_differences(GOLDEN)
    assert wrong == []
    assert cases > 2000


def test_a_repeating_task_gives_its_next_occurrence_and_itself():
    line = "- [ ] water 🆔 a 🔁 every week 🛫 2025-10-01 📅 2025-10-10 ^blk"
    assert complete_task(line, today=date(2025, 10, 8)) == [
        "- [ ] water 🔁 every week 🛫 2025-10-08 📅 2025-10-17",
        "- [x] water 🆔 a 🔁 every week 🛫 2025-10-01 📅 2025-10-10 ✅ 2025-10-08 ^blk",
    ]


def test_a_rule_that_never_falls_ends_with_an_invalid_date():
    lines = complete_task("- [ ] a 🔁 every February on the 30th 📅 2025-02-01", today=WED)
    assert lines is not None
    assert lines[0] == "- [ ] a 🔁 every February on the 30th 📅 Invalid date"


def test_the_year_may_pass_9999():
    lines = complete_task("- [ ] a 🔁 every day ⏳ 9999-12-31 📅 2025-01-01", today=WED)
    assert lines is not None
    assert lines[0] == "- [ ] a 🔁 every day ⏳ 10000-01-01 📅 2025-01-02"


def test_dates_from_elsewhere_are_not_written():
    rules = TaskSettings(stray_fields=True, use_filename_as_scheduled=True)
    assert complete_task("- [ ] the 📅 2025-01-01 talk", today=WED, settings=rules) == [
        "- [x] the 📅 2025-01-01 talk ✅ 2025-10-08"
    ]


def test_what_is_no_task_is_not_completed():
    assert complete_task("- plain", today=WED) is None
    assert complete_task("- [ ] a", today=WED, settings=TaskSettings(global_filter="#task")) is None


@pytest.mark.parametrize(
    "line, expected",
    [
        ("text", "- [ ] text"),
        ("> - item", "> - [ ] item"),
        ("- [ ] call\r", "- [x] call\r"),
        ("* [!] call", "* [ ] call"),
    ],
)
def test_the_editor_command_makes_a_task_of_anything_step_by_step(line, expected):
    assert toggle_command(line, today=WED, settings=TaskSettings(global_filter="#task")) == [expected]


def test_today_must_be_a_date():
    with pytest.raises(ValueError, match="no date"):
        complete_task("- [ ] a 🔁 every day when done 📅 2025-01-01", today="soon")
