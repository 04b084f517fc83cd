"""Date words: the plugin's reading for queries, ours for options."""

from __future__ import annotations

import gzip
import json
import re
import time
from datetime import date
from pathlib import Path

import pytest

from vaultindex.base.errors import UsageError
from vaultindex.dates.ranges import NO_DATE, Range, option_age, option_range, query_range

GOLDEN = Path(__file__).parent.parent / "golden" / "dates.jsonl.gz"
WED = date(2025, 10, 8)
LINE = re.compile(r"due (((?:on|in) or before|before|(?:on|in) or after|after|on|in)? ?(.*))\Z", re.IGNORECASE)


def test_every_phrase_of_the_golden_data_is_read_as_the_plugin_reads_it():
    wrong = []
    for line in gzip.decompress(GOLDEN.read_bytes()).decode().splitlines():
        case = json.loads(line)
        match = LINE.match(case["query"])
        found = match and query_range(match[3], date.fromisoformat(case["today"]), match[1])
        keyword = match and (match[2] or "").lower()
        days = None
        if found:
            if keyword == "before" or keyword.endswith("or after"):
                days = [found.start]
            elif keyword == "after" or keyword.endswith("or before"):
                days = [found.end]
            else:
                days = sorted({found.start, found.end})
        if days != case.get("dates"):
            wrong.append((case["today"], case["query"], case.get("dates"), days))
    assert wrong == []


@pytest.mark.parametrize(
    ("phrase", "days"),
    [
        ("today EST", ["2025-10-08"]),
        ("2025-10-08 23:00 PST", ["2025-10-09"]),
        ("2025-10-08T23:00-05:00", ["2025-10-09"]),
        ("twenty-first of march", ["2026-03-21"]),
        ("5 to 7 may 2026", ["2026-05-05"]),
        ("1 week 2 days ago", ["2025-09-29"]),
        ("2 weeks, 3 days after 2025-10-01", ["2025-10-18"]),
        ("monday, 5 may", ["2025-05-05"]),
        ("5 May 99", ["1999-05-05"]),
        ("10/2025", ["2025-10-01"]),
        ("this yr", ["2025-10-08"]),
        ("noise", []),
        ("3:61", []),
    ],
)
def test_the_library_behind_the_plugin_is_followed_in_its_corners(phrase, days):
    """Answers of chrono-node 2.3.9, found by running it."""
    from vaultindex.dates.chrono import days_in

    assert [day.isoformat() for day in days_in(phrase, WED)] == days


def test_a_phrase_as_long_as_a_book_is_no_date_and_takes_no_time():
    started = time.process_time()
    assert query_range("1 day 2 " * 20_000, WED) is None
    query_range(("1 day, a few h " * 40)[:500], WED)
    query_range(("2025-10-1 1-may " * 40)[:500], WED)
    assert time.process_time() - started < 1


