"""Command vaults: names for vaults, and which of them is the default."""

from __future__ import annotations

import os
from typing import Any

import click

from vaultindex.base import paths, settings
from vaultindex.base.errors import UsageError
from vaultindex.base.text import is_line, safe
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import Group, command, shared
from vaultindex.index import heartbeat, sync
from vaultindex.render import phrases, table
from vaultindex.vault import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from vaultindex.state import orphans


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog="Examples:  vi vaults   vi vaults add work ~/Notes   vi vaults default work   vi vaults remove work",
)
@shared
@click.pass_context
def vaults(ctx: click.Context) -> None:
    """The vaults that have a name, and which one is meant when none is said."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(_list)


@command()
@in_app
def _list(app: App) -> None:
    found = settings.load(app.env)
    named: dict[str, str] = found.get("vaults")
    default = found.get("vault")
    rows: list[dict[str, Any]] = []
    for name, path in named.items():
        rows.append(_row(app, found, name, path, default in (name, path), "settings"))
    known = {r["path"] for r in rows}
    for path in disk.registered_vaults(app.env):
        if os.path.realpath(path) not in known:
            rows.append(
                _row(app, found, os.path.basename(path), path, default in (os.path.basename(path), path), "Obsidian")
            )
    columns = [
        table.Column("", lambda r: "*" if r["default"] else " "),
        table.Column("name", lambda r: r["name"]),
        table.Column("path", lambda r: r["path"], grow=2, style=lambda r: "cyan"),
        table.Column("state", lambda r: r["state"], style=lambda r: "dim"),
    ]
    app.show(
        rows, columns, ("name", "path", "default", "state", "source"), "no vaults are named: vi vaults add NAME PATH"
    )


def _row(app: App, found: settings.Config, name: str, path: str, default: bool, source: str) -> dict[str, Any]:
    root = os.path.realpath(os.path.expanduser(path))
    beat = heartbeat.alive(settings.index_file(app.env, root, found), root)
    state = "not there" if not os.path.isdir(root) else beat.mode if beat is not None else "not watched"
    return {"name": name, "path": root, "default": default, "state": state, "source": source}


@vaults.command(name="add")
@click.argument("name")
@click.argument("path")
@shared
@in_app
def add(app: App, name: str, path: str) -> None:
    """Give the vault at PATH a name, in your config.toml."""
    full = os.path.abspath(os.path.expanduser(path))
    if not os.path.isdir(full):
        raise UsageError(f"there is no folder {full}")
    if not is_line(full):
        raise UsageError(f"the path {full!r} has control characters or bytes that are not UTF-8: rename that folder")
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise UsageError(f"a name is letters, digits, - and _, not {name!r}")
    _change(app, f"vaults.{name}", full)


@vaults.command(name="default")
@click.argument("name")
@shared
@in_app
def default(app: App, name: str) -> None:
    """The vault that is meant when none is said and you are in none."""
    named = settings.load(app.env).get("vaults")
    if name not in named:
        known = f" Named are: {', '.join(named)}." if named else ""
        raise UsageError(f"no vault is named {name!r}: vaultindex vaults add {name} PATH.{known}")
    _change(app, "vault", name)


@vaults.command(name="remove")
@click.argument("name")
@shared
@in_app
def remove(app: App, name: str) -> None:
    """Forget the name; the vault itself, its index and its journal stay."""
    found = settings.load(app.env)
    if name not in found.get("vaults"):
        known = ", ".join(found.get("vaults"))
        raise UsageError(f"no vault is named {name!r}." + (f" Named are: {known}." if known else ""))
    if found.get("vault") == name:
        _change(app, "vault", None)
    _change(app, f"vaults.{name}", None)


@vaults.command(name="adopt", epilog="Examples:  vi vaults adopt ~/OldNotes   vi vaults adopt Notes --anyway")
@click.argument("old", metavar="OLD")
@click.option("--anyway", is_flag=True, help="Also when most notes that the journal knows are not in this vault.")
@shared
@in_app
def adopt(app: App, old: str, anyway: bool) -> None:
    """Give this vault the journal (undo, verdicts) of a vault that is nowhere to be found: see vi doctor.

    OLD is that vault's path or name, or the name of the journal's folder.
    """
    from vaultindex.state import orphans
    from vaultindex.state.journal import Journal, state_file

    one = orphans.meant(orphans.orphans(app.env, present(app)), old)
    if not anyway:
        orphans.refuse_misfit(one, app.root)
    with Journal(state_file(app.env, app.root, app.config), app.root) as journal:
        orphans.adopt(one, journal)
    # What was rejected in the old vault is no proposal in this one either.
    if os.path.exists(app.index):
        sync.sync(app.root, app.index, app.config, full=True)
    app.lines([safe(f"{app.root} has the journal of {one.root} now: {_held(one)}")])


def present(app: App) -> list[str]:
    """Every vault that is known to be there: this one, those that have a name, those of Obsidian."""
    named = [os.path.expanduser(path) for path in settings.load(app.env).get("vaults").values()]
    return [app.root, *(os.path.realpath(path) for path in (*named, *disk.registered_vaults(app.env)))]


def _held(one: orphans.Orphan) -> str:
    return f"{phrases.count(one.edits, 'change')} and {phrases.count(one.verdicts, 'verdict')}"


def orphaned(app: App) -> tuple[str, bool, str]:
    """What `vi doctor` says of journals whose vault cannot be found."""
    from vaultindex.state.orphans import orphans

    found = orphans(app.env, present(app))
    if not found:
        return "journals", True, "each belongs to a vault that is there"
    some = "; ".join(f"{one.name} of {one.root} ({_held(one)})" for one in found)
    what = "not found" if len(found) > 1 else "not found (moved to another disk, not connected, or deleted)"
    return "journals", False, f"vault {what}: {some}. To give one to this vault: vi vaults adopt NAME"


def _change(app: App, key: str, value: str | None) -> None:
    from vaultindex.cli.upkeep import settings_file

    path = paths.user_file(app.env)
    app.lines([f"{path}: {settings_file.change(path, key, value) or f'{key} is gone'}"])
