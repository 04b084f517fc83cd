"""Regular expressions mean what they mean in JavaScript. Expectations are answers of Node."""

from __future__ import annotations

import pytest

from vaultindex.query.language.regexes import parse, searcher, source
from vaultindex.query.nodes.errors import QueryError


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matches"),
    [
        ("fix", "", "Fix", False),
        ("fix", "i", "Fix", True),
        (r"^\d+$", "", "12", True),
        (r"^\d$", "", "٣", False),
        (r"\w", "", "é", False),
        (r"\bfix\b", "", "éfixé", True),
        (r"\s", "", "\ufeff", True),
        (r"\s", "", "\x1c", False),
        ("^.$", "", "\u2028", False),
        ("^.$", "", "😀", False),
        ("^.$", "u", "😀", True),
        ("^..$", "", "😀", True),
        ("[😀]", "", "😀", True),
        ("a$", "", "a\n", False),
        ("a$", "m", "a\nb", True),
        ("a.b", "s", "a\nb", True),
        (r"\a", "", "a", True),
        (r"\e\_\-", "", "e_-", True),
        ("a{,2}", "", "a{,2}", True),
        ("x{", "", "x{", True),
        ("[]", "", "a", False),
        ("[^]", "", "\n", True),
        (r"[\d-x]", "", "-", True),
        (r"(a)|b\1c", "", "bc", True),
        (r"(?<n>a)\k<n>", "", "aa", True),
        (r"\u0061\x62\u{63}", "u", "abc", True),
        (r"\p{Lu}{3}", "u", "ABC", True),
        (r"\p{Lu}", "", "p{Lu}", True),
        ("i", "i", "İ", False),
        ("S", "i", "ſ", False),
        (r"\w", "i", "ſ", False),
        (r"\w", "iu", "ſ", True),
        ("é", "iu", "É", True),
        ("a~~b&&c", "", "a~~b&&c", True),
        (r"(a|aa)+", "", "aaa", True),
        (r"\07", "", "\x07", True),
    ],
)
def test_javascript_s_meaning_holds(pattern, flags, text, matches):
    assert searcher(pattern, flags)(text) is matches


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("(", ""), (")", ""), ("[", ""), ("*", ""), ("a**", ""), ("a++", ""), ("a{2,1}", ""), ("^*", ""), ("\\", ""),
        ("a", "x"), ("a", "ii"), ("a", "uv"), ("[b-a]", ""), (r"\k<n>", "u"), (r"\1", "u"), ("}", "u"), (r"\a", "u"),
        ("(?i:a)", ""), (r"\p{Nosuch}", "u"), ("(a+)+", ""), (r"(\d+)?", ""), ("(?:x{2})*", ""), ("(?<!x)a", ""),
        ("(?<=x)a", ""), ("a" * 501, ""), ("((a+)b)+", ""),
    ],
)  # fmt: skip
def test_what_javascript_or_the_plugin_refuses_is_refused(pattern, flags):
    with pytest.raises(QueryError) as error:
        searcher(pattern, flags)
    assert error.value.kind == "regex"


@pytest.mark.parametrize(
    ("said", "found"), [("/a/", ("a", "")), ("/a/b/i", ("a/b", "i")), ("/ x /", (" x ", "")), (r"/\//", (r"\/", ""))]
)
def test_the_pattern_runs_from_the_first_to_the_last_slash(said, found):
    assert parse("", said) == found


@pytest.mark.parametrize("said", ["fix", "/fix", "fix/", "//", "", "/fix/ i", "/fix/i and more"])
def test_anything_else_is_a_mistake(said):
    with pytest.raises(QueryError):
        parse("description regex matches " + said, said)


def test_slashes_are_shown_escaped():
    assert source("Work/Projects") == r"Work\/Projects"
    assert source(r"a\/b[/]c") == r"a\/b[/]c"
