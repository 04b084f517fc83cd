"""One task line: the plugin's fields, and what we read beyond them."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.tasks import parse_differences
from tests.times import times
from vaultindex.base.text import JS_SPACE
from vaultindex.tasks.line import Stray, Task, format_task, mend_line, parse_task
from vaultindex.tasks.plugin_settings import DATAVIEW, PRESETS, Status, TaskSettings
from vaultindex.tasks.urgency import urgency

GOLDEN = Path(__file__).parent.parent / "golden"
STRAY = TaskSettings(stray_fields=True)


def task(line: str, given: TaskSettings | None = None) -> Task:
    found = parse_task(line, given)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["parse_emoji", "parse_dataview", "parse_global_filter"])
def test_every_recorded_line_is_read_and_written_back_as_the_plugin_does(name):
    cases, _, wrong = parse_differences(GOLDEN / f"{name}.jsonl.gz")
    assert wrong == []
    assert cases > 2000


# -- fields ------------------------------------------------------------------------------------------------------------


def test_a_line_of_the_generator_gives_all_its_parts():
    found = task("- [?] Ask Dana (CEO) for terms. @Myself 📅 2025-10-07 🔺 #task #proposed")
    assert (found.status, found.due, found.priority, found.owner) == ("?", "2025-10-07", "highest", "Myself")
    assert found.tags == ("#task", "#proposed")
    assert found.text == "Ask Dana (CEO) for terms."
    assert found.description == "Ask Dana (CEO) for terms. @Myself #task #proposed"


def test_a_full_stop_after_a_date_stops_the_peeling():
    found = task("- [ ] Pay ⏫ 📅 2025-10-07.")
    assert (found.due, found.priority, found.description) == (None, "none", "Pay ⏫ 📅 2025-10-07.")


def test_the_leftmost_of_several_due_dates_wins():
    assert task("- [ ] a 📅 2025-01-01 📅 2025-02-02").due == "2025-01-01"


def test_after_21_passes_the_surplus_stays_in_the_description():
    found = task("- [ ] a" + " 📅 2025-01-01" * 22)
    assert found.description == "a 📅 2025-01-01"


def test_a_tag_that_swallows_an_id_is_a_tag_unless_a_tag_was_just_taken():
    assert task("- [ ] a #x🆔abc").tags == ("#x🆔abc",)
    found = task("- [ ] a #x🆔abc #y")
    assert (found.task_id, found.tags) == ("abc", ("#x", "#y"))


def test_a_sign_inside_a_tag_does_not_hide_the_fields_before_it():
    found = task("- [ ] a 📅 2025-10-08 #tag📅")
    assert (found.due, found.tags) == ("2025-10-08", ("#tag📅",))


def test_white_space_is_javascripts():
    # U+0085 is white space to Python only, U+FEFF to JavaScript only.
    assert task("- [ ] a\x85").description == "a\x85"
    assert task("- [ ] a\ufeff").description == "a"
    assert parse_task("-\t[ ] a") is None
    assert task("- [ ] a\u2028b").description == "a"
    assert task("- [ ] a 📅 ２025-01-01").due is None


def test_a_status_of_two_code_points_is_no_task():
    assert parse_task("- [✔️] a") is None
    assert task("- [🎉] a").status_name == "Unknown"


def test_dates_that_do_not_exist_are_kept_as_written_and_named():
    found = task("- [ ] a 🛫 2025-02-30 📅 2025-02-28")
    assert (found.start, found.invalid, found.happens) == ("2025-02-30", ("start",), "2025-02-28")
    assert found.as_dict()["start"] == "Invalid date"
    assert format_task(found) == "- [ ] a 🛫 Invalid date 📅 2025-02-28"


def test_year_zero_exists_as_in_the_plugin():
    assert task("- [ ] a 📅 0000-02-29").invalid == ()


def test_a_rule_that_counts_from_a_date_that_does_not_exist_is_lost_unless_it_counts_from_completion():
    assert task("- [ ] a 🔁 every day 📅 2025-02-30").recurrence is None
    assert task("- [ ] a 🔁 every day when done 📅 2025-02-30").recurrence == "every day when done"
    assert task("- [ ] a 🔁 every day ⏳ 2025-02-30 📅 2025-02-28").recurrence == "every day"


def test_the_order_of_start_and_scheduled_as_reference_follows_the_setting():
    line = "- [ ] a 🔁 every day 🛫 2025-02-28 ⏳ 2025-02-30"
    assert task(line).recurrence is None
    assert task(line, TaskSettings(remove_scheduled_on_recurrence=True)).recurrence == "every day"


def test_dataview_brackets_must_match_and_a_comma_is_swallowed():
    dataview = TaskSettings(task_format=DATAVIEW)
    assert task("- [ ] a (due:: 2025-01-01) ,", dataview).due == "2025-01-01"
    assert task("- [ ] a [due:: 2025-01-01)", dataview).due is None
    found = task("- [ ] a [repeat:: every day] [repeat:: ] [due::2025-01-01]", dataview)
    assert (found.recurrence, found.due, found.description) == ("every day", "2025-01-01", "a")


def test_the_global_filter_is_a_substring_and_leaves_only_equal_tags_out():
    rules = TaskSettings(global_filter="#task")
    assert parse_task("- [ ] a", rules) is None
    assert task("- [ ] [[Note#task]]", rules).tags == ()
    assert task("- [ ] a #task #task/sub", rules).tags == ("#task/sub",)
    assert parse_task("- [ ] a ^task", TaskSettings(global_filter="^task")) is None


def test_two_or_more_blanks_at_the_end_are_kept_as_a_hard_break():
    assert format_task(task("- [ ] a 📆 2025-01-01   ")) == "- [ ] a 📅 2025-01-01   "
    assert format_task(task("- [ ] a ")) == "- [ ] a"


def test_urgency_needs_a_day():
    found = task("- [ ] a ⏫ 🛫 2025-10-10 ⏳ 2025-10-01 📅 2025-10-08")
    assert found.as_dict()["urgency"] is None
    assert (
        found.as_dict(date(2025, 10, 8))["urgency"]
        == urgency(found.due, found.scheduled, found.start, found.priority, "2025-10-08")
        == 16.8
    )
    with pytest.raises(ValueError, match="no date"):
        urgency(found.due, None, None, "none", "2025-13-01")


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [{}, None, [], {"statusSettings": 3, "presets": [], "globalFilter": None}])
def test_missing_and_wrong_settings_are_the_defaults(data):
    assert TaskSettings.from_plugin(data) == TaskSettings()


def test_settings_are_read_from_the_plugins_file():
    found = TaskSettings.from_plugin(
        {
            "taskFormat": "dataview",
            "setDoneDate": False,
            "setCreatedDate": "yes",
            "includes": {"mine": "description includes me", "bad": 1},
            "filenameAsDateFolders": ["Daily", 3],
            "statusSettings": {
                "coreStatuses": [{"symbol": " ", "name": "Open", "nextStatusSymbol": "d", "type": "TODO"}],
                "customStatuses": [
                    {"symbol": " ", "name": "Late", "nextStatusSymbol": "x", "type": "DONE"},
                    {"symbol": "d", "name": "Decided", "type": "PARTY"},
                    "nonsense",
                ],
            },
        }
    )
    assert (found.task_format, found.set_done_date, found.set_created_date) == (DATAVIEW, False, False)
    assert found.presets == {"mine": "description includes me"}
    assert found.filename_date_folders == ("Daily",)
    assert found.statuses == {" ": Status(" ", "Open", "d", "TODO"), "d": Status("d", "Decided", "x", "TODO")}


def test_the_plugins_presets_stand_until_the_user_saves_some():
    assert TaskSettings.from_plugin({}).presets is PRESETS
    assert TaskSettings.from_plugin({"presets": {}}).presets == {}


def test_a_capital_x_is_an_unknown_status():
    assert (task("- [X] a").status_name, task("- [X] a").is_done) == ("Unknown", False)


# -- the date in a file name -------------------------------------------------------------------------------------------

NAMED = TaskSettings(use_filename_as_scheduled=True, filename_date_folders=("Daily",))


def test_the_file_name_schedules_undated_tasks_and_is_never_written():
    found = parse_task("- [ ] a", NAMED, "Daily/2025-10-08 notes.md")
    assert (found.scheduled, found.happens, found.unwritten) == ("2025-10-08", "2025-10-08", ("scheduled",))
    assert format_task(found, NAMED) == "- [ ] a"


@pytest.mark.parametrize(
    "line, path", [("- [ ] a 🛫 2025-01-01", "Daily/2025-10-08.md"), ("- [ ] a", "Other/2025-10-08.md")]
)
def test_the_file_name_gives_nothing_to_dated_tasks_and_in_other_folders(line, path):
    assert parse_task(line, NAMED, path).scheduled is None


# -- the owner ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, owner, text",
    [
        ("Do it. @Myself 📅 2025-10-07 #task", "Myself", "Do it."),
        ("Do it. @First Last ⏫ #task #proposed", "First Last", "Do it."),
        ("Do it. @Platform Team.", "Platform Team", "Do it."),
        ("Do it. @TBD", "TBD", "Do it."),
        ("Do it. @Jean-Luc O'Neil van Dyck #x", "Jean-Luc O'Neil van Dyck", "Do it."),
        ("Do it. @[[Dana Leigh]] #x", "Dana Leigh", "Do it."),
        ("Do it. @[[People/Dana Leigh|Dana]]", "Dana Leigh", "Do it."),
        ('Do it. @"dana leigh"', "dana leigh", "Do it."),
        ("Do it (@Dana Leigh). #x", "Dana Leigh", "Do it"),
        ("Ask @Dana about @Sam #x", "Sam", "Ask @Dana about"),
        ("Do it. @Dana 📅 2025-10-07. #x", "Dana", "Do it. 📅 2025-10-07."),
        ("Do #this now. @Dana #x", "Dana", "Do #this now."),
        ("@Dana", "Dana", ""),
        ("Mail dana@contoso.example #x", None, "Mail dana@contoso.example"),
        ("See https://contoso.example/@dana", None, "See https://contoso.example/@dana"),
        ("Ask @Dana about terms #x", None, "Ask @Dana about terms"),
        ("Ask @Dana #urgent about terms", None, "Ask @Dana #urgent about terms"),
        ("Ask @dana will call", None, "Ask @dana will call"),
        ("Meet @ noon", None, "Meet @ noon"),
        ("Do it. #x #y", None, "Do it."),
    ],
)
def test_the_owner_is_the_last_name_that_only_fields_and_tags_follow(words, owner, text):
    found = task("- [ ] " + words)
    assert (found.owner, found.text) == (owner, text)


# -- stray fields ------------------------------------------------------------------------------------------------------


def test_a_field_that_words_or_a_full_stop_follow_is_stray():
    line = "- [ ] Move the 📅 2025-03-01 meeting ⏫ soon 🔁 every week on Monday call Bob."
    found = task(line)
    assert [stray[:2] for stray in found.stray] == [
        ("due", "2025-03-01"),
        ("priority", "high"),
        ("recurrence", "every week on Monday"),
    ]
    assert [line[stray.column : stray.end] for stray in found.stray] == [
        "📅 2025-03-01",
        "⏫",
        "🔁 every week on Monday",
    ]
    assert (found.due, found.priority, found.recurrence) == (None, "none", None)


def test_what_would_not_be_a_field_is_not_stray():
    assert task("- [ ] 📅 a 🔁 every foo b 🏁 archive c 📅 2025-01-011 d").stray == ()


def test_stray_fields_are_read_when_wanted_but_never_against_a_real_one():
    found = task("- [ ] 📅 2025-03-01 then 📅 2025-04-01 ⏫ and ⏳ 2025-05-01. go ⏳ 2025-06-01", STRAY)
    assert (found.due, found.priority, found.scheduled) == ("2025-03-01", "high", "2025-06-01")
    assert found.unwritten == ("due", "priority")
    assert format_task(found, STRAY) == found.raw


def test_dataview_fields_can_be_stray():
    found = task("  - [ ] a [due:: 2025-03-01] b", TaskSettings(task_format=DATAVIEW))
    assert found.stray == (Stray("due", "2025-03-01", 10, 28),)
    assert found.raw[10:28] == "[due:: 2025-03-01]"


def test_mending_takes_stray_fields_to_the_end():
    assert mend_line("- [ ] Pay 📅 2025-10-07. #task") == "- [ ] Pay. #task 📅 2025-10-07"
    assert (
        mend_line("- [ ] Move the 📅 2025-03-01 talk ⏫ 📅 2025-03-02")
        == "- [ ] Move the 📅 2025-03-01 talk ⏫ 📅 2025-03-02"
    )
    assert mend_line("- [ ] 🔁 every day call Bob ⏫.") == "- [ ] call Bob. ⏫ 🔁 every day"
    assert mend_line("- [ ] nothing stray ") == "- [ ] nothing stray "


# -- any line ----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"📅📆⏳🛫➕✅❌🔁🏁🆔⛔🔺⏬#@^[]().,: \t\u00a0\ufe0f\ufeff\u0085\r",
        *(
            "2025-10-08",
            "2025-02-30",
            "every day",
            "when done",
            "keep",
            "abc",
            "#tag",
            " @Dana Leigh",
            "[due:: ",
            "(id:: ",
            " ^blk",
        ),
        *("[repeat:: ", "::", "]", "  ", "every 2 weeks on Mon, Fri", "until 2026", "[[Note|x]]", "text"),
    ]
)
FIELDS = st.sampled_from(
    [
        *(
            " 📅 2025-10-08",
            "⏳2025-01-01",
            " 🛫\ufe0f 2025-01-02 ",
            "➕ 2025-02-30",
            " ✅ 2025-10-08",
            "❌ 2025-10-09",
            " ⏫",
            "🔽\ufe0f ",
        ),
        *(
            " 🔁 every day",
            "🔁 every week, ",
            " 🏁 keep",
            " 🆔 abc",
            "⛔ a , b",
            " #tag",
            " #a",
            "#b",
            " #t\tu",
            "🆔 q-1 ",
        ),
        *(
            " [due:: 2025-10-08]",
            "(start::2025-01-01) ,",
            " [id:: a-1],",
            "[priority:: low]",
            " [repeat:: every day ]",
            "[repeat:: ]",
        ),
        *(
            " (dependsOn:: a, b)",
            "[completion:: 2025-01-01)",
            "[cancelled::  2025-02-30 ]",
            " [created:: 2025-01-01]",
            "(scheduled:: 2025-01-05)",
        ),
    ]
)
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["- [ ] ", "> 1. [x] ", "\t* [/]", ""]),
    st.lists(PIECES, max_size=14).map("".join),
    st.text(max_size=4),
)
ANY_SETTINGS = st.builds(TaskSettings, task_format=st.sampled_from(["emoji", DATAVIEW]), stray_fields=st.booleans())


@settings(max_examples=times(150), deadline=None)
@given(LINES, ANY_SETTINGS)
def test_any_line_can_be_read_and_writing_it_back_settles(line, rules):
    found = parse_task(line, rules)
    if found is None:
        return
    found.as_dict("2025-10-08")
    versions = [line]
    for _ in range(4):
        again = parse_task(versions[-1], rules)
        assert again is not None
        versions.append(format_task(again, rules))
    # Blanks behind an empty description are a hard break that grows with each writing, in the plugin too.
    assert versions[-1].rstrip(" ") == versions[-2].rstrip(" ")
    parse_task(mend_line(line, rules), rules)


DAY = "([0-9]{4}-[0-9]{2}-[0-9]{2})"
IDS = "([A-Za-z0-9_-]+(?: *, *[A-Za-z0-9_-]+ *)*)"
RULE = "([A-Za-z0-9, !]+)"
NOT_IN_TAGS = re.escape(' !@#$%^&*(),.?":{}|<>')
# The plugin's order, with what it looks for at the end of the text: (kind, signs, key, value).
ORDER = [
    ("priority", "", "priority", ""),
    ("done", "✅", "completion", DAY),
    ("cancelled", "❌", "cancelled", DAY),
    ("due", "📅📆🗓", "due", DAY),
    ("scheduled", "⏳⌛", "scheduled", DAY),
    ("start", "🛫", "start", DAY),
    ("created", "➕", "created", DAY),
    ("rule", "🔁", "repeat", RULE),
    ("on_completion", "🏁", "onCompletion", "([A-Za-z]+)"),
    ("tag", "", "", rf"(?:\A|[{JS_SPACE}])(#[^{NOT_IN_TAGS}]+)\Z"),
    ("task_id", "🆔", "id", "([A-Za-z0-9_-]+)"),
    ("depends_on", "⛔", "dependsOn", IDS),
]


def pattern(kind: str, signs: str, key: str, value: str, dataview: bool) -> re.Pattern[str]:
    if kind == "tag":
        return re.compile(value)
    if dataview:
        inner = f" *{key}:: *{value or '(highest|high|medium|lowest|low)'} *"
        return re.compile(rf"(?:\[{inner}\]|\({inner}\))(?: *,)?\Z")
    return re.compile(rf"[{signs}]\ufe0f? *{value}\Z" if value else r"([🔺⏫🔼🔽⏬])\ufe0f?\Z")


PATTERNS = {dataview: [(part[0], pattern(*part, dataview)) for part in ORDER] for dataview in (False, True)}


def peeled_in_passes(text: str, dataview: bool) -> tuple[str, dict[str, str]]:
    """The description and the fields by the plugin's own way: passes over all kinds, each trying the end of the text."""
    values: dict[str, str] = {}
    tags: list[str] = []
    for _ in range(21):
        matched = False
        for kind, form in PATTERNS[dataview]:
            found = form.search(text)
            if found:
                matched = True
                value = next(group for group in found.groups() if group is not None)
                text = text[: found.start()].strip(JS_SPACE)
                if kind == "tag":
                    tags.insert(0, value.strip(JS_SPACE))
                else:
                    values[kind] = value.strip(" ")
        if not matched:
            break
    return " ".join([text] * bool(text) + tags), values


