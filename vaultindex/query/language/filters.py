"""One filter line -> its node: every filter of the Tasks plugin but those that need JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from vaultindex.base.text import JS_SPACE
from vaultindex.dates.ranges import query_range
from vaultindex.query.language import boolean
from vaultindex.query.language.explain import Explained, long_day
from vaultindex.query.nodes import tree
from vaultindex.query.nodes.errors import QueryError, nearest
from vaultindex.tasks.plugin_settings import TYPES

_S = f"[{JS_SPACE}]"

# What the plugin's people write with `filter by function`, and the plain filter that says it.
_INSTEAD = (
    ("description", "description includes TEXT"),
    ("path", "path includes TEXT"),
    ("file", "folder includes TEXT"),
    ("tags", "tags include #TAG"),
    ("heading", "heading includes TEXT"),
    ("status", "status.type is TODO"),
    ("priority", "priority is above none"),
    ("due", "due before tomorrow"),
    ("scheduled", "scheduled before tomorrow"),
    ("start", "starts before tomorrow"),
    ("created", "created after last week"),
    ("done", "done after last week"),
    ("happens", "happens before tomorrow"),
    ("recur", "is recurring"),
    ("blocked", "is blocked"),
    ("blocking", "is blocking"),
    ("dependsOn", "has depends on"),
    ("urgency", "sort by urgency"),
    ("id", "id includes TEXT"),
)


def javascript(what: str, code: str) -> QueryError:
    """The refusal of JavaScript, with the nearest instruction that needs none."""
    near = next((plain for word, plain in _INSTEAD if word.lower() in code.lower()), None)
    if what == "sort":
        plain = "'sort by F' and 'sort by F reverse', with F such as due, priority, urgency, description"
    elif what == "group":
        plain = "'group by F' and 'group by F reverse', with F such as due, folder, heading, tags"
    else:
        plain = f"a plain filter such as '{near or 'description includes TEXT'}'"
    return QueryError(
        "js_disabled",
        f"'{what} by function' is JavaScript: the Tasks plugin does not run it by default and vaultindex never does."
        f" Use {plain}.",
    )


class Reader(NamedTuple):
    """Reads filter lines as of one day."""

    today: date

    def read(self, line: str, depth: int = 0) -> Explained:
        """The node of a line, with its explanation. Raises QueryError."""
        for reader in _READERS:
            found = reader(self, line)
            if found:
                return found
        if boolean.looks_boolean(line):
            whole = boolean.parse(line, self.read, depth)
            return Explained(line, whole.node, tuple(whole.shown()))
        raise QueryError("unknown_instruction", _unknown(line))


def _unknown(line: str) -> str:
    near = nearest(line.lower(), EXAMPLES, 0.7)
    hint = f" Did you mean '{near}'?" if near else ""
    if " #" in line:
        hint = hint or " A comment stands in a line of its own."
    return f"This instruction is not understood.{hint}"


# ---------------------------------------------------------------- whole lines that mean one thing

_PHRASES: dict[str, tree.Node] = {
    "done": tree.Done(),
    "not done": tree.Not(tree.Done()),
    "is recurring": tree.Has("recurrence"),
    "is not recurring": tree.Not(tree.Has("recurrence")),
    "exclude sub-items": tree.ExcludeSubItems(),
    "is blocked": tree.Blocked(),
    "is not blocked": tree.Not(tree.Blocked()),
    "is blocking": tree.Blocking(),
    "is not blocking": tree.Not(tree.Blocking()),
}
for _what in ("tags", "id", "depends on"):
    for _word in ("tag", "tags") if _what == "tags" else (_what,):
        _PHRASES |= {f"has {_word}": tree.Has(_what), f"no {_word}": tree.Not(tree.Has(_what))}
for _date in ("due", "scheduled", "start", "created", "done", "cancelled", "happens"):
    _PHRASES |= {f"has {_date} date": tree.Has(_date), f"no {_date} date": tree.Not(tree.Has(_date))}
    if _date != "happens":
        _PHRASES[f"{_date} date is invalid"] = tree.DateInvalid(_date)
_MEANING = {
    "done": "status type is DONE or CANCELLED or NON_TASK",
    "not done": "status type is TODO or IN_PROGRESS or ON_HOLD",
}
EXAMPLES = (
    *_PHRASES,
    "due before tomorrow", "due today", "happens before tomorrow", "starts before tomorrow", "status.type is todo",
    "priority is above none", "description includes", "tags include", "path includes", "heading includes",
    "sort by due", "sort by priority", "sort by urgency", "group by filename", "group by due", "limit 10",
    "short mode", "hide due date",
)  # fmt: skip


def _phrase(reader: Reader, line: str) -> Explained | None:
    said = _lower(line)
    node = _PHRASES.get(said)
    if node is None:
        return None
    return Explained(line, node, ((0, _MEANING[said]),) if said in _MEANING else ())


def _lower(text: str) -> str:
    """Lower case for keywords: ASCII only, as in JavaScript's patterns with the flag i."""
    return text.lower() if text.isascii() else text


# ---------------------------------------------------------------- status.type, priority, function

_STATUS_TYPE = re.compile(r"status\.type (is|is not) ([^ ]+)\Z", re.IGNORECASE)
_PRIORITY = re.compile(
    rf"priority(?:{_S}+is)?(?:{_S}+(above|below|not))?{_S}+(lowest|low|none|medium|high|highest)\Z", re.IGNORECASE
)
_FUNCTION = re.compile("filter by function (.*)", re.IGNORECASE | re.DOTALL)


