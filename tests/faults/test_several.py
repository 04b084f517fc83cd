"""Several vaults in one process, and what status and doctor say and mend."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests import warm
from tests.faults.daemon import ROOT, Daemon, environment, paths, status, vi, wait_for
from tests.index.test_sync import make
from vaultindex.base import settings
from vaultindex.index import heartbeat

Tell = Callable[[int, str, str], None]


def run(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return warm.run(
        [sys.executable, "-m", "vaultindex", *args],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_one_process_watches_all_vaults_that_have_a_name(tmp_path: Path) -> None:
    roots = [tmp_path / "one", tmp_path / "two"]
    for root in roots:
        (root / ".obsidian").mkdir(parents=True)
        make(root, 3)
        assert run(tmp_path, "vaults", "add", root.name, str(root)).returncode == 0
    assert run(tmp_path, "vaults", "default", "two").returncode == 0
    gone = tmp_path / "three"
    gone.mkdir()
    assert run(tmp_path, "vaults", "add", "three", str(gone)).returncode == 0
    gone.rmdir()
    env = environment(tmp_path)
    indexes = [settings.index_file(env, str(root), settings.load(env)) for root in (*roots, gone)]
    process = warm.Popen([sys.executable, "-m", "vaultindex", "watch", "--all"], env=env, cwd=tmp_path)
    try:
        wait_for(lambda: all(heartbeat.trusted(i, str(r)) for i, r in zip(indexes, roots)))
        for root in roots:
            (root / "new.md").write_text("- [ ] new\n")
        wait_for(lambda: all("new.md" in paths(i) for i in indexes[:2]))
        beats = [heartbeat.read(i) for i in indexes]
        assert [b.mode for b in beats if b] == ["watching", "watching", "paused"] and len(
            {b.pid for b in beats if b}
        ) == 1
        assert [b.folders for b in beats if b][:2] == [b.watched for b in beats if b][:2] == [2, 2]
        listed = json.loads(run(tmp_path, "vaults", "--json").stdout)
        assert [(r["name"], r["default"], r["state"]) for r in listed] == [
            ("one", False, "watching"),
            ("two", True, "watching"),
            ("three", False, "not there"),
        ]
        assert "new" in run(tmp_path, "tasks").stdout and "watched" in run(tmp_path, "tasks", "--vault", "one").stderr
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize("broken", ["settings", "pattern", "pipe", "canvas"])
def test_one_broken_vault_leaves_the_others_watched_and_is_named(broken: str, tmp_path: Path, tell: Tell) -> None:
    roots = [tmp_path / "good", tmp_path / "bad"]
    for root in roots:
        (root / ".obsidian").mkdir(parents=True)
        make(root, 3)
        assert run(tmp_path, "vaults", "add", root.name, str(root)).returncode == 0
    bad = roots[1]
    if broken == "settings":
        (bad / ".vaultindex.toml").write_text("me = [")
    elif broken == "pattern":
        (bad / ".obsidian" / "app.json").write_text(json.dumps({"userIgnoreFilters": ["/(/", "/(a+)+$/"]}))
    elif broken == "pipe":
        os.mkfifo(bad / ".obsidian" / "app.json")
    else:
        (bad / "c.canvas").write_text(r'{"nodes":[{"type":"text","text":"\ud83d [[a\ud83d]]"}]}')
    env = environment(tmp_path)
    indexes = [settings.index_file(env, str(root), settings.load(env)) for root in roots]
    process = warm.Popen([sys.executable, "-m", "vaultindex", "watch", "--all"], env=env, cwd=tmp_path)
    try:
        wait_for(lambda: heartbeat.trusted(indexes[0], str(roots[0])))
        (roots[0] / "new.md").write_text("- [ ] new\n")
        wait_for(lambda: "new.md" in paths(indexes[0]))
        if broken == "settings":
            wait_for(lambda: (beat := heartbeat.read(indexes[1])) is not None and ".vaultindex.toml" in beat.what)
            (other,) = json.loads(run(tmp_path, "status", "--json", "--vault", "good").stdout)["others"]
            assert (other["name"], other["mode"]) == ("bad", "failing") and ".vaultindex.toml" in other["what"]
            (bad / ".vaultindex.toml").write_text("")
        wait_for(lambda: heartbeat.trusted(indexes[1], str(bad)))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    tell(
        46,
        f"watch --all with one vault of broken {broken}",
        "the others are watched; it is named, and watched once mended",
    )


def test_status_and_doctor_show_the_watcher(small: Path, tmp_path: Path) -> None:
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    assert status(small, index)["watcher"]["running"] is False
    with Daemon(small, index) as daemon:
        found = status(small, index)["watcher"]
        assert (
            found["running"]
            and found["pid"] == daemon.process.pid
            and found["mode"] == "watching"
            and found["heartbeat_age_s"] < 3
        )
        assert f"watching, pid {daemon.process.pid}" in vi(small, index, "status").stdout
        checks = {c["check"]: c for c in json.loads(vi(small, index, "doctor", "--json").stdout)["checks"]}
        assert checks["watcher"]["ok"]
        daemon.process.kill()
        daemon.process.wait()
        checks = {c["check"]: c for c in json.loads(vi(small, index, "doctor", "--json").stdout)["checks"]}
        assert not checks["watcher"]["ok"] and "died" in checks["watcher"]["what"]


def test_doctor_mends_permissions_and_a_damaged_index_and_no_note(small: Path, tmp_path: Path) -> None:
    make(small, 30)
    index = tmp_path / "i" / "index.db"
    vi(small, str(index), "index")
    os.chmod(index, 0o644)
    os.chmod(index.parent, 0o755)
    notes = {p: p.read_bytes() for p in small.glob("*.md")}
    data = bytearray(index.read_bytes())
    data[4096 * 2 : 4096 * 20] = os.urandom(4096 * 18)
    index.write_bytes(data)
    done = vi(small, str(index), "doctor", "--fix")
    assert done.returncode == 0 and "fixed: the index was damaged" in done.stderr and "yours alone" in done.stderr
    for path in (index, index.parent):
        assert path.stat().st_mode & 0o077 == 0
    assert notes == {p: p.read_bytes() for p in small.glob("*.md")}
    assert vi(small, str(index), "index", "--verify").returncode == 0


def test_the_log_holds_no_text_of_notes(small: Path, tmp_path: Path) -> None:
    make(small, 3, "- [ ] confidential {i}\n")
    index = str(tmp_path / "i" / "index.db")
    with Daemon(small, index) as daemon:
        (small / "n0.md").write_text("---\nsecret: [\n---\nconfidential words\n")
        wait_for(lambda: "1 changed" in daemon.log())
        assert "confidential" not in daemon.log() and "secret" not in daemon.log()
        assert (tmp_path / "i" / "watch.log").stat().st_mode & 0o077 == 0


def test_a_watcher_whose_program_was_replaced_starts_anew(small: Path, tmp_path: Path) -> None:
    code = tmp_path / "code"
    shutil.copytree(ROOT / "vaultindex", code / "vaultindex", ignore=shutil.ignore_patterns("__pycache__"))
    make(small, 3)
    index = str(tmp_path / "i" / "index.db")
    env = {**environment(tmp_path), "PYTHONPATH": str(code)}
    command = [sys.executable, "-m", "vaultindex", "watch", "--vault", str(small), "--index", index]
    process = warm.Popen(command, env=env, cwd=tmp_path, stdout=subprocess.DEVNULL)

    def version() -> int:
        beat = heartbeat.read(index)
        return beat.version if beat is not None and beat.mode == "watching" and not beat.pending else 0

    try:
        wait_for(version)
        before = version()
        with open(code / "vaultindex" / "index" / "store.py", "a", encoding="utf-8") as file:
            file.write("\n# another version\n")
        with open(code / "vaultindex" / "index" / "schema.py", "a", encoding="utf-8") as file:
            file.write("\n# another version\n")
        wait_for(lambda: version() not in (0, before))
        beat = heartbeat.read(index)
        assert beat is not None and beat.pid == process.pid
        with closing(sqlite3.connect(index)) as conn:
            assert conn.execute("PRAGMA user_version").fetchone() == (beat.version,)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
