"""What a guesser would score on the demo world: the line that a trained model has to be above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from xharness.tasks.data import CellData, DataFolder
from xharness.tasks.registry import XTREME, Registry


def chances(data: Path) -> dict[str, dict[str, float]]:
    """Task to language to the score of the guesser, in percent, on the gold of the folder."""
    folder, registry = DataFolder.open(data), Registry()
    return {
        name: {language: chance(folder.load(registry.task(name), language)) for language in languages}
        for name, languages in XTREME.languages.items()
    }


def chance(cell: CellData) -> float:
    """The expected score of one cell without reading it, as the task's type has it."""
    assert cell.gold is not None
    task, metric = cell.task, cell.task.metric

    def score(answers: object) -> float:
        scores = metric.aggregate(metric.measure(cell.gold, answers, cell.language).counts.sum(axis=0))
        return float(sum(scores[name] for name in metric.main) / len(metric.main))

    found = task.type.chance(cell.examples, cell.gold, task.labels, score, Random(f"{task.name}/{cell.language}"))
    assert found is not None
    return found


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
    """Every task of ``scores.json``, as it was just made and with intervals, beside what :func:`chances` found."""
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
