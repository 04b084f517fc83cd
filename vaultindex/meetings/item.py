"""One item taken apart: what is to be done, by whom, by when; whatever stands around the sentence.

Dates and owners are taken off the end and the front of a text, where people put them. In the middle they are words of
the sentence and stay.
"""

import re
from functools import cache
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.nobody import NOBODY
from vaultindex.base.text import fold
from vaultindex.meetings.when import Day, due_at_end, is_weekday, read_day, said_day, without_by
from vaultindex.meetings.who import (
    OWNER_LABEL,
    STRICT_OWNER,
    Known,
    is_full_name,
    is_name,
    named_owner,
    plain,
    said_owner,
)


class Claim(NamedTuple):
    """Who the owner is if the vault has a person of this name, and the text then."""

    name: str
    text: str


class Said(NamedTuple):
    """An item as it was understood. `rules`: (field, the characters, why) of each thing that was found."""

    text: str
    owner: str | None
    due: Day | None
    claim: Claim | None
    rules: tuple[tuple[str, str, str], ...]


_OPEN, _CLOSE = "([（【{", ")]）】}"
_END_BRACKET = lazy_pattern(r"\s*(@?(?:due)?[(\[（【{])([^()\[\]（）【】{}]*)[)\]）】}]$", re.I)
_END_LINK = lazy_pattern(r"\s*(?:[-–—→,|]|->|=>)?\s*@?\[\[([^\[\]]+)\]\]$")
_REMINDER = lazy_pattern(
    r"\s*(?:\(@\s*(\d[^()]{5,30})\)|@\{\s*([^{}]+)\}(?:\s*@@\{[^{}]*\})?|@(?:due|date)\(([^()]+)\)|\[\[(\d{4}-\d\d-\d\d)\]\])$",
    re.I,
)
_FIELD = lazy_pattern(
    r"\s*[\[(]\s*(?P<key>[^\W\d_][\w -]{1,20}?)\s*::\s*(?P<value>(?:\[\[[^\[\]]*\]\]|[^\[\]()])*)[\])]\s*$"
)
_PIECES = lazy_pattern(r"\s*[,;|·•]\s*|\s+[-–—/]{1,2}\s+|\s*—\s*|、|，|\s+(?=(?:due|by|bis|until)\s)", re.I)
_SEPARATOR = lazy_pattern(
    r"(?:\s+[_*]*(?:[-–—]{1,3}|->|=>|/|\||·|•|→|⇒)\s+|\s*(?:—|→|⇒|->|=>)\s*|\s*[;,、，]\s*|\s*[.。]\s+(?=(?:owner|due|assigned|responsible|deadline|担当|期限)))",
    re.I,
)
_SEPARATES = lazy_pattern("[–—>/|·•→⇒;,、，.。-]")  # what each of them has
_AT_END = lazy_pattern(r"\s+@([^\W\d_][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,3})$")
_TAG_AT_END = lazy_pattern(r"\s+#([^\s#,.;:!?()\[\]]+)$")
_FRONT_TAG = lazy_pattern(r"#([^\s#,.;:!?()\[\]]+)[\s:]+")
_EMPTY_OWNER = lazy_pattern(
    r"(?:owner|assignee|assigned to|responsible|who|due|due date|deadline|by|bis|担当|期限)?\s*[:：]*\s*", re.I
)

