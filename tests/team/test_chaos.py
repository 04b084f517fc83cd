"""Ten vaults are published at once while everything breaks; at the end the store holds what the rules choose, row by row."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.team import chaos
from tests.team.conftest import Team
from tests.team.people import Person, stored
from tests.team.server import Server
from vaultindex.team import address, migrate, rules
from vaultindex.team.address import Unreachable
from vaultindex.team.send import Publisher, Seen

NOTES = int(os.environ.get("VAULTINDEX_TEAM_NOTES", "40"))  # of each vault; `make team-test` takes 2,000
VAULTS = 10
SECONDS = 600.0  # for everything, on a busy machine


class Trouble:
    """What happens to the publishers, the network and the server until it is ended."""

    def __init__(self, server: Server, road: chaos.Proxy, draw: random.Random) -> None:
        self.server, self.road, self.draw = server, road, draw
        self.ended = threading.Event()
        self.everything = threading.Event()  # each kind happened at least once
        self.done: dict[str, int] = {}
        self.wrong: list[BaseException] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        kinds = [self._cut, self._soon, self._crash, self._stop, self._full]
        first = self.draw.sample(kinds, len(kinds))
        try:
            while not self.ended.wait(self.draw.uniform(0.05, 0.4)):
                what = first.pop() if first else self.draw.choice([*kinds, self._cut, self._soon])
                if what in (self._crash, self._stop) and self.done.get(what.__name__, 0) >= 3:
                    continue
                what()
                self.done[what.__name__] = self.done.get(what.__name__, 0) + 1
                if not first:
                    self.everything.set()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.wrong.append(error)

    def _cut(self) -> None:
        self.road.cut()

    def _soon(self) -> None:
        """Every new connection is cut after some bytes, in the middle of whatever it does."""
        self.road.after = self.draw.choice([500, 5_000, 50_000, 300_000])
        self.ended.wait(0.3)
        self.road.after = None

    def _crash(self) -> None:
        self.server.stop(signal.SIGQUIT)
        self.server.start()

    def _stop(self) -> None:
        self.server.stop()
        self.server.start()

    def _full(self) -> None:
        """No file of the server may grow: for those who write this is a full disk. Only Linux can do that to another process."""
        if sys.platform != "linux":
            return
        import resource

        with contextlib.suppress(OSError, ProcessLookupError):
            assert self.server.process is not None
            for pid in _family(self.server.process.pid):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (32_768, resource.RLIM_INFINITY))
            self.ended.wait(0.3)
        with contextlib.suppress(OSError, ProcessLookupError):
            for pid in _family(self.server.process.pid):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def end(self) -> None:
        self.ended.set()
        self._thread.join(120)
        assert self.wrong == []


def _family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(folder.name))
    return found


def test_ten_vaults_published_while_everything_breaks_are_there_row_by_row(alone: Server, tmp_path: Path) -> None:
    draw = random.Random(20)
    roles = [f"m{number}" for number in range(VAULTS)]
    with address.connect(alone.url("admin"), {}) as conn:
        migrate.init(conn)
        for role in roles:
            migrate.add(conn, role, True, False, ())
    people = []
    for number, role in enumerate(roles):
        one = Person(tmp_path, role, alone.url(role), f"Owner {role}")
        (one.vault / ".obsidian").rmdir()
        chaos.write(one.vault, random.Random(number), NOTES)
        people.append(one)
    bystander = Person(tmp_path, "by", alone.url("by"), "Owner by")
    with address.connect(alone.url("admin"), {}) as conn:
        migrate.add(conn, "by", True, True, ())
    chaos.write(bystander.vault / "x", random.Random(99), 20)
    team: Any = _Rows(alone)
    quiet = Publisher(alone.url("by"), {}, rules.read("work", bystander.publish, [bystander.name]))
    quiet.publish(bystander.index())
    quiet.close()
    untouched = stored(team, "by/work")
    assert untouched["tasks"]

    road = chaos.Proxy(tmp_path / "road", alone.folder)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.team.chaos", "vaultindex.team.send", "vaultindex.index.sync", "psycopg"])
    end = time.monotonic() + SECONDS
    kills = [0] * VAULTS

    def live(number: int) -> None:
        """A member: publishes, edits, changes the rules; each process is killed now and then, and started again."""
        one, own = people[number], random.Random(number)
        for turn in itertools.count():
            enough = trouble.everything.is_set() and sum(kills) > 3
            if turn >= 3 and (enough or trouble.wrong):
                return
            one.publish = dict(chaos.RULES[(number + turn) % len(chaos.RULES)])
            if turn:
                chaos.change(one.vault, own)
            while True:
                assert time.monotonic() < end, "it never came to an end"
                url = alone.url(one.role, host=str(road.folder))
                process = processes.Process(
                    target=chaos.publish, args=(url, str(one.vault), str(one.home), one.role, one.publish)
                )
                process.start()
                process.join(own.uniform(0.02, 0.5 + NOTES / 400) if own.random() < 0.5 else 60)
                if process.is_alive():
                    process.kill()
                    kills[number] += 1
                process.join()
                if process.exitcode == 0:
                    break

    trouble = Trouble(alone, road, draw)
    wrong: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            live(number)
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(error)

    try:
        threads = [threading.Thread(target=guarded, args=(number,)) for number in range(VAULTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
    finally:
        trouble.end()
        road.close()
    assert wrong == []
    assert sum(kills) > 3 and trouble.everything.is_set(), "everything did break"

    for one in people:
        assert stored(team, f"{one.role}/work") == one.chosen(), one.role
    assert stored(team, "by/work") == untouched
    assert team.rows("SELECT count(*) FROM vaultindex.vaults") == [(VAULTS + 1,)]
    for role in roles:
        assert team.rows(f'SELECT count(*) FROM vaultindex_staging."{role}"') == [(0,)]
    dump = alone.dump()
    assert chaos.SECRET not in dump and chaos.UNSHARED not in dump


class _Rows:
    """Rows of a server's first store, as a superuser sees them."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with address.connect(self.server.url("root"), {}) as conn:
            return conn.execute(statement.encode()).fetchall()


