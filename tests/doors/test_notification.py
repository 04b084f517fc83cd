"""A notification arrives: on a real D-Bus, at a server as desktops have one, by the programs that the system has."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

pytest.importorskip("jeepney", reason="jeepney is not installed")
import jeepney
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests import warm
from tests.shell import BIN

TODAY = "2025-10-07"
NAME = "org.freedesktop.Notifications"
PATIENCE = 60.0  # seconds that anything may take on a machine that has much else to do

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not there (package dbus)")


class Desktop:
    """A session bus with a server of notifications; what was shown comes out of `shown` as (program, title, text)."""

    def __init__(self, socket: Path) -> None:
        words = ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={socket}"]
        self.daemon = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert self.daemon.stdout is not None
        self.address = self.daemon.stdout.readline().strip()
        self.shown: Queue[tuple[str, str, str]] = Queue()
        self.bus: DBusConnection = open_dbus_connection(self.address)
        self.bus.send_and_get_reply(message_bus.RequestName(NAME))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        answers: dict[str, tuple[str, tuple[Any, ...]]] = {
            "GetCapabilities": ("as", (["body", "body-markup"],)), "GetServerInformation": ("ssss", ("test", "us", "1", "1.2")),
            "Notify": ("u", (1,)),
        }  # fmt: skip
        try:
            while True:
                message = self.bus.receive()
                what = message.header.fields.get(jeepney.HeaderFields.member)
                if message.header.message_type != jeepney.MessageType.method_call or what not in answers:
                    continue
                if what == "Notify":
                    program, _, _, title, text, *_ = message.body
                    self.shown.put((program, title, text))
                self.bus.send(jeepney.new_method_return(message, *answers[what]))
        except OSError:
            return  # the bus has ended, or our end of it

    def close(self) -> None:
        self.daemon.terminate()
        self.daemon.wait(PATIENCE)
        assert self.daemon.stdout is not None
        self.daemon.stdout.close()


@pytest.fixture
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="vi-") as short:  # the path of a socket may not be long
        one = Desktop(Path(short) / "bus")
        yield one
        one.close()


@pytest.fixture
def env(small: Path, tmp_path: Path, desktop: Desktop) -> dict[str, str]:
    """Around a command: the bus, and a vault with one task of today, in whose words a desktop could see markup."""
    (small / "Note.md").write_text(f"- [ ] Send <b>the</b> sheet & 'more' 📅 {TODAY}\n")
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return {
        **os.environ, **home, "DBUS_SESSION_BUS_ADDRESS": desktop.address, "VAULTINDEX_VAULT": str(small),
        "VAULTINDEX_TODAY": TODAY,
    }  # fmt: skip


def needs(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not there (package {package})")
    return found


def alone(program: str, package: str, env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The same surroundings, in which this program is the only one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / program).symlink_to(needs(program, package))
    return {**env, "PATH": str(tmp_path / "bin")}


PROGRAMS = [("notify-send", "libnotify-bin"), ("gdbus", "libglib2.0-bin")]


@pytest.mark.parametrize(("program", "package"), PROGRAMS)
def test_a_notification_to_try_out_is_shown_by_the_program_that_is_named(
    program: str, package: str, desktop: Desktop, env: dict[str, str], tmp_path: Path
) -> None:
    words, around = [str(BIN / "vaultindex"), "remind", "--test"], alone(program, package, env, tmp_path)
    done = subprocess.run(words, env=around, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, f"shown by {program}\n"), done
    program_, title, text = desktop.shown.get(timeout=PATIENCE)
    assert (program_, title) == ("vaultindex", "vaultindex") and text.startswith("Notifications of vaultindex")


@pytest.mark.parametrize(("program", "package"), PROGRAMS)
def test_the_watcher_tells_the_desktop_at_its_time_and_no_word_of_a_note_is_markup(
    program: str, package: str, desktop: Desktop, env: dict[str, str], tmp_path: Path
) -> None:
    around = {**alone(program, package, env, tmp_path), "VAULTINDEX_REMIND": "00:00"}
    running = warm.Popen(
        [str(BIN / "vaultindex"), "watch", "--quiet"], env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert desktop.shown.get(timeout=PATIENCE) == (
            "vaultindex", "small", "1 due today (Send &lt;b&gt;the&lt;/b&gt; sheet &amp; 'more').",
        )  # fmt: skip
    finally:
        running.terminate()
        running.wait(PATIENCE)


def test_a_desktop_that_is_not_there_is_said(env: dict[str, str], tmp_path: Path) -> None:
    needs("notify-send", "libnotify-bin")
    done = subprocess.run(
        [str(BIN / "vaultindex"), "remind", "--test"], env={**env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode != 0 and "notify-send showed nothing" in done.stderr
