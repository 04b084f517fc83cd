"""The tables of the index, made from the Row types; their version is a digest of the code that fills them.

The index is disposable: when this digest differs, sync drops and refills everything in one transaction. The views
(`v_tasks`, `v_notes`, `v_decisions`, `v_people`, `v_links`, `v_props`, `v_rows`) are the public SQL surface; base tables may change.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from vaultindex.base.text import beyond_ascii
from vaultindex.tasks.plugin_settings import STATES

APPLICATION_ID = 0x76696478  # 'vidx'

_TYPES = {"int": "int", "str": "str", "str | None": "str", "int | None": "int", "float": "float", "bytes": "bytes"}

# (table, columns, what to index): what is not an extractor's.
_FIXED: tuple[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]], ...] = (
    ("meta", (("key", "str"), ("value", "str | None")), ()),
    (
        "files",
        (
            ("id", "int"), ("path", "str"), ("kind", "str"), ("key", "str"), ("mtime_ns", "int"), ("ctime_ns", "int"),
            ("size", "int"), ("inode", "int"), ("unsettled", "int"), ("digest", "bytes"),
        ),
        ("key",),
    ),
    (
        "notes",
        (
            ("id", "int"), ("path", "str"), ("title", "str"), ("folder", "str"), ("root", "str"), ("filename", "str"),
            ("name_key", "str"), ("title_key", "str"), ("type", "str | None"), ("date", "str | None"),
            ("account", "str | None"), ("account_key", "str | None"), ("account_own", "int"), ("project", "str | None"),
            ("person", "str | None"), ("participants", "str"), ("source", "str | None"), ("source_ref", "str | None"),
            ("aliases", "str"), ("properties", "str"), ("tags", "str"), ("words", "int"), ("entity", "str | None"),
            ("excluded", "str | None"), ("meeting", "int"), ("path_key", "bytes"),
        ),
        ("name_key", "account_key, date, excluded, meeting", "date", "excluded WHERE excluded IS NOT NULL", "entity WHERE entity IS NOT NULL"),
    ),
    ("problems", (("file", "int | None"), ("path", "str"), ("line", "int"), ("kind", "str"), ("what", "str")), ("file",)),
    ("bodies", (("id", "int"), ("title", "str"), ("body", "bytes")), ()),
    ("mine", (("key", "str"),), ()),  # the folded names that mean the user, as the settings have them
    ("told", (("key", "str"), ("other", "str"), ("same", "int")), ()),  # which names are one person, which are two
)  # fmt: skip


def real(field: str) -> str:
    """The condition that a task's date (as its field is called in the note) exists in the calendar."""
    return f"(t.invalid IS NULL OR instr(t.invalid, ',{field},') = 0)"


def not_as_written(task: str) -> str:
    """The condition that a task's text may hold words which the search does not find in its note: it is no part of its line,
    or has letters that the search takes apart in another way. `task`: 't.' for an alias `t`; an index knows these tasks."""
    return f"({beyond_ascii(f'{task}text')} OR {task}way > 0 OR substr({task}more, 1, 1) = char(10))"


class Count(NamedTuple):
    """What SQLite itself keeps counted in rows of one table, so that no question counts a whole vault.

    A row of `table` holds the sums over all rows (with alias `t`, of a listed note `n`) that share its keys. Where all of
    them are 0, it may be there or not.
    """

    table: str
    keys: dict[str, str]  # column -> expression
    sums: dict[str, str]
    of: str = "tasks"  # the table of the rows; notes: the notes themselves
    where: str = "1"
    changes: str = ""  # the columns on which all of this depends


# When a task was made: the day where it is open (that says its age), else the month. When it was settled: the month.
_IS_SETTLED = f"t.standing IN ({STATES.index('done')}, {STATES.index('cancelled')})"
MADE = f"""CASE t.standing WHEN {STATES.index("open")} THEN ifnull(t.created, n.date)
 ELSE substr(ifnull(t.created, n.date), 1, 7) END"""
