"""Vaults of any size with known truth: meetings, people, accounts, projects, daily notes, and things that only look like tasks.

`make(folder, notes, seed)` writes the same bytes for the same arguments and returns the truth; names are invented.
"""

from __future__ import annotations

import datetime
import os
import random
from collections import Counter
from typing import Any

_FIRST = [
    "Ada",
    "Bo",
    "Cleo",
    "Dario",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaja",
    "Leo",
    "Mara",
    "Nils",
    "Oona",
    "Pia",
    "Quirin",
    "Rosa",
    "Sven",
    "Tilda",
    "Ugo",
    "Vera",
    "Wim",
    "Xenia",
    "Yann",
    "Zoë",
    "José",
    "Łucja",
    "Øyvind",
    "Noémi",
]
_LAST = [
    "Abel",
    "Brandt",
    "Castell",
    "Dorn",
    "Ekberg",
    "Fabre",
    "Grau",
    "Holm",
    "Ivers",
    "Jansen",
    "Kessel",
    "Lund",
    "Moor",
    "Nygård",
    "Ortiz",
    "Pohl",
    "Quist",
    "Renn",
    "Sand",
    "Thal",
    "Ude",
    "Voss",
    "Weiß",
    "Ylönen",
    "Zorn",
]
_COMPANY = [
    "Aldermoor",
    "Birkfeld",
    "Cairnway",
    "Dunmere",
    "Elmstead",
    "Fernhill",
    "Glenrock",
    "Hartwick",
    "Ivyford",
    "Kestrel",
    "Larkspur",
    "Marlow",
    "Norbury",
    "Oakhurst",
    "Penrose",
]
_KIND = ["Foods", "Logistics", "Energy", "Motors", "Labs", "Bank", "Press", "Mills"]
_WORDS = [
    "the",
    "plan",
    "for",
    "next",
    "quarter",
    "needs",
    "a",
    "clear",
    "owner",
    "and",
    "one",
    "date",
    "so",
    "that",
    "budget",
    "review",
    "pricing",
    "rollout",
    "test",
    "window",
    "security",
    "scope",
    "contract",
    "supplier",
    "training",
    "plant",
    "report",
    "access",
    "renewal",
    "summary",
    "draft",
    "final",
    "open",
    "question",
    "team",
    "call",
    "agreed",
    "tier",
    "usage",
]
_VERBS = ["Send", "Review", "Draft", "Confirm", "Check", "Share", "Update", "Book", "Ask", "Close"]
_PRIORITY = {"highest": "🔺", "high": "⏫", "medium": "🔼", "low": "🔽", "lowest": "⏬"}
_START = datetime.date(2024, 1, 1)
AS_OF = "2025-12-01"


