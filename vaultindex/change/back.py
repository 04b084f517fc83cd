"""Taking changes back: the edit where its line stands now."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vaultindex.base.errors import VaultError
from vaultindex.change.desk import Bench, follow, follow_names
from vaultindex.state import edits
from vaultindex.state.journal import NO_NOTE, Edit
from vaultindex.tasks.line import parse_task


def take_back(at: Bench, some: Sequence[Edit]) -> tuple[list[Edit], list[tuple[Edit, VaultError]]]:
    """Take edits back, each where its line stands now, and bring the index up to date: (those taken back, those refused and why)."""
    back, refused = edits.undo(at.place.root, at.journal, [_followed(at, one) for one in some])
    notes = [one for one in back if one.path != NO_NOTE]
    follow(at, {one.path for one in notes}, loose=any(one.before == one.after for one in notes))
    if len(notes) < len(back):
        follow_names(at, ())
    return back, refused


def _followed(at: Bench, one: Edit) -> Edit:
    """The edit where its line stands now: in the one note that holds it, when the note it was made in has another name."""
    from vaultindex.vault.atomic_write import on_disk

    if one.before is None or os.path.lexists(on_disk(at.place.root, one.path)):
        return one
    sql = "SELECT DISTINCT n.path FROM tasks t JOIN notes n ON n.id = t.note WHERE t.text = ? AND t.raw = ?"
    holders: set[str] = set()
    for line in text_of(one.after).split("\n"):
        task = parse_task(line, at.settings)
        if task is not None:
            holders.update(path for (path,) in at.conn.execute(sql, (task.text, line)))
    if len(holders) > 1:
        at.place.notes.append(f"{one.path} is gone; the line stands in {', '.join(sorted(holders)[:8])}")
    return one._replace(path=holders.pop()) if len(holders) == 1 else one


def text_of(data: bytes | None) -> str:
    """Lines of a note as they are read."""
    from vaultindex.vault.note_lines import Lines

    return "\n".join(Lines(data).read()) if data else ""
