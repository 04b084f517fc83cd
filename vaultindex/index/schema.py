"""The tables of the index, made from the Row types; their version is a digest of the code that fills them.

The index is disposable: when this digest differs, sync drops and refills everything in one transaction. The views
(`v_tasks`, `v_notes`, `v_decisions`, `v_people`, `v_links`, `v_props`, `v_rows`) are the public SQL surface; base tables may change.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable
from typing import Any

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
            ("excluded", "str | None"), ("path_key", "bytes"),
        ),
        ("name_key", "account_key, date, excluded", "date", "excluded WHERE excluded IS NOT NULL", "entity WHERE entity IS NOT NULL"),
    ),
    ("problems", (("file", "int | None"), ("path", "str"), ("line", "int"), ("kind", "str"), ("what", "str")), ("file",)),
    ("bodies", (("id", "int"), ("title", "str"), ("body", "bytes")), ()),
    ("told", (("key", "str"), ("other", "str"), ("same", "int")), ()),  # which names are one person, which are two
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
