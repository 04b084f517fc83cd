"""A vault of meetings at random: owners of every sort, twins, doubted dates, accounts under several names, silent people."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

PEOPLE = ("Dana Leigh", "Dana Young", "Sam Okoro", "Zoë Marsh", "Mei Tanaka", "Lars Holm")
OWNERS = ("Myself", "Dana Leigh", "Dana", "Sam Okoro", "Zoë Marsh", "Mei Tanaka", "TBD", "Platform Team", "")
ACCOUNTS = ("Contoso", "contoso ltd", "Northwind", "Tailspin", "")
THINGS = (
    "price sheet",
    "signed contract",
    "risk register",
    "rollout plan",
    "load estimate",
    "test window",
    "server list",
)
VERBS = ("Send the", "Review the", "Draft the", "Check the", "Return the", "Share the")
WORDS = ("europe", "spring", "second", "night", "public", "final", "short", "old")
BEGIN = date(2025, 6, 2)
DAYS = 130


def write(folder: Path, seed: int, notes: int = 60) -> None:
    """Write the vault of this seed into a folder."""
    rnd = random.Random(seed)
    (folder / ".obsidian").mkdir(parents=True, exist_ok=True)
    for name in PEOPLE[:4]:
        _put(folder, f"People/{name}.md", f"---\ntype: person\naliases: [{name[0]}. {name.split()[1]}]\n---\n{name}\n")
    _put(
        folder, "Accounts/Contoso/Contoso.md", "---\ntype: account\naliases: [Contoso Ltd]\n---\n- [ ] Keep the plan\n"
    )
    _put(folder, "Accounts/Northwind.md", "---\ntype: account\n---\nA customer.\n")
    _put(folder, "Templates/Meeting.md", "---\ndate: 2025-08-01\n---\n- [ ] Fill in 📅 2025-08-01\n")
    _put(folder, ".obsidian/templates.json", '{"folder": "Templates"}')
    for number in range(notes):
        day = BEGIN + timedelta(days=rnd.randrange(DAYS))
        kind = rnd.choice(("meeting", "meeting", "meeting", "daily", "loose"))
        tasks = [_task(rnd, day) for _ in range(rnd.randint(0, 5))]
        decided = [f"- {rnd.choice(VERBS)} {rnd.choice(THINGS)} {rnd.choice(WORDS)}" for _ in range(rnd.randint(0, 3))]
        said = rnd.choice(("", "Dana Leigh said so.", "Sam Okoro was asked."))
        body = "\n".join([said, "", "## Action Items", "", *tasks, "", "## Decisions", "", *decided, ""])
        if kind == "daily":
            _put(folder, f"Daily/{day}.md", body)
        elif kind == "loose":
            _put(folder, f"Inbox/Note {number}.md", body)
        else:
            there = ", ".join(rnd.sample(PEOPLE, rnd.randint(0, 3)))
            head = f"---\ntype: customer\ndate: {day}\naccount: {rnd.choice(ACCOUNTS)}\nparticipants: [{there}]\n"
            head += f"source: {rnd.choice(('transcript', ''))}\n---\n"
            _put(folder, f"Meetings/{day} Call {number}.md", head + body)


def _task(rnd: random.Random, day: date) -> str:
    box = rnd.choice(" ?x-/  ")
    owner = rnd.choice(OWNERS)
    due = rnd.choice(
        (
            "",
            "",
            f"📅 {day}",
            f"📅 {day + timedelta(days=rnd.randrange(-3, 40))}",
            f"⏳ {day + timedelta(days=3)}",
            f"🛫 {day}",
        )
    )
    again = rnd.choice(("", "", "", "🔁 every week "))
    mark = rnd.choice(("", "", "🔺 ", "🔽 "))
    text = (
        f"{rnd.choice(VERBS)} {rnd.choice(THINGS)} {rnd.choice(WORDS)} to {rnd.choice(('Dana Leigh', 'them', 'Noor'))}"
    )
    return f"- [{box}] {text} {f'@{owner} ' if owner else ''}{mark}{again}{due}".rstrip()


def _put(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
