"""A scout only ever saves time: every answer is what it is without one, and nothing of it stays."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.index.test_sync import TEXTS, make, rows, settle
from vaultindex import launcher
from vaultindex.base import settings
from vaultindex.index import sync
from vaultindex.vault import disk, early_sweep, listing_snapshot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there is a scout sent")
LAUNCH = "import sys; from vaultindex.launcher import main; sys.argv[0] = 'vi'; main()"


def children() -> set[str]:
    """The processes that this one has started and not yet waited for."""
    return {pid for thread in Path("/proc/self/task").iterdir() for pid in (thread / "children").read_text().split()}


@pytest.fixture
def ready(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The index of a vault of three notes, with a snapshot, in a process that may fork."""
    make(small, 3)
    index = str(tmp_path / "i.db")
    settle(small, index, settings.load({}, str(small)))
    monkeypatch.setattr(early_sweep, "_able", lambda: True)
    before = children()
    yield index
    assert early_sweep._away is None
    assert children() <= before, "none is left, dead or alive, but the servers of other tests"


def send(small: Path, index: str, alone: bool = False) -> None:
    """Send a scout; one that looks `alone` has looked at every folder after this."""
    early_sweep.send(["tasks", "--vault", str(small), "--index", index], {"HOME": str(small.parent)})
    while alone and early_sweep._away is not None and _left(early_sweep._away[2]):
        time.sleep(0.001)


def _left(lots: int) -> int:
    """How many lots nobody has drawn yet."""
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(lots, termios.FIONREAD, b"\0\0\0\0"), sys.byteorder)


def test_answers_are_the_same_with_a_scout_and_without(small: Path, tmp_path: Path) -> None:
    chance = random.Random(3)
    both = [(str(tmp_path / f"{n}.db"), cpus) for n, cpus in enumerate(({0}, os.sched_getaffinity(0)))]
    folders = ["", "a/", "a/b/", "é/"]
    for turn in range(6):
        for _ in range(turn * 2):
            path = small / f"{chance.choice(folders)}{chance.choice('xyz')}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and chance.random() < 0.3:
                path.unlink()
            else:
                path.write_text(chance.choice(TEXTS), encoding="utf-8")
        answers = []
        for index, cpus in both:
            args = ["tasks", "--json", "--vault", str(small), "--index", index]
            done = subprocess.run(
                [sys.executable, "-c", LAUNCH, *args],
                capture_output=True,
                text=True,
                preexec_fn=lambda cpus=cpus: os.sched_setaffinity(0, cpus),
            )
            answers.append((done.stdout, done.returncode))
        assert answers[0] == answers[1] and answers[0][0].startswith("[")
        assert rows(both[0][0]) == rows(both[1][0])


@pytest.mark.parametrize("alone", [True, False])
def test_what_a_scout_saw_is_taken_once(alone: bool, small: Path, ready: str) -> None:
    (small / "n1.md").write_text("- [ ] changed\n")
    noticed: list[int] = []
    send(small, ready, alone)
    seen = early_sweep.take(str(small), ready, lambda: noticed.append(1))
    assert seen is not None and list(seen.changed) == [""] and noticed == [1]
    assert early_sweep.take(str(small), ready, lambda: None) is None


def test_however_the_folders_are_shared_the_sweep_is_the_same(tmp_path: Path) -> None:
    """Any changes, any shares: what two see together is what one sees."""
    chance = random.Random(4)
    places = ["", "a/", "a/b/", "a/b/c/", "é/", "é/x/", "new/", "new/y/"]
    root = tmp_path / "vault"
    for place in places[:6]:
        (root / place).mkdir(parents=True)
    index = str(tmp_path / "i.db")
    kinds = set()
    for turn in range(60):
        now = {place: listing_snapshot.listing(str(root), place) for place in places if (root / place).is_dir()}
        listing_snapshot.keep(index, str(turn), 0, {}, now)
        for _ in range(chance.randrange(4)):
            path = root / chance.choice(places) / chance.choice(["x.md", "y.md"])
            if chance.random() < 0.6:
                if not any(parent.is_file() for parent in path.parents):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(str(chance.random()))
            elif path.parent.is_dir() and path.parent != root:
                shutil.rmtree(path.parent)
                if chance.random() < 0.3:
                    path.parent.write_text("a file where a folder was")
            elif path.parent.is_file():
                path.parent.unlink()
        known = listing_snapshot.load(index)
        assert known is not None
        lots = chance.sample(range(listing_snapshot.LOTS), listing_snapshot.LOTS)
        cut = chance.randrange(listing_snapshot.LOTS)
        looks = [listing_snapshot.look(str(root), known, some) for some in (lots[:cut], lots[cut:])]
        seen = listing_snapshot.together(known, *looks)
        after = {place: listing_snapshot.listing(str(root), place) for place in places if (root / place).is_dir()}
        different = {p: (now.get(p), after.get(p)) for p in {*now, *after} if now.get(p) != after.get(p)}
        assert seen.changed == different == listing_snapshot.sweep(str(root), known).changed
        assert list(seen.changed) == sorted(seen.changed)
        kinds |= {(before is None, later is None) for before, later in different.values()}
    assert len(kinds) == 3, "folders came, went and changed"


