"""A watcher lets go of what it only remembered."""

from __future__ import annotations

from vaultindex.base.text import fold
from vaultindex.index import store
from vaultindex.watch.memory import give_back


def test_remembered_names_are_forgotten_and_what_was_found_out_once_for_all_is_kept() -> None:
    fold("Dana Leigh")
    version = store.index_version()
    give_back()
    assert fold.cache_info().currsize == 0
    assert store.index_version.cache_info().currsize == 1
    assert (fold("Dana Leigh"), store.index_version()) == ("dana leigh", version)
