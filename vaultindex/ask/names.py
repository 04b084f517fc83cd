"""Find the note, person or account that a typed name means: exact, alias, prefix, words, then nearly. Never a guess between several."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from vaultindex.base.errors import UnknownName
from vaultindex.base.text import fold, nearest
from vaultindex.meetings.name_forms import fits, is_short, spelled


class Entity(NamedTuple):
    """A person or an account: one thing under several names."""

    kind: str  # 'person' or 'account'
    name: str  # the name to show: its note's, else the one most used
    keys: frozenset[str]  # every folded name that means it and nothing else
    note: int | None  # its own note
    path: str | None


class Candidate(NamedTuple):
    key: str
    name: str
    aliases: tuple[str, ...]  # folded
    note: int | None
    path: str | None
    written: tuple[str, ...] = ()  # other names, folded, under which tasks give this person work


def person(conn: sqlite3.Connection, name: str | Entity) -> Entity:
    """The person a name means, with or without a note. Raises UnknownName that lists the nearest, or all it could be."""
    return name if isinstance(name, Entity) else _entity(conn, "person", name)


def account(conn: sqlite3.Connection, name: str | Entity) -> Entity:
    """The account a name means, with or without a note. Raises UnknownName as `person` does."""
    return name if isinstance(name, Entity) else _entity(conn, "account", name)


def with_exactly(conn: sqlite3.Connection, kind: str, name: str) -> Entity | None:
    """The person or account whose note, as the only one, has just this name or alias: found without a look at all others."""
    sql = "SELECT DISTINCT x.note, x.name, f.path FROM names x JOIN files f ON f.id = x.note WHERE x.key = ? AND x.kind = ?"
    rows = conn.execute(sql, (_key(name), kind)).fetchall()
    if len(rows) != 1:
        return None
    note, shown, path = rows[0]
    return Entity(kind, shown, own_keys(conn, kind, note), note, path)


def tag(conn: sqlite3.Connection, given: str) -> str:
    """The tag as it was given. Raises UnknownName, with the nearest, when no note and no task has it or one below it."""
    key = given.strip().lstrip("#").rstrip("/").lower()
    if conn.execute("SELECT 1 FROM tags WHERE key = ?1 OR key LIKE ?1 || '/%' LIMIT 1", (key,)).fetchone():
        return given
    import json

    # The Tasks plugin takes more for a tag than Obsidian does.
    known = {
        tag[1:].rstrip("/").lower()
        for (tags,) in conn.execute("SELECT DISTINCT tags FROM tasks WHERE tags <> '[]'")
        for tag in json.loads(tags)
    }
    if any(tag == key or tag.startswith(key + "/") for tag in known):
        return given
    counted = [key for (key,) in conn.execute("SELECT key FROM tags GROUP BY key ORDER BY count(*) DESC")]
    close = nearest(key, list(dict.fromkeys([*counted, *known])), 1)
    hint = (
        f" Did you mean #{close[0]}?"
        if close
        else f" Tags: {', '.join('#' + tag for tag in counted[:8])}."
        if counted
        else ""
    )
    raise UnknownName(f"no note has the tag #{key}.{hint}")


def own_keys(conn: sqlite3.Connection, kind: str, note: int) -> frozenset[str]:
    """Every folded name that means the person or account of this note: its first, and those that no other note has."""
    rows = conn.execute(
        f"SELECT x.key, {_BEARERS} FROM names x WHERE x.note = ? AND x.kind = ? ORDER BY x.rowid", (note, kind)
    )
    return frozenset(key for number, (key, notes) in enumerate(rows) if not number or notes == 1)


# How many notes have a name.
_BEARERS = "(SELECT count(DISTINCT o.note) FROM names o WHERE o.key = x.key AND o.kind = x.kind)"


def of_keys(conn: sqlite3.Connection, keys: Iterable[str], kind: str = "person") -> dict[str, Entity]:
    """Folded name, as the index keeps it for a participant, an owner or an account -> who it is: one under all names of a note.

    A name that nobody is listed under is left out.
    """
    some = sorted(set(keys))
    noted = _notes_of(conn, some, kind)
    sql = f"""SELECT x.note, f.path, x.name, x.key, {_BEARERS} FROM json_each(?) j CROSS JOIN names x ON x.note = j.value AND x.kind = ?
 JOIN files f ON f.id = x.note ORDER BY x.note, x.rowid"""
    of: dict[int, Entity] = {}
    for note, path, name, key, notes in conn.execute(sql, (json.dumps(sorted(set(noted.values()))), kind)):
        if note not in of:
            of[note] = Entity(kind, name, frozenset((key,)), note, path)
        elif notes == 1:
            of[note] = of[note]._replace(keys=of[note].keys | {key})
    found = {key: of[note] for key, note in noted.items()}
    for key, name in _spelled(conn, kind, [key for key in some if key not in noted]).items():
        found[key] = Entity(kind, name, frozenset((key,)), None, None)
    return found


def _spelled(conn: sqlite3.Connection, kind: str, keys: list[str], owners: Sequence[str] = ()) -> dict[str, str]:
    """Folded name -> as it is mostly written; of owners who are listed nowhere as a task has it."""
    # How often they are met decides; a shorter form of a person is shown only when there is no other.
    if kind == "person":
        rows: Iterable[tuple[str, str, int]] = conn.execute(
            """SELECT p.key, p.name, sum(p.written_key IS NULL) FROM json_each(?) j CROSS JOIN people p ON p.key = j.value
 GROUP BY p.key, p.name UNION ALL SELECT j.value, (SELECT o.owner_person FROM tasks o WHERE o.person_key = j.value LIMIT 1), 0
 FROM json_each(?) j""",
            (json.dumps(keys), json.dumps(owners)),
        )
    else:
        rows = conn.execute(
            """SELECT n.account_key, n.account, count(*) FROM json_each(?) j CROSS JOIN notes n ON n.account_key = j.value
 GROUP BY n.account_key, n.account""",
            (json.dumps(keys),),
        )
    best: dict[str, tuple[int, str]] = {}
    for key, name, times in rows:
        if name is not None:  # who owned tasks once may own none any more
            best[key] = max(best.get(key, (0, "")), (times, name))
    return {key: name for key, (_, name) in sorted(best.items())}


def same(conn: sqlite3.Connection, keys: Iterable[str], kind: str = "person") -> list[tuple[list[str], int | None]]:
    """These folded names, those of one person (or account) together, each with the note: of whoever has one, every name of it."""
    some = sorted(set(keys))
    noted = _notes_of(conn, some, kind)
    of: dict[str | int, list[str]] = {}
    for key in some:
        of.setdefault(noted.get(key, key), []).append(key)
    return [(every, noted.get(every[0])) for every in of.values()]


def _notes_of(conn: sqlite3.Connection, keys: list[str], kind: str) -> dict[str, int]:
    """Folded name -> the only note of this kind that has it."""
    sql = """SELECT x.key, min(x.note) FROM json_each(?) j CROSS JOIN names x ON x.key = j.value AND x.kind = ?
 GROUP BY x.key HAVING count(DISTINCT x.note) = 1"""
    return dict(conn.execute(sql, (json.dumps(keys), kind)))


def with_note(conn: sqlite3.Connection, kind: str, called: Iterable[str] | None = None) -> list[Candidate]:
    """Every person or account that has a note of its own; `called`: at least those that have one of these folded names."""
    named: dict[int, tuple[str, list[str]]] = {}
    of, given = "", [kind]
    if called is not None and not (kind == "person" and said(conn)):
        of = " AND note IN (SELECT o.note FROM json_each(?) j CROSS JOIN names o ON o.key = j.value)"
        given.append(json.dumps(sorted(called)))
    for note, shown, key in conn.execute(f"SELECT note, name, key FROM names WHERE kind = ?{of} ORDER BY rowid", given):
        if note in named:
            named[note][1].append(key)
        else:
            named[note] = (shown, [key])
    sql = "SELECT f.id, f.path FROM json_each(?) j CROSS JOIN files f ON f.id = j.value"
    paths = dict(conn.execute(sql, (json.dumps(list(named)),)))
    found = [Candidate(keys[0], shown, tuple(keys[1:]), note, paths[note]) for note, (shown, keys) in named.items()]
    return _joined(conn, found) if kind == "person" else found


def said(conn: sqlite3.Connection) -> dict[str, str]:
    """Folded name -> the person whom the user said it is; {} in most vaults."""
    if conn.execute("SELECT 1 FROM told WHERE same = 1 LIMIT 1").fetchone() is None:
        return {}
    from vaultindex.index.same_person import told

    known = told(conn)
    return {key: known.person(key) for key in known.same}


def _joined(conn: sqlite3.Connection, found: list[Candidate]) -> list[Candidate]:
    """The people with a note, those with two notes (as the user said) once: under the name that was said to stay."""
    same = said(conn)
    if not any(c.key in same for c in found):
        return found
    by_key = {c.key: c for c in found if c.key not in same}
    for c in found:
        if c.key in same:
            stays = by_key.get(same[c.key]) or Candidate(
                same[c.key], _met_as(conn, same[c.key]) or c.name, (), c.note, c.path
            )
            by_key[stays.key] = stays._replace(aliases=tuple(dict.fromkeys([*stays.aliases, c.key, *c.aliases])))
    return list(by_key.values())


def _met_as(conn: sqlite3.Connection, key: str) -> str | None:
    found: str | None = conn.execute(
        "SELECT min(name) FROM people WHERE key = ? AND written_key IS NULL", (key,)
    ).fetchone()[0]
    return found


def candidates(conn: sqlite3.Connection, kind: str, written: bool = False, listed: bool = False) -> list[Candidate]:
    """Every person or account of the vault, those with a note first; `written`: with what else tasks call them;
    `listed`: of those without a note only the people whom listed notes name, or who own an unsettled task there, and
    among these any name that is an alias of several, so that whoever is listed under it is not left out."""
    found = with_note(conn, kind)
    uses = Counter(key for c in found for key in {c.key, *c.aliases})
    own = {c.key for c in found}
    taken = {key for key, number in uses.items() if number == 1 or key in own or not listed}
    # Those of whom the note is known need not be counted.
    if kind == "person":
        every = (
            _listed_people(conn)
            if listed
            else (_different(conn, "people", "key"), _different(conn, "tasks", "person_key"))
        )
        met, owners = ([key for key in keys if key not in taken] for keys in every)
    else:
        met, owners = [key for key in _different(conn, "notes", "account_key") if key not in taken], []
    bare = _spelled(conn, kind, met, owners)
    called = _written(conn) if written and kind == "person" else {}
    found += [Candidate(key, name, (), None, None) for key, name in bare.items()]
    return [c._replace(written=tuple(called[c.key])) if c.key in called else c for c in found] if called else found


def _listed_people(conn: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """The folded names (of those whom listed notes name, of owners of unsettled tasks there), as the index keeps them counted."""
    sql = ("SELECT key FROM count_people", "SELECT person_key FROM count_owners")
    met, owners = ([key for (key,) in conn.execute(one)] for one in sql)
    return met, owners


def _different(conn: sqlite3.Connection, table: str, column: str) -> list[str]:
    """The different values of an indexed column: one step in its index for each of them, however many rows have it."""
    sql = f"""WITH RECURSIVE k(key) AS (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL UNION ALL
 SELECT (SELECT min({column}) FROM {table} WHERE {column} > k.key) FROM k WHERE k.key IS NOT NULL)
 SELECT key FROM k WHERE key IS NOT NULL"""
    return [key for (key,) in conn.execute(sql)]


def _written(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Person -> the other names under which notes list them and give them work: a first name, an address."""
    found: dict[str, list[str]] = {}
    sql = """SELECT person_key, written_key FROM tasks WHERE written_key IS NOT NULL AND written_key <> person_key
 UNION SELECT key, written_key FROM people WHERE written_key IS NOT NULL AND written_key <> key"""
    for person_key, key in conn.execute(sql):
        found.setdefault(person_key, []).append(key)
    return found