def test_a_folder_that_cannot_be_listed_ends_a_sweep_unless_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, index = tmp_path / "vault", str(tmp_path / "i.db")
    (root / "a").mkdir(parents=True)
    listing_snapshot.keep(
        index, "1", 0, {}, {place: listing_snapshot.listing(str(root), place) for place in ("", "a/")}
    )
    known = listing_snapshot.load(index)
    assert known is not None
    listing = listing_snapshot.listing

    def failing(root: str, place: str) -> listing_snapshot.Listing:
        if place:
            raise PermissionError(place)
        return listing(root, place)

    with monkeypatch.context() as patched:
        patched.setattr(listing_snapshot, "listing", failing)
        with pytest.raises(OSError, match="a/"):
            listing_snapshot.sweep(str(root), known)
    (root / "a").rmdir()
    assert listing_snapshot.sweep(str(root), known).changed["a/"] == (([], []), None)


@pytest.mark.parametrize("alone", [True, False])
def test_a_sync_after_a_scout_sees_what_the_scout_saw(alone: bool, small: Path, ready: str) -> None:
    (small / "n1.md").write_text("- [ ] changed\n")
    send(small, ready, alone)
    report = sync.sync(str(small), ready, settings.load({}, str(small)))
    assert (report.changed, report.notes) == (1, 3)


def test_a_scout_of_an_older_state_is_not_believed(small: Path, ready: str) -> None:
    send(small, ready)
    given = settings.load({}, str(small))
    away, early_sweep._away = early_sweep._away, None
    (small / "n1.md").write_text("- [ ] changed\n")
    sync.sync(str(small), ready, given)  # another process, meanwhile
    (small / "n2.md").unlink()
    early_sweep._away = away
    assert sync.sync(str(small), ready, given).removed == 1


def test_a_scout_of_another_vault_is_sent_home(small: Path, ready: str, tmp_path: Path) -> None:
    send(small, ready)
    assert early_sweep.take(str(tmp_path), ready, lambda: None) is None


def test_a_scout_that_died_is_not_missed(small: Path, ready: str) -> None:
    (small / "n1.md").write_text("- [ ] changed\n")
    send(small, ready)
    assert early_sweep._away is not None
    os.kill(early_sweep._away[0], signal.SIGKILL)
    assert sync.sync(str(small), ready, settings.load({}, str(small))).changed == 1


def test_a_scout_that_cannot_list_a_folder_brings_nothing(
    small: Path, ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: str) -> object:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", failing)
    send(small, ready, alone=True)
    monkeypatch.undo()
    assert early_sweep.take(str(small), ready, lambda: None) is None


def test_no_scout_is_sent_where_it_cannot_help(small: Path, ready: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(ready + ".watch").write_text("{}")
    send(small, ready)  # a watcher is alive
    assert early_sweep._away is None
    os.utime(ready + ".watch", (1, 1))
    os.unlink(listing_snapshot.path(ready))
    send(small, ready)  # nothing to compare with
    assert early_sweep._away is None


def test_no_scout_is_sent_beside_threads_or_on_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    monkeypatch.setattr(os, "listdir", lambda place: ["1"])
    assert early_sweep._able()
    monkeypatch.setattr(os, "listdir", lambda place: ["1", "2"])
    assert not early_sweep._able()
    monkeypatch.setattr(os, "listdir", lambda place: ["1"])
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert not early_sweep._able()


@pytest.mark.parametrize("line", ["", "tasks --due today", "--json tasks", "index", "--vault x backlinks Dana", "t"])
def test_a_question_sends_a_scout(line: str) -> None:
    assert launcher.asks(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "tasks --help",
        "--no-refresh tasks",
        "index --full",
        "done x",
        "add x",
        "edit x",
        "watch",
        "config",
        "x.md",
    ],
)
def test_what_asks_nothing_or_writes_first_sends_none(line: str) -> None:
    assert not launcher.asks(line.split())


