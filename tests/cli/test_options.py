"""Every option of every command that reads changes what it should: a table, in which a new option must have its row."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from vaultindex.cli.commands import _SHARED, COMMANDS, cli, run

NOTES = {
    "2025-10-01 Sync.md": "---\ntype: customer\ndate: 2025-10-01\naccount: Acme\nparticipants: [Dana Lee]\ntags: [big]\n---\n"
    "- [ ] plan @Myself 📅 2025-10-01 ⏫\n- [?] idea @Dana #proposed 📅 2025-10-08\n- [x] done ✅ 2025-10-02\n- [-] no ❌ 2025-10-02\n"
    "- [ ] repeat 🔁 every day ⏳ 2025-10-03 🆔 abc123\n- [/] wait ⛔ abc123 🛫 2025-10-04 ➕ 2025-01-01 #deep/tag\n"
    "## Decisions\n- go on\n- stop\n## Key facts\n- a fact\n[[Nowhere]] [[Other]]\n",
    "Other.md": "---\ntype: project\ndate: 2025-06-01\naccount: Zenith\nparticipants: [Bob Ray]\n---\n- [ ] plan b\n## Decisions\n- older\n## Action Items\n- Send the sheet @Dana\n"
    "## Key facts\n- older fact\nDana Lee was there, [[2025-10-01 Sync]] and [[Twin]]\n",
    "a/Twin.md": "",
    ".Far.md.icloud": "", "b/Twin.md": "",
    "Templates/T.md": "---\ndate: 2025-10-05\n---\n- [ ] template\n## Decisions\n- template\n## Key facts\n- template\n",
    "Dash.md": "```tasks\nnot done\nlimit 1\n```\n",
    "bad.md": "---\na: [\n---\n- [ ] x 📅 2024-6-15\n- [ ] y 📅 2024-6-16\n",
    ".obsidian/templates.json": '{"folder": "Templates"}',
}  # fmt: skip
# command -> what it is asked without the option; option -> what is added. 'base | option' where the option needs another base.
LISTED = {
    "--account": "Acme", "--person": "Dana Lee", "--note": "Other", "--since": "2025-09", "--until": "2025-09", "--excluded": "",
    "--limit": "1", "--fields": "text", "--exit-code": "", "--group": "account --format table",
}  # fmt: skip
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "tasks": ("--json", {
        "--due": "today", "--by": "today", "--scheduled": "2025-10-03", "--start": "2025-10-04", "--happens": "2025-10-03",
        "--created": "2025-01-01", "--done-on": "2025-10-02", "--overdue": "", "--no-due": "", "--open": "", "--proposed": "",
        "--done": "", "--cancelled": "", "--all": "", "--mine": "", "--not-mine": "", "--theirs": "", "--nobodys": "", "--undated": "", "--planned": "", "--sure": "", "--doubted": "",
        "--with": "Dana Lee", "--owner": "Dana Lee", "--account": "Acme",
        "--person": "Dana Lee", "--note": "Other", "--priority": "high", "--tag": "deep", "--status": "/", "--stale": "30d",
        "--blocked": "", "--recurring": "", "--excluded": "", "--sort": "-priority", "--group": "owner --format table",
        "--limit": "1", "--fields": "text", "--exit-code": "",
    }),
    "today": ("--json", {"--all": "--format plain"}),
    "decisions": ("--json", {**LISTED, "--as-of": "2025-06-30"}), "facts": ("--json", LISTED), "rows": ("decisions --json", LISTED),
    "notes": ("--json", {
        "--type": "project", "--account": "Acme", "--person": "Dana Lee", "--tag": "big", "--since": "2025-09", "--until": "2025-09",
        "--no-actions": "", "--meetings": "", "--excluded": "", "--limit": "1", "--fields": "path",
    }),
    "search": ("plan --json", {"--account": "Acme", "--title": "", "--limit": "1", "--fields": "path"}),
    "people": ("--json", {"--unsure": "", "--since": "2025-09", "--limit": "1", "--fields": "name"}),
    "accounts": ("--json", {"--since": "2025-09", "--limit": "1", "--fields": "name"}),
    "backlinks": ("Dana Lee --json", {"--unlinked": "", "--count": "", "--limit": "1 --unlinked --count", "--fields": "path"}),
    "links": ("Other --json", {"--broken": "", "--ambiguous": "", "--limit": "1", "--fields": "path"}),
    "orphans": ("--json", {"--fields": "path"}), "deadends": ("--json", {"--fields": "path"}), "tags": ("--json", {"--fields": "tag"}),
    "review": ("month --json", {"--only": "done", "--limit": "1 --format plain"}),
    "stats": ("--json", {"--by": "account", "--list": "2025-10", "--limit": "1"}),
    "lint": ("--json", {"--limit": "1"}),
    "doctor": ("--format plain", {"--kind": "yaml"}),
    "query": ("--note Dash --json", {"--explain": "--format plain", "--fields": "text --format plain"}),
}  # fmt: skip
# Options whose row is a test of its own: they write, ask, start a program, or need another input.
ELSEWHERE = {
    "tasks": {"--boxes"},
    "query": {"--note", "--file", "--save", "--saved"},
    "doctor": {"--fix", "--repair"},
    "lint": {"--fix", "--yes"},
    "people": {"--same", "--different", "--guests"},
}
READING = (
    "read.tasks",
    "read.rows",
    "read.links",
    "read.search",
    "read.notes",
    "read.people",
    "read.lint",
    "read.query",
    "pages.review",
    "pages.stats",
)


def _own_options(name: str) -> set[str]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    probe = click.Command("probe", callback=None)
    for option in _SHARED:
        option(probe)
    shared = {opt for param in probe.params for opt in param.opts}
    options = [p for p in command.params if isinstance(p, click.Option) and not shared.intersection(p.opts)]
    return {next(o for o in p.opts if o.startswith("--")) for p in options}


@pytest.mark.parametrize("name", [n for n, (module, _) in COMMANDS.items() if module in READING or n == "doctor"])
def test_every_option_of_a_command_that_reads_has_a_row(name: str) -> None:
    known = set(TABLE.get(name, ("", {}))[1]) | ELSEWHERE.get(name, set())
    assert _own_options(name) == known


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The vault of NOTES."""
    folder = tmp_path_factory.mktemp("options")
    for path, text in NOTES.items():
        file = folder / "v" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize("name, option", [(name, option) for name, (_, rows) in TABLE.items() for option in rows])
def test_the_option_changes_the_answer(
    place: Path, name: str, option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(place))
    base, rows = TABLE[name]
    words = ["Dana Lee", "--json"] if base.startswith("Dana") else base.split()
    given, *more = [option] if rows[option] == "" else [option, *rows[option].split()]
    if rows[option] == "Dana Lee":
        more = ["Dana Lee"]
    rest = (
        more[1:] if option in ("--limit", "--group", "--fields") else more if option in ("--all", "--explain") else []
    )
    formats = [w for w in rest if w.startswith("--") or w in ("plain", "table")]

    if "--format" in more:
        words = [word for word in words if word != "--json"]  # the shorter word would win

    def ask(*extra: str) -> tuple[int, str]:
        place_ = ("--vault", str(place / "v"), "--index", str(place / "i.db"), "--today", "2025-10-08", "--quiet")
        code = run([name, *words, *extra, *place_], "vaultindex")
        return code, capsys.readouterr().out

    without, with_it = ask(*formats), ask(given, *more)
    assert with_it[0] in (0, 1) and (with_it[0] == 0 or option == "--exit-code")
    if (name, option) != ("today", "--all"):  # fifteen rows are more than this vault has: tested on the start screen
        assert with_it != without
