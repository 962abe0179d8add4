"""How often 95 % intervals of scores hold the truth, by simulation: ``python -m tests.tasks.metrics.coverage``.

Cells of known truth are made again and again, for every metric, from few and many clusters, up to nearly everything
right. Beside the intervals of this project stand those of the percentile bootstrap, which it had before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from xharness.submissions.scores import Cell, summarise
from xharness.tasks.base import FloatArray, Items, Metric, Task
from xharness.tasks.metrics.clusters import joint_clusters, numbered, sum_rows
from xharness.tasks.registry import XTREME_R, Registry
from xharness.tasks.types.ranking import CUTOFF

TASKS = Registry().tasks
Generator = np.random.Generator
Counts = list[tuple[FloatArray, Sequence[int]]]  # of each language: counts of items, and the cluster of each item


@dataclass(frozen=True)
class Setting:
    """Cells of a task: how they are made, and the score that they would have with endless items, in percent."""

    name: str
    task: str
    make: Callable[[Generator], Counts]
    truth: float


def accuracy(generator: Generator, size: int, rate: float) -> Counts:
    """Items that are right independently of each other."""
    right = (generator.random(size) < rate).astype(np.float64)
    return [(np.column_stack([right, np.ones(size)]), range(size))]


def answers(generator: Generator, paragraphs: int, rate: float, each: int = 5, alike: float = 0.2) -> Counts:
    """Questions whose paragraph has a rate of its own; wrong ones have half a point of F1 every other time."""
    own = generator.beta(rate * (1 - alike) / alike, (1 - rate) * (1 - alike) / alike, paragraphs)
    exact = generator.random(paragraphs * each) < np.repeat(own, each)
    f1 = np.where(exact, 1, generator.integers(0, 2, len(exact)) / 2)
    return [(np.column_stack([exact, f1, f1, np.ones(len(exact))]), np.repeat(np.arange(paragraphs), each).tolist())]


def true_answers(rate: float) -> float:
    """The mean of exact match and F1 that :func:`answers` is made from."""
    return 100 * (rate + (1 - rate) / 8)


def spans(generator: Generator, sentences: int, rate: float) -> Counts:
    """Sentences that differ in the number and in the difficulty of their spans."""
    gold = 1 + generator.poisson(2, sentences)
    hits = generator.binomial(gold, generator.beta(4 * rate, 4 * (1 - rate), sentences))
    predicted = hits + generator.binomial(gold, 1 - rate)
    return [(np.column_stack([hits, predicted, gold] * 2 + [hits, gold]).astype(np.float64), range(sentences))]


def true_spans(rate: float) -> float:
    """F1 of the expected counts: predictions are as many as gold spans."""
    return 100 * rate


def pairs(generator: Generator, sentences: int, rate: float) -> Counts:
    """Nine in ten sentences have a gold pair, which is found at the rate; the others have a wrong one."""
    gold = generator.random(sentences) < 0.9
    hit = gold & (generator.random(sentences) < rate)
    return [(np.column_stack([hit, hit | ~gold, gold]).astype(np.float64), range(sentences))]


def true_pairs(rate: float) -> float:
    """F1 of the expected counts of :func:`pairs`."""
    return 100 * 2 * 0.9 * rate / (0.9 * rate + 0.1 + 0.9)


def rankings(generator: Generator, mentions: int, rate: float) -> Counts:
    """The entity comes first at the rate, else it is anywhere among the first 20, or not there."""
    later = np.where(generator.random(mentions) < 0.5, 0, 1 / generator.integers(2, CUTOFF + 1, mentions))
    rank = np.where(generator.random(mentions) < rate, 1, later)
    return [(np.column_stack([rank, np.ones(mentions)]), range(mentions))]


def true_rankings(rate: float) -> float:
    """The mean that :func:`rankings` is made from."""
    return 100 * (rate + (1 - rate) / 2 * float(np.mean(1 / np.arange(2, CUTOFF + 1))))


def translations(generator: Generator, size: int, easy: float = 0.98, hard: float = 0.82, languages: int = 3) -> Counts:
    """Items that are easy or hard in all languages."""
    rate = np.where(generator.random(size) < 0.5, easy, hard)
    made = [(generator.random(size) < rate).astype(np.float64) for _ in range(languages)]
    return [(np.column_stack([right, np.ones(size)]), range(size)) for right in made]


def apart(generator: Generator, size: int, rate: float, languages: int = 4) -> Counts:
    """Languages with items of their own."""
    return [cell for _ in range(languages) for cell in accuracy(generator, size, rate)]


def _settings() -> list[Setting]:
    made = [
        Setting(f"accuracy, {n:,} items, {100 * p:g} %", "tatoeba", partial(accuracy, size=n, rate=p), 100 * p)
        for n, p in ((20, 0.5), (20, 0.9), (50, 0.98), (200, 0.7), (200, 0.99), (1000, 0.995), (5000, 0.995))
    ]
    made += [
        Setting(
            f"SQuAD, {k} paragraphs of 5, {true_answers(p):.0f} %",
            "tydiqa",
            partial(answers, paragraphs=k, rate=p),
            true_answers(p),
        )
        for k, p in ((8, 0.5), (12, 0.7), (12, 0.9), (48, 0.9), (48, 0.98), (240, 0.5), (240, 0.98))
    ]
    made += [
        Setting(
            f"span F1, {n:,} sentences, {true_spans(p):.0f} %",
            "panx",
            partial(spans, sentences=n, rate=p),
            true_spans(p),
        )
        for n, p in ((20, 0.7), (50, 0.95), (200, 0.5), (1000, 0.98))
    ]
    made += [
        Setting(
            f"pair F1, {n:,} sentences, {true_pairs(p):.0f} %",
            "bucc2018",
            partial(pairs, sentences=n, rate=p),
            true_pairs(p),
        )
        for n, p in ((50, 0.7), (500, 0.98))
    ]
    made += [
        Setting(
            f"MAP@20, {n:,} mentions, {true_rankings(p):.0f} %",
            "mewslix",
            partial(rankings, mentions=n, rate=p),
            true_rankings(p),
        )
        for n, p in ((50, 0.5), (200, 0.9))
    ]
    made += [
        Setting("mean of 3 languages, 40 parallel items, 90 %", "xnli", partial(translations, size=40), 90),
        Setting("mean of 4 languages of 30 items, 97 %", "tatoeba", partial(apart, size=30, rate=0.97), 97),
        Setting("mean of 4 languages of 300 items, 80 %", "tatoeba", partial(apart, size=300, rate=0.8), 80),
    ]
    return made


SETTINGS = _settings()


def cells(setting: Setting, generator: Generator) -> list[Cell]:
    """The cells of one trial, in the first languages of the task."""
    task = TASKS[setting.task]
    made = zip(task.languages, setting.make(generator), strict=False)
    return [
        Cell(task, language, Items(tuple(map(str, range(len(counts)))), tuple(map(str, clusters)), counts))
        for language, (counts, clusters) in made
    ]


def ours(made: Sequence[Cell], generator: Generator) -> tuple[float, float]:
    """The interval that ``scores.json`` has for the average."""
    interval = summarise(made, XTREME_R).tasks[made[0].task.name].interval["avg_metric"]
    assert interval is not None
    low, high = interval
    return low, high


def bootstrap(made: Sequence[Cell], generator: Generator, resamples: int = 300) -> tuple[float, float]:
    """The percentile bootstrap over clusters."""
    task = made[0].task
    found = {cell.language: cell.items for cell in made if cell.items is not None}
    groups = (
        joint_clusters(found) if task.parallel else {name: numbered(items.clusters) for name, items in found.items()}
    )
    drawn, weights = [], None
    for name, items in found.items():
        rows = sum_rows(groups[name], items.statistics)
        if weights is None or not task.parallel:
            weights = generator.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), resamples).astype(np.float64)
        drawn.append(_main(task, weights @ rows))
    low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
    return float(low), float(high)


def _main(task: Task, totals: FloatArray) -> FloatArray:
    metric: Metric = task.metric
    scores = metric.aggregate(totals)
    return np.asarray(np.mean([scores[name] for name in metric.primary_scores], axis=0))


def coverage(
    setting: Setting, trials: int, interval: Callable[[Sequence[Cell], Generator], tuple[float, float]] = ours
) -> tuple[float, float]:
    """The share of intervals that hold the truth, and of those of width 0."""
    generator = np.random.default_rng(len(setting.name))
    bounds = np.array([interval(cells(setting, generator), generator) for _ in range(trials)])
    held = (bounds[:, 0] <= setting.truth + 1e-9) & (setting.truth - 1e-9 <= bounds[:, 1])
    return float(held.mean()), float((bounds[:, 0] == bounds[:, 1]).mean())


def main(trials: int = 1500) -> None:
    """Print everything as the table of docs/numbers.md."""
    print("| setting | percentile bootstrap | of width 0 | now | of width 0 |\n| --- | ---: | ---: | ---: | ---: |")
    for setting in SETTINGS:
        shares = (*coverage(setting, trials // 2, bootstrap), *coverage(setting, trials))
        print(f"| {setting.name} | {' | '.join(f'{share:.1%}' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
