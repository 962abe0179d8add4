"""Items of a cell on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xharness.runs.items import pack_items, unpack_items
from xharness.tasks.base import Items


def test_statistics_have_the_same_bytes_at_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.arange(12, dtype=np.float64).reshape(4, 3) / 7
    items = {"main": Items(tuple("abcd"), tuple("xxyy"), counts), "f1.v2": Items((), (), np.zeros((0, 2)))}
    first = pack_items(items)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert pack_items(items) == first
    (tmp_path / "x.npz").write_bytes(first)
    found = unpack_items((tmp_path / "x.npz").read_bytes())
    assert list(found) == ["main", "f1.v2"]
    assert found["main"].ids == tuple("abcd")
    np.testing.assert_array_equal(found["main"].statistics, counts)
    assert found["f1.v2"].ids == ()
    assert found["f1.v2"].statistics.shape == (0, 2)
