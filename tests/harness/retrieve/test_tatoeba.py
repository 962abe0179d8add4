"""Tatoeba without a model: both directions, many languages, one call of the encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xharness.retrieve.tatoeba import find, retrieve, right_back
from xharness.tasks.types.bitext_retrieval import Bitext


def test_both_directions() -> None:
    """Two queries share their nearest candidate, so the directions differ."""
    queries = np.array([[1, 0, 0], [0, 1, 0], [0.9, 0.1, 0]], dtype=np.float32)
    candidates = np.array([[0, 5, 0], [3, 0, 0], [2, 1, 9]], dtype=np.float32)
    found = find(queries, candidates)
    assert found.forward.tolist() == [1, 0, 1]
    assert found.backward.tolist() == [1, 0, 2]
    assert np.allclose(found.similarity, [1, 1, 0.9 / 0.82**0.5])
    gold = ["1", "0", "2"]
    assert (found.forward == np.array([1, 0, 2])).tolist() == [True, True, False]
    assert right_back(found, gold).tolist() == [True, True, True]


def test_lengths_of_vectors_do_not_matter() -> None:
    queries = np.array([[1, 0.1]], dtype=np.float32)
    assert find(queries, np.array([[1, 0], [9, 9]], dtype=np.float32)).forward.tolist() == [0]


def test_all_languages_in_one_call_and_every_layer() -> None:
    calls: list[list[str]] = []

    def encode(texts: Sequence[str]) -> dict[int, np.ndarray]:
        """Layer 2 knows what a text means (its number); layer 1 only how long it is."""
        calls.append(list(texts))
        means = np.eye(10, dtype=np.float32)[[int(text.split()[1]) for text in texts]]
        return {1: np.array([[len(text), 1] for text in texts], dtype=np.float32), 2: means}

    bitexts = {
        "de": Bitext(("en 0", "en 1", "en 2"), ("de 2", "de 0", "de 1")),
        "sw": Bitext(("en 3", "en 4"), ("sw 4", "sw 3")),
    }
    found = retrieve(bitexts, encode)
    assert len(calls) == 1
    assert found["de"][2].forward.tolist() == [1, 2, 0]
    assert found["de"][2].backward.tolist() == [2, 0, 1]
    assert found["sw"][2].forward.tolist() == [1, 0]
    assert found["de"][1].forward.tolist() == [0, 0, 0]
