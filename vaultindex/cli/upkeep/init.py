"""Commands init and demo: the first minute, with one's own vault or with a small one that is thrown away."""

from __future__ import annotations

import os
import sqlite3
import sys
from typing import Any

import click

from vaultindex.base.errors import NoVaultError, UsageError
from vaultindex.base.paths import tilde, user_file
from vaultindex.base.text import fold, is_line, one_line
from vaultindex.cli.app import App, in_app
from vaultindex.cli.commands import command, shared
from vaultindex.render import phrases, table

Row = dict[str, Any]


@command(epilog="Examples:  vi init   vi init ~/Vault --me 'Dana Leigh' --yes   vi init --name work")
@click.argument("path", required=False)
@click.option("--me", metavar="NAME", multiple=True, help="The owner name that means you; may be given more than once.")
@click.option("--name", metavar="NAME", help="The vault's name in your settings; by default its folder's.")
@click.option("--yes", "-y", is_flag=True, help="Take what is likely; ask nothing.")
@shared
@in_app
def init(app: App, path: str | None, me: tuple[str, ...], name: str | None, yes: bool) -> None:
    """Find your vault, show what is in it, learn who you are, and write the settings file."""
    asks = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    root = _vault(app, path, asks)
    app.given["vault"] = root
    conn = app.connect()
    to = table.screen()
    say = app.lines
    say([table.paint(f"Vault  {tilde(root)}", "bold", to.colour), *(f"  {line}" for line in seen(conn)), ""])
    mine = list(me) or _who(conn, app, asks)
    from vaultindex.cli.upkeep import settings_file

    file = user_file(app.env)
    key = name or _name(root)
    lines = [
        settings_file.change(file, f"vaults.{key}", root),
        settings_file.change(file, "vault", key),
        *([settings_file.change(file, "me", mine)] if mine else []),
    ]
    say([f"Settings  {tilde(file)}", *(f"  {line}" for line in lines), ""])
    say(["Next", *(f"  {text:<34} {what}".rstrip() for text, what in _next(app))])


def _vault(app: App, path: str | None, asks: bool) -> str:
    """The folder of the vault. Raises UsageError, NoVaultError."""
    from vaultindex.cli.upkeep.usual_places import vaults

    named = path or app.given.get("vault")
    if named:
        full = os.path.realpath(os.path.expanduser(str(named)))
        if not os.path.isdir(full):
            raise UsageError(f"there is no folder {full}")
        found = [full]
    else:
        found = vaults(os.getcwd(), app.env)
    found = [one for one in found if is_line(one)]
    if not found:
        raise NoVaultError("no vault found here, in Obsidian's list or in the usual places: vi init PATH")
    if len(found) == 1 or not asks:
        return found[0]
    app.lines(["Vaults found:", *(f"  {n}  {tilde(one)}" for n, one in enumerate(found, 1))])
    chosen = click.prompt("Which one", type=click.IntRange(1, len(found)), default=1)
    return found[int(chosen) - 1]


def seen(conn: sqlite3.Connection) -> list[str]:
    """What a vault holds, in a few lines."""
    from vaultindex.ask import names
    from vaultindex.ask.pages.contact import MEETING

    def one(sql: str) -> int:
        return int(conn.execute(sql).fetchone()[0])

    listed = "note IN (SELECT id FROM notes WHERE excluded IS NULL)"
    notes = one("SELECT count(*) FROM notes")
    met = one(f"SELECT count(*) FROM notes n WHERE {MEETING}")
    people = len(names.same(conn, [key for (key,) in conn.execute("SELECT DISTINCT key FROM people")]))
    accounts = one("SELECT count(DISTINCT account_key) FROM notes WHERE account_key IS NOT NULL")
    open_ = one(f"SELECT count(*) FROM tasks WHERE state = 'open' AND {listed}")
    proposed = one(f"SELECT count(*) FROM tasks WHERE state = 'proposed' AND {listed}")
    decided = one(f"SELECT count(*) FROM decisions WHERE {listed}")
    types = conn.execute(
        "SELECT lower(type), count(*) FROM notes WHERE type IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5"
    ).fetchall()
    lines = [
        f"{phrases.count(notes, 'note')}, {phrases.count(met, 'meeting')}, {phrases.count(people, 'person', 'people')}, "
        f"{phrases.count(accounts, 'account')}",
        f"{phrases.count(open_, 'open task')}, {phrases.count(proposed, 'proposal')}, {phrases.count(decided, 'decision')}",
    ]
    if types:
        lines.append("types: " + ", ".join(f"{one_line(name)} ({number:,})" for name, number in types))
    return lines


