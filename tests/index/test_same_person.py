"""Names that meet: which names are one person, which are not, which are unsure, and what decided it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultindex.ask import names, same_person
from vaultindex.ask.links import backlinks
from vaultindex.ask.people import people
from vaultindex.ask.tasks import lists
from vaultindex.ask.tasks.conditions import OPEN, Owner
from vaultindex.ask.tasks.options import build
from vaultindex.base import settings
from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.base.text import fold
from vaultindex.index import store, sync
from vaultindex.meetings.name_forms import fits, forms, is_short, spelled
from vaultindex.state.journal import Journal
from vaultindex.vault import journal_place

HERE, ACCOUNT, NOWHERE = "the note", "the account", "another account"
# (the name as written, by whom it is written: an owner or a participant; the person it could be; who else is there; where
# they are; whether it is that person: True (same), False (another person, or two), None (unsure); what decided)
PAIRS: list[tuple[str, str, str, list[str], str, bool | None, str | None]] = [
    # a full name among the participants of the same note
    ("Dana", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("dana", "owner", "Dana Leigh", ["Sam Okoro"], HERE, True, "note"),
    ("D. Leigh", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("Dana L", "owner", "Dana Leigh", ["Dana Ho"], HERE, True, "note"),
    ("D. Leigh", "owner", "Dana Leigh", ["Dana Ho"], HERE, True, "note"),
    ("[[D. Leigh]]", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("[[d.leigh@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("[[dleigh@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("[[dana@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("[[dana.l@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "note"),
    ("Zoë", "owner", "Zoe Brandt", [], HERE, True, "note"),
    ("Anne-Marie", "owner", "Anne-Marie Meyer", [], HERE, True, "note"),
    ("A. van der Berg", "owner", "Anna van der Berg", [], HERE, True, "note"),
    ("Anna B", "owner", "Anna van der Berg", [], HERE, True, "note"),
    ("Łukasz", "owner", "Lukasz Nowak", [], HERE, True, "note"),
    ("Dana", "owner", "Leigh, Dana", ["Okoro, Sam"], HERE, True, "note"),
    ("Dana", "owner", "dana.leigh@contoso.com", [], HERE, True, "note"),
    # the same words, written another way
    ("[[Leigh, Dana]]", "owner", "Dana Leigh", [], HERE, True, "spelling"),
    ("[[Leigh, Dana]]", "owner", "Dana Leigh", [], NOWHERE, True, "spelling"),
    ("[[dana.leigh@contoso.com]]", "owner", "Dana Leigh", [], NOWHERE, True, "spelling"),
    ("[[dana_leigh@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "spelling"),
    ("[[dana.leigh+notes@contoso.com]]", "owner", "Dana Leigh", [], HERE, True, "spelling"),
    ("dana.leigh@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "spelling"),
    ("Dana Leigh <dana@x.example>", "participant", "Dana Leigh", [], NOWHERE, True, None),
    ("Dr. Dana Leigh", "participant", "Dana Leigh", [], ACCOUNT, True, "spelling"),
    ("[[van der Berg, Anna]]", "owner", "Anna van der Berg", [], NOWHERE, True, "spelling"),
    ("DANA LEIGH", "participant", "Dana Leigh", [], NOWHERE, True, None),
    ("Jose Alvarez", "owner", "José Álvarez", [], HERE, True, None),
    # the one of that name who meets the account
    ("Dana", "owner", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("Dana", "participant", "Dana Leigh", ["Sam Okoro"], ACCOUNT, True, "account"),
    ("D. Leigh", "participant", "Dana Leigh", ["Dana Ho"], ACCOUNT, True, "account"),
    ("D. Leigh", "owner", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("Dana L.", "participant", "Dana Leigh", ["Dana Ho"], ACCOUNT, True, "account"),
    ("dana@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("d.leigh@contoso.com", "participant", "Dana Leigh", ["Dana Ho"], ACCOUNT, True, "account"),
    ("dleigh@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("danal@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("danaleigh@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("leighd@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, True, "account"),
    ("Dana", "owner", "Leigh, Dana", ["Okoro, Sam"], ACCOUNT, True, "account"),
    ("Dana", "participant", "dana.leigh@contoso.com", [], ACCOUNT, True, "account"),
    # unsure: several fit, or nothing but the name says so
    ("Dana", "owner", "Dana Leigh", ["Dana Ho"], HERE, None, None),
    ("Dana", "owner", "Dana Leigh", ["Dana Ho"], ACCOUNT, None, None),
    ("Dana", "participant", "Dana Leigh", ["Dana Ho"], ACCOUNT, None, None),
    ("Dana", "participant", "Dana Leigh", [], HERE, None, None),  # two entries of one list
    ("Dana", "owner", "Dana Leigh", [], NOWHERE, None, None),
    ("Dana", "participant", "Dana Leigh", [], NOWHERE, None, None),
    ("D. Leigh", "owner", "Dana Leigh", ["Daniel Leigh"], ACCOUNT, None, None),
    ("D. Leigh", "owner", "Dana Leigh", ["Daniel Leigh"], HERE, None, None),
    ("D. Leigh", "participant", "Dana Leigh", [], NOWHERE, None, None),
    ("Dana L", "owner", "Dana Leigh", ["Dana Lund"], HERE, None, None),
    ("dana@contoso.com", "participant", "Dana Leigh", ["Dana Ho"], ACCOUNT, None, None),
    ("dana@contoso.com", "participant", "Dana Leigh", [], NOWHERE, None, None),
    ("dleigh@contoso.com", "participant", "Dana Leigh", ["Daniel Leigh"], ACCOUNT, None, None),
    ("Mary Ann Lee", "participant", "Mary Lee", [], ACCOUNT, None, None),
    # different
    ("Dan", "owner", "Dana Leigh", [], HERE, False, None),
    ("Daan", "participant", "Dana Leigh", [], ACCOUNT, False, None),
    ("D. Ho", "owner", "Dana Leigh", [], HERE, False, None),
    ("Dana M", "owner", "Dana Leigh", [], HERE, False, None),
    ("M. Leigh", "participant", "Dana Leigh", [], ACCOUNT, False, None),
    ("Leigh", "participant", "Dana Leigh", [], ACCOUNT, False, None),
    ("Dana Lee", "participant", "Dana Leigh", [], ACCOUNT, False, None),
    ("dana.ho@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, False, "spelling"),
    ("dana.leigh2@contoso.com", "participant", "Dana Leigh", [], ACCOUNT, False, None),
    ("info@contoso.com", "participant", "Info Desk", [], ACCOUNT, False, None),
    ("no.reply@contoso.com", "participant", "No Reply", [], ACCOUNT, False, None),
    ("Contoso", "participant", "Contoso Team", [], NOWHERE, False, None),
    ("DL", "owner", "Dana Leigh", [], ACCOUNT, False, None),
    ("Platform Team", "owner", "Dana Leigh", [], HERE, False, None),
    ("TBD", "owner", "Dana Leigh", [], HERE, False, None),
]  # fmt: skip


def note(day: str, account: str, there: list[str], body: str = "") -> str:
    listed = "".join(f'  - "{name}"\n' for name in there)
    return f"---\ndate: {day}\naccount: {account}\nparticipants:\n{listed}---\n{body}"


def test_the_table_has_sixty_pairs_of_all_three_kinds() -> None:
    assert len(PAIRS) >= 60
    assert {same for *_, same, _ in PAIRS} == {True, False, None}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """A vault with an account for each pair; the rows are asked for by the account."""
    vault = tmp_path_factory.mktemp("pairs")
    (vault / ".obsidian").mkdir()
    for number, (written, how, other, also, where, _, _) in enumerate(PAIRS):
        own = [written] if how == "participant" else []
        body = f"- [ ] task {number} @{written}\n" if how == "owner" else ""
        here = [other, *also] if where == HERE else []
        (vault / f"{number} own.md").write_text(note("2025-09-02", f"Account{number}", [*here, *own], body))
        if where != HERE:
            account = f"Account{number}" if where == ACCOUNT else f"Elsewhere{number}"
            (vault / f"{number} other.md").write_text(note("2025-09-01", account, [other, *also]))
    path = str(tmp_path_factory.mktemp("index") / "index.db")
    sync.sync(str(vault), path, settings.load({}, str(vault)))
    return store.open_read(path)


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[f"{a} / {b} {w}" for a, _, b, _, w, _, _ in PAIRS])
def test_two_names_are_one_person_when_a_rule_says_so_and_never_on_a_guess(
    table: sqlite3.Connection, number: int
) -> None:
    written, how, other, _, _, same, rule = PAIRS[number]
    if how == "owner":
        sql = "SELECT t.person_key, t.rule FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ?"
    else:
        sql = "SELECT p.key, p.rule FROM people p JOIN notes n ON n.id = p.note WHERE n.path = ? ORDER BY p.rowid DESC"
    key, decided = table.execute(sql, (f"{number} own.md",)).fetchone()
    assert decided == rule
    assert (key == spelled(other)) is bool(same)
    listed = {fold(row["name"]): row["candidates"] for row in same_person.unsure(table)}
    candidates = {
        spelled(name) for name in listed.get(fold(written.strip("[]").rstrip(".")), listed.get(fold(written), []))
    }
    if same is None:
        assert spelled(other) in candidates
    elif same is False:
        assert spelled(other) not in candidates


NAMES = st.sampled_from(["dana", "daniel", "sam", "anna", "anne-marie"])
LAST = st.sampled_from(["leigh", "ho", "okoro", "van der berg", "lund"])


@given(NAMES, LAST)
def test_a_short_form_fits_the_person_from_whom_it_is_made_and_is_short(first: str, last: str) -> None:
    full = f"{first} {last}"
    assert spelled(full) == full and not is_short(full)
    for form in forms(full).exact:
        assert is_short(form) and fits(form, full) and spelled(form) == form
    for local in forms(full).mails:
        address = f"{local}@contoso.com"
        assert fits(address, full) and (is_short(address) or "-" in local or "'" in local or " " in local)


@given(NAMES, LAST, NAMES, LAST)
def test_nobody_is_meant_by_anothers_first_and_last_name(first: str, last: str, other: str, other_last: str) -> None:
    full, second = f"{first} {last}", f"{other} {other_last}"
    if full != second:
        assert spelled(f"{last}, {first}") == full != spelled(f"{other_last}, {other}")
        assert not fits(full, second) and not fits(second, full)


@given(st.text(max_size=30))
def test_any_text_is_spelled_once(text: str) -> None:
    once = spelled(text)
    assert fold(once) == once and isinstance(is_short(once), bool)
    assert not fits(once, once)


# --- what a person does with it ---------------------------------------------------------------------------------------

MEETINGS = {
    "2025-09-01 A.md": ("Contoso", ["Dana Leigh", "Myself"], "- [ ] send the sheet @Dana\n"),
    "2025-09-08 B.md": ("Contoso", ["Dana", "Myself"], "- [ ] call back @Dana\n- [ ] answer @[[dana@contoso.com]]\n"),
    "2025-09-15 C.md": ("Northwind", ["Dana Ho", "Sam Okoro"], "- [ ] book a room @Dana\n"),
    "2025-09-18 D.md": ("Tailspin", ["Dana"], "- [ ] pay @Dana\n- [ ] sign @[[D. Leigh]]\n"),
}


class Home:
    """A vault with its index and state, and what is asked and said of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(folder))
        for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name, raising=False)
        self.vault, self.index = folder / "vault", str(folder / "index.db")
        (self.vault / ".obsidian").mkdir(parents=True)
        self.config = settings.load({}, str(self.vault))
        self.state = journal_place.state_file({"HOME": str(folder)}, str(self.vault), self.config)

    def write(self, path: str, text: str) -> None:
        file = self.vault / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def sync(self, *paths: str) -> None:
        sync.sync(str(self.vault), self.index, self.config, paths=paths or None, accept_removals=True)

    def ask(self) -> sqlite3.Connection:
        return store.open_read(self.index)

    def say(self, one: str, other: str, same: bool) -> None:
        with closing(self.ask()) as conn:
            pair = same_person.pair(conn, one, other, same)
        with Journal(self.state) as journal:
            journal.tell(pair.one, [pair.other], same, "2025-10-07", "")
        sync.settle_names(str(self.vault), self.index, self.config, pair[:2])

    def undo(self) -> None:
        from vaultindex.state import edits

        with Journal(self.state) as journal:
            edits.undo(str(self.vault), journal, journal.undoable(1))
        sync.settle_names(str(self.vault), self.index, self.config, ())

    def owned(self, name: str) -> list[str]:
        with closing(self.ask()) as conn:
            filters, _ = build(conn, {"owner": name}, "2025-10-07", ["Myself"])
            return sorted(row["text"] for row in lists.select(conn, filters, today="2025-10-07", me=["Myself"]))

    def differences(self) -> list[str]:
        return sync.verify(str(self.vault), self.index, self.config)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path, monkeypatch)
    for path, (account, there, body) in MEETINGS.items():
        made.write(path, note(path[:10], account, there, body))
    made.sync()
    return made


