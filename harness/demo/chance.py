"""What a guesser would score on the demo world: the line that a trained model has to be above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tasks.base import Kind
from tasks.data import CellData, DataFolder
from tasks.registry import XTREME, Registry

GUESSES = 20  # random answers to every question


def chances(data: Path) -> dict[str, dict[str, float]]:
    """Task to language to the score of the guesser, in percent, on the gold of the folder."""
    folder, registry = DataFolder.open(data), Registry()
    return {
        name: {language: chance(folder.load(registry.task(name), language)) for language in languages}
        for name, languages in XTREME.languages.items()
    }


def chance(cell: CellData) -> float:
    """The expected score of one cell without reading it.

    Pairs: always the most frequent label. Tags: always the one tag that scores best. Questions: a random stretch of the
    text. Retrieval: any sentence. Mining: every sentence with a random one of the other side.
    """
    gold: Any = cell.gold
    match cell.task.kind:
        case Kind.PAIR:
            return 100 * max(Counter(gold).values()) / len(gold)
        case Kind.TAGGING:
            constant = ([[label] * len(tags) for tags in gold] for label in cell.task.labels)
            return max(_score(cell, answers) for answers in constant)
        case Kind.SPAN:
            rng = Random(f"{cell.task.name}/{cell.language}")
            return sum(_score(cell, _stretches(rng, cell)) for _ in range(GUESSES)) / GUESSES
        case Kind.RETRIEVAL:
            return 100 / len(gold)
        case _:
            corpora: Any = cell.examples[0]
            right = len(gold) / len(corpora.target)
            return float(200 * right / (len(corpora.source) + len(gold)))


def _score(cell: CellData, answers: Any) -> float:
    """The task's number."""
    assert cell.gold is not None
    metric = cell.task.metric
    scores = metric.aggregate(metric.measure(cell.gold, answers, cell.language).counts.sum(axis=0))
    return float(sum(scores[name] for name in metric.main) / len(metric.main))


def _stretches(rng: Random, cell: CellData) -> dict[str, str]:
    """To every question one to three words of its text, or two to eight characters where there are no spaces."""
    questions: Any = cell.examples
    return {question.id: _stretch(rng, question.context) for question in questions}


def _stretch(rng: Random, context: str) -> str:
    words = context.split()
    parts, gap, length = (words, " ", rng.randint(1, 3)) if len(words) > 12 else (context, "", rng.randint(2, 8))
    start = rng.randrange(len(parts))
    return gap.join(parts[start : start + length])


@dataclass(frozen=True)
class Standing:
    """A task beside its guesser.

    Attributes:
        score: Average over languages; ``interval`` is its 95 % interval.
        chance: The guesser's average.
        english: Score in English; None where English is what others are searched in.
        above: Languages whose own interval is above their own chance; ``beside`` has the others.
    """

    task: str
    score: float
    interval: tuple[float, float]
    chance: float
    english: float | None
    above: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def above_chance(self) -> bool:
        """Whether the interval of the average is above chance."""
        return self.interval[0] > self.chance


def standings(scores: Mapping[str, Any], guessed: Mapping[str, Mapping[str, float]]) -> list[Standing]:
    """Every task of ``scores.json``, which has intervals, beside what :func:`chances` found."""
    ours = scores["xharness"]
    found = []
    for name, summary in ours["tasks"].items():
        cells, guesses = ours["cells"][name], guessed[name]
        above = [language for language, cell in cells.items() if cell["score_interval"][0] > guesses[language]]
        low, high = summary["interval"]["avg_metric"]
        found.append(
            Standing(
                name,
                scores[name]["avg_metric"],
                (low, high),
                sum(guesses.values()) / len(guesses),
                cells["en"]["score"] if "en" in cells else None,
                tuple(above),
                tuple(language for language in cells if language not in above),
            )
        )
    return found
