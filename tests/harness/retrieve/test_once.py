"""Texts of many groups in one call."""

from collections.abc import Sequence

import numpy as np

from xharness.retrieve.once import Layers, embed_once


def test_one_call_and_every_group_gets_its_own_rows() -> None:
    calls: list[list[str]] = []

    def encode(texts: Sequence[str]) -> Layers:
        calls.append(list(texts))
        lengths = np.array([[len(text)] for text in texts], np.float32)
        return {1: lengths, 2: 10 * lengths}

    found = embed_once({"de": ["a", "bb"], "none": [], "en": ["ccc"]}, encode)
    assert calls == [["a", "bb", "ccc"]]
    assert found["de"][1].tolist() == [[1], [2]]
    assert found["none"][2].shape == (0, 1)
    assert found["en"][2].tolist() == [[30]]
