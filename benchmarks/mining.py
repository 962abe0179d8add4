"""Mining: neighbours to pairs above a threshold, against the nearest-neighbour search alone and Python-loop scoring.

Random unit vectors of width 384 with planted pairs. The reference's scoring (LASER's margin in a Python loop over
queries and neighbours, a call for each) is restated on a part of the rows, for measuring only.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Callable

import numpy as np
from load import alternate, report, save
from numpy.typing import NDArray

from xharness.retrieve.margin import margin_scores
from xharness.retrieve.mining import _best, mine, select
from xharness.retrieve.search import Vectors, faiss_module, neighbours, normalise

WIDTH, K, THRESHOLD = 384, 4, 1.05


def vectors(size: int) -> tuple[Vectors, Vectors]:
    """Two sides; the first half of them are noisy copies of each other."""
    random = np.random.default_rng(0)
    source, target = (random.standard_normal((size, WIDTH)).astype(np.float32) for _ in range(2))
    target[: size // 2] = source[: size // 2] + 0.8 * target[: size // 2]
    return source, target


def loop_scores(found: tuple[Vectors, np.ndarray], mean_query: Vectors, mean_found: Vectors, rows: int) -> np.ndarray:
    """The reference's loops: a call of the margin for every candidate, stored one by one, then the best of each row."""
    similarity, index = found
    margin: Callable[[float, float], float] = lambda cosine, around: cosine / around  # noqa: E731
    scores = np.zeros((rows, similarity.shape[1]))
    for row in range(rows):
        for place in range(scores.shape[1]):
            around = (mean_query[row] + mean_found[index[row, place]]) / 2
            scores[row, place] = margin(similarity[row, place], around)
    best: NDArray[np.float64] = scores.max(1)
    return best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=100_000, help="sentences of each side")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    size = arguments.size
    source, target = vectors(size)
    texts = [str(row) for row in range(size)], [str(row) for row in range(size, 2 * size)]
    faiss = faiss_module()
    left, right = normalise(source), normalise(target)

    def search() -> None:
        for queries, index in ((left, right), (right, left)):
            faiss.knn(queries, index, K, metric=faiss.METRIC_INNER_PRODUCT)

    def whole() -> int:
        return int((mine(source, target, *texts, k=K).scores >= THRESHOLD).sum())

    timings = alternate({"FAISS search alone": search, "text rows to pairs": whole}, arguments.repetitions)
    print(f"{whole()} pairs above {THRESHOLD}; peak memory", end=" ")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    result = report(f"mining {size:,} x {size:,}", timings, {}, {})
    print(f"  wanted at most 1.1; floor: {4 * size * size * WIDTH / 1e12:.1f} TFLOP of products both ways")

    forward, backward = neighbours(left[:20_000], right, K), neighbours(right[:20_000], left[:20_000], K)
    means = forward[0].mean(1), np.resize(backward[0].mean(1), size)
    rows = 4000
    fast = margin_scores(forward[0], means[0][:, None], means[1][forward[1]], "ratio").max(1)
    assert np.allclose(fast[:rows], loop_scores(forward, *means, rows), atol=1e-6)
    both = neighbours(left[:20_000], right[:20_000], K), backward
    scoring = alternate(
        {
            "our scoring, 20,000 rows both ways": lambda: select(*_best(*both, "ratio"), "fwd"),
            "Python loop": lambda: loop_scores(forward, *means, rows),
        },
        arguments.repetitions,
    )
    share = {"Python loop": rows / 40_000}
    save("mining", [result, report("scoring part", scoring, {"Python loop": 50}, share)])


if __name__ == "__main__":
    main()