class Maker:
    """Writes one vault and counts what it writes."""

    def __init__(self, folder: str, notes: int, seed: int) -> None:
        self.folder, self.count, self.random = folder, notes, random.Random(seed)
        self.truth: Counter[str] = Counter()
        self.status: Counter[str] = Counter()
        self.decisions: Counter[str] = Counter()
        self.linked: dict[str, set[str]] = {}
        people = [f"{a} {b}" for a in _FIRST for b in _LAST]
        accounts = [f"{a} {b}" for a in _COMPANY for b in _KIND]
        self.random.shuffle(people)
        self.random.shuffle(accounts)
        self.people = people[: max(8, min(len(people), notes // 14))]
        self.accounts = accounts[: max(3, min(len(accounts), notes // 60))]
        self.sentences = [self._sentence() for _ in range(2000)]
        self.path = ""

    def _sentence(self) -> str:
        words = [self.random.choice(_WORDS) for _ in range(self.random.randint(7, 18))]
        return " ".join(words).capitalize() + "."

    def text(self, sentences: int) -> str:
        return " ".join(self.random.choice(self.sentences) for _ in range(sentences))

    def date(self) -> str:
        return (_START + datetime.timedelta(days=self.random.randrange(900))).isoformat()

    def link(self, name: str, shown: str = "") -> str:
        self.truth["links"] += 1
        self.linked.setdefault(name, set()).add(self.path)
        return f"[[{name}|{shown}]]" if shown else f"[[{name}]]"

    def write(self, path: str, lines: list[str], ending: str = "\n", start: bytes = b"", end: bytes = b"") -> None:
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(start + ending.join(lines).encode() + end)
        self.truth["notes"] += 1

    # --- parts ---

    def task(self, indent: str = "", marker: str = "-", damaged: bool = False) -> str:
        r = self.random
        status = r.choices(" x?-/", (46, 26, 14, 6, 8))[0]
        parts = [f"{r.choice(_VERBS)} the {r.choice(_WORDS)} {r.choice(_WORDS)}."]
        if r.random() < 0.6:
            parts.append("@" + r.choice(["Myself", r.choice(self.people), r.choice(self.people).split()[0]]))
        fields = []
        if r.random() < 0.7:
            due = self.date()
            fields.append(f"{r.choices(['📅', '📆', '🗓️'], (95, 3, 2))[0]} {due}")
            self.truth["due"] += 1
            if status in " ?/" and due < AS_OF:
                self.truth["overdue"] += 1
        priority = r.choices(["none", *_PRIORITY], (50, 8, 14, 14, 9, 5))[0]
        if priority != "none":
            fields.append(_PRIORITY[priority])
        self.truth[f"priority {priority}"] += 1
        for share, sign, name in ((0.12, "⏳", "scheduled"), (0.06, "🛫", "start"), (0.12, "➕", "created")):
            if r.random() < share:
                fields.append(f"{sign} {self.date()}")
                self.truth[name] += 1
        if status == "x" and r.random() < 0.8:
            fields.append(f"✅ {self.date()}")
            self.truth["done"] += 1
        if r.random() < 0.04:
            fields.append(f"🔁 {r.choice(['every week', 'every month', 'every weekday', 'every 2 weeks when done'])}")
        r.shuffle(fields)
        tags = ["#task"] if r.random() < 0.9 else []
        if status == "?" or r.random() < 0.08:
            tags.append("#proposed")
        if status in " ?/" and (status == "?" or "#proposed" in tags):
            self.truth["proposed"] += 1
        self.truth["tasks"] += 1
        self.status[status] += 1
        rest = " ".join([*fields, *tags])
        if damaged:
            rest = rest.encode().decode("mac_roman")
        return f"{indent}{marker} [{status}] {' '.join(parts)} {rest}".rstrip()

    def tasks(self, count: int) -> list[str]:
        lines = []
        for _ in range(count):
            lines.append(self.task(marker=self.random.choices(["-", "*", "+", "1."], (95, 2, 1, 2))[0]))
            if self.random.random() < 0.1:
                indent = self.random.choice(["\t", "    "])
                lines += [self.task(indent) for _ in range(self.random.randint(1, 3))]
        return lines

    def decided(self, count: int, account: str | None) -> list[str]:
        lines = []
        for _ in range(count):
            lines.append(f"- {self.random.choice(self.sentences)}")
            if self.random.random() < 0.1:
                lines.append("  - because " + self.random.choice(self.sentences).lower())
            self.truth["decisions"] += 1
            if account:
                self.decisions[account] += 1
        return lines or ["_No decisions recorded._"]

    def lookalike(self) -> list[str]:
        """Lines that look like tasks and links and are none."""
        fake = "- [ ] not a task 📅 2025-01-01 ⏫ #task [[Nowhere]]"
        return self.random.choice(
            (
                ["```md", fake, "```"],
                ["~~~", fake, "```", fake, "~~~"],
                ["<!--", fake, "-->"],
                ["$$", fake, "$$"],
                [f"Write `{fake}` in the template."],
                ["A sample:", "", "    " + fake, "", "End of the sample."],
                ["- text before", "  ```", "  " + fake, "  ```", "- text behind"],
                ["- [x](https://example.com)", "- [] no task", "-[ ] no task", "\\- [ ] no task"],
                ["```tasks", "not done", "```"],
            )
        )

    # --- notes ---

    def meeting(self, number: int) -> None:
        r = self.random
        date, account = self.date(), r.choice(self.accounts)
        people = r.sample(self.people, r.randint(2, 5))
        title = f"{r.choice(_VERBS)} {r.choice(_WORDS)} {number}"
        self.path = f"Meetings/{date[:4]}/{date[5:7]}/{date} {title}.md"
        lines = [
            "---",
            "type: customer",
            f"title: '{title}'",
            f"date: '{date}'",
            f"account: {account}",
            "participants:",
        ]
        lines += [f"- {p}" for p in people]
        lines += ["source: transcript", "tags:", "- type/customer", "- generated", "---", "", f"# {title}", ""]
        lines += [f"**Date**: {date}", f"**Account**: {self.link(account)}"]
        lines += [
            "**Attendees**: " + ", ".join(self.link(p) if r.random() < 0.5 else p for p in people),
            "",
            "## Summary",
            "",
        ]
        for _ in range(r.randint(1, 3)):
            lines += [self.text(r.randint(3, 6)), ""]
        lines += ["## Action Items", "", *self.tasks(r.randint(1, 8)), "", "## Decisions", ""]
        lines += [*self.decided(r.randint(0, 4), account), "", "## Key Information", ""]
        lines += [f"- {r.choice(self.sentences)}" for _ in range(r.randint(2, 6))] + [""]
        if r.random() < 0.1:
            lines += [
                "| Item | Owner |",
                "| --- | --- |",
                *(f"| {r.choice(_WORDS)} | {self.link(r.choice(self.people))} |" for _ in range(3)),
                "",
            ]
        if r.random() < 0.1:
            lines += [f"> [!note] {r.choice(_WORDS)}", "> " + r.choice(self.sentences), "> " + self.task(), ""]
        if r.random() < 0.08:
            lines += [*self.lookalike(), ""]
        lines += ["## Related", "", f"- {self.link(r.choice(self.people), 'someone')}", f"- {self.link(account)}", ""]
        self.write(self.path, lines)

    def daily(self, number: int) -> None:
        r = self.random
        day = (_START + datetime.timedelta(days=number)).isoformat()
        self.path = f"Daily/{day[:4]}/{day}.md"
        lines = [
            "---",
            f"date: {day}",
            "tags: [daily]",
            "---",
            "",
            f"# {day}",
            "",
            "## Tasks",
            "",
            *self.tasks(r.randint(0, 5)),
            "",
            "## Log",
            "",
        ]
        lines += [
            f"- {r.randint(8, 17):02d}:{r.randint(0, 59):02d} {r.choice(self.sentences)}"
            for _ in range(r.randint(2, 8))
        ]
        lines += ["", f"With {self.link(r.choice(self.people))}. #day/log", ""]
        self.write(self.path, lines)

    def person(self, name: str) -> None:
        self.path = f"People/{name}.md"
        account = self.random.choice(self.accounts)
        lines = [
            "---",
            "type: person",
            f"aliases: [{name.split()[0]}, {name[0]}. {name.split()[1]}]",
            "---",
            "",
            f"# {name}",
            "",
        ]
        lines += [f"Works at {self.link(account)}. {self.text(2)}", "", *self.tasks(self.random.randint(0, 2)), ""]
        self.write(self.path, lines)

    def account(self, name: str) -> None:
        self.path = f"Accounts/{name}/{name}.md"
        lines = ["---", "type: account", "tier: 2", "---", "", f"# {name}", "", self.text(3), "", "## Decisions", ""]
        lines += [*self.decided(self.random.randint(1, 3), name), "", "## Open", "", *self.tasks(2), ""]
        self.write(self.path, lines)

    def project(self, number: int) -> None:
        self.path = f"Projects/{number % 20}/Project {number}.md"
        lines = [
            "---",
            "type: project",
            f"start: {self.date()}",
            "---",
            "",
            f"# Project {number}",
            "",
            "## Status",
            "",
            self.text(4),
            "",
        ]
        lines += ["## Tasks", "", *self.tasks(self.random.randint(2, 12)), "", *self.lookalike(), "", "## Team", ""]
        lines += [f"- {self.link(p)}" for p in self.random.sample(self.people, 3)] + [""]
        self.write(self.path, lines)

    def hostile(self, number: int) -> None:
        """A note damaged as real ones are; its truth is counted like any other's."""
        r = self.random
        kind = ("crlf", "bom", "latin", "yaml", "mojibake", "fence", "long", "open")[number % 8]
        self.path = f"Inbox/{kind} {number}.md"
        body = [f"# {kind}", "", *self.tasks(3), "", f"See {self.link(r.choice(self.people))}.", ""]
        if kind == "crlf":
            self.write(self.path, body, "\r\n")
        elif kind == "bom":
            self.write(self.path, ["---", "type: note", "---", *body], start=b"\xef\xbb\xbf")
        elif kind == "latin":
            self.write(self.path, body, end=b"\nCaf\xe9\n")
        elif kind == "yaml":
            self.write(self.path, ["---", 'title: "open', "tags: [a, b", "---", *body])
        elif kind == "mojibake":
            self.write(self.path, [*body, *(self.task(damaged=True) for _ in range(3)), ""])
        elif kind == "fence":
            self.write(self.path, [*body, "```", "- [ ] never closed 📅 2025-01-01"])
        elif kind == "long":
            self.write(self.path, [*body, "x" * 20_000 + " " + self.link(self.people[0]) + " é" * 9_000, ""])
        elif kind == "open":
            self.write(self.path, ["---", "title: never closed", "", *body])

    def run(self) -> dict[str, Any]:
        """Write the vault; what is in it."""
        r, n = self.random, self.count
        hostile, daily, projects = n // 50, min(n // 5, 900), n // 18
        jobs: list[tuple[Any, Any]] = [(self.person, p) for p in self.people] + [
            (self.account, a) for a in self.accounts
        ]
        jobs += [(self.daily, i) for i in range(daily)] + [(self.project, i) for i in range(projects)]
        jobs += [(self.hostile, i) for i in range(hostile)]
        jobs += [(self.meeting, i) for i in range(max(n - len(jobs), 1))]
        r.shuffle(jobs)
        for write, argument in jobs:
            write(argument)
        os.makedirs(os.path.join(self.folder, ".obsidian"), exist_ok=True)
        best = sorted(self.linked, key=lambda p: (-len(self.linked[p]), p))[:5]
        return {
            **dict(self.truth),
            "status": dict(self.status),
            "decisions by account": dict(self.decisions),
            "notes linking to": {p: len(self.linked[p]) for p in best},
        }


def make(folder: str, notes: int, seed: int = 1) -> dict[str, Any]:
    """Write a vault of about `notes` notes below `folder`; the truth about it."""
    return Maker(folder, notes, seed).run()
