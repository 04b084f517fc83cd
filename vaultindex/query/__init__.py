"""Questions in the Tasks plugin's language: text -> tree -> SQL. `run` is the door."""

from __future__ import annotations

from vaultindex.query.engine import Result, answer, find, run
from vaultindex.query.errors import QueryError
from vaultindex.query.groups import Group, Heading
from vaultindex.query.layout import Layout
from vaultindex.query.lines import QueryNote
from vaultindex.query.parser import Query, parse
from vaultindex.query.row import TaskRow

__all__ = [
    "Group", "Heading", "Layout", "Query", "QueryError", "QueryNote", "Result", "TaskRow",
    "answer", "find", "parse", "run",
]  # fmt: skip
