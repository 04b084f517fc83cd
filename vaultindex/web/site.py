"""The site: which vaults the page shows, and one visit to one of them, from a fresh look at the notes to the answer.

Which vault is meant is decided once, by the beginning of the address (`Hall.of`). Everything behind it has that vault alone:
its index, its journal, its notes; so an id, a path or an undo of one vault cannot reach another.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from vaultindex.ask.pages.day import Triaged, shown_in_triage
from vaultindex.ask.tasks.sides import Asker
from vaultindex.base import settings
from vaultindex.base.errors import UsageError, VaultError
from vaultindex.change.desk import Bench, at_work
from vaultindex.index import sync
from vaultindex.state.history import History
from vaultindex.state.journal import state_file


class Site:
    """One vault as it is served."""

    def __init__(
        self, root: str, index: str, env: dict[str, str], *,
        today: str | None = None, read_only: bool = False, name: str = "",
    ) -> None:  # fmt: skip
        """`name` is what the page calls the vault; that of its folder when it has none."""
        self.root, self.index, self.env, self.read_only = root, index, env, read_only
        self.name = name or os.path.basename(root)
        # A page says with every change which vault it showed: the server may have been started anew for another one.
        self.mark = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
        self.given_today = today
        self.address = ""  # where its pages are, once the server listens: http://127.0.0.1:8750
        # One question at a time: the index is read from one disk, and a sweep must not meet another.
        self.lock = threading.Lock()

    @property
    def today(self) -> str:
        """Today as YYYY-MM-DD; it changes at midnight, unless it was given."""
        return self.given_today or datetime.date.today().isoformat()

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """One visit, with its connection closed at the end."""
        with self.lock:
            one = Visit(self)
            try:
                yield one
            finally:
                one.close()


# kB of the index that one visit keeps at hand. A command takes 32,000 and ends; of a server they would stay for good, and a
# page, which reads little of the index twice, is no quicker for them (10,000 notes).
_CACHE = 4_000
PREFIX = "/vault/"  # of the addresses of a vault that has a name, where several are served


class Hall(NamedTuple):
    """The vaults of one server: the first at `/`, and each that has a name at `/vault/NAME/` as well."""

    first: Site
    named: dict[str, Site]  # by the name in its address; empty when there is only one vault

    def of(self, path: str) -> tuple[str, Site]:
        """(the beginning of the address that names a vault, '' when none does; the vault) for a decoded path."""
        if path.startswith(PREFIX):
            name = path[len(PREFIX) :].split("/", 1)[0]
            if name in self.named:
                return PREFIX + name, self.named[name]
        return "", self.first

    def at(self, root: str) -> str | None:
        """The beginning of the address of the vault with this real path; None when it is not served here."""
        if root == self.first.root:
            return ""
        return next((PREFIX + name for name, site in self.named.items() if site.root == root), None)

    @property
    def addresses(self) -> list[tuple[str, Site]]:
        """(beginning of its addresses, vault) of each vault that can be chosen; none when there is only one."""
        found = {site: PREFIX + name for name, site in reversed(list(self.named.items()))}  # the first of several names
        return [(found[site], site) for site in dict.fromkeys(self.named.values())]

    @property
    def sites(self) -> list[Site]:
        """Each vault once."""
        return list(dict.fromkeys((self.first, *self.named.values())))


def hall_of(named: Mapping[str, str], first: str, make: Callable[[str, str], Site]) -> Hall:
    """The hall of these vaults, real path by name; `first` is the real path of the one at `/`, `make` gives a site of (path, name).

    Raises UsageError when two names make one address.
    """
    names = {root: name for name, root in reversed(list(named.items()))}  # the first of several names
    sites = {root: make(root, names.get(root, "")) for root in (first, *named.values())}
    found: dict[str, Site] = {}
    for name, root in named.items():
        address = re.sub(
            r"[^\w-]", "-", name
        )  # `vi vaults add` takes no other names, but settings are also written by hand
        if address in found:
            raise UsageError(f"two vaults would have the address {PREFIX}{address}: rename {name!r} in your settings")
        found[address] = sites[root]
    return Hall(sites[first], found if len(sites) > 1 else {})


class Visit:
    """What the answer to one request works with; also the place of a change (see `change.desk.Place`)."""

    def __init__(self, site: Site) -> None:
        self.site, self.notes = site, list[str]()
        self.root, self.index, self.today = site.root, site.index, site.today
        self.config = settings.load(site.env, site.root)
        self.report: sync.Report | None = None
        self._conn: sqlite3.Connection | None = None

    def connect(self) -> sqlite3.Connection:
        """A read connection to an index that equals the vault. Raises VaultError."""
        conn, self.report = sync.open_fresh(self.root, self.index, self.config, today=self.today)
        conn.execute(f"PRAGMA cache_size = -{_CACHE}")
        return conn

    @property
    def conn(self) -> sqlite3.Connection:
        """The connection of this visit."""
        if self._conn is None:
            self._conn = self.connect()
        return self._conn

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    @property
    def me(self) -> list[str]:
        """The setting `me`."""
        found: list[str] = self.config.get("me")
        return found

    @property
    def asker(self) -> Asker:
        """Who asks the pages."""
        return Asker(self.conn, self.today, self.me, keep=self.config.get("keep_in_touch"))

    @property
    def state(self) -> str:
        """The file of the vault's state."""
        return state_file(self.site.env, self.root, self.config)

    @property
    def history(self) -> History:
        """What became of tasks."""
        return History(self.state)

    def triaged(self) -> Triaged | None:
        """What triage has shown, None before there was one."""
        try:
            return shown_in_triage(self.state)
        except (VaultError, sqlite3.Error) as error:
            self.notes.append(f"what triage has shown is not known: {error}")
            return None

    @contextmanager
    def bench(self) -> Iterator[Bench]:
        """The bench at which a change is made; with --read-only, what was decided can be asked there, and nothing is written."""
        with at_work(self, self.state, lambda journal: Bench(self, journal), not self.site.read_only) as at:
            yield at


def word(value: Any) -> str:
    """A value as one word of a page; nothing for None."""
    return "" if value is None else str(value)