def _status_type(reader: Reader, line: str) -> Explained | None:
    if _lower(line[:11]) != "status.type":
        return None
    match = _STATUS_TYPE.match(line)
    kind = match[2].upper() if match else ""
    if not match or kind not in (*TYPES, "EMPTY"):  # EMPTY is a type that no task can have
        reason = (
            f"After status.type stands 'is' or 'is not', then one of {' '.join(TYPES)}: status.type is not NON_TASK."
        )
        raise QueryError("status_type", reason)
    return Explained(line, tree.negated(tree.StatusType(kind), match[1].lower() == "is not"))


def _priority(reader: Reader, line: str) -> Explained | None:
    match = _PRIORITY.match(line)
    if not match:
        return None
    how, level = (match[1] or "is").lower(), match[2].lower()
    node: tree.Node = tree.Priority("is" if how == "not" else how, level)
    meaning = f"priority is {match[2]}"
    lines = ((0, meaning),) if how == "is" and meaning != line else ()
    return Explained(line, tree.negated(node, how == "not"), lines)


def _function(reader: Reader, line: str) -> Explained | None:
    match = _FUNCTION.match(line)
    if match:
        raise javascript("filter", match[1])
    return None


# ---------------------------------------------------------------- text

_TEXT = re.compile(
    r"(status\.name|path|folder|root|description|heading|filename|recurrence|id)"
    r" (includes|does not include|regex matches|regex does not match) (.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_TAGS = re.compile(
    r"tags? (include|includes|do not include|does not include|regex matches|regex does not match) (.*)\Z",
    re.IGNORECASE | re.DOTALL,
)


def _text(reader: Reader, line: str) -> Explained | None:
    match = _TEXT.match(line)
    if match:
        return _tested(line, match[1].lower(), match[2].lower(), match[3])
    match = _TAGS.match(line)
    return _tested(line, "tags", match[1].lower(), match[2]) if match else None


def _tested(line: str, field: str, how: str, value: str) -> Explained:
    negate = "not" in how
    if not how.startswith("regex"):
        return Explained(line, tree.negated(tree.Includes(field, value), negate))
    from vaultindex.query.language import regexes

    pattern, flags = regexes.parse(line, value)
    said = f"with flag{'s' * (len(flags) > 1)} '{''.join(sorted(flags))}'" if flags else "with no flags"
    # The pattern stands below the pattern of the instruction.
    shown = f"{'using regex:':{max(len(line) - len(value) - 2, 0)}}'{regexes.source(pattern)}' {said}"
    return Explained(line, tree.negated(tree.Matches(field, pattern, flags), negate), ((0, shown),))


# ---------------------------------------------------------------- dates

_DATE = re.compile(
    r"(due|done|scheduled|starts|created|cancelled|happens)"
    r" (((?:on|in) or before|before|(?:on|in) or after|after|on|in)? ?(.*))\Z",
    re.IGNORECASE | re.DOTALL,
)
_TEMPLATES = ("<%", "YYYY-MM-DD")
_NAMES = {"starts": "start date", "happens": "due, start or scheduled date"}


def _date_filter(reader: Reader, line: str) -> Explained | None:
    match = _DATE.match(line)
    if not match:
        return None
    said, how, phrase = match[1].lower(), (match[3] or "").lower(), match[4]
    for template in _TEMPLATES:
        if template in line:
            reason = f"'{template}' is a template's text that was never filled in: write a date such as 'today' there."
            raise QueryError("template_text", reason)
    days = query_range(phrase, reader.today, match[2])
    if days is None:
        what = "start" if said == "starts" else said
        known = "today, 2025-10-07, next monday, in two weeks, this month"
        reason = f"The {what} date is not understood. Dates look like: {known}."
        raise QueryError("date", reason)
    start, end = days
    meaning = ""
    if how == "before":
        meaning, start, end = f"is before {long_day(start or '')}", None, _day_before(start)
    elif how == "after":
        meaning, start, end = f"is after {long_day(end or '')}", _day_after(end), None
    elif how.endswith("or before"):
        meaning, start = f"is on or before {long_day(end or '')}", None
    elif how.endswith("or after"):
        meaning, end = f"is on or after {long_day(start or '')}", None
    elif start == end:
        meaning = f"is on {long_day(start or '')}"
    name = _NAMES.get(said, f"{said} date")
    lines = (
        [(0, f"{name} {meaning}")]
        if meaning
        else [
            (0, f"{name} is between:"),
            (1, f"{long_day(start or '')} and"),
            (1, f"{long_day(end or '')} inclusive"),
        ]
    )
    if said == "happens":
        return Explained(line, tree.Or(tuple(tree.DateIn(field, start, end) for field in tree.HAPPENS)), tuple(lines))
    field = "start" if said == "starts" else said
    node: tree.Node = tree.DateIn(field, start, end)
    if said == "starts":
        node = tree.Or((node, tree.Not(tree.Has("start"))))
        if meaning:
            lines = [(0, f"{name} {meaning} OR no start date")]
        else:
            lines.append((1, "OR no start date"))
    return Explained(line, node, tuple(lines))


def _day_before(day: str | None) -> str:
    found = date.fromisoformat(day or "").toordinal() - 1
    return date.fromordinal(found).isoformat() if found else "0000-12-31"


def _day_after(day: str | None) -> str:
    found = date.fromisoformat(day or "").toordinal() + 1
    return date.fromordinal(found).isoformat() if found <= date.max.toordinal() else "9999-12-32"


# In the plugin's order of fields, where two could claim a line.
_READERS: tuple[Callable[[Reader, str], Explained | None], ...] = (
    _phrase, _status_type, _priority, _date_filter, _text, _function,
)  # fmt: skip