def test_a_year_beyond_the_calendar_is_no_date():
    assert query_range("in 99999 years", WED) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2025-10-08", "2025-10-08"),
        (" Tomorrow ", "2025-10-09", "2025-10-09"),
        ("yesterday", "2025-10-07", "2025-10-07"),
        ("wed", "2025-10-08", "2025-10-08"),
        ("tue", "2025-10-14", "2025-10-14"),
        ("Thursday", "2025-10-09", "2025-10-09"),
        ("next mon", "2025-10-13", "2025-10-13"),
        ("this mon", "2025-10-06", "2025-10-06"),
        ("last sunday", "2025-10-05", "2025-10-05"),
        ("+3d", "2025-10-11", "2025-10-11"),
        ("-1w", "2025-10-01", "2025-10-01"),
        ("2w", "2025-10-22", "2025-10-22"),
        ("in 2 weeks", "2025-10-22", "2025-10-22"),
        ("2 weeks ago", "2025-09-24", "2025-09-24"),
        ("+1m", "2025-11-08", "2025-11-08"),
        ("eow", "2025-10-12", "2025-10-12"),
        ("eom", "2025-10-31", "2025-10-31"),
        ("eoq", "2025-12-31", "2025-12-31"),
        ("eoy", "2025-12-31", "2025-12-31"),
        ("start of next", None, "error"),
        ("2025-10-07", "2025-10-07", "2025-10-07"),
        ("2025-10", "2025-10-01", "2025-10-31"),
        ("2025-W41", "2025-10-06", "2025-10-12"),
        ("2025-w41", "2025-10-06", "2025-10-12"),
        ("w42", "2025-10-13", "2025-10-19"),
        ("2025-Q4", "2025-10-01", "2025-12-31"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("week", "2025-10-06", "2025-10-12"),
        ("next week", "2025-10-13", "2025-10-19"),
        ("last month", "2025-09-01", "2025-09-30"),
        ("this quarter", "2025-10-01", "2025-12-31"),
        ("next year", "2026-01-01", "2026-12-31"),
        ("weekend", "2025-10-11", "2025-10-12"),
        ("7 oct", "2025-10-07", "2025-10-07"),
        ("Jan 7th", "2026-01-07", "2026-01-07"),
        ("29 feb 2024", "2024-02-29", "2024-02-29"),
        ("december", "2025-12-01", "2025-12-31"),
        ("2025-10-01..2025-10-31", "2025-10-01", "2025-10-31"),
        ("last week..eow", "2025-09-29", "2025-10-12"),
        ("..tomorrow", None, "2025-10-09"),
        ("2025-W40..", "2025-09-29", None),
        ("tomorow", None, "error"),
        ("2025-02-30", None, "error"),
        ("2025-13", None, "error"),
        ("2025-W54", None, "error"),
        ("..", None, "error"),
        ("", None, "error"),
        ("eom..today", None, "error"),
        ("+99999y", None, "error"),
        ("31 feb", None, "error"),
    ],
)
def test_options_read_one_sensible_meaning(text, start, end):
    if end == "error":
        with pytest.raises(UsageError):
            option_range(text, WED)
    else:
        assert option_range(text, WED) == (start, end)


def test_none_means_no_date():
    assert option_range("none", WED) is NO_DATE
    assert NO_DATE.is_none


def test_a_month_later_is_never_after_the_month_s_end():
    assert option_range("+1m", date(2025, 1, 31)).start == "2025-02-28"
    assert query_range("next month", date(2025, 1, 31)) == ("2025-02-01", "2025-02-28")
    assert query_range("last quarter", date(2025, 5, 31)) == ("2025-01-01", "2025-03-31")


@pytest.mark.parametrize(("typo", "meant"), [("tomorow", "tomorrow"), ("next fridey", "next friday"), ("7", "7d")])
def test_a_typo_is_answered_with_the_nearest_word_and_what_is_accepted(typo, meant):
    with pytest.raises(UsageError) as error:
        option_range(typo, WED)
    assert f"Did you mean '{meant}'?" in str(error.value)
    assert "2025-W41" in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (Range("2025-10-07", "2025-10-07"), "Tue 7 Oct 2025"),
        (Range("2025-10-06", "2025-10-12"), "Mon 6 – Sun 12 Oct 2025"),
        (Range("2025-09-29", "2025-10-05"), "Mon 29 Sep – Sun 5 Oct 2025"),
        (Range("2025-12-29", "2026-01-04"), "Mon 29 Dec 2025 – Sun 4 Jan 2026"),
        (Range("2025-10-07", None), "from Tue 7 Oct 2025"),
        (Range(None, "2025-10-07"), "up to Tue 7 Oct 2025"),
        (NO_DATE, "no date"),
    ],
)
def test_a_range_says_what_was_understood(days, said):
    assert days.echo() == said


def test_an_age_is_a_day_that_far_back():
    assert option_age("30d", WED) == "2025-09-08"
    assert option_age("2 months", WED) == "2025-08-08"
    for bad in ("30", "-3d", "soon", "3 days ago", "99999y"):
        with pytest.raises(UsageError):
            option_age(bad, WED)


def test_an_open_range_holds_every_day_on_its_side():
    assert Range("2025-10-07", None).holds("2030-01-01")
    assert not Range("2025-10-07", None).holds("2025-10-06")
    assert Range(None, "2025-10-07").holds("1999-01-01")
