"""A short part of the long comparison with the emulator, where there is one."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz import differential, generate

EMULATOR = differential.emulator()


@pytest.mark.skipif(EMULATOR is None, reason="no emulator with its packages beside the project")
def test_generated_notes_are_read_as_the_emulator_reads_them() -> None:
    assert EMULATOR is not None
    random = Random(3)
    notes = differential.seeds()
    assert differential.differences(EMULATOR, [generate.note(random, notes) for _ in range(1000)]) == []
