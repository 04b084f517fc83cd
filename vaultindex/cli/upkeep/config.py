"""Command config: each setting, its value, and where it came from."""

from __future__ import annotations

import os
from typing import Any

import click

from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.render import table


@command(epilog="Examples:  vi config   vi config me   vi config --json")
@click.argument("name", required=False)
@shared
@in_app
def config(app: App, name: str | None) -> None:
    """Each setting, its value, and where it came from: option, environment, vault, your file, Obsidian, default."""
    from vaultindex.base.paths import user_file
    from vaultindex.base.settings import SETTINGS
    from vaultindex.tasks.line import TaskSettings
    from vaultindex.vault import app_settings

    rows: list[dict[str, Any]] = [
        {"name": s.name, "value": app.config.get(s.name), "source": app.config.values[s.name].source, "help": s.help}
        for s in SETTINGS
    ]
    found = app_settings.load(app.root)
    given = found.tasks
    effective = TaskSettings.from_plugin(given)
    for field, key in _PLUGIN:
        value = getattr(effective, field)
        if isinstance(value, (set, frozenset)):
            value = sorted(value)
        source = app_settings.APP_FILES[0] if key in given else "default"
        rows.append({"name": f"tasks.{field}", "value": value, "source": source, "help": f"the Tasks plugin's {key}"})
    symbols = " ".join(f"[{s}] {v.type}" for s, v in effective.statuses.items())
    rows.append(
        {
            "name": "tasks.statuses",
            "value": symbols,
            "source": app_settings.APP_FILES[0] if "statusSettings" in given else "default",
            "help": "the Tasks plugin's statuses",
        }
    )
    for label, value, file in (
        ("app.userIgnoreFilters", found.ignore, app_settings.APP_FILES[1]),
        ("app.showUnsupportedFiles", found.all_files, app_settings.APP_FILES[1]),
        ("templates", found.templates, app_settings.APP_FILES[3]),
        ("daily", found.daily, app_settings.APP_FILES[2]),
        ("types", found.types, app_settings.APP_FILES[5]),
    ):
        rows.append(
            {"name": label, "value": value, "source": file if value else "default", "help": "Obsidian's own setting"}
        )
    if name is not None:
        rows = [r for r in rows if r["name"] == name]
        if not rows:
            from vaultindex.base.errors import UsageError
            from vaultindex.base.text import nearest

            close = nearest(name, [s.name for s in SETTINGS], 1)
            raise UsageError(f"no setting {name!r}." + (f" Did you mean {close[0]}?" if close else ""))
    for problem in found.problems:
        app.notes.append(f"{problem.path}: {problem.what}")
    columns = [
        table.Column("setting", lambda r: r["name"]),
        table.Column(
            "value", lambda r: _shown(r["value"]), grow=3, style=lambda r: "" if r["source"] == "default" else "cyan"
        ),
        table.Column("from", lambda r: _tilde(r["source"]), grow=2, style=lambda r: "dim"),
    ]
    app.show(rows, columns, ("name", "value", "source", "help"), "")
    app.notes.append(
        f"your settings: {_tilde(user_file(app.env))} · the vault's: {_tilde(os.path.join(app.root, '.vaultindex.toml'))}"
    )


_PLUGIN = (
    ("task_format", "taskFormat"), ("global_filter", "globalFilter"), ("global_query", "globalQuery"),
    ("set_created_date", "setCreatedDate"), ("set_done_date", "setDoneDate"), ("set_cancelled_date", "setCancelledDate"),
    ("recurrence_on_next_line", "recurrenceOnNextLine"), ("use_filename_as_scheduled", "useFilenameAsScheduledDate"),
)  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} = {v}" for k, v in value.items())
    return str(value)


def _tilde(path: str) -> str:
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path
