"""BLEU as a metric of ours: paired tests and intervals agree with those of sacrebleu, which is other code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, TypeAlias

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.significance import PairedTest, Result

from tests.harness.comparison.made import TASKS, rows
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.pairing import pair
from xharness.comparison.resampling import resample_task
from xharness.comparison.source import Measured, Source
from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.intervals import NORMAL

SAMPLES = 3000
Texts: TypeAlias = tuple[list[str], list[str], list[str]]


@dataclass(frozen=True)
class Bleu:
    name: ClassVar[str] = "bleu"
    columns: ClassVar[tuple[str, ...]] = ("length", "reference", *"1234", *"abcd")
    official_scores: ClassVar[tuple[str, ...]] = ("bleu",)
    primary_scores: ClassVar[tuple[str, ...]] = ("bleu",)

    def measure(self, gold: list[str], answers: list[str], language: str) -> Items:
        return rows(np.array(BLEU()._extract_corpus_statistics(answers, [gold])))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        precision = np.exp(np.mean(np.log(totals[..., 2:6] / totals[..., 6:10]), axis=-1))
        brevity = np.exp(np.minimum(0, 1 - totals[..., 1] / totals[..., 0]))
        return {"bleu": 100 * brevity * precision}


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str], list[str]]:
    """References, and two systems that change words; the second a little more often."""
    generator = np.random.default_rng(1)
    words = np.array([f"w{number}" for number in range(200)])
    references = [list(generator.choice(words, generator.integers(8, 20))) for _ in range(250)]
    systems = [
        [
            " ".join(w for w in np.where(generator.random(len(r)) < rate, generator.choice(words, len(r)), r))
            for r in references
        ]
        for rate in (0.20, 0.215)
    ]
    return [" ".join(reference) for reference in references], systems[0], systems[1]


@pytest.fixture(scope="module")
def sources(texts: tuple[list[str], list[str], list[str]]) -> tuple[Source, Source]:
    references, *systems = texts
    task = replace(TASKS["tatoeba"], metric=Bleu())
    made = []
    for name, system in zip(("base", "new"), systems, strict=True):
        items = task.metric.measure(references, system, "de")
        made.append(
            Source(name, Path(name), {("tatoeba", "de"): Measured(task, "de", items, "s", "test", len(system))})
        )
    return made[0], made[1]


def theirs(texts: Texts, test: str) -> list[Result]:
    references, base, new = texts
    metrics = {"BLEU": BLEU(references=[references])}
    named: list[tuple[str, Sequence[str]]] = [("base", base), ("new", new)]
    _, scores = PairedTest(named, metrics, references=None, test_type=test, n_samples=SAMPLES)()
    return [result for result in scores["BLEU"] if isinstance(result, Result)]


def test_approximate_randomisation_agrees(texts: Texts, sources: tuple[Source, Source]) -> None:
    ours = compare([sources[0]], [sources[1]], CompareOptions(resamples=SAMPLES)).cells[0]
    base, new = theirs(texts, "ar")
    assert (ours.base, ours.new) == pytest.approx((base.score, new.score), abs=1e-9)
    assert new.p_value is not None
    assert 0.01 < new.p_value < 0.9
    assert ours.p == pytest.approx(new.p_value, abs=0.03)


def test_the_spread_agrees_with_their_bootstrap(texts: Texts, sources: tuple[Source, Source]) -> None:
    pairing = pair([sources[0]], [sources[1]])
    (drawn,) = resample_task(list(pairing.cells.values()), 0, 0)
    for side, result in enumerate(theirs(texts, "bs")):
        assert drawn.scores[side] == pytest.approx(result.mean, abs=0.15)
        assert NORMAL * drawn.spread.covariance[side, side] ** 0.5 == pytest.approx(result.ci, rel=0.08)
