"""What the tests and intervals of a comparison are worth, by simulation.

``python -m tests.harness.comparison.simulate`` prints them.

Two systems answer items of known difficulty. Without a true difference, a gate at 5 % should fire in 5 % of all pairs;
with one, the 95 % interval should hold it in 95 %; and the detectable difference should be found in 80 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.harness.comparison.made import right, rows, source
from xharness.comparison.compare import CompareOptions, Comparison, compare
from xharness.comparison.pairing import pair
from xharness.comparison.resampling import resample_task
from xharness.leaderboard.ranks import Differences, possible_ranks
from xharness.tasks.base import Items

Runs = dict[tuple[str, str], Items]
Pair = tuple[dict[tuple[str, str], Items], dict[tuple[str, str], Items]]
Draw = Callable[[np.random.Generator, float], Pair]

RESAMPLES = 399
LANGUAGES = ("de", "en", "sw")


@dataclass(frozen=True)
class Setting:
    """A pair of systems, the second of which is better by a true difference of ``truth(effect)`` points."""

    name: str
    draw: Draw
    truth: Callable[[float], float]


def accuracy(generator: np.random.Generator, effect: float, size: int = 600) -> Pair:
    """600 items; both systems are right at a rate that depends on the item."""
    rate = generator.choice([0.95, 0.45], size)
    return (
        {("tatoeba", "de"): right(generator.random(size) < rate)},
        {("tatoeba", "de"): right(generator.random(size) < rate + effect)},
    )


def spans(generator: np.random.Generator, effect: float, documents: int = 200, sentences: int = 4) -> Pair:
    """200 documents of four sentences; the difficulty is the document's."""
    size = documents * sentences
    rate = np.repeat(generator.choice([0.9, 0.5], documents), sentences)
    gold = 1 + generator.poisson(2, size)
    clusters = tuple(str(row // sentences) for row in range(size))
    made = []
    for more in (0.0, effect):
        hits = generator.binomial(gold, rate + more)
        predicted = hits + generator.binomial(gold, 0.2)
        zero = np.zeros(size)
        counts = np.column_stack([hits, predicted, gold, zero, zero, zero, hits, gold])
        made.append({("panx", "de"): rows(counts, clusters=clusters)})
    return made[0], made[1]


def true_f1(more: float) -> float:
    """F1 of the expected counts: the mean rate is 0.7, and a fifth of gold is predicted wrongly."""
    rate = 0.7 + more
    return 100 * 2 * rate / (rate + 0.2 + 1)


def translations(generator: np.random.Generator, effect: float, size: int = 200) -> Pair:
    """200 items in three languages; an item is hard in all of them."""
    rate = generator.choice([0.95, 0.45], size)
    base, new = (
        {("xnli", language): right(generator.random(size) < rate + more) for language in LANGUAGES}
        for more in (0.0, effect)
    )
    return base, new


SETTINGS = (
    Setting("accuracy, 600 items", accuracy, lambda effect: 100 * effect),
    Setting("span F1, 200 documents", spans, lambda effect: true_f1(effect) - true_f1(0)),
    Setting("3 languages, 200 parallel items", translations, lambda effect: 100 * effect),
)


def compared(pair: Pair, seed: int) -> Comparison:
    options = CompareOptions(resamples=RESAMPLES, seed=seed)
    return compare([source("base", pair[0])], [source("new", pair[1])], options)


def fired(setting: Setting, trials: int, seed: int = 1) -> float:
    """Share of pairs without a difference on which the gate fires."""
    generator = np.random.default_rng(seed)
    return float(np.mean([bool(compared(setting.draw(generator, 0.0), n).regressions) for n in range(trials)]))


def covered(setting: Setting, trials: int, effect: float = 0.03, seed: int = 2) -> float:
    """Share of intervals that hold the true difference."""
    generator, truth, hits = np.random.default_rng(seed), setting.truth(effect), []
    for number in range(trials):
        (row,) = compared(setting.draw(generator, effect), number).tasks
        assert row.interval is not None
        hits.append(row.interval[0] <= truth <= row.interval[1])
    return float(np.mean(hits))


def discordant(generator: np.random.Generator, difference: float, size: int, share: float = 0.1) -> Pair:
    """Items of which a tenth is right on one side only, new more often by ``difference``."""
    draw = generator.random(size)
    new = np.where(draw < (share + difference) / 2, 1, 0) + np.where(draw > 1 - 0.6, 1, 0)
    base = np.where(draw > 1 - 0.6, 1, 0) + np.where((draw >= (share + difference) / 2) & (draw < share), 1, 0)
    return {("tatoeba", "de"): right(base)}, {("tatoeba", "de"): right(new)}


def power(size: int, trials: int, seed: int = 3) -> tuple[float, float]:
    """The difference (in points) that should be found in 80 %, as a comparison itself says, and how often it is."""
    generator = np.random.default_rng(seed)
    said = [compared(discordant(generator, 0.0, size), n).tasks[0].minimum_detectable or 0.0 for n in range(20)]
    effect = float(np.mean(said)) / 100
    found = [compared(discordant(generator, effect, size), n).tasks[0].significant for n in range(trials)]
    return 100 * effect, float(np.mean(found))


def seeds(generator: np.random.Generator, count: int, size: int = 500) -> list[dict[tuple[str, str], Items]]:
    """Runs of one model: each has a rate of its own, because training is noisy."""
    return [
        {("tatoeba", "de"): right(generator.random(size) < 0.7 + 0.03 * generator.standard_normal())}
        for _ in range(count)
    ]


def changing(generator: np.random.Generator, count: int, noise: float, size: int = 500) -> list[list[Runs]]:
    """Both sides of a comparison without a true difference: items that each model finds easy or hard in its own way.

    Args:
        noise: Standard deviation of the rate of a seed; 0 where seeds differ by the luck of single items only.
    """
    shared = generator.choice([0.95, 0.45], size)
    sides = []
    for _ in range(2):
        rate = np.where(generator.random(size) < 0.85, shared, 1.4 - shared)
        seeded = [rate + noise * generator.standard_normal() for _ in range(count)]
        sides.append([{("tatoeba", "de"): right(generator.random(size) < one)} for one in seeded])
    return sides


def covered_by_seed(count: int, noise: float, trials: int, seed: int = 5) -> float:
    """Share of intervals over items and seeds that hold the true difference, 0."""
    generator, hits = np.random.default_rng(seed), []
    for number in range(trials):
        base, new = (
            [source(f"{side}{n}", cells) for n, cells in enumerate(runs)]
            for side, runs in zip("ab", changing(generator, count, noise), strict=True)
        )
        (row,) = compare(base, new, CompareOptions(resamples=RESAMPLES, seed=number)).tasks
        assert row.interval is not None
        hits.append(row.interval[0] <= 0 <= row.interval[1])
    return float(np.mean(hits))


def ranked(rates: Sequence[float], trials: int, seed: int = 6, size: int = 400) -> tuple[float, float]:
    """How often the ranks of a leaderboard's rows hold the true one, and how often its first two rows are tied.

    Args:
        rates: True score of each row, best first.
    """
    generator, held, tied = np.random.default_rng(seed), [], []
    for number in range(trials):
        hard = generator.normal(0, 0.15, size)
        runs = [
            source(f"m{row}", {("tatoeba", "de"): right(generator.random(size) < np.clip(rate + hard, 0, 1))})
            for row, rate in enumerate(rates)
        ]
        (drawn,) = resample_task(list(pair(runs[:1], runs[1:]).cells.values()), 0, 0)
        apart = Differences(drawn.scores, dict(enumerate(runs)), drawn)
        found = possible_ranks(apart, range(len(runs)), RESAMPLES, number)
        for row, rate in enumerate(rates):
            best, worst = 1 + sum(other > rate for other in rates), sum(other >= rate for other in rates)
            held.append(found[row][0] <= best and worst <= found[row][1])
        tied.append(apart.cover_zero(0, 1))
    return float(np.mean(held)), float(np.mean(tied))


def fired_by_seed(count: int, trials: int, seed: int = 4) -> float:
    """Share of pairs of equal models, with ``count`` seeds each, on which the gate fires."""
    generator, fires = np.random.default_rng(seed), []
    for number in range(trials):
        base, new = (
            [source(f"{side}{n}", cells) for n, cells in enumerate(seeds(generator, count))] for side in ("a", "b")
        )
        fires.append(bool(compare(base, new, CompareOptions(resamples=RESAMPLES, seed=number)).regressions))
    return float(np.mean(fires))


def main(trials: int = 1000) -> None:
    """Print everything as the table of docs/comparing.md."""
    print("| setting | gate fires without a difference | interval holds the difference |\n| --- | ---: | ---: |")
    for setting in SETTINGS:
        print(f"| {setting.name} | {fired(setting, trials):.1%} | {covered(setting, trials):.1%} |")
    for count in (2, 3, 5):
        for noise in (0.0, 0.01, 0.06):
            name = f"{count} seeds a side, 500 items, seeds {100 * noise:g} points apart"
            print(f"| {name} | | {covered_by_seed(count, noise, trials):.1%} |")
        print(f"| {count} seeds a side, 500 items | {fired_by_seed(count, trials):.1%} | |")
    for rates in ((0.7, 0.7), (0.7, 0.7, 0.7, 0.7), (0.72, 0.70, 0.69, 0.65)):
        held, tied = ranked(rates, trials)
        print(f"leaderboard of {rates}: the true rank is held in {held:.1%}, the first two are tied in {tied:.1%}")
    print("\n| items | detectable, in points | found |\n| ---: | ---: | ---: |")
    for size in (250, 1000, 4000):
        effect, found = power(size, trials)
        print(f"| {size:,} | {effect:.2f} | {found:.1%} |")


if __name__ == "__main__":
    main()
