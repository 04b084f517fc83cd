"""Commands completion and shell-init: what a shell needs to complete our words, and to tell them from files to edit.

What is completed comes from the index as it stands: nothing is swept while somebody holds the tab key.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    _resolve_context,
    _resolve_incomplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
    split_arg_string,
)

from vaultindex.base.errors import VaultError
from vaultindex.base.text import fold, one_line
from vaultindex.cli.commands import cli, command, shared
from vaultindex.render.phrases import count

SHELLS = ("bash", "zsh", "fish", "powershell")
VARIABLE = "_VAULTINDEX_COMPLETE"  # set by the script of a shell, for Click
_MOST = 60
DATES = ("today", "tomorrow", "fri", "mon", "+3d", "+1w", "eow", "eom", "week", "'next week'", "none")
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName vaultindex, vi -ScriptBlock {
  param($word, $ast, $at)
  $env:_VAULTINDEX_COMPLETE = 'powershell_complete'
  $env:COMP_WORDS = $ast.ToString(); $env:COMP_CWORD = $word
  vaultindex | ForEach-Object {
    $value, $help = $_ -split "`t", 2
    if (-not $help) { $help = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
  }
  Remove-Item Env:_VAULTINDEX_COMPLETE, Env:COMP_WORDS, Env:COMP_CWORD
}
"""


@command(
    epilog="Examples:  vi completion bash   vi completion zsh > ~/.zfunc/_vaultindex   vi completion fish | source"
)
@click.argument("shell", type=click.Choice(SHELLS))
@shared
def completion(shell: str) -> None:
    """The script that lets a shell complete commands, options, dates, accounts, people, notes, ids and tags."""
    click.echo(script(shell))


def script(shell: str) -> str:
    """The completion script of a shell, for both names of the program."""
    if shell == "powershell":
        return _POWERSHELL
    kind = get_completion_class(shell)
    assert kind is not None
    parts = []
    for name in ("vaultindex", "vi"):
        # Both names are completed by `vaultindex`: `vi` may be the editor, or a function of the shell.
        text = kind(cli, {}, name, VARIABLE).source()
        parts.append(text.replace("=bash_complete $1", "=bash_complete vaultindex").replace("=zsh_complete vi)", "=zsh_complete vaultindex)")
                     .replace("commandline -t) vi)", "commandline -t) vaultindex)"))  # fmt: skip
    return "\n".join(parts)


@command(
    "shell-init",
    epilog='Examples:  eval "$(vaultindex shell-init zsh)"   vaultindex shell-init fish | source   vi shell-init bash',
)
@click.argument("shell", type=click.Choice(SHELLS))
@shared
def shell_init(shell: str) -> None:
    """A function `vi` that sends our commands to vaultindex and all else to your editor; and completion."""
    from vaultindex.cli.table import ALIASES, COMMANDS

    words = sorted([*COMMANDS, *ALIASES])
    click.echo(
        _FUNCTIONS[shell].format(bar="|".join(words), space=" ".join(words), comma=",".join(f"'{w}'" for w in words))
    )
    click.echo(script(shell))


_FUNCTIONS = {
    "bash": """\
unalias vi 2>/dev/null
vi() {{
  case "${{1-}}" in
    ''|--help|--version|{bar}) command vaultindex "$@" ;;
    *) command vi "$@" ;;
  esac
}}
""",
    "fish": """\
function vi
  if test (count $argv) -eq 0; or contains -- $argv[1] --help --version {space}
    command vaultindex $argv
  else
    command vi $argv
  end
end
""",
    "powershell": """\
function vi {{
  if ($args.Count -eq 0 -or $args[0] -in @('--help','--version',{comma})) {{ vaultindex @args }}
  else {{ & (Get-Command vi -CommandType Application | Select-Object -First 1) @args }}
}}
""",
}
_FUNCTIONS["zsh"] = _FUNCTIONS["bash"]


# --- what is completed ---


def complete(prog_name: str) -> int:
    """Answer a shell that asks for completions (Click's protocol); the exit code."""
    for shell in ("bash", "zsh", "fish"):
        kind = get_completion_class(shell)
        assert kind is not None
        add_completion_class(type(f"Our{kind.__name__}", (_Ours, kind), {}), shell)
    add_completion_class(_PowerShell, "powershell")
    return shell_complete(cli, {}, prog_name, VARIABLE, os.environ[VARIABLE])


