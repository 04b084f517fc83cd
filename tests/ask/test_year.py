"""A year in a vault, day by day: review, statistics and history say what the books of the simulation say."""

from __future__ import annotations

import datetime
import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from vaultindex.ask.pages.review import review
from vaultindex.ask.pages.stats import BY, several, stats, tasks_behind
from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.options import build
from vaultindex.base import settings
from vaultindex.base.errors import UsageError
from vaultindex.cli.commands import run
from vaultindex.dates.ranges import option_range
from vaultindex.index import store, sync
from vaultindex.state.history import History
from vaultindex.vault import journal_place

DAYS = 250
ME = ["Myself"]
ACCOUNTS = {
    "Contoso": ["Dana Leigh", "Sam Okoro", "Ines Alder"],
    "Northwind": ["Priya Raman", "Mei Tanaka"],
    "Tailspin": ["Noor Haddad", "Otto Brandt"],
}
WORDS = [
    "price",
    "sheet",
    "room",
    "minutes",
    "pilot",
    "contract",
    "test",
    "window",
    "budget",
    "runbook",
    "estimate",
    "access",
    "training",
    "report",
]
MARKS = {"open": " ", "done": "x", "cancelled": "-", "proposed": "?"}


class Task:
    """One task of the books."""

    def __init__(self, path: str, number: int, day: str, words: str, state: str, owner: str, due: str | None) -> None:
        self.path, self.number, self.made, self.words, self.state, self.owner = path, number, day, words, state, owner
        self.due, self.end = due, None
        self.ended_on: str | None = None  # the day on which it became done or cancelled
        self.was_proposed = state == "proposed"
        self.verdict: tuple[str, str] | None = None  # (accepted or rejected, day)
        self.moves: list[tuple[str, str | None, str | None]] = []  # (day, from, to)

    @property
    def text(self) -> str:
        return f"Item{self.number} {self.words}"

    def line(self) -> str:
        due = f" 📅 {self.due}" if self.due else ""
        end = f" {'✅' if self.state == 'done' else '❌'} {self.end}" if self.end else ""
        return f"- [{MARKS[self.state]}] {self.text} @[[{self.owner}]]{due}{end}\n"


