"""Commands of ours without the start of an interpreter: each is a fork of a process that has imported everything already.

`run` and `Popen` are those of `subprocess`. A command that begins with one of ours (`python -m vaultindex`, `vi`, or a shell
with one `vi` and nothing that a shell is needed for) is a process of its own as ever: its own environment, folder, streams and
end. Only the half of its time that went into imports is gone. Whatever else they are asked to start is started as ever, and
so is everything where there is no fork to rely on. What is about the start itself (what is imported, how long it takes, which
interpreter) takes `subprocess`.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
_ABLE = sys.platform == "linux"
# With other arguments of `Popen` than these, and other words of the environment for Python itself, it is started as ever.
_KNOWN = {"env", "cwd", "stdin", "stdout", "stderr", "text", "encoding", "errors", "universal_newlines", "start_new_session", "bufsize"}  # fmt: skip
_HARMLESS = {"PYTHONUTF8", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
# What makes a shell more than a way to write words, outside of quotes.
_QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\!]*\"")
_SHELL = re.compile(r"[^\w\s./:,@%+=-]", re.ASCII)
_server: _Server | None = None
_lock = threading.Lock()


def words_of(args: Any, env: dict[str, str]) -> list[str] | None:
    """The words of a command of ours: `-m` or the program, then its arguments. None when it is another command."""
    if not isinstance(args, (list, tuple)) or not args:
        return None
    given = [os.fsdecode(word) for word in args]
    if given[:2] == ["sh", "-c"] and len(given) == 3:
        bare = _QUOTED.sub("", given[2])
        if not given[2].strip() or "\n" in bare or _SHELL.search(bare):
            return None
        given = shlex.split(given[2])
        given[0] = shutil.which(given[0], path=env.get("PATH")) or ""
    if given[:3] == [sys.executable, "-m", "vaultindex"]:
        return given[1:2] + given[3:]
    return given if given[0] in (str(BIN / "vi"), str(BIN / "vaultindex")) else None


def _as_here(env: dict[str, str]) -> bool:
    """Whether Python would start with this environment as it has started here."""
    names = {name for name in {*env, *os.environ} if name.startswith(("PYTHON", "LC_")) or name in ("LANG", "LANGUAGE")}
    return all(
        env.get(name) == os.environ.get(name)
        or name in _HARMLESS
        or (name == "PYTHONPATH" and env.get(name) in (None, str(ROOT)))
        or (name == "LANG" and name not in env)
        for name in names
    )


class Popen(subprocess.Popen[Any]):
    """A process; see the module."""

    _told: socket.socket | None = None

    def __init__(self, args: Any, **options: Any) -> None:
        env = dict(os.environ if options.get("env") is None else options["env"])
        self._words = words_of(args, env) if _ABLE and options.keys() <= _KNOWN and _as_here(env) else None
        self._options = options
        super().__init__(args, **options)

    def _execute_child(self, args: Any, *rest: Any) -> None:
        if self._words is None:
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        reads, _, _, out, _, err = rest[9:15]
        env = os.environ if self._options.get("env") is None else self._options["env"]
        request = {
            "words": self._words,
            "env": {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()},
            "cwd": os.fsdecode(self._options.get("cwd") or os.getcwd()),
            "session": bool(self._options.get("start_new_session")),
        }
        try:
            fds = [mine if mine != -1 else number for number, mine in enumerate((reads, out, err))]
            self.pid, self._told = server().ask(request, fds)
        finally:
            self._close_pipe_fds(*rest[9:15])  # type: ignore[attr-defined]
        self._child_created = True

    def _internal_poll(self, *rest: Any, **options: Any) -> int | None:
        if self._told is None:
            return super()._internal_poll(*rest, **options)  # type: ignore[misc, no-any-return]
        with self._waitpid_lock:  # type: ignore[attr-defined]
            if self.returncode is None:
                process, status = self._try_wait(os.WNOHANG)
                if process:
                    self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if self._told is None:
            return super()._try_wait(flags)  # type: ignore[misc, no-any-return]
        self._told.setblocking(not flags & os.WNOHANG)
        try:
            told = self._told.recv(4)
        except BlockingIOError:
            return 0, 0
        self._told.close()
        return self.pid, struct.unpack("i", told)[0] if told else 9


def run(args: Any, *, input: Any = None, capture_output: bool = False, timeout: float | None = None, check: bool = False, **options: Any) -> subprocess.CompletedProcess[Any]:  # fmt: skip
    """As `subprocess.run`."""
    if capture_output:
        options["stdout"] = options["stderr"] = subprocess.PIPE
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with Popen(args, **options) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def handed_over(words: list[str]) -> list[str]:
    """The words with which a program that is not ours starts this command: they hand its streams to a fork, and wait."""
    found = words_of(words, dict(os.environ)) if _ABLE else None
    if found is None:
        return words
    return [sys.executable, "-S", str(Path(__file__).with_name("warm_door.py")), server().door, json.dumps(found)]


class _Server:
    """The process that forks, as its owner has it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._place = tempfile.mkdtemp(prefix="vi-", dir="/tmp")  # the path of a socket may not be long
        self.door = os.path.join(self._place, "door")
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            door.bind(self.door)
            door.listen()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", str(theirs.fileno()), str(door.fileno())], cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"},
                pass_fds=[theirs.fileno(), door.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip
        atexit.register(self.close)

    def ask(self, request: dict[str, Any], fds: list[int]) -> tuple[int, socket.socket]:
        """Start a command: its process, and where the server tells how it ended."""
        mine, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._mine, [json.dumps(request).encode()], [*fds, theirs.fileno()])
        told = mine.recv(4)
        if not told:
            raise RuntimeError("the process that starts commands is gone")
        return struct.unpack("i", told)[0], mine

    def close(self) -> None:
        """End it, where it was begun."""
        if os.getpid() == self.owner:
            self._mine.close()
            self._process.wait(10)
            shutil.rmtree(self._place, ignore_errors=True)


