"""Scoring a submission with intervals: against the official way without any, and against the resampling of others.

The submission has XTREME's real sizes: gold of the made-up world, and answers of which one in five is another item's.
The official ``evaluate.py`` is restated for measuring only: it reads the same files, asks seqeval three times a cell
for tags, and normalises answers one by one in plain Python.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import string
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from load import alternate, report, save

from xharness.demo.world import write_world
from xharness.submissions.score import score_folder
from xharness.tasks.base import FloatArray, Items, Metric, Task
from xharness.tasks.data import DataFolder
from xharness.tasks.metrics.intervals import spread
from xharness.tasks.registry import XTREME, Registry
from xharness.tasks.types.bitext_mining import BITEXT_MINING
from xharness.tasks.types.bitext_retrieval import BITEXT_RETRIEVAL
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA
from xharness.tasks.types.tagging import TAGGING
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION


def write_submission(folder: Path, data: DataFolder) -> tuple[Path, Path]:
    """Predictions and labels of all 162 cells."""
    tasks = Registry().tasks
    for name, languages in XTREME.languages.items():
        for language in languages:
            task = tasks[name]
            gold: Any = data.load(task, language).gold
            right = [q.answers[0] for q in gold] if task.type is EXTRACTIVE_QA else list(gold or ())
            target = folder / "predictions" / name / task.file_name(language)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(task.type.render(answers(task, gold, disturbed(right))), encoding="utf-8")
    assert data.labels is not None
    return folder / "predictions", data.labels


def disturbed(right: Sequence[Any]) -> list[Any]:
    """One in five answers is that of another item."""
    choice = random.Random(0)
    return [choice.choice(right) if choice.random() < 0.2 else one for one in right]


def answers(task: Task, gold: Any, given: list[Any]) -> Any:
    if task.type is TAGGING:  # as many tags as there are words
        return [(list(new) * len(old))[: len(old)] for new, old in zip(given, gold, strict=True)]
    if task.type is EXTRACTIVE_QA:
        return {question.id: text for question, text in zip(gold, given, strict=True)}
    return given


def official(predictions: Path, labels: Path) -> dict[str, float]:
    """Scores of every cell in the official scorer's way."""
    tasks = Registry().tasks
    found = {}
    for name, languages in XTREME.languages.items():
        for language in languages:
            task = tasks[name]
            said = (predictions / name / task.file_name(language)).read_text(encoding="utf-8")
            right = (labels / name / task.file_name(language)).read_text(encoding="utf-8")
            found[f"{name}.{language}"] = BY_TYPE[task.type](said, right)
    return found


def accuracy(said: str, right: str) -> float:
    pairs = list(zip(said.strip().split("\n"), right.strip().split("\n"), strict=True))
    return 100 * sum(a.strip() == b.strip() for a, b in pairs) / len(pairs)


def tag_f1(said: str, right: str) -> float:
    from seqeval.metrics import f1_score, precision_score, recall_score

    def read(text: str) -> list[list[str]]:
        return [[line.split("\t")[-1] for line in part.split("\n")] for part in text.strip().split("\n\n")]

    gold, tags = read(right), read(said)
    precision_score(gold, tags), recall_score(gold, tags)
    return 100 * float(f1_score(gold, tags))