def test_everything_that_asks_by_person_agrees(home: Home) -> None:
    texts = ["answer", "call back", "send the sheet"]
    for name in ("Dana Leigh", "dana.leigh@contoso.com", "Leigh, Dana", "dana@contoso.com"):
        assert home.owned(name) == texts, name
    with closing(home.ask()) as conn:
        row = next(row for row in people(conn) if row["name"] == "Dana Leigh")
        assert (row["meetings"], row["open_tasks"]) == (2, 3)
        filters, _ = build(conn, {"person": "Dana Leigh"}, "2025-10-07", ["Myself"])
        found = list(lists.select(conn, filters, today="2025-10-07", me=["Myself"]))
        assert sorted(row["text"] for row in found) == texts
        assert {row["owner_person"] for row in found} == {"Dana Leigh"}
        places = {(row["path"], row["kind"]) for row in backlinks(conn, "dana@contoso.com")[1]}
        assert places == {(row["path"], row["kind"]) for row in backlinks(conn, "Dana Leigh")[1]}
        assert ("2025-09-08 B.md", "participant") in places and ("2025-09-08 B.md", "owner") in places


def test_why_names_the_rule_that_decided(home: Home) -> None:
    with closing(home.ask()) as conn:
        rules = {(row["name"], row["rule"]) for row in same_person.why(conn, "Dana Leigh")}
    assert rules == {("Dana Leigh", None), ("Dana", "note"), ("Dana", "account"), ("dana@contoso.com", "account")}