def server() -> _Server:
    """The one of this process."""
    global _server
    with _lock:
        if _server is None or _server.owner != os.getpid():
            _server = _Server()
        return _server


def _serve(channel: socket.socket, door: socket.socket) -> None:
    """Fork for every request; tell of every end. Over when the owner is."""
    import selectors

    _import_everything()
    gc.collect()
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = selectors.DefaultSelector()
    waiting.register(channel, selectors.EVENT_READ)
    waiting.register(woken, selectors.EVENT_READ)
    waiting.register(door, selectors.EVENT_READ)
    tell: dict[int, socket.socket] = {}
    while True:
        ready = {key.fileobj for key, _ in waiting.select()}
        if woken in ready:
            os.read(woken, 4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    with tell.pop(ended[0]) as reply, contextlib.suppress(OSError):
                        reply.send(struct.pack("i", ended[1]))
        if door in ready:
            waiting.register(door.accept()[0], selectors.EVENT_READ)
        for asking in ready - {woken, door}:
            assert isinstance(asking, socket.socket)
            request, fds, _, _ = socket.recv_fds(asking, 1 << 20, 4)
            if not request and asking is channel:
                return
            if not request:
                waiting.unregister(asking)
                asking.close()
                continue
            child = os.fork()
            if child == 0:
                _become(json.loads(request), fds)
            tell[child] = socket.socket(fileno=fds[3])
            tell[child].send(struct.pack("i", child))
            for fd in fds[:3]:
                os.close(fd)


def _import_everything() -> None:
    import sqlite_utils  # noqa: F401
    import yaml  # noqa: F401

    import vaultindex
    from vaultindex.base import lazy_pattern

    for found in pkgutil.walk_packages(vaultindex.__path__, "vaultindex."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    for name, module in list(sys.modules.items()):
        if name.startswith("vaultindex."):
            for value in vars(module).values():
                if isinstance(value, lazy_pattern._Lazy):
                    value.search  # noqa: B018


def _become(request: dict[str, Any], fds: list[int]) -> None:
    """Be the command, to its end."""
    code: Any = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        high = [os.dup(fd) for fd in fds[:3]]  # one of them may have the number that another is to get
        for number, fd in enumerate(high):
            os.dup2(fd, number)
        os.closerange(3, 1024)
        if request["session"]:
            os.setsid()
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        time.tzset()
        tempfile.tempdir = None
        _streams()
        sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
        name, *args = request["words"]
        if name == "-m":
            from vaultindex.cli.commands import run

            sys.argv = [os.path.join(os.path.dirname(sys.modules["vaultindex"].__file__ or ""), "__main__.py"), *args]
            code = run(args, "vaultindex")
        else:
            from vaultindex.launcher import main

            sys.argv = [name, *args]
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        code = _end(code)
        os._exit(code)


def _streams() -> None:
    """Streams for the three numbers, as an interpreter makes them."""
    soon = bool(os.environ.get("PYTHONUNBUFFERED"))
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(
        io.BufferedReader(io.FileIO(0, closefd=False)), "utf-8", "surrogateescape"
    )
    for number, name, errors in ((1, "stdout", "surrogateescape"), (2, "stderr", "backslashreplace")):
        stream = io.TextIOWrapper(
            io.FileIO(number, "w", closefd=False) if soon else io.BufferedWriter(io.FileIO(number, "w", closefd=False)), "utf-8", errors,
            line_buffering=os.isatty(number) or number == 2, write_through=soon,
        )  # fmt: skip
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _end(code: int) -> int:
    """What an interpreter does at its end."""
    with contextlib.suppress(Exception):
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return 120
    return code


if __name__ == "__main__":
    _serve(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
