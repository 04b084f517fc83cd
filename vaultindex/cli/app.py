"""What every command needs: the vault, the settings, today, a fresh connection, and a way to print the answer."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

import click

from vaultindex.base import settings
from vaultindex.base.errors import IndexUnavailable, UsageError
from vaultindex.base.paths import tilde
from vaultindex.base.text import is_text, safe
from vaultindex.cli.table import COMMANDS
from vaultindex.index import heartbeat, store, sync
from vaultindex.render import delimited, json_text, phrases, table
from vaultindex.vault import disk

if TYPE_CHECKING:
    from vaultindex.render.pager import Pager

Row = dict[str, Any]
APP = "vaultindex.app"  # in Click's `meta`: the class of App under which the commands of a group run


class App:
    """One run of one command. Vault, settings and index are looked up on first use."""

    own = True  # whether the rows are the vault's own: their numbers mean them, and what is wrong in them can be mended

    def __init__(self, ctx: click.Context) -> None:
        self.started = time.perf_counter()
        self.given: dict[str, Any] = ctx.find_root().meta
        self.env = dict(os.environ)
        self.report: sync.Report | None = None
        self.notes: list[str] = []  # lines for stderr, printed after the answer
        self.asides: list[str] = []  # parts of the one line below a list on a terminal
        self.doubts: list[str] = []  # what the answer was made without
        self.exit_code = 0
        self._pager = self._paged(ctx)
        if "interactive" in self.given and not self._lists(ctx) and ctx.info_name != "add":
            raise UsageError(f"-i picks rows of a list, and vi {ctx.info_name} gives none: vi tasks -i")
        self.offered: tuple[list[Row], Sequence[table.Column]] | None = None  # rows to pick from
        self.draws = False  # whether this command has a picture
        self._root: str | None = None
        self._config: settings.Config | None = None
        self._today: str | None = None

    def _lists(self, ctx: click.Context) -> bool:
        """Whether the command gives a list or a page: what one reads, and nothing is changed."""
        module = COMMANDS.get(ctx.info_name or "", ("",))[0] if ctx.parent is not None else "pages."
        return module.startswith(("read.", "pages."))

    def _paged(self, ctx: click.Context) -> Pager | None:
        """A pager for what a person reads on a terminal; None for all else."""
        if "interactive" in self.given:
            return None
        if not self._lists(ctx) or "no_pager" in self.given or ctx.info_name == "open":
            return None
        if "json" in self.given or self.given.get("format") not in (None, "table") or not sys.stdout.isatty():
            return None
        from vaultindex.render import pager

        words = pager.command(self.env)
        if words is None:
            return None
        return pager.Pager(words, self.env, table.terminal_size().lines)

    def close_pager(self) -> None:
        """Show what is held back, and wait for the reader."""
        if self._pager is not None:
            self._pager.close()
            self._pager = None

    # --- where and when ---

    @property
    def config(self) -> settings.Config:
        """The effective settings for the vault."""
        if self._config is None:
            self._find()
        assert self._config is not None
        return self._config

    @property
    def root(self) -> str:
        """The vault's folder. Raises NoVaultError."""
        if self._root is None:
            self._find()
        assert self._root is not None
        return self._root

    def _find(self) -> None:
        first = settings.load(self.env)
        named = self.given.get("vault") or first.get("vault") or None
        self._root = disk.find_vault(named, os.getcwd(), self.env, first.get("vaults"))
        self._config = settings.load(self.env, self._root)
        colours = self._config.values["colours"]
        if colours.value:
            table.use_colours(colours.value, tilde(colours.source))

    @property
    def index(self) -> str:
        """The index file. Raises UsageError when its path is no text."""
        if self.given.get("index"):
            path = os.path.abspath(os.path.expanduser(str(self.given["index"])))
        else:
            path = settings.index_file(self.env, self.root, self.config)
        if not is_text(path):
            raise UsageError(f"the path of the index has bytes that are not UTF-8 ({path!r}): say --index FILE")
        return path

    @property
    def today(self) -> str:
        """Today as YYYY-MM-DD: --today, VAULTINDEX_TODAY, else the clock. The only place that asks."""
        if self._today is None:
            import datetime

            given = self.given.get("today") or self.env.get("VAULTINDEX_TODAY")
            if given:
                try:
                    self._today = datetime.date.fromisoformat(str(given)).isoformat()
                except ValueError as error:
                    raise UsageError(f"--today takes a date as YYYY-MM-DD, not {given!r}") from error
            else:
                self._today = datetime.date.today().isoformat()
        return self._today

    def forget_today(self) -> None:
        """Ask anew which day it is: for what runs over midnight."""
        self._today = None

    # --- the index ---

    def connect(self) -> sqlite3.Connection:
        """A read connection to an index that equals the vault (unless --no-refresh). Raises VaultError."""
        strict = "strict" in self.given
        conn, self.report = sync.open_fresh(
            self.root, self.index, self.config,
            refresh="no_refresh" not in self.given, sweep=strict, progress=self.progress(), today=self.today,
        )  # fmt: skip
        if strict and (self.report.stale is not None or self.report.paused or self.report.unknown):
            raise IndexUnavailable("; ".join(self.freshness(self.report)) + " (--strict)")
        self.doubts = _unread_settings(conn)
        return conn

    def progress(self) -> sync.Progress | None:
        """A progress bar on a terminal, shown once a second has passed."""
        if "quiet" in self.given or not sys.stderr.isatty():
            return None
        bar: list[Any] = []
        started = time.perf_counter()

        def show(done: int, total: int) -> None:
            if not bar and time.perf_counter() - started < 1.0:
                return
            if not bar:
                bar.append(click.progressbar(length=total, label="reading notes", file=sys.stderr))
                bar[0].__enter__()
                bar.append(0)
            bar[0].update(done - bar[1])
            bar[1] = done
            if done >= total:
                bar[0].__exit__(None, None, None)

        return show

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While a person thinks or types: that time is none of the answer's."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.started += time.perf_counter() - began

    # --- the answer ---

    @property
    def picks(self) -> bool:
        """Whether rows are to be picked and acted on (-i). Raises UsageError where nobody can pick."""
        if "interactive" not in self.given:
            return False
        if self.format != "table" or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("-i picks rows on a terminal: not in a pipe, and not with another --format")
        return True

    def offer(self, rows: Iterable[Row], columns: Sequence[table.Column]) -> None:
        """Let a person pick from these rows when the command is done."""
        self.offered = list(rows), columns

    def pick(self) -> list[list[str]]:
        """The command lines that a person picked rows for. Raises UsageError when the command offered no rows."""
        if "interactive" not in self.given or click.get_current_context().info_name == "add":
            return []
        if self.offered is None:
            raise UsageError("-i picks rows of a list, and this is none: vi tasks -i")
        from vaultindex.cli.interactive import actions

        rows, columns = self.offered
        if not rows:
            return []
        self.notes.clear()  # what is said below a list says nothing to one who picks from it
        self.report = None
        words = actions.run(self.env, self.lines, rows, columns)
        known = [f"--{name}={self.given[name]}" for name in ("vault", "index", "today") if name in self.given]
        return [[*known, *line] for line in words]

    @property
    def format(self) -> str:
        """The wanted format; plain when piped."""
        if "template" in self.given:
            if "json" in self.given or "format" in self.given:
                raise UsageError("--template or --format, not both")
            return "template"
        if "json" in self.given:
            return "json"
        if self.given.get("format") == "svg" and not self.draws:
            raise UsageError("only vi stats draws a picture (--format svg)")
        return str(self.given.get("format") or ("table" if sys.stdout.isatty() else "plain"))

    def show(
        self,
        rows: Iterable[Row],
        columns: Sequence[table.Column],
        fields: Sequence[str],
        empty: str,
        *,
        only: str | None = None,
        heading: str | None = None,
        header: bool = False,
    ) -> None:
        """Print the rows in the wanted format. `fields` are the JSON keys, `only` a comma list of some of them;
        `empty` is said on stderr when there is nothing; `heading` stands above a table, `header` names its columns."""
        kind = self.format
        if kind == "template":
            from vaultindex.render.template import Template

            if only is not None:
                raise UsageError("--template or --fields, not both")
            found = list(rows)
            self.lines(Template(self.given["template"], fields).lines(found))
            if not found:
                self.notes.insert(0, empty)
            return
        chosen = self._only(only, fields)
        if self.picks:
            self.offer(rows, self._columns(columns, chosen))
            if empty and self.offered and not self.offered[0]:
                self.notes.insert(0, empty)
            return
        if kind in ("json", "jsonl"):
            if hasattr(rows, "texts"):  # each row can write its JSON by itself
                self.pieces(json_text.json_pieces(rows.texts(chosen), kind == "jsonl"))
            else:
                self.lines(json_text.as_json(rows, chosen, kind == "jsonl"))
            return
        if kind in ("csv", "tsv"):
            self.lines(delimited.delimited(rows, chosen or fields, kind == "tsv"))
            return
        left = iter(rows)
        first = list(islice(left, 1))
        some: Iterator[Row] = chain(first, left)
        if kind == "paths":
            self.lines(dict.fromkeys(safe(self._on_disk(str(r["path"]))) for r in some if r.get("path")))
        elif kind == "ids":
            self.lines(str(r["id"]) for r in some if "id" in r)
        elif kind == "md":
            self.lines(delimited.markdown(some, self._columns(columns, chosen)))
        elif kind == "plain":
            self.lines(delimited.plain(some, self._columns(columns, chosen)))
        else:
            if heading:
                self.lines(table.folded(heading, table.screen()))
            if first and "status" not in first[0] and sys.stdout.isatty() and self.own:
                some = self._numbered(some)
            self.lines(
                table.aligned(some, self._columns(columns, chosen), table.screen(), header=header or chosen is not None)
            )
        if not first and empty and kind in ("table", "plain", "md", "paths", "ids"):
            self.notes.insert(0, empty)

    def _numbered(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of a list that holds no tasks; from now on their numbers mean no task in this terminal."""
        from vaultindex.base.errors import VaultError
        from vaultindex.state import journal

        count = 0
        for row in rows:
            count += 1
            yield row
        where = journal.terminal()
        if where is None:
            return
        kind = click.get_current_context().command_path.split(" ", 1)[-1]
        try:
            with journal.Journal(journal.state_file(self.env, self.root, self.config), self.root) as kept:
                kept.remember((journal.Shown("", kind, number, "", 0) for number in range(1, count + 1)), where)
        except (VaultError, sqlite3.Error) as error:
            self.notes.append(f"row numbers of this list are not kept: {error}")

    def _on_disk(self, path: str) -> str:
        """The path as the disk spells it: the index composes letters, a disk need not, and other programs open this name."""
        if path.isascii():
            return path
        from vaultindex.vault.atomic_write import on_disk

        return os.path.relpath(on_disk(self.root, path), self.root).replace(os.sep, "/")

    def _only(self, only: str | None, fields: Sequence[str]) -> list[str] | None:
        if only is None:
            return None
        chosen = [f.strip() for f in only.split(",") if f.strip()]
        for field in chosen:
            if field not in fields:
                from vaultindex.base.text import did_you_mean

                hint = did_you_mean(field, list(fields))
                raise UsageError(f"no field {field!r}.{hint} Fields: {', '.join(fields)}")
        return chosen

    @staticmethod
    def _columns(columns: Sequence[table.Column], chosen: list[str] | None) -> Sequence[table.Column]:
        if chosen is None:
            return columns

        def text_of(field: str) -> table.Column:
            return table.Column(field, lambda row: _plain(row.get(field)), grow=1)

        return [text_of(f) for f in chosen]

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines to stdout: the first ones soon, the others in large pieces."""
        out: TextIO | Pager = self._pager or sys.stdout
        write = out.write
        buffer: list[str] = []
        size, enough = 0, 4_096
        for line in lines:
            buffer.append(line)
            size += len(line)
            if size > enough:
                write("\n".join(buffer) + "\n")
                out.flush()
                buffer.clear()
                size, enough = 0, 65_536
        if buffer:
            write("\n".join(buffer) + "\n")

    def pieces(self, pieces: Iterable[bytes]) -> None:
        """Write pieces of UTF-8 to stdout as they come."""
        sys.stdout.flush()
        as_they_are = (sys.stdout.encoding or "").lower() == "utf-8"
        for piece in pieces:
            if as_they_are:
                sys.stdout.buffer.write(piece)
            else:
                sys.stdout.write(piece.decode())

    def document(self, document: Row) -> None:
        """Print a page as one JSON object."""
        self.lines([json_text.dumps(document)])

    def command(self, text: str) -> str:
        """A command that shows more, as it is typed where this one was."""
        return text

    def finish(self) -> None:
        """Say on stderr what a person should know beside the rows: hidden counts, then how fresh the answer is."""
        self.close_pager()
        if "quiet" in self.given:
            return
        sys.stdout.flush()
        lines = (
            [f"{problem.path} {problem.what}: vi doctor" for problem in self._config.problems] if self._config else []
        )
        lines += self.notes + self.doubts
        asides = list(self.asides)
        if self.report is not None and self.config.get("notice"):
            *late, last = self.freshness(self.report)
            lines += late
            if self.report.stale is not None or self.report.unknown or self.report.paused:
                lines.append(last)  # that an answer may be behind is said wherever it goes
            else:
                asides.append(last)
        to = table.screen(sys.stderr)
        if asides and (sys.stdout.isatty() or self.config.values["notice"].source != "default"):
            lines.append(_on_one_line(asides, to.width))
        for line in lines:
            for part in table.folded(safe(line), to):
                print(table.paint(part, "dim", to.colour), file=sys.stderr)

    def cut(self, shown: int, total: int) -> None:
        """Say how many rows there are beside those that were shown."""
        if shown < total:
            (self.asides if sys.stdout.isatty() else self.notes).append(f"{shown:,} of {total:,} shown")

    def finish_with(self, found: bool) -> None:
        """End with exit code 1 (after the closing lines) when there are rows and --exit-code was given."""
        self.exit_code = int(found)

    def freshness(self, report: sync.Report) -> list[str]:
        """The last line under an answer: how many notes, what changed just now, how long it took."""
        took = f"{(time.perf_counter() - self.started) * 1000:.0f} ms"
        lines = [*report.messages]
        if report.paused:
            lines.append(report.paused)
        if report.unknown:
            lines.append(
                f"{phrases.count(report.unknown, 'folder or file', 'folders or files')} could not be read: vi doctor"
            )
        if report.stale is not None:
            watcher = "" if heartbeat.held(self.index) else ", no watcher"
            lines.append(f"not refreshed: index {age(report.stale)} old{watcher} · {took}")
            return lines
        fresh = "not all fresh" if report.unknown else "fresh"
        if report.watched is not None:
            lines.append(f"{fresh}: {phrases.count(report.notes, 'note')}, watched · {took}")
            return lines
        changes = f", {report.touched:,} changed just now" if report.touched and not report.full else ""
        changes = ", indexed just now" if report.full else changes
        lines.append(f"{fresh}: {phrases.count(report.notes, 'note')}{changes} · {took}")
        return lines


def _on_one_line(parts: Sequence[str], width: int) -> str:
    """The parts that fit one line, the first of them in any case."""
    line, used = parts[0], table.width_of(parts[0])
    for part in parts[1:]:
        used += 3 + len(part.partition(" ms")[0].rstrip("0123456789")) + 7  # however long it took, the same line
        if used <= width:
            line += f" · {part}"
    return line


def _unread_settings(conn: sqlite3.Connection) -> list[str]:
    """One line on the settings of Obsidian and its plugins that could not be read, on which the answer may depend."""
    rows = conn.execute(
        "SELECT path, what FROM problems WHERE file IS NULL AND kind = 'settings' ORDER BY path"
    ).fetchall()
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    return [f"{rows[0][0]} {rows[0][1]}{more}: vi doctor"] if rows else []


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)


def age(seconds: float) -> str:
    """'12 s', '5 min', '3 h', '2 days'."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def in_app(function: Any) -> Any:
    """Give a command its App, and print the closing lines when it is done."""
    import functools

    @functools.wraps(function)
    @click.pass_context
    def wrapper(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        made: type[App] = ctx.find_root().meta.get(APP, App)
        app = made(ctx)
        try:
            try:
                result = function(app, *args, **kwargs)
            except BaseException:
                app.close_pager()  # what there was of an answer comes before what went wrong
                raise
        except sqlite3.DatabaseError as error:
            if not store.is_damage(error):
                raise
            # Damage that only this question met: a new index, and the question once more.
            report = sync.replace_damaged(app.root, app.index, app.config, str(error))
            app = made(ctx)
            app.notes += report.messages
            result = function(app, *args, **kwargs)
        then = app.pick()
        app.finish()
        if then:
            from vaultindex.cli.commands import run

            # What is picked is done by the commands that do it alone, one after the other until one fails.
            app.exit_code = next((code for line in then if (code := run(line, ctx.find_root().info_name or "vi"))), 0)
        if app.exit_code:
            ctx.exit(app.exit_code)
        return result

    return wrapper