def test_a_name_that_could_be_several_is_an_error_with_its_candidates(home: Home) -> None:
    with closing(home.ask()) as conn, pytest.raises(UnknownName, match="Dana Ho, Dana Leigh"):
        names.person(conn, "Dana")


def test_what_is_unsure_is_listed_and_an_answer_is_taken_back(home: Home) -> None:
    def unsure() -> dict[str, list[str]]:
        with closing(home.ask()) as conn:
            return {row["name"]: row["candidates"] for row in same_person.unsure(conn, ["Myself"])}

    before = unsure()
    assert before == {"Dana": ["Dana Ho", "Dana Leigh"], "D. Leigh": ["Dana Leigh"]}
    home.say("Dana", "Dana Ho", True)
    assert home.owned("Dana Ho") == ["book a room", "pay"]
    assert home.owned("Dana Leigh") == ["answer", "call back", "send the sheet"], "a rule decided these"
    home.say("D. Leigh", "Dana Leigh", False)
    assert unsure() == {}
    home.undo()
    home.undo()
    assert unsure() == before
    assert home.differences() == []


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["D. Leigh"], "Dana Leigh"), (["D. Leigh", "Dana Ho"], None), (["Dee"], "Dana Leigh"), (["Dee", "Dana Ho"], None),
        (["Dee", "Sam Okoro"], "Dana Leigh"), (["Dana Ho"], "Dana Ho"), (["boss@x.example", "Dana Ho"], None),
        (["Delia Leigh-Moss", "Dana Ho"], None), (["Delia Leigh-Moss"], "Dana Leigh"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["note", "account", "own list"])
