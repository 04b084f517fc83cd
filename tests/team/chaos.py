"""What a store must live through: vaults that change, publishers that are killed, a network that is cut, a server that crashes."""

from __future__ import annotations

import contextlib
import os
import random
import select
import socket
import threading
from pathlib import Path

SECRET, UNSHARED = "SWORDFISH-77", "unshared-body-text"
ACCOUNTS = ("Contoso", "Fabrikam", "Northwind", "Tailspin")
PEOPLE = ("Dana Leigh", "Sam Okoro", "Noor Haddad", "Mei Tanaka", "Zoe Marsh", "Dana", "D. Leigh", "Myself")
RULES = (
    {"all": True, "tasks": "all", "people": True, "proposals": True},
    {"folders": ["Meetings"], "tasks": "all", "people": True},
    {"accounts": ["Contoso", "Fabrikam"], "tasks": "mine"},
    {"tags": ["team"], "tasks": "all", "without": ["#private"]},
    {"types": ["meeting"], "decisions": False, "tasks": "all", "proposals": True},
)


def note(draw: random.Random, number: int) -> str:
    """A note; one in eight must not be shared, and says a secret."""
    who = draw.sample(PEOPLE, 3)
    unshared = draw.random() < 0.125
    lines = [
        "---",
        f"date: 2025-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        f"account: {draw.choice(ACCOUNTS)}",
    ]
    lines += [f"type: {draw.choice(['meeting', 'idea'])}", f"participants: [{', '.join(who)}]"]
    lines += ["share: false"] if unshared else []
    lines += [f"tags: [{draw.choice(['team', 'other', 'private'])}]", "---", UNSHARED, "## Decisions"]
    lines += [f"- decision {number}.{n}{' ' + SECRET if unshared else ''}" for n in range(draw.randint(0, 3))]
    lines += ["## Action Items"]
    for n in range(draw.randint(0, 6)):
        box = draw.choice([" ", "x", "?", "/"])
        extra = f" {SECRET}" if unshared else draw.choice(["", " #team", " #deep/tag", " 'q\" \\ \t日本"])
        lines.append(
            f"- [{box}] task {number}.{n}{extra} @{draw.choice(PEOPLE).split()[0]} 📅 2025-{draw.randint(1, 12):02}-11"
        )
    return "\n".join(lines) + "\n"


def write(vault: Path, draw: random.Random, notes: int) -> None:
    """A vault of so many notes."""
    (vault / ".obsidian").mkdir(parents=True)
    for number in range(notes):
        file = vault / draw.choice(["Meetings", "Other", "Deep/Er"]) / f"note {number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(note(draw, number), encoding="utf-8")


def change(vault: Path, draw: random.Random) -> None:
    """Some notes change, some go, some come; not half of them at once."""
    every = sorted(vault.rglob("*.md"))
    for file in draw.sample(every, max(len(every) // 5, 1)):
        what = draw.random()
        if what < 0.2:
            file.unlink()
        elif what < 0.3:
            file.rename(file.with_name(f"moved {draw.randint(0, 10**9)}.md"))
        else:
            file.write_text(note(draw, draw.randint(0, 10**6)), encoding="utf-8")


class Proxy:
    """A road to the server's socket that can be cut: at once, or after so many bytes of each connection."""

    def __init__(self, folder: Path, server: Path) -> None:
        folder.mkdir()
        self.folder, self._server = folder, server / ".s.PGSQL.5432"
        self.after: int | None = None  # bytes until a connection is cut
        self.swallows = False  # whatever is sent goes nowhere
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End the road."""
        self._listening.close()
        self.cut()

    def cut(self) -> None:
        """Cut every connection there is."""
        for pair in list(self._pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self._server))
        except OSError:
            client.close()
            return
        pair = (client, server)
        self._pairs.add(pair)
        left = self.after
        try:
            while True:
                for end in select.select(pair, [], [], 30)[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    if left is not None:
                        left -= len(data)
                        if left < 0:
                            return
                    if not self.swallows:
                        (server if end is client else client).sendall(data)
        except OSError:
            return
        finally:
            self._pairs.discard(pair)
            client.close()
            server.close()


def publish(url: str, vault: str, home: str, role: str, rules: dict[str, object]) -> None:
    """One process: bring the index up to date and publish. Ends with 1 when the store could not be had."""
    from vaultindex.base import settings
    from vaultindex.base.errors import VaultError
    from vaultindex.index import store, sync
    from vaultindex.team import rules as given
    from vaultindex.team.send import Publisher

    os.environ["HOME"] = home
    index = os.path.join(home, "index", "index.db")
    sync.sync(vault, index, settings.load({"HOME": home}, vault))
    publisher = Publisher(url, {}, given.read("work", rules, [f"Owner {role}", "Myself"]))
    publisher.patience = 3
    try:
        publisher.publish(store.open_read(index))
    except VaultError:
        raise SystemExit(1) from None
