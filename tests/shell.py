"""Run commands as a person would, in a real terminal; check recorded sessions, or write them anew.

A session is a text with lines that begin with `$ ` (a command) and the lines that the command printed. One that begins with
`# vault: NAME` is about fixtures/NAME. `python -m tests.shell` writes every session again.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import warm

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SESSIONS = sorted(p for p in (ROOT / "tests" / "cli").glob("*.txt"))
# Documents whose examples are sessions, too: their fenced `console` blocks.
DOCUMENTS = [
    ROOT / "README.md",
    *sorted(p for p in (ROOT / "docs").glob("*.md") if "```console\n$ " in p.read_text(encoding="utf-8")),
]
WIDTH = 100
# A slow machine says how far it is with reading.
PROGRESS = re.compile(
    r"(?:\r?\n|\r)?(?:\x1b\[\?25l)?(?:\r|\x1b\[K)*reading notes .*?100%[^\n]*\x1b\[\?25h\n?", flags=re.S
)


class Shell:
    """A terminal of 100 columns in a folder that holds a copy of a fixture vault; today is 7 October 2025."""

    def __init__(self, folder: Path, fixture: str = "vault") -> None:
        self.home = folder / "home"
        self.vault = self.home / "vault"
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.vault.exists():
            shutil.copytree(ROOT / "fixtures" / fixture, self.vault)
        keep = {k: v for k, v in os.environ.items() if k in ("LANG", "SYSTEMROOT", "TMPDIR")}
        self.env = {
            **keep,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "COLUMNS": str(WIDTH),
            "LINES": "40",
            "NO_COLOR": "1",
            "TERM": "xterm-256color",
            "PAGER": "cat",
            "PYTHONUTF8": "1",
            "VAULTINDEX_TODAY": "2025-10-07",
        }

    def run(self, command: str, terminal: bool = True, timeout: float = 60) -> tuple[str, int]:
        """(what appeared on the screen, exit code). Without a terminal: stdout alone."""
        if not terminal:
            done = warm.run(
                ["sh", "-c", command],
                cwd=self.vault,
                env=self.env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
            )
            return done.stdout.decode(), done.returncode
        import pty

        parent, child = pty.openpty()
        process = warm.Popen(
            ["sh", "-c", command], cwd=self.vault, env=self.env, stdin=subprocess.DEVNULL, stdout=child, stderr=child
        )
        os.close(child)
        seen = bytearray()
        while True:
            ready, _, _ = select.select([parent], [], [], timeout)
            if not ready:
                process.kill()
                raise TimeoutError(f"{command}: nothing for {timeout} s")
            try:
                data = os.read(parent, 65536)
            except OSError:  # the terminal is closed: the command has ended
                break
            if not data:
                break
            seen += data
        os.close(parent)
        return PROGRESS.sub("", seen.decode().replace("\r\n", "\n")), process.wait(timeout)

    def steady(self, text: str) -> str:
        """The text without what differs from run to run: durations, sizes, folders."""
        text = text.replace("\r\n", "\n")  # a calendar's own line ends
        text = text.replace(str(self.home), "~").replace(str(BIN), "~/bin")
        text = re.sub(
            r"vaultindex \S+(?: \([0-9a-f]{7}\))? · Python \S+", "vaultindex 0.1.0 (1a2b3c4) · Python 3.11.7", text
        )
        text = re.sub(r"\d+(?:\.\d+)? (ms|s)\b", r"9 \1", text)
        text = re.sub(r"\(\d+\.\d MB\)", "(0.4 MB)", text)
        text = re.sub(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d  ", "2025-10-07 09:00  ", text)
        text = re.sub(r"\b\d{8}T\d{6}Z", "20251007T090000Z", text)  # when a note was last changed
        return re.sub(r"vault-[0-9a-f]{16}", "vault-0a1b2c3d", text)


def shell_of(text: str, folder: Path) -> Shell:
    """The terminal for a session, in an empty folder."""
    named = re.match(r"# vault: (\w+)\n", text)
    return Shell(folder, named[1] if named else "vault")


def replay(text: str, shell: Shell) -> str:
    """The session as it runs now: each command kept, its output made anew. Fenced blocks only, when there are any."""
    if "```console" not in text:
        return _block(text, shell)
    parts = re.split(r"(```console\n.*?```\n)", text, flags=re.S)
    out = []
    for part in parts:
        if part.startswith("```console\n"):
            part = "```console\n" + _block(part[11:-4], shell) + "```\n"
        out.append(part)
    return "".join(out)


def _block(text: str, shell: Shell) -> str:
    out: list[str] = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            shown, code = shell.run(line[2:])
            out.append(line + "\n" + shell.steady(shown))
            if code:
                out.append(f"[exit {code}]\n")
            if text.count("\n$ ") or not text.startswith("$ "):
                out.append("\n" if not line.startswith("$ cd") else "")
        elif line.startswith("# "):
            out.append(line + "\n")
    return "".join(out).rstrip("\n") + "\n"


def main() -> None:
    """Write every session anew, and those of the documents."""
    for path in [*SESSIONS, *DOCUMENTS]:
        with tempfile.TemporaryDirectory() as folder:
            before = path.read_text(encoding="utf-8")
            after = replay(before, shell_of(before, Path(folder)))
            if after != before:
                path.write_text(after, encoding="utf-8")
                print(f"changed: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
