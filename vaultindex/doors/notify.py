"""A desktop notification, by the system's own program: a library is silently dropped on macOS by a Python that is not signed.

Text of notes is always an argument (or the environment), never part of a script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.base.text import one_line

_SCRIPT = "on run argv\n display notification (item 2 of argv) with title (item 1 of argv)\nend run"
_TOAST = """[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] > $null
$x = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$t = $x.GetElementsByTagName('text')
$t.Item(0).AppendChild($x.CreateTextNode($env:VAULTINDEX_TITLE)) > $null
$t.Item(1).AppendChild($x.CreateTextNode($env:VAULTINDEX_TEXT)) > $null
$app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($app).Show([Windows.UI.Notifications.ToastNotification]::new($x))"""

Which = Callable[[str], str | None]


class Way(NamedTuple):
    """How a notification is shown: the program's name, its words, and what is added to its environment."""

    name: str
    words: list[str]
    env: dict[str, str]


def way(title: str, text: str, platform: str = sys.platform, which: Which = shutil.which) -> Way | None:
    """The first program that is there, None without one."""
    title, text = one_line(title)[:100], one_line(text)[:400]
    if platform == "darwin":
        if which("terminal-notifier"):
            # It takes a leading "[" or "-" for something else.
            return Way(
                "terminal-notifier",
                ["terminal-notifier", "-title", title, "-message", f" {text}", "-group", "vaultindex"],
                {},
            )
        return Way("osascript", ["osascript", "-e", _SCRIPT, title, text], {}) if which("osascript") else None
    if platform == "win32":
        words = ["powershell", "-NoProfile", "-NonInteractive", "-Command", _TOAST]
        env = {"VAULTINDEX_TITLE": title, "VAULTINDEX_TEXT": text}
        return Way("powershell", words, env) if which("powershell") else None
    if which("notify-send"):
        return Way("notify-send", ["notify-send", "--app-name=vaultindex", "--", title, _markup(text)], {})
    if which("gdbus"):
        place = ["--dest", "org.freedesktop.Notifications", "--object-path", "/org/freedesktop/Notifications"]
        call = ["gdbus", "call", "--session", *place, "--method", "org.freedesktop.Notifications.Notify"]
        values = [_gvariant("vaultindex"), "uint32 0", _gvariant(""), _gvariant(title), _gvariant(_markup(text))]
        return Way("gdbus", [*call, *values, "@as []", "@a{sv} {}", "int32 -1"], {})
    return None


def _markup(text: str) -> str:
    """The body of a notification may hold markup: what would be markup is escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _gvariant(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def send(title: str, text: str, env: Mapping[str, str] | None = None) -> str:
    """Show a notification; the name of the program that did. Raises VaultError that says why it could not be shown."""
    around = dict(os.environ if env is None else env)
    found = way(title, text, which=lambda name: shutil.which(name, path=around.get("PATH")))
    if found is None:
        raise VaultError("no program that shows notifications: install notify-send (package libnotify-bin)")
    try:
        done = subprocess.run(
            found.words, env={**around, **found.env}, capture_output=True, timeout=15, check=False, stdin=subprocess.DEVNULL
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VaultError(f"{found.name} showed nothing: {error}") from error
    if done.returncode:
        said = one_line(done.stderr.decode("utf-8", "replace").strip())[:300]
        raise VaultError(f"{found.name} showed nothing (exit code {done.returncode}): {said}")
    return found.name
