"""One table of settings, and where each effective value came from: default, user file, vault file, environment, option.

A vault file (`.vaultindex.toml`) travels with notes that others may write: it may say how notes are read, never which
file is written, which program is run or which vault is meant.
"""

import os
from typing import Any, NamedTuple

from vaultindex.base.errors import Problem, UsageError
from vaultindex.base.files import Refused, read_small
from vaultindex.base.paths import index_named, index_of, user_file

VAULT_FILE = ".vaultindex.toml"  # beside the notes


class Setting(NamedTuple):
    name: str
    kind: str  # text, list, times, flag, port, table, kinds, address, publish
    default: Any
    in_vault: bool  # may the vault's own file set it?
    reads: bool  # does it change how notes are read (and so the rows)?
    help: str


SETTINGS = (
    Setting("vault", "text", "", False, False, "the vault to use when none is named: a path or a name of `vaults`"),
    Setting("vaults", "table", {}, False, False, "names for vaults: name = path"),
    Setting("index", "text", "", False, False, "file of the index; by default one per vault in the cache folder"),
    Setting("me", "list", ["Myself", "Me", "I"], True, True, "owner names that mean you"),
    Setting("decision_headings", "list", [], True, True, "more headings under which bullets are decisions"),
    Setting("action_headings", "list", [], True, True, "more headings under which bullets are action items"),
    Setting("attendee_headings", "list", [], True, True, "more headings under which names are attendees"),
    Setting(
        "loose_items",
        "flag",
        True,
        True,
        True,
        "propose action items that have no box (vi tasks --boxes leaves them out)",
    ),
    Setting(
        "account_folders",
        "list",
        ["Accounts", "Customers", "Clients"],
        True,
        True,
        "folders that hold one folder or note an account",
    ),
    Setting("people_folders", "list", ["People", "Contacts"], True, True, "folders that hold one note a person"),
    Setting(
        "exclude", "list", [], True, True, "folders whose tasks and decisions are left out of lists (still linked)"
    ),
    Setting(
        "stray_fields",
        "flag",
        False,
        True,
        True,
        "read dates that the Tasks plugin does not see because text follows them",
    ),
    Setting("rows", "kinds", {}, True, True, "your own kinds of rows: [rows.risks] with headings, callouts, fields"),
    Setting("follow_links", "flag", False, False, True, "follow symbolic links that stay inside the vault"),
    Setting("keep_in_touch", "table", {}, True, False, 'how often people and accounts with a tag are met: vip = "30d"'),
    Setting("remind", "times", [], False, False, 'times at which the watcher notifies you: ["08:30", "16:00"]'),
    Setting("serve", "flag", False, False, False, "the watcher carries the page, too: one process does all (vi serve)"),
    Setting("serve_port", "port", 8750, False, False, "the port of the page"),
    Setting("team", "address", "", False, False, "the store of a team: service=NAME, or a URL without a password"),
    Setting("publish", "publish", {}, False, False, "what a vault gives to the team: [publish.VAULT] (docs/team.md)"),
    Setting(
        "colours",
        "colours",
        {},
        False,
        False,
        'colours of parts of lists: overdue = "bright-red bold"; vi help colours',
    ),
    Setting(
        "notice",
        "flag",
        True,
        False,
        False,
        "say below an answer how fresh it is: on a terminal; when set to true, in a pipe too",
    ),
)
TABLE = {s.name: s for s in SETTINGS}
TABLES = ("table", "kinds", "publish", "colours")  # kinds of settings that are more than one line


class Value(NamedTuple):
    value: Any
    source: str  # 'default', a file's path, an environment variable, or the option


class Config(NamedTuple):
    """The effective settings: `config.get("me")` is a value, `config.values["me"].source` where it came from."""

    values: dict[str, Value]
    problems: tuple[Problem, ...] = ()  # settings files of the vault that could not be read: defaults hold

    def get(self, name: str) -> Any:
        return self.values[name].value

    def reading(self) -> dict[str, Any]:
        """The settings on which rows depend."""
        return {s.name: self.values[s.name].value for s in SETTINGS if s.reads}


def load(env: dict[str, str], vault: str | None = None) -> Config:
    """The effective settings for a vault (or for none yet). Raises UsageError that names file, setting and fix."""
    values = {s.name: Value(s.default, "default") for s in SETTINGS}
    problems: list[Problem] = []
    path = user_file(env)
    try:
        _apply(values, _toml(path), path, False)
    except Refused as refused:
        raise UsageError(f"{path}: {refused}") from refused
    if vault is not None:
        path = os.path.join(vault, VAULT_FILE)
        try:
            _apply(values, _toml(path, inside=vault), path, True)
        except Refused as refused:
            what = f"{refused}: its settings are ignored, defaults are used"
            problems.append(Problem(VAULT_FILE, 0, "settings", what))
    for setting in SETTINGS:
        key = "VAULTINDEX_" + setting.name.upper()
        if setting.kind not in TABLES and env.get(key):
            values[setting.name] = Value(from_text(setting, env[key], key), key)
    return Config(values, tuple(problems))


def index_file(env: dict[str, str], vault: str, config: Config) -> str:
    """Where the index of this vault is: outside the vault, one folder a vault, in the user's cache."""
    named = config.get("index")
    return index_named(str(named)) if named else index_of(env, vault)


