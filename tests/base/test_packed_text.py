"""A note's text comes out of the index as it went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultindex.base.packed_text import pack, unpack


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_packed_text_is_unpacked_as_it_was(text: str) -> None:
    assert unpack(pack(text.encode())) == text


def test_a_usual_note_takes_less_than_half_of_its_size() -> None:
    note = "---\ntype: customer\ntitle: Pricing\n---\n# Pricing\n\n## Action Items\n\n" + "".join(
        f"- [?] Send sheet number {n}. @Myself 📅 2025-10-{n:02d} 🔺 #task #proposed\n" for n in range(1, 29)
    )
    assert len(pack(note.encode())) * 2 < len(note.encode())
