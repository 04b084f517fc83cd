"""The command line: commands that are imported when they run, the options they share, and errors with their exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from vaultindex import __version__
from vaultindex.base.errors import VaultError
from vaultindex.cli.table import ALIASES, COMMANDS, GROUPS


class Command(click.Command):
    """A command that starts 5 ms sooner than Click's."""

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """The shared help option. Click's own looks for a translation each time (5 ms)."""
        return _HELP

    def make_parser(self, ctx: click.Context) -> Any:
        """Only for speed: a parser that finds short options at once.

        Click looks for `-n` among the long options first and, when it is not there, builds an error with suggestions,
        which it then throws away (3 ms).
        """
        parser = super().make_parser(ctx)
        getattr(parser, "_long_opt", {}).update(getattr(parser, "_short_opt", {}))
        read = parser.parse_args

        def read_once(args: list[str]) -> Any:
            """Each option that takes one value may be said once: of two, one would be ignored without a word."""
            found = read(args)
            seen: list[click.Option] = []
            for param in found[2]:
                if not isinstance(param, click.Option) or param.multiple or param.count or param.flag_value is True:
                    continue
                for other in seen:
                    one, two = max(other.opts, key=len), max(param.opts, key=len)
                    if other is param and not param.is_flag:
                        raise click.UsageError(f"{one} is said twice: say one", ctx)
                    if other is not param and other.name == param.name:
                        raise click.UsageError(f"{one} or {two}, not both", ctx)
                seen.append(param)
            return found

        parser.parse_args = read_once  # type: ignore[method-assign]
        return parser

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options; those that all commands share in one line."""
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)
        shared = {name for option in shared_options() for name in option.opts}
        own: list[tuple[click.Parameter, tuple[str, str]]] = []
        common: list[tuple[click.Parameter, tuple[str, str]]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                (common if shared.intersection(param.opts) or param is _HELP else own).append((param, record))
        if own:
            with formatter.section("Options"):
                formatter.write_dl([record for _, record in own])
        names = [param.opts[0] for param, _ in common if param is not _HELP]
        if names:
            formatter.write_paragraph()
            formatter.write_text(f"Also: {' '.join(names)} (vi help options)")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, one a line, and what else there is to say."""
        for part in (self.epilog or "").split("\n\n"):
            title, colon, examples = part.partition(":  ")
            formatter.write_paragraph()
            if title == "Examples" and colon:
                formatter.write(
                    "Examples:\n" + "".join(f"  {line.strip()}\n" for line in examples.split("   ") if line.strip())
                )
            elif part:
                formatter.write_text(part)


