"""Command config: each setting, its value, and where it came from."""

from __future__ import annotations

import os
from typing import Any

import click

from vaultindex.base.errors import UsageError, VaultError
from vaultindex.base.paths import tilde, user_file
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import Group, command, shared
from vaultindex.render import table


class _Settings(Group):
    """`vi config NAME` is short for `vi config get NAME`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command that is meant; a word that is none names a setting."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["get", *args])


@click.group(
    cls=_Settings,
    invoke_without_command=True,
    epilog="Examples:  vi config   vi config me   vi config set me 'Dana Leigh, Myself'   vi config unset exclude   vi config edit",
)
@shared
@click.pass_context
def config(ctx: click.Context) -> None:
    """Each setting, its value, and where it came from: option, environment, vault, your file, Obsidian, default."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(_all)


@command()
@in_app
def _all(app: App) -> None:
    _list(app, None)


@config.command(name="get")
@click.argument("name")
@shared
@in_app
def get(app: App, name: str) -> None:
    """One setting, its value, and where it came from."""
    _list(app, name)


@config.command(name="set")
@click.argument("name")
@click.argument("value", nargs=-1, required=True)
@shared
@in_app
def set_(app: App, name: str, value: tuple[str, ...]) -> None:
    """Set it in your own file; its comments stay. A list is written with commas."""
    from vaultindex.cli.upkeep import settings_file

    path = user_file(app.env)
    line = settings_file.change(path, name, settings_file.read(name, " ".join(value)))
    app.lines([f"{tilde(path)}: {line}"])
    try:
        source = app.config.values[name.split(".")[0]].source
    except VaultError:
        return  # no vault yet: nothing can be in front of it
    if source not in (path, "default"):
        app.notes.append(f"{tilde(source)} says otherwise, and is the one that counts")


@config.command(name="unset")
@click.argument("name")
@shared
@in_app
def unset(app: App, name: str) -> None:
    """Take it out of your own file, so that the default holds."""
    from vaultindex.cli.upkeep import settings_file

    path = user_file(app.env)
    settings_file.change(path, name, None)
    app.lines([f"{tilde(path)}: {name} is not set"])


@config.command(name="path")
@shared
@in_app
def path(app: App) -> None:
    """Where your own settings file is."""
    app.lines([user_file(app.env)])


@config.command(name="edit")
@shared
@in_app
def edit(app: App) -> None:
    """Open your own settings file in $VISUAL or $EDITOR; what cannot be read is said when it is closed."""
    import subprocess

    from vaultindex.base.editor import chosen_editor
    from vaultindex.base.settings import load

    file = user_file(app.env)
    os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
    editor = chosen_editor(app.env)
    if editor is None:
        raise UsageError(f"no editor: set EDITOR, or open {file} yourself")
    subprocess.run([*editor, file], check=False)
    load(app.env)  # says what is wrong with it


def _list(app: App, name: str | None) -> None:
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
            from vaultindex.base.text import did_you_mean

            raise UsageError(f"no setting {name!r}.{did_you_mean(name, [s.name for s in SETTINGS])}")
    for problem in found.problems:
        app.notes.append(f"{problem.path}: {problem.what}")
    columns = [
        table.Column("setting", lambda r: r["name"]),
        table.Column(
            "value", lambda r: _shown(r["value"]), grow=3, style=lambda r: "" if r["source"] == "default" else "cyan"
        ),
        table.Column("from", lambda r: tilde(r["source"]), grow=2, style=lambda r: "dim"),
    ]
    app.show(rows, columns, ("name", "value", "source", "help"), "")
    app.notes.append(
        f"your settings: {tilde(user_file(app.env))} · the vault's: {tilde(os.path.join(app.root, '.vaultindex.toml'))}"
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
