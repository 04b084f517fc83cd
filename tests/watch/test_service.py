"""The service's files and commands by content: no service manager is run here, but for one that we made."""

from __future__ import annotations

import os
import plistlib
import shlex
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from vaultindex.base.errors import VaultError
from vaultindex.cli.upkeep.doctor import kept_out
from vaultindex.watch.service import NoManager, carry_out, describe, program

COMMAND = program("linux", "/opt/my python/bin/python", ["--vault", '/home/ann/100% "Notes" $x'])


def test_the_watcher_is_called_by_full_path_and_never_as_vi() -> None:
    assert COMMAND[1:4] == ["-m", "vaultindex", "watch"] and os.path.isabs(COMMAND[0])


def test_a_systemd_unit_quotes_what_systemd_would_expand() -> None:
    made = describe("linux", {"XDG_CACHE_HOME": "/c a"}, "/home/ann", COMMAND)
    assert made.path == "/home/ann/.config/systemd/user/vaultindex.service"
    start = next(line for line in made.text.splitlines() if line.startswith("ExecStart="))
    assert shlex.split(start.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$"), posix=True) == COMMAND
    assert "%%" in start and "$$x" in start
    assert (
        'Environment="XDG_CACHE_HOME=/c a"\n' in made.text
        and "Restart=on-failure" in made.text
        and "UMask=0077" in made.text
    )
    assert ["systemctl", "--user", "enable", "vaultindex.service"] in made.verbs["install"]
    assert describe("linux", {"XDG_CONFIG_HOME": "/x"}, "/home/ann", COMMAND).path.startswith("/x/systemd/user/")


def test_a_launch_agent_holds_the_command() -> None:
    made = describe("darwin", {}, "/Users/ann", COMMAND, 501)
    facts = plistlib.loads(made.content)
    assert made.path == "/Users/ann/Library/LaunchAgents/vaultindex.plist"
    assert facts["Label"] == "vaultindex" and facts["ProgramArguments"] == COMMAND and facts["RunAtLoad"] is True
    assert made.verbs["install"] == [["launchctl", "bootstrap", "gui/501", made.path]]
    assert made.verbs["uninstall"] == [["launchctl", "bootout", "gui/501/vaultindex"]]


def test_a_scheduled_task_holds_the_command_and_never_ends() -> None:
    made = describe(
        "win32",
        {"LOCALAPPDATA": "/l"},
        "/u",
        ["C:/py/python.exe", "-m", "vaultindex", "watch", "--vault", "C:/My <Notes> & more"],
    )
    root = ET.fromstring(made.content.decode("utf-16").split("?>", 1)[1])
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert root.findtext(f".//{space}Command") == "C:/py/python.exe"
    assert root.findtext(f".//{space}Arguments") == '-m vaultindex watch --vault "C:/My <Notes> & more"'
    assert root.findtext(f".//{space}ExecutionTimeLimit") == "PT0S"
    assert made.verbs["install"][0][:4] == ["schtasks", "/Create", "/F", "/TN"]


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down how it was called."""
    log = tmp_path / "calls"
    fake = tmp_path / "bin" / "systemctl"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(log))}\ntest ! -e {shlex.quote(str(tmp_path / "broken"))} || {{ echo no bus >&2; exit 1; }}\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    return log


def test_install_shows_what_it_writes_and_uninstall_removes_it(tmp_path: Path, manager: Path) -> None:
    made = describe("linux", {}, str(tmp_path), COMMAND)
    with pytest.raises(VaultError, match="not installed"):
        carry_out(made, "start")
    said = "\n".join(carry_out(made, "install"))
    assert made.path in said and "ExecStart=" in said and "ran systemctl --user daemon-reload" in said
    assert Path(made.path).read_text(encoding="utf-8") == made.text
    carry_out(made, "stop")
    carry_out(made, "start")
    carry_out(made, "uninstall")
    assert not os.path.exists(made.path)
    calls = [c.removeprefix("--user ") for c in manager.read_text().splitlines()]
    unit = "vaultindex.service"
    assert calls == [
        "daemon-reload",
        f"enable {unit}",
        f"restart {unit}",
        f"stop {unit}",
        f"start {unit}",
        f"disable --now {unit}",
        "daemon-reload",
    ]


def test_what_the_manager_refuses_is_said_in_its_words(tmp_path: Path, manager: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(VaultError, match=r"daemon-reload` failed \(1\): no bus"):
        carry_out(describe("linux", {}, str(tmp_path), COMMAND), "install")


def everything(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "said",
    [
        "Failed to connect to bus: No medium found",
        "Failed to connect to user scope bus via local transport: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not defined",
        "System has not been booted with systemd as init system (PID 1). Can't operate.",
    ],
)
@pytest.mark.parametrize("step", ["daemon-reload", "enable", "restart"])
def test_install_without_a_user_bus_explains_and_leaves_nothing_behind(
    tmp_path: Path, manager: Path, said: str, step: str
) -> None:
    fake = tmp_path / "bin" / "systemctl"
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(manager))}\ncase "$*" in *" {step}"*) echo {shlex.quote(said)} >&2; exit 1;; esac\n'
    )
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(VaultError) as caught:
        carry_out(describe("linux", {}, str(home), COMMAND), "install")
    assert said.rstrip(".") in str(caught.value) and "enable-linger" in str(caught.value)
    assert "vaultindex watch" in str(caught.value) and "nothing was left behind" in str(caught.value)
    assert everything(home) == set()
    assert "disable --now vaultindex.service" in manager.read_text()


def test_an_install_that_fails_leaves_the_one_before_it_and_other_peoples_files(tmp_path: Path, manager: Path) -> None:
    made = describe("linux", {}, str(tmp_path), COMMAND)
    carry_out(made, "install")
    other = Path(made.path).with_name("other.service")
    other.write_text("theirs")
    before = everything(tmp_path), Path(made.path).read_bytes()
    (tmp_path / "broken").touch()
    again = describe("linux", {}, str(tmp_path), [*COMMAND, "--index", "elsewhere"])
    with pytest.raises(VaultError, match="is as it was"):
        carry_out(again, "install")
    (tmp_path / "broken").unlink()
    assert (everything(tmp_path), Path(made.path).read_bytes()) == before


LAUNCHCTL = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
bootout) test -e {loaded} || exit 3; rm {loaded}; touch {going};;
enable) ;;
bootstrap)
    if test -e {going}; then rm {going}; echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; fi
    if test -e {loaded}; then echo 'Bootstrap failed: 37: Operation already in progress' >&2; exit 37; fi
    touch {loaded};;
esac
"""


def test_on_macos_install_and_start_work_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A launchctl that refuses what is loaded, and takes a moment to unload."""
    names = {name: shlex.quote(str(tmp_path / name)) for name in ("log", "loaded", "going")}
    fake = tmp_path / "bin" / "launchctl"
    fake.parent.mkdir()
    fake.write_text(LAUNCHCTL.format(**names))
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    made = describe("darwin", {}, str(tmp_path), COMMAND, 501)
    for verb in ("install", "install", "start", "start"):
        carry_out(made, verb)
        assert (tmp_path / "loaded").exists(), verb
    carry_out(made, "uninstall")
    assert not (tmp_path / "loaded").exists() and not os.path.exists(made.path)
    carry_out(made, "install")
    assert (tmp_path / "loaded").exists()


@pytest.mark.parametrize(
    "place", ["Documents/Notes", "Library/Mobile Documents/iCloud~md~obsidian/Documents/Notes", "Notes"]
)
def test_doctor_explains_the_folder_permissions_of_macos(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = tmp_path / place
    vault.mkdir(parents=True)
    ((_, well, what),) = kept_out("darwin", str(tmp_path), str(vault))
    assert well and (sys.executable in what or os.path.realpath(sys.executable) in what) == (place != "Notes")

    def denied(path: str) -> list[str]:
        raise PermissionError(1, "Operation not permitted", path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", denied)
        ((_, well, what),) = kept_out("darwin", str(tmp_path), str(vault))
    assert not well and "Privacy & Security" in what and os.path.realpath(sys.executable) in what
    assert kept_out("linux", str(tmp_path), str(vault)) == []


def test_without_a_manager_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = describe("linux", {}, str(tmp_path), COMMAND)
    with pytest.raises(NoManager, match="vaultindex watch"):
        carry_out(made, "install")
    assert not os.path.exists(made.path)
