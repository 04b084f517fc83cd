"""Answers that were kept, for when the store cannot be reached: a private index each, in the cache folder, for its user alone."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from vaultindex.base.errors import VaultError
from vaultindex.base.files import write_own
from vaultindex.base.paths import cache_folder
from vaultindex.index import store
from vaultindex.team.fetch import Asked, Vault

_MOST = 50  # answers


class Kept(NamedTuple):
    """A kept answer: its index, how many seconds ago it was given, and how old each vault's rows are by now."""

    conn: sqlite3.Connection
    age: float
    vaults: list[Vault]


def _file(env: Mapping[str, str], where: str, asked: Asked) -> str:
    key = blake2b(json.dumps([where, asked], ensure_ascii=False).encode(), digest_size=12).hexdigest()
    return os.path.join(cache_folder(env), "team", f"answer-{key}")


def keep(env: Mapping[str, str], where: str, asked: Asked, conn: sqlite3.Connection, vaults: list[Vault]) -> None:
    """Keep an answer. Raises VaultError when it cannot be written."""
    store.set_meta(conn, "team", json.dumps([time.time(), vaults]))
    path = _file(env, where, asked)
    try:
        write_own(path, conn.serialize())
    except OSError as error:
        raise VaultError(f"the answer cannot be kept at {path}: {error.strerror or error}") from error
    for old in sorted(os.scandir(os.path.dirname(path)), key=lambda file: file.stat().st_mtime)[:-_MOST]:
        os.unlink(old)


def load(env: Mapping[str, str], where: str, asked: Asked) -> Kept | None:
    """The answer that was kept for this question; None when there is none, or another version of ours kept it."""
    try:
        with open(_file(env, where, asked), "rb") as file:
            conn = store.private_of(file.read())
        if store.state(conn) != "ready":
            conn.close()
            return None
        at, vaults = json.loads(store.meta(conn, "team") or "[0, []]")
    except (OSError, sqlite3.Error):
        return None
    age = max(time.time() - at, 0.0)
    return Kept(conn, age, [Vault(vault, name, old + age) for vault, name, old in vaults])
