"""Questions in the Tasks plugin's language: text -> tree -> SQL. `run` is the door.

What is named here is imported when it is first used: a plain list needs the tree, not the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaultindex.query.engine import Result, answer, find, run
    from vaultindex.query.errors import QueryError
    from vaultindex.query.groups import Group, Heading
    from vaultindex.query.layout import Layout
    from vaultindex.query.lines import QueryNote
    from vaultindex.query.parser import Query, parse
    from vaultindex.query.row import TaskRow

_HOME = {
    "Result": "engine", "answer": "engine", "find": "engine", "run": "engine", "QueryError": "errors", "Group": "groups",
    "Heading": "groups", "Layout": "layout", "QueryNote": "lines", "Query": "parser", "parse": "parser", "TaskRow": "row",
}  # fmt: skip

__all__ = [
    "Group", "Heading", "Layout", "Query", "QueryError", "QueryNote", "Result", "TaskRow", "answer", "find", "parse", "run",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
