"""Review, agenda, statistics and the answers about names, as a person types them."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from vaultindex.cli.change import person_block
from vaultindex.cli.commands import run
from vaultindex.render import bars


class Typed:
    """Commands in the fixture vault, in this process."""

    def __init__(self, vault: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.vault, self.folder, self.capsys = vault, folder, capsys

    def __call__(self, command: str, code: int = 0) -> str:
        place = ["--vault", str(self.vault), "--index", str(self.folder / "i.db"), "--today", "2025-10-07"]
        got = run([*shlex.split(command), *place], "vi")
        out, self.err = self.capsys.readouterr()
        assert got == code, self.err
        return out

    def json(self, command: str) -> object:
        return json.loads(self(f"{command} --json --quiet"))


@pytest.fixture
def vi(vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Typed(vault, tmp_path, capsys)


def test_each_number_of_a_review_is_the_length_of_the_list_that_its_command_shows(vi: Typed) -> None:
    page = vi.json("review 2025-07..2025-10")
    assert isinstance(page, dict) and sum(page["counts"].values()) > 20
    for section, command in page["commands"].items():
        rows = vi.json(command.removeprefix("vi "))
        assert isinstance(rows, list) and len(rows) == len(page[section]) == page["counts"][section], section


def test_a_review_in_a_pipe_is_markdown_whose_lines_link_their_notes(vi: Typed) -> None:
    text = vi("review month")
    assert text.startswith("# Wed 1")
    tasks = [line for line in text.split("\n") if line.startswith("- ") and "first on" not in line]
    assert len(tasks) > 5 and all(re.search(r"\[\[[^\]]+\]\]$", line) for line in tasks)


def test_a_review_as_rows_is_of_one_section(vi: Typed) -> None:
    assert vi("review month --only missed --format csv").startswith("id,text,path,line,")
    assert len(vi("review month --only missed --format ids").split()) == 2
    vi("review month --format csv", code=2)
    assert "--only" in vi.err


def test_a_review_of_the_first_days_of_the_calendar_is_empty_and_no_error(vi: Typed) -> None:
    assert vi("review 0001-01-01..0001-01-03") == "# Mon 1 – Wed 3 Jan 1\n"
    assert "nothing happened in this time" in vi.err


def test_an_agenda_ends_where_the_calendar_does(vi: Typed) -> None:
    page = vi.json("agenda 9999-12-30 --days 30")
    assert isinstance(page, dict) and page["until"] == "9999-12-31"
    assert [day["date"] for day in page["days"]] == ["9999-12-30", "9999-12-31"]


@pytest.mark.parametrize("by", ["month", "account", "owner", "source", "priority"])
def test_a_picture_says_the_numbers_of_the_statistics(vi: Typed, by: str) -> None:
    page = vi.json(f"stats --by {by}")
    assert isinstance(page, dict)
    root = ElementTree.fromstring(vi(f"stats --by {by} --format svg --quiet"))
    of = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{of}title") is not None and "made" in (root.find(f"{of}desc").text or "")  # type: ignore[union-attr]
    table = [
        [cell.text or "" for cell in row.iter(f"{of}text")] for row in root.iter(f"{of}g") if row.get("role") == "row"
    ]
    assert table[0] == [by, "made", "settled", "open", "age", "accepted"]
    assert [row[1:4] for row in table[1:]] == [
        [str(row[name]) for name in ("made", "settled", "open")] for row in page["rows"]
    ]
    assert {element.tag.removeprefix(of) for element in root.iter()} <= {"svg", "title", "desc", "g", "text", "rect"}


def test_the_tasks_behind_a_row_are_as_many_as_its_numbers_say(vi: Typed) -> None:
    page = vi.json("stats --by account")
    assert isinstance(page, dict)
    for row in page["rows"]:
        listed = vi.json(f"stats --by account --list '{row['name'] or 'none'}'")
        assert isinstance(listed, list)
        for number in ("made", "settled", "open", "proposed"):
            assert sum(number in one["counts_as"] for one in listed) == row[number]
    vi("stats --by account --list Contso", code=2)
    assert "Did you mean Contoso?" in vi.err


def test_a_list_is_no_picture(vi: Typed) -> None:
    vi("tasks --format svg", code=2)
    assert "only vi stats draws" in vi.err


def test_bars_and_sparklines_are_as_long_as_their_numbers() -> None:
    assert [bars.bar(n, 8, 2) for n in (0, 1, 4, 5, 8)] == ["", "▎", "█", "█▎", "██"]
    assert bars.bar(1, 10_000, 10) == "▏" and bars.bar(5, 0, 10) == ""
    assert bars.sparkline([0, 1, 50, 100]) == "▁▁▅█" and bars.sparkline([0, 0]) == "▁▁"
    assert bars.escape('<a & "b">\x00\x1b\ud800') == "&lt;a &amp; &quot;b&quot;&gt;"


def test_an_answer_about_names_is_logged_and_undone(vi: Typed) -> None:
    before = vi("people")
    assert "Noor Haddad" in vi("people --unsure")
    assert vi("people --same Noor 'Noor Haddad'") == "Noor is Noor Haddad · undo: vi undo\n"
    assert "Noor\t" not in vi("people") and vi("people --unsure") == ""
    assert "same  Noor is Noor Haddad" in vi("log")
    assert "undone same  Noor is Noor Haddad" in vi("undo")
    assert vi("people") == before
    vi("people --same Nooor 'Noor Haddad'", code=3)
    assert "Noor" in vi.err


def test_a_change_to_a_name_that_could_be_several_is_an_error_with_the_candidates(vi: Typed) -> None:
    tasks = vi.json("tasks")
    assert isinstance(tasks, list)
    vi(f"assign {tasks[0]['id']} Noor", code=3)
    assert "Noor Haddad" in vi.err and "@Noor" in vi.err


def test_a_guest_list_that_is_none_is_an_error_that_says_what_it_must_have(vi: Typed) -> None:
    file = vi.folder / "guests.csv"
    file.write_text("Company,City\nContoso,Basel\n")
    vi(f"people --guests {file}", code=2)
    assert "name, email" in vi.err
    file.write_text("Name,Email\nDana Leigh,\nNobody Known,x@y.example\n")
    rows = vi.json(f"people --guests {file}")
    assert isinstance(rows, list) and [row["person"] for row in rows] == ["Dana Leigh", None]
    assert rows[0]["owes"] == len(vi.json("tasks --owner 'Dana Leigh' --open"))  # type: ignore[arg-type]
    assert rows[0]["i_owe"] == len(vi.json("tasks --mine --person 'Dana Leigh' --open"))  # type: ignore[arg-type]


def test_a_persons_page_is_kept_as_a_marked_block_in_their_note_and_makes_no_second_task(vi: Typed) -> None:
    note = vi.vault / "People" / "Dana Leigh.md"
    before = note.read_bytes()
    lists = "tasks --all", "decisions", "people", "accounts", "waiting"
    rows = [vi.json(one) for one in lists]
    assert "+**Dana owes**" in vi("person 'Dana Leigh' --write", code=2), "nobody is there to be asked"
    assert note.read_bytes() == before
    vi("person 'Dana Leigh' --write --yes")
    written = note.read_text()
    assert written.startswith(before.decode()) and written.rstrip().endswith(person_block.END)
    assert "- [" not in written[len(before) :] and "(due 2025-10-03) [[2025-09-30 Pricing call]]" in written
    assert [vi.json(one) for one in lists] == rows
    assert "up to date" in vi("person 'Dana Leigh' --write --yes")
    note.write_text(written + "\nmine, below it\n")
    vi("done 'Meetings/2025/2025-09-30 Pricing call.md:29' --no-twins --yes")
    vi("person 'Dana Leigh' --write --yes")
    shorter = note.read_text()
    assert "Confirm who signs" not in shorter and shorter.endswith("\nmine, below it\n")
    assert shorter.count(person_block.BEGIN) == shorter.count(person_block.END) == 1
    vi("undo")
    assert note.read_text() == written + "\nmine, below it\n"


def test_a_persons_block_is_written_only_where_its_place_is_certain(vi: Typed) -> None:
    note = vi.vault / "People" / "Dana Leigh.md"
    vi("person 'Platform Team' --write --yes", code=2)
    assert "People/Platform Team.md" in vi.err
    note.write_text(f"{note.read_text()}\n{person_block.BEGIN}\n- a line\n")
    before = note.read_bytes()
    vi("person 'Dana Leigh' --write --yes", code=1)
    assert "People/Dana Leigh.md:16: the block of vi person" in vi.err and note.read_bytes() == before


def test_an_age_that_is_none_names_the_option_that_was_typed(vi: Typed) -> None:
    for command, option in (("waiting --older soon", "--older"), ("tasks --stale soon", "--stale")):
        vi(command, 2)
        assert f"{option} takes an age such as 30d, 8w or 3m, not 'soon'" in said(vi)


def said(vi: Typed) -> str:
    return " ".join(vi.err.split())


def test_an_agenda_on_a_terminal_shows_so_many_rows_of_a_day_and_all_of_them_with_all(vi: Typed) -> None:
    lines = "".join(f"- [ ] Number {n} @Myself 📅 2025-10-09\n" for n in range(20))
    (vi.vault / "Many.md").write_text(lines)
    short, whole = (vi(f"agenda --format table{more}") for more in ("", " --all"))
    assert short.count("Number") == 15 and re.search(r"15 of 2\d  vi agenda 2025-10-09 --days 1 --all", short)
    assert whole.count("Number") == 20 and "--all" not in whole
    assert vi("agenda").count("Number") == 20  # in a pipe