# In front of the text: '**Dana**: x', 'Dana Leigh – x', '[[Dana]] → x', '(Dana) x', '[Dana] x', '@Dana: x'.
_NAME = r"[^\W\d_][^\n:：()\[\]{}→*|]{0,48}?"
_FRONT = lazy_pattern(
    rf"(?:\*\*|__|\*|_)?\s*@?(?:\[\[(?P<link>[^\[\]]+)\]\]|(?P<name>{_NAME}))\s*(?:\([^()]{{1,30}}\)\s*)?"
    r"(?:[:：]\s*(?:\*\*|__|\*|_)|(?:\*\*|__|\*|_)\s*[:：]|[:：](?!/)|(?:\*\*|__|\*)?\s+[-–—]{1,2}\s+(?:\*\*)?|(?:\*\*)?\s*(?:→|⇒|->|=>)|(?:\*\*|__)?\s+/\s+|\s*—|(?:\*\*|__)\s+(?=\S)|\s+\|)\s*(?=\S)"
)
_FRONT_BRACKET = lazy_pattern(
    r"(?:\*\*)?[(\[（【](?P<name>[^()\[\]（）【】]{2,60})[)\]）】](?:\*\*)?\s*[:：–—-]?\s*(?=\S)"
)
_FRONT_LINK = lazy_pattern(r"(?:\*\*)?@?\[\[(?P<link>[^\[\]]+)\]\](?:\*\*)?\s*(?=\S)")
_FRONT_AT = lazy_pattern(r"@(?P<name>[^\W\d_][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,3})\s*[:：,–—-]?\s+(?=\S)")
_FRONT_BEGINS = {_FRONT_BRACKET: "*([（【", _FRONT_LINK: "*@[", _FRONT_AT: "@"}
_FRONT_SIGN = lazy_pattern("[:：–—→⇒=/*_|-]")  # one of them stands behind the name
_TO_DO = lazy_pattern(
    r"\s*(?:to|will|shall|should|must|needs? to|has to|have to|is to|are to|is going to|is responsible for|agreed to|'ll|’ll|takes?|owns?|"
    r"soll(?:te)?|wird|muss|kümmert sich um|übernimmt|doit|va|devra|se charge de|s'occupe de|pour|debe(?:rá)?|va a|tiene que|se encarga de|"
    r"deve(?:rá)?|vai|tem que|dovrà|si occupa di|zal|moet|gaat|ska|skal|må|должен|должна)\s+(?=\S)",
    re.I,
)
_SIGNS_IN_FRONT = lazy_pattern(r"^[^\w\s\[(（【@#*_\"'`<$~=+|-]+\s*")
_FRONT_DATE = lazy_pattern(
    r"(?:\*\*)?[\[(]?(?P<day>\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})[\])]?(?:\*\*)?\s*(?:[:：–—-]\s*|\s)(?=\S)"
)
_MARKS = lazy_pattern(
    r"\s*(?:[🔺⏫🔼🔽⏬❗‼️⚠️🔥🟢🟡🔴⭐]|\((?:high|medium|low|urgent|p[0-4]|hoch|mittel|niedrig|alta|media|baja)(?: priority)?\)|\[(?:high|medium|low|p[0-4])\])$",
    re.I,
)
_STATUS = lazy_pattern(
    r"(?:status\s*[:：]\s*)?(?:open|offen|pending|todo|to do|new|in progress|ongoing|not started|high|medium|low|p[0-4]|(?:high|medium|low) priority|priority\s*[:：]?\s*\w+|abierto|pendiente|ouvert|en cours|\d+%)",
    re.I,
)
_STAMP = lazy_pattern(
    r"\s*[(\[]?(?:@\s*)?\d{1,2}:\d\d(?::\d\d)?[)\]]?(?:\(https?://[^)]*\))?$|\s*\[[^\[\]]*\]\(https?://[^)\s]*\)$"
)


