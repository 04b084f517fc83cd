"""The fields of a task in the JSON contract: each as an SQL expression, and as the SQL that writes its JSON.

Only for speed is the JSON written by SQL (a third of the time of a long list); `values` gives the same as dictionaries.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from vaultindex.base.text import fold
from vaultindex.index.schema import SECTION, real
from vaultindex.query.terms import urgency_term
from vaultindex.tasks.plugin_settings import DATES
from vaultindex.tasks.urgency import PRIORITIES


class Field(NamedTuple):
    """One field: its value in SQL, what of it printf takes into the JSON and how, and what Python makes of the value."""

    sql: str
    written: str
    form: str = "%s"
    read: Callable[[Any], Any] | None = None
    params: tuple[object, ...] = ()


def _text(sql: str) -> Field:
    return Field(sql, f"json_quote({sql})")


def _word(sql: str) -> Field:
    """A text that is never absent and holds nothing that JSON escapes."""
    return Field(sql, sql, '"%s"')


def _date(column: str) -> Field:
    return Field(column, f"""CASE WHEN {column} IS NULL THEN 'null' ELSE '"' || {column} || '"' END""")


def _filled(column: str) -> Field:
    """A text whose absence the index keeps as ''."""
    return Field(f"nullif({column}, '')", f"CASE {column} WHEN '' THEN 'null' ELSE json_quote({column}) END")


def _truth(sql: str, *params: object) -> Field:
    return Field(sql, f"CASE WHEN {sql} THEN 'true' ELSE 'false' END", read=bool, params=params)


def _list(sql: str) -> Field:
    """A list that is JSON already."""
    return Field(sql, sql, read=_listed)


def _listed(text: str) -> list[Any]:
    found: list[Any] = [] if text == "[]" else json.loads(text)
    return found


# In our own lists a due date may also be one that only the words say.
_OURS = {"due": "deadline", "happens": "comes"}
_PRIORITY = f"CASE t.priority {' '.join(f'WHEN {i} THEN {name!r}' for i, name in enumerate(PRIORITIES))} END"
_DEPENDS = (
    """CASE t.depends_on WHEN '' THEN '[]' ELSE '[' || replace(json_quote(t.depends_on), ',', '", "') || ']' END"""
)
_PROBLEMS = f"""CASE WHEN t.invalid IS NULL AND t.stray IS NULL THEN '[]' ELSE (SELECT json_group_array(p) FROM (
 SELECT i.value || ' ' || CASE i.value {" ".join(f"WHEN '{name}' THEN t.{name}" for name in DATES)} END
 || ' is not a date of the calendar' AS p FROM json_each('["' || replace(trim(t.invalid, ','), ',', '","') || '"]') i
 UNION ALL SELECT rtrim(json_extract(s.value, '$[0]') || ' ' || json_extract(s.value, '$[1]'))
 || CASE WHEN json_extract(s.value, '$[0]') IN ('created', 'start', 'scheduled', 'due', 'done', 'cancelled')
 AND json_extract(s.value, '$[1]') NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
 THEN ' is no date for the Tasks plugin: it reads YYYY-MM-DD' ELSE ' is not seen by the Tasks plugin: text follows it' END
 FROM json_each(t.stray) s)) END"""

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
    urgency = urgency_term(today, "t.deadline")
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
        "line": Field("t.line", "t.line", "%d"),
        "text": _text("t.text"),
        "raw": _text("t.raw"),
        "status": _text("t.status"),
        "status_type": _word("t.status_type"),
        "state": _word("t.state"),
        "priority": _word(_PRIORITY),
        **{name: _date(f"t.{_OURS.get(name, name)}") for name in (*DATES, "happens")},
        "urgency": Field(urgency.sql, urgency.sql, "%!.15g", params=urgency.params),
        "recurrence": _text("t.recurrence"),
        "on_completion": _filled("t.on_completion"),
        "task_id": _filled("t.task_id"),
        "depends_on": _list(_DEPENDS),
        "block_id": _filled("t.block_id"),
        "tags": _list("t.tags"),
        "owner": _text("t.owner"),
        "owner_person": _text(f"CASE WHEN t.person_key <> '' THEN ifnull({person}, t.owner_person) END"),
        "mine": _truth(
            "(t.owner_key IN (SELECT value FROM json_each(?)) OR t.person_key IN (SELECT value FROM json_each(?)))",
            mine,
            mine,
        ),
        "links": _list("t.links"),
        "heading": _text("t.heading"),
        "section": _list(SECTION),
        "parent": Field("t.parent", "ifnull(t.parent, 'null')"),
        "note_title": _text("n.title"),
        "note_date": _text("n.date"),
        "note_type": _text("n.type"),
        "account": _text(f"ifnull({account}, n.account)"),
        "account_note": _text(account_note),
        "project": _text("n.project"),
        "participants": _list("n.participants"),
        "overdue": _truth(f"t.deadline < ? AND t.state IN ('open', 'proposed') AND {real('due')}", today),
        "date_doubt": _text("t.date_doubt"),
        "problems": _list(_PROBLEMS),
        "due_said": _date("t.due_said"),
        "origin": _word("t.origin"),
    }


FIELDS = tuple(fields("2000-01-01", ()))


def texts(
    conn: sqlite3.Connection, keys: Sequence[int], today: str, me: Sequence[str], only: Sequence[str] | None = None
) -> Iterator[bytes]:
    """The tasks with these rowids, in this order, as JSON objects; `only` limits and orders the fields."""

    def written(chosen: dict[str, Field]) -> list[str]:
        form = ", ".join(f'"{name}": {field.form}' for name, field in chosen.items())
        line = ", ".join([f"'{{{form}}}'", *(field.written for field in chosen.values())])
        # A blob is handed over as it is, where a text would be decoded here and encoded again for the file.
        return [f"CAST(printf({line}) AS BLOB)"]

    return map(itemgetter(0), _rows(conn, keys, today, me, only, written))


def values(
    conn: sqlite3.Connection, keys: Sequence[int], today: str, me: Sequence[str], only: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The same as dictionaries."""

    def plain(chosen: dict[str, Field]) -> list[str]:
        return [field.sql for field in chosen.values()]

    every = fields(today, me)
    names = FIELDS if only is None else only
    reads = [(name, read) for name in names if (read := every[name].read) is not None]
    for row in _rows(conn, keys, today, me, only, plain):
        task = dict(zip(names, row))
        for name, read in reads:
            task[name] = read(task[name])
        yield task


