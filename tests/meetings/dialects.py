"""Meetings written down as bots and people write them, with the truth, and a score for what was read.

`USUAL` are common forms. `APART` are written in the manner of particular products and countries, and nobody looks at them
while rules are made: they say how well notes are read that we have not seen.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

FIRST = [
    "Maren",
    "Idris",
    "Paula",
    "Niko",
    "Svea",
    "Tariq",
    "Greta",
    "Hugo",
    "Elif",
    "Janek",
    "Rosa",
    "Owen",
    "Asta",
    "Milo",
    "Farah",
    "Leon",
]
LAST = [
    "Albers",
    "Bekele",
    "Castro",
    "Dorn",
    "Engel",
    "Farouk",
    "Gallo",
    "Hansen",
    "Iversen",
    "Jansen",
    "Kaya",
    "Lindt",
    "Moreau",
    "Novak",
    "Ortiz",
    "Petit",
]
FIRMS = ["Halden", "Brightline", "Oakmere", "Sundial", "Varga", "Kestrel"]
TOPICS = ["Roadmap review", "Weekly call", "Kickoff", "Incident review", "Budget round", "Supplier talk"]
TITLES = ["Product Manager", "CTO", "Sales Lead", "Engineer", "Controller", "Designer"]
DO = [
    "rework the cost estimate", "publish the test report", "arrange a visit to the second site", "answer the audit letter",
    "compare the three offers", "migrate the mailing list", "train the night shift", "fix the broken export",
    "draft a note for the board", "order spare filters", "check the insurance terms", "rename the old project folders",
]  # fmt: skip
DECIDE = [
    "move the release to autumn", "stay with one supplier", "stop the beta programme", "open a second warehouse",
    "skip the trade fair", "raise the service fee by two percent", "use the shared calendar",
]  # fmt: skip
TALK = [
    "The numbers were better than expected.", "Two customers asked for a longer trial.", "The export is still slow.",
    "Nobody has heard from the agency.", "Budget: 12k are left.", "Risk: the lease ends in spring.",
]  # fmt: skip
ASK = ["Who signs the new lease?", "Do we need a second trial?"]
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


class Action(NamedTuple):
    text: str
    owner: str | None
    due: dt.date | None


class Meeting:
    def __init__(self, r: random.Random, day: dt.date) -> None:
        self.r, self.day, self.firm = r, day, r.choice(FIRMS)
        self.people = [f"{a} {b}" for a, b in zip(r.sample(FIRST, 4), r.sample(LAST, 4))][: r.randint(2, 4)]
        self.titles = [r.choice(TITLES) for _ in self.people]
        self.topic = r.choice(TOPICS)
        self.title = f"{self.firm} {self.topic}"
        self.do = [
            Action(
                text[0].upper() + text[1:],
                r.choice([*self.people, None]),
                day + dt.timedelta(r.randint(1, 18)) if r.random() < 0.6 else None,
            )
            for text in r.sample(DO, r.randint(1, 4))
        ]
        self.decided = [text[0].upper() + text[1:] for text in r.sample(DECIDE, r.randint(0, 3))]
        self.talk, self.ask = r.sample(TALK, 3), r.sample(ASK, 1)


class Truth(NamedTuple):
    date: str | None
    attendees: list[str]
    decisions: list[str]
    actions: list[Action]


Written = tuple[str, Truth]


def truth(m: Meeting, **other: Any) -> Truth:
    return Truth(m.day.isoformat(), m.people, m.decided, m.do)._replace(**other)


def low(text: str) -> str:
    return text[0].lower() + text[1:]


def section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [title, "", *found, ""] if found else []


def first(name: str | None) -> str:
    return (name or "").split(" ")[0]


# --- forms that are common --------------------------------------------------------------------------------------------


def seed(m: Meeting) -> Written:
    def line(a: Action) -> str:
        due = f" 📅 {a.due}" if a.due else ""
        return f"- [?] {a.text}. @{a.owner or 'TBD'}{due} #task #proposed"

    head = [
        "---",
        f"date: {m.day}",
        f"account: {m.firm}",
        "---",
        f"# {m.title}",
        "",
        f"**Attendees**: {', '.join(m.people)}",
        "",
    ]
    body = [*section("## Action Items", map(line, m.do)), *section("## Decisions", (f"- {d}." for d in m.decided))]
    return "\n".join([*head, *body]), truth(m)


def bullets_with_names(m: Meeting) -> Written:
    def line(a: Action) -> str:
        return (
            f"- {first(a.owner) + ': ' + low(a.text) if a.owner else a.text}" + (f" by {a.due}" if a.due else "") + "."
        )

    body = [
        f"# {m.title}", "", f"Date: {m.day}", "",
        *section("## Attendees", (f"- {p} ({t})" for p, t in zip(m.people, m.titles))),
        *section("## Discussion", (f"- {t}" for t in m.talk)),
        *section("## Decisions", (f"- {d}" for d in m.decided)),
        *section("## Action items", map(line, m.do)),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def table_of_actions(m: Meeting) -> Written:
    rows = [f"| {i} | {a.text} | {a.owner or '-'} | {a.due or 'TBD'} |" for i, a in enumerate(m.do, 1)]
    body = [
        "---", f"date: {m.day}", "---", f"# {m.title}", "", "**Attendees:**", *(f"- {p}" for p in m.people), "",
        *section("## Notes", m.talk),
        *section("## Decisions", (f"{i}. {d}" for i, d in enumerate(m.decided, 1))),
        *section("## Action Items", ["| # | Task | Owner | Due |", "|---|---|---|---|", *rows]),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def capital_labels(m: Meeting) -> Written:
    def line(a: Action) -> str:
        due = f" by {a.due}" if a.due else ""
        return f"    - ACTION: {first(a.owner)} to {low(a.text)}{due}" if a.owner else f"    - ACTION: {a.text}{due}"

    body = [
        f"# {m.title}", "", f"- Date: {m.day}", f"- Present: {', '.join(m.people)}", "", "## Minutes", "",
        "- Status", *(f"    - {t}" for t in m.talk), "- Outcome", *(f"    - DECISION: {d}" for d in m.decided), *map(line, m.do),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def nothing_at_all(m: Meeting) -> Written:
    body = [
        "---", f"date: {m.day}", "---", f"# {m.title}", "", *section("## Attendees", (f"- {p}" for p in m.people)),
        *section("## Agenda", (f"- {t}" for t in DO[:3])),
        *section("## Discussion", ["- Deadline: end of June", "- Pricing: as before", *(f"- {t}" for t in m.talk)]),
        *section("## Decisions", ["None."]), *section("## Action Items", ["- No action items"]),
        *section("## Open questions", (f"- {q}" for q in m.ask)),
    ]  # fmt: skip
    return "\n".join(body), truth(m, decisions=[], actions=[])


# --- kept apart -------------------------------------------------------------------------------------------------------


def otter(m: Meeting) -> Written:
    """A bot that lists speakers and time stamps, and assigns with '@' nowhere."""
    body = [
        f"# {m.title}", "", m.day.strftime("%a, %b %d, %Y").replace(" 0", " ") + " 10:02AM • 31:20", "",
        "## SUMMARY KEYWORDS", "", "release, supplier, export, budget", "",
        *section("## SPEAKERS", [", ".join(m.people)]),
        *section("## Action Items", (f"- [ ] {'@' + a.owner + ' - ' if a.owner else ''}{a.text}" for a in m.do)),
        "## Outline", "", *(f"### {t.split(' ')[0]} {i}\n\n- {t}\n" for i, t in enumerate(m.talk)),
    ]  # fmt: skip
    return "\n".join(body), truth(m, decisions=[], actions=[a._replace(due=None) for a in m.do], date=None)


def fireflies(m: Meeting) -> Written:
    """Items below a bold name, with the time in the recording behind each."""
    lines: list[str] = []
    owned = [a for a in m.do if a.owner]
    for name in dict.fromkeys(a.owner for a in owned):
        lines += [f"**{name}**", "", *(f"{a.text} (0{i}:4{i})" for i, a in enumerate(owned) if a.owner == name), ""]
    body = [
        f"# {m.title}", "", f"**Date:** {m.day.strftime('%B')} {m.day.day}, {m.day.year}", f"**Participants:** {', '.join(m.people)}", "",
        *section("## Overview", (f"- **Topic {i}:** {t}" for i, t in enumerate(m.talk))),
        *section("## Action items", lines),
    ]  # fmt: skip
    return "\n".join(body), truth(m, decisions=[], actions=[a._replace(due=None) for a in owned])


def granola(m: Meeting) -> Written:
    """Sections of level three, sentences about people, a rule and a link at the end."""

    def line(a: Action) -> str:
        due = (
            f" by {WEEK[a.due.weekday()]}"
            if a.due and (a.due - m.day).days <= 7
            else f" by {MONTH[a.due.month - 1]} {a.due.day}"
            if a.due
            else ""
        )
        return f"- {first(a.owner)} to {low(a.text)}{due}" if a.owner else f"- {a.text}{due}"

    body = [
        "---", f"created: {m.day}T10:00:00", "attendees:", *(f"  - {p}" for p in m.people), "---", "",
        *section("### Product update", (f"- {t}" for t in m.talk)),
        *section("### Decisions made", (f"- {d}" for d in m.decided)),
        *section("### Next Steps", map(line, m.do)),
        "---", "", "Chat with meeting transcript: [open](https://notes.example.com/t/1)",
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def fathom(m: Meeting) -> Written:
    """Purpose, takeaways, and next steps with a link in each line."""
    body = [
        f"# {m.title} - {m.day.strftime('%B')} {m.day.day}", "", f"Date: {m.day}", f"Attendees: {', '.join(m.people)}", "",
        *section("## Meeting Purpose", ["Agree on the next quarter."]),
        *section("## Key Takeaways", (f"- {t}" for t in m.talk)),
        *section("## Topics", ["### Lease", "", *(f"- {t}" for t in m.talk), "", "### Decisions", "", *(f"- {d}" for d in m.decided)] if m.decided else []),
        *section("## Action Items", (f"- **{a.owner}**: {a.text}" + (f" (due {a.due})" if a.due else "") if a.owner else f"- {a.text}" + (f" (due {a.due})" if a.due else "") for a in m.do)),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def copilot(m: Meeting) -> Written:
    """A recap: 'Follow-up tasks:' with a bold topic, the text and the names in brackets."""

    def line(a: Action) -> str:
        who = f" ({a.owner})" if a.owner else " (Unassigned)"
        return f"- **Follow-up:** {a.text}." + who

    body = [
        f"# {m.title}", "", f"**Meeting date:** {m.day.month}/{m.day.day}/{m.day.year}", "",
        "**Participants:**", "", *(f"* {p}" for p in m.people), "",
        *section("**Meeting notes:**", (f"- **{t.split(' ')[0]}:** {t}" for t in m.talk)),
        *section("**Decisions made:**", (f"- {d}" for d in m.decided)),
        *section("**Follow-up tasks:**", map(line, m.do)),
    ]  # fmt: skip
    date = m.day.isoformat() if m.day.day > 12 or m.day.day == m.day.month else None
    return "\n".join(body), truth(m, date=date, actions=[a._replace(due=None) for a in m.do])


def german_minutes(m: Meeting) -> Written:
    """A Protokoll: a table of what, who and until when; decisions numbered; those who were excused."""
    rows = [
        f"| {i} | {a.text} | {a.owner or 'offen'} | {a.due.strftime('%d.%m.%Y') if a.due else '-'} |"
        for i, a in enumerate(m.do, 1)
    ]
    body = [
        f"# Protokoll {m.title}", "", f"**Datum:** {m.day.strftime('%d.%m.%Y')}, 10:00–11:00 Uhr  ", f"**Anwesend:** {', '.join(m.people)}  ",
        "**Entschuldigt:** Zora Zimmer  ", "**Protokoll:** Zora Zimmer", "",
        "## 1. Tagesordnung", "", "1. Stand", "2. Verschiedenes", "",
        *section("## 2. Besprochene Themen", (f"- {t}" for t in m.talk)),
        *section("## 3. Getroffene Entscheidungen", (f"{i}. {d}." for i, d in enumerate(m.decided, 1))),
        *section("## 4. Maßnahmen", ["| Nr. | Was | Wer | Bis wann |", "| --- | --- | --- | --- |", *rows]),
        "## 5. Nächster Termin", "", "In zwei Wochen.", "",
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def french_minutes(m: Meeting) -> Written:
    def line(a: Action) -> str:
        who = f" — {a.owner}" if a.owner else ""
        return f"- {a.text}{who}" + (f", avant le {a.due.strftime('%d/%m/%Y')}" if a.due else "")

    body = [
        f"# Compte rendu : {m.title}", "", f"Date : {m.day.day:02}/{m.day.month:02}/{m.day.year}", f"Présents : {', '.join(m.people)}", "Excusés : Zoé Zola", "",
        *section("## Ordre du jour", ["- Point sur le projet", "- Divers"]),
        *section("## Points abordés", (f"- {t}" for t in m.talk)),
        *section("## Décisions prises", (f"- {d}" for d in m.decided)),
        *section("## Actions à mener", map(line, m.do)),
        *section("## Prochaine réunion", ["Dans deux semaines."]),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def spanish_minutes(m: Meeting) -> Written:
    def line(a: Action) -> str:
        said = [f"Responsable: {a.owner}"] if a.owner else []
        said += [f"Fecha límite: {a.due}"] if a.due else []
        return f"1. {a.text}" + (f" ({'; '.join(said)})" if said else "")

    body = [
        f"# Acta: {m.title}", "", f"**Fecha:** {m.day}", "", "## Asistentes", "", *(f"- {p}, {t}" for p, t in zip(m.people, m.titles)), "",
        *section("## Orden del día", ["1. Avances", "2. Varios"]),
        *section("## Desarrollo", m.talk),
        *section("## Acuerdos", (f"- {d}." for d in m.decided)),
        *section("## Compromisos", map(line, m.do)),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def japanese_minutes(m: Meeting) -> Written:
    def line(a: Action) -> str:
        said = ([f"担当：{a.owner}"] if a.owner else []) + (
            [f"期限：{a.due.year}/{a.due.month:02}/{a.due.day:02}"] if a.due else []
        )
        return f"- {a.text}" + (f"（{'、'.join(said)}）" if said else "")

    body = [
        f"# 議事録 {m.title}", "", f"日時：{m.day.year}年{m.day.month}月{m.day.day}日 10:00〜11:00", f"参加者：{'、'.join(m.people)}", "欠席者：Zoe Zola", "",
        *section("## 議題", ["- 進捗", "- その他"]), *section("## 議論内容", (f"- {t}" for t in m.talk)),
        *section("## 決定事項", (f"- {d}" for d in m.decided)), *section("## アクションアイテム", map(line, m.do)),
        *section("## 次回", ["- 2週間後"]),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def bullet_journal(m: Meeting) -> Written:
    """A person's own hand: no headings, arrows, an at sign in front of who, words for when."""

    def line(a: Action) -> str:
        return (
            f"- TODO: {a.text}"
            + (f" → {first(a.owner)}" if a.owner else "")
            + (f" (by {WEEK[a.due.weekday()]})" if a.due and (a.due - m.day).days <= 7 else "")
        )

    body = [
        f"# {m.day} {m.title}", "", f"with: {', '.join(f'[[{p}]]' for p in m.people)}", "", *(f"- {t}" for t in m.talk), *(f"- ? {q}" for q in m.ask),
        *(f"- **Decided:** {d}" for d in m.decided), *map(line, m.do),
    ]  # fmt: skip
    return "\n".join(body), truth(
        m, actions=[a if a.due and (a.due - m.day).days <= 7 else a._replace(due=None) for a in m.do]
    )


