"""The user's settings file, changed where it must be and nowhere else: comments and order stay (tomlkit).

Whatever is changed is checked as it will be read, before the file is written.
"""

from __future__ import annotations

import json
import os
from typing import Any

from vaultindex.base import settings
from vaultindex.base.errors import UsageError
from vaultindex.base.files import write_own
from vaultindex.base.paths import tilde
from vaultindex.base.text import did_you_mean


def change(path: str, key: str, value: Any) -> str:
    """Set `name` or `table.name` to a value, or take it out (None); the line as it stands now, '' when it is gone.

    Raises UsageError for an unknown name, a value that does not fit, or a file that is not TOML: then nothing is written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    name, *inner = key.split(".")
    setting = settings.TABLE.get(name)
    if setting is None or (inner and setting.kind not in settings.TABLES):
        raise UsageError(f"no setting {key!r}.{did_you_mean(key, list(settings.TABLE))}")
    try:
        with open(path, encoding="utf-8-sig") as file:
            document = tomlkit.parse(file.read())
    except FileNotFoundError:
        document = tomlkit.document()
    except (TOMLKitError, ValueError) as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from error
    _put(document, [name, *inner], value)
    text = tomlkit.dumps(document)
    settings.check(text, path)
    if name == "colours":
        from vaultindex.render.colours import chosen

        chosen(document.unwrap().get(name, {}), tilde(path))
    write_own(os.path.realpath(path), text.encode())  # a link to a file of one's dotfiles stays one
    return "" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _put(document: Any, keys: list[str], value: Any) -> None:
    import tomlkit

    table: Any = document
    above: list[tuple[Any, str]] = []
    for key in keys[:-1]:
        if key not in table:
            if value is None:
                return
            table[key] = tomlkit.table()
        above.append((table, key))
        table = table[key]
        if not isinstance(table, dict):
            raise UsageError(f"{key} is no table in the settings file")
    if value is not None:
        table[keys[-1]] = value
        return
    table.pop(keys[-1], None)
    for outer, key in reversed(above):  # a table that holds nothing any more says nothing
        if not outer[key]:
            outer.pop(key)


def read(key: str, text: str) -> Any:
    """The value that a typed text means for a setting: a list by commas or as [\"...\"], true or false, or the text itself.

    Raises UsageError.
    """
    name, *inner = key.split(".")
    setting = settings.TABLE.get(name)
    kind = setting.kind if setting is not None else "text"
    if kind == "kinds" and len(inner) == 2 and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind == "kinds" or (kind in ("list", "times") and text.lstrip().startswith("[")):
        try:
            value = json.loads(text)
        except ValueError as error:
            raise UsageError(f'a list is written as ["one", "two"] or one, two: not {text!r}') from error
        return value
    if setting is not None and not inner:
        return settings.from_text(setting, text, key)
    if kind == "table" and inner:
        return os.path.abspath(os.path.expanduser(text))
    return text
