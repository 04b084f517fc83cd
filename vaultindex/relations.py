"""What depends on more than one note: the targets of links, and the accounts that notes take from where they lie."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from vaultindex.text import fold


def file_key(path: str) -> str:
    """What a link must end in to mean this file: the folded name, without .md for notes."""
    from vaultindex.resolve import fold as link_key

    return link_key(path)


def resolve_links(conn: sqlite3.Connection, ids: list[int] | None, keys: set[str]) -> None:
    """Set the target of the links of these notes, and of every link whose name appeared or vanished (None: all)."""
    from vaultindex.resolve import Resolver

    sql = "SELECT l.rowid, l.linkpath, l.key, l.target, l.ambiguous, s.path FROM links l JOIN files s ON s.id = l.note"
    rows: list[Any] = []
    if ids is None:
        rows = conn.execute(sql).fetchall()
    else:
        for identity in ids:
            rows += conn.execute(sql + " WHERE l.note = ?", (identity,)).fetchall()
        for key in keys:
            rows += conn.execute(sql + " WHERE l.key = ?", (key,)).fetchall()
    by_key: dict[str, tuple[Resolver, dict[str, int]]] = {}
    if ids is None:
        found: dict[str, dict[str, int]] = {}
        for key, path, identity in conn.execute("SELECT key, path, id FROM files"):
            found.setdefault(key, {})[path] = identity
        by_key = {key: (Resolver(list(paths)), paths) for key, paths in found.items()}
    updates = []
    done: dict[tuple[str, str], tuple[int | None, int]] = {}
    self_id = "SELECT id FROM files WHERE path = ?"
    for rowid, linkpath, key, target, ambiguous, source in rows:
        folder = source[: source.rfind("/") + 1]
        if not linkpath:
            answer: tuple[int | None, int] = (conn.execute(self_id, (source,)).fetchone()[0], 0)
        elif (linkpath, folder) in done:
            answer = done[linkpath, folder]
        else:
            if key not in by_key:
                paths = (
                    dict(conn.execute("SELECT path, id FROM files WHERE key = ?", (key,)).fetchall())
                    if ids is not None
                    else {}
                )
                by_key[key] = (Resolver(list(paths)), paths)
            resolver, paths = by_key[key]
            best = resolver.resolve(linkpath, source) if paths else None
            several = best is not None and len(paths) > 1 and len(resolver.candidates(linkpath, source)) > 1
            answer = done[linkpath, folder] = (paths[best] if best is not None else None, int(several))
        if answer != (target, ambiguous):
            updates.append((*answer, rowid))
    conn.executemany("UPDATE links SET target = ?, ambiguous = ? WHERE rowid = ?", updates)


def inherit_accounts(conn: sqlite3.Connection, folders: frozenset[str], ids: list[int] | None) -> None:
    """Give notes that name no account that of the account note, else account folder, they lie under (None: all notes)."""
    from vaultindex.extract.about import folder_after

    sql = "SELECT id, path, account FROM notes WHERE account_own = 0"
    accounts = "SELECT path, account FROM notes WHERE entity = 'account'"
    if ids is None:
        rows = conn.execute(sql).fetchall()
        notes = conn.execute(accounts).fetchall()
    else:
        rows = [row for i in ids for row in conn.execute(sql + " AND id = ?", (i,))]
        above = {path for row in rows for path in _account_notes_above(row[1])}
        notes = [row for path in above for row in conn.execute(accounts + " AND path = ?", (path,))]
    covered: dict[str, str] = {}
    for path, name in sorted(notes):  # of Con.md and Con/Con.md the inner one is the account
        folder, _, stem = path[:-3].rpartition("/")
        covered[path[:-3] + "/"] = name
        if folder.rpartition("/")[2] == stem:
            covered[folder + "/"] = name
    updates = []
    for identity, path, account in rows:
        folder, found = path, None
        while "/" in folder and found is None:
            folder = folder[: folder.rindex("/")]
            found = covered.get(folder + "/")
        found = found or folder_after(path.split("/"), folders)
        if found != account:
            updates.append((found, fold(found) if found else None, identity))
    conn.executemany("UPDATE notes SET account = ?, account_key = ? WHERE id = ?", updates)


def _account_notes_above(path: str) -> Iterator[str]:
    """Where a note would lie that makes the folders above `path` an account's: beside a folder, or in it by its name."""
    while "/" in path:
        path = path[: path.rindex("/")]
        yield path + ".md"
        yield f"{path}/{path.rpartition('/')[2]}.md"
