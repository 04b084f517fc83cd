"""Contact: which notes are meetings, how often people and accounts meet, and how long they have been silent."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from typing import NamedTuple

# SQL for a note `n`: dated, listed, no page of an account, person or project; somebody took part, it was made from
# something, or its type says that it is a meeting.
MEETING = """(n.date IS NOT NULL AND n.excluded IS NULL AND n.entity IS NULL AND (n.source IS NOT NULL
 OR lower(n.type) IN ('meeting', 'call', 'customer', '1:1', 'one-on-one', 'sync', 'standup', 'stand-up', 'workshop',
 'review', 'interview', 'retro', 'kickoff', 'kick-off', 'minutes')
 OR EXISTS (SELECT 1 FROM people p WHERE p.note = n.id)))"""

_LAST = 10  # meetings that make a rhythm


class Silence(NamedTuple):
    """Days since the last contact, and what is usual."""

    last: str
    days: int
    rhythm: int | None  # days; None with fewer than three meetings and nothing said

    @property
    def too_long(self) -> bool:
        """Silent for more than twice the usual."""
        return self.rhythm is not None and self.days > 2 * self.rhythm


def rhythm(dates: Sequence[str]) -> int | None:
    """The median number of days between the last ten meetings (days as YYYY-MM-DD, any order); None with fewer than three
    different days."""
    days = [datetime.date.fromisoformat(day).toordinal() for day in sorted(set(dates))[-_LAST:]]
    gaps = sorted(after - before for before, after in itertools.pairwise(days))
    middle = len(gaps) // 2
    return (gaps[middle] if len(gaps) % 2 else round((gaps[middle - 1] + gaps[middle]) / 2)) if len(gaps) > 1 else None


def silence(dates: Sequence[str], today: str, usual: int | None = None) -> Silence | None:
    """How long there was no meeting up to today; `usual` overrides the measured rhythm. None when there never was one."""
    past = sorted(day for day in dates if day <= today)
    if not past:
        return None
    ago = datetime.date.fromisoformat(today) - datetime.date.fromisoformat(past[-1])
    return Silence(past[-1], ago.days, usual if usual is not None else rhythm(past))
