"""Links: backlinks with participants, owners and mentions; broken and ambiguous links; orphans; tags."""

from __future__ import annotations

import re
import sqlite3
from typing import Any, NamedTuple

from vaultindex.ask import names
from vaultindex.ask.search import phrase
from vaultindex.base.text import apart, fold
from vaultindex.meetings.name_forms import is_short, spelled

Row = dict[str, Any]

_KINDS = ("wikilink", "markdown", "embed", "property", "participant", "owner", "mention")


class Target(NamedTuple):
    """What backlinks lead to: a note, or a name that links use though no note has it, or a person without a note."""

    name: str
    note: int | None
    path: str | None
    links: tuple[str, ...]  # link keys that mean it when no note does
    people: frozenset[str]  # folded names under which people lists may hold it
    words: tuple[str, ...]  # names to look for as plain text
    twins: tuple[int, ...] = ()  # other notes of this person, as the user said


def target(conn: sqlite3.Connection, name: str) -> Target:
    """What a typed name means for backlinks. Raises UnknownName with the nearest names."""
    note = names.exact_note(conn, name)
    if note is None or not _is_name_of(conn, note[0], name):
        found = _known_elsewhere(conn, name)
        if found is not None:
            return found
    return _of_note(conn, *(note or names.note(conn, name)))


def _is_name_of(conn: sqlite3.Connection, note: int, name: str) -> bool:
    import json

    key = fold(name.strip().removeprefix("[[").removesuffix("]]").rsplit("/", 1)[-1].removesuffix(".md"))
    row = conn.execute("SELECT name_key, title_key, aliases FROM notes WHERE id = ?", (note,)).fetchone()
    return key in (row[0], row[1], *(fold(a) for a in json.loads(row[2])))


def _of_note(conn: sqlite3.Connection, note: int, path: str) -> Target:
    import json

    stem = path[path.rfind("/") + 1 : -3]
    aliases, entity = conn.execute("SELECT aliases, entity FROM notes WHERE id = ?", (note,)).fetchone()
    given = json.loads(aliases)
    keys = frozenset({fold(stem), *map(fold, given)})
    if entity is None and not conn.execute("SELECT 1 FROM people WHERE key = ? LIMIT 1", (fold(stem),)).fetchone():
        keys = frozenset()
    if len(keys) > 1:  # an alias that several people share names none of them
        keys = names.own_keys(conn, "person", note) if entity == "person" else keys
    twins: tuple[int, ...] = ()
    if entity == "person" and (same := names.said(conn)):
        who = {same.get(key, key) for key in keys if not is_short(key)}
        keys |= who
        twins = tuple(
            other
            for key in same
            if same[key] in who
            for (other,) in conn.execute("SELECT note FROM names WHERE key = ? AND kind = 'person'", (key,))
            if other != note
        )
    return Target(stem, note, path, (), keys, (stem, *given), tuple(dict.fromkeys(twins)))


def _known_elsewhere(conn: sqlite3.Connection, name: str) -> Target | None:
    """A name that links, participants or owners use although no note is called so."""
    key = fold(name.strip().removeprefix("[[").removesuffix("]]").removesuffix(".md"))
    last = key.rsplit("/", 1)[-1]
    # Every name that links use stands in an index: those that may be meant are few, and only they are looked up.
    may_be = [k for (k,) in conn.execute("SELECT DISTINCT key FROM links WHERE key <> ''") if last in (k, fold(k))]
    links = []
    for may in may_be:
        shown = conn.execute("SELECT min(linkpath) FROM links WHERE key = ?", (may,)).fetchone()[0]
        if fold(may) == key or fold(shown) == key:
            links.append((may, shown))
    row = conn.execute("SELECT name FROM people WHERE key = ?1 AND written_key IS NULL UNION ALL SELECT name FROM people WHERE key = ?1"
                       " UNION ALL SELECT owner_person FROM tasks WHERE person_key = ?1 LIMIT 1", (key,)).fetchone()  # fmt: skip
    if row is None and (found := _otherwise_written(conn, name, key)) is not None:
        return found
    if row is None and not links:
        return None
    shown = row[0] if row else links[0][1]
    return Target(shown, None, None, tuple(k for k, _ in links), frozenset((key,)), (shown,))


def _otherwise_written(conn: sqlite3.Connection, name: str, key: str) -> Target | None:
    """The person whom a name means that only stands for them in some notes: a first name, an address, `Leigh, Dana`."""
    sql = "SELECT 1 FROM people WHERE written_key = ?1 UNION ALL SELECT 1 FROM tasks WHERE written_key = ?1 LIMIT 1"
    if conn.execute(sql, (key,)).fetchone() is None and spelled(key) == key and key not in names.said(conn):
        return None
    who = names.person(conn, name)
    if who.note is not None and who.path is not None:
        return _of_note(conn, who.note, who.path)
    return Target(who.name, None, None, (), who.keys, (who.name,))


