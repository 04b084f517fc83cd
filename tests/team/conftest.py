"""One server a run, one empty store a test; where no PostgreSQL is installed these tests say so and are skipped."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.team.people import Person
from tests.team.server import Server, programs, running

_NUMBER = itertools.count(1)


def _started() -> Iterator[Server]:
    if programs() is None:
        if os.environ.get("VAULTINDEX_NEEDS_POSTGRESQL"):
            pytest.fail("no PostgreSQL is installed (apt-get install postgresql)")
        pytest.skip("no PostgreSQL is installed (apt-get install postgresql): a team's store is not tested")
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of our own."""
    yield from _started()


@pytest.fixture
def alone() -> Iterator[Server]:
    """A server that nobody else uses: it is crashed."""
    yield from _started()


class Team:
    """A store in a database of its own, with the members dana, sam (publishers and readers), rita (reads all), kim (one account)."""

    def __init__(self, server: Server) -> None:
        from vaultindex.team import address, migrate

        self.server = server
        self.database = f"team{next(_NUMBER)}"
        server.psql(f"CREATE DATABASE {self.database} OWNER admin", "postgres")
        with address.connect(self.url("admin"), {}) as conn:
            migrate.init(conn)
            for name in ("dana", "sam"):
                migrate.add(conn, name, True, True, ())
            migrate.add(conn, "pia", True, False, ())
            migrate.add(conn, "rita", False, True, ())
            migrate.add(conn, "kim", False, False, ("Contoso",))

    def url(self, user: str) -> str:
        """The address for one role."""
        return self.server.url(user, self.database)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement that a superuser runs: whatever the policies say."""
        from vaultindex.team import address

        with address.connect(self.server.url("root", self.database), {}) as conn:
            return conn.execute(statement.encode()).fetchall()


@pytest.fixture
def team(server: Server) -> Iterator[Team]:
    """An empty store with some members."""
    found = Team(server)
    yield found
    server.psql(f"DROP DATABASE {found.database} WITH (FORCE)", "postgres")


@pytest.fixture
def member(tmp_path: Path, team: Team) -> Callable[[str, str], Person]:
    """Make a member of the team: role, name."""

    def make(role: str, name: str) -> Person:
        return Person(tmp_path, role, team.url(role), name)

    return make
