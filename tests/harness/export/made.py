"""Runs that were never evaluated, for what other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.harness.runs.made import cell_scores, scores_file
from xharness.runs.manifest import Manifest
from xharness.runs.reading import Run
from xharness.runs.record import Record
from xharness.tasks.base import Items

NAMES = {"mteb_f1": "weighted-label-f1", "accuracy_to_english": "accuracy"}


def items(n: int, right: int) -> Items:
    ids = tuple(map(str, range(n)))
    return Items(ids, ids, np.array([[float(k < right), 1.0] for k in range(n)]))


def tatoeba_run(sizes: dict[str, int], hub: dict[str, str] | None = None, more: str = "") -> Run:
    """A run of Tatoeba with so many queries by language, half of them right, and one cell of another task."""
    signed = "metric:accuracy|split:test|data:{0}"
    cells = [
        (
            Record("tatoeba", code, "test", "k", n, signed.format(code), variants=NAMES),
            {"main": items(n, n // 2), **dict.fromkeys(NAMES, items(n, n // 2))},
        )
        for code, n in sizes.items()
    ]
    scores = {"tatoeba": {code: cell_scores(50.0, (40.0, 60.0), "metric:accuracy", n) for code, n in sizes.items()}}
    manifest: Any = {
        "kind": "xharness run",
        "identity": {"model": {"model": "a" * 64}},
        "options": {"model": "/models/mine", "limit": None},
        "model": {"model": {"hub": hub}},
        "started": "2024-01-31T12:00:00Z",
    }
    file = scores_file(scores | ({more: {"de": cell_scores(50.0)}} if more else {}))
    return Run(Path("run"), Manifest.parse(manifest), file, cells, {}, [])