def _entity(conn: sqlite3.Connection, kind: str, name: str) -> Entity:
    if kind == "person" and (person := said(conn).get(_key(name))) is not None and not is_short(_key(name)):
        name = person
    if "/" not in name and not name.endswith(".md"):
        found = with_exactly(conn, kind, name)
        if found is not None:
            return found
    if kind == "person" and name[:1] == "@" and (very := _by_shared_alias(conn, name)) is not None:
        return very
    every = with_note(conn, kind)
    # When a person or account with a note has exactly this name, the thousands without a note need not be read.
    if not any(step(c) for step in _exactly(name) for c in every):
        every = candidates(conn, kind, written=True)
    best = choose(name, every, kind)
    keys = frozenset((best.key,)) if best.note is None else own_keys(conn, kind, best.note) | {best.key}
    return Entity(kind, best.name, keys, best.note, best.path)


def _by_shared_alias(conn: sqlite3.Connection, name: str) -> Entity | None:
    """Whoever is listed under, or owns tasks by, a name that several people have as an alias: `@D. Leigh` is that very name."""
    key = _key(name)
    (notes,) = conn.execute(
        "SELECT count(DISTINCT note) FROM names WHERE key = ? AND kind = 'person'", (key,)
    ).fetchone()
    sql = """SELECT name FROM people WHERE key = ?1 UNION ALL SELECT owner_person FROM tasks WHERE person_key = ?1 LIMIT 1"""
    row = conn.execute(sql, (key,)).fetchone() if notes > 1 else None
    return Entity("person", row[0], frozenset((key,)), None, None) if row else None