# --- one thing at a time ---


def a_publisher(
    member: Callable[[str, str], Person], team: Team, host: Path | None = None, notes: int = 60
) -> tuple[Person, Publisher]:
    dana = member("dana", "Kim Berg")
    chaos.write(dana.vault / "n", random.Random(5), notes)
    url = team.server.url("dana", team.database, str(host) if host else None)
    return dana, Publisher(url, {}, rules.read("work", dana.publish, [dana.name, "Myself"]))


def test_whatever_byte_the_network_is_cut_at_the_store_is_as_it_was_or_as_it_is(
    member: Callable[[str, str], Person], team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    road = chaos.Proxy(tmp_path / "road", team.server.folder)
    dana, publisher = a_publisher(member, team, road.folder)
    conn = dana.index()
    publisher.patience = 1
    cuts = 0
    for copied in (False, True):
        monkeypatch.setattr("vaultindex.team.send.MANY_ROWS", 10 if copied else 10**9)
        publisher.withdraw()
        for after in (*range(1_000, 30_000, 1_500), None):
            road.after = after
            publisher.close()
            try:
                publisher.publish(conn)
            except Unreachable:
                cuts += 1
                have = stored(team, "dana/work")
                assert all(rows == [] for rows in have.values()) or have == dana.chosen()
        assert stored(team, "dana/work") == dana.chosen()
    assert cuts > 5
    publisher.close()
    road.close()


def test_a_network_that_swallows_everything_is_given_up(
    member: Callable[[str, str], Person], team: Team, tmp_path: Path
) -> None:
    road = chaos.Proxy(tmp_path / "road", team.server.folder)
    dana, publisher = a_publisher(member, team, road.folder, 5)
    publisher.publish(dana.index())
    chaos.change(dana.vault, random.Random(1))
    publisher.patience, publisher.longest = 1, 0.5
    have = dict(publisher._have or {})
    publisher._known = lambda conn, begin: have  # type: ignore[method-assign]
    road.swallows = True
    with pytest.raises(Unreachable):
        publisher.publish(dana.index())
    road.close()


def test_a_suspended_publisher_does_not_hold_up_another_for_ever(
    member: Callable[[str, str], Person], team: Team
) -> None:
    dana, publisher = a_publisher(member, team, None, 5)
    publisher.publish(dana.index())
    other = address.connect(team.url("dana"), {})
    try:
        other.execute("SET idle_in_transaction_session_timeout = '1s'")
        other.execute("BEGIN")
        other.execute("UPDATE vaultindex.vaults SET watermark = watermark WHERE vault = 'dana/work'")
        chaos.change(dana.vault, random.Random(1))
        publisher.publish(dana.index())
    finally:
        other.close()
    assert stored(team, "dana/work") == dana.chosen()
    publisher.close()


def test_an_outage_costs_freshness_and_never_a_local_answer(
    member: Callable[[str, str], Person], team: Team, tmp_path: Path
) -> None:
    road = tmp_path / "road"
    dana = member("dana", "Kim Berg")
    dana.write("A.md", "- [ ] one @Myself\n")
    dana.env["VAULTINDEX_TEAM_URL"] = team.server.url("dana", team.database, str(road))
    assert "cannot be used now" in dana.vi("publish", code=1)
    assert len(dana.json("tasks")) == 1
    road.symlink_to(team.server.folder)
    dana.vi("publish")
    assert stored(team, "dana/work") == dana.chosen()


def test_the_watcher_publishes_what_changes_withdraws_what_goes_and_catches_up_after_an_outage(
    member: Callable[[str, str], Person], team: Team, tmp_path: Path
) -> None:
    import subprocess

    dana = member("dana", "Kim Berg")
    road = tmp_path / "road"
    road.symlink_to(team.server.folder)
    dana.env["VAULTINDEX_TEAM_URL"] = team.server.url("dana", team.database, str(road))
    dana.settings(all=True, tasks="all", people=True, watch=True)
    for number in range(5):
        dana.write(f"{number}.md", f"- [ ] task {number} @Myself\n")
    dana.vi("publish")

    def until(texts: set[str]) -> None:
        end = time.monotonic() + 60
        while (have := {row[0] for row in team.rows("SELECT text FROM vaultindex.tasks")}) != texts:
            assert time.monotonic() < end, (have, texts)
            time.sleep(0.05)

    watcher = subprocess.Popen(
        [sys.executable, "-m", "vaultindex", "watch"], env=dana.env, cwd=dana.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        texts = {f"task {number}" for number in range(5)}
        dana.write("0.md", "- [ ] another @Myself\n")
        until(texts - {"task 0"} | {"another"})
        os.unlink(dana.vault / "1.md")
        until(texts - {"task 0", "task 1"} | {"another"})
        road.unlink()
        with contextlib.suppress(Exception):
            team.server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dana'", team.database
            )
        dana.write("2.md", "- [ ] meanwhile @Myself\n")
        end = time.monotonic() + 60
        while [row["text"] for row in dana.json("tasks", "--note", "2")] != ["meanwhile"]:
            assert time.monotonic() < end
        road.symlink_to(team.server.folder)
        until({"another", "meanwhile", "task 3", "task 4"})
        # People meet: another note's row changes though that note does not.
        dana.write("3.md", "---\naccount: Contoso\nparticipants: [Dana]\n---\n- [ ] task 3 @Dana\n")
        dana.write("4.md", "---\naccount: Contoso\nparticipants: [Dana Leigh]\n---\n- [ ] task 4\n")
        end = time.monotonic() + 60
        while team.rows("SELECT person_key FROM vaultindex.tasks WHERE text = 'task 3'") != [("dana leigh",)]:
            assert time.monotonic() < end
            time.sleep(0.05)
        dana.vi("publish", "--withdraw")
        dana.write("0.md", "- [ ] not published any more @Myself\n")
        log = next((dana.home / ".cache" / "vaultindex").glob("*/watch.log"))
        end = time.monotonic() + 60
        while "the store does not have dana/work" not in log.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert team.rows("SELECT count(*) FROM vaultindex.tasks") == [(0,)]
    finally:
        watcher.terminate()
        watcher.wait(30)


def test_a_look_at_everything_after_the_first_reads_only_notes_that_may_have_other_rows(
    member: Callable[[str, str], Person], team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana, publisher = a_publisher(member, team, None, 30)
    publisher.publish(dana.index())
    draw = random.Random(3)
    for _ in range(6):
        chaos.change(dana.vault, draw)
        done = publisher.publish(dana.index(), Seen())
        assert stored(team, "dana/work") == dana.chosen()
        assert done.sent < 30
    publisher.close()
