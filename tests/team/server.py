"""A PostgreSQL server of the tests' own: on a socket in a temporary folder, no port, no password, gone at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("postgres", "nobody")  # under which it runs where the tests run as root, which it refuses


def programs() -> Path | None:
    """The folder with initdb and postgres, the newest version's; None where none is installed."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    found = [folder for folder in found if (folder / "postgres").exists()]
    return max(
        found, key=lambda folder: [int(n) if n.isdigit() else 0 for n in folder.parent.name.split(".")], default=None
    )


class Server:
    """One server with one database `team`. The role `admin` may do what an administrator may who is no superuser."""

    def __init__(self, bin_: Path, folder: Path | None = None) -> None:
        self.bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="vi-pg-", dir="/tmp"))
        self.data = folder or self.folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.as_user: dict[str, Any] = {}
        if os.getuid() == 0:
            import pwd

            known = {entry.pw_name for entry in pwd.getpwall()}
            name = next(name for name in NAMES if name in known)
            entry = pwd.getpwnam(name)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.as_user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            if folder is not None:
                os.chown(folder, entry.pw_uid, entry.pw_gid)
        os.chmod(self.folder, 0o755)
        self._run(
            "initdb", "-D", self.data, "-U", "root", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"
        )
        self.start()
        self.psql("CREATE ROLE admin LOGIN CREATEROLE", "postgres")
        self.psql("CREATE DATABASE team OWNER admin", "postgres")

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [self.bin / program, *map(str, words)], cwd="/", env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, capture_output=True,
            check=False, **self.as_user,
        )  # fmt: skip
        assert done.returncode == 0, (program, done.stdout.decode(), done.stderr.decode())

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["-D", self.data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "logging_collector=off", "-c", "max_connections=60"]  # fmt: skip
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", *map(str, words)], cwd="/", env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdout=log, stderr=log, start_new_session=True, **self.as_user,
            )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with contextlib.suppress(AssertionError):
                self.psql("SELECT 1", "postgres")
                return
            time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all sessions, SIGQUIT is a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def close(self) -> None:
        """Stop it and remove everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, user: str, database: str = "team", host: str | None = None) -> str:
        """The address for one role."""
        return f"postgresql://{user}@/{database}?host={host or self.folder}"

    def psql(self, statement: str, database: str = "team", user: str = "root") -> str:
        """What psql prints for a statement, unaligned."""
        done = subprocess.run(
            [self.bin / "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", user, "-d", database, "-c", statement],
            capture_output=True, text=True, check=False, env={"PATH": os.defpath},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def dump(self, database: str = "team") -> str:
        """Everything in the store, as pg_dump writes it."""
        done = subprocess.run(
            [self.bin / "pg_dump", "-h", self.folder, "-U", "root", "-d", database], capture_output=True, check=True,
            env={"PATH": os.defpath},
        )  # fmt: skip
        return done.stdout.decode()


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as it is wanted. Only where `programs` finds some."""
    found = programs()
    assert found is not None
    server = Server(found)
    try:
        yield server
    finally:
        server.close()
