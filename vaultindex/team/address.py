"""Where the store is, and a connection to it. No password is ever taken from a setting, shown in a message or written down."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.settings import Config, holds_password
from vaultindex.base.text import one_line

if TYPE_CHECKING:
    import psycopg

ENV = "VAULTINDEX_TEAM_URL"  # may hold a password: it is no setting, so that `vi config` cannot show it
_KEYRING = "vaultindex"  # the name of the service under which a keyring keeps the password
_WAIT = 10  # seconds for a connection to be made


class StoreError(VaultError):
    """The store refused a statement; the sentence says which right or row was missing."""


class Unreachable(StoreError):
    """The store is not there, or went away: try again later."""


class Busy(StoreError):
    """Another transaction was in the way, time and again."""


def address(env: Mapping[str, str], config: Config) -> str:
    """Where the store is. Raises UsageError when nobody said it."""
    found = env.get(ENV) or str(config.get("team"))
    if not found:
        raise UsageError(
            f"no store is known: vi config set team 'service=NAME' (of pg_service.conf) or a URL without a password, or set {ENV}"
        )
    return found


def given(text: str) -> str:
    """An address as an argument. Raises UsageError when it holds a password: other users of the machine see arguments."""
    if holds_password(text):
        raise UsageError(
            f"a password does not belong into an argument, which others see and the shell keeps: put it into {ENV}, PGPASSWORD,"
            " ~/.pgpass, a service file or the keyring"
        )
    return text


def _as_url(text: str) -> str:
    """CockroachDB and others are written as what they speak."""
    return "postgresql://" + text.split("://", 1)[1] if text.startswith(("cockroachdb://", "yugabytedb://")) else text


def connect(where: str, env: Mapping[str, str]) -> psycopg.Connection[Any]:
    """A connection that commits each statement by itself outside `transaction()`. Raises Unreachable, StoreError."""
    psycopg = library()
    made = _as_url(where)
    with told(where):
        try:
            return _opened(made, None)
        except psycopg.OperationalError as error:
            password = _kept(where) if "no password supplied" in str(error) else None
            if password is None:
                raise
        return _opened(made, password)


def _opened(address: str, password: str | None) -> psycopg.Connection[Any]:
    given = {} if password is None else {"password": password}
    made: psycopg.Connection[Any] = library().connect(
        address, autocommit=True, connect_timeout=_WAIT, application_name="vaultindex", **given
    )
    return made


def _kept(where: str) -> str | None:
    """The password that the system's keyring has for this address, None without one."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_KEYRING, where)
    except keyring.errors.KeyringError:
        return None
    return found


def library() -> Any:
    """psycopg. Raises VaultError that says how to get it."""
    try:
        import psycopg
    except ImportError as error:
        raise VaultError(
            f"a team's store needs the extra `team` ({one_line(str(error))[:200]}): pip install 'obsidian-vaultindex[team]'"
        ) from error
    return psycopg


def shown(where: str) -> str:
    """The address as it may be shown: whatever could be a secret is left out."""
    if "://" in where:
        try:
            parts = urlsplit(where)
            user = f"{parts.username}@" if parts.username else ""
            port = f":{parts.port}" if parts.port else ""
            return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"
        except ValueError:
            return "the address given"
    words = [
        word for word in where.split() if word.split("=")[0].strip() in ("service", "host", "port", "dbname", "user")
    ]
    return " ".join(words) or "the address given"


@contextmanager
def at_most(conn: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Ends the connection when what is done within takes longer: a network that swallows everything says nothing."""
    import socket
    import threading

    def end() -> None:
        with suppress(OSError, library().Error):
            same = socket.socket(fileno=conn.fileno())
            try:
                same.shutdown(socket.SHUT_RDWR)
            finally:
                same.detach()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turns psycopg's errors into sentences without a secret: a wrong address is repeated by libpq as it was written."""
    psycopg = library()
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or ""
        said = one_line(error.diag.message_primary or str(error).strip() or type(error).__name__)
        for secret in _secrets(where):
            said = said.replace(secret, "…")
        said = said[:300]
        if state in ("40001", "40P01", "55P03"):
            raise Busy(f"another transaction was in the way ({said})") from None
        # Classes of PostgreSQL: connection, no resources (a full disk), the operator's doing, the system's own, inner trouble.
        if (
            state[:2] in ("08", "53", "57", "58", "XX")
            or state == "25P03"
            or (not state and isinstance(error, psycopg.OperationalError))
        ):
            if "invalid" in said or "missing" in said:
                said = "the address cannot be read" if not state else said
            raise Unreachable(f"the store at {shown(where)} cannot be used now: {said}") from None
        if isinstance(error, psycopg.ProgrammingError) and not state:
            raise UsageError(
                "the address of the store cannot be read: it is postgresql://USER@HOST/DATABASE, or words such as service=NAME"
            ) from None
        raise StoreError(f"the store refused: {said}") from None


def _secrets(where: str) -> list[str]:
    found = [where, os.environ.get("PGPASSWORD", "")]
    if "://" in where:
        try:
            found.append(urlsplit(where).password or "")
        except ValueError:
            found.append(where.split("://", 1)[1])
    found += [word.split("=", 1)[1] for word in where.split() if word.lower().startswith("password=")]
    return sorted((secret for secret in found if len(secret) > 2), key=len, reverse=True)