class Year:
    """The vault, its index, and the books."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.root, self.index = folder / "vault", str(folder / "index.db")
        (self.root / ".obsidian").mkdir(parents=True)
        self.config = settings.load({}, str(self.root))
        self.history = History(journal_place.state_file({"HOME": str(folder)}, str(self.root), self.config))
        self.notes: dict[str, tuple[str, str, list[str], list[Task]]] = {}
        self.tasks: list[Task] = []
        self.extra: dict[str, str] = {}

    def write(self, path: str) -> None:
        day, account, there, tasks = self.notes[path]
        (self.root / path).write_text(
            f"---\ntype: customer\nsource: {'call' if account == 'Contoso' else 'visit'}\ndate: {day}\naccount: {account}\n"
            f"participants: [{', '.join(there)}]\n---\n{self.extra.get(path, '')}{''.join(task.line() for task in tasks)}"
        )

    def sync(self, today: str, *paths: str) -> None:
        sync.sync(str(self.root), self.index, self.config, paths=paths, today=today)

    def meet(self, today: str, number: int) -> str:
        account = self.chance.choice([*ACCOUNTS] if number % 3 else ["Contoso"])
        people = [name for at, name in enumerate(ACCOUNTS[account]) if number >= at * 40]
        there = self.chance.sample(people, self.chance.randint(1, len(people)))
        path = f"{today} {account}.md"
        tasks = []
        for _ in range(self.chance.randint(1, 4)):
            state = self.chance.choice(["open", "open", "proposed"])
            due = _plus(today, self.chance.randint(1, 25)) if self.chance.random() < 0.6 else None
            if any(task.due == due for task in tasks):
                due = None  # (dates that are shared by many are doubted)
            words = " ".join(self.chance.sample(WORDS, 4))
            tasks.append(
                Task(
                    path, len(self.tasks) + len(tasks), today, words, state, self.chance.choice([*there, "Myself"]), due
                )
            )
        self.tasks += tasks
        self.notes[path] = (today, account, there, tasks)
        self.write(path)
        return path

    def act(self, today: str) -> set[str]:
        """What a person does to some tasks in an editor; returns the notes."""
        chance, touched = self.chance, set()
        living = [task for task in self.tasks if task.state in ("open", "proposed") and task.made < today]
        for task in chance.sample(living, min(len(living), 3)):
            act = chance.random()
            if task.state == "proposed":
                self.settle(task, "open" if act < 0.5 else "done" if act < 0.6 else "cancelled", today)
            elif act < 0.35:
                self.settle(task, "done", today)
            elif act < 0.42:
                self.settle(task, "cancelled", today)
            elif act < 0.72 and task.due:
                later = _plus(max(task.due, today), chance.randint(1, 20)) if act < 0.66 else None
                if not any(other.due == later for other in self.notes[task.path][3] if later):
                    task.moves.append((today, task.due, later))
                    task.due = later
            elif act < 0.85:
                words = task.words.split()
                words[chance.randrange(len(words))] = "another"
                task.words = " ".join(words)
            else:  # the generator writes its note anew
                self.extra[task.path] = f"# Made anew on {today}\n\nSome words.\n\n"
            touched.add(task.path)
        for path in touched:
            self.write(path)
        return touched

    def settle(self, task: Task, state: str, today: str) -> None:
        if task.state == "proposed":
            task.verdict = ("rejected" if state == "cancelled" else "accepted", today)
        task.state = state
        if state != "open":
            task.ended_on = today
            task.end = today if self.chance.random() < 0.7 else None

    # --- the books -----------------------------------------------------------------------------------------------

    def books(self, first: str, last: str, today: str) -> dict[str, set[str]]:
        """Section -> texts or names."""

        def within(day: str | None) -> bool:
            return day is not None and first <= day <= min(last, today)

        still = [task for task in self.tasks if task.state == "open"]
        found = {
            "done": {t.text for t in self.tasks if t.state == "done" and t.end and within(t.ended_on)},
            "ticked": {t.text for t in self.tasks if t.state == "done" and not t.end and within(t.ended_on)},
            "accepted": {
                t.text for t in self.tasks if t.verdict and t.verdict[0] == "accepted" and within(t.verdict[1])
            },
            "rejected": {
                t.text for t in self.tasks if t.verdict and t.verdict[0] == "rejected" and within(t.verdict[1])
            },
            "missed": {
                t.text for t in still if t.due and first <= t.due <= last and t.due < today and t.owner != "Myself"
            },
            "slipped": set(),
        }
        for task in still:
            moves = [move for move in task.moves if within(move[0])]
            moved = moves and moves[0][1] and (task.due is None or task.due > moves[0][1])
            if moved or (task.due is not None and task.due < _plus(today, -7)):
                found["slipped"].add(task.text)
        met: dict[str, list[str]] = {}
        for day, _, there, _ in self.notes.values():
            for name in there:
                met.setdefault(name, []).append(day)
        found["new_people"] = {name for name, days in met.items() if min(days) >= first}
        found["silent_people"] = {name for name, days in met.items() if _silent(days, today)}
        by_account: dict[str, list[str]] = {}
        for day, account, _, _ in self.notes.values():
            by_account.setdefault(account, []).append(day)
        found["silent_accounts"] = {name for name, days in by_account.items() if _silent(days, today)}
        return found


def _plus(day: str, days: int) -> str:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days)).isoformat()


def _silent(days: list[str], today: str) -> bool:
    """Over twice the median gap of the last ten meetings, said in the plainest way."""
    import statistics

    some = [datetime.date.fromisoformat(day) for day in sorted(set(days))][-10:]
    gaps = [(b - a).days for a, b in itertools.pairwise(some)]
    if len(gaps) < 2:
        return False
    return (datetime.date.fromisoformat(today) - some[-1]).days > 2 * round(statistics.median(gaps))


@pytest.fixture
def year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Year:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Year(tmp_path, 4)


def test_a_year_in_review_is_as_the_books_have_it(year: Year, capsys: pytest.CaptureFixture[str]) -> None:
    day = datetime.date(2025, 1, 1)
    for number in range(DAYS):
        today = day.isoformat()
        paths = year.act(today)
        if number % 7 < 5 and not 100 < number < 140:  # nobody meets for six weeks
            paths.add(year.meet(today, number))
        year.sync(today, *sorted(paths))
        if number % 10 == 9:
            _decide_by_command(year, today, capsys)
        with store.open_read(year.index) as conn:
            for words in ("week", "month") if number % 5 == 0 or number == DAYS - 1 else ("week",):
                when = option_range(words, day)
                page = review(conn, year.history, today, ME, when)
                books = year.books(when.start or "", when.end or "", today)
                for section, wanted in books.items():
                    rows = page[section]
                    got = [row["text"] if "text" in row else row["name"] for row in rows]
                    assert sorted(got) == sorted(wanted), (today, words, section)
                assert page["counts"] == {name: len(page[name]) for name in page["counts"]}
        conn.close()
        day += datetime.timedelta(1)
    _statistics_add_up(year, (day - datetime.timedelta(1)).isoformat())
    _the_history_is_the_books(year)


def _decide_by_command(year: Year, today: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Accept one proposal and reject one with the commands themselves."""
    waiting = [task for task in year.tasks if task.state == "proposed"]
    for task, verb, state in zip(waiting[:2], ("accept", "reject"), ("open", "cancelled")):
        line = (year.root / task.path).read_text().split("\n").index(task.line().rstrip("\n")) + 1
        place = ["--vault", str(year.root), "--index", year.index, "--today", today, "--quiet"]
        assert run([verb, f"{task.path}:{line}", *place], "vi") == 0, capsys.readouterr().err
        task.state, task.verdict = state, ("accepted" if verb == "accept" else "rejected", today)
        if state == "cancelled":
            task.end = task.ended_on = today
    capsys.readouterr()


