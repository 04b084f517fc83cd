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
        text = (
            soup(random).replace("\n", " ") if random.random() < 0.3 else random.choice(("a", "b #t", "[[l]]", "`c`"))
        )
        if random.random() < 0.12:
            text = random.choice(_LINES)
            marker = random.choice(("", marker))
        lines.append(own * depth + marker + text)
        if random.random() < 0.12:
            lines.append(random.choice(("", "", own * depth, "\t")))
    return (
        random.choice(("", "", "> ", "- ", "text\n")) + ("\n> " if random.random() < 0.1 else "\n").join(lines) + "\n"
    )


def ordinary(random: Random) -> str:
    """A note such as people write, with at most a few odd lines: mostly for the quick reading."""
    lines: list[str] = []
    words = (
        "a",
        "some words",
        "see [[l]]",
        "b #t",
        "**bold** c",
        "`code`",
        "[t](u) d",
        "1.5 e",
        "é f",
        "g ^id",
        "x_y",
        "[[l|d]] #t/u",
        "| h",
        "5 $",
        "_i_ j",
    )

    def line() -> str:
        return " ".join(random.choice(words) for _ in range(random.randint(1, 3)))

    for _ in range(random.randint(1, 7)):
        kind = random.randint(0, 11)
        if kind < 2:
            lines.append("#" * random.randint(1, 4) + " " + line() + random.choice(("", "", " #", " ##")))
        elif kind < 4:
            lines += [line() for _ in range(random.choice((1, 1, 2, 3)))]
        elif kind < 8:
            unit = random.choice(("  ", "    ", "\t", "   "))
            marker = random.choice(("- ", "* ", "1. ", "- [ ] "))
            depth = 0
            for _ in range(random.randint(1, 6)):
                depth = max(0, min(4, depth + random.choice((-2, -1, 0, 0, 1))))
                own = (
                    marker
                    if random.random() < 0.8
                    else random.choice(("- ", "- [x] ", "- [?] ", "1. ", "2. ", "+ ", "1) ", "10. "))
                )
                lines.append(unit * depth + own + line())
                if random.random() < 0.15:
                    lines.append(random.choice(("", unit * (depth + 1), unit * depth, "  ")) + line())
                if random.random() < 0.1:
                    lines.append("")
                if random.random() < 0.1:
                    inner = unit * (depth + 1)
                    lines += [
                        inner + "```",
                        random.choice((inner, inner + " ", "", unit * depth)) + line(),
                        inner + "```",
                    ]
        elif kind == 8:
            lines += [
                random.choice(("> ", ">", "> > ")) + random.choice((line(), "[!note] x", "- [ ] " + line(), "", "# h"))
                for _ in range(random.randint(1, 4))
            ]
        elif kind == 9:
            lines += [
                *random.choice(
                    (
                        ("```js", "x [[n]]", "```"),
                        ("~~~", "#t", "~~~"),
                        ("$$", "x #t", "$$"),
                        ("%%", line(), "- [ ] a", "%%"),
                        ("<!-- a", line(), "-->"),
                    )
                )
            ]
        elif kind == 10:
            lines += ["| a | b |", "|---|:-:|", f"| {line()} | {line()} |", "|#t|x|"][: random.randint(2, 4)]
        else:
            lines.append(random.choice(("---", "***", "    code #t", "\tcode", *_LINES)))
        lines += [""] * random.choice((0, 1, 1, 1, 2))
    if random.random() < 0.2:
        lines.insert(random.randint(0, len(lines)), random.choice(_PREFIXES) + random.choice(_LINES))
    return "\n".join(lines)


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
    if kind < 0.25:
        return soup(random)
    if kind < 0.5:
        return stack(random)
    if kind < 0.65:
        return ordinary(random)
    if kind < 0.8 or not notes:
        return tree(random)
    return mutant(random, notes)


