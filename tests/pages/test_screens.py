"""A screen is the beginning of the whole page: what is read for it alone is in the same order, beside the same counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import random_vault
from vaultindex.ask.pages import agenda, contact, day, review, waiting
from vaultindex.ask.tasks import conditions, lists
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base import settings
from vaultindex.dates.days import day_text, ordinal
from vaultindex.dates.ranges import Range
from vaultindex.index import store, sync
from vaultindex.state.history import History
from vaultindex.tasks.recurrence import next_day
from vaultindex.tasks.recurrence_rule import read_rule
from vaultindex.tasks.urgency import PRIORITIES

DAYS = ("2025-06-10", "2025-08-15", "2025-10-09")
ME = ("Myself",)


@pytest.fixture(scope="module", params=[3, 4])
def conn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The index of a random vault, and of a week that repeats itself in many ways."""
    folder = tmp_path_factory.mktemp("screens")
    random_vault.write(folder / "v", request.param)
    rules = (
        "every day",
        "every week",
        "every month",
        "every 2 months on the 3rd",
        "every month on the last Friday when done",
    )
    lines = [f"- [ ] Task {n} @Myself 🔁 {rule} 📅 2025-0{n % 5 + 4}-1{n % 9}" for n, rule in enumerate(rules * 6)]
    lines += [f"- [x] Did {n} ✅ 2025-07-0{n % 4 + 1}" for n in range(7)]
    (folder / "v" / "Again.md").write_text("\n".join(lines))
    sync.sync(str(folder / "v"), str(folder / "i.db"), settings.load({}, str(folder / "v")))
    opened = store.open_read(str(folder / "i.db"))
    yield opened
    opened.close()


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("most", [1, 4, 30])
def test_the_day_on_a_screen_begins_as_the_whole_day(conn: sqlite3.Connection, today: str, most: int) -> None:
    asker = Asker(conn, today, ME)
    whole, screen = day.day(asker), day.day(asker, most=most)
    assert screen["counts"] == whole["counts"] and screen["due"] == whole["due"]
    for section in ("overdue", "planned", "proposed", "undated", "past_doubted"):
        assert screen[section] == whole[section][:most], section
    due = len([row for row in whole["due"] if row in whole["waiting"]])
    assert not due and screen["waiting"] == whole["waiting"][: len(screen["waiting"])]
    for section in ("overdue", "planned", "past_doubted"):  # mine first, then the most urgent
        order = [(not row["mine"], PRIORITIES.index(row["priority"])) for row in whole[section]]
        assert order == sorted(order), section
    assert len(whole["overdue"]) > 4 or today == DAYS[0]


@pytest.mark.parametrize("today", DAYS)
def test_what_is_overdue_is_counted_as_it_is_listed(conn: sqlite3.Connection, today: str) -> None:
    late = [conditions.Listed(), conditions.OPEN, conditions.overdue(today)]
    assert lists.overdue_count(conn, today) == sum(lists.count(conn, late, today).values())
    assert lists.overdue_count(conn, DAYS[-1]) > 10


@pytest.mark.parametrize("me", [settings.load({}).get("me"), ME, ["Dana Leigh"], ["Nobody Here"], ["TBD", "Sam Okoro"]])
def test_whose_late_tasks_are_is_counted_by_who_asks_whomever_the_index_was_made_for(
    conn: sqlite3.Connection, me: list[str]
) -> None:
    for today in DAYS:
        asker = Asker(conn, today, me)
        theirs = asker.count(overdue=True, open=True, sure=True, theirs=True)
        assert day.day(asker)["counts"]["overdue_theirs"] == theirs
    assert theirs > 3


