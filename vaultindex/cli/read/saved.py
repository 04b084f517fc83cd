"""Questions saved under a word: one small file each in the user's settings folder."""

from __future__ import annotations

import os

from vaultindex.base.errors import UnknownName, VaultError
from vaultindex.base.files import write_own
from vaultindex.base.paths import user_file
from vaultindex.cli.commands import saved_query


def _folder(env: dict[str, str]) -> str:
    return os.path.join(os.path.dirname(user_file(env)), "queries")


def names(env: dict[str, str]) -> list[str]:
    """The words under which questions are saved."""
    folder = _folder(env)
    found = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(name[:-4] for name in found if name.endswith(".txt"))


def text_of(env: dict[str, str], word: str) -> str:
    """The question saved under a word. Raises UnknownName, with the nearest."""
    found = saved_query(word)
    if found is None:
        from vaultindex.base.text import nearest

        close = nearest(word, names(env), 1)
        hint = f". Did you mean {close[0]}?" if close else f": vi query --save {word} '...'"
        raise UnknownName(f"no query is saved as {word!r}{hint}")
    return found


def keep(env: dict[str, str], word: str, text: str) -> str:
    """Save a question; the file it stands in. Raises VaultError."""
    path = os.path.join(_folder(env), word + ".txt")
    try:
        write_own(path, (text if text.endswith("\n") else text + "\n").encode("utf-8", "replace"))
    except OSError as error:
        raise VaultError(
            f"{path} could not be written ({error.strerror}): what was saved before is as it was"
        ) from error
    return path


def delete(env: dict[str, str], word: str) -> str:
    """Forget a saved question; what it was. Raises UnknownName, VaultError."""
    text = text_of(env, word)
    path = os.path.join(_folder(env), word + ".txt")
    try:
        os.remove(path)
    except OSError as error:
        raise VaultError(f"{path} could not be deleted: {error.strerror}") from error
    return text