@pytest.mark.parametrize("cwd", ["small", "elsewhere"])
@pytest.mark.parametrize(
    "args", [[], ["--vault", "{small}"], ["--vault={small}/"], ["--vault", "work"], ["--index=~/x"]]
)
@pytest.mark.parametrize("env", [{}, {"VAULTINDEX_VAULT": "work"}, {"VAULTINDEX_INDEX": "x.db"}])
@pytest.mark.parametrize("text", ["", 'vault = "work"\n', "index = 'i.db'\n[vaults]\n\"work\" = '{small}'\n"])
def test_where_a_scout_goes_is_where_the_command_looks(
    cwd: str,
    args: list[str],
    env: dict[str, str],
    text: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or nowhere."""
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / ".config" / "vaultindex"
    place.mkdir(parents=True)
    (place / "config.toml").write_text(text.format(small=small))
    monkeypatch.chdir(tmp_path / cwd)
    env = {"HOME": str(tmp_path), **env}
    args = [a.format(small=small) for a in args]
    told = dict(a.lstrip("-").split("=", 1) for a in args if "=" in a) | dict(
        zip((a[2:] for a in args[::2]), args[1::2])
    )
    found = early_sweep._target(args, env)
    if found is None:
        return
    first = settings.load(env)
    root = disk.find_vault(told.get("vault") or first.get("vault") or None, os.getcwd(), env, first.get("vaults"))
    given = settings.load(env, root)
    index = (
        os.path.abspath(os.path.expanduser(told["index"])) if "index" in told else settings.index_file(env, root, given)
    )
    assert found == (root, index)


def test_an_error_does_not_wait_for_a_scout(small: Path, ready: str) -> None:
    """A child that looks for ever is ended with the command, and holds none of its streams."""
    code = LAUNCH.replace("main()", "early_sweep.listing_snapshot.look = lambda *a: time.sleep(60); main()")
    code = "import time; from vaultindex.vault import early_sweep; " + code
    started = time.monotonic()
    args = ["tasks", "--no-such-option", "--vault", str(small), "--index", ready]
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=50)
    assert done.returncode == 2 and "no-such-option" in done.stderr
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("damage", ["flip", "cut", "noise", "grow", "empty", "other"])
def test_a_damaged_snapshot_costs_one_full_listing_and_no_answer(damage: str, small: Path, ready: str) -> None:
    for n in range(12):
        (small / f"d{n % 3}").mkdir(exist_ok=True)
        (small / f"d{n % 3}" / f"n{n}.md").write_text("- [ ] one\n")
    given = settings.load({}, str(small))
    sync.sync(str(small), ready, given)
    (small / "d0" / "new.md").write_text("- [ ] new\n")
    sync.sync(str(small), ready, given)  # a part of changes follows the snapshot
    file = Path(listing_snapshot.path(ready))
    whole = file.read_bytes()
    chance = random.Random(15)
    for _ in range(120):
        data = bytearray(whole)
        if damage == "flip":
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        elif damage == "cut":
            del data[chance.randrange(len(data)) :]
        elif damage == "noise":
            data = bytearray(chance.randbytes(chance.randrange(2000)))
        elif damage == "grow":
            data += chance.randbytes(1 + chance.randrange(100))
        elif damage == "empty":
            data = bytearray()
        else:  # a length that promises more than there is, in front of noise
            data[len(whole) // 3 : len(whole) // 3 + 8] = chance.randbytes(8)
        file.write_bytes(data)
        known = listing_snapshot.load(ready)
        if known is not None:  # what is left is a state that was kept, and nothing else
            seen = listing_snapshot.sweep(str(small), known)
            assert set(seen.changed) <= {"", "d0/", "d1/", "d2/"}
    conn, _ = sync.open_fresh(str(small), ready, given)
    assert conn.execute("SELECT count(*) FROM notes WHERE path LIKE 'd_/%'").fetchone()[0] == 13
    conn.close()
