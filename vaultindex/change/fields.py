"""What a person types into a field of a task: a day, an owner, a priority; and what then becomes of the line."""

from __future__ import annotations

from collections.abc import Callable

from vaultindex.base.errors import UnknownName, UsageError
from vaultindex.change.desk import Bench, Place
from vaultindex.tasks import change_field
from vaultindex.tasks.plugin_settings import TaskSettings
from vaultindex.tasks.urgency import PRIORITIES


def day(app: Place, text: str) -> str | None:
    """The one day that a text means; None for 'none'. Raises UsageError."""
    import datetime

    from vaultindex.dates.ranges import NO_DATE, option_range

    found = option_range(text, datetime.date.fromisoformat(app.today))
    if found == NO_DATE:
        return None
    if found.start is None or found.start != found.end:
        # 'next week', 'eom..': a task is due on a day
        raise UsageError(f"{text!r} is {found.echo()}: say one day")
    return found.start


def dated(app: Place, name: str, text: str, settings: TaskSettings) -> Callable[[str], str]:
    """What puts the day that a text means into a date field. Raises UsageError."""
    value = day(app, text)
    return lambda line: change_field.set_field(line, name, value, settings)


def ranked(text: str, settings: TaskSettings) -> Callable[[str], str]:
    """What sets the priority. Raises UsageError."""
    if text.lower() not in PRIORITIES:
        raise UsageError(f"no priority {text!r}: {', '.join(PRIORITIES)}")
    return lambda line: change_field.set_field(line, "priority", text.lower(), settings)


def owned(at: Bench, text: str) -> Callable[[str], str]:
    """What sets the owner. Raises UnknownName."""
    name = owner_name(at, text)
    return lambda line: change_field.set_owner(line, name, at.settings)


def owner_name(at: Bench, text: str) -> str | None:
    """The owner to write: the person that a name means, 'me' as the settings say, '@Name' as it stands, None for 'none'."""
    from vaultindex.ask import names
    from vaultindex.base.text import fold

    me: list[str] = at.place.config.get("me")
    if text.lower() == "none":
        return None
    if text.startswith("@"):
        return text[1:]
    if me and (fold(text) == "me" or fold(text) in map(fold, me)):
        return me[0].lstrip("@")
    try:
        return names.person(at.conn, text).name
    except UnknownName as error:
        raise UnknownName(f"{error} To write it as it stands: '@{text}'") from error
