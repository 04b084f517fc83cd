"""What a change did to a line, in few words: `📅 Fri 10 Oct 2025 (was 2025-10-03) @Sam Okoro`."""

from __future__ import annotations

from vaultindex.state import edits
from vaultindex.tasks.line import Task, parse_task
from vaultindex.tasks.plugin_settings import TaskSettings

_SIGNS = {"due": "📅", "scheduled": "⏳", "start": "🛫", "created": "➕", "done": "✅", "cancelled": "❌"}


def detail(change: edits.Change, settings: TaskSettings) -> str:
    """What is different in a line, in few words."""
    old = parse_task(change.old, settings)
    tasks = [parse_task(line, settings) for line in change.new]
    if old is None or not tasks:
        return "deleted" if not tasks else ""
    new = tasks[0 if settings.recurrence_on_next_line else -1]
    words = _differences(old, new) if new is not None else []
    if len(tasks) > 1:
        following = tasks[-1 if settings.recurrence_on_next_line else 0]
        if following is not None:
            words.append(f"next {following.happens or 'one added'}")
    return " ".join(words)


def _differences(old: Task, new: Task) -> list[str]:
    from vaultindex.dates.ranges import echo_day

    words = []
    for name, sign in _SIGNS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            was = f" (was {before})" if before and name in ("due", "scheduled", "start") else ""
            shown = echo_day(after) if after and was and name not in new.invalid else after
            words.append(f"{sign} {shown}{was}" if shown else f"without {sign}{was}")
    if old.priority != new.priority:
        words.append(f"{new.priority} (was {old.priority})")
    if old.owner != new.owner:
        words.append(f"@{new.owner}" if new.owner else f"nobody (was @{old.owner})")
    words += [f"+{tag}" for tag in new.tags if tag not in old.tags]
    words += [f"-{tag}" for tag in old.tags if tag not in new.tags]
    if old.status != new.status and not words:
        words.append(f"[{old.status}] → [{new.status}]")
    return words
