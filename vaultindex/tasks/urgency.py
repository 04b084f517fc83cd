"""The urgency that the Tasks plugin computes from a task's dates and priority."""

from __future__ import annotations

from datetime import date

from vaultindex.dates.days import ordinal

PRIORITIES = ("highest", "high", "medium", "none", "low", "lowest")  # in the order of their numbers in the index
WEIGHTS = dict(zip(PRIORITIES, (9.0, 6.0, 3.9, 1.95, 0.0, -1.8)))


def urgency(due: str | None, scheduled: str | None, start: str | None, priority: str, today: str | date) -> float:
    """The plugin's number, rounded to six decimals. Dates (YYYY-MM-DD) that do not exist count as absent."""
    now = ordinal(today) if isinstance(today, str) else today.toordinal()
    if now is None:
        raise ValueError(f"today is no date: {today}")
    score = 0.0
    if due and (day := ordinal(due)) is not None:
        late = now - day
        score += 12.0 * (1.0 if late >= 7 else (late + 14) * 0.8 / 21 + 0.2 if late >= -14 else 0.2)
    if scheduled and (day := ordinal(scheduled)) is not None and day <= now:
        score += 5.0
    if start and (day := ordinal(start)) is not None and day > now:
        score -= 3.0
    return round(score + WEIGHTS[priority], 6)