def _toml(path: str, inside: str | None = None) -> dict[str, Any]:
    """The content of a settings file, {} when there is none. Raises UsageError for bad TOML, Refused for a bad file."""
    data = read_small(path, inside, 1_000_000)
    if data is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:  # a TOMLDecodeError, a UnicodeDecodeError, or a number of thousands of digits
        why = "a number has thousands of digits" if "digits" in str(error) else error
        raise UsageError(f"{path}: is not valid TOML: {why}") from error
    except RecursionError:
        raise UsageError(f"{path}: is not valid TOML: it is nested too deep") from None


def _apply(values: dict[str, Value], found: dict[str, Any], path: str, from_vault: bool) -> None:
    for name, value in found.items():
        setting = TABLE.get(name)
        if setting is None:
            from vaultindex.base.text import nearest

            close = nearest(name, list(TABLE), 1)
            hint = f": did you mean {close[0]}?" if close else f". Settings: {', '.join(TABLE)}."
            raise UsageError(f"{path}: no setting {name!r}{hint}")
        if from_vault and not setting.in_vault:
            raise UsageError(f"{path}: {name} cannot be set by a vault: set it in your own config.toml")
        if setting.kind == "address" and isinstance(value, str) and holds_password(value):
            raise UsageError(_no_password(f"{path}: {name}"))
        if not _fits(setting, value):
            raise UsageError(f"{path}: {name} must be {_ARTICLE[setting.kind]}, not {value!r}")
        values[name] = Value(value, path)


# What a vault gives to a team's store: key of [publish.VAULT] -> its kind, or the words that it takes.
PUBLISH: dict[str, str | tuple[str, ...]] = {
    "all": "flag", "folders": "list", "accounts": "list", "tags": "list", "types": "list", "without": "list",
    "decisions": "flag", "tasks": ("all", "mine", "none"), "people": "flag", "proposals": "flag", "texts": "flag",
    "name": "text", "watch": "flag",
}  # fmt: skip


def holds_password(address: str) -> bool:
    """Whether an address of a database says a password, which no setting and no argument may hold."""
    if "://" in address:
        before = address.split("://", 1)[1].split("/", 1)[0].split("?", 1)[0]
        user = before.rpartition("@")[0]
        return ":" in user or "password=" in address.lower()
    return "password" in address.lower()


def _no_password(where: str) -> str:
    return f"{where} holds a password, which no setting may: use a service file, ~/.pgpass, the keyring or VAULTINDEX_TEAM_URL"


_ARTICLE = {
    "text": "text in quotes",
    "list": 'a list of texts ["..."]',
    "times": 'a list of times of the day ["08:30", "16:00"]',
    "flag": "true or false",
    "port": "a number from 1 to 65535",
    "table": 'a table of name = "text"',
    "address": "text in quotes",
    "publish": f"a table a vault, such as [publish.work], with {', '.join(PUBLISH)} (docs/team.md)",
    "colours": 'a table of part = "colour"',
    "kinds": "a table a kind, such as [rows.risks], with lists of texts: headings, callouts, fields",
}
_KIND_KEYS = frozenset(("headings", "callouts", "fields"))


def _fits(setting: Setting, value: Any) -> bool:
    if setting.kind in ("list", "times"):
        return isinstance(value, list) and all(
            isinstance(v, str) and (setting.kind == "list" or _is_time(v)) for v in value
        )
    if setting.kind in ("table", "colours"):
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    if setting.kind == "kinds":
        return (
            isinstance(value, dict)
            and all(
                name.replace("-", "").replace("_", "").isalnum()
                and isinstance(kind, dict)
                and kind
                and set(kind) <= _KIND_KEYS
                for name, kind in value.items()
            )
            and all(
                isinstance(v, list) and all(isinstance(x, str) for x in v) for k in value.values() for v in k.values()
            )
        )
    if setting.kind == "publish":
        return isinstance(value, dict) and all(isinstance(v, dict) and _fits_publish(v) for v in value.values())
    if setting.kind == "port":
        return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65_536
    return isinstance(value, bool if setting.kind == "flag" else str)


def _is_time(text: str) -> bool:
    from vaultindex.base.text import minutes_of_day

    return minutes_of_day(text.strip()) is not None


def _fits_publish(given: dict[str, Any]) -> bool:
    for key, value in given.items():
        kind = PUBLISH.get(key)
        if kind is None:
            return False
        if isinstance(kind, tuple):
            if value not in kind:
                return False
        elif not _fits(Setting(key, kind, None, False, False, ""), value):
            return False
    return True


def from_text(setting: Setting, text: str, key: str) -> Any:
    """The value that a text means for a setting: a list by commas, a flag by its word. Raises UsageError."""
    if setting.kind == "flag":
        word = text.strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise UsageError(f"{key} must be true or false, not {text!r}")
    if setting.kind == "port":
        word = text.strip()
        port = int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 0
        if not _fits(setting, port):
            raise UsageError(f"{key} must be {_ARTICLE[setting.kind]}, not {text!r}")
        return port
    if setting.kind in ("list", "times"):
        found = [part.strip() for part in text.split(",") if part.strip()]
        if not _fits(setting, found):
            raise UsageError(f"{key} must be {_ARTICLE[setting.kind]}, not {text!r}")
        return found
    if setting.kind == "address" and holds_password(text):
        raise UsageError(_no_password(key))
    return text


def check(text: str, path: str) -> None:
    """Whether a settings file of the user with this text could be read. Raises UsageError that names file, setting and fix."""
    import tomllib

    try:
        found = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{path}: would not be valid TOML: {error}") from error
    _apply({s.name: Value(s.default, "default") for s in SETTINGS}, found, path, False)