def test_somebody_with_a_note_counts_under_each_of_its_names(
    home: Home, listed: list[str], expected: str | None, where: str
) -> None:
    aliases = "[D. Leigh, Dee, boss@x.example, Delia Leigh-Moss]"
    task = "- [ ] water the plants @Dana\n"
    for path, there, body in {
        "note": [("2025-09-20 E.md", listed, task)],
        "account": [("2025-09-20 E.md", listed, ""), ("2025-09-21 F.md", ["Sam Okoro"], task)],
        "own list": [("2025-09-20 E.md", listed, f"**Attendees**: Dana\n{task}")],
    }[where]:
        home.write(path, note("2025-09-20", "Tailspin", there, body))
    home.sync()
    for change in (f"---\ntype: person\naliases: {aliases}\n---\n", "---\ntype: person\n---\n", None, f"---\naliases: {aliases}\ntype: person\n---\n"):  # fmt: skip
        if change is None:
            (home.vault / "People/Dana Leigh.md").unlink()
        else:
            home.write("People/Dana Leigh.md", change)
        home.sync()
        assert home.differences() == []
    with closing(home.ask()) as conn:
        sql = "SELECT person_key FROM tasks WHERE text LIKE 'water%'"
        (key,) = conn.execute(sql).fetchone()
        if where == "own list" and listed != ["Dana Ho"]:
            expected = None  # the note itself names nobody in full: whether it is the participant listed beside, it does not say
        assert key == fold(expected or "Dana"), key


