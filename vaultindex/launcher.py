"""The `vi` on the PATH: ours, or the real editor's? Decided before Click is imported, so that an editor starts at once.

The rules are those of the command's name: what is one of our commands is ours, a path or an editor's option is the
editor's, and a near miss on a terminal is explained. `vaultindex` is always ours.
"""

from __future__ import annotations

import os
import sys

from vaultindex.cli.table import ALIASES, COMMANDS, looks_first

# Options that stand before a command, and whether they take a value.
OPTIONS = {
    "--help": False, "--version": False, "--json": False, "--no-refresh": False, "--quiet": False, "--strict": False, "--no-pager": False, "--interactive": False, "-i": False,
    "--vault": True, "--index": True, "--today": True, "--format": True,
}  # fmt: skip
# With one of these a command does not look at the vault first.
_ELSE = frozenset(["--help", "-h", "--version", "--no-refresh", "--full"])
_GUARD = "VAULTINDEX_HANDED_OVER"


def main() -> None:
    """The entry point of both names."""
    name = os.path.basename(sys.argv[0])
    args = sys.argv[1:]
    if name in ("vi", "vi.exe", "vi.py") and not ours(args):
        sys.exit(hand_over(args))
    if "_VAULTINDEX_COMPLETE" in os.environ:
        from vaultindex.cli.upkeep.completion import complete

        sys.exit(complete("vaultindex"))  # a shell asks what a word may become: nobody waits for the vault
    import gc

    gc.disable()  # a command ends before cycles could matter; looking for them is a tenth of a question's time
    from vaultindex.vault import early_sweep

    if asks(args):
        early_sweep.send(args, os.environ, even_if_watched=_first_word(args) == "index")
    import contextlib

    from vaultindex.cli.commands import run

    try:
        code = run(args, "vi" if name.startswith("vi.") or name == "vi" else "vaultindex")
    finally:
        early_sweep.recall()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):  # the reader went away: that is how `vi tasks | head` ends
            stream.flush()
    os._exit(code)  # everything is written and closed; taking the interpreter apart would only take time


def ours(args: list[str]) -> bool:
    """Whether `vi ARGS` is a question to us; the rest belongs to the editor."""
    word = _first_word(args)
    if word is None:
        return not args or _is_option(args[0])
    if word in COMMANDS or word in ALIASES or _saved(word):
        if os.path.exists(word):
            print(f"note: {word} is also a file here; to edit it: vi ./{word}", file=sys.stderr)
        return True
    if word.startswith(("-", "+")) or "/" in word or "." in word or os.path.exists(word):
        return False
    close = _near(word) if sys.stdout.isatty() else None
    if close is not None:
        print(f"no command `{word}`: did you mean `vi {close}`? To edit a new file: vi ./{word}", file=sys.stderr)
        sys.exit(2)
    return _is_option(args[0])


def asks(args: list[str]) -> bool:
    """Whether `vi ARGS` begins with a look at the whole vault: a question does, what first writes a note must not."""
    return looks_first(_first_word(args)) and not _ELSE.intersection(args)


def _is_option(arg: str) -> bool:
    return arg.split("=", 1)[0] in OPTIONS


def _first_word(args: list[str]) -> str | None:
    """The first argument that is not one of our own leading options (or its value)."""
    at = 0
    while at < len(args):
        arg = args[at]
        name = arg.split("=", 1)[0]
        if name not in OPTIONS:
            return arg
        at += 2 if OPTIONS[name] and "=" not in arg else 1
    return None


def _saved(word: str) -> bool:
    """Whether the user saved a question under this word (one file a question, so that no index is opened here)."""
    if not word.replace("-", "").replace("_", "").isalnum():
        return False
    from vaultindex.base.paths import user_file

    return os.path.isfile(os.path.join(os.path.dirname(user_file(os.environ)), "queries", word + ".txt"))


def _near(word: str) -> str | None:
    """A command one or two letters away from the word; of several, the one that has all its letters."""
    word = word.lower()
    most = 1 if len(word) < 5 else 2
    found = [(_distance(word, c, 2), len(set(word) - set(c)), c) for c in (*COMMANDS, *ALIASES) if len(c) > 1]
    best = min(found)
    return best[2] if best[0] <= most else None


def _distance(a: str, b: str, most: int) -> int:
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def hand_over(args: list[str]) -> int:
    """Become the real editor; returns only when there is none (127) or when we were handed over to ourselves (126)."""
    from vaultindex.base.editor import none_found, real_editor

    editor = real_editor(os.environ)
    if editor is None:
        print(f"vi: {none_found(os.environ)}. This vi is vaultindex: see vaultindex --help.", file=sys.stderr)
        return 127
    # An editor may well start a shell that starts us again; a chain of execs keeps its process, and that is a loop.
    before, depth, by = [*os.environ.get(_GUARD, "0:0:").split(":", 2), "", ""][:3]
    level = int(depth) if depth.isdigit() else 0
    if before == str(os.getpid()) or level >= 8:
        print(
            f"vi: {by} handed over to {editor}, which is vaultindex again. Name your editor in VAULTINDEX_REAL_VI.",
            file=sys.stderr,
        )
        return 126
    environ = {**os.environ, _GUARD: f"{os.getpid()}:{level + 1}:{sys.argv[0]}"}
    try:
        if sys.platform == "win32":
            import subprocess

            return subprocess.call([editor, *args], env=environ)
        os.execve(editor, ["vi" if os.path.basename(editor) == "vi" else editor, *args], environ)
    except OSError as error:
        print(f"vi: {editor} cannot be started: {error.strerror}", file=sys.stderr)
        return 126