@settings(max_examples=times(300), deadline=None)
@given(st.lists(st.one_of(PIECES, PIECES, FIELDS), max_size=30).map("".join), st.booleans())
def test_one_walk_from_the_right_finds_what_the_plugins_passes_find(words, dataview):
    found = task(
        "- [ ] " + words.replace("\r", "").replace("^", ""), TaskSettings(task_format=DATAVIEW if dataview else "emoji")
    )
    body = words.replace("\r", "").replace("^", "").lstrip(" ").strip(JS_SPACE)
    description, values = peeled_in_passes(body, dataview)
    assert found.description == description
    for kind in ("due", "scheduled", "start", "created", "done", "cancelled"):
        assert getattr(found, kind) == values.get(kind)
    assert (found.rule, found.task_id) == (values.get("rule", ""), values.get("task_id", ""))
    ids = values.get("depends_on", "").replace(" ", "").split(",")
    assert found.depends_on == tuple(one for one in ids if one)
    assert (found.priority != "none") == ("priority" in values)


HOSTILE = [
    "#x " * 33_000,
    "#x" * 50_000,
    "#" * 100_000,
    "@a" + "." * 100_000 + " x",
    "@a #x " * 16_000,
    "@a" + " " * 100_000 + "b",
    '@"a' * 33_000,
    "📅 2025-01-01 " * 6_000,
    "📅 2025-01-01 " * 6_000 + "x",
    "🔁 every " + "mon, " * 20_000,
    "🔁 every " + "mon, " * 20_000 + ".",
    "🔁 every day " * 8_000 + ".",
    "🔁 every 1" + "0" * 100_000 + " days",
    "⛔ " + "a , " * 25_000 + "a",
    "[due:: " * 14_000,
    "[due:: 2025-01-01] " * 5_000,
    "(" + " " * 100_000 + "due:: ",
    " ^" * 50_000,
    " " * 100_000 + "x",
    "x" + " " * 100_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_line_of_100_kilobytes_is_read_in_moderate_time(body):
    begin = time.process_time()
    for rules in (STRAY, TaskSettings(task_format=DATAVIEW)):
        found = parse_task("- [ ] " + body, rules)
        assert found is not None
        found.as_dict("2025-10-08")
        format_task(found, rules)
        mend_line(found.raw, rules)
    assert time.process_time() - begin < 4