_FRONT = [
    "type: customer", "title: A: b", 'title: "Q3 — Contoso"', "title: 'it''s'", "date: 2025-10-06", "date: 2025-02-30", "account: [[Contoso]]",
    'account: "[[Contoso|C]]"', "account: ''", "account:", "participants:", "participants: [Dana Leigh, 'Lars', \"M\"]", "participants: []",
    "  - Dana Leigh", "- Lars Holm", '  - "[[Dana Leigh]]"', "  - ", "tags: [a, b/c]", "tags: a", "tags:", "tags: [a,, b]", "aliases: [x]",
    "source_ref: /a/b.md", "n: 12", "n: 1e3", "n: 0x1F", "b: true", "b: ~", "x: {a: 1}", "x: |", "  text", "k: v # c", "k:v", "k : v", "- loose",
    "é: ü", "type: again", "", "# comment", "a: b: c", "a: 'open", "? odd", "&a x: *a", "t: 2025-10-06T10:00:00", "_: -", "n: .5", "n: -0",
]  # fmt: skip
_FIELDS = [
    "📅 2025-10-07", "📅2025-10-07", "📅 2025-02-30", "📆 2025-10-08", "🗓️ 2024-02-29", "⏳ 2025-10-01", "⌛ 2025-10-02", "🛫 2025-09-30", "➕ 2025-09-01",
    "✅ 2025-10-09", "❌ 2025-10-10", "🔺", "⏫", "🔼", "🔽", "⏬", "🔁 every week", "🔁 every 2 weeks when done", "🔁 nonsense", "🏁 delete", "🏁 keep", "🆔 abc-1",
    "⛔ abc,def", "⛔ a , b", "#task", "#proposed", "#a/b", "#2025-10-07", "#t🆔x", "@Myself", "@Dana Leigh", "@[[Dana Leigh]]", '@"Dana L"', "@TBD.", "(@Lars)",
    "text", "Send it.", "by 2025-10-07", "📅 2025-10-07 2025-10-08", "📅 2025-10-07x", "📅", "^id", " ^id", "[[Dana Leigh]]", "[due:: 2025-10-07]", "\u00a0", "  ",
    "a@b.c", "#", "##x", "🔁 every day 📅 2025-10-07", "📅 2025-1-07", "📅 12025-10-07", "\ufe0f", "📅\ufe0f 2025-10-07",
]  # fmt: skip


def task(random: Random) -> str:
    """A task line whose fields stand in any order, mostly at the end."""
    box = random.choice(
        ("- [ ] ", "- [?] ", "- [x] ", "* [/] ", "1. [-] ", "  - [ ] ", "> - [?] ", "- [ ]", "\t- [ ] ")
    )
    words = random.choice(("Send the sheet.", "Ask Dana", "", "Send it to @Lars now"))
    some = [random.choice(_FIELDS) for _ in range(random.choice((0, 1, 2, 3, 3, 4, 5, 9, 25)))]
    return box + random.choice((" ", " ", " ", "")).join([words, *some])


def meeting(random: Random) -> str:
    """A note of the real shape, with the accidents of generators and sync tools."""
    lines = []
    if random.random() < 0.8:
        lines = [
            "---",
            *(random.choice(_FRONT) for _ in range(random.randint(0, 9))),
            random.choice(("---", "---", "---", "--- ")),
        ]
    for _ in range(random.randint(1, 3)):
        lines.append(
            random.choice(
                ("# Title", "## Action Items", "## Decisions", "**Date**: 2025-10-06 **Account**: [[Contoso]]", "")
            )
        )
        lines += [task(random) for _ in range(random.randint(0, 5))]
        lines += [
            random.choice(
                ("", "- We agreed to wait.", "  so it is", "> [!decision] Yes", "decision:: no", "text [[l]] #t")
            )
            for _ in range(2)
        ]
    return random.choice(("\n", "\n", "\n", "\r\n")).join(lines) + random.choice(("", "\n"))
