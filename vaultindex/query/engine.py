"""Run a query over the index: SQL finds, orders and counts; only the tasks that are shown become objects."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import NamedTuple

from vaultindex.query.language.layout import Layout
from vaultindex.query.language.lines import QueryNote
from vaultindex.query.language.parser import Query, parse
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.groups import Group, grouped
from vaultindex.query.nodes.row import Rows, TaskRow
from vaultindex.query.nodes.sorts import Sorter, order_by
from vaultindex.query.nodes.tree import FUNCTION, And, Context, Node
from vaultindex.tasks.plugin_settings import TaskSettings


class Result(NamedTuple):
    """What a query found. `groups` has one group without names when nothing groups."""

    total: int  # tasks shown, each counted once
    total_before_limit: int
    groups: list[Group]
    layout: Layout
    explain: str
    sql: str  # the statement that found them, with its parameters as `?`
    params: tuple[object, ...]

    @property
    def count_text(self) -> str:
        """'3 tasks', '1 task', '3 of 7 tasks': what the plugin writes below its results."""
        of = f" of {self.total_before_limit}" if self.total != self.total_before_limit else ""
        return f"{self.total}{of} task{'s' * (self.total_before_limit != 1)}"

    @property
    def tasks(self) -> list[TaskRow]:
        return [task for group in self.groups for task in group.tasks]


def run(
    conn: sqlite3.Connection,
    text: str,
    *,
    today: date,
    settings: TaskSettings,
    query_note: QueryNote | None = None,
    also: Node | None = None,
    most: int | None = None,
) -> Result:
    """The answer to a query's text, as the Tasks plugin gives it. `also` is a further condition. Raises QueryError.

    Where nothing groups, no more than the first `most` tasks are found; `total` is of all that the query shows.
    """
    query = parse(text, today, settings, query_note)
    return answer(conn, query, today=today, settings=settings, also=also, most=most)


def answer(
    conn: sqlite3.Connection,
    query: Query,
    *,
    today: date,
    settings: TaskSettings,
    also: Node | None = None,
    most: int | None = None,
) -> Result:
    """The answer to a query that was parsed or built; `most` as above."""
    ctx = Context(today.isoformat(), settings, conn)
    node = And((query.node, also)) if also else query.node
    limits = [limit for limit in (query.limit, most if not query.all_groupers() else None) if limit is not None]
    sql, params, keys, count = find(ctx, node, [sorter for _, sorter in query.sorters], min(limits, default=None))
    groups = grouped(Rows(conn, keys), query.all_groupers(), ctx)
    total = count if query.limit is None else min(count, query.limit)
    if query.group_limit is not None and query.all_groupers():
        groups = [group._replace(tasks=list(group.tasks)[: query.group_limit]) for group in groups]
        total = len({key for group in groups for key in group.keys})
    return Result(total, count, groups, query.layout, query.explanation(), sql, params)


def find(
    ctx: Context, node: Node, sorters: list[Sorter], limit: int | None = None
) -> tuple[str, tuple[object, ...], list[int], int]:
    """(SQL, parameters, the first `limit` rowids of all tasks that match, in order, how many match).

    Raises QueryError.
    """
    assert ctx.conn is not None
    where, order = node.sql(ctx), order_by(sorters, ctx)
    # The plugin sees boxes only. (Asked only where there is something else: then no list of its rows pays for it.)
    loose = ctx.conn.execute("SELECT 1 FROM tasks WHERE way > 0 LIMIT 1").fetchone()
    if loose:
        where = where._replace(sql=f"({where.sql}) AND t.way = 0")
    joined = " JOIN notes n ON n.id = t.note" if "n." in order.sql else ""
    sql = f"SELECT t.rowid FROM tasks t{joined} WHERE {where.sql} ORDER BY {order.sql}"
    params = where.params + order.params
    # Counting apart lets SQLite keep no more than `limit` rows in its sorter, unless asking twice costs more than that.
    apart = limit is not None and FUNCTION not in where.sql
    if apart:
        sql += f" LIMIT {limit}"
    try:
        keys = [row[0] for row in ctx.conn.execute(sql, params)]
        count = len(keys)
        if apart and count == limit:
            count = ctx.conn.execute(f"SELECT count(*) FROM tasks t WHERE {where.sql}", where.params).fetchone()[0]
    except sqlite3.Error as error:
        if ctx.failure is not None:
            raise ctx.failure from None
        raise QueryError("runtime", f"The search failed: {error}") from None
    return sql, params, keys[:limit], count
