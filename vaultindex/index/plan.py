"""Find what differs between the vault and its index, by fingerprints. Only notes too fresh for that are opened.

Absence must be proved: a note counts as gone only when its folder was listed (or its path looked at) without error, it
was not there, and not most of the vault is gone at once.
"""

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from vaultindex.base.errors import Problem
from vaultindex.base.settings import Config
from vaultindex.vault import app_settings, disk, early_sweep, listing_snapshot

Known = dict[str, tuple[int, int, int, int, int, int]]  # path -> id, mtime, ctime, size, inode, unsettled


class Plan(NamedTuple):
    """What a sweep saw: which files to read again, which to forget."""

    scan: disk.Scan
    known: Known
    read: list[str]  # notes and canvases that are new or look changed
    plain: list[str]  # attachments that are new or look changed: only their name and fingerprint matter
    gone: list[str]
    paused: str | None
    app: str  # fingerprint of the app's settings files
    refill: bool  # settings or version differ: read everything
    where: tuple[str, ...] | None  # the paths looked at; None: everywhere
    doubts: bool  # what could not be seen, or was left out, is not what it was
    notes: int = 0  # of the vault, when everywhere was looked
    stamp: str | None = None  # the state of the index with which the vault was compared
    sweep: listing_snapshot.Sweep | None = None  # when only the differences from a snapshot were looked up

    @property
    def empty(self) -> bool:
        """True when the index equals the vault already."""
        return not (self.read or self.plain or self.gone or self.refill or self.doubts)


def plan(
    conn: sqlite3.Connection,
    root: str,
    config: Config,
    accept_removals: bool = False,
    paths: Iterable[str] | None = None,
    index: str | None = None,
    seen: Plan | None = None,
    get_ready: Callable[[], object] = bool,
) -> Plan:
    """Compare the vault, or only what is at and below `paths`, with the index. No note is opened.

    `index` is the index's file: by its snapshot a sweep looks up only what differs. `seen` is what this process saw a
    moment ago, which counts when the index is still in that state. `get_ready` is called while the early sweep, in a
    process of its own, still looks. Raises NoVaultError.
    """
    facts = dict(conn.execute("SELECT key, value FROM meta"))
    app = app_settings.fingerprint(root)
    stamp = facts.get("indexed_at")
    refill = app != facts.get("app") or repr(config.reading()) != facts.get("reading")
    every, follow = facts.get("all_files") == "1", bool(config.get("follow_links"))
    where = None if refill or paths is None or follow else _where(paths)
    if seen is not None and (where is not None or seen.stamp != stamp or seen.app != app or seen.refill != refill):
        seen = None
    sweep = None
    notes = 0
    if where is not None:
        scan = disk.look(root, where, every)
        known = _known(conn, _AT, [(path, path + "/", path + "0") for path in where])
    else:
        if seen is not None:
            sweep = seen.sweep
        elif index is not None and stamp is not None and not refill and not follow:
            sweep = _sweep(root, index, stamp, get_ready)
        few = _few(conn, root, sweep, every) if sweep is not None else None
        if few is not None:
            scan, known, notes = few
        else:
            sweep = None
            scan = seen.scan if seen is not None and seen.sweep is None else disk.scan(root, follow, every)
            known = _known(conn, "", [()])
            notes = len(scan.notes)
    if scan.passing:
        from vaultindex.vault import atomic_write

        for hidden in scan.passing:
            atomic_write.discard(root, hidden)
    read: list[str] = []
    plain: list[str] = []
    for found, is_note in ((scan.notes, True), (scan.others, False)):
        for path, s in found.items():
            k = known.get(path)
            if k is None or k[5] or not _is_known(k, s):
                (read if is_note or path.endswith(".canvas") else plain).append(path)
    gone: list[str] = []
    if len(known) != len(scan.notes) + len(scan.others) - (len(read) + len(plain)) or scan.unknown:
        gone = [p for p in known if p not in scan.notes and p not in scan.others]
    paused = None
    if gone and scan.unknown:
        exact = {u for u in scan.unknown if u and not u.endswith("/")}
        folders = tuple(u for u in scan.unknown if not u or u.endswith("/"))
        gone = [p for p in gone if p not in exact and not (folders and p.startswith(folders))]
    if gone and not accept_removals:
        paused = _too_many(conn, root, gone, read, scan, known)
        if paused:
            gone = []
    doubts = not read and sorted(scan.problems) != _remembered(conn, where)
    return Plan(scan, known, read, plain, gone, paused, app, refill, where, doubts, notes, stamp, sweep)


def settled(conn: sqlite3.Connection, root: str, todo: Plan) -> tuple[Plan, set[str]]:
    """The plan without files that are read again only because they were too fresh to be believed, if they are all there
    is to those of them that are still that recent. Else the plan as it is."""
    young: set[str] = set()
    if todo.plain or todo.gone or todo.refill or todo.paused:
        return todo, young
    for path in todo.read:
        stat = todo.scan.notes.get(path) or todo.scan.others[path]
        if not _is_known(todo.known.get(path), stat):
            return todo, young
        try:
            data, found = disk.read(root, todo.scan.disk.get(path, path))
        except (OSError, disk.Unsettled):
            return todo, young
        before = conn.execute("SELECT digest FROM files WHERE path = ?", (path,)).fetchone()
        if found != stat or before != (disk.digest_of(data),):
            return todo, young
        if disk.is_young(found):
            young.add(path)
    return todo._replace(read=[], doubts=sorted(todo.scan.problems) != _remembered(conn, todo.where)), young


