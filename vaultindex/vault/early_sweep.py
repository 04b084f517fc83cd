"""A child of the process that sweeps the vault while the command is still being imported; never needed for correctness.

Starting a command is imports, a sweep is looking at files: with two processors both are done in the time of the longer.
A command that is ready before the scout is back takes some of the folders off it: both draw lots from one pipe.
The launcher sends the scout before it imports anything, so where the vault and its index are is guessed from options,
environment and settings as plain text. What it brings back is taken once, and only when the command means the same
vault and the index is in the state that the scout compared with; in any other case the command looks itself.
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
    """Send a scout for the command line `args`, unless in doubt where to, or it would not be the faster way."""
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
    """What the scout and this process, which helps it, see of this vault, once.

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
    """The lots that this process draws: what one takes out of a pipe no other gets."""
    while lot := os.read(lots, 1):
        yield lot[0]


def recall() -> None:
    """Nothing of a scout is left after this."""
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
    """In the child: look, tell, end. Whoever waits for what the command prints must not wait for the child."""
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
    """Whether a fork is possible, safe (no other threads) and, with a second processor, of use."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and len(os.listdir("/proc/self/task")) == 1


def _watched(index: str) -> bool:
    """Whether a watcher gave a sign of life just now."""
    import time

    try:
        return abs(time.time() - os.stat(paths.beat_file(index)).st_mtime) < _FRESH
    except FileNotFoundError:
        return False


def _target(args: list[str], env: Mapping[str, str]) -> tuple[str, str] | None:
    """The vault and the index that the command will most likely mean."""
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
    """The plain texts of a settings file, `[table]` before the name: enough of TOML for a guess."""
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