def test_two_full_names_are_one_person_when_the_user_says_so(home: Home) -> None:
    home.write("People/Dana Ho.md", "---\ntype: person\naliases: [Danny Ho]\n---\n")
    home.write("2025-09-20 E.md", note("2025-09-20", "Northwind", ["Danny Ho"], "- [ ] paint @Dana\n"))
    home.sync()
    home.say("Dana Ho", "Dana Leigh", True)
    assert home.owned("Dana Leigh") == ["answer", "book a room", "call back", "paint", "send the sheet"]
    assert home.owned("Danny Ho") == home.owned("Dana Ho") == home.owned("Dana Leigh")
    assert home.differences() == []
    with closing(home.ask()) as conn, pytest.raises(UsageError, match=r"already|very same"):
        same_person.pair(conn, "Dana Ho", "Dana Leigh", True)
    home.undo()
    assert home.owned("Dana Ho") == ["book a room", "paint"]
    assert home.differences() == []


def test_who_was_told_apart_is_not_joined_through_a_third(home: Home) -> None:
    home.say("Sam Okoro", "Dana Ho", False)
    home.say("Dana Ho", "Dana Leigh", True)
    with closing(home.ask()) as conn, pytest.raises(UsageError, match="two people"):
        same_person.pair(conn, "Sam Okoro", "Dana Leigh", True)


def test_an_answer_outlives_the_index(home: Home) -> None:
    home.say("Dana", "Dana Ho", True)
    sync.sync(str(home.vault), home.index, home.config, full=True)
    assert home.owned("Dana Ho") == ["book a room", "pay"]


PEOPLE = ["Dana Leigh", "Dana Ho", "Sam Okoro", "Sam Lund", "Leigh, Dana", "dana.leigh@contoso.com", "Myself"]
SHORT = ["Dana", "Sam", "D. Leigh", "Sam L.", "dana@contoso.com", "sokoro@contoso.com"]


