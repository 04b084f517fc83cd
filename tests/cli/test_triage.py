"""Triage: a key a proposal, context to decide by, and what was rejected stays rejected."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from tests.shell import Shell
from vaultindex.ask.tasks.similar import likeness, words
from vaultindex.cli.triage import many

CALL = """---
type: customer
account: Contoso
date: 2025-10-01
source_ref: calls/2025-10-01.md
---
# Pricing call

## Action Items

- [?] Send the price sheet to Dana. @Myself 📅 2025-10-01 ⏫ #task #proposed
- [?] Book a room. @Dana 📅 2025-10-09 #task #proposed
- [?] Ask about lunch. #task #proposed #auto
"""
EARLIER = CALL.replace("2025-10-01", "2025-08-12").replace(
    "[?] Send the price sheet to Dana. @Myself 📅 2025-08-12 ⏫ #task #proposed", "[ ] Send price sheet @Myself #task"
)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "home" / "vault" / ".obsidian").mkdir(parents=True)
    made = Shell(tmp_path)
    (made.vault / "2025-10-01 Call.md").write_text(CALL)
    return made


def note(shell: Shell) -> str:
    return (shell.vault / "2025-10-01 Call.md").read_text()


def answer(shell: Shell, answers: str, options: str = "") -> str:
    (shell.home / "answers").write_text(answers)
    out, code = shell.run(f"vi triage --plain {options} < {shell.home / 'answers'}")
    assert code == 0, out
    return out


class Keys:
    """`vi triage` in a terminal of 80 columns, with keys typed into it."""

    def __init__(self, shell: Shell, command: str) -> None:
        self.parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = {**shell.env, "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            command.split(),
            cwd=shell.vault,
            env=env,
            stdin=child,
            stdout=child,
            stderr=child,
            preexec_fn=lambda: os.login_tty(child),
        )
        os.close(child)
        self.seen = ""

    def type(self, keys: str, until: str) -> str:
        """The screen after the keys, once it shows this."""
        os.write(self.parent, keys.encode())
        start = len(self.seen)
        end = time.monotonic() + 20
        while until not in self.seen[start:]:
            ready, _, _ = select.select([self.parent], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{until!r} is not in {self.seen[start:]!r}"
            try:
                data = os.read(self.parent, 65536)
            except OSError:
                data = b""
            assert data, f"{until!r} is not in {self.seen[start:]!r}"
            self.seen += data.decode()
        return self.seen[start:]

    def close(self) -> int:
        code = self.process.wait(20)
        os.close(self.parent)
        return code


def test_keys_decide_one_proposal_a_screen(shell: Shell) -> None:
    (shell.vault / "2025-08-12 Kick-off.md").write_text(EARLIER)
    keys = Keys(shell, "vi triage --note Call")
    screen = keys.type("", "[q]uit")
    assert "1/3" in screen and "Contoso · 2025-10-01 Call · Action Items · for me · ⏫" in screen
    assert "due 2025-10-01  (the note's own date: not stated?)" in screen
    assert (
        "asked 2 times since Tue 12 Aug 2025" in screen and '"Send price sheet" (open, 2025-08-12 Kick-off)' in screen
    )
    screen = keys.type("z", "? shows them")
    screen = keys.type("d", "due")
    screen = keys.type("fri\r", "[q]uit")
    assert "due 2025-10-10" in screen and "not stated" not in screen
    assert "2/3" in keys.type("a", "[q]uit")
    assert "#task #proposed" in note(
        shell
    ) and "- [ ] Send the price sheet to Dana. @Myself 📅 2025-10-10 ⏫ #task\n" in note(shell)
    assert "3/3" in keys.type("r", "[q]uit")
    assert "- [-] Book a room. @Dana 📅 2025-10-09 ❌ 2025-10-07 #task #proposed\n" in note(shell)
    screen = keys.type("u", "[q]uit")
    assert "2/3" in screen and "undone: rejected" in screen
    assert "- [?] Book a room. @Dana 📅 2025-10-09 #task #proposed\n" in note(shell)
    assert "Ask about lunch" in keys.type("s", "Ask about lunch")
    screen = keys.type("q", "left")
    assert "1 rescheduled, 1 accepted · 2 left · undo: vi undo 2" in screen
    assert keys.close() == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", keys.seen).replace("\r", "").split("\n")
    assert max(map(len, lines)) <= 80
    shell.run("vi undo 2")
    assert note(shell) == CALL


def test_control_c_and_a_closed_terminal_end_it_with_the_index_in_step(shell: Shell) -> None:
    keys = Keys(shell, "vi triage")
    keys.type("", "[q]uit")
    keys.type("a", "2/3")
    keys.type("\x03", "left")
    assert keys.close() == 0
    out, code = shell.run("vi index --verify", terminal=False)
    assert code == 0, out


def test_answers_may_come_line_by_line(shell: Shell) -> None:
    out = answer(shell, "d fri\no Dana Leigh\n")
    assert out.count("1/3") == 2 and "no person" in out
    out = answer(shell, "o @Dana Leigh\nd none\na\nr too late\nl\n")
    assert "1 assigned, 1 rescheduled, 1 accepted, 1 rejected, 1 put off · 0 left" in out
    assert note(shell).split("\n")[10:13] == [
        "- [ ] Send the price sheet to Dana. @Dana Leigh ⏫ #task",
        "- [-] Book a room. @Dana 📅 2025-10-09 ❌ 2025-10-07 #task #proposed",
        "- [?] Ask about lunch. #task #proposed #auto",
    ]
    assert "too late" in shell.run("vi log")[0]


def test_rejected_stays_rejected_when_the_note_is_made_again_or_moves(shell: Shell) -> None:
    answer(shell, "a\nr\nl\n")
    (shell.vault / "2025-10-01 Call.md").write_text(CALL.replace("Book a room.", "Book a room!"))
    out = answer(shell, "q\n")
    assert "1/1" in out.replace("1/2", "1/1") and "Book a room" not in out
    assert "1 came back, rejected on Tue 7 Oct 2025: vi triage --again" in out
    assert "1 put off today" in out
    (shell.vault / "Archive").mkdir()
    (shell.vault / "2025-10-01 Call.md").rename(shell.vault / "Archive" / "Moved.md")
    assert "Book a room" not in answer(shell, "q\n")
    out = answer(shell, "q\n", "--again --oldest --note Moved")
    assert "1/3" in out
    out = answer(shell, "l\na\n", "--again")
    assert (
        "rejected on 2025-10-07" in out and "- [ ] Book a room!" in (shell.vault / "Archive" / "Moved.md").read_text()
    )
    out, _ = shell.run("vi triage --plain </dev/null --today 2025-10-08")
    assert "1/2" in out, "put off until tomorrow"


def test_undoing_a_rejection_asks_again(shell: Shell) -> None:
    answer(shell, "r\n")
    shell.run("vi undo")
    assert "1/3" in answer(shell, "q\n")


def test_new_shows_only_what_was_not_shown(shell: Shell) -> None:
    answer(shell, "l\nq\n")
    out = answer(shell, "q\n", "--new")
    assert "1/1" in out and "Ask about lunch" in out
    assert "no proposals to decide on" in answer(shell, "", "--new")


def test_filters_and_order(shell: Shell) -> None:
    (shell.vault / "2025-08-12 Kick-off.md").write_text(EARLIER)
    assert "1/1" in answer(shell, "q\n", "--mine")
    assert "2025-10-01 Call" in answer(shell, "q\n")
    assert "2025-08-12 Kick-off" in answer(shell, "q\n", "--oldest")


def test_a_merge_rejects_with_the_name_of_what_is_kept(shell: Shell) -> None:
    (shell.vault / "2025-08-12 Kick-off.md").write_text(EARLIER)
    answer(shell, "m\nq\n", "--note Call")
    assert "- [-] Send the price sheet" in note(shell)
    assert re.search(r"same as \w{3}: Send price sheet", shell.run("vi log")[0])
    assert "[ ] Send price sheet" in (shell.vault / "2025-08-12 Kick-off.md").read_text(), "the other stays"


def test_the_source_in_the_vault_is_quoted_and_nothing_outside_is(shell: Shell) -> None:
    (shell.vault / "calls").mkdir()
    (shell.vault / "calls" / "2025-10-01.md").write_text("Hello.\nI will send you the price sheet, Dana.\nBye.\n")
    assert "    2  I will send you the price sheet, Dana." in answer(shell, "s\nq\n")
    (shell.vault / "2025-10-01 Call.md").write_text(CALL.replace("calls/2025-10-01.md", "/etc/hostname"))
    assert "is not in the vault" in answer(shell, "s\nq\n")


def test_a_note_that_changes_meanwhile_is_left_alone(shell: Shell) -> None:
    keys = Keys(shell, "vi triage")
    keys.type("", "[q]uit")
    changed = CALL.replace("Send the price sheet", "Post the price sheet")
    (shell.vault / "2025-10-01 Call.md").write_text(changed)
    keys.type("a", "changed on disk")
    keys.type("q", "left")
    keys.close()
    assert note(shell) == changed


@pytest.mark.parametrize(
    ("one", "other", "account", "alike"),
    [
        ("Send the price sheet", "send price sheets!", False, True),
        ("Send estimate", "Send the load estimate to Dana before the review", True, True),
        ("Send estimate", "Send the load estimate to Dana before the review", False, False),
        ("Send invoice", "Send estimate", True, False),
        ("Send the contract to legal", "Review the contract", True, False),
        ("", "", True, False),
        ("alpha beta gamma delta", "alpha beta gamma omega", False, True),  # 3 of 5 words: 0.6
        ("alpha beta gamma delta one", "alpha beta gamma omega two", False, False),  # 3 of 7
        (
            "alpha beta gamma delta sigma",
            "alpha beta gamma delta omega kappa zeta",
            True,
            True,
        ),  # 4 of the shorter one's 5: 0.8
        ("alpha beta gamma delta", "alpha beta gamma omega kappa zeta", True, False),  # 3 of 4
        ("alpha beta gamma delta one two", "alpha beta gamma delta six ten", False, False),  # 4 of 8
        ("alpha", "alpha beta", True, False),  # one word is too few to share
        ("alpha", "alpha", False, True),
    ],
)
def test_near_duplicates_share_their_words(one: str, other: str, account: bool, alike: bool) -> None:
    assert bool(likeness(words(one), words(other), account)) is alike
    assert bool(likeness(words(other), words(one), account)) is alike


def test_merge_says_into_what_and_a_twin_shows_its_newest_text(shell: Shell) -> None:
    (shell.vault / "2025-08-12 Call.md").write_text(
        CALL.replace("2025-10-01", "2025-08-12").replace("Send the price sheet to Dana.", "Send price sheet to Dana")
    )
    editor = shell.home / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/Dana/Dana-Leigh/ "$1"\n')
    editor.chmod(0o755)
    shell.env["EDITOR"] = str(editor)
    out = answer(shell, "e\na\n" + "l\n" * 2 + "m\nq\n")
    before = out[: out.index("merged into")]
    twin = before[before.rindex("asked 2 times") :]
    assert "Send the price sheet to Dana-Leigh." in twin and "(open, 2025-10-01 Call)" in twin
    assert re.search(
        r'merged into \w+ "Send the price sheet to Dana-Leigh." \(open, 2025-10-01 Call\): Send price sheet', out
    )
    assert "1 merged" in out


def test_the_time_a_person_thinks_is_not_the_time_of_the_query(shell: Shell) -> None:
    out, code = shell.run("(sleep 3; echo q) | vi triage --plain")
    assert code == 0
    assert int(re.search(r"(\d+) ms", out)[1]) < 2000  # type: ignore[index]


def test_a_long_source_is_never_cut_before_it_is_said_to_be_missing(shell: Shell) -> None:
    long = "Inbox/_archive/" + "a very long name of a recording " * 4 + "2025.md"
    (shell.vault / "2025-10-01 Call.md").write_text(CALL.replace("calls/2025-10-01.md", long))
    out = answer(shell, "s\nq\n")
    assert "is not in the vault; the note itself" in " ".join(out.split())


def test_a_whole_note_is_accepted_rejected_or_split_into_mine_and_the_others_as_one_step(shell: Shell) -> None:
    keys = Keys(shell, "vi triage")
    assert "2 more of this note: A accepts all, R rejects all, M only mine" in keys.type("", "[q]uit")
    keys.type("A", "3 accepted · 0 left")
    assert keys.close() == 0, "nothing is left"
    assert note(shell).count("- [ ] ") == 3 and "#proposed" not in note(shell)
    assert "undone accept" in shell.run("vi undo")[0] and note(shell) == CALL
    keys = Keys(shell, "vi triage")
    keys.type("", "[q]uit")
    keys.type("M", "1 accepted, 2 rejected · 0 left")
    keys.close()
    assert note(shell).count("- [ ] ") == 1 and note(shell).count("- [-] ") == 2
    assert shell.run("vi undo")[0].count("undone") == 3 and note(shell) == CALL
    (shell.vault / "2025-09-01 Other.md").write_text("- [?] Paint the fence. #proposed\n")
    keys = Keys(shell, "vi triage")
    keys.type("", "[q]uit")
    assert "Paint the fence" in keys.type("R", "[q]uit")
    assert "undone: rejected 3" in keys.type("u", "[q]uit") and note(shell) == CALL
    keys.type("q", "4 left")
    keys.close()


def test_the_date_has_three_keys_and_one_may_go_on_and_back(shell: Shell) -> None:
    keys = Keys(shell, "vi triage")
    keys.type("", "[q]uit")
    assert "due 2025-10-08" in keys.type("t", "[q]uit")
    assert "due 2025-10-13" in keys.type("w", "[q]uit")
    screen = keys.type("x", "[q]uit")
    assert "  due " not in screen and "📅" not in screen
    assert "2/3" in keys.type("n", "[q]uit")
    assert "1/3" in keys.type("b", "[q]uit")
    assert "that is the first one" in keys.type("b", "first one")
    assert "accept mine, reject the others" in keys.type("?", "stays decided")
    keys.type("a", "1 of 3 · 3 rescheduled, 1 accepted")
    assert "decided in this sitting" in keys.type("b", "[q]uit")
    keys.type("a", "is not a proposal")
    keys.type("q", "2 left")
    keys.close()


def test_a_filter_from_within_leaves_what_fits_and_goes_back_to_all(shell: Shell) -> None:
    (shell.vault / "2025-09-01 Other.md").write_text(
        "- [?] Paint the fence. #proposed\n- [?] Paint the door. #proposed\n"
    )
    out = answer(shell, "f paint\nr\na\nq\n")
    assert "2 of 5: paint" in out and "1/2" in out and "that was the last one of paint: the others again" in out
    assert out.rstrip().splitlines()[-2].startswith("1 rejected, 1 accepted · 3 left")
    assert "--not-mine" in answer(shell, "f --nothing\nq\n")
    assert "no proposal that is left fits: xyzzy" in answer(shell, "f xyzzy\nq\n")
    assert "all 3 again" in answer(shell, "f room\nf\nq\n")


def test_a_first_day_of_two_thousand_proposals_comes_down_in_a_few_keys_each_one_step_to_undo(shell: Shell) -> None:
    for n in range(400):
        date = f"2025-{1 + n % 9:02}-{1 + n % 28:02}"
        items = "".join(f"- [?] Look into matter {n} of part {k}. @{('Myself', 'Dana', 'Sam', 'Noor')[k % 4]} #task #proposed\n" for k in range(5))  # fmt: skip
        (shell.vault / f"{date} Meeting {n}.md").write_text(f"---\ndate: {date}\n---\n## Action Items\n\n{items}")
    before = {path.name: path.read_bytes() for path in shell.vault.glob("*.md")}
    keys = Keys(shell, "vi triage")
    screen = keys.type("", "[q]uit")
    assert "1/2,003" in screen and "0 of 2,003" in screen
    said = re.search(r"reject all older than 60 days: ([\d,]+) in (\d+) notes", screen)
    assert said is not None
    assert said[0] in keys.type("*", "which")
    keys.type("1\r", f"{said[0]}?")
    screen = keys.type("y\r", "[q]uit")
    old = int(said[1].replace(",", ""))
    assert f"rejected {said[1]} in {said[2]} notes" in screen and f"{old:,} of 2,003" in screen and old > 1500
    keys.type("*", "which")
    assert "reject all of --not-mine: " in keys.type("reject --not-mine\r", "?")
    keys.type("y\r", "[q]uit")
    left = 2003 - sum(path.read_text().count("- [-]") for path in shell.vault.glob("*.md"))
    assert 0 < left < 300
    keys.type("q", f"{left} left")
    assert keys.close() == 0
    back, code = shell.run("vi undo")
    assert code == 0 and back.count("undone reject") == 2003 - old - left
    back, code = shell.run("vi undo")
    assert code == 0 and back.count("undone reject") == old
    assert {path.name: path.read_bytes() for path in shell.vault.glob("*.md")} == before
    assert "2003 left" in answer(shell, "q\n").replace(",", ""), "what was taken back is asked again"


def test_many_at_once_line_by_line_and_what_cannot_be_read_is_named(shell: Shell) -> None:
    out = answer(shell, "*\n* 9\n* reject --owner Dana\nq\n")
    assert "1  reject all that others own: 1 in 1 note" in out
    assert "a number from the list" in out and "rejected 1 in 1 note" in out
    assert "- [-] Book a room." in note(shell)


def test_those_first_that_are_like_what_was_accepted_before(shell: Shell) -> None:
    for n in range(6):
        who, name = ("Dana", "Acme") if n % 2 else ("Noor", "Zenith")
        (shell.vault / f"2025-09-0{n + 1} {name}.md").write_text(
            f"---\ndate: 2025-09-0{n + 1}\naccount: {name}\n---\n- [?] Old matter {n} here. @{who} #proposed\n"
            f"- [?] New matter {n} there. @{who} #proposed\n"
        )

    def order() -> list[str]:
        out = answer(shell, "n\n" * 5 + "q\n", "--likely new matter")
        return re.findall(r"New matter (\d) there\.$", out, re.M)

    for n in range(6):
        verb = "accept" if n % 2 == 0 else "reject"
        _, code = shell.run(f"vi {verb} '2025-09-0{n + 1} {'Acme' if n % 2 else 'Zenith'}.md:5'", terminal=False)
        assert code == 0
    assert {int(n) % 2 for n in order()[:3]} == {0}, "Noor's at Zenith were accepted"
    shell.run("vi undo 6", terminal=False)
    for n in range(6):
        verb = "accept" if n % 2 else "reject"
        shell.run(f"vi {verb} '2025-09-0{n + 1} {'Acme' if n % 2 else 'Zenith'}.md:5'", terminal=False)
    assert {int(n) % 2 for n in order()[:3]} == {1}, "now those of Dana at Acme were"


def test_two_offers_are_the_same_only_when_they_mean_the_same_proposals() -> None:
    def row(identity: str, day: str, mine: bool, owner: str) -> dict[str, object]:
        return {"id": identity, "path": f"{identity}.md", "note_date": day, "mine": mine, "owner_person": owner}

    old, theirs = row("a", "2025-01-01", True, "Me"), row("b", "2025-10-06", False, "Dana Leigh")
    said = [str(offer) for offer in many.offers([old, theirs], "2025-10-07")]
    assert said == ["reject all older than 60 days: 1 in 1 note", "reject all that others own: 1 in 1 note"]
    assert [offer.which for offer in many.offers([{**old, "mine": False, "owner_person": "Sam"}], "0001-01-05")] == [
        "all that others own"
    ]


def _two_danas(shell: Shell) -> None:
    """Both have met the account, and neither was in the call of which Dana is to book a room."""
    for day, who in (("2025-09-01", "Dana Leigh"), ("2025-09-02", "Dana Cruz")):
        text = f"---\naccount: Contoso\ndate: {day}\nparticipants: [{who}]\n---\n# Meeting\n"
        (shell.vault / f"{day} Meeting.md").write_text(text)


def _unsure(shell: Shell) -> list[str]:
    return [row["name"] for row in _json(shell, "vi people --unsure --json")]


def _json(shell: Shell, command: str) -> Any:
    return json.loads(shell.run(command, terminal=False)[0])


QUESTION = "Is 'Dana' Dana Cruz or Dana Leigh?  (several fit)"


def test_an_unsure_name_is_asked_about_once_and_the_answer_holds_from_then_on(shell: Shell) -> None:
    _two_danas(shell)
    assert _unsure(shell) == ["Dana"]
    keys = Keys(shell, "vi triage --oldest")
    assert "Send the price sheet" in keys.type("", "[q]uit") and QUESTION not in keys.seen
    screen = keys.type("a", "[space] later")  # the next proposal is Dana's
    assert QUESTION in screen and "Book a room." in screen and "[1] Dana Cruz  [2] Dana Leigh" in screen
    assert "[1] Dana Cruz" in keys.type("7", "[space] later")
    screen = keys.type("2", "[o]wner")
    assert "Dana is Dana Leigh · u takes it back" in screen and "for Dana Leigh" in screen
    assert "1 accepted, 1 named · 2 left · undo: vi undo 2" in keys.type("q", "left ·")
    assert keys.close() == 0
    assert _unsure(shell) == []
    assert [row["text"] for row in _json(shell, "vi tasks --proposed --owner 'Dana Leigh' --json")] == ["Book a room."]
    again = Keys(shell, "vi triage --oldest")
    assert "Book a room." in again.type("", "[o]wner") and "Is 'Dana'" not in again.seen
    again.type("q", "left")
    again.close()
    assert "undone same  Dana is Dana Leigh" in shell.run("vi undo")[0]
    assert _unsure(shell) == ["Dana"]


def test_a_name_that_is_none_of_the_candidates_is_never_asked_about_again_unless_that_is_taken_back(
    shell: Shell,
) -> None:
    _two_danas(shell)
    keys = Keys(shell, "vi triage --oldest")
    keys.type("", "[o]wner")
    keys.type("n", "[space] later")
    assert "Dana is neither Dana Cruz nor Dana Leigh" in keys.type("d", "[o]wner")
    assert _unsure(shell) == []
    assert "undone: named" in keys.type("u", "[space] later") and _unsure(shell) == ["Dana"]
    keys.type("d", "[o]wner")
    keys.type("q", "left")
    keys.close()
    again = Keys(shell, "vi triage --oldest")
    again.type("", "[o]wner")
    assert "Is 'Dana'" not in again.type("n", "2/3")
    again.type("q", "left")
    again.close()
    shell.run("vi undo 2")
    assert _unsure(shell) == ["Dana"]


@pytest.mark.parametrize("later", [" ", "\r"])
def test_a_name_that_is_put_off_is_asked_about_in_the_next_sitting(shell: Shell, later: str) -> None:
    _two_danas(shell)
    for _ in range(2):
        keys = Keys(shell, "vi triage --oldest")
        keys.type("", "[o]wner")
        assert QUESTION in keys.type("n", "[space] later")
        assert "2/3" in keys.type(later, "[o]wner")
        keys.type("b", "1/3")
        assert "Is 'Dana'" not in keys.type("n", "2/3")
        assert "nothing decided" in keys.type("q", "left")
        keys.close()


def test_answers_line_by_line_are_never_taken_for_answers_about_a_name(shell: Shell) -> None:
    _two_danas(shell)
    assert "Is 'Dana'" not in answer(shell, "n\na\n", "--oldest")
    assert "- [ ] Book a room. @Dana" in note(shell) and _unsure(shell) == ["Dana"]