ENDED = f"CASE WHEN {_IS_SETTLED} THEN substr(ifnull(t.done, t.cancelled), 1, 7) END"
PROPOSAL = "(t.tags LIKE '%#proposed%')"
_UNSETTLED = f"t.standing <= {max(STATES.index('proposed'), STATES.index('open'))}"
_OPEN, _PROPOSED = (f"(t.standing = {STATES.index(state)})" for state in ("open", "proposed"))
NOBODYS, MINE, OTHERS = range(3)  # whose a task is; what a team or `@TBD` has is among the others
SIDE = f"CASE WHEN t.person_key IS NULL THEN {NOBODYS} WHEN t.person_key IN (SELECT key FROM mine) THEN {MINE} ELSE {OTHERS} END"
COUNTS = (
    # Who owns how much.
    Count(
        "count_owners", {"person_key": "t.person_key"}, {"open": _OPEN, "proposed": _PROPOSED},
        where=f"{_UNSETTLED} AND t.person_key > ''", changes="standing, person_key",
    ),
    # Due when, and whose; by what makes a date overdue. A task without a date of any kind is `undated`.
    Count(
        "count_days",
        {
            "state": "t.state", "side": SIDE, "doubted": "(t.date_doubt IS NOT NULL)", "real": real("due"), "day": "ifnull(t.deadline, '')",
        },
        {"tasks": "1", "undated": "(t.deadline IS NULL AND t.scheduled IS NULL AND t.start IS NULL)"},
        where="t.state IN ('open', 'proposed')", changes="standing, person_key, due, due_said, date_doubt, invalid, scheduled, start",
    ),
    # How much an account has.
    *(
        Count(
            "count_accounts", {"account_key": "n.account_key"},
            {**dict.fromkeys(("notes", "open", "proposed", "decisions"), "0"), **sums}, of, f"n.account_key IS NOT NULL AND {where}", changes,
        )
        for of, sums, where, changes in (
            ("notes", {"notes": "1"}, "1", ""), ("decisions", {"decisions": "1"}, "1", ""),
            ("tasks", {"open": _OPEN, "proposed": _PROPOSED}, _UNSETTLED, "standing"),
        )
    ),
    # When they were made, and settled; by what tells one number of the statistics from another.
    Count(
        "count_made", {"standing": "t.standing", "made": f"ifnull({MADE}, '')", "ended": f"ifnull({ENDED}, '')", "proposal": PROPOSAL},
        {"tasks": "1"}, changes="standing, created, done, cancelled, tags",
    ),
    # In how many notes somebody is named. A note may name them twice: its first such row counts.
    Count("count_people", {"key": "t.key"}, {"notes": "1"}, "people", "{first}", "key"),
)  # fmt: skip

FTS = """CREATE VIRTUAL TABLE search USING fts5(title, body, content='',
 tokenize="unicode61 remove_diacritics 2")"""

# The headings above a task: most stand under the note's title and one heading more.
SECTION = "ifnull(t.section, '[' || json_quote(n.title) || ', ' || json_quote(t.heading) || ']')"

# An account under the name of its own note, whatever name the note at hand gives it.
_ACCOUNT = """coalesce((SELECT x.name FROM names x WHERE x.kind = 'account' AND x.key = n.account_key LIMIT 1), n.account)
 AS account"""