_LINK = """SELECT s.path, l.line, l.kind, l.display, l.subpath, n.title, n.date, n.account, l.col FROM links l
 JOIN files s ON s.id = l.note LEFT JOIN notes n ON n.id = l.note"""


def backlinks(
    conn: sqlite3.Connection, name: str, *, unlinked: bool = False, limit: int | None = None
) -> tuple[Target, list[Row]]:
    """Every place that leads to a note or person: links of all kinds, participants, owners and (asked for) mentions.

    A note counts a person once per line. Newest note first. Raises UnknownName.
    """
    goal = target(conn, name)
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    if goal.note is not None:
        to = f"{_LINK} WHERE l.target = ? AND l.note <> l.target"
        rows = [row for note in (goal.note, *goal.twins) for row in conn.execute(to, (note,))]
    else:
        rows = [r for key in goal.links for r in conn.execute(f"{_LINK} WHERE l.key = ?", (key,))]
    extra = _people_rows(conn, goal)
    person = extra or conn.execute("SELECT 1 FROM notes WHERE id = ? AND entity = 'person'", (goal.note,)).fetchone()
    result = []
    for *place, _ in sorted(rows, key=lambda r: (r[0], r[1], r[8])):
        row = tuple(place)
        if not person or (row[0], row[1]) not in found:  # other notes: every link, as Obsidian counts them
            result.append(row)
        found.setdefault((row[0], row[1]), row)
    if unlinked:
        extra += _mentions(conn, goal)
    for row in extra:
        if (row[0], row[1]) not in found:
            found[row[0], row[1]] = row
            result.append(row)
    result.sort(key=lambda r: (r[6] is None, _reverse(r[6]), r[0], r[1], _KINDS.index(r[2])))
    total = result if limit is None else result[:limit]
    return goal, _dress(conn, goal, total)


def _reverse(date: str | None) -> str:
    return "".join(chr(0x7E - ord(c)) if c < "\x7f" else c for c in date or "")


def _people_rows(conn: sqlite3.Connection, goal: Target) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    if not goal.people:
        return found
    marks, keys = ",".join("?" * len(goal.people)), sorted(goal.people)
    found += conn.execute(
        f"SELECT n.path, p.line, 'participant', p.name, '', n.title, n.date, n.account FROM people p JOIN notes n ON n.id = p.note"
        f" WHERE p.key IN ({marks}) AND (p.linked = 0 OR ? IS NOT NULL)",
        (*keys, None if goal.note is not None else 1),
    ).fetchall()
    found += conn.execute(
        f"SELECT n.path, t.line, 'owner', t.owner, '', n.title, n.date, n.account FROM tasks t JOIN notes n ON n.id = t.note"
        f" WHERE t.person_key IN ({marks}) UNION SELECT n.path, t.line, 'owner', t.owner, '', n.title, n.date, n.account"
        f" FROM tasks t JOIN notes n ON n.id = t.note WHERE t.owner_key IN ({marks}) AND t.owner_key = t.person_key",
        (*keys, *keys),
    ).fetchall()
    return found


def _mentions(conn: sqlite3.Connection, goal: Target) -> list[tuple[Any, ...]]:
    """Lines that hold one of the names as plain text: whole words, outside links and frontmatter."""
    found: list[tuple[Any, ...]] = []
    words = [w for w in goal.words if sum(c.isalnum() for c in w) > 1]
    if not words:
        return found
    match = " OR ".join(phrase(w) for w in words)
    # Whole words; where a script has no spaces, a name may stand anywhere.
    whole = (
        (r"" if apart(w) != w else r"(?<!\w)", re.escape(fold(w)), r"" if apart(w) != w else r"(?!\w)") for w in words
    )
    pattern = re.compile("|".join(map("".join, whole)))
    sql = """SELECT n.path, plain(b.body), n.title, n.date, n.account, n.id FROM search JOIN notes n ON n.id = search.rowid
 JOIN bodies b ON b.id = n.id WHERE search MATCH ? AND n.excluded IS NULL"""
    for path, body, title, date, account, note in conn.execute(sql, (match,)):
        if note == goal.note:
            continue
        inside = False
        for number, line in enumerate(body.split("\n"), 1):
            if line.startswith("---") and (number == 1 or inside):
                inside = number == 1
            if inside:
                continue
            bare = re.sub(r"!?\[\[[^\[\]]*\]\]|\]\([^()]*\)|`[^`]*`", " ", line)
            hit = pattern.search(fold(bare))
            if hit:
                found.append((path, number, "mention", hit.group(), "", title, date, account))
    return found


