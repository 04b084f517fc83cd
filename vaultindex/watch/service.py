"""The watcher as a service of your session: what to write where, and which commands to run, on each system.

Pure but for `carry_out`: the same platform, folders and command give the same files and commands.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from typing import NamedTuple

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.text import is_line

NAME = "vaultindex"
KEPT = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "PYTHONPATH")  # variables that decide where things are


class Service(NamedTuple):
    """How this system keeps a program running."""

    manager: str  # the program that does it
    path: str  # of the file that describes the service
    content: bytes
    text: str  # the content as a person reads it
    verbs: dict[
        str, list[list[str]]
    ]  # install, start, stop, status, uninstall, after (removal), before (a start) -> commands


class NoManager(VaultError):
    """The system has nothing that starts programs for a user."""


def describe(platform: str, env: Mapping[str, str], home: str, command: list[str], uid: int = 0) -> Service:
    """The service that runs `command` in the user's session; `platform` is sys.platform.

    Raises UsageError for what cannot stand in one line of a service's file.
    """
    kept = {name: env[name] for name in KEPT if env.get(name)}
    for text in (*command, *kept.values()):
        if not is_line(text):
            what = "has control characters or bytes that are not UTF-8"
            raise UsageError(f"{text!r} {what}: a service's file cannot hold it, rename that folder")
    if platform == "darwin":
        return _launch_agent(home, command, kept, uid)
    if platform == "win32":
        return _task(env, home, command)
    return _systemd(env.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), command, kept)


def _systemd(config: str, command: list[str], kept: dict[str, str]) -> Service:
    def quote(text: str) -> str:
        for old, new in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n")):
            text = text.replace(old, new)
        return f'"{text}"'

    program = " ".join(quote(part.replace("$", "$$")) for part in command)
    environment = "".join(f"Environment={quote(f'{name}={value}')}\n" for name, value in kept.items())
    text = f"""[Unit]
Description=vaultindex: keeps the index of your notes equal to the notes

[Service]
ExecStart={program}
{environment}Restart=on-failure
RestartSec=20
Nice=10
UMask=0077

[Install]
WantedBy=default.target
"""
    unit = f"{NAME}.service"
    control = ["systemctl", "--user"]
    verbs = {
        "install": [[*control, "daemon-reload"], [*control, "enable", unit], [*control, "restart", unit]],
        "start": [[*control, "start", unit]],
        "stop": [[*control, "stop", unit]],
        "status": [[*control, "--no-pager", "--lines=0", "status", unit]],
        "uninstall": [[*control, "disable", "--now", unit]],
        "after": [[*control, "daemon-reload"]],
    }
    return Service("systemctl", os.path.join(config, "systemd", "user", unit), text.encode(), text, verbs)


def _launch_agent(home: str, command: list[str], kept: dict[str, str], uid: int) -> Service:
    import plistlib

    path = os.path.join(home, "Library", "LaunchAgents", f"{NAME}.plist")
    facts: dict[str, object] = {
        "Label": NAME, "ProgramArguments": command, "RunAtLoad": True, "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 20, "ProcessType": "Background", "Umask": 0o077,
    }  # fmt: skip
    if kept:
        facts["EnvironmentVariables"] = kept
    content = plistlib.dumps(facts)
    domain, target = f"gui/{uid}", f"gui/{uid}/{NAME}"
    verbs = {
        # One that is loaded already cannot be loaded: it goes first. One that was switched off is switched on.
        "before": [["launchctl", "bootout", target], ["launchctl", "enable", target]],
        "install": [["launchctl", "bootstrap", domain, path]],
        "start": [["launchctl", "bootstrap", domain, path]],
        "stop": [["launchctl", "bootout", target]],
        "status": [["launchctl", "print", target]],
        "uninstall": [["launchctl", "bootout", target]],
        "after": [],
    }
    return Service("launchctl", path, content, content.decode(), verbs)


def _task(env: Mapping[str, str], home: str, command: list[str]) -> Service:
    import subprocess
    from xml.sax.saxutils import escape

    folder = env.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    path = os.path.join(folder, NAME, f"{NAME}.xml")
    program, arguments = escape(command[0]), escape(subprocess.list2cmdline(command[1:]))
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>vaultindex: keeps the index of your notes equal to the notes</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>
  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>99</Count></RestartOnFailure>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author"><Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>
"""
    verbs = {
        "install": [["schtasks", "/Create", "/F", "/TN", NAME, "/XML", path], ["schtasks", "/Run", "/TN", NAME]],
        "start": [["schtasks", "/Run", "/TN", NAME]],
        "stop": [["schtasks", "/End", "/TN", NAME]],
        "status": [["schtasks", "/Query", "/TN", NAME]],
        "uninstall": [["schtasks", "/End", "/TN", NAME], ["schtasks", "/Delete", "/F", "/TN", NAME]],
        "after": [],
    }
    return Service("schtasks", path, text.encode("utf-16"), text, verbs)