VIEWS = (
    f"""CREATE VIEW v_notes AS SELECT n.path, n.title, n.type, n.date, {_ACCOUNT}, n.project, n.person, n.participants,
 n.source, n.source_ref, n.tags, n.aliases, n.words, n.folder, n.filename, n.excluded FROM notes n""",
    f"""CREATE VIEW v_tasks AS SELECT t.id, n.path, t.line, t.text, t.raw, t.status, t.status_type, t.state,
 CASE t.priority WHEN 0 THEN 'highest' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'none' WHEN 4 THEN 'low'
 ELSE 'lowest' END AS priority, t.deadline AS due, t.scheduled, t.start, t.created, t.done, t.cancelled, t.comes AS happens, t.recurrence,
 t.on_completion, t.task_id, t.depends_on, t.block_id, t.tags, t.owner, t.owner_person, t.heading, {SECTION} AS section, t.parent,
 t.date_doubt, t.due_said, t.origin, n.title AS note_title, n.date AS note_date, n.type AS note_type, {_ACCOUNT}, n.project, n.excluded
 FROM tasks t JOIN notes n ON n.id = t.note""",
    f"""CREATE VIEW v_decisions AS SELECT n.path, d.line, d.text, d.date, {_ACCOUNT}, n.project, n.title AS note_title,
 n.type AS note_type, d.heading, d.tags, d.links, d.status, n.excluded FROM decisions d JOIN notes n ON n.id = d.note""",
    f"""CREATE VIEW v_people AS SELECT p.name, n.path, p.line, p.linked, n.title AS note_title, n.date AS note_date,
 {_ACCOUNT} FROM people p JOIN notes n ON n.id = p.note""",
    """CREATE VIEW v_props AS SELECT n.path, substr(p.fullkey, 3) AS key, p.atom AS value, p.type FROM notes n,
 json_tree(n.properties) p WHERE p.atom IS NOT NULL OR p.type = 'null'""",
    """CREATE VIEW v_links AS SELECT s.path AS source, f.path AS target, l.linkpath, l.kind, l.line, l.col, l.subpath,
 l.display, l.property, l.ambiguous FROM links l JOIN files s ON s.id = l.note LEFT JOIN files f ON f.id = l.target""",
)


def _view_of_rows() -> str:
    """`v_rows`: every kind of row that can be listed, one below the other, with the columns that all of them have."""
    from vaultindex.extract.registry import tables as extractors

    parts = []
    for table in extractors():
        columns = [name for name, _ in table.columns]
        if "text" in columns:
            kind = "r.kind" if "kind" in columns else f"'{table.name}'"
            date = "coalesce(r.date, n.date)" if "date" in columns else "n.date"
            heading = "r.heading" if "heading" in columns else "NULL"
            parts.append(
                f"SELECT {kind} AS kind, n.path, r.line, r.text, {date} AS date, {_ACCOUNT}, n.project,"
                f" n.title AS note_title, {heading} AS heading, n.excluded FROM {table.name} r JOIN notes n ON n.id = r.note"
            )
    return "CREATE VIEW v_rows AS " + " UNION ALL ".join(parts)


def tables() -> dict[str, list[str]]:
    """Column names by table, in the order rows are given."""
    from vaultindex.extract.registry import tables as extractors

    found = {name: [c for c, _ in columns] for name, columns, _ in _FIXED}
    for table in extractors():
        found[table.name] = [c for c, _ in table.columns]
    return found


def create(conn: sqlite3.Connection) -> None:
    """All tables and views, without what `index` adds after the load. The caller holds the transaction."""
    from vaultindex.extract.registry import tables as extractors

    for name, columns, _ in _FIXED:
        _table(conn, name, columns, "id" if columns[0][0] == "id" else "key" if name == "meta" else None)
    for table in extractors():
        _table(conn, table.name, table.columns, None, strict=not table.derived)
    for count in {count.table: count for count in COUNTS}.values():
        held = [*(f"{key} NOT NULL" for key in count.keys), *(f"{name} INTEGER NOT NULL" for name in count.sums)]
        conn.execute(
            f"CREATE TABLE {count.table}({', '.join(held)}, PRIMARY KEY ({', '.join(count.keys)})) WITHOUT ROWID"
        )
    conn.execute(FTS)
    for view in (*VIEWS, _view_of_rows()):
        conn.execute(view)


