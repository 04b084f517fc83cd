"""What was measured, as lines of a table: ratios, goals, and whether they are met."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.process import Measure

HEAD = ("work", "ours", "peer / floor", "theirs", "ratio", "must", "aim", "met", "memory")


class Value(NamedTuple):
    """An amount with its unit: ms, MB or KB; how many runs it is the median of, and the memory they took."""

    amount: float
    unit: str = "ms"
    times: int = 0
    megabytes: float = 0.0

    def shown(self, usual: int) -> str:
        """For a person; with the number of runs where it is not the usual one."""
        amount, unit = (self.amount / 1000, "s") if self.unit == "ms" and self.amount >= 10_000 else self[:2]
        few = f" ({self.times})" if 0 < self.times < usual else ""
        return f"{amount:,.{0 if amount >= 100 else 1}f} {unit}{few}"


def took(measure: Measure | None) -> Value | None:
    """The time of a work."""
    return measure and Value(measure.seconds * 1000, "ms", measure.times, measure.megabytes)


class Line(NamedTuple):
    """One work of ours beside one other; without another, the goals are amounts instead of ratios."""

    work: str
    ours: Value | None  # None: it failed
    against: str = ""
    theirs: Value | None = None
    must: float | None = None  # at most
    aim: float | None = None
    missing: str = "absent"  # why there is nothing to compare with: absent, failed

    @property
    def judged(self) -> float | None:
        """What the goals are about; None when it is not known."""
        if self.ours is None or (self.against and self.theirs is None):
            return None
        return self.ours.amount / self.theirs.amount if self.theirs is not None else self.ours.amount

    def met(self, goal: float | None) -> str:
        """Whether a goal is met; '-' when there is none or nobody knows. Who fails meets none."""
        if goal is None or (self.ours and self.judged is None):
            return "-"
        return "yes" if self.judged is not None and self.judged <= goal else "NO"

    def cells(self, usual: int) -> tuple[str, ...]:
        """As the table shows it."""
        ours = self.ours.shown(usual) if self.ours else "failed"
        theirs = self.theirs.shown(usual) if self.theirs else self.missing if self.against else "-"
        ratio = _number(self.judged) if self.against and self.judged is not None else "-"
        unit = f" {self.ours.unit}" if self.ours and not self.against else ""
        goals = ["-" if goal is None else _number(goal) + unit for goal in (self.must, self.aim)]
        met = "" if self.must is None and self.aim is None else f"{self.met(self.must)} / {self.met(self.aim)}"
        return self.work, ours, self.against, theirs, ratio, *goals, met, self._memory()

    def _memory(self) -> str:
        held = [f"{value.megabytes:.0f}" for value in (self.ours, self.theirs) if value and value.megabytes]
        return " / ".join(held) + " MB" if held else ""


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.3g}"


def table(lines: list[Line], usual: int) -> list[str]:
    """The lines as a Markdown table; `usual` is the number of runs that goes without saying."""
    rows = [HEAD, ("---",) * len(HEAD), *(line.cells(usual) for line in lines)]
    return ["| " + " | ".join(row) + " |" for row in rows]
