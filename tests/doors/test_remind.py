"""Being told: one sentence, once a day, by the system's own programs."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests import warm
from tests.shell import BIN
from vaultindex.base import settings
from vaultindex.base.errors import UsageError
from vaultindex.doors import notify, reminder

TODAY = "2025-10-07"


def at(clock: str, day: str = TODAY) -> time.struct_time:
    return time.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M")


@pytest.fixture
def told(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent; `small` has a task due today."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("VAULTINDEX_TODAY", raising=False)
    (small / "Note.md").write_text(f"- [ ] Send the sheet 📅 {TODAY}\n- [ ] Late 📅 2025-10-01\n")
    return []


def due(small: Path, tmp_path: Path, told: list[str], moment: time.struct_time) -> str | None:
    config = settings.load({"VAULTINDEX_REMIND": "08:30,16:00"}, str(small))
    return reminder.send_due(
        str(small), str(tmp_path / "i.db"), config, moment, lambda title, text: told.append(text) or "test"
    )  # type: ignore[func-returns-value]


def test_it_is_told_at_its_times_and_each_thing_once_a_day(small: Path, tmp_path: Path, told: list[str]) -> None:
    for clock in ("08:29", "08:30", "08:31", "15:59", "16:00"):
        due(small, tmp_path, told, at(clock))
    assert told == ["1 due today (Send the sheet), 1 overdue."]
    (small / "More.md").write_text(f"- [ ] Another 📅 {TODAY}\n")
    due(small, tmp_path, told, at("16:05"))
    assert len(told) == 1  # 16:00 was followed already
    due(small, tmp_path, told, at("08:30", "2025-10-08"))
    assert told[1:] == ["3 overdue."]


def test_a_time_that_was_slept_through_is_made_up_for_once(small: Path, tmp_path: Path, told: list[str]) -> None:
    assert due(small, tmp_path, told, at("19:12")) is not None
    assert due(small, tmp_path, told, at("19:13")) is None
    assert len(told) == 1


def test_what_came_after_the_first_time_is_told_at_the_second(small: Path, tmp_path: Path, told: list[str]) -> None:
    due(small, tmp_path, told, at("08:30"))
    (small / "More.md").write_text(f"- [ ] Another 📅 {TODAY}\n")
    due(small, tmp_path, told, at("16:00"))
    assert told[1:] == ["1 due today (Another)."]


def test_a_notification_that_could_not_be_shown_is_tried_again(small: Path, tmp_path: Path, told: list[str]) -> None:
    config = settings.load({"VAULTINDEX_REMIND": "08:30"}, str(small))

    def broken(title: str, text: str) -> str:
        raise OSError("no bus")

    assert reminder.send_due(str(small), str(tmp_path / "i.db"), config, at("09:00"), broken) is None
    assert due(small, tmp_path, told, at("09:01")) is not None


def test_the_watcher_sends_it_by_notify_send(small: Path, tmp_path: Path, told: list[str]) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    fake = programs / "notify-send"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/shown\n')
    fake.chmod(0o755)
    env = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "VAULTINDEX_REMIND": "00:00",
        "VAULTINDEX_TODAY": TODAY,
    }
    words = ["watch", "--vault", str(small), "--index", str(tmp_path / "i.db")]
    running = warm.Popen(
        [str(BIN / "vaultindex"), *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.time() + 60
        while not (tmp_path / "shown").exists() and time.time() < end:
            time.sleep(0.1)
        time.sleep(0.3)
        assert "1 due today (Send the sheet), 1 overdue." in (tmp_path / "shown").read_text()
    finally:
        running.terminate()
        running.wait(20)


def test_text_of_notes_is_an_argument_and_never_part_of_a_script() -> None:
    sly = '"; do shell script "rm -rf ~" <b>\'$(x)\' \x1b[2J'
    for platform, program in (
        ("darwin", "osascript"),
        ("darwin", "terminal-notifier"),
        ("win32", "powershell"),
        ("linux", "notify-send"),
        ("linux", "gdbus"),
    ):
        way = notify.way("vault", sly, platform, lambda name, only=program: name if name == only else None)
        assert way is not None and way.name == program and way.words[0] == program
        assert not any("rm -rf" in word and ("display" in word or "CreateToast" in word) for word in way.words)
        assert not any("\x1b" in word for word in (*way.words, *way.env.values()))
    assert notify.way("a", "b", "linux", lambda name: None) is None


def test_a_time_that_is_none_is_refused_with_an_example() -> None:
    assert reminder.minutes("08:30") == 510
    for text in ("8", "25:00", "x:y", ""):
        with pytest.raises(UsageError, match="08:30"):
            reminder.minutes(text)
