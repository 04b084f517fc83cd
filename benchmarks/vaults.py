"""Vaults of any size with known truth: meetings, people, accounts, projects, daily notes, and things that only look like tasks.

`make(folder, notes, seed)` writes the same bytes for the same arguments and returns the truth; names are invented. The
shape is that of real meeting notes: 2.8 kB, 5.4 tasks and 9 links a note on average, a few long transcripts, one note in
fifty damaged. `python -m benchmarks.vaults FOLDER NOTES` makes one and prints its truth as JSON.
"""

from __future__ import annotations

import datetime
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

# fmt: off
_FIRST = ("Ada", "Bo", "Cleo", "Dario", "Edda", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kaja", "Leo", "Mara", "Nils", "Oona",
          "Pia", "Quirin", "Rosa", "Sven", "Tilda", "Ugo", "Vera", "Wim", "Yann", "Zoë", "José", "Łucja", "Øyvind", "Noémi")
_LAST = (("Al", "Bran", "Cas", "Dor", "Ek", "Fab", "Grau", "Hol", "Iv", "Jan", "Kes", "Lun", "Nor", "Ort", "Poh", "Quis"),
         ("berg", "dal", "en", "feld", "gård", "ling", "mann", "quist", "sen", "stein", "ström", "weiß"))
_COMPANY = (("Alder", "Birk", "Cairn", "Dun", "Elm", "Fern", "Glen", "Hart", "Ivy", "Kest", "Lark", "Mar", "Oak", "Pen"),
            ("croft", "field", "ford", "mere", "moor", "rock", "stead", "way", "wick"))
_BRANCH = ("Foods", "Logistics", "Energy", "Motors", "Labs", "Bank", "Press", "Mills")
_WORDS = ("the", "plan", "for", "next", "quarter", "needs", "a", "clear", "owner", "and", "one", "date", "so", "that", "budget",
          "review", "pricing", "rollout", "test", "window", "security", "scope", "contract", "supplier", "training", "plant",
          "report", "access", "renewal", "summary", "draft", "final", "open", "question", "team", "call", "agreed", "tier",
          "usage", "regional", "migration", "dashboard", "delivery", "forecast", "stakeholder", "onboarding", "technical")
_VERBS = ("Send", "Review", "Draft", "Confirm", "Check", "Share", "Update", "Book", "Ask", "Close")
_TAGS = ("sales", "support", "finance", "legal", "weekly", "qbr", "escalation", "customer/enterprise", "area/north", "internal")
_REPEAT = ("every week", "every month", "every weekday", "every 2 weeks when done")
_DAMAGE = ("crlf", "bom", "latin", "yaml", "mojibake", "fence", "long", "open")
# fmt: on
_PRIORITY = {"highest": "🔺", "high": "⏫", "medium": "🔼", "low": "🔽", "lowest": "⏬"}
_START = datetime.date(2024, 1, 1)
_FAKE = "- [ ] not a task 📅 2025-01-01 ⏫ #task [[Nowhere]]"
_LOOKALIKES = (
    ("```md", _FAKE, "x = 1", _FAKE, "```"),
    ("~~~", _FAKE, "```", _FAKE, "~~~"),
    ("<!--", _FAKE, "-->"),
    ("%%", "- [ ] a link in here would count 📅 2025-01-01 #task", "%%"),
    ("$$", _FAKE, "$$"),
    (f"Write `{_FAKE}` in the template.",),
    ("A sample:", "", "    " + _FAKE, "", "End of the sample."),
    ("- text before", "  ```", "  " + _FAKE, "  ```", "- text behind"),
    ("- [x](https://example.com)", "- [] no task", "-[ ] no task", "\\- [ ] no task"),
    ("```tasks", "not done", _FAKE, "```"),
)
LONG = 98_000  # bytes of a full transcript
AS_OF = "2025-12-01"


