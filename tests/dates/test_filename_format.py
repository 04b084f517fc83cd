"""Dates in names of notes."""

from __future__ import annotations

from datetime import date

import pytest

from vaultindex.dates.filename_format import filename_date, read_date


@pytest.mark.parametrize(
    "text, form, day",
    [
        ("2025-10-08", "YYYY-MM-DD", date(2025, 10, 8)),
        ("Wednesday, October 8th 2025", "dddd, MMMM Do YYYY", date(2025, 10, 8)),
        ("Thursday, October 8th 2025", "dddd, MMMM Do YYYY", None),
        ("2025-W41", "GGGG-[W]WW", date(2025, 10, 6)),
        ("2025-W41", "gggg-[W]ww", date(2025, 10, 5)),
        ("2025-Q4", "YYYY-[Q]Q", date(2025, 10, 1)),
        ("25.1.3", "YY.M.D", date(2025, 1, 3)),
        ("2025-366", "YYYY-DDDD", None),
        ("202510081530", "YYYYMMDDHHmm", date(2025, 10, 8)),
        ("2025-10-08 x", "YYYY-MM-DD", None),
        ("2025-02-30", "YYYY-MM-DD", None),
        ("10-08", "MM-DD", None),
    ],
)
def test_a_name_is_read_strictly_by_its_format(text, form, day):
    assert read_date(text, form) == day


@pytest.mark.parametrize(
    "path, form, day",
    [
        ("Daily/2025-10-08.md", "", "2025-10-08"),
        ("Daily/Call 20251008 and 2025-10-09.md", "", "2025-10-09"),
        ("Daily/20251008.md", "", "2025-10-08"),
        ("Daily/8 Oct 2025.md", "D MMM YYYY", "2025-10-08"),
        ("Daily/2025-10-08.md", "D MMM YYYY", "2025-10-08"),
        ("Daily/2025-02-30.md", "", None),
        ("2025-10-08/plain.md", "", None),
    ],
)
def test_the_name_of_a_note_gives_its_day(path, form, day):
    assert filename_date(path, form) == day


def test_only_the_folders_that_are_given_count():
    assert filename_date("Daily/2025-10-08.md", folders=("Dail",)) is None
    assert filename_date("Daily/a/2025-10-08.md", folders=("X", "Daily")) == "2025-10-08"