def _rows(
    conn: sqlite3.Connection,
    keys: Sequence[int],
    today: str,
    me: Sequence[str],
    only: Sequence[str] | None,
    columns: Callable[[dict[str, Field]], list[str]],
) -> Iterator[tuple[Any, ...]]:
    """The columns of these tasks, in this order, each row followed by its rowid.

    Reads in growing batches, so that the first rows come soon.
    """
    at, size = 0, 200
    while at < len(keys):
        some = keys[at : at + size]
        many = len(some) > _MANY
        known = fields(today, me, many)
        chosen = known if only is None else {name: known[name] for name in only}
        shown = ", ".join([*columns(chosen), "t.rowid"])
        params = [param for field in chosen.values() for param in field.params]
        # Read in the order in which they lie: neighbours share a page.
        found = conn.execute(_statement(shown), (*params, json.dumps(sorted(set(some)))))
        made = {row[-1]: row for row in found}
        yield from filter(None, map(made.get, some))
        at += size
        size = min(size * 10, 20_000)


def _statement(shown: str) -> str:
    """Reads the columns `shown` of the tasks whose rowids are a list in JSON, in its order.

    Only tables that the columns look at are joined: finding a note and names for each task is a third of a short line.
    """
    lists, joined = [], ""
    if "n." in shown or "accounts." in shown:
        joined += " CROSS JOIN notes n ON n.id = t.note"
    for name, sql, on in (("people", _PEOPLE, "t.person_key"), ("accounts", _ACCOUNTS, "n.account_key")):
        if f"{name}." in shown:
            lists.append(f"{name} AS MATERIALIZED ({sql.format('')})")
            joined += f" LEFT JOIN {name} ON {name}.key = {on}"
    head = f"WITH {', '.join(lists)} " if lists else ""
    return f"{head}SELECT {shown} FROM json_each(?) j CROSS JOIN tasks t ON t.rowid = j.value{joined}"
