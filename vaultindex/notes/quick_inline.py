"""Only for speed: links and tags of a text in which they are plain to see. Stands for `inline.Inline`.

Nearly every text is such a one. It says what `inline` says, or None; tests/notes/test_parse.py holds the two equal. A note
is read in 190 us in place of 250 (median of 1,500 generated notes). Also here: what every reader of links shares.
"""

from __future__ import annotations

import re

from vaultindex.base.text import JS_SPACE

TAG_CHARACTER = rf"""[^\u2000-\u206f\u2e00-\u2e7f'!"#$%&()*+,.:;<=>?@^`{{|}}~\[\]\\{JS_SPACE}]"""

# The quick way through a text. In it nothing hides and nothing pairs up across a link or tag: wikilinks without any
# mark inside, tags behind white space. The last alternatives are whatever may make that untrue.
_SURE = r"\[\]\n*_`$\\<=~%"  # not in a link that is plain to see
# (Every alternative begins with a literal: only then does the engine skip from one candidate to the next.)
_QUICK = re.compile(
    rf"\[\[(?<!\^\[\[)([^{_SURE}|]++)(?:\|([^{_SURE}]*+))?\]\]"
    rf"|#(?<![^{JS_SPACE}]#)({TAG_CHARACTER}*)"
    rf"|\\|`|\$|\[|#|<(?<!<<)(?!<*+(?:[{JS_SPACE}]|\Z))|://|www\."
)


def read_text_quickly(text: str) -> list[tuple[str, int, int, bool, str, str | None]] | None:
    """What `Inline.read` finds, as plain tuples, for texts in which that is plain to see; None when it is not."""
    # A status such as [?] in front is a bracket pair of its own.
    at = 4 if text[2:4] == "] " and text[0] == "[" and text[1] not in "\\[]" else 0
    all_found: list[tuple[str, int, int, bool, str, str | None]] = []
    for found in _QUICK.finditer(text, at):
        kind = found.lastindex
        if kind is None:
            return None
        start, end = found.span()
        if kind == 3:
            tag = found[3]
            if "_" in tag:
                return None
            if tag and not (tag.isascii() and tag.isdigit()):
                all_found.append(("tag", start, end, False, "#" + tag, None))
        else:
            target, display = found.group(1, 2)
            embed = start > 0 and text[start - 1] == "!"
            if embed:
                start -= 1
            all_found.append(("wikilink", start, end, embed, target.strip(JS_SPACE), display))
    return all_found


def split_wikilink(inner: str) -> tuple[str, str | None]:
    """The target and the display text of what stands between `[[` and `]]`.

    The first bar splits (written `\\|` in tables), unless it comes first; white space around the target does not count.
    """
    bar = inner.find("|")
    if bar < 0:
        return inner.strip(JS_SPACE), None
    escaped = bar > 0 and inner[bar - 1] == "\\"
    if bar - escaped <= 0:
        return inner.strip(JS_SPACE), None
    return inner[: bar - escaped].strip(JS_SPACE), inner[bar + 1 :]


def shown(link: str) -> str:
    """What a reader sees of a wikilink without display text: `a#h` as `a > h`."""
    return " > ".join(part for part in link.split("#") if part) if "#" in link else link
