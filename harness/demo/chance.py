"""What a guesser would score on the demo world: the line that a trained model has to be above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xharness.submissions.scores_file import ScoresFile
from xharness.tasks.data import CellData, DataFolder
from xharness.tasks.registry import XTREME, Benchmark, Registry


def chances(data: Path, benchmark: Benchmark = XTREME) -> dict[str, dict[str, float]]:
    """Task to language to the score of the guesser, in percent, on the gold of the folder."""
    folder, registry = DataFolder.open(data), Registry()
    return {
        name: {language: chance(folder.load(registry.task(name), language)) for language in languages}
        for name, languages in benchmark.languages.items()
    }


def chance(cell: CellData) -> float:
    """The expected score of one cell without reading it, as the task's type has it."""
    assert cell.gold is not None
    task, metric = cell.task, cell.task.metric

    def score(answers: object) -> float:
        scores = metric.aggregate(metric.measure(cell.gold, answers, cell.language).statistics.sum(axis=0))
        return float(sum(scores[name] for name in metric.primary_scores) / len(metric.primary_scores))

    found = task.type.chance(cell.examples, cell.gold, task.labels, score, Random(f"{task.name}/{cell.language}"))
    assert found is not None
    return found


@dataclass(frozen=True)
class ChanceStanding:
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


def standings(scores: ScoresFile, guessed: Mapping[str, Mapping[str, float]]) -> list[ChanceStanding]:
    """Every task of the scores, which have intervals, beside what :func:`chances` found."""
    return [_standing(scores, name, guessed[name]) for name in scores.tasks]


def _standing(scores: ScoresFile, task: str, guesses: Mapping[str, float]) -> ChanceStanding:
    cells, interval = scores.cells[task], scores.tasks[task].interval["avg_metric"]
    assert interval is not None
    above = tuple(code for code, cell in cells.items() if (cell.score_interval or (0, 0))[0] > guesses[code])
    return ChanceStanding(
        task,
        scores.average(task),
        interval,
        sum(guesses.values()) / len(guesses),
        cells["en"].score if "en" in cells else None,
        above,
        tuple(code for code in cells if code not in above),
    )
