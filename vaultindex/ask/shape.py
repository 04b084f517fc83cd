"""What a task is to the outside: each field of the JSON contract, as the SQL that writes its JSON.

There is no second definition: the dictionaries of the library and of tables are this text, read again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from vaultindex.query.row import DATES, PRIORITIES
from vaultindex.query.sorts import urgency_term
from vaultindex.schema import SECTION
from vaultindex.text import fold


class Field(NamedTuple):
    """One field: an SQL expression, and how printf takes its value into the text."""

    sql: str
    form: str = "%s"
    params: tuple[object, ...] = ()


def _text(sql: str) -> Field:
    return Field(f"json_quote({sql})")


def _word(sql: str) -> Field:
    """A text that is never absent and holds nothing that JSON escapes."""
    return Field(sql, '"%s"')


def _date(column: str) -> Field:
    return Field(f"""CASE WHEN {column} IS NULL THEN 'null' ELSE '"' || {column} || '"' END""")


def _filled(column: str) -> Field:
    """A text whose absence the index keeps as ''."""
    return Field(f"CASE {column} WHEN '' THEN 'null' ELSE json_quote({column}) END")


def _truth(sql: str, *params: object) -> Field:
    return Field(f"CASE WHEN {sql} THEN 'true' ELSE 'false' END", params=params)


_PRIORITY = f"CASE t.priority {' '.join(f'WHEN {i} THEN {name!r}' for i, name in enumerate(PRIORITIES))} END"
_DEPENDS = (
    """CASE t.depends_on WHEN '' THEN '[]' ELSE '[' || replace(json_quote(t.depends_on), ',', '", "') || ']' END"""
)
_PROBLEMS = f"""CASE WHEN t.invalid IS NULL AND t.stray IS NULL THEN '[]' ELSE (SELECT json_group_array(p) FROM (
 SELECT i.value || ' ' || CASE i.value {" ".join(f"WHEN '{name}' THEN t.{name}" for name in DATES)} END
 || ' is not a date of the calendar' AS p FROM json_each('["' || replace(trim(t.invalid, ','), ',', '","') || '"]') i
 UNION ALL SELECT rtrim(json_extract(s.value, '$[0]') || ' ' || json_extract(s.value, '$[1]'))
 || ' is not seen by the Tasks plugin: text follows it' FROM json_each(t.stray) s)) END"""

# A person is shown under the name of the one note that has this name or alias, an account under that of its first note.
# {} is a further condition: a few tasks look their names up, many share a list of all.
_PEOPLE = """SELECT key, CASE WHEN min(name) = max(name) THEN nullif(name, '') END AS name FROM names
 WHERE kind = 'person' AND key <> '' {} GROUP BY key"""
_ACCOUNTS = """SELECT x.key, x.name, f.path, min(x.rowid) FROM names x JOIN files f ON f.id = x.note
 WHERE x.kind = 'account' AND x.key <> '' {} GROUP BY x.key"""
_MANY = 500


def fields(today: str, me: Sequence[str], many: bool = False) -> dict[str, Field]:
    """Every field of a task, in the order of the contract."""
    mine = json.dumps([fold(name.lstrip("@")) for name in me])
    urgency = urgency_term(today)
    if many:
        person, account, account_note = "people.name", "accounts.name", "accounts.path"
    else:
        person = f"(SELECT name FROM ({_PEOPLE.format('AND key = t.person_key')}))"
        account, account_note = (
            f"(SELECT {column} FROM ({_ACCOUNTS.format('AND x.key = n.account_key')}))" for column in ("name", "path")
        )
    return {
        "id": _word("t.id"),
        "path": _text("n.path"),
        "line": Field("t.line", "%d"),
        "text": _text("t.text"),
        "raw": _text("t.raw"),
        "status": _text("t.status"),
        "status_type": _word("t.status_type"),
        "state": _word("t.state"),
        "priority": _word(_PRIORITY),
        **{name: _date(f"t.{name}") for name in (*DATES, "happens")},
        "urgency": Field(urgency.sql, "%!.15g", urgency.params),
        "recurrence": _text("t.recurrence"),
        "on_completion": _filled("t.on_completion"),
        "task_id": _filled("t.task_id"),
        "depends_on": Field(_DEPENDS),
        "block_id": _filled("t.block_id"),
        "tags": Field("t.tags"),
        "owner": _text("t.owner"),
        "owner_person": _text(f"CASE WHEN t.person_key <> '' THEN ifnull({person}, t.owner_person) END"),
        "mine": _truth("t.owner_key IN (SELECT value FROM json_each(?))", mine),
        "links": Field("t.links"),
        "heading": _text("t.heading"),
        "section": Field(SECTION),
        "parent": Field("ifnull(t.parent, 'null')"),
        "note_title": _text("n.title"),
        "note_date": _text("n.date"),
        "note_type": _text("n.type"),
        "account": _text(f"ifnull({account}, n.account)"),
        "account_note": _text(account_note),
        "project": _text("n.project"),
        "participants": Field("n.participants"),
        "overdue": _truth(
            "t.due < ? AND t.state IN ('open', 'proposed') AND (t.invalid IS NULL OR instr(t.invalid, ',due,') = 0)",
            today,
        ),
        "date_doubt": _text("t.date_doubt"),
        "problems": Field(_PROBLEMS),
    }


FIELDS = tuple(fields("2000-01-01", ()))


def texts(
    conn: sqlite3.Connection, keys: Sequence[int], today: str, me: Sequence[str], only: Sequence[str] | None = None
) -> Iterator[bytes]:
    """The tasks with these rowids, in this order, as JSON objects; `only` limits and orders the fields.

    The first ones come soon; the more are read, the more are read at once.
    """
    at, size = 0, 200
    while at < len(keys):
        some = keys[at : at + size]
        # Read in the order in which they lie: neighbours share a page.
        made = dict(_read(conn, sorted(set(some)), today, me, only))
        yield from (made[key] for key in some if key in made)
        at += size
        size = min(size * 10, 20_000)


def _read(
    conn: sqlite3.Connection, keys: list[int], today: str, me: Sequence[str], only: Sequence[str] | None
) -> sqlite3.Cursor:
    many = len(keys) > _MANY
    known = fields(today, me, many)
    chosen = known if only is None else {name: known[name] for name in only}
    form = ", ".join(f'"{name}": {field.form}' for name, field in chosen.items())
    written = ", ".join([f"'{{{form}}}'", *(field.sql for field in chosen.values())])
    params: list[Any] = [param for field in chosen.values() for param in field.params]
    lists, joined = "", ""
    if many:
        lists = f"WITH people AS MATERIALIZED ({_PEOPLE.format('')}), accounts AS MATERIALIZED ({_ACCOUNTS.format('')})"
        joined = " LEFT JOIN people ON people.key = t.person_key LEFT JOIN accounts ON accounts.key = n.account_key"
    # A blob is handed over as it is, where a text would be decoded here and encoded again for the file.
    sql = f"""{lists} SELECT t.rowid, CAST(printf({written}) AS BLOB)
 FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value CROSS JOIN notes n ON n.id = t.note{joined}"""
    return conn.execute(sql, (*params, json.dumps(keys)))
