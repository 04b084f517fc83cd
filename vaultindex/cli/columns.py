"""Columns and words that several lists share."""

from __future__ import annotations

from typing import Any

from vaultindex.cli.app import App
from vaultindex.dates.ranges import Range
from vaultindex.render import phrases, table
from vaultindex.render.phrases import name_of


def period(app: App, since: str | None, until: str | None) -> Range | None:
    """The range that --since and --until mean. Raises UsageError."""
    if since is None and until is None:
        return None
    import datetime

    from vaultindex.dates.ranges import between

    return between(since, until, datetime.date.fromisoformat(app.today))


def is_narrow() -> bool:
    """Whether the terminal has too few columns for whole dates beside the names of notes."""
    return table.screen().width < 120


def note_column(app: App, title: str = "note") -> table.Column:
    """The note's name, linked into Obsidian on terminals that can; its date is shortened where there is little room."""
    root, today = app.root, app.today
    narrow = app.format == "table" and is_narrow()
    name = (lambda r: phrases.short_name(r, today)) if narrow else name_of
    return table.Column(
        title, name, grow=3, style=lambda r: "dim", link=lambda r: phrases.obsidian_link(root, r["path"]), lines=2
    )


def dated(app: App) -> table.Column:
    """The date of a row, short where there is little room."""
    today = app.today
    narrow = app.format == "table" and is_narrow()
    return table.Column(
        "date",
        lambda r: phrases.short_day(r["date"], today) if narrow else r["date"] or "",
        style=lambda r: "cyan",
    )


def text(
    field: str,
    title: str | None = None,
    style: str = "",
    grow: int = 0,
    right: bool = False,
    most: int = 0,
    lines: int = 1,
) -> table.Column:
    """A column that shows one field."""
    return table.Column(
        title or field,
        lambda r: "" if r[field] is None else str(r[field]),
        grow,
        (lambda r: style) if style else None,
        right=right,
        most=most,
        lines=lines,
    )


def and_all(words: tuple[str, ...], options: dict[str, Any]) -> str:
    """' for account X, ...': what was asked, for the sentence that says that there is nothing."""
    asked = [f"{k} {v}" for k, v in options.items() if v and isinstance(v, str)]
    if words:
        asked.insert(0, "the words " + " ".join(words))
    return f" for {', '.join(asked)}" if asked else ""


def quoted(word: str) -> str:
    """The word as it is typed in a command line."""
    return word if word.replace("-", "").isalnum() else "'" + word.replace("'", "'\\''") + "'"


def number(field: str, title: str, style: str = "") -> table.Column:
    """A column that shows a number, and nothing for 0."""
    return table.Column(
        title, lambda r: str(r[field]) if r[field] else "", right=True, style=(lambda r: style) if style else None
    )
