"""No page says what a list would deny: each number on it is the length of the list that stands beside it."""

from __future__ import annotations

import itertools
import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.pages import random_vault
from vaultindex.ask.pages import account, day, person
from vaultindex.cli.commands import run

DAYS = ("2025-06-10", "2025-08-15", "2025-10-09")
Ask = Callable[..., Any]


@pytest.fixture(scope="module", params=[1, 2])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks `vi ...` of a random vault on a day, in this process: the JSON of the answer."""
    folder = tmp_path_factory.mktemp("counts")
    random_vault.write(folder / "v", request.param)
    capture = pytest.MonkeyPatch()
    capture.setenv("HOME", str(folder))
    capture.delenv("XDG_STATE_HOME", raising=False)

    def answer(today: str, command: str) -> Any:
        import contextlib
        import io

        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        words = shlex.split(command.removeprefix("vi "))
        place = ["--vault", str(folder / "v"), "--index", str(folder / "i.db"), "--today", today, "--json", "--quiet"]
        with contextlib.redirect_stdout(out):
            assert run([*words, *place], "vi") == 0
        out.flush()
        return json.loads(out.buffer.getvalue().decode())  # type: ignore[attr-defined]

    yield answer
    capture.undo()


@pytest.mark.parametrize("today", DAYS)
def test_each_count_of_the_day_is_the_length_of_its_list(ask: Ask, today: str) -> None:
    page = ask(today, "vi today")
    assert {name: len(ask(today, command)) for name, command in day.LISTS.items()} == {
        name: page["counts"][name] for name in day.LISTS
    }
    assert page["counts"]["overdue_theirs"] == len(ask(today, "vi tasks --overdue --open --sure --theirs"))


@pytest.mark.parametrize("today", DAYS)
def test_no_task_stands_in_two_sections_of_the_day_and_none_is_lost(ask: Ask, today: str) -> None:
    page = ask(today, "vi today")
    sections = ("due", "overdue", "planned", "proposed", "waiting", "undated", "past_doubted")
    shown = [(row["path"], row["line"]) for name in sections for row in page[name]]
    assert len(shown) == len(set(shown))
    assert set(shown) >= {(r["path"], r["line"]) for r in ask(today, "vi tasks --due today --open")}
    assert {(r["path"], r["line"]) for r in page["proposed"]} == {
        (r["path"], r["line"]) for r in ask(today, "vi tasks --proposed")
    }


@pytest.mark.parametrize("name", ["Dana Leigh", "Sam Okoro", "Mei Tanaka"])
def test_each_count_of_a_person_is_the_length_of_its_list(ask: Ask, name: str) -> None:
    for today in DAYS[1:]:
        page = ask(today, f"vi person '{name}'")
        lists = person.lists(page["name"])
        found = {count: len(ask(today, command)) for count, command in lists.items() if count != "mentions"}
        assert found == {count: page["counts"][count] for count in found}
        mentions = [row for row in ask(today, lists["mentions"]) if row["kind"] == "mention"]
        assert len(mentions) == page["counts"]["mentions"]
        met = ask(today, lists["meetings"])
        assert [row["path"] for row in met] == [row["path"] for row in page["meetings"]]
        assert page["last"] == max((row["date"] for row in met), default=None)


@pytest.mark.parametrize("name", ["Contoso", "Northwind", "Tailspin"])
def test_each_count_of_an_account_is_the_length_of_its_list_and_its_note_says_the_same(ask: Ask, name: str) -> None:
    today = DAYS[-1]
    page = ask(today, f"vi account {name}")
    lists = account.lists(page["name"])
    found = {count: len(ask(today, command)) for count, command in lists.items()}
    assert found == {count: page["counts"][count] for count in found}
    assert page["counts"]["open"] == sum(page["counts"][side] for side in ("mine", "theirs", "nobodys"))
    if page["note"]:
        assert ask(today, f"vi note {name}")["page"]["counts"] == page["counts"]


@pytest.mark.parametrize("options", ["", "--account Contoso", "--older 30d", "--owner 'Sam Okoro'"])
def test_waiting_holds_each_task_of_others_once(ask: Ask, options: str) -> None:
    today = DAYS[-1]
    page = ask(today, f"vi waiting {options}")
    tasks = ask(today, f"vi tasks --theirs --open {options.replace('--older', '--stale')}")
    asks = [one for person in page["people"] for one in person["asks"]]
    assert page["counts"]["tasks"] == len(tasks) == sum(len(one["notes"]) for one in asks)
    assert page["counts"]["asks"] == len(asks)
    unfolded = ask(today, f"vi waiting --unfold {options}")
    assert unfolded["counts"]["asks"] == len(tasks)
    for person_ in page["people"]:
        assert [one["days"] or 0 for one in person_["asks"]] == sorted(
            (o["days"] or 0 for o in person_["asks"]), reverse=True
        )


def test_an_agenda_holds_what_the_lists_of_its_days_hold(ask: Ask) -> None:
    page = ask("2025-08-15", "vi agenda --days 20")
    for one, why in itertools.product(page["days"], (("due", "due"), ("scheduled", "scheduled"), ("starts", "start"))):
        said, option = why
        listed = {(r["path"], r["line"]) for r in ask("2025-08-15", f"vi tasks --{option} {one['date']} --open")}
        here = {(r["path"], r["line"]) for r in one["tasks"] if r["why"] == said}
        assert here <= listed
        if said == "due":
            assert here == listed
    assert page["counts"]["overdue"] == len(ask("2025-08-15", "vi tasks --overdue --open --sure"))
