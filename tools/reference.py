"""docs/reference.md: every command with its options, every setting, every topic of `vi help`, written from the code.

python tools/reference.py docs
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from vaultindex.base.settings import SETTINGS
from vaultindex.cli.commands import cli, shared_options
from vaultindex.cli.manual import examples, pages
from vaultindex.cli.table import ALIASES, COMMANDS, GROUPS
from vaultindex.cli.topics import TOPICS, WHAT, text_of

HEAD = """# Reference

Commands, options, settings and topics, written by `make docs` from the code. The same stands in `vi COMMAND --help`, `vi help TOPIC`
and the manual pages (`vi help --man DIR`; installed packages bring them: `man vaultindex-tasks`).
"""


def text() -> str:
    """The page as it is now."""
    context = click.Context(cli, info_name="vi")
    shared = {option for param in shared_options() for option in param.opts} | {"--help"}
    lines = [HEAD]
    for title, some in GROUPS:
        lines.append(f"## {title}\n")
        for name in (name for names, _ in some for name in names):
            command = cli.get_command(context, name)
            assert command is not None
            lines += _command(command, f"vi {name}", click.Context(command, info_name=name, parent=context), shared)
            others = [alias for alias, words in ALIASES.items() if words == (name,)]
            lines += [f"Also called `{'`, `'.join(others)}`.\n"] if others else []
    assert {name for _, some in GROUPS for names, _ in some for name in names} == set(COMMANDS)
    lines.append("## Settings\n")
    lines.append(
        "In your own file (`vi config path`); those marked *vault* also in `.vaultindex.toml` beside the notes.\n"
    )
    lines += ["| setting | default | what it is |", "| --- | --- | --- |"]
    for one in SETTINGS:
        where = " *vault*" if one.in_vault else ""
        lines.append(
            f"| `{one.name}`{where} | `{json.dumps(one.default, ensure_ascii=False)}` | {one.help.replace('|', '/')} |"
        )
    lines.append("")
    for topic in TOPICS:
        what = WHAT[topic]
        lines.append(f"## {what[0].upper()}{what[1:]}\n\n```text\n{text_of(topic)}\n```\n")
    return "\n".join(lines).rstrip() + "\n"


def _command(command: click.Command, name: str, context: click.Context, shared: set[str]) -> list[str]:
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"### {name}\n", f"`{usage}`\n", " ".join((command.help or "").split()) + "\n"]
    records = [
        record
        for param in command.get_params(context)
        if isinstance(param, click.Option)
        and not shared.intersection(param.opts)
        and (record := param.get_help_record(context))
    ]
    lines += [*(f"- `{option}`: {what}" for option, what in records), ""] if records else []
    some = examples(command.epilog or "")
    lines += ["```sh", *some, "```", ""] if some else []
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            assert inner is not None
            below = _command(inner, f"{name} {word}", click.Context(inner, info_name=word, parent=context), shared)
            lines += [f"#{below[0]}", *below[1:]]
    return lines


if __name__ == "__main__":
    assert pages()  # what the manual pages cannot show, this page must not either
    (Path(sys.argv[1]) / "reference.md").write_text(text(), encoding="utf-8", newline="\n")
