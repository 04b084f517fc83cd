"""The table of commands: their modules, one line of help each, and their other names.

Imports nothing, so that the launcher can tell our commands from files to edit before anything else is loaded.
"""

from __future__ import annotations

# command -> (module, one line for the list). The module is imported when its command runs, not before.
COMMANDS: dict[str, tuple[str, str]] = {
    "today": ("pages.day", "The day: due, overdue, planned, proposed, waiting, meetings."),
    "agenda": ("pages.day", "Days ahead or behind, one block each."),
    "waiting": ("pages.waiting", "What others owe, longest waiting first."),
    "person": ("pages.who", "A person: who owes whom, meetings, decisions."),
    "account": ("pages.who", "An account: open work on each side, people, decisions."),
    "brief": ("pages.brief", "What to know before a meeting, as one page."),
    "recap": ("pages.brief", "Who took on what in a meeting, ready to send."),
    "decision": ("pages.decision", "One decision, and others on the same subject."),
    "tasks": ("read.tasks", "Tasks by due date, owner, account, state, words."),
    "query": ("read.query", "Run a query in the Tasks plugin's language."),
    "decisions": ("read.rows", "What was decided, by account, person, time."),
    "facts": ("read.rows", "What is known, by account, person, time."),
    "rows": ("read.rows", "Rows of any kind, also those that you add in the settings."),
    "backlinks": ("read.links", "Where a note or person is linked, listed, mentioned."),
    "search": ("read.search", "Full-text search over all notes."),
    "notes": ("read.notes", "Notes by account, type, person, time."),
    "note": ("read.notes", "One note: its tasks, decisions, people, links."),
    "open": ("read.open", "Open a note, or a task or decision at its line."),
    "people": ("read.people", "Everybody the notes name."),
    "accounts": ("read.people", "Every account with its open work."),
    "review": ("pages.review", "A week or month: done, decided, slipped, missed, silent."),
    "stats": ("pages.stats", "Tasks made and settled, their age, what is accepted."),
    "links": ("read.links", "Outgoing links, broken and ambiguous ones."),
    "orphans": ("read.links", "Notes that nothing links to."),
    "deadends": ("read.links", "Notes that link to nothing."),
    "tags": ("read.links", "Tags with their counts."),
    "triage": ("change.triage", "Decide on proposals, one key each."),
    "done": ("change.act", "Tick tasks off as the Tasks plugin does."),
    "cancel": ("change.act", "Cancel tasks."),
    "reopen": ("change.act", "Open settled tasks again."),
    "start": ("change.act", "Mark tasks as in progress."),
    "accept": ("change.act", "Accept proposals."),
    "reject": ("change.act", "Reject proposals, for good."),
    "due": ("change.act", "Set the due date (or scheduled, start)."),
    "assign": ("change.act", "Set the owner."),
    "priority": ("change.act", "Set the priority."),
    "tag": ("change.act", "Add or take away a tag."),
    "edit": ("change.act", "Edit a task's line by hand ($EDITOR)."),
    "undo": ("change.undo", "Take back the last changes, byte for byte."),
    "log": ("change.undo", "Every change that was made."),
    "why": ("change.undo", "Where each field of a task came from, and why it is listed."),
    "add": ("change.add", "Write a new task into a note."),
    "lint": ("read.lint", "Dates and fields that the Tasks plugin does not see."),
    "export": ("doors.export", "Tasks for calendars and other programs."),
    "remind": ("doors.remind", "What is due and new, in one sentence."),
    "mcp": ("doors.mcp", "Answer agents: they read, and may propose."),
    "publish": ("doors.publish", "Give the team what your rules choose."),
    "team": ("doors.team", "Ask everybody's vaults in the team's store."),
    "index": ("upkeep.index", "Bring the index up to date (queries do so by themselves)."),
    "status": ("upkeep.status", "The vault, the index and how fresh it is."),
    "doctor": ("upkeep.doctor", "What was left out or doubted, and how to mend it."),
    "sql": ("upkeep.sql", "Ask the index in SQL (read-only)."),
    "config": ("upkeep.config", "Each setting, its value and where it came from."),
    "watch": ("upkeep.watch", "Keep the index equal to the vault from now on."),
    "service": ("upkeep.watch", "Let the watcher start with your session."),
    "vaults": ("upkeep.vaults", "Names for vaults, and which is the default."),
    "serve": ("doors.serve", "The same pages in your browser, for this machine alone."),
    "init": ("upkeep.init", "Find your vault, learn who you are, write the settings."),
    "demo": ("upkeep.init", "The daily questions on a small vault that is thrown away."),
    "completion": ("upkeep.completion", "What a shell needs to complete our words."),
    "shell-init": ("upkeep.completion", "`vi` for our commands and for files to edit, in your shell."),
    "help": ("upkeep.help", "Help on a command, on exit codes, on dates."),
}
# How `vi --help` shows them: each command once, those that belong together on one line.
GROUPS: tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...] = (
    ("Pages", (
        (("today", "agenda", "waiting"), "the day (also `vi` alone); ahead; who owes"),
        (("person", "account"), "who owes whom, meetings, silence, decisions"),
        (("brief", "recap"), "before a meeting; after it"),
        (("review", "stats"), "a week or month; figures and pictures"),
    )),
    ("Ask", (
        (("tasks", "query"), "tasks by options; in the plugin's language"),
        (("decisions", "decision"), "what was decided; one with its thread"),
        (("search", "backlinks"), "words anywhere; who names a note or person"),
        (("notes", "note", "open"), "notes; one of them; open it at its line"),
        (("people", "accounts"), "everybody, every account"),
        (("facts", "rows", "tags"), "other rows of notes"),
        (("links", "orphans", "deadends"), "links to nothing, notes without links"),
    )),
    ("Act", (
        (("triage", "accept", "reject"), "decide on what the AI proposed"),
        (("done", "cancel", "reopen", "start"), "tick off as the Tasks plugin does"),
        (("due", "assign", "priority", "tag", "edit"), "change a task"),
        (("add",), "write a new task into a note"),
        (("lint", "why"), "dates not seen by the plugin; why listed"),
        (("undo", "log"), "take back, byte for byte; every change"),
    )),
    ("Doors", (
        (("serve", "export", "remind", "mcp"), "in the browser, calendars; agents"),
        (("publish", "team"), "give rows to a team's store; ask everybody's"),
    )),
    ("Keep", (
        (("status", "doctor"), "how fresh; what was left out, how to mend"),
        (("index", "watch", "service"), "bring up to date; always; with your session"),
        (("sql",), "ask the index in SQL"),
    )),
    ("Set up", (
        (("init", "demo"), "begin with your vault; or with a small one"),
        (("config", "vaults"), "settings; names for vaults"),
        (("completion", "shell-init", "help"), "for your shell; dates, signs, fields, json"),
    )),
)  # fmt: skip
ALIASES = {
    "ls": ("tasks",),
    "t": ("tasks",),
    "proposed": ("tasks", "--proposed"),
    "overdue": ("tasks", "--overdue"),
    "find": ("search",),
    "grep": ("search",),
    "reindex": ("index", "--full"),
    "show": ("note",),
    "complete": ("done",),
    "inbox": ("triage",),
    "snooze": ("due",),
    "reschedule": ("due",),
    "postpone": ("due",),
}
# These begin with a look at the whole vault, as all that read do; what writes a note must not, and the others need not.
_LOOKING = ("index", "status", "doctor", "sql")


def looks_first(word: str | None) -> bool:
    """Whether `vi WORD` begins with a look at the whole vault; None is `vi` alone."""
    name, *options = ALIASES.get(word, (word,)) if word else ("today",)
    if "--full" in options or name not in COMMANDS:
        return False
    return name in _LOOKING or COMMANDS[name][0].startswith(("read.", "pages."))
