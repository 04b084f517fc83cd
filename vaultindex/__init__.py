"""Answers about an Obsidian vault: tasks, proposals, decisions, backlinks.

The names below are the library; each is imported on first use, so that `vi` starts at once.
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False  # typing takes longer to import than all of the launcher
if TYPE_CHECKING:
    from typing import Any

    from vaultindex.api import (
        Note,
        QueryError,
        Task,
        TaskSettings,
        Vault,
        VaultError,
        complete_task,
        format_task,
        open_vault,
        parse_note,
        parse_task,
    )

__all__ = [
    "Note", "QueryError", "Task", "TaskSettings", "Vault", "VaultError", "complete_task", "format_task", "open_vault",
    "parse_note", "parse_task",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in __all__:
        from vaultindex import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