class _Reading:
    """The text as it shrinks, and what was found."""

    def __init__(
        self,
        text: str,
        known: Known,
        day: str | None,
        month_first: bool | None,
        owner: str | None,
        due: bool,
        loose: bool,
    ):
        self.loose = loose
        self.text, self.known, self.day, self.month_first = text, known, day, month_first
        self.owner: str | None = owner
        self.asks_owner, self.asks_due = owner is None, due
        self.due: Day | None = None
        self.claim: tuple[str, str] | None = None
        self.rules: list[tuple[str, str, str]] = []

    def found_owner(self, name: str, characters: str, why: str) -> None:
        self.owner, self.asks_owner = name, False
        self.rules.append(("owner", characters.strip(), why))

    def found_due(self, day: Day, characters: str, why: str) -> None:
        self.due, self.asks_due = day, False
        self.rules.append(("due", characters.strip(), why))

    # --- the end

    def end(self) -> bool:
        """Take one thing off the end; False when there is none."""
        text = self.text.rstrip(" \t.,;。、*_|")
        return (
            self._reminder(text)
            or self._bracket(text)
            or self._link(text)
            or self._due(text)
            or self._piece(text)
            or self._at(text)
            or self._tag(text)
        )

    def _reminder(self, text: str) -> bool:
        if not self.asks_due or text[-1:] not in ")}]":
            return False
        match = _REMINDER.search(text)
        if match is None:
            return False
        value = match[1] or match[2] or match[3] or match[4]
        day = read_day(value, self.day, self.month_first)
        if day is None:
            return False
        self.found_due(day, match[0], "a date in the form of a reminder")
        self.text = without_by(text[: match.start()])
        return True

    def _bracket(self, text: str) -> bool:
        if text[-1:] not in _CLOSE:
            return False
        field = _FIELD.search(text) if "::" in text else None
        if field:
            key, value = fold(field["key"]), field["value"].strip()
            if (
                self.asks_owner
                and key in ("owner", "assignee", "assigned", "who", "responsible")
                and (name := named_owner(value, self.known))
            ):
                self.found_owner(name, field[0], "an owner's field")
            elif (
                self.asks_due
                and key in ("due", "due date", "deadline", "by")
                and (day := read_day(value, self.day, self.month_first))
            ):
                self.found_due(day, field[0], "a field")
            else:
                return False
            self.text = text[: field.start()]
            return True
        match = None if text.endswith("]]") else _END_BRACKET.search(text)
        if match is None or not match[2].strip():
            return False
        if self._take(match[2], match[0], "in brackets at the end"):
            self.text = text[: match.start()]
            return True
        return False

    def _take(self, inside: str, characters: str, where: str) -> bool:
        """Whether all of `inside` is an owner and a due date (or one of them, or a word that says nothing): takes them."""
        owner, due = None, None
        name = self.known.get(plain(inside)) or self.known.several(plain(inside))
        pieces = [inside] if name else [p for p in _PIECES.split(plain(inside)) if p.strip()]
        if not 1 <= len(pieces) <= 4:
            return False
        for piece in pieces:
            piece = piece.strip(" .")
            day = (
                (said_day(piece, self.day, self.month_first) or read_day(piece, self.day, self.month_first))
                if self.asks_due and due is None
                else None
            )
            if day:
                due = day
                continue
            name = self._person(piece) if owner is None else None
            if name:
                owner = name
            elif not (
                _STATUS.fullmatch(piece)
                or (fold(piece.rpartition(":")[2]).strip() in NOBODY)
                or _EMPTY_OWNER.fullmatch(piece)
            ):
                return False
        if owner and not self.asks_owner:
            return False
        if owner is None and due is None:
            # Only 'TBD', 'Owner: -', 'high': it says nothing, but it is no part of the sentence either.
            return (len(pieces) == 1 and bool(re.match(r"(?:owner|assignee|due)\s*:", inside, re.I))) or all(
                fold(p) in ("tbd", "unassigned") for p in pieces
            )
        if owner:
            self.found_owner(owner, characters, where)
        if due:
            self.found_due(due, characters, where)
        return True

    def _person(self, text: str) -> str | None:
        """The person that all of the text names here; None when nobody says that it is one."""
        return said_owner(text, self.known) or self.known.get(plain(text)) or self.known.several(plain(text))

    def _link(self, text: str) -> bool:
        if not self.asks_owner or not text.endswith("]]"):
            return False
        if not self.known.get(plain(text[text.rfind("[[") :])):
            return False
        match = _END_LINK.search(text)
        if match is None or match.start() == 0:
            return False
        name = self.known.get(plain(f"[[{match[1]}]]"))
        if name:
            self.found_owner(name, match[0], "a link at the end")
            self.text = text[: match.start()]
            return True
        return False

    def _due(self, text: str) -> bool:
        if not self.asks_due:
            return False
        found = due_at_end(text, self.day, self.month_first)
        if found is None or not found[0].strip():
            return False
        self.text, day, characters = found
        self.found_due(day, characters, "behind a word that says by when")
        return True

    def _piece(self, text: str) -> bool:
        """What stands behind the last separator: 'x — Dana', 'x | 2026-03-10', 'x, owner: Dana'."""
        cuts = list(_SEPARATOR.finditer(text)) if _SEPARATES.search(text) else []
        label = None
        if self.asks_owner and _may_say_who(text):
            for label in _owner_words().finditer(text):
                name = said_owner(text[label.start() :], self.known)
                if name and label.start() > 0:
                    self.found_owner(name, text[label.start() :], "a word that says who")
                    self.text = text[: label.start()].rstrip(" ,;(–—-")
                    return True
        for cut in reversed(cuts[-3:]):
            piece = text[cut.end() :].strip()
            if not piece or cut.start() == 0:
                continue
            loose = cut[0].strip() in (",", ";", "、", "，", "/")
            if self.asks_due and (
                day := said_day(piece, self.day, self.month_first)
                or (
                    None
                    if loose and not (piece[:1].isdigit() or is_weekday(piece))
                    else read_day(piece, self.day, self.month_first)
                )
            ):
                self.found_due(day, piece, "behind the last dash or comma")
            elif self.asks_owner and (name := self._person(piece)):
                self.found_owner(name, piece, "behind the last dash or comma")
            elif (not loose and self._take(piece, piece, "behind the last dash")) or (
                not loose
                and (_STATUS.fullmatch(piece) or fold(piece) in ("tbd", "unassigned", "n/a"))
                and (self.owner or self.due or self.asks_owner)
            ):
                pass
            else:
                if self.asks_owner and not loose and self.claim is None and is_full_name(piece):
                    self.claim = (piece, text[: cut.start()])
                return False
            self.text = text[: cut.start()]
            return True
        return False

    def _at(self, text: str) -> bool:
        match = _AT_END.search(text) if self.asks_owner and "@" in text else None
        name = self.known.get(match[1]) if match else None
        if match is None or name is None:
            return False
        self.found_owner(name, match[0], "behind '@' at the end")
        self.text = text[: match.start()]
        return True

    def _tag(self, text: str) -> bool:
        match = _TAG_AT_END.search(text) if self.asks_owner and self.known and "#" in text else None
        name = self.known.tagged(match[1]) if match else None
        if match is None or name is None:
            return False
        self.found_owner(name, match[0], "a tag that is a person's name")
        self.text = text[: match.start()]
        return True

    # --- the front

    def front(self) -> bool:
        """Take an owner (or a date) off the front; False when there is none."""
        text = _SIGNS_IN_FRONT.sub("", self.text.lstrip())
        if (
            self.loose
            and self.asks_due
            and (match := _FRONT_DATE.match(text))
            and (day := read_day(match["day"], self.day, self.month_first))
        ):
            self.found_due(day, match[0], "in front")
            self.text = text[match.end() :]
            return True
        if not self.asks_owner:
            return False
        if text[:1] == "#":
            tag = _FRONT_TAG.match(text)
            name = self.known.tagged(tag[1]) if tag else None
            if tag and name:
                self.found_owner(name, tag[0], "a tag that is a person's name")
                self.text = text[tag.end() :]
                return True
        begins = text[:1]
        for pattern in (_FRONT_BRACKET, _FRONT, _FRONT_LINK, _FRONT_AT):
            # What each of them cannot do without is looked for first: most texts have nothing of it.
            if begins not in _FRONT_BEGINS[pattern] if pattern is not _FRONT else not _FRONT_SIGN.search(text):
                continue
            match = pattern.match(text)
            if match is None:
                continue
            link = match.groupdict().get("link")
            given = plain(f"[[{link}]]") if link else match["name"].strip(" *_@")
            rest = text[match.end() :]
            name = self.known.get(given) or self.known.several(given)
            if name is None and pattern is _FRONT_AT and (begun := self._begins_with(given)):
                name, rest = begun[0], text[match.start("name") + begun[1] :].lstrip(" :：,–—-")
            if (
                name is None
                and pattern is _FRONT_AT
                and is_name(given)
                and text[match.end() - 2 : match.end() - 1] in ":：–—-,"
            ):
                name = given
            if name is None:
                label = OWNER_LABEL.match(given)
                name = said_owner(given, self.known) if label else None
            if name is not None:
                self.found_owner(name, match[0], "a person's name in front")
                self.text = _without_to(rest)
                return True
            if (
                self.claim is None
                and (is_full_name(given) or (link and is_name(given)))
                and (pattern is not _FRONT_LINK or _TO_DO.match(rest))
            ):
                self.claim = (given, _without_to(rest))
        return self._sentence(text)

    def _begins_with(self, text: str) -> tuple[str, int] | None:
        """The person whose name words begin with, and where it ends: of '@Sam Okoro Draft the plan'."""
        words = text.split(" ")
        for count in range(len(words) - 1, 0, -1):
            given = " ".join(words[:count])
            if name := self.known.get(given):
                return name, len(given)
        return None

    def _sentence(self, text: str) -> bool:
        """'Dana to send it', 'Dana will send it', 'Dana and Sam to send it', 'Dana sends it'."""
        if not self.known and text.isascii():
            # Only a name of two words can be anybody's then.
            second = text.split(" ", 2)[1:2]
            if not second or not (second[0][:1].isupper() or second[0].startswith(_PARTICLES)):
                return False
        words = re.match(
            r"(?:\*\*|__)?(?P<a>[^\W\d_][\w'’.-]*)(?P<b>(?: (?:[^\W\d_a-z][\w'’.-]*|van|von|de|der|den|del|da|di)){0,3})(?:\*\*|__)?(?P<more>(?:\s*(?:,|&|/|and|und|et|y|e)\s+[^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,2}){0,3})(?=[\s'’])",
            text,
        )
        if words is None:
            return self._east(text)
        given = words["a"] + words["b"]
        name = self.known.get(given)
        end = words.end() if name and words["more"] and self.known.several(given + words["more"]) else words.end("b")
        if name is None and words["b"]:
            name, end = self.known.get(words["a"]), words.end("a")
            if name and text[end + 1 : end + 2].isupper():
                return False  # 'Dana Smith' is not our Dana
        rest = text[end:].lstrip("*_")
        to = _TO_DO.match(rest)
        east = not given.isascii() and not any(c.isupper() or c.islower() for c in given)  # '李娜 准备演示'
        if name is not None and (to or re.match(r"\s+[^\W\d_]" if east else r"\s+[a-zà-ÿ]", rest)):
            self.found_owner(name, text[: words.end() if to else end], "a sentence about a person who is to do it")
            if to or east:
                self.text = rest[to.end() :] if to else rest
            return True
        if name is None and to and self.claim is None and is_full_name(given):
            self.claim = (given, rest[to.end() :])
        return False

    def _east(self, text: str) -> bool:
        """'田中さんが...', '田中：...'."""
        match = re.match(r"(?P<name>[^\W\d_\s]{1,8}?(?:さん|氏|様)?)(?:が|は|：|:)\s*", text)
        name = self.known.get(match["name"]) if match else None
        if match is None or name is None:
            return False
        self.found_owner(name, match[0], "a person's name in front")
        self.text = text[match.end() :]
        return True


