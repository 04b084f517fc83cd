"""Errors with their exit codes, and `Problem`, one thing that a note's author should know.

Kept apart from the note's own types, because a command that reads no note needs only these.
"""

from typing import NamedTuple


class VaultError(Exception):
    """An error that a person can act on. `exit_code` is what the command ends with."""

    exit_code = 1


class UsageError(VaultError):
    """The question is malformed: a bad date, an unknown option value."""

    exit_code = 2


class UnknownName(VaultError):
    """No such name or id, or more than one thing it could mean."""

    exit_code = 3


class ChangedError(VaultError):
    """The file changed since it was read; nothing was written."""

    exit_code = 4


class NoVaultError(VaultError):
    """No vault was found, or it is not there any more."""

    exit_code = 5


class IndexUnavailable(VaultError):
    """The index is locked or cannot be read."""

    exit_code = 6


class Problem(NamedTuple):
    """Something a note's author would want to know: what was refused or doubted, and where."""

    path: str
    line: int
    kind: str  # a stable word: yaml, mojibake, encoding, size, nesting, date, unreadable, ...
    what: str  # one sentence that names the fix
