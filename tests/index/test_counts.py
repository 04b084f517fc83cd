"""What the index keeps counted is what a count would say, whatever changed and whoever changed it."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vaultindex.base import settings as config
from vaultindex.index import schema, store, sync

PEOPLE = ("Dana Leigh", "Dana", "Sam Okoro", "Mei", "Noor", "TBD", "Myself")
ACCOUNTS = ("Contoso", "Northwind", "Tailspin")


def counts(conn: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every count, those that are 0 left out."""
    dump = store.dump(conn)
    return {count.table: dump[count.table] for count in schema.COUNTS}


def anew(index: str) -> dict[str, list[tuple[object, ...]]]:
    """The same, counted now."""
    with closing(store.open_read(index)) as conn, closing(store.private_copy(conn)) as copy:
        schema.count_all(copy)
        return counts(copy)


def note(chance: random.Random) -> str:
    """A meeting of somebody with somebody, about an account; some without, some with a participant named twice."""
    there = chance.sample(PEOPLE, chance.randint(0, 3))
    lines = ["---", f"date: 2025-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"]
    if chance.random() < 0.7:
        lines.append(f"account: {chance.choice(ACCOUNTS)}")
    lines += [f"participants: [{', '.join(there)}]", "---", *(f"[[{name}]] said so." for name in there[:2]), ""]
    for _ in range(chance.randint(0, 4)):
        words = [
            f"- [{chance.choice(' ?x-/')}] Do {chance.choice(('this', 'that', 'more'))}",
            f"@{chance.choice(PEOPLE)}",
        ]
        words += [
            f"{sign} 2025-{chance.choice(('02-30', '03-01', '10-09'))}"
            for sign in "📅⏳🛫➕✅❌"
            if chance.random() < 0.4
        ]
        lines.append(" ".join([*words, *["#proposed"] * chance.randint(0, 1)]))
    lines += ["## Action items", f"- {chance.choice(PEOPLE)} calls back by 2025-10-0{chance.randint(1, 9)}"]
    return "\n".join([*lines, "## Decisions", *["- We go on."] * chance.randint(0, 2), ""])


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_right_after_any_changes(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(sync, "_MANY", 0)  # so small a vault would be counted anew each time
    chance, index = random.Random(seed), str(tmp_path / "i.db")
    given = config.load({"VAULTINDEX_EXCLUDE": "Old"}, str(small))
    places = [small / folder / f"n{n}.md" for folder in ("", "Old", "Accounts/Contoso") for n in range(6)]
    for place in (*places, small / "Accounts/Northwind.md", small / "People/Dana Leigh.md"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(note(chance))
    seen = set()
    with closing(sync.Keeper(str(small), index)) as keeper:
        keeper.sync(given)
        for step in range(40):
            place, other = chance.sample(places, 2)
            what = chance.choice(("write", "write", "move", "remove", "alias", "answer", "verdict"))
            if what == "write":
                place.write_text(note(chance))
            elif what == "move" and place.exists():  # also into the folder that lists leave out, and back
                os.replace(place, other)
            elif what == "remove":
                place.unlink(missing_ok=True)
            elif what == "alias":
                aliases = f"aliases: [{chance.choice(('Dana', 'DL', 'Mei'))}]"
                (small / "People/Dana Leigh.md").write_text(f"---\n{aliases}\n---\n- [ ] One\n")
                (small / "Accounts/Northwind.md").write_text(f"---\naliases: [{chance.choice(ACCOUNTS)}]\n---\n")
            elif what == "answer":
                sync.settle_names(str(small), index, given, ["dana"])
            else:
                sync.settle(str(small), index, given, [place.relative_to(small).as_posix()])
            keeper.sync(given)
            with closing(store.open_read(index)) as conn:
                found = counts(conn)
            assert found == anew(index), (step, what)
            seen.add(repr(found))
    assert len(seen) > 8  # the changes did change what is counted
    assert sync.verify(str(small), index, given) == []


def test_a_watcher_counts_on_when_another_process_has_filled_its_index_anew(small: Path, tmp_path: Path) -> None:
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    for n in range(30):
        (small / f"n{n}.md").write_text("- [ ] One @Dana\n")
    with closing(sync.Keeper(str(small), index)) as keeper:
        keeper.sync(given)
        (small / "n0.md").write_text("- [ ] One @Dana\n- [ ] Two @Dana\n")
        keeper.sync(given)
        sync.sync(str(small), index, given, full=True)
        (small / "n1.md").write_text("- [ ] One @Dana\n- [ ] Two @Dana\n- [ ] Three @Sam\n")
        keeper.sync(given)
    with closing(store.open_read(index)) as conn:
        assert counts(conn)["count_owners"] == [("dana", 32, 0), ("sam", 1, 0)]
    assert sync.verify(str(small), index, given) == []


def test_what_is_rolled_back_is_not_counted_and_what_changes_a_note_is(small: Path, tmp_path: Path) -> None:
    index, given = str(tmp_path / "i.db"), config.load({}, str(small))
    (small / "n.md").write_text("- [ ] One @Dana\n")
    sync.sync(str(small), index, given)
    with closing(store.open_write(index)) as conn:
        with pytest.raises(RuntimeError), store.transaction(conn):
            conn.execute("DELETE FROM tasks")
            assert conn.execute("SELECT open FROM count_owners").fetchall() == [(0,)]
            raise RuntimeError
        assert conn.execute("SELECT open FROM count_owners").fetchall() == [(1,)]
        for left_out, owned in (("'a template'", 0), ("NULL", 1)):
            with store.transaction(conn):
                conn.execute(f"UPDATE notes SET excluded = {left_out}")
            assert conn.execute("SELECT open FROM count_owners").fetchall() == [(owned,)]
        with store.transaction(conn):
            conn.execute("DELETE FROM notes")
        assert conn.execute("SELECT total(open) FROM count_owners").fetchall() == [(0,)]
