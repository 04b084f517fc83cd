"""The pages that are served on this machine: where each is, which vaults it shows, and how one more browser is let in.

A server holds a lock as long as it lives, and describes itself in a file beside it; so a file left by a killed server
misleads nobody. A key that lets a browser in, once, is a file as well, named by its digest: it takes somebody who may write
into this folder, which is the user alone, to make one. The server is not asked for it, so no request can be forged.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from vaultindex.base import paths
from vaultindex.base.files import try_lock, write_own

LOOPBACK = ("127.0.0.1", "localhost", "::1")  # the names of this machine that only it can reach
KEY_LIFE = 3600.0  # seconds in which a key must be used


class Served(NamedTuple):
    """A page that is served."""

    pid: int
    host: str  # as an address has it
    port: int
    vaults: dict[str, tuple[str, str]]  # real path -> (the beginning of its addresses, its index)
    read_only: bool
    today: str | None  # the day that was given instead of the clock's
    by: str  # vi serve, or the watcher

    @property
    def url(self) -> str:
        """Where it is; a browser that was not let in sees nothing there."""
        return f"http://{self.host}:{self.port}"


def in_address(host: str) -> str:
    """A host as an address has it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def announce(env: Mapping[str, str], one: Served) -> Callable[[], None] | None:
    """Let others find this page, until what is returned is called; None where that cannot be put down.

    That is so where the user's folder cannot be written, or a page at another host has this port: the page works all the same,
    for the browser that opens its first address.
    """
    file, lock = _file(env, one.port), _file(env, one.port, "lock")
    try:
        for folder in (_folder(env), _keys(env, one.port)):  # one by one: the mode is that of the last
            os.makedirs(folder, mode=0o700, exist_ok=True)
        fd = os.open(lock, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError:
        return None
    for _ in range(10):  # who asks whether we live holds it for an instant
        if try_lock(fd):
            break
        time.sleep(0.05)
    else:
        os.close(fd)
        return None

    def end() -> None:
        _remove(file)
        _remove_keys(env, one.port)
        os.close(fd)

    try:
        _remove_keys(env, one.port)  # those of a server that was killed
        write_own(file, json.dumps(one._asdict()).encode())
    except OSError:
        os.close(fd)
        return None
    return end


def at_port(env: Mapping[str, str], port: int) -> Served | None:
    """The page that is served at this port by a living process of ours."""
    try:
        fd = os.open(_file(env, port, "lock"), os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    try:
        return None if try_lock(fd, shared=True) else _read(_file(env, port))
    finally:
        os.close(fd)


def of_vault(env: Mapping[str, str], root: str) -> Served | None:
    """A page that shows this vault (a real path); one that can change notes before one that cannot."""
    try:
        names = sorted(os.listdir(_folder(env)))
    except OSError:
        return None
    ports = [int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdecimal()]
    found = [one for port in ports if (one := at_port(env, port)) is not None and root in one.vaults]
    return min(found, key=lambda one: one.read_only, default=None)


def new_key(env: Mapping[str, str], port: int, to: str) -> str:
    """A key that lets one browser in within the hour; `to` is the address within the page that it then opens. Raises OSError."""
    _remove_keys(env, port, older=KEY_LIFE)
    key = secrets.token_urlsafe(24)
    write_own(_key(env, port, key), to.encode())
    return key


def take_key(env: Mapping[str, str], port: int, given: str) -> str | None:
    """Where a key leads, None when it is none; it opens nothing a second time."""
    path = _key(env, port, given)
    try:
        with open(path, encoding="utf-8") as file:
            to, age = file.read(10_000), time.time() - os.fstat(file.fileno()).st_mtime
        os.unlink(path)
    except (OSError, ValueError):
        return None
    return to if age <= KEY_LIFE else None


def _folder(env: Mapping[str, str]) -> str:
    return os.path.join(paths.state_folder(env), "serve")


def _file(env: Mapping[str, str], port: int, kind: str = "json") -> str:
    return os.path.join(_folder(env), f"{port}.{kind}")


def _keys(env: Mapping[str, str], port: int) -> str:
    return _file(env, port, "keys")


def _key(env: Mapping[str, str], port: int, key: str) -> str:
    return os.path.join(_keys(env, port), hashlib.sha256(key.encode()).hexdigest())


def _read(path: str) -> Served | None:
    try:
        with open(path, "rb") as file:
            found: dict[str, Any] = json.loads(file.read())
        return Served(**{**found, "vaults": {root: tuple(one) for root, one in found["vaults"].items()}})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # not written yet, gone just now, or of another version


def _remove_keys(env: Mapping[str, str], port: int, older: float = -1.0) -> None:
    """Remove the keys that are older than so many seconds; all of them by default."""
    folder = _keys(env, port)
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            old = older < 0 or time.time() - os.stat(path).st_mtime > older
        except OSError:
            continue  # used just now
        if old:
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # gone already; what is left is no page's without the lock