def _dress(conn: sqlite3.Connection, goal: Target, rows: list[tuple[Any, ...]]) -> list[Row]:
    bodies: dict[str, list[str]] = {}
    known = names.shown_accounts(conn)
    out = []
    for path, line, kind, display, subpath, title, date, account in rows:
        if path not in bodies:
            row = conn.execute(
                "SELECT plain(b.body) FROM bodies b JOIN notes n ON n.id = b.id WHERE n.path = ?", (path,)
            ).fetchone()
            bodies[path] = row[0].replace("\r\n", "\n").replace("\r", "\n").split("\n") if row else []
        lines = bodies[path]
        shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        if path.endswith(".canvas"):
            shown = f"card: {display or goal.name}"  # a canvas is JSON: its line says nothing to a person
        out.append(
            {
                "target": goal.path,
                "target_name": goal.name,
                "path": path,
                "line": line,
                "kind": kind,
                "text": shown,
                "display": display,
                "subpath": subpath or None,
                "note_title": title,
                "note_date": date,
                "account": known.get(fold(account), (account, ""))[0] if account else None,
            }
        )
    return out


_OUT = """SELECT s.path AS path, l.line, l.kind, l.linkpath || l.subpath AS link, l.linkpath, l.subpath, l.display, l.property, f.path AS target,
 l.ambiguous FROM links l JOIN files s ON s.id = l.note LEFT JOIN files f ON f.id = l.target"""


def links(
    conn: sqlite3.Connection,
    name: str | None,
    *,
    broken: bool = False,
    ambiguous: bool = False,
    limit: int | None = None,
) -> list[Row]:
    """Outgoing links of one note, or of all notes, resolved as Obsidian resolves them."""
    where, values = [], list[Any]()
    if name is not None:
        where.append("l.note = ?")
        values.append(names.note(conn, name)[0])
    if broken:
        where.append("l.target IS NULL")
    if ambiguous:
        where.append("l.ambiguous = 1")
    sql = _OUT + (" WHERE " + " AND ".join(where) if where else "") + " ORDER BY s.path, l.line, l.col"
    cursor = conn.execute(
        sql + (" LIMIT ?" if limit is not None else ""), (*values, *([limit] if limit is not None else []))
    )
    fields = [c[0] for c in cursor.description]
    found = [dict(zip(fields, row)) for row in cursor]
    for row in found:
        row["ambiguous"] = bool(row["ambiguous"])
        row["subpath"] = row["subpath"] or None
    return found


def orphans(conn: sqlite3.Connection) -> list[Row]:
    """Notes that no other file links to (a link from a note to itself does not count)."""
    return _named(conn, "NOT EXISTS (SELECT 1 FROM links l WHERE l.target = n.id AND l.note <> n.id)")


def deadends(conn: sqlite3.Connection) -> list[Row]:
    """Notes that link to nothing (a link to itself does not count)."""
    return _named(conn, "NOT EXISTS (SELECT 1 FROM links l WHERE l.note = n.id AND l.target IS NOT n.id)")


def _named(conn: sqlite3.Connection, condition: str) -> list[Row]:
    sql = (
        f"SELECT n.path, n.title, n.type, n.date FROM notes n WHERE n.excluded IS NULL AND {condition} ORDER BY n.path"
    )
    return [dict(zip(("path", "title", "type", "date"), row)) for row in conn.execute(sql)]


def tags(conn: sqlite3.Connection, under: str | None = None) -> list[Row]:
    """Tags with how often they stand and in how many notes; parents count their children, as Obsidian shows them."""
    sums: dict[str, list[Any]] = {}
    for key, tag, note, number in conn.execute("SELECT key, min(tag), note, count(*) FROM tags GROUP BY key, note"):
        parts = key.split("/")
        shown = tag[1:].rstrip("/").split("/")
        for depth in range(1, len(parts) + 1):
            if parts[depth - 1].isascii() and parts[depth - 1].isdigit() and depth < len(parts) and depth == 1:
                continue  # a parent made of digits alone is no tag
            entry = sums.setdefault("/".join(parts[:depth]), ["/".join(shown[:depth]), 0, set()])
            entry[1] += number
            entry[2].add(note)
    want = under.lstrip("#").lower() if under else None
    rows = [
        {"tag": "#" + shown, "count": number, "notes": len(found)}
        for key, (shown, number, found) in sums.items()
        if want is None or key == want or key.startswith(want + "/")
    ]
    rows.sort(key=lambda r: (-r["count"], r["tag"].lower()))
    return rows
