"""A recurrence rule written as text, in the plugin's words."""

from __future__ import annotations

from functools import lru_cache

from vaultindex.dates.days import MONTHS, WEEKDAYS, civil
from vaultindex.tasks.recurrence_rule import Rule, read_rule


@lru_cache(maxsize=4096)
def normalise(text: str) -> str | None:
    """The rule in the plugin's own words (`every Sunday` -> `every week on Sunday`), None when it is no rule."""
    rule = read_rule(text)
    return rule_text(rule) if rule else None


def rule_text(rule: Rule) -> str:
    """The plugin's wording of a rule. It is not always complete: parts that it has no words for are left out."""
    number = [str(rule.interval)] if rule.interval != 1 else []
    parts = ["every", *number, _plural(rule.unit, rule.interval)]
    each = [day for day, nth in sorted(rule.weekdays, key=lambda item: item[0]) if not nth]
    days = {day for day, _ in rule.weekdays}
    week_days, every_day = days == {0, 1, 2, 3, 4}, len(days) == 7
    months = [MONTHS[month - 1] for month in rule.months]
    match rule.unit:
        case "day":
            parts += _at(rule)
        case "week" if week_days:
            parts = [*parts, "on weekdays"] if number else ["every weekday"]
        case "week" if every_day:
            parts = [*parts, "day"] if number else ["every day"]
        case "week":
            parts += ["in", _list(months, "and")] if months else []
            parts += _on_month_days(rule, each) or _on_weekdays(rule, each, week_days)
            parts += _at(rule)
        case "month" | "year":
            if months and rule.unit == "month":
                parts = ["every", *number, "months"] if number else ["every"]
                parts += ["in"] if number and rule.interval % 100 != 1 else []
                parts += [_list(months, "and")]
            elif months:
                parts = ["every", *number, *(["years"] if number else []), _list(months, "and")]
            if rule.month_days:
                parts += _on_month_days(rule, each)
            elif week_days and rule.unit == "month":
                parts += ["on weekdays"]
            else:
                parts += _on_weekdays(rule, each, week_days)
            if rule.weeks and rule.unit == "year":
                parts += ["in", _plural("week", len(rule.weeks)), _list(list(map(str, rule.weeks)), "and")]
    if rule.until is not None:
        year, month, day = civil(rule.until)
        parts += [f"until {MONTHS[month - 1]} {day}, {year}"]
    elif rule.times:
        parts += [f"for {rule.times} {_plural('time', rule.times)}"]
    return " ".join(parts) + (" when done" if rule.when_done else "")


def _plural(word: str, number: int) -> str:
    return word + "s" if number % 100 != 1 else word


def _nth(n: int) -> str:
    if n == -1:
        return "last"
    size = abs(n)
    # Beyond a month's length the library writes 32th, 41th.
    end = {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th") if size in (1, 2, 3, 21, 22, 23, 31) else "th"
    return f"{size}{end}" + (" last" if n < 0 else "")


def _list(items: list[str], word: str) -> str:
    return f" {word} ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


def _at(rule: Rule) -> list[str]:
    return ["at", _list(list(map(str, rule.hours)), "and")] if rule.hours else []


def _on_month_days(rule: Rule, each: list[int]) -> list[str]:
    ordered = sorted(d for d in rule.month_days if d > 0) + sorted((d for d in rule.month_days if d < 0), reverse=True)
    if not ordered:
        return []
    days = [_nth(day) for day in ordered]
    if each:
        return ["on", _list([WEEKDAYS[day] for day in each], "or"), "the", _list(days, "or")]
    return ["on the", _list(days, "and")]


def _on_weekdays(rule: Rule, each: list[int], week_days: bool) -> list[str]:
    some = [f"{_nth(nth)} {WEEKDAYS[day]}" for day, nth in sorted(rule.weekdays, key=lambda item: item[0]) if nth]
    parts = ["on", ", ".join(WEEKDAYS[day] for day in each)] if each and not week_days else []
    if some:
        parts += [*(["and"] if each else []), "on the", _list(some, "and")]
    return parts
