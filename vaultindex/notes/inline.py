"""Links, embeds, and tags in a run of inline text: one pass from left to right, as Obsidian's reader makes it.

At each place where something may begin the constructs are tried in a fixed order; the first that fits takes its text,
and what it hides (code, math, HTML, addresses, image texts) is never looked at again. A tag begins only where the
reader stops anyway: behind white space or directly behind another construct.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import JS_SPACE
from vaultindex.notes.quick_inline import TAG_CHARACTER, split_wikilink

# What one note may cost, in characters looked at in vain: when it is used up, no more of its links and tags are read.
# Only notes made to harm come near it; it keeps them under two seconds.
MOST_WORK = 8_000_000
_STOP_COST = 24  # of one place where something might begin
# Emphasis in emphasis in a link ...: what lies deeper is not read.
DEEPEST = 60

_NO_MATH = frozenset(("", " ", "\t"))  # what may not follow a `$` that opens
_ESCAPABLE = frozenset("\\`*{}[]()#+-.!_>~|\n\"$%&',/:;<=?@^")
_ADDRESS = r"A-Za-z0-9+\-._"
_TAG = lazy_pattern(rf"#({TAG_CHARACTER}+)")
_WIKI = lazy_pattern(r"!?\[\[((?:[^\[\]\n]++|\[(?!\[)|\](?!\]))++)\]\]")
_AUTOLINK = lazy_pattern(rf"<(?:[^{JS_SPACE}>@:]|:(?!/)){{1,2000}}+(?:@|:/(?=/))[^{JS_SPACE}>]{{1,2000}}+>")
_NAME = r"[a-zA-Z_:][a-zA-Z0-9:._-]*+"
_VALUE = r"""(?:[^"'=<>`\x00-\x20]+|'[^']*'|"[^"]*")"""
OPEN_TAG = (
    rf"<[A-Za-z][A-Za-z0-9\-]*+(?:[{JS_SPACE}]++{_NAME}(?:[{JS_SPACE}]*+=[{JS_SPACE}]*+{_VALUE})?)*[{JS_SPACE}]*/?>"
)
CLOSE_TAG = rf"</[A-Za-z][A-Za-z0-9\-]*+[{JS_SPACE}]*+>"
_HTML = lazy_pattern(
    rf"{OPEN_TAG}|{CLOSE_TAG}|<!---->|<!--(?:-?[^>-])(?:-?[^-])*-->|<\?[^\n\r\u2028\u2029]*?\?>"
    rf"|<![A-Za-z]++[{JS_SPACE}]++[^>]*+>|<!\[CDATA\[[\s\S]*?\]\]>"
)
_EMAIL = lazy_pattern(rf"[{_ADDRESS}]++@([A-Za-z0-9\-._]*+)")
_URL = lazy_pattern(r"www\.|(?i:https?://)")
_DOMAIN = lazy_pattern(r"[A-Za-z0-9\-_]++(?:\.[A-Za-z0-9\-_]++)*+\.?+")
_PATH = lazy_pattern(rf"[^<{JS_SPACE}]*+")
_BREAK = lazy_pattern(r" {2,}\n")
_TICKS = lazy_pattern(r"`+")
_STRONG = {
    "*": lazy_pattern(r"\*\*((?:[^\\*]|\\[\s\S]|\*(?!\*(?!\*)))*+)\*\*"),
    "_": lazy_pattern(r"__((?:[^\\_]|\\[\s\S]|_(?!_(?!_)))*+)__"),
}
_EMPHASIS = {
    "*": lazy_pattern(r"(?:[^\\*]|\\[\s\S]|\*\*)*+"),
    "_": lazy_pattern(r"(?:[^\\_]|\\[\s\S]|__)*+"),
}
_DELETION = lazy_pattern(rf"~~(?![{JS_SPACE}])([\s\S]*?)(?<![{JS_SPACE}])~~")
_HIGHLIGHT = lazy_pattern(rf"==(?=[^{JS_SPACE}])([\s\S]*?[^{JS_SPACE}])==")
_MATH = lazy_pattern(r"\$(?=[^ \t$])(?:[^\\$]|\\[\s\S]|(?<=[ \t])\$|\$(?=[0-9]))*+\$")
_BRACKETS = lazy_pattern(r"\\[\s\S]|[\[\]]")
_NOTE = lazy_pattern(r"\\[\s\S]|[\[\]]|`+")
_FOOTNOTE = lazy_pattern(r"\[\^[^\]\n\t ]{1,999}\]")
_LABEL = lazy_pattern(r"\[((?:\\[\s\S]|[^\[\]\\])*+)(\])?")
_ENCLOSED = lazy_pattern(r"<([^>\n]*+)>")
_BARE = lazy_pattern(rf"[^{JS_SPACE}()\\]++|\\[\s\S]|[()]")
_GAP = lazy_pattern(rf"[{JS_SPACE}]*+")
_TITLE = {
    '"': lazy_pattern(r'"(?:[^"\\]|\\[\s\S])*+"'),
    "'": lazy_pattern(r"'(?:[^'\\]|\\[\s\S])*+'"),
    "(": lazy_pattern(r"\((?:[^)\\]|\\[\s\S])*+\)"),
}
_SCHEME = lazy_pattern(r"[a-z][a-z0-9+.-]*:", re.I)
_NO_BYTE = lazy_pattern(r"%(?![0-9A-Fa-f]{2})")
_BYTE = lazy_pattern(rb"%(..)")
_ENTITY = lazy_pattern(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]*));")

# Where the reader stops in plain text to try something. The look-behinds make each run be tried once, at its start.
_STOP = lazy_pattern(
    rf"[\\<\[*_`$]|!\[|\^\[|~~|==|%%|(?<=[{JS_SPACE}])#|www\.|https?://|(?<! ) {{2,}}+\n|(?<![{_ADDRESS}])[{_ADDRESS}]++@"
)


class Found(NamedTuple):
    """One construct of a run of text; `start` and `end` are offsets in it."""

    kind: str  # tag, wikilink, markdown
    start: int
    end: int
    embed: bool
    target: str  # a tag with its '#', a link's target as the reader sees it
    display: str | None


class Inline:
    """The inline pass over one note's texts, in order: an unclosed `<a ...>` in one reaches into the next."""

    def __init__(self) -> None:
        self.in_link = False
        self.left = MOST_WORK
        self.cut = False  # whether something was not read for its depth

    def read(self, text: str) -> list[Found]:
        """The links, embeds, and tags of a text, outer ones before those inside them."""
        self.text = text
        self.found: list[Found] = []
        self.brackets: dict[int, int] | None = None
        self.nested: set[int] = set()
        self.hopeless: dict[tuple[str, int], int] = {}
        self.seen: dict[str, tuple[int, int]] = {}
        self._walk(0, len(text), 0)
        return self.found

    def _walk(self, at: int, end: int, depth: int) -> None:
        """Try the constructs from `at` to `end`, a part of the text that is read on its own."""
        text = self.text
        attempts = _ATTEMPTS
        while at < end:
            self.left -= _STOP_COST
            if self.left < 0:
                return
            behind = None
            for attempt in attempts.get(text[at], ()):
                behind = attempt(self, at, end, depth)
                if behind is not None:
                    break
            if behind is None:
                stop = _STOP.search(text, at + 1, end)
                at = stop.start() if stop else end
            else:
                at = behind

    def _inside(self, at: int, end: int, depth: int) -> None:
        if depth < DEEPEST:
            self._walk(at, end, depth + 1)
        else:
            self.cut = True

    def _ahead(self, closer: str, at: int, end: int) -> bool:
        """Whether `closer` comes between `at` and `end`; looked for once for each place where it stands."""
        since, place = self.seen.get(closer, (1, 0))
        if not since <= at <= place:
            place = self.text.find(closer, at)
            if place < 0:
                place = len(self.text)
            self.seen[closer] = (at, place)
        return place < end

    # ---- what hides: escapes, addresses, HTML, code, math

    def _escape(self, at: int, end: int, depth: int) -> int | None:
        return at + 2 if at + 1 < end and self.text[at + 1] in _ESCAPABLE else None

    def _autolink(self, at: int, end: int, depth: int) -> int | None:
        if self.in_link:
            return None
        found = _AUTOLINK.match(self.text, at, end) if self._ahead(">", at, end) else None
        return found.end() if found else None

    def _html(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        if not self._ahead(">", at, end):
            return None
        if text.startswith("<?", at) and not self._ahead("?>", at, end):
            return None
        if text.startswith("<![", at) and not self._ahead("]]>", at, end):
            return None
        found = _HTML.match(text, at, end)
        if found is None:
            return None
        tag = found[0][:4].lower()
        if tag.startswith("<a "):
            self.in_link = True
        elif tag == "</a>":
            self.in_link = False
        return found.end()

    def _url(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        opened = None if self.in_link else _URL.match(text, at, end)
        if opened is None:
            return None
        domain = _DOMAIN.match(text, opened.end(), end)
        if domain is None:
            return None
        behind = domain.end()
        if text[behind - 1] == "." and (behind == end or text[behind] == "."):
            behind -= 1
        parts = text[opened.end() : behind].split(".")
        if len(parts) < 2 or "_" in parts[-1] or "_" in parts[-2]:
            return None
        path = _PATH.match(text, behind, end)
        assert path is not None
        stop = behind + len(path[0].rstrip("!*,.:?_~"))
        if text[stop - 1] == ")":
            surplus = text.count(")", behind, stop) - text.count("(", behind, stop)
            while surplus > 0:
                stop = text.rindex(")", behind, stop)
                surplus -= 1
        if text[stop - 1] == ";":
            stop -= 1
            entity = text.rfind("&", at, stop)
            if entity >= 0 and text[entity + 1 : stop].isascii() and text[entity + 1 : stop].isalpha():
                stop = entity
        return stop

    def _email(self, at: int, end: int, depth: int) -> int | None:
        if self.in_link or not self._ahead("@", at, end):
            return None
        found = _EMAIL.match(self.text, at, end)
        if found is None:
            return None
        domain = found[1]
        dot = domain.find(".")
        last = domain[-1:] if found.end() == end else ""
        if dot < 0 or dot == len(domain) - 1 or last in ("-", "_"):
            self.left -= found.end() - at
            return None
        return found.end() - (last == ".")

    def _code(self, at: int, end: int, depth: int) -> int | None:
        opened = _TICKS.match(self.text, at, end)
        assert opened is not None
        size = opened.end() - at
        if opened.end() == end or self.hopeless.get(("`", size), 0) >= end:
            return None
        for closing in _TICKS.finditer(self.text, opened.end(), end):
            if closing.end() - closing.start() == size:
                return closing.end()
        self.hopeless[("`", size)] = end
        self.left -= end - at
        return None

    def _math(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        if text.startswith("$$", at):
            closing = text.find("$$", at + 2, end) if self._ahead("$$", at + 2, end) else -1
            return closing + 2 if closing > at + 2 else None
        if self.hopeless.get(("$", 1), 0) >= end or text[at + 1 : at + 2] in _NO_MATH:
            return None
        found = _MATH.match(text, at, end)
        if found is None:
            self.hopeless[("$", 1)] = end
            return None
        return found.end()

    def _break(self, at: int, end: int, depth: int) -> int | None:
        found = _BREAK.match(self.text, at, end)
        return found.end() if found else None

    # ---- what is found

    def _tag(self, at: int, end: int, depth: int) -> int | None:
        found = _TAG.match(self.text, at, end)
        if found is None or (found[1].isascii() and found[1].isdigit()):
            return None
        self.found.append(Found("tag", at, found.end(), False, found[0], None))
        return found.end()

    def _wikilink(self, at: int, end: int, depth: int) -> int | None:
        found = _WIKI.match(self.text, at, end)
        if found is None:
            return None
        target, display = split_wikilink(found[1])
        self.found.append(Found("wikilink", at, found.end(), self.text[at] == "!", target, display))
        return found.end()

    def _link(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        image = text[at] == "!"
        if self.in_link and not image:
            return None
        opened = at + image
        close = self._closing(opened, end)
        if close is None or not text.startswith("(", close + 1) or close + 1 >= end:
            return None
        destination = self._destination(close + 2, end)
        if destination is None:
            return None
        url, behind = destination
        label = text[opened + 1 : close]
        url = _decoded(url)
        if url and not _SCHEME.match(url):
            display = (_decoded(label) or None) if image else label
            target = _percent_decoded(url).replace("\xa0", " ")
            self.found.append(Found("markdown", at, behind, image, target, display))
        if not image:
            self.in_link = True
            self._inside(opened + 1, close, depth)
            self.in_link = False
        return behind

    def _destination(self, at: int, end: int) -> tuple[str, int] | None:
        """The target of a Markdown link whose `(` is behind us, and where the link ends; None when it is none."""
        text = self.text
        at = _gap(text, at, end)
        if text.startswith("<", at) and at < end:
            enclosed = _ENCLOSED.match(text, at, end) if self._ahead(">", at, end) else None
            if enclosed is None:
                return None
            url = enclosed[1]
            behind = enclosed.end()
        else:
            behind = at
            depth = 0
            while self.left >= 0 and (part := _BARE.match(text, behind, end)) is not None:
                if part[0] == "(":
                    depth += 1
                elif part[0] == ")":
                    if depth == 0:
                        break
                    depth -= 1
                behind = part.end()
            url = text[at:behind]
        after = _gap(text, behind, end)
        if after > behind and after < end and text[after] in _TITLE:
            title = _TITLE[text[after]].match(text, after, end)
            if title is None:
                self.left -= end - after
                return None
            after = _gap(text, title.end(), end)
        if after >= end or text[after] != ")":
            self.left -= 8 * (after - at)
            return None
        return url, after + 1

    # ---- what holds more: notes, references, emphasis

    def _inline_note(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        if not text.startswith("^[", at) or at + 1 >= end:
            return None
        balance = 0
        index = at + 2
        while (part := _NOTE.search(text, index, end)) is not None:
            index = part.end()
            if part[0] == "[":
                balance += 1
            elif part[0] == "]":
                if balance == 0:
                    self._inside(at + 2, part.start(), depth)
                    return index
                balance -= 1
            elif part[0][0] == "`":
                for closing in _TICKS.finditer(text, index, end):
                    if len(closing[0]) == len(part[0]):
                        index = closing.end()
                        break
                else:
                    break
        self.left -= 8 * (end - at)
        return None

    def _footnote(self, at: int, end: int, depth: int) -> int | None:
        found = _FOOTNOTE.match(self.text, at, end)
        return found.end() if found else None

    def _reference(self, at: int, end: int, depth: int) -> int | None:
        """A bracket pair; whether anything defines it does not matter, its text is read either way."""
        text = self.text
        image = text[at] == "!"
        opened = at + image
        close = self._closing(opened, end)
        if close is None or text.startswith("^", opened + 1):
            return None
        behind = close + 1
        full = False
        if behind < end and text[behind] == "[":
            label = _LABEL.match(text, behind, end)
            assert label is not None
            full = bool(label[2] and label[1])
            behind = label.end() if label[2] else behind + 1
        elif close == opened + 1:
            return None
        if (opened in self.nested and not full) or (self.in_link and not image):
            return None
        if not image:
            before = self.in_link
            self.in_link = True
            self._inside(opened + 1, close, depth)
            self.in_link = before
        return behind

    def _closing(self, opened: int, end: int) -> int | None:
        """The `]` that closes the `[` at `opened`, if it comes before `end`."""
        if self.brackets is None:
            self.brackets = {}
            self.left -= 8 * (self.text.count("[") + self.text.count("]") + self.text.count("\\"))
            if self.left < 0:
                return None
            stack: list[int] = []
            for part in _BRACKETS.finditer(self.text):
                if part[0] == "[":
                    stack.append(part.start())
                elif part[0] == "]" and stack:
                    self.brackets[stack.pop()] = part.start()
                    if stack:
                        self.nested.add(stack[-1])
        close = self.brackets.get(opened)
        return close if close is not None and close < end else None

    def _strong(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        mark = text[at]
        if not text.startswith(mark, at + 1) or at + 1 >= end:
            return None
        if self.hopeless.get((mark, 2), 0) >= end:
            return None
        found = _STRONG[mark].match(text, at, end)
        if found is None:
            self.hopeless[(mark, 2)] = end
            return None
        if not found[1].strip(JS_SPACE):
            return None
        self._inside(at + 2, found.end() - 2, depth)
        return found.end()

    def _emphasis(self, at: int, end: int, depth: int) -> int | None:
        text = self.text
        mark = text[at]
        if self.hopeless.get((mark, 1), 0) >= end:
            return None
        body = _EMPHASIS[mark]
        index = at + 1
        blank = True
        while True:
            found = body.match(text, index, end)
            assert found is not None
            close = found.end()
            if close >= end or text[close] != mark:
                self.hopeless[(mark, 1)] = end
                return None
            blank = blank and not text[at + 1 : close].strip(JS_SPACE)
            if blank or text[close - 1] == mark:
                self.left -= 8 * (close - at)
                return None
            if mark == "_" and close + 1 < end and (text[close + 1] == "_" or _is_word(text[close + 1])):
                index = close + 1
                continue
            self._inside(at + 1, close, depth)
            return close + 1

    def _deletion(self, at: int, end: int, depth: int) -> int | None:
        return self._between("~~", _DELETION, at, end, depth)

    def _highlight(self, at: int, end: int, depth: int) -> int | None:
        return self._between("==", _HIGHLIGHT, at, end, depth)

    def _between(self, mark: str, pattern: re.Pattern[str], at: int, end: int, depth: int) -> int | None:
        """What stands between two marks, the same before and behind, and is read like any text."""
        if not self.text.startswith(mark, at) or self.hopeless.get((mark, 0), 0) >= end:
            return None
        if self.text[at + 2 : at + 3].strip(JS_SPACE) == "":
            return None
        found = pattern.match(self.text, at, end)
        if found is None:
            self.hopeless[(mark, 0)] = end
            return None
        self._inside(found.start(1), found.end(1), depth)
        return found.end()

    def _comment_mark(self, at: int, end: int, depth: int) -> int | None:
        return at + 2 if self.text.startswith("%%", at) and at + 1 < end else None


# Which constructs may begin with a character, in the order they are tried.
_WORD = (Inline._url, Inline._email)
_ATTEMPTS = {
    "\\": (Inline._escape,),
    "<": (Inline._autolink, Inline._html),
    "[": (Inline._wikilink, Inline._link, Inline._footnote, Inline._reference),
    "!": (Inline._wikilink, Inline._link, Inline._reference),
    "^": (Inline._inline_note,),
    "*": (Inline._strong, Inline._emphasis),
    "_": (Inline._email, Inline._strong, Inline._emphasis),
    "~": (Inline._deletion,),
    "`": (Inline._code,),
    " ": (Inline._break,),
    "#": (Inline._tag,),
    "$": (Inline._math,),
    "=": (Inline._highlight,),
    "%": (Inline._comment_mark,),
    "+": (Inline._email,),
    "-": (Inline._email,),
    ".": (Inline._email,),
    **dict.fromkeys("hHw", _WORD),
    **dict.fromkeys("ABCDEFGIJKLMNOPQRSTUVWXYZabcdefgijklmnopqrstuvxyz0123456789", (Inline._email,)),
}


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def _gap(text: str, at: int, end: int) -> int:
    found = _GAP.match(text, at, end)
    assert found is not None
    return found.end()


def _decoded(text: str) -> str:
    """Backslash escapes and character references resolved."""
    if "\\" in text:
        text = re.sub(r"\\([\s\S])", lambda m: m[1] if m[1] in _ESCAPABLE else m[0], text)
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    return text


def _entity(reference: re.Match[str]) -> str:
    from html.entities import html5

    if reference[3]:
        return html5.get(reference[3] + ";", reference[0])
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return chr(code)


@lru_cache(maxsize=512)
def _percent_decoded(url: str) -> str:
    """Percent codes read as UTF-8; the text as it is when any of them is malformed."""
    if "%" not in url or _NO_BYTE.search(url):
        return url
    try:
        return _BYTE.sub(lambda code: bytes.fromhex(code[1].decode()), url.encode()).decode()
    except UnicodeDecodeError:
        return url
