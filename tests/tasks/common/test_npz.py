"""Arrays of a file: the same values however often they are read, and refused where the header lies."""

from __future__ import annotations

import numpy as np
import pytest

from xharness.tasks.common.npz import MOST_KEPT, NpzError, pack_npz, read_npz, texts_of


@pytest.mark.parametrize("count", [0, 3, MOST_KEPT])
def test_texts_come_back(count: int) -> None:
    names = tuple(f"ö{number}" for number in range(count))
    packed = pack_npz({"names": np.array(names, dtype=np.str_)})
    assert [texts_of(read_npz(packed)["names"]) for _ in range(2)] == [names, names]


def test_names_of_a_cell_are_kept_for_the_next_one() -> None:
    first, again = (texts_of(np.array(["a", "b"])) for _ in range(2))
    assert first is again


def test_equal_headers_of_other_numbers() -> None:
    arrays = {"a": np.full((2, 3), 1.0), "b": np.asfortranarray(np.full((2, 3), 2.0))}
    for name, found in read_npz(pack_npz(arrays)).items():
        np.testing.assert_array_equal(found, arrays[name])


def test_what_is_not_text_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(NpzError):
            texts_of(np.frombuffer(b"\xff" * 8, "<U1"))


def test_a_header_that_claims_more_than_there_is() -> None:
    whole = pack_npz({"a": np.zeros(3)})
    with pytest.raises(NpzError):
        read_npz(whole[:-40])
