"""docs/json.md: every list and page as JSON, each field with its type and an example, written from real answers.

`python -m tests.json_docs` writes the file anew. A field is *or null* when some answer of the fixture vault, or of a vault
made at random, has none.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.pages import random_vault
from vaultindex.ask.rows import FIELDS as DECISION
from vaultindex.ask.tasks.lists import FIELDS as TASK
from vaultindex.cli.commands import run
from vaultindex.cli.read.links import BACKLINK

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "json.md"
HEAD = """# JSON

Every command that reads takes `--json` (one document) and `--format jsonl` (one object a line). Fields are only ever added;
every field is always there: what is absent is `null` or `[]`. Dates are text, `YYYY-MM-DD`. Lists are arrays of objects; pages
are one object. What a person is told beside the rows goes to stderr.

Written by `make docs` from the answers about `fixtures/vault` and two vaults made at random.
"""
# What the vaults have nowhere else.
EXTRA = {
    "Every field.md": """---
date: 2025-10-01
account: Contoso
project: Orion
person: Dana Leigh
participants: [Dana Leigh]
source: transcript
source_ref: call-7
aliases: [All]
related: "[[Contoso#Plan|the plan]]"
---
- [ ] Ring the plant by 2025-10-20
- [ ] See [[Contoso]] and [[Dana Leigh#Notes]] 🏁 keep ^place
- [ ] Late 📅 2025-13-01

## Decisions

- One price sheet for all tiers, with [[Nowhere#Part|no page]] #big
""",
    "Decisions/ADR-001 One price sheet.md": "---\nstatus: accepted\naccount: Contoso\ndate: 2025-08-01\n---\n# One price sheet\n",
    "Meetings/2025-11-03 Ahead.md": "---\ndate: 2025-11-03\naccount: Contoso\nparticipants: [Dana Leigh]\n---\n",
    "Old bytes.md": "",
}
# Types that no answer about these vaults can show.
NEVER_SEEN = {
    "counts.new": "number or null (before the first triage)",
    "watcher.pid": "number or null",
    "watcher.heartbeat_age_s": "number or null",
    "watcher.mode": "text or null",
    "watcher.watched": "number or null",
    "watcher.folders": "number or null",
    "watcher.what": "text or null",
    "others": "list of objects",
    "served": "object or null (where a browser shows the vault: `url`, `pid`, `by`, `read_only`)",
    "nobodys": "list of tasks",
    "earlier": "list of decisions",
    "later": "list of decisions",
}
# Rows that have a table of their own: elsewhere only what they have more is shown.
SHAPES = {"task": frozenset(TASK), "decision": frozenset(DECISION), "backlink": frozenset(BACKLINK)}
# title -> commands whose answers show it, what it is
LISTS = {
    "task": (("tasks --all --excluded", "tasks"), "`vi tasks`, and wherever a page holds tasks"),
    "decision": (("decisions --excluded", "facts"), "`vi decisions`, `vi facts`, `vi rows KIND`"),
    "note": (("notes --excluded",), "`vi notes`"),
    "backlink": (("backlinks 'Dana Leigh' --unlinked",), "`vi backlinks NAME`"),
    "link": (("links --broken", "links Contoso"), "`vi links`"),
    "search hit": (("search the",), "`vi search`"),
    "person in the list": (("people",), "`vi people`"),
    "account in the list": (("accounts",), "`vi accounts`"),
    "tag": (("tags",), "`vi tags`"),
    "lint": (("lint",), "`vi lint`"),
}
PAGES = {
    "today": (("today",), "`vi today`: the day. Its lists hold tasks; no task stands in two of them"),
    "agenda": (("agenda --days 30", "agenda last month"), "`vi agenda`: days ahead or behind"),
    "waiting": (("waiting",), "`vi waiting`: what others owe, by person"),
    "person": (("person 'Dana Leigh'", "person 'Sam Okoro'", "person 'Mei Tanaka'"), "`vi person NAME`"),
    "account": (("account Contoso", "account Tailspin"), "`vi account NAME`"),
    "brief": (("brief Contoso --proposed", "brief 'Dana Leigh'"), "`vi brief NAME...`"),
    "recap": (("recap 'Pricing call' --anyway",), "`vi recap NOTE`"),
    "decision page": (("decision bpw",), "`vi decision ID`: a decision's fields, and its thread"),
    "note page": (
        ("note Contoso", "note 'Every field'", "note 'Old bytes'", "note 'Pricing call'"),
        "`vi note NAME`: a note's fields, and what is in it",
    ),
    "status": (("status",), "`vi status`"),
}


class Seen:
    """The values that one field had in all answers."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.example: Any = None

    def add(self, value: Any) -> None:
        """One more value."""
        self.kinds.add(_kind(value))
        if self.example in (None, [], {}, "", 0, False) and value not in (None, [], {}):
            self.example = value

    def type(self) -> str:
        """'text', 'number or null', 'list of tasks'."""
        kinds = sorted(self.kinds - {"null", "empty list"}) or (["list"] if "empty list" in self.kinds else [])
        return " or ".join([*kinds, *(["null"] if "null" in self.kinds else [])])


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return f"list of {_kind(value[0])}s".replace("texts", "text") if value else "empty list"
    return next((name for name, fields in SHAPES.items() if fields <= set(value)), "object")


def answers(folder: Path) -> dict[str, list[Any]]:
    """Command -> its JSON in each vault in which it has an answer."""
    vaults = []
    for seed in (0, 1, 2):
        vault = folder / f"v{seed}"
        if seed:
            random_vault.write(vault, seed)
        else:
            shutil.copytree(ROOT / "fixtures" / "vault", vault)
        for path, said in EXTRA.items():
            (vault / path).parent.mkdir(exist_ok=True)
            (vault / path).write_bytes(said.encode() or b"caf\xe9\n")
        vaults.append(vault)
    found: dict[str, list[Any]] = {}
    for commands, _ in (*LISTS.values(), *PAGES.values()):
        for command in commands:
            for vault in vaults:
                answer = ask(vault, command)
                if answer is not None:
                    found.setdefault(command, []).append(answer)
    return found


def ask(vault: Path, command: str) -> Any:
    """The JSON of one command, None when this vault has no such thing."""
    import shlex

    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    place = ["--vault", str(vault), "--index", f"{vault}.db", "--today", "2025-10-07", "--json", "--quiet"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([*shlex.split(command), *place], "vi")
    out.flush()
    return json.loads(out.buffer.getvalue().decode()) if code == 0 else None  # type: ignore[attr-defined]


def table(objects: list[dict[str, Any]], below: str = "") -> list[str]:
    """The rows of a table of fields; the fields of an object stand below it as `counts.due`, of rows as `days[].date`."""
    seen: dict[str, Seen] = {}
    for one in objects:
        for name, value in one.items():
            seen.setdefault(name, Seen()).add(value)
    lines = []
    for name, field in seen.items():
        kind = NEVER_SEEN.get(f"{below}{name}") or field.type()
        lines.append(f"| `{below}{name}` | {kind} | {_example(field.example)} |")
        inner = [v for one in objects if isinstance(v := one.get(name), dict)]
        rows = [r for one in objects if isinstance(one.get(name), list) for r in one[name] if isinstance(r, dict)]
        if inner and name not in ("properties",):
            lines += table(inner, f"{below}{name}.")
        known = SHAPES.get(_kind(rows[0]), frozenset()) if rows else frozenset()
        lines += table([{k: v for k, v in row.items() if k not in known} for row in rows], f"{below}{name}[].")
    return lines


def _example(value: Any) -> str:
    if isinstance(value, (dict, list)) and value and not (isinstance(value, list) and isinstance(value[0], str)):
        return ""
    text = json.dumps(value, ensure_ascii=False).replace("|", "\\|")
    return f"`{text}`" if len(text) < 60 else f"`{text[:56]}…`"


def text() -> str:
    """The whole file."""
    with tempfile.TemporaryDirectory() as folder:
        found = answers(Path(folder))
        parts = [HEAD]
        for title, several in (("Lists", LISTS), ("Pages", PAGES)):
            parts.append(f"## {title}\n")
            for name, (commands, what) in several.items():
                objects = [a for c in commands for a in found.get(c, [])]
                rows = [row for a in objects for row in (a if isinstance(a, list) else [a])]
                known = SHAPES["decision"] if name == "decision page" else frozenset()
                rows = [{k: v for k, v in row.items() if k not in known} for row in rows]
                lines = ["| field | type | example |", "| --- | --- | --- |", *table(rows)]
                parts.append(f"### {name}\n\n{what}.\n\n" + "\n".join(lines) + "\n")
        whole = "\n".join(parts)
        whole = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2025-10-07T09:00:00Z", whole)
        return whole.replace(folder, "~").replace(str(ROOT), "~")


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
