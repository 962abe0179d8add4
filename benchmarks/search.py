"""Exact nearest neighbours on the processor: FAISS against torch's matrix product with a running top-k.

Torch's is what searches on a GPU. The vectors are random, as wide as multilingual-e5-small's, and as many as one chunk
of queries and one block of candidates of the task; both engines must find the same neighbours.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
from load import alternate, report, save

from xharness.retrieve.search import Vectors, faiss_search, normalise, torch_search

WIDTH = 384
SIZES = {"Tatoeba": (1_000, 1_000, 1), "BUCC": (4_096, 100_000, 4), "Mewsli-X": (256, 500_000, 20)}
"""Queries, candidates, neighbours."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    results = []
    for task, (queries, candidates, k) in SIZES.items():
        left, right = vectors(queries, 0), vectors(candidates, 1)
        engines = {"FAISS": faiss_search, "torch": torch_search("cpu")}
        found = [engine(left, right, k)[1] for engine in engines.values()]
        assert np.mean(found[0] == found[1]) > 0.999, task  # two engines round differently; ties are sorted elsewhere
        calls = {name: partial(engine, left, right, k) for name, engine in engines.items()}
        timings = alternate(calls, arguments.repetitions)
        results.append(report(f"{task}: {queries:,} in {candidates:,}, k = {k}", timings, {}, {}))
    save("search", results)


def vectors(rows: int, seed: int) -> Vectors:
    return normalise(np.random.default_rng(seed).standard_normal((rows, WIDTH), dtype=np.float32))


if __name__ == "__main__":
    main()
