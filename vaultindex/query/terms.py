"""Pieces of SQL that the query language and our own lists share."""

from datetime import date
from typing import NamedTuple

from vaultindex.dates.days import LAST, day_text
from vaultindex.index.schema import real
from vaultindex.tasks.urgency import WEIGHTS


class Clause(NamedTuple):
    """A condition, a term of an order or a value, and what stands for its question marks."""

    sql: str
    params: tuple[object, ...] = ()


def urgency_term(today: str, due: str = "t.due") -> Clause:
    """The plugin's urgency as an SQL expression, rounded as everywhere else; `due` is the column of the due date."""
    day = date.fromisoformat(today).toordinal()
    late, early = day_text(day - 7), day_text(min(day + 14, LAST))
    # Only between a week late and two weeks early does the number of days matter.
    terms = (
        f"CASE WHEN {due} IS NULL OR NOT {real('due')} THEN 0.0 WHEN {due} <= ? THEN 12.0"
        f" WHEN {due} > ? THEN 2.4 ELSE 12.0 * ((julianday(?) - julianday({due}) + 14.0) * 0.8 / 21.0 + 0.2) END",
        f"CASE WHEN t.scheduled <= ? AND {real('scheduled')} THEN 5.0 ELSE 0.0 END",
        f"CASE WHEN t.start > ? AND {real('start')} THEN -3.0 ELSE 0.0 END",
        "CASE t.priority " + " ".join(f"WHEN {i} THEN {value}" for i, value in enumerate(WEIGHTS.values())) + " END",
    )
    return Clause(f"round({' + '.join(terms)}, 6)", (late, early, today, today, today))
