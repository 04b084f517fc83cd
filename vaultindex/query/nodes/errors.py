"""Errors of a query: what is wrong, in which line, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable

from vaultindex.base.errors import UsageError

# The kinds of mistakes; tests and programs go by these words, people by the message.
KINDS = (
    "unknown_instruction", "date", "boolean", "placeholder", "regex", "status_type", "js_disabled", "preset",
    "template_text", "hide_show", "view", "runtime", "too_large",
)  # fmt: skip


_SHOWN = 300  # characters of an instruction


def nearest(said: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word most like what was said, None when none is or the text is too long to be a word's slip."""
    if len(said) > 60:
        return None
    from difflib import get_close_matches

    close = get_close_matches(said, list(known), 1, cutoff)
    return close[0] if close and close[0] != said else None  # a hint never repeats what was said


class QueryError(UsageError):
    """A query that cannot be run: `kind` (one of KINDS), `reason`, the `instruction` and its 1-based `line`.

    `line` is None when the instruction comes from the vault (global query, TQ_ property) and not from the query's text.
    """

    def __init__(self, kind: str, reason: str, instruction: str = "", line: int | None = None) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.instruction, self.line = kind, reason, instruction, line

    def at(self, instruction: str, line: int | None) -> QueryError:
        """The same mistake, with the place where it was made."""
        return type(self)(self.kind, self.reason, self.instruction or instruction, self.line or line)

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        said = self.instruction
        shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]} ..."
        quoted = f"\n    {shown}" if said else ""
        return f"{where}{self.reason}{quoted}"