def choose(name: str, every: list[Candidate], what: str) -> Candidate:
    """The one candidate that a typed name means. Raises UnknownName: none (with the nearest), or several (with all)."""
    key = _key(name)
    steps: tuple[Callable[[Candidate], bool], ...] = (
        *_exactly(name),
        lambda c: (" " in key or "@" in key) and key in c.written,
        lambda c: (" " in key or "@" in key) and fits(key, c.key),
        lambda c: c.key.startswith(key) or any(w.startswith(key) for w in c.written),
        lambda c: any(a.startswith(key) for a in c.aliases),
        lambda c: all(any(w.startswith(k) for w in c.key.split()) for k in key.split()),
    )
    for step in steps if key else ():
        hits = [c for c in every if step(c)]
        if len(hits) == 1 and hits[0].note is None and what == "person" and " " not in key and name[:1] != "@":
            # Who is written by the first name alone may be anybody who has it: only `@Ann` means that very name.
            hits += [c for c in every if c.key.startswith(key + " ") and c not in hits]
            if len(hits) > 1:
                hits[0] = hits[0]._replace(name=f"@{hits[0].name}")
        if len(hits) == 1:
            return hits[0]
        if hits:
            shown = sorted(
                f"{c.name} ({c.path})" if c.path and sum(h.name == c.name for h in hits) > 1 else c.name for c in hits
            )
            more = f", and {len(shown) - 8} more" if len(shown) > 8 else ""
            raise UnknownName(f"{name!r} could be {', '.join(shown[:8])}{more}: say more of the name")
    close = nearest(name, [c.name for c in every])
    hint = (
        f" Did you mean {' or '.join(close)}?"
        if close
        else f" There is no {what} in the index yet."
        if not every
        else ""
    )
    raise UnknownName(f"no {what} is called {name!r}.{hint}")


