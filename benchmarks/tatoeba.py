"""Tatoeba from text to scores, all languages at hand: against mteb's evaluation of the same model and sentences.

mteb scores foreign → English only; ours scores both directions in the same time. The accuracies of the common direction
must be equal.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np
from load import alternate, minilm, real_data, report, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.embed import embed
from xharness.retrieve import tatoeba as retrieval
from xharness.tasks import tatoeba
from xharness.tasks.data import CellData, DataFolder
from xharness.tasks.types.bitext_retrieval import Bitext


def pairs(cell: CellData) -> tuple[list[str], list[str]]:
    """Aligned sentences, (foreign, English)."""
    bitext: Any = cell.examples[0]
    gold: Any = cell.gold or ()
    return [bitext.candidates[int(row)] for row in gold], list(bitext.queries)


def mteb_scores(model: Any, sentences: Mapping[str, tuple[list[str], list[str]]]) -> dict[str, float]:
    """mteb's own evaluator and metrics, language by language as its Tatoeba task runs it."""
    from datasets import Dataset
    from mteb import get_task
    from mteb._evaluators import BitextMiningEvaluator
    from mteb.timing import TimingStack

    task = get_task("Tatoeba")
    scores = {}
    for language, (foreign, english) in sentences.items():
        columns = Dataset.from_dict({"sentence1": foreign, "sentence2": english})
        evaluator = BitextMiningEvaluator(
            columns,
            task_metadata=task.metadata,
            hf_split="test",
            hf_subset=language,
            pair_columns=[("sentence1", "sentence2")],
            timer=TimingStack(),
        )
        found = evaluator(model, encode_kwargs={"batch_size": 32})
        gold = list(zip(range(len(foreign)), range(len(foreign)), strict=True))
        scores[language] = float(task._compute_metrics(next(iter(found.values())), gold)["accuracy"])
    return scores


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=0, help="sentences of each language; 0 means all")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    import mteb

    found = real_data()
    if found is None:
        raise SystemExit("this benchmark needs Tatoeba's files: set XHARNESS_SHARED_DATA")
    data = DataFolder.open(found)
    cells = {lang: data.load(tatoeba.TASK, lang) for lang in data.languages(tatoeba.TASK)}
    sentences = {lang: pairs(cell) for lang, cell in cells.items()}
    if arguments.limit:
        sentences = {lang: (a[: arguments.limit], b[: arguments.limit]) for lang, (a, b) in sentences.items()}
    model = mteb.SentenceTransformerEncoderWrapper(str(minilm()), device="cpu")
    loaded = load(inspect(minilm()), Head.ENCODER, Device("cpu", "fp32"))

    def ours() -> dict[str, float]:
        bitexts = {lang: Bitext(tuple(english), tuple(foreign)) for lang, (foreign, english) in sentences.items()}
        answers = retrieval.retrieve(
            bitexts,
            lambda texts: embed(
                loaded, texts, layers=[6], pooling="mean", max_length=256, batch_tokens=loaded.device.batch_tokens
            ).by_layer(),
        )
        return {lang: float((by[6].backward == np.arange(len(by[6].backward))).mean()) for lang, by in answers.items()}

    assert ours() == mteb_scores(model, sentences), "accuracies differ"
    timings = alternate({"xharness": ours, "mteb": lambda: mteb_scores(model, sentences)}, arguments.repetitions)
    result = report(f"tatoeba, {len(sentences)} languages, text to scores", timings, {"mteb": 2}, {})
    save("tatoeba", [result])


if __name__ == "__main__":
    main()