class _Ours(ShellComplete):
    """Click's completion, with the values that only the index knows."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """What fits at the cursor."""
        ctx = _resolve_context(self.cli, self.ctx_args, self.prog_name, args)
        thing, rest = _resolve_incomplete(ctx, args, incomplete)
        if isinstance(thing, click.Parameter):
            found = values(ctx, thing, rest)
            if found is not None:
                return found
        found = thing.shell_complete(ctx, rest)
        if thing is cli:
            found += [CompletionItem(name, help=about) for name, about in _saved_names(rest)]
        return found


class _PowerShell(_Ours):
    """One value a line, a tab, what it is."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """(the words before the cursor, the one that is begun)."""
        words = split_arg_string(os.environ["COMP_WORDS"])[1:]
        begun = os.environ.get("COMP_CWORD", "")
        return (words[:-1] if begun and words and words[-1] == begun else words), begun

    def format_completion(self, item: CompletionItem) -> str:
        """A line for the script."""
        return f"{item.value}\t{item.help or ''}"


def values(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem] | None:
    """The values that fit an option or argument, from the index; None when Click knows better. Never raises."""
    name = param.name or ""
    kind = BY_COMMAND.get(ctx.info_name or "") if name in ("name", "names", "note") else None
    kind = kind or _KINDS.get(name)
    if kind is None:
        return None
    if kind is _saved:
        return [CompletionItem(text, help=about) for text, about in _saved_names(incomplete)]
    if kind is _dates:
        return [CompletionItem(day) for day in DATES if day.startswith(incomplete)]
    try:
        conn = _index(ctx)
        with contextlib.closing(conn):
            found = [CompletionItem(text, help=about) for text, about in kind(conn, fold(incomplete))]
    except (VaultError, sqlite3.Error, OSError):
        return []  # no index yet: nothing to offer, and no place to say so
    return found[:_MOST]


def _index(ctx: click.Context) -> sqlite3.Connection:
    """The index of the vault that is meant, as it stands."""
    from vaultindex.cli.app import App
    from vaultindex.index import store

    return store.open_read(App(ctx).index)


Found = Iterator[tuple[str, str]]


def _dates(conn: sqlite3.Connection, start: str) -> Found:
    yield from ()


def _like(start: str) -> str:
    return start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _people(conn: sqlite3.Connection, start: str) -> Found:
    sql = "SELECT max(name), count(DISTINCT note) FROM people WHERE key LIKE ? ESCAPE '\\' GROUP BY key ORDER BY 2 DESC LIMIT ?"
    for name, number in conn.execute(sql, (_like(start), _MOST)):
        yield name, count(number, "note")


def _accounts(conn: sqlite3.Connection, start: str) -> Found:
    sql = """SELECT coalesce((SELECT x.name FROM names x WHERE x.kind = 'account' AND x.key = account_key), max(account)),
 count(*) FROM notes WHERE account_key LIKE ? ESCAPE '\\' AND account_key NOT IN
 (SELECT key FROM names WHERE kind = 'account' AND alias <> name) GROUP BY account_key
 ORDER BY 2 DESC LIMIT ?"""
    for name, number in conn.execute(sql, (_like(start), _MOST)):
        yield name, count(number, "note")


def _notes(conn: sqlite3.Connection, start: str) -> Found:
    sql = "SELECT path FROM notes WHERE name_key LIKE ? ESCAPE '\\' ORDER BY date DESC, path LIMIT ?"
    for (path,) in conn.execute(sql, (_like(start), _MOST)):
        yield path[path.rfind("/") + 1 :].removesuffix(".md"), ""


def _tags(conn: sqlite3.Connection, start: str) -> Found:
    sql = "SELECT max(tag), count(*) FROM tags WHERE key LIKE ? ESCAPE '\\' GROUP BY key ORDER BY 2 DESC LIMIT ?"
    for name, number in conn.execute(sql, (_like(start.lstrip("#")), _MOST)):
        yield name.lstrip("#"), count(number, "place")


def _ids(conn: sqlite3.Connection, start: str) -> Found:
    from vaultindex.ask.tasks.lists import ShortIds

    short = ShortIds(conn)
    sql = """SELECT t.id, t.text FROM tasks t WHERE t.id >= ? AND t.id < ? AND t.state IN ('open', 'proposed')
 ORDER BY t.deadline IS NULL, t.deadline LIMIT ?"""
    for key, text in conn.execute(sql, (start, start + "~", _MOST)):
        yield short[key], one_line(text)[:60]


def _saved(conn: sqlite3.Connection, start: str) -> Found:
    yield from _saved_names(start)


def _saved_names(start: str) -> Found:
    """Saved questions; they need no index."""
    from vaultindex.cli.read import saved

    env = dict(os.environ)
    yield from (
        (name, one_line(saved.text_of(env, name).strip())[:60]) for name in saved.names(env) if name.startswith(start)
    )


def _vaults(conn: sqlite3.Connection, start: str) -> Found:
    from vaultindex.base import settings

    yield from (
        (name, path) for name, path in settings.load(dict(os.environ)).get("vaults").items() if name.startswith(start)
    )


# name of an option or argument -> what it is
_KINDS: dict[str, Callable[[sqlite3.Connection, str], Found]] = {
    **dict.fromkeys(("due", "by", "scheduled", "start", "happens", "created", "done_on", "since", "until", "as_of", "on", "when"), _dates),
    **dict.fromkeys(("owner", "person", "with_"), _people),
    "account": _accounts, "note": _notes, "tag": _tags, "ids": _ids, "id": _ids, **dict.fromkeys(("saved", "show", "delete"), _saved), "vault": _vaults,
}  # fmt: skip
# Arguments that are called `name`, by command.
BY_COMMAND: dict[str, Callable[[sqlite3.Connection, str], Found]] = {
    "person": _people, "account": _accounts, "note": _notes, "open": _notes, "backlinks": _notes, "brief": _accounts, "recap": _notes,
    "links": _notes,
}  # fmt: skip