def everything(scan: disk.Scan, app: str) -> Plan:
    """The plan to read every listed file, whatever the index knows."""
    read = [*scan.notes, *(path for path in scan.others if path.endswith(".canvas"))]
    plain = [path for path in scan.others if not path.endswith(".canvas")]
    return Plan(scan, {}, read, plain, [], None, app, True, None, False, len(scan.notes))


def _known(conn: sqlite3.Connection, condition: str, values: Iterable[tuple[str, ...]]) -> Known:
    sql = "SELECT path, id, mtime_ns, ctime_ns, size, inode, unsettled FROM files" + condition
    return {row[0]: row[1:] for value in values for row in conn.execute(sql, value)}


def _is_known(k: tuple[int, ...] | None, s: disk.Stat) -> bool:
    """True when the file's fingerprint is the one it had when it was read."""
    return k is not None and k[1] == s[0] and k[2] == s[1] and k[3] == s[2] and k[4] == s[3] & disk.MAX_INT


def _sweep(root: str, index: str, stamp: str, get_ready: Callable[[], object]) -> listing_snapshot.Sweep | None:
    """The differences from the snapshot; None when there is no snapshot of this state, or a folder cannot be listed."""
    seen = early_sweep.take(root, index, get_ready)
    if seen is not None and seen.stamp == stamp:
        return seen
    known = listing_snapshot.load(index)
    if known is None or known.stamp != stamp:
        return None
    try:
        return listing_snapshot.sweep(root, known)
    except (OSError, ValueError):
        return None  # a scan says which folder


def _few(
    conn: sqlite3.Connection, root: str, sweep: listing_snapshot.Sweep, every: bool
) -> tuple[disk.Scan, Known, int] | None:
    """The files that a sweep found different, as a scan of nothing else; what is known of them; how many notes there are.

    None when more than these could be meant: a scan of everything must tell.
    """
    before, scan = disk.empty_scan(every), disk.empty_scan(every)
    for place, (old, now) in sweep.changed.items():
        if old is not None:
            disk.sort(root, place, old, before)
        if now is not None:
            disk.sort(root, place, now, scan)
            if old is None and not place.isascii():
                return None  # another folder may have the same name, its letters composed in another way
    if not scan.whole:
        return None
    notes = sweep.notes + len(scan.notes) - len(before.notes)
    was, now_is = {**before.notes, **before.others}, {**scan.notes, **scan.others}
    young = disk.empty_scan(every)
    for place, listed in dict(sweep.young.values()).items():
        if place not in sweep.changed:
            disk.sort(root, place, listed, young)
    scan.disk.update(young.disk)
    # Of two files whose names differ in their composition only, another one may be the note now.
    wanted = {
        path
        for path in {*was, *now_is}
        if was.get(path) != now_is.get(path) or before.disk.get(path) != scan.disk.get(path)
    }.union(sweep.young)
    for found, also in ((scan.notes, young.notes), (scan.others, young.others)):
        differing = {path: stat for path, stat in {**found, **also}.items() if path in wanted}
        found.clear()
        found.update(differing)
    gone = Counter(before.problems)
    for problem in _remembered(conn, None):
        if gone[problem]:
            gone[problem] -= 1
        else:
            scan.problems.append(problem)
    return scan, _known(conn, " WHERE path = ?", [(path,) for path in wanted]), notes


_AT = " WHERE path = ? OR path > ? AND path < ?"  # a path and everything below it: '0' comes after '/'


def _where(paths: Iterable[str]) -> tuple[str, ...] | None:
    """The paths to look at; None when that is the whole vault.

    A file is looked at by itself where a name on disk is one file for sure. Where letters can be composed in two ways,
    or their case does not count, only the listing of its folder tells.
    """
    found = set()
    for path in paths:
        path = path.strip("/")
        if not path.isascii() or sys.platform in ("darwin", "win32"):
            path = path.rpartition("/")[0]
            while not path.isascii():
                path = path.rpartition("/")[0]
        if not path:
            return None
        found.add(path)
    return tuple(sorted(found))


def _remembered(conn: sqlite3.Connection, where: tuple[str, ...] | None) -> list[Problem]:
    """What was said of these paths when they were last looked at (the app's own settings apart)."""
    rows = conn.execute("SELECT path, line, kind, what FROM problems WHERE file IS NULL AND kind <> 'settings'")
    return sorted(Problem(*row) for row in rows if where is None or _covers(where, row[0]))


def _covers(where: tuple[str, ...], path: str) -> bool:
    return any(path == p or path.startswith(p + "/") for p in where)


def _too_many(
    conn: sqlite3.Connection, root: str, gone: list[str], added: list[str], scan: disk.Scan, known: Known
) -> str | None:
    """The reason not to believe so many removals, None when there is none: an unmounted disk looks like an empty folder."""
    moved = {scan.notes[p][3] & disk.MAX_INT for p in added if p in scan.notes and p not in known}
    missing = sum(1 for p in gone if p.endswith(".md") and known[p][4] not in moved)
    notes = conn.execute("SELECT count(*) FROM notes").fetchone()[0] if missing else 0
    if (notes > 20 and missing * 2 > notes) or (missing and missing == notes and not os.listdir(root)):
        return lost(missing, notes)
    return None


def lost(missing: int, notes: int) -> str:
    """The sentence for notes that went away all at once."""
    return f"{missing} of {notes} notes are gone at once: kept as last seen. If that is right: vaultindex index --accept-removals"
