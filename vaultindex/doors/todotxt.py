"""Tasks as lines of todo.txt: one line a task, priority and dates in front, projects, owners and keys behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vaultindex.base.text import one_line

FIELDS = (
    "id", "text", "state", "priority", "due", "scheduled", "start", "created", "done", "tags", "owner_person", "account",
)  # fmt: skip
_LETTERS = {"highest": "A", "high": "B", "medium": "C", "low": "E", "lowest": "F"}
_MARKED = re.compile(r"x |\([A-Z]\) |\d{4}-\d\d-\d\d ")


def line(row: Mapping[str, Any]) -> str:
    """One task. Cancelled ones are done with `status:cancelled`, proposals have `status:proposed`; `id:` is ours."""
    letter = _LETTERS.get(row["priority"])
    done = row["state"] in ("done", "cancelled")
    front = ["x"] if done else [f"({letter})"] if letter else []
    if done and row["done"]:
        front += [row["done"], *([row["created"]] if row["created"] else [])]
    elif not done and row["created"]:
        front.append(row["created"])
    said = one_line(row["text"])
    if not front and _MARKED.match(said):
        said = f"· {said}"  # else a reader would take its beginning for a mark
    behind = [f"+{_word(name)}" for name in ([row["account"]] if row["account"] else [])]
    behind += [f"+{_word(tag.lstrip('#'))}" for tag in row["tags"]]
    behind += [f"@{_word(row['owner_person'])}"] if row["owner_person"] else []
    behind += [f"due:{row['due']}"] if row["due"] else []
    wait = row["start"] or row["scheduled"]
    behind += [f"t:{wait}"] if wait else []
    behind += [f"pri:{letter}"] if done and letter else []
    behind += [f"status:{row['state']}"] if row["state"] in ("proposed", "cancelled") else []
    return " ".join([*front, said, *behind, f"id:{row['id']}"])


def _word(name: str) -> str:
    return re.sub(r"\s+", "_", one_line(name).strip())
