"""What a person types behind `vi add` is understood, shown, and never guessed; `vi lint --fix` writes what lint proposes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import Shell
from vaultindex.change import typed

NOTES = {
    "People/Dana Leigh.md": "---\ntype: person\naliases: [DL]\n---\n",
    "People/Sam Okoro.md": "---\ntype: person\n---\n",
    "People/Sam Young.md": "---\ntype: person\n---\n",
    "Accounts/Contoso.md": "---\ntype: account\naliases: [Contoso Ltd]\n---\n",
}
WRITTEN = {
    "call Dana friday !high for contoso": ("call [[Dana Leigh|Dana]]", "2025-10-10", "high", "Contoso"),
    "call Dana for contoso friday": ("call [[Dana Leigh|Dana]]", "2025-10-10", None, "Contoso"),
    "Send the sheet by 7 nov": ("Send the sheet", "2025-11-07", None, None),
    "Send the sheet next mon": ("Send the sheet", "2025-10-13", None, None),
    "Send +3d the sheet": ("Send the sheet", "2025-10-10", None, None),
    "Send the sheet due 2025-12-01": ("Send the sheet", "2025-12-01", None, None),
    "Look at the sun": ("Look at the sun", None, None, None),
    "Review the May report": ("Review the May report", None, None, None),
    "Plan march": ("Plan march", None, None, None),
    "today": ("today", None, None, None),
    "Call at noon": ("Call at noon", None, None, None),
    "Buy milk for mum": ("Buy milk for mum", None, None, None),
    "for contoso": ("for contoso", None, None, None),
    "Ask Sam": ("Ask Sam", None, None, None),
    "Ask Sam Young": ("Ask [[Sam Young]]", None, None, None),
    "Ask [[Dana Leigh]] and Dana": ("Ask [[Dana Leigh]] and [[Dana Leigh|Dana]]", None, None, None),
    "Ask @Dana": ("Ask @Dana", None, None, None),
    "meet dana": ("meet dana", None, None, None),  # a small letter may be any word
    "Fix `Dana` in code #Contoso": ("Fix `Dana` in code #Contoso", None, None, None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), WRITTEN.items(), ids=list(WRITTEN))
def test_the_short_forms_of_a_text_are_understood(
    small: Path,
    indexed: Callable[[Path], sqlite3.Connection],
    text: str,
    meant: tuple[str, str | None, str | None, str | None],
) -> None:
    for path, said in NOTES.items():
        (small / path).parent.mkdir(exist_ok=True)
        (small / path).write_text(said)
    found = typed.understand(indexed(small), text, "2025-10-07", due=True, priority=True, account=True)
    assert (found.text, found.due, found.priority, found.account.name if found.account else None) == meant
    assert any("not linked" in told for told in found.told) == (text == "Ask Sam")


def test_add_says_what_it_understood_and_gives_the_id(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    text, code = shell.run("vi add call Dana friday '!high' for contoso")
    assert code == 0 and "understood: for Contoso · due Fri 10 Oct 2025 · priority high" in text
    identity = text.split("added ")[1].split()[0]
    assert "call [[Dana Leigh|Dana]]" in shell.run(f"vi why {identity}")[0]
    text, _ = shell.run("vi add --as-is call Dana friday", terminal=False)
    assert "→ - [ ] call Dana friday" in text


def test_lint_fix_shows_the_diff_writes_and_one_undo_takes_all_back(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    before = {path: path.read_bytes() for path in shell.vault.rglob("*.md")}
    assert shell.run("vi lint --fix", terminal=False)[1] == 2  # nobody to ask
    text, code = shell.run("vi lint --fix --yes", terminal=False)
    assert (
        code == 0 and "+- [ ] Send slides. @Myself #task 📅 2025-07-04" in text and "mended 2 lines in 1 note" in text
    )
    assert "Send slides" not in shell.run("vi lint", terminal=False)[0]
    assert shell.run("vi undo")[1] == 0
    assert {path: path.read_bytes() for path in shell.vault.rglob("*.md")} == before
