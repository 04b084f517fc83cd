"""Long answers in a pager: what fits the screen is printed, what does not goes through `less -FRX` or the one that is set."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping


def command(env: Mapping[str, str]) -> list[str] | None:
    """VAULTINDEX_PAGER, PAGER, else `less -FRX`; None when that is '', `cat`, or not there."""
    import shlex
    import shutil

    named = env.get("VAULTINDEX_PAGER", env.get("PAGER", "less -FRX"))
    words = shlex.split(named)
    if not words or words == ["cat"] or env.get("TERM") == "dumb":
        return None
    path = shutil.which(words[0], path=env.get("PATH", os.defpath))
    return [path, *words[1:]] if path else None


class Pager:
    """Text for a terminal of so many lines: held until it is known whether it fits. A reader who leaves early ends it."""

    def __init__(self, words: list[str], env: Mapping[str, str], height: int) -> None:
        self._words, self._height = words, max(height - 2, 5)
        # What the usual options are to less when the pager is another command's setting.
        self._env = {"LESS": "FRX", "LV": "-c", **env}
        self._held: list[str] = []
        self._lines = 0
        self._process: subprocess.Popen[str] | None = None
        self._left = False  # the reader went away

    def write(self, text: str) -> None:
        """Some more of the answer."""
        if self._left:
            return
        if self._process is None:
            self._held.append(text)
            self._lines += text.count("\n")
            if self._lines > self._height:
                self._start()
            return
        self._put(text)

    def flush(self) -> None:
        """As a file has it; what is held stays held."""

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="backslashreplace",
                env=self._env,
            )
        except OSError:  # it went away since it was looked for
            self._height = sys.maxsize
            return
        held, self._held = "".join(self._held), []
        self._put(held)

    def _put(self, text: str) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except (BrokenPipeError, OSError):
            self._left = True

    def close(self) -> None:
        """Print what was held, or wait until the reader leaves the pager."""
        if self._process is None:
            sys.stdout.write("".join(self._held))
            sys.stdout.flush()
            self._held = []
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, OSError):
            self._process.stdin.close()
        while True:
            try:
                self._process.wait()
                return
            except KeyboardInterrupt:  # meant for the pager, which stops a search with it
                continue
