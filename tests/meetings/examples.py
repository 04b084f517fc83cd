"""Ways to write the facts of a meeting, and what is read: each is a test, and a row of docs/meeting-notes.md.

`python -m tests.meetings.examples` writes the table of that document anew.
"""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "meeting-notes.md"
BEGIN, END = "<!-- examples: python -m tests.meetings.examples -->\n", "<!-- end of examples -->\n"

HERE = "Present: Dana Leigh, Sam Okoro\n\n"
DANA = "Dana Leigh"

# (what is written, what is read of it)
ATTENDEES = (
    "## Attendees\n- Dana Leigh\n- [[Sam Okoro]] — CFO at Contoso",
    "## Attendees\nDana Leigh, Sam Okoro",
    "**Attendees:** Dana Leigh, Sam Okoro",
    "**Attendees**:\n[[Dana Leigh]], [[Sam Okoro]]",
    "**Attendees:**\n- Dana Leigh (PM)\n- Sam Okoro (Contoso)",
    "- **Attendees:** Dana Leigh, Sam Okoro\n- **Date:** 2026-03-02",
    "Present: Dana Leigh, Sam Okoro",
    "| Attendee | Role |\n|---|---|\n| Dana Leigh | lead |\n| Sam Okoro | dev |",
    "---\npeople:\n  - '[[Dana Leigh]]'\n  - '[[Sam Okoro]]'\n---",
    "> [!info] Call\n> **With**: [[Dana Leigh]], [[Sam Okoro]]",
    "### 👥 Who was there (2)\n1. Dana Leigh <dana@contoso.com>\n2. Sam Okoro, CFO",
    "---\nattendees:\n  - name: Dana Leigh\n    email: dana@contoso.com\n  - name: Sam Okoro\n---",
    "2 March 2026 · 45 min · Speakers: Dana Leigh (60%), Sam Okoro (40%)",
    "Invited [Dana Leigh](mailto:dana@contoso.com) [Sam Okoro](mailto:sam@contoso.com)",
    "**Participants:** dana.leigh@contoso.com, sam.okoro@contoso.com",
    "**Who:** @Dana Leigh @Sam Okoro",
    "w/ Dana Leigh, Sam Okoro (legal)",
    "- Attendees\n    - [[Dana Leigh]]\n    - [[Sam Okoro]]",
    "Attendance: ✅ Dana Leigh, ✅ Sam Okoro, ❌ Priya Raman",
    "**Anwesend:** Dana Leigh, Sam Okoro",
    "**Участники:** @Dana Leigh, @Sam Okoro",
    "参加者：Dana Leigh、Sam Okoro",
)
ITEMS: tuple[tuple[str, tuple[str, str | None, str | None, str]], ...] = (
    ("- [ ] Send the sheet @Dana Leigh 📅 2026-03-10", ("Send the sheet", DANA, "2026-03-10", "box")),
    ("- [ ] Dana: send the sheet", ("send the sheet", DANA, None, "box")),
    ("- [ ] **Dana**: send the sheet", ("send the sheet", DANA, None, "box")),
    ("- [ ] [[Dana Leigh]] to send the sheet", ("send the sheet", DANA, None, "box")),
    ("- [ ] Dana will send the sheet by Friday", ("send the sheet", DANA, "2026-03-06", "box")),
    ("- [ ] (Dana) send the sheet", ("send the sheet", DANA, None, "box")),
    ("- [ ] Send the sheet (Dana)", ("Send the sheet", DANA, None, "box")),
    ("- [ ] Dana -- send the sheet -- due 2026-03-10", ("send the sheet", DANA, "2026-03-10", "box")),
    ("- [ ] Send the sheet, owner: Dana Leigh", ("Send the sheet", DANA, None, "box")),
    ("- [ ] Send the sheet [[Dana Leigh]]", ("Send the sheet", DANA, None, "box")),
    ("- [ ] #Leigh_Dana send the sheet", ("send the sheet", DANA, None, "box")),
    ("- [ ] Send the sheet — Dana Leigh", ("Send the sheet", DANA, None, "box")),
    ("- [ ] Send the sheet → Dana (due March 10)", ("Send the sheet", DANA, "2026-03-10", "box")),
    ("- [ ] Send the sheet [owner:: Dana] [due:: 2026-03-10]", ("Send the sheet", DANA, "2026-03-10", "box")),
    ("- [ ] Send the sheet (@2026-03-10)", ("Send the sheet", None, "2026-03-10", "box")),
    ("- [ ] Send the sheet @{2026-03-10}", ("Send the sheet", None, "2026-03-10", "box")),
    ("- [ ] Dana Leigh – Send the sheet by Friday (12:31)", ("Send the sheet", DANA, "2026-03-06", "box")),
    ("- [ ] @Dana Leigh Send the sheet", ("Send the sheet", DANA, None, "box")),
    ("## Action Items\n- Dana: send the sheet by 2026-03-10.", ("send the sheet", DANA, "2026-03-10", "bullet")),
    ("## Next steps\n### Dana Leigh\n- Send the sheet", ("Send the sheet", DANA, None, "bullet")),
    ("**Action items:**\n- **Dana**\n    - Send the sheet", ("Send the sheet", DANA, None, "bullet")),
    ("## Action items\n- Send the sheet\n    - Owner: Dana\n    - Due: 2026-03-10", ("Send the sheet", DANA, "2026-03-10", "bullet")),
    ("## Actions\n| Action | Owner | Due |\n|---|---|---|\n| Send the sheet | Dana | 2026-03-10 |", ("Send the sheet", DANA, "2026-03-10", "table")),
    ("| Type | Item | Owner |\n|---|---|---|\n| Action | Send the sheet | Dana |\n| Risk | It fails | Sam |", ("Send the sheet", DANA, None, "table")),
    ("- Action items\n    - TODO [[Dana Leigh]] to send the sheet by [[2026-03-10]]", ("send the sheet", DANA, "2026-03-10", "bullet")),
    ("**Action:** Send the sheet **Owner:** Dana **Due:** 2026-03-10", ("Send the sheet", DANA, "2026-03-10", "line")),
    ("AP1: Dana to send the sheet (10 March)", ("send the sheet", DANA, "2026-03-10", "line")),
    ("## Follow-up tasks\n- Send the sheet @Dana Leigh [02:11](https://example.com/x?t=131)", ("Send the sheet", DANA, None, "bullet")),
    ("Actions\nDL - Send the sheet, Friday", ("Send the sheet", DANA, "2026-03-06", "line")),
    ("- Outcome\n    - ACTION: Dana to send the sheet", ("send the sheet", DANA, None, "bullet")),
    ("TODO: Send the sheet (Dana, end of month)", ("Send the sheet", DANA, "2026-03-31", "line")),
    ("## Aufgaben\n- Send the sheet (verantwortlich: Dana, bis 10.03.2026)", ("Send the sheet", DANA, "2026-03-10", "bullet")),
    ("## アクションアイテム\n- Send the sheet（担当：Dana Leigh、期限：2026/03/10）", ("Send the sheet", DANA, "2026-03-10", "bullet")),
)  # fmt: skip
DECISIONS = (
    ("## Decisions\n- Start in plant one", ["Start in plant one"]),
    ("## Decision\nWe keep two regions.", ["We keep two regions."]),
    ("## Key Decisions\n**Tool choice:** pandoc.\n\n**Names:** kebab case.", ["**Tool choice:** pandoc.", "**Names:** kebab case."]),
    ("## Decisions\n| # | Decision | Owner |\n|---|---|---|\n| 1 | One price sheet | Dana |", ["One price sheet"]),
    ("## Notes\n**Decision:** the quote holds until Friday.", ["the quote holds until Friday."]),
    ("- Decision: no weekend work.\n- **Decided:** start in plant one.", ["no weekend work.", "start in plant one."]),
    ("RESOLVED: close the issue", ["close the issue"]),
    ("**Decisions**\n- Start in plant one", ["Start in plant one"]),
    ("## Decisions & Action Items\n- Start in plant one\n- Dana: send the sheet", ["Start in plant one"]),
    ("## Decisions\n- [x] Start in plant one", ["Start in plant one"]),
    ("## Decisions Made\n1. **Private banking:**\n   - Only for tier one.", ["Private banking: Only for tier one."]),
    ("## Decisions\n### We keep two regions for now\n- Load is too high.\n- Costs are equal.", ["We keep two regions for now"]),
    ("> [!decision]\n> One price sheet", ["One price sheet"]),
    ("| Type | Item |\n|---|---|\n| Decision | One price sheet |\n| Action | Send it |", ["One price sheet"]),
    ("- Decisions\n    - One price sheet", ["One price sheet"]),
    ("decision:: One price sheet", ["One price sheet"]),
    ("## Beschlüsse\n1. Start in plant one", ["Start in plant one"]),
)  # fmt: skip
# (the note's file, what is written, the day of the note)
DAYS = (
    ("2026-03-02 Call.md", "Notes", "2026-03-02"),
    ("Call.md", "---\ndate: 2026-03-02\n---", "2026-03-02"),
    ("Call.md", "**Date:** March 2, 2026, 10:00 AM", "2026-03-02"),
    ("Call 2 Mar 2026.md", "Notes", "2026-03-02"),
    ("Call.md", "# Notulen overleg 2 maart 2026", "2026-03-02"),
    ("Call.md", "# Weekly sync\nMon, Mar 2, 2026 · 45 min", "2026-03-02"),
    ("Call.md", "2026-03-02 Contoso / pricing", "2026-03-02"),
    ("Call.md", "Meeting summary for Contoso (03/25/2026)", "2026-03-25"),
    ("Call.md", "일시: 2026년 3월 2일", "2026-03-02"),
)


def table() -> str:
    """The examples as Markdown tables."""

    def code(text: str) -> str:
        return "<br>".join(f"`{line}`" for line in text.replace("|", "\\|").split("\n"))

    lines = [
        "### Attendees",
        "",
        "Each of these says that Dana Leigh and Sam Okoro were there:",
        "",
        "| you write |",
        "| --- |",
    ]
    lines += [f"| {code(text)} |" for text in ATTENDEES]
    lines += ["", "### The day", "", "| file | you write | day |", "| --- | --- | --- |"]
    lines += [f"| `{file}` | {code(text)} | {day} |" for file, text, day in DAYS]
    lines += ["", "### Action items", "", "In a note of 2 March 2026 that names Dana Leigh and Sam Okoro:", ""]
    lines += ["| you write | text | owner | due | how |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {code(text)} | {t} | {o or ''} | {d or ''} | {how} |" for text, (t, o, d, how) in ITEMS]
    lines += ["", "### Decisions", "", "| you write | decisions |", "| --- | --- |"]
    lines += [f"| {code(text)} | {'<br>'.join(found)} |" for text, found in DECISIONS]
    return "\n".join([*lines, "", ""])


def written() -> str:
    """The document with its table as it should be."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + "\n" + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
