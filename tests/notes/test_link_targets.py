"""Which file a link means, and the links of canvases."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultindex.notes import link_targets
from vaultindex.notes.canvas import parse_canvas
from vaultindex.notes.link_targets import Resolver, fold

FILES = [
    "N.md",
    "a/b/N.md",
    "a/b/M.md",
    "zzzz/P.md",
    "a/b/P.md",
    "q/T.md",
    "o/T.md",
    "v1.2.md",
    "pics/i.PNG",
    "x.md.md",
    "e/é b.md",
    "plan.canvas",
    "plan.canvas.md",
    "d/N/D.md",
]


@pytest.mark.parametrize(
    ("link", "source", "target"),
    [
        ("", "a/b/M.md", "a/b/M.md"), ("N", "a/b/M.md", "N.md"), ("b/N", "x.md", "a/b/N.md"), ("z/M", "x.md", None), ("m", "x.md", "a/b/M.md"), ("M.MD", "x.md", "a/b/M.md"),
        ("P", "x.md", "a/b/P.md"), ("P", "zzzz/Q.md", "zzzz/P.md"), ("T", "x/y.md", "o/T.md"), ("v1.2", "x.md", "v1.2.md"), ("i.png", "x.md", "pics/i.PNG"), ("i", "x.md", None),
        ("x.md", "s.md", "x.md.md"), ("plan.canvas", "x.md", "plan.canvas"), ("plan", "x.md", None), ("./N", "a/b/M.md", "a/b/N.md"), ("../b/N", "a/b/M.md", "a/b/N.md"), ("./N", "a/x.md", None), ("../../N", "a/b/M.md", "N.md"),
        ("/N", "a/b/M.md", "N.md"), ("/M", "a/b/x.md", None), ("e\u0301\u00a0b", "x.md", "e/é b.md"), ("N ", "x.md", None), ("/N/D", "x.md", None), ("d/N/D", "x.md", "d/N/D.md"),
    ],
)  # fmt: skip
def test_a_link_means_one_file_or_none(link: str, source: str, target: str | None) -> None:
    assert Resolver(FILES).resolve(link, source) == target


def test_files_that_fit_equally_well_are_all_named_the_chosen_one_first() -> None:
    assert Resolver(FILES).candidates("T", "x/y.md") == ["o/T.md", "q/T.md"]
    assert Resolver(FILES).candidates("P", "x.md") == ["a/b/P.md"]
    assert Resolver(FILES).candidates("nowhere", "x.md") == []


def test_of_names_that_differ_only_in_case_the_typed_one_is_meant() -> None:
    resolver = Resolver(["a/README.md", "a/Readme.md", "a/readme.md"])
    assert resolver.candidates("Readme", "x.md") == ["a/Readme.md", "a/README.md", "a/readme.md"]
    assert resolver.resolve("a/readme", "x.md") == "a/readme.md"


def test_a_file_that_comes_or_goes_changes_what_is_meant() -> None:
    resolver = Resolver(["a/N.md"])
    resolver.add("N.md")
    assert resolver.resolve("N", "a/x.md") == "N.md"
    resolver.remove("N.md")
    assert resolver.resolve("N", "a/x.md") == "a/N.md"


@given(
    st.sampled_from(["", "N", "b/N", "n.MD", "x.md", "x.md.md", "./N", "plan.canvas", "i.png", "V1.2", "e\u0301 b"]),
    st.sampled_from(FILES),
)
def test_the_files_with_the_links_key_are_all_a_resolver_needs(link: str, source: str) -> None:
    few = [path for path in FILES if fold(path) == fold(link)]
    if link:
        assert Resolver(few).candidates(link, source) == Resolver(FILES).candidates(link, source)


def test_a_canvas_links_to_its_files_and_what_its_texts_link_to() -> None:
    canvas = (
        '{"nodes": [{"type": "file", "file": "a/b.md", "subpath": "#h"}, {"type": "text", "text": "x [[c]]\\n![[d.png]] `[[e]]`"},'
        ' {"type": "link", "url": "https://f"}, {"type": "group", "label": "[[g]]"}, 7, {"type": "file", "file": 3}]}'
    )
    assert [(link.kind, link.linkpath, link.subpath, link.line) for link in parse_canvas(canvas, "x.canvas")] == [
        ("card", "a/b.md", "#h", 1), ("wikilink", "c", "", 1), ("wikilink", "d.png", "", 2),
    ]  # fmt: skip


def test_an_empty_canvas_has_no_links_and_a_broken_one_says_so() -> None:
    assert parse_canvas(" \n", "x.canvas") == []
    for text in ("{", "[]", "[" * 100_000):
        with pytest.raises(ValueError):
            parse_canvas(text, "x.canvas")


@pytest.mark.parametrize("seed", range(40))
def test_many_files_of_one_name_are_found_as_few_are(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    folders = ["", "A/", "a/", "A/B/", "A/B/C/", "D/", "D/B/", "\u00c9/", "E/A/B/"]
    paths = list({f"{chance.choice(folders)}{chance.choice(['x', 'X', 'y'])}.md" for _ in range(14)})
    chance.shuffle(paths)
    links = [
        f"{way}{folder}{name}{end}"
        for way in ("", "/", "./", "../") for folder in ("", "B/", "A/B/", "a/") for name in ("x", "X", "y") for end in ("", ".md")
    ]  # fmt: skip
    plain = Resolver(paths)
    quick = Resolver(paths)
    for turn in range(2):
        for source in [f"{folder}s.md" for folder in folders]:
            for link in links:
                expected = plain.candidates(link, source)
                with monkeypatch.context() as patched:
                    patched.setattr(link_targets, "_MANY", 0)
                    assert quick.candidates(link, source) == expected, (link, source)
        if turn == 0:
            for resolver in (plain, quick):
                resolver.remove(paths[0])
                resolver.add("D/B/x.md")