# A service that was told to go takes a moment to be gone; until then launchctl says 5, an input/output error.
_ON_ITS_WAY: dict[tuple[str, ...], int] = {("launchctl", "bootstrap"): 5}


def program(platform: str, executable: str, arguments: list[str]) -> list[str]:
    """The command of the watcher: this Python by its full path (a service has no PATH of yours, and `vi` may be the editor)."""
    if platform == "win32" and executable.lower().endswith("python.exe"):
        quiet = executable[:-10] + "pythonw.exe"  # no console window
        executable = quiet if os.path.exists(quiet) else executable
    return [executable, "-m", "vaultindex", "watch", *arguments]


def carry_out(service: Service, verb: str) -> list[str]:
    """Do it; what was written and run, line by line. Raises NoManager, and VaultError with what the manager said."""
    import shutil

    if shutil.which(service.manager) is None:
        raise NoManager(
            f"there is no {service.manager} here, so nothing can start the watcher for you:"
            " run `vaultindex watch` from whatever starts your programs (tmux, cron's @reboot, a supervisor)"
        )
    if verb == "install":
        return _install(service)
    if not os.path.exists(service.path) and verb != "status":
        raise VaultError("the service is not installed: vaultindex service install")
    lines: list[str] = []
    try:
        if verb == "start":
            _call(service.verbs.get("before", []), careful=False)
        lines += _call(service.verbs[verb], careful=verb not in ("uninstall", "status"))
    except VaultError as error:
        raise VaultError(f"{_explained(str(error))}. The service's file is {service.path}") from error
    if verb == "uninstall":
        os.unlink(service.path)
        lines.append(f"removed {service.path}")
        lines += _call(service.verbs["after"], careful=False)
    return lines


def _install(service: Service) -> list[str]:
    """Write the file and start the service; when it cannot be started, everything is as it was before."""
    made = _make_folders(os.path.dirname(service.path))
    try:
        with open(service.path, "rb") as file:
            before: bytes | None = file.read()
    except FileNotFoundError:
        before = None
    try:
        with open(service.path, "wb") as file:
            file.write(service.content)
        lines = [f"wrote {service.path}:", *(f"    {line}".rstrip() for line in service.text.splitlines())]
        _call(service.verbs.get("before", []), careful=False)
        return lines + _call(service.verbs["install"], careful=True)
    except (VaultError, OSError) as error:
        if before is None:
            _call(service.verbs["uninstall"], careful=False)
            if os.path.exists(service.path):
                os.unlink(service.path)
            _call(service.verbs["after"], careful=False)
            for folder in reversed(made):
                with contextlib.suppress(OSError):  # somebody else's file has come into it
                    os.rmdir(folder)
            what = "nothing was left behind"
        else:
            with open(service.path, "wb") as file:
                file.write(before)
            what = f"{service.path} is as it was"
        raise VaultError(f"{_explained(str(error))}; {what}") from error


def _make_folders(folder: str) -> list[str]:
    """Make a folder and those above it; the ones that were not there, outermost first."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        os.mkdir(one)
    return missing[::-1]


_NO_BUS = (
    "connect to bus",
    "No medium found",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "not been booted",
)


def _explained(what: str) -> str:
    """What a manager said, with what it means where that is known."""
    if what.startswith("`systemctl --user") and any(words in what for words in _NO_BUS):
        return (
            f"{what.rstrip('. ')}. systemd has no session of yours here (a container, sudo, su, or ssh without lingering):"
            " `loginctl enable-linger` and log in anew, or run `vaultindex watch` from whatever starts your programs"
            " (tmux, cron's @reboot, a supervisor)"
        )
    return what


def _call(commands: list[list[str]], careful: bool) -> list[str]:
    import subprocess

    lines = []
    for command in commands:
        for wait in (0.5, 1.0, 2.0, 0.0):
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if done.returncode != _ON_ITS_WAY.get(tuple(command[:2])):
                break
            time.sleep(wait)
        said = (done.stdout + done.stderr).strip()
        lines.append("ran " + " ".join(command))
        lines += [f"    {line}" for line in said.splitlines()]
        if done.returncode and careful:
            raise VaultError(f"`{' '.join(command)}` failed ({done.returncode}): {said or 'it said nothing'}")
    return lines
