"""The server: a socket on this machine, the guard in front of the page, an end within a second."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from urllib.parse import quote

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.state import served
from vaultindex.web.app import make_app
from vaultindex.web.guard import FEED, Guard
from vaultindex.web.live import Live
from vaultindex.web.site import PREFIX, Hall

PATIENCE = 10.0  # seconds for a whole request to come: a slow client may not keep a place that others need


class _Prompt(H11Protocol):
    """A connection that ends when a request takes too long to come."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock starts with the connection."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """It stops when all of a request is there, and starts anew with the next one."""
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR):
            self._stop()
        elif self._late is None:
            self._wait()

    def on_response_complete(self) -> None:
        """What is kept alive is ended by the server's own clock; a request that has begun already has ours."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """No clock without a connection."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop()
        self._late = self.loop.call_later(PATIENCE, self.transport.abort)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Server(uvicorn.Server):
    """Uvicorn that ends open streams when it is told to end."""

    lives: Sequence[Live] = ()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C, or a request to end."""
        for live in self.lives:
            live.close()
        self.should_exit = True


class Opened:
    """A page that listens, and can be found by other commands; `run` serves it."""

    def __init__(self, hall: Hall, host: str, port: int, by: str) -> None:
        """`by` is the command that serves. Raises UsageError for a port that is taken, VaultError for one that cannot be had."""
        self._listening = _listen(host, port)
        number = self._listening.getsockname()[1]
        shown = served.in_address(host)
        app, lives = make_app(hall)
        others = [] if host in served.LOOPBACK else [shown, *_names(host)]
        first = hall.first
        guard = Guard(
            app, number, others, first.read_only, lambda key: served.take_key(first.env, number, key),
            [FEED, *(f"{PREFIX}{name}{FEED}" for name in hall.named)],
        )  # fmt: skip
        config = uvicorn.Config(
            guard, log_config=None, access_log=False, server_header=False, date_header=False, lifespan="off",
            timeout_keep_alive=5, timeout_graceful_shutdown=1, limit_concurrency=200, h11_max_incomplete_event_size=16_384,
            ws="none", http=_Prompt, loop="asyncio", proxy_headers=False,
        )  # fmt: skip
        self._server = _Server(config)
        self._server.lives = lives
        vaults = {site.root: (hall.at(site.root) or "", site.index) for site in hall.sites}
        one = served.Served(os.getpid(), shown, number, vaults, first.read_only, first.given_today, by)
        self._forget = served.announce(first.env, one)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.url, self.address = one.url, f"{one.url}/enter/{guard.key}"
        named = {site: at for at, site in hall.addresses}
        for site in hall.sites:  # by its name, which stays, though another vault may come first one day
            site.address = one.url + quote(named.get(site, ""))

    def run(self) -> None:
        """Serve until it is told to end."""
        try:
            asyncio.run(self._serve())
        finally:
            if self._forget is not None:
                self._forget()
            self._listening.close()

    def end(self) -> None:
        """Tell it to end, from any thread."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._server.handle_exit, 0, None)
        self._server.should_exit = True

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._server.serve(sockets=[self._listening])
        finally:
            self._loop = None


def serve(hall: Hall, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `ready` gets the address when it can be opened. Raises UsageError for a port that is taken."""
    opened = Opened(hall, host, port, "vi serve")
    ready(opened.address)
    try:
        opened.run()
    except KeyboardInterrupt:
        return  # the usual end


class Running:
    """A page that is served by a thread of its own until `end`; `why` says why it ended by itself."""

    def __init__(self, hall: Hall, host: str, port: int, by: str) -> None:
        """Raises what `Opened` raises."""
        self._opened = Opened(hall, host, port, by)
        self.url = self._opened.url
        self.why: str | None = None
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End it, and wait until it did."""
        self._opened.end()
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._opened.run()
            self.why = "it ended"
        except Exception as error:  # noqa: BLE001 - it is said, and tried again, by whoever looks after this page
            self.why = f"it ended: {type(error).__name__}"


def _names(host: str) -> list[str]:
    """The names under which the machine is asked for when the page listens on more than loopback."""
    return [socket.gethostname()] if host in ("0.0.0.0", "::") else []


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, since asyncio sends small packets at once only then: else each answer waits 40 ms for the other side.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(64)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} is taken{_by(port)}: vi serve --port {port + 1}, or --port 0 for a free one"
            ) from error
        raise VaultError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return found


def _by(port: int) -> str:
    """' by python3 (pid 123)' where the system tells (Linux); else nothing."""
    wanted = f":{port:04X}"
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as file:
                for line in file.readlines()[1:]:
                    parts = line.split()
                    if parts[1].endswith(wanted) and parts[3] == "0A":
                        sockets.add(f"socket:[{parts[9]}]")
        except OSError:
            continue
    try:
        processes = [name for name in os.listdir("/proc") if name.isdigit()] if sockets else []
    except OSError:
        processes = []
    for pid in processes:
        try:
            if any(os.readlink(f"/proc/{pid}/fd/{fd}") in sockets for fd in os.listdir(f"/proc/{pid}/fd")):
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
                    return f" by {file.read().strip()} (pid {pid})"
        except OSError:
            continue
    return ""
