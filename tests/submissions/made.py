"""Cells with counts that are known, and their scores."""

import json
from typing import Any

import numpy as np

from xharness.submissions.scores import Cell, summarise, to_json
from xharness.submissions.scores_file import ScoresFile, fault_of
from xharness.tasks.base import Items
from xharness.tasks.registry import Benchmark, built_in

TASKS = built_in()


def cell(task: str, language: str, right: int = 6, items: int = 10, **more: Any) -> Cell:
    """A cell whose every column counts ``right`` of ``items``, items that do not share a cluster."""
    metric = TASKS[task].metric
    counts = np.zeros((items, len(metric.columns)))
    counts[:right] = 1
    counts[:, [metric.columns.index(name) for name in metric.columns if name in DENOMINATORS]] = 1
    ids = tuple(map(str, range(items)))
    return Cell(TASKS[task], language, Items(ids, ids, counts), signature="s", n=items, **more)


DENOMINATORS = {
    "items",
    "questions",
    "mentions",
    "predicted",
    "gold",
    "predicted_seqeval_1",
    "gold_seqeval_1",
    "tokens",
}


def summary(*given: Any, **more: Any) -> dict[str, Any]:
    """The content of the file, which a typed value gives and takes."""
    scores = summarise(*given, **more)
    assert fault_of(scores.content()) == ""
    assert ScoresFile.parse(json.loads(to_json(scores.content()))).content() == scores.content()
    return scores.content()


def everything(benchmark: Benchmark, **more: Any) -> list[Cell]:
    return [cell(task, language, **more) for task, languages in benchmark.languages.items() for language in languages]