@pytest.mark.parametrize("today", DAYS[1:])
def test_a_review_names_whom_the_meetings_say_are_new_and_silent(
    conn: sqlite3.Connection, tmp_path: Path, today: str
) -> None:
    met: dict[str, set[str]] = {}
    sql = """SELECT p.key, n.date FROM people p JOIN notes n ON n.id = p.note WHERE n.excluded IS NULL AND n.date <= ?
 AND n.entity IS NULL AND (n.participants <> '[]' OR n.source IS NOT NULL)"""
    for key, date in conn.execute(sql, (today,)):
        met.setdefault(key, set()).add(date)
    first = "2025-06-10"
    page = review.review(conn, History(str(tmp_path / "none.db")), today, ME, Range(first, today), {"never": "9d"})
    new = {key: len(days) for key, days in met.items() if min(days) >= first}
    assert {row["name"].casefold().replace("ë", "e"): row["meetings"] for row in page["new_people"]} == new
    quiet = {key for key, days in met.items() if contact.silence(sorted(days), today).too_long}
    assert {row["name"].casefold().replace("ë", "e") for row in page["silent_people"]} == quiet


@pytest.mark.parametrize("today", DAYS)
def test_an_agenda_on_a_screen_has_the_first_rows_of_each_day(conn: sqlite3.Connection, today: str) -> None:
    asker, last = Asker(conn, today, ME), day_text((ordinal(today) or 0) + 12)
    whole = agenda.agenda(asker, today, last)
    screen = agenda.agenda(asker, today, last, most=3, each=2)
    assert screen["counts"] == whole["counts"] and len(screen["days"]) == 13
    assert screen["overdue"] == whole["overdue"][:3]
    for one, other in zip(screen["days"], whole["days"]):
        assert one == {**other, "tasks": other["tasks"][:2]} and one["count"] == len(other["tasks"])
    assert any(len(one["tasks"]) > 2 for one in whole["days"])
    assert any(row["why"] == "recurs" for one in whole["days"] for row in one["tasks"])


@pytest.mark.parametrize("unfold", [False, True])
def test_those_who_keep_waiting_longest_stand_first_on_a_screen(conn: sqlite3.Connection, unfold: bool) -> None:
    asker = Asker(conn, DAYS[-1], ME)
    whole = waiting.waiting(asker, unfold=unfold)
    for most in (1, 5, 20):
        screen = waiting.waiting(asker, unfold=unfold, most=most)
        assert screen["people"] == whole["people"][: len(screen["people"])]
        assert sum(len(one["asks"]) for one in screen["people"]) >= min(most, whole["counts"]["asks"])
        assert screen["counts"]["tasks"] == whole["counts"]["tasks"] and screen["counts"]["people"] >= len(
            screen["people"]
        )
    assert len(whole["people"]) > 3


@pytest.mark.parametrize("today", DAYS[1:])
def test_a_review_on_a_screen_has_the_first_rows_and_all_counts(
    conn: sqlite3.Connection, tmp_path: Path, today: str
) -> None:
    history, when = History(str(tmp_path / "none.db")), Range("2025-06-02", today)
    whole = review.review(conn, history, today, ME, when)
    screen = review.review(conn, history, today, ME, when, most=2)
    assert screen["counts"] == whole["counts"] == {name: len(whole[name]) for name in review.SECTIONS}
    for section in ("done", "decided", "slipped", "missed"):
        assert screen[section] == whole[section][:2] and len(whole[section]) > 2, section


@pytest.mark.parametrize(
    "text",
    ["every day", "every 3 days", "every week", "every 2 weeks on Friday", "every weekday", "every month", "every 2 months",
     "every month on the 1st", "every month on the 31st", "every 2 months on the 5th", "every month on the last",
     "every month on the 2nd Friday", "every year", "every January on the 15th", "every month until January 1, 2026"],
)  # fmt: skip
def test_a_late_rule_goes_on_as_if_it_were_followed_step_by_step(text: str) -> None:
    rule = read_rule(text)
    assert rule is not None
    for first in range(ordinal("2024-01-28") or 0, (ordinal("2024-01-28") or 0) + 70, 3):
        for now in (ordinal("2025-03-28") or 0, ordinal("2025-12-01") or 0):
            stepped: int | None = first
            while stepped is not None and stepped <= now:
                stepped = next_day(rule, stepped)
            nearer = agenda._nearer(rule, first, now)
            assert first <= nearer <= now
            while nearer is not None and nearer <= now:
                nearer = next_day(rule, nearer)  # type: ignore[assignment]
            assert nearer == stepped, (day_text(first), day_text(now))