class Maker:
    """Writes one vault and counts what it writes."""

    def __init__(self, folder: str, notes: int, seed: int) -> None:
        self.folder, self.count, self.random = folder, notes, random.Random(seed)
        self.truth: Counter[str] = Counter()
        self.status: Counter[str] = Counter()
        self.decisions: Counter[str] = Counter()
        self.linked: dict[str, set[str]] = {}
        self.path = ""  # of the note that is being written
        people = [f"{a} {b}{c}" for a in _FIRST for b in _LAST[0] for c in _LAST[1]]
        accounts = [f"{a}{b} {c}" for a in _COMPANY[0] for b in _COMPANY[1] for c in _BRANCH]
        self.people = self.random.sample(people, min(len(people), max(8, notes // 14)))
        self.accounts = self.random.sample(accounts, min(len(accounts), max(3, notes // 60)))
        self.projects = [f"Project {number}" for number in range(notes // 18)]
        self.days = [(_START + datetime.timedelta(days=number)).isoformat() for number in range(notes // 5)]
        self.sentences = [self._sentence() for _ in range(2000)]

    # --- words ---

    def _sentence(self) -> str:
        r = self.random
        text = " ".join(r.choice(_WORDS) for _ in range(r.randint(9, 23))).capitalize()
        if r.random() < 0.15:
            text += r.choice((" — 12% of **scope**", " (`tier_7`)", " – no está “final”"))
        return text + "."

    def said(self) -> str:
        return self.random.choice(self.sentences)

    def text(self, least: int, most: int) -> str:
        return " ".join(self.said() for _ in range(self.random.randint(least, most)))

    def date(self) -> str:
        return (_START + datetime.timedelta(days=self.random.randrange(900))).isoformat()

    def link(self, name: str, shown: str = "") -> str:
        self.truth["links"] += 1
        self.linked.setdefault(name, set()).add(self.path)
        return f"[[{name}|{shown}]]" if shown else f"[[{name}]]"

    def someone(self) -> str:
        return self.link(self.random.choice(self.people))

    # --- parts of a note ---

    def task(self, indent: str = "", marker: str = "-", damaged: bool = False) -> str:
        r = self.random
        status = r.choices(" x?-/", (46, 26, 14, 6, 8))[0]
        about = f"{r.choice(_VERBS)} the {r.choice(_WORDS)} {r.choice(_WORDS)}"
        about += f" with {self.someone()}." if r.random() < 0.12 else "."
        if r.random() < 0.6:
            about += " @" + r.choice(("Myself", r.choice(self.people), r.choice(self.people).split()[0]))
        fields = []
        if r.random() < 0.7:
            due = self.date()
            fields.append(f"{r.choices(['📅', '📆', '🗓️'], (95, 3, 2))[0]} {due}")
            self.truth["due"] += 1
            self.truth["overdue"] += status in " ?/" and due < AS_OF
        priority = r.choices(["none", *_PRIORITY], (50, 8, 14, 14, 9, 5))[0]
        if priority != "none":
            fields.append(_PRIORITY[priority])
        self.truth[f"priority {priority}"] += 1
        for share, sign, name in ((0.12, "⏳", "scheduled"), (0.06, "🛫", "start"), (0.15, "➕", "created")):
            if r.random() < share:
                fields.append(f"{sign} {self.date()}")
                self.truth[name] += 1
        if status == "x" and r.random() < 0.8:
            fields.append(f"✅ {self.date()}")
            self.truth["done"] += 1
        if r.random() < 0.04:
            fields.append(f"🔁 {r.choice(_REPEAT)}")
        r.shuffle(fields)
        tags = ["#task"] if r.random() < 0.9 else []
        if status == "?" or r.random() < 0.08:
            tags.append("#proposed")
        self.truth["proposed"] += status == "?" or (status in " /" and "#proposed" in tags)
        self.truth["tasks"] += 1
        self.status[status] += 1
        rest = " ".join([*fields, *tags])
        if damaged:
            rest = rest.encode().decode("mac_roman")
        return f"{indent}{marker} [{status}] {about} {rest}".rstrip()

    def tasks(self, least: int, most: int) -> list[str]:
        r, lines = self.random, []
        for _ in range(r.randint(least, most)):
            lines.append(self.task(marker=r.choices(("-", "*", "+", "1."), (95, 2, 1, 2))[0]))
            if r.random() < 0.16:
                indent = r.choice(("\t", "    "))
                lines += [self.task(indent) for _ in range(r.randint(1, 3))]
        return [*lines, ""]

    def decided(self, least: int, most: int, account: str | None = None) -> list[str]:
        lines = []
        for _ in range(self.random.randint(least, most)):
            lines.append(f"- {self.said()}" + (f" {self.someone()}" if self.random.random() < 0.1 else ""))
            if self.random.random() < 0.08:
                lines.append("  - because " + self.said().lower())
            self.truth["decisions"] += 1
            if account:
                self.decisions[account] += 1
        return ["## Decisions", "", *(lines or ["_No decisions recorded._"]), ""]

    def bullets(self, least: int, most: int) -> list[str]:
        return [*(f"- {self.said()}" for _ in range(self.random.randint(least, most))), ""]

    def table(self) -> list[str]:
        rows = [f"| {self.random.choice(_WORDS)} | {self.someone()} | 12 |" for _ in range(self.random.randint(2, 7))]
        return ["| Item | Owner | Value |", "| --- | --- | ---: |", *rows, ""]

    def callout(self) -> list[str]:
        return ["> [!note] " + self.random.choice(_WORDS), "> " + self.said(), "> ", "> " + self.task(), ""]

    def lookalike(self) -> list[str]:
        """Lines that look like tasks and links and are none."""
        return [*self.random.choice(_LOOKALIKES), ""]

    def write(self, *parts: list[str], crlf: bool = False, start: bytes = b"", end: bytes = b"") -> None:
        full = os.path.join(self.folder, self.path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        data = "\n".join(line for part in parts for line in part).encode()
        with open(full, "wb") as file:
            file.write(start + (data.replace(b"\n", b"\r\n") if crlf else data) + end)
        self.truth["notes"] += 1

    # --- notes ---

    def meeting(self, number: int) -> None:
        self.write(self._meeting(f"Meetings/{{year}}/{{month}}/{{date}} {{title}} {number}.md"))

    def _meeting(self, path: str) -> list[str]:
        r = self.random
        date, account, people = self.date(), r.choice(self.accounts), r.sample(self.people, r.randint(2, 6))
        title = f"{account} {r.choice(_WORDS)} {r.choice(_WORDS)}".title()
        self.path = path.format(year=date[:4], month=date[5:7], date=date, title=title)
        lines = [f"---\ntype: customer\ntitle: '{title}'\ndate: '{date}'\naccount: {account}\nparticipants:"]
        lines += [f"- {name}" for name in people]
        lines += [f"source: transcript\nsource_ref: Inbox/_archive/{date} - {title}.md\ntags:"]
        lines += [f"- {tag}" for tag in r.sample(_TAGS, r.randint(1, 4))]
        lines += [f"---\n\n# {title}\n\n**Date**: {self.link(date)}\n**Account**: {self.link(account)}"]
        shown = (self.link(name, name.split()[0] if r.random() < 0.15 else "") for name in people)
        lines += ["**Attendees**: " + ", ".join(shown) + "\n\n## Summary\n"]
        for _ in range(r.randint(1, 3)):
            lines += [self.text(3, 6), ""]
        lines += ["## Action Items", "", *self.tasks(1, 8), *self.decided(0, 5, account)]
        lines += ["## Key Information", "", *self.bullets(2, 7)]
        for share, part in ((0.1, self.table), (0.1, self.callout), (0.07, self.lookalike)):
            if r.random() < share:
                lines += part()
        lines += [f"*Source: {self.link(f'Transcript {date} {r.randint(1000, 9999)}', 'transcript')}*", ""]
        related = [r.choice(self.projects or self.accounts) for _ in range(r.randint(1, 4))]
        return [*lines, "## Related", "", *(f"- {self.link(name)}" for name in (*related, account)), ""]

    def transcript(self, number: int) -> None:
        """A note as long as an hour of talk."""
        lines = self._meeting(f"Archive/Long/{{title}}, full transcript {number}.md")
        size = 0
        while size < LONG:
            part = [f"## Part {self.random.choice(_WORDS)}", "", self.text(8, 8), ""]
            other = (self.lookalike, self.table, lambda: self.tasks(4, 4), lambda: self.bullets(8, 8))
            part += self.random.choices(other, (5, 10, 30, 55))[0]()
            lines += part
            size += sum(map(len, part)) + len(part)
        self.write(lines)

    def daily(self, number: int) -> None:
        r, day = self.random, self.days[number]
        self.path = f"Daily/{day[:4]}/{day}.md"
        near = [self.link(self.days[n]) for n in (number - 1, number + 1) if 0 <= n < len(self.days)]
        lines = [f"---\ndate: {day}\ntags: [daily]\n---\n\n# {day}\n\n{' | '.join(near)}\n\n## Tasks\n"]
        lines += [*self.tasks(0, 5), "## Log", ""]
        for _ in range(r.randint(2, 8)):
            by = f" {self.someone()}" if r.random() < 0.3 else ""
            lines.append(f"- {r.randint(8, 17):02d}:{r.randint(0, 59):02d} {self.said()}{by}")
        if r.random() < 0.08:
            lines += ["", "![[capture.png]]"]
        self.write(lines, ["", f"With {self.someone()}. #day/log", ""])

    def person(self, name: str) -> None:
        self.path = f"People/{name}.md"
        first, last = name.split()
        lines = [f"---\ntype: person\naliases: [{first}, {first[0]}. {last}]\ntags: [person]\n---\n\n# {name}\n"]
        lines += [f"Works at {self.link(self.random.choice(self.accounts))}. {self.text(2, 2)}", ""]
        self.write(lines, self.bullets(1, 6), self.tasks(0, 2))

    def account(self, name: str) -> None:
        self.path = f"Accounts/{name}/{name}.md"
        lines = [f"---\ntype: account\ntier: 2\n---\n\n# {name}\n\n{self.text(3, 3)}\n\n## Contacts\n"]
        lines += [f"- {self.link(person)}" for person in self.random.sample(self.people, 5)]
        self.write(lines, [""], self.decided(1, 4, name), ["## Open", ""], self.tasks(0, 4))

    def project(self, number: int) -> None:
        self.path = f"Projects/{number % 20}/{self.projects[number]}.md"
        lines = [f"---\ntype: project\nstart: {self.date()}\nowner: {self.random.choice(self.people)}\n---\n"]
        lines += [f"# {self.projects[number]}\n\n## Status\n\n{self.text(4, 4)}\n\n## Tasks\n", *self.tasks(2, 12)]
        lines += [*self.lookalike(), *self.decided(1, 5), "## Team", ""]
        lines += [f"- {self.link(person)}" for person in self.random.sample(self.people, 3)]
        self.write(lines, ["", "See [the plan](Docs/the%20plan.md).", ""])

    def reference(self, number: int) -> None:
        self.path = f"Docs/{number % 26}/Reference {number}.md"
        lines = [f"---\ntype: reference\ntags: [{', '.join(self.random.sample(_TAGS, 2))}]\n---\n"]
        for _ in range(self.random.randint(2, 5)):
            lines += [f"## {self.random.choice(_WORDS).title()}", "", self.text(2, 6), ""]
            other = (self.lookalike, self.table, self.callout, lambda: self.tasks(1, 3), lambda: [self.someone(), ""])
            lines += self.random.choices(other, (40, 15, 15, 15, 15))[0]()
        self.write(lines)

    def hostile(self, number: int) -> None:
        """A note damaged as real ones are; its truth is counted like any other's."""
        kind = _DAMAGE[number % len(_DAMAGE)]
        self.path = f"Inbox/{kind} {number}.md"
        body = [f"# {kind}\n", *self.tasks(3, 3), f"See {self.someone()}.", ""]
        if kind == "crlf":
            self.write(body, crlf=True)
        elif kind == "bom":
            self.write(["---", "type: note", "---"], body, start=b"\xef\xbb\xbf")
        elif kind == "latin":
            self.write(body, end=b"\nCaf\xe9\n")
        elif kind == "yaml":
            self.write(["---", 'title: "open', "tags: [a, b", "---"], body)
        elif kind == "mojibake":
            self.write(body, [self.task(damaged=True) for _ in range(3)], [""])
        elif kind == "fence":
            self.write(body, ["```", _FAKE])
        elif kind == "long":
            self.write(body, ["x" * 20_000 + " " + self.link(self.people[0]) + " é" * 9_000, ""])
        elif kind == "open":
            self.write(["---", "title: never closed", ""], body)

    def run(self) -> dict[str, Any]:
        """Write the vault; what is in it."""
        count = self.count
        jobs: list[tuple[Callable[[Any], None], Any]] = [(self.person, name) for name in self.people]
        jobs += [(self.account, name) for name in self.accounts]
        for kind, notes in (
            (self.daily, len(self.days)), (self.project, len(self.projects)), (self.reference, count // 16),
            (self.transcript, count // 250), (self.hostile, count // 50),
        ):  # fmt: skip
            jobs += [(kind, number) for number in range(notes)]
        jobs += [(self.meeting, number) for number in range(max(count - len(jobs), 1))]
        self.random.shuffle(jobs)
        for write, what in jobs:
            write(what)
        # What is no note of the vault: the folders of Obsidian's own, and an attachment.
        for path in (".obsidian/app.json", ".trash/Deleted.md", "Attachments/capture.png"):
            full = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write("{}" if path.endswith("json") else _FAKE)
        best = sorted(self.people, key=lambda name: (-len(self.linked.get(name, ())), name))
        return {
            **dict(self.truth),
            "status": dict(self.status),
            "decisions by account": dict(self.decisions),
            "notes linking to": {name: len(self.linked.get(name, ())) for name in best[:5]},
        }


def make(folder: str, notes: int, seed: int = 1) -> dict[str, Any]:
    """Write a vault of about `notes` notes below `folder`; the truth about it."""
    return Maker(folder, notes, seed).run()


if __name__ == "__main__":
    json.dump(make(sys.argv[1], int(sys.argv[2])), sys.stdout, ensure_ascii=False)
