"""Notes that no person would write: every construct beside, inside, and half-way through every other."""

from __future__ import annotations

from random import Random

_PREFIXES = [
    "", "", "", "", "", " ", "  ", "   ", "    ", "     ", "      ", "        ", "\t", "\t\t", " \t", "  \t",
    "- ", "* ", "+ ", "1. ", "2. ", "1) ", "10. ", "12.  ", "-   ", "-\t", "-     ", "1.  ", "  - ", "    - ", "\t- ",
    "   - ", " - ", "   1. ", "      - ", "\t\t- ", "> ", ">", "> > ", ">> ", "> - ", "  > ", "- > ", ">\t", ">  - ",
    "- [ ] ", "- [x] ", "* [/] ", "1. [ ] ", "  - [ ] ", "    - [x] ", "\t- [ ] ", "> - [ ] ", "- - ", "- 1. ",
    "- [ ] - ", "- [ ] 1. ", "-", "*", "1.", "[^1]: ", "[^n]:", "    > ", "+\t\t", "05. ",
]  # fmt: skip
_LINES = [
    "", "", "", "", " ", "  ", "    ", "\t", "---", "- - -", "***", "* * *", "___", "===", "=", "--", "-", "```", "````", "~~~",
    "```js", "``` a`b", "~~~ x", "   ```", "    ```", "$$", "$$ x", "$$ x $$", "  $$", "x $$", "%%", "%% x", "%% x %%", "x %%",
    "<!--", "-->", "<!-- c -->", "<div>", "</div>", "<details>", "<span>", "<span>x</span>", "<pre>", "</pre>", "<?", "?>",
    "<!X", "<![CDATA[", "]]>", "<a href=\"x\">", "</a>", "|a|b|", "|-|-|", "| - |", "a|b", "-|-", "|[[n]]|#t|", "|[[n|m]]|",
    "|`a|b`|#t|", "| \\| #t |", "# H", "## H ##", "#", "####### x", "# #", "#t", "  # H", "    # H", "# H #t [[l]]", "[r]: u",
    "[r]: u \"t\"", "[r]:", "[r]: <u v>", "[[a]]: b", "[r]: u 't", "[a\\]: b", "^id", "text ^id-1", "[^1]: foot [[f]]", "[^1]:", "[^1]: a\n    - [ ] in note",
    "\u00a0", "\u00a0x", "\u200b- [ ] x", "*foo*", "*", "_", "12x", "1.", "1.x", "* *", "text", "text", "#t text", "[[l]]", "- [ ] task #t",
    "- item [[l]]", "> quote #t", "> [!note] T", "text\\", "text  ", "- [ ]", "- []", "- [x]y", "-  [ ] a", "- [ ] 2) b", "- \t- x",
]  # fmt: skip
_PIECES = [
    "a", "b", " ", " ", " ", "  ", "\n", "\n", "\t", ".", ",", "word", "é", "日", "😀", "\u00a0", "\u200d", "\u2014", "\u3000", "#t", "#t/u", "#1", "#1a",
    "#t_", "#a-b", "#", "##x", " #t", " #x ", "\n#y", "[[l]]", "[[l|d]]", "[[l#h]]", "![[e]]", "![[e|9]]", "[[", "]]", "[", "]", "[[]]", "[[a]", "[[[a]]",
    "[[a\\|b]]", "[[|x]]", "[[ s ]]", "[t](u)", "[t](<u v>)", "[t](u \"T\")", "[t](u 'T)", "[t](h://x)", "[t](a%20b)", "[t](a%zz)", "[t]( u )", "[t](u(v)w)", "[t](\\))", "[t]()",
    "![i](j)", "![i #t](j)", "[![i](j)](k)", "[t #t](u)", "[t [[w]] v](u)", "](", ")", "(", "[r]", "[r][s]", "[r][]", "[r][s", "[#t]", "[x][[y]]", "![r]", "[^1]", "[^1 ]", "^[n #t]",
    "^[n `]` m]", "^[", "*", "**", "***", "_", "__", "___", "~~", "~", "==", "=", "`", "``", "```", "$", "$$", "%%", "%", "<", ">", "<b>", "</b>", "<b c=\"#t\">", "<a href='x'>", "</a>",
    "<!--", "-->", "<!---->", "<?p ?>", "<!X y>", "<h://x>", "<a@b.c>", "http://x.y/#t", "https://x.y/[[l]]", "HTTP://x.y/[[l]]", "www.x.y#t", "www.x", "http://x_y.z", "http://a.b/(c)d)", "a@b.c", "a@b.c#t",
    "a_b@c.d", "a@b", "a@b.c.", "\\", "\\#", "\\[", "\\]", "\\*", "\\`", "\\\n", "\\a", "&amp;", "&#39;", "&", "!", "!#t", "^", "^id", "|", "\\|", "5", "$5", "$x$", "$ x$", "$x $", "$$x$$", "**#t**", "*#t*",
    "_#t_", "__#t__", "~~#t~~", "==#t==", "`#t`", "x_y_z", "_a b_", "*a*#t", "**a**#t", "`c`#t", "'", "\"", ":", ";", "{", "}", "/", "- [ ] ", "- ", "1. ", "> ", "# ", "---", "text",
]  # fmt: skip


