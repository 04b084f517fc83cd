"""Calendar days as numbers, so that sums need no date objects; the names of months and weekdays.

1 is 0001-01-01, as in `datetime.date`. Year 0 and the years after 9999 are reached through the 400 years after which
the calendar repeats. Light on purpose: commands that only read the index import it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

CYCLE = 146_097  # days in 400 years: after them dates and weekdays repeat
LAST = date.max.toordinal()
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")  # as date.weekday() counts


@lru_cache(maxsize=16384)
def ordinal(text: str) -> int | None:
    """The day that 'YYYY-MM-DD' names, None when there is no such day (2025-02-30) or the text is of another form."""
    year, month, day = text[:4], text[5:7], text[8:]
    digits = year + month + day
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        if year == "0000":
            return date(400, int(month), int(day)).toordinal() - CYCLE
        return date(int(year), int(month), int(day)).toordinal()
    except ValueError:
        return None


def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of an ordinal, of whatever size."""
    cycles, rest = divmod(day - 1, CYCLE)
    found = date.fromordinal(rest + 1)
    return found.year + 400 * cycles, found.month, found.day


def day_text(day: int) -> str:
    """'YYYY-MM-DD' of an ordinal."""
    return "{:04d}-{:02d}-{:02d}".format(*civil(day))
