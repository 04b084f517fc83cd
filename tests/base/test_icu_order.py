"""Text order: ICU's root collation with numbers by value."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from pathlib import Path

import pytest

from vaultindex.base import icu_order
from vaultindex.base.icu_order import sort_key

GOLDEN = Path(__file__).parent.parent / "golden" / "collation.json"


def classes() -> list[list[str]]:
    return json.loads(GOLDEN.read_text(encoding="utf-8"))["classes"]


def test_the_golden_order_and_its_ties_are_kept():
    wrong, before = [], b""
    for ties in classes():
        keys = {sort_key(text) for text in ties}
        if len(keys) != 1 or min(keys) <= before:
            wrong.append(ties)
        before = max(keys)
    # The first class is the empty text, whose key comes before all others.
    assert [w for w in wrong if w != [""]] == []


def test_sqlite_orders_stored_keys_as_the_golden_order():
    texts = [ties[0] for ties in classes()]
    shuffled = random.Random(1).sample(texts, len(texts))
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE t (text TEXT, key BLOB)")
    conn.executemany("INSERT INTO t VALUES (?, ?)", [(text, sort_key(text)) for text in shuffled])
    assert [row[0] for row in conn.execute("SELECT text FROM t ORDER BY key")] == texts


@pytest.mark.parametrize(
    "ordered",
    [
        ["item 2", "item 10", "item 100", "item b"],
        ["a", "A", "á", "Á", "ab", "b"],
        ["item 9999", "item 10000", "item 99999", "item " + "1" * 400],
        ["a b", "a-b", "ab"],
        ["€", "1", "a", "α", "я", "日"],
        ["一", "丁", "日", "本", "語"],
        ["и", "й", "к"],  # the short i is a letter of its own, also as i with breve
        ["กา", "เก", "ขา"],  # a vowel written before its consonant is ordered after it
        ["ae", "æ", "aeb", "af"],
    ],
)
def test_icu_s_order_is_followed(ordered):
    """Answers of Intl.Collator('en-US', {numeric: true}), ICU 78."""
    keys = [sort_key(text) for text in ordered]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("item 1", "item 01"),
        ("é", "e\u0301"),
        ("й", "и\u0306"),
        ("soft\u00adhyphen", "softhyphen"),
        ("٣", "3"),
        ("10", "１０"),
    ],
)
def test_what_no_reader_can_tell_apart_is_a_tie(one, other):
    assert sort_key(one) == sort_key(other)


def test_characters_unknown_to_the_table_have_a_place_at_the_end():
    assert sort_key("日") < sort_key("\ue000") < sort_key("\U0010fffd")


def test_a_thousand_keys_take_no_noticeable_time():
    sort_key("warm")
    started = time.process_time()
    for n in range(1000):
        sort_key(f"Send the revised price sheet {n} to Käthe")
    assert time.process_time() - started < 0.2


def test_the_table_of_ascii_is_that_of_all_characters():
    assert icu_order._read("collation-ascii.dat") == icu_order._Table().ascii()
