"""Manual pages (man(7)), made of the same commands, options and topics that `--help` shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import click

from vaultindex import __version__
from vaultindex.cli.commands import cli, shared_options
from vaultindex.cli.table import ALIASES, COMMANDS, GROUPS
from vaultindex.cli.topics import TOPICS, WHAT, text_of

NAME = "vaultindex"
_ENVIRONMENT = {
    "VAULTINDEX_VAULT": "The vault, as with --vault.",
    "VAULTINDEX_INDEX": "The index file, as with --index.",
    "VAULTINDEX_TODAY": "Today, as with --today.",
    "VAULTINDEX_PAGER, PAGER": "The program that shows long answers; less -FRX by default, none when empty.",
    "VAULTINDEX_PICKER": "fzf or builtin: what picks rows with -i.",
    "VAULTINDEX_REAL_VI": "The editor that vi stands for when the words are none of ours.",
    "VISUAL, EDITOR": "The editor of vi edit, vi open and vi config edit.",
    "NO_COLOR, CLICOLOR_FORCE": "No colours; colours also in a pipe.",
}


def pages() -> dict[str, str]:
    """File name -> text: one page for the program, one a command, one a topic."""
    context = click.Context(cli, info_name=NAME)
    found = {f"{NAME}.1": _program(context)}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found[f"{NAME}-{name}.1"] = _command(command, name, context)
    for topic in TOPICS:
        found[f"{NAME}-{topic}.7"] = _topic(topic)
    return found


def write(folder: str) -> list[str]:
    """Write every page into `folder`/man1 and `folder`/man7; the paths. Raises OSError."""
    paths = []
    for name, text in pages().items():
        path = os.path.join(folder, f"man{name[-1]}", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        paths.append(path)
    return paths


def _program(context: click.Context) -> str:
    lines = [*_head(NAME, "1", "answers about an Obsidian vault at the terminal"), ".SH SYNOPSIS"]
    lines += [
        ".B vaultindex",
        _text("[OPTIONS] COMMAND [ARGUMENTS]"),
        ".br",
        ".B vi",
        _text("[OPTIONS] COMMAND [ARGUMENTS]"),
    ]
    lines += [".SH DESCRIPTION", _text(cli.help or ""), ".PP"]
    lines += [_text("vi is the same program; words that are none of its commands go to your editor.")]
    for title, some in GROUPS:
        lines += [f".SS {_text(title)}"]
        for names, what in some:
            lines += [".TP", ".B " + _text(", ".join(names)), _text(what)]
    lines += [".SH OPTIONS", *_options(context, shared_options())]
    lines += [".SH EXIT STATUS", *_verbatim(text_of("exit-codes"))]
    lines += [".SH ENVIRONMENT"]
    for name, what in _ENVIRONMENT.items():
        lines += [".TP", ".B " + _text(name), _text(what)]
    lines += [
        ".SH FILES",
        ".TP",
        ".I " + _text("~/.config/vaultindex/config.toml"),
        "Your settings (vi config path).",
        ".TP",
    ]
    lines += [".I .vaultindex.toml", "What a vault says about itself, beside its notes."]
    lines += [".SH EXAMPLES", *_verbatim("\n".join(examples(cli.epilog or "")))]
    others = [f"{NAME}-{name}" for name in COMMANDS]
    return _page([*lines, ".SH SEE ALSO", *_see([(n, "1") for n in others] + [(f"{NAME}-{t}", "7") for t in TOPICS])])


def _command(command: click.Command, name: str, above: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=above)
    what = COMMANDS[name][1].rstrip(".")
    lines = [*_head(f"{NAME}-{name}", "1", what[0].lower() + what[1:]), ".SH SYNOPSIS"]
    lines += [f".B {NAME} {_text(name)}", _text(" ".join(command.collect_usage_pieces(context)))]
    lines += [".SH DESCRIPTION", *_paragraphs(command.help or what)]
    aliases = [alias for alias, words in ALIASES.items() if words == (name,)]
    if aliases:
        lines += [".PP", _text(f"Also called {', '.join(aliases)}.")]
    shared = {option for param in shared_options() for option in param.opts} | {"--help"}
    own = [param for param in command.get_params(context) if not shared.intersection(param.opts)]
    some = list(_options(context, own))
    lines += [".SH OPTIONS", *some] if some else []
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS"]
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            assert inner is not None
            under = click.Context(inner, info_name=word, parent=context)
            lines += [
                f".SS {_text(' '.join([word, *inner.collect_usage_pieces(under)]))}",
                *_paragraphs(inner.help or ""),
            ]
            lines += _options(under, [p for p in inner.get_params(under) if not shared.intersection(p.opts)])
    some_lines = examples(command.epilog or "")
    lines += [".SH EXAMPLES", *_verbatim("\n".join(some_lines))] if some_lines else []
    for part in (command.epilog or "").split("\n\n"):
        if part and not part.startswith(("Example:", "Examples:")):
            lines += [".SH NOTES", _text(part)]
    return _page([*lines, ".SH SEE ALSO", *_see([(NAME, "1"), (f"{NAME}-options", "7"), (f"{NAME}-dates", "7")])])


def _topic(topic: str) -> str:
    lines = [*_head(f"{NAME}-{topic}", "7", WHAT[topic]), ".SH DESCRIPTION", *_verbatim(text_of(topic))]
    return _page([*lines, ".SH SEE ALSO", *_see([(NAME, "1")])])


def _head(name: str, section: str, what: str) -> list[str]:
    title = _text(name.upper())
    return [f'.TH {title} {section} "" "{NAME} {__version__}"', ".SH NAME", f"{_text(name)} \\- {_text(what)}"]


def _options(context: click.Context, params: list[click.Parameter]) -> Iterator[str]:
    for param in params:
        record = param.get_help_record(context) if isinstance(param, click.Option) else None
        if record is not None:
            yield from (".TP", ".B " + _text(record[0]), _text(record[1]) or "\\&")


def examples(epilog: str) -> list[str]:
    """The examples of a command's help, one a line."""
    first = epilog.split("\n\n")[0]
    title, colon, some = first.partition(":  ")
    return [line.strip() for line in some.split("   ") if line.strip()] if colon and title.startswith("Example") else []


def _paragraphs(text: str) -> list[str]:
    found = [_text(" ".join(part.split())) for part in re.split(r"\n\s*\n", text.strip())]
    return [line for part in found for line in (".PP", part)][1:]


def _verbatim(text: str) -> list[str]:
    return [".nf", *(_text(line, keep=True) for line in text.split("\n")), ".fi"]


def _see(pages: list[tuple[str, str]]) -> list[str]:
    return [
        f".BR {_text(name)} ({section}){',' if n < len(pages) else ''}" for n, (name, section) in enumerate(pages, 1)
    ]


def _text(text: str, keep: bool = False) -> str:
    """The text as man(7) takes it: hyphens that can be copied, nothing read as a request."""
    found = (text if keep else " ".join(text.split())).replace("\\", "\\e").replace("-", "\\-")
    found = found.replace("\n", " ")
    return "\\&" + found if found[:1] in (".", "'") else found


def _page(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line) + "\n"
