"""Names of tasks among calendars: kept through every change of their words, and never two tasks with one name."""

from __future__ import annotations

import random

import pytest

from vaultindex.state.history import Names


@pytest.mark.parametrize("seed", range(30))
def test_a_name_is_kept_by_its_task_and_borne_by_no_other(seed: int) -> None:
    dice, names, ids = random.Random(seed), Names(), "abcdef"
    living: dict[str, str] = {}  # id that a task has now -> the name that it must have
    for _ in range(60):
        free = [one for one in ids if one not in living]
        what = dice.choice(("new", "gone", "words", "words"))
        if what == "new" and free:
            identity = dice.choice(free)
            living[identity] = names[identity]
        elif what == "gone" and living:
            del living[dice.choice(sorted(living))]
        elif what == "words" and living and free:
            was, became = dice.choice(sorted(living)), dice.choice(free)
            names.move(was, became)
            living[became] = living.pop(was)
        assert {identity: names[identity] for identity in living} == living
        assert len(set(living.values())) == len(living)


def test_a_task_that_gets_its_first_words_back_has_its_first_name() -> None:
    names = Names()
    names.move("a", "b")
    names.move("b", "a")
    assert names["a"] == "a" and names["b"] == "b"
