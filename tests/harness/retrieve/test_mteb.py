"""MTEB's protocols against their definition, sentence by sentence."""

from __future__ import annotations

import numpy as np
import pytest

from xharness.retrieve import mteb
from xharness.tasks.types.bitext_mining import Corpora


def nearest(queries: np.ndarray, candidates: np.ndarray) -> list[int]:
    unit = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in (queries, candidates)]
    return [int((unit[1] @ query).argmax()) for query in unit[0]]


@pytest.mark.parametrize("seed", range(5))
def test_bucc_searches_everything_or_gold_only(seed: int) -> None:
    random = np.random.default_rng(seed)
    source, target = (random.standard_normal((count, 8)).astype(np.float32) for count in (30, 50))
    corpora = Corpora(tuple((f"de-{n}", f"s{n}") for n in range(30)), tuple((f"en-{n}", f"t{n}") for n in range(50)))
    rows = random.choice(30, 12, replace=False), random.choice(50, 12, replace=False)
    target[rows[1]] = source[rows[0]] + 0.9 * target[rows[1]]
    gold = [(f"de-{left}", f"en-{right}") for left, right in zip(*rows, strict=True)]
    found = mteb.bucc(corpora, gold, source, target)
    assert found["v1"].gold.tolist() == rows[1].tolist()
    assert found["v1"].found.tolist() == nearest(source[rows[0]], target)
    assert found["v2"].gold.tolist() == list(range(12))
    assert found["v2"].found.tolist() == nearest(source[rows[0]], target[rows[1]])
    scores = {name: mteb.number(*measured) for name, measured in mteb.variants(found, "de").items()}
    assert list(scores) == ["mteb_v1_accuracy", "mteb_v1_f1", "mteb_v2_accuracy", "mteb_v2_f1"]
    assert 0 < scores["mteb_v1_accuracy"] <= scores["mteb_v2_accuracy"] <= 100


def test_no_gold_no_search() -> None:
    corpora = Corpora((("de-1", "a"),), (("en-1", "b"),))
    assert mteb.bucc(corpora, [], np.ones((1, 2), np.float32), np.ones((1, 2), np.float32)) == {}


def test_of_equal_sentences_the_first_counts() -> None:
    corpora = Corpora((("de-1", "a"),), (("en-1", "b"), ("en-2", "b")))
    found = mteb.bucc(corpora, [("de-1", "en-2")], np.ones((1, 2), np.float32), np.ones((2, 2), np.float32))
    assert (found["v1"].gold.tolist(), found["v1"].found.tolist()) == ([1], [0])
    assert (found["v2"].gold.tolist(), found["v2"].found.tolist()) == ([0], [0])


def test_tatoeba_asks_from_the_other_language() -> None:
    searched = mteb.tatoeba(np.array([2, 0, 2]), ["1", "2", "0"])
    assert (searched.gold.tolist(), searched.found.tolist()) == ([0, 1, 2], [0, 2, 2])
