"""One screen of every question: how long a person waits for it, with a watcher and without, however large the vault is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks import daemon
from benchmarks.peers import Call
from benchmarks.place import Place
from benchmarks.process import Command, alternate
from benchmarks.table import Line, took

BIG = 200_000  # notes of the vault of `--big`
SWEPT, WATCHED = 1200, 250  # ms that a screen may take there: without a watcher, with one
PAGE = 1.6  # what one of them may take with a watcher, in starts of Python with Click and SQLite


def questions(place: Place) -> dict[str, tuple[list[str], str]]:
    """Name -> (the command, what its output must show)."""
    name = next(iter(place.truth["notes linking to"]))
    return {
        "today": (["today"], "[.]md"),
        "people": (["people", "-n", "50"], "[0-9]"),
        "accounts": (["accounts", "-n", "50"], "[0-9]"),
        "backlinks": (["backlinks", name, "-n", "50"], "[.]md"),
        "decisions": (["decisions", "-n", "50"], "[.]md"),
        "notes": (["notes", "-n", "50"], "[.]md"),
        "search": (["search", "contract review"], "[.]md"),
    }


def one_screen(place: Place, times: int, tell: Callable[[str], None]) -> list[Line]:
    """A line a question and way: looking at every file first, and with the watcher's word."""
    place.settle()
    asked = questions(place)
    tell("one screen of each question")
    alone = {name: Command(place.vi(*words), proof=proof) for name, (words, proof) in asked.items()}
    found = alternate(alone, place.env, times)
    lines = [Line(f"one screen: {name}, no daemon", took(found.get(name)), must=SWEPT) for name in asked]
    tell("the same with a daemon")
    with daemon.watching(place, place.index_file):
        found = alternate(alone, place.env, times)
    return lines + [Line(f"one screen: {name}, daemon", took(found.get(name)), must=WATCHED) for name in asked]


def pages(place: Place, watched: Path, times: int, bare: Call) -> list[Line]:
    """With the daemon's word, beside the start of Python with what every command imports."""
    asked = questions(place)
    person, account = next(iter(place.truth["notes linking to"])), _busiest(place)
    words = {
        **{name: asked[name][0] for name in ("today", "people", "accounts")},  # those that count over the whole vault
        "agenda": ["agenda"], "waiting": ["waiting"], "person": ["person", person], "account": ["account", account],
        "brief": ["brief", account], "review": ["review"], "stats": ["stats"], "recap": ["recap", _meeting(place), "--anyway"],
    }  # fmt: skip
    calls = {
        name: Command(place.vi(*some, "--format", "table", index=watched), proof=".") for name, some in words.items()
    }
    if bare[1] is not None:
        calls[bare[0]] = bare[1]
    found = alternate(calls, place.env, times)
    floor = took(found.get(bare[0]))
    return [Line(f"one screen: {name}, daemon", took(found.get(name)), bare[0], floor, PAGE) for name in words]


def _meeting(place: Place) -> str:
    """A note of a meeting."""
    return min((place.vault / "Meetings").rglob("*.md")).relative_to(place.vault).as_posix()


def _busiest(place: Place) -> str:
    """The account with the most decisions."""
    decided: dict[str, int] = place.truth["decisions by account"]
    return max(decided, key=lambda name: decided[name])