def _who(conn: sqlite3.Connection, app: App, asks: bool) -> list[str]:
    """The owner names that mean the person: those that are set and used, and who is found most often among the owners."""
    from vaultindex.base.nobody import is_nobody

    usual = app.config.get("me")
    known = {fold(name) for name in usual}
    sql = """SELECT person_key, max(owner_person), count(*) FROM tasks WHERE person_key > '' GROUP BY person_key
 ORDER BY count(*) DESC LIMIT 40"""
    owners = [(key, name, number) for key, name, number in conn.execute(sql) if not is_nobody(key)]
    used = [name for name in usual if fold(name) in {key for key, _, _ in owners}]
    others = [(name, number) for key, name, number in owners if key not in known][:6]
    if not asks or not owners:
        return used
    app.lines(["Whose tasks are yours? The owners named most often:"])
    if used:
        app.lines([f"  0  {', '.join(used)} (as it is)"])
    app.lines(
        [f"  {n}  {one_line(name)} ({phrases.count(number, 'task')})" for n, (name, number) in enumerate(others, 1)]
    )
    said = click.prompt(
        "A number, or your name as notes write it", default="0" if used else "", show_default=bool(used)
    )
    if said.isdigit() and 1 <= int(said) <= len(others):
        return [*used, others[int(said) - 1][0]]
    if said in ("", "0"):
        return used
    return [*used, said.strip()]


def _name(root: str) -> str:
    """A name for the vault that a settings file can hold: letters, digits, '-'."""
    text = "".join(c if c.isascii() and c.isalnum() else "-" for c in os.path.basename(root).lower()).strip("-")
    return text or "vault"


def _next(app: App) -> list[tuple[str, str]]:
    shell = os.path.basename(app.env.get("SHELL", "")) or "bash"
    shell = shell if shell in ("bash", "zsh", "fish") else "bash"
    return [
        ("vi", "the day"),
        ("vi triage", "decide on what was proposed"),
        ("vi service install", "answers without a look at every file first"),
        (f'eval "$(vaultindex shell-init {shell})"' if shell != "fish" else "vaultindex shell-init fish | source", ""),
        ("", f"in the start file of {shell}: completion, and `vi FILE` stays your editor"),
    ]


DEMO_DAY = "2025-10-07"
DEMO = (
    ("today",),
    ("tasks", "--proposed", "--account", "contoso"),
    ("account", "contoso"),
    ("decisions", "--account", "contoso", "--since", "2025-Q3"),
    ("brief", "dana"),
    ("search", "pricing tiers"),
)


@command(epilog="Examples:  vi demo   vi demo | less")
@click.pass_context
@shared
def demo(ctx: click.Context) -> None:
    """The daily questions on a small vault that comes with the program; nothing is written to your home folder."""
    import shlex
    import shutil
    import subprocess
    import tempfile

    source = demo_vault()
    with tempfile.TemporaryDirectory(prefix="vaultindex-demo-") as folder:
        vault = os.path.join(folder, "vault")
        shutil.copytree(source, vault)
        inside = dict.fromkeys(
            ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"), folder
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VAULTINDEX_")}
        env = {**kept, **inside, "VAULTINDEX_TODAY": DEMO_DAY, "PYTHONIOENCODING": "utf-8"}
        if sys.stdout.isatty():
            env["CLICOLOR_FORCE"] = "1"
        for words in DEMO:
            click.echo(click.style(f"\n$ vi {shlex.join(words)}", bold=True))
            sys.stdout.flush()
            place = ["--vault", vault, "--format", "table", "--quiet"]
            subprocess.run([sys.executable, "-m", "vaultindex", *words, *place], env=env, check=False)
        click.echo("\nThat was a vault of 38 notes, as of Tuesday 7 October 2025. With your own: vi init")


def demo_vault() -> str:
    """The folder of the small vault: in the package, or beside it in a clone."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for path in (os.path.join(package, "demo_vault"), os.path.join(os.path.dirname(package), "fixtures", "vault")):
        if os.path.isdir(path):
            return path
    raise NoVaultError("this installation comes without the small vault")