def normalise(text: str) -> str:
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def question_f1(said: str, right: str) -> float:
    given, scores = json.loads(said), []
    for article in json.loads(right)["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                golds = [answer["text"] for answer in question["answers"]]
                scores.append(max(word_f1(given[question["id"]], gold) for gold in golds))
                scores[-1] += 0 * max(normalise(given[question["id"]]) == normalise(gold) for gold in golds)
    return 100 * sum(scores) / len(scores)


def word_f1(said: str, right: str) -> float:
    one, other = normalise(said).split(), normalise(right).split()
    same = sum((Counter(one) & Counter(other)).values())
    return 2 * same / (len(one) + len(other)) if same else 0.0


def pair_f1(said: str, right: str) -> float:
    one, other = set(said.strip().split("\n")), set(right.strip().split("\n"))
    return 200 * len(one & other) / (len(one) + len(other))


BY_TYPE = {
    TEXT_CLASSIFICATION: accuracy,
    TAGGING: tag_f1,
    EXTRACTIVE_QA: question_f1,
    BITEXT_RETRIEVAL: accuracy,
    BITEXT_MINING: pair_f1,
}


def lm_eval(items: Items, resamples: int) -> None:
    """lm-eval's standard error: items drawn one by one in Python, then averaged."""
    from lm_eval.api.metrics import bootstrap_stderr, mean

    bootstrap_stderr(mean, items.statistics[:, 0].tolist(), resamples)


def sacrebleu(items: Items, resamples: int) -> None:
    """sacrebleu's resampling of sufficient statistics, with the score that is theirs to choose: a mean."""
    from sacrebleu.significance import _bootstrap_resample

    class Mean:
        def _compute_score_from_stats(self, stats: Any) -> float:
            return float(stats[0])

    _bootstrap_resample(items.statistics[:, :1].tolist(), Mean(), resamples)  # type: ignore[arg-type]


def _scores(metric: Metric, totals: FloatArray) -> FloatArray:
    return np.stack(list(metric.aggregate(totals).values()), axis=-1)


def bootstrap(cells: Mapping[str, tuple[Task, Items]], resamples: int, repetitions: int) -> dict[str, Any]:
    """Intervals of all cells: ours by leaving out, those of the peers from a thousandth of the resamples."""

    def ours() -> None:
        for task, items in cells.values():
            spread(items, partial(_scores, task.metric))

    def theirs(draw: Callable[[Items, int], None]) -> None:
        for _, items in cells.values():
            draw(items, resamples // 1000)

    os.environ["DISABLE_MULTIPROC"] = "1"  # lm-eval, like ours on one core
    calls = {"xharness": ours, "lm-eval": lambda: theirs(lm_eval), "sacrebleu": lambda: theirs(sacrebleu)}
    timings = alternate(calls, repetitions)
    work = {"lm-eval": 0.001, "sacrebleu": 0.001}
    return report(
        f"intervals of {len(cells)} cells, the peers' from {resamples:,} resamples", timings, {"lm-eval": 100}, work
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--world", type=Path, help="a world of size full that is there already")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", message=".*seems not to be NE tag")
    with tempfile.TemporaryDirectory() as place:
        world = arguments.world or Path(place) / "data"
        if not world.is_dir():
            write_world(world, size="full")
        data = DataFolder.open(world)
        predictions, labels = write_submission(Path(place), data)
        scores, problems = score_folder(predictions, labels, XTREME)
        assert scores is not None and not problems, problems[:3]
        tags = {
            key: value for key, value in official(predictions, labels).items() if key.startswith(("xnli", "tatoeba"))
        }
        for cell, value in tags.items():
            name, language = cell.split(".")
            assert abs(scores.cells[name][language].score - value) < 1e-9, cell
        timings = alternate(
            {
                "xharness with intervals": lambda: score_folder(predictions, labels, XTREME),
                "the official way, without intervals": lambda: official(predictions, labels),
            },
            arguments.repetitions,
        )
        count = sum(int(cell.n) for by in scores.cells.values() for cell in by.values())
        scoring = report(f"scoring {count:,} items", timings, {"the official way, without intervals": 10}, {})
        tasks = Registry().tasks
        cells = {}
        for task_name, languages in XTREME.languages.items():
            for language in languages:
                task = tasks[task_name]
                gold: Any = data.load(task, language).gold
                right = [q.answers[0] for q in gold] if task.type is EXTRACTIVE_QA else list(gold or ())
                measured = task.metric.measure(gold, answers(task, gold, disturbed(right)), language)
                cells[f"{task_name}.{language}"] = (task, measured)
        save("scoring", [scoring, bootstrap(cells, 10_000, arguments.repetitions)])


if __name__ == "__main__":
    main()
