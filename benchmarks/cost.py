"""What each phase costs, measured at three sizes each, and the exponent that fits: seconds = a x size^exponent.

Embedding is all-MiniLM-L6-v2 on Tatoeba's sentences; neighbours are those of random vectors of width 384, both ways.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from embedding import MAX_LENGTH, texts_of
from load import Timings, minilm, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.embed import embed
from xharness.retrieve.approximate import approximate
from xharness.retrieve.search import Normalised, neighbours
from xharness.tasks.base import Items
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.intervals import spread

K, WIDTH = 4, 384


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log size, by least squares."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measured(name: str, unit: str, sizes: Sequence[int], run: Callable[[int], object], repetitions: int) -> Any:
    """Median seconds at every size and the fitted exponent, printed."""
    seconds = []
    for size in sizes:
        timings = Timings()
        run(size)
        for _ in range(repetitions):
            timings.add(partial(run, size))
        seconds.append(timings.median)
    fitted = exponent(sizes, seconds)
    row = "  ".join(f"{size:,}: {spent:.2f} s" for size, spent in zip(sizes, seconds, strict=True))
    print(f"{name:34} {unit:10} {row}  exponent {fitted:.2f}", flush=True)
    return {"phase": name, "unit": unit, "sizes": list(sizes), "seconds": seconds, "exponent": fitted}


def vectors(size: int, seed: int) -> Normalised:
    return Normalised(np.random.default_rng(seed).standard_normal((size, WIDTH), dtype=np.float32))


def search(size: int) -> None:
    """Exact neighbours in both directions."""
    left, right = vectors(size, 0), vectors(size, 1)
    neighbours(left, right, K), neighbours(right, left, K)


def inverted(size: int) -> None:
    """The same by ``--index ivf``; random vectors are the worst case for its recall, not for its time."""
    left, right = vectors(size, 0), vectors(size, 1)
    approximate(left, right, K, name="ivf"), approximate(right, left, K, name="ivf")


def intervals(size: int) -> None:
    """The interval of one cell."""
    right = np.random.default_rng(0).integers(0, 2, size).astype(np.float64)
    names = tuple(map(str, range(size)))
    spread(
        Items(names, names, np.stack([right, np.ones(size)], 1)),
        lambda totals: Accuracy().aggregate(totals)["accuracy"][..., None],
    ).interval()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=4000, help="of the largest size")
    parser.add_argument("--mined", type=int, default=80_000, help="sentences of a side of the largest size")
    arguments = parser.parse_args()
    texts = list(dict.fromkeys(texts_of(1)))[:: max(1, 32_000 // arguments.sentences)][: arguments.sentences]
    loaded = load(inspect(minilm()), Head.ENCODER, Device("cpu", "fp32"))

    def run(count: int, layers: list[int]) -> None:
        every = len(texts) // count  # of every language as many, at any size
        settings: dict[str, Any] = {"max_length": MAX_LENGTH, "batch_tokens": loaded.device.batch_tokens}
        embed(loaded, texts[::every][:count], layers=layers, pooling="mean", **settings)

    largest, mined, times = len(texts), arguments.mined, arguments.repetitions
    parts = largest // 4, largest // 2, largest
    corpora = [mined // 4, mined // 2, mined]
    results = [
        measured("embedding, sentences", "sentences", parts, lambda size: run(size, [6]), times),
        measured("embedding, depth", "blocks", [2, 4, 6], lambda depth: run(largest // 2, [depth]), times),
        measured(
            "embedding, layers kept", "layers", [1, 3, 6], lambda n: run(largest // 2, list(range(7 - n, 7))), times
        ),
        measured("neighbours, exact", "sentences", corpora, search, times),
        measured("neighbours, --index ivf", "sentences", corpora, inverted, times),
        measured("interval of accuracy", "items", [10_000, 40_000, 160_000], intervals, times),
    ]
    exact = results[3]
    print(
        f"exact neighbours of a million sentences a side: {exact['seconds'][-1] * (1e6 / mined) ** 2 / 3600:.1f} hours"
    )
    save("cost", results)


if __name__ == "__main__":
    main()
