"""The queries of the Tasks plugin's documentation that people start from, and how long they take."""

from __future__ import annotations

import statistics

from benchmarks.place import Place
from benchmarks.process import Command, alternate

QUERIES = (
    "not done\ndue today",
    "not done\ndue before today",
    "not done\ndue after today\ndue before in two weeks",
    "not done\nhappens before tomorrow\nsort by priority",
    "not done\nno due date\nlimit 100",
    "not done\nis recurring\nlimit 100",
    "done this week",
    "done last month\nlimit 100",
    "not done\npriority is above medium\nlimit 100",
    "not done\ndescription includes budget\nlimit 100",
    "not done\ntags include #proposed\nlimit 100",
    "not done\npath includes Projects\nlimit 100",
    "not done\nheading includes Action\nlimit 100",
    "(due this week) OR (scheduled this week)",
    "not done\nis blocking",
    "not done\nis blocked",
    "not done\nsort by urgency\nlimit 50",
    "not done\ngroup by filename\nlimit 200",
    "not done\ndescription regex matches /review.*budget/i\nlimit 100",
    "created this month\nsort by created reverse\nlimit 100",
)


def queries(place: Place, times: int) -> str:
    """A sentence on how long they take, as the index stands."""
    works = {q: Command(place.vi("--no-refresh", "--format", "plain", "query", q)) for q in QUERIES}
    took = {q: measure.seconds * 1000 for q, measure in alternate(works, place.env, times).items()}
    if not took:
        return "The twenty queries failed."
    slowest = max(took, key=took.__getitem__)
    failed = f" {len(works) - len(took)} failed." if len(took) < len(works) else ""
    return (
        f"Twenty queries of the Tasks plugin's documentation, whole processes: median {statistics.median(took.values()):.0f} ms, "
        f"slowest {took[slowest]:.0f} ms (`{'; '.join(slowest.splitlines())}`); goal 250 ms at 100,000 tasks.{failed}"
    )
