"""Recurrence rules: what is understood, how it is worded, on which day it falls next."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest
from dateutil import rrule as dateutil
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.times import times
from vaultindex.dates.days import civil, day_text, ordinal
from vaultindex.tasks.recurrence import first_after, next_day
from vaultindex.tasks.recurrence_rule import Rule, read_rule
from vaultindex.tasks.recurrence_text import normalise

WED = date(2025, 10, 8).toordinal()


def following(text: str, day: str) -> str | None:
    rule = read_rule(text)
    assert rule is not None
    found = next_day(rule, date.fromisoformat(day).toordinal())
    return None if found is None else day_text(found)


@pytest.mark.parametrize(
    "text, words",
    [
        ("every Sunday", "every week on Sunday"),
        ("EVERY 1 days", "every day"),
        ("every fri, mon and wed", "every week on Monday, Wednesday, Friday"),
        ("every mon, tue, wed, thu, fri", "every weekday"),
        ("every 2 weekdays", "every 2 weeks on weekdays"),
        ("every month on the last and 15th and 2nd last", "every month on the 15th, last and 2nd last"),
        ("every month on the 1st Friday and Monday, the 3rd", "every month on Monday and on the 1st Friday"),
        ("every Thursday the 1st", "every week on Thursday the 1st"),
        ("every Friday on the 13th, 14th", "every week on Friday the 13th"),
        ("every 3 months in may", "every 3 months in May"),
        ("every 2 years in may and june on 3rd", "every 2 years May and June on the 3rd"),
        ("every year on week 12, 13", "every year in weeks 12 and 13"),
        ("every year on weekdays", "every year"),
        ("every day at 9, 12 and 15", "every day at 9, 12 and 15"),
        ("every day for 1", "every day for 1 time"),
        ("every day until 31 Dec 26", "every day until December 31, 2026"),
        ("every day until Feb 30 2026", "every day until March 2, 2026"),
        ("every weekend", "every week"),
        ("every 101 days", "every 101 day"),
        ("every month on the 32nd", "every month on the 32th"),
        ("every day  When Done", "every day when done"),
        ("every day when  done", "every day"),
        ("every day and then some", "every day"),
    ],
)
def test_a_rule_is_worded_as_the_plugin_words_it(text, words):
    assert normalise(text) == words
    assert read_rule(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every",
        "daily",
        "every 0 days",
        "every two weeks",
        "every other day",
        "every second week",
        "every quarter",
        "every 2",
        "every mon,",
        "every day at",
        "every day for",
        "every day for three",
        "every day until",
        "every day until 2026 foo",
        "every day until 13 2 2026",
        "every year on week",
        "every month on the 367th",
        "every day: now",
        "every jan, mon",
    ],
)
def test_what_the_plugin_does_not_understand_is_no_rule(text):
    assert normalise(text) is None


def test_the_day_number_stays_lowered_after_a_short_month():
    assert following("every month", "2025-01-31") == "2025-02-28"
    assert following("every month", "2025-02-28") == "2025-03-28"
    assert following("every year", "2024-02-29") == "2025-02-28"
    assert following("every 4 years", "2024-02-29") == "2028-02-29"


def test_an_explicit_day_skips_short_months():
    assert following("every month on the 31st", "2025-01-31") == "2025-03-31"
    assert following("every month on the last", "2025-01-31") == "2025-02-28"


@pytest.mark.parametrize(
    "text, day",
    [
        ("every 2 weeks on Monday", "2025-10-20"),
        ("every month on the 2nd last Friday", "2025-10-24"),
        ("every year on the 1st Monday", "2026-01-05"),
        ("every 50 hours", "2025-10-10"),
        ("every hour", "2025-10-09"),
        ("every 30 minutes for 48", None),
        ("every 30 minutes for 49", "2025-10-09"),
        ("every day at 25", "2025-10-09"),
        ("every day for 1", None),
        ("every day until Oct 8 2025", None),
        ("every 999 years", "3024-10-08"),
        ("every 9999 years", None),
    ],
)
def test_the_next_day_follows_the_reference_day(text, day):
    assert following(text, "2025-10-08") == day


@pytest.mark.parametrize(
    "text",
    [
        "every month on the 32nd",
        "every February on the 30th",
        "every week on the 40th",
        "every minute on the 40th",
        "every hour on week 54",
        "every year on Monday and 1st Friday",
        "every 12 months in May",
        "every year on the 366th",
    ],
)
def test_a_rule_that_never_falls_ends_soon_with_none(text):
    begin = time.process_time()
    assert following(text, "2025-10-08") is None
    assert time.process_time() - begin < 3


def test_days_outside_the_range_of_dates_have_their_text():
    for text in ("0000-01-01", "0000-12-31", "0001-01-01", "9999-12-31"):
        day = ordinal(text)
        assert day is not None
        assert day_text(day) == text
    assert civil(date.max.toordinal() + 1) == (10_000, 1, 1)
    zero = ordinal("0000-02-29")
    assert zero is not None
    assert day_text(next_day(Rule("year", 4, False), zero) or 0) == "0004-02-29"


@pytest.mark.parametrize(
    "text", ["2025-02-29", "1900-02-29", "2025-13-01", "2025-00-01", "2025-1-01", "２025-01-01", "2025/01/01", ""]
)
def test_what_is_no_day_has_no_number(text):
    assert ordinal(text) is None


UNITS = {"day": dateutil.DAILY, "week": dateutil.WEEKLY, "month": dateutil.MONTHLY, "year": dateutil.YEARLY}


def few(values: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(values, max_size=2, unique=True).map(tuple)


@settings(max_examples=times(60), deadline=None)
@given(
    st.sampled_from(sorted(UNITS)),
    st.integers(1, 14),
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from([0, 0, 1, 2, 5, -1, -2])), max_size=2).map(tuple),
    few(st.sampled_from([1, 2, 15, 29, 31, -1, -2])),
    few(st.integers(1, 12)),
    few(st.integers(1, 51)),
    st.integers(0, 3),
    st.dates(date(2019, 1, 1), date(2030, 1, 1)),
)
def test_days_are_those_of_dateutil(unit, interval, weekdays, month_days, months, weeks, times, day):
    rule = Rule(unit, interval, False, (), weekdays, month_days, months, weeks, None, times)
    start = day.toordinal()
    found = first_after(rule, start, start)
    # Without a date of ours the library may search until the year 9999.
    assume(found is None or found < start + 40_000)
    names = [dateutil.weekday(wd)(n) if n else dateutil.weekday(wd) for wd, n in weekdays]
    midnight = datetime(day.year, day.month, day.day)
    limit = {"count": times} if times else {"until": datetime(2140, 1, 1)}
    if found is None:
        assume(not (weekdays or month_days or months or weeks))
    theirs = dateutil.rrule(
        UNITS[unit],
        midnight,
        interval,
        byweekday=names or None,
        bymonthday=month_days or None,
        bymonth=months or None,
        byweekno=weeks or None,
        **limit,
    ).after(midnight)
    assert found == (theirs.toordinal() if theirs else None)
