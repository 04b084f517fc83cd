"""JavaScript's regular expressions, run by the `regex` package: its classes, its `.` and `$`, its flags; time-limited.

The pattern is read once, character by character: what JavaScript understands differently is written out, what it
refuses is refused. As in the Tasks plugin, a quantified group that holds a quantifier, and looking behind, are refused.
Without the flag `u` JavaScript counts in UTF-16 units, so texts and patterns with emoji are taken apart into those.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from vaultindex.query.nodes.errors import QueryError

TIME_LIMIT = 0.7  # seconds, for all texts of one query
LONGEST = 500
_SHORT = 2_000  # characters: on so many, one repetition is quick
HELP = "A regular expression looks like /pattern/ or /pattern/flags, for example /^Log/i; the flags are i, u, m, s, g."

_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_ENDS = r"\n\r\u2028\u2029"
_WORD = "A-Za-z0-9_"
_CLASSES = {"d": "0-9", "w": _WORD, "s": _SPACE}
# `(?-i:`: ignoring case makes Turkish i, long s and the Kelvin sign letters of ASCII for `regex`, not for JavaScript.
_BOUNDARY = "(?-i:(?<=[{0}])(?![{0}])|(?<![{0}])(?=[{0}]))"
_NO_BOUNDARY = "(?-i:(?<=[{0}])(?=[{0}])|(?<![{0}])(?![{0}]))"
_OWN_CASE = {"i": "[iI]", "k": "[kK]", "s": "[sS]", **{char: char for char in "\u0130\u0131\u017f\u212a"}}
_OWN_CASE_UNICODE = {"i": "[iI]", "k": "[kK\u212a]", "s": "[sS\u017f]", "\u0130": "\u0130", "\u0131": "\u0131"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")


class _Bad(Exception):
    """What JavaScript would say about the pattern."""


def parse(instruction: str, said: str) -> tuple[str, str]:
    """(pattern, flags) of '/pattern/flags', from the first to the last slash. Raises QueryError (regex)."""
    end = said.rfind("/")
    if not said.startswith("/") or end < 2:
        raise QueryError("regex", f"There is no regular expression in '{instruction}'. {HELP}")
    pattern, flags = said[1:end], said[end + 1 :]
    compiled(pattern, flags)
    return pattern, flags


@lru_cache(maxsize=64)
def compiled(pattern: str, flags: str) -> tuple[Any, bool]:
    """(the expression for the `regex` package, may it take long on a short text?).

    Raises QueryError (regex) for what JavaScript or the plugin refuses.
    """
    import regex

    try:
        if len(set(flags)) != len(flags) or not set(flags) <= set("dgimsuvy") or {"u", "v"} <= set(flags):
            raise _Bad(f"'{flags}' is not a set of flags")
        if len(pattern) > LONGEST:
            raise _Bad(f"it is longer than {LONGEST} characters")
        translation = _Translation(pattern, flags)
        return regex.compile(translation.result(), regex.IGNORECASE if "i" in flags else 0), translation.repeats > 1
    except _Bad as error:
        raise QueryError(
            "regex", f"The regular expression /{pattern}/{flags} cannot be used: {error}. {HELP}"
        ) from None
    except (regex.error, RecursionError, OverflowError) as error:
        raise QueryError(
            "regex", f"The regular expression /{pattern}/{flags} cannot be read: {error}. {HELP}"
        ) from None


def searcher(pattern: str, flags: str) -> Callable[[str], bool]:
    """A function that says whether a text matches; all its calls together may take TIME_LIMIT seconds."""
    expression, risky = compiled(pattern, flags)
    search = expression.match if "y" in flags else expression.search
    in_units = not set(flags) & {"u", "v"}
    clock = time.perf_counter
    spent = 0.0

    def matches(text: str) -> bool:
        nonlocal spent
        if in_units and not text.isascii():
            text = units(text)
        started = clock()
        try:
            # Watching the clock costs more than most searches: only where one search could take long.
            if risky or len(text) > _SHORT:
                found = search(text, timeout=max(TIME_LIMIT - spent, 0.001))
            else:
                found = search(text)
        except TimeoutError:
            spent = TIME_LIMIT + 1
        spent += clock() - started
        if spent > TIME_LIMIT:
            reason = f"The regular expression /{pattern}/{flags} took more than {TIME_LIMIT:g} s. Make it simpler."
            raise QueryError("regex", reason)
        return found is not None

    return matches


def units(text: str) -> str:
    """The text with each character beyond U+FFFF as its two UTF-16 halves."""
    if max(text, default="") <= "\uffff":
        return text
    data = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(data[i] << 8 | data[i + 1]) for i in range(0, len(data), 2))


def source(pattern: str) -> str:
    """The pattern as JavaScript shows it: with its slashes escaped."""
    shown, inside, escaped = "", False, False
    for char in pattern:
        if char == "/" and not inside and not escaped:
            shown += "\\"
        shown += char
        inside = (char == "[" or inside) and not (char == "]" and not escaped) if not escaped else inside
        escaped = char == "\\" and not escaped
    return shown


class _Translation:
    """One pass over the pattern; `result()` is the same expression in the dialect of the `regex` package."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.unicode = bool(set(flags) & {"u", "v"})
        self.text = pattern if self.unicode else units(pattern)
        self.dot = "[\\s\\S]" if "s" in flags else f"[^{_ENDS}]"
        many = "m" in flags
        self.caret = f"(?:(?<=[{_ENDS}])|\\A)" if many else "\\A"
        self.dollar = f"(?=[{_ENDS}]|\\Z)" if many else "\\Z"
        self.classes = _CLASSES
        if self.unicode and "i" in flags:
            self.classes = {**_CLASSES, "w": f"{_WORD}\u017f\u212a"}
        self.own_case = ({}, _OWN_CASE, _OWN_CASE_UNICODE)[("i" in flags) * (1 + self.unicode)]
        self.at = 0
        self.groups = self._count_groups()
        self.names: list[str] = []
        self.repeats = 0  # a repeated choice counts twice: (a|aa)+ tries every way to divide a text

    def result(self) -> str:
        translated, _ = self._alternatives(0)
        if self.at < len(self.text):
            raise _Bad("unmatched ')'")
        return translated

    def _count_groups(self) -> int:
        count, inside, at = 0, False, 0
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 1
            elif inside:
                inside = char != "]"
            elif char == "[":
                inside = True
            elif char == "(" and (self.text[at + 1 : at + 2] != "?" or self._named(at)):
                count += 1
            at += 1
        return count

    def _named(self, at: int) -> bool:
        return self.text[at + 1 : at + 3] == "?<" and self.text[at + 3 : at + 4] not in ("=", "!")

    def _next(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def _alternatives(self, depth: int) -> tuple[str, bool]:
        """Up to a closing parenthesis or the end: (translated, does it hold a quantifier?)."""
        if depth > 50:
            raise _Bad("its groups are nested too deep")
        parts, quantified = [], False
        while self.at < len(self.text) and self._next() != ")":
            if self._next() == "|":
                self.at += 1
                parts.append("|")
                continue
            atom, repeatable, inner = self._atom(depth)
            quantifier = self._quantifier()
            if quantifier:
                if not repeatable:
                    raise _Bad("nothing to repeat")
                if quantifier[0] != "?":
                    self.repeats += 2 if "|" in atom else 1
                if inner:
                    raise _Bad("it could take very long: a repeated group holds a repetition")
                quantified = True
            quantified = quantified or inner
            parts.append(atom + quantifier)
        return "".join(parts), quantified

    def _quantifier(self) -> str:
        char = self._next()
        if char and char in "*+?":
            self.at += 1
            found = char
        elif char == "{" and (braces := self._braces()):
            found = braces
        else:
            return ""
        if self._next() == "?":
            self.at += 1
            found += "?"
        # What would follow as a second quantifier is one that has nothing to repeat.
        if (self._next() and self._next() in "*+?") or (self._next() == "{" and self._braces(keep=True)):
            raise _Bad("nothing to repeat")
        return found

    def _braces(self, keep: bool = False) -> str:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not (low.isascii() and low.isdigit()) or (high and not (high.isascii() and high.isdigit())):
            return ""
        if high and int(high) < int(low):
            raise _Bad("numbers out of order in {}")
        if max(int(low), int(high or 0)) > 10_000:
            raise _Bad("it repeats more than 10,000 times")
        if not keep:
            self.at = end + 1
        return "{" + low + comma + high + "}"

    def _atom(self, depth: int) -> tuple[str, bool, bool]:
        """(translated, may it be repeated?, is it a group that holds a quantifier?)"""
        char = self._next()
        self.at += 1
        if char == ".":
            return self.dot, True, False
        if char == "^":
            return self.caret, False, False
        if char == "$":
            return self.dollar, False, False
        if char == "[":
            return self._class(), True, False
        if char == "(":
            return self._group(depth)
        if char == "\\":
            return self._escape()
        if char in "*+?" or (char == "{" and (self.unicode or self._is_braces())):
            raise _Bad("nothing to repeat")
        if char in "]}" and self.unicode:
            raise _Bad(f"lone '{char}'")
        return self._plain(char), True, False

    def _plain(self, char: str) -> str:
        """A character that means itself, in the cases that JavaScript gives it."""
        own = self.own_case.get(char.lower() if char in "IKS" else char)
        return f"(?-i:{own})" if own else _literal(char)

    def _is_braces(self) -> bool:
        self.at -= 1
        found = bool(self._braces(keep=True))
        self.at += 1
        return found

    def _group(self, depth: int) -> tuple[str, bool, bool]:
        opening, repeatable = "(", True
        if self._next() == "?":
            if self._next(3) in ("?<=", "?<!"):
                raise _Bad("it could take very long: it looks behind")
            if self._named(self.at - 1):
                end = self.text.find(">", self.at)
                name = self.text[self.at + 2 : end] if end > 0 else ""
                if not name.isidentifier() or name in self.names:
                    raise _Bad("invalid name of a group")
                self.names.append(name)
                opening, self.at = f"(?P<{name}>", end + 1
            elif self._next(2) in ("?:", "?=", "?!"):
                opening = "(" + self._next(2)
                repeatable = opening == "(?:" or not self.unicode
                self.at += 2
            else:
                raise _Bad("invalid group")
        content, quantified = self._alternatives(depth + 1)
        if self._next() != ")":
            raise _Bad("unterminated group")
        self.at += 1
        return f"{opening}{content})", repeatable, quantified

    def _escape(self) -> tuple[str, bool, bool]:
        char = self._next()
        if not char:
            raise _Bad("\\ at the end")
        if char in "bB":
            self.at += 1
            boundary = _BOUNDARY if char == "b" else _NO_BOUNDARY
            return boundary.format(self.classes["w"]), False, False
        if char in "123456789":
            digits = char
            while (more := self.text[self.at + len(digits) : self.at + len(digits) + 1]) and more in "0123456789":
                digits += more
            if int(digits) <= self.groups:
                self.at += len(digits)
                # A group that took no part matches the empty text in JavaScript.
                return f"(?({digits})\\{digits}|)" if len(digits) < 3 else _literal(""), True, False
            if self.unicode:
                raise _Bad("there is no such group")
        if char == "k" and (self.unicode or "(?<" in self.text):
            end = self.text.find(">", self.at)
            name = self.text[self.at + 2 : end]
            if self._next(2) != "k<" or end < 0 or f"(?<{name}>" not in self.text:
                raise _Bad("there is no such group")
            self.at = end + 1
            if name not in self.names:
                return "", False, False  # it comes later: so far it holds nothing
            return f"(?({name})(?P={name})|)", True, False
        if char in "dwsDWS":
            self.at += 1
            return f"(?-i:[{'^' * char.isupper()}{self.classes[char.lower()]}])", True, False
        if char in "pP" and self.unicode:
            return self._property(), True, False
        if char == "-" and self.unicode:
            raise _Bad("invalid escape")
        return self._plain(self._character()), True, False

    def _property(self) -> str:
        end = self.text.find("}", self.at)
        if self._next(2)[1:] != "{" or end < 0:
            raise _Bad("invalid property name")
        found = "\\" + self.text[self.at : end + 1]
        self.at = end + 1
        return found

    def _character(self) -> str:
        r"""The character that an escape means; `at` stands behind the backslash."""
        char = self._next()
        self.at += 1
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char == "c" and self._next().isascii() and self._next().isalpha():
            self.at += 1
            return chr(ord(self.text[self.at - 1]) % 32)
        if char in "xu":
            if char == "u" and self.unicode and self._next() == "{":
                end = self.text.find("}", self.at)
                return self._code(self.text[self.at + 1 : end], end + 1)
            width = 2 if char == "x" else 4
            digits = self._next(width)
            if len(digits) == width and all(digit in "0123456789abcdefABCDEF" for digit in digits):
                return self._code(digits, self.at + width)
            if self.unicode:
                raise _Bad("invalid escape")
            return char
        if char in "01234567":
            return self._octal(char)
        if self.unicode and char not in _SYNTAX and char != "-":
            raise _Bad("invalid escape")
        return char

    def _octal(self, digits: str) -> str:
        while len(digits) < 3 and self._next() and self._next() in "01234567" and int(digits + self._next(), 8) < 256:
            digits += self._next()
            self.at += 1
        if self.unicode and digits != "0":
            raise _Bad("invalid escape")
        return chr(int(digits, 8))

    def _code(self, digits: str, behind: int) -> str:
        try:
            found = chr(int(digits, 16))
        except (ValueError, OverflowError):
            raise _Bad("invalid escape") from None
        self.at = behind
        return found

    def _class(self) -> str:
        """A character class, written out so that nothing in it means more than itself."""
        negative = self._next() == "^"
        self.at += negative
        parts: list[str] = []
        while (char := self._next()) != "]":
            if not char:
                raise _Bad("unterminated character class")
            low, single = self._class_atom()
            if self._next() == "-" and self._next(2)[1:] not in ("]", ""):
                self.at += 1
                high, other = self._class_atom()
                if single and other:
                    if ord(low) > ord(high):
                        raise _Bad("range out of order in character class")
                    parts.append(f"{_literal(low)}-{_literal(high)}")
                    continue
                if self.unicode:
                    raise _Bad("invalid character class")
                parts += [_literal(low) if single else low, "\\-", _literal(high) if other else high]
                continue
            parts.append(_literal(low) if single else low)
        self.at += 1
        if not parts:
            return "[\\s\\S]" if negative else "(?!)"
        return f"[{'^' * negative}{''.join(parts)}]"

    def _class_atom(self) -> tuple[str, bool]:
        """(a character, True) or (the inside of a class such as \\d, False)"""
        char = self._next()
        self.at += 1
        if char != "\\":
            return char, True
        escaped = self._next()
        if not escaped:
            raise _Bad("\\ at the end")
        if escaped == "b":
            self.at += 1
            return "\b", True
        if escaped in "dws":
            self.at += 1
            return self.classes[escaped], False
        if escaped in "DWS":
            self.at += 1
            return {"D": r"\x00-/:-\U0010ffff", "W": r"\x00-/:-@\[-\^`{-\U0010ffff", "S": r"\S"}[escaped], False
        if escaped in "pP" and self.unicode:
            return self._property(), False
        return self._character(), True


def _literal(char: str) -> str:
    return f"\\{char}" if char in _ESCAPED else char


_ESCAPED = frozenset("^$\\.*+?()[]{}|-&~#/ \t\n\v\f\r")