@pytest.mark.parametrize("seed", range(160))  # (136: an alias that two people share, and by which nobody is known)
def test_whatever_changes_the_index_says_what_a_new_one_would(home: Home, seed: int) -> None:
    """Notes come, change, move to another account and go; people get notes and aliases; the user answers and takes back."""
    chance = random.Random(seed)
    paths = [f"N{number}.md" for number in range(7)]

    def body() -> str:
        owners = chance.choices([f'"{name}"' for name in SHORT + PEOPLE], k=2)
        attendees = (
            f"**Attendees**: {', '.join(chance.sample(SHORT[:4] + PEOPLE[:4], 2))}\n" if chance.random() < 0.3 else ""
        )
        return attendees + "".join(f"- [ ] do {n} @{owner}\n" for n, owner in enumerate(owners))

    for _ in range(14):
        act = chance.random()
        path = chance.choice(paths)
        if act < 0.62:
            there = chance.sample(PEOPLE + SHORT, chance.randint(0, 3))
            home.write(path, note("2025-09-01", chance.choice(["Contoso", "Northwind", '""']), there, body()))
            home.sync(path)
        elif act < 0.72:
            (home.vault / path).unlink(missing_ok=True)
            home.sync()
        elif act < 0.8:
            name = chance.choice(PEOPLE[:4])
            alias = chance.choice(["Dana", "Sam", "Danny Ho", "D. Leigh", "Sam Ho", "dana@contoso.com", ""])
            home.write(f"People/{name}.md", f"---\ntype: person\naliases: [{alias}]\n---\n")
            home.sync()
        elif act < 0.93:
            one, other = chance.choice(SHORT + PEOPLE[:4]), chance.choice(PEOPLE[:4])
            try:
                home.say(one, other, chance.random() < 0.6)
            except (UnknownName, UsageError):
                continue
        else:
            home.undo()
        assert home.differences() == []
        with closing(home.ask()) as conn:
            _nobody_is_lost_or_doubled(conn)


def _nobody_is_lost_or_doubled(conn: sqlite3.Connection) -> None:
    """Every task with an owner is one person's, and the people's counts are those of their lists."""
    total = 0
    for row in people(conn):
        who = names.person(conn, row["note"] or f"@{row['name']}")
        number = sum(lists.count(conn, [OPEN, Owner(who.keys)], "2025-10-07").values())
        assert number == row["open_tasks"], row
        total += number
    assert total == conn.execute("SELECT count(*) FROM tasks WHERE person_key > ''").fetchone()[0]


def test_a_guest_list_says_whom_you_know_and_counts_as_the_lists_do(
    home: Home,
) -> None:
    from vaultindex.ask import guests

    data = (
        'Full Name;E-Mail\nDana Leigh;\nDana;\n;dana@contoso.com\n"Okoro, Sam";sam@x.example\nBob Ray;bob@x.example\n'
    )
    home.write(
        "2025-09-22 F.md", note("2025-09-22", "Contoso", ["Dana Leigh"], "- [ ] prepare @Myself\n- [?] idea @Myself\n")
    )
    home.sync()
    with closing(home.ask()) as conn:
        rows = guests.guests(conn, guests.read(("\ufeff" + data).encode()), "2025-10-07", ["Myself"])
        assert [(row["person"], row["perhaps"]) for row in rows] == [
            ("Dana Leigh", []), (None, ["Dana Ho", "Dana Leigh"]), ("Dana Leigh", []), ("Sam Okoro", []), (None, []),
        ]  # fmt: skip
        assert rows[0] | {"guest": "", "email": None} == {
            "guest": "", "email": None, "person": "Dana Leigh", "note": None, "meetings": 3, "last": "2025-09-22", "owes": 3,
            "i_owe": 1, "perhaps": [],
        }  # fmt: skip
        for row in (row for row in rows if row["person"]):
            for field, options in (
                ("owes", {"owner": row["person"]}),
                ("i_owe", {"mine": True, "person": row["person"]}),
            ):
                filters, _ = build(conn, {**options, "open": True}, "2025-10-07", ["Myself"])
                assert row[field] == len(lists.select(conn, filters, today="2025-10-07", me=["Myself"]))
    with pytest.raises(UsageError, match="no column of names"):
        guests.read(b"a,b\n1,2\n")
    assert guests.read(b"First Name,Last Name,Mail\nDana,Leigh,d@x.example\n") == [("Dana Leigh", "d@x.example")]
