"""Note text on a page: escaped first; links, tags, emphasis, code and checkboxes marked up by our own reading.

Nothing that a note holds becomes HTML, and nothing is loaded: an image is its name, an address a link only when it is http,
https or mailto.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup, escape

from vaultindex.base.text import safe

_MOST = 20_000  # characters of one line that are read for marks; the rest stands as it is
_PARTS = re.compile(
    r"(?P<code>`[^`\n]{1,500}`)"
    r"|(?P<wiki>!?\[\[[^\[\]\n]{1,500}\]\])"
    r"|(?P<link>!?\[[^\[\]\n]{0,300}\]\((?:[^()\s]|\([^()\s]{0,200}\)){1,1000}\))"
    r"|(?P<url>https?://[^\s<>\"'`\[\]()]{1,1000})"
    r"|(?P<bold>\*\*[^*\n]{1,500}\*\*)"
    r"|(?P<tag>(?<![^\s(])#[^\s#.,;:!?()\[\]'\"<>`]{1,100})"
)
_BOX = re.compile(r"^(\s*(?:[-*+]|\d{1,9}[.)])\s+)\[(.)\]\s")
_HEADING = re.compile(r"^#{1,6}\s")


def note_url(path: str, line: int | None = None, base: str = "") -> str:
    """The address of a note's page, at a line; `base` is the beginning of the addresses of its vault."""
    return f"{base}/note/{quote(path, safe='/')}" + (f"#L{line}" if line else "")


def marked(text: str, targets: Mapping[str, str | None] | None = None, base: str = "") -> Markup:
    """One line of note text as HTML. `targets` are the notes that its links lead to, by link path; `base` as above."""
    out: list[Markup] = []
    at = 0
    for found in _PARTS.finditer(text[:_MOST]):
        out.append(escape(safe(text[at : found.start()])))
        out.append(_part(found.lastgroup or "", safe(found.group()), targets, base))
        at = found.end()
    out.append(escape(safe(text[at:])))
    return Markup("").join(out)


def _part(kind: str, text: str, targets: Mapping[str, str | None] | None, base: str) -> Markup:
    if kind == "code":
        return Markup("<code>{}</code>").format(text[1:-1])
    if kind == "bold":
        return Markup("<strong>{}</strong>").format(text[2:-2])
    if kind == "tag":
        word = text[1:]
        if word.isdigit():
            return escape(text)
        return Markup('<a class="tag" href="{}/tasks?all=1&amp;tag={}">{}</a>').format(base, quote(word, safe=""), text)
    if kind == "url":
        return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(text, text)
    if kind == "wiki":
        return _wiki(text, targets, base)
    shown, _, address = text.lstrip("!")[1:-1].partition("](")
    if text.startswith("!"):
        return Markup('<span class="image">{}</span>').format(shown or address)
    if re.match(r"(?i)https?://|mailto:", address):
        return Markup('<a href="{}" rel="noreferrer noopener" target="_blank">{}</a>').format(address, shown or address)
    target = (targets or {}).get(address.split("#")[0].replace("%20", " "))
    return (
        Markup('<a href="{}">{}</a>').format(note_url(target, base=base), shown or address) if target else escape(text)
    )


def _wiki(text: str, targets: Mapping[str, str | None] | None, base: str) -> Markup:
    inner = text.lstrip("!")[2:-2]
    name, _, shown = inner.partition("|")
    path = name.split("#")[0].strip()
    if text.startswith("!"):
        return Markup('<span class="image">{}</span>').format(shown or name)
    target = path if targets is None else targets.get(path)
    if not target:
        return Markup('<span class="nolink">{}</span>').format(shown or name)
    return Markup('<a href="{}">{}</a>').format(note_url(target, base=base), shown or name)


def line_class(line: str, in_code: bool) -> str:
    """What a line of a note is, for its looks."""
    if in_code:
        return "code"
    if _HEADING.match(line):
        return "heading"
    return ""


def marked_line(line: str, targets: Mapping[str, str | None], in_code: bool, base: str) -> Markup:
    """One line of a note's page."""
    if in_code or _fence(line):
        return escape(safe(line))
    box = _BOX.match(line)
    if box is None:
        return marked(line, targets, base)
    said = {" ": "open", "x": "done", "X": "done", "-": "cancelled", "?": "proposed", "/": "in progress"}
    state = said.get(box.group(2), f"status {safe(box.group(2))}")
    sign = {"open": "☐", "done": "☑", "cancelled": "☒", "proposed": "⍰"}.get(state, f"[{safe(box.group(2))}]")
    head = Markup('{}<span class="box" role="img" aria-label="{}">{}</span> ').format(box.group(1), state, sign)
    return head + marked(line[box.end() :], targets, base)


def lines_of(body: str, targets: Mapping[str, str | None], most: int, base: str = "") -> list[tuple[int, str, Markup]]:
    """(number, class, HTML) of each of the first so many lines of a note."""
    found = []
    fence = ""
    for number, line in enumerate(body.split("\n")[:most], 1):
        mark = _fence(line)
        inside = bool(fence)
        if mark and (not fence or mark.startswith(fence)):
            fence = "" if fence else mark
        found.append(
            (number, line_class(line, inside or bool(mark)), marked_line(line.rstrip("\r"), targets, inside, base))
        )
    return found


def _fence(line: str) -> str:
    found = re.match(r"\s{0,3}(`{3,}|~{3,})", line)
    return found.group(1) if found else ""
