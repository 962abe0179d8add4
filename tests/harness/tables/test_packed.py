"""Packed rows."""

from __future__ import annotations

from tests.harness.tables.made import EVIL, TABLE
from xharness.tables.packed import pack_rows


def test_packed_rows_hold_each_piece_once() -> None:
    data = pack_rows(TABLE)
    assert len(data["pieces"]) == len(set(data["pieces"]))
    first = ["|".join(data["pieces"][at] for at in places) for places in data["rows"][0]]
    assert first == [f"{EVIL}\t", "71.24 †\t[70, 72]", "\t"]
