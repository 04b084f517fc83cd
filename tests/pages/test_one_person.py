"""Whatever counts or lists people goes by the person, not by the spelling."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from vaultindex.ask import guests
from vaultindex.ask.pages.account import account
from vaultindex.ask.pages.brief import brief
from vaultindex.ask.pages.person import person
from vaultindex.ask.pages.recap import recap
from vaultindex.ask.pages.review import review
from vaultindex.ask.pages.waiting import waiting
from vaultindex.ask.people import people
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base import settings
from vaultindex.dates.ranges import Range
from vaultindex.doors.agent import _candidates
from vaultindex.index import store, sync
from vaultindex.state.history import History

WAYS = ["D. Leigh", "Dana Leigh", "Dee", "dana.leigh@x.example", "Dr. Dana Leigh", "DANA LEIGH"]


def test_a_person_is_one_on_every_page_however_meetings_write_them(tmp_path: Path) -> None:
    vault, index = tmp_path / "vault", str(tmp_path / "index.db")
    (vault / ".obsidian").mkdir(parents=True)
    (vault / "Dana Leigh.md").write_text("---\ntype: person\naliases: [Dee, D. Leigh]\n---\n")
    tasks = "".join(f"- [ ] ask {number} @[[{name}]] 📅 2025-09-30\n" for number, name in enumerate(WAYS))
    for number, name in enumerate(WAYS):
        there = [name, "Sam Okoro" if number % 2 else "sam.okoro@x.example", "Myself"]
        body = tasks if not number else ""
        listed = "".join(f'  - "{one}"\n' for one in there)
        (vault / f"{number}.md").write_text(
            f"---\ndate: 2025-09-{number + 10}\naccount: Contoso\nparticipants:\n{listed}---\n{body}"
        )
    (vault / "all.md").write_text(
        "---\ndate: 2025-09-20\naccount: Contoso\nparticipants: [D. Leigh, Dana Leigh, Dee, Sam Okoro]\n---\n"
    )
    sync.sync(str(vault), index, settings.load({}, str(vault)))
    with closing(store.open_read(index)) as conn:
        asker = Asker(conn, "2025-10-07", ["Myself"])
        assert person(asker, "Sam Okoro")["usually_with"] == [{"name": "Dana Leigh", "meetings": 7}]
        assert person(asker, "Dee")["usually_with"] == [{"name": "Sam Okoro", "meetings": 7}]
        page = account(asker, "Contoso")
        assert page["people"] == [{"name": "Dana Leigh", "meetings": 7}, {"name": "Sam Okoro", "meetings": 7}]
        assert page["counts"]["people"] == 2
        for note in ("all", "0", "3"):
            before = brief(asker, [note])
            assert [(row["name"], row["note"], row["last"]) for row in before["people"]] == [
                ("Dana Leigh", "Dana Leigh.md", "2025-09-20"), ("Sam Okoro", None, "2025-09-20"),
            ]  # fmt: skip
        assert len(brief(asker, ["Dee", "Dana Leigh", "D. Leigh"])["people"]) == 1
        assert [(one["name"], len(one["tasks"])) for one in recap(asker, "0")["people"]] == [("Dana Leigh", len(WAYS))]
        assert len(recap(asker, "0", person="Dee")["people"][0]["tasks"]) == len(WAYS)
        for most in (None, 2):
            waits = waiting(asker, most=most)
            assert [(one["person"], one["tasks"]) for one in waits["people"]] == [("Dana Leigh", len(WAYS))]
            assert waits["counts"]["people"] == 1
        rows = {row["name"]: row for row in people(conn, me=["Myself"])}
        assert {name: (row["meetings"], row["open_tasks"]) for name, row in rows.items()} == {
            "Dana Leigh": (7, len(WAYS)), "Sam Okoro": (7, 0),
        }  # fmt: skip
        guest = guests.guests(conn, [(name, "") for name in WAYS], "2025-10-07", ["Myself"])
        assert {(row["person"], row["meetings"], row["owes"]) for row in guest} == {("Dana Leigh", 7, len(WAYS))}
        for name in ("Dee", "dana", "D. Leigh"):
            [found] = [row for row in _candidates(conn, name) if row["kind"] == "person"]
            assert (found["name"], found["notes"], found["last"]) == ("Dana Leigh", 7, "2025-09-20")
        month = review(
            conn, History(str(tmp_path / "none.db")), "2025-10-07", ["Myself"], Range("2025-09-01", "2025-09-30")
        )
        assert sorted((row["name"], row["meetings"]) for row in month["new_people"]) == [
            ("Dana Leigh", 7),
            ("Sam Okoro", 7),
        ]
