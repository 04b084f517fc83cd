"""Inline text: what is a link, an embed, or a tag, and what hides them."""

from __future__ import annotations

import pytest

from vaultindex.notes.inline import Inline
from vaultindex.notes.quick_inline import read_text_quickly, split_wikilink


def found(text: str) -> list[str]:
    """Targets in order; where the quick way is sure it must say the same."""
    exact = Inline().read(text)
    quick = read_text_quickly(text)
    assert quick is None or quick == exact
    return [one.target for one in exact]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#a b", ["#a"]), ("a #b/c-d_e", ["#b/c-d_e"]), ("#1 #1a #a1", ["#1a", "#a1"]), ("#１ #½", ["#１", "#½"]), ("a#b (#c) ##d", []),
        ("#a#b", ["#a", "#b"]), ("#1#b", []), ("*a*#b", ["#b"]), ("**a** #b", ["#b"]), ("*a#b", []), ("`a`#b", ["#b"]), ("[[a]]#b", ["a", "#b"]),
        ("[#a] [b#c", ["#a"]), ("\\#a \\]#b", ["#b"]), ("_#a_", ["#a"]), ("#a_ b", ["#a_"]), ("x _#a", []), ("a\u00a0#b\u3000#c", ["#b", "#c"]),
        ("a\u200b#b", []), ("#日本。語", ["#日本。語"]), ("#a—b", ["#a"]), ("%%#a%% %% #b %%", ["#a", "#b"]), ("==#a== ~~#b~~", ["#a", "#b"]),
        ("<b>#a</b>", ["#a"]), ("a@b.cc#d", ["#d"]), ("$x$#a", ["#a"]), ("a\n#b", ["#b"]), ("# a", []),
    ],
)  # fmt: skip
def test_a_tag_begins_behind_white_space_or_another_construct(text: str, tags: list[str]) -> None:
    assert found(text) == tags


@pytest.mark.parametrize(
    "text",
    [
        "`[[a]] #b`", "``a ` [[b]] #c``", "`a\n[[b]] #c`", "$[[a]] #b$", "$$[[a]] #b$$", "<!-- [[a]] #b -->", '<i x="[[a]] #b">', "<?[[a]] #b?>", "![#a](h://b)",
        "http://x.y/[[a]] http://x.y/#b", "<http://x.y/[[a]]#b>", "\\[[a]]", "[x][[a]]", "[a][b #c]", "[^a]", "[t](h://u \"#a [[b]]\")", "^[[a]]", "[[a\nb]]", "[[]]", "[a]( b c)", "[a]()",
    ],
)  # fmt: skip
def test_what_is_hidden_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[[a]]b[[c]][[d]]", ["a", "c", "d"]), ("[[a [[b]] c]]", ["b"]), ("[[a]b]]", ["a]b"]), ("[[[a]]", ["[a"]), ("[[ a ]]", ["a"]), ("[[a#b c|d]]", ["a#b c"]),
        ("a ` [[b]]", ["b"]), ("\\`[[a]]\\`", ["a"]), ("$5 [[a]] $6", ["a"]), ("**[[a]]** *[[b]] c*", ["a", "b"]), ("*a [[b* c]]", []), ("[a [[b]] c](d)", ["d", "b"]), ("[![a](b)](c)", ["c", "b"]),
        ("[t](a%20b.md)", ["a b.md"]), ("[t](a%zz)", ["a%zz"]), ("[t](%ff)", ["%ff"]), ("[t](<a b>)", ["a b"]), ("[t](a\\)b)", ["a)b"]), ("[t](a(b)c)", ["a(b)c"]), ("[t](a&amp;b)", ["a&b"]), ("[t](a 'b')", ["a"]),
        ("[t](#h)", ["#h"]), ("[t](a:b)", []), ("[t](a.b/c:d)", ["a.b/c:d"]), ("![a](b)", ["b"]), ("![[a|100]]", ["a"]), ("^[a [[b]]]", ["b"]), ("[a][[[b]]", ["b"]), ("a[^1] [[b]]", ["b"]), ("<< [[a]] >>", ["a"]),
        ("[[a]](b)", ["a"]), ("[a [b](c) d](e)", ["e"]), ("HTTP://x.y/[[a]]", []), ("a HTTP://x.y/[[b]]", ["b"]),
    ],
)  # fmt: skip
def test_links_are_found_with_the_target_that_is_meant(text: str, targets: list[str]) -> None:
    assert found(text) == targets


def test_the_first_bar_splits_unless_it_comes_first() -> None:
    assert split_wikilink("a||b") == ("a", "|b")
    assert split_wikilink("|b") == ("|b", None)
    assert split_wikilink("a\\|b") == ("a", "b")
    assert split_wikilink("a|") == ("a", "")


def test_an_embed_keeps_its_mark_and_a_link_its_text() -> None:
    embed, link = Inline().read("![[a|9]] [b *c*](d)")
    assert (embed.embed, embed.start, embed.end, embed.display) == (True, 0, 8, "9")
    assert (link.kind, link.embed, link.display) == ("markdown", False, "b *c*")


def test_an_open_anchor_takes_markdown_links_from_the_texts_behind_it() -> None:
    inline = Inline()
    assert inline.read('<a href="x"> y') == []
    assert [one.target for one in inline.read("[t](u) [[v]]")] == ["v"]
    assert [one.target for one in inline.read("</a> [t](u)")] == ["u"]


def test_marks_without_end_are_given_up_and_remembered() -> None:
    inline = Inline()
    inline.read("*a **b _c __d " * 60_000)
    assert inline.left < 0 or inline.cut
