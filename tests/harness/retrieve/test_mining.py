"""The miner against a plain statement of its rules, in loops, and against made-up cases with a known answer."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xharness.retrieve.margin import MARGINS, Margin
from xharness.retrieve.mining import RETRIEVALS, Retrieval, mine, one_to_one


def slow_miner(
    source: np.ndarray,
    target: np.ndarray,
    source_texts: list[str],
    target_texts: list[str],
    k: int,
    margin: str,
    mode: str,
) -> list[tuple[float, int, int]]:
    """The rules one after the other, in double precision."""
    sides = []
    for vectors, texts in ((source, source_texts), (target, target_texts)):
        rows = [row for row, text in enumerate(texts) if text not in texts[:row]]
        unit = [vectors[row].astype(np.float64) / np.linalg.norm(vectors[row].astype(np.float64)) for row in rows]
        sides.append((rows, unit))
    (left_rows, left), (right_rows, right) = sides
    cosine = [[float(x @ y) for y in right] for x in left]
    near = [sorted(range(len(right)), key=lambda j: (-cosine[i][j], j))[:k] for i in range(len(left))]
    near_back = [sorted(range(len(left)), key=lambda i: (-cosine[i][j], i))[:k] for j in range(len(right))]
    mean = [sum(cosine[i][j] for j in js) / len(js) for i, js in enumerate(near)]
    mean_back = [sum(cosine[i][j] for i in indices) / len(indices) for j, indices in enumerate(near_back)]

    def score(i: int, j: int) -> float:
        around = (mean[i] + mean_back[j]) / 2
        return {"ratio": cosine[i][j] / around, "distance": cosine[i][j] - around, "absolute": cosine[i][j]}[margin]

    forward = [max(((score(i, j), i, j) for j in near[i]), key=lambda c: c[0]) for i in range(len(left))]
    backward = [max(((score(i, j), i, j) for i in near_back[j]), key=lambda c: c[0]) for j in range(len(right))]
    chosen: list[tuple[float, int, int]] = []
    if mode == "fwd":
        chosen = forward
    elif mode == "bwd":
        chosen = backward
    elif mode == "intersect":
        chosen = [c for c in forward if c[1:] in [b[1:] for b in backward]]
    else:
        for candidate in sorted(forward + backward, key=lambda c: -c[0]):
            if all(candidate[1] != c[1] and candidate[2] != c[2] for c in chosen):
                chosen.append(candidate)
    named = [(value, left_rows[i], right_rows[j]) for value, i, j in chosen if value > 0]
    once = [c for c in named if source_texts.count(source_texts[c[1]]) == target_texts.count(target_texts[c[2]]) == 1]
    return sorted(once, key=lambda c: -c[0])


def world(seed: int, n: int = 40, m: int = 50) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Noisy copies of some vectors on the other side, and some texts that occur twice or three times."""
    random = np.random.default_rng(seed)
    # The common shift keeps cosines positive, as those of real encoders are.
    source, target = (random.standard_normal((size, 12)).astype(np.float32) + 0.8 for size in (n, m))
    target[: n // 2] = source[: n // 2] + 0.7 * target[: n // 2]
    source_texts, target_texts = [f"s{i}" for i in range(n)], [f"t{i}" for i in range(m)]
    for vectors, texts, pairs in (
        (source, source_texts, ((30, 3), (31, 3), (38, 37))),
        (target, target_texts, ((44, 5),)),
    ):
        for copy, original in pairs:
            texts[copy], vectors[copy] = texts[original], vectors[original]
    return source, target, source_texts, target_texts


@pytest.mark.parametrize(("margin", "mode"), list(product(MARGINS, RETRIEVALS)))
@pytest.mark.parametrize("k", [1, 4, 100])
def test_equals_the_rules_in_loops(margin: Margin, mode: Retrieval, k: int) -> None:
    for seed in range(5):
        data = world(seed)
        wanted = slow_miner(*data, k, margin, mode)
        found = mine(*data, k=k, margin=margin, retrieval=mode, chunk=16)
        assert len(wanted) > (-1 if margin == "distance" and k == 1 else 5)
        pairs = list(zip(found.source_rows.tolist(), found.target_rows.tolist(), strict=True))
        # Single precision may swap neighbours in rank that differ in the seventh digit, never the set.
        assert sorted(pairs) == sorted((i, j) for _, i, j in wanted), (seed, margin, mode)
        np.testing.assert_allclose(found.scores, [value for value, _, _ in wanted], atol=1e-5)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_greedy_walk(candidates: list[tuple[int, int, int]]) -> None:
    scores, source, target = (np.array([c[column] for c in candidates], dtype=np.int64) for column in range(3))
    taken: list[int] = []
    for position in sorted(range(len(candidates)), key=lambda p: -scores[p]):
        if all(source[position] != source[t] and target[position] != target[t] for t in taken):
            taken.append(position)
    assert one_to_one(scores.astype(float), source, target).tolist() == taken


def test_equal_scores_go_in_source_order() -> None:
    """Everything is as near to everything: the first rows find each other, and all others want one of them."""
    same = np.ones((3, 4), np.float32)
    found = mine(same, same, ["a", "b", "c"], ["x", "y", "z"], k=2)
    assert (found.source_rows.tolist(), found.target_rows.tolist()) == ([0], [0])


def test_vectors_of_zeros_score_nothing() -> None:
    assert len(mine(np.zeros((2, 3), np.float32), np.eye(3, dtype=np.float32), ["a", "b"], ["x", "y", "z"])) == 0


def test_texts_that_occur_twice_compete_but_are_not_returned() -> None:
    vectors = np.eye(4, dtype=np.float32)
    found = mine(vectors[[0, 1, 2, 1]], vectors, ["a", "b", "c", "b"], ["x", "y", "z", "w"], k=2, retrieval="fwd")
    assert list(zip(found.source_rows.tolist(), found.target_rows.tolist(), strict=True)) == [(0, 0), (2, 2)]


def test_scores_fall_and_pairs_are_one_to_one() -> None:
    found = mine(*world(7))
    assert (np.diff(found.scores) <= 0).all()
    assert len(set(found.source_rows)) == len(set(found.target_rows)) == len(found)


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0)])
def test_an_empty_side(n: int, m: int) -> None:
    vectors = np.ones((3, 2), np.float32)
    assert len(mine(vectors[:n], vectors[:m], ["a", "b", "c"][:n], ["x", "y", "z"][:m])) == 0
