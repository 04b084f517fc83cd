"""One look at the vault serves the questions of one breath, and says how old it is."""

from __future__ import annotations

import sqlite3

from vaultindex.index.sync import Report
from vaultindex.watch.shared_look import SHARED, SharedLook


class Vault:
    """Counts the looks; its clock is ours."""

    def __init__(self, report: Report) -> None:
        self.report, self.now, self.looks = report, 100.0, 0
        self.ask = SharedLook(self.open, lambda: self.now)

    def open(self, look: bool) -> tuple[sqlite3.Connection, Report]:
        self.looks += look
        self.now += 0.25 * look  # a look takes its time, and is as old as its beginning
        return sqlite3.connect(":memory:"), self.report if look else Report(stale=99.0)


def test_questions_of_one_breath_share_a_look_and_hear_how_old_it_is() -> None:
    vault = Vault(Report(notes=7))
    first, second = vault.ask(), vault.ask()
    assert (vault.looks, first.ago, second.ago) == (1, 0.0, 0.25)
    assert second.report == first.report and second.report.stale is None
    vault.now += SHARED
    assert vault.ask().ago == 0.0 and vault.looks == 2


def test_a_question_that_wants_a_look_of_its_own_has_one() -> None:
    vault = Vault(Report())
    assert [vault.ask(own=True).ago for _ in range(3)] == [0.0, 0.0, 0.0] and vault.looks == 3


def test_an_old_answer_and_a_watchers_word_serve_no_other_question() -> None:
    for report in (Report(stale=5.0), Report(watched=0.1)):
        vault = Vault(report)
        assert vault.ask().ago == vault.ask().ago == 0.0 and vault.looks == 2


def test_after_a_look_that_failed_the_next_question_looks() -> None:
    vault, broken = Vault(Report()), True

    def open_(look: bool) -> tuple[sqlite3.Connection, Report]:
        if broken and look:
            raise OSError("the disk is gone")
        return vault.open(look)

    ask = SharedLook(open_, lambda: vault.now)
    try:
        ask()
    except OSError:
        broken = False
    assert ask().ago == 0.0 and vault.looks == 1