_PARTICLES = ("van", "von", "de", "da", "di")


def _without_to(text: str) -> str:
    """The text without the words in front that only say that it is to be done."""
    match = _TO_DO.match(text)
    return text[match.end() :] if match else text


# What every word for an owner has in it, looked for first: the whole list of them is long.
_OWNER_WORDS_BEGIN = (
    "own", "assign", "resp", "action by", "who", "lead", "dri", "poc", "verantw", "zust", "wer", "porteur", "pilote",
    "charge", "encarg", "asigna", "atribu", "eigen", "ansvar", "vastuu", "odpow", "sorumlu", "cargo",
)  # fmt: skip
_OWNER_PHRASES = ("assigned to", "owned by", "asignad", "assegnato a", "a cargo de", "action by")  # without a colon
_OWNER_SAID = lazy_pattern("|".join(_OWNER_WORDS_BEGIN) + "|ответ|испол|отв|担当|責任|负责|责任|담당", re.I)


def _may_say_who(text: str) -> bool:
    """Whether a word for an owner may stand in the text: quickly, for there is none in most."""
    if not text.isascii():
        return _OWNER_SAID.search(text) is not None
    low = text.lower()
    for word in _OWNER_WORDS_BEGIN if ":" in low or "=" in low else _OWNER_PHRASES:  # noqa: SIM110 - twice as fast
        if word in low:
            return True
    return False


