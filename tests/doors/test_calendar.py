"""Calendars and lists of tasks, read by programs and libraries that others wrote."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.shell import BIN
from vaultindex.base.errors import VaultError
from vaultindex.dates.days import day_text, ordinal
from vaultindex.doors import folder
from vaultindex.doors.calendar import Calendar, folded, rrule
from vaultindex.tasks.recurrence import first_after
from vaultindex.tasks.recurrence_rule import read_rule

icalendar = pytest.importorskip("icalendar", reason="icalendar is not installed")

NOTE = """- [ ] Plain, with; signs \\ and "quotes" 📅 2025-10-10 ⏫ #a/b #c
- [ ] Long 長い文章 that is folded over more than one line because it goes on and on 長い文章長い文章長い文章 📅 2025-10-11
- [ ] Weekly 🔁 every 2 weeks on Monday 📅 2025-10-13
- [ ] When done 🔁 every week when done 📅 2025-10-14
- [ ] No such day 📅 2025-02-30
- [ ] No day
- [ ] Same line 📅 2025-10-15
- [ ] Same line 📅 2025-10-15
- [ ] Scheduled ⏳ 2025-10-16
- [ ] Both 🛫 2025-10-17 📅 2025-10-18
- [ ] Equal 🛫 2025-10-19 📅 2025-10-19
- [/] Begun 📅 2025-10-20
- [?] Idea 📅 2025-10-21 #proposed
- [x] Finished 📅 2025-10-01 ✅ 2025-10-02
- [-] Dropped 📅 2025-10-03 ❌ 2025-10-02
"""


@pytest.fixture
def vi(small: Path, tmp_path: Path) -> Any:
    (small / "Note.md").write_text(NOTE)
    env = {**os.environ, "HOME": str(tmp_path)}

    def run(*words: str) -> bytes:
        place = ["--vault", str(small), "--index", str(tmp_path / "i.db"), "--today", "2025-10-07"]
        done = warm.run([str(BIN / "vaultindex"), *words, *place], env=env, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


def components(data: bytes, kind: str) -> list[Any]:
    return icalendar.Calendar.from_ical(data).walk(kind)


def test_events_are_whole_days_that_end_before_the_next_one_and_block_no_time(vi: Any) -> None:
    events = {str(event["SUMMARY"]): event for event in components(vi("export", "ics"), "VEVENT")}
    assert 'Plain, with; signs \\ and "quotes"' in events and any("長い文章長い文章" in name for name in events)
    for event in events.values():
        assert event.end - event.start == datetime.timedelta(days=1) and not isinstance(event.start, datetime.datetime)
        assert event["TRANSP"] == "TRANSPARENT" and event["STATUS"] == "CONFIRMED"
        assert str(event["URL"]).startswith("obsidian://open?vault=small&file=")
    plain = events['Plain, with; signs \\ and "quotes"']
    assert plain["PRIORITY"] == 3 and plain.categories == ["a/b", "c"]
    assert "No day" not in events and "Idea" not in " ".join(events) and "Finished" not in events
    assert events["Scheduled"].start == datetime.date(2025, 10, 16)


def test_the_same_notes_give_the_same_bytes_and_no_name_is_used_twice(vi: Any) -> None:
    first = vi("export", "ics", "--all")
    time.sleep(1.1)
    assert vi("export", "ics", "--all") == first
    uids = [str(event["UID"]) for event in components(first, "VEVENT")]
    assert len(uids) == len(set(uids))
    assert all(len(line) <= 75 for line in first.split(b"\r\n")) and b"\n" not in first.replace(b"\r\n", b"")


def test_a_status_is_one_that_its_kind_of_entry_knows(vi: Any) -> None:
    events = {str(e["SUMMARY"]): str(e["STATUS"]) for e in components(vi("export", "ics", "--all"), "VEVENT")}
    assert events["? Idea"] == "TENTATIVE" and events["Dropped"] == "CANCELLED" and events["✓ Finished"] == "CONFIRMED"
    todos = {str(t["SUMMARY"]): t for t in components(vi("export", "ics", "--all", "--as", "todos"), "VTODO")}
    assert str(todos["Finished"]["STATUS"]) == "COMPLETED" and todos["Finished"][
        "COMPLETED"
    ].dt.date() == datetime.date(2025, 10, 2)
    assert str(todos["Dropped"]["STATUS"]) == "CANCELLED" and str(todos["Begun"]["STATUS"]) == "IN-PROCESS"
    assert "DUE" not in todos["No day"] and "DUE" not in todos["No such day"]
    assert all(t["DTSTART"].dt < t["DUE"].dt for t in todos.values() if "DTSTART" in t and "DUE" in t)


def uids(vi: Any, *words: str) -> dict[str, str]:
    return {str(event["SUMMARY"]): str(event["UID"]) for event in components(vi("export", "ics", *words), "VEVENT")}


def test_a_task_keeps_its_name_when_its_words_change_and_no_other_task_gets_it(vi: Any, small: Path) -> None:
    note = "- [ ] Call Ann 📅 2025-10-10\n- [ ] {} 📅 2025-10-11\n- [ ] Call Zoe 📅 2025-10-12\n"
    (small / "Note.md").write_text(note.format("Send the price sheet to Dana"))
    first = uids(vi)
    (small / "Note.md").write_text(note.format("Send the new price sheet to Dana"))
    second = uids(vi)
    assert second["Send the new price sheet to Dana"] == first["Send the price sheet to Dana"]
    assert set(second.values()) == set(first.values())
    (small / "Note.md").write_text(
        note.format("Send the new price sheet to Dana") + "- [ ] Send the price sheet to Dana 📅 2025-11-01\n"
    )
    third = uids(vi)
    assert {name: third[name] for name in second} == second and len(set(third.values())) == 4
    (small / "Note.md").write_text(note.format("Send the price sheet to Dana, again"))
    assert uids(vi)["Send the price sheet to Dana, again"] == first["Send the price sheet to Dana"]


def test_a_task_with_an_id_of_its_own_keeps_its_name_in_whichever_note_it_stands(vi: Any, small: Path) -> None:
    (small / "Note.md").write_text("- [ ] Call Ann 🆔 aB-1 📅 2025-10-10\n")
    (name,) = uids(vi).values()
    (small / "Note.md").write_text("")
    (small / "Other.md").write_text("- [ ] Write to Zoe 🆔 aB-1 📅 2025-10-10\n")
    assert uids(vi) == {"Write to Zoe": name} and name.startswith("id-ab-1@")
    (small / "Zebra.md").write_text("- [ ] A copy 🆔 aB-1 📅 2025-10-10\n")
    both = uids(vi)
    assert both["Write to Zoe"] == name and both["A copy"] == name.replace("id-ab-1@", "id-ab-1-2@")
    assert uids(vi, "copy") == {"A copy": both["A copy"]}  # whatever else is chosen


def test_a_repeated_task_that_is_done_keeps_its_name_and_the_next_one_has_another(vi: Any, small: Path) -> None:
    (small / "Note.md").write_text("- [ ] Water the plants 🔁 every week 📅 2025-10-07\n")
    (first,) = uids(vi).values()
    seen = {first}
    for _ in range(3):
        vi("done", "--due", "..2025-11-30", "--yes")
        names = {
            (str(e["SUMMARY"])[0], str(e.start)): str(e["UID"])
            for e in components(vi("export", "ics", "--all"), "VEVENT")
        }
        assert len(set(names.values())) == len(names) and names["✓", "2025-10-07"] == first
        seen |= set(names.values())
    assert len(seen) == 4


def test_an_alarm_rings_on_the_day_at_its_time(vi: Any) -> None:
    alarm = components(vi("export", "ics", "--alarm", "09:30"), "VALARM")[0]
    assert alarm["TRIGGER"].dt == datetime.timedelta(hours=9, minutes=30)


RULES = [
    "every day", "every 3 days", "every weekday", "every week on Monday", "every 2 weeks on Monday, Thursday", "every month",
    "every month on the 15th", "every month on the last", "every month on the 2nd Tuesday", "every month on the last Friday",
    "every 2 months", "every year", "every January on the 15th", "every April and December on the 1st and 24th",
]  # fmt: skip


@pytest.mark.parametrize("said", RULES)
def test_a_rule_falls_on_the_same_days_in_a_calendar_as_in_the_plugin(said: str) -> None:
    recurring = pytest.importorskip("recurring_ical_events", reason="recurring-ical-events is not installed")
    rule, begin = read_rule(said), ordinal("2025-01-15")
    assert rule is not None and begin is not None
    day = first_after(rule, begin, begin)  # a day of the rule
    assert day is not None
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:x", "DTSTAMP:20250101T000000Z",
             f"DTSTART;VALUE=DATE:{day_text(day).replace('-', '')}", f"RRULE:{rrule(said)}", "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    calendar = icalendar.Calendar.from_ical(folded(lines))
    end = day + 800
    theirs = [e.start.isoformat() for e in recurring.of(calendar).between(
        datetime.date.fromordinal(day), datetime.date.fromordinal(end))]  # fmt: skip
    ours, at = [day_text(day)], day
    while (after := first_after(rule, day, at)) is not None and after < end:
        ours.append(day_text(after))
        at = after
    assert theirs == ours


def test_a_rule_that_a_calendar_cannot_follow_is_said_in_words(vi: Any) -> None:
    events = {str(e["SUMMARY"]): e for e in components(vi("export", "ics"), "VEVENT")}
    assert "RRULE" in events["Weekly"] and "RRULE" not in events["When done"]
    assert "every week when done" in str(events["When done"]["DESCRIPTION"])
    assert rrule("every 3 hours") is None and rrule("nonsense") is None


def test_todoman_lists_the_tasks_of_the_folder(vi: Any, tmp_path: Path) -> None:
    if not (BIN / "todo").exists():
        pytest.skip("todoman is not installed")
    vi("export", "vdir", str(tmp_path / "cal" / "vault"), "--as", "todos")
    config = tmp_path / "todoman.py"
    config.write_text(
        f'path = "{tmp_path}/cal/*"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\ncache_path = "{tmp_path}/c.sqlite"\n'
    )
    done = subprocess.run(
        [str(BIN / "todo"), "--config", str(config), "--porcelain", "list"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    import json

    found = {(one["summary"], one["due"] is not None) for one in json.loads(done.stdout)}
    assert (
        ('Plain, with; signs \\ and "quotes"', True) in found
        and ("No day", False) in found
        and ("Begun", True) in found
    )
    assert len(json.loads(done.stdout)) == 12


def test_khal_shows_the_events_of_the_folder(vi: Any, tmp_path: Path) -> None:
    if not (BIN / "khal").exists():
        pytest.skip("khal is not installed")
    vi("export", "vdir", str(tmp_path / "cal"))
    config = tmp_path / "khal.conf"
    config.write_text(
        f"[calendars]\n[[vault]]\npath = {tmp_path}/cal\n[locale]\nlocal_timezone = Europe/Vienna\ndefault_timezone = Europe/Vienna\n"
        f"timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n"
    )
    words = ["-c", str(config), "list", "--format", "{start-date} {title}", "--day-format", "", "2025-10-10", "20d"]
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run([str(BIN / "khal"), *words], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert '2025-10-10 Plain, with; signs \\ and "quotes"' in done.stdout and "2025-10-27 Weekly" in done.stdout
    assert done.stdout.count("2025-10-15 Same line") == 2


def test_a_folder_loses_what_is_done_and_keeps_what_is_not_ours(vi: Any, small: Path, tmp_path: Path) -> None:
    place = tmp_path / "cal"
    place.mkdir()
    (place / "theirs.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    (place / "sly.vaultindex.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    first = vi("export", "vdir", str(place), "--as", "todos").decode()
    assert "12 files" in first and "12 written, 0 removed" in first
    assert "0 written, 0 removed" in vi("export", "vdir", str(place), "--as", "todos").decode()
    note = small / "Note.md"
    stat = note.stat()
    note.write_text(NOTE.replace("- [ ] No day", "- [x] No day"))
    os.utime(note, ns=(stat.st_atime_ns, stat.st_mtime_ns + 5_000_000))
    assert "1 removed" in vi("export", "vdir", str(place), "--as", "todos").decode()
    assert (place / "theirs.ics").exists() and (place / "sly.vaultindex.ics").exists()


def test_a_watched_file_follows_the_notes_until_ctrl_c(vi: Any, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "tasks.ics"
    words = [
        "export",
        "ics",
        "--watch",
        str(file),
        "--vault",
        str(small),
        "--index",
        str(tmp_path / "i.db"),
        "--today",
        "2025-10-07",
    ]
    running = warm.Popen(
        [str(BIN / "vaultindex"), *words], stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(tmp_path)}
    )

    def until(word: str) -> None:
        end = time.time() + 60
        while not (file.exists() and word in file.read_text()):
            assert time.time() < end and running.poll() is None
            time.sleep(0.1)

    try:
        until("SUMMARY:Weekly")
        (small / "More.md").write_text("- [ ] Another one 📅 2025-10-30\n")
        until("SUMMARY:Another one")
    finally:
        running.send_signal(signal.SIGINT)
    assert running.wait(20) == 0
    assert not list(tmp_path.glob(".tasks.ics*"))


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX")
def test_a_file_that_is_written_anew_keeps_its_rights_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "tasks.ics"
    file.write_bytes(b"old")
    file.chmod(0o600)
    folder.replace(str(file), [b"n", b"ew"])
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)
    with pytest.raises(VaultError, match="cannot be written"):
        folder.replace(str(tmp_path / "none" / "tasks.ics"), [b"new"])
    assert [p.name for p in tmp_path.iterdir()] == ["tasks.ics"]


def test_an_export_is_never_written_into_the_vault(small: Path) -> None:
    from vaultindex.base.errors import UsageError

    with pytest.raises(UsageError, match="inside the vault"):
        folder.outside(str(small), str(small / "x.ics"))


def test_todo_txt_keeps_text_dates_priority_and_owner(vi: Any) -> None:
    lines = vi("export", "todotxt", "--done").decode().splitlines()
    assert any(
        line.startswith("(B) Plain, with; signs") and "due:2025-10-10" in line and "+a/b" in line for line in lines
    )
    assert any(line.startswith("x 2025-10-02 Finished due:2025-10-01 id:") for line in lines)


def test_50_000_tasks_are_written_in_seconds_and_piece_by_piece() -> None:
    row = {
        "path": "Meetings/Note.md", "line": 3, "text": "Send the sheet, please 長い", "status_type": "TODO", "state": "open", "priority": "high",
        "due": "2025-10-07", "scheduled": None, "start": None, "done": None, "cancelled": None, "recurrence": None, "tags": ["#task"],
        "owner_person": "Dana Lee", "account": "Contoso", "note_title": "Note", "date_doubt": None, "due_said": None, "problems": [],
    }  # fmt: skip
    began, size = time.process_time(), 0
    for piece in Calendar("/v").file(({**row, "id": f"a{number}"}, 10**18) for number in range(50_000)):
        size += len(piece)
        assert len(piece) < 2_000
    assert size > 10_000_000
    assert time.process_time() - began < 6  # 2 s on a quiet machine
