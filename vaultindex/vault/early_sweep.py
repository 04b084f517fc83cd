"""Only for speed: a forked child that sweeps the vault while the command is still being imported.

Stands for the sweep in `index/plan.py`. On two cores the import and the sweep overlap: 30 to 40 ms less for 10,000 notes.
A command that is ready first helps the child: both take numbered groups of folders from one pipe.
The launcher starts the child before it imports anything, so the vault and its index are guessed from options,
environment and settings read as plain text. Its result is used once, and only when the command means the same
vault and the index is in the state that the child compared with; otherwise the command sweeps by itself.
"""

from __future__ import annotations

import marshal
import os
import sys

from vaultindex.base import paths
from vaultindex.vault import listing_snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FRESH = 4.0  # seconds: a heartbeat younger than this may make the sweep needless (heartbeat.TRUSTED, and a bit)
_FOUND = b"!"  # sent at the first difference
_away: tuple[int, int, int, str, str] | None = None  # process, its pipe, lots, vault and index of a scout on its way


def send(args: list[str], env: Mapping[str, str], even_if_watched: bool = False) -> None:
    """Start the child for this command line, unless the vault is in doubt or a fork would not save time."""
    global _away
    try:
        target = _target(args, env) if _able() else None
        if target is None or not os.path.exists(listing_snapshot.path(target[1])):
            return
        if not even_if_watched and _watched(target[1]):
            return
        back, out = os.pipe()
        lots, filled = os.pipe()
        os.write(filled, bytes(range(listing_snapshot.LOTS)))
        os.close(filled)
        child = os.fork()
    except OSError:
        return  # the command looks itself
    if child == 0:
        os.close(back)
        _look(*target, lots, out)
    os.close(out)
    _away = child, back, lots, *target


def take(root: str, index: str, noticed: Callable[[], object]) -> listing_snapshot.Sweep | None:
    """The sweep of this vault by the child and this process together; None when there is no child, or it swept something else.

    `noticed` is called when a difference was found and the look goes on.
    """
    if _away is None or _away[3:] != (root, index):
        recall()
        return None
    back, lots = _away[1:3]
    try:
        known = listing_snapshot.load(index)
        if known is None:
            return None
        seen = listing_snapshot.look(root, known, _drawn(lots), noticed)
        pieces: list[bytes] = []
        while piece := os.read(back, 1 << 16):
            if not pieces and piece.startswith(_FOUND) and not seen[0]:
                noticed()
            pieces.append(piece)
        same, *looks = marshal.loads(b"".join(pieces).removeprefix(_FOUND))
        return listing_snapshot.together(known, seen, *looks) if same == (known.stamp, known.file) else None
    except (OSError, EOFError, ValueError, TypeError):
        return None  # it died, or a folder could not be listed
    finally:
        recall()


def _drawn(lots: int) -> Iterator[int]:
    """The groups of folders that this process takes from the pipe; what one process takes no other gets."""
    while lot := os.read(lots, 1):
        yield lot[0]


def recall() -> None:
    """End the child and close its pipes."""
    global _away
    if _away is None:
        return
    child, back, lots = _away[:3]
    _away = None
    os.close(back)
    os.close(lots)
    os.kill(child, 9)
    os.waitpid(child, 0)


def _look(root: str, index: str, lots: int, out: int) -> None:
    """The child: sweep, send the result, exit. It closes the standard streams, so that a pipe reader does not wait for it."""
    try:
        for stream in {0, 1, 2} - {lots, out}:
            os.close(stream)
        known = listing_snapshot.load(index)
        if known is not None:
            os.chdir(root)  # short paths are found sooner
            seen = listing_snapshot.look(".", known, _drawn(lots), lambda: os.write(out, _FOUND))
            data = marshal.dumps(((known.stamp, known.file), seen))
            while data:
                data = data[os.write(out, data) :]
    finally:
        os._exit(0)


def _able() -> bool:
    """True when a fork is possible, safe (no other threads) and useful (a second processor)."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1


def _watched(index: str) -> bool:
    """True when a watcher's heartbeat is recent."""
    import time

    try:
        return abs(time.time() - os.stat(paths.beat_file(index)).st_mtime) < _FRESH
    except FileNotFoundError:
        return False


def _target(args: list[str], env: Mapping[str, str]) -> tuple[str, str] | None:
    """The vault and index that the command most likely means, None when in doubt."""
    told = _told(paths.user_file(env))
    named = _option(args, "--vault") or env.get("VAULTINDEX_VAULT") or told.get("vault")
    if named:
        folder = os.path.expanduser(told.get(f"[vaults]{named}", named))
        root = os.path.realpath(folder) if os.path.isdir(folder) else None
    else:
        root = paths.vault_around(os.getcwd())
    if root is None:
        return None
    index = _option(args, "--index") or env.get("VAULTINDEX_INDEX") or told.get("index")
    return root, paths.index_named(index) if index else paths.index_of(env, root)


def _option(args: list[str], name: str) -> str | None:
    """The last value given to an option."""
    found = None
    for arg, value in zip(args, [*args[1:], None]):
        if arg == name:
            found = value
        elif arg.startswith(name + "="):
            found = arg[len(name) + 1 :]
    return found


def _told(file: str) -> dict[str, str]:
    """The plain texts of a settings file, `[table]` before the name: as much TOML as the guess needs."""
    try:
        with open(file, encoding="utf-8-sig", errors="replace") as lines:
            text = lines.read()
    except OSError:
        return {}
    found, table = {}, ""
    for line in text.splitlines():
        name, _, value = map(str.strip, line.partition("="))
        if name.startswith("["):
            table = name
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            found[table + name.strip("\"'")] = value[1:-1]
    return found