@cache
def _owner_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\s,;|(（—–-])(?:{STRICT_OWNER.pattern})", re.I)


def take_apart(
    text: str,
    known: Known,
    day: str | None,
    month_first: bool | None = None,
    *,
    owner: str | None = None,
    due: bool = True,
    loose: bool = False,
) -> Said:
    """The item that a text is.

    `owner`: who is known already; `due`: whether a date is looked for; `day`: the note's date. `loose`: it stands in a
    list of action items without a box, where a time stamp behind it and a date in front are not its own words either.
    """
    reading = _Reading(text, known, day, month_first, owner, due, loose)
    stamp = None if loose or text[-1:] not in _CLOSE else _STAMP.search(text)
    if (
        stamp and stamp[0].lstrip()[:1] in _OPEN
    ):  # of a box: a place in a recording, when an owner or a date stands before it
        reading.text = text[: stamp.start()]
        if not reading.end():
            reading.text = text
    for _ in range(6):
        if loose:
            reading.text = _STAMP.sub("", reading.text)
        if not reading.end():
            break
    found_at_end = bool(reading.rules) or reading.text != text
    after = reading.text
    for _ in range(2):
        if not reading.front():
            break
    claim = None
    if reading.claim and reading.owner is None:
        name, rest = reading.claim
        # A claim on the end was made before the front was read, one on the front holds the end as it is now.
        claim = Claim(name, rest.strip(" \t"))
    if not reading.rules and claim is None and not found_at_end:
        return Said(text, owner, None, None, ())
    left = reading.text.strip(" \t")
    if found_at_end or after != reading.text:
        left = left.rstrip(" ,;:|·–—-") if found_at_end else left
    for sign in ("*", "_"):  # an emphasis of which one end was taken off
        if found_at_end and left.endswith((f" {sign}", f" {sign}{sign}")):
            left = left.rstrip(" " + sign)
    if not left or not any(c.isalnum() for c in left):
        return Said(text, owner, None, None, ())
    return Said(left, reading.owner, reading.due, claim, tuple(reading.rules))