def _statistics_add_up(year: Year, today: str) -> None:
    with store.open_read(year.index) as conn:
        together = several(conn, year.history, today, ME, BY)
        for by in BY:
            page = stats(conn, year.history, today, ME, by)
            assert together[by] == page, "several tables from one look are what each is by itself"
            for row in page["rows"] if by != "month" else ():
                behind = tasks_behind(conn, year.history, today, ME, by, row["name"] or "none")
                assert {name: len(some) for name, some in behind.items()} == {name: row[name] for name in behind}
                for number, states in (("open", ["open"]), ("proposed", ["proposed"])):
                    if by in ("account", "priority", "owner"):
                        name = "me" if row["name"] == "me" else row["name"]
                        filters, _ = build(conn, {by: name, **dict.fromkeys(states, True)}, today, ME)
                        assert row[number] == len(lists.select(conn, filters, today=today, me=ME))
            total = page["total"]
            made = [t for t in year.tasks if t.state != "proposed" and not (t.verdict and t.verdict[0] == "rejected")]
            assert total["made"] == len(made)
            assert total["settled"] == sum(t.state in ("done", "cancelled") for t in made)
            assert total["accepted"] == sum(bool(t.verdict and t.verdict[0] == "accepted") for t in year.tasks)
            assert total["rejected"] == sum(bool(t.verdict and t.verdict[0] == "rejected") for t in year.tasks)
            ages = sorted(
                (datetime.date.fromisoformat(today) - datetime.date.fromisoformat(t.made)).days
                for t in made
                if t.state == "open"
            )
            assert total["age"] == ages[(len(ages) + 1) // 2 - 1]
            assert total["age_90"] == ages[-(-len(ages) * 9 // 10) - 1]
        page = stats(conn, year.history, today, ME, "month")
        ended = [t.ended_on for t in year.tasks if t.ended_on and not (t.verdict and t.verdict[0] == "rejected")]
        for row in page["rows"]:
            assert row["settled"] == sum(end.startswith(row["name"]) for end in ended), row
        assert page["undated"] == {"made": 0, "settled": 0}
    conn.close()


def _the_history_is_the_books(year: Year) -> None:
    moves = [(e.day, e.was, e.became) for e in year.history.events() if e.what == "due"]
    assert sorted(map(repr, moves)) == sorted(repr(move) for task in year.tasks for move in task.moves)


def test_keep_in_touch_says_after_how_many_days_somebody_is_silent(year: Year) -> None:
    (year.root / "People").mkdir()
    (year.root / "People" / "Dana Leigh.md").write_text("---\ntype: person\nkeep_in_touch: 6w\n---\n")
    for day in ("2025-01-01", "2025-01-06", "2025-01-11"):
        year.notes[f"{day}.md"] = (day, "Contoso", ["Dana Leigh", "Sam Okoro"], [])
        year.write(f"{day}.md")
    sync.sync(str(year.root), year.index, year.config, today="2025-01-11")

    def silent(today: str, **keep: str) -> dict[str, Any]:
        with store.open_read(year.index) as conn:
            week = option_range("week", datetime.date.fromisoformat(today))
            page = review(conn, year.history, today, ME, week, keep)
        conn.close()
        return {row["name"]: (row["days"], row["rhythm"]) for row in page["silent_people"]}

    assert silent("2025-01-21") == {}
    assert silent("2025-01-22") == {"Sam Okoro": (11, 5)}
    assert silent("2025-02-22") == {"Sam Okoro": (42, 5)}
    assert silent("2025-02-23") == {"Sam Okoro": (43, 5), "Dana Leigh": (43, 42)}
    (year.root / "People" / "Sam Okoro.md").write_text("---\ntype: person\ntags: [client/vip]\n---\n")
    sync.sync(str(year.root), year.index, year.config, today="2025-01-11")
    assert silent("2025-01-22", client="2w", other="3d") == {}, "a tag stands for those nested in it"
    assert silent("2025-01-22", client="2w", **{"client/vip": "10d"}) == {"Sam Okoro": (11, 10)}
    assert silent("2025-02-23", client="10d")["Dana Leigh"] == (43, 42), "the note's own word is stronger"
    with pytest.raises(UsageError, match="client = 'often'"):
        silent("2025-01-22", client="often")
