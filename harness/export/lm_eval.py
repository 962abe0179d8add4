"""A run in the layout of lm-evaluation-harness: ``<out>/<model>/results_<time>.json``, and ``samples_...`` with items.

Tasks are named ``xharness_xnli_de`` in a group ``xharness_xnli``: lm-eval has tasks of other protocols under the plain
names. Numbers are fractions there, with the standard error of the jackknife.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from xharness.export.items import ItemReader
from xharness.export.model_name import ModelName
from xharness.runs.cells import CellItems
from xharness.runs.reading import Run
from xharness.runs.record import Record
from xharness.submissions.score_rows import Kind, Level, TidyRow, score_rows
from xharness.submissions.scores_file import ScoresFile
from xharness.tasks.base import Metric
from xharness.tasks.common.files import render_json
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.metrics.intervals import spread
from xharness.tasks.registry import Registry

METRICS = {"accuracy": "acc"}
"""Names of metrics that lm-eval spells in another way."""
FILTER = "none"
PREFIX = "xharness"


def lm_eval_files(run: Run, registry: Registry, reader: ItemReader | None) -> dict[str, str]:
    """Contents by name; samples only with a reader of the items."""
    model = ModelName.of(run.manifest)
    started = datetime.fromisoformat(run.manifest.started or "1970-01-01T00:00:00Z").astimezone(UTC)
    folder = _sanitized(model.name)
    time = started.strftime("%Y-%m-%dT%H-%M-%S.%f")
    files = {f"{folder}/results_{time}.json": render_json(_results(run, registry, model, started.timestamp()))}
    for task, language in reader.cells() if reader else ():
        rows = reader.rows_of(task, language) if reader else []
        if rows:
            files[f"{folder}/samples_{_name(task, language)}_{time}.jsonl"] = "".join(_samples(rows))
    return files


def _name(task: str, language: str = "") -> str:
    return "_".join(filter(None, (PREFIX, task, language)))


def _results(run: Run, registry: Registry, model: ModelName, date: float) -> JsonObject:
    """The content of ``results_<time>.json``."""
    rows = [row for row in score_rows(run.scores) if row.kind is Kind.METRIC]
    errors = _standard_errors(run.cells, registry)
    listed: dict[str, dict[str, Json]] = {}
    for row in rows:
        if row.level in (Level.CELL, Level.TASK):
            of_task = listed.setdefault(_name(row.task, row.language), {"alias": _name(row.task, row.language)})
            of_task |= _measured(row, errors.get((row.task, row.language, row.metric)))
    about: JsonObject = {
        "config": {"model": PREFIX, "model_args": f"pretrained={model.name}", "model_revision": model.revision,
                   "limit": run.manifest.limit},
        "date": date,
        "model_source": PREFIX,
        "model_name": model.name,
        "model_name_sanitized": _sanitized(model.name),
        "task_hashes": {},
    }  # fmt: skip
    return {**_results_of(run.scores, listed), **about}


def _sanitized(name: str) -> str:
    """A model's name as lm-eval makes a folder's name of it."""
    return re.sub(r"[\"<>:/|\\?*\[\]]+", "__", name)


def _results_of(scores: ScoresFile, listed: Mapping[str, Mapping[str, Json]]) -> JsonObject:
    """What was measured, and how, by task."""
    names = {_name(task, code): (task, code) for task, codes in scores.cells.items() for code in codes}
    return {
        "results": listed,
        "groups": {name: value for name, value in listed.items() if name not in names},
        "group_subtasks": {_name(task): [_name(task, code) for code in codes] for task, codes in scores.cells.items()},
        "configs": {name: _config(scores, *cell) for name, cell in names.items()},
        "versions": dict.fromkeys(listed, scores.version),
        "n-shot": dict.fromkeys(listed, 0),
        "higher_is_better": {
            name: {key.partition(",")[0]: True for key in value if "," in key and "_stderr" not in key}
            for name, value in listed.items()
        },
        "n-samples": {
            name: dict.fromkeys(("original", "effective"), scores.cells[task][code].n)
            for name, (task, code) in names.items()
        },
    }


def _measured(row: TidyRow, error: float | None) -> dict[str, Json]:
    """A number and its standard error, which averages do not have."""
    name = METRICS.get(row.metric, row.metric)
    return {
        f"{name},{FILTER}": row.value / 100,
        f"{name}_stderr,{FILTER}": "N/A" if error is None else error / 100,
    }


def _config(scores: ScoresFile, task: str, language: str) -> JsonObject:
    cell = scores.cells[task][language]
    metadata = {"signature": cell.signature, "version": scores.version}
    return {"task": _name(task, language), "dataset_name": language, "test_split": "test", "metadata": metadata}


def _standard_errors(
    cells: Sequence[tuple[Record, CellItems]], registry: Registry
) -> Mapping[tuple[str, str, str], float]:
    """By task, language and metric, in points; none where a cell is a single cluster or its task is not known."""
    found = {}
    for record, items in cells:
        task = registry.tasks.get(record.task)
        if task is None or "main" not in items:
            continue
        for metric, error in _errors(task.metric, items):
            found[record.task, record.language, metric] = error
    return found


def _errors(metric: Metric, items: CellItems) -> Iterator[tuple[str, float]]:
    import numpy as np

    for name in metric.official_scores:
        known = spread(items["main"], lambda totals, name=name: np.stack([metric.aggregate(totals)[name]], axis=-1))  # type: ignore[misc]
        if known.clusters:
            yield name, float(np.sqrt(known.covariance[0, 0]))


def _samples(rows: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """A line an item, with lm-eval's names: the document, its target, and the one answer as response."""
    for number, row in enumerate(rows):
        sample = {
            "doc_id": number,
            "doc": {"id": row["id"], "cluster": row["cluster"], **_object(row["input"])},
            "target": row["gold"],
            "arguments": {},
            "resps": [[row["answer"]]],
            "filtered_resps": [row["answer"]],
            "filter": FILTER,
            "metrics": ["score"],
            "score": row["score"],
        }
        yield json.dumps(sample, ensure_ascii=False) + "\n"


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}