def consultants(m: Meeting) -> Written:
    """Minutes of meeting: everything in tables, with a table of those present."""
    rows = [
        f"| A{i} | {a.text} | {a.owner or 'TBC'} | {a.due.strftime('%d %b %Y') if a.due else 'TBC'} | Open |"
        for i, a in enumerate(m.do, 1)
    ]
    body = [
        f"# MoM: {m.title}", "", "| Date | Location |", "|---|---|", f"| {m.day} | Online |", "",
        "## 1. Attendance", "", "| Name | Role | Present |", "|---|---|---|", *(f"| {p} | {t} | Yes |" for p, t in zip(m.people, m.titles)), "",
        *section("## 2. Matters discussed", (f"{i}. {t}" for i, t in enumerate(m.talk, 1))),
        *section("## 3. Decisions", ["| Ref | Decision |", "|---|---|", *(f"| D{i} | {d} |" for i, d in enumerate(m.decided, 1))] if m.decided else []),
        *section("## 4. Actions", ["| Ref | Action | Owner | Due | Status |", "|---|---|---|---|---|", *rows]),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


def details_below(m: Meeting) -> Written:
    """An outliner's export: owner and date as bullets below the item."""

    def lines(a: Action) -> list[str]:
        return [
            f"- {a.text}",
            *([f"    - Owner: {a.owner}"] if a.owner else []),
            *([f"    - Due: {a.due}"] if a.due else []),
        ]

    body = [
        "---", f"date: {m.day}", f"participants: [{', '.join(m.people)}]", "---", f"# {m.title}", "",
        *section("## 💬 Discussion", (f"- {t}" for t in m.talk)), *section("## ✔️ Decisions", (f"- {d}" for d in m.decided)),
        *section("## 🚀 Action items", (line for a in m.do for line in lines(a))),
    ]  # fmt: skip
    return "\n".join(body), truth(m)


Dialect = Callable[[Meeting], Written]
USUAL: tuple[Dialect, ...] = (seed, bullets_with_names, table_of_actions, capital_labels, nothing_at_all)
APART: tuple[Dialect, ...] = (
    otter, fireflies, granola, fathom, copilot, german_minutes, french_minutes, spanish_minutes, japanese_minutes,
    bullet_journal, consultants, details_below,
)  # fmt: skip


def written(dialects: tuple[Dialect, ...], notes: int, number: int) -> list[tuple[str, str, str, Truth]]:
    """(dialect, path, text, truth) of so many notes, the dialects by turns."""
    r = random.Random(number)
    found = []
    for i in range(notes):
        dialect = dialects[i % len(dialects)]
        m = Meeting(random.Random(r.random()), dt.date(2026, 3, 2) + dt.timedelta(i // 2))
        text, t = dialect(m)
        dated = t.date is None and m.r.random() < 2
        found.append(
            (
                dialect.__name__,
                f"Meetings/{m.day if dated else m.firm} {m.topic} {i}.md",
                text,
                t._replace(date=t.date or m.day.isoformat()),
            )
        )
    return found


# --- the score --------------------------------------------------------------------------------------------------------

KINDS = ("attendee", "date", "action", "owner", "due", "decision")
Counts = dict[str, dict[str, list[int]]]  # dialect -> kind -> [right, wanted, found]


def plain(text: str | None) -> str:
    text = re.sub(r"[*_`\[\]]", "", unicodedata.normalize("NFC", text or ""))
    return re.sub(r"\s+", " ", text).strip(" .;,").casefold()


def add(
    counts: Counts, dialect: str, wanted: Truth, note: dict[str, Any], tasks: list[dict[str, Any]], decisions: list[str]
) -> None:
    """Compare one note's rows with the truth."""
    got = [(plain(t["text"]), plain(t["owner_person"] or t["owner"]), t["due"] or "") for t in tasks]
    want = [(plain(a.text), plain(a.owner), a.due.isoformat() if a.due else "") for a in wanted.actions]
    pairs: dict[str, tuple[list[Any], list[Any]]] = {
        "attendee": ([plain(p) for p in wanted.attendees], [plain(p) for p in note["participants"]]),
        "date": ([wanted.date], [note["date"]] if note["date"] else []),
        "action": ([w[0] for w in want], [g[0] for g in got]),
        "owner": ([w[:2] for w in want if w[1]], [g[:2] for g in got if g[1] not in ("", "tbd")]),
        "due": ([(w[0], w[2]) for w in want if w[2]], [(g[0], g[2]) for g in got if g[2]]),
        "decision": ([plain(d) for d in wanted.decisions], [plain(d) for d in decisions]),
    }
    for kind, (expected, found) in pairs.items():
        left = list(found)
        right = sum(1 for x in expected if x in left and (left.remove(x) or True))
        for name in (dialect, "all"):
            count = counts.setdefault(name, {}).setdefault(kind, [0, 0, 0])
            for at, number in enumerate((right, len(expected), len(found))):
                count[at] += number


def share(counts: Counts, dialect: str, *kinds: str) -> tuple[float, float]:
    """(recall, precision) of these kinds, of all of them without any; 1.0 where nothing was to be found."""
    some = [counts[dialect][kind] for kind in kinds or KINDS if kind in counts[dialect]]
    right, wanted, found = (sum(count[at] for count in some) for at in range(3))
    return right / wanted if wanted else 1.0, right / found if found else 1.0