def index(conn: sqlite3.Connection) -> None:
    """All indexes, and what SQLite works out by itself; called after a load, which goes faster without."""
    from vaultindex.extract.registry import tables as extractors

    for table in extractors():
        for column, (annotation, sql) in table.derived.items():
            kind = "INTEGER" if _TYPES[annotation] == "int" else "TEXT"
            conn.execute(f"ALTER TABLE {table.name} ADD COLUMN {column} {kind} AS ({sql}) VIRTUAL")
    conn.execute("CREATE UNIQUE INDEX files_path ON files(path)")
    conn.execute("CREATE UNIQUE INDEX notes_path ON notes(path)")
    wanted = [(name, indexed) for name, _, indexed in _FIXED]
    for table in extractors():
        by_note = any(entry.startswith("note, ") and " WHERE " not in entry for entry in table.indexed)
        wanted.append((table.name, table.indexed if by_note else ("note", *table.indexed)))
    for name, indexed in wanted:
        for number, entry in enumerate(indexed):
            columns, _, condition = entry.partition(" WHERE ")
            where = f" WHERE {condition}" if condition else ""
            conn.execute(f"CREATE INDEX {name}_index_{number} ON {name}({columns}){where}")
    conn.execute(f"CREATE INDEX tasks_not_as_written ON tasks(text) WHERE {not_as_written('')}")


def count_all(conn: sqlite3.Connection) -> None:
    """Count what COUNTS says, whatever was counted before."""
    for table in {count.table: None for count in COUNTS}:
        conn.execute(f"DELETE FROM {table}")
    for count in COUNTS:
        conn.execute(_counted(count, 1, ""))


def follow_counts(conn: sqlite3.Connection) -> None:
    """From now on count along with every change that this connection makes, whichever code makes it.

    Triggers of the connection, not of the file: a question would have to read them each time it opens the index.
    """
    if conn.execute("SELECT 1 FROM sqlite_temp_master LIMIT 1").fetchone():
        return  # it does already
    new, was, now = [], [], []  # what is to be done with a note that comes, and with one that changes
    for count in COUNTS:
        if count.of == "notes":
            new.append(_counted(count, 1, "n.id = NEW.id"))
        else:
            more, less = (_counted(count, sign, f"t.rowid = {row}.rowid") for sign, row in ((1, "NEW"), (-1, "OLD")))
            events = [("new", "AFTER INSERT", more), ("gone", "BEFORE DELETE", less)]
            if count.changes:
                update = f"UPDATE OF {count.changes}"
                events += [("was", f"BEFORE {update}", less), ("now", f"AFTER {update}", more)]
            for name, event, what in events:
                _trigger(conn, f"{count.table}_{count.of}_{name}", f"{event} ON main.{count.of}", [what])
        rows = "n.id = {}.id" if count.of == "notes" else "t.note = {}.id"
        was.append(_counted(count, -1, rows.format("OLD")))
        now.append(_counted(count, 1, rows.format("NEW")))
    # A note takes its rows along: without it, nobody could tell any more whether they were counted.
    gone = [f"DELETE FROM {of} WHERE note = OLD.id" for of in sorted({count.of for count in COUNTS} - {"notes"})]
    gone += [what for count, what in zip(COUNTS, was) if count.of == "notes"]
    update = "UPDATE OF excluded, account_key, date ON main.notes"
    differs = "WHEN (OLD.excluded, OLD.account_key, OLD.date) IS NOT (NEW.excluded, NEW.account_key, NEW.date)"
    for name, event, some in (
        ("new", "AFTER INSERT ON main.notes", new), ("gone", "BEFORE DELETE ON main.notes", gone),
        ("was", f"BEFORE {update} {differs}", was), ("now", f"AFTER {update} {differs}", now),
    ):  # fmt: skip
        _trigger(conn, f"count_notes_{name}", event, some)


def _trigger(conn: sqlite3.Connection, name: str, event: str, body: list[str]) -> None:
    conn.execute(f"CREATE TEMP TRIGGER {name} {event} BEGIN {'; '.join(body)}; END")


def leave_counts(conn: sqlite3.Connection) -> None:
    """Follow no longer: for so many changes that `count_all` costs less."""
    for (name,) in conn.execute("SELECT name FROM sqlite_temp_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {name}")