def soup(random: Random) -> str:
    """Inline pieces in any order, mostly one paragraph."""
    return "".join(random.choice(_PIECES) for _ in range(random.randint(1, 14)))


def stack(random: Random) -> str:
    """Lines in any order, with any prefixes."""
    lines = []
    for _ in range(random.randint(1, 9)):
        line = random.choice(_LINES) if random.random() < 0.75 else soup(random)
        for _ in range(random.choice((0, 0, 1, 1, 1, 2, 3))):
            line = random.choice(_PREFIXES) + line
        lines.append(line)
    return "\n".join(lines) + random.choice(("", "", "\n", "\n\n"))


def tree(random: Random) -> str:
    """Lists in lists, mostly well-formed, with the accidents of real notes."""
    lines = []
    depth = 0
    unit = random.choice(("  ", "    ", "\t", "   ", " "))
    for _ in range(random.randint(2, 12)):
        depth = max(0, min(5, depth + random.choice((-2, -1, 0, 0, 1, 1))))
        marker = random.choice(("- ", "- ", "- [ ] ", "- [x] ", "* ", "1. ", "2. ", "1) ", "", "10. [ ] "))
        own = unit if random.random() < 0.85 else random.choice(("  ", "\t", " "))
        text = soup(random).replace("\n", " ") if random.random() < 0.3 else random.choice(("a", "b #t", "[[l]]", "`c`"))
        if random.random() < 0.12:
            text = random.choice(_LINES)
            marker = random.choice(("", marker))
        lines.append(own * depth + marker + text)
        if random.random() < 0.12:
            lines.append(random.choice(("", "", own * depth, "\t")))
    return random.choice(("", "", "> ", "- ", "text\n")) + ("\n> " if random.random() < 0.1 else "\n").join(lines) + "\n"


def mutant(random: Random, notes: list[str]) -> str:
    """A given note with a few characters or lines changed, dropped, doubled or exchanged."""
    lines = random.choice(notes).split("\n")
    start = random.randrange(len(lines))
    lines = lines[: random.randint(0, 6)] + lines[start : start + random.randint(4, 40)]
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(lines))
        kind = random.random()
        if kind < 0.3:
            lines[at] = random.choice(_PREFIXES) + lines[at]
        elif kind < 0.5:
            lines.insert(at, random.choice(_LINES))
        elif kind < 0.6 and len(lines) > 1:
            del lines[at]
        elif kind < 0.8:
            cut = random.randint(0, len(lines[at]))
            lines[at] = lines[at][:cut] + random.choice(_PIECES) + lines[at][cut:]
        else:
            cut = random.randint(0, len(lines[at]))
            lines[at] = lines[at][:cut] + lines[at][cut + random.randint(1, 3) :]
    return "\n".join(lines)


def note(random: Random, notes: list[str]) -> str:
    """A note of any of these kinds."""
    kind = random.random()
    if kind < 0.3:
        return soup(random)
    if kind < 0.6:
        return stack(random)
    if kind < 0.8 or not notes:
        return tree(random)
    return mutant(random, notes)