def _exactly(name: str) -> tuple[Callable[[Candidate], bool], ...]:
    """The exact-match tests in order: path, name, alias."""
    path, key = name.strip(), _key(name)
    plain = spelled(key)
    return (
        lambda c: c.path is not None and path in (c.path, c.path[:-3]),
        lambda c: c.key == key,
        lambda c: key in c.aliases,
        lambda c: plain != key and (c.key == plain or plain in c.aliases),
    )


def _key(name: str) -> str:
    return fold(name.strip().removeprefix("[[").removesuffix("]]").lstrip("@"))


def note(conn: sqlite3.Connection, name: str) -> tuple[int, str]:
    """(id, path) of the note that a name, path, title or alias means. Raises UnknownName."""
    found = exact_note(conn, name)
    if found is not None:
        return found
    every = [
        Candidate(name_key, p[p.rfind("/") + 1 : -3], (title_key, *_aliases(aliases)), i, p)
        for i, p, name_key, title_key, aliases in conn.execute(
            "SELECT id, path, name_key, title_key, aliases FROM notes"
        )
    ]
    best = choose(_bare(name), every, "note")
    assert best.note is not None and best.path is not None
    return best.note, best.path


def _bare(name: str) -> str:
    return name.strip().removeprefix("[[").removesuffix("]]")


def exact_note(conn: sqlite3.Connection, name: str) -> tuple[int, str] | None:
    """(id, path) of the one note with this very path, name or title. Raises UnknownName when several have it."""
    path = _bare(name)
    for sql, value in (
        ("SELECT id, path FROM notes WHERE path = ? OR path = ? || '.md'", (path, path)),
        ("SELECT id, path FROM notes WHERE name_key = ?", (fold(path.rsplit("/", 1)[-1].removesuffix(".md")),)),
        ("SELECT id, path FROM notes WHERE title_key = ?", (fold(path),)),
    ):
        rows = conn.execute(sql, value).fetchall()
        if "/" in path and len(rows) > 1:
            rows = [r for r in rows if fold(r[1].removesuffix(".md")).endswith(fold(path.removesuffix(".md")))] or rows
        if len(rows) == 1:
            return int(rows[0][0]), str(rows[0][1])
        if rows:
            raise UnknownName(f"{name!r} could be {', '.join(sorted(r[1] for r in rows)[:8])}: give the path")
    return None


def _aliases(text: str) -> list[str]:
    if text == "[]":
        return []
    return [fold(a) for a in json.loads(text)]


def shown_accounts(conn: sqlite3.Connection, named: Iterable[str | None] | None = None) -> dict[str, tuple[str, str]]:
    """Folded account name -> (name to show, path of its note), for accounts that have a note; of all, or of those that
    are called like one of `named`."""
    sql = "SELECT x.key, x.name, f.path FROM names x JOIN files f ON f.id = x.note WHERE x.kind = 'account' {} ORDER BY x.rowid DESC"
    rows = (
        conn.execute(sql.format(""))
        if named is None
        else conn.execute(
            sql.format("AND x.key IN (SELECT value FROM json_each(?))"),
            (json.dumps([fold(n) for n in set(named) if n]),),
        )
    )
    return {key: (shown, path) for key, shown, path in rows}
