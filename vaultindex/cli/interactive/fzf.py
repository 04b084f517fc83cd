"""fzf as the picker, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

from vaultindex.base.errors import UsageError, VaultError

_LEFT = (1, 130)  # exit codes of fzf: nothing fits, the person left


def program(env: Mapping[str, str]) -> str | None:
    """The fzf to use; None for our own picker. Raises UsageError for a VAULTINDEX_PICKER that is neither."""
    wanted = env.get("VAULTINDEX_PICKER", "")
    if wanted not in ("", "fzf", "builtin"):
        raise UsageError(f"VAULTINDEX_PICKER is fzf or builtin, not {wanted!r}")
    found = shutil.which("fzf", path=env.get("PATH", os.defpath)) if wanted != "builtin" else None
    if wanted == "fzf" and found is None:
        raise UsageError("VAULTINDEX_PICKER is fzf, and there is none on the PATH")
    return found


def pick(fzf: str, lines: Sequence[str]) -> list[int]:
    """The numbers of the rows that a person picks; [] when none. Raises VaultError when fzf fails."""
    asked = "".join(f"{number}\t{line}\n" for number, line in enumerate(lines))
    header = "tab marks · enter goes on · esc leaves"
    options = ["--multi", "--ansi", "--no-sort", "--layout=reverse", "--delimiter=\t", "--with-nth=2..", f"--header={header}"]  # fmt: skip
    try:
        done = subprocess.run([fzf, *options], input=asked.encode("utf-8", "replace"), stdout=subprocess.PIPE)
    except OSError as error:
        raise VaultError(f"{fzf} cannot be started: {error.strerror}") from error
    if done.returncode in _LEFT:
        return []
    if done.returncode:
        raise VaultError(f"{fzf} ended with {done.returncode}: VAULTINDEX_PICKER=builtin does without it")
    return sorted(int(line.split(b"\t", 1)[0]) for line in done.stdout.splitlines() if line[:1].isdigit())
