"""Words that many answers share: the name of a note, `path:line`, '3 notes'."""

import os
import sqlite3
from datetime import date
from typing import Any

from vaultindex.dates.days import MONTHS, WEEKDAYS, ordinal


def name_of(row: dict[str, Any]) -> str:
    """The name of a note as links write it."""
    path = str(row["path"])
    return path[path.rfind("/") + 1 : -3] if path.endswith(".md") else path


def place(row: dict[str, Any]) -> str:
    """`path:line`, which editors and terminals open."""
    return f"{row['path']}:{row['line']}"


def obsidian_link(vault: str, path: str) -> str:
    """The `obsidian://` address of a note, every reserved character percent-encoded; '' where it lies in no vault of ours."""
    from urllib.parse import quote

    if not vault:
        return ""

    name = os.path.basename(vault)
    return f"obsidian://open?vault={quote(name, safe='')}&file={quote(path, safe='')}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """'1 task', '2,013 notes'."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short_day(day: str | None, today: str) -> str:
    """'7 Oct', with the year when it is another one. Also of days that no calendar has: '30 Feb'."""
    if day is None or len(day) != 10 or not day.replace("-", "").isdigit() or not 1 <= int(day[5:7]) <= 12:
        return day or ""
    year = "" if day[:4] == today[:4] else f" {day[:4]}"
    return f"{int(day[8:])} {MONTHS[int(day[5:7]) - 1][:3]}{year}"


def week_day(day: str) -> str:
    """'Tue 7 Oct'."""
    found = date.fromisoformat(day)
    return f"{WEEKDAYS[found.weekday()][:3]} {found.day} {MONTHS[found.month - 1][:3]}"


def distance(day: str, today: str) -> str:
    """'today', 'in 3d', '1 day', '84 days': how far a day is, in days that are left or have gone by."""
    there, here = ordinal(day), ordinal(today)
    if there is None or here is None:
        return day
    left = there - here
    return "today" if not left else f"in {left}d" if left > 0 else count(-left, "day")


def short_name(row: dict[str, Any], today: str) -> str:
    """The name of a note with the date in front of it shortened: '2025-09-30 Pricing call' is '30 Sep Pricing call'."""
    name = name_of(row)
    if len(name) > 11 and name[10] in " _-" and ordinal(name[:10]) is not None:
        return f"{short_day(name[:10], today)} {name[11:].strip(' -_')}"
    return name


def wikilink(conn: sqlite3.Connection, path: str) -> str:
    """A link that Obsidian resolves to this note: its name, or its path where several files have the name."""
    name = path[path.rfind("/") + 1 :].removesuffix(".md")
    sql = "SELECT count(*) FROM files WHERE key = (SELECT key FROM files WHERE path = ?)"
    return f"[[{name}]]" if conn.execute(sql, (path,)).fetchone()[0] == 1 else f"[[{path.removesuffix('.md')}|{name}]]"
