"""How long it takes to compare two runs over all 162 cells at XTREME's published sizes, and how large a baseline is.

The runs are made up: items of every cell with the published number of examples, answers that are right at random.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from load import save

from xharness.comparison.baseline import pack_baseline
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.source import Measured, Source
from xharness.tasks.base import FloatArray, Items, Task
from xharness.tasks.registry import XTREME, Registry
from xharness.tasks.types.bitext_mining import BITEXT_MINING
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA
from xharness.tasks.types.tagging import TAGGING

SPANS = {"panx": 1.4, "udpos": 12.0}  # mean number of spans in a sentence
PER_PARAGRAPH = {"xquad": 5, "mlqa": 1, "tydiqa": 1}
CHANGED = 0.1  # share of items that the second run answers anew


def cells(seed: int) -> Iterator[tuple[Task, str, Items]]:
    tasks = Registry().tasks
    for name, languages in XTREME.languages.items():
        for language in languages:
            task, size = tasks[name], tasks[name].published[language]
            first = counts(task, size, np.random.default_rng([0, len(language), size]))
            again = counts(task, size, np.random.default_rng([seed, *map(ord, language)]))
            changed = np.random.default_rng([seed, size]).random(size) < CHANGED
            if seed:
                first = np.where(changed[:, None], again, first)
            ids = tuple(f"{name}-{row:06}" if name in PER_PARAGRAPH else str(row) for row in range(size))
            group = PER_PARAGRAPH.get(name, 1)
            yield task, language, Items(ids, tuple(ids[row - row % group] for row in range(size)), first)


def counts(task: Task, size: int, generator: np.random.Generator) -> FloatArray:
    right = (generator.random(size) < 0.7).astype(np.float64)
    if task.type is TAGGING:
        gold = generator.poisson(SPANS.get(task.name, 2.0), size)
        hits = generator.binomial(gold, 0.7)
        predicted = hits + generator.binomial(gold, 0.3)
        words = 2 * gold + 5
        return np.column_stack([hits, predicted, gold, hits, predicted, gold, words - 1, words]).astype(np.float64)
    if task.type is EXTRACTIVE_QA:
        partial = np.maximum(right, generator.integers(0, 8, size) / generator.integers(8, 12, size))
        return np.column_stack([right, partial, partial, np.ones(size)])
    if task.type is BITEXT_MINING:
        return np.column_stack([right, np.maximum(right, generator.random(size) < 0.5), np.ones(size)])
    return np.column_stack([right, np.ones(size)])


def source(name: str, seed: int) -> Source:
    signature = "metric:same|data:same"
    found = {
        (task.name, language): Measured(task, language, items, signature, "test", len(items.ids))
        for task, language, items in cells(seed)
    }
    return Source(name, Path(name), found)


def main() -> None:
    base, new = source("base", 0), source("new", 1)
    items = sum(len(cell.items.ids) for cell in base.cells.values())
    print(f"{len(base.cells)} cells, {items:,} items; {sys.platform}")
    wall, processor = time.perf_counter(), time.process_time()
    comparison = compare([base], [new], CompareOptions(resamples=10_000))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"compare, 10,000 resamples: {wall:.1f} s, {processor:.1f} s of processor time")
    assert comparison.total is not None and comparison.total.complete
    start = time.perf_counter()
    packed = pack_baseline(base)
    print(f"baseline: {len(packed) / 1e6:.2f} MB in {time.perf_counter() - start:.1f} s")
    save("comparing", [{"seconds": wall, "processor_seconds": processor, "baseline_bytes": len(packed)}])


if __name__ == "__main__":
    main()