def command(name: str | None = None, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """`click.command`, for a command of ours."""
    return click.command(name, Command, **settings)


class Group(Command, click.Group):
    """A command with words after it: `vi vaults add`, `vi service install`."""

    command_class = Command


def shared_options() -> list[click.Parameter]:
    """The options that every command takes."""
    probe = click.Command("probe", callback=None)
    for option in _SHARED:
        option(probe)
    return probe.params


class Commands(Command, click.Group):
    """The table above as a Click group: lazy, with aliases, saved questions and the nearest command for a typo."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        import importlib

        module = importlib.import_module(f"vaultindex.cli.{COMMANDS[cmd_name][0]}")
        return next(c for c in vars(module).values() if isinstance(c, click.Command) and c.name == cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Aliases and saved questions become the command they stand for; else Click's error, with the nearest name."""
        name = args[0]
        if name in ALIASES:
            args = [*ALIASES[name], *args[1:]]
        elif name not in COMMANDS:
            if saved_query(name) is not None:
                args = ["query", "--saved", name, *args[1:]]
            else:
                from vaultindex.base.text import nearest

                # The first letter is seldom the wrong one; without it, `person` would be taken for `open`.
                close = nearest(name, [c for c in (*COMMANDS, *ALIASES) if c[:1] == name[:1].lower()], 1)
                hint = f" Did you mean `{ctx.info_name} {close[0]}`?" if close else ""
                raise click.UsageError(f"no command `{name}`.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, in groups that fit a screen, without importing any command."""
        width = max(len(", ".join(names)) for _, lines in GROUPS for names, _ in lines)
        for title, lines in GROUPS:
            with formatter.section(title):
                for names, text in lines:
                    formatter.write(f"  {', '.join(names):<{width}}  {text}\n")


def saved_query(name: str) -> str | None:
    """The text of a saved question, None when there is none of this name."""
    from vaultindex.base.paths import user_file

    if not name.replace("-", "").replace("_", "").isalnum():
        return None
    try:
        with open(
            os.path.join(os.path.dirname(user_file(dict(os.environ))), "queries", name + ".txt"), encoding="utf-8"
        ) as f:
            return f.read()
    except OSError:
        return None


def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep what an option says for the App (`app.given`), wherever it stands."""
    if value not in (None, False):
        given = ctx.find_root().meta
        if given.get(param.name or "", value) != value:
            raise click.UsageError(
                f"{param.opts[0]} is said twice, {given[param.name or '']} and {value}: say one", ctx
            )
        given[param.name or ""] = value


def _help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"vaultindex {__version__}{_commit()} · Python {sys.version.split()[0]}")
        ctx.exit()


def _commit() -> str:
    """' (1a2b3c4)' in a clone: the commit that its files come from; nothing in an installed package."""
    git = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), ".git")
    try:
        with open(os.path.join(git, "HEAD"), encoding="utf-8") as file:
            head = file.read().strip()
        if head.startswith("ref: "):
            with open(os.path.join(git, *head[5:].split("/")), encoding="utf-8") as file:
                head = file.read().strip()
    except (OSError, ValueError):
        return ""
    return f" ({head[:7]})" if len(head) >= 40 else ""


_HELP = click.Option(
    ["--help", "-h"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_help,
    help="Show this message and exit.",
)
_SHARED = (
    click.option(
        "--vault", metavar="PATH", expose_value=False, callback=keep, help="The vault: a folder or a known name."
    ),
    click.option(
        "--index",
        metavar="FILE",
        expose_value=False,
        callback=keep,
        help="The index file, instead of the cache folder's.",
    ),
    click.option(
        "--today", metavar="DATE", expose_value=False, callback=keep, help="Pretend that today is DATE (YYYY-MM-DD)."
    ),
    click.option("--json", is_flag=True, expose_value=False, callback=keep, help="Short for --format json."),
    click.option(
        "--format",
        type=click.Choice(["table", "plain", "json", "jsonl", "csv", "tsv", "md", "paths", "ids", "svg"]),
        expose_value=False,
        callback=keep,
        help="How to print; default table on a terminal, plain in a pipe.",
    ),
    click.option(
        "--no-refresh", is_flag=True, expose_value=False, callback=keep, help="Answer from the index as it stands."
    ),
    click.option(
        "--strict",
        is_flag=True,
        expose_value=False,
        callback=keep,
        help="Exit 6 rather than answer from an index that may be behind.",
    ),
    click.option(
        "--interactive",
        "-i",
        is_flag=True,
        expose_value=False,
        callback=keep,
        help="Pick rows of a list with keys, then act on them.",
    ),
    click.option("--no-pager", is_flag=True, expose_value=False, callback=keep, help="Print long answers as they are."),
    click.option("--quiet", is_flag=True, expose_value=False, callback=keep, help="Nothing on stderr but errors."),
)


def shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes, before or after its name."""
    for option in reversed(_SHARED):
        function = option(function)
    return function


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
    epilog="Examples:  vi tasks --due today   vi decisions --account contoso   vi backlinks 'Dana Leigh'",
)
@shared
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Ask an Obsidian vault: tasks, proposals, decisions, backlinks. Without a command: what matters today."""
    if ctx.invoked_subcommand is None:
        command = cli.get_command(ctx, "today")
        assert command is not None
        ctx.invoke(command)


def run(args: list[str], name: str) -> int:
    """Run the command line and return the exit code. Errors go to stderr; a closed pipe ends quietly."""
    for stream in (sys.stdout, sys.stderr):
        if (stream.encoding or "").lower() not in ("utf-8", "utf8") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a sign that this terminal cannot show costs no answer
    try:
        _check_words(args)
        code = cli.main(args, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except SystemExit as error:
        if type(sys.stdout).__name__.endswith("PacifyFlushWrapper"):  # so Click ends when the reader went away
            return 0
        return error.code if isinstance(error.code, int) else 1
    except click.ClickException as error:
        usage = isinstance(error, click.UsageError)
        command = getattr(getattr(error, "ctx", None), "command_path", None) or name
        from vaultindex.base.text import safe

        said = safe(error.format_message())
        _say(f"{name}: {said}")
        if usage:
            print(f"see {command} --help", file=sys.stderr)
        return 2 if usage else 1
    except click.exceptions.Abort:
        return 130
    except VaultError as error:
        from vaultindex.base.text import safe

        _say(f"{name}: {safe(str(error))}")
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`vi tasks | head`): point stdout at nothing, so that the exit stays quiet too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last net: a person gets a sentence, whoever mends it the details
        from vaultindex.base.text import one_line

        what = one_line(f"{type(error).__name__}: {error}")[:300]
        print(f"{name}: trouble in vaultindex itself ({what}){_details(error)}", file=sys.stderr)
        return 1


def _say(text: str) -> None:
    """An error on stderr, broken between words where a terminal shows it."""
    from vaultindex.render import table

    print("\n".join(table.folded(text, table.screen(sys.stderr))), file=sys.stderr)


def _check_words(args: list[str]) -> None:
    """Refuse arguments that are not UTF-8, except paths: no note, name or id has such bytes."""
    if all(map(str.isascii, args)):
        return
    from vaultindex.base.errors import UsageError
    from vaultindex.base.text import is_text

    for before, arg in zip(["", *args], args):
        if not is_text(arg):
            given = arg.startswith(("--vault=", "--index=")) or before in ("--vault", "--index") or args[0] == "vaults"
            if not given:
                raise UsageError(f"{arg!r} is not UTF-8: names of notes, people and accounts are")


def _details(error: Exception) -> str:
    """Save the traceback in a file that only the user can read; returns the end of the sentence that names it."""
    import traceback

    from vaultindex.base.files import write_own
    from vaultindex.base.paths import cache_folder

    path = os.path.join(cache_folder(os.environ), "last-error.txt")
    text = "".join(traceback.format_exception(error))
    try:
        write_own(path, text.encode("utf-8", "backslashreplace"))
    except OSError:
        return ": please report it"
    return f": please report it with {path}"
