"""Commands below `vi team`: the same questions asked of everybody's vaults, and the store that answers them."""

from __future__ import annotations

import copy
import functools
import importlib
from typing import Any

import click

from vaultindex.base.errors import UsageError
from vaultindex.base.text import safe
from vaultindex.cli.app import APP, App, age, in_app
from vaultindex.cli.columns import text
from vaultindex.cli.commands import Group, keep, shared
from vaultindex.cli.doors.team_app import SAME, TeamApp
from vaultindex.render import table

_SECONDS = 10  # of a statement of `vi team sql`
_OWN = ("init", "add", "remove", "status", "sql")
_HELP = {
    "tasks": "Tasks of every vault that you may read.", "decisions": "What was decided, in every vault.",
    "people": "Everybody whom the vaults name; --unsure: names that may mean somebody.", "person": "A person, over all vaults.",
    "account": "An account, over all vaults.", "waiting": "Who owes whom, over all vaults.", "search": "Search what was published.",
}  # fmt: skip
# Options that write, or ask of files on this machine.
_LEFT_OUT: dict[str, dict[str, Any]] = {
    "people": {"same": None, "different": None, "guests": None},
    "person": {"write": False, "yes": False},
}


class _Team(Group):
    """The commands that ask the store are those of the vault, under another App."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Questions first."""
        return [*SAME, *_OWN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        return _same(cmd_name) if cmd_name in SAME else super().get_command(ctx, cmd_name)


@functools.lru_cache(maxsize=len(SAME))
def _same(name: str) -> click.Command:
    """A command of the vault as it is asked of the team: --keep and --cached beside its own options."""
    module = importlib.import_module(f"vaultindex.cli.{SAME[name]}")
    original = next(c for c in vars(module).values() if isinstance(c, click.Command) and c.name == name)
    made = copy.copy(original)
    given = _LEFT_OUT.get(name, {})
    probe = click.Command("probe", callback=None)
    for option in reversed(_KEPT):
        option(probe)
    made.params = [param for param in original.params if param.name not in given] + probe.params
    if given:
        assert original.callback is not None
        made.callback = functools.partial(original.callback, **given)
    made.help = made.short_help = _HELP[name] + f" Words and options are those of `vi {name}`."
    examples = (original.epilog or "").split("\n\n")[0]
    made.epilog = "   ".join(
        line
        for line in examples.replace("vi ", "vi team ").split("   ")
        if not any(f"--{word}" in line for word in given)
    )
    return made


_KEPT = (
    click.option("--keep", is_flag=True, expose_value=False, callback=keep, help="Keep this answer on this machine."),
    click.option(
        "--cached",
        is_flag=True,
        expose_value=False,
        callback=keep,
        help="Answer from what --keep kept, and say how old it is.",
    ),
)


@click.group(
    cls=_Team,
    invoke_without_command=True,
    epilog="Examples:  vi team tasks --overdue   vi team person 'Dana Leigh'   vi team account contoso --json   vi team status"
    "\n\nThe store is the setting `team`, or VAULTINDEX_TEAM_URL. docs/team.md says how to set one up.",
)
@shared
@click.pass_context
def team(ctx: click.Context) -> None:
    """Ask everybody's vaults: what a team published into its store on PostgreSQL."""
    ctx.find_root().meta[APP] = TeamApp
    if ctx.invoked_subcommand is None:
        ctx.invoke(status)


@team.command(
    name="init", epilog="Examples:  vi team init service=team-admin   vi team init postgresql://admin@db.example/team"
)
@click.argument("url", required=False)
@shared
@in_app
def init_(app: App, url: str | None) -> None:
    """Make the store's tables, roles and policies at URL, or bring them up to date. Whoever runs it owns them."""
    from vaultindex.team import address, migrate

    where = address.given(url) if url else address.address(app.env, app.config)
    with address.told(where), address.connect(where, app.env) as conn:
        applied = migrate.init(conn)
        have = migrate.version(conn)
    done = f"version {have} was there already" if not applied else f"version {have} is in place"
    app.lines([safe(f"{address.shown(where)}: {done}")])
    app.notes.append("members: vi team add NAME --publish --read")


@team.command(name="add", epilog="Examples:  vi team add dana --publish --read   vi team add kim --account Contoso")
@click.argument("name")
@click.option("--publish", is_flag=True, help="May publish vaults, named NAME/VAULT, and write nothing else.")
@click.option("--read", is_flag=True, help="May read everything that is published.")
@click.option("--account", multiple=True, metavar="NAME", help="May read what is of this account.")
@shared
@in_app
def add(app: App, name: str, publish: bool, read: bool, account: tuple[str, ...]) -> None:
    """Let a role of the store publish, read, or both. A role that is not there is made."""
    from vaultindex.team import address, migrate

    if not (publish or read or account):
        raise UsageError("say what they may: --publish, --read, --account NAME")
    where = address.address(app.env, app.config)
    with address.told(where), address.connect(where, app.env) as conn:
        app.lines(map(safe, migrate.add(conn, name, publish, read, account)))


@team.command(name="remove", epilog="Example:  vi team remove dana")
@click.argument("name")
@shared
@in_app
def remove(app: App, name: str) -> None:
    """Take every right in the store from a role. Its rows stay until they are withdrawn."""
    from vaultindex.team import address, migrate

    where = address.address(app.env, app.config)
    with address.told(where), address.connect(where, app.env) as conn:
        migrate.remove(conn, name)
    app.lines([safe(f"{name} may do nothing in the store any more")])


@team.command(name="status", epilog="Examples:  vi team status   vi team status --json")
@shared
@in_app
def status(app: App) -> None:
    """Whose vaults the store has, and how old their rows are."""
    from vaultindex.team import address
    from vaultindex.team.fetch import Reader

    where = address.address(app.env, app.config)
    with address.told(where):
        reader = Reader(where, app.env)
        try:
            found = reader.vaults()
        finally:
            reader.close()
    rows = [one.row() for one in found]
    columns = [
        text("publisher", style="cyan"), text("vault"), text("name", grow=2),
        table.Column("last published", lambda row: f"{age(row['age'])} ago"),
    ]  # fmt: skip
    app.show(rows, columns, ("publisher", "vault", "name", "age"), "nobody has published anything", header=True)


@team.command(
    name="sql",
    epilog="""Example:  vi team sql "select account, count(*) from decisions group by 1"   Tables: vaults notes tasks decisions people names texts""",
)
@click.argument("statement")
@shared
@in_app
def sql(app: App, statement: str) -> None:
    """Run one SELECT in the store, as the role that you are there (read-only, ten seconds at most)."""
    from vaultindex.team import address

    where = address.address(app.env, app.config)
    with address.told(where), address.connect(where, app.env) as conn:
        conn.execute(f"SET statement_timeout = '{_SECONDS}s'".encode())
        conn.execute("SET search_path = vaultindex")
        conn.execute("SET default_transaction_read_only = on")
        with conn.transaction():
            cursor = conn.execute("SELECT 1")  # from now on the transaction cannot be made one that writes
            # Prepared, so that it is one statement: a second one could end the transaction and write.
            cursor.execute(statement.encode(), prepare=True)
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, map(_plain, row))) for row in cursor] if names else []

    def column(name: str) -> table.Column:
        return table.Column(name, lambda row: "" if row[name] is None else str(row[name]), grow=1)

    app.show(rows, [column(name) for name in names], names, "no rows", header=True)


def _plain(value: Any) -> Any:
    """A value of the store as JSON has it."""
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    return value.hex() if isinstance(value, (bytes, memoryview)) else str(value)
