"""What the app and its plugins keep in the vault's `.obsidian` folder, as far as reading notes depends on it."""

import os
from typing import Any, NamedTuple

from vaultindex.base import files
from vaultindex.base.errors import Problem


class AppSettings(NamedTuple):
    """What the vault's `.obsidian` folder says, as far as reading depends on it. Missing files mean defaults."""

    tasks: dict[str, Any]  # the Tasks plugin's data.json
    ignore: list[str]  # userIgnoreFilters of app.json
    templates: list[str]  # folders of templates.json and Templater
    all_files: bool  # showUnsupportedFiles
    daily: dict[str, Any]  # daily-notes.json
    types: dict[str, str]  # types.json: property -> type
    problems: list[Problem]


APP_FILES = (
    ".obsidian/plugins/obsidian-tasks-plugin/data.json",
    ".obsidian/app.json",
    ".obsidian/daily-notes.json",
    ".obsidian/templates.json",
    ".obsidian/plugins/templater-obsidian/data.json",
    ".obsidian/types.json",
)


def fingerprint(root: str) -> str:
    """A text that changes whenever one of the app's settings files does."""
    parts = ["tasks" if has_tasks_plugin(root) else ""]
    for name in APP_FILES:
        try:
            info = os.stat(root + os.sep + name)
            parts.append(f"{info.st_mtime_ns}:{info.st_ctime_ns}:{info.st_size}:{info.st_ino}")
        except OSError:
            parts.append("-")
    return " ".join(parts)


def has_tasks_plugin(root: str) -> bool:
    """Whether the Tasks plugin is installed in this vault."""
    return os.path.isdir(os.path.join(root, *APP_FILES[0].split("/")[:-1]))


def load(root: str) -> AppSettings:
    """The settings that the app and its plugins keep in the vault; what is not read is a Problem and counts as absent."""
    problems: list[Problem] = []
    loaded: list[dict[str, Any]] = []
    for name in APP_FILES:
        try:
            raw = files.read_small(os.path.join(root, *name.split("/")), inside=root)
            data = None if raw is None else files.json_of(raw)
            if raw is not None and not isinstance(data, dict):
                raise files.Refused("holds no JSON object")
        except files.Refused as refused:
            what = f"{refused}: its settings are ignored, defaults are used"
            problems.append(Problem(name, refused.line, "settings", what))
            data = None
        loaded.append(data if isinstance(data, dict) else {})
    tasks, app, daily, templates, templater, types = loaded
    given = types.get("types")
    ignore = app.get("userIgnoreFilters")
    folders = [templates.get("folder"), templater.get("templates_folder")]
    return AppSettings(
        tasks,
        [f for f in ignore if isinstance(f, str) and f] if isinstance(ignore, list) else [],
        [f.strip("/") + "/" for f in folders if isinstance(f, str) and f.strip("/")],
        app.get("showUnsupportedFiles") is True,
        daily,
        {k: v for k, v in given.items() if isinstance(v, str)} if isinstance(given, dict) else {},
        problems,
    )
