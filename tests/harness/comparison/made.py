"""Made-up runs, in memory and on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xharness.comparison.compare import CompareOptions, ComparisonRow
from xharness.comparison.source import Measured, Source
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import KIND
from xharness.runs.record import Record
from xharness.submissions.scores import Cell, summarise
from xharness.tasks.base import FloatArray, Items
from xharness.tasks.common.json_types import Json
from xharness.tasks.registry import XTREME, Registry
from xharness.tasks.types.bitext_mining import BITEXT_MINING
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA
from xharness.tasks.types.tagging import TAGGING

TASKS = Registry().tasks
MODEL = {
    "path": "model", "hub": None, "architecture": "bert", "head": "AutoModel", "blocks": 2,
    "weights_sha256": "c" * 64, "tokenizer_sha256": "d" * 64,
}  # fmt: skip
Cells = Mapping[tuple[str, str], Items]


def right(values: Any, clusters: list[str] | None = None) -> Items:
    """An accuracy cell."""
    values = np.asarray(values, dtype=np.float64)
    ids = tuple(map(str, range(len(values))))
    return Items(ids, tuple(clusters) if clusters else ids, np.column_stack([values, np.ones(len(values))]))


def rows(counts: FloatArray, ids: tuple[str, ...] = (), clusters: tuple[str, ...] = ()) -> Items:
    """Any cell, from its counts."""
    ids = ids or tuple(map(str, range(len(counts))))
    return Items(ids, clusters or ids, np.asarray(counts, dtype=np.float64))


def signature(task: str, language: str, **other: str) -> str:
    parts = {
        "task": f"{task}.{language}",
        "metric": TASKS[task].metric.name,
        "split": "test",
        "model": "aaaa",
        "data": f"{task}{language}",
    }
    return "|".join(f"{name}:{value}" for name, value in {**parts, "precision": "fp32", **other}.items())


def source(name: str, cells: Cells, **other: str) -> Source:
    measured = {
        (task, language): Measured(
            TASKS[task], language, items, signature(task, language, **other), "test", len(items.ids)
        )
        for (task, language), items in cells.items()
    }
    return Source(name, Path(name), measured)


def write_run(path: Path, cells: Cells, *, model: str = "a" * 64, seed: int | None = None, **other: str) -> Path:
    """A finished run folder with these statistics and no predictions."""
    folder = RunFolder(path)
    for (task, language), items in cells.items():
        record = Record(task, language, "test", "key", len(items.ids), signature(task, language, **other))
        folder.save(record, None, {"main": items})
    provenance: Json = None if seed is None else {"task": "xnli", "parents": [], "zero_shot": True, "seed": seed}
    folder.write_manifest(
        {
            "kind": KIND,
            "identity": {"model": {"model": model}},
            "xharness": "0.1.0",
            "model": {"model": {**MODEL, "provenance": provenance}},
        }
    )
    scored = [
        Cell(TASKS[task], language, items, signature(task, language, **other), n=len(items.ids))
        for (task, language), items in cells.items()
    ]
    folder.write_scores(summarise(scored, XTREME, resamples=0).content())
    return path


def benchmark_cells(seed: int, size: int = 40, better: float = 0.0) -> dict[tuple[str, str], Items]:
    """Every cell of XTREME, small; with another seed a tenth of the items are answered anew, rights ``better`` more."""
    made = {}
    for number, (task, languages) in enumerate(XTREME.languages.items()):
        for place, language in enumerate(languages):
            first = np.random.default_rng([number, place])
            again = np.random.default_rng([seed, number, place])
            change = again.random(size) < (0.1 + abs(better)) * bool(seed)
            hit = np.where(change, again.random(size) < 0.6 + 4 * better, first.random(size) < 0.6).astype(np.float64)
            one = np.ones(size)
            form = TASKS[task].type
            if form is TAGGING:
                gold = first.integers(1, 6, size).astype(np.float64)
                counts = np.column_stack([hit * gold, gold, gold] * 2 + [hit * gold, gold])
            elif form is EXTRACTIVE_QA:
                counts = np.column_stack([hit, np.maximum(hit, 0.5), np.maximum(hit, 0.5), one])
            else:
                counts = np.column_stack([hit, one, one] if form is BITEXT_MINING else [hit, one])
            clusters = tuple(str(row // 4) for row in range(size)) if form is EXTRACTIVE_QA else ()
            made[task, language] = rows(counts, clusters=clusters)
    return made


def scores_of(path: Path) -> Any:
    return json.loads((path / "scores.json").read_text(encoding="utf-8"))


QUICK = CompareOptions(resamples=500)


FEW = {("xnli", "de"): right([1.0, 0.0, 1.0]), ("xnli", "en"): right([1.0, 1.0, 1.0])}


def width(row: ComparisonRow) -> float:
    assert row.interval is not None
    return row.interval[1] - row.interval[0]
