"""Lines that combine filters: `(not done) AND NOT (due today)`, with the Tasks plugin's delimiters and precedence.

A line uses one pair of delimiters. It is cut where an operator stands between two of them, then at the delimiters that
are left at the ends of the pieces, so that a filter may hold operators and delimiters in its middle but not at its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from vaultindex.base.text import JS_SPACE
from vaultindex.query.language.explain import Explained, combined
from vaultindex.query.nodes.errors import QueryError
from vaultindex.query.nodes.tree import And, Node, Not, Or, Xor

_PAIRS = {"(": ")", "[": "]", "{": "}", '"': '"'}
_S = f"[{JS_SPACE}]"
_BEFORE_DELIMITER = re.compile(rf"(?:AND|OR|XOR|NOT){_S}*[(\[{{\"]")
_PRECEDENCE = {"OR": 1, "AND": 2, "XOR": 3}
_MOST_FILTERS = 500
_DEEPEST = 25  # delimiters within delimiters, negations within negations
HELP = 'Each filter stands in its own pair of (...), [...], {...} or "..."; operators are AND OR XOR NOT, in capitals.'

ParseFilter = Callable[[str, int], Explained]


def looks_boolean(line: str) -> bool:
    """Whether a line that no filter understands was meant as one: an operator before a delimiter, or a pair of them."""
    if _BEFORE_DELIMITER.search(line):
        return True
    first = next((at for at, char in enumerate(line) if char in _PAIRS), len(line))
    last = max(line.rfind(char) for char in _PAIRS.values())
    return last - first > 1


class _Token(NamedTuple):
    kind: str  # ( ) AND OR XOR NOT filter
    text: str


def parse(line: str, parse_filter: ParseFilter, depth: int) -> Explained:
    """The tree of a Boolean line. `parse_filter(text, depth)` reads one filter. Raises QueryError (boolean)."""
    if depth > _DEEPEST:
        raise QueryError("boolean", f"The filters are nested more than {_DEEPEST} deep.")
    tokens = _tokens(line)
    if sum(token.kind == "filter" for token in tokens) > _MOST_FILTERS:
        raise QueryError("boolean", f"The line combines more than {_MOST_FILTERS} filters.")
    # A sub-filter that cannot be read is the more helpful message, so all of them are tried before the structure.
    filters: dict[int, Explained] = {}
    for at, token in enumerate(tokens):
        if token.kind == "filter":
            try:
                filters[at] = parse_filter(token.text, depth + 1)
            except QueryError as error:
                raise QueryError("boolean", f"The part '{token.text}' cannot be read: {error.reason}") from None
    return _Parser(tokens, filters).parse()


def _tokens(line: str) -> list[_Token]:
    said = line.strip(JS_SPACE)
    bare = re.sub(rf"^[A-Z ]*{_S}*", "", said)
    opening, closing = bare[:1], said[-1:]
    if opening not in _PAIRS or _PAIRS[opening] != closing or len(bare) < 2:
        raise QueryError("boolean", f"This is no combination of filters. {HELP}")
    left, right = re.escape(opening), re.escape(closing)
    cuts = rf"({right}{_S}*(?:AND|OR|AND +NOT|OR +NOT|XOR){_S}*{left})"
    pieces = [
        part
        for piece in re.split(cuts, said)
        for part in ([piece] if re.fullmatch(cuts, piece) else re.split(rf"(NOT{_S}*{left})", piece))
        if part
    ]
    tokens: list[_Token] = []
    for piece in pieces:
        if re.fullmatch(cuts, piece):
            words = piece.strip(JS_SPACE)[1:-1].split()
            tokens += [_Token(")", closing), *(_Token(word, word) for word in words), _Token("(", opening)]
        elif re.fullmatch(rf"NOT{_S}*{left}", piece):
            tokens += [_Token("NOT", "NOT"), _Token("(", opening)]
        else:
            tokens += _ends(piece, opening, closing)
    return tokens


def _ends(piece: str, opening: str, closing: str) -> list[_Token]:
    """A piece without operators at its borders: delimiters, a filter, delimiters."""
    middle = piece.lstrip(opening + JS_SPACE)
    before = piece[: len(piece) - len(middle)]
    filter_text = middle.rstrip(closing + JS_SPACE)
    after = middle[len(filter_text) :]
    found = [_Token("(", opening) for char in before if char == opening]
    if filter_text:
        found.append(_Token(filter_text if filter_text in ("AND", "OR", "XOR", "NOT") else "filter", filter_text))
    return found + [_Token(")", closing) for char in after if char == closing]


class _Parser:
    """Operator precedence over the tokens: NOT > XOR > AND > OR, equal ones from left to right."""

    def __init__(self, tokens: list[_Token], filters: dict[int, Explained]) -> None:
        self.tokens, self.filters, self.at, self.depth = tokens, filters, 0, 0

    def parse(self) -> Explained:
        found = self._expression(0)
        if self.at < len(self.tokens):
            raise self._malformed()
        return found

    def _peek(self) -> str:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else ""

    def _malformed(self) -> QueryError:
        seen = f" near '{self.tokens[self.at].text}'" if self.at < len(self.tokens) else " at the end"
        return QueryError("boolean", f"The combination of filters is malformed{seen}. {HELP}")

    def _expression(self, least: int) -> Explained:
        found = self._operand(negatable=True)
        while (word := self._peek()) in _PRECEDENCE and _PRECEDENCE[word] > least:
            self.at += 1
            right = self._tighter(word)
            found = combined(word, found, right, _node(word, found.node, right.node))
        return found

    def _tighter(self, word: str) -> Explained:
        """The right side of an operator: an operand with all that binds tighter."""
        found = self._operand(negatable=word != "XOR")
        while (after := self._peek()) in _PRECEDENCE and _PRECEDENCE[after] > _PRECEDENCE[word]:
            self.at += 1
            right = self._tighter(after)
            found = combined(after, found, right, _node(after, found.node, right.node))
        return found

    def _operand(self, negatable: bool) -> Explained:
        kind = self._peek()
        if kind == "NOT" and negatable:
            self.at += 1
            inner = self._operand(negatable=False)
            return combined("NOT", inner, None, Not(inner.node))
        if kind == "filter":
            self.at += 1
            return self.filters[self.at - 1]
        if kind != "(":
            raise self._malformed()
        self.at += 1
        self.depth += 1
        if self.depth > _DEEPEST:
            raise QueryError("boolean", f"The filters are nested more than {_DEEPEST} deep.")
        found = self._expression(0)
        if self._peek() != ")":
            raise self._malformed()
        self.at += 1
        self.depth -= 1
        return found


def _node(word: str, left: Node, right: Node) -> Node:
    """Chains of one operator are one flat node, so that their length costs no depth."""
    kind: Any = {"AND": And, "OR": Or, "XOR": Xor}[word]
    nodes = left.nodes if isinstance(left, kind) else (left,)
    joined: Node = kind((*nodes, right))
    return joined
