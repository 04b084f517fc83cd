"""Faults 20-25: notes, names and files that are made to hurt. Each costs its own rows at most, and says so."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.daemon import vi
from vaultindex.base import settings
from vaultindex.base.packed_text import unpack
from vaultindex.index import sync

Tell = Callable[[int, str, str], None]
BODY = "\n---\n- [ ] body task 📅 2025-10-07\n"


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index" / "index.db")


def indexed(vault: Path, index: str) -> tuple[sqlite3.Connection, float]:
    """Sync in a process of its own (what kills it, kills it alone); the index, and the seconds it took."""
    started = time.monotonic()
    done = vi(vault, index, "index", timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return sqlite3.connect(index), time.monotonic() - started


def problems(conn: sqlite3.Connection, path: str) -> str:
    return " ".join(what for (what,) in conn.execute("SELECT what FROM problems WHERE path = ?", (path,)))


def tasks(conn: sqlite3.Connection, path: str) -> int:
    found: int = conn.execute(
        "SELECT count(*) FROM tasks t JOIN notes n ON n.id = t.note WHERE n.path = ?", (path,)
    ).fetchone()[0]
    return found


def test_properties_nested_without_end_stop_nothing(small: Path, index: str, tell: Tell) -> None:
    for name, text in (("a", "[" * 30000), ("b", "- " * 30000), ("c", "{a: " * 30000)):
        (small / f"{name}.md").write_text(f"---\nx: {text}{BODY}")
    conn, took = indexed(small, index)
    for name in "abc":
        assert tasks(conn, f"{name}.md") == 1 and problems(conn, f"{name}.md"), name
    assert took < 10
    tell(
        20,
        "properties of 30,000 [, - or {a: (they crash the C parser)",
        f"a Problem each, the tasks below are indexed, {took:.1f} s with start-up",
    )


def test_properties_that_explode_stay_small(small: Path, index: str, tell: Tell) -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{c}: &{c} [{', '.join('*' + p for _ in range(9))}]\n" for p, c in zip("abcdefgh", "bcdefghi")
    )
    (small / "laughs.md").write_text(f"---\n{laughs}{BODY}")
    (small / "snake.md").write_text(f"---\na: &a [*a]\n{BODY}")
    (small / "long.md").write_text("---\n" + "".join(f"k{i}: {'v' * 90}\n" for i in range(20_000)) + BODY[1:])
    limit = "import resource; resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))"
    done = vi(small, index, "index", shim=limit)
    assert done.returncode == 0, done.stderr
    conn = sqlite3.connect(index)
    for name in ("laughs", "snake", "long"):
        assert tasks(conn, f"{name}.md") == 1, name
    assert conn.execute("SELECT max(length(properties)) FROM notes").fetchone()[0] < 3_000_000
    tell(21, "billion laughs, an alias of itself, 2 MB of properties", "bounded memory, the tasks below are indexed")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "due: 2026-02-30\n"), ("template", "{{date}}: x\n"), ("tab", "a:\n\t- b\n"), ("nul", "a: \0b\n"),
        ("python", "a: !!python/object/apply:os.system ['touch pwned']\n"), ("digits", f"a: {'9' * 5000}\n"), ("brace", "{\n"), ("year", "a: 0000-00-00\n"),
    ],
)  # fmt: skip
def test_broken_properties_cost_only_themselves(name: str, text: str, small: Path, index: str, tell: Tell) -> None:
    (small / f"{name}.md").write_text(f"---\n{text}{BODY[1:]}")
    (small / "unclosed.md").write_text(f"---\n{text}- [ ] never closed\n")
    (small / "zz next.md").write_text("---\ntype: idea\n---\n- [ ] unaffected\n")
    conn, _ = indexed(small, index)
    assert tasks(conn, f"{name}.md") == 1 and tasks(conn, "zz next.md") == 1
    assert conn.execute("SELECT type FROM notes WHERE path = 'zz next.md'").fetchone() == ("idea",)
    assert conn.execute("SELECT count(*) FROM search WHERE search MATCH 'body'").fetchone() == (1,)
    assert not (small.parent / "pwned").exists() and not (small / "pwned").exists()
    assert "internal" not in {kind for (kind,) in conn.execute("SELECT kind FROM problems")}
    if name == "date":
        tell(
            22,
            "impossible dates, {{date}}, tabs, NUL, !!python/object, 5,000 digits, {, no closing ---",
            "nothing is run; the note can be searched; the next one is unaffected",
        )


def test_what_is_no_file_is_neither_read_nor_followed(small: Path, index: str, tell: Tell) -> None:
    os.mkfifo(small / "fifo.md")
    place = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(small)  # the name of a socket is short
    place.bind("socket.md")
    os.chdir(here)
    os.symlink("/dev/zero", small / "zero.md")
    os.symlink("/etc/passwd", small / "passwd.md")
    os.symlink(small, small / "loop")
    (small / "folder.md").mkdir()
    (small / "folder.md" / "inner.md").write_text("- [ ] inner\n")
    with open(small / "sparse.md", "wb") as file:
        file.truncate(10_000_000_000)
    conn, took = indexed(small, index)
    place.close()
    assert took < 5
    assert {p for (p,) in conn.execute("SELECT path FROM notes")} == {"folder.md/inner.md", "sparse.md"}
    for name in ("fifo.md", "socket.md", "zero.md", "passwd.md", "loop", "sparse.md"):
        assert problems(conn, name), name
    assert not any("root:" in unpack(packed) for (packed,) in conn.execute("SELECT body FROM bodies"))
    tell(
        23,
        "FIFO, socket, links to /dev/zero, /etc/passwd and in a circle, a 10 GB sparse file, a folder x.md",
        f"nothing hangs ({took:.1f} s with start-up), doctor lists each",
    )


def test_names_and_bytes_of_every_kind(small: Path, index: str, tell: Tell) -> None:
    raw = os.fsencode(small)
    Path(os.fsdecode(raw + b"/latin\xe9.md")).write_text("- [ ] x\n")
    nfd = unicodedata.normalize("NFD", "Müller")
    (small / f"{nfd}.md").write_text("- [ ] x\n")
    (small / "link.md").write_text(f"[[{unicodedata.normalize('NFC', 'Müller')}]]\n")
    (small / "new\nline\x1b[31m.md").write_text("- [ ] x\n")
    (small / ("n" * 252 + ".md")).write_text("- [ ] x\n")
    (small / "Case.md").write_text("- [ ] upper\n")
    (small / "case.md").write_text("- [ ] lower\n")
    (small / "utf16.md").write_bytes("- [ ] sixteen 📅 2025-10-07\n".encode("utf-16"))
    (small / "latin1.md").write_bytes("- [ ] caf\xe9\n".encode("latin-1"))
    (small / "macroman.md").write_bytes("- [ ] broken 📅 2025-10-07\n".encode().decode("mac_roman").encode())
    conn, _ = indexed(small, index)
    files = {p for (p,) in conn.execute("SELECT path FROM notes")}
    assert len(files) == 9 and "Müller.md" in files
    assert conn.execute("SELECT count(*) FROM problems WHERE kind = 'name'").fetchone()[0] == 1
    assert conn.execute("SELECT target IS NOT NULL FROM links").fetchall() == [(1,)]
    for name in ("utf16.md", "macroman.md"):
        assert conn.execute(
            "SELECT due FROM tasks t JOIN notes n ON n.id = t.note WHERE path = ?", (name,)
        ).fetchall() == [("2025-10-07",)], name
    shown = vi(small, index, "notes").stdout + vi(small, index, "doctor").stdout
    assert "\x1b" not in shown
    tell(
        24,
        "names: not UTF-8, decomposed, newline and ESC, 255 bytes, differing in case; bytes: UTF-16, Latin-1, Mac Roman",
        "one row or one Problem each; links and dates are understood",
    )


def test_enormous_notes_take_no_enormous_time(small: Path, index: str, tell: Tell) -> None:
    given = settings.load({}, str(small))
    (small / "first.md").write_text("- [ ] x\n")
    sync.sync(str(small), index, given)
    slowest = ("", 0.0)
    hostile = {
        "line 100 kB": "- [ ] " + "a" * 100_000 + "\n", "line 4.9 MB": "x" * 4_900_000, "200,000 items": "- a\n" * 200_000,
        "10,000 quotes": "> " * 10_000 + "x\n", "400 nested lists": "".join("  " * i + "- [ ] t\n" for i in range(400)),
        "100,000 [": "[" * 100_000, "100,000 ![[": "![[" * 100_000, "100,000 *": "*" * 100_000, "100,000 `": "` `` " * 30_000,
        "50,000 | cells": "|a" * 50_000 + "\n" + "|-" * 50_000, "spaces": " " * 200_000 + "x", "100,000 #": "#a" * 100_000,
    }  # fmt: skip
    for name, text in hostile.items():
        path = f"{name.replace('|', 'pipe').replace('*', 'star')}.md"
        (small / path).write_text(text)
        started = time.process_time()
        sync.sync(str(small), index, given, paths=[path])
        took = time.process_time() - started
        slowest = max(slowest, (name, took), key=lambda pair: pair[1])
        assert took < 6, (name, took)
    conn = sqlite3.connect(index)
    assert tasks(conn, "400 nested lists.md") >= 90
    assert not conn.execute("SELECT count(*) FROM problems WHERE kind = 'internal'").fetchone()[0]
    tell(
        25,
        "lines of 100 kB and 5 MB, 200,000 items, 10,000 quotes, 400 nested lists, 100,000 [",
        f"the slowest ({slowest[0]}) took {slowest[1]:.1f} s",
    )


def test_notes_left_in_the_cloud_keep_their_rows(small: Path, index: str) -> None:
    (small / "kept.md").write_text("- [ ] evicted\n")
    given = settings.load({}, str(small))
    sync.sync(str(small), index, given)
    os.rename(small / "kept.md", small / ".kept.md.icloud")
    for paths in (["kept.md"], None):
        sync.sync(str(small), index, given, paths=paths)
        assert tasks(sqlite3.connect(index), "kept.md") == 1