def _counted(count: Count, sign: int, which: str) -> str:
    """The statement that adds (1) or takes away (-1) these rows; without `which`: that adds all, to a table that is empty."""
    keys, sums = list(count.keys.values()), list(count.sums.values())
    # Of one row it matters whether its note has another like it, of all rows of a note which is the first.
    other = "<>" if which.startswith("t.rowid") else "<"
    where = count.where.format(
        first=f"NOT EXISTS (SELECT 1 FROM {count.of} o WHERE o.note = t.note AND o.key = t.key AND o.rowid {other} t.rowid)"
    )
    added = ", ".join(f"{name} = {name} + excluded.{name}" for name in count.sums)
    into = f"INSERT INTO {count.table}({', '.join([*count.keys, *count.sums])}) SELECT"
    then = f"ON CONFLICT({', '.join(count.keys)}) DO UPDATE SET {added}"
    if which:
        values = ", ".join([*keys, *(what if sign > 0 else f"-{what}" for what in sums)])
        rows = "notes n" if count.of == "notes" else f"{count.of} t JOIN notes n ON n.id = t.note"
        return f"{into} {values} FROM {rows} WHERE {which} AND n.excluded IS NULL AND {where} {then}"
    if count.of == "people":  # (the same, in a twentieth of the time)
        sums, where = ["count(DISTINCT t.note)"], "1"
    else:
        sums = [f"sum({what})" for what in sums]
    values, group = ", ".join([*keys, *sums]), ", ".join(map(str, range(1, len(keys) + 1)))
    if count.of == "notes":
        rows = "notes n WHERE n.excluded IS NULL"
    elif any("n." in key for key in keys):
        rows = f"notes n CROSS JOIN {count.of} t ON t.note = n.id WHERE n.excluded IS NULL"
    else:
        rows = f"{count.of} t WHERE t.note NOT IN (SELECT id FROM notes WHERE excluded IS NOT NULL)"
    return f"{into} {values} FROM {rows} AND {where} GROUP BY {group} {then}"


def drop(conn: sqlite3.Connection) -> None:
    """Remove every table and view of ours; the caller holds the transaction."""
    conn.execute("DROP TABLE IF EXISTS search")
    rows = conn.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    )
    for kind, name in rows.fetchall():
        conn.execute(f'DROP {kind} IF EXISTS "{name}"')


def _table(
    conn: sqlite3.Connection,
    name: str,
    columns: Iterable[tuple[str, str]],
    pk: str | None,
    strict: bool = True,
) -> None:
    # sqlite-utils writes the statement (types, quoting, STRICT); we run it inside our own transaction.
    import sqlite_utils

    kinds: dict[str, Any] = {"int": int, "str": str, "float": float, "bytes": bytes}
    types = {c: kinds[_TYPES[a]] for c, a in columns}
    not_null = {c for c, a in columns if "None" not in a and c != pk}
    maker = sqlite_utils.Database(memory=True, execute_plugins=False)
    conn.execute(maker.create_table_sql(name, types, pk=pk, not_null=not_null, strict=strict))


def version() -> int:
    """A digest of the code that decides what the rows are, as SQLite's 32-bit `user_version`; never 0."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    names = [os.path.join(package, "__init__.py")]  # it holds the version number, should the sources be unreadable
    for room in _DECIDES:
        folder = os.path.join(package, *room.split("/"))
        if os.path.isdir(folder):
            names += [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".py")]
    digest = 0
    for name in names:
        try:
            with open(name, "rb", buffering=0) as file:
                digest = zlib.crc32(file.read(), digest)
        except OSError:
            digest = zlib.crc32(
                name.encode(), digest
            )  # a zipped install: the names still tell versions apart with the package
    return digest & 0x7FFFFFFF or 1


# The rooms whose code decides what the rows of the index are.
_DECIDES = ("base", "dates", "tasks", "notes", "notes/blocks", "meetings", "extract", "vault", "index")
